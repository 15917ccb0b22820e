"""Verdicts in, roots out: the same for `hedui check`, which holds them in memory, and for the night, which holds them in tables.

Of the verdicts of a filing only those are looked at that share a figure with a finding, or with a total of one (`concerned`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.rules import SEVERITIES, Rule
from flows.explain.cases import MOST, roots
from flows.explain.causes import LEVELS, NARRATIVE, PARTS, Judged, carries, crosses, form_of
from flows.explain.relation import Exact, comparison, relation, scaled
from flows.sql import run as query
from flows.standing import carry_over
from flows.warehouse import Connection

BATCH = 500
"""Filings looked at together: the verdicts of a night are gone through once for each batch, and one batch is held in memory."""

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
    near AS (
        SELECT n FROM about WHERE broken OR figure IN (SELECT figure FROM moving)
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


@dataclass(frozen=True, slots=True)
class Outline:
    """Which figures a verdict is about: `target` stands alone on the stated side; `adds` says that it is a sum that holds."""

    broken: bool
    adds: bool
    target: str
    ids: frozenset[str]


Known = Mapping[str, tuple[str, int]]
"""For each rule the sign of its comparison ("" for one that is no plain arithmetic) and the rank of its severity."""


def _operators(rules: Iterable[Rule]) -> dict[str, tuple[str, int]]:
    return {rule.id: (comparison(rule.check) if rule.check else "", SEVERITIES.index(rule.severity)) for rule in rules}


def roots_of(verdicts: Iterable[Mapping[str, Any]], rules: Iterable[Rule]) -> dict[str, str]:
    """Of the verdicts of one filing: the fingerprint of each finding that follows from another → that of its root.

    `verdicts` have the columns of `VERDICT_COLUMNS`, `rule` and `fingerprint`. Those that could not be reached say nothing.
    """
    reached = [one for one in verdicts if one["status"] != "not_verifiable"]
    if sum(one["status"] == "broken" for one in reached) < 2:
        return {}
    known = _operators(rules)
    reached = [one for one in reached if one["rule"] in known]
    outlines = [_outline(one["rule"], one["status"], *_sides(one["terms"] or ()), known) for one in reached]
    return _roots([reached[i] for i in concerned(outlines)], known)


def tie(connection: Connection, run: str, rules: Iterable[Rule]) -> None:
    """The column `root` of every verdict of `run` is set: what holds must stand beside what does not.

    Ties lie within a filing: only those are looked at of which something was judged in this run. What an earlier run judged
    stays as it was then; where that ends now in another root, it stands in this run as a copy.
    """
    known = _operators(rules)
    judged = "filing IN (SELECT filing FROM kept_verdict WHERE run = ? UNION SELECT filing FROM bundle WHERE run = ?)"
    filings = query(
        connection,
        f"SELECT filing FROM verdict WHERE run = ? AND status = 'broken' AND {judged} "
        "GROUP BY filing HAVING count(*) > 1 ORDER BY filing",
        run,
        run,
        run,
    ).fetchall()
    query(connection, "CREATE OR REPLACE TEMP TABLE tied (filing VARCHAR, fingerprint VARCHAR, root VARCHAR)")
    for start in range(0, len(filings), BATCH):
        found = _batch(connection, run, [filing for (filing,) in filings[start : start + BATCH]], known)
        if found:
            columns = [list(column) for column in zip(*found, strict=True)]
            query(connection, "INSERT INTO tied SELECT unnest(?), unnest(?), unnest(?)", *columns)
    carry_over(connection, run)
    query(
        connection,
        "UPDATE kept_verdict AS v SET root = t.root FROM tied t "
        "WHERE v.run = ? AND v.filing = t.filing AND v.fingerprint = t.fingerprint",
        run,
    )
    query(connection, "DROP TABLE tied")


def _batch(connection: Connection, run: str, filings: list[str], known: Known) -> list[tuple[str, str, str]]:
    """Filing, fingerprint and root of every finding of these filings that follows from another."""
    near = _near(connection, run, filings, known)
    chosen = [some[i][0] for some in near.values() for i in concerned([outline for _, outline in some])]
    rows = query(connection, _WHOLE, chosen)
    names = [column[0] for column in rows.description or ()]
    whole: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.fetchall():
        whole[row[0]].append(dict(zip(names, row, strict=True)))
    query(connection, "DROP TABLE told")
    return [(filing, symptom, root) for filing, some in whole.items() for symptom, root in _roots(some, known).items()]


def _near(connection: Connection, run: str, filings: list[str], known: Known) -> dict[str, list[tuple[int, Outline]]]:
    """By filing the outlines of the verdicts near a finding, each with its row in the table `told`, which is made anew."""
    query(connection, _TOLD, run, filings, list(known))
    sums_of = [rule for rule, (op, _) in known.items() if op == "="]
    near: dict[str, list[tuple[int, Outline]]] = defaultdict(list)
    for row, filing, rule, status, stated, computed, sums in query(connection, _NEAR, sums_of, NARRATIVE).fetchall():
        near[filing].append((row, _outline(rule, status, stated or [], computed or [], sums, known)))
    return near


# ---- which verdicts matter ----------------------------------------------------------------------------------------------


def concerned(outlines: Sequence[Outline]) -> list[int]:
    """The verdicts, by index, that any cause of two findings may touch; none where there are fewer, or too many."""
    broken = [i for i, one in enumerate(outlines) if one.broken]
    if not 1 < len(broken) <= MOST:
        return []
    touching: dict[str, list[int]] = defaultdict(list)
    for i, one in enumerate(outlines):
        for id in one.ids:
            touching[id].append(i)
    suspects = {id for i in broken for id in outlines[i].ids}
    origins, level = set(suspects), set(suspects)
    for _ in range(LEVELS - 1):
        parts = (
            outlines[i].ids
            for id in level
            for i in touching[id]
            if outlines[i].adds and outlines[i].target == id and len(outlines[i].ids) <= PARTS + 1
        )
        level = set().union(*parts) - origins
        origins |= level
    figures = {id for id in suspects if form_of(id) == NARRATIVE}
    for origin in origins:
        moved = _above(origin, outlines, touching)
        if len({i for id in moved for i in touching[id] if outlines[i].broken}) > 1:
            figures |= moved
    wanted = {*broken, *(i for id in figures for i in touching[id])}
    for form in {form_of(id) for id in suspects} - {NARRATIVE}:
        if sum(crosses(outlines[i].ids, form) for i in broken) > 1:
            wanted |= {i for i, one in enumerate(outlines) if crosses(one.ids, form)}
    return sorted(wanted)


def _above(origin: str, outlines: Sequence[Outline], touching: Mapping[str, list[int]]) -> set[str]:
    """The figure and the totals to which it may have been added."""
    found, level = {origin}, {origin}
    for _ in range(LEVELS):
        sums = ((id, outlines[i]) for id in level for i in touching[id])
        level = {one.target for id, one in sums if one.adds and carries(id, one.target)} - found
        found |= level
    return found


def _outline(
    rule: str, status: str, stated: list[str | None], computed: list[str | None], sums: bool, known: Known
) -> Outline:
    target = (stated[0] or "") if len(stated) == 1 else ""
    adds = bool(sums and target and status != "broken" and known[rule][0] == "=")
    return Outline(status == "broken", adds, target, frozenset(filter(None, (*stated, *computed))))


def _sides(terms: Iterable[Mapping[str, Any]]) -> tuple[list[str | None], list[str | None], bool]:
    stated = [term["id"] for term in terms if term["side"] == "stated"]
    computed = [term["id"] for term in terms if term["side"] == "computed"]
    return stated, computed, not any(term["sign"][:1] in ("÷", "×") for term in terms)


# ---- from verdicts to relations -----------------------------------------------------------------------------------------


def _roots(verdicts: list[Mapping[str, Any]] | list[dict[str, Any]], known: Known) -> dict[str, str]:
    """The same whatever the order of `verdicts`, which decides where each figure is first met."""
    printed: dict[str, Exact] = {}
    ordered = sorted(verdicts, key=lambda one: (one["rule"], one["instance"], one["fingerprint"]))
    return roots([_judged(one, known[one["rule"]], printed) for one in ordered])


def _judged(verdict: Mapping[str, Any], about: tuple[str, int], printed: dict[str, Exact]) -> Judged:
    op, rank = about
    broken = verdict["status"] == "broken"
    values: tuple[tuple[str, Exact], ...] = ()
    if broken:
        terms = [term for term in verdict["terms"] or () if term["id"] and term["value"] is not None]
        values = tuple((term["id"], scaled(term["value"])) for term in terms)
    made = relation(verdict, op, printed)
    return Judged(verdict["fingerprint"], verdict["rule"], verdict["instance"], rank, broken, made, values)
