"""Workbook (xlsx) → one page a sheet that is shown, with every cell as it is displayed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

import python_calamine

from flows.read.document import Cell, Grid, Line, Page, Place, Unreadable
from flows.read.workbook.looks import NO_LOOKS, Looks, cell_name, sheet_looks
from flows.read.workbook.numberformat import displayed_date, displayed_number

READER = "workbook/1"
MOST_CELLS = 5_000_000
_BROKEN = (
    python_calamine.CalamineError,
    ElementTree.ParseError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    EOFError,
    NotImplementedError,
)

Value = int | float | str | bool | date | datetime | time | timedelta


def read_workbook(data: bytes) -> tuple[Page, ...]:
    """The shown sheets of a workbook; page numbers are the sheets' positions, hidden ones counted.

    Raises `Unreadable`: truncated, too_large, empty.
    """
    with naming_damage():
        return shown_pages(*_opened(data))


@contextmanager
def naming_damage() -> Iterator[None]:
    """Whatever a value reader makes of a broken workbook, its panics included, becomes `Unreadable`."""
    try:
        yield
    except _BROKEN as error:
        raise damaged(error) from error
    except BaseException as error:
        # What the Rust library does not expect reaches Python outside the tree of Exception, under a private name.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(Exception(str(error))) from error


def shown_pages(book: python_calamine.CalamineWorkbook, looks: dict[str, Looks]) -> tuple[Page, ...]:
    """A page for each shown sheet of an opened workbook, with the looks of its sheets where they are known.

    Raises `Unreadable`: too_large, empty.
    """
    pages = tuple(
        _page(book, number, sheet.name, looks.get(sheet.name, NO_LOOKS))
        for number, sheet in enumerate(book.sheets_metadata, start=1)
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    )
    expect_content(pages)
    return pages


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


def _opened(data: bytes) -> tuple[python_calamine.CalamineWorkbook, dict[str, Looks]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return book, sheet_looks(archive)


def damaged(error: Exception) -> Unreadable:
    """What to say of a workbook that cannot be opened: it has a password, or it is broken."""
    if isinstance(error, python_calamine.PasswordError):
        return Unreadable(
            "encrypted",
            {
                "zh": "工作簿已加密，打不开；请提供没有密码的版本。",
                "en": "The workbook is encrypted; supply a copy without a password.",
            },
        )
    return Unreadable(
        "truncated",
        {
            "zh": "工作簿不完整或已损坏；请重新获取，或用表格软件打开后另存。",
            "en": "The workbook is incomplete or damaged; fetch it again, or open it and save it anew.",
        },
    )


def _page(book: python_calamine.CalamineWorkbook, number: int, name: str, looks: Looks) -> Page:
    # Asked beforehand: the value reader unrolls the sheet, and memory that it cannot get ends the whole process.
    if looks.area > MOST_CELLS:
        raise _too_large(name)
    sheet = book.get_sheet_by_name(name)
    cells = list(_cells(sheet, number, name, looks))
    doubts: tuple[str, ...] = ()
    if looks.unsolved:
        listed = ", ".join(looks.unsolved[:5])
        doubts = (f"公式没有存下计算结果 / formulas without a stored result: {listed}",)
    return sheet_page(cells, number, name, doubts)


def sheet_page(cells: list[Cell], number: int, name: str, doubts: tuple[str, ...] = ()) -> Page:
    """The page of one sheet's non-empty cells: a grid, or lines where every row holds one text."""
    rows = {cell.row for cell in cells}
    if not cells:
        return Page(number, (), doubts)
    if len(rows) == len(cells):
        return Page(number, tuple(_lines(cells)), doubts)
    place = Place(page=number, sheet=name, cell=cells[0].place.cell)
    depth = max(cell.row + cell.row_span for cell in cells)
    width = max(cell.column + cell.column_span for cell in cells)
    return Page(number, (Grid(tuple(cells), depth, width, place),), doubts)


def _lines(cells: list[Cell]) -> Iterator[Line]:
    """A sheet with one text a row is running text."""
    for cell in cells:
        for text in cell.text.splitlines():
            if text.strip():
                yield Line(text.strip(), cell.place)


def _cells(sheet: python_calamine.CalamineSheet, number: int, name: str, looks: Looks) -> Iterator[Cell]:
    """The non-empty cells in order; rows and columns count from the first used ones, hidden ones left out."""
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise _too_large(name)
    spans = dict(sheet.merged_cell_ranges or ())
    rows = _shown_positions(first_row, sheet.end[0] if sheet.end else first_row, looks.hidden_rows)
    columns = _shown_positions(first_column, sheet.end[1] if sheet.end else first_column, looks.hidden_columns)
    for at_row, values in enumerate(sheet.to_python(), start=first_row):
        if at_row in looks.hidden_rows:
            continue
        for at_column, value in enumerate(values, start=first_column):
            if at_column in looks.hidden_columns or value == "":
                continue
            text = _displayed(value, looks.formats.get((at_row, at_column), ""))
            if not text:
                continue
            end_row, end_column = spans.get((at_row, at_column), (at_row, at_column))
            yield Cell(
                text,
                rows[at_row],
                columns[at_column],
                Place(page=number, sheet=name, cell=cell_name(at_row, at_column)),
                max(1, sum(row not in looks.hidden_rows for row in range(at_row, end_row + 1))),
                max(1, sum(column not in looks.hidden_columns for column in range(at_column, end_column + 1))),
            )


def _too_large(name: str) -> Unreadable:
    return Unreadable(
        "too_large",
        {
            "zh": f"工作表“{name}”太大；请删去多余的行列后再放入。",
            "en": f'The sheet "{name}" is too large; delete idle rows and columns.',
        },
    )


def _shown_positions(first: int, last: int, hidden: frozenset[int]) -> dict[int, int]:
    """The position of each row (or column) among those shown."""
    shown = (index for index in range(first, last + 1) if index not in hidden)
    return {index: position for position, index in enumerate(shown)}


def _displayed(value: Value, pattern: str) -> str:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return displayed_number(value, pattern or "General")
    return displayed_date(value, pattern)
