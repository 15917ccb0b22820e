"""DuckDB: what was collected, what was read of it, and what was judged. Nothing loaded is ever overwritten by another document.

`load` brings disclosures in: the same bytes are recorded once however many names they have; a changed document becomes the
next version of its filing. Figures, claims and verdicts of every version stay. The tables that rules run on (one per form and
kind of statement) hold current versions alone: they are derived, so that nothing is lost, and neither rules nor reviewers
need to filter, nor does judging slow down as history grows.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import duckdb

from expectations import classification, vocabulary
from expectations.vocabulary import JUDGED, PEER_GROUP, WITH_PREVIOUS, Table, Vocabulary
from flows import access, schema, verdict_view
from flows.form_tables import Rows, derived_rows
from flows.read_rows import read_rows
from flows.recall import stored
from flows.recognise.disclosure import Disclosure, Filing
from flows.sql import insert, run, transaction

Connection = duckdb.DuckDBPyConnection
BATCH = 100
"""Filings derived at once when derived tables are made anew: enough to be set-wise, few enough for little memory."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from: `source` as people name it, its bytes' sha256 and size, and the version of the reader."""

    source: str
    sha256: str
    size: int
    reader: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a document could not be read: a reason code and one line in each language."""

    reason: str
    message: dict[str, str]


def connect(path: Path | None = None, read_only: bool = False) -> Connection:
    """An open warehouse with all its tables; `path` None keeps it in memory.

    Raises duckdb.IOException when another process holds the file for longer than `flows.access` waits.
    """
    if path is None:
        connection = duckdb.connect(config={"threads": 1})
        create(connection, comments=False)
        return connection
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = access.connect(path, read_only)
    if not read_only:
        create(connection)
    return connection


def create(connection: Connection, comments: bool = True) -> None:
    """Every table exists as this version defines it; derived tables of an older vocabulary are made anew from what was read."""
    words = vocabulary.load()
    held = _columns_held(connection)
    connection.execute("BEGIN")
    carried = verdict_view.carry_over(connection, held)
    outdated = [table for table in _derived_tables() if held.get(table.name, table.columns) != table.columns]
    for table in schema.BASE_TABLES:
        _add_missing_columns(connection, table, held)
    codes = classification.TABLE
    for table in (*outdated, *([codes] if held.get(codes.name, codes.columns) != codes.columns else [])):
        connection.execute(f'DROP TABLE "{table.name}"')
        held.pop(table.name)
    fresh = [
        table for table in (*schema.BASE_TABLES, classification.TABLE, *_derived_tables()) if table.name not in held
    ]
    if fresh:
        connection.execute(";\n".join(_definition(table, comments) for table in fresh))
    if schema.VERDICT.name not in held:
        verdict_view.define(connection, comments)
    if carried:
        verdict_view.count(connection)
    if outdated or (held and set(fresh) & set(_derived_tables())):
        rebuild(connection, words)
    _list_codes(connection)
    connection.execute("COMMIT")


def load(connection: Connection, read: Iterable[tuple[Disclosure, Origin]]) -> list[str]:
    """Loads disclosures in one transaction; returns the filing keys that are new or were read anew.

    Bytes already read by the same reader only gain their further source. Raises ValueError for a number beyond the
    tables' range, and then nothing of this call is kept.
    """
    words, now = vocabulary.load(), datetime.now(UTC).replace(tzinfo=None)
    pending: Rows = defaultdict(list)
    fresh: dict[str, Disclosure] = {}
    with transaction(connection):
        for disclosure, origin in read:
            if not _is_new(connection, origin, now):
                continue
            key = _place_filing(connection, disclosure, origin, now)
            fresh[key] = disclosure
            _record_document(connection, origin, now, disclosure=disclosure)
            for name, rows in read_rows(key, disclosure).items():
                pending[name].extend(rows)
        _forget(connection, schema.READ_TABLES, list(fresh))
        for table in schema.READ_TABLES:
            insert(connection, table, pending[table.name])
        _derive(connection, fresh, words)
        if fresh:
            link(connection)
    return list(fresh)


def record_unreadable(connection: Connection, origin: Origin, refusal: Refusal) -> None:
    """The document is recorded with the reason; a filing read from these bytes by an earlier reader stays as it was."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with transaction(connection):
        _add_source(connection, origin, now)
        if not run(connection, "SELECT 1 FROM document WHERE sha256 = ? AND status = 'read'", origin.sha256).fetchone():
            _record_document(connection, origin, now, refusal=refusal)


def add_sources(connection: Connection, origins: Iterable[Origin]) -> None:
    """Documents seen again, perhaps under another name: each source is recorded once."""
    now = datetime.now(UTC).replace(tzinfo=None)
    seen = dict.fromkeys((origin.sha256, origin.source) for origin in origins)
    with transaction(connection):
        there = set(connection.execute("SELECT sha256, source FROM document_source").fetchall())
        insert(connection, schema.DOCUMENT_SOURCE, [(*one, now) for one in seen if one not in there])


def forget_replaced(connection: Connection, found: Mapping[str, str], stands: Callable[[str], bool]) -> None:
    """Unreadable documents that are nowhere any more leave the record: other bytes (`found`: source → sha256) are at their
    address now, or nothing is. What was ever read stays."""
    rows = connection.execute(
        "SELECT d.sha256, list(s.source) FROM document d JOIN document_source s USING (sha256) "
        "WHERE d.status = 'unreadable' GROUP BY 1"
    ).fetchall()
    gone = [
        sha256
        for sha256, sources in rows
        if not any(found[one] == sha256 if one in found else stands(one) for one in sources)
    ]
    with transaction(connection):
        for table in (schema.DOCUMENT, schema.DOCUMENT_SOURCE):
            run(connection, f"DELETE FROM {table.name} WHERE sha256 IN (SELECT unnest(?::VARCHAR[]))", gone)


def known(connection: Connection) -> dict[str, str]:
    """sha256 → version of the reader, of every document whose outcome, read or unreadable, is recorded."""
    return dict(connection.execute("SELECT sha256, reader FROM document").fetchall())


@lru_cache(maxsize=1)
def _derived_tables() -> tuple[Table, ...]:
    return vocabulary.load().tables


def rebuild(connection: Connection, words: Vocabulary) -> None:
    """The derived tables are made anew, for every current filing, from what was read; within the caller's transaction."""
    keys = [key for (key,) in connection.execute("SELECT filing FROM filing WHERE current ORDER BY filing").fetchall()]
    for start in range(0, len(keys), BATCH):
        _derive(connection, {key: stored(connection, key) for key in keys[start : start + BATCH]}, words)
    link(connection)


def identity(filing: Filing, sha256: str) -> str:
    """What makes two documents versions of one filing; a document that does not say whose accounts it holds is its own.

    So is one with tables of the self-evaluation alone: a department may publish one document for each of its projects.
    """
    if not filing.organisation or filing.fiscal_year is None or filing.kind == "performance":
        return f"document {sha256[:16]}"
    return f"{filing.organisation}/{filing.fiscal_year}/{filing.kind}/{filing.scope}"


# ---- definitions -------------------------------------------------------------------------------------------------------


def _definition(table: Table, comments: bool) -> str:
    columns = ", ".join(f'"{column.name}" {column.sql}' for column in table.columns)
    made = [f'CREATE TABLE "{table.name}" ({columns})']
    if comments:
        made.append(f"COMMENT ON TABLE \"{table.name}\" IS '{table.comment}'")
        for column in table.columns:
            made.append(f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS \'{column.comment}\'')
    return ";\n".join(made)


def _columns_held(connection: Connection) -> dict[str, tuple[vocabulary.TableColumn, ...]]:
    found: dict[str, list[vocabulary.TableColumn]] = defaultdict(list)
    query = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index"
    for table, name, type_, comment in connection.execute(query).fetchall():
        found[table].append(vocabulary.TableColumn(name, type_, comment or ""))
    return {table: tuple(columns) for table, columns in found.items()}


def _add_missing_columns(
    connection: Connection, table: Table, held: dict[str, tuple[vocabulary.TableColumn, ...]]
) -> None:
    names = {column.name for column in held.get(table.name, ())}
    for column in table.columns if names else ():
        if column.name not in names:
            connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {column.sql}')


def _list_codes(connection: Connection) -> None:
    """The table of codes and their names is that of this version; untouched where it is so already."""
    name, rows = classification.TABLE.name, classification.rows()
    if sorted(connection.execute(f"SELECT * FROM {name}").fetchall()) != sorted(rows):
        connection.execute(f"DELETE FROM {name}")
        insert(connection, classification.TABLE, rows)


# ---- loading -----------------------------------------------------------------------------------------------------------


def _is_new(connection: Connection, origin: Origin, now: datetime) -> bool:
    """Whether these bytes were never read, or only by another reader; records the source in any case."""
    _add_source(connection, origin, now)
    found = run(connection, "SELECT reader, status FROM document WHERE sha256 = ?", origin.sha256).fetchone()
    return found != (origin.reader, "read")


def _add_source(connection: Connection, origin: Origin, now: datetime) -> None:
    found = run(
        connection,
        "SELECT 1 FROM document_source WHERE sha256 = ? AND source = ?",
        origin.sha256,
        origin.source,
    ).fetchone()
    if not found:
        run(connection, "INSERT INTO document_source VALUES (?, ?, ?)", origin.sha256, origin.source, now)


def _record_document(
    connection: Connection,
    origin: Origin,
    now: datetime,
    disclosure: Disclosure | None = None,
    refusal: Refusal | None = None,
) -> None:
    earlier = run(connection, "SELECT first_seen, source FROM document WHERE sha256 = ?", origin.sha256).fetchone()
    first_seen, source = earlier or (now, origin.source)
    run(connection, "DELETE FROM document WHERE sha256 = ?", origin.sha256)
    media_type, pages = (disclosure.media_type, disclosure.reading.pages) if disclosure else ("", None)
    why = (refusal.reason, refusal.message["zh"], refusal.message["en"]) if refusal else (None, None, None)
    status = "unreadable" if refusal else "read"
    row = (origin.sha256, source, media_type, origin.size, pages, first_seen, status, origin.reader, *why)
    insert(connection, schema.DOCUMENT, [row])


def _place_filing(connection: Connection, disclosure: Disclosure, origin: Origin, now: datetime) -> str:
    """Enters the filing as the version that it is and returns its key.

    The document keeps its version when its identity is unchanged; otherwise it becomes the newest version of its filing.
    """
    name = identity(disclosure.filing, origin.sha256)
    before = run(
        connection,
        "SELECT filing, identity, version, supersedes, current FROM filing WHERE document = ?",
        origin.sha256,
    ).fetchone()
    if before and before[1] != name:
        _withdraw(connection, *before)
    if before and before[1] == name:
        key, _, version, supersedes, current = before
        run(connection, "DELETE FROM filing WHERE filing = ?", key)
    else:
        latest = run(
            connection, "SELECT filing, version FROM filing WHERE identity = ? ORDER BY version DESC LIMIT 1", name
        ).fetchone()
        supersedes, version = (latest[0], latest[1] + 1) if latest else (None, 1)
        key, current = f"{hashlib.sha256(name.encode()).hexdigest()[:12]}-{version}", True
        run(connection, "UPDATE filing SET current = false WHERE identity = ?", name)
    filing, reading = disclosure.filing, disclosure.reading
    said = (filing.organisation, filing.fiscal_year, filing.kind, filing.scope, filing.unit, filing.region)
    counts = (reading.pages, reading.numbers_seen, reading.numbers_placed)
    insert(
        connection, schema.FILING, [(key, name, *said, None, version, supersedes, origin.sha256, current, *counts, now)]
    )
    return str(key)


def _withdraw(connection: Connection, key: str, name: str, version: int, supersedes: str | None, current: bool) -> None:
    """A newer reader found that this document belongs to another filing: it leaves the chain of versions of the former one."""
    run(connection, "DELETE FROM filing WHERE filing = ?", key)
    run(connection, "UPDATE filing SET supersedes = ? WHERE supersedes = ?", supersedes, key)
    words = vocabulary.load()
    _forget(connection, (*schema.READ_TABLES, *_derived_tables()), [key])
    if current and supersedes:
        run(connection, "UPDATE filing SET current = true WHERE filing = ?", supersedes)
        _derive(connection, {supersedes: stored(connection, supersedes)}, words)


def _derive(connection: Connection, disclosures: dict[str, Disclosure], words: Vocabulary) -> None:
    """The derived tables hold these filings if they are current, and no superseded one."""
    keys = list(disclosures)
    found = run(connection, "SELECT filing FROM filing WHERE current AND filing IN (SELECT unnest(?))", keys).fetchall()
    current = {key for (key,) in found}
    superseded = run(
        connection,
        "SELECT o.filing FROM filing o JOIN filing n ON o.identity = n.identity "
        "WHERE n.filing IN (SELECT unnest(?)) AND NOT o.current",
        keys,
    ).fetchall()
    _forget(connection, _derived_tables(), [*disclosures, *(key for (key,) in superseded)])
    pending: Rows = defaultdict(list)
    for key in disclosures:
        if key in current:
            for name, rows in derived_rows(key, disclosures[key], words).items():
                pending[name].extend(rows)
    for table in _derived_tables():
        insert(connection, table, pending[table.name])


def link(connection: Connection) -> None:
    """Every judged filing knows the current filing of the same organisation, kind and scope of the year before, if there is one,
    and how many others there are of its region, level, fiscal year and scope.

    The whole country is a region: that of organisations of the centre, whose names begin with none.
    """
    connection.execute(
        f"UPDATE {JUDGED} AS f SET previous = n.previous, peers = n.peers FROM ("
        f"SELECT t.filing, p.filing AS previous, CASE WHEN t.kind = '{WITH_PREVIOUS}' AND t.fiscal_year IS NOT NULL "
        "AND (t.region <> '' OR t.level = 'central') THEN count(*) OVER "
        f"(PARTITION BY {', '.join(f't.{name}' for name in PEER_GROUP)}, t.kind) - 1 END AS peers "
        f"FROM {JUDGED} t LEFT JOIN {JUDGED} p ON p.organisation = t.organisation "
        "AND p.organisation <> '' AND p.scope = t.scope AND p.kind = t.kind "
        f"AND p.kind = '{WITH_PREVIOUS}' AND p.fiscal_year = t.fiscal_year - 1"
        ") n WHERE n.filing = f.filing AND (n.previous IS DISTINCT FROM f.previous OR n.peers IS DISTINCT FROM f.peers)"
    )


def _forget(connection: Connection, tables: Iterable[Table], filings: Sequence[str]) -> None:
    """Removes the rows of `filings`; skipped for filings that were never loaded, which is the usual case."""
    held = run(
        connection,
        "SELECT DISTINCT filing FROM form_reading WHERE filing IN (SELECT unnest(?)) "
        "UNION SELECT DISTINCT filing FROM narrative WHERE filing IN (SELECT unnest(?))",
        list(filings),
        list(filings),
    ).fetchall()
    if held:
        keys = [key for (key,) in held]
        for table in tables:
            run(connection, f'DELETE FROM "{table.name}" WHERE filing IN (SELECT unnest(?))', keys)
