"""Where the tables of a document stand: each with the title over it and the lines around it.

A title opens a section, which lasts until the next title or until running text begins. A table of contents repeats every
title; a title without a table, a statement or numbers below it announces a form and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from expectations.vocabulary import plain
from flows.read.document import Cell, Document, Grid, Line, Page, Place
from flows.recognise.forms.table import Table, is_furniture, is_note, is_remark, table_of
from flows.recognise.forms.titles import UNKNOWN, Names, Title, mark_of, printed, title_of

_HEADING = re.compile(r"^第[一二三四五六七八九十]+部分|(?:情况)?(?:的)?说明$|名词解释$|概况$|^目录$")
_STATEMENT = re.compile(
    r"(?:没有|无|未发生|未安排|不涉及|不存在|未使用).*(?:收入|支出|数据|经费|资金|预算|拨款|结转|情况)|(?:空表|表为空|无数据|零报表)"
)
_INSTRUCTION = re.compile(r"的，.*(?:保留|下述说明)|下述说明[:：]?$")
_OF_THE_FORM = re.compile(r"^本表|四舍五入|单位换算|换算(?:为|成)|尾[数差]")
_ELSEWHERE = re.compile(r"详?见附[件表]|另附|附后|见下载")
_ENDS = re.compile(r"[。.！!）)]$")
LINES_TO_TABLE = 14
"""No more lines than these stand between a title and its table."""


@dataclass(slots=True)
class Section:
    """A title (None when a table stands alone) with what belongs to it, in reading order.

    `heading`: the lines that are the title, none when it stands in a grid; `above`: lines before the first table; `below`: notes and statements after a table; `announced` while nothing but the
    title itself is there.
    """

    title: Title | None
    page: int
    place: Place | None = None
    heading: tuple[Line, ...] = ()
    above: list[Line] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    loose: list[Line] = field(default_factory=list)

    @property
    def form(self) -> str:
        return self.title.form if self.title else UNKNOWN

    @property
    def statement(self) -> str:
        """The sentence below (or in place of) the table which says that there is no data, or ""."""
        remarks = [
            Line(cell.text, cell.place) for table in self.tables for row in table.rows if is_remark(row) for cell in row
        ]
        return statement_in([*self.below, *remarks, *([] if self.tables else self.above)])


def sections(document: Document, names: Names, passed_over: Set[int]) -> list[Section]:
    """Every title and every table of `document` in reading order; lines whose id is in `passed_over` are not looked at."""
    found: list[Section] = []
    state = _Walk(names, found)
    for page in document.pages:
        state.turn(page)
        lines = [item for item in page.items if not (isinstance(item, Line) and id(item) in passed_over)]
        for index, item in enumerate(lines):
            if isinstance(item, Line):
                after = lines[index + 1] if index + 1 < len(lines) else None
                state.line(item, after.text if isinstance(after, Line) else "")
            else:
                state.grid(item)
    return found


@dataclass(slots=True)
class _Walk:
    """The section that is open while a document is read from beginning to end, None in running text."""

    names: Names
    found: list[Section]
    open: Section | None = None
    page: Page | None = None
    half: str = ""
    waiting: list[Line] = field(default_factory=list)

    def turn(self, page: Page) -> None:
        """Begin `page`. Forms do not continue from one sheet of a workbook to the next; its name may be their title."""
        self.page = page
        self.waiting = []
        sheet = next((item.place.sheet for item in page.items if item.place.sheet), None)
        if sheet is not None:
            title = title_of(sheet, self.names)
            self.open = None
            if title is not None and title.form != UNKNOWN:
                self._begin(title, None)

    def line(self, line: Line, after: str) -> None:
        text = printed(line.text)
        if self.half:
            self.half = ""
            if self.open is not None:
                self.open.heading += (line,)
            return
        title = self._title(text, after)
        if title is not None:
            self._begin(title, line.place, line)
            self.open = None if title.announced else self.open
        elif self.open is None:
            if mark_of(text) is not None or is_furniture(text):
                self.waiting.append(line)
        elif self._closes(text):
            self.open = None
        elif not self.open.tables:
            self.open.above.append(line)
        elif is_note(text) or says_nothing(text) or _speaks_of_the_form(text) or self._goes_on():
            self.open.below.append(line)
        elif mark_of(text) is not None or is_furniture(text):
            self.waiting.append(line)
        else:
            self.open.loose.append(line)

    def _title(self, text: str, after: str) -> Title | None:
        """The title in `text`, or in `text` and the line after it when only both together name a known form."""
        title = title_of(text, self.names)
        if title is not None or "表" not in after or not 4 <= len(text) <= 40:
            return title
        both = title_of(text + printed(after), self.names)
        if both is None or both.form == UNKNOWN or is_furniture(text) or _HEADING.search(plain(text)):
            return None
        alone = title_of(after, self.names)
        if alone is not None and alone.form == both.form:
            return None
        self.half = after
        return both

    def _begin(self, title: Title, place: Place | None, *heading: Line) -> None:
        number = self.page.number if self.page else 0
        self.open = Section(title, number, place, heading, above=list(self.waiting))
        self.waiting = []
        self.found.append(self.open)

    def _closes(self, text: str) -> bool:
        """True for a line with which running text begins."""
        assert self.open is not None
        name = plain(text)
        if _HEADING.search(name) and len(name) < 60 and not is_note(text):
            return True
        if self.open.tables:
            return len(self.open.loose) > LINES_TO_TABLE
        return len(self.open.above) > LINES_TO_TABLE

    def _goes_on(self) -> bool:
        """True when the note or statement read last has not come to its end."""
        assert self.open is not None
        if not self.open.below or self.open.loose:
            return False
        last = self.open.below[-1].text.strip()
        return len(last) > 25 and not _ENDS.search(last)

    def grid(self, grid: Grid) -> None:
        number = self.page.number if self.page else 0
        for title, table in _titled_parts(grid, number, self.names):
            if title is not None and self.open is not None and self._repeats(title):
                self.open.title = title
            elif title is not None:
                self._begin(title, table.rows[0][0].place if table.rows else grid.place)
            if self.open is None:
                self._alone(number)
            if self.open is not None and not all(is_above(cell, self.names) for cell in table.cells):
                self.open.tables.append(table)
                self.open.above += self.waiting if len(self.open.tables) == 1 else []
        self.waiting = []
        if self.open is not None and self.open.title is None:
            self.open = None

    def _repeats(self, title: Title) -> bool:
        """True when `title`, in the grid, is that of the open section, which still waits for its table."""
        return self.open is not None and not self.open.tables and self.open.form == title.form != UNKNOWN

    def _alone(self, page: int) -> None:
        self.open = Section(None, page, above=list(self.waiting))
        self.found.append(self.open)


def _titled_parts(grid: Grid, page: int, names: Names) -> Iterator[tuple[Title | None, Table]]:
    """The grid cut before every row that holds a title, as in workbooks; each part with its title."""
    cuts: list[tuple[int, Title]] = []
    for row in table_of(grid, page).rows:
        titles = [title for cell in row if "表" in cell.text and (title := title_of(cell.text, names))]
        others = [cell for cell in row if not title_of(cell.text, names) and not is_furniture(cell.text)]
        if titles and not others and not (titles[0].form == UNKNOWN and len(row) > 2):
            cuts.append((row[0].row, titles[0]))
    if not cuts or cuts[0][0] > 0:
        end = cuts[0][0] if cuts else None
        before = table_of(grid, page, 0, end)
        if cuts and all(is_furniture(cell.text) for cell in before.cells):
            cuts[0] = (0, cuts[0][1])
        else:
            yield None, before
    for index, (row_number, title) in enumerate(cuts):
        end = cuts[index + 1][0] if index + 1 < len(cuts) else None
        yield title, table_of(grid, page, row_number, end)


def is_above(cell: Cell, names: Names) -> bool:
    """True for a cell above a table's header: its title, the department, the unit."""
    return is_furniture(cell.text) or title_of(cell.text, names) is not None


def says_nothing(text: str) -> bool:
    """True for the statement that a form has no data."""
    return _STATEMENT.search(plain(text)) is not None


def _speaks_of_the_form(text: str) -> bool:
    """True for a further remark on the form (how it is filled in, how its amounts are rounded)."""
    return _INSTRUCTION.search(text) is not None or _OF_THE_FORM.search(plain(text)) is not None


def statement_in(lines: list[Line]) -> str:
    """The first statement in `lines` that there is no data, put together from the lines it runs over; or ""."""
    for index, line in enumerate(lines):
        text = "".join(line.text.split())
        if _INSTRUCTION.search(text) or not says_nothing(text):
            continue
        for more in lines[index + 1 :]:
            if _ENDS.search(text) or is_note(more.text):
                break
            text += "".join(more.text.split())
        return text
    return ""


def refers_elsewhere(section: Section) -> str:
    """The line that says the forms are in an attachment, or ""."""
    return next((line.text.strip() for line in section.above if _ELSEWHERE.search(line.text)), "")
