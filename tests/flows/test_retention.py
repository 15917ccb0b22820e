"""What is forgotten of earlier runs, and what never is."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest

from flows import retention, warehouse
from flows.retention import Retention
from tests.flows.test_standing import a_few_are_enough, accounts, book, by_hand, kept, night, put  # noqa: F401


def test_of_earlier_runs_findings_stay_and_what_the_last_ones_rest_on_is_whole(tmp_path: Path) -> None:
    chance, store = random.Random(3), warehouse.connect()
    rulebook, compiled = book(tmp_path / "rules")
    put(store, *(accounts(chance, number) for number in range(6)))
    before = {}
    for number in range(4):
        by_hand(store, chance)
        night(store, rulebook, compiled, f"night-{number}")
        before[number] = kept(store, f"night-{number}")
    counts = store.execute("FROM rule_count ORDER BY ALL").fetchall()
    held = store.execute("SELECT count(*) FROM kept_verdict").fetchone()

    gone = retention.compact(store, Retention(passes=2), datetime(2025, 1, 9))

    assert 0 < gone == held[0] - store.execute("SELECT count(*) FROM kept_verdict").fetchone()[0]
    passed = ("holds", "rounding")
    for number in (2, 3):
        assert kept(store, f"night-{number}") == before[number]
    for number in (0, 1):
        now = kept(store, f"night-{number}")
        assert [one for one in now if one[2] not in passed] == [one for one in before[number] if one[2] not in passed]
        assert len(now) < len(before[number])
    assert store.execute("FROM rule_count ORDER BY ALL").fetchall() == counts
    assert not store.execute("SELECT bundle FROM kept_verdict EXCEPT SELECT bundle FROM standing").fetchall()
    assert not store.execute("SELECT bundle FROM standing EXCEPT SELECT bundle FROM bundle").fetchall()
    assert not night(store, rulebook, compiled, "again"), "something is judged again because it was forgotten"
    assert kept(store, "again") == before[3]
    assert retention.compact(store, Retention(passes=3), datetime(2025, 1, 9)) == 0


def test_findings_of_an_age_go_with_their_runs_and_those_that_stand_do_not(tmp_path: Path) -> None:
    chance, store = random.Random(4), warehouse.connect()
    rulebook, compiled = book(tmp_path / "rules")
    put(store, *(accounts(chance, number) for number in range(6)))
    for number in range(3):  # on the first, second and third of January
        by_hand(store, chance)
        night(store, rulebook, compiled, f"night-{number}")
    last = kept(store, "night-2")
    retention.compact(store, Retention(passes=1, findings=30), datetime(2025, 2, 1))
    assert not kept(store, "night-0") and kept(store, "night-1") and kept(store, "night-2") == last


def test_verdicts_of_a_warehouse_of_before_are_forgotten_like_others() -> None:
    store = warehouse.connect()
    for day in (1, 2, 3):
        store.execute("INSERT INTO run (run, started, status) VALUES (?, ?, 'completed')", [f"r{day}", datetime(2025, 1, day)])  # fmt: skip
        store.execute("INSERT INTO kept_verdict (run, rule, status) VALUES ('r' || ?, 'a', 'holds'), ('r' || ?, 'b', 'broken')", [day, day])  # fmt: skip
    assert retention.compact(store, Retention(passes=2), datetime(2025, 1, 9)) == 1
    rows = store.execute("SELECT run, status FROM verdict ORDER BY ALL").fetchall()
    assert rows == [("r1", "broken"), *((f"r{day}", status) for day in (2, 3) for status in ("broken", "holds"))]


def test_how_much_is_kept_is_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert retention.chosen_retention() == Retention(2, 0)
    monkeypatch.setenv("HEDUI_KEEP_PASSES", "7")
    monkeypatch.setenv("HEDUI_KEEP_FINDINGS", "3650")
    assert retention.chosen_retention() == Retention(7, 3650)
    monkeypatch.setenv("HEDUI_KEEP_PASSES", "0")
    with pytest.raises(retention.BadRetention) as refused:
        retention.chosen_retention()
    assert "HEDUI_KEEP_PASSES=0" in refused.value.message["zh"]
