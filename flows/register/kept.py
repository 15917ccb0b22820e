"""The register in the warehouse: taken in as a whole, and given out compared with the filings that are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from expectations.rulefile.problems import RuleProblem
from flows import problems, schema
from flows.recognise.disclosure import SET_ASIDE
from flows.register.reading import Expected, Register, told
from flows.register.standing import Compared, Published, compared
from flows.sql import insert, transaction

ABOUT = "register"
_COLUMNS = tuple(column.name for column in schema.EXPECTED_FILING.columns)
_KINDS = ("final_accounts", "performance", *SET_ASIDE)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the warehouse holds: how the expectations stand, and what is wrong with the register's file."""

    compared: Compared
    problems: tuple[RuleProblem, ...]
    source: str


def take_in(db: duckdb.DuckDBPyConnection, register: Register) -> None:
    """The warehouse holds the rows of `register` and its problems, and no others. Raises duckdb.Error."""
    with transaction(db):
        forget(db)
        rows = [tuple(_plain(getattr(one, name)) for name in _COLUMNS[:-1]) for one in register.rows]
        insert(db, schema.EXPECTED_FILING, [(*row, str(register.path)) for row in rows])
        problems.record(db, ABOUT, told(register))


def keep(db: duckdb.DuckDBPyConnection, path: Path, message: dict[str, str]) -> int:
    """The register that could not be read tonight stands as it was taken in last, and it is recorded why; returns its rows."""
    kept = [one for one in problems.recorded(db, ABOUT) if one.line or one.grade != "error"]
    problems.record(db, ABOUT, [RuleProblem(str(path), 0, message["zh"], message["en"]), *kept])
    return rows_kept(db)


def forget(db: duckdb.DuckDBPyConnection) -> None:
    """The warehouse holds no register."""
    db.execute(f"DELETE FROM {schema.EXPECTED_FILING.name}")
    problems.record(db, ABOUT, ())


def rows_kept(db: duckdb.DuckDBPyConnection) -> int:
    """How many expectations the warehouse holds."""
    row = db.execute(f"SELECT count(*) FROM {schema.EXPECTED_FILING.name}").fetchone()
    return int(row[0]) if row else 0


def given_out(db: duckdb.DuckDBPyConnection, today: date) -> Kept | None:
    """How the expectations stand today; None where there is no register. Raises duckdb.Error."""
    wrong = problems.recorded(db, ABOUT)
    names = ", ".join(f'"{name}"' for name in _COLUMNS[:-1])
    rows = db.execute(f"SELECT {names} FROM {schema.EXPECTED_FILING.name} ORDER BY row").fetchall()
    if not rows and not wrong:
        return None
    expected = [Expected(**dict(zip(_COLUMNS[:-1], row, strict=True))) for row in rows]
    source = db.execute(f"SELECT any_value(source) FROM {schema.EXPECTED_FILING.name}").fetchone()
    return Kept(
        compared(expected, published(db), today),
        wrong,
        str((source or ("",))[0] or (wrong[0].file if wrong else "")),
    )


def published(db: duckdb.DuckDBPyConnection, stands: Callable[[str], bool] | None = None) -> list[Published]:
    """Every current filing of a kind that can be expected. `stands` says whether a document still lies at an address."""
    there = stands or _stands
    others: dict[str, list[str]] = defaultdict(list)
    for filing, source in db.execute(
        "SELECT DISTINCT c.filing, s.source FROM filing o JOIN filing c ON c.identity = o.identity AND c.current "
        "JOIN document_source s ON s.sha256 = o.document WHERE NOT o.current AND NOT EXISTS (SELECT 1 FROM document_source n "
        "WHERE n.source = s.source AND n.sha256 <> s.sha256 AND n.first_seen >= s.first_seen) ORDER BY ALL"
    ).fetchall():
        if there(source):
            others[filing].append(source)
    rows = db.execute(
        "SELECT f.filing, f.organisation, f.fiscal_year, f.kind, f.scope, a.published_on, a.first_seen, d.source FROM filing f "
        "JOIN (SELECT identity, min(published_on) AS published_on, min(first_seen) AS first_seen FROM filing "
        "LEFT JOIN document ON sha256 = document GROUP BY identity) a USING (identity) LEFT JOIN document d ON d.sha256 = f.document "
        "WHERE f.current AND list_contains(?, f.kind) ORDER BY f.filing",
        [list(_KINDS)],
    ).fetchall()
    return [
        Published(key, organisation or "", year, kind, scope or "", on, _local(seen), source or "", tuple(others[key]))
        for key, organisation, year, kind, scope, on, seen, source in rows
    ]


def _stands(address: str) -> bool:
    return "://" in address or Path(address).exists()


def _local(at: datetime | None) -> date | None:
    """The warehouse keeps UTC; a day is one of the reader's own calendar."""
    return at.replace(tzinfo=UTC).astimezone().date() if at else None


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
