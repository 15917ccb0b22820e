"""Workbooks: a cell comes back as the sheet displays it, with its place."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable

import pytest
import xlsxwriter
from xlsxwriter.workbook import Workbook

from flows.read import read_bytes
from flows.read.document import Document, Grid, Line, Unreadable
from flows.read.workbook.numberformat import displayed_date, displayed_number


def book(fill: Callable[[Workbook], None]) -> Document:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream)
    fill(workbook)
    workbook.close()
    return read_bytes(stream.getvalue(), "a.xlsx")


def test_a_sheet_is_one_grid_from_its_first_used_cell() -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.add_worksheet("收支总表")
        money = workbook.add_format({"num_format": "#,##0.00"})
        sheet.merge_range("B2:D2", "收入支出决算总表")
        sheet.write_row("B4", ["201", "一般公共服务支出"])
        sheet.write_number("D4", 1234.5, money)

    (page,) = book(fill).pages
    (grid,) = page.items
    assert isinstance(grid, Grid)
    found = [(c.text, c.row, c.column, c.row_span, c.column_span, c.place.cell) for c in grid.cells]
    assert found == [
        ("收入支出决算总表", 0, 0, 1, 3, "B2"),
        ("201", 2, 0, 1, 1, "B4"),
        ("一般公共服务支出", 2, 1, 1, 1, "C4"),
        ("1,234.50", 2, 2, 1, 1, "D4"),
    ]
    assert (grid.rows, grid.columns) == (3, 3)
    assert {(c.place.sheet, c.place.page) for c in grid.cells} == {("收支总表", 1)}


def test_hidden_sheets_rows_and_columns_are_not_read() -> None:
    def fill(workbook: Workbook) -> None:
        workbook.add_worksheet("旧").hide()
        sheet = workbook.add_worksheet("新")
        sheet.activate()
        sheet.write_row("A1", ["甲", "隐", "1"])
        sheet.write_row("A2", ["旧行", "隐", "9"])
        sheet.write_row("A3", ["乙", "隐", "2"])
        sheet.set_column("B:B", 8, None, {"hidden": True})
        sheet.set_row(1, None, None, {"hidden": True})

    (page,) = book(fill).pages
    (grid,) = page.items
    assert page.number == 2
    assert isinstance(grid, Grid)
    assert [(c.text, c.row, c.column) for c in grid.cells] == [("甲", 0, 0), ("1", 0, 1), ("乙", 1, 0), ("2", 1, 1)]


def test_a_sheet_of_sentences_is_lines() -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.add_worksheet("说明")
        sheet.write("A1", "一、收入情况")
        sheet.write("A3", "本年收入 5.00 万元。\n其中财政拨款 5.00 万元。")

    (page,) = book(fill).pages
    assert [(i.text, i.place.cell) for i in page.items if isinstance(i, Line)] == [
        ("一、收入情况", "A1"),
        ("本年收入 5.00 万元。", "A3"),
        ("其中财政拨款 5.00 万元。", "A3"),
    ]


def test_formulas_give_their_stored_result_and_a_doubt_when_there_is_none() -> None:
    from openpyxl import Workbook as Unsolved

    def fill(workbook: Workbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write_row("A1", ["合计", 1.5])
        sheet.write_formula("C1", "=B1*2", workbook.add_format({"num_format": "0.00"}), 3)

    (page,) = book(fill).pages
    (grid,) = page.items
    assert isinstance(grid, Grid) and grid.cells[2].text == "3.00"
    assert page.doubts == ()

    unsolved, stream = Unsolved(), io.BytesIO()
    unsolved.active.append(["合计", 1.5, "=B1*2"])
    unsolved.save(stream)
    (page,) = read_bytes(stream.getvalue(), "a.xlsx").pages
    assert any("C1" in doubt for doubt in page.doubts)


def test_an_empty_workbook_is_empty() -> None:
    with pytest.raises(Unreadable) as caught:
        book(lambda workbook: workbook.add_worksheet("表") and None)
    assert caught.value.reason == "empty"


def test_a_sheet_with_a_cell_far_away_is_refused_before_it_is_unrolled() -> None:
    def fill(workbook: Workbook) -> None:
        sheet = workbook.add_worksheet("表")
        sheet.write_row("A1", ["合计", 1])
        sheet.write("XFD1048576", 2)

    with pytest.raises(Unreadable) as caught:
        book(fill)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (12.5, "0.00", "12.50"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (0.125, "0.00", "0.13"),
        (-5, "#,##0.00_);(#,##0.00)", "-5.00"),
        (-5, "#,##0.00_);[Red]\\(#,##0.00\\)", "-5.00"),
        (-1.2, "0.00;[Red]0.00", "-1.20"),
        (0, "#,##0.00;-#,##0.00;;@", ""),
        (0, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (-3.456, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-3.46"),
        (0.9589, "0.00%", "95.89%"),
        (12345678, "0.00,,", "12.35"),
        (12345, "0!.0,", "1.2"),
        (307.82000000000005, "General", "307.82"),
        (2013901, "@", "2013901"),
        (5, "000", "005"),
        (2, "0.##", "2"),
        (1234.5, '#,##0.00"万元"', "1,234.50万元"),
        (7, "G/通用格式", "7"),
        (1.25, "# ?/?", "1.25"),
        (-0.001, "0.00", "0.00"),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(value: float, pattern: str, shown: str) -> None:
    assert displayed_number(value, pattern) == shown


def test_dates_are_read_as_their_format_shows_them() -> None:
    day = datetime.date(2024, 3, 1)
    assert displayed_date(day, 'yyyy"年"m"月"d"日"') == "2024年3月1日"
    assert displayed_date(day, "yyyy/mm/dd") == "2024/03/01"
    assert displayed_date(datetime.datetime(2024, 3, 1, 9, 5), "yyyy-mm-dd hh:mm") == "2024-03-01 09:05"
    assert displayed_date(day, "General") == "2024-03-01"
