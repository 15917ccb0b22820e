"""Roots from tables are the roots from memory: what the night keeps is what `hedui check` says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest

from flows import warehouse
from flows.explain import evidence, looking, ties
from flows.explain.diagnose import explained
from flows.explain.order import under_roots
from flows.workers import crew
from tests.flows.explain.accounts import AMOUNTS, Identity, filing, identities, rules_of


@pytest.fixture
def held() -> Iterator[warehouse.Connection]:
    with warehouse.connect() as connection:
        yield connection


def keep(
    connection: warehouse.Connection, run: str, key: str, printed: dict[str, Decimal], known: list[Identity]
) -> None:
    columns = [column.name for column in warehouse.schema.KEPT_VERDICT.columns]
    for one in known:
        row = {"run": run, "filing": key, **one.verdict(printed)}
        marks = ", ".join("?" if name in row else "NULL" for name in columns)
        connection.execute(f"INSERT INTO kept_verdict VALUES ({marks})", [row[name] for name in columns if name in row])


def faulty(seed: int) -> dict[str, Decimal]:
    chance = random.Random(seed)
    printed = filing(AMOUNTS)
    for id in chance.sample(sorted(printed), chance.randint(1, 3)):
        printed[id] += Decimal(chance.randint(10, 99_999)) / 100
    return printed


def test_the_night_keeps_the_roots_that_check_finds_for_every_filing_of_its_run_alone(
    held: warehouse.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ties, "BATCH", 2)
    known, wanted = identities(), {}
    for seed in range(5):
        printed = faulty(seed)
        keep(held, "now", f"f{seed}", printed, known)
        roots = explained([one.verdict(printed) for one in known], rules_of(known)).roots
        wanted |= {(f"f{seed}", symptom): root for symptom, root in roots.items()}
    keep(held, "before", "f0", faulty(0), known)
    ties.tie(held, "now", rules_of(known))
    found = held.execute("SELECT run, filing, fingerprint, root FROM verdict WHERE root IS NOT NULL").fetchall()
    assert len(wanted) > 5 and {(key, id): root for run, key, id, root in found if run == "now"} == wanted
    assert {run for run, *_ in found} == {"now"}


def told(connection: warehouse.Connection) -> list[list[tuple[object, ...]]]:
    """What is supposed, row for row as it lies there, and the roots."""
    tables = [table.name for table in warehouse.schema.DIAGNOSES]
    rows = [connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in tables]
    roots = connection.execute("SELECT filing, fingerprint, root FROM kept_verdict WHERE root IS NOT NULL ORDER BY ALL")
    return [*rows, roots.fetchall()]


def test_processes_suppose_the_same_as_this_one_in_the_same_order(
    held: warehouse.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, started = identities(), []
    for seed in range(12):
        keep(held, "now", f"f{seed:02}", faulty(seed), known)
    ties.tie(held, "now", rules_of(known))
    alone = told(held)
    launch = crew.launch
    monkeypatch.setattr(crew, "launch", lambda module, said: started.append(module) or launch(module, said))
    monkeypatch.setattr(looking, "ALONE", 0), monkeypatch.setattr(looking, "cores", lambda: 2)
    monkeypatch.setattr(ties, "HELD", 2), monkeypatch.setattr(ties, "BATCH", 5)
    ties.tie(held, "now", rules_of(known))
    assert told(held) == alone and len(alone[1]) > 12 and len(started) == 2


def test_a_process_that_dies_fails_it_and_what_was_supposed_before_stands(
    held: warehouse.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = identities()
    for seed in range(4):
        keep(held, "now", f"f{seed}", faulty(seed), known)
    ties.tie(held, "now", rules_of(known))
    before, launch = told(held), crew.launch
    monkeypatch.setattr(looking, "ALONE", 0), monkeypatch.setattr(looking, "cores", lambda: 2)
    monkeypatch.setattr(crew, "launch", lambda module, said: launch("this.is.nothing", said))
    with pytest.raises(RuntimeError, match=r"has ended .*this"):
        ties.tie(held, "now", rules_of(known))
    assert told(held) == before


def test_the_night_reads_all_that_any_cause_may_touch_and_not_what_is_far_from_every_finding(
    held: warehouse.Connection,
) -> None:
    known = [*identities(), *(Identity(f"T07 {k}", f"T07/{k}", (f"T07/{k}/a",)) for k in range(9))]
    apart = {id: Decimal("12.34") for one in known[-9:] for id in (one.stated, *one.plus)}
    rules = evidence.kinds(rules_of(known))
    wanted = {}
    for seed in range(20):
        verdicts = [one.verdict(faulty(seed) | apart) for one in known]
        keep(held, "now", f"f{seed}", faulty(seed) | apart, known)
        outlines = [
            evidence.outline(one["rule"], one["status"], *evidence.sides(one["terms"]), rules) for one in verdicts
        ]
        wanted[f"f{seed}"] = {outlines[i] for i in evidence.concerned(outlines)}
    near = {key: {outline for _, outline in some} for key, some in ties._near(held, "now", list(wanted), rules).items()}
    assert all(some <= near[key] for key, some in wanted.items() if some)
    assert sum(map(len, wanted.values())) > 200
    assert not any(id.startswith("T07") for some in near.values() for one in some for id in one.ids)


def test_verdicts_far_from_every_finding_are_not_looked_at() -> None:
    known = identities()
    printed = filing(AMOUNTS) | {"T05/208/基本": Decimal(1)}  # ← 150.45
    rules = evidence.kinds(rules_of(known))
    outlines = []
    for one in known:
        verdict = one.verdict(printed)
        outlines.append(evidence.outline(verdict["rule"], verdict["status"], *evidence.sides(verdict["terms"]), rules))
    looked_at = {known[i].name for i in evidence.concerned(outlines)}
    assert {"T05 row 208", "T03-T05 208 基本", "T05 roll-up 合计 基本"} <= looked_at
    assert not any("2010101" in name and "T03" in name for name in looked_at)


def test_a_list_has_each_finding_behind_its_root_and_keeps_its_order_otherwise() -> None:
    listed = [("a", ""), ("b", "d"), ("c", "a"), ("d", ""), ("e", "not listed"), ("f", "a")]
    order = [id for id, _ in under_roots(listed, lambda one: one[0], lambda one: one[1])]
    assert order == ["a", "c", "f", "d", "b", "e"]
