"""Versions of a filing compared: what changed in figures and claims, and which findings came and went."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.publish import publish
from flows.publish.content.queries import runs
from flows.publish.content.versions import Comparison, histories
from flows.recognise.disclosure import Disclosure
from tests.flows.publish import little

ORGANISATION = "示例市档案局"


def amended() -> Disclosure:
    """As the first version, with a wrong total, one figure more, one less, and another share in the narrative."""
    made = little.disclosure(ORGANISATION, "515.83")
    figures = [one for one in made.figures if one.id != "T06/30201/决算数"]
    figures.append(replace(figures[0], id="T01/结余/决算数", row_key="结余"))
    claims = [replace(one, value=Decimal("13.75")) if one.id == "N/0005" else one for one in made.claims]
    return replace(made, figures=tuple(figures), claims=tuple(claims))


@pytest.fixture(scope="module")
def restated(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    path = tmp_path_factory.mktemp("versions") / "w.duckdb"
    with warehouse.connect(path) as db:
        little.fill(db, [little.disclosure(ORGANISATION), little.disclosure("示例市水务局")])
        little.judge(db, book, "night-1", datetime(2025, 9, 1, 2, 0))
        little.fill(db, [amended()])
        little.judge(db, book, "night-2", datetime(2025, 9, 2, 2, 0))
    return path


def compared(path: Path) -> Comparison:
    with warehouse.connect(path, read_only=True) as db:
        (history,) = histories(db, runs(db)[0]).values()
    assert [one.number for one in history.versions] == [2, 1]
    (comparison,) = history.comparisons
    return comparison


def test_what_changed_between_two_versions_is_found_and_nothing_else(restated: Path) -> None:
    found = compared(restated)
    changes = {one.id: (one.before and one.before.raw, one.after and one.after.raw) for one in found.figures}
    assert changes == {
        "T03/2012604/本年支出合计": ("551.83", "515.83"),
        "T06/30201/决算数": ("290.00", None),
        "T01/结余/决算数": (None, "2172.72"),
    }
    assert [(one.kind, one.before and one.before.value, one.after and one.after.value) for one in found.claims] == [
        ("share", Decimal("13.74"), Decimal("13.75"))
    ]


def test_findings_that_came_went_and_stayed_are_told_apart(restated: Path) -> None:
    found = compared(restated)
    assert {verdict.rule for verdict in found.came} == {"S.row", "S.rollup", "S.share"}
    assert {verdict.fingerprint for verdict in found.came}.isdisjoint(one.fingerprint for one in found.gone)
    assert found.stayed + len(found.gone) >= 1


def test_a_version_that_no_run_judged_is_not_compared_by_findings(tmp_path: Path, book: RuleBook) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse.connect(path) as db:
        little.fill(db, [little.disclosure(ORGANISATION), amended()])
        little.judge(db, book, "night-1", datetime(2025, 9, 1, 2, 0))
    found = compared(path)
    assert not found.before.judged and (found.came, found.gone, found.stayed) == ((), (), 0) and found.figures


def test_the_page_is_there_only_for_filings_with_versions_and_linked_from_them(
    restated: Path, book: RuleBook, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    publish(restated, book, site)
    (page,) = (site / "filings").glob("*.versions.html")
    told = page.read_text("utf-8")
    for shown in (
        "第 2 版与第 1 版相比",
        "551.83",
        "515.83",
        "档案馆",
        "新增 1 · 删除 1 · 改动 1",
        "每行合计等于各类支出之和",
    ):
        assert shown in told, shown
    filing = page.with_name(page.name.replace(".versions", "")).read_text("utf-8")
    assert f'<a href="{page.name}">与上一版比较</a>' in filing
    assert "Figures that changed" in (site / "en" / "filings" / page.name).read_text("utf-8")
    others = [one.read_text("utf-8") for one in (site / "filings").glob("*.html") if one.stem[:12] != page.stem[:12]]
    assert others and not any("versions.html" in text for text in others)
