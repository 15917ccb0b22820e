"""What is supposed of the findings of a filing: which figures may be wrong, and how that may have come about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import duckdb

from flows.explain.diagnosis import Hypothesis, Suspect
from flows.publish.content.views import Case, Verdict

BATCH = 2000
"""Findings whose cases are read at once."""

TABLES = ("diagnosed", "suspect", "hypothesis")
TOLD = {
    "diagnosed": "filing, root, outcome, findings",
    "suspect": 'filing, root, "set", position, figure, label_zh, label_en, printed, repair, least, most, unit, follows',
    "hypothesis": 'filing, root, "set", figure, position, kind, value, unit, zh, en',
}
"""Of each table all but the run that said so: a later one that says the same changes nothing."""


Found = tuple[Verdict, Case | None]
"""A finding, with its case where it is the root of one."""


def beside(db: duckdb.DuckDBPyConnection, verdicts: Iterable[Verdict]) -> Iterator[Found]:
    """Each of `verdicts` with the case of which it is the root, read some at a time."""
    waiting = iter(verdicts)
    while some := list(islice(waiting, BATCH)):
        known = by_root(db, some)
        yield from ((one, known.get((one.filing, one.fingerprint))) for one in some)


def by_root(db: duckdb.DuckDBPyConnection, verdicts: Iterable[Verdict]) -> dict[tuple[str, str], Case]:
    """The cases of the filings of `verdicts`, by filing and the root's fingerprint."""
    broken = [one for one in verdicts if one.status == "broken"]
    found = cases(db, sorted({one.filing for one in broken}), roots=sorted({one.fingerprint for one in broken}))
    return {(filing, case.root): case for filing, some in found.items() for case in some}


def cases(
    db: duckdb.DuckDBPyConnection, filings: Sequence[str], prefix: str = "", roots: Sequence[str] | None = None
) -> Mapping[str, tuple[Case, ...]]:
    """By filing the cases of each of `filings`, only those of `roots` where these are given; the tables have `prefix` before their
    names. Raises duckdb.Error."""
    few = {"filings": list(filings)} | ({} if roots is None else {"roots": list(roots)})
    only = "" if roots is None else " AND root IN (SELECT unnest($roots))"

    def rows(table: str, order: str) -> list[tuple[Any, ...]]:
        sql = f"SELECT {TOLD[table]} FROM {prefix}{table} WHERE filing IN (SELECT unnest($filings)){only}"
        return db.execute(f"{sql} ORDER BY {order}", few).fetchall()

    made: dict[str, list[Case]] = defaultdict(list)
    diagnosed = rows("diagnosed", "filing, root")
    if not diagnosed:
        return {}
    how: dict[tuple[str, str, int, str], list[Hypothesis]] = defaultdict(list)
    for filing, root, number, figure, rank, kind, value, unit, zh, en in rows(
        "hypothesis", 'filing, root, "set", figure, position'
    ):
        said = {"zh": zh or "", "en": en or ""}
        how[filing, root, number, figure].append(Hypothesis(kind, figure, value, unit or "", said, rank))
    suspects: dict[tuple[str, str], list[Suspect]] = defaultdict(list)
    for filing, root, number, _, figure, zh, en, printed, repair, least, most, unit, follows in rows(
        "suspect", 'filing, root, "set", position'
    ):
        suspects[filing, root].append(
            Suspect(
                number,
                figure,
                {"zh": zh or figure, "en": en or figure},
                printed,
                repair,
                least,
                most,
                unit or "",
                bool(follows),
                tuple(how[filing, root, number, figure]),
            )
        )
    for filing, root, outcome, _ in diagnosed:
        made[filing].append(Case(root, outcome, tuple(suspects[filing, root])))
    return {filing: tuple(some) for filing, some in made.items()}
