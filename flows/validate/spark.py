"""Spark as the source: it judges the lake's tables, and what does not pass comes back as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from great_expectations.checkpoint import CheckpointResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.datasource.fluent.spark_datasource import SparkDatasource

from expectations import on_spark
from expectations.formula import Mistake
from expectations.reconcile import BATCH, FILINGS, PASSED, STAGING
from expectations.sql.spark import in_spark
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled
from expectations.suites import CANARY, CANARY_QUERY, TableSuite
from flows import lake as lakes
from flows.lake import Lake
from flows.night.engine import Engine
from flows.spark import tables
from flows.spark.session import started
from flows.sql import literal
from flows.validate.faults import Fault, ValidationError, crashed
from flows.validate.running import CHECKPOINT, WHOLE, checkpoint

DATASOURCE = "lake"
JUDGED = "judged"
"""The folder of the lake in which each run has what it is to judge and what came of it."""
_WANTED, _VERDICTS = "bundle", "verdicts"


@dataclass(frozen=True, slots=True)
class OnSpark:
    """A session that has the lake's tables as views, `frames` by name; `place` is the run's own folder within the lake."""

    session: Any
    frames: dict[str, Any]
    lake: Lake
    place: str
    connection: duckdb.DuckDBPyConnection

    def uncompilable(self, compiled: Sequence[Compiled], some: dict[str, str]) -> list[Fault]:
        faults = []
        self.session.createDataFrame([], on_spark.COUNTED_COLUMNS).createOrReplaceTempView(on_spark.COUNTED_VIEW)
        for one in compiled:
            self.frames[one.base].createOrReplaceTempView(on_spark.BATCH_VIEW)
            try:
                self.session.sql(on_spark.counting(one.outcomes(BATCH, some.get(one.part, ""))))
                self.session.sql(on_spark.failing(one.rule.id, one.sql(BATCH, FILINGS)))
            except Mistake as mistake:
                faults.append(crashed(one, f"{mistake.zh} / {mistake.en}"))
            except Exception as error:
                faults.append(crashed(one, str(error)))
        return faults

    def run(
        self, context: AbstractDataContext, suites: Sequence[TableSuite], run: RunIdentifier
    ) -> list[CheckpointResult]:
        """A checkpoint for each table: a frame is given to all suites of a checkpoint."""
        source: SparkDatasource = context.data_sources.add_spark(DATASOURCE)
        done = []
        for table in dict.fromkeys(one.table for one in suites):
            asset = source.add_dataframe_asset(table)
            batch = asset.add_batch_definition_whole_dataframe(WHOLE)
            frame = self.frames[table] if table != CANARY else self.session.sql(in_spark(CANARY_QUERY))
            some = [one for one in suites if one.table == table]
            whole = checkpoint(context, f"{CHECKPOINT}.{table}", some, {table: batch})
            done.append(whole.run(batch_parameters={"dataframe": frame}, run_id=run))
            frame.unpersist()  # Great Expectations keeps what it judges in memory, and for ever
        return done

    def stage(self) -> None:
        columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
        if not self.lake.files.glob(self.lake.path(self.place, _VERDICTS, "*", "*.parquet")):
            return
        found = literal(self.lake.address(self.place, _VERDICTS, "*", "*.parquet"))
        self.connection.execute(
            f"INSERT INTO {STAGING} (rule, {columns}) SELECT rule, {columns} FROM read_parquet({found}) "
            f"WHERE status NOT IN {PASSED}"
        )


def on_engine(engine: Engine) -> Callable[[Path, duckdb.DuckDBPyConnection, str], AbstractContextManager[OnSpark]]:
    """Opens Spark at the engine's master over its lake, which holds what the warehouse holds."""

    @contextmanager
    def opening(warehouse: Path, connection: duckdb.DuckDBPyConnection, run: str) -> Iterator[OnSpark]:
        # The connection is not confined: no rule's SQL comes to it, and it has files to read.
        lake = lakes.opened(engine.lake)
        version = lakes.current(lake)
        if version is None:
            zh, en = f"{engine.lake} 处没有数据湖", f"there is no lake at {engine.lake}"
            raise ValidationError([Fault("lake", zh, en)])
        lake.known_to(connection)
        place = f"{JUDGED}/{run}"
        _make_room(lake, place)
        with started(engine.master) as session:
            frames = tables.register(session, lake, version)
            _tell_wanted(session, lake, place, connection, run)
            session.conf.set(on_spark.PLACE, lake.for_spark(place, _VERDICTS))
            yield OnSpark(session, frames, lake, place, connection)

    return opening


def _make_room(lake: Lake, place: str) -> None:
    """The run's folder is empty, and there is none of earlier runs: the warehouse has what came of them."""
    if lake.files.isdir(lake.path(JUDGED)):
        lake.files.rm(lake.path(JUDGED), recursive=True)
    lake.files.makedirs(lake.path(place, _WANTED), exist_ok=True)


def _tell_wanted(session: Any, lake: Lake, place: str, connection: duckdb.DuckDBPyConnection, run: str) -> None:
    """The view `bundle` says which filings the run has to judge by which part of the rules."""
    file = literal(lake.address(place, _WANTED, "part_0.parquet"))
    connection.execute(
        f"COPY (SELECT run, filing, part FROM bundle WHERE run = {literal(run)}) TO {file} (FORMAT parquet)"
    )
    session.read.parquet(lake.for_spark(place, _WANTED)).createOrReplaceTempView("bundle")
