"""Statements with their values written in as literals.

To bind a parameter, DuckDB imports pandas, which costs more than all else that `hedui check` does; so what runs there binds none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from expectations.vocabulary import Table


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is done meanwhile is in the database as a whole when this is left, or, when an exception leaves it, not at all."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has ended the transaction itself
            connection.execute("ROLLBACK")
        raise


def run(connection: duckdb.DuckDBPyConnection, statement: str, *values: Any) -> duckdb.DuckDBPyConnection:
    """Executes `statement`, each `?` of which stands for one of `values` (text, whole numbers, booleans, times, lists, None).

    Raises TypeError for a value of another type and ValueError when there are more or fewer values than marks.
    """
    first, *rest = statement.split("?")
    filled = first + "".join(literal(value) + part for value, part in zip(values, rest, strict=True))
    return connection.execute(filled)


def literal(value: Any) -> str:
    """`value` as SQL. In DuckDB's plain strings the quote is the only character that means something."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(literal, value)) + "]"
    raise TypeError(f"{type(value).__name__} cannot be written as SQL")


def confine(connection: duckdb.DuckDBPyConnection) -> None:
    """No statement opens a file, fetches or loads anything any more, whatever a rule may say; nor can that be undone while the
    database is open. What goes to disk for want of memory still does."""
    connection.execute("SET enable_external_access = false")


def insert(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts all rows by one statement: as JSON, which DuckDB casts set-wise, decimals exactly from their digits.

    Columns that are NULL throughout are left out: most of a form's columns are, and binding them costs the most.
    Raises ValueError for a number beyond its column's range.
    """
    if not rows:
        return
    used = [index for index in range(len(table.columns)) if any(row[index] is not None for row in rows)]
    names = [table.columns[index].name for index in used]
    made = [{name: _plain(row[index]) for name, index in zip(names, used, strict=True)} for row in rows]
    shape = json.dumps([{table.columns[index].name: table.columns[index].sql for index in used}])
    columns = ", ".join(f'"{name}"' for name in names)
    statement = (
        f"INSERT INTO \"{table.name}\" ({columns}) SELECT unnest(from_json_strict(?, '{shape}'), max_depth := 2)"
    )
    try:
        run(connection, statement, json.dumps(made, ensure_ascii=False))
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise ValueError(f"a number does not fit the table {table.name}: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value
