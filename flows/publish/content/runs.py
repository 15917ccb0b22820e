"""What the warehouse remembers of every run, for the pages that show how the runs went."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long one step of a run took, in seconds, and how many items it dealt with."""

    stage: str
    seconds: float
    items: int


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the table `run`, times in this machine's zone; a number is None where the run did not come that far.

    `judged`: filings of which anything was judged in this run; of the others the earlier verdicts stand. `stages` are kept when
    the run has ended."""

    id: str
    started: datetime | None
    finished: datetime | None
    status: str
    hedui: str
    reader: str
    documents: int | None
    loaded: int | None
    filings: int | None
    rules: int | None
    judged: int | None = None
    stages: tuple[StageTime, ...] = ()

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it runs."""
        return round((self.finished - self.started).total_seconds()) if self.started and self.finished else None


def run_lines(db: duckdb.DuckDBPyConnection, most: int) -> dict[str, RunLine]:
    """The newest `most` runs, failed ones too, newest first."""
    rows = db.execute(
        "SELECT run, started, finished, coalesce(status, ''), coalesce(hedui, ''), coalesce(reader, ''), documents, loaded, "
        "filings, rules, judged FROM run ORDER BY started DESC, run DESC LIMIT ?",
        [most],
    ).fetchall()
    stages: dict[str, list[StageTime]] = defaultdict(list)
    for run, *told in db.execute(
        "SELECT run, stage, coalesce(seconds, 0), coalesce(items, 0) FROM run_stage WHERE list_contains(?, run) ORDER BY run, position",
        [[row[0] for row in rows]],
    ).fetchall():
        stages[run].append(StageTime(*told))
    lines = (RunLine(run, _local(started), _local(finished), *rest) for run, started, finished, *rest in rows)
    return {line.id: replace(line, stages=tuple(stages[line.id])) for line in lines}


def _local(at: datetime | None) -> datetime | None:
    """The warehouse keeps UTC; people read their own clock."""
    return at.replace(tzinfo=UTC).astimezone() if at else None
