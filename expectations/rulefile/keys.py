"""What a rule file may hold: every key with its name for people, what it means and what it admits.

The one source of the loader's strictness, of the JSON Schema, of the workbook's columns and of the questions of `hedui rules new`.
"""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("critical", "warning", "info")
STATUSES = ("preview", "stable", "retired")
CATEGORIES = (
    "sum", "rollup", "cross_form", "text_vs_form", "share", "change", "completion", "direction", "year", "placeholder", "missing_form",
    "missing_figure", "unit", "wrong_base", "stale_text", "label", "score_sum", "budget_execution", "reasonableness", "other",
)  # fmt: skip
FAMILIES = (
    "reading", "within_form", "between_forms", "text_vs_form", "rates", "wording", "three_public", "performance", "completeness",
    "reasonableness",
)  # fmt: skip
FAMILY_OF = {
    "sum": "within_form", "rollup": "within_form", "cross_form": "between_forms", "text_vs_form": "text_vs_form", "share": "rates",
    "change": "rates", "completion": "rates", "direction": "wording", "year": "wording", "placeholder": "wording",
    "missing_form": "completeness", "missing_figure": "completeness", "unit": "wording", "wrong_base": "rates", "stale_text": "wording",
    "label": "within_form", "score_sum": "performance", "budget_execution": "performance", "reasonableness": "reasonableness",
    "other": "reasonableness",
}  # fmt: skip
"""The family of a rule that names none, nor does its file."""
KINDS = ("holds", "rounding", "broken", "not_verifiable")
"""Kinds of example; the first and the third are needed."""
OFF = "off"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `kind`: text, said (text, or zh and en), choice (of `choices`), formula, year, date, columns, examples or list."""

    name: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    needed: bool = False


_OWNER = Key("owner", "负责", "owner", "谁负责这条规则，谁回答关于它的问题", "who answers questions about it")
_FORM = Key(
    "form",
    "报表",
    "form",
    "所核对的报表：名称或编号，如 支出决算表、T03",
    "the form that is judged: its name or id, such as T03",
)
_FAMILY = Key(
    "family",
    "大类",
    "family",
    "网站上归入哪一大类；不写则按类别定",
    "where the site lists it; by its category when left out",
    "choice",
    FAMILIES,
)

RULE_KEYS = (
    Key("id", "编号", "id", "唯一的编号，如 T03.row", "unique, such as T03.row", needed=True),
    Key(
        "title",
        "标题",
        "title",
        "一句话说明应当成立什么",
        "what must be true, in one sentence",
        "said",
        needed=True,
    ),
    Key(
        "for_each",
        "对每一",
        "for each",
        "filing 每份决算、row 每行、parent 每个有下级的行、form 每张表、sentence 每句、heading 每个标题、claim of 占比 等 每处表述",
        "filing, row, parent (rows with rows below them), form, sentence, heading, or claim of KIND",
        needed=True,
    ),
    _FORM,
    Key("check", "公式", "formula", "审核公式：应当成立的等式或比较", "the audit formula that must hold", "formula"),
    Key(
        "query",
        "查询",
        "query",
        "公式说不清时代替公式：一条 SELECT，返回 filing 和 stated、computed（或 ok）；对每一写 filing，没有前提",
        "instead of a formula, where none can say it: one SELECT of filing and stated, computed (or ok); for each filing, no condition",
    ),
    Key("when", "前提", "when", "前提：成立时才核对，按公布值比较", "its condition, on printed values", "formula"),
    Key(
        "columns",
        "逐栏",
        "columns",
        "英文名: 中文栏名；公式中的 {列} 依次换成各栏，一栏一条规则",
        "English: Chinese column names; one rule a column, {列} in the formula being the column",
        "columns",
    ),
    Key("category", "类别", "category", "问题的类别", "the category of its findings", "choice", CATEGORIES, True),
    _FAMILY,
    Key(
        "severity",
        "程度",
        "severity",
        "critical 必须更正、warning 需要说明、info 提示",
        "critical: must be put right; warning: to be explained; info: for information",
        "choice",
        SEVERITIES,
        True,
    ),
    Key(
        "status",
        "状态",
        "status",
        "preview 试行（照常核对，只作提示）、stable 正式、retired 停用（不再核对，编号保留）",
        "preview: judges, for information only; stable; retired: judges no more, its id stays taken",
        "choice",
        STATUSES,
    ),
    Key("since", "起始年度", "since", "从哪个财政年度起适用（含）", "the first fiscal year to which it applies", "year"),
    Key("until", "截止年度", "until", "适用到哪个财政年度（含）", "the last fiscal year to which it applies", "year"),
    Key(
        "basis",
        "依据",
        "basis",
        "出自哪个制度或哪张表的说明；试行规则可暂缺",
        "the regulation or form note it rests on; previews may lack it",
    ),
    _OWNER,
    Key("introduced", "始于", "introduced", "哪个版本或哪一天加入", "the version or date with which it came"),
    Key("note", "说明", "note", "给看结果的人的说明", "a note for whoever reads the result", "said"),
    Key(
        "examples",
        "例子",
        "examples",
        "名称和公布值；holds 相符、broken 不符各至少一个",
        "names and printed values; at least one that holds and one that is broken",
        "examples",
        needed=True,
    ),
)  # fmt: skip

EITHER = ("check", "query")
"""Of these keys a rule has one."""

AMEND_KEYS = (
    Key("id", "编号", "id", "所调整的规则的编号", "the id of the rule that is amended", needed=True),
    Key("status", "状态", "status", "off：本单位不用这条规则", "off: the rule is not used here", "choice", (OFF,)),
    Key("severity", "程度", "severity", "改定的程度", "its severity here", "choice", SEVERITIES),
    Key("reason", "原因", "reason", "为什么；会在网站上公布", "why; it is published on the site", "said", needed=True),
    Key("owner", "负责", "owner", "谁作的决定", "who decided"),
    Key(
        "until",
        "有效期至",
        "until",
        "有效到哪一天（含），如 2026-12-31；过后自动失效",
        "the last day on which it stands, such as 2026-12-31",
        "date",
    ),
)

TOPIC_KEYS = (
    Key("topic", "专题", "topic", "专题的编号（仅供参考）", "an id of the topic, for reference"),
    Key("title", "标题", "title", "这一文件的规则是关于什么的", "what the rules of this file are about", "said"),
    _FAMILY,
    _FORM,
    _OWNER,
    Key("rules", "规则", "rules", "规则，一条一项", "the rules", "list"),
    Key("amend", "调整", "amend", "对随软件规则的停用和改级", "rules of others switched off or re-graded here", "list"),
)


def names(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """The names of `keys`, in order."""
    return tuple(key.name for key in keys)
