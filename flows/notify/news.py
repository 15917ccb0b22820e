"""What is new to one receiver: findings, and documents that could not be read, since the last night that they were told of.

The night compared with is remembered for each receiver: what a message that did not arrive would have said is said the next time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from expectations.rules import SEVERITIES
from flows.notify.receivers import Receiver
from flows.publish.content import queries
from flows.publish.content.views import Verdict
from flows.publish.press import Press
from flows.publish.wording.sayings import gravity, grouped
from flows.schema import TELLING
from flows.sql import insert

SENT, NOTHING, FAILED = "sent", "nothing", "failed"


@dataclass(frozen=True, slots=True)
class News:
    """`since` is the run compared with, "" for none: then every finding is new. `named` are the new and the changed ones, the gravest
    first, each that follows from another right behind it; `changed` were there before with other figures. `unread` are (source,
    message zh, message en).
    """

    run: str
    since: str
    filings: int
    new: int = 0
    changed: int = 0
    gone: int = 0
    still: int = 0
    named: tuple[Verdict, ...] = ()
    unread: tuple[tuple[str, str, str], ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.new or self.changed or self.gone or self.unread)


def owners(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Who is responsible for the source of a document, by its sha256; the source that gave it last, where several did."""
    return dict(
        db.execute(
            "SELECT a.sha256, c.owner FROM address a JOIN collection c ON c.source = a.source "
            "WHERE c.owner <> '' AND c.run = (SELECT run FROM collection l WHERE l.source = a.source ORDER BY l.rowid DESC LIMIT 1) "
            "ORDER BY a.fetched, a.address"
        ).fetchall()
    )


def news(db: duckdb.DuckDBPyConnection, press: Press, receiver: Receiver, owner: Mapping[str, str]) -> News:
    """What the newest run has for `receiver`; `owner` maps a document's sha256 to who is responsible for its source (`owners`).

    Raises LookupError when there is no completed run.
    """
    run = next((one for one in press.night.runs), None)
    if run is None:
        raise LookupError("no run has completed")
    since = _last_told(db, receiver.name, run.id)
    theirs = [
        key
        for key, organisation, region, document in db.execute(
            "SELECT filing, coalesce(organisation, ''), coalesce(region, ''), document FROM filing ORDER BY filing"
        ).fetchall()
        if receiver.concerns(organisation, region, owner.get(document, ""))
    ]
    graver = SEVERITIES[: SEVERITIES.index(receiver.severity) + 1]
    given = {
        "now": run.id,
        "then": since,
        "filings": theirs,
        "rules": [rule for rule, severity in press.severities.items() if severity in graver],
    }
    db.execute(_TOLD, given)
    new, changed, gone, still = db.execute(
        "SELECT count(*) FILTER (now AND NOT before AND NOT moved), count(*) FILTER (now AND moved), "
        "count(*) FILTER (before AND NOT now AND NOT moved), count(*) FILTER (now AND before) FROM told_findings"
    ).fetchone() or (0, 0, 0, 0)
    chosen = db.execute(
        "SELECT filing, fingerprint FROM told_findings WHERE now AND NOT before ORDER BY ALL"
    ).fetchall()
    found = grouped(sorted(queries.told(db, run, chosen), key=lambda one: gravity(press, one))) if chosen else []
    current = {filing.key for filing in press.night.filings}
    return News(
        run=run.id,
        since=since,
        filings=len(current.intersection(theirs)),
        new=new,
        changed=changed,
        gone=gone,
        still=still,
        named=tuple(found),
        unread=_unread(db, receiver, owner, since),
    )


_TOLD = """
    CREATE OR REPLACE TEMP TABLE told_findings AS
    WITH theirs AS (SELECT unnest($filings) AS filing), graver AS (SELECT unnest($rules) AS rule),
    told AS MATERIALIZED (SELECT v.run, v.filing, f.identity, v.rule, v.instance, v.fingerprint FROM verdict v
        JOIN filing f ON f.filing = v.filing SEMI JOIN theirs ON theirs.filing = v.filing SEMI JOIN graver ON graver.rule = v.rule
        WHERE v.run IN ($now, $then) AND v.status = 'broken'),
    paired AS (SELECT fingerprint, any_value(filing) AS filing, any_value(identity) AS identity, any_value(rule) AS rule,
        any_value(instance) AS instance, bool_or(run = $now) AS now, bool_or(run = $then) AS before FROM told GROUP BY 1)
    SELECT *, now <> before AND count(*) FILTER (now AND NOT before) OVER same > 0 AND count(*) FILTER (before AND NOT now) OVER same > 0
        AS moved FROM paired WINDOW same AS (PARTITION BY identity, rule, instance)
"""
"""Findings of the two runs, each once. `moved`: this rule was broken here before, with other figures."""


def _last_told(db: duckdb.DuckDBPyConnection, receiver: str, run: str) -> str:
    """The run whose news the receiver has; of one who was never told the completed run before `run`; "" where there is none."""
    row = db.execute(
        "SELECT CASE outcome WHEN ? THEN since ELSE run END FROM telling WHERE receiver = ? AND run <> ? ORDER BY rowid DESC LIMIT 1",
        [FAILED, receiver, run],
    ).fetchone()
    if row is None:
        row = db.execute(
            "SELECT run FROM run WHERE status = 'completed' AND run <> ? ORDER BY started DESC, run DESC LIMIT 1", [run]
        ).fetchone()
    return str(row[0]) if row and row[0] else ""


def _unread(
    db: duckdb.DuckDBPyConnection, receiver: Receiver, owner: Mapping[str, str], since: str
) -> tuple[tuple[str, str, str], ...]:
    """Documents that could not be read and were not there in the run `since`. Whose they are is not known but by their source."""
    if receiver.regions or receiver.organisations:
        return ()
    rows = db.execute(
        "SELECT sha256, source, message_zh, message_en FROM document WHERE status = 'unreadable' AND "
        "first_seen >= coalesce((SELECT finished FROM run WHERE run = ?), TIMESTAMP '1970-01-01') ORDER BY source",
        [since],
    ).fetchall()
    return tuple(
        (source, zh, en)
        for sha256, source, zh, en in rows
        if not receiver.owners or owner.get(sha256) in receiver.owners
    )


def remember(db: duckdb.DuckDBPyConnection, told: News, receiver: str, outcome: str, cause: str = "") -> None:
    """How it went to tell `receiver` of `told` is in the table `telling`, in place of an earlier try of the same run."""
    db.execute("DELETE FROM telling WHERE run = ? AND receiver = ?", [told.run, receiver])
    now = datetime.now(UTC).replace(tzinfo=None)
    insert(db, TELLING, [(told.run, receiver, now, told.since, outcome, cause or None)])
