"""Forms with fixed lines (T01, T04, T07) and the economic classification side by side (T06), drawn as text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.flows.recognise.drawn import grid, page
from tests.flows.recognise.test_forms import form, read, row, statuses, values

T01 = """
收入 | < | < | 支出 | < | <
项 目 | 行次 | 金额 | 项目（按功能分类） | 行次 | 金额
栏次 | | 1 | 栏次 | | 2
一、一般公共预算财政拨款收入 | 1 | 50.10 | 一、一般公共服务支出 | 31 | 40.00
二、政府性基金预算财政拨款收入 | 2 | | 二、外交支出 | 32 |
八、其他收入 | 8 | 2.5 | 九、卫生健康支出 | 39 | 11.60
| 9 | | 二十三、其他支出 | 53 | 0.40
本年收入合计 | 27 | 52.60 | 本年支出合计 | 57 | 52.00
使用非财政拨款结余（含专用结余） | 28 | | 结余分配 | 58 |
年初结转和结余 | 29 | 1.00 | 年末结转和结余 | 59 | 1.60
总 计 | 30 | 53.60 | 总 计 | 60 | 53.60
注：本表反映部门本年度的总收支，金额转换时可能存在0.01万元的尾差。
"""

T04 = """
收 入 | < | 支 出 | < | < | < | <
项目 | 决算数 | 项目 | 合计 | 一般公共\\n预算财政拨款 | 政府性基金\\n预算财政拨款 | 国有资本经营预算财政拨款
一、一般公共预算财政拨款 | 30.00 | 一、一般公共服务支出 | 31.00 | 31.00 | |
二、政府性基金预算财政拨款 | 5.00 | 十二、城乡社区支出 | 4.00 | | 4.00 |
三、国有资本经营预算财政拨款 | | | | | |
本年收入合计 | 35.00 | 本年支出合计 | 35.00 | 31.00 | 4.00 |
年初财政拨款结转和结余 | 3.00 | 年末财政拨款结转和结余 | 3.00 | 1.00 | 2.00 |
一、一般公共预算财政拨款 | 2.00 | | | | |
二、政府性基金预算财政拨款 | 1.00 | | | | |
总计 | 38.00 | 总计 | 38.00 | 32.00 | 6.00 |
"""


def test_the_two_sides_are_told_apart_and_line_numbers_are_no_amounts() -> None:
    reading = read(page(1, "收入支出决算总表", "公开01表", "部门：某市档案局  金额单位：万元", grid(T01)))
    assert form(reading, "T01").status == "read"
    found = values(reading, "T01")
    assert found["一般公共预算财政拨款收入/决算数"] == Decimal("50.10")
    assert found["其他收入/决算数"] == Decimal("2.5")
    assert found["其他支出/决算数"] == Decimal("0.40")
    assert (found["收入总计/决算数"], found["支出总计/决算数"]) == (Decimal("53.60"), Decimal("53.60"))
    assert len(found) == 11
    assert row(reading, "T01", "收入总计").label == "总计"
    assert row(reading, "T01", "一般公共预算财政拨款收入").label == "一、一般公共预算财政拨款收入"
    assert row(reading, "T01", "使用非财政拨款结余").label == "使用非财政拨款结余（含专用结余）"


def test_lines_know_their_side_code_and_total() -> None:
    reading = read(page(1, "收入支出决算总表", grid(T01)))
    health = row(reading, "T01", "卫生健康支出")
    assert (health.code, health.side, health.parent_key, health.level) == ("210", "expenditure", "本年支出合计", 2)
    assert row(reading, "T01", "本年收入合计").parent_key == "收入总计"
    assert row(reading, "T01", "外交支出").side == "expenditure"


def test_a_line_printed_twice_is_first_income_then_opening_balance() -> None:
    reading = read(page(1, "财政拨款收入支出决算总表", "单位：万元", grid(T04)))
    found = values(reading, "T04")
    assert found["一般公共预算财政拨款/合计"] == Decimal("30.00")
    assert found["年初一般公共预算财政拨款/合计"] == Decimal("2.00")
    assert found["年初政府性基金预算财政拨款/合计"] == Decimal("1.00")
    assert found["城乡社区支出/政府性基金预算财政拨款"] == Decimal("4.00")
    assert found["支出总计/一般公共预算财政拨款"] == Decimal("32.00")
    assert row(reading, "T04", "年初一般公共预算财政拨款").parent_key == "年初财政拨款结转和结余"
    assert len(found) == 20


def test_a_sided_form_goes_on_without_its_header() -> None:
    rows = T04.strip().splitlines()
    reading = read(
        page(1, "财政拨款收入支出决算总表", grid("\n".join(rows[:4]))), page(2, grid("\n".join(rows[4:])), "注：甲。")
    )
    assert form(reading, "T04").status == "read"
    assert len(reading.figures) == 20
    assert values(reading, "T04")["年初一般公共预算财政拨款/合计"] == Decimal("2.00")


def test_a_line_outside_the_vocabulary_is_kept_with_the_lines_around_it() -> None:
    drawn = T01.replace("九、卫生健康支出", "九、海洋探索支出")
    reading = read(page(1, "收入支出决算总表", grid(drawn)))
    assert values(reading, "T01")["海洋探索支出/决算数"] == Decimal("11.60")
    assert row(reading, "T01", "海洋探索支出").parent_key == "本年支出合计"


def test_a_summary_in_thousands_separators_and_full_width_digits() -> None:
    drawn = T01.replace("50.10", "１，０５０．１０")
    reading = read(page(1, "收入支出决算总表", grid(drawn)))
    assert values(reading, "T01")["一般公共预算财政拨款收入/决算数"] == Decimal("1050.10")


T06 = """
人员经费 | < | < | 公用经费 | < | < | < | < | <
科目编码 | 科目名称 | 决算数 | 科目编码 | 科目名称 | 决算数 | 科目编码 | 科目名称 | 决算数
301 | 工资福利支出 | 20.00 | 302 | 商品和服务支出 | 5.00 | 310 | 资本性支出 | 1.00
30101 | 基本工资 | 20.00 | 30201 | 办公费 | 5.00 | 31002 | 办公设备购置 | 1.00
303 | 对个人和家庭的补助 | 2.00 | 30202 | 印刷费 | | 399 | 其他支出 |
人员经费合计 | < | 22.00 | 公用经费合计 | < | < | < | < | 6.00
"""


def test_three_groups_of_columns_stand_side_by_side() -> None:
    reading = read(page(1, "一般公共预算财政拨款基本支出决算明细表", "单位：万元", grid(T06)))
    assert form(reading, "T06").status == "read"
    found = values(reading, "T06")
    assert found["公用经费合计/决算数"] == Decimal("6.00")
    assert found["人员经费合计/决算数"] == Decimal("22.00")
    assert found["31002/决算数"] == Decimal("1.00")
    assert len(found) == 9
    assert [r.row_key for r in reading.rows][:4] == ["301", "302", "310", "30101"]
    assert row(reading, "T06", "30201").parent_key == "302"


def test_one_list_of_economic_codes_may_split_staff_from_operating() -> None:
    drawn = """
项目 | < | 合计 | 人员经费 | 公用经费
经济分类科目编码 | 科目名称 | ^ | ^ | ^
合计 | < | 9.00 | 7.00 | 2.00
301 | 工资福利支出 | 7.00 | 7.00 |
30101 | 基本工资 | 7.00 | 7.00 |
302 | 商品和服务支出 | 2.00 | | 2.00
"""
    reading = read(page(1, "一般公共预算财政拨款基本支出决算表", grid(drawn)))
    assert values(reading, "T06")["合计/公用经费"] == Decimal("2.00")
    assert row(reading, "T06", "301").parent_key == "合计"
    assert len(reading.figures) == 9


ACROSS_PAIRS = """
财政拨款“三公”经费 | < | < | < | < | < | < | < | < | < | < | <
合计 | < | 因公出国\\n（境）费 | < | 公务用车购置及运行维护费 | < | < | < | < | < | 公务接待费 | <
^ | ^ | ^ | ^ | 小计 | < | 公务用车购置费 | < | 公务用车运行维护费 | < | ^ | ^
预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数 | 预算数 | 决算数
9.00 | 8.00 | 1.00 | 0.50 | 6.00 | 6.00 | 4.00 | 4.00 | 2.00 | 2.00 | 2.00 | 1.50
"""
ACROSS_BLOCKS = """
预算数 | < | < | < | < | < | 决算数 | < | < | < | < | <
合计 | 因公出国（境）费 | 公务用车购置及运行费 | < | < | 公务接待费 | 合计 | 因公出国（境）费 | 公务用车购置及运行费 | < | < | 公务接待费
^ | ^ | 小计 | 公务用车购置费 | 公务用车运行费 | ^ | ^ | ^ | 小计 | 公务用车购置费 | 公务用车运行费 | ^
1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12
9.00 | 1.00 | 6.00 | 4.00 | 2.00 | 2.00 | 8.00 | 0.50 | 6.00 | 4.00 | 2.00 | 1.50
"""
DOWN = """
项目 | 行次 | 预算数 | 决算数
栏次 | | 1 | 2
“三公”经费合计 | 1 | 9.00 | 8.00
1．因公出国（境）费 | 2 | 1.00 | 0.50
2．公务用车购置及运行维护费 | 3 | 6.00 | 6.00
（1）公务用车购置费 | 4 | 4.00 | 4.00
（2）公务用车运行维护费 | 5 | 2.00 | 2.00
3．公务接待费 | 6 | 2.00 | 1.50
"""
KINDS_AS_ROWS = """
项目 | 合计 | 因公出国（境）费 | 公务用车购置及运行维护费 | < | < | 公务接待费
^ | ^ | ^ | 小计 | 公务用车购置费 | 公务用车运行维护费 | ^
预算数 | 9.00 | 1.00 | 6.00 | 4.00 | 2.00 | 2.00
决算数 | 8.00 | 0.50 | 6.00 | 4.00 | 2.00 | 1.50
"""


@pytest.mark.parametrize("drawn", [ACROSS_PAIRS, ACROSS_BLOCKS, DOWN, KINDS_AS_ROWS])
def test_three_public_expenses_are_read_whichever_way_they_are_printed(drawn: str) -> None:
    reading = read(page(1, "一般公共预算财政拨款“三公”经费支出决算表", "单位：万元", grid(drawn)))
    assert form(reading, "T07").status == "read", form(reading, "T07")
    found = values(reading, "T07")
    assert found["合计/预算数"] == Decimal("9.00")
    assert found["公务用车购置及运行维护费/决算数"] == Decimal("6.00")
    assert found["公务用车购置费/预算数"] == Decimal("4.00")
    assert found["公务接待费/决算数"] == Decimal("1.50")
    assert len(found) == 12
    assert row(reading, "T07", "公务用车运行维护费").parent_key == "公务用车购置及运行维护费"


def test_counts_in_the_three_public_form_are_no_amounts() -> None:
    drawn = DOWN + "国内公务接待批次（个） | 7 | - | 12\n公务用车保有量（辆） | 8 | - | 3"
    reading = read(page(1, "“三公”经费支出决算表", "单位：元", grid(drawn.replace(".00", "").replace(".50", ""))))
    counts = {f.row_key: (f.unit, f.value) for f in reading.figures if f.unit != "元"}
    assert counts == {"国内公务接待批次（个）": ("个", Decimal(12)), "公务用车保有量（辆）": ("辆", Decimal(3))}


def test_a_whole_workbook_with_sheets_titles_and_index() -> None:
    index = grid("序号 | 表名\n1 | 收入支出决算总表\n2 | 财政拨款收入支出决算总表", sheet="目录")
    head = "{} | < | < | < | < | <\n | | | | | 公开01表\n部门：某市档案局 | | | | | 金额单位：万元\n"
    first = grid(head.format("收入支出决算总表") + T01.strip(), sheet="GK01")
    second = grid(T04.strip(), sheet="财政拨款收入支出决算总表")
    reading = read(page(1, index), page(2, first), page(3, second), name="accounts.xlsx")
    assert statuses(reading) == {"T01": "read", "T04": "read"}
    assert form(reading, "T01").unit == "万元" and form(reading, "T01").title == "收入支出决算总表"
    assert next(f for f in reading.figures if f.id == "T01/其他收入/决算数").place.cell == "C9"
    assert not reading.unplaced


def test_two_forms_may_stand_in_one_grid() -> None:
    drawn = "收入支出决算总表 | < | < | < | < | <\n" + T01.strip() + "\n财政拨款收入支出决算总表 | < | < | < | < | <\n"
    reading = read(page(1, grid(drawn + T04.strip())))
    assert statuses(reading) == {"T01": "read", "T04": "read"}
    assert len(reading.figures) == 31


def test_conferences_and_training_may_stand_in_the_three_public_form() -> None:
    drawn = """
项目 | 合计 | 因公出国（境）费 | 公务用车购置及运行维护费 | < | < | 公务接待费 | 会议费 | 文印费
^ | ^ | ^ | 小计 | 公务用车购置费 | 公务用车运行维护费 | ^ | ^ | ^
决算数 | 8.00 | 0.50 | 6.00 | 4.00 | 2.00 | 1.50 | 0.70 | 0.10
"""
    reading = read(page(1, "财政拨款“三公”经费、会议费和培训费支出决算表", grid(drawn)))
    assert form(reading, "T07").status == "read"
    assert values(reading, "T07")["会议费/决算数"] == Decimal("0.70")
    assert values(reading, "T07")["文印费/决算数"] == Decimal("0.10")


def test_an_initial_and_a_full_year_budget_may_stand_side_by_side() -> None:
    drawn = """
项目 | 年初预算数 | 全年预算数 | 决算数
合计 | 9.00 | 8.50 | 8.00
一、因公出国（境）费 | 9.00 | 8.50 | 8.00
二、公务用车购置及运行维护费 | | |
三、公务接待费 | | |
"""
    reading = read(page(1, "“三公”经费支出决算表", grid(drawn)))
    assert form(reading, "T07").status == "read"
    assert values(reading, "T07")["合计/预算数"] == Decimal("8.50")
    assert values(reading, "T07")["合计/年初预算数"] == Decimal("9.00")


def test_budget_columns_beside_the_outturn_of_the_summary_are_kept_apart() -> None:
    drawn = """
收入 | < | < | 支出 | < | <
项目 | 年初预算数 | 决算数 | 项目 | 年初预算数 | 决算数
一、一般公共预算财政拨款收入 | 7.00 | 8.00 | 一、一般公共服务支出 | 7.00 | 8.00
本年收入合计 | 7.00 | 8.00 | 本年支出合计 | 7.00 | 8.00
总计 | 7.00 | 8.00 | 总计 | 7.00 | 8.00
"""
    reading = read(page(1, "收入支出决算总表", grid(drawn)))
    assert form(reading, "T01").status == "read"
    assert values(reading, "T01")["本年支出合计/决算数"] == Decimal("8.00")
    assert values(reading, "T01")["本年支出合计/年初预算数"] == Decimal("7.00")


def test_the_form_that_adds_operating_expenses_and_counts_is_read_for_its_three_public_lines() -> None:
    drawn = """
项 目 | 行次 | 预算数 | 决算统计数
栏 次 | | 1 | 2
一、“三公”经费支出 | 1 | — | —
（一）支出合计 | 2 | 9.00 | 8.00
1．因公出国（境）费 | 3 | 1.00 | 0.50
2．公务用车购置及运行维护费 | 4 | 6.00 | 6.00
（1）公务用车购置费 | 5 | 4.00 | 4.00
（2）公务用车运行维护费 | 6 | 2.00 | 2.00
3．公务接待费 | 7 | 2.00 | 1.50
（1）国内接待费 | 8 | — | 1.50
（二）相关统计数 | 9 | — | —
1．因公出国（境）团组数（个） | 10 | — | 1
二、机关运行经费 | 11 | — | 30.25
"""
    reading = read(page(1, "“三公”经费、行政参公单位机关运行经费情况表", "公开09表", "金额单位：万元", grid(drawn)))
    assert form(reading, "T07").status == "read"
    assert values(reading, "T07")["合计/决算数"] == Decimal("8.00")
    assert values(reading, "T07")["机关运行经费/决算数"] == Decimal("30.25")
    assert row(reading, "T07", "因公出国（境）团组数（个）").label == "1．因公出国（境）团组数（个）"
    assert len(reading.figures) == 15
