"""How every runner is called, and what it tells: `python RUNNER TASK.json [WAY]` prints one line of JSON, its last.

Nothing but the standard library: it runs in every peer's environment. A runner makes ready (imports, project files) and returns
the work; only the work is timed. Memory is that of the whole process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Task = dict[str, Any]
"""`warehouse`: a DuckDB file; `tables`: a folder of Parquet files, one a table; `checks`; `queries`: rule → SELECT of a count;
`sample`: filings, for who judges but some; `scratch`: a folder of one's own that stays from round to round; `files`: to be read."""

SLACK = 1e-6
"""万元. What floats may be off: amounts have up to seven decimals, of which two are printed."""


def run(make_ready: Callable[[Task], Callable[[], dict[str, Any]]]) -> None:
    """The work is done once and measured: seconds by the clock and of computing, children included, and the largest memory in MiB.

    What the work returns is told beside it: `broken` (rule → how many instances), or `amounts` (of each file) for a reader.
    """
    began = time.perf_counter()
    work = make_ready(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    clock, before = time.perf_counter(), _computing()
    told = work()
    seconds, computing = time.perf_counter() - clock, _computing() - before
    told |= {"seconds": seconds, "computing": computing, "starting": clock - began, "memory": _largest()}
    print(flush=True)
    print(json.dumps(told), flush=True)


def failing_rows(check: dict[str, Any], named: Callable[[str], str] = str) -> str:
    """A SELECT of the rows that break a check, with what is printed and what it should be; `named` writes a table's name."""
    table, other = named(check["table"]), named(check["other"] or check["table"])
    return {"row": _row, "rollup": _rollup, "across": _across}[check["kind"]](check, table, other)


def row_broken(check: dict[str, Any], alias: str = "") -> str:
    """The condition under which a row's sum is off by more than rounding explains."""
    left, right = (" + ".join(f"coalesce({alias}{c}, 0)" for c in check[side]) for side in ("left", "right"))
    printed = " + ".join(f"CASE WHEN {alias}{c} IS NULL THEN 0 ELSE 1 END" for c in (*check["left"], *check["right"]))
    return f"abs({left} - ({right})) * 2 > {alias}ulp * ({printed})"


def _row(check: dict[str, Any], table: str, _: str) -> str:
    right = " + ".join(f"coalesce(n.{c}, 0)" for c in check["right"])
    return f"SELECT n.filing, n.{check['left'][0]} AS printed, {right} AS computed FROM {table} n WHERE {row_broken(check, 'n.')}"


def _rollup(check: dict[str, Any], table: str, _: str) -> str:
    (column,) = check["left"]
    return (
        f"SELECT p.filing, p.row_key, p.{column} AS printed, n.computed FROM {table} p JOIN ("
        f"SELECT filing, part, parent_key, sum({column}) AS computed, sum(CASE WHEN {column} IS NOT NULL THEN ulp END) AS ulps "
        f"FROM {table} WHERE parent_key <> '' GROUP BY filing, part, parent_key) n "
        f"ON n.filing = p.filing AND n.part = p.part AND n.parent_key = p.row_key "
        f"WHERE abs(coalesce(p.{column}, 0) - coalesce(n.computed, 0)) * 2 "
        f"> coalesce(n.ulps, 0) + CASE WHEN p.{column} IS NULL THEN 0 ELSE p.ulp END"
    )


def _across(check: dict[str, Any], table: str, other: str) -> str:
    (left,), (right,) = check["left"], check["right"]
    join, where = f"{table} n JOIN {other} o ON o.filing = n.filing", []
    if check["by_code"]:
        join = (
            f"{table} n LEFT JOIN {other} o ON o.filing = n.filing AND o.code = n.code AND o.part = '' AND o.code <> ''"
        )
        where.append("n.code <> ''")
    for alias, key in (("n", check["row_key"]), ("o", check["other_key"])):
        if key:
            where.append(f"{alias}.row_key = '{key}' AND {alias}.part = ''")
    off = f"2 * coalesce(n.{left}, 0) - 2 * coalesce(o.{right}, 0)"
    slack = f"CASE WHEN n.{left} IS NULL THEN 0 ELSE n.ulp END + CASE WHEN o.{right} IS NULL THEN 0 ELSE o.ulp END"
    where.append(f"{f'abs({off})' if check['sign'] == '=' else off} > {slack}")
    return f"SELECT n.filing, n.{left} AS printed, o.{right} AS computed FROM {join} WHERE {' AND '.join(where)}"


def _computing() -> float:
    awaited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + awaited.ru_utime + awaited.ru_stime


def _largest() -> float:
    """`ru_maxrss` would do, but on Linux it begins at its parent's."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
