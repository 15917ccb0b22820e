"""What the checks say of a warehouse: nothing of a sound one, and of each thing that was put wrong exactly that."""

from __future__ import annotations

from datetime import datetime

import pytest

from flows import warehouse, warehouse_checks
from tests.flows.small import disclosure, figure


@pytest.fixture(scope="module")
def sound() -> warehouse.Connection:
    store = warehouse.connect()
    changed = disclosure("b" * 64, figures=(figure("T03", "合计", "本年支出合计", "99.00"),))
    for one in (disclosure(), changed):
        warehouse.load(store, [(one, warehouse.Origin(f"inbox/{one.sha256[:3]}.pdf", one.sha256, 1, "r1"))])
    warehouse.record_unreadable(
        store,
        warehouse.Origin("inbox/空.pdf", "e" * 64, 0, "r1"),
        warehouse.Refusal("empty", {"zh": "空", "en": "empty"}),
    )
    store.execute(
        "INSERT INTO run (run, started, status, filings, rules) VALUES ('one', ?, 'completed', 1, 1)",
        [datetime(2025, 1, 1)],
    )
    store.execute(
        "INSERT INTO kept_verdict (run, rule, filing, instance, status) SELECT 'one', 'T03.row', filing, '合计', 'holds' FROM filing"
    )
    finding = "SELECT 'one', rule, filing, 'x', 'broken', fingerprint, root FROM filing, (VALUES ('T03.row', 'f1', NULL), ('T03.sum', 'f2', 'f1')) v(rule, fingerprint, root) WHERE current"
    store.execute(f"INSERT INTO kept_verdict (run, rule, filing, instance, status, fingerprint, root) {finding}")
    store.execute("INSERT INTO diagnosed SELECT 'one', filing, 'f1', 'several', 2 FROM filing WHERE current")
    for number, id in ((1, "T03/合计/本年支出合计"), (2, "T03/合计/基本支出")):
        store.execute(
            'INSERT INTO suspect (run, filing, root, "set", position, figure) '
            "SELECT 'one', filing, 'f1', ?, 1, ? FROM filing WHERE current",
            [number, id],
        )
    store.execute(
        'INSERT INTO hypothesis (run, filing, root, "set", figure, position, kind) '
        "SELECT run, filing, root, \"set\", figure, 1, 'digits_swapped' FROM suspect"
    )
    # Of the disclosure five numbers are seen and one of them is not placed.
    store.execute("UPDATE filing SET numbers_seen = numbers_placed + 1")
    return store


def test_a_sound_warehouse_has_nothing_wrong(sound: warehouse.Connection) -> None:
    assert [one.text("en") for one in warehouse_checks.inconsistencies(sound)] == []


@pytest.mark.parametrize(
    ("kind", "table", "statement"),
    [
        ("orphan", "document_source", "DELETE FROM document WHERE status = 'unreadable'"),
        ("orphan", "document", "DELETE FROM document_source WHERE source = 'inbox/空.pdf'"),
        ("orphan", "filing", "DELETE FROM document WHERE sha256 LIKE 'b%'"),
        ("orphan", "figure", "INSERT INTO figure (filing, id) VALUES ('nobody', 'T03/合计/基本支出')"),
        ("orphan", "claim", "UPDATE claim SET filing = 'nobody'"),
        ("orphan", "verdict", "UPDATE kept_verdict SET run = 'unheard of'"),
        ("orphan", "verdict", "UPDATE run SET status = 'failed'"),
        ("orphan", "expenditure", "UPDATE expenditure SET filing = (SELECT filing FROM filing WHERE NOT current)"),
        ("orphan", "filing", "UPDATE filing SET supersedes = 'nobody' WHERE version = 2"),
        ("duplicate", "document", "INSERT INTO document SELECT * FROM document LIMIT 1"),
        ("duplicate", "document_source", "INSERT INTO document_source SELECT * FROM document_source LIMIT 1"),
        ("duplicate", "figure", "INSERT INTO figure SELECT * FROM figure LIMIT 1"),
        ("duplicate", "verdict", "INSERT INTO kept_verdict SELECT * FROM kept_verdict LIMIT 1"),
        ("duplicate", "run", "INSERT INTO run SELECT * FROM run"),
        ("orphan", "diagnosed", "UPDATE kept_verdict SET fingerprint = 'another' WHERE fingerprint = 'f1'"),
        ("orphan", "diagnosed", "UPDATE kept_verdict SET root = 'f2' WHERE fingerprint = 'f1'"),
        ("orphan", "diagnosed", "UPDATE kept_verdict SET status = 'holds' WHERE fingerprint = 'f1'"),
        ("orphan", "suspect", "DELETE FROM diagnosed"),
        ("orphan", "hypothesis", 'DELETE FROM suspect WHERE "set" = 2'),
        ("duplicate", "diagnosed", "INSERT INTO diagnosed SELECT * FROM diagnosed"),
        ("duplicate", "suspect", "INSERT INTO suspect SELECT * FROM suspect LIMIT 1"),
        ("duplicate", "hypothesis", "INSERT INTO hypothesis SELECT * FROM hypothesis LIMIT 1"),
        ("count", "diagnosed", "UPDATE kept_verdict SET root = NULL WHERE fingerprint = 'f2'"),
        ("count", "diagnosed", "UPDATE diagnosed SET outcome = 'one'"),
        ("count", "diagnosed", "UPDATE diagnosed SET outcome = 'none'"),
        ("count", "diagnosed", 'DELETE FROM suspect WHERE "set" = 2'),
        ("count", "filing", "UPDATE filing SET current = true"),
        ("count", "filing", "UPDATE filing SET current = NOT current"),
        ("count", "document", "DELETE FROM filing WHERE version = 2"),
        ("count", "filing", "DELETE FROM unplaced_number"),
        ("count", "run", "DELETE FROM kept_verdict"),
        ("count", "run", "UPDATE run SET status = 'running'"),
        ("count", "judged_filing", "DELETE FROM judged_filing"),
        ("count", "expenditure", "DELETE FROM expenditure WHERE row_key = '212'"),
        ("count", "expenditure", "UPDATE expenditure SET total = NULL"),
        ("count", "expenditure", "DELETE FROM figure WHERE filing = (SELECT filing FROM filing WHERE current)"),
    ],
)
def test_what_is_put_wrong_is_found(sound: warehouse.Connection, kind: str, table: str, statement: str) -> None:
    sound.execute("BEGIN")
    try:
        sound.execute(statement)
        found = warehouse_checks.inconsistencies(sound)
    finally:
        sound.execute("ROLLBACK")
    assert (kind, table) in {(one.kind, one.table) for one in found}
    assert all(one.count > 0 and one.example and table for one in found)
    assert all(one.text("zh") != one.text("en") for one in found)
