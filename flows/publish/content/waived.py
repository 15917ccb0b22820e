"""Which findings a waiver explains, as the pages need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from expectations.rulefile.problems import RuleProblem
from flows import problems
from flows.publish.content.views import Run
from flows.publish.wording.standing import standing
from flows.waivers import kept
from flows.waivers.standing import LAPSED, Standing


@dataclass(frozen=True, slots=True)
class Waived:
    """The waivers in force are `in_force` many and explain so many broken verdicts by standing; `lapsed` are those that apply no more
    or to nothing, `problems` what of their files was not taken."""

    in_force: int = 0
    explained: Mapping[str, int] = field(default_factory=dict)
    lapsed: tuple[Standing, ...] = ()
    problems: tuple[RuleProblem, ...] = ()


def waived(db: duckdb.DuckDBPyConnection, run: Run | None, severities: Mapping[str, str]) -> Waived:
    """What the overview tells of waivers."""
    standings = kept.given_out(db)
    explained = dict.fromkeys(("bad", "explain"), 0)
    rows = db.execute(
        "SELECT v.rule, count(*) FROM verdict v JOIN filing f ON f.filing = v.filing AND f.current "
        "WHERE v.run = $run AND v.status = 'broken' AND v.fingerprint IN (SELECT fingerprint FROM waiver WHERE status = 'in_force') "
        "GROUP BY 1",
        {"run": run.id if run else ""},
    ).fetchall() if standings else []  # fmt: skip
    for rule, number in rows:
        explained[standing("broken", severities.get(rule, "critical"))] += number
    return Waived(
        sum(1 for one in standings if one.status == "in_force"),
        explained,
        tuple(one for one in standings if one.status in ("unknown", *LAPSED)),
        problems.recorded(db, kept.ABOUT),
    )
