"""The Great Expectations pages: what ran, what it returned, escaped, and the canary understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from expectations.rules import RuleBook
from flows.publish import publish
from tests.flows.publish import little


@dataclass(frozen=True)
class Outcome:
    suite: str
    table: str
    expectation_type: str
    rule: str | None
    description: str
    severity: str
    success: bool
    element_count: int
    unexpected_count: int
    failing: tuple[dict[str, str], ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


RESULTS = (
    Outcome(
        "sample",
        "expenditure",
        "expect_figures_to_reconcile",
        "S.row",
        "x",
        "critical",
        False,
        12,
        1,
        ({"instance": little.HOSTILE, "stated": "515.83"},),
    ),
    Outcome(
        "sample",
        "expenditure",
        "expect_column_values_to_not_be_null",
        None,
        "row_key is never blank",
        "warning",
        True,
        12,
        0,
        (),
        {"column": "<b>"},
    ),
    Outcome("canary", "canary", "expect_figures_to_reconcile", "canary", "1 = 2", "critical", False, 1, 1),
)


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory, filled: Path, book: RuleBook) -> Path:
    target = tmp_path_factory.mktemp("validated") / "site"
    publish(filled, book, target, RESULTS)
    return target


def test_every_suite_has_a_page_with_its_counts(validated: Path) -> None:
    index = (validated / "validation.html").read_text("utf-8")
    assert "示例规则" in index and "1 项通过，1 项未通过" in index and 'href="validation/sample.html"' in index
    assert "1 passed, 1 failed" in (validated / "en/validation.html").read_text("utf-8")


def test_an_expectation_shows_formula_severity_counts_and_failing_rows(validated: Path) -> None:
    page = (validated / "validation/sample.html").read_text("utf-8")
    for shown in (
        "本年支出合计 = 基本支出 + 项目支出",
        "未通过 · 必须更正",
        "expect_figures_to_reconcile",
        "515.83",
        'href="../rules/S.row.html"',
        "row_key is never blank",
    ):
        assert shown in page, shown
    assert page.index("未通过 · 必须更正") < page.index("row_key is never blank"), "failures stand first"
    assert little.HOSTILE not in page and "&lt;script&gt;" in page and "<b>" not in page


def test_the_canary_that_failed_is_as_it_should_be(validated: Path) -> None:
    page = (validated / "validation/canary.html").read_text("utf-8")
    assert "1 项通过，0 项未通过" in page and "必须不通过" in page and 'class="card ok"' in page


def test_a_site_without_results_says_so(site: Path) -> None:
    assert "没有随附校验结果" in (site / "validation.html").read_text("utf-8")
