"""What a reader is not certain of becomes a doubt about every figure and statement that it touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from expectations import rules, vocabulary
from expectations.sql import verdicts
from flows.check import report
from flows.read.document import Document, Grid, Line, Page, Place
from flows.recognise import recognise
from flows.recognise.disclosure import Disclosure, FormRow
from flows.recognise.doubts import with_totals
from tests.flows.recognise.drawn import document, grid, page

COVER = page(1, "某市档案局2023年度部门决算")
UNSURE = "两次识别不一致 / two readings differ"
T05 = """
功能分类科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
合计 | < | 80.25 | 50.20 | 30.05
213 | 农林水支出 | 80.25 | 50.20 | 30.05
21303 | 水利 | 60.20 | 30.15 | 30.05
21305 | 扶贫 | 20.05 | 20.05 |
"""
T01 = """
收入 | < | 支出 | <
项目 | 决算数 | 项目 | 决算数
一、一般公共预算财政拨款收入 | 80.25 | 一、一般公共服务支出 | 80.25
二、其他收入 | 1.00 | 二、其他支出 | 1.00
本年收入合计 | 81.25 | 本年支出合计 | 81.25
总计 | 81.25 | 总计 | 81.25
"""


def unsure(table: Grid, text: str, shown: str | None = None, nth: int = 0) -> Grid:
    """`table` on a page, each cell in a place of its own; the `nth` cell with `text` is uncertain and shows `shown`."""
    hits = [cell for cell in table.cells if cell.text == text]
    cells = tuple(
        replace(
            cell,
            place=Place(
                page=2, bbox=(cell.column * 60.0, cell.row * 20.0, cell.column * 60.0 + 50, cell.row * 20.0 + 15)
            ),
            doubt=UNSURE if cell is hits[nth] else "",
            text=shown if shown is not None and cell is hits[nth] else cell.text,
        )
        for cell in table.cells
    )
    return replace(table, cells=cells)


def t05(text: str, shown: str | None = None, nth: int = 0) -> Disclosure:
    return recognise(
        document(COVER, page(2, "一般公共预算财政拨款支出决算表", "单位：万元", unsure(grid(T05), text, shown, nth)))
    )


def ids(found: Disclosure) -> set[str]:
    return {doubt.id for doubt in found.reading.doubts}


def status(found: Disclosure, form: str) -> str:
    return next(one.status for one in found.reading.forms if one.form == form)


@pytest.fixture(scope="module")
def judged() -> Callable[[Disclosure], dict[str, list[dict[str, Any]]]]:
    """The findings by rule."""
    book = rules.load()
    compiled = verdicts.compile_all(book, vocabulary.load())

    def judge(found: Disclosure) -> dict[str, list[dict[str, Any]]]:
        by_rule: dict[str, list[dict[str, Any]]] = {}
        for finding in report(found, 1, book, compiled)["findings"]:
            by_rule.setdefault(finding["rule"], []).append(finding)
        return by_rule

    return judge


def test_an_uncertain_cell_is_a_figure_in_doubt_and_its_form_is_still_read() -> None:
    found = t05("60.20")
    assert ids(found) == {"T05/21303/合计"}
    assert status(found, "T05") == "read"
    assert found.reading.doubts[0].reason == {"zh": "两次识别不一致", "en": "two readings differ"}


def test_no_rule_over_an_uncertain_figure_breaks_and_the_others_are_judged(judged: Callable[..., Any]) -> None:
    misread = judged(t05("60.20", "66.20"))
    for rule in ("T05.row", "T05.rollup.total"):
        assert {finding["status"] for finding in misread[rule]} == {"not_verifiable"}
        assert "合计" in misread[rule][0]["message"]["zh"] and "not certain" in misread[rule][0]["message"]["en"]
    other_row_wrong = unsure(grid(T05.replace("20.05 | 20.05", "20.50 | 20.05")), "60.20", "66.20")
    broken = judged(recognise(document(COVER, page(2, "一般公共预算财政拨款支出决算表", other_row_wrong))))
    assert {finding["status"] for finding in broken["T05.row"]} == {"broken", "not_verifiable"}


def test_a_cell_in_which_something_unreadable_stands_leaves_the_totals_above_it_open(
    judged: Callable[..., Any],
) -> None:
    found = t05("20.05", "\ufffd", nth=1)
    assert ids(found) == {"T05/21305/基本支出", "T05/213/基本支出", "T05/合计/基本支出"}
    assert all(
        finding["status"] == "not_verifiable"
        for finding in judged(found)["T05.row"] + judged(found)["T05.rollup.basic"]
    )


def test_an_uncertain_code_makes_the_form_unreadable() -> None:
    found = t05("21303")
    assert status(found, "T05") == "unreadable"


def test_a_line_whose_uncertain_name_is_known_confirms_itself_and_any_other_does_not() -> None:
    def t01(shown: str | None) -> Disclosure:
        table = unsure(grid(T01), "二、其他收入", shown)
        return recognise(document(COVER, page(2, "收入支出决算总表", "单位：万元", table)))

    assert status(t01(None), "T01") == "read"
    assert status(t01("二、苴他收人"), "T01") == "unreadable"


def test_claims_of_a_sentence_with_an_uncertain_line_are_in_doubt_and_those_of_others_are_not() -> None:
    texts = (
        "第三部分 2023年度部门决算情况说明",
        "三、支出决算情况说明",
        "本年支出合计90.00万元，其中：基本支",
        "出60.50万元。项目支出29.50万元。",
        "四、其他说明",
        "公务用车3辆。",
    )
    lines = tuple(
        Line(text, Place(page=2, bbox=(60.0, 20.0 * at, 500.0, 20.0 * at + 14)), UNSURE if "合计" in text else "")
        for at, text in enumerate(texts)
    )
    found = recognise(Document("x.pdf", "0" * 64, "application/pdf", 1, (COVER, Page(2, lines))))
    doubted = {claim.value for claim in found.claims if claim.id in ids(found)}
    assert doubted == {Decimal("90.00"), Decimal("60.50")}
    assert {claim.value for claim in found.claims} - doubted == {Decimal("29.50"), Decimal("3")}


def test_claims_on_a_page_that_two_libraries_read_differently_are_in_doubt() -> None:
    text = page(2, "第三部分 2023年度部门决算情况说明", "三、支出决算情况说明", "本年支出合计90.00万元。")
    found = recognise(document(COVER, replace(text, doubts=(UNSURE,))))
    assert {claim.id for claim in found.claims} <= ids(found)
    assert {f"S/{sentence.position}" for sentence in found.sentences} <= ids(found)


def test_a_form_that_may_stand_on_an_unread_page_is_not_called_missing(judged: Callable[..., Any]) -> None:
    table = page(2, "一般公共预算财政拨款支出决算表", "单位：万元", grid(T05))
    scanned = Page(3, (), ("整页是图像，没有文字 / the page is a picture without text",))
    whole, partly = recognise(document(COVER, table)), recognise(document(COVER, table, scanned))
    assert status(whole, "T03") == "missing" and status(partly, "T03") == "unreadable"
    assert {finding["status"] for finding in judged(whole)["C.form"]} == {"broken"}
    assert {finding["status"] for finding in judged(partly)["C.form"]} == {"not_verifiable"}


PROJECT = """
项目支出绩效自评表 | < | < | < | < | <
项目名称 | 河道清淤 | < | < | < | <
项目资金（万元） | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
年度资金总额 | 100.00 | 100.00 | 90.00 | 10 | 90.00% | 9
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
产出指标 | 数量指标 | 清淤长度 | 12公里 | 12公里 | 90 | 90
总分 | < | < | < | < | 100 | 99
"""


def test_a_number_that_is_lost_in_a_performance_table_leaves_the_whole_table_open() -> None:
    def project(shown: str | None) -> Disclosure:
        return recognise(document(COVER, page(2, "项目支出绩效自评表", unsure(grid(PROJECT), "99", shown))))

    whole, lost = project(None), project("\ufffd")
    assert len(ids(whole)) == 1 and {figure.form for figure in whole.figures} == {"P02"}
    assert len(lost.figures) == len(whole.figures) - 1 and ids(lost) == {figure.id for figure in lost.figures}


def test_a_row_that_is_its_own_total_ends_the_chain_of_totals() -> None:
    rows = [
        FormRow("P02", "", "总分", "", "总分", 0, "总分", 0, Place()),
        FormRow("P02", "", "甲", "", "甲", 1, "总分", 1, Place()),
    ]
    assert with_totals("P02", rows, "甲", "得分") == ["P02/甲/得分", "P02/总分/得分"]
