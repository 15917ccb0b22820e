"""Which engine judges, where its Spark is, and where the lake stands that Spark judges from."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from flows import lake as lakes

NAME, MASTER = "HEDUI_ENGINE", "HEDUI_SPARK_MASTER"
DUCKDB, SPARK = "duckdb", "spark"
ENGINES = (DUCKDB, SPARK)
LOCAL = "local[*]"
_MASTERS = re.compile(r"local(\[(\d+|\*)(,\d+)?\])?|spark://[^\s:/]+:\d+(,[^\s:/]+:\d+)*|yarn|k8s://\S+")


class BadEngine(Exception):
    """No engine that there is; `message` says what may be given, in each language."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class Engine:
    """`name` is one of `ENGINES`; `master` is Spark's, "" for DuckDB; `lake` is the address of the lake, "" for none."""

    name: str = DUCKDB
    master: str = ""
    lake: str = ""

    @property
    def spark(self) -> bool:
        return self.name == SPARK


def chosen_engine(name: str, master: str, lake: str, warehouse: Path) -> Engine:
    """The engine as given, else as HEDUI_ENGINE, HEDUI_SPARK_MASTER and HEDUI_LAKE say, else DuckDB without a lake.

    Spark judges from a lake, beside the warehouse where none is named. Raises `BadEngine`.
    """
    found = name or os.environ.get(NAME, "") or DUCKDB
    if found not in ENGINES:
        raise BadEngine(f"没有引擎 {found}；可用 duckdb、spark", f"there is no engine {found}: duckdb and spark are")
    spark = found == SPARK
    where = (master or os.environ.get(MASTER, "") or LOCAL) if spark else ""
    if spark and not _MASTERS.fullmatch(where):
        zh = f"{where} 不是 Spark 主节点的地址；写法如 local[2]、spark://主机:7077、yarn"
        raise BadEngine(zh, f"{where} is no master of Spark: write local[2], spark://host:7077 or yarn")
    return Engine(found, where, lakes.chosen(lake, warehouse, needed=spark))
