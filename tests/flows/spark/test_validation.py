"""Suites on Spark: the same verdicts as in the warehouse, kept alike, and refused alike where something goes wrong."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import reconcile, rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all
from flows import lake as lakes
from flows import validate
from flows.night.engine import Engine
from flows.record import ExpectationResult
from flows.spark import session
from tests.flows.spark.cluster import SMALL, needs_spark
from tests.flows.test_validate import RULES, new_warehouse, with_sql

pytestmark = needs_spark()

MASTER = "local[2]"


@pytest.fixture(scope="module", autouse=True)
def one_small_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("conf")
    (folder / "spark-defaults.conf").write_text(SMALL)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SPARK_CONF_DIR", str(folder))
        with session.started(MASTER) as one:
            patched.setattr("flows.validate.spark.started", lambda master: nullcontext(one))
            yield
    assert _java() == []


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "E.yaml").write_text(RULES, "utf-8")
    return rules.load(folder)


@pytest.fixture(scope="module")
def compiled(book: RuleBook) -> tuple[Compiled, ...]:
    return compile_all(book, vocabulary.load())


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return new_warehouse(tmp_path / "数据 仓库.duckdb")


def on_spark(warehouse: Path) -> validate.Opening:
    """The lake holds what the warehouse holds, and Spark judges."""
    from flows.validate.spark import on_engine

    address = str(warehouse.with_name("数据 湖"))
    with duckdb.connect(str(warehouse)) as connection:
        lakes.write(connection, lakes.opened(address), "now")
    return on_engine(Engine("spark", MASTER, address))


def by_spark(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], run: str = "night-1", **more: Any
) -> validate.Validation:
    return validate.validate(warehouse, book, compiled, run, opening=on_spark(warehouse), **more)


def kept(warehouse: Path) -> list[tuple[Any, ...]]:
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    with duckdb.connect(str(warehouse)) as connection:
        return connection.execute(
            f"SELECT rule, rule_fingerprint, fingerprint, {columns} FROM verdict ORDER BY ALL"
        ).fetchall()


def told(one: ExpectationResult) -> tuple[Any, ...]:
    counted = (one.success, one.element_count, one.unexpected_count, one.counts)
    rows = one.failing if one.rule else len(one.failing)
    return (one.suite, one.table, one.expectation_type, one.description, *counted, rows)


def test_spark_keeps_what_the_warehouse_keeps_and_says_the_same(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], tmp_path: Path
) -> None:
    other = shutil.copy(warehouse, tmp_path / "other.duckdb")
    here = validate.validate(Path(other), book, compiled, "night-1", tmp_path / "gx-here")

    there = by_spark(warehouse, book, compiled, context_root=tmp_path / "gx-there")

    assert there.counts == here.counts == {"holds": 6, "rounding": 1, "broken": 3, "not_verifiable": 1}
    assert kept(warehouse) == kept(Path(other)) and len(kept(warehouse)) == 4
    assert [told(one) for one in there.results] == [told(one) for one in here.results]
    suites_kept = [
        {path.relative_to(root).as_posix() for path in (root / "expectations").rglob("*.json")}
        for root in (tmp_path / "gx-here", tmp_path / "gx-there")
    ]
    assert suites_kept[0] == suites_kept[1] != set()


def test_only_what_no_longer_stands_is_judged(warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("INSERT INTO run (run, started, status) VALUES ('night-1', '2026-01-01', 'completed')")
    by_spark(warehouse, book, compiled)
    with duckdb.connect(str(warehouse)) as connection:
        from flows import standing

        standing.settle(connection, "night-1")
        connection.execute("UPDATE expenditure SET total = -5 WHERE filing = 'f2'")
        connection.execute("INSERT INTO run (run, started, status) VALUES ('night-2', '2026-01-02', 'running')")
    again = by_spark(warehouse, book, compiled, "night-2")
    assert again.verdicts == 2  # the rules on the only row of f2
    with duckdb.connect(str(warehouse)) as connection:
        found = connection.execute("SELECT DISTINCT run, filing FROM kept_verdict ORDER BY ALL").fetchall()
    assert found == [("night-1", "f1"), ("night-1", "f2"), ("night-2", "f2")]


def refused(warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]) -> tuple[validate.Fault, ...]:
    with pytest.raises(validate.ValidationError) as caught:
        by_spark(warehouse, book, compiled)
    assert kept(warehouse) == []
    return caught.value.faults


def test_a_rule_that_crashes_or_does_not_compile_is_named(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    crashing = with_sql(
        compiled[0],
        compiled[0].template.replace("FROM k", "FROM k WHERE CAST(stated * 10 AS DECIMAL(3,1)) IS NOT NULL"),
    )
    faults = refused(warehouse, book, (crashing, *compiled[1:]))
    assert [fault.where for fault in faults] == [f"E.row (E.yaml:{compiled[0].rule.line})"]

    broken = with_sql(compiled[1], compiled[1].template.replace("t.total", "t.totl"))
    (fault,) = refused(warehouse, book, (compiled[0], broken, *compiled[2:]))
    assert fault.where.startswith("E.negative (E.yaml:") and "totl" in fault.en


def test_a_canary_that_passes_is_an_error(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.validate import spark

    monkeypatch.setattr(spark, "CANARY_QUERY", "SELECT 'canary' AS name, 1 AS stated, 1 AS computed")
    (fault,) = refused(warehouse, book, compiled)
    assert fault.where == "canary"


def test_verdicts_that_come_back_otherwise_are_an_error(
    warehouse: Path,
    book: RuleBook,
    compiled: tuple[Compiled, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows.validate.spark import OnSpark

    honest: Callable[[OnSpark], None] = OnSpark.stage

    def spoiled(source: OnSpark) -> None:
        honest(source)
        source.connection.execute(f"DELETE FROM {reconcile.STAGING} WHERE rule = 'E.row' AND status = 'broken'")

    monkeypatch.setattr(OnSpark, "stage", spoiled)
    (fault,) = refused(warehouse, book, compiled)
    assert fault.where.startswith("E.row (")


def test_a_rule_that_is_a_query_opens_no_file(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], tmp_path: Path
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'f1' AS filing) TO '{tmp_path}/secret.parquet' (FORMAT parquet)")
    spying = replace(
        compiled[0],
        template=compiled[0].template.replace(
            "FROM k", f'FROM k WHERE filing IN (SELECT filing FROM "parquet"."{tmp_path}/secret.parquet")'
        ),
    )
    (fault,) = refused(warehouse, book, (spying, *compiled[1:]))
    assert fault.where.startswith("E.row (")


def _java() -> list[str]:
    """Processes of Java that this one has started."""
    import os

    ran = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False)
    return [line for line in ran.stdout.splitlines() if "java" in line.split(" ")[0]]
