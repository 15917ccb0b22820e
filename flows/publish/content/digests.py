"""What each filing's page shows, in one word a filing, reckoned by the database: whether a page still stands is decided without
reading what is on it."""

from __future__ import annotations

import duckdb

from flows.publish.content.views import Run

_TOLD = "v.rule, v.instance, v.status, v.fingerprint, v.root, v.stated, v.computed, v.difference, v.bound, v.unexplained, v.measure, v.page"
_READ = ("form_reading", "doubt", "form_row", "figure", "sentence", "claim", "claim_relation")
_SUM = "count(*) AS n, sum(hash({})::HUGEINT) AS h"
"""Rows in any order: how many, and the sum of their hashes."""


def of_filings(db: duckdb.DuckDBPyConnection, run: Run | None) -> dict[str, str]:
    """For every current filing, by its key, a digest of all that its page shows: what was read, and the verdicts of `run`.

    The arithmetic of a verdict that passes follows from its fingerprint, its bound and the figures: its terms need not be read.
    Raises duckdb.Error.
    """
    parts = [f"SELECT filing, '{table}' AS part, {_SUM.format('t')} FROM {table} t GROUP BY filing" for table in _READ]
    passed, rest = "v.status IN ('holds', 'rounding')", "v.status NOT IN ('holds', 'rounding')"
    for name, columns, which in (("passed", _TOLD, passed), ("rest", f"{_TOLD}, v.reason, v.terms", rest)):
        parts.append(
            f"SELECT filing, '{name}', {_SUM.format(columns)} FROM verdict v WHERE v.run = $run AND {which} GROUP BY filing"
        )
    parts.append(
        "SELECT f.filing, 'filing', 1, hash(f.identity, f.organisation, f.fiscal_year, f.kind, f.scope, f.unit, f.version, "
        "f.published_on, f.pages, f.numbers_seen, f.numbers_placed, d.sha256, d.source, d.media_type, d.status) "
        "FROM filing f LEFT JOIN document d ON d.sha256 = f.document WHERE f.current"
    )
    rows = db.execute(
        "SELECT filing, md5(string_agg(concat_ws(' ', part, n, h), '|' ORDER BY part)) "
        f"FROM ({' UNION ALL '.join(parts)}) JOIN filing f USING (filing) WHERE f.current GROUP BY filing",
        {"run": run.id if run else ""},
    ).fetchall()
    return dict(rows)
