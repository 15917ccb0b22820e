"""Old workbook (xls, et) → one page a sheet that is shown, with every cell as it is displayed, as `workbook` does for xlsx.

Macros are never run, links never followed. A formula counts with the result that the file keeps.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import olefile
import xlrd
from xlrd.book import Book
from xlrd.compdoc import CompDocError
from xlrd.formatting import std_format_strings
from xlrd.sheet import Sheet
from xlrd.xldate import XLDateError, xldate_as_datetime

from flows.read.document import Page, Unreadable
from flows.read.formats import too_large
from flows.read.workbook.numberformat import BUILT_IN, displayed_date, displayed_number
from flows.read.workbook.sheets import (
    Stored,
    damaged_workbook,
    encrypted_workbook,
    expect_content,
    sheet_page,
    sheet_too_large,
)

READER = "xls/3"
MOST_BYTES = 40 * 2**20
MOST_SHEETS = 500
MOST_CELLS = 3_000_000
"""Cells of one sheet and of all shown sheets together; the format itself ends at 16.8 million a sheet."""


def read_xls(data: bytes) -> tuple[Page, ...]:
    """The shown sheets of an xls workbook; page numbers are the sheets' positions, hidden ones counted.

    Raises `Unreadable`: encrypted, truncated, too_large, empty.
    """
    if len(data) > MOST_BYTES:
        raise too_large(MOST_BYTES // 2**20, "MB ", "MB")
    with _naming_damage():
        try:
            book = _opened(data)
        except CompDocError:
            # Some programs share out the sectors of the container as only Excel and a more lenient reader accept.
            book = _opened(_workbook_stream(data))
        with book:
            pages = tuple(_shown_pages(book))
    expect_content(pages)
    return pages


def _opened(data: bytes, encoding: str | None = None) -> Book:
    """The workbook, its sheets not yet loaded; what the library thinks of the file is not written anywhere."""
    book = xlrd.open_workbook(
        file_contents=data,
        logfile=_Silence(),
        encoding_override=encoding,
        formatting_info=True,
        on_demand=True,
        ragged_rows=True,
    )
    if encoding is None and book.biff_version < 80 and book.codepage is None:
        # Workbooks of before 1997 name the code page of their texts; where one does not, it is taken for Chinese.
        return _opened(data, "gb18030")
    return book


def _workbook_stream(data: bytes) -> bytes:
    """The workbook within the container. Raises OSError where there is none to be found."""
    with olefile.OleFileIO(io.BytesIO(data)) as container:
        name = next(name for name in ("Workbook", "Book") if container.exists(name))
        return bytes(container.openstream(name).read())


class _Silence(io.TextIOBase):
    """A log that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def _naming_damage() -> Iterator[None]:
    """Whatever the library makes of a broken workbook becomes `Unreadable`: it checks little beforehand."""
    try:
        yield
    except Unreadable:
        raise
    except (xlrd.XLRDError, CompDocError) as error:
        raise (encrypted_workbook() if "encrypted" in str(error) else damaged_workbook()) from error
    except Exception as error:
        logging.getLogger("hedui").debug("reading an xls workbook failed", exc_info=True)
        raise damaged_workbook() from error


def _shown_pages(book: Book) -> Iterator[Page]:
    if book.nsheets > MOST_SHEETS:
        raise too_large(MOST_SHEETS, "个工作表", "sheets")
    patterns = [_pattern(book, style.format_key) for style in book.xf_list]
    left = MOST_CELLS
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        left -= sum(sheet.row_len(row) for row in range(sheet.nrows))
        if left < 0:
            raise sheet_too_large(sheet.name)
        if not sheet.visibility:
            yield sheet_page(
                _cells(book, sheet, patterns),
                index + 1,
                sheet.name,
                {row for row, info in sheet.rowinfo_map.items() if info.hidden},
                {column for column, info in sheet.colinfo_map.items() if info.hidden},
            )
        book.unload_sheet(index)


def _pattern(book: Book, key: int) -> str:
    """The number format of this key; those that workbooks name by number only are the ones of a Chinese workbook."""
    pattern = str(book.format_map[key].format_str) if key in book.format_map else ""
    return BUILT_IN.get(key, pattern) if pattern == std_format_strings.get(key, "") else pattern


def _cells(book: Book, sheet: Sheet, patterns: list[str]) -> Iterator[Stored]:
    """The non-empty cells in order, hidden ones included."""
    spans = {(top, left): (bottom - top, right - left) for top, bottom, left, right in sheet.merged_cells}
    for row in range(sheet.nrows):
        kinds = sheet.row_types(row)
        for column, (kind, value) in enumerate(zip(kinds, sheet.row_values(row), strict=True)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
                continue
            style = sheet.cell_xf_index(row, column)
            text = _displayed(value, kind, patterns[style] if style < len(patterns) else "", book.datemode)
            text = text.replace("\x00", "")
            if text:
                yield Stored(row, column, text, *spans.get((row, column), (1, 1)))


def _displayed(value: str | float, kind: int, pattern: str, datemode: int) -> str:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_DATE:
        try:
            return displayed_date(xldate_as_datetime(value, datemode), pattern)
        except (XLDateError, OverflowError, ValueError):
            return displayed_number(value, "General")
    return displayed_number(value, pattern or "General")
