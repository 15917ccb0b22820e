"""Forms laid out as published, the narrative cut at its claims, numbers set as a form sets them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from expectations import vocabulary
from flows.publish.content.views import (
    Claim,
    Contents,
    Document,
    Figure,
    Filing,
    FormRow,
    Sentence,
    Spot,
    Term,
    Verdict,
)
from flows.publish.pages.evidence import evidence, marks
from flows.publish.pages.forms import Cell, Mark, Sheet, sheets
from flows.publish.pages.narrative import chapters
from flows.publish.press import file_names
from flows.publish.wording.numbers import printed, share
from flows.publish.wording.standing import graver, standing, worst

FORMS = vocabulary.load().forms


def row(
    key: str,
    at: int,
    y: float | None = None,
    side: str = "",
    code: str = "",
    form: str = "T01",
    block: str = "",
    part: str = "",
) -> FormRow:
    return FormRow(form, part, key, code, key, 1, at, block, side, Spot(page=1, y0=y))


def figure(key: str, column: str, value: str = "1.00", form: str = "T01", part: str = "") -> Figure:
    return Figure(
        f"{form}/{key}/{column}", form, part, key, column, Decimal(value), "万元", Decimal("0.01"), value, "", Spot()
    )


def mark(item: Figure) -> Mark:
    return Mark(item.id, item.raw, (), "ok", "stated", (), "#")


def shown(sheet: Sheet) -> list[list[str]]:
    def text(cell: Cell) -> str:
        return cell.mark.text if cell.mark else cell.text

    return [[text(cell) for cell in line] for line in sheet.rows]


def test_two_sided_forms_pair_what_stands_on_one_printed_line() -> None:
    rows = [
        row("收入甲", 0, 100, "income"),
        row("支出甲", 1, 101, "expenditure"),
        row("支出乙", 2, 120, "expenditure"),
        row("本年收入合计", 3, 140, "income"),
        row("本年支出合计", 4, 141, "expenditure"),
    ]
    (sheet,) = sheets(FORMS["T01"], rows, [figure("收入甲", "决算数", "7.00")], mark)
    assert shown(sheet) == [
        ["收入甲", "7.00", "支出甲", ""],
        ["", "", "支出乙", ""],
        ["本年收入合计", "", "本年支出合计", ""],
    ]
    assert sheet.titles == (("income", 2), ("expenditure", 2))
    assert sheet.rows[2][0].total and sheet.rows[2][2].begins and not sheet.rows[0][0].total


def test_two_sided_forms_without_places_are_paired_from_the_top() -> None:
    rows = [
        row("收入甲", 0, None, "income"),
        row("支出甲", 1, None, "expenditure"),
        row("支出乙", 2, None, "expenditure"),
    ]
    (sheet,) = sheets(FORMS["T01"], rows, [], mark)
    assert shown(sheet) == [["收入甲", "", "支出甲", ""], ["", "", "支出乙", ""]]


def test_the_expenditure_side_of_t04_alone_has_the_columns_of_the_funds() -> None:
    rows = [row("收入甲", 0, 100, "income", form="T04"), row("支出甲", 1, 100, "expenditure", form="T04")]
    (sheet,) = sheets(FORMS["T04"], rows, [], mark)
    heads = [head.key for head in sheet.heads]
    assert heads == [
        "label",
        "合计",
        "label",
        "合计",
        "一般公共预算财政拨款",
        "政府性基金预算财政拨款",
        "国有资本经营预算财政拨款",
    ]


def test_t06_stands_in_its_column_groups_only_where_it_was_printed_so() -> None:
    codes = [("301", 100), ("302", 100), ("310", 100), ("30101", 120), ("30201", 120), ("303", 140)]
    beside = [row(code, at, y, code=code, form="T06") for at, (code, y) in enumerate(codes)]
    (sheet,) = sheets(FORMS["T06"], beside, [], mark)
    assert [line[0].text for line in sheet.rows] == ["301", "30101", "303"]
    assert [line[3].text for line in sheet.rows] == ["302", "30201", ""]
    assert [line[6].text for line in sheet.rows] == ["310", "", ""]
    below = [row(code, at, 100.0 + 20 * at, code=code, form="T06") for at, (code, _) in enumerate(codes)]
    (sheet,) = sheets(FORMS["T06"], below, [], mark)
    assert [line[0].text for line in sheet.rows] == [code for code, _ in codes]


def test_performance_tables_are_split_by_project_and_block_and_show_only_used_columns() -> None:
    rows = [
        row("年度资金总额", 0, form="P02", block="funds", part="甲项目"),
        row("指标一", 1, form="P02", block="indicator", part="甲项目"),
        row("总分", 2, form="P02", block="total", part="甲项目"),
        row("年度资金总额", 3, form="P02", block="funds", part="乙项目"),
    ]
    figures = [
        figure("年度资金总额", "全年预算数", form="P02", part="甲项目"),
        figure("指标一", "得分", form="P02", part="甲项目"),
        figure("年度资金总额", "全年执行数", form="P02", part="乙项目"),
    ]
    made = sheets(FORMS["P02"], rows, figures, mark)
    assert [(sheet.part, sheet.block, [h.key for h in sheet.heads], len(sheet.rows)) for sheet in made] == [
        ("甲项目", "funds", ["label", "全年预算数"], 1),
        ("甲项目", "indicator", ["label", "得分"], 2),
        ("乙项目", "funds", ["label", "全年执行数"], 1),
    ]


def test_an_unknown_form_keeps_its_own_columns() -> None:
    (sheet,) = sheets(None, [row("甲", 0, form="U01")], [figure("甲", "自定栏", form="U01")], mark)
    assert [head.key for head in sheet.heads] == ["label", "自定栏"] and shown(sheet) == [["甲", "1.00"]]


def claim(id_: str, start: int, end: int, sentence: int = 0) -> Claim:
    return Claim(id_, "amount", "", Decimal(1), "万元", None, "", sentence, start, end, Spot())


def claim_mark(standings: dict[str, str]) -> object:
    return lambda one: Mark(one.id, "", (), standings[one.id], "stated", (), "#")


def test_overlapping_claims_lose_no_text_and_take_the_graver_mark() -> None:
    text = "支出100万元增长5%。"
    claims = [claim("N/1", 2, 7), claim("N/2", 5, 11), claim("N/3", 50, 60)]
    (chapter,) = chapters(
        [Sentence(0, "", text, Spot())], claims, claim_mark({"N/1": "ok", "N/2": "bad"}), lambda _: None
    )  # type: ignore[arg-type]
    runs = chapter.blocks[0].runs
    assert "".join(run.text for run in runs) == text
    assert [(run.text, run.mark.id if run.mark else "", run.first) for run in runs] == [
        ("支出", "", False),
        ("100", "N/1", True),
        ("万元", "N/2", True),
        ("增长5%", "N/2", False),
        ("。", "", False),
    ]


def test_a_heading_is_printed_once_and_carries_its_own_mark() -> None:
    sentences = [
        Sentence(0, "", "第三部分说明", Spot()),
        Sentence(1, "第三部分说明", "一、收入情况", Spot()),
        Sentence(2, "第三部分说明/一、收入情况", "收入为零。", Spot()),
        Sentence(3, "第三部分说明/一、收入情况", "支出为零。", Spot()),
        Sentence(4, "第三部分说明", "二、支出情况", Spot()),
        Sentence(5, "第三部分说明/二、支出情况", "（一）甲。", Spot()),
        Sentence(6, "第三部分说明/二、支出情况", "（二）乙。", Spot()),
        Sentence(7, "第四部分解释", "收入：指收入。", Spot()),
    ]
    wrong = Mark("S/4", "", (), "bad", "stated", (1,), "#")
    made = chapters(sentences, [], lambda _: wrong, lambda sentence: wrong if sentence.position == 4 else None)
    assert [chapter.name for chapter in made] == ["第三部分说明", "第四部分解释"]
    assert [(block.level, "".join(run.text for run in block.runs)) for block in made[0].blocks] == [
        (2, "一、收入情况"),
        (0, "收入为零。支出为零。"),
        (2, "二、支出情况"),
        (0, "（一）甲。"),
        (0, "（二）乙。"),
    ]
    assert made[0].blocks[2].runs[0].mark == wrong and [m.id for m in made[0].marks] == ["S/4"]


@pytest.mark.parametrize(
    ("value", "ulp", "text"),
    [
        ("271.4", "0.01", "271.40"),
        ("1234567.891", "0.001", "1,234,567.891"),
        ("1234", "1", "1,234"),
        ("-0.00", "0.01", "0.00"),
        ("0.005", "0.01", "0.005"),
        ("100", None, "100"),
        ("1E+3", None, "1,000"),
    ],
)
def test_numbers_keep_the_decimals_of_their_form_and_never_lose_one(value: str, ulp: str | None, text: str) -> None:
    assert printed(Decimal(value), Decimal(ulp) if ulp else None) == text


def test_a_share_is_never_rounded_to_all_or_nothing() -> None:
    assert (share(9999, 10000), share(1, 10000), share(10, 10), share(0, 10), share(0, 0)) == (
        "99.9",
        "0.1",
        "100.0",
        "0.0",
        "—",
    )


def test_only_critical_breaks_are_red_and_grey_never_hides_a_verdict() -> None:
    assert [standing("broken", s) for s in ("critical", "warning", "info")] == ["bad", "explain", "explain"]
    assert (
        worst(["none", "ok"]) == "ok"
        and worst(["ok", "near"]) == "near"
        and worst(["none"]) == "none"
        and worst([]) == "bare"
    )
    assert graver("bare", "ok") == "ok" and graver("bad", "explain") == "bad"


def test_file_names_are_safe_and_different_even_where_case_is_ignored() -> None:
    keys = [
        "T03.row",
        "t03.ROW",
        "../../etc/passwd",
        "示例市档案局/2024",
        "con",
        "index",
        "a" * 300,
        ".hidden",
        "x\ud800",
    ]
    names = file_names(keys)
    assert names["T03.row"] == "T03.row" and len({name.casefold() for name in names.values()}) == len(keys)
    assert all(
        name.isascii() and "/" not in name and len(name) <= 64 and not name.startswith(".") for name in names.values()
    )
    assert names["con"] != "con" and names["index"] != "index"


def contents(verdict: Verdict, unit: str) -> Contents:
    filing = Filing(
        "f",
        "f",
        "某局",
        2024,
        "final_accounts",
        "department",
        unit,
        1,
        None,
        1,
        1,
        1,
        Document("", "a.pdf", "application/pdf", "read"),
    )
    figures = tuple(
        Figure(id_, "T03", "", id_, "合计", Decimal(value), unit, Decimal("0.01"), value, "", Spot())
        for id_, value in (("a", "10000.00"), ("b", "20000.00"), ("c", "30000.50"))
    )
    return Contents(filing, (), (), figures, (), (), (verdict,))


def test_amounts_return_to_the_unit_in_which_the_filing_prints_them() -> None:
    half = Decimal("0.0000005")
    terms = (
        Term("stated", "+", "c", "合计", Decimal("3.00005"), half),
        Term("computed", "+", "a", "基本支出", Decimal("1"), half),
        Term("computed", "+", "b", "项目支出", Decimal("2"), half),
    )
    verdict = Verdict(
        "S", "f", "x", "broken", Decimal("3.00005"), Decimal(3), Decimal("0.00005"), Decimal("0.0000015"), Decimal("0.0000485"),
        "amount", "", 1, terms, "fp",
    )  # fmt: skip
    (made,) = evidence(contents(verdict, "元"), {"S": "critical"})
    assert [(s.kind, s.sign, s.printed, s.least, s.most) for s in made.steps] == [
        ("term", "+", "10,000.00", "9,999.995", "10,000.005"),
        ("term", "+", "20,000.00", "19,999.995", "20,000.005"),
        ("computed", "=", "30,000.00", "29,999.99", "30,000.01"),
        ("stated", "", "30,000.50", "30,000.495", "30,000.505"),
    ]
    assert (made.difference, made.bound, made.unexplained, made.unit) == ("0.50", "0.015", "0.485", "元")
    touched = marks([made])
    assert touched.of("c", "").role == "stated" and touched.of("a", "").role == "computed"
    assert (
        touched.of("c", "").href == "#n1" and touched.of("z", "").href == "" and touched.of("z", "").standing == "bare"
    )


def test_the_tables_of_one_form_stand_in_the_order_in_which_they_are_printed() -> None:
    def funds(part: str, line: int) -> FormRow:
        return FormRow("P02", part, "年度资金总额", "", "年度资金总额", 0, 0, "funds", "", Spot(line=line))

    made = sheets(FORMS["P02"], [funds("绿化养护", 40), funds("病虫防治", 90), funds("古树保护", 65)], [], mark)
    assert [sheet.part for sheet in made] == ["绿化养护", "古树保护", "病虫防治"]
