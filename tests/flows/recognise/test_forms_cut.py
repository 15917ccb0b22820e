"""Forms that pages, narrow cells and wide sheets have cut, and the reading check: what cannot be placed is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from flows.read.document import Grid, Page, Place
from flows.recognise.forms.table import is_numbering
from tests.flows.recognise.drawn import grid, page
from tests.flows.recognise.test_forms import T03_HEADER, form, read, values

T05_HEADER = "功能分类科目编码 | 科目名称 | 小计 | 基本支出 | 项目支出\n"
T05_TOP = "合计 | < | 9.00 | 5.00 | 4.00\n205 | 教育支出 | 9.00 | 5.00 | 4.00\n"
T05_TITLE = "一般公共预算财政拨款支出决算表"
T05_ALL = {
    "合计/合计": Decimal("9.00"),
    "合计/基本支出": Decimal("5.00"),
    "合计/项目支出": Decimal("4.00"),
    "205/合计": Decimal("9.00"),
    "205/基本支出": Decimal("5.00"),
    "205/项目支出": Decimal("4.00"),
    "20502/合计": Decimal("9.00"),
    "20502/基本支出": Decimal("5.00"),
    "20502/项目支出": Decimal("4.00"),
}


@pytest.mark.parametrize("header", ["", T05_HEADER])
@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("20502 | 普通 | 9.00 | 5.00 | 4.00", "| 教育 | | |"),
        ("20502 | 普通 | | |", "| 教育 | 9.00 | 5.00 | 4.00"),
        ("20502 | 普通教育 | | |", "| | 9.00 | 5.00 | 4.00"),
        ("| 普通 | | |", "20502 | 教育 | 9.00 | 5.00 | 4.00"),
    ],
)
def test_a_row_cut_by_a_page_break_is_one_row(here: str, there: str, header: str) -> None:
    rest = "\n2050201 | 学前教育 | 9.00 | 5.00 | 4.00"
    reading = read(
        page(1, T05_TITLE, "单位：万元", grid(T05_HEADER + T05_TOP + here)), page(2, grid(header + there + rest))
    )
    found = values(reading, "T05")
    assert {key: value for key, value in found.items() if "2050201" not in key} == T05_ALL
    assert next(row.label for row in reading.rows if row.row_key == "20502") == "普通教育"
    assert form(reading, "T05").status == "read" and not reading.unplaced


def test_a_line_of_a_two_sided_form_cut_by_a_page_break_is_one_line() -> None:
    header = "收入 | < | 支出 | <\n项目 | 决算数 | 项目 | 决算数\n"
    first = header + "一、一般公共预算财政 | 5.00 | 一、一般公共服务支出 | 6.00"
    reading = read(
        page(1, "收入支出决算总表", grid(first)),
        page(2, grid(header + "拨款收入 | | |\n本年收入合计 | 5.00 | 本年支出合计 | 6.00")),
    )
    assert values(reading, "T01")["一般公共预算财政拨款收入/决算数"] == Decimal("5.00")
    assert form(reading, "T01").status == "read" and len(reading.figures) == 4


def test_codes_in_parts_go_on_from_the_page_before() -> None:
    header = "支出功能分类科目编码 | < | < | 科目名称 | 合计 | 基本支出 | 项目支出\n类 | 款 | 项 | ^ | ^ | ^ | ^\n"
    one = header + "205 | | | 教育支出 | 3.00 | 3.00 |\n | 02 | | 普通教育 | 3.00 | 3.00 |"
    reading = read(page(1, T05_TITLE, grid(one)), page(2, grid(header + "| | 01 | 学前教育 | 3.00 | 3.00 |")))
    assert "2050201/合计" in values(reading, "T05")


def test_carried_over_funds_on_the_next_page_are_no_second_copy() -> None:
    header = "收入 | < | 支出 | < | < | < | <\n项目 | 决算数 | 项目 | 合计 | 一般公共预算财政拨款 | 政府性基金预算财政拨款 | 国有资本经营预算财政拨款\n"
    first = "一、一般公共预算财政拨款 | 5.00 | 一、教育支出 | 4.00 | 4.00 | |\n二、政府性基金预算财政拨款 | | | | | |\n三、国有资本经营预算财政拨款 | | | | | |\n本年收入合计 | 5.00 | 本年支出合计 | 4.00 | 4.00 | |\n年初财政拨款结转和结余 | 1.00 | 年末财政拨款结转和结余 | 2.00 | 2.00 | |"
    second = "一、一般公共预算财政拨款 | 1.00 | | | | |\n二、政府性基金预算财政拨款 | | | | | |\n三、国有资本经营预算财政拨款 | | | | | |\n总计 | 6.00 | 总计 | 6.00 | 6.00 | |"
    title = "财政拨款收入支出决算总表"
    reading = read(page(1, title, grid(header + first)), page(2, title, grid(header + second)))
    assert values(reading, "T04")["年初一般公共预算财政拨款/合计"] == Decimal("1.00")
    assert values(reading, "T04")["收入总计/合计"] == Decimal("6.00")
    assert form(reading, "T04").status == "read"


def test_columns_printed_on_the_next_page_beside_the_same_rows_join_them() -> None:
    rows = ["合计 | < | 9.00 | 5.00", "205 | 教育支出 | 9.00 | 5.00", "20502 | 普通教育 | 9.00 | 5.00"]
    others = ["合计 | < | 4.00", "205 | 教育支出 | 4.00", "20502 | 普通教育 | 4.00"]
    left = "功能分类科目编码 | 科目名称 | 小计 | 基本支出\n" + "\n".join(rows)
    right = "功能分类科目编码 | 科目名称 | 项目支出\n" + "\n".join(others)
    for title in (T05_TITLE, f"{T05_TITLE} {T05_TITLE}", "款支出一般公共预算决算表"):
        reading = read(page(1, T05_TITLE, grid(left)), page(2, title, grid(right)))
        assert values(reading, "T05") == T05_ALL, title
        assert form(reading, "T05").status == "read"


def at(drawn: Grid, number: int) -> Grid:
    """The table on page `number`, its rows 20 points high."""
    cells = tuple(
        replace(cell, place=Place(page=number, bbox=(10.0 + 90 * cell.column, 100.0 + 20 * cell.row, 90.0 + 90 * cell.column, 112.0 + 20 * cell.row)))
        for cell in drawn.cells
    )  # fmt: skip
    return Grid(cells, drawn.rows, drawn.columns, Place(page=number, bbox=(5.0, 95.0, 500.0, 100.0 + 20 * drawn.rows)))


RIGHT = "项目支出\n4.00\n4.00\n4.00"
LEFT = (
    "功能分类科目编码 | 科目名称 | 小计 | 基本支出\n"
    "合计 | < | 9.00 | 5.00\n205 | 教育支出 | 9.00 | 5.00\n20502 | 普通教育 | 9.00 | 5.00"
)


def test_columns_without_labels_on_the_next_page_stand_beside_the_rows_at_their_height() -> None:
    reading = read(page(1, T05_TITLE, at(grid(LEFT), 1)), page(2, "政拨款支出决算表", at(grid(RIGHT), 2)))
    assert values(reading, "T05") == T05_ALL
    assert {figure.place.page for figure in reading.figures} == {1, 2}


def test_columns_without_labels_whose_rows_are_not_known_make_the_form_unreadable() -> None:
    reading = read(page(1, T05_TITLE, at(grid(LEFT), 1)), page(2, grid(RIGHT)))
    assert form(reading, "T05").status == "unreadable"
    lines = read(page(1, T05_TITLE, grid(LEFT)), page(2, "4.00", "4.00", "4.00"))
    assert form(lines, "T05").status == "unreadable"
    assert [text for text, _ in lines.unplaced] == ["4.00"] * 3
    rest = read(page(1, T05_TITLE, grid(T05_HEADER + T05_TOP)), page(2, "20502 普通教育 9.00 5.00 4.00"))
    assert form(rest, "T05").status == "unreadable" and len(rest.unplaced) == 1


def test_a_stray_piece_of_a_code_is_reported() -> None:
    reading = read(page(1, T05_TITLE, grid(T05_HEADER + T05_TOP + "20502 | 普通教育 | 9.00 | 5.00 | 4.00\n01 | | | |")))
    assert form(reading, "T05").status == "unreadable"
    assert [text for text, _ in reading.unplaced] == ["01"]


def test_a_form_printed_again_at_once_with_other_amounts_is_unreadable() -> None:
    table = T05_HEADER + T05_TOP + "20502 | 普通教育 | {} | 5.00 | 4.00"
    reading = read(page(1, T05_TITLE, grid(table.format("9.00"))), page(2, T05_TITLE, grid(table.format("8.00"))))
    assert form(reading, "T05").status == "unreadable"


def test_an_amount_shown_as_hashes_is_in_doubt_with_the_totals_above_it() -> None:
    reading = read(page(1, T05_TITLE, grid(T05_HEADER + "合计 | < | 9 | 5 | 4\n205 | 教育支出 | #### | 5 | 4")))
    assert form(reading, "T05").status == "read"
    assert [doubt.id for doubt in reading.doubts] == ["T05/205/合计", "T05/合计/合计"]
    assert "####" in reading.doubts[0].reason["zh"]


def test_a_row_without_code_among_rows_with_codes_makes_the_form_unreadable() -> None:
    codes = "\n".join(f"{code} | 某项支出 | 1.00 | 1.00 |" for code in (205, 20502, 2050201, 2050202, 2050203))
    assert form(read(page(1, T05_TITLE, grid(T05_HEADER + codes))), "T05").status == "read"
    reading = read(page(1, T05_TITLE, grid(T05_HEADER + codes + "\n | 教205育 | 1.00 | 1.00 |")))
    assert form(reading, "T05").status == "unreadable"


def test_a_label_that_holds_an_amount_makes_the_form_unreadable() -> None:
    reading = read(page(1, T05_TITLE, grid(T05_HEADER + T05_TOP + "20502 普通教育 9.00 5.00 | < | < | < | <")))
    assert form(reading, "T05").status == "unreadable"
    assert len(reading.unplaced) == 1


def test_a_table_in_which_nothing_is_recognised_is_unreadable_where_a_title_promises_the_form() -> None:
    reading = read(page(1, "收入支出决算总表", grid("收入 一般公共预算 5.00\n支出 教育 4.00\n结余 1.00")))
    assert form(reading, "T01").status == "unreadable"


@pytest.mark.parametrize("printed", ["9.00①", "9.00*", "9.00¹", "9.00 [2]", "9.00〔注〕"])
def test_a_mark_of_a_footnote_is_no_part_of_an_amount(printed: str) -> None:
    reading = read(page(1, T05_TITLE, grid(T05_HEADER + f"合计 | < | {printed} | 5.00 | 4.00")))
    if "注" in printed:
        assert form(reading, "T05").status == "unreadable"
    else:
        assert values(reading, "T05")["合计/合计"] == Decimal("9.00")
        assert form(reading, "T05").status == "read"


def test_names_that_their_cells_cut_off_are_known_by_their_beginning() -> None:
    drawn = "收入 | < | 支出 | <\n项目 | 决算数 | 项目 | 决算数\n一、一般公共预算财政拨 | 5.00 | 一、社会保障和就 | 5.00\n本年收入合计 | 5.00 | 本年支出合计 | 5.00"
    reading = read(page(1, "收入支出决算总表", grid(drawn)))
    assert {"一般公共预算财政拨款收入/决算数", "社会保障和就业支出/决算数"} <= set(values(reading, "T01"))


def test_forms_side_by_side_go_on_below_themselves() -> None:
    def half(drawn: str, left: float, number: int) -> Grid:
        table = grid(drawn)
        return replace(table, place=Place(page=number, bbox=(left, 100.0, left + 300.0, 400.0)))

    income = "科目编码 | 科目名称 | 本年收入合计 | 财政拨款收入 | 其他收入\n"
    pages = [
        page(1, "收入决算表", half(income + "合计 | < | 3.00 | 3.00 |\n205 | 教育支出 | 3.00 | 3.00 |", 20, 1),
             T05_TITLE, half(T05_HEADER + T05_TOP, 400, 1)),
        page(2, half("20502 | 普通教育 | 3.00 | 3.00 |", 20, 2), half("20502 | 普通教育 | 9.00 | 5.00 | 4.00", 400, 2)),
    ]  # fmt: skip
    reading = read(*pages)
    assert values(reading, "T05") == T05_ALL
    assert values(reading, "T02")["20502/本年收入合计"] == Decimal("3.00")


def test_a_cell_of_the_header_that_holds_amounts_is_not_passed_over() -> None:
    swallowed = T03_HEADER + "205 教育支出 90.00 | < | < | < | < | < | < | <"
    reading = read(Page(1, page(1, "支出决算表", grid(swallowed)).items))
    assert form(reading, "T03").status == "unreadable"


def test_amounts_run_together_in_one_cell_of_the_three_public_form_are_reported() -> None:
    header = (
        "预算数 | < | < | 决算数 | < | <\n合计 | 因公出国（境）费 | 公务接待费 | 合计 | 因公出国（境）费 | 公务接待费\n"
    )
    title = "财政拨款“三公”经费支出决算表"
    reading = read(page(1, title, grid(header + "5.00 | 3.00 | 2.00 | 4.00 | 2.503.00 | <")))
    assert form(reading, "T07").status == "unreadable"
    assert [text for text, _ in reading.unplaced] == ["2.503.00"]


def test_a_total_whose_name_has_run_into_another_label_makes_the_form_unreadable() -> None:
    table = "收入 | < | 支出 | <\n项目 | 决算数 | 项目 | 决算数\n一、一般公共预算财政拨款收入 | 8.00 | 一、一般公共服务支出 | 8.00\n"
    sound = table + "本年收入合计 | 8.00 | 本年支出合计 | 8.00\n总计 | 8.00 | 总计 | 8.00"
    for printed, status in ((sound, "read"), (sound.replace("本年支出合计", "其他支出本年支出合计"), "unreadable")):
        assert form(read(page(1, "收入支出决算总表", grid(printed))), "T01").status == status


def test_raised_digits_in_a_header_are_no_column_numbers() -> None:
    cells = grid("栏次 | 合计 | 基本支出\n²⁰¹ | ¹ | ²").cells
    assert not is_numbering([cell for cell in cells if cell.row == 1])
