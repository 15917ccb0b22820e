"""What each filing's page shows, in one word a filing, reckoned by the database: whether a page still stands is decided without
reading what is on it."""

from __future__ import annotations

import duckdb

from flows.publish.content import suspected
from flows.publish.content.views import Run

_READ = ("form_reading", "doubt", "form_row", "figure", "sentence", "claim", "claim_relation")
_PASSED = "v.status, v.fingerprint, v.bound, v.page"
"""Of a verdict that passes the rest follows: its fingerprint tells rule, instance and the values of all terms, `reuse.edition` the rules."""
_FOUND = (
    "v.rule, v.instance, v.status, v.fingerprint, v.root, v.stated, v.computed, v.difference, v.bound, v.unexplained, v.measure, v.page, "
    "v.reason, v.terms"
)
_SUM = "count(*) AS n, sum(hash({})::HUGEINT) AS h"
"""Rows in any order: how many, and the sum of their hashes."""
_ALL = "string_agg(concat_ws(' ', part, n, h), '|' ORDER BY part)"
_SUPPOSED = ("waived", *suspected.TOLD)
"""What is said of verdicts afterwards and is no part of them."""


def of_filings(db: duckdb.DuckDBPyConnection, run: Run | None) -> dict[str, str]:
    """For every current filing, by its key, a digest of all that its page shows: what was read, the verdicts of `run`, the waivers
    of its findings and what is supposed of them; the same in the temporary table `told`. Raises duckdb.Error."""
    parts = [f"SELECT filing, '{table}' AS part, {_SUM.format('t')} FROM {table} t GROUP BY filing" for table in _READ]
    parts += [
        f"SELECT filing, '{table}', {_SUM.format(told)} FROM {table} GROUP BY filing"
        for table, told in suspected.TOLD.items()
    ]
    passed = "v.status IN ('holds', 'rounding')"
    for name, columns, which in (("passed", _PASSED, passed), ("rest", _FOUND, f"NOT ({passed})")):
        parts.append(
            f"SELECT filing, '{name}', {_SUM.format(columns)} FROM verdict v WHERE v.run = $run AND {which} GROUP BY filing"
        )
    parts.append(
        "SELECT f.filing, 'filing', 1, hash(f.identity, f.organisation, f.fiscal_year, f.kind, f.scope, f.unit, f.version, "
        "f.published_on, f.pages, f.numbers_seen, f.numbers_placed, f.region, j.level, d.sha256, d.source, d.media_type, d.status, d.pages) "
        "FROM filing f LEFT JOIN document d ON d.sha256 = f.document LEFT JOIN judged_filing j ON j.filing = f.filing WHERE f.current"
    )
    if db.execute("SELECT 1 FROM waiver WHERE status = 'in_force' LIMIT 1").fetchone():
        said = "w.fingerprint, w.reason, w.reason_en, w.granted_by, w.evidence, w.granted, w.until"
        parts.append(
            f"SELECT v.filing, 'waived', {_SUM.format(said)} FROM verdict v JOIN waiver w ON w.fingerprint = v.fingerprint "
            f"AND w.status = 'in_force' WHERE v.run = $run AND NOT ({passed}) GROUP BY v.filing"
        )
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT filing, md5({_ALL}) AS made_of, md5({_ALL} FILTER (part NOT IN {_SUPPOSED})) AS judged "
        f"FROM ({' UNION ALL '.join(parts)}) JOIN filing f USING (filing) WHERE f.current GROUP BY filing",
        {"run": run.id if run else ""},
    )
    return dict(db.execute("SELECT filing, made_of FROM told ORDER BY filing").fetchall())


def of_verdicts(db: duckdb.DuckDBPyConnection) -> str:
    """One word for all verdicts of the run of which `of_filings` was asked, without what is supposed of them and who waived them."""
    return str(db.execute("SELECT md5(string_agg(filing || judged, ' ' ORDER BY filing)) FROM told").fetchall())
