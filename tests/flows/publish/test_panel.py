"""The evidence as the panel reads it: packed once for both languages, unpacked to the same words and numbers as the page has."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from expectations.rules import RuleBook
from flows.publish.content import queries, reading
from flows.publish.content.views import Figure, Term, Verdict
from flows.publish.pages.evidence import Step, anchor, evidence
from flows.publish.pages.packing import edges_of
from flows.publish.wording.numbers import printed
from tests.flows.publish.test_browser import address

if TYPE_CHECKING:
    from playwright.sync_api import Page

VALUES = (
    "551.83",
    "-551.83",
    "0.00",
    "-0.004",
    "1234567.80",
    "999.995",
    "0.5",
    "7",
    "-12",
    "1000",
    "99999.99",
    "0.0005",
)
ARTICLES = """() => [...document.querySelectorAll("article.finding")].map(a => [a.id,
  [...a.querySelectorAll("tbody tr")].map(r => [...r.cells].map(c => c.textContent.trim()))])"""
UNPACKED = """() => { const w = JSON.parse(document.getElementById("said").textContent);
  const d = unpacked(window.evidence, window.rules, w, document.documentElement.lang.slice(0, 2));
  return d.verdicts.map(v => [v.id, v.steps.map(s => [s[1], s[2] || w[s[0]], s[3], s[4], s[5]])]); }"""
AGREEING = """() => { const w = JSON.parse(document.getElementById("said").textContent);
  const d = unpacked(window.evidence, window.rules, w, document.documentElement.lang.slice(0, 2));
  return d.verdicts.filter(v => !v.id).map(v => [v.rule, v.standing, v.steps]); }"""


def stepped(value: str, unit: str, radius: Decimal | None) -> Step:
    """A term that is printed with this unit, known to within `radius`."""
    number = Decimal(value)
    least, most = ("", "") if radius is None else (printed(number - radius), printed(number + radius))
    exponent = number.as_tuple().exponent
    return Step("term", "+", "项", printed(number, Decimal(1).scaleb(int(exponent))) + unit, least, most)


def test_least_and_most_are_reckoned_back_exactly_as_they_were_left_out(site: Path, page: Page) -> None:
    steps = []
    for value in VALUES:
        half = Decimal(5).scaleb(int(Decimal(value).as_tuple().exponent) - 1)
        steps += [
            stepped(value, unit, radius) for unit in ("", " 万元", "%", "辆") for radius in (half, Decimal(0), None)
        ]
        steps += [stepped(value, "", half * 3), stepped(value, "", half / 3)]
    steps.append(Step("term", "+", "项", "7", "6.9", "7.2"))
    modes = [edges_of(step) for step in steps]
    assert {"", "half", "same", "own"} < set(modes) and modes.count("half") >= len(VALUES) * 4 - 8
    assert sum(mode.startswith("±") for mode in modes) >= len(VALUES)
    packed = {
        "texts": [""],
        "kinds": [["term", "+", 0, mode] for mode in modes],
        "rules": ["R"],
        "verdicts": [],
        "agreements": [[0, 0, list(range(len(steps))), [[0, s.printed, s.least, s.most] if m == "own" else s.printed for s, m in zip(steps, modes, strict=True)]]],
        "figures": [],
    }  # fmt: skip
    page.goto(address(site, "示例市档案局"))
    made = page.evaluate(f"() => unpacked({json.dumps(packed)}, {{}}, {{}}, 'zh').verdicts[0].steps")
    for step, mode, found in zip(steps, modes, made, strict=True):
        assert found[3:6] == [step.printed, step.least, step.most], (mode, step, found)


def test_the_panel_has_of_every_finding_the_arithmetic_that_the_page_prints(site: Path, page: Page) -> None:
    for lang in ("", "en"):
        page.goto(address(site, "示例市档案局", lang))
        on_page, packed = page.evaluate(ARTICLES), dict(page.evaluate(UNPACKED))
        assert on_page and sum(len(rows) for _, rows in on_page) > 4
        for id_, rows in on_page:
            assert packed[id_] == rows


def test_the_panel_has_of_all_that_agrees_the_arithmetic_of_its_terms(
    site: Path, filled: Path, db: duckdb.DuckDBPyConnection, book: RuleBook, page: Page
) -> None:
    run = queries.runs(db)[0]
    severities = {rule.id: rule.severity for rule in book.rules}
    seen = 0
    for contents in reading.contents(db, queries.filings(db), run):
        rows = db.execute(
            f"{queries.VERDICT} WHERE v.filing = ? AND v.run = ? AND v.status IN ('holds', 'rounding')",
            [contents.filing.key, run.id],
        ).fetchall()
        made = evidence(replace(contents, verdicts=tuple(map(queries.verdict_of, rows))), severities)
        wanted = [
            [
                item.verdict.rule,
                item.standing,
                [[*step[:6], anchor(step.target) if step.target else ""] for step in item.steps],
            ]
            for item in made
            if item.steps
        ]
        page.goto((site / "filings" / f"{contents.filing.key}.html").as_uri())
        assert sorted(page.evaluate(AGREEING)) == sorted(wanted)
        seen += len(wanted)
    assert seen > 20


def test_numbers_in_two_units_of_money_all_say_theirs(db: duckdb.DuckDBPyConnection) -> None:
    run = queries.runs(db)[0]
    contents = next(one for one in reading.contents(db, queries.filings(db), run) if len(one.figures) > 1)
    first, second = (figure._replace(unit="万元") for figure in contents.figures[:2])
    half = Decimal("0.005")
    terms = (
        Term("computed", "+", first.id, "甲", Decimal("418.50"), half),
        Term("computed", "+", second.id, "乙", Decimal("2"), half),
        Term("stated", "", None, "丙", Decimal("300"), half),
    )
    amounts = (Decimal(300), Decimal("420.50"), Decimal("-120.50"), half, Decimal("120.495"))
    verdict = Verdict("R", contents.filing.key, "x", "broken", *amounts, "amount", "", None, terms, "f")

    def shown(second: Figure, verdict: Verdict) -> list[str]:
        filing = replace(contents.filing, unit="万元")
        some = replace(contents, filing=filing, verdicts=(verdict,), figures=(first, second), claims=())
        return [step.printed for step in evidence(some, {"R": "critical"})[0].steps]

    assert shown(second, verdict) == ["418.50", "2.00", "420.50", "300.00"]
    in_yuan = second._replace(unit="元")
    assert shown(in_yuan, verdict) == ["418.50 万元", "20,000 元", "420.50 万元", "300.00 万元"]
    assert shown(in_yuan, verdict._replace(status="holds"))[0] == "418.50"


def test_a_finding_in_the_panel_names_its_root_in_the_readers_language(site: Path, page: Page) -> None:
    for lang, words in (("", "由问题 1 引起"), ("en", "follows from finding 1")):
        page.goto(address(site, "示例市档案局", lang))
        id_ = page.locator("article.finding.follows").first.get_attribute("id")
        page.evaluate("hash => { location.hash = hash; }", id_)
        page.locator("#panel").get_by_text(words).wait_for(timeout=2000)


def test_evidence_is_data_and_cannot_become_markup(site: Path) -> None:
    for path in (site / "filings").glob("*.js"):
        text = path.read_text("utf-8")
        assert text.startswith("window.evidence = {") and "<" not in text and "\u2028" not in text
        json.loads(text.removeprefix("window.evidence = ").removesuffix(";\n"))
