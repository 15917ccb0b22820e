"""What a filing prints is the same read from memory and from the warehouse: else the night would suppose other things than `hedui check`."""

from __future__ import annotations

from flows import schema, warehouse
from flows.explain import ties
from flows.explain.paper import paper_of, papers
from tests.flows.small import disclosure


def test_the_paper_of_a_filing_is_the_same_in_memory_and_in_the_warehouse() -> None:
    one = disclosure()
    with warehouse.connect() as store:
        (key,) = warehouse.load(store, [(one, warehouse.Origin("inbox/a.pdf", one.sha256, 1, "r"))])
        assert papers(store, [key]) == {key: paper_of(one)}
        assert {"T03", "N"} <= {printed.form for printed in paper_of(one).printed.values()}


def test_nothing_is_supposed_of_filings_that_are_no_longer_judged() -> None:
    one = disclosure()
    with warehouse.connect() as store:
        (key,) = warehouse.load(store, [(one, warehouse.Origin("inbox/a.pdf", one.sha256, 1, "r"))])
        for filing in (key, "gone"):
            store.execute("INSERT INTO diagnosed VALUES ('r', ?, 'x', 'one', 1)", [filing])
            store.execute('INSERT INTO suspect (run, filing, root, "set") VALUES (?, ?, ?, 1)', ["r", filing, "x"])
            store.execute('INSERT INTO hypothesis (run, filing, root, "set") VALUES (?, ?, ?, 1)', ["r", filing, "x"])
        ties.forget_gone(store)
        for table in schema.DIAGNOSES:
            assert store.execute(f"SELECT filing FROM {table.name}").fetchall() == [(key,)]
