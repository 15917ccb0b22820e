"""What runs have judged, and what is supposed of their findings."""

from __future__ import annotations

from expectations.vocabulary import MONEY, Table, TableColumn
from flows.schema.table import NUMBER, TERMS
from flows.schema.table import table as _table

RUN = _table(
    "run",
    "运行",
    "run VARCHAR 运行编号",
    "started TIMESTAMP 开始",
    "finished TIMESTAMP 结束",
    "status VARCHAR 状态：running、completed、failed",
    "hedui VARCHAR 程序版本",
    "reader VARCHAR 读取程序版本",
    "documents INTEGER 文档数",
    "loaded INTEGER 新入库文档数",
    "unreadable INTEGER 不可读文档数",
    "filings INTEGER 现行决算数",
    "rules INTEGER 规则数",
    "postponed INTEGER 因时间不够推迟的文档数；大于零者结果不全",
    "judged INTEGER 本次核对的决算数；空：未核对完毕",
)
RUN_STAGE = _table(
    "run_stage",
    "运行各步骤用时",
    "run VARCHAR 运行编号",
    "position INTEGER 序",
    "stage VARCHAR 步骤：collect、read、lake、validate、explain、publish",
    "seconds DOUBLE 用时（秒）",
    "items INTEGER 处理件数",
)
RULE_COUNT = _table(
    "rule_count",
    "每次运行各规则的判定数",
    "run VARCHAR 运行编号",
    "rule VARCHAR 规则",
    "rule_fingerprint VARCHAR 规则内容指纹",
    "status VARCHAR 结果",
    "verdicts BIGINT 判定数",
    "moved BIGINT 规则较上次运行有改动时，结果随之不同的判定数；未改动为空",
)
VERDICT = Table(
    "verdict",
    "判定（每次运行所依据的全部判定）",
    (
        *_table(
            "",
            "",
            "run VARCHAR 运行编号",
            "rule VARCHAR 规则",
            "filing VARCHAR 决算编号",
            "instance VARCHAR 对象",
            "status VARCHAR 结果：holds、rounding、broken、not_verifiable",
            f"stated {MONEY} 公布数",
            f"computed {MONEY} 计算数",
            f"difference {MONEY} 差额",
            f"bound {MONEY} 四舍五入允许差",
            f"unexplained {MONEY} 无法以四舍五入解释的最小差额",
            "measure VARCHAR 计量：amount（万元）、percent、score、count、text",
            "reason VARCHAR 不可核原因",
            "page INTEGER 页",
        ).columns,
        TableColumn("terms", TERMS, "算式各项"),
        TableColumn("fingerprint", "VARCHAR", "问题编号"),
        TableColumn("rule_fingerprint", "VARCHAR", "规则内容指纹"),
        TableColumn("root", "VARCHAR", "根源：引起本问题的问题编号；本身即根源或未见关联者为空"),
    ),
)
"""A view: of every run all verdicts that stood then, whichever run reached them. It is written to by way of `KEPT_VERDICT`."""

KEPT_VERDICT = Table(
    "kept_verdict",
    "判定（每次核对只存一次）",
    (*VERDICT.columns, TableColumn("bundle", "BIGINT", "核对批次；为空者只属于其运行")),
)
"""Each verdict once, under the run that reached it; `bundle` is that of `BUNDLE`."""

BUNDLE = _table(
    "bundle",
    "核对批次：一份决算的一部分规则在一次运行中的核对",
    "run VARCHAR 核对的运行编号",
    "bundle BIGINT 核对批次",
    "filing VARCHAR 决算编号",
    "part VARCHAR 规则部分：own、previous、peers、filers、all",
    "digest VARCHAR 所核对内容的指纹",
)
STANDING = _table(
    "standing",
    "每次运行所依据的核对批次",
    "run VARCHAR 运行编号",
    "bundle BIGINT 核对批次",
)
VERDICT_SQL = " UNION ALL ".join(
    f"SELECT {source}, {', '.join(f'v.{column.name}' for column in VERDICT.columns[1:])} FROM {rest}"
    for source, rest in (
        ("s.run", f"{KEPT_VERDICT.name} v JOIN {STANDING.name} s ON s.bundle = v.bundle"),
        ("v.run", f"{KEPT_VERDICT.name} v WHERE v.bundle IS NULL"),
    )
)
"""What the view `verdict` says."""

DIAGNOSED = _table(
    "diagnosed",
    "疑因：每份决算现有的各组问题；一组问题由同一推测消除，组内其余问题的 verdict.root 即其根源",
    "run VARCHAR 推测的运行编号",
    "filing VARCHAR 决算编号",
    "root VARCHAR 根源的问题编号",
    "outcome VARCHAR 结果：one 仅一组数字可疑、several 几组之一而恒等式无法判定、none 改动数字不能使其全部成立、unfinished 未查完",
    "findings INTEGER 该组问题数（含根源）",
)
SUSPECT = _table(
    "suspect",
    "疑误数字：推测，不是更正；更改同组（set）的全部数字，该根源的问题即告消除",
    "run VARCHAR 推测的运行编号",
    "filing VARCHAR 决算编号",
    "root VARCHAR 根源的问题编号",
    "set INTEGER 组，从 1 起，最可能的在前",
    "position INTEGER 组内次序，从 1 起",
    "figure VARCHAR 数字或陈述编号",
    "label_zh VARCHAR 名称",
    "label_en VARCHAR 名称（英文）",
    f"printed {NUMBER} 公布数",
    f"repair {NUMBER} 推测应为",
    f"least {NUMBER} 使恒等式成立的最小值；空为不限",
    f"most {NUMBER} 使恒等式成立的最大值；空为不限",
    "unit VARCHAR 单位",
    "follows BOOLEAN 随同组另一数字而变：引用它，或由它相加得出",
)
HYPOTHESIS = _table(
    "hypothesis",
    "推测成因：疑误数字可能如何产生，均经算式验证",
    "run VARCHAR 推测的运行编号",
    "filing VARCHAR 决算编号",
    "root VARCHAR 根源的问题编号",
    "set INTEGER 组",
    "figure VARCHAR 数字或陈述编号",
    "position INTEGER 次序，从 1 起，最可能的在前",
    "kind VARCHAR 成因",
    f"value {NUMBER} 依此应为",
    "unit VARCHAR 单位",
    "zh VARCHAR 算式",
    "en VARCHAR 算式（英文）",
)
DIAGNOSES = (DIAGNOSED, SUSPECT, HYPOTHESIS)
"""What stands now: replaced for each filing of which a run judged anything, together with the roots of its findings."""
