"""What a rule not yet adopted would find in the warehouse.

Nothing here writes to the warehouse.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from expectations import messages
from expectations.rules import Rule
from expectations.sql.verdicts import Compiled
from flows.sql import confine

STATUSES = ("holds", "rounding", "broken", "not_verifiable")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule finds in a warehouse: verdicts by status, the gravest broken ones, and for each reason why not how many
    filings it kept from being judged."""

    rule: Rule
    counts: Mapping[str, int]
    failures: tuple[Row, ...]
    reasons: tuple[tuple[str, int], ...]
    seconds: float


def tried(connection: duckdb.DuckDBPyConnection, compiled: Sequence[Compiled], most: int = 5) -> tuple[Trial, ...]:
    """Each rule judged over every filing of the warehouse, its first `most` failures with their terms.

    Raises duckdb.Error when the warehouse lacks what a rule needs.
    """
    confine(connection)
    return tuple(_tried(connection, one, most) for one in compiled)


def filings(connection: duckdb.DuckDBPyConnection) -> int:
    """How many filings rules judge there."""
    found = connection.execute("SELECT count(*) FROM judged_filing").fetchone()
    return int(found[0]) if found else 0


def _tried(connection: duckdb.DuckDBPyConnection, compiled: Compiled, most: int) -> Trial:
    began = time.monotonic()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE trial AS {compiled.sql()}")
    counts = dict(connection.execute("SELECT status, count(*) FROM trial GROUP BY status").fetchall())
    cursor = connection.execute(
        "SELECT t.*, f.organisation, f.fiscal_year, f.unit FROM trial t JOIN filing f ON f.filing = t.filing "
        "WHERE t.status = 'broken' ORDER BY abs(t.unexplained) DESC NULLS LAST, f.organisation, f.fiscal_year, t.instance LIMIT ?",
        [most],
    )
    names = [column[0] for column in cursor.description or ()]
    failures = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    reasons = connection.execute(
        "SELECT coalesce(reason, ''), count(DISTINCT filing) FROM trial WHERE status = 'not_verifiable' GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    seconds = time.monotonic() - began
    return Trial(compiled.rule, {one: counts.get(one, 0) for one in STATUSES}, failures, tuple(reasons), seconds)


# ---- in words ------------------------------------------------------------------------------------------------------------


def told(trial: Trial, form_names: Mapping[str, str], say: str) -> list[str]:
    """What a rule finds, for its author."""
    zh = say == "zh"
    counts = " · ".join(f"{messages.status_name(one, say)} {trial.counts[one]:,}" for one in STATUSES)
    took = f"用时 {trial.seconds:.2f} 秒" if zh else f"took {trial.seconds:.2f} s"
    lines = [f"{trial.rule.id}  {trial.rule.title[say]}", f"  {counts}（{took}）" if zh else f"  {counts} ({took})"]
    if not sum(trial.counts.values()):
        lines.append("  没有遇到适用的情形：这不是通过" if zh else "  It met no case: that is not a pass.")
    for row in trial.failures:
        lines += [f"  ✗ {_who(row, say)}", *(f"      {line}" for line in arithmetic(row, say))]
    left = trial.counts["broken"] - len(trial.failures)
    if left > 0:
        lines.append(f"  另有 {left:,} 处不符" if zh else f"  and {left:,} more broken")
    for reason, count in trial.reasons:
        why = messages.reason_text(reason, say, form_names) or ("原因不明" if zh else "no reason given")
        lines.append(f"  无法核对 {count:,} 份：{why}" if zh else f"  not verifiable in {count:,} filings: {why}")
    return lines


def _who(row: Mapping[str, Any], say: str) -> str:
    parts = [
        row["organisation"] or ("机构不明" if say == "zh" else "organisation unknown"),
        str(row["fiscal_year"] or ""),
    ]
    if row["instance"]:
        parts.append(f"“{row['instance']}”")
    if row["page"]:
        parts.append(f"第 {row['page']} 页" if say == "zh" else f"page {row['page']}")
    return " ".join(part for part in parts if part)


def arithmetic(row: Mapping[str, Any], say: str) -> list[str]:
    """The figures on both sides, and what is stated, computed and left over; of a rule about words, its figures."""
    unit = row["unit"] if row["unit"] in messages.WAN else "万元"
    sides: dict[str, list[str]] = {"stated": [], "computed": []}
    for term in row["terms"] or ():
        side = sides["stated" if term["side"] == "stated" else "computed"]
        sign = f"{term['sign']} " if side or term["sign"] not in ("+", "") else ""
        side.append(f"{sign}{term['label']} {_value(term['value'], row['measure'], unit, say)}")
    lines = ["  |  ".join(" ".join(side) for side in sides.values() if side)]
    if row["computed"] is not None:
        measure = str(row["measure"])
        names = ("stated", "computed", "difference", "bound", "unexplained")
        shown = {name: messages.measured(row[name], measure, unit, say) for name in names}
        zh = "公布 {stated}，计算得 {computed}，相差 {difference}；尾差最多能解释 {bound}，至少 {unexplained} 无法解释"
        en = "printed {stated}, computed {computed}, difference {difference}; rounding explains at most {bound}, at least {unexplained} remains"
        lines.append((zh if say == "zh" else en).format(**shown))
    return [line for line in lines if line]


def _value(value: Decimal | None, measure: str, unit: str, say: str) -> str:
    blank = "（空白）" if say == "zh" else "(blank)"
    return messages.number(value, "amount" if measure in ("amount", "percent") else measure, unit) or blank
