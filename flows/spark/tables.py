"""The lake's tables in a session of Spark: as views under their own names, with the columns and types of the warehouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flows.lake import Held, Lake, Version

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TYPES = {"VARCHAR": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ"}
_FIELD = re.compile(r"(\w+) (DECIMAL\(\d+,\d+\)|\w+)(?:, )?")


def spark_type(duckdb_type: str) -> str:
    """The type of Spark's that holds the same."""
    if duckdb_type.endswith("[]"):
        return f"ARRAY<{spark_type(duckdb_type.removesuffix('[]'))}>"
    if duckdb_type.startswith("STRUCT("):
        inside = duckdb_type.removeprefix("STRUCT(").removesuffix(")")
        return f"STRUCT<{', '.join(f'{name}: {spark_type(type_)}' for name, type_ in _FIELD.findall(inside))}>"
    return _TYPES.get(duckdb_type, duckdb_type)


def schema(columns: tuple[tuple[str, str], ...]) -> str:
    """Columns with DuckDB's types as a schema of Spark's."""
    return ", ".join(f"`{name}` {spark_type(type_)}" for name, type_ in columns)


def register(session: SparkSession, lake: Lake, version: Version) -> dict[str, DataFrame]:
    """Every table of the version is a view of the session; returns them by name."""
    tables = {name: table(session, lake, version, name) for name in version.tables}
    for name, frame in tables.items():
        frame.createOrReplaceTempView(name)
    return tables


def table(session: SparkSession, lake: Lake, version: Version, name: str) -> DataFrame:
    """A table with the columns of the warehouse, without those of its path."""
    held: Held = version.tables[name]
    columns = tuple((column, type_) for column, type_, _ in held.columns)
    if not held.partitions:
        return session.createDataFrame([], schema(columns))
    frame = session.read.schema(schema(columns)).parquet(lake.for_spark(version.name, name))
    return frame.select(*(f"`{column}`" for column, _ in columns))
