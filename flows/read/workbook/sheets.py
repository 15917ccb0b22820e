"""One sheet's stored cells → a page: where each cell stands among those that are shown, and whether the sheet is a table."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from flows.read.document import Cell, Grid, Line, Page, Place, Unreadable
from flows.read.workbook.looks import cell_name


@dataclass(frozen=True, slots=True)
class Stored:
    """A cell with text as it is displayed; `row` and `column` count from 0 over the whole sheet, as do the spans."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


def sheet_page(
    cells: Iterable[Stored],
    number: int,
    name: str,
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
    doubts: tuple[str, ...] = (),
) -> Page:
    """The page of one sheet: a grid of its shown cells, or lines where every row holds one text."""
    shown = list(_shown(cells, number, name, sorted(hidden_rows), sorted(hidden_columns)))
    if not shown:
        return Page(number, (), doubts)
    if len({cell.row for cell in shown}) == len(shown):
        return Page(number, tuple(_lines(shown)), doubts)
    place = Place(page=number, sheet=name, cell=shown[0].place.cell)
    depth = max(cell.row + cell.row_span for cell in shown)
    width = max(cell.column + cell.column_span for cell in shown)
    return Page(number, (Grid(tuple(shown), depth, width, place),), doubts)


def expect_content(pages: tuple[Page, ...]) -> None:
    """Raises `Unreadable` (empty) when no shown sheet holds anything."""
    if not any(page.items for page in pages):
        raise Unreadable(
            "empty",
            {
                "zh": "工作簿里没有任何内容；请检查导出是否成功。",
                "en": "The workbook holds nothing; check how it was exported.",
            },
        )


def sheet_too_large(name: str) -> Unreadable:
    """The error for a sheet with more cells than are read."""
    return Unreadable(
        "too_large",
        {
            "zh": f"工作表“{name}”太大；请删去多余的行列后再放入。",
            "en": f'The sheet "{name}" is too large; delete idle rows and columns.',
        },
    )


def damaged_workbook() -> Unreadable:
    """The error for a workbook that cannot be opened because it is broken."""
    return Unreadable(
        "truncated",
        {
            "zh": "工作簿不完整或已损坏；请重新获取，或用表格软件打开后另存。",
            "en": "The workbook is incomplete or damaged; fetch it again, or open it and save it anew.",
        },
    )


def encrypted_workbook() -> Unreadable:
    """The error for a workbook with a password."""
    return Unreadable(
        "encrypted",
        {
            "zh": "工作簿已加密，打不开；请提供没有密码的版本。",
            "en": "The workbook is encrypted; supply a copy without a password.",
        },
    )


def _shown(
    cells: Iterable[Stored], number: int, name: str, hidden_rows: Sequence[int], hidden_columns: Sequence[int]
) -> Iterator[Cell]:
    """The shown cells in order; rows and columns count from the first used ones, hidden ones left out.

    A merged cell that begins in hidden rows or columns is displayed in those that are shown.
    """
    kept = []
    for cell in cells:
        row = _first_shown(cell.row, cell.row_span, hidden_rows)
        column = _first_shown(cell.column, cell.column_span, hidden_columns)
        if row is not None and column is not None:
            kept.append((row, column, cell))
    if not kept:
        return
    kept.sort(key=lambda one: one[:2])
    first_row, first_column = kept[0][0], min(column for _, column, _ in kept)
    for row, column, cell in kept:
        yield Cell(
            cell.text,
            _count_shown(first_row, row, hidden_rows),
            _count_shown(first_column, column, hidden_columns),
            Place(page=number, sheet=name, cell=cell_name(cell.row, cell.column)),
            _count_shown(row, cell.row + cell.row_span, hidden_rows),
            _count_shown(column, cell.column + cell.column_span, hidden_columns),
        )


def _first_shown(first: int, span: int, hidden: Sequence[int]) -> int | None:
    """The first of `span` rows (or columns) that is shown; None when all are hidden."""
    at = bisect_left(hidden, first)
    while at < len(hidden) and hidden[at] == first:
        first, span, at = first + 1, span - 1, at + 1
    return first if span > 0 else None


def _count_shown(start: int, end: int, hidden: Sequence[int]) -> int:
    """How many rows (or columns) from `start` up to, not including, `end` are shown."""
    return end - start - (bisect_left(hidden, end) - bisect_left(hidden, start))


def _lines(cells: Iterable[Cell]) -> Iterator[Line]:
    """A sheet with one text a row is running text."""
    for cell in cells:
        for text in cell.text.splitlines():
            if text.strip():
                yield Line(text.strip(), cell.place)
