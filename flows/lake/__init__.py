"""The lake: the tables on which rules run, as Parquet by fiscal year and province, for whatever reads Parquet.

    <lake>/current.json                what stands: the version, its tables, columns and partitions
    <lake>/current                     the same as a symbolic link, where the lake is a folder
    <lake>/v-<run>/<table>/of_year=2024/of_region=330000/*.parquet

A folder that holds anything else is refused. Each version is whole. A writing that is cut off leaves the pointer at the version before; partitions that did not change are
hard links to it, or copies made by the store itself. `of_year` and `of_region` (GB/T 2260; 0 where a filing does not tell) are
columns of the path alone: every table keeps its own columns, as they are in the warehouse.
"""

from __future__ import annotations

from flows.lake.place import Lake, NoLake, chosen, opened
from flows.lake.version import Held, Version, current, refuse_foreign
from flows.lake.writing import TABLES, write

__all__ = ["TABLES", "Held", "Lake", "NoLake", "Version", "chosen", "current", "opened", "refuse_foreign", "write"]
