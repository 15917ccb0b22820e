"""上年.本期数: what a statement of change is about, as last year's filing prints it."""

from __future__ import annotations

from expectations.sql.cells import Leaf
from expectations.sql.scope import Scope
from expectations.vocabulary import MONEY, WAN, Column

_EXACT = "DECIMAL(28,7)"
"""A printed amount about to be brought to 万元: in 元 it is ten thousand times as large."""


def same_last_year(scope: Scope, role: Column) -> Leaf:
    """The figure that `role` names, or where only the narrative names it the first amount given for it, in last year's filing.

    Nothing where that filing does not print it, or its form could not be read.
    """
    year = scope.year(True)
    units = " ".join(f"WHEN '{unit}' THEN {factor}" for unit, factor in WAN.items())
    factor = f"CAST(CASE coalesce(nullif(y.unit, ''), yf.unit) {units} ELSE 1 END AS DECIMAL(9,4))"
    value, ulp = (f"CAST(CAST({name} AS {_EXACT}) * {factor} AS {MONEY})" for name in ("y.value", "y.ulp"))
    printed = (
        "SELECT filing, id AS concept, id, value, ulp, unit FROM figure UNION ALL "
        "SELECT filing, concept, min(id), arg_min(value, id), arg_min(ulp, id), arg_min(unit, id) FROM claim "
        "WHERE kind = 'amount' AND concept <> '' AND concept NOT LIKE '%/%' GROUP BY filing, concept"
    )
    scope.joins.setdefault(
        "y",
        f"LEFT JOIN ({printed}) y ON y.filing = {year.filing} AND y.concept = nullif(t.concept, '') "
        f"LEFT JOIN filing yf ON yf.filing = {year.filing} LEFT JOIN form_reading yr ON yr.filing = {year.filing} "
        "AND yr.form = split_part(t.concept, '/', 1)",
    )
    sound = f"CASE WHEN coalesce(yr.status, 'read') <> 'unreadable' THEN {value} END"
    return Leaf(
        f"{year.label}{role.zh}", role.type, sound, f"coalesce({ulp}, 0) * 0.5", f"'{year.mark}' || y.id", False
    )
