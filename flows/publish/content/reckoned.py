"""Answers of the database that hold from one night to the next: a question about filings of which nothing has changed is not
put again.

Counting twenty million verdicts in a dozen ways takes longer than printing what they come to. So every answer is kept beside the
pages, in one word for the question and all that it is about; on an unchanged night they are read instead of reckoned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

Answer = list[tuple[Any, ...]]
_RUNS = ("run", "other")
"""Parameters by these names say which run is asked about: the next night's is another one that holds the same."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The database and what it answered last night: `known` by question; `asked` gathers the answers of this night.

    `about`: one word for all that the newest run and the current filings hold, and for the program that asks.
    """

    db: duckdb.DuckDBPyConnection
    about: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    asked: dict[str, Answer] = field(default_factory=dict)
    _makers: dict[str, Callable[[], None]] = field(default_factory=dict)

    def rows(
        self,
        sql: str,
        given: Mapping[str, Any] | None = None,
        *,
        needs: str = "",
        beside: str = "",
        of: str | None = None,
    ) -> Answer:
        """What `sql` answers: texts, whole numbers, truth and lists of such; no other values, for the answer is kept as JSON.

        `needs` names the temporary table that it reads; `beside` is one word for whatever else it is about than the current filings
        and their verdicts in the newest run; `of` stands for them where it is about something else. Raises duckdb.Error.
        """
        told = {name: value for name, value in (given or {}).items() if name not in _RUNS}

        def ask() -> Answer:
            self.need(needs)
            return self.db.execute(sql, dict(given)).fetchall() if given else self.db.execute(sql).fetchall()

        return self._kept(_word(self.about if of is None else of, beside, sql, sorted(told.items())), ask)

    def worked(self, name: str, work: Callable[[], Answer], *, beside: str = "") -> Answer:
        """What `work` returns, rows of such values as `rows` has: all that it is about is the current filings and their verdicts in the
        newest run, and what `beside` says in one word. `name` is that of this question."""
        return self._kept(_word(self.about, beside, name), work)

    def _kept(self, question: str, ask: Callable[[], Answer]) -> Answer:
        kept = self.known.get(question)
        self.asked[question] = [tuple(row) for row in (kept if isinstance(kept, list) else ask())]
        return self.asked[question]

    def offer(self, table: str, make: Callable[[], None]) -> None:
        """The temporary table `table` is made by `make` when it is first needed, once."""
        self._makers[table] = make

    def need(self, table: str) -> None:
        """The temporary table `table`, if it was offered, is there."""
        if make := self._makers.pop(table, None):
            make()


def _word(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
