"""Whose accounts a document holds, and which of its lines are text."""

from __future__ import annotations

import pytest

from flows.read.document import Page
from flows.recognise.disclosure import FormReading
from flows.recognise.identity import identify
from flows.recognise.prose import contents_lines, running_lines, text_lines
from tests.flows.recognise.drawn import document, grid, page

READ = (FormReading("T01", "收入支出决算总表", (3,), "read", "万元"),)


def filing(*pages: Page, above: tuple[str, ...] = (), name: str = "a.pdf") -> tuple[object, ...]:
    made = document(*pages, name=name)
    found = identify(made, text_lines(made, contents_lines(made)), above, READ)
    return found.organisation, found.fiscal_year, found.kind, found.scope


@pytest.mark.parametrize(
    ("cover", "expected"),
    [
        (["某市档案局2023年度部门决算"], ("某市档案局", 2023, "final_accounts", "department")),
        (["中共某市委", "档案馆 2023 年度", "单位决算"], ("中共某市委档案馆", 2023, "final_accounts", "unit")),
        (["2023年度某市档案局部门决算公开"], ("某市档案局", 2023, "final_accounts", "department")),
        (["2023年度部门决算", "某市档案局", "2024年8月"], ("某市档案局", 2023, "final_accounts", "department")),
        (
            ["附件1：", "某市档案局（本级）２０２３年度单位决算公开说明"],
            ("某市档案局（本级）", 2023, "final_accounts", "unit"),
        ),
        (["某市档案局", "二〇二三年度部门决算"], ("某市档案局", 2023, "final_accounts", "department")),
        (["某市档案局2024年部门预算公开"], ("某市档案局", 2024, "budget", "department")),
    ],
)
def test_the_cover_says_whose_accounts_these_are(cover: list[str], expected: tuple[object, ...]) -> None:
    assert filing(page(1, *cover), page(2, "目录", "第一部分 概况")) == expected


def test_without_a_cover_headings_and_the_lines_above_the_forms_say_it() -> None:
    pages = page(1, "第一部分 部门概况", "本部门负责档案工作。"), page(2, "第二部分 2022年度部门决算表")
    assert filing(*pages, above=("部门：某县水务局  金额单位：万元",)) == (
        "某县水务局",
        2022,
        "final_accounts",
        "department",
    )
    assert filing(*pages, above=("编制单位：某县水务局",))[0] == "某县水务局"


def test_the_file_name_is_only_a_hint() -> None:
    silent = page(1, "收入支出决算总表")
    assert filing(silent, name="某县水务局2021年度部门决算.pdf") == ("某县水务局", 2021, "final_accounts", "department")
    spoken = page(1, "某县林业局2022年度部门决算")
    assert filing(spoken, name="某县水务局2021年度部门决算.pdf")[:2] == ("某县林业局", 2022)


def test_the_unit_is_that_of_most_forms() -> None:
    made = document(page(1, "某市档案局2023年度部门决算"))
    forms = (
        FormReading("T01", "", (1,), "read", "元"),
        FormReading("T02", "", (1,), "read", "元"),
        FormReading("T08", "", (1,), "blank", "万元"),
    )
    assert identify(made, (), (), forms).unit == "元"


def test_contents_page_numbers_headers_and_footers_are_not_text() -> None:
    made = document(
        page(1, "某市档案局2023年度部门决算"),
        page(2, "目 录", "第一部分 概况......3", "一、主要职能......3", "第二部分 决算表......4"),
        page(3, "某局决算公开", "第一部分 概况", "一、主要职能", "负责档案工作。", "- 3 -"),
        page(4, "某局决算公开", "第二部分 说明", "2023", "年度收入5万元。", "第4页 共5页"),
        page(5, "某局决算公开", "完。", "5"),
    )
    taken = contents_lines(made) | running_lines(made)
    assert [line.text for line in text_lines(made, taken)] == [
        "某市档案局2023年度部门决算",
        "第一部分 概况",
        "一、主要职能",
        "负责档案工作。",
        "第二部分 说明",
        "2023",
        "年度收入5万元。",
        "完。",
    ]


def test_a_table_of_contents_ends_where_its_first_entry_comes_again_on_the_same_page() -> None:
    made = document(
        page(1, "目录", "第一部分 概况", "第二部分 说明", "第一部分 概况", "职能。", grid("甲 | 乙"), "第二部分 说明")
    )
    assert [line.text for line in text_lines(made, contents_lines(made))] == [
        "第一部分 概况",
        "职能。",
        "第二部分 说明",
    ]


def test_a_title_that_every_unit_prints_anew_is_no_running_head() -> None:
    made = document(*(page(number, "支出决算表", "正文", "脚注") for number in (1, 2, 3)))
    heads = {id(each.items[0]) for each in made.pages}
    assert heads <= running_lines(made)
    assert not heads & running_lines(made, (("支出决算表", "T03"),))
