"""Writes a year as the ministry's workbook: a sheet for each form, and the narrative in plain lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .archive import DEPARTMENT
from .narrative import Paragraph
from .sheets import Cell, Sheet

FIRST_ROW = 3


def write_workbook(path: Path, sheets: list[Sheet], paragraphs: list[Paragraph], year: int) -> None:
    """Write the workbook; the same arguments give the same bytes."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": f"{DEPARTMENT}{year}年度部门决算公开表", "created": datetime(year + 1, 9, 1)})
        formats = _formats(book)
        for number, sheet in enumerate(sheets, 1):
            _form(book.add_worksheet(f"{number:02d} {sheet.title[:24]}"), sheet, year, formats)
        _lines(book.add_worksheet("情况说明"), paragraphs, year, formats)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    cell = {"font_name": "宋体", "font_size": 10, "border": 1, "valign": "vcenter", "text_wrap": True}
    plain = {"font_name": "宋体", "font_size": 10}
    return {
        "title": book.add_format({"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"}),
        "plain": book.add_format(plain),
        "right": book.add_format(plain | {"align": "right"}),
        "heading": book.add_format(plain | {"bold": True}),
        "text": book.add_format(plain | {"text_wrap": True, "valign": "top"}),
        "head": book.add_format(cell | {"align": "center"}),
        "label": book.add_format(cell | {"align": "left"}),
        "code": book.add_format(cell | {"align": "left"}),
        "number": book.add_format(cell | {"align": "center"}),
        "total": book.add_format(cell | {"align": "center", "bold": True}),
        "amount": book.add_format(cell | {"align": "right", "num_format": "#,##0.00"}),
    }


def _form(page: Worksheet, sheet: Sheet, year: int, formats: dict[str, Format]) -> None:
    last = len(sheet.widths) - 1
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    page.merge_range(0, 0, 0, last, sheet.title, formats["title"])
    page.set_row(0, 28)
    page.write(1, last, sheet.mark, formats["right"])
    page.write(2, 0, f"部门：{DEPARTMENT}", formats["plain"])
    page.write(2, last // 2, f"{year}年度", formats["plain"])
    page.write(2, last, "金额单位：万元", formats["right"])
    for cell in sheet.cells:
        _cell(page, cell, formats[cell.role])
    for offset, note in enumerate(sheet.notes):
        page.write(FIRST_ROW + sheet.rows + offset, 0, note, formats["plain"])
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _cell(page: Worksheet, cell: Cell, style: Format) -> None:
    row, value = cell.row + FIRST_ROW, cell.value
    if cell.rows > 1 or cell.columns > 1:
        page.merge_range(row, cell.column, row + cell.rows - 1, cell.column + cell.columns - 1, "", style)
    if isinstance(value, Decimal | int):
        page.write_number(row, cell.column, value, style)
    elif value:
        page.write_string(row, cell.column, value, style)
    else:
        page.write_blank(row, cell.column, None, style)


def _lines(page: Worksheet, paragraphs: list[Paragraph], year: int, formats: dict[str, Format]) -> None:
    page.set_column(0, 0, 110)
    page.write(0, 0, f"{DEPARTMENT}{year}年度部门决算情况说明", formats["title"])
    for row, paragraph in enumerate(paragraphs, 2):
        page.write_string(row, 0, paragraph.text, formats["heading" if paragraph.level else "text"])
