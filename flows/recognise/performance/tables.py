"""Where the tables of the performance self-evaluation stand: their rows put together, block by block.

One table may come as several grids, broken by pages or blank lines, with or without its headings repeated; it lasts from
its title or the row with the project's name to its total.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from expectations.vocabulary import Vocabulary, plain
from flows.read.document import Cell, Document, Grid, Line, Place
from flows.recognise.performance.cells import shape, wordless
from flows.recognise.performance.columns import (
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
from flows.recognise.performance.kinds import (
    GOALS,
    PARTICULARS,
    UNIT_NAMES,
    UNIT_STATED,
    YEARS,
    heads_only,
    is_note,
    is_total,
    is_value,
    named_in_line,
    named_in_title,
    organisations,
    project_cell,
    project_name,
    rows_of,
    titled_form,
    unit_in,
    value_pairs,
    year_said,
)
from flows.recognise.performance.pagebreaks import rejoined

_FORM_WORDS = ("科目编码", "功能分类科目编码", "经济分类科目编码", "科目名称", "栏次", "行次", "支出功能分类科目编码")
_CHAPTER = re.compile(r"第[一二三四五六七八九十]+(?:部分|章)")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One printed row. `block`: head, pairs, funds, goals, indicator, total, summary or note; `over` the headings in force."""

    block: str
    cells: tuple[Cell, ...]
    over: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class PerformanceTable:
    """One table as printed. `form`: P01, P02 or P03; `project` the printed name; `unit` of its amounts; `grids` their ids.

    `department`, `implementer` and `year` are whose evaluation it is and of which year, as far as the table says.
    """

    form: str
    title: str
    project: str
    unit: str
    place: Place
    rows: tuple[TableRow, ...]
    grids: frozenset[int]
    department: str = ""
    implementer: str = ""
    year: int | None = None


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
    said: dict[str, str] = field(default_factory=dict)
    year: int | None = None
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


class _Assembly:
    """Puts tables together from lines and grids given to it in reading order."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.forms = {form: vocabulary.forms[form] for form in ("P01", "P02", "P03")}
        self.tables: list[PerformanceTable] = []
        self.table: _Open | None = None
        self.title: tuple[str, str, Place] | None = None
        self.unit = ""
        self.year: int | None = None
        self.named = ""
        self.before: tuple[Cell, ...] = ()
        self.page_turned = False

    def line(self, line: Line) -> None:
        """Take in a line of running text: a title, a unit, the end of a table, or nothing of concern."""
        if self._above(line.text, line.place):
            return
        if _CHAPTER.match(plain(line.text)) or self._other_form(line.text) or (self.table and self.table.done):
            self.close()
            self.title = None

    def _above(self, text: str, place: Place) -> bool:
        """Whether `text` is a title, or states the unit or the year, of the table below it."""
        form = titled_form(text, self.forms)
        unit = UNIT_STATED.search(re.sub(r"\s", "", text))
        year = year_said(text) if len(text) < 60 else None
        if form:
            self.title = (form, wordless(text), place)
            self.unit = ""
            self.named = named_in_title(text) or self.named
        elif self.title and (name := named_in_line(text)):
            self.named = name
        if unit and not form:
            self.unit = unit[1] if len(text) < 40 else self.unit
        self.year = year or self.year
        return bool(form or unit)

    def grid(self, grid: Grid) -> None:
        """Take in a grid: each of its rows continues the open table or begins another."""
        rows = [row for row in rows_of(grid) if not all(re.fullmatch(r"-{2,}|:?-+:?", c.text.strip()) for c in row)]
        if self.table and self.table.done and rows and not is_note(rows[0]):
            self.close()
        top = [cell.text for row in rows[:3] for cell in row]
        if any(core(text) in _FORM_WORDS for text in top) or any(map(self._other_form, top)):
            self.close()
            self.title = None
        self.before = ()
        self.page_turned = grid.place.page is not None
        for row in rows:
            if len(row) == 1 and (titled_form(row[0].text, self.forms) or (self.title and not self.table)):
                self._above(row[0].text, row[0].place)
                continue
            self._row(row)
            self.before = row
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
                form,
                table.title,
                table.project,
                table.unit,
                table.place,
                tuple(table.rows),
                frozenset(table.grids),
                table.said.get("department", ""),
                table.said.get("implementer", ""),
                table.year,
            )
        )

    def _other_form(self, text: str) -> bool:
        named = self.vocabulary.form_named(YEARS.sub("", text.strip()))
        return named is not None and named.id not in self.forms

    def _row(self, row: tuple[Cell, ...]) -> None:
        over = headings(row, self.forms["P03" if self._in_summary() else "P02"])
        kind = self._kind(row, over)
        getattr(self, f"_{kind}")(row, over)

    def _in_summary(self) -> bool:
        return bool(self.table and self.table.form == "P03")

    def _kind(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> str:
        name = project_cell(row)
        if name is not None:
            return "summary_header" if self._heads_summary(row) else "project"
        if self._pairs_may_stand() and value_pairs(row, self.forms["P02"]):
            return "pairs"
        titled = self.title is not None or (self.table is not None and self.table.titled)
        if is_indicator_header(over) or (titled and is_score_header(over)):
            return "indicator_header"
        if is_funds_header(over) and not self._in_summary() and not any(map(is_value, row)):
            return "funds_header"
        if core(row[0].text) in UNIT_NAMES and self._fresh_title("P01"):
            return "organisation"
        return "data"

    def _pairs_may_stand(self) -> bool:
        """Names and values in turn stand at the head of a table, before its blocks."""
        if self.table is None or self.table.done:
            return self.title is not None and self.title[0] != "P03"
        return self.table.form != "P03" and self.table.block == "head"

    def _heads_summary(self, row: tuple[Cell, ...]) -> bool:
        over = headings(row, self.forms["P03"])
        known = any(h.kind in ("amount", "percent", "score") or h.column == "序号" for h in over)
        funds = any(core(cell.text).startswith("项目资金") for cell in row)
        return len(row) > 2 and (known or funds) and not any(map(is_value, row))

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
        self.table.year = self.year
        self.table.said = {"department": self.named} if self.named else {}
        self.title = None
        self.unit = ""
        return self.table

    # Each kind of row, in the order in which a table prints them

    def _organisation(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        self._keep(self._begin(row, "P01"), "head", row)

    def _project(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        name = project_name(row)
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
        if value_pairs(row, self.forms["P02"]):
            self._pairs(row, over)

    def _pairs(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None or table.done:
            table = self._begin(row, "P02", "P01")
        table.seen.add("funds")
        self._keep(table, "pairs", row)

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
        table.unit = unit_in(row) or table.unit

    def _funds_header(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None or table.done or "indicator" in table.seen or (self.title and "funds" in table.seen):
            table = self._begin(row, "P02", "P01")
        table.block, table.over, table.above = "funds", values_only(over), [row]
        table.seen.add("funds")
        table.unit = unit_in(row) or table.unit

    def _indicator_header(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None or table.done:
            table = self._begin(row, "P02", "P01")
        table.block, table.above = "indicator", [*self._heading_above(row), row]
        table.over = stacked(table.above, self.forms["P02"]) if len(table.above) > 1 else over
        table.seen.add("indicator")

    def _heading_above(self, row: tuple[Cell, ...]) -> list[tuple[Cell, ...]]:
        """The row right above a header of indicators where it heads their values and scores too."""
        before = self.before
        if not before or before[0].row + 1 != row[0].row:
            return []
        over = headings(before, self.forms["P02"])
        kinds = {heading.kind for heading in over}
        return [before] if heads_only(before, over) and kinds & {"measure", "score"} and "amount" not in kinds else []

    def _data(self, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> None:
        table = self.table
        if table is None:
            return
        if table.form == "P03":
            self._summary_data(table, row)
            return
        table.unit = table.unit or unit_in(row)
        if table.block == "funds" and self._extends_funds_header(table, row):
            return
        if table.block == "indicator" and self._extends_indicator_header(table, row, over):
            return
        if is_note(row) or (table.done and not any(map(is_value, row))):
            self._keep(table, "note", row)
        elif core(row[0].text) in PARTICULARS:
            self._keep(table, "head", row)
        elif table.block != "funds" and is_total(row, self.forms[table.form]):
            self._keep(table, "total", row)
            table.done = "indicator" in table.seen
        elif any(core(cell.text) in GOALS for cell in row):
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

    def _extends_indicator_header(self, table: _Open, row: tuple[Cell, ...], over: tuple[Heading, ...]) -> bool:
        """A second header row of the indicators: nothing but names of columns, right below the first."""
        if not table.above or not heads_only(row, over):
            table.above = []
            return False
        table.above.append(row)
        table.over = stacked(table.above, self.forms[table.form])
        return True

    def _summary_data(self, table: _Open, row: tuple[Cell, ...]) -> None:
        over = headings(row, self.forms["P03"])
        heads = any(h.kind in ("amount", "percent", "score") for h in over)
        if "summary_rows" not in table.seen and heads and not any(is_value(cell) for cell in row):
            self._extend_summary_header(table, row)
        elif is_total(row, self.forms["P03"]):
            self._keep(table, "total", row)
            table.done = True
        elif is_note(row):
            self._keep(table, "note", row)
        else:
            table.seen.add("summary_rows")
            self._keep(table, "summary", row)

    def _keep(self, table: _Open, block: str, row: tuple[Cell, ...]) -> None:
        if block == "head":
            table.said = {**organisations(row), **table.said}
        turned, self.page_turned = self.page_turned, False
        last = table.rows[-1] if table.rows else None
        if turned and last and last.block == block and block in ("indicator", "summary"):
            whole = rejoined(last.cells, row, table.over)
            if whole:
                table.rows[-1] = TableRow(block, whole, table.over)
                return
        table.rows.append(TableRow(block, row, table.over))


def _named_above(table: _Open, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cell that names a row of nothing but values, where it is merged from the header of the funds down over it."""
    if table.block != "funds" or not table.above or any(shape(cell.text) == "text" for cell in row):
        return ()
    name = table.above[0][0]
    down = name.place.page == row[0].place.page and name.row < row[0].row < name.row + name.row_span
    return (name,) if down and name.column < row[0].column else ()
