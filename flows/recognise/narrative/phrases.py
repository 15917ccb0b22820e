"""What the words before a number say of it: which item, which measure of it, compared with what, in which direction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

INITIAL, FULL, BUDGET, OUTTURN, PRIOR, TARGET = "年初预算", "全年预算", "预算", "支出决算", "上年", "目标值"
BUDGETS = (INITIAL, FULL, BUDGET)


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words that lead to one number.

    `kind` is the claim's kind; `item` the thing named ("" when it is to be understood from what went before); `measure`
    one of the words above or ""; `base` what a share, change or rate is measured against; `direction` up, down or none;
    `residue` whether a template's alternative (增加（减少）) was left standing; `within` the whole named by "…中".
    """

    kind: str
    item: str = ""
    measure: str = ""
    base: str = ""
    direction: str = "none"
    residue: bool = False
    within: str = ""
    year: int | None = None
    cut: bool = False


def read_phrase(clause: str, family: str, organisation: str = "") -> Phrase:
    """`clause`: plain text between the last delimiter and the number; `family`: of the number's `Quantity`."""
    clause = _FRONT.sub("", clause)
    if family == "percent":
        return _rate(clause, organisation)
    change = _change(clause, organisation)
    if family == "amount":
        if change:
            return Phrase("change_amount", **change)
        return _plain("amount", clause, organisation)
    made = _plain(family, clause, organisation)
    if change and family == "count":
        return Phrase("count", **(change | {"item": change["item"] or made.item}))
    return made


# ------------------------------------------------------------------------------------------------ rates and changes

_UP = ("增加", "增长", "上升", "上涨", "提高", "增幅", "追加", "调增")
_DOWN = ("减少", "下降", "降低", "压减", "压缩", "缩减", "减幅", "降幅", "节约", "节省", "削减", "调减", "核减", "收回")
_VERB = "|".join((*_UP, *_DOWN))
_OVER, _UNDER = ("大于", "高于", "超过", "多于", "超出"), ("小于", "低于", "少于")
CUTS = ("压减", "压缩", "缩减", "削减", "调减", "核减", "收回", "追加", "调增")
_PERIOD = r"(?:上年|上一年|去年|前一年|上期|同期|\d{4}年|年初|全年|当年|调整|预算|部门预算|本年)"
_TIMES = r"(?:比|较|与|同|对比|相比|相较于|较之)"
_CHANGE = re.compile(
    rf"^(?P<name>.*?)(?:{_TIMES}(?P<base>{_PERIOD}.*?)(?:相比|对比|比较|比)?)?"
    r"(?:各|均|共计|共|分别|合计|同比|环比|总体|实际|净|也|相应|又|财政|市级财政|收支|总额|金额|额|[，])*"
    rf"(?P<verb>{_VERB})(?P<residue>（(?:{_VERB})）|[/／或](?:{_VERB}))?(?:支出|收入|经费|预算|资金|金额|额|幅度|幅|率|比例)?(?:了|为|达|约|共|计|共计|合计)*$"
)
_BASE_NOUN = re.compile(
    r"^(?:上年度?|上一年度?|去年|\d{4}年度?)(?:同期)?(?P<noun>[^，年度期数]{0,12}(?:收入|支出|经费|费))$"
)
_BEYOND = re.compile(
    rf"^(?P<name>.*?)(?P<verb>{'|'.join((*_OVER, *_UNDER))})(?P<residue>（[^）]{{2}}）)?(?P<base>(?:年初|全年|调整后?)?(?:支出)?预算数?)(?:了)?$"
)
COMPARED = re.compile(
    rf"(?:^|[，。；：])(?P<name>[^，。；：]{{0,60}}?){_TIMES}(?P<base>{_PERIOD}[^，。；]{{0,30}}?)(?:相比较?|对比|比较|相较)?(?=，)"
)
_SHARE = re.compile(
    r"^(?P<name>.*?)(?:分别)?(?:占比|所?占|比重|比例)(?P<base>.*?)(?:的?(?:比重|比例|百分比|份额))?(?:的|为|是|约|达|：)*$"
)
_OF_BUDGET = re.compile(
    r"^(?P<name>.*?)(?P<verb>完成|达到|为|占|是)(?:了)?(?P<base>(?:当年|本年|年度)?(?:年初|全年|年度|调整后?|部门)?(?:部门)?(?:支出)?预算(?:数|安排|金额)?)"
    r"的?(?:比例|比率|百分比)?(?:为|是|约|达)*$"
)
_RATE_NAME = re.compile(
    r"^(?P<name>.*率)(?P<tail>年度目标值|目标值|指标值|完成值|完成|实际完成|实际)?(?:为|是|达到|达|约|：|[≥≤＞＜>=<])*$"
)


_DIFFERENCE = re.compile(
    r"^(?P<name>.*?)(?P<budget>预决算)?(?:差异|偏离|变动|变化|增减(?:变动|变化)?)(?:率|幅度|比例)(?:为|是|达|：)*$"
)
"""A rate of change that gives no direction of its own (预决算差异率 -7.69%)."""


def _rate(clause: str, organisation: str) -> Phrase:
    found = _DIFFERENCE.match(clause)
    if found:
        made = _plain("change_pct", found["name"], organisation)
        base = "预算" if found["budget"] or made.measure in BUDGETS else ""
        return Phrase("change_pct", made.item, base=base)
    found = _OF_BUDGET.match(clause)
    if found and (found["verb"] in ("完成", "达到", "占") or INITIAL in found["base"] or not found["name"]):
        made = _plain("completion_pct", found["name"], organisation)
        return Phrase("completion_pct", made.item, made.measure, base=measure_of(found["base"]))
    change = _change(clause, organisation)
    if change:
        return Phrase("change_pct", **change)
    found = _SHARE.match(clause)
    if found and ("占" in clause or found["base"] == ""):
        made = _plain("share", found["name"], organisation)
        return Phrase(
            "share", made.item, made.measure, base=strip_name(found["base"], organisation), within=made.within
        )
    found = _RATE_NAME.match(clause)
    if found:
        target = TARGET if "目标" in (found["tail"] or "") or re.search(r"[≥≤]$", clause) else ""
        return Phrase("completion_pct", strip_name(found["name"], organisation), target)
    return Phrase("completion_pct", strip_name(clause, organisation), TARGET if re.search(r"[≥≤]$", clause) else "")


def _change(clause: str, organisation: str) -> dict | None:
    found = _CHANGE.match(clause)
    if not found:
        return _against_budget(clause, organisation)
    verb, residue = found["verb"], bool(found["residue"])
    made = _plain("amount", found["name"], organisation)
    base = found["base"] or ("上年同期" if "同比" in clause else "")
    noun = _BASE_NOUN.search(base)
    return {
        "item": made.item or (noun["noun"] if noun else ""),
        "measure": made.measure if made.measure in (*BUDGETS, OUTTURN) else "",
        "base": base,
        "direction": "none" if residue else "up" if verb in _UP else "down",
        "residue": residue,
        "within": made.within,
        "cut": verb in CUTS,
    }


def _against_budget(clause: str, organisation: str) -> dict | None:
    """A difference stated as 决算数大于预算数 5 万元."""
    found = _BEYOND.match(clause)
    if not found:
        return None
    made = _plain("amount", found["name"], organisation)
    return {
        "item": made.item,
        "measure": made.measure,
        "base": measure_of(found["base"]),
        "direction": "up" if found["verb"] in _OVER else "down",
        "residue": bool(found["residue"]),
        "within": made.within,
        "cut": False,
    }


# ------------------------------------------------------------------------------------------------------ plain amounts

_FRONT = re.compile(
    r"^(?:[、，和及且]|其中(?:：|，)?|同时|此外|另外|另(?!有|行)|其(?![他中余次])|故|因此|共有|其次|首先|一是|二是|三是|（\d{1,2}）|[（）：；。，]|\d{1,2}[、.．](?!\d)|[①-⑳])+"
)
_YEAR = re.compile(r"(?P<year>(?:19|20)\d{2})(?:年度?(?![初末])|(?=年[初末]))")
_WHO = re.compile(
    r"^(?:(?:截至|截止)(?:年末|年底|期末)?)?(?:在)?(?:本|我|该)(?:部门|单位|机关|级|局|委|办|院|校|中心|厅|处|所|站|会|部|馆|队|镇|乡|街道|县|区|市)(?:本级|所属[^，]{0,8})?(?:（[^）]*）)?"
)
_NAMED_YEAR = re.compile(
    r"^(?![^，。的、]{2,40}(?:（[类款项]）|”|[费款额量入出余]|费用|经费|合计|总计|采购)(?:19|20)\d{2})"
    r"[^，。的、]{2,40}?(?:19|20)\d{2}年度(?=.)"
)
"""An organisation in front of its year; what is called an expense, an income, a total is an item, not an organisation."""
_LINK = r"(?:均为|各为|分别为|约为|为|是|达到|达|有|约|共计|共|：|各是|均|各|已|仅|了)"
_TAIL = re.compile(rf"(?:{_LINK})+$")
_MEASURE = re.compile(
    r"(?P<measure>年初(?:部门)?(?:支出)?预算(?:数|安排)?|全年(?:支出)?预算(?:数)?|调整(?:后)?的?(?:全年)?预算(?:数)?|调整数"
    r"|实际预算(?:数)?|当年预算(?:数)?|年度预算(?:数)?|(?<!公共)(?<!基金)(?<!经营)(?:支出|收入)?预算(?:数)?"
    r"|(?:上年|去年|上年度)?(?:支出|收入)?决算(?:数|支出)?|实际(?:完成|支出)(?:数|额)?|全年执行(?:数)?|执行数|实际支出)$"
)
_WITHIN = re.compile(
    r"^(?P<within>.*?(?:支出|收入|决算|预算|总额|合计|经费|拨款|资金|资产)数?)中(?![心央小标])[，：]?(?P<name>.*)$"
)
_PRIOR = re.compile(rf"^(?:{_TIMES})(?={_PERIOD})")


_ORIGIN = re.compile(r"[由从与比较同](?:上年度?|去年|上一年度?|(?:19|20)\d{2}年度?)(?:同期)?的?$")
"""From what a change sets out (由上年的 5 万元减少到 4 万元)."""
_REACHED = re.compile(r"(?:增加|增长|上升|提高|减少|下降|降低|[增升减降])[到至](?:本年|当年|(?:19|20)\d{2}年度?)?的?$")
"""What leads to the amount a change arrives at: it names no item."""
_FULFILLED = re.compile(r"(?:实际)?(?:完成|达到|占|为)了?")
"""What leads to a budget in 完成预算 5 万元的 90%: it names no item."""
_INCOMPLETE = ("基本", "项目", "经营", "上缴上级", "事业")
"""Words that name an item only together with the 支出 or 收入 behind them (基本支出决算)."""


def _plain(kind: str, clause: str, organisation: str) -> Phrase:
    prior = bool(_PRIOR.match(clause))
    text = _REACHED.sub("", _PRIOR.sub("", clause))
    if origin := _ORIGIN.search(text):
        return Phrase(kind, strip_name(text[: origin.start()], organisation), PRIOR)
    years = [int(found["year"]) for found in _YEAR.finditer(text)]
    last_year = bool(re.match(r"(?:上年|去年|上一年|前一年)", text))
    name = _TAIL.sub("", strip_name(text, organisation))
    within = ""
    inner = _WITHIN.match(name)
    if inner:
        within, name = inner["within"], inner["name"]
    measure = ""
    found = _MEASURE.search(name)
    if found and kind != "count":
        measure = measure_of(found["measure"])
        name = name[: found.start()]
        if found["measure"][:2] in ("支出", "收入") and name.endswith(_INCOMPLETE):
            name += found["measure"][:2]
        if re.fullmatch(r"全年|本年|当年|年度", name):
            name, measure = name + found["measure"], ""
        name = "" if measure in BUDGETS and _FULFILLED.fullmatch(name) else name
    if (prior and measure not in BUDGETS) or last_year:
        measure = PRIOR
        name = re.sub(r"^(?:上年度?|去年|上一年度?)(?:的$)?", "", name)
    against = measure if prior else ""
    return Phrase(kind, _TAIL.sub("", name), measure, against, within=within, year=years[-1] if years else None)


def measure_of(word: str) -> str:
    """Which measure a printed word such as 年初预算数 means."""
    if re.search(r"决算|实际(?:完成|支出)|执行", word):
        return OUTTURN
    if "年初" in word:
        return INITIAL
    if re.search(r"全年|调整|实际", word):
        return FULL
    return BUDGET if "预算" in word else ""


_CAUSE = re.compile(r"^(?:.*?原因(?:是|为|系)?|主要(?:是|为|系))(?:因为?|由于)?|^按?(?:同|可比)口径")


@lru_cache(maxsize=4096)
def strip_name(text: str, organisation: str = "") -> str:
    """`text` without organisation, year, "this department" and connecting words: the bare name of an item."""
    text = re.sub(r"^(?:相比|对比|比较)[，]?", "", _FRONT.sub("", _CAUSE.sub("", text)))
    if organisation and organisation in text:
        text = text.replace(organisation, "", 1)
    text = _NAMED_YEAR.sub("", text)
    for _ in range(2):
        text = re.sub(
            r"^(?:(?:截至|截止)(?:年末|年底)?)?(?:\d{1,2}月\d{1,2}日|\d{1,2}月底)?[，]?",
            "",
            _YEAR.sub("", text, count=1),
        )
        text = _WHO.sub("", _FRONT.sub("", text))
        text = re.sub(
            r"^(?:本年度|今年|本年(?=会议费|培训费|“|机关|政府采购)|全年安排|当年安排|年度(?!预算|资金|指标|目标)|年内|在)",
            "",
            text,
        )
    return re.sub(r"^[的，：、]+", "", text)


_SAME = re.compile(r"[“”\"'《》（）()、，\s的]|决算数?$|支出$|类$|金额$|总额$")


@lru_cache(maxsize=8192)
def key_of(item: str) -> str:
    """What two names of one item have in common: without marks and the words for expenditure at the end."""
    text = re.sub(r"（(?:\d*[类款项]|\d{3,7}|以合同签订为准|含[^）]*|不含[^）]*)）", "", item)
    for _ in range(3):
        text = _SAME.sub("", text)
    return text


_PATH = re.compile(
    r"^(?P<c>[^（）]{2,40})（(?P<cc>\d*)类）(?:[、，]?(?P<s>[^（）]{2,40}(?:（[^类款项）]{1,6}）[^（）]*)?)（(?P<sc>\d*)款）)?(?:[、，]?(?P<i>.{2,60}?)（(?P<ic>\d*)项）)?"
)


@dataclass(frozen=True, slots=True)
class Path:
    """A functional item named by its 类, 款 and 项; `code` is "" unless printed."""

    names: tuple[str, ...]
    code: str

    @property
    def item(self) -> str:
        return self.names[-1]


_CODED = re.compile(
    r"^(?P<code>2\d{6}|2\d{4}|2\d{2})[-－—]?(?!年|[万亿千百]*元|[辆台套个人批项次])(?P<name>[^\d，。；：（）-]{2,40}?)"
    r"(?:（[类款项]）)?(?=$|\d|[，。；：]|年初预算|支出决算|决算)"
)
"""An item with its code before its name (2120101-行政运行)."""


def read_path(text: str) -> tuple[Path, int] | None:
    """The functional item at the front of `text`, named by 类, 款 and 项 or by its code, and where it ends."""
    coded = _CODED.match(text)
    if coded:
        return Path((coded["name"],), coded["code"]), coded.end()
    found = _PATH.match(text)
    if not found:
        return None
    names = tuple(part for part in (found["c"], found["s"], found["i"]) if part)
    codes = "".join(code for code in (found["cc"], found["sc"], found["ic"]) if code)
    return Path(names, codes if len(codes) == 1 + 2 * len(names) else ""), found.end()
