"""The findings of the newest run in the order in which they are listed, and what is counted of filings and rules.

`gather` puts the findings into a temporary table once; lists, pages of rules and the search read their stretches of it, so that
no more than a page of them is in memory at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from flows.publish.content import queries
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import Run, Verdict
from flows.publish.wording.standing import STANDINGS

FINDINGS = ("broken", "not_verifiable")
"""Statuses of findings; each is listed by itself."""

FEWEST = 3
"""Filings that a rule must have judged before it can be suspect."""

_SEVERITIES = ("critical", "warning", "info")
TOLD = (
    "rule, filing, instance, status, stated, computed, difference, bound, unexplained, measure, reason, page, terms, fingerprint, "
    "root, form, part, label, col, subject, quote, sentence"
)
_PLAIN = TOLD.replace("terms", "NULL")
_GRADES = "(SELECT unnest($rules) AS rule, unnest($grades) AS grade)"
_BATCH = 2000
_WORD = "md5(string_agg(hash(l.filing, l.rule, l.instance, l.fingerprint, {})::VARCHAR, ' ' ORDER BY l.place))"
"""Of some rows of `listed`: which findings they are and in which order, with what else is said of each."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one rule came out: filings that it could judge, those in which it is broken, verdicts by fiscal year and status, and
    for each reason in how many filings and how often it could not judge. `unjudged`: filings with any such reason."""

    judged: int = 0
    broken: int = 0
    unjudged: int = 0
    years: Mapping[int | None, Mapping[str, int]] = field(default_factory=dict)
    reasons: tuple[tuple[str, int, int], ...] = ()

    @property
    def suspect(self) -> bool:
        """Whether the rule is broken in nine of ten filings that it could judge, or more: then the rule itself may be wrong."""
        return self.judged >= FEWEST and self.broken * 10 >= self.judged * 9


@dataclass(frozen=True, slots=True)
class Place:
    """Where a filing belongs: its administrative region and level, "" where its name does not tell."""

    region: str
    level: str


def gather(db: duckdb.DuckDBPyConnection, run: Run | None, severities: Mapping[str, str]) -> None:
    """The temporary table `listed` holds every finding of `run` on current filings, numbered by `place` within its status.

    What must be corrected comes before what must be explained, then the larger amount that rounding cannot explain first; a
    finding that follows from another stands right behind it. What could not be verified goes by organisation, year and rule.
    """
    db.execute(
        f"""CREATE OR REPLACE TEMP TABLE listed AS
        WITH found ({TOLD}) AS ({queries.VERDICT} WHERE v.run = $run AND v.status IN ('broken', 'not_verifiable')),
        graded AS (
            SELECT found.*, coalesce(g.grade, 0) AS grade, CASE WHEN measure = 'amount' THEN abs(coalesce(unexplained, 0)) ELSE 0 END AS size,
                   f.organisation, f.fiscal_year
            FROM found JOIN filing f ON f.filing = found.filing AND f.current LEFT JOIN {_GRADES} g ON g.rule = found.rule
        )
        SELECT o.* EXCLUDE (organisation, fiscal_year), row_number() OVER (PARTITION BY o.status ORDER BY
            CASE WHEN o.status = 'broken' THEN coalesce(r.grade, o.grade) END,
            CASE WHEN o.status = 'broken' THEN coalesce(r.size, o.size) END DESC,
            CASE WHEN o.status = 'broken' THEN NULL ELSE o.organisation END, CASE WHEN o.status = 'broken' THEN NULL ELSE o.fiscal_year END DESC,
            o.filing, coalesce(r.rule, o.rule), coalesce(r.instance, o.instance), coalesce(r.fingerprint, o.fingerprint),
            r.fingerprint IS NOT NULL, o.grade, o.size DESC, o.rule, o.instance) - 1 AS place
        FROM graded o LEFT JOIN graded r ON r.status = 'broken' AND r.filing = o.filing AND r.fingerprint = o.root""",
        {"run": run.id if run else "", **_grades(severities)},
    )


def _grades(severities: Mapping[str, str]) -> dict[str, list[str] | list[int]]:
    rules = list(severities)
    return {"rules": rules, "grades": [_SEVERITIES.index(severities[rule]) for rule in rules]}


def counted(reckoned: Reckoned) -> dict[str, int]:
    """How many findings `gather` has found of each status."""
    found: dict[str, int] = dict(reckoned.rows("SELECT status, count(*) FROM listed GROUP BY status", needs="listed"))
    return {status: int(found.get(status, 0)) for status in FINDINGS}


def stretch(db: duckdb.DuckDBPyConnection, status: str, start: int, count: int) -> list[Verdict]:
    """At most `count` findings of `status` in their order, from place `start` on; without their terms."""
    rows = db.execute(
        f"SELECT {_PLAIN} FROM listed WHERE status = ? AND place >= ? AND place < ? ORDER BY place",
        [status, start, start + count],
    ).fetchall()
    return [queries.verdict_of(row) for row in rows]


def findings(db: duckdb.DuckDBPyConnection, status: str) -> Iterator[Verdict]:
    """Every finding of `status` in its order, a stretch at a time; without their terms."""
    start = 0
    while found := stretch(db, status, start, _BATCH):
        yield from found
        start += len(found)


def keys(db: duckdb.DuckDBPyConnection, status: str) -> Iterator[list[tuple[int, str, str]]]:
    """Place, filing and fingerprint of every finding of `status` in its order, some at a time."""
    start = 0
    while found := db.execute(
        "SELECT place, filing, coalesce(fingerprint, '') FROM listed WHERE status = ? AND place >= ? AND place < ? ORDER BY place",
        [status, start, start + _BATCH],
    ).fetchall():
        yield found
        start += len(found)


def at(db: duckdb.DuckDBPyConnection, status: str, places: Sequence[int]) -> list[Verdict]:
    """The findings of `status` at these places, which are in order, with their terms."""
    if not places:
        return []
    rows = db.execute(
        f"SELECT {TOLD} FROM listed WHERE status = $status AND place BETWEEN $first AND $last "
        "AND place IN (SELECT unnest($places)) ORDER BY place",
        {"status": status, "first": places[0], "last": places[-1], "places": list(places)},
    ).fetchall()
    return [queries.verdict_of(row) for row in rows]


def stretches(reckoned: Reckoned, status: str, size: int, lately: str | None = None) -> dict[int, str]:
    """By number, from 0, one word for each stretch of `size` findings of `status`: for which findings these are, in which order, and
    for all that is told of their filings.

    `lately`: one word for the table `found_before` where a stretch also tells which findings the last run had not, and which number
    each filing has among all. `gather` and `digests.of_filings` are asked for their tables.
    """
    told, beside = "t.made_of", ""
    if lately is not None:
        told = "t.made_of, n.number, coalesce(b.lately, false)"
        beside = (
            f"JOIN ({queries.NUMBERED}) n USING (filing) LEFT JOIN found_before b ON b.fingerprint = l.fingerprint "
        )
    rows = reckoned.rows(
        f"SELECT l.place // $size AS part, {_WORD.format(told)} FROM listed l JOIN told t USING (filing) {beside}"
        "WHERE l.status = $status GROUP BY 1 ORDER BY 1",
        {"status": status, "size": size},
        needs="listed",
        beside=lately or "",
    )
    return dict(rows)


def lead(db: duckdb.DuckDBPyConnection, status: str, place: int) -> int:
    """The place of the last finding of `status` at or before `place` that follows from no other; 0 where there is none."""
    rows = db.execute(
        "SELECT max(place) FROM listed WHERE status = ? AND place <= ? AND coalesce(root, '') = ''", [status, place]
    ).fetchall()
    return int(rows[0][0] or 0)


def failures(db: duckdb.DuckDBPyConnection, rule: str, start: int, count: int) -> list[Verdict]:
    """At most `count` broken verdicts of `rule` in their order, from the `start`th on; without their terms."""
    rows = db.execute(
        f"SELECT {_PLAIN} FROM listed WHERE status = 'broken' AND rule = ? ORDER BY place LIMIT ? OFFSET ?",
        [rule, count, start],
    ).fetchall()
    return [queries.verdict_of(row) for row in rows]


def standings(reckoned: Reckoned) -> dict[str, dict[str, int]]:
    """For each current filing how many verdicts stand how, every standing named (see `wording.standing`).

    Reads the table that `morning.morning` offers.
    """
    reckoned.need("morning_tally")
    made: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STANDINGS, 0))
    for filing, standing, number in reckoned.db.execute(
        "SELECT filing, standing, sum(n)::BIGINT FROM morning_tally GROUP BY ALL"
    ).fetchall():
        made[filing][standing] = number
    return made


def outcomes(reckoned: Reckoned, run: Run | None) -> dict[str, Outcome]:
    """How each rule came out in `run` on current filings; rules without any verdict are left out."""
    of = {"run": run.id if run else ""}
    where = "FROM verdict v JOIN filing f USING (filing) WHERE f.current AND v.run = $run"
    years: dict[str, dict[int | None, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for rule, year, status, number in reckoned.rows(
        f"SELECT v.rule, f.fiscal_year, v.status, count(*) {where} GROUP BY ALL ORDER BY ALL", of
    ):
        years[rule][year][status] = number
    reasons: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for rule, reason, filings, number in reckoned.rows(
        f"SELECT v.rule, coalesce(v.reason, '') AS why, count(DISTINCT v.filing) AS filings, count(*) {where} "
        "AND v.status = 'not_verifiable' GROUP BY ALL ORDER BY v.rule, filings DESC, why",
        of,
    ):
        reasons[rule].append((reason, filings, number))
    filings = reckoned.rows(
        "SELECT rule, count(*) FILTER (reached), count(*) FILTER (broken), count(*) FILTER (unjudged) FROM ("
        "SELECT v.rule, f.rowid, bool_or(v.status <> 'not_verifiable') AS reached, bool_or(v.status = 'broken') AS broken, "
        f"bool_or(v.status = 'not_verifiable') AS unjudged {where} GROUP BY ALL) GROUP BY rule ORDER BY rule",
        of,
    )
    return {
        rule: Outcome(judged, broken, unjudged, years[rule], tuple(reasons.get(rule, ())))
        for rule, judged, broken, unjudged in filings
    }


def failing(reckoned: Reckoned, size: int) -> dict[tuple[str, int], str]:
    """For each rule that is broken somewhere, and each stretch of `size` of its failures by number from 0, one word as in `stretches`.

    `gather` and `digests.of_filings` are asked for their tables.
    """
    rows = reckoned.rows(
        f"SELECT l.rule, l.n // $size AS part, {_WORD.format('t.made_of')} FROM (SELECT *, row_number() OVER "
        "(PARTITION BY rule ORDER BY place) - 1 AS n FROM listed WHERE status = 'broken') l JOIN told t USING (filing) GROUP BY 1, 2 ORDER BY 1, 2",
        {"size": size},
        needs="listed",
    )
    return {(rule, part): word for rule, part, word in rows}


def of_rows(db: duckdb.DuckDBPyConnection, rows: Sequence[tuple[str, str, str]]) -> Iterator[Verdict]:
    """The broken verdicts by these rules on these filings and instances, in their order; without their terms."""
    if not rows:
        return
    rules, filings, instances = (list(column) for column in zip(*rows, strict=True))
    found = db.execute(
        f"SELECT {_PLAIN} FROM listed SEMI JOIN (SELECT unnest($rules) AS rule, unnest($filings) AS filing, "
        "unnest($instances) AS instance) w USING (rule, filing, instance) WHERE status = 'broken' ORDER BY place",
        {"rules": rules, "filings": filings, "instances": instances},
    ).fetchall()
    yield from map(queries.verdict_of, found)


def places(db: duckdb.DuckDBPyConnection) -> dict[str, Place]:
    """The region and level of every current filing."""
    rows = db.execute(
        "SELECT f.filing, coalesce(f.region, ''), coalesce(j.level, '') FROM filing f LEFT JOIN judged_filing j USING (filing) WHERE f.current"
    ).fetchall()
    return {filing: Place(region, level) for filing, region, level in rows}
