"""The tables as pandas frames, each with the columns that some check needs, and the frames that checks of one kind look at.

Amounts are floats, as pandas has them. A blank counts as nothing in a sum, which must be said at every step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from measured import SLACK
from plans import KEYS, grouped, needed

Check = dict[str, Any]


def read(folder: str, checks: Sequence[Check], filings: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Table → its keys and the columns that the checks need, of all filings or of some."""
    made = {}
    for table, columns in needed(checks).items():
        path = Path(folder) / f"{table}.parquet"
        some = [("filing", "in", list(filings))] if filings else None
        frame = pd.read_parquet(path, columns=columns, filters=some)
        amounts = [name for name in columns if name == "ulp" or name not in KEYS]
        made[table] = frame.astype(dict.fromkeys(amounts, "float64"))
    return made


def prepared(tables: dict[str, pd.DataFrame], checks: Sequence[Check]) -> Iterator[tuple[pd.DataFrame, list[Check]]]:
    """Each frame that is needed, with the checks that look at it: tables, parents beside their children, two forms side by side."""
    for group in grouped(checks):
        first = group[0]
        frame = tables[first["table"]]
        if first["kind"] == "rollup":
            frame = _parents(frame, [check["left"][0] for check in group])
        elif first["kind"] == "across":
            frame = _beside(frame, tables[first["other"]], first)
        yield frame, group


def _parents(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    below = frame[frame["parent_key"] != ""]
    own = below[["filing", "part", "parent_key"]].copy()
    for column in columns:
        own[f"{column}_below"] = below[column]
        own[f"{column}_ulps"] = below["ulp"].where(below[column].notna(), 0.0)
    sums = own.groupby(["filing", "part", "parent_key"], sort=False, as_index=False).sum()
    keys = ["filing", "part", "row_key"]
    return frame[[*keys, "ulp", *columns]].merge(sums.rename(columns={"parent_key": "row_key"}), on=keys)


def _beside(frame: pd.DataFrame, other: pd.DataFrame, check: Check) -> pd.DataFrame:
    if check["by_code"]:
        codes = other[(other["part"] == "") & (other["code"] != "")]
        return frame[frame["code"] != ""].merge(codes, on=["filing", "code"], how="left", suffixes=("", "_other"))
    one, two = (
        each[(each["row_key"] == key) & (each["part"] == "")] if key else each
        for each, key in ((frame, check["row_key"]), (other, check["other_key"]))
    )
    return one.merge(two, on="filing", suffixes=("", "_other"))


def off(frame: pd.DataFrame, check: Check) -> tuple[pd.Series, pd.Series]:
    """Of each row twice the difference, and what rounding may explain of it."""
    left, right = list(check["left"]), list(check["right"])
    if check["kind"] == "row":
        difference = frame[left].sum(axis=1) - frame[right].sum(axis=1)
        return 2 * difference.abs(), frame["ulp"] * frame[left + right].notna().sum(axis=1)
    (one,) = left
    if check["kind"] == "rollup":
        difference = frame[one].fillna(0) - frame[f"{one}_below"]
        return 2 * difference.abs(), frame[f"{one}_ulps"] + frame["ulp"].where(frame[one].notna(), 0)
    (two,) = right
    two = f"{two}_other" if f"{two}_other" in frame else two
    difference = frame[one].fillna(0) - frame[two].fillna(0)
    bound = frame["ulp"].where(frame[one].notna(), 0) + frame["ulp_other"].where(frame[two].notna(), 0)
    return 2 * (difference.abs() if check["sign"] == "=" else difference), bound


def holds(frame: pd.DataFrame, check: Check) -> pd.Series:
    """Whether each row satisfies the check within rounding."""
    difference, bound = off(frame, check)
    return difference <= bound + SLACK
