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

from flows.read.document import Page, Unreadable, doubt
from flows.read.workbook.looks import NO_LOOKS, Looks, sheet_looks
from flows.read.workbook.numberformat import displayed_date, displayed_number
from flows.read.workbook.sheets import (
    Stored,
    damaged_workbook,
    encrypted_workbook,
    expect_content,
    sheet_page,
    sheet_too_large,
)

READER = "workbook/2"
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
    RuntimeError,
)

Value = int | float | str | bool | date | datetime | time | timedelta


def read_workbook(data: bytes) -> tuple[Page, ...]:
    """The shown sheets of a workbook; page numbers are the sheets' positions, hidden ones counted.

    Raises `Unreadable`: encrypted, truncated, too_large, empty.
    """
    with _naming_damage():
        # Looked at first: what the workbook says of itself, the value reader believes.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            looks = sheet_looks(archive)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        pages = tuple(
            _page(book, number, sheet.name, looks.get(sheet.name, NO_LOOKS))
            for number, sheet in enumerate(book.sheets_metadata, start=1)
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        )
    expect_content(pages)
    return pages


@contextmanager
def _naming_damage() -> Iterator[None]:
    """Whatever the value reader makes of a broken workbook, its panics included, becomes `Unreadable`."""
    try:
        yield
    except _BROKEN as error:
        raise damaged(error) from error
    except BaseException as error:
        # What the Rust library does not expect reaches Python outside the tree of Exception, under a private name.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(Exception(str(error))) from error


def damaged(error: Exception) -> Unreadable:
    """What to say of a workbook that cannot be opened: it has a password, or it is broken."""
    return encrypted_workbook() if isinstance(error, python_calamine.PasswordError) else damaged_workbook()


def _page(book: python_calamine.CalamineWorkbook, number: int, name: str, looks: Looks) -> Page:
    # Asked beforehand: the value reader unrolls the sheet, and memory that it cannot get ends the whole process.
    if looks.area > MOST_CELLS:
        raise sheet_too_large(name)
    sheet = book.get_sheet_by_name(name)
    doubts: tuple[str, ...] = ()
    if looks.unsolved:
        listed = ", ".join(looks.unsolved[:5])
        doubts = (doubt("公式没有存下计算结果", "formulas without a stored result", listed),)
    return sheet_page(_cells(sheet, name, looks), number, name, looks.hidden_rows, looks.hidden_columns, doubts)


def _cells(sheet: python_calamine.CalamineSheet, name: str, looks: Looks) -> Iterator[Stored]:
    """The non-empty cells in order, hidden ones included."""
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise sheet_too_large(name)
    spans = dict(sheet.merged_cell_ranges or ())
    for row, values in enumerate(sheet.to_python(), start=first_row):
        for column, value in enumerate(values, start=first_column):
            if value != "" and (text := displayed(value, looks.formats.get((row, column), ""))):
                end_row, end_column = spans.get((row, column), (row, column))
                yield Stored(row, column, text, end_row - row + 1, end_column - column + 1)


def displayed(value: Value, pattern: str) -> str:
    """The text that a sheet displays for a stored value under a number format ("" is General)."""
    if isinstance(value, str):
        return value.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return displayed_number(value, pattern or "General")
    return displayed_date(value, pattern)
