"""The lake is brought to what the warehouse holds: partitions in which anything changed are written, the others taken over."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb

from expectations import classification, vocabulary
from expectations.vocabulary import Table
from flows import schema
from flows.lake.place import Lake
from flows.lake.version import PREFIX, Held, Version, claim, clear, columns_of, current, make_current
from flows.recognise.region import province_code
from flows.sql import literal

TABLES: tuple[Table, ...] = (
    schema.FILING,
    schema.FORM_READING,
    schema.SENTENCE,
    schema.FIGURE,
    schema.CLAIM,
    classification.TABLE,
)
"""What rules read beside the tables of the vocabulary."""

_WHOLE = ""
"""The partition of a table whose rows belong to no filing."""


def write(connection: duckdb.DuckDBPyConnection, lake: Lake, name: str) -> Version:
    """The lake holds what the warehouse holds, as the version `v-name` or, where nothing changed, as the one that stood.

    What stood stays readable until then, and until the next writing afterwards. `connection` may still open files. Raises
    `NoLake` where the folder holds something else, duckdb.Error or OSError when it cannot be written; then what stood stands.
    """
    claim(lake)
    lake.known_to(connection)
    before = current(lake)
    clear(lake, (before.name, before.former) if before else ())
    place_filings(connection)
    tables = (*vocabulary.load().tables, *TABLES)
    held = {table.name: _held(connection, table) for table in tables}
    if before and before.tables == held:
        return before
    fresh = Version(_unused(f"{PREFIX}{name}", before), before.name if before else "", held)
    lake.files.makedirs(lake.path(fresh.name), exist_ok=True)
    for table in tables:
        _bring(connection, lake, fresh, before, table)
    make_current(lake, fresh)
    clear(lake, (fresh.name, fresh.former))
    return fresh


def _unused(name: str, before: Version | None) -> str:
    """A folder that nobody reads: a night tried again does not write into what its earlier try has left standing."""
    taken = (before.name, before.former) if before else ()
    return name if name not in taken else _unused(f"{name}+", before)


def place_filings(connection: duckdb.DuckDBPyConnection) -> None:
    """The temporary table `lake_place` has the partition of every filing: of_year and of_region, 0 where it does not tell."""
    regions = [one for (one,) in connection.execute("SELECT DISTINCT coalesce(region, '') FROM filing").fetchall()]
    codes = [int(province_code(one) or 0) for one in regions]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE lake_place AS SELECT f.filing, coalesce(f.fiscal_year, 0) AS of_year, r.code AS of_region "
        f"FROM filing f JOIN (SELECT unnest({literal(regions)}::VARCHAR[]) AS region, unnest({literal(codes)}::INTEGER[]) AS code) r "
        "ON r.region = coalesce(f.region, '')"
    )


def _placed(table: Table, columns: str) -> str:
    """The SELECT of a table's rows with their partition's path as `of_part`."""
    if table.columns[0].name != "filing":
        return f"SELECT {columns}, '{_WHOLE}' AS of_part FROM \"{table.name}\" t"
    return (
        f"SELECT {columns}, coalesce(p.of_year, 0) AS of_year, coalesce(p.of_region, 0) AS of_region, "
        f"format('of_year={{}}/of_region={{}}', coalesce(p.of_year, 0), coalesce(p.of_region, 0)) AS of_part "
        f'FROM "{table.name}" t LEFT JOIN lake_place p ON p.filing = t.filing'
    )


def _held(connection: duckdb.DuckDBPyConnection, table: Table) -> Held:
    """What the warehouse holds of a table."""
    found = connection.execute(
        f"SELECT of_part, count(*), sum(h::HUGEINT) FROM ({_placed(table, 'hash(t) AS h')}) GROUP BY of_part ORDER BY of_part"
    ).fetchall()
    # What a hash is may change with DuckDB's version: then all is written anew.
    digests = {part: f"{duckdb.__version__} {number} {told}" for part, number, told in found}
    return Held(columns_of(table), digests, sum(number for _, number, _ in found))


def _bring(
    connection: duckdb.DuckDBPyConnection, lake: Lake, fresh: Version, before: Version | None, table: Table
) -> None:
    """The table's rows are in the folder of the version `fresh`."""
    held = fresh.tables[table.name]
    stood = before.tables.get(table.name) if before else None
    same: Mapping[str, str] = stood.partitions if stood and stood.columns == held.columns else {}
    kept = [part for part, digest in held.partitions.items() if same.get(part) == digest]
    for part in kept if before else ():
        _take_over(lake, f"{before.name}/{table.name}/{part}", f"{fresh.name}/{table.name}/{part}")  # type: ignore[union-attr]
    changed = [part for part in held.partitions if part not in kept]
    if not changed:
        return
    folder = lake.address(fresh.name, table.name)
    lake.files.makedirs(lake.path(fresh.name, table.name), exist_ok=True)
    told = literal(json.dumps({name: comment for name, _, comment in held.columns}, ensure_ascii=False))
    settings = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{'table': {literal(table.comment)}, 'columns': {told}}}"
    columns = ", ".join(f't."{column.name}"' for column in table.columns)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if changed == [_WHOLE]:
        connection.execute(
            f'COPY (SELECT {names} FROM "{table.name}") TO {literal(f"{folder}/part_0.parquet")} ({settings})'
        )
        return
    connection.execute(
        f"COPY (SELECT {names}, of_year, of_region FROM ({_placed(table, columns)}) "
        f"WHERE of_part IN (SELECT unnest({literal(changed)}::VARCHAR[]))) TO {literal(folder)} "
        f"({settings}, PARTITION_BY (of_year, of_region), FILENAME_PATTERN 'part_{{i}}', OVERWRITE_OR_IGNORE)"
    )


def _take_over(lake: Lake, old: str, new: str) -> None:
    """The files of a partition stand in the new version too: the same ones where the lake is a folder, copies elsewhere."""
    lake.files.makedirs(lake.path(new), exist_ok=True)
    for found in lake.files.ls(lake.path(old), detail=False):
        name = found.rsplit("/", 1)[-1]
        if not name.endswith(".parquet"):
            continue
        if not lake.local:
            lake.files.copy(found, lake.path(new, name))
            continue
        try:
            os.link(found, lake.path(new, name))
        except OSError:  # a file system without such links
            shutil.copy2(found, Path(lake.path(new, name)))
