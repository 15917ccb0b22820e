"""The warehouse itself as the source: DuckDB judges where the tables are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from great_expectations.checkpoint import CheckpointResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL

from expectations.sql.verdicts import Compiled
from expectations.suites import CANARY, CANARY_QUERY, TableSuite
from flows import dialect
from flows.judge import bound
from flows.validate.faults import Fault, crashed
from flows.validate.running import CHECKPOINT, WHOLE, checkpoint

DATASOURCE = "warehouse"


@dataclass(frozen=True, slots=True)
class InWarehouse:
    """The warehouse's file, and a connection to it."""

    warehouse: Path
    connection: duckdb.DuckDBPyConnection

    def uncompilable(self, compiled: Sequence[Compiled], some: dict[str, str]) -> list[Fault]:
        faults = []
        self.connection.execute("PRAGMA disable_optimizer")
        for one in compiled:
            try:
                self.connection.execute(f"EXPLAIN {one.sql()}")
            except duckdb.Error as error:
                faults.append(crashed(one, str(error)))
        self.connection.execute("PRAGMA enable_optimizer")
        return faults

    def run(
        self, context: AbstractDataContext, suites: Sequence[TableSuite], run: RunIdentifier
    ) -> list[CheckpointResult]:
        source = _source(context, self.warehouse, [one.table for one in suites])
        try:
            batches = {one.table: source.get_asset(one.table).get_batch_definition(WHOLE) for one in suites}
            whole = checkpoint(context, CHECKPOINT, suites, batches)
            return [whole.run(run_id=run)]
        finally:
            # Pooled connections would hold the file's lock against every other process for as long as this one lives.
            source.get_execution_engine().close()
            source.get_engine().dispose()

    def stage(self) -> None:
        """Rules have staged them already, each as it was judged."""


@contextmanager
def in_warehouse(warehouse: Path, connection: duckdb.DuckDBPyConnection, run: str) -> Iterator[InWarehouse]:
    """Rules judge in the database, within bounds."""
    bound(connection)
    dialect.register()
    yield InWarehouse(warehouse, connection)


def _source(context: AbstractDataContext, warehouse: Path, tables: Sequence[str]) -> SQLDatasource:
    """The warehouse as a data source: an asset for each table, with its whole as a batch."""
    address = URL.create(dialect.NAME, database=str(warehouse)).render_as_string(hide_password=False)
    # Assembled before the context knows it: once attached, every added asset writes the whole configuration again.
    source = SQLDatasource(name=DATASOURCE, connection_string=address)
    for table in dict.fromkeys(tables):
        if table == CANARY:
            asset: Any = source.add_query_asset(CANARY, query=CANARY_QUERY)
        else:
            asset = source.add_table_asset(table, table_name=table)
        asset.add_batch_definition_whole_table(WHOLE)
    source.get_engine().dispose()
    held = context.data_sources.add_or_update_sql(source)
    # Great Expectations knows no regular expressions of DuckDB's; PostgreSQL's operators are understood there, and match whole.
    held.get_execution_engine().dialect_module = postgresql
    return held
