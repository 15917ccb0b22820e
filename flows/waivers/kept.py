"""Waivers in the warehouse: every one with how it stands, so that pages and exports need neither the files nor the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

from expectations.rulefile.problems import RuleProblem
from flows import problems, schema
from flows.sql import insert, transaction
from flows.waivers.reading import Waiver
from flows.waivers.standing import IN_FORCE, Bound, Standing

ABOUT = "waivers"
_COLUMNS = ", ".join(f'"{column.name}"' for column in schema.WAIVER.columns)


def take_in(db: duckdb.DuckDBPyConnection, standings: Sequence[Standing], wrong: Iterable[RuleProblem]) -> None:
    """The warehouse holds these waivers and the mistakes of their files, and no others. Raises duckdb.Error."""
    with transaction(db):
        db.execute(f"DELETE FROM {schema.WAIVER.name}")
        insert(db, schema.WAIVER, [_row(one) for one in standings])
        problems.record(db, ABOUT, wrong)


def given_out(db: duckdb.DuckDBPyConnection) -> tuple[Standing, ...]:
    """Every waiver as it was taken in last, those in force first. Raises duckdb.Error."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {schema.WAIVER.name} ORDER BY status <> '{IN_FORCE}', until, fingerprint"
    ).fetchall()
    return tuple(_standing(dict(zip((column.name for column in schema.WAIVER.columns), row, strict=True))) for row in rows)  # fmt: skip


def in_force(db: duckdb.DuckDBPyConnection) -> dict[str, Waiver]:
    """The waivers in force by the fingerprint of their finding. Raises duckdb.Error."""
    return {one.waiver.finding: one.waiver for one in given_out(db) if one.status == IN_FORCE}


def findings(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every finding of the newest completed run on current filings, by fingerprint, with what it is about. Raises duckdb.Error."""
    rows = db.execute(
        "SELECT v.fingerprint, concat_ws(' ', f.organisation, f.fiscal_year, v.rule, v.instance) FROM verdict v "
        "JOIN filing f ON f.filing = v.filing WHERE f.current AND v.status = 'broken' AND v.run = (SELECT run FROM run "
        "WHERE status = 'completed' ORDER BY started DESC, run DESC LIMIT 1) ORDER BY ALL"
    ).fetchall()
    return dict(rows)


def _row(one: Standing) -> tuple[Any, ...]:
    waiver, bound = one.waiver, one.bound or Bound("", "", "", "")
    said = (waiver.reason["zh"], waiver.reason["en"], waiver.who, waiver.evidence)
    days: tuple[str, str] = (waiver.granted.isoformat(), waiver.until.isoformat())
    stands = (one.status, one.before, one.replaced_by)
    place = (bound.rule, bound.rule_fingerprint, bound.identity, bound.instance)
    return waiver.finding, waiver.about, *said, *days, waiver.source, waiver.line, *stands, *place


def _standing(row: dict[str, Any]) -> Standing:
    reason = row["reason"] or "—"
    waiver = Waiver.model_construct(
        line=row["line"] or 0,
        finding=row["fingerprint"],
        about=row["about"] or "",
        reason={"zh": reason, "en": row["reason_en"] or reason},
        who=row["granted_by"] or "",
        evidence=row["evidence"] or "",
        granted=row["granted"] or date.min,
        until=row["until"] or date.max,
        source=row["source"] or "",
    )
    bound = Bound(*(row[name] or "" for name in ("rule", "rule_fingerprint", "identity", "instance")))
    return Standing(waiver, row["status"] or "unknown", bound if bound.rule else None, row["replaced_by"] or "", row["before"] or "")  # fmt: skip
