"""Which form a line announces."""

from __future__ import annotations

import pytest

from expectations.vocabulary import load
from flows.recognise.forms.titles import UNKNOWN, title_names, title_of


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("收入支出决算总表", "T01"),
        ("一、收入支出决算总表", "T01"),
        ("（三）支 出 决 算 表", "T03"),
        ("表1：收入支出决算总表", "T01"),
        ("附表3-1 支出决算表", "T03"),
        ("公开03表 支出决算表", "T03"),
        ("支出决算表（公开03表）", "T03"),
        ("支出决算表（续）", "T03"),
        ("（续表）支出决算表", "T03"),
        ("支出决算表 单位：万元", "T03"),
        ("**三、支出决算表**", "T03"),
        ("《支出决算表》", "T03"),
        ("某市审计局2024年度收入支出决算总表", "T01"),
        ("2023年部门收入支出决算总表", "T01"),
        ("某中学收入决算表", "T02"),
        ("财政拨款收入支出决算总表", "T04"),
        ("一般公共预算财政拨款基本支出决算明细表", "T06"),
        ('一般公共预算财政拨款"三公"经费及会议费、培训费支出决算表', "T07"),
        ("国有资本经营预算财政拨款收入支出决算表", "T09"),
        ("表一 收支决算总表", "T01"),
        ("表五 一般公共预算财政拨款支出决算表（按功能分类科目）", "T05"),
        ("部门决算公开表1 收入支出决算总表", "T01"),
        ("公开表2：收入决算表", "T02"),
        ("财政拨款收入支出决算总体情况表", "T04"),
        ("财政拨款“三公”经费支出情况表", "T07"),
        ("政府性基金预算收支决算表", "T08"),
        # not one of the nine
        ("一般公共预算财政拨款项目支出决算表", UNKNOWN),
        ("2024年度财政专户管理资金支出决算表", UNKNOWN),
        ("财政拨款支出决算明细表", UNKNOWN),
        ("政府性基金预算财政拨款基本支出决算表", UNKNOWN),
        ("2024年度某市一般公共预算支出决算表", UNKNOWN),
        ("一般公共预算财政拨款收入支出决算表", UNKNOWN),
        ("“三公”经费支出预算表", UNKNOWN),
        # no title at all
        ("某局2024年度部门决算表", None),
        ("注：本表反映部门本年度支出情况，详见附表", None),
        ("三、支出决算情况说明", None),
        ("根据支出决算表，本年支出合计5万元。", None),
    ],
)
def test_a_line_is_the_title_of_one_form_of_an_unknown_form_or_of_none(text: str, form: str | None) -> None:
    title = title_of(text, title_names(load()))
    assert (title.form if title else None) == form


@pytest.mark.parametrize("text", ["三、支出决算表……………5", "三、支出决算表 5", "支出决算表.........(12)"])
def test_a_page_number_behind_a_title_marks_an_entry_of_the_contents(text: str) -> None:
    title = title_of(text, title_names(load()))
    assert title is not None and title.form == "T03" and title.announced
