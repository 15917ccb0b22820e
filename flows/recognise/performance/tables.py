"""Where the tables of the performance self-evaluation stand: their rows put together, block by block.

One table may come as several grids, broken by pages or blank lines, with or without its headings repeated; it lasts from
its title or the row with the project's name to its total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from expectations.vocabulary import Form, Vocabulary, plain
from flows.read.document import Cell, Document, Grid, Line, Place
from flows.recognise.performance.cells import number, shape, tidy, wordless
from flows.recognise.performance.columns import (
    PROJECT_NAMES,
    SOURCES,
    SUBTOTALS,
    Heading,
    core,
    headings,
    is_funds_header,
    is_indicator_header,
    is_score_header,
    stacked,
    values_only,
)

UNIT_NAMES = (
    "部门名称",
    "单位名称",
    "部门单位名称",
    "预算单位名称",
    "预算部门名称",
    "部门预算单位名称",
    "自评单位",
    "预算单位",
    "部门",
)
_GOALS = ("预期目标", "年度总体目标", "总体目标", "年度目标", "年度绩效目标", "总体绩效目标", "年初设定目标", "年度总体目标完成情况", "年度总体绩效目标完成情况")  # fmt: skip
_NOTES = ("说明", "其他需要说明", "备注", "注", "填报说明", "填表说明")
_UNIT = re.compile(r"[（(:：]\s*(?:金额)?(?:单位)?\s*[:：]?\s*(元|千元|万元|亿元)\s*[）)]?$")
_YEARS = re.compile(r"[（(][^（）()]*[）)]$|[.…·\d\s]+$")
_PARTICULARS = ("主管部门", "主管部门及代码", "主管单位", "实施单位", "项目负责人", "负责人", "联系人", "联系电话", "填报单位", "填报人", "项目类别", "项目类型")  # fmt: skip
_FORM_WORDS = ("科目编码", "功能分类科目编码", "经济分类科目编码", "科目名称", "栏次", "行次", "支出功能分类科目编码")
_CHAPTER = re.compile(r"第[一二三四五六七八九十]+(?:部分|章)")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One printed row. `block`: head, funds, goals, indicator, total, summary or note; `over` the headings in force."""

    block: str
    cells: tuple[Cell, ...]
    over: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class PerformanceTable:
    """One table as printed. `form`: P01, P02 or P03; `project` the printed name; `unit` of its amounts; `grids` their ids."""

    form: str
    title: str
    project: str
    unit: str
    place: Place
    rows: tuple[TableRow, ...]
    grids: frozenset[int]


@dataclass(slots=True)
class _Open:
    """A table that is still being put together."""

    form: str
    title: str
    titled: bool
    place: Place
    unit: str = ""
    project: str = ""
    block: str = "head"
    over: tuple[Heading, ...] = ()
    above: list[tuple[Cell, ...]] = field(default_factory=list)
    rows: list[TableRow] = field(default_factory=list)
    grids: set[int] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    done: bool = False


def performance_tables(document: Document, vocabulary: Vocabulary) -> list[PerformanceTable]:
    """Every performance table of the document, in printed order."""
    assembly = _Assembly(vocabulary)
    for page in document.pages:
        for item in page.items:
            if isinstance(item, Grid):
                assembly.grid(item)
            else:
                assembly.line(item)
    assembly.close()
    return assembly.tables


def rows_of(grid: Grid) -> Iterator[tuple[Cell, ...]]:
    """The grid's cells, row by row."""
    row: list[Cell] = []
    for cell in grid.cells:
        if row and cell.row != row[0].row:
            yield tuple(row)
            row = []
        row.append(cell)
    if row:
        yield tuple(row)


class _Assembly:
    """Puts tables together from lines and grids given to it in reading order."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.forms = {form: vocabulary.forms[form] for form in ("P01", "P02", "P03")}
        self.tables: list[PerformanceTable] = []
        self.table: _Open | None = None
        self.title: tuple[str, str, Place] | None = None
        self.unit = ""

    def line(self, line: Line) -> None:
        """Take in a line of running text: a title, a unit, the end of a table, or nothing of concern."""
        form = titled_form(line.text, self.forms)
        if form:
            self.title = (form, wordless(line.text), line.place)
            self.unit = ""
        elif unit := _UNIT.search(re.sub(r"\s", "", line.text)):
            self.unit = unit[1] if len(line.text) < 40 else self.unit
        elif _CHAPTER.match(plain(line.text)) or self._other_form(line.text) or (self.table and self.table.done):
            self.close()
            self.title = None

    def grid(self, grid: Grid) -> None:
        """Take in a grid: each of its rows continues the open table or begins another."""
        rows = [row for row in rows_of(grid) if not all(re.fullmatch(r"-{2,}|:?-+:?", c.text.strip()) for c in row)]
        if self.table and self.table.done and rows and not _is_note(rows[0]):
            self.close()
        top = [cell.text for row in rows[:3] for cell in row]
        if any(core(text) in _FORM_WORDS for text in top) or any(map(self._other_form, top)):
            self.close()
            self.title = None
        for row in rows:
            if len(row) == 1 and (form := titled_form(row[0].text, self.forms)):
                self.title = (form, wordless(row[0].text), row[0].place)
                continue
            self._row(row)
            if self.table:
                self.table.grids.add(id(grid))

    def close(self) -> None:
        """Finish the open table; what never grew into one is given back."""
        table, self.table = self.table, None
        if not table or not table.seen & {"funds", "indicator", "summary"}:
            return
        form = table.form
        if form == "P03" and not table.titled and not any(h.kind in ("percent", "score") for h in table.over):
            return
        if not table.titled and form == "P02" and not table.project:
            form = "P01"
        self.tables.append(
            PerformanceTable(
                form, table.title, table.project, table.unit, table.place, tuple(table.rows), frozenset(table.grids)
            )
        )

    def _other_form(self, text: str) -> bool:
        named = self.vocabulary.form_named(_YEARS.sub("", text.strip()))
        return named is not None and named.id not in self.forms

    def _row(self, row: tuple[Cell, ...]) -> None:
        over = headings(row, self.forms["P03" if self._in_summary() else "P02"])
        kind = self._kind(row, over)
        getattr(self, f"_{kind}")(row, over)

    def _in_summary(self) -> bool:
        return bool(self.table and self.table.form == "P03")

    def _kind(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> str:
        name = _project_cell(row)
        if name is not None:
            return "summary_header" if self._heads_summary(row) else "project"
        titled = self.title is not None or (self.table is not None and self.table.titled)
        if is_indicator_header(over) or (titled and is_score_header(over)):
            return "indicator_header"
        if is_funds_header(over) and not self._in_summary() and not any(map(_is_value, row)):
            return "funds_header"
        if core(row[0].text) in UNIT_NAMES and self._fresh_title("P01"):
            return "organisation"
        return "data"

    def _heads_summary(self, row: tuple[Cell, ...]) -> bool:
        over = headings(row, self.forms["P03"])
        known = any(h.kind in ("amount", "percent", "score") or h.column == "序号" for h in over)
        funds = any(core(cell.text).startswith("项目资金") for cell in row)
        return len(row) > 2 and (known or funds) and not any(map(_is_value, row))

    def _fresh_title(self, form: str) -> bool:
        if self.table and not self.table.done and self.table.form == form and self.table.titled:
            return self.title is not None
        return bool(self.title and self.title[0] == form)

    def _begin(self, row: tuple[Cell, ...], form: str, *others: str) -> _Open:
        """A new table, under the pending title where that is of one of these forms."""
        self.close()
        title = self.title if self.title and self.title[0] in (form, *others) else None
        self.table = _Open(
            title[0] if title else form,
            title[1] if title else "",
            title is not None,
            title[2] if title else row[0].place,
        )
        self.table.unit = self.unit
        self.title = None
        self.unit = ""
        return self.table

    # Each kind of row, in the order in which a table prints them

    def _organisation(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        self._keep(self._begin(row, "P01"), "head", row)

    def _project(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        name = _project_name(row)
        table = self.table
        fresh = table is None or table.done or table.form != "P02" or bool(table.seen) or bool(table.project)
        repeated = table is not None and not table.done and table.project == name and "indicator" in table.seen
        if repeated and name:
            self.title = None
        elif fresh:
            table = self._begin(row, "P02")
        assert table is not None
        table.project = name
        self._keep(table, "head", row)

    def _summary_header(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None or table.form != "P03" or table.done:
            table = self._begin(row, "P03")
        table.block, table.above, table.over = "summary", [], ()
        table.seen.discard("summary_rows")
        self._extend_summary_header(table, row)

    def _extend_summary_header(self, table: _Open, row: tuple[Cell, ...]) -> None:
        table.above.append(row)
        table.over = stacked(table.above, self.forms["P03"])
        table.seen.add("summary")
        table.unit = _unit_in(row) or table.unit

    def _funds_header(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None or table.done or "indicator" in table.seen or (self.title and "funds" in table.seen):
            table = self._begin(row, "P02", "P01")
        table.block, table.over, table.above = "funds", values_only(over), [row]
        table.seen.add("funds")
        table.unit = _unit_in(row) or table.unit

    def _indicator_header(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None or table.done:
            table = self._begin(row, "P02", "P01")
        table.block, table.over = "indicator", over
        table.seen.add("indicator")

    def _data(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None:
            return
        if table.form == "P03":
            self._summary_data(table, row)
            return
        table.unit = table.unit or _unit_in(row)
        if table.block == "funds" and self._extends_funds_header(table, row):
            return
        if _is_note(row):
            self._keep(table, "note", row)
        elif core(row[0].text) in _PARTICULARS:
            self._keep(table, "head", row)
        elif table.block != "funds" and _is_total(row, self.forms[table.form]):
            self._keep(table, "total", row)
            table.done = "indicator" in table.seen
        elif any(core(cell.text) in _GOALS for cell in row):
            table.block = "goals"
            self._keep(table, "goals", row)
        else:
            named = _named_above(table, row)
            table.above = []
            self._keep(table, table.block, named + row)

    def _extends_funds_header(self, table: _Open, row: tuple[Cell, ...]) -> bool:
        """A second header row of the funds block: nothing but the names of parts under the amounts above."""
        parts = [cell for cell in row if core(cell.text) in SUBTOTALS or core(cell.text) in SOURCES]
        if len(parts) < 2 or len(parts) < len(row) or not table.above:
            return False
        table.above.append(row)
        table.over = values_only(stacked(table.above, self.forms[table.form]))
        return True

    def _summary_data(self, table: _Open, row: tuple[Cell, ...]) -> None:
        over = headings(row, self.forms["P03"])
        heads = any(h.kind in ("amount", "percent", "score") for h in over)
        if "summary_rows" not in table.seen and heads and not any(_is_value(cell) for cell in row):
            self._extend_summary_header(table, row)
        elif _is_total(row, self.forms["P03"]):
            self._keep(table, "total", row)
            table.done = True
        elif _is_note(row):
            self._keep(table, "note", row)
        else:
            table.seen.add("summary_rows")
            self._keep(table, "summary", row)

    def _keep(self, table: _Open, block: str, row: tuple[Cell, ...]) -> None:
        table.rows.append(TableRow(block, row, table.over))


def titled_form(text: str, forms: dict[str, Form]) -> str:
    """The performance form whose title this is, "" for any other text."""
    name = plain(tidy(text)).rstrip("：:")
    while (shorter := _YEARS.sub("", name)) != name:
        name = shorter
    if len(name) > 60 or not name.endswith("表") or re.search(r"[，。；]", name):
        return ""
    known = [
        (len(plain(title)), form.id)
        for form in forms.values()
        for title in (form.zh, *form.also)
        if name.endswith(plain(title))
    ]
    if known:
        return max(known)[1]
    if not re.search(r"绩效.*(?:自评|自我评价|目标完成|评价)", name):
        return ""
    if re.search(r"汇总|一览|总表", name):
        return "P03"
    return "P01" if "整体" in name else "P02" if re.search(r"项目|专项|政策|转移支付", name) else ""


def _named_above(table: _Open, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cell that names a row of nothing but values, where it is merged from the header of the funds down over it."""
    if table.block != "funds" or not table.above or any(shape(cell.text) == "text" for cell in row):
        return ()
    name = table.above[0][0]
    down = name.place.page == row[0].place.page and name.row < row[0].row < name.row + name.row_span
    return (name,) if down and name.column < row[0].column else ()


def _project_cell(row: Sequence[Cell]) -> int | None:
    for position, cell in enumerate(row):
        name = core(cell.text)
        if name in PROJECT_NAMES or name.split("：")[0].split(":")[0] in PROJECT_NAMES:
            return position
    return None


def _project_name(row: Sequence[Cell]) -> str:
    position = _project_cell(row)
    assert position is not None
    _, colon, inline = wordless(row[position].text).replace(":", "：").partition("：")
    if colon and inline:
        return inline
    after = row[position + 1] if position + 1 < len(row) else None
    return (
        wordless(after.text)
        if after and core(after.text) not in ("主管部门", "实施单位", "项目编码", "项目类别")
        else ""
    )


def _is_note(row: Sequence[Cell]) -> bool:
    name = core(row[0].text)
    return name in _NOTES or name.startswith(("其他需要说明", "说明：", "说明:", "注：", "注:", "备注：", "备注:"))


def _is_total(row: Sequence[Cell], form: Form) -> bool:
    totals = {core(known) for line in form.lines if line.block == "total" for known in (line.zh, *line.also)}
    first = next((cell for cell in row if shape(cell.text) == "text"), None)
    return (
        first is not None
        and core(first.text) in totals
        and (first is row[0] or number(row[0].text) is None or len(row) > 2)
    )


def _is_value(cell: Cell) -> bool:
    return shape(cell.text) in ("number", "percent")


def _unit_in(row: Sequence[Cell]) -> str:
    for cell in row:
        if len(cell.text) < 40 and (unit := _UNIT.search(re.sub(r"\s", "", cell.text))):
            return unit[1]
    return ""
