"""The tables as polars frames and the checks as expressions: what `frames` is for pandas. Amounts stay decimals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from plans import grouped, needed

Check = dict[str, Any]


def read(folder: str, checks: Sequence[Check]) -> dict[str, pl.DataFrame]:
    """Table → its keys and the columns that the checks need."""
    return {
        table: pl.read_parquet(Path(folder) / f"{table}.parquet", columns=columns)
        for table, columns in needed(checks).items()
    }


def prepared(tables: dict[str, pl.DataFrame], checks: Sequence[Check]) -> Iterator[tuple[pl.DataFrame, list[Check]]]:
    """Each frame that is needed, with the checks that look at it: tables, parents beside their children, two forms side by side."""
    for group in grouped(checks):
        first = group[0]
        frame = tables[first["table"]]
        if first["kind"] == "rollup":
            frame = _parents(frame, [check["left"][0] for check in group])
        elif first["kind"] == "across":
            frame = _beside(frame, tables[first["other"]], first)
        yield frame, group


def _parents(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    sums = [pl.col(column).sum().alias(f"{column}_below") for column in columns]
    ulps = [
        pl.when(pl.col(column).is_not_null()).then(pl.col("ulp")).sum().alias(f"{column}_ulps") for column in columns
    ]
    keys = ["filing", "part", "row_key"]
    below = frame.lazy().filter(pl.col("parent_key") != "").group_by("filing", "part", "parent_key").agg(*sums, *ulps)
    own = frame.lazy().select(*keys, "ulp", *columns)
    return own.join(below.rename({"parent_key": "row_key"}), on=keys).collect()


def _beside(frame: pl.DataFrame, other: pl.DataFrame, check: Check) -> pl.DataFrame:
    one, two = frame.lazy(), other.lazy()
    if check["by_code"]:
        codes = two.filter(pl.col("part") == "", pl.col("code") != "")
        return (
            one.filter(pl.col("code") != "").join(codes, on=["filing", "code"], how="left", suffix="_other").collect()
        )
    if check["row_key"]:
        one = one.filter(pl.col("row_key") == check["row_key"], pl.col("part") == "")
    if check["other_key"]:
        two = two.filter(pl.col("row_key") == check["other_key"], pl.col("part") == "")
    return one.join(two, on="filing", suffix="_other").collect()


def holds(data: Any, check: Check) -> pl.LazyFrame:
    """Whether each row satisfies the check within rounding."""
    frame = data.lazyframe
    names = frame.collect_schema().names()
    ulp = pl.col("ulp")
    if check["kind"] == "row":
        left, right = (pl.sum_horizontal(pl.col(c).fill_null(0) for c in check[side]) for side in ("left", "right"))
        printed = pl.sum_horizontal(
            pl.when(pl.col(c).is_not_null()).then(ulp).otherwise(0) for c in (*check["left"], *check["right"])
        )
        return frame.select((left - right).abs() * 2 <= printed)
    one = pl.col(check["left"][0])
    own = pl.when(one.is_not_null()).then(ulp).otherwise(0)
    if check["kind"] == "rollup":
        column = check["left"][0]
        difference = (one.fill_null(0) - pl.col(f"{column}_below").fill_null(0)).abs()
        return frame.select(difference * 2 <= own + pl.col(f"{column}_ulps").fill_null(0))
    name = check["right"][0]
    two = pl.col(f"{name}_other" if f"{name}_other" in names else name)
    bound = own + pl.when(two.is_not_null()).then(pl.col("ulp_other")).otherwise(0)
    difference = one.fill_null(0) - two.fill_null(0)
    return frame.select((difference.abs() if check["sign"] == "=" else difference) * 2 <= bound)
