"""A night that Spark judges is the night that DuckDB judges: in this process, on a cluster, and when a worker is lost on the way."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pytest

from expectations import rules, suites, vocabulary
from expectations.rules import RuleBook
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all
from flows import lake as lakes
from flows import validate, warehouse
from flows.night import judging, runs
from flows.night.engine import Engine
from flows.night.plan import Plan, Summary
from flows.spark import missing
from tests.conftest import REPOSITORY
from tests.flows.spark.cluster import SMALL, needs_spark, running

pytestmark = needs_spark()

SAMPLES = REPOSITORY / "data" / "samples"
ONE_IN = 40
"""One rule in so many judges: each costs Spark a second however few the filings."""
_COLUMNS = ", ".join(name for name, _ in VERDICT_COLUMNS)


@pytest.fixture(scope="module", autouse=True)
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Little memory, some of the rules, the structure of a few tables."""
    folder = tmp_path_factory.mktemp("conf")
    (folder / "spark-defaults.conf").write_text(SMALL)
    whole = suites.structure_suites
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SPARK_CONF_DIR", str(folder))
        patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patched.setattr(validate, "structure_suites", lambda words: whole(words)[:3])
        patched.setattr(judging, "judges", lambda plan: some_rules())
        yield


def some_rules() -> tuple[RuleBook, tuple[Compiled, ...]]:
    book = rules.in_force(())
    compiled = compile_all(book, vocabulary.load())
    others = [next(one for one in compiled if one.part == part) for part in ("previous", "peers", "filers")]
    return book, (*(one for one in compiled[::ONE_IN] if one.part == "own"), *others)


def kept(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            f"SELECT rule, rule_fingerprint, fingerprint, root, {_COLUMNS} FROM verdict ORDER BY ALL"
        ).fetchall()


def test_a_night_by_spark_publishes_what_a_night_by_duckdb_does(tmp_path: Path) -> None:
    runs.settle(Plan(warehouse=tmp_path / "prefect" / "w.duckdb"))
    from prefect.testing.utilities import prefect_test_harness

    from flows.nightly import run_night

    told: dict[str, Summary] = {}
    with prefect_test_harness(server_startup_timeout=180):
        for name in ("duckdb", "spark"):
            plan = Plan((str(SAMPLES),), tmp_path / name / "w.duckdb", tmp_path / name / "site")
            if name == "spark":
                plan = replace(plan, engine=Engine("spark", "local[2]", str(plan.kept / "lake")))
            told[name] = run_night(plan, "en")
    here, there = told["duckdb"], told["spark"]
    assert there.counts == here.counts and there.broken == here.broken
    assert min(here.counts[status] for status in ("holds", "broken", "not_verifiable")) > 0
    assert kept(tmp_path / "spark" / "w.duckdb") == kept(tmp_path / "duckdb" / "w.duckdb")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[Any, ...]]]:
    """A warehouse of generated filings with errors of every kind, and what the warehouse itself makes of it."""
    from tests.bench.judging import build

    path = tmp_path_factory.mktemp("generated") / "w.duckdb"
    build(path, 60, one_in=2)
    other = Path(shutil.copy(path, path.with_name("other.duckdb")))
    book, compiled = some_rules()
    done = validate.validate(other, book, compiled, "night")
    assert done.counts["broken"] > 20
    return path, kept(other)


def judged(path: Path, master: str) -> list[tuple[Any, ...]]:
    from flows.validate.spark import on_engine

    address = str(path.with_name("lake"))
    with warehouse.connect(path) as connection:
        lakes.write(connection, lakes.opened(address), "now")
    book, compiled = some_rules()
    validate.validate(path, book, compiled, "night", opening=on_engine(Engine("spark", master, address)))
    return kept(path)


def test_a_cluster_that_loses_a_worker_judges_as_one_machine_does(
    tmp_path: Path, generated: tuple[Path, list[tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, expected = generated
    mine = Path(shutil.copy(path, tmp_path / "w.duckdb"))
    with running(tmp_path) as cluster:
        done: list[str] = []

        def lose() -> None:
            done.extend(str(one) for one in tmp_path.glob("work*/app-*/*"))
            cluster.kill("worker0")

        _at_rule(monkeypatch, 6, lose)
        assert judged(mine, cluster.master) == expected
        assert {Path(one).parts[-3] for one in done} == {"work0", "work1"}, "a worker had nothing to do"
        assert cluster.processes["worker0"].poll() is not None
    assert all(process.poll() is not None for process in cluster.processes.values())


def _at_rule(monkeypatch: pytest.MonkeyPatch, number: int, what: Callable[[], None]) -> None:
    """A moment after that rule has been begun, which is while it is judged."""
    from expectations import on_spark

    honest, seen = on_spark.judge, []

    def judge(*arguments: Any) -> Any:
        seen.append(arguments[2])
        if len(seen) == number:
            threading.Timer(0.3, what).start()
        return honest(*arguments)

    monkeypatch.setattr(on_spark, "judge", judge)


def test_a_cluster_without_a_free_worker_is_told_of_in_time(
    tmp_path: Path, generated: tuple[Path, list[tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.spark import session

    monkeypatch.setattr(session, "ANSWERING", 3.0)
    mine = Path(shutil.copy(generated[0], tmp_path / "w.duckdb"))
    with running(tmp_path, workers=0) as cluster, pytest.raises(missing.NoSpark, match="no worker"):
        judged(mine, cluster.master)


def test_duckdb_pandas_and_spark_read_the_same_from_the_lake(
    tmp_path: Path, generated: tuple[Path, list[tuple[Any, ...]]]
) -> None:
    from flows.spark.session import started
    from flows.spark.tables import register

    address = str(tmp_path / "数据 湖")
    lake = lakes.opened(address)
    with warehouse.connect(generated[0]) as connection:
        version = lakes.write(connection, lake, "now")
        with started("local[2]") as spark:
            frames = register(spark, lake, version)
            for table in ("filing", "judged_filing", "expenditure", "form_reading", "figure", "classification"):
                columns = [name for name, _, _ in version.tables[table].columns]
                names = ", ".join(f'"{name}"' for name in columns)
                held = sorted(map(str, connection.execute(f"SELECT {names} FROM {table}").fetchall()))
                path = os.path.join(address, "current", table)
                pattern = "*.parquet" if table == "classification" else "*/*/*.parquet"
                by_duckdb = connection.execute(f"SELECT {names} FROM read_parquet('{path}/{pattern}')").fetchall()
                read = pandas.read_parquet(path, dtype_backend="pyarrow")
                by_pandas = read[columns].astype(object).where(read[columns].notna(), None)
                assert sorted(map(str, by_duckdb)) == held, table
                assert sorted(str(tuple(map(_plain, row))) for row in by_pandas.itertuples(index=False)) == held, table
                by_spark = frames[table].collect()
                assert sorted(str(tuple(map(_plain, row))) for row in by_spark) == held, table
                if table != "classification":
                    plain = spark.read.parquet(f"file://{path}")
                    assert {"of_year", "of_region"} <= set(plain.columns) and {"of_year", "of_region"} <= set(read)


def _plain(value: Any) -> Any:
    """As DuckDB gives it."""
    if isinstance(value, pandas.Timestamp):
        return value.to_pydatetime()
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, (list, tuple)) else value
