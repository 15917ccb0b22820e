"""The warehouse's own tables; the tables of forms and narrative come from the vocabulary.

Every table and column carries its Chinese name as a comment, so that a reviewer who opens the file in any
DuckDB client can read it without this source.
"""

from __future__ import annotations

from flows.schema.judged import (
    BUNDLE,
    DIAGNOSED,
    DIAGNOSES,
    HYPOTHESIS,
    KEPT_VERDICT,
    RULE_COUNT,
    RUN,
    RUN_STAGE,
    STANDING,
    SUSPECT,
    VERDICT,
    VERDICT_SQL,
)
from flows.schema.table import NUMBER, TERMS
from flows.schema.table import table as _table

__all__ = ["DIAGNOSED", "DIAGNOSES", "HYPOTHESIS", "NUMBER", "SUSPECT", "TERMS", "VERDICT", "VERDICT_SQL"]

_PLACE = (
    "page INTEGER 页（工作表序号）",
    "x0 DOUBLE 左",
    "y0 DOUBLE 上",
    "x1 DOUBLE 右",
    "y1 DOUBLE 下",
    "sheet VARCHAR 工作表",
    "cell VARCHAR 单元格",
    "line INTEGER 行号",
)

DOCUMENT = _table(
    "document",
    "文档",
    "sha256 VARCHAR 内容指纹",
    "source VARCHAR 首次来源",
    "media_type VARCHAR 格式",
    "size BIGINT 字节数",
    "pages INTEGER 页数",
    "first_seen TIMESTAMP 首次发现",
    "status VARCHAR 读取结果：read、unreadable",
    "reader VARCHAR 读取程序版本",
    "reason VARCHAR 不可读原因",
    "message_zh VARCHAR 说明",
    "message_en VARCHAR 说明（英文）",
)
DOCUMENT_SOURCE = _table(
    "document_source",
    "文档来源",
    "sha256 VARCHAR 内容指纹",
    "source VARCHAR 来源",
    "first_seen TIMESTAMP 首次发现",
)
FILING = _table(
    "filing",
    "决算",
    "filing VARCHAR 决算编号",
    "identity VARCHAR 决算身份：单位/年度/种类/范围",
    "organisation VARCHAR 单位名称",
    "fiscal_year INTEGER 年度",
    "kind VARCHAR 种类",
    "scope VARCHAR 范围：department、unit",
    "unit VARCHAR 金额单位",
    "region VARCHAR 行政区域",
    "published_on DATE 公开日期",
    "version INTEGER 版本",
    "supersedes VARCHAR 取代的决算编号",
    "document VARCHAR 文档内容指纹",
    "current BOOLEAN 是否现行版本",
    "pages INTEGER 页数",
    "numbers_seen INTEGER 表内数字个数",
    "numbers_placed INTEGER 已归位数字个数",
    "loaded TIMESTAMP 入库时间",
)
FORM_READING = _table(
    "form_reading",
    "报表读取情况",
    "filing VARCHAR 决算编号",
    "form VARCHAR 报表",
    "title VARCHAR 标题",
    "pages INTEGER[] 页（文本为行号）",
    "status VARCHAR 状态：read、blank、missing、unreadable",
    "unit VARCHAR 金额单位",
    "statement VARCHAR 空表说明",
    "reason_zh VARCHAR 不可读原因",
    "reason_en VARCHAR 不可读原因（英文）",
)
UNPLACED = _table(
    "unplaced_number",
    "未归位数字",
    "filing VARCHAR 决算编号",
    "text VARCHAR 原文",
    *_PLACE,
)
DOUBT = _table(
    "doubt",
    "识读存疑",
    "filing VARCHAR 决算编号",
    "id VARCHAR 存疑的数字、陈述、语句或报表",
    "reason_zh VARCHAR 原因",
    "reason_en VARCHAR 原因（英文）",
    *_PLACE,
)
FORM_ROW = _table(
    "form_row",
    "报表行",
    "filing VARCHAR 决算编号",
    "form VARCHAR 报表",
    "part VARCHAR 项目",
    "row_key VARCHAR 行",
    "code VARCHAR 科目编码",
    "label VARCHAR 科目名称",
    "level INTEGER 级次",
    "parent_key VARCHAR 上级行",
    "position INTEGER 行序",
    "block VARCHAR 区块",
    "side VARCHAR 收支",
    *_PLACE,
)
FIGURE = _table(
    "figure",
    "报表数字",
    "filing VARCHAR 决算编号",
    "id VARCHAR 编号",
    "form VARCHAR 报表",
    "part VARCHAR 项目",
    "row_key VARCHAR 行",
    "column VARCHAR 栏",
    f"value {NUMBER} 数值",
    "unit VARCHAR 单位",
    f"ulp {NUMBER} 末位单位",
    "raw VARCHAR 原文",
    "relation VARCHAR 关系符号",
    *_PLACE,
)
SENTENCE = _table(
    "sentence",
    "语句",
    "filing VARCHAR 决算编号",
    "position INTEGER 序",
    "section VARCHAR 章节",
    "text VARCHAR 文字",
    "page INTEGER 页",
    "line INTEGER 行号",
)
CLAIM = _table(
    "claim",
    "陈述",
    "filing VARCHAR 决算编号",
    "id VARCHAR 编号",
    "kind VARCHAR 种类",
    "subject VARCHAR 事项",
    "base VARCHAR 基数",
    "concept VARCHAR 所指",
    f"value {NUMBER} 数值",
    "unit VARCHAR 单位",
    f"ulp {NUMBER} 末位单位",
    "direction VARCHAR 方向：up、down、flat、none",
    "quote VARCHAR 原文",
    "sentence INTEGER 语句",
    "start INTEGER 起",
    "end INTEGER 止",
    "year INTEGER 年度",
    *_PLACE,
)
CLAIM_RELATION = _table(
    "claim_relation",
    "陈述之间的关系",
    "filing VARCHAR 决算编号",
    "id VARCHAR 编号",
    "kind VARCHAR 种类",
    "sentence INTEGER 语句",
    "role VARCHAR 角色（成员为 *）",
    "position INTEGER 序",
    "ref VARCHAR 陈述或数字编号",
    "text VARCHAR 文字",
)
POSTPONED = _table(
    "postponed",
    "推迟的文档：上次运行时间不够，下次最先读取",
    "sha256 VARCHAR 内容指纹",
    "source VARCHAR 来源",
    "since TIMESTAMP 首次推迟",
)
ADDRESS = _table(
    "address",
    "地址：各处最近一次取到的内容",
    "address VARCHAR 地址",
    "source VARCHAR 来源名称",
    "name VARCHAR 文件名称",
    "sha256 VARCHAR 内容指纹",
    "size BIGINT 字节数",
    "kind VARCHAR 内容种类：pdf、zip、ole、html、text、picture",
    "etag VARCHAR 服务器给的标记（ETag）",
    "modified VARCHAR 服务器给的修改时间（Last-Modified）",
    "fetched TIMESTAMP 最近一次完整取回",
    "trusted BOOLEAN 标记是否可信：标记未变而内容变过则为否",
)
REPLACEMENT = _table(
    "replacement",
    "替换：同一地址的文件换成了另一份",
    "address VARCHAR 地址",
    "earlier VARCHAR 原内容指纹",
    "later VARCHAR 现内容指纹",
    "run VARCHAR 发现的运行编号",
    "first_seen TIMESTAMP 首次发现",
    "filing VARCHAR 现决算编号",
    "earlier_filing VARCHAR 原决算编号",
    "figures INTEGER 改动的数字个数；空为无法比较",
    "claims INTEGER 改动的陈述个数",
    "compared VARCHAR 比较情况：figures 已比较、other_filing 是另一份决算、unread 有一份未能读出、reader 两份由不同版本的程序读出",
)
COLLECTION = _table(
    "collection",
    "收集：各来源每次运行的结果",
    "run VARCHAR 运行编号",
    "source VARCHAR 来源名称",
    "owner VARCHAR 负责",
    "region VARCHAR 行政区域",
    "found INTEGER 找到",
    "new INTEGER 新增或改动",
    "unchanged INTEGER 未变",
    "failed INTEGER 未取到",
    "problem_zh VARCHAR 来源本身的问题",
    "problem_en VARCHAR 来源本身的问题（英文）",
    "seconds INTEGER 用时（秒）",
)
UNCOLLECTED = _table(
    "uncollected",
    "未取到的文档",
    "run VARCHAR 运行编号",
    "source VARCHAR 来源名称",
    "address VARCHAR 地址",
    "reason VARCHAR 原因代码",
    "message_zh VARCHAR 说明",
    "message_en VARCHAR 说明（英文）",
)
TELLING = _table(
    "telling",
    "晨间通知",
    "run VARCHAR 运行编号",
    "receiver VARCHAR 收件人",
    "told TIMESTAMP 时间",
    "since VARCHAR 与之比较的运行",
    "outcome VARCHAR 结果：sent、nothing、failed",
    "cause VARCHAR 未送达的原因",
)
WAIVER = _table(
    "waiver",
    "核实说明",
    "fingerprint VARCHAR 问题编号",
    "about VARCHAR 所说明的问题（提示）",
    "reason VARCHAR 原因",
    "reason_en VARCHAR 原因（英文）",
    "granted_by VARCHAR 说明人",
    "evidence VARCHAR 佐证材料：链接或文件名",
    "granted DATE 说明日期",
    "until DATE 有效期至",
    "source VARCHAR 所在文件",
    "line INTEGER 所在行",
    "status VARCHAR 状态：in_force、not_yet、unknown、expired、figure_changed、rule_changed、rule_retired、settled、gone",
    "before VARCHAR 上次运行时的状态",
    "replaced_by VARCHAR 现在此处的问题编号",
    "rule VARCHAR 规则",
    "rule_fingerprint VARCHAR 规则内容指纹",
    "identity VARCHAR 决算身份",
    "instance VARCHAR 对象",
)
EXPECTED_FILING = _table(
    "expected_filing",
    "应公开决算",
    "row INTEGER 名册中的行",
    "organisation VARCHAR 单位名称",
    "fiscal_year INTEGER 年度",
    "kind VARCHAR 种类",
    "scope VARCHAR 范围：department、unit；空为不限",
    "code VARCHAR 单位代码",
    "alias VARCHAR 别名",
    "region VARCHAR 行政区域",
    "level VARCHAR 层级",
    "parent VARCHAR 主管单位",
    "approved DATE 批复日期",
    "due DATE 应公开日期",
    "due_by VARCHAR 应公开日期的来由：stated，或所用的期限",
    "published_on DATE 名册所记的公开日期",
    "address VARCHAR 公开地址",
    "source VARCHAR 名册文件",
)
DECLARED_PROBLEM = _table(
    "declared_problem",
    "名册、核实说明中的问题",
    "about VARCHAR 关于：register、waivers",
    "source VARCHAR 文件",
    "line INTEGER 行；0 为整份文件",
    "grade VARCHAR 程度：error、warning",
    "message_zh VARCHAR 说明",
    "message_en VARCHAR 说明（英文）",
)

READ_TABLES = (FORM_READING, UNPLACED, DOUBT, FORM_ROW, FIGURE, SENTENCE, CLAIM, CLAIM_RELATION)
"""What was read of one filing version: kept for every version, replaced only by a newer reader of the same bytes."""

RUN_TABLES = (RUN, RUN_STAGE, RULE_COUNT, KEPT_VERDICT, BUNDLE, STANDING, *DIAGNOSES)
BASE_TABLES = (
    DOCUMENT,
    DOCUMENT_SOURCE,
    FILING,
    *READ_TABLES,
    POSTPONED,
    ADDRESS,
    REPLACEMENT,
    COLLECTION,
    UNCOLLECTED,
    *RUN_TABLES,
    TELLING,
    WAIVER,
    EXPECTED_FILING,
    DECLARED_PROBLEM,
)
