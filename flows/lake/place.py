"""Where the lake stands: a folder, or any address that fsspec knows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import fsspec

from flows.sql import literal

NAME = "HEDUI_LAKE"
BESIDE = "lake"
"""The folder beside the warehouse in which the lake stands where none is named."""
_FOR_SPARK = {"s3": "s3a", "gcs": "gs", "abfs": "abfss"}
"""How Hadoop calls what fsspec calls otherwise."""


class NoLake(Exception):
    """There is no lake to be had at an address; `message` says why in each language."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class Lake:
    """The file system (fsspec's) and the folder in it."""

    files: Any
    root: str

    @property
    def local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "file" in _protocols(self.files)

    def path(self, *parts: str) -> str:
        """Within the file system."""
        return "/".join((self.root.rstrip("/"), *parts))

    def address(self, *parts: str) -> str:
        """As people and DuckDB write it."""
        return self.path(*parts) if self.local else str(self.files.unstrip_protocol(self.path(*parts)))

    def for_spark(self, *parts: str) -> str:
        """As Spark writes it."""
        if self.local:
            return f"file://{self.path(*parts)}"  # as it is: Hadoop does not take %20 for a space
        protocol, _, rest = self.address(*parts).partition("://")
        return f"{_FOR_SPARK.get(protocol, protocol)}://{rest}"

    def known_to(self, connection: duckdb.DuckDBPyConnection) -> None:
        """DuckDB opens addresses of this lake by way of fsspec."""
        if not self.local and not set(_protocols(self.files)) & set(connection.list_filesystems()):
            connection.register_filesystem(self.files)

    def rows(self, version: str, table: str, partitioned: bool = True) -> str:
        """The SQL in brackets, in DuckDB, of all rows of a table that has any, with the columns of its path."""
        within = "*/*/*.parquet" if partitioned else "*.parquet"
        files = literal(self.address(version, table, within))
        return f"read_parquet({files}, hive_partitioning = {'true' if partitioned else 'false'})"


def chosen(given: str, warehouse: Path, needed: bool = False) -> str:
    """The lake's address as given, else as HEDUI_LAKE says; where none is named, "" or, if one is `needed`, beside the warehouse."""
    named = given or os.environ.get(NAME, "")
    return named or (str(warehouse.absolute().parent / BESIDE) if needed else "")


def opened(address: str) -> Lake:
    """The lake at this address, which need not be there yet.

    Raises `NoLake` when fsspec does not know such addresses, or lacks the library for them.
    """
    try:
        files, root = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise NoLake(f"不能使用数据湖地址 {address}：{error}", f"the lake {address} cannot be used: {error}") from error
    return Lake(files, os.path.abspath(root) if "file" in _protocols(files) else root)


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)
