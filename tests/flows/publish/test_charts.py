"""Charts against amounts and shares reckoned by hand; nothing is drawn from what was not read or does not add up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations import vocabulary
from expectations.rules import RuleBook
from flows import warehouse
from flows.publish import publish
from flows.publish.content.views import Contents, Document, Figure, Filing, FormReading, Run, Spot
from flows.publish.pages import charts
from flows.publish.pages.charts import Point, structure, trend
from flows.publish.pages.evidence import marks
from tests.flows.publish import little
from tests.flows.publish.test_site import filing_page

FORM = vocabulary.load().forms["T01"]
CENT = Decimal("0.01")
INCOME = {"一般公共预算财政拨款收入": "750.00", "事业收入": "200.00", "其他收入": "50.00", "本年收入合计": "1000.00"}
EXPENDITURE = {"教育支出": "333.33", "住房保障支出": "0.30", "卫生健康支出": "666.36", "本年支出合计": "999.99"}


def contents(printed: dict[str, str], status: str = "read", **more: Any) -> Contents:
    filing = Filing("k", "i", "示例局", 2024, "final_accounts", "department", "万元", 1, None, 9, 1, 1, Document("", "", "", ""))  # fmt: skip
    figures = tuple(
        Figure(f"T01/{key}/决算数", "T01", "", key, "决算数", Decimal(value), "万元", CENT, value, "", Spot())
        for key, value in printed.items()
    )
    return Contents(
        filing, (FormReading("T01", "", (1,), status, "万元", "", "", ""),), (), figures, (), (), (), **more
    )


def test_income_and_expenditure_are_drawn_by_their_shares() -> None:
    income, expenditure = structure(contents(INCOME | EXPENDITURE), FORM)
    assert (income.total, income.unit, income.why) == ("1,000.00", "万元", "")
    assert [(p.label, p.amount, p.share, p.x, p.width) for p in income.parts] == [
        ("一般公共预算财政拨款收入", "750.00", "75.0", "0", "75"),
        ("事业收入", "200.00", "20.0", "75", "20"),
        ("其他收入", "50.00", "5.0", "95", "5"),
    ]
    # 666.36 / 999.99 = 66.637 %, 333.33 / 999.99 = 33.333 %, 0.30 / 999.99 = 0.030 %
    assert [(p.label, p.share) for p in expenditure.parts] == [
        ("卫生健康支出", "66.6"),
        ("教育支出", "33.3"),
        ("住房保障支出", "<0.1"),
    ]


@pytest.mark.parametrize(
    ("printed", "status", "doubts", "why"),
    [
        (INCOME, "missing", {}, "why_missing"),
        (INCOME, "blank", {}, "why_blank"),
        (INCOME, "unreadable", {}, "why_doubt"),
        (INCOME, "read", {"T01/其他收入/决算数": {"zh": "", "en": ""}}, "why_doubt"),
        (INCOME, "read", {"T01": {"zh": "", "en": ""}}, "why_doubt"),
        (INCOME | {"其他收入": "50.03"}, "read", {}, "why_sum"),
        (INCOME | {"其他收入": "-50.00", "事业收入": "300.00"}, "read", {}, "why_negative"),
        ({key: value for key, value in INCOME.items() if key != "本年收入合计"}, "read", {}, "why_total"),
        (INCOME | {"本年收入合计": "0"}, "read", {}, "why_total"),
    ],
)
def test_nothing_is_drawn_from_what_is_missing_doubtful_or_does_not_add_up(
    printed: dict[str, str], status: str, doubts: dict[str, dict[str, str]], why: str
) -> None:
    income = structure(contents(printed, status, doubts=doubts), FORM)[0]
    assert (income.why, income.parts) == (why, ())


def test_a_tail_difference_does_not_keep_the_chart_away() -> None:
    """Three parts and their total, each off by half a cent at most, may miss each other by two cents."""
    assert structure(contents(INCOME | {"其他收入": "50.02"}), FORM)[0].why == ""


def test_amounts_in_different_units_are_not_added() -> None:
    made = contents(INCOME)
    made = replace(made, figures=(made.figures[0]._replace(unit="元"), *made.figures[1:]))
    assert structure(made, FORM)[0].why == "why_doubt"


def test_the_trend_has_a_bar_for_each_run_with_its_date_and_numbers() -> None:
    points = [
        Point(Run(str(day), datetime(2025, 9, day, 2)), bad, 10, 90, 100) for day, bad in ((1, 10), (2, 30), (3, 20))
    ]
    made = trend(points)
    # The highest run, 30 + 10, fills 120 pixels: three pixels a finding.
    assert made.top == 40 and [(b.bad_height, b.explain_height) for b in made.bars] == [
        ("30", "30"),
        ("90", "30"),
        ("60", "30"),
    ]
    assert [(b.bad_top, b.explain_top) for b in made.bars] == [("90", "60"), ("30", "0"), ("60", "30")]
    assert next((b.at, b.day, b.agree) for b in made.bars) == ("2025-09-01 02:00", "09-01", "90.0")
    many = trend(points * 10)
    assert [b.labelled for b in many.bars].count(True) == 3, "the first, the highest, the last"


def test_runs_without_findings_are_no_division_by_zero() -> None:
    made = trend([Point(Run("a", None), 0, 0, 5, 5)] * 2)
    assert {bar.bad_height for bar in made.bars} == {"0"} and made.bars[0].at == "a"


def test_a_filings_page_draws_its_structure_and_names_what_nothing_judges(site: Path) -> None:
    """T01 prints one source and two classes: 1874.25 and 298.47 of 2172.72 are 86.3 % and 13.7 %."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", filing_page(site, "示例市水务局")))
    assert "收入来源 合计 2,172.72 万元 一般公共预算财政拨款收入 100.0%" in text
    assert "一般公共服务支出 1,874.25 86.3%" in text and "社会保障和就业支出 298.47 13.7%" in text
    # T03 16 of 16, T01 1 of 5, none of T06's 7 and P02's 6.
    assert "17 / 34 个（50.0%）" in text and "收入支出决算总表 1 / 5 · 20.0%" in text
    assert "没有核对到的数字 17" in text and "T06 · 工资福利支出 · 决算数" in text
    english = filing_page(site, "示例市水务局", "en")
    assert "Figures that no verdict judges" in english and "Income by source" in english


def test_the_overviews_trend_reads_without_its_picture(site: Path) -> None:
    page = (site / "index.html").read_text("utf-8")
    trend_card = page[page.index('id="h-trend"') : page.index("</section>", page.index('id="h-trend"'))]
    assert "<title id=" in trend_card and trend_card.count('<th scope="row">') == 2
    rows = re.findall(r'<td class="num">([\d.%]+)</td>', trend_card)
    # Night 2: two to correct, three to explain, 31 of 36 verdicts hold; night 1: two shares of 24 verdicts.
    assert rows == ["2", "3", "86.1%", "0", "2", "91.7%"]


def test_no_chart_holds_a_style_of_its_own(site: Path) -> None:
    for path in site.rglob("*.html"):
        assert " style=" not in path.read_text("utf-8"), path


def test_a_filing_that_is_set_aside_has_no_structure(book: RuleBook) -> None:
    made = contents(INCOME)
    aside = replace(made, filing=replace(made.filing, kind="budget"))
    assert charts.filing_charts(aside, marks(()), vocabulary.load().forms).structure == ()
    assert charts.filing_charts(made, marks(()), vocabulary.load().forms).structure != ()


def test_a_figure_of_which_nothing_could_be_verified_is_not_counted_as_judged(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局")])
    little.judge(db, book, "one", datetime(2025, 9, 1))
    db.execute("UPDATE kept_verdict SET status = 'not_verifiable' WHERE rule = 'S.state'")
    publish(db, book, tmp_path / "site")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", filing_page(tmp_path / "site", "示例市档案局")))
    assert "收入支出决算总表 0 / 5 · 0.0%" in text and "另 1 个暂无法核对" in text
