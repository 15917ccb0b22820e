"""The warehouse as the pages need it: plain rows read into the records of `views`, no judgement made here.

Only current filings are shown. The newest run that did not fail is the one published; it may still be running, because
publishing is part of it. Only completed runs are compared with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import (
    About,
    Document,
    Filing,
    Night,
    Run,
    Tally,
    Term,
    Verdict,
)
from flows.recognise.disclosure import SET_ASIDE

RUNS_SHOWN = 30
"""Runs of which trends and pass rates tell."""
_ORDER = "f.organisation, f.fiscal_year DESC, f.filing"
NUMBERED = f"SELECT f.filing, row_number() OVER (ORDER BY {_ORDER}) - 1 AS number FROM filing f WHERE f.current"
"""Every current filing with its number, from 0, among `filings`."""
_STATED = "list_filter(v.terms, x -> x.side = 'stated' AND x.id IS NOT NULL)[1].id"
# Every join is an equality of the joined table's columns with something of the left: any other condition, even one of the left
# side alone, makes DuckDB compare every verdict with every sentence.
VERDICT = f"""
    SELECT v.rule, v.filing, v.instance, v.status, v.stated, v.computed, v.difference, v.bound, v.unexplained, v.measure,
           v.reason, coalesce(v.page, g.page, g.line, c.page, c.line, z.page, z.line), v.terms, v.fingerprint, v.root, g.form, g.part, r.label, g."column", c.subject,
           coalesce(nullif(substr(s.text, c.start + 1, c."end" - c.start), ''), c.quote, z.text), z.position
    FROM verdict v
    LEFT JOIN figure g ON g.filing = v.filing AND g.id = {_STATED}
    LEFT JOIN form_row r ON r.filing = g.filing AND r.form = g.form AND r.part = g.part AND r.row_key = g.row_key
    LEFT JOIN claim c ON c.filing = v.filing AND c.id = {_STATED}
    LEFT JOIN sentence s ON s.filing = c.filing AND s.position = c.sentence
    LEFT JOIN (SELECT DISTINCT filing, id, sentence FROM claim_relation) n ON n.filing = v.filing AND n.id = v.instance
    LEFT JOIN sentence z ON z.filing = v.filing AND z.position = CASE
        WHEN coalesce(len(list_filter(v.terms, x -> x.id IS NOT NULL)), 0) = 0 THEN coalesce(TRY_CAST(v.instance AS INTEGER), n.sentence) END
"""


def night(reckoned: Reckoned) -> Night:
    """Everything that the overview and the lists show."""
    db = reckoned.db
    shown = runs(db)
    return Night(
        runs=shown,
        counts=_counts(reckoned),
        filings=filings(db),
        unreadable=_unreadable(db),
        missing=_missing(reckoned),
        tallies=_tallies(reckoned, shown),
        followers=_followers(db, shown),
        history=_history(reckoned, shown),
        postponed=tuple(one for (one,) in db.execute("SELECT source FROM postponed ORDER BY since, source").fetchall()),
    )


def runs(db: duckdb.DuckDBPyConnection) -> tuple[Run, ...]:
    """The newest run that did not fail, then the completed runs before it; newest first."""
    rows = db.execute(
        "SELECT run, started, status FROM run WHERE status <> 'failed' ORDER BY started DESC, run DESC"
    ).fetchall()
    return tuple(
        Run(run, _local(started)) for i, (run, started, status) in enumerate(rows) if i == 0 or status == "completed"
    )[:RUNS_SHOWN]


def _local(at: datetime | None) -> datetime | None:
    """The warehouse keeps UTC; people read their own clock."""
    return at.replace(tzinfo=UTC).astimezone() if at else None


def filings(db: duckdb.DuckDBPyConnection) -> tuple[Filing, ...]:
    """Every current filing, by organisation and year."""
    rows = db.execute(
        "SELECT f.filing, f.identity, f.organisation, f.fiscal_year, f.kind, f.scope, f.unit, f.version, f.published_on, f.pages, "
        "f.numbers_seen, f.numbers_placed, d.sha256, d.source, d.media_type, d.status, d.message_zh, d.message_en "
        "FROM filing f LEFT JOIN document d ON d.sha256 = f.document WHERE f.current "
        f"ORDER BY {_ORDER}"
    ).fetchall()
    return tuple(
        Filing(
            key=row[0],
            identity=row[1] or "",
            organisation=row[2] or "",
            fiscal_year=row[3],
            kind=row[4] or "",
            scope=row[5] or "department",
            unit=row[6] or "",
            version=row[7] or 1,
            published_on=row[8],
            pages=row[9],
            numbers_seen=row[10],
            numbers_placed=row[11],
            document=_document(row[12:]),
        )
        for row in rows
    )


def _document(row: Sequence[Any]) -> Document:
    return Document(*(value or "" for value in row))


def _unreadable(db: duckdb.DuckDBPyConnection) -> tuple[Document, ...]:
    rows = db.execute(
        "SELECT sha256, source, media_type, status, message_zh, message_en FROM document WHERE status <> 'read' ORDER BY source"
    ).fetchall()
    return tuple(_document(row) for row in rows)


def _missing(reckoned: Reckoned) -> dict[str, tuple[str, ...]]:
    rows = reckoned.rows(
        "SELECT filing, list(form ORDER BY form) FROM form_reading JOIN filing f USING (filing) "
        "WHERE f.current AND form_reading.status = 'missing' AND NOT list_contains($set_aside, f.kind) GROUP BY filing ORDER BY filing",
        {"set_aside": list(SET_ASIDE)},
    )
    return {filing: tuple(forms) for filing, forms in rows}


def _counts(reckoned: Reckoned) -> dict[str, int]:
    counted = {
        "documents": _one(reckoned.db.execute("SELECT count(*) FROM document").fetchall()),
        "filings": _one(reckoned.rows("SELECT count(*) FROM filing WHERE current")),
    }
    for name in ("figure", "claim"):
        counted[name + "s"] = _one(
            reckoned.rows(f"SELECT count(*) FROM {name} JOIN filing f USING (filing) WHERE f.current")
        )
    return counted


def _one(rows: Sequence[tuple[Any, ...]]) -> int:
    return int(rows[0][0])


def _tallies(reckoned: Reckoned, shown: Sequence[Run]) -> tuple[Tally, ...]:
    if not shown:
        return ()
    rows = reckoned.rows(
        "SELECT rule, v.status, count(*), count(v.root) FROM verdict v JOIN filing f USING (filing) WHERE f.current AND v.run = $run "
        "GROUP BY ALL ORDER BY ALL",
        {"run": shown[0].id},
    )
    return tuple(Tally(*row) for row in rows)


def _followers(db: duckdb.DuckDBPyConnection, shown: Sequence[Run]) -> dict[tuple[str, str], int]:
    sql = "SELECT filing, root, count(*) FROM verdict WHERE run = ? AND root IS NOT NULL GROUP BY ALL"
    rows = db.execute(sql, [shown[0].id]).fetchall() if shown else []
    return {(filing, root): number for filing, root, number in rows}


def _history(reckoned: Reckoned, shown: Sequence[Run]) -> tuple[tuple[Run, dict[tuple[str, str], int]], ...]:
    """By rule and status what each run counted, oldest first. Of an earlier run the warehouse keeps the counts for ever, and what
    passed not as long."""
    made = []
    for run in reversed(shown):
        table, number = ("verdict", "count(*)") if run is shown[0] else ("rule_count", "sum(verdicts)::BIGINT")
        rows = reckoned.rows(
            f"SELECT rule, status, {number} FROM {table} WHERE run = $run GROUP BY ALL ORDER BY ALL",
            {"run": run.id},
            of=None if run is shown[0] else f"run {run.id}",
        )
        made.append((run, {(rule, status): number for rule, status, number in rows}))
    return tuple(made)


def told(db: duckdb.DuckDBPyConnection, run: Run, chosen: Sequence[tuple[str, str]]) -> tuple[Verdict, ...]:
    """The verdicts of `run` with these filings and fingerprints, in the order given."""
    rows = db.execute(
        of_few("status = 'broken' AND fingerprint IN (SELECT unnest($fingerprints))"),
        {
            "run": run.id,
            "filings": sorted({filing for filing, _ in chosen}),
            "fingerprints": [fingerprint for _, fingerprint in chosen],
        },
    ).fetchall()
    found = {(one.filing, one.fingerprint): one for one in map(verdict_of, rows)}
    return tuple(found[one] for one in chosen if one in found)


def of_few(chosen: str) -> str:
    """`VERDICT` of the verdicts of $run on $filings that are `chosen`, joined with the rows of these few filings only: the whole
    tables hold millions."""
    few = ", ".join(
        f"{table} AS MATERIALIZED (SELECT * FROM main.{table} WHERE filing IN (SELECT unnest($filings)))"
        for table in ("figure", "form_row", "claim", "sentence", "claim_relation")
    )
    return (
        f"WITH {few}, verdict AS MATERIALIZED (SELECT * FROM main.verdict WHERE run = $run "
        f"AND filing IN (SELECT unnest($filings)) AND {chosen}) {VERDICT}"
    )


def verdict_of(row: Sequence[Any]) -> Verdict:
    """One row of `VERDICT`; text that is NULL becomes ""."""
    (
        rule,
        filing,
        instance,
        status,
        stated,
        computed,
        difference,
        bound,
        unexplained,
        measure,
        reason,
        page,
        terms,
        id,
        root,
    ) = row[:15]
    form, part, label, column, subject, quote, sentence = row[15:]
    return Verdict(
        rule=rule,
        filing=filing,
        instance=instance or "",
        status=status,
        stated=stated,
        computed=computed,
        difference=difference,
        bound=bound,
        unexplained=unexplained,
        measure=measure or "",
        reason=reason or "",
        page=page,
        terms=tuple(Term(t["side"], t["sign"], t["id"], t["label"], t["value"], t["radius"]) for t in terms or ()),
        fingerprint=id or "",
        about=About(form or "", part or "", label or "", column or "", subject or "", quote or "", sentence),
        root=root or "",
    )
