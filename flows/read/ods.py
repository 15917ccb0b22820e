"""OpenDocument workbook (ods) → one page a sheet that is shown, with every cell as it is displayed.

The file keeps the displayed text beside each value, so it is read from there: value readers would give 12.50 as 12.5.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from flows.read.document import Page
from flows.read.formats import too_large
from flows.read.parts import UNSOUND, xml_part
from flows.read.workbook.numberformat import displayed_number
from flows.read.workbook.sheets import Stored, damaged_workbook, encrypted_workbook, expect_content, sheet_page

READER = "ods/1"
MOST_CELLS = 1_000_000
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


@dataclass
class _Sheet:
    """A sheet as it is gone through: which rows and columns are hidden, and its cells by where they stand."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    cells: list[Stored] = field(default_factory=list)


def read_ods(data: bytes) -> tuple[Page, ...]:
    """The shown sheets of a workbook; page numbers are the sheets' positions, hidden ones counted.

    Raises `Unreadable`: encrypted, truncated, too_large, empty.
    """
    root = _content(data)
    hidden = {
        _attribute(style, "name")
        for style in root.iter("{*}style")
        if any(_attribute(properties, "display") == "false" for properties in style.iterchildren("{*}table-properties"))
    }
    body = next(root.iter("{*}spreadsheet"), None)
    tables = [] if body is None else list(body.iterchildren("{*}table"))
    pages = tuple(
        _page(table, number)
        for number, table in enumerate(tables, start=1)
        if (_attribute(table, "style-name") or None) not in hidden
    )
    expect_content(pages)
    return pages


def _content(data: bytes) -> etree._Element:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = "META-INF/manifest.xml" in archive.NameToInfo
            if listed and next(xml_part(archive, "META-INF/manifest.xml").iter("{*}encryption-data"), None) is not None:
                raise encrypted_workbook()
            return xml_part(archive, "content.xml")
    except UNSOUND as error:
        raise damaged_workbook() from error


def _page(table: etree._Element, number: int) -> Page:
    sheet = _Sheet()
    name = _attribute(table, "name")
    column = 0
    for element in _members(table, "table-column"):
        times = _times(element, "number-columns-repeated", MOST_COLUMNS - column)
        if _attribute(element, "visibility") in ("collapse", "filter"):
            sheet.hidden_columns.update(range(column, column + times))
        column += times
    row = 0
    for element in _members(table, "table-row"):
        times = _times(element, "number-rows-repeated", MOST_ROWS - row)
        if _attribute(element, "visibility") in ("collapse", "filter"):
            sheet.hidden_rows.update(range(row, row + times))
        _gather(element, row, times, sheet)
        row += times
    return sheet_page(sheet.cells, number, name, sheet.hidden_rows, sheet.hidden_columns)


def _gather(element: etree._Element, first: int, times: int, sheet: _Sheet) -> None:
    """The cells with text of a row (which stands `times` times) into `sheet`."""
    column = 0
    found: list[tuple[int, str, int, int]] = []
    for cell in element.iterchildren("{*}table-cell", "{*}covered-table-cell"):
        repeated = _times(cell, "number-columns-repeated", MOST_COLUMNS - column)
        text = "" if cell.tag.endswith("}covered-table-cell") else _displayed(cell)
        if text:
            down, across = _times(cell, "number-rows-spanned", MOST_ROWS), _times(cell, "number-columns-spanned", 1000)
            found += [(at, text, down, across) for at in range(column, column + repeated)]
        column += repeated
    if len(sheet.cells) + times * len(found) > MOST_CELLS:
        raise too_large(MOST_CELLS, "个单元格", "cells")
    sheet.cells += [Stored(row, *cell) for row in range(first, first + times) for cell in found]


def _members(parent: etree._Element, sought: str) -> Iterator[etree._Element]:
    """The rows (or columns) of a table, whatever groups them, but none of a table within."""
    for child in parent:
        kind = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if kind == sought:
            yield child
        elif kind.startswith("table-") and kind not in ("table-row", "table-column"):
            yield from _members(child, sought)


def _displayed(cell: etree._Element) -> str:
    """The cell's text as it is displayed, a line for each paragraph; its value where no text is kept."""
    paragraphs = ["".join(_text(child)) for child in cell.iterchildren("{*}p", "{*}h")]
    value = _attribute(cell, "value")
    if paragraphs or not value:
        return "\n".join(paragraphs).strip()
    try:
        return displayed_number(float(value), "General")
    except (ValueError, ArithmeticError):
        return value.strip()


def _text(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        kind = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if kind == "s":
            yield " " * _times(child, "c", 1000)
        elif kind in ("tab", "line-break"):
            yield "\t" if kind == "tab" else "\n"
        elif kind not in ("", "annotation", "note"):
            yield from _text(child)
        yield child.tail or ""


def _attribute(element: etree._Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def _times(element: etree._Element, name: str, most: int) -> int:
    """A count of repetition or span: 1 where none is given, never more than `most`."""
    text = _attribute(element, name)
    return max(0, min(int(text), most)) if text.isdecimal() and len(text) < 10 else min(1, most)
