"""What the warehouse remembers of every run, for the pages that show how the runs went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the table `run`, times in this machine's zone; a number is None where the run did not come that far."""

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

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it runs."""
        return round((self.finished - self.started).total_seconds()) if self.started and self.finished else None


def run_lines(db: duckdb.DuckDBPyConnection, most: int) -> dict[str, RunLine]:
    """The newest `most` runs, failed ones too, newest first."""
    rows = db.execute(
        "SELECT run, started, finished, coalesce(status, ''), coalesce(hedui, ''), coalesce(reader, ''), documents, loaded, "
        "filings, rules FROM run ORDER BY started DESC, run DESC LIMIT ?",
        [most],
    ).fetchall()
    return {run: RunLine(run, _local(started), _local(finished), *rest) for run, started, finished, *rest in rows}


def _local(at: datetime | None) -> datetime | None:
    """The warehouse keeps UTC; people read their own clock."""
    return at.replace(tzinfo=UTC).astimezone() if at else None
