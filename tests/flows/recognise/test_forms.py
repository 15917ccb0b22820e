"""The official forms, read from small disclosures drawn as text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from expectations.vocabulary import load
from flows.read.document import Cell, Document, Grid, Line, Page, Place
from flows.recognise.disclosure import FormReading, FormRow
from flows.recognise.forms import FormsReading, recognise_forms
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
    return recognise_forms(made, load(), contents_lines(made) | running_lines(made))


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


def test_a_form_goes_on_over_pages_with_or_without_its_header() -> None:
    more = "2290101 | 甲事务 | 7.00 | 7.00 | | | |\n2290102 | 乙事务 | 8.00 | | 8.00 | | |"
    again = "2299901 | 其他支出 | 9.00 | 9.00 | | | |"
    reading = read(
        page(4, "支出决算表", "单位：万元", grid(T03_HEADER + T03_BODY.strip())),
        page(5, "- 5 -", grid(more)),
        page(6, "支出决算表（续）", grid(T03_HEADER + again), "注：本表反映部门本年度各项支出情况。"),
    )
    assert form(reading, "T03").status == "read"
    assert form(reading, "T03").pages == (4, 5, 6)
    assert values(reading, "T03")["2290102/项目支出"] == Decimal("8.00")
    assert values(reading, "T03")["2299901/基本支出"] == Decimal("9.00")


def test_a_label_broken_over_two_pages_is_put_together() -> None:
    rest = " | 缴费支出 | | | | | |\n221 | 住房保障支出 | 3.00 | 3.00 | | | |"
    first = T03_HEADER + "2080505 | 机关事业单位基本养老保险 | 12.50 | 12.50 | | | |"
    reading = read(page(4, "支出决算表", grid(first)), page(5, grid(rest)))
    assert [r.label for r in reading.rows] == ["机关事业单位基本养老保险缴费支出", "住房保障支出"]


def test_a_continuation_with_other_columns_is_not_guessed() -> None:
    reading = read(
        page(4, "支出决算表", grid(T03_HEADER + T03_BODY.strip())), page(5, grid("221 | 住房保障支出 | 3.00 | 3.00"))
    )
    assert form(reading, "T03").status == "unreadable"
    assert [text for text, _ in reading.unplaced] == ["3.00", "3.00"]


def test_a_contents_page_announces_forms_but_holds_none() -> None:
    reading = read(
        page(1, "某市档案局2023年度部门决算"),
        page(2, "目 录", "第一部分 概况", "一、收入支出决算总表", "二、收入决算表", "三、支出决算表", "第二部分 说明"),
        page(3, "第一部分 概况", "支出决算表", grid(T03_HEADER + T03_BODY.strip())),
    )
    assert statuses(reading) == {"T03": "read"}
    assert form(reading, "T03").pages == (3,)


def test_forms_said_to_be_in_an_attachment_are_missing() -> None:
    reading = read(
        page(1, "一、收入支出决算总表", "二、收入决算表", "三、支出决算表", "（决算公开表详见附件）", "第三部分 说明")
    )
    assert statuses(reading) == {}
    assert form(reading, "T03").statement == "（决算公开表详见附件）"


def test_a_title_may_stand_on_the_page_before() -> None:
    reading = read(
        page(3, "第二部分 决算表", "支出决算表", "- 3 -"), page(4, "单位：万元", grid(T03_HEADER + T03_BODY.strip()))
    )
    assert statuses(reading) == {"T03": "read"}


def test_a_title_may_run_over_two_lines() -> None:
    reading = read(page(3, "国有资本经营预算财政拨款", "支出决算表", "单位：万元", grid(T05)))
    assert statuses(reading) == {"T09": "read"}


def test_two_forms_may_stand_on_one_page() -> None:
    reading = read(
        page(
            3,
            "支出决算表",
            grid(T03_HEADER + T03_BODY.strip()),
            "注：甲。",
            "一般公共预算财政拨款支出决算表",
            grid(T05),
        )
    )
    assert statuses(reading) == {"T03": "read", "T05": "read"}
    assert values(reading, "T05")["合计/合计"] == Decimal("7.00")
    assert row(reading, "T05", "229").parent_key == "合计"


def test_an_unknown_form_is_left_alone() -> None:
    unknown = "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出\n229 | 其他支出 | 5.00 | 1.00 | 4.00"
    reading = read(
        page(3, "一般公共预算财政拨款支出决算表", grid(T05)),
        page(4, "公开10表", "财政专户管理资金支出决算表", "单位：万元", grid(unknown)),
        page(5, "2023年度一般公共预算财政拨款项目支出决算表", grid(unknown)),
    )
    assert statuses(reading) == {"T05": "read"}
    assert len(reading.figures) == 8 and len(reading.grids) == 1


def test_a_statement_that_there_is_no_data_is_kept() -> None:
    blank = "项目 | < | 合计 | 基本支出 | 项目支出\n科目编码 | 科目名称 | ^ | ^ | ^\n | | | |"
    reading = read(
        page(
            9,
            "国有资本经营预算财政拨款支出决算表",
            grid(blank),
            "注：本表反映国有资本经营预算支出情况。",
            "说明：某市档案局本年度没有国有资本经营预算财政拨款收入和",
            "支出，故本表无数据。",
        ),
        page(10, "政府性基金预算财政拨款收入支出决算表", "本部门2023年度没有政府性基金预算收支，本表为空表。"),
    )
    assert statuses(reading) == {"T08": "blank", "T09": "blank"}
    assert form(reading, "T09").statement.endswith("支出，故本表无数据。")
    assert "空表" in form(reading, "T08").statement


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


def test_a_form_printed_twice_counts_once() -> None:
    reading = read(
        page(1, "支出决算表", grid(T03_HEADER + T03_BODY.strip())),
        page(9, "支出决算表", grid(T03_HEADER + T03_BODY.strip())),
    )
    assert len(reading.figures) == 12 and form(reading, "T03").status == "read"


def test_untitled_tables_are_known_by_columns_that_only_one_form_has() -> None:
    reading = read(page(1, "单位：万元", grid(T03_HEADER + T03_BODY.strip())), page(2, "其他事项说明", grid(T05)))
    assert statuses(reading) == {"T03": "read"}


def test_numbers_below_a_title_without_a_table_are_reported() -> None:
    reading = read(page(1, "支出决算表", "合计 90.00 60.50 29.50", "229 其他支出 77.50 48.00 29.50"))
    found = form(reading, "T03")
    assert found.status == "unreadable" and found.reason is not None


def test_a_governments_accounts_under_the_same_title_are_no_departmental_form() -> None:
    drawn = "科目编码 | 科目名称 | 年初预算数 | 调整预算数 | 决算数 | 决算数为预算数的%\n201 | 一般公共服务支出 | 90 | 95 | 93 | 97.9"
    reading = read(page(1, "2023年度一般公共预算支出决算表", "单位：亿元", grid(drawn)))
    assert statuses(reading) == {} and not reading.figures


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


def test_a_mark_tells_what_an_untitled_table_is() -> None:
    reading = read(page(1, "公开05表", "单位：万元", grid(T05)), page(2, "公开08表", "单位：万元", grid(T05)))
    assert statuses(reading) == {"T05": "read"}


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


def test_a_table_below_the_last_title_of_a_list_need_not_be_a_form() -> None:
    units = grid("序号 | 单位名称 | 备注\n1 | 某市档案局（本级） |\n2 | 某市档案馆 |")
    reading = read(
        page(1, "三、支出决算表", "九、国有资本经营预算财政拨款支出决算表", units), page(2, "三、支出决算表 5", units)
    )
    assert statuses(reading) == {} and not reading.grids
