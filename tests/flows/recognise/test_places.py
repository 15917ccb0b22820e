"""Where the official forms stand: titles, contents, continuations, forms of another kind."""

from __future__ import annotations

from decimal import Decimal

from tests.flows.recognise.drawn import grid, page
from tests.flows.recognise.test_forms import T03_BODY, T03_HEADER, T05, form, read, row, statuses, values


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


def test_a_form_printed_twice_counts_once() -> None:
    other = T03_BODY.strip().replace("90.00", "91.00")
    reading = read(
        page(1, "支出决算表", grid(T03_HEADER + T03_BODY.strip())), page(9, "支出决算表", grid(T03_HEADER + other))
    )
    assert len(reading.figures) == 12 and form(reading, "T03").status == "read"
    assert values(reading, "T03")["合计/本年支出合计"] == Decimal("90.00")


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


def test_a_mark_tells_what_an_untitled_table_is() -> None:
    reading = read(page(1, "公开05表", "单位：万元", grid(T05)), page(2, "公开08表", "单位：万元", grid(T05)))
    assert statuses(reading) == {"T05": "read"}


def test_a_table_below_the_last_title_of_a_list_need_not_be_a_form() -> None:
    units = grid("序号 | 单位名称 | 备注\n1 | 某市档案局（本级） |\n2 | 某市档案馆 |")
    reading = read(
        page(1, "三、支出决算表", "九、国有资本经营预算财政拨款支出决算表", units), page(2, "三、支出决算表 5", units)
    )
    assert statuses(reading) == {} and not reading.grids


def test_a_form_first_blank_and_then_filled_in_is_read() -> None:
    blank = "合计 | < | | | | | |\n208 | 社会保障和就业支出 | | | | | |\n229 | 其他支出 | | | | | |"
    reading = read(
        page(1, "支出决算表", grid(T03_HEADER + blank)), page(2, "支出决算表", grid(T03_HEADER + T03_BODY.strip()))
    )
    assert len(reading.figures) == 12 and len(reading.rows) == 5


def test_an_entry_of_the_contents_does_not_title_a_table() -> None:
    assert statuses(read(page(1, "一般公共预算财政拨款支出决算表……5", grid(T05)))) == {}


def test_a_table_far_behind_a_form_does_not_continue_it() -> None:
    later = grid("221 | 住房保障支出 | 3.00 | 3.00 | | | |")
    reading = read(page(1, "支出决算表", grid(T03_HEADER + T03_BODY.strip())), page(2, "第三部分 说明"), page(9, later))
    assert len(reading.figures) == 12 and form(reading, "T03").pages == (1,)
