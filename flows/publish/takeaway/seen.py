"""Since when a finding has been there: the first run in which it was broken, and whether the last one had it already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from flows.publish.content.morning import first_broken
from flows.publish.content.views import Run, Verdict


@dataclass(frozen=True, slots=True)
class Seen:
    """`earlier` by fingerprint, for findings that an earlier run had: when the first such run began (UTC), and whether the last
    run had it. `run` is the newest; `compared` says whether there was a run before it."""

    run: Run | None = None
    compared: bool = False
    earlier: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)

    def first(self, verdict: Verdict) -> datetime | None:
        """When this broken verdict was first found, by the reader's own clock; None for any other verdict."""
        if verdict.status != "broken" or self.run is None:
            return None
        known = self.earlier.get(verdict.fingerprint)
        return known[0].replace(tzinfo=UTC).astimezone() if known else self.run.at

    def still(self, verdict: Verdict) -> bool | None:
        """Whether the last run had this finding already; None where there was no such run."""
        return self.earlier.get(verdict.fingerprint, (None, False))[1] if self.compared else None


def seen(db: duckdb.DuckDBPyConnection, runs: tuple[Run, ...]) -> Seen:
    """Since when each finding of the newest of `runs` has been there."""
    if not runs:
        return Seen()
    return Seen(runs[0], len(runs) > 1, first_broken(db, runs[0]))
