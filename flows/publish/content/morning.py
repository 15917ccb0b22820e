"""What the overview tells, counted in the database: the page stays small and is made in seconds however many filings there are.

Amounts and severities are those of the rule book in force, for earlier runs too: a trend compares like with like.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from expectations.rules import RuleBook
from flows.publish.content import queries, suspected
from flows.publish.content.listed import Outcome
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import Case, Run, Verdict

LISTED = 10
"""Findings of one kind (new, still there, gone, gravest) that the overview names; the others are counted."""

ORGANISATIONS = 20
RULES = 10
FEWEST_NUMBERS = 100
"""Printed numbers below which an organisation's share of wrong ones says nothing."""

_GRADES = "(SELECT unnest($rules) AS rule, unnest($severities) AS severity, unnest($families) AS family)"
_GRAVITY = (
    "CASE coalesce(v.severity, 'critical') WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, "
    "CASE v.measure WHEN 'amount' THEN -abs(coalesce(v.unexplained, 0)) ELSE 0 END, v.filing, v.rule, v.instance"
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Findings of which the gravest are named: `findings` in all, `roots` of them follow from no other of these."""

    findings: int = 0
    roots: int = 0
    named: tuple[Verdict, ...] = ()
    cases: Mapping[tuple[str, str], Case] = field(default_factory=dict)
    """What is supposed of those that are named, by filing and fingerprint."""


@dataclass(frozen=True, slots=True)
class Row:
    """One organisation of the heat map: family of rules → standing → how many verdicts, and in `causes` how
    many findings of it follow from no other. `filing` when it has one only.

    `asked`: whether there is something to correct or to explain, more than notes.
    """

    organisation: str
    filing: str
    cells: Mapping[str, Mapping[str, int]]
    causes: Mapping[str, int]
    asked: bool


@dataclass(frozen=True, slots=True)
class Publisher:
    """`wrong` of an organisation's `numbers` (figures and claims of its current filings) do not agree with what they compute to."""

    organisation: str
    filing: str
    numbers: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Failing:
    """A rule that is broken somewhere, and how it came out."""

    rule: str
    outcome: Outcome

    def verdicts(self, *but: str) -> int:
        """How many verdicts of any status except `but`."""
        return sum(n for year in self.outcome.years.values() for status, n in year.items() if status not in but)


@dataclass(frozen=True, slots=True)
class Guarded:
    """Of the `figures` of a form, `judged` stand in a verdict that was reached, `named` in any verdict."""

    form: str
    figures: int
    judged: int
    named: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Documents that could not be read for one reason; `sources` are the first."""

    reason: Mapping[str, str]
    documents: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Morning:
    """Everything that the overview tells. `strip`, `roots` by standing; `severities` broken verdicts by severity, all and roots."""

    strip: Mapping[str, int] = field(default_factory=dict)
    roots: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    filings_bad: int = 0
    clean: int = 0
    years: tuple[int, ...] = ()
    previous: Run | None = None
    new: Listing = Listing()
    still: Listing = Listing()
    gone: Listing = Listing()
    gravest: Listing = Listing()
    heat: tuple[Row, ...] = ()
    organisations: int = 0
    publishers: tuple[Publisher, ...] = ()
    few: int = 0
    failing: tuple[Failing, ...] = ()
    failing_rules: int = 0
    guarded: tuple[Guarded, ...] = ()
    unread: tuple[Unread, ...] = ()


def morning(reckoned: Reckoned, book: RuleBook, outcomes: Mapping[str, Outcome]) -> Morning:
    """What the overview tells of the newest run, in which the rules came out as `outcomes`; of a warehouse without runs, what was read and what could not be."""
    db = reckoned.db
    runs = queries.runs(db)
    count = _Count(reckoned, runs, book)
    if not runs:
        return Morning(unread=_unread(db), clean=len(queries.filings(db)), years=count.years(), guarded=count.guarded())
    strip, roots = count.by_standing()
    heat = count.heat()
    publishers, few = count.publishers()
    failing = sorted(
        (Failing(rule, outcome) for rule, outcome in outcomes.items() if outcome.broken),
        key=lambda one: (-one.outcome.broken, -one.verdicts("holds", "rounding", "not_verifiable"), one.rule),
    )
    previous = runs[1] if len(runs) > 1 else None
    bad, clean = count.filings_by_gravity()
    return Morning(
        strip=strip,
        roots=roots,
        severities=count.by_severity(),
        filings_bad=bad,
        clean=clean,
        years=count.years(),
        previous=previous,
        **count.listings(runs[0], previous),
        heat=heat,
        organisations=count.organisations(),
        publishers=publishers,
        few=few,
        failing=tuple(failing[:RULES]),
        failing_rules=len(failing),
        guarded=count.guarded(),
        unread=_unread(db),
    )


class _Count:
    """The questions, each one query over the newest run's verdicts on current filings."""

    def __init__(self, reckoned: Reckoned, runs: tuple[Run, ...], book: RuleBook) -> None:
        self.reckoned, self.runs = reckoned, runs
        self.given = {
            "rules": [rule.id for rule in book.rules],
            "severities": [rule.severity for rule in book.rules],
            "families": [rule.family for rule in book.rules],
        }
        self.run = runs[0].id if runs else ""
        reckoned.offer("morning_tally", self._tally)

    def _tally(self) -> None:
        """How the verdicts on each filing stand: by rule where they are broken, by family where not. Small, and counted as whole numbers."""
        given = self.given | {"run": self.run, "places": list(range(len(self.given["rules"])))}
        given["groups"] = [self.given["families"].index(family) for family in self.given["families"]]
        self.reckoned.db.execute(
            "CREATE OR REPLACE TEMP TABLE morning_tally AS WITH graded AS (SELECT unnest($rules) AS rule, unnest($severities) AS severity, "
            "unnest($families) AS family, unnest($places) AS place, unnest($groups) AS grp), counted AS ("
            "SELECT f.rowid AS at, CASE v.status WHEN 'broken' THEN g.place ELSE g.grp END AS place, "
            "CASE v.status WHEN 'holds' THEN 0 WHEN 'rounding' THEN 1 WHEN 'broken' THEN 2 ELSE 3 END AS status, "
            "count(*) AS n, count(v.root) AS following, any_value(v.rule) AS rule FROM verdict v "
            "JOIN filing f ON f.filing = v.filing AND f.current LEFT JOIN graded g ON g.rule = v.rule WHERE v.run = $run GROUP BY 1, 2, 3) "
            "SELECT f.filing, f.organisation, g.family, g.severity, CASE c.status WHEN 2 THEN c.rule END AS rule, c.n, c.following, "
            "CASE c.status WHEN 0 THEN 'ok' WHEN 1 THEN 'near' WHEN 3 THEN 'none' ELSE "
            "CASE coalesce(g.severity, 'critical') WHEN 'critical' THEN 'bad' ELSE 'explain' END END AS standing "
            "FROM counted c JOIN filing f ON f.rowid = c.at LEFT JOIN graded g ON g.place = c.place",
            given,
        )

    def _rows(self, sql: str, **given: Any) -> list[tuple[Any, ...]]:
        return self.reckoned.rows(sql, given, needs="morning_tally")

    def by_standing(self) -> tuple[dict[str, int], dict[str, int]]:
        """Verdicts by standing, and how many of them follow from no other."""
        rows = self._rows("SELECT standing, sum(n)::BIGINT, sum(n - following)::BIGINT FROM morning_tally GROUP BY 1")
        strip = dict.fromkeys(("bad", "explain", "ok", "near", "none"), 0)
        return strip | {name: n for name, n, _ in rows}, strip | {name: n for name, _, n in rows}

    def by_severity(self) -> dict[str, tuple[int, int]]:
        rows = self._rows(
            "SELECT coalesce(severity, 'critical'), sum(n)::BIGINT, sum(n - following)::BIGINT FROM morning_tally "
            "WHERE rule IS NOT NULL GROUP BY 1"
        )
        return {severity: (findings, roots) for severity, findings, roots in rows}

    def filings_by_gravity(self) -> tuple[int, int]:
        """How many current filings have something to correct, and how many have not."""
        ((bad, clean),) = self._rows(
            "SELECT count(*) FILTER (b.filing IS NOT NULL), count(*) FILTER (b.filing IS NULL) FROM filing f LEFT JOIN "
            "(SELECT DISTINCT filing FROM morning_tally WHERE standing = 'bad') b ON b.filing = f.filing WHERE f.current"
        )
        return int(bad), int(clean)

    def years(self) -> tuple[int, ...]:
        rows = self._rows(
            "SELECT DISTINCT fiscal_year FROM filing WHERE current AND fiscal_year IS NOT NULL ORDER BY 1"
        )
        return tuple(year for (year,) in rows)

    def organisations(self) -> int:
        ((number,),) = self._rows("SELECT count(DISTINCT organisation) FROM morning_tally")
        return int(number)

    def heat(self) -> tuple[Row, ...]:
        """The organisations with the most to correct, then the most to explain."""
        rows = self._rows(
            "WITH top AS (SELECT organisation, coalesce(sum(n) FILTER (standing = 'bad'), 0) AS bad, "
            "coalesce(sum(n) FILTER (standing = 'explain'), 0) AS explain, "
            "bool_or(rule IS NOT NULL AND coalesce(severity, 'critical') <> 'info') AS asked FROM morning_tally GROUP BY 1 "
            f"ORDER BY bad DESC, explain DESC, organisation LIMIT {ORGANISATIONS}) "
            "SELECT t.organisation, coalesce(t.family, ''), t.standing, sum(t.n)::BIGINT, any_value(top.asked), sum(t.n - t.following)::BIGINT "
            "FROM morning_tally t JOIN top USING (organisation) GROUP BY ALL ORDER BY any_value(top.bad) DESC, "
            "any_value(top.explain) DESC, t.organisation"
        )
        cells: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        asked = set()
        causes: dict[str, Counter[str]] = defaultdict(Counter)
        for organisation, family, stands, number, asks, roots in rows:
            cells[organisation][family][stands] = number
            causes[organisation][family] += roots if stands in ("bad", "explain") else 0
            asked |= {organisation} if asks else set()
        only = self._only(list(cells))
        return tuple(Row(name, only.get(name, ""), row, causes[name], name in asked) for name, row in cells.items())

    def _only(self, organisations: list[str]) -> dict[str, str]:
        """The filing of each of these organisations that has one current filing only."""
        rows = self._rows(
            "SELECT organisation, any_value(filing) FROM filing WHERE current AND organisation IN (SELECT unnest($names)) "
            "GROUP BY 1 HAVING count(*) = 1",
            names=organisations,
        )
        return dict(rows)

    def publishers(self) -> tuple[tuple[Publisher, ...], int]:
        """Organisations by their share of numbers that must be corrected, the highest first; and how many print too few to be ranked."""
        rows = self._rows(
            "WITH printed AS (SELECT filing, count(*) AS n FROM (SELECT filing FROM figure UNION ALL SELECT filing FROM claim) "
            "GROUP BY 1), "
            "wrong AS (SELECT filing, count(DISTINCT id) AS n FROM (SELECT v.filing, unnest(list_transform("
            "list_filter(v.terms, x -> x.side = 'stated' AND x.id IS NOT NULL), x -> x.id)) AS id "
            f"FROM verdict v LEFT JOIN {_GRADES} g ON g.rule = v.rule "
            "WHERE v.run = $run AND v.status = 'broken' AND coalesce(g.severity, 'critical') = 'critical') GROUP BY 1), "
            "each AS (SELECT f.organisation, count(*) AS filings, any_value(f.filing) AS filing, sum(p.n) AS numbers, "
            "coalesce(sum(w.n), 0) AS wrong FROM filing f JOIN printed p USING (filing) LEFT JOIN wrong w USING (filing) "
            "WHERE f.current GROUP BY 1) "
            "SELECT organisation, CASE filings WHEN 1 THEN filing END, numbers::BIGINT, wrong::BIGINT, "
            "(SELECT count(*) FROM each WHERE numbers < $fewest) FROM each "
            f"ORDER BY numbers < $fewest, wrong / numbers DESC, wrong DESC, organisation LIMIT {RULES}",
            **self.given,
            run=self.run,
            fewest=FEWEST_NUMBERS,
        )
        ranked = tuple(
            Publisher(row[0], row[1] or "", row[2], row[3]) for row in rows if row[2] >= FEWEST_NUMBERS and row[3]
        )
        return ranked, rows[0][4] if rows else 0

    def guarded(self) -> tuple[Guarded, ...]:
        """For each form how many of the figures of current filings stand in a verdict."""
        judged, named = self._named(judged=True), self._named(judged=False)
        rows = self._rows(
            "SELECT form, count(*) FROM figure JOIN filing f USING (filing) WHERE f.current GROUP BY 1 ORDER BY 1"
        )
        return tuple(
            Guarded(form, figures, judged.get(form, 0), judged.get(form, 0) + named.get(form, 0))
            for form, figures in rows
        )

    def _named(self, *, judged: bool) -> dict[str, int]:
        """By form, the figures that stand in a verdict that was reached (`judged`), or only in such as were not.

        Figures are compared by the hash of filing and id: some bytes for each of millions, instead of a text.
        """
        reached, other = "<> 'not_verifiable'", "= 'not_verifiable'"

        def terms(status: str) -> str:
            return (
                "SELECT hash(filing, id) AS key FROM (SELECT filing, unnest(terms).id AS id FROM verdict "
                f"WHERE run = $run AND status {status}) WHERE id IS NOT NULL"
            )

        but = "" if judged else f"ANTI JOIN ({terms(reached)}) o ON o.key = s.key"
        rows = self._rows(
            "WITH touched AS MATERIALIZED (SELECT g.form, g.key FROM (SELECT form, hash(filing, figure.id) AS key FROM figure "
            "JOIN filing f USING (filing) WHERE f.current) g "
            f"SEMI JOIN ({terms(reached if judged else other)}) t ON t.key = g.key) "
            f"SELECT s.form, count(*) FROM touched s {but} GROUP BY 1",
            run=self.run,
        )
        return dict(rows)

    def listings(self, newest: Run, previous: Run | None) -> dict[str, Listing]:
        """The gravest findings that are new, still there and gone since `previous`; where there is no such run the gravest of all."""
        if previous is None:
            chosen = {"gravest": self._chosen(newest, None, there=False)}
        else:
            chosen = {
                "new": self._chosen(newest, previous, there=False),
                "still": self._chosen(newest, previous, there=True),
            }
        here = [one for _, _, named in chosen.values() for one in named]
        told = {(one.filing, one.fingerprint): one for one in queries.told(self.reckoned.db, newest, here)}
        supposed = suspected.by_root(self.reckoned.db, told.values())
        made = {
            name: Listing(findings, roots, tuple(told[one] for one in named if one in told), supposed)
            for name, (findings, roots, named) in chosen.items()
        }
        if previous is not None:
            findings, roots, named = self._chosen(previous, newest, there=False)
            made["gone"] = Listing(findings, roots, queries.told(self.reckoned.db, previous, named))
        return made

    def _chosen(self, run: Run, other: Run | None, *, there: bool) -> tuple[int, int, list[tuple[str, str]]]:
        """Findings of `run` that `other` has too (`there`), or has not: how many, how many that follow from no other of them, and
        of these the gravest by filing and fingerprint."""
        chosen = (
            "WITH chosen AS MATERIALIZED (SELECT v.filing, v.fingerprint, v.root, v.rule, v.instance, v.measure, v.unexplained, "
            f"g.severity FROM verdict v LEFT JOIN {_GRADES} g ON g.rule = v.rule {'SEMI' if there else 'ANTI'} JOIN "
            "(SELECT fingerprint FROM verdict WHERE run = $other AND status = 'broken') o ON o.fingerprint = v.fingerprint "
            "WHERE v.run = $run AND v.status = 'broken'), "
            "roots AS MATERIALIZED (SELECT c.* FROM chosen c ANTI JOIN chosen d ON d.filing = c.filing AND d.fingerprint = c.root) "
        )
        rows = self.reckoned.rows(
            f"{chosen} SELECT filing, fingerprint, (SELECT count(*) FROM chosen), (SELECT count(*) FROM roots) FROM roots v "
            f"ORDER BY {_GRAVITY} LIMIT {LISTED}",
            self.given | {"run": run.id, "other": other.id if other else ""},
            beside=f"{self._broken_before()} {run.id == self.run}",
        )
        return (rows[0][2], rows[0][3], [(row[0], row[1]) for row in rows]) if rows else (0, 0, [])

    def _broken_before(self) -> str:
        """One word for the findings of the run before the newest."""
        if len(self.runs) < 2:
            return ""
        rows = self.reckoned.db.execute(
            "SELECT count(*), sum(hash(filing, fingerprint, root, rule, instance, measure, unexplained)::HUGEINT) FROM verdict "
            "WHERE run = $run AND status = 'broken'",
            {"run": self.runs[1].id},
        ).fetchall()
        return str(rows)


def _unread(db: duckdb.DuckDBPyConnection) -> tuple[Unread, ...]:
    rows = db.execute(
        "SELECT coalesce(message_zh, ''), coalesce(message_en, ''), count(*), list(source ORDER BY source)[1:5] FROM document "
        "WHERE status <> 'read' GROUP BY 1, 2 ORDER BY 3 DESC, 1"
    ).fetchall()
    return tuple(Unread({"zh": zh, "en": en}, number, tuple(sources)) for zh, en, number, sources in rows)
