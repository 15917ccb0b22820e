"""What is supposed of the findings of a night, filing by filing, is in the warehouse: what `diagnose` says of them in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from expectations.rules import Rule
from expectations.vocabulary import JUDGED
from flows import schema
from flows.explain import evidence
from flows.explain.causes import NARRATIVE
from flows.explain.diagnose import Explained
from flows.explain.diagnosis import Diagnosis
from flows.explain.evidence import Known, Outline
from flows.explain.looking import Look, looking
from flows.explain.paper import BLANK, papers
from flows.sql import insert, transaction
from flows.sql import run as query
from flows.standing import carry_over
from flows.warehouse import Connection

BATCH = 500
"""Filings looked at together: the verdicts of a night are gone through once for each batch."""

HELD = 20
"""Filings of which all that is printed, and the verdicts near findings, are in memory at a time."""

_TOLD = (
    "CREATE OR REPLACE TEMP TABLE told AS SELECT filing, fingerprint, rule, instance, status, stated, computed, bound, measure, "
    "terms, [x.id FOR x IN terms IF x.side = 'stated'] AS stated_ids, [x.id FOR x IN terms IF x.side = 'computed'] AS computed_ids, "
    "len([x FOR x IN terms IF x.sign[1] IN ('÷', '×')]) = 0 AS sums FROM verdict "
    "WHERE run = ? AND filing IN (SELECT unnest(?)) AND rule IN (SELECT unnest(?)) AND status <> 'not_verifiable' "
    "AND (status = 'broken' OR len([x FOR x IN terms IF x.id IS NOT NULL]) > 0)"
)
_NEAR = """
    WITH RECURSIVE about AS MATERIALIZED (
        SELECT n, broken, hash(filing, id) AS figure, split_part(split_part(id, '/', 1), '(', 1) AS form, hash(filing, form) AS part
        FROM (SELECT rowid AS n, filing, status = 'broken' AS broken, unnest(list_concat(stated_ids, computed_ids)) AS id FROM told)
        WHERE id IS NOT NULL),
    link AS MATERIALIZED (
        SELECT hash(filing, total) AS total, hash(filing, part) AS part FROM (
            SELECT filing, stated_ids[1] AS total, unnest(computed_ids) AS part FROM told
            WHERE sums AND len(stated_ids) = 1 AND status <> 'broken' AND rule IN (SELECT unnest(?)))),
    origin AS (
        SELECT figure FROM about WHERE broken
        UNION SELECT link.part FROM origin JOIN link ON link.total = origin.figure),
    moving AS (SELECT figure FROM origin UNION SELECT link.total FROM moving JOIN link ON link.part = moving.figure),
    crossing AS (SELECT n FROM about GROUP BY n HAVING min(form) <> max(form)),
    bound AS MATERIALIZED (
        SELECT n, figure, broken FROM about WHERE n IN (SELECT rowid FROM told WHERE rule IN (SELECT unnest(?)))),
    near AS (
        SELECT n FROM about WHERE broken OR figure IN (SELECT figure FROM moving)
        UNION SELECT n FROM bound WHERE figure IN (
            SELECT figure FROM bound WHERE n IN (
                SELECT n FROM bound WHERE figure IN (SELECT figure FROM bound WHERE broken)))
        UNION SELECT n FROM about SEMI JOIN crossing USING (n)
        WHERE form <> ? AND part IN (SELECT part FROM about WHERE broken))
    SELECT rowid, filing, rule, status, stated_ids, computed_ids, sums FROM told
    WHERE status = 'broken' OR rowid IN (SELECT n FROM near) ORDER BY filing, fingerprint
"""
"""The verdicts of `told` that `concerned` can choose, and some more: this follows sums as far as they go, and two figures may
have one hash."""

_WHOLE = (
    "SELECT filing, fingerprint, rule, instance, status, stated, computed, bound, measure, terms FROM told "
    "WHERE rowid IN (SELECT unnest(?))"
)


def tie(connection: Connection, run: str, rules: Iterable[Rule]) -> None:
    """The column `root` of every verdict of `run` is set, and the tables of `schema.DIAGNOSES` say what is supposed of each case now.

    Ties lie within a filing: only those are looked at of which something was judged in this run. What an earlier run judged
    stays as it was then; where that ends now in another root, it stands in this run as a copy. All of it is there, or nothing.
    """
    known = evidence.kinds(rules)
    judged = "filing IN (SELECT filing FROM kept_verdict WHERE run = ? UNION SELECT filing FROM bundle WHERE run = ?)"
    filings = query(
        connection,
        f"SELECT DISTINCT filing FROM verdict WHERE run = ? AND status = 'broken' AND {judged} ORDER BY filing",
        run,
        run,
        run,
    ).fetchall()
    query(connection, "CREATE OR REPLACE TEMP TABLE tied (filing VARCHAR, fingerprint VARCHAR, root VARCHAR)")
    with transaction(connection):
        for table in schema.DIAGNOSES:
            query(connection, f"DELETE FROM {table.name} WHERE {judged}", run, run)
        with looking(known, len(filings)) as look:
            for start in range(0, len(filings), BATCH):
                some = [filing for (filing,) in filings[start : start + BATCH]]
                _keep(connection, run, look(_evidence(connection, run, some, known)))
        carry_over(connection, run)
        query(
            connection,
            "UPDATE kept_verdict AS v SET root = t.root FROM tied t "
            "WHERE v.run = ? AND v.filing = t.filing AND v.fingerprint = t.fingerprint",
            run,
        )
    query(connection, "DROP TABLE tied")


def forget_gone(connection: Connection) -> None:
    """Nothing is supposed any longer of filings that are not judged any more."""
    with transaction(connection):
        for table in schema.DIAGNOSES:
            query(connection, f"DELETE FROM {table.name} WHERE filing NOT IN (SELECT filing FROM {JUDGED})")


def _evidence(connection: Connection, run: str, filings: list[str], known: Known) -> Iterator[list[Look]]:
    """Of these filings those that have a finding, some at a time, each with the verdicts that matter and what it prints."""
    near = _near(connection, run, filings, known)
    keys = sorted(near)
    for start in range(0, len(keys), HELD):
        some = keys[start : start + HELD]
        chosen = [near[key][i][0] for key in some for i in evidence.concerned([outline for _, outline in near[key]])]
        whole = _whole(connection, chosen)
        before = _before(connection, list(whole))
        read = papers(connection, list({*whole, *before.values()}))
        yield [
            Look(filing, verdicts, read[filing], read.get(before.get(filing, ""), BLANK))
            for filing, verdicts in whole.items()
        ]
    query(connection, "DROP TABLE told")


def _whole(connection: Connection, chosen: list[int]) -> dict[str, list[dict[str, Any]]]:
    """By filing the verdicts that stand in these rows of `told`."""
    rows = query(connection, _WHOLE, chosen)
    names = [column[0] for column in rows.description or ()]
    whole: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.fetchall():
        whole[row[0]].append(dict(zip(names, row, strict=True)))
    return whole


def _before(connection: Connection, filings: list[str]) -> dict[str, str]:
    """Of each of these filings that has one, the filing of the year before."""
    sql = f"SELECT filing, previous FROM {JUDGED} WHERE previous IS NOT NULL AND filing IN (SELECT unnest(?))"
    return dict(query(connection, sql, filings).fetchall())


def _keep(connection: Connection, run: str, found: Mapping[str, Explained]) -> None:
    tied = [(filing, symptom, root) for filing, one in found.items() for symptom, root in one.roots.items()]
    if tied:
        columns = [list(column) for column in zip(*tied, strict=True)]
        query(connection, "INSERT INTO tied SELECT unnest(?), unnest(?), unnest(?)", *columns)
    told = [(filing, one) for filing, each in found.items() for one in each.diagnoses]
    for table, rows in zip(schema.DIAGNOSES, (_case, _suspects, _hypotheses), strict=True):
        insert(connection, table, [(run, filing, one.findings[0], *row) for filing, one in told for row in rows(one)])


def _case(one: Diagnosis) -> Iterator[tuple[Any, ...]]:
    yield one.outcome, len(one.findings)


def _suspects(one: Diagnosis) -> Iterator[tuple[Any, ...]]:
    positions: Counter[int] = Counter()
    for s in one.suspects:
        positions[s.set] += 1
        what = (s.set, positions[s.set], s.figure, s.label["zh"], s.label["en"])
        yield *what, s.printed, s.repair, s.least, s.most, s.unit, s.follows


def _hypotheses(one: Diagnosis) -> Iterator[tuple[Any, ...]]:
    for s in one.suspects:
        for position, h in enumerate(s.hypotheses, start=1):
            yield s.set, s.figure, position, h.kind, h.value, h.unit, h.said["zh"], h.said["en"]


def _near(connection: Connection, run: str, filings: list[str], known: Known) -> dict[str, list[tuple[int, Outline]]]:
    """By filing the outlines of the verdicts near a finding, each with its row in the table `told`, which is made anew."""
    query(connection, _TOLD, run, filings, list(known))
    sums_of = [rule for rule, kind in known.items() if kind.op == "="]
    must = [rule for rule, kind in known.items() if kind.must]
    near: dict[str, list[tuple[int, Outline]]] = defaultdict(list)
    for row, filing, rule, status, stated, computed, sums in query(
        connection, _NEAR, sums_of, must, NARRATIVE
    ).fetchall():
        near[filing].append((row, evidence.outline(rule, status, stated or [], computed or [], sums, known)))
    return near
