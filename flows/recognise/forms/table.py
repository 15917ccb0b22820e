"""A printed table as rows under a header, whatever the header's levels: the view of a grid that the forms share."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from expectations.vocabulary import plain
from flows.read.document import Cell, Grid
from flows.recognise.forms.titles import bare
from flows.recognise.numbers import ascii_digits, parse

Path = tuple[str, ...]
"""The texts of the header above one column, from the top down, white space removed."""

_CODE = re.compile(r"[1-9]\d{2}(?:\d{2}){0,3}")
_CODE_BEFORE_NAME = re.compile(r"([1-9]\d{2}(?:\d{2}){0,3})[\s　]*([^\d\s.,，%].*)", re.S)
_UNIT = re.compile(r"单位[:：]?[（(]?(?:人民币)?([百千万亿]?元)")
_FURNITURE = re.compile(
    r"(?:填报|编制|公开|预算|主管|报送)?(?:部门|单位)(?:名称|编码|代码|公章)?（?(?:公章|盖章)?）?[:：].*|（?(?:财决)?公开[\d-]+表?）?"
    r"|(?:金额|货币)?单位.{0,8}元）?|（?.{0,8}单位[:：]?.{0,4}元）?|(?:19|20)\d{2}年?(?:度|\d+月(?:\d+日)?)?|.{0,30}(?:19|20)\d{2}年度"
)
_NOTE = re.compile(r"^(?:注|说明|备注|附注)[:：\d０-９.、]|^[*＊※]")
MOST_HEADER_ROWS = 8


@dataclass(frozen=True, slots=True)
class Table:
    """Consecutive rows of one grid; `rows` holds each row's own cells, left to right."""

    grid: Grid
    page: int
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def cells(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row]


@dataclass(frozen=True, slots=True)
class Header:
    """What stands over the columns; `body` is the index in `Table.rows` of the first row that is not header."""

    paths: dict[int, Path]
    body: int


def table_of(grid: Grid, page: int, first: int = 0, end: int | None = None) -> Table:
    """The rows `first` to before `end` of `grid` that hold anything."""
    rows: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        if cell.row >= first and (end is None or cell.row < end):
            rows.setdefault(cell.row, []).append(cell)
    return Table(grid, page, tuple(tuple(rows[row]) for row in sorted(rows)))


def code_of(text: str) -> str:
    """The classification code that `text` is, its white space removed; "" when it is none."""
    digits = re.sub(r"\s", "", ascii_digits(text))
    return digits if _CODE.fullmatch(digits) else ""


def code_and_name(text: str) -> tuple[str, str]:
    """The code in front of a name in one cell and the name ("201 一般公共服务支出"); ("", text) when there is none."""
    found = _CODE_BEFORE_NAME.fullmatch(ascii_digits(text.strip()))
    return (found[1], text.strip()[found.start(2) :]) if found else ("", text)


def unit_of(text: str) -> str:
    """The unit of amounts that `text` states (元, 千元, 万元, …), or ""."""
    found = _UNIT.search(plain(text))
    return found[1] if found else ""


def is_furniture(text: str) -> bool:
    """True for what stands between a title and its table: department, unit, date, the form's mark."""
    return _FURNITURE.fullmatch(plain(text)) is not None


def is_note(text: str) -> bool:
    """True for what begins a remark below a table (注：…, 说明：…)."""
    return _NOTE.match(plain(text)) is not None


def is_remark(row: Sequence[Cell]) -> bool:
    """True for a row of the grid that is a remark or any other sentence, and no line of the form."""
    name = plain(row[0].text)
    return is_note(name) or (len(row) == 1 and len(name) > 8 and name.endswith("。"))


def is_numbering(row: Sequence[Cell]) -> bool:
    """True for the row of column numbers under the headings (栏次 1 2 3 …)."""
    texts = [plain(cell.text) for cell in row]
    if any(text == "栏次" for text in texts):
        return True
    digits = [ascii_digits(text).strip("（）()") for text in texts]
    numbers = [int(text) for text in digits if text.isdecimal()]
    words = {text for text in digits if not text.isdecimal()}
    return (
        len(numbers) >= 2
        and numbers == list(range(1, len(numbers) + 1))
        and words <= {"类", "款", "项", "项目", "行次"}
    )


def read_header(table: Table, labels: Collection[str], columns: Callable[[str], bool]) -> Header:
    """The header of `table`. `labels` are the bare texts with which a row of the body begins; `columns` knows headings."""
    start = 0
    while start < len(table.rows) and all(_is_above(cell, table) for cell in table.rows[start]):
        start += 1
    body = start
    while body < min(len(table.rows), start + MOST_HEADER_ROWS) and not _begins_body(
        table.rows[start : body + 1], labels
    ):
        body += 1
    heading = [row for row in table.rows[start:body] if not is_numbering(row)]
    if body < len(table.rows) and sum(columns(cell.text) for cell in table.rows[body][1:]) >= 2:
        heading.append(table.rows[body][1:])
    return Header(_paths(heading), body)


def _is_above(cell: Cell, table: Table) -> bool:
    """True for a cell above the header: title, department, unit."""
    wide = cell.column_span >= max(3, table.grid.columns) and plain(cell.text).endswith("表")
    return wide or is_furniture(cell.text) or (plain(cell.text).endswith("表") and len(plain(cell.text)) > 4)


def _begins_body(rows: Sequence[Sequence[Cell]], labels: Collection[str]) -> bool:
    """True when the last of `rows` belongs to the body, the others being header."""
    row = rows[-1]
    if is_numbering(row):
        return False
    if any(code_of(cell.text) or code_and_name(cell.text)[0] for cell in row):
        return True
    if any(parse(cell.text) for cell in row):
        return True
    label_columns = {cell.column for above in rows[:-1] for cell in above if _heads_labels(cell.text)}
    return any(cell.column in label_columns and bare(cell.text) in labels for cell in row)


def _heads_labels(text: str) -> bool:
    name = plain(text)
    return name in ("收入", "支出") or name.startswith(("项目", "科目", "支出功能", "功能分类", "经济分类", "名称"))


def _paths(heading: Sequence[Sequence[Cell]]) -> dict[int, Path]:
    """For each column the distinct texts of the cells over it. A gap left of nothing takes what stands left of it,

    because a merged cell may have lost its span: a lower heading must stand below the gap.
    """
    columns = {
        column for row in heading for cell in row for column in range(cell.column, cell.column + cell.column_span)
    }
    levels: dict[int, list[str]] = {column: [] for column in columns}
    covered: dict[int, int] = {}
    for index, row in enumerate(heading):
        here = {column: cell for cell in row for column in range(cell.column, cell.column + cell.column_span)}
        below = {cell.column for later in heading[index + 1 :] for cell in later}
        first_row = row[0].row
        left: Cell | None = None  # the nearest cell of this row to the left, unless one from a row above stands between
        for column in sorted(columns):
            cell = here.get(column)
            if cell is not None:
                left = cell
            elif covered.get(column, -1) >= first_row:
                left = None
            elif column in below:
                cell = left
            if cell is not None:
                text = plain(cell.text)
                if not levels[column] or levels[column][-1] != text:
                    levels[column].append(text)
                if column in here:
                    covered[column] = cell.row + cell.row_span - 1
    return {column: tuple(texts) for column, texts in levels.items() if texts}
