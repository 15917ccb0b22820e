"""Versions of a filing compared: a changed document becomes a new version, and what changed in it is found here by SQL.

Figures are the same figure when form, row and column are; claims when kind, subject, base and their order among such are. Each
version is compared with the one before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb

from flows.publish.content.queries import VERDICT, verdict_of
from flows.publish.content.views import Document, Run, Verdict


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a filing and the document it was read from."""

    key: str
    number: int
    first_seen: datetime | None
    pages: int | None
    figures: int
    document: Document
    judged: bool = False
    """Whether any run judged it: of two documents that arrive on one night only the last is."""


@dataclass(frozen=True, slots=True)
class Said:
    """A number as printed in one version."""

    value: Decimal
    raw: str
    unit: str


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that one version has and the other has not, or has otherwise."""

    id: str
    form: str
    part: str
    label: str
    column: str
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """Likewise of a claim; `quote` is that of the later version, else of the earlier."""

    kind: str
    subject: str
    quote: str
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `after` has otherwise than `before`. Findings `gone` are of the last run that judged `before`."""

    before: Version
    after: Version
    figures: tuple[FigureChange, ...]
    claims: tuple[ClaimChange, ...]
    came: tuple[Verdict, ...] = ()
    gone: tuple[Verdict, ...] = ()
    stayed: int = 0
    replaced_at: str = ""
    """The address at which `after` took the place of `before` without notice; "" where it came under another."""


@dataclass(frozen=True, slots=True)
class History:
    """All versions of a filing, the newest first, each compared with the one before it."""

    versions: tuple[Version, ...]
    comparisons: tuple[Comparison, ...] = field(default=())


def histories(db: duckdb.DuckDBPyConnection, run: Run | None) -> dict[str, History]:
    """For each current filing of which there are other versions (by its key) all of them compared."""
    if not db.execute("SELECT 1 FROM filing WHERE NOT current LIMIT 1").fetchone():
        return {}
    versions = _versions(db)
    pairs = [(after.key, before.key) for chain in versions.values() for after, before in pairwise(chain)]
    figures, claims = changed_figures(db, pairs), changed_claims(db, pairs)
    replaced = {
        (later, earlier): address
        for later, earlier, address in db.execute(
            "SELECT filing, earlier_filing, address FROM replacement WHERE compared = 'figures'"
        ).fetchall()
    }
    findings = _findings(db, run, [version.key for chain in versions.values() for version in chain])
    made: dict[str, History] = {}
    for current, chain in versions.items():
        chain = [replace(version, judged=version.key in findings) for version in chain]
        compared = (
            replace(
                _comparison(before, after, figures, claims, findings),
                replaced_at=replaced.get((after.key, before.key), ""),
            )
            for after, before in pairwise(chain)
        )
        made[current] = History(tuple(chain), tuple(compared))
    return made


def _versions(db: duckdb.DuckDBPyConnection) -> dict[str, list[Version]]:
    rows = db.execute(
        "SELECT first_value(f.filing) OVER chain, f.filing, f.version, d.first_seen, f.pages, "
        "(SELECT count(*) FROM figure g WHERE g.filing = f.filing), d.sha256, d.source, d.media_type, d.status, d.message_zh, d.message_en "
        "FROM filing f LEFT JOIN document d ON d.sha256 = f.document "
        "WHERE f.identity IN (SELECT identity FROM filing GROUP BY 1 HAVING count(*) > 1 AND bool_or(current)) "
        "WINDOW chain AS (PARTITION BY f.identity ORDER BY f.current DESC, f.version DESC) ORDER BY 1, f.current DESC, f.version DESC"
    ).fetchall()
    made: dict[str, list[Version]] = defaultdict(list)
    for current, key, number, seen, pages, figures, *document in rows:
        told = Document(*(value or "" for value in document))
        made[current].append(Version(key, number, seen, pages, figures, told))
    return dict(made)


def _comparison(
    before: Version,
    after: Version,
    figures: dict[str, list[FigureChange]],
    claims: dict[str, list[ClaimChange]],
    findings: dict[str, dict[str, Verdict]],
) -> Comparison:
    now, then = findings.get(after.key, {}), findings.get(before.key, {})
    compared = after.judged and before.judged
    return Comparison(
        before,
        after,
        tuple(figures.get(after.key, ())),
        tuple(claims.get(after.key, ())),
        tuple(one for id, one in now.items() if id not in then) if compared else (),
        tuple(one for id, one in then.items() if id not in now) if compared else (),
        len(now.keys() & then.keys()) if compared else 0,
    )


_PAIRS = "pair AS (SELECT unnest(?) AS later, unnest(?) AS earlier)"
_FIGURES = f"""
    WITH {_PAIRS},
    a AS (SELECT p.later AS pair, g.*, r.label, r.position FROM pair p JOIN figure g ON g.filing = p.later
          LEFT JOIN form_row r ON r.filing = g.filing AND r.form = g.form AND r.part IS NOT DISTINCT FROM g.part AND r.row_key = g.row_key),
    b AS (SELECT p.later AS pair, g.*, r.label, r.position FROM pair p JOIN figure g ON g.filing = p.earlier
          LEFT JOIN form_row r ON r.filing = g.filing AND r.form = g.form AND r.part IS NOT DISTINCT FROM g.part AND r.row_key = g.row_key)
    SELECT coalesce(a.pair, b.pair), coalesce(a.id, b.id), coalesce(a.form, b.form), coalesce(a.part, b.part, ''),
           coalesce(a.label, b.label, a.row_key, b.row_key), coalesce(a."column", b."column"),
           b.value, b.raw, b.unit, a.value, a.raw, a.unit
    FROM a FULL JOIN b ON a.pair = b.pair AND a.id = b.id
    WHERE a.value IS DISTINCT FROM b.value OR a.unit IS DISTINCT FROM b.unit
    ORDER BY 1, 3, 4, coalesce(a.position, b.position), 2
"""
_CLAIM = """
    SELECT p.later AS pair, c.*, row_number() OVER (PARTITION BY p.later, c.kind, c.subject, c.base, c.concept, c.year
    ORDER BY c.sentence, c.start, c.id) AS nth FROM pair p JOIN claim c ON c.filing = p."""
_CLAIMS = f"""
    WITH {_PAIRS}, a AS ({_CLAIM}later), b AS ({_CLAIM}earlier)
    SELECT coalesce(a.pair, b.pair), coalesce(a.kind, b.kind), coalesce(a.subject, b.subject, ''), coalesce(a.quote, b.quote),
           b.value, b.quote, b.unit, a.value, a.quote, a.unit
    FROM a FULL JOIN b ON a.pair = b.pair AND a.kind = b.kind AND a.subject IS NOT DISTINCT FROM b.subject
        AND a.base IS NOT DISTINCT FROM b.base AND a.concept IS NOT DISTINCT FROM b.concept AND a.year IS NOT DISTINCT FROM b.year AND a.nth = b.nth
    WHERE a.value IS DISTINCT FROM b.value OR a.unit IS DISTINCT FROM b.unit
    ORDER BY 1, coalesce(a.sentence, b.sentence), coalesce(a.start, b.start), coalesce(a.id, b.id)
"""


def changed_figures(db: duckdb.DuckDBPyConnection, pairs: list[tuple[str, str]]) -> dict[str, list[FigureChange]]:
    made: dict[str, list[FigureChange]] = defaultdict(list)
    for pair, id, form, part, label, column, *said in _rows(db, _FIGURES, pairs):
        made[pair].append(FigureChange(id, form, part, label, column, _said(*said[:3]), _said(*said[3:])))
    return made


def changed_claims(db: duckdb.DuckDBPyConnection, pairs: list[tuple[str, str]]) -> dict[str, list[ClaimChange]]:
    made: dict[str, list[ClaimChange]] = defaultdict(list)
    for pair, kind, subject, quote, *said in _rows(db, _CLAIMS, pairs):
        made[pair].append(ClaimChange(kind, subject, quote, _said(*said[:3]), _said(*said[3:])))
    return made


def _rows(db: duckdb.DuckDBPyConnection, sql: str, pairs: list[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    yield from db.execute(sql, [[later for later, _ in pairs], [earlier for _, earlier in pairs]]).fetchall()


def _said(value: Decimal | None, raw: str | None, unit: str | None) -> Said | None:
    return None if value is None else Said(value, raw or "", unit or "")


def _findings(db: duckdb.DuckDBPyConnection, run: Run | None, keys: list[str]) -> dict[str, dict[str, Verdict]]:
    """The findings of each version by fingerprint, of the last run that judged it; versions that no run judged are left out."""
    judged = db.execute(
        "SELECT v.filing, max_by(v.run, r.started) FROM verdict v JOIN run r USING (run) "
        "WHERE v.filing IN (SELECT unnest(?)) AND (r.status = 'completed' OR r.run = ?) GROUP BY 1",
        [keys, run.id if run else ""],
    ).fetchall()
    made: dict[str, dict[str, Verdict]] = {filing: {} for filing, _ in judged}
    rows = db.execute(
        f"{VERDICT} JOIN (SELECT unnest($filings) AS filing, unnest($runs) AS run) o ON o.filing = v.filing AND o.run = v.run "
        "WHERE v.status = 'broken' ORDER BY v.filing, v.rule, v.instance",
        {"filings": [filing for filing, _ in judged], "runs": [last for _, last in judged]},
    ).fetchall()
    for verdict in map(verdict_of, rows):
        made[verdict.filing][verdict.fingerprint] = verdict
    return made
