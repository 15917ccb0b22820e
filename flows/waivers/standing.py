"""Which waivers are in force, and of the others why not: judged against the verdicts of the newest run.

A waiver is bound to its finding's fingerprint, which another figure changes. So what became of a finding that is no longer there is
told from what the waiver was bound to when it was last in force: the rule, the filing's identity and the instance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb

from expectations.rules import Rule, RuleBook
from flows.waivers.reading import Waiver

IN_FORCE = "in_force"
LAPSED = ("expired", "figure_changed", "rule_changed", "rule_retired", "settled", "gone")
"""Why a waiver is in force no more: its time is over; another figure stands there; the rule says otherwise, or judges no more; what
it explained agrees now; the filing, or the place in it, is there no more."""
STATUSES = (IN_FORCE, "not_yet", "unknown", *LAPSED)
"""unknown: no finding of that id was ever seen."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a finding was about when it was last seen."""

    rule: str
    rule_fingerprint: str
    identity: str
    instance: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A waiver and how it stands; `replaced_by` is the fingerprint of the finding that stands there now, "" where none does.
    `before` is how it stood the night before, "" for one that is new."""

    waiver: Waiver
    status: str
    bound: Bound | None = None
    replaced_by: str = ""
    before: str = ""

    @property
    def lapsed(self) -> bool:
        """Whether it was in force once and is no more."""
        return self.status in LAPSED


def stand(
    db: duckdb.DuckDBPyConnection,
    waivers: Sequence[Waiver],
    before: Mapping[str, Standing],
    book: RuleBook,
    run: str,
    today: date,
) -> tuple[Standing, ...]:
    """How each waiver stands in `run`; `before` is how they stood the night before, by finding. Raises duckdb.Error."""
    here = _seen(db, [one.finding for one in waivers], run)
    made = []
    for one in waivers:
        old = before.get(one.finding)
        bound = here.get(one.finding) or (old.bound if old else None)
        status = _dated(one, today) if one.finding in here else ""
        made.append(Standing(one, status, bound, before=old.status if old else ""))
    lost = [one.waiver.finding for one in made if not one.bound]
    earlier = _seen(db, lost) if lost else {}
    made = [replace(one, bound=one.bound or earlier.get(one.waiver.finding)) for one in made]
    there = _there(db, [one.bound for one in made if not one.status and one.bound], run)
    active = {rule.id: rule for rule in book.active}
    return tuple(one if one.status else _fallen(one, there, active) for one in made)


def _dated(one: Waiver, today: date) -> str:
    return "expired" if today > one.until else "not_yet" if today < one.granted else IN_FORCE


def _fallen(
    one: Standing, there: Mapping[tuple[str, str, str], tuple[str, str]], active: Mapping[str, Rule]
) -> Standing:
    """Why the finding of a waiver is not there."""
    bound = one.bound
    if bound is None:
        return replace(one, status="unknown")
    rule = active.get(bound.rule)
    if rule is None:
        return replace(one, status="rule_retired")
    status, fingerprint = there.get((bound.rule, bound.identity, bound.instance), ("", ""))
    changed = rule.fingerprint != bound.rule_fingerprint
    if status == "broken":
        return replace(one, status="rule_changed" if changed else "figure_changed", replaced_by=fingerprint)
    if changed:
        return replace(one, status="rule_changed")
    return replace(one, status="settled" if status in ("holds", "rounding") else "gone")


def _seen(db: duckdb.DuckDBPyConnection, findings: Sequence[str], run: str = "") -> dict[str, Bound]:
    """What the findings are about, by fingerprint, as far as `run`, or else any run, knows them on a current filing."""
    if not findings:
        return {}
    where = "v.run = $run AND f.current" if run else "true"
    given: dict[str, Any] = {"findings": list(findings)} | ({"run": run} if run else {})
    rows = db.execute(
        "SELECT v.fingerprint, arg_max(v.rule, v.run), arg_max(v.rule_fingerprint, v.run), any_value(f.identity), any_value(v.instance) "
        "FROM verdict v JOIN filing f ON f.filing = v.filing WHERE v.status IN ('broken', 'not_verifiable') "
        f"AND v.fingerprint IN (SELECT unnest($findings)) AND {where} GROUP BY 1",
        given,
    ).fetchall()
    return {row[0]: Bound(row[1], row[2] or "", row[3] or "", row[4] or "") for row in rows}


def _there(
    db: duckdb.DuckDBPyConnection, bounds: Sequence[Bound], run: str
) -> dict[tuple[str, str, str], tuple[str, str]]:
    """The status and fingerprint of the verdicts that stand where these findings stood."""
    if not bounds:
        return {}
    rows = db.execute(
        "SELECT v.rule, f.identity, v.instance, v.status, v.fingerprint FROM verdict v JOIN filing f ON f.filing = v.filing "
        "JOIN (SELECT unnest($rules) AS rule, unnest($identities) AS identity, unnest($instances) AS instance) b "
        "ON b.rule = v.rule AND b.identity = f.identity AND b.instance = v.instance WHERE v.run = $run AND f.current",
        {
            "run": run,
            "rules": [one.rule for one in bounds],
            "identities": [one.identity for one in bounds],
            "instances": [one.instance for one in bounds],
        },
    ).fetchall()
    return {(rule, identity, instance): (status, id_) for rule, identity, instance, status, id_ in rows}
