"""Headings of performance tables, and which cell of a row stands under which of them.

In real accounts the cells of a row are often shifted against their headings: a merged cell was lost, one too many was
kept, two in a row. So a row is laid under its headings as a whole: cells keep their order, and of all ways to place them
the one is taken that agrees best with what each cell holds and that bends the row least.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from expectations.vocabulary import Column, Form, plain
from flows.read.document import Cell
from flows.recognise.performance.cells import number, shape, tidy, wordless

LEVELS = ("一级指标", "二级指标", "指标类型", "指标类别", "指标维度")
LABELS = (
    "四级指标",
    "三级指标",
    "指标名称",
    "三级指标名称",
    "指标内容",
    "绩效指标名称",
    "具体指标",
    "指标",
    "绩效指标",
)
PROJECT_NAMES = ("项目名称", "项目支出名称", "自评项目名称", "评价项目名称", "绩效自评项目名称", "项目政策名称", "专项名称", "政策项目名称", "一级项目名称", "二级项目名称", "转移支付名称", "专项资金名称", "政策名称")  # fmt: skip
TASK_NAMES = ("任务名称", "工作任务", "主要任务", "重点工作任务", "重点任务名称", "任务内容")
SUBTOTALS = ("小计", "合计", "总额", "总计")
SOURCES = ("当年财政拨款", "财政拨款", "上年结转资金", "上年结转", "其他资金", "其他", "财政资金", "自有资金", "单位资金", "非财政拨款")  # fmt: skip
CRITERIA = ("评分依据", "指标解释", "指标说明", "评价标准", "评分标准", "计分方法", "评分细则", "指标释义", "评价要点")
REMARKS = ("偏差原因", "未完成原因", "原因分析", "备注", "自评说明", "扣分原因", "扣分说明", "改进措施", "完成情况说明")
UNITS = ("计量单位", "度量单位", "指标单位")
SIGNS = ("指标性质", "指标符号", "指标方向", "运算符号", "绩效指标性质", "计算符号")
DERIVED = ("得分系数", "偏离度", "偏差度", "偏差率", "完成率", "完成比例", "指标完成率", "完成程度")
COUNTERS = ("序号", "编号", "项目编码", "项目代码")
_ADJUSTED = re.compile(r"调整|变更")
_BRACKETS = re.compile(r"（[^（）]*）|【[^】]*】|\[[^\]]*\]")
_POINTS = re.compile(r"[(（](?:满分)?(\d{1,3}(?:\.\d+)?)分?(?:[)）]|[*×xX]执行率)")
_INDICATOR = re.compile(r"\s*(?:三级)?指标\s*[\d一二三四五六七八九十]+\s*[:：.、]")
_LEVEL = re.compile(
    r"(?:产出|效益|效果|满意度|数量|质量|时效|成本|经济成本|社会成本|生态环境成本|经济效益|社会效益|生态效益|可持续影响|服务对象满意度|社会公众满意度)(?:指标)?"
    r"(?:[（(].*)?"
)
_SIGN = re.compile(r"[≥≤≧≦><=＝]+|定性|定量|正向|反向|逆向|正向指标|反向指标|定性指标|定量指标")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over the columns `start` to `stop` (included).

    `kind`: amount, percent, score or measure for a column of the vocabulary, whose name is `column`; otherwise label,
    level, level_points (the points of a whole level), superseded (a target that was adjusted), derived (worked out from
    target and achievement), remark (why a value deviates), criteria (how it is scored), unit, sign, counter or other.
    """

    kind: str
    column: str
    start: int
    stop: int
    full_marks: Cell | None = None
    """The heading's own cell where it states the points that can be scored under it: 得分（20分*执行率）."""
    in_percent: bool = False
    """The heading of a rate prints the percent sign: numbers below it need none."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A row laid under its headings: pairs of cell and heading, the cells that fit nowhere, and whether it is certain.

    `doubtful` holds the cells that would stand under another heading in an arrangement almost as good. `shift`: by how many
    columns values stand right (+) or left (-) of the headings to which they belong; 0 when all stand under them. `empty`: the
    headings under which no cell is.
    """

    pairs: tuple[tuple[Cell, Heading], ...]
    left: tuple[Cell, ...]
    doubtful: frozenset[int]
    shift: int = 0
    empty: tuple[Heading, ...] = ()

    def under(self, kind: str) -> Cell | None:
        """The cell under the heading of this kind."""
        return next((cell for cell, heading in self.pairs if heading.kind == kind), None)


@lru_cache(maxsize=4096)
def core(text: str) -> str:
    """A heading's name as it is compared: no white space, quotes or brackets."""
    name = plain(tidy(text))
    while (shorter := _BRACKETS.sub("", name)) != name:
        name = shorter
    return name.rstrip("：:*")


def headings(cells: Sequence[Cell], form: Form) -> tuple[Heading, ...]:
    """The headings of one header row, ordered by column; the most detailed name of an indicator becomes the label."""
    made = [_heading(cell, form) for cell in cells]
    return _without_superseded(_without_level_points(_with_one_label(made)), {cell.column: cell for cell in cells})


def _without_superseded(made: Sequence[Heading], cells: Mapping[int, Cell]) -> tuple[Heading, ...]:
    """The headings, of two targets in one header (年初指标值 | 调整指标值) the one that was adjusted later."""
    adjusted = {h.column for h in made if h.kind == "measure" and _ADJUSTED.search(cells[h.start].text)}
    return tuple(
        replace(h, kind="superseded")
        if h.kind == "measure" and h.column in adjusted and not _ADJUSTED.search(cells[h.start].text)
        else h
        for h in made
    )


def _with_one_label(made: Sequence[Heading]) -> tuple[Heading, ...]:
    for names in (LABELS, LEVELS[::-1]):
        best = [h for name in names for h in made if h.column == name and h.kind in ("label", "level")]
        if best:
            chosen = best[0]
            return tuple(replace(h, kind=_demoted(h, chosen)) for h in made)
    return tuple(made)


def _without_level_points(made: Sequence[Heading]) -> tuple[Heading, ...]:
    """The headings, with points that belong to a whole level of indicators (一级指标 | 分值 | 二级指标 | 分值 …) marked as such."""
    named = max((h.start for h in made if h.kind == "label"), default=-1)
    return tuple(
        replace(h, kind="level_points")
        if h.kind == "score" and i and made[i - 1].kind == "level" and h.start < named
        else h
        for i, h in enumerate(made)
    )


def _demoted(heading: Heading, chosen: Heading) -> str:
    if heading is chosen:
        return "label"
    return "level" if heading.kind == "label" and heading.start < chosen.start else heading.kind


def _heading(cell: Cell, form: Form) -> Heading:
    name = core(cell.text)
    kind, column = _kind(name, form.columns)
    full_marks = cell if kind == "score" and points_stated(cell.text) is not None else None
    in_percent = kind == "percent" and "%" in tidy(cell.text)
    return Heading(kind, column, cell.column, cell.column + cell.column_span - 1, full_marks, in_percent)


def points_stated(heading: str) -> Decimal | None:
    """The points that a heading states in brackets: 20 for 得分（20分*执行率）; None when it states none."""
    stated = _POINTS.search(re.sub(r"\s+", "", tidy(heading)))
    return Decimal(stated[1]) if stated else None


@lru_cache(maxsize=4096)
def _kind(name: str, columns: tuple[Column, ...]) -> tuple[str, str]:
    if name in LABELS or name in PROJECT_NAMES or name in TASK_NAMES:
        return "label", name
    if name in LEVELS:
        return "level", name
    for column in columns:
        if name in {core(known) for known in (column.zh, *column.also)}:
            return column.type, column.zh
    for kind, words in (("unit", UNITS), ("sign", SIGNS), ("counter", COUNTERS), ("derived", DERIVED)):
        if name in words:
            return kind, name
    if any(word in name for word in CRITERIA):
        return "criteria", name
    if any(word in name for word in REMARKS) or name == "说明":
        return "remark", name
    ends = [(core(known), c) for c in columns for known in (c.zh, *c.also) if name.endswith(core(known))]
    if ends and len(name) <= 12:
        longest = max(ends, key=lambda end: len(end[0]))[1]
        return longest.type, longest.zh
    return "other", name


# How well a cell's shape fits a kind of heading; a shape not named here may not stand there.
_FIT: dict[str, dict[str, float]] = {
    "label": {"text": 1.0, "quantity": -1.5, "percent": -3.0, "number": -3.0},
    "level": {"text": 0.3},
    "measure": {"several": 0.9, "quantity": 1.0, "percent": 1.0, "text": 0.7, "number": 0.5, "dash": 0.2},
    "score": {"several": 0.9, "number": 1.2, "dash": 0.5},
    "superseded": {"quantity": 1.0, "percent": 1.0, "text": 0.7, "number": 0.5, "dash": 0.2},
    "level_points": {"number": 0.8, "quantity": 0.5, "dash": 0.3},
    "amount": {"several": 0.9, "number": 1.0, "dash": 0.5},
    "percent": {"several": 0.9, "percent": 1.2, "dash": 0.5, "number": 0.3},
    "remark": {"text": 0.6, "dash": 0.3, "quantity": -1.5},
    "criteria": {"text": 0.6, "dash": 0.3, "quantity": -1.0, "number": -2.0},
    "unit": {"text": 0.4, "dash": 0.3},
    "sign": {"text": -0.5, "dash": 0.3},
    "derived": {"percent": 1.0, "number": 0.9, "dash": 0.4},
    "counter": {"number": 0.4, "text": 0.0, "dash": 0.0},
    "other": {"text": 0.2, "number": -0.3, "quantity": -0.3, "percent": -0.3, "dash": 0.0},
}
# What it costs to leave a heading without a cell. A text rendering loses cells, but seldom the value of a target.
_ABSENT_IN_TEXT = {"label": 2.0, "measure": 1.2, "score": 0.8, "amount": 0.3, "percent": 0.3}
_ABSENT_IN_GRID = {"label": 2.0, "measure": 0.4, "score": 0.6, "amount": 0.2, "percent": 0.2}


_CLOSE = 0.15
"""Two arrangements nearer than this cannot be told apart."""
_HOPELESS = 5.0
"""An arrangement that has fallen this far behind does not catch up."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to place the cells looked at so far: `places` holds a heading's position or -1 for each."""

    worth: float
    places: tuple[int, ...] = ()
    last: int = -1
    shift: int = 0


class _Costs:
    """What placing each cell under each heading is worth, computed once for a row."""

    def __init__(self, cells: Sequence[Cell], over: Sequence[Heading]):
        drawn = any(cell.place.line is None or cell.row_span > 1 or cell.column_span > 1 for cell in cells)
        costs = _ABSENT_IN_GRID if drawn else _ABSENT_IN_TEXT
        self.shapes = [shape(cell.text) for cell in cells]
        self.fits = [[_fit(cell, heading) for heading in over] for cell in cells]
        self.shifts = [[_shift(cell, heading) for heading in over] for cell in cells]
        self.bend = 1.5 if drawn else 0.6
        self.absent = [0.0]
        for heading in over:
            self.absent.append(self.absent[-1] + costs.get(heading.kind, 0.0))


def lay(cells: Sequence[Cell], over: Sequence[Heading]) -> Laid:
    """The row's cells under the headings, in the order of both, each heading over one cell at most."""
    costs = _Costs(cells, over)
    ways = [_Way(0.0)]
    for position in range(len(cells)):
        ways = _best([way for old in ways for way in _onward(old, position, costs)])
    ended = [(way.worth - costs.absent[-1] + costs.absent[way.last + 1], way.places) for way in ways]
    worth, places = max(ended)
    doubtful = {
        i
        for other_worth, other in ended
        if worth - other_worth < _CLOSE
        for i in range(len(cells))
        if other[i] != places[i] and (_holds_value(over, other[i]) or _holds_value(over, places[i]))
    }
    pairs = tuple((cell, over[place]) for cell, place in zip(cells, places, strict=True) if place >= 0)
    left = tuple(cell for cell, place in zip(cells, places, strict=True) if place < 0)
    empty = tuple(heading for place, heading in enumerate(over) if place not in places)
    return Laid(pairs, left, frozenset(id(cells[i]) for i in doubtful), _shift_of_values(pairs), empty)


def _shift_of_values(pairs: Sequence[tuple[Cell, Heading]]) -> int:
    """The shift of most values that do not stand under their own heading, 0 when all do."""
    shifts = Counter(
        _shift(cell, heading)
        for cell, heading in pairs
        if heading.kind in ("measure", "score", "amount", "percent") and shape(cell.text) != "dash"
    )
    del shifts[0]
    return max(shifts, key=lambda by: (shifts[by], -abs(by)), default=0)


def _holds_value(over: Sequence[Heading], place: int) -> bool:
    return place >= 0 and over[place].kind in ("measure", "score", "amount", "percent")


def _onward(way: _Way, position: int, costs: _Costs) -> list[_Way]:
    dropped = {"text": 1.0, "dash": 0.2}.get(costs.shapes[position], 3.0)
    made = [_Way(way.worth - dropped, (*way.places, -1), way.last, way.shift)]
    for place in range(way.last + 1, len(costs.absent) - 1):
        fit = costs.fits[position][place]
        if fit is None:
            continue
        shift = costs.shifts[position][place]
        bend = 0.0 if shift == way.shift else costs.bend + 0.1 * abs(shift - way.shift)
        worth = way.worth + fit - bend - costs.absent[place] + costs.absent[way.last + 1]
        made.append(_Way(worth, (*way.places, place), place, shift))
    return made


def _best(ways: list[_Way]) -> list[_Way]:
    """The ways worth following: three for each place and shift, none that is far behind."""
    ways.sort(key=lambda way: -way.worth)
    kept: dict[tuple[int, int], int] = {}
    best = []
    for way in ways[:60]:
        key = (way.last, way.shift)
        if way.worth < ways[0].worth - _HOPELESS:
            break
        if kept.get(key, 0) < 3:
            kept[key] = kept.get(key, 0) + 1
            best.append(way)
    return best[:24]


def _shift(cell: Cell, heading: Heading) -> int:
    """By how many columns the cell stands right (+) or left (-) of its heading; 0 when they overlap."""
    stop = cell.column + cell.column_span - 1
    return max(0, cell.column - heading.stop) - max(0, heading.start - stop)


def _fit(cell: Cell, heading: Heading) -> float | None:
    found = shape(cell.text)
    if found == "quantity" and heading.kind in ("score", "amount") and amount_unit(cell.text, heading.kind):
        found = "number"
    fit = _FIT[heading.kind].get(found)
    if fit is None:
        return None
    text = tidy(cell.text)
    if _INDICATOR.match(text):
        fit += {"label": 1.5, "level": -1.5, "measure": -2.0}.get(heading.kind, -1.0)
    elif _LEVEL.fullmatch(wordless(text)):
        under_name = heading.kind == "label" and heading.column in LABELS
        fit += -1.3 if under_name else {"label": -0.5, "level": 0.3, "measure": -0.8}.get(heading.kind, 0.0)
    if heading.in_percent and found == "number":
        fit += 0.9
    if found == "number" and (value := number(text)) is not None:
        most = {"score": 200, "percent": 1000}.get(heading.kind)
        if most is not None and not 0 <= value <= most:
            fit -= 1.5
    if heading.kind == "sign" and _SIGN.fullmatch(text):
        fit += 1.3
    if heading.kind == "unit" and len(text) > 6:
        fit -= 1.5
    return fit


def amount_unit(text: str, kind: str) -> str:
    """The unit printed behind an amount or a score within its cell; "" when there is none or it is of another kind."""
    unit = re.fullmatch(r"-?[\d,.]+(元|千元|万元|亿元|分)", re.sub(r"\s+", "", tidy(text)))
    return unit[1] if unit and (unit[1] == "分") == (kind == "score") else ""


def is_indicator_header(over: Sequence[Heading]) -> bool:
    """True for the header of the indicator block: a name of indicators and columns for their values and scores."""
    kinds = [heading.kind for heading in over]
    return "label" in kinds and "measure" in kinds and kinds.count("score") + kinds.count("measure") >= 2


def is_score_header(over: Sequence[Heading]) -> bool:
    """True for the header of indicators that are scored without a value of their own."""
    kinds = [heading.kind for heading in over]
    return "label" in kinds and "level" in kinds and kinds.count("score") >= 2


def is_funds_header(over: Sequence[Heading]) -> bool:
    """True for the header of the funds block: two amounts, and a rate or a score beside them."""
    kinds = [heading.kind for heading in over]
    return kinds.count("amount") >= 2 and ("percent" in kinds or "score" in kinds)


def values_only(over: tuple[Heading, ...]) -> tuple[Heading, ...]:
    """The headings from the first value on, and that of the rows' names where there is one."""
    first = min(h.start for h in over if h.kind in ("amount", "percent", "score"))
    return tuple(h for h in over if h.start >= first or h.kind == "label")


def stacked(rows: Sequence[Sequence[Cell]], form: Form) -> tuple[Heading, ...]:
    """The headings of several header rows: the lowest over each column; a subtotal takes the name of its group.

    Sources of money are columns of the full-year budget alone; under any other amount they have no name in the vocabulary.
    """
    made: dict[int, Heading] = {}
    groups: list[Heading] = []
    for depth, row in enumerate(rows):
        over = headings(row, form)
        for cell, heading in zip(row, over, strict=True):
            leaf = _leaf(core(cell.text), heading, _group_over(heading, groups) if depth else None)
            if leaf.kind == "other" and depth and core(cell.text) not in SOURCES:
                continue  # a heading broken over two rows
            made = {start: h for start, h in made.items() if not leaf.start <= start <= leaf.stop}
            made[leaf.start] = leaf
        groups = [h for h in over if h.kind == "amount"] or groups
    return _without_level_points(_with_one_label([made[start] for start in sorted(made)]))


def _leaf(name: str, heading: Heading, group: Heading | None) -> Heading:
    if group and name in SUBTOTALS:
        return Heading(group.kind, group.column, heading.start, heading.stop)
    if group and name in SOURCES and group.column != "全年预算数":
        return Heading("other", name, heading.start, heading.stop)
    return heading


def _group_over(heading: Heading, groups: Sequence[Heading]) -> Heading | None:
    left = [group for group in groups if group.start <= heading.start]
    return max(left, key=lambda group: group.start) if left else None
