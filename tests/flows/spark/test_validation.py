"""Suites on Spark: the same verdicts as in the warehouse, kept alike."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import rules, suites, vocabulary
from expectations.rules import RuleBook
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all
from flows import lake as lakes
from flows import validate
from flows.night.engine import Engine
from flows.record import ExpectationResult
from flows.spark import session
from tests.flows.spark.small import SMALL, needs_spark
from tests.flows.test_validate import RULES, new_warehouse

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


@pytest.fixture(autouse=True)
def few_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The structure of a few tables instead of all fifty."""
    whole = suites.structure_suites
    some = ("expenditure", "filing", "sentence")
    monkeypatch.setattr(validate, "structure_suites", lambda words: [one for one in whole(words) if one.table in some])


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


def _java() -> list[str]:
    """Processes of Java that this one has started."""
    import os

    ran = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False)
    return [line for line in ran.stdout.splitlines() if "java" in line.split(" ")[0]]
