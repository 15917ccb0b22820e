"""Which version of the lake stands, and what is in it."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations.vocabulary import Table
from flows.lake.place import Lake, NoLake

MARKER = "hedui-lake.txt"
"""A folder that holds this file is a lake of ours; in any other that holds something nothing is written and nothing removed."""

POINTER = "current.json"
LINK = "current"
PREFIX = "v-"
FORMAT = 1
_BEGUN = ".current-"
"""Begins the names of files that become the pointer or the link."""


@dataclass(frozen=True, slots=True)
class Held:
    """A table of a version: its columns as (name, DuckDB's type, Chinese name), and of each partition, by its path below the
    table, a digest of its rows."""

    columns: tuple[tuple[str, str, str], ...]
    partitions: Mapping[str, str]
    rows: int

    @property
    def partitioned(self) -> bool:
        """Whether its rows stand below a path of year and region."""
        return "" not in self.partitions


@dataclass(frozen=True, slots=True)
class Version:
    """A version that stands: the name of its folder, that of the one before, its tables by name."""

    name: str
    former: str
    tables: Mapping[str, Held]


def columns_of(table: Table) -> tuple[tuple[str, str, str], ...]:
    return tuple((column.name, column.sql, column.comment) for column in table.columns)


def claim(lake: Lake) -> None:
    """The folder is a lake of ours, or is one from now on. Raises `NoLake` where it holds anything else."""
    refuse_foreign(lake)
    lake.files.makedirs(lake.root, exist_ok=True)
    lake.files.pipe_file(lake.path(MARKER), b"Made by Hedui, whose nights write and remove what is in this folder.\n")


def refuse_foreign(lake: Lake) -> None:
    """Raises `NoLake` where the folder holds something and is no lake of ours."""
    if lake.files.exists(lake.path(MARKER)):
        return
    there = lake.files.ls(lake.root, detail=False) if lake.files.isdir(lake.root) else []
    if any(entry.rstrip("/") != lake.root.rstrip("/") for entry in there):
        where = lake.address().rstrip("/")
        raise NoLake(
            f"{where} 里有别的东西，不是本程序的数据湖；请另指定一个新的或空的文件夹",
            f"{where} holds something other than a lake of Hedui; name a new or empty folder",
        )


def current(lake: Lake) -> Version | None:
    """The version that stands; None where none does, or of another form."""
    try:
        told = json.loads(lake.files.cat_file(lake.path(POINTER)))
    except (FileNotFoundError, ValueError):
        return None
    if told.get("format") != FORMAT:
        return None
    tables = {
        name: Held(tuple(tuple(one) for one in held["columns"]), held["partitions"], held["rows"])
        for name, held in told["tables"].items()
    }
    return Version(told["version"], told["former"], tables)


def make_current(lake: Lake, version: Version) -> None:
    """From here on the version is the one that stands: one file is replaced, which is all or nothing."""
    told: dict[str, Any] = {"format": FORMAT, "version": version.name, "former": version.former, "tables": {}}
    for name, held in version.tables.items():
        told["tables"][name] = {"columns": held.columns, "partitions": dict(held.partitions), "rows": held.rows}
    text = json.dumps(told, ensure_ascii=False, indent=1).encode()
    if not lake.local:
        lake.files.pipe_file(lake.path(POINTER), text)
        return
    root = Path(lake.root)
    fresh = root / f"{_BEGUN}{uuid.uuid4().hex}"
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, root / POINTER)
    with suppress(OSError, NotImplementedError):  # a convenience, where the file system has such links
        fresh.symlink_to(version.name, target_is_directory=True)
        os.replace(fresh, root / LINK)


def clear(lake: Lake, kept: tuple[str, ...]) -> None:
    """Of versions only those `kept` are in the lake; what a writing that was cut off has left is gone."""
    if not lake.files.isdir(lake.root):
        return
    for entry in lake.files.ls(lake.root, detail=False):
        name = entry.rstrip("/").rsplit("/", 1)[-1]
        if name.startswith(PREFIX) and name not in kept:
            lake.files.rm(lake.path(name), recursive=True)
    if lake.local:
        for left in Path(lake.root).glob(f"{_BEGUN}*"):
            left.unlink(missing_ok=True)
