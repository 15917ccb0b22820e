"""The official forms, read from small disclosures drawn as text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from expectations.vocabulary import load
from flows.read.document import Cell, Document, Grid, Line, Page, Place
from flows.recognise.disclosure import FormReading, FormRow
from flows.recognise.forms.reading import FormsReading, recognise_forms
from flows.recognise.forms.titles import title_names
from flows.recognise.prose import contents_lines, running_lines
from tests.flows.recognise.drawn import document, grid, page

T03_HEADER = """
项目 | < | 本年支出合计 | 基本支出 | 项目支出 | 上缴上级支出 | 经营支出 | 对附属单位\\n补助支出
功能分类科目编码 | 科目名称 | ^ | ^ | ^ | ^ | ^ | ^
"""
T03_BODY = """
合计 | < | 90.00 | 60.50 | 29.50 | | |
208 | 社会保障和就业支出 | 12.50 | 12.50 | | | |
20805 | 行政事业单位养老支出 | 12.50 | 12.50 | | | |
2080505 | 机关事业单位基本养老保险\\n缴费支出 | 12.50 | 12.50 | | | |
229 | 其他支出 | 77.5 | 48.00 | 29.50 | | |
"""
T05 = """
项目 | < | 本年支出 | < | <
功能分类科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
208 | 社会保障和就业支出 | 3.00 | 3.00 |
229 | 其他支出 | 4.00 | 1.00 | 3.00
合计 | < | 7.00 | 4.00 | 3.00
"""


def read(*pages: Page, name: str = "accounts.pdf") -> FormsReading:
    made = document(*pages, name=name)
    return recognise_forms(made, load(), contents_lines(made) | running_lines(made, title_names(load())))


def form(reading: FormsReading, name: str) -> FormReading:
    return next(form for form in reading.forms if form.form == name)


def values(reading: FormsReading, name: str) -> dict[str, Decimal]:
    """The figures of one form by their ids without the form."""
    return {f.id.partition("/")[2]: f.value for f in reading.figures if f.form == name}


def row(reading: FormsReading, name: str, key: str) -> FormRow:
    return next(row for row in reading.rows if row.form == name and row.row_key == key)


def statuses(reading: FormsReading) -> dict[str, str]:
    return {form.form: form.status for form in reading.forms if form.status != "missing"}


def test_a_coded_form_is_read_with_codes_labels_levels_and_parents() -> None:
    reading = read(
        page(4, "支出决算表", "公开03表", "部门：某市档案局", "金额单位：万元", grid(T03_HEADER + T03_BODY.strip()))
    )
    assert form(reading, "T03") == FormReading("T03", "支出决算表", (4,), "read", "万元")
    assert values(reading, "T03")["合计/本年支出合计"] == Decimal("90.00")
    assert values(reading, "T03")["229/项目支出"] == Decimal("29.50")
    assert len(values(reading, "T03")) == 12
    item = row(reading, "T03", "2080505")
    assert (item.label, item.level, item.parent_key) == ("机关事业单位基本养老保险缴费支出", 3, "20805")
    assert row(reading, "T03", "208").parent_key == "合计"
    assert [r.row_key for r in reading.rows] == ["合计", "208", "20805", "2080505", "229"]
    assert reading.numbers_seen == reading.numbers_placed > 12


def test_amounts_of_a_form_share_its_finest_place() -> None:
    reading = read(page(1, "支出决算表", grid(T03_HEADER + T03_BODY.strip())))
    figure = next(f for f in reading.figures if f.id == "T03/229/本年支出合计")
    assert (figure.raw, figure.value, figure.ulp) == ("77.5", Decimal("77.5"), Decimal("0.01"))
    whole = read(page(1, "支出决算表", grid(T03_HEADER + "合计 | < | 90 | 60 | 30\n229 | 其他支出 | 90 | 60 | 30")))
    assert {f.ulp for f in whole.figures} == {Decimal(1)}


@pytest.mark.parametrize(
    "printed",
    [
        "201 | 39 | 01 | 行政运行 | 5.00 | 5.00 | | | |",
        "201 | 39 | 1 | 行政运行 | 5.00 | 5.00 | | | |",
        "201 | 20139 | 2013901 | 行政运行 | 5.00 | 5.00 | | | |",
        "2013901 | < | < | 行政运行 | 5.00 | 5.00 | | | |",
        "| | 01 | 行政运行 | 5.00 | 5.00 | | | |",
        "201 39 01 | < | < | 行 政 运 行 | 5.00 | 5.00 | | | |",
    ],
)
def test_codes_in_three_columns_are_put_together(printed: str) -> None:
    header = """
项目 | < | < | < | 本年支出合计 | 基本支出 | 项目支出 | 上缴上级支出 | 经营支出 | 对附属单位补助支出
支出功能分类科目编码 | < | < | 科目名称 | ^ | ^ | ^ | ^ | ^ | ^
类 | 款 | 项 | ^ | ^ | ^ | ^ | ^ | ^ | ^
栏次 | < | < | < | 1 | 2 | 3 | 4 | 5 | 6
合计 | < | < | < | 5.00 | 5.00 | | | |
201 | | | 一般公共服务支出 | 5.00 | 5.00 | | | |
201 | 39 | | 社会工作事务 | 5.00 | 5.00 | | | |
"""
    reading = read(page(1, "支出决算表", grid(header + printed)))
    assert form(reading, "T03").status == "read"
    found = row(reading, "T03", "2013901")
    assert (found.label, found.parent_key, found.level) == ("行政运行", "20139", 3)
    assert row(reading, "T03", "20139").parent_key == "201"
    assert len(values(reading, "T03")) == 8


def test_code_and_name_may_share_a_cell() -> None:
    drawn = "项目 | 合计 | 基本支出 | 项目支出\n201一般公共服务支出 | 1.20 | 1.20 |\n20101 人大事务 | 1.20 | 1.20 |\n合 计 | 1.20 | 1.20 |"
    reading = read(page(1, "一般公共预算财政拨款支出决算表", grid(drawn)))
    assert [(r.row_key, r.label) for r in reading.rows] == [
        ("201", "一般公共服务支出"),
        ("20101", "人大事务"),
        ("合计", "合计"),
    ]
    assert len(reading.figures) == 6


def test_placeholders_are_no_figures() -> None:
    drawn = T03_HEADER + "合计 | < | XX | XXX.XX | … | - | — |\n229 | 其他支出 | ×× | / | | | |"
    reading = read(page(1, "支出决算表", grid(drawn)))
    assert form(reading, "T03").status == "blank" and not reading.figures and not reading.unplaced


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("１２３．４５", "123.45"),
        ("1,234.50", "1234.50"),
        ("1，234.50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("12\\n3.45", "123.45"),
        ("(1.20)", "-1.20"),
        ("（1.20）", "-1.20"),
        ("△1.20", "-1.20"),
        ("-1.20", "-1.20"),
    ],
)
def test_numbers_are_read_as_printed(printed: str, value: str) -> None:
    reading = read(
        page(1, "支出决算表", grid(T03_HEADER + f"合计 | < | {printed} | | | | |\n229 | 其他 | {printed} | | | | |"))
    )
    assert values(reading, "T03")["合计/本年支出合计"] == Decimal(value)
    assert form(reading, "T03").status == "read"


@pytest.mark.parametrize("printed", ["1.20 3.40", "12,34", "约5", "10 20"])
def test_a_cell_that_is_not_one_number_makes_the_form_unreadable(printed: str) -> None:
    reading = read(page(7, "支出决算表", grid(T03_HEADER + f"合计 | < | 9.00 | {printed} | | | |")))
    found = form(reading, "T03")
    assert found.status == "unreadable" and found.reason is not None and printed in found.reason["zh"]
    assert [text for text, _ in reading.unplaced] == [printed]


def test_a_column_without_a_known_heading_is_not_passed_over() -> None:
    drawn = "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出 | 其他安排\n229 | 其他支出 | 5.00 | 1.00 | 3.00 | 1.00"
    reading = read(page(1, "一般公共预算财政拨款支出决算表", grid(drawn)))
    assert form(reading, "T05").status == "unreadable"
    assert reading.numbers_seen - reading.numbers_placed == 1


def test_each_form_keeps_its_own_unit() -> None:
    reading = read(
        page(1, "支出决算表", "金额单位：元", grid(T03_HEADER + T03_BODY.strip())),
        page(2, "一般公共预算财政拨款支出决算表", "编制单位：某市档案局    单位：万元", grid(T05)),
    )
    assert (form(reading, "T03").unit, form(reading, "T05").unit) == ("元", "万元")
    assert {f.unit for f in reading.figures if f.form == "T03"} == {"元"}


def test_a_number_beside_the_table_is_reported() -> None:
    drawn = grid(T03_HEADER + T03_BODY.strip())
    placed = Grid(
        tuple(
            Cell(c.text, c.row, c.column, Place(page=1, bbox=(0, 100, 10, 110)), c.row_span, c.column_span)
            for c in drawn.cells
        ),
        drawn.rows,
        drawn.columns,
        Place(page=1, bbox=(50, 100, 500, 400)),
    )
    stray = Line("88.80", Place(page=1, bbox=(510, 200, 540, 210)))
    foot = Line("12", Place(page=1, bbox=(280, 800, 290, 810)))
    made = Document("a", "0", "", 1, (Page(1, (Line("支出决算表", Place(page=1)), placed, stray, foot)),))
    reading = recognise_forms(made, load())
    assert form(reading, "T03").status == "unreadable"
    assert [text for text, _ in reading.unplaced] == ["88.80"]


def test_columns_that_some_places_add_are_kept_under_their_own_heading() -> None:
    drawn = """
科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出 | 上年决算数 | 增减%
229 | 其他支出 | 5.00 | 2.00 | 3.00 | 4.00 | 25.0%
"""
    reading = read(page(1, "一般公共预算财政拨款支出决算表", grid(drawn)))
    assert form(reading, "T05").status == "read"
    assert values(reading, "T05")["229/上年决算数"] == Decimal("4.00")
    change = next(f for f in reading.figures if f.column == "增减%")
    assert (change.value, change.unit, change.ulp) == (Decimal("25.0"), "%", Decimal("0.1"))


def test_part_of_a_column_named_of_which_is_a_column_of_its_own() -> None:
    drawn = """
项目 | < | 本年收入合计 | 财政拨款收入 | 上级补助收入 | 事业收入 | < | 经营收入 | 附属单位上缴收入 | 其他收入
科目编码 | 科目名称 | ^ | ^ | ^ | 小计 | 其中：教育收费 | ^ | ^ | ^
合计 | < | 9.00 | 5.00 | | 4.00 | 3.00 | | |
205 | 教育支出 | 9.00 | 5.00 | | 4.00 | 3.00 | | |
"""
    reading = read(page(1, "收入决算表", grid(drawn)))
    assert values(reading, "T02")["205/事业收入"] == Decimal("4.00")
    assert values(reading, "T02")["205/教育收费"] == Decimal("3.00")


def test_merged_headings_that_lost_their_spans_still_head_their_columns() -> None:
    drawn = """
项目 | | 年初结转和结余 | 本年收入 | 本年支出 | | | 年末结转和结余
科目编码 | 科目名称 | | | 小计 | 基本支出 | 项目支出 |
合计 | | 1.00 | 8.00 | 7.00 | | 7.00 | 2.00
229 | 其他支出 | 1.00 | 8.00 | 7.00 | | 7.00 | 2.00
"""
    reading = read(page(1, "政府性基金预算财政拨款收入支出决算表", grid(drawn)))
    assert form(reading, "T08").status == "read"
    assert values(reading, "T08")["合计/本年支出"] == Decimal("7.00")
    assert values(reading, "T08")["229/年末结转和结余"] == Decimal("2.00")


def test_an_amount_in_another_unit_than_its_form_is_not_taken() -> None:
    drawn = T03_HEADER + "合计 | < | 9.00万元 | 9.00元 | | | |"
    reading = read(page(1, "支出决算表", "单位：万元", grid(drawn)))
    assert form(reading, "T03").status == "unreadable"
    assert [text for text, _ in reading.unplaced] == ["9.00元"]
    assert [figure.raw for figure in reading.figures] == ["9.00万元"]


def test_the_same_heading_under_another_flow_of_money_is_another_column() -> None:
    drawn = """
科目编码 | 科目名称 | 年初结转和结余 | < | 本年支出 | < | <
^ | ^ | 合计 | 基本支出 | 合计 | 基本支出 | 项目支出
229 | 其他支出 | 1.00 | 1.00 | 5.00 | 2.00 | 3.00
"""
    reading = read(page(1, "一般公共预算财政拨款支出决算表", grid(drawn)))
    assert values(reading, "T05") == {
        "229/年初结转和结余·合计": Decimal("1.00"),
        "229/年初结转和结余·基本支出": Decimal("1.00"),
        "229/合计": Decimal("5.00"),
        "229/基本支出": Decimal("2.00"),
        "229/项目支出": Decimal("3.00"),
    }
    assert form(reading, "T05").status == "read" and not reading.unplaced


def test_last_years_outturn_beside_this_years_is_a_column_of_its_own() -> None:
    drawn = """
科目编码 | 科目名称 | 2022年决算数 | 2023年决算数 | < | <
^ | ^ | ^ | 小计 | 基本支出 | 项目支出
229 | 其他支出 | 4.00 | 5.00 | 2.00 | 3.00
"""
    reading = read(page(1, "一般公共预算财政拨款支出决算表", grid(drawn)))
    assert values(reading, "T05") == {
        "229/2022年决算数": Decimal("4.00"),
        "229/合计": Decimal("5.00"),
        "229/基本支出": Decimal("2.00"),
        "229/项目支出": Decimal("3.00"),
    }


def test_codes_in_three_columns_whose_heading_lost_its_span_are_still_codes() -> None:
    drawn = """
项目 | | | | 本年支出 | |
功能分类科目编码 | | | 科目名称 | 小计 | 基本支出 | 项目支出
合计 | | | | 5.00 | 2.00 | 3.00
229 | | | 其他支出 | 5.00 | 2.00 | 3.00
229 | 99 | | 其他支出 | 5.00 | 2.00 | 3.00
229 | 99 | 01 | 其他支出 | 5.00 | 2.00 | 3.00
"""
    reading = read(page(1, "一般公共预算财政拨款支出决算表", grid(drawn)))
    assert form(reading, "T05").status == "read" and not reading.unplaced
    assert [row.row_key for row in reading.rows] == ["合计", "229", "22999", "2299901"]


def test_a_form_under_a_title_nobody_knows_is_known_by_its_shape_alone_when_there_is_no_other() -> None:
    drawn = T03_HEADER + "合计 | < | 9.00 | 4.00 | 5.00 | | |\n205 | 教育支出 | 9.00 | 4.00 | 5.00 | | |"
    reading = read(page(1, "全年支出总体情况表", "单位：万元", grid(drawn)))
    assert form(reading, "T03").status == "read" and form(reading, "T03").title == "全年支出总体情况表"
    both = read(page(1, "支出决算表", grid(drawn)), page(2, "全年支出总体情况表", grid(drawn)))
    assert len(both.figures) == 6


def test_the_forms_of_units_do_not_mix_with_those_of_their_department() -> None:
    short = "功能分类科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出\n{} | 其他支出 | {} | | {}\n合计 | < | {} | | {}"
    pages = []
    for number, (code, amount) in enumerate((("229", "4.00"), ("212", "1.00"), ("229", "3.00"))):
        table = grid(short.format(code, amount, amount, amount, amount))
        pages.append(page(10 * number + 1, "一般公共预算财政拨款支出决算表", "金额单位：万元", table))
        pages.append(
            page(10 * number + 2, "支出决算表", "公开03表", "金额单位：万元", grid(T03_HEADER + T03_BODY.strip()))
        )
    reading = read(*pages)
    assert set(values(reading, "T05").values()) == {Decimal("4.00")}
    assert form(reading, "T05").pages == (1,)
    assert form(reading, "T03").pages == (2,)
