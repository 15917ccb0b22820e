"""DuckDB as Great Expectations needs it: its SQLAlchemy dialect with transactions taken out."""

from __future__ import annotations

from typing import Any

import duckdb
from duckdb_sqlalchemy import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.interfaces import ReflectedPrimaryKeyConstraint

NAME = "hedui_duckdb"


def register() -> None:
    """Addresses that begin with `NAME` are opened with `WarehouseDialect`."""
    registry.register(NAME, __name__, WarehouseDialect.__name__)


class WarehouseDialect(Dialect):
    """DuckDB for Great Expectations, which reads results after it has closed its connection.

    Closing rolls back, and in DuckDB a rollback discards what has not been fetched; so no transaction is begun or ended, and
    every statement commits by itself.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        pass

    def do_rollback(self, dbapi_connection: Any) -> None:
        pass

    def do_commit(self, dbapi_connection: Any) -> None:
        pass

    def connect(self, *args: Any, **parameters: Any) -> Any:
        # Without settings of its own: DuckDB refuses a second connection to a file under other settings than the first.
        return ConnectionWrapper(duckdb.connect(parameters["database"]))

    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> ReflectedPrimaryKeyConstraint:
        # Asked of every table, dear to answer and used for nothing: what is judged has its keys checked by expectations.
        return {"constrained_columns": [], "name": None}
