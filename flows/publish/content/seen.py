"""Since when a finding has been there: the first run in which it was broken, and whether the last one had it already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from flows.publish.content.views import Run


@dataclass(frozen=True, slots=True)
class Seen:
    """`earlier` by fingerprint, for findings that an earlier run had: when the first such run began (UTC), and whether the last
    run had it. `run` is the newest; `compared` says whether there was a run before it."""

    run: Run | None = None
    compared: bool = False
    earlier: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)

    def first(self, status: str, fingerprint: str) -> datetime | None:
        """When this finding was first found, by the reader's own clock; None for one that is not broken."""
        if status != "broken" or self.run is None:
            return None
        known = self.earlier.get(fingerprint)
        return known[0].replace(tzinfo=UTC).astimezone() if known else self.run.at

    def still(self, fingerprint: str) -> bool | None:
        """Whether the last run had this finding already; None where there was no such run."""
        return self.earlier.get(fingerprint, (None, False))[1] if self.compared else None


def gather(db: duckdb.DuckDBPyConnection, run: Run | None) -> str:
    """The temporary table `found_before` holds each finding of `run` that an earlier run already had, by fingerprint: when the first
    such run began (UTC), and whether the completed run right before this one had it. Returns one word for all that."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE found_before AS WITH earlier AS (SELECT run, started FROM run WHERE status = 'completed' "
        "AND run <> $run AND started <= (SELECT started FROM run WHERE run = $run)) "
        "SELECT v.fingerprint, min(e.started) AS first, "
        "bool_or(v.run = (SELECT run FROM earlier ORDER BY started DESC, run DESC LIMIT 1)) AS lately "
        "FROM verdict v JOIN earlier e ON e.run = v.run WHERE v.status = 'broken' "
        "AND v.fingerprint IN (SELECT fingerprint FROM verdict WHERE run = $run AND status = 'broken') GROUP BY 1",
        {"run": run.id if run else ""},
    )
    return str(
        db.execute("SELECT count(*), sum(hash(fingerprint, first, lately)::HUGEINT) FROM found_before").fetchall()
    )


def seen(db: duckdb.DuckDBPyConnection, runs: tuple[Run, ...]) -> Seen:
    """Since when each finding of the newest of `runs` has been there; `gather` was called before."""
    if not runs:
        return Seen()
    rows = db.execute("SELECT fingerprint, first, lately FROM found_before").fetchall()
    return Seen(runs[0], len(runs) > 1, {fingerprint: (first, lately) for fingerprint, first, lately in rows})
