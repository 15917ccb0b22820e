"""What verdicts say about figures: which of them are identities, which lie near a finding, and each as a relation.

Of the verdicts of a filing only those are looked at that share a figure with a finding, or with a total of one (`concerned`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.rules import SEVERITIES, Rule
from flows.explain.cases import MOST
from flows.explain.causes import LEVELS, NARRATIVE, PARTS, Judged, carries, crosses, form_of
from flows.explain.relation import Exact, Relation, comparison, relation, scaled

ARITHMETIC = frozenset(
    ("sum", "rollup", "cross_form", "text_vs_form", "share", "change", "completion", "score_sum", "budget_execution", "year", "unit",
     "wrong_base", "stale_text", "other")
)  # fmt: skip
"""Categories of rules that say what figures must come to; not what is reasonable, what must be printed, or which words must stand."""


REACH = 2
"""Figures from a finding on: one that is wrong, and one that moves with it; further ones stand in findings of their own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Of a rule: the sign of its comparison ("" where it is no plain arithmetic), the rank of its severity, and whether it says
    what figures must come to: an equation that no one need explain away, or a limit that none may pass. `baseless`: it says that there
    is no such rate, the base that is named being 0."""

    op: str
    rank: int
    must: bool
    baseless: bool = False


Known = Mapping[str, Kind]


def kinds(rules: Iterable[Rule]) -> dict[str, Kind]:
    made = {}
    for rule in rules:
        op = comparison(rule.check) if rule.check else ""
        graver = ("critical", "warning") if op == "=" else ("critical",)
        must = rule.category in ARITHMETIC and op not in ("", "<>") and rule.severity in graver
        made[rule.id] = Kind(op, SEVERITIES.index(rule.severity), must, rule.category == "wrong_base" and op == "<>")
    return made


def is_identity(kind: Kind, one: Relation | None) -> bool:
    """Whether figures must move where it does not hold. A number of the rule's own (100 points) binds only what must be put right."""
    if not kind.must or one is None or not one.ids:
        return False
    both = bool(one.plain.parts) and any(side.parts for side in (one.over, one.times, one.under) if side)
    return both or (kind.op == "=" and kind.rank == 0)


# ---- which verdicts matter ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outline:
    """Which figures a verdict is about: `target` stands alone on the stated side; `adds` says that it is a sum that holds,
    `must` that it is of a rule that says what figures must come to."""

    broken: bool
    adds: bool
    target: str
    ids: frozenset[str]
    must: bool = False


def outline(
    rule: str, status: str, stated: Sequence[str | None], computed: Sequence[str | None], sums: bool, known: Known
) -> Outline:
    target = (stated[0] or "") if len(stated) == 1 else ""
    adds = bool(sums and target and status != "broken" and known[rule].op == "=")
    return Outline(status == "broken", adds, target, frozenset(filter(None, (*stated, *computed))), known[rule].must)


def sides(terms: Iterable[Mapping[str, Any]]) -> tuple[list[str | None], list[str | None], bool]:
    stated = [term["id"] for term in terms if term["side"] == "stated"]
    computed = [term["id"] for term in terms if term["side"] == "computed"]
    return stated, computed, not any(term["sign"][:1] in ("÷", "×") for term in terms)


def concerned(outlines: Sequence[Outline]) -> list[int]:
    """The verdicts, by index, that any cause of a finding may touch; none where there is no finding, or too many."""
    broken = [i for i, one in enumerate(outlines) if one.broken]
    if not 0 < len(broken) <= MOST:
        return []
    touching: dict[str, list[int]] = defaultdict(list)
    for i, one in enumerate(outlines):
        for id in one.ids:
            touching[id].append(i)
    return sorted({*_of_causes(broken, outlines, touching), *_of_sets(broken, outlines, touching)})


def _of_sets(broken: Sequence[int], outlines: Sequence[Outline], touching: Mapping[str, Sequence[int]]) -> set[int]:
    """What must hold and is tied to a finding over at most `REACH` figures: as far a minimal set may go from it."""
    found = {i for i in broken if outlines[i].must}
    for _ in range(REACH):
        ids = set().union(*(outlines[i].ids for i in found))
        found |= {i for id in ids for i in touching[id] if outlines[i].must}
    return found


def _of_causes(broken: Sequence[int], outlines: Sequence[Outline], touching: Mapping[str, Sequence[int]]) -> set[int]:
    if len(broken) < 2:
        return set(broken)
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
    return wanted


def _above(origin: str, outlines: Sequence[Outline], touching: Mapping[str, Sequence[int]]) -> set[str]:
    """The figure and the totals to which it may have been added."""
    found, level = {origin}, {origin}
    for _ in range(LEVELS):
        sums = ((id, outlines[i]) for id in level for i in touching[id])
        level = {one.target for id, one in sums if one.adds and carries(id, one.target)} - found
        found |= level
    return found


# ---- from verdicts to relations -----------------------------------------------------------------------------------------


def judged_of(verdicts: Iterable[Mapping[str, Any]], known: Known) -> tuple[list[Judged], dict[str, Exact]]:
    """The verdicts as relations, and the value under which each figure was first met.

    The same whatever the order of `verdicts`, which decides where that is.
    """
    first: dict[str, Exact] = {}
    ordered = sorted(verdicts, key=lambda one: (one["rule"], one["instance"], one["fingerprint"]))
    return [_judged(one, known[one["rule"]], first) for one in ordered], first


def _judged(verdict: Mapping[str, Any], kind: Kind, first: dict[str, Exact]) -> Judged:
    broken = verdict["status"] == "broken"
    values: tuple[tuple[str, Exact], ...] = ()
    if broken:
        terms = [term for term in verdict["terms"] or () if term["id"] and term["value"] is not None]
        values = tuple((term["id"], scaled(term["value"])) for term in terms)
    made = relation(verdict, kind.op, first)
    return Judged(verdict["fingerprint"], verdict["rule"], verdict["instance"], kind.rank, broken, made, values)
