"""The night's time budget: what did not fit is listed and comes first the next night."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.night import budget, documents, runs
from flows.night.plan import Found, Outcome, Plan
from flows.publish import publish
from flows.workers.limits import BadLimit
from flows.workers.pool import Workers


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in "abcd":
        (inbox / f"{name}.txt").write_text(f"不是决算 {name}")
    return Plan((str(inbox),), tmp_path / "data" / "w.duckdb", tmp_path / "reports" / "site")


def names(fresh: tuple[Found, ...]) -> str:
    return "".join(one.name[0] for one in fresh)


def refused(found: Found) -> Outcome:
    return Outcome(found, None, warehouse.Refusal("no_form", {"zh": "没有报表", "en": "no forms"}))


def test_no_document_is_begun_after_the_end(plan: Plan) -> None:
    found, _ = documents.collected(plan, "night")
    with Workers(plan.limits, 1) as workers:
        assert documents.read(found[0], workers, budget.ends(1, -1000.0)).postponed
        assert not documents.read(found[0], workers, None).postponed
    assert budget.ends(None, 0.0) is None and not budget.spent(None)
    assert not budget.spent(budget.ends(10**6, 0.0)) and budget.spent(budget.ends(1, -1000.0))


def test_what_was_put_off_comes_first_then_what_is_new_then_what_was_tried(plan: Plan) -> None:
    found, fresh = documents.collected(plan, "night")
    assert names(fresh) == "abcd"
    a, b, c, d = fresh
    late = documents.settled(plan, found, [Outcome(c, None), Outcome(d, None)])
    assert [Path(one).name for one in late] == ["c.txt", "d.txt"]
    documents.loaded(plan, [refused(a), refused(b)])
    with duckdb.connect(str(plan.warehouse)) as held:
        held.execute("UPDATE document SET reader = 'an earlier one'")
    (Path(plan.sources[0]) / "0 new.txt").write_text("不是决算 0")
    assert names(documents.collected(plan, "night")[1]) == "cd0ab"
    # One of them is read, the other waits longer than what is put off now.
    with duckdb.connect(str(plan.warehouse)) as held:
        held.execute("UPDATE postponed SET since = TIMESTAMP '2025-01-01'")
    again = documents.collected(plan, "night")[1]
    documents.loaded(plan, [refused(again[0])])
    documents.settled(plan, found, [Outcome(again[2], None), Outcome(again[1], None)])
    assert names(documents.collected(plan, "night")[1])[:2] == "d0"
    with duckdb.connect(str(plan.warehouse)) as held:
        assert held.execute("SELECT min(since), count(*) FROM postponed").fetchall() == [(datetime(2025, 1, 1), 2)]
    documents.settled(plan, found, [])
    with duckdb.connect(str(plan.warehouse)) as held:
        assert held.execute("SELECT count(*) FROM postponed").fetchall() == [(0,)]


def test_a_copy_of_what_was_put_off_is_no_source_without_a_document(plan: Plan) -> None:
    (Path(plan.sources[0]) / "z copy.txt").write_bytes((Path(plan.sources[0]) / "a.txt").read_bytes())
    found, fresh = documents.collected(plan, "night")
    with duckdb.connect(str(plan.warehouse)) as held:
        assert held.execute("SELECT count(*) FROM document_source").fetchall() == [(0,)]
    documents.loaded(plan, [refused(one) for one in fresh])
    documents.settled(plan, found, [])
    with duckdb.connect(str(plan.warehouse)) as held:
        assert held.execute("SELECT count(*) FROM document_source").fetchall() == [(5,)]


def test_the_overview_says_that_the_night_is_partial(plan: Plan) -> None:
    run = runs.begin(plan)
    found, fresh = documents.collected(plan, "night")
    documents.settled(plan, found, [Outcome(one, None) for one in fresh])
    runs.end(plan, run, "completed", postponed=4)
    publish(plan.warehouse, RuleBook((), ()), plan.site)
    for page, words in (("index.html", "结果不全"), ("en/index.html", "no time for these 4 documents")):
        text = (plan.site / page).read_text("utf-8")
        assert words in text and "d.txt" in text
    documents.settled(plan, found, [])
    publish(plan.warehouse, RuleBook((), ()), plan.site)
    assert "结果不全" not in (plan.site / "index.html").read_text("utf-8")


def test_the_budget_is_as_given_else_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDUI_TIME_BUDGET", raising=False)
    assert budget.chosen_minutes() is None and budget.chosen_minutes(90) == 90
    monkeypatch.setenv("HEDUI_TIME_BUDGET", "240")
    assert budget.chosen_minutes() == 240 and budget.chosen_minutes(90) == 90
    monkeypatch.setenv("HEDUI_TIME_BUDGET", "all night")
    with pytest.raises(BadLimit, match="HEDUI_TIME_BUDGET"):
        budget.chosen_minutes()
