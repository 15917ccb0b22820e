"""OpenDocument workbook (ods) → one page a sheet that is shown, with every cell as it is displayed.

The file keeps the displayed text beside each value, so it is read from there: value readers would give 12.50 as 12.5.
"""

from __future__ import annotations

import io
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import python_calamine
from lxml import etree

from flows.read.document import Cell, Page, Place
from flows.read.formats import too_large
from flows.read.parts import UNSOUND, xml_part
from flows.read.workbook.looks import cell_name
from flows.read.workbook.numberformat import displayed_number
from flows.read.workbook.reading import damaged, expect_content, sheet_page

READER = "ods/1"
MOST_CELLS = 1_000_000
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


@dataclass
class _Sheet:
    """A sheet as it is gone through: which rows and columns are hidden, and its cells by where they stand."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    cells: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    """Row, column, rows down, columns across, text."""


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
                raise damaged(python_calamine.PasswordError())
            return xml_part(archive, "content.xml")
    except UNSOUND as error:
        raise damaged(error) from error


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
        else:
            _gather(element, row, times, sheet)
        row += times
    return sheet_page(list(_shown(sheet, number, name)), number, name)


def _gather(element: etree._Element, first: int, times: int, sheet: _Sheet) -> None:
    """The cells with text of a row (which stands `times` times) into `sheet`."""
    column = 0
    found: list[tuple[int, int, int, str]] = []
    for cell in element.iterchildren("{*}table-cell", "{*}covered-table-cell"):
        repeated = _times(cell, "number-columns-repeated", MOST_COLUMNS - column)
        text = "" if cell.tag.endswith("}covered-table-cell") else _displayed(cell)
        if text:
            down, across = _times(cell, "number-rows-spanned", MOST_ROWS), _times(cell, "number-columns-spanned", 1000)
            found += [(at, down, across, text) for at in range(column, column + repeated)]
        column += repeated
    if len(sheet.cells) + times * len(found) > MOST_CELLS:
        raise too_large(MOST_CELLS, "个单元格", "cells")
    sheet.cells += [(row, *cell) for row in range(first, first + times) for cell in found]


def _shown(sheet: _Sheet, number: int, name: str) -> Iterator[Cell]:
    """The cells in order; rows and columns count from the first used ones, hidden ones left out."""
    kept = [cell for cell in sheet.cells if cell[1] not in sheet.hidden_columns]
    if not kept:
        return
    row_at = _positions({cell[0] for cell in kept}, sheet.hidden_rows)
    column_at = _positions({cell[1] for cell in kept}, sheet.hidden_columns)
    hidden_rows, hidden_columns = sorted(sheet.hidden_rows), sorted(sheet.hidden_columns)
    for row, column, down, across, text in kept:
        yield Cell(
            text,
            row_at[row],
            column_at[column],
            Place(page=number, sheet=name, cell=cell_name(row, column)),
            _shown_of(row, down, hidden_rows),
            _shown_of(column, across, hidden_columns),
        )


def _shown_of(first: int, span: int, hidden: list[int]) -> int:
    """How many of `span` rows (or columns) are shown."""
    return max(1, span - (bisect_left(hidden, first + span) - bisect_left(hidden, first)))


def _positions(used: set[int], hidden: set[int]) -> dict[int, int]:
    """The position of each used row (or column) among those shown, from 0 for the first."""
    positions: dict[int, int] = {}
    shown = 0
    for index in range(min(used), max(used) + 1):
        positions[index] = shown
        shown += index not in hidden
    return positions


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
