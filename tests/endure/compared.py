"""What a night has left, so that it can be compared with what another one has left."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations import vocabulary
from flows import schema, warehouse, warehouse_checks
from flows.night import copying, mending
from flows.night.plan import Plan

_OF_RUNS = ("run", "run_stage")
_NIGHTLY = ("validation", "en/validation", "assets/run.js", "pages.json", "index.html", "en/index.html")
"""Files of the site that tell of runs, by their names and numbers."""
_WHEN = re.compile(rb"20\d\d-?\d\d-?\d\d[ -]\d\d:?\d\d(:?\d\d)?(-\d+)?")
"""Times and names of runs, which the pages of rules list."""
_OF_COMPLETED = ("rules/", "findings", "search/")
"""Pages that tell of completed runs, of which a night that its kill came too late for is one more."""


@dataclass(frozen=True)
class Left:
    """Rows of every table but those of runs, digests of the last run's verdicts and of what filings hold, and the site's files."""

    completed: int
    rows: dict[str, int]
    contents: dict[str, str]
    site: dict[str, str]

    def differences(self, other: Left) -> list[str]:
        """What is not the same, in words; what the pages tell of completed runs only where there were as many."""
        found, site, stood = [], dict(self.site), dict(other.site)
        if self.completed != other.completed:
            site, stood = beside_runs(site), beside_runs(stood)
        for name, here, there in (
            ("rows", self.rows, other.rows),
            ("contents", self.contents, other.contents),
            ("site", site, stood),
        ):
            found += [f"{name} of {key}: {here.get(key)} instead of {there.get(key)}" for key in sorted({*here, *there}) if here.get(key) != there.get(key)]  # fmt: skip
        return found


def left(plan: Plan) -> Left:
    """What stands after a night."""
    connection = warehouse.connect(plan.warehouse)
    try:
        tables = [*schema.BASE_TABLES, *vocabulary.load().tables]
        rows = {}
        for table in tables:
            if all(column.name != "run" for column in table.columns):
                rows[table.name] = _one(connection, f'SELECT count(*) FROM "{table.name}"')
        completed = _one(connection, "SELECT count(*) FROM run WHERE status = 'completed'")
        last = "(SELECT run FROM run WHERE status = 'completed' ORDER BY started DESC, run DESC LIMIT 1)"
        contents = {
            "verdict": _digest(connection, f"SELECT * EXCLUDE (run) FROM verdict WHERE run = {last}"),
            "run": _digest(connection, f"SELECT documents, unreadable, filings, rules FROM run WHERE run = {last}"),
            "filing": _digest(connection, "SELECT * EXCLUDE (loaded) FROM filing"),
        }
        for table in schema.DIAGNOSES:
            contents[table.name] = _digest(connection, f"SELECT * EXCLUDE (run) FROM {table.name}")
        for name in ("figure", "three_public_expenses_line", "judged_filing", "form_reading"):
            contents[name] = _digest(connection, f'SELECT * FROM "{name}"')
    finally:
        connection.close()
    return Left(int(completed), rows, contents, files(plan.site))


def files(site: Path) -> dict[str, str]:
    """Digest of every file of the site that does not tell of runs."""
    found = {}
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_file() and not name.startswith(_NIGHTLY) and path.suffix not in (".xlsx", ".parquet", ".json"):
            found[name] = hashlib.sha256(_WHEN.sub(b"", path.read_bytes())).hexdigest()[:12]
    return found


def beside_runs(site: dict[str, str]) -> dict[str, str]:
    """The files of a site, those that tell of completed runs by name alone."""
    return {name: "" if any(word in name for word in _OF_COMPLETED) else told for name, told in site.items()}


def wrong(plan: Plan) -> list[str]:
    """What the checks of the warehouse find, and what lies about that should not."""
    connection = warehouse.connect(plan.warehouse)
    try:
        found = [one.text("en") for one in warehouse_checks.inconsistencies(connection)]
        held = connection.execute("SELECT run, status FROM run ORDER BY ALL").fetchall()
        runs = connection.execute("SELECT status, count(*) FROM run GROUP BY 1").fetchall()
    finally:
        connection.close()
    copy = duckdb.connect(str(copying.place_of(plan)), read_only=True)
    if copy.execute("SELECT run, status FROM run ORDER BY ALL").fetchall() != held:
        found.append("the readers' copy is not of this night")
    copy.close()
    found += [f"left behind: {path.name}" for path in mending.left_behind(plan)]
    return found + [f"runs: {runs}"] * (dict(runs).get("completed", 0) < 1)


def _digest(connection: warehouse.Connection, rows: str) -> str:
    """How many rows, and which, in whatever order."""
    return f"{_one(connection, f'SELECT count(*) FROM ({rows})')} {_one(connection, f'SELECT bit_xor(hash(t)) FROM ({rows}) t')}"


def _one(connection: warehouse.Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return row[0] if row else 0  # type: ignore[no-any-return]
