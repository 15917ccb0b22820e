"""The short SQL that only counts and the SQL of some filings alone say the same as the SQL of all verdicts with their arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import rules, vocabulary
from expectations.sql.verdicts import Compiled, compile_all
from flows import warehouse
from flows.read import read
from flows.recognise import recognise

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
COMPILED = compile_all(rules.load(), vocabulary.load())


@pytest.fixture(scope="module")
def read_samples() -> duckdb.DuckDBPyConnection:
    connection = warehouse.connect()
    load_samples(connection)
    connection.execute("PRAGMA disable_optimizer")  # so few rows are judged sooner than planned
    return connection


def load_samples(connection: duckdb.DuckDBPyConnection) -> None:
    """The samples with their planted errors, and each once more with every third figure and statement read without certainty."""
    for path in sorted(
        one for one in SAMPLES.iterdir() if one.suffix in (".md", ".xlsx", ".pdf") and one.stem != "README"
    ):
        origin = warehouse.Origin(path.name, path.name, 1, "test")
        (key,) = warehouse.load(connection, [(recognise(read(path)), origin)])
        again(connection, key)


def again(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """The derived rows of the filing once more as `key`-doubted, which names every third of its ids as doubtful."""
    for table in vocabulary.load().tables:
        columns = [column.name for column in table.columns if column.name not in ("filing", "doubted")]
        named = ", ".join(f'"{name}"' for name in columns)
        more, told = "", ""
        if table.name == vocabulary.JUDGED:
            ids = f"SELECT id FROM figure WHERE filing = '{key}' UNION ALL SELECT id FROM claim WHERE filing = '{key}'"
            more, told = ", doubted", f", (SELECT list(id) FROM (FROM ({ids}) ORDER BY id) WHERE hash(id) % 3 = 0)"
        connection.execute(
            f'INSERT INTO "{table.name}" (filing, {named}{more}) '
            f"SELECT '{key}-doubted', {named}{told} FROM \"{table.name}\" WHERE filing = '{key}'"
        )


def counted(connection: duckdb.DuckDBPyConnection, query: str) -> Counter[Any]:
    return Counter(connection.execute(query).fetchall())


@pytest.fixture(params=COMPILED, ids=lambda one: one.rule.id)
def one(request: pytest.FixtureRequest) -> Iterator[Compiled]:
    yield request.param


def test_the_samples_have_every_outcome(read_samples: duckdb.DuckDBPyConnection) -> None:
    found: Counter[str] = Counter()
    for each in COMPILED:
        found += Counter(status for (status,) in read_samples.execute(f"SELECT status FROM ({each.sql()})").fetchall())
    assert min(found[status] for status in ("holds", "rounding", "broken", "not_verifiable")) > 20


def test_what_is_counted_is_what_is_judged(read_samples: duckdb.DuckDBPyConnection, one: Compiled) -> None:
    judged = counted(read_samples, f"SELECT filing, status FROM ({one.sql()})")
    short = counted(read_samples, one.outcomes())
    certain = {key: number for key, number in judged.items() if not key[0].endswith("-doubted")}
    assert {key: number for key, number in short.items() if not key[0].endswith("-doubted")} == certain
    unsure = Counter(filing for filing, _ in judged.elements() if filing.endswith("-doubted"))
    assert Counter(filing for filing, _ in short.elements() if filing.endswith("-doubted")) == unsure
    assert {status for filing, status in short if filing.endswith("-doubted")} <= {None, "not_verifiable"}


def test_some_filings_alone_are_judged_as_among_all(read_samples: duckdb.DuckDBPyConnection, one: Compiled) -> None:
    some = "SELECT filing FROM judged_filing ORDER BY filing LIMIT 2"
    alone = counted(read_samples, f"SELECT COLUMNS(*)::VARCHAR FROM ({one.sql(filings=some)})")
    among = counted(read_samples, f"SELECT COLUMNS(*)::VARCHAR FROM ({one.sql()}) WHERE filing IN ({some})")
    assert alone == among


def test_no_rule_compares_every_row_with_every_row(read_samples: duckdb.DuckDBPyConnection, one: Compiled) -> None:
    """Such a join takes milliseconds of three filings and forever of twenty thousand."""
    read_samples.execute("PRAGMA enable_optimizer")
    try:
        plan = read_samples.execute(f"EXPLAIN {one.outcomes(one.base)}").fetchall()[0][1]
    finally:
        read_samples.execute("PRAGMA disable_optimizer")
    assert "HASH_JOIN" in plan or "SCAN" in plan
    assert not {"BLOCKWISE_NL_JOIN", "CROSS_PRODUCT", "NESTED_LOOP_JOIN", "PIECEWISE_MERGE_JOIN"} & set(plan.split())
