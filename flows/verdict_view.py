"""The view `verdict`: what stands in every run; and verdicts of warehouses in which it was a table."""

from __future__ import annotations

import duckdb

from expectations.vocabulary import TableColumn
from flows import schema


def carry_over(connection: duckdb.DuckDBPyConnection, held: dict[str, tuple[TableColumn, ...]]) -> bool:
    """Verdicts that an older version kept in a table of every run's own stay, each with its run; a view of another shape goes.
    `held`, the columns of what is there by name, is brought up to that. Returns whether there were any such verdicts."""
    name, kept = schema.VERDICT.name, schema.KEPT_VERDICT.name
    if name in held and kept not in held:
        connection.execute(f"ALTER TABLE {name} RENAME TO {kept}")
        connection.execute(f"COMMENT ON TABLE {kept} IS '{schema.KEPT_VERDICT.comment}'")
        held[kept] = held.pop(name)
        return True
    if name in held and [one.name for one in held[name]] != [one.name for one in schema.VERDICT.columns]:
        connection.execute(f"DROP VIEW {name}")
        held.pop(name)
    return False


def define(connection: duckdb.DuckDBPyConnection, comments: bool) -> None:
    """The view is there."""
    made = [f"CREATE VIEW {schema.VERDICT.name} AS {schema.VERDICT_SQL}"]
    if comments:
        made.append(f"COMMENT ON VIEW {schema.VERDICT.name} IS '{schema.VERDICT.comment}'")
        for column in schema.VERDICT.columns:
            made.append(f"COMMENT ON COLUMN {schema.VERDICT.name}.\"{column.name}\" IS '{column.comment}'")
    connection.execute(";\n".join(made))


def count(connection: duckdb.DuckDBPyConnection) -> None:
    """How every rule came out in the runs carried over is counted."""
    connection.execute(
        f"INSERT INTO {schema.RULE_COUNT.name} SELECT run, rule, any_value(rule_fingerprint), status, count(*), NULL "
        f"FROM {schema.KEPT_VERDICT.name} GROUP BY run, rule, status"
    )
