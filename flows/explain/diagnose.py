"""Which figures of a filing may be wrong and how that came about, case by case: `cases` ties the findings that have one cause,
`locate` finds the figures that would clear them, `hypotheses` how each may have come to read as it does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import islice, product
from typing import Any

from expectations.rules import Rule
from expectations.sql.scope import PREVIOUS_MARK
from expectations.vocabulary import WAN
from flows.explain import evidence
from flows.explain.cases import Case, cases
from flows.explain.causes import Judged, form_of
from flows.explain.diagnosis import Change, Diagnosis, Located, MinimalSet, Printed, Repair, Suspect
from flows.explain.evidence import Known
from flows.explain.hypotheses import Context, hypotheses
from flows.explain.locate import Limits, located
from flows.explain.paper import BLANK, Paper
from flows.explain.relation import SCALE, Exact, Room, divided

SETS = 24
"""Of one case so many minimal sets are told at most."""

PATIENCE = 6
"""Searches of one filing that may go to their limit; where so much is wrong at once, the further ones are brief."""

BRIEF = Limits(questions=100, work=100_000, seconds=1)

MANY = 3
"""A set of more figures tells a reader nothing: then each case is looked at by itself."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Of one filing: the fingerprint of each finding that follows from another → that of its root; what is supposed of each case; and
    for each finding what would mend it alone: the figure that it states, or, where none stands alone, each of its figures."""

    roots: Mapping[str, str]
    diagnoses: tuple[Diagnosis, ...]
    repairs: Mapping[str, tuple[Repair, ...]]


NOTHING = Explained({}, (), {})


def explained(
    verdicts: Iterable[Mapping[str, Any]], rules: Iterable[Rule], paper: Paper = BLANK, previous: Paper = BLANK
) -> Explained:
    """What the verdicts of one filing allow one to suppose; `previous` is the paper of the year before.

    `verdicts` have the columns of `VERDICT_COLUMNS`, `rule` and `fingerprint`. Those that could not be reached say nothing.
    """
    reached = [one for one in verdicts if one["status"] != "not_verifiable"]
    if not any(one["status"] == "broken" for one in reached):
        return NOTHING
    known = evidence.kinds(rules)
    reached = [one for one in reached if one["rule"] in known]
    outlines = [
        evidence.outline(one["rule"], one["status"], *evidence.sides(one["terms"] or ()), known) for one in reached
    ]
    return of_evidence([reached[i] for i in evidence.concerned(outlines)], known, paper, previous)


def of_evidence(verdicts: Iterable[Mapping[str, Any]], known: Known, paper: Paper, previous: Paper) -> Explained:
    """The same of verdicts of which `concerned` chose those that matter."""
    judged, first = evidence.judged_of(verdicts, known)
    must = {one.fingerprint for one in judged if evidence.is_identity(known[one.rule], one.relation)}
    looking = _Looking([one for one in judged if one.fingerprint in must], first, paper, previous)
    found, sets = cases(judged, lambda rest: looking.located_all(one for one in rest if one.fingerprint in must))
    roots = {symptom: case.root for case in found for symptom in case.symptoms}
    about = [case for case in found if must & {case.root, *case.symptoms}]
    looking.free_limits(about, sets)
    told = [looking.diagnosis(case, sets) for case in about]
    baseless = {one.fingerprint: one for one in judged if one.broken and known[one.rule].baseless}
    apart = (case for case in found if case.root in baseless and not must & {case.root, *case.symptoms})
    lone = (looking.of_rate(case, baseless[case.root]) for case in apart)
    told += [one for one in lone if one.suspects]
    repairs = {one: looking.repairs(one) for one in looking.judged if looking.judged[one].broken}
    return Explained(roots, tuple(told), repairs)


class _Looking:
    """One filing, while its cases are looked into; `judged` are its identities."""

    def __init__(self, judged: Sequence[Judged], first: Mapping[str, Exact], paper: Paper, previous: Paper) -> None:
        self.judged = {one.fingerprint: one for one in judged}
        self.doubted = [id for id, one in paper.printed.items() if one.doubted]
        self.first = first
        self.loose: set[str] = set()
        self.unfinished = 0
        self.answers: dict[tuple[str, ...], tuple[Located, ...]] = {}
        last_year = {PREVIOUS_MARK + id: one for id, one in previous.printed.items()}
        self.printed = {**last_year, **paper.printed}
        self.context = Context(paper.printed, tuple(judged), paper.said, paper.ties, previous.printed, previous.said)

    def located_all(self, identities: Iterable[Judged]) -> tuple[Located, ...]:
        """Every minimal set. A limit that a figure sets which is suspected first of all itself limits no other."""
        listed = list(identities)
        found = self.located(listed)
        self.loose = self._limits({one.sets[0].figures[0] for one in found if one.sets})
        freed = {id for one in self.loose for id in self._ids(one)}
        again = [one for one in found if one.sets and any(freed & self._ids(finding) for finding in one.findings)]
        if not again:
            return found
        asked = {finding for one in again for finding in one.findings}
        near = [one for one in listed if one.fingerprint in asked or not (one.broken or one.fingerprint in self.loose)]
        return (*(one for one in found if one not in again), *self.located(near))

    def free_limits(self, some: Iterable[Case], located: Sequence[Located]) -> None:
        """The same where so many findings hang together that each case was looked at by itself."""
        sets = (self._sets(case, located)[0] for case in some)
        self.loose |= self._limits({one[0].figures[0] for one in sets if one})

    def _limits(self, suspected: Collection[str]) -> set[str]:
        limits = (one for id in suspected for one in self.context.touching.get(id, ()) if not one.broken)
        return {one.fingerprint for one in limits if one.relation and one.relation.op != "="}

    def located(self, identities: Iterable[Judged]) -> tuple[Located, ...]:
        listed = list(identities)
        asked = tuple(one.fingerprint for one in listed)
        if asked not in self.answers:
            limits = Limits() if self.unfinished < PATIENCE else BRIEF
            self.answers[asked] = located(listed, self.doubted, limits)
            self.unfinished += not all(one.whole for one in self.answers[asked])
        return self.answers[asked]

    def diagnosis(self, case: Case, located: Sequence[Located]) -> Diagnosis:
        findings = (case.root, *case.symptoms)
        sets, whole = self._sets(case, located)
        listed = sorted(([self._suspect(one, each) for each in one.changes] for one in sets), key=_odds)[:SETS]
        outcome = "unfinished" if not whole else "none" if not listed else "one" if len(listed) == 1 else "several"
        numbered = (replace(one, set=number) for number, some in enumerate(listed, start=1) for one in some)
        return Diagnosis(findings, outcome, tuple(numbered))

    def of_rate(self, case: Case, finding: Judged) -> Diagnosis:
        """A rate whose named base is 0, and the base of which it is the true one, where there is one."""
        suspects: list[Suspect] = []
        for id in dict.fromkeys(id for id, _ in finding.values if id in self.context.printed):
            rate = self.context.printed[id]
            told = tuple(
                one for one in hypotheses(rate, None, None, rate.value, self.context) if one.kind == "wrong_base"
            )
            if told and rate.unit == "%":
                suspects.append(
                    Suspect(len(suspects) + 1, id, rate.label, rate.value, rate.value, None, None, "%", False, told)
                )
        findings = (case.root, *case.symptoms)
        return Diagnosis(findings, "several" if len(suspects) > 1 else "one", tuple(suspects))

    # ---- sets ----

    def _sets(self, case: Case, located: Sequence[Located]) -> tuple[list[MinimalSet], bool]:
        """The minimal sets of the case, likeliest first, and whether these are all.

        As all findings of the filing together want it; where too many hang together for that, as its own findings do.
        """
        findings = {case.root, *case.symptoms}
        ids = {id for one in findings if one in self.judged for id in self._ids(one)}
        if case.kind == "unit":
            return [self._of_unit(case, ids)], True
        here = [one for one in located if findings & set(one.findings)]
        if not all(one.whole and one.sets for one in here) or any(len(one.sets[0].figures) > MANY for one in here):
            here = list(self.located(self._around(findings, ids)))
        kept = [_distinct(_within(each, ids) for each in one.sets) for one in here]
        if not all(kept):
            known = self._of_cause(case)
            return [known] if known.changes else [], bool(known.changes) or all(one.whole for one in here)
        joined = [_joined(chosen) for chosen in islice(product(*kept), SETS)]
        return list(_distinct(joined)), all(one.whole for one in here)

    def _of_cause(self, case: Case) -> MinimalSet:
        """The figures of a cause that is known: rates of another base than the one named, a misquotation made in several places."""
        moves: dict[str, Exact] = {}
        if case.kind == "base":
            for one in (case.root, *case.symptoms):
                relation = self.judged[one].relation if one in self.judged else None
                if relation and relation.target and set(case.figures) & relation.bases:
                    computed = relation.computed() or 0
                    moves[relation.target] = divided(computed - relation.plain.value, relation.plain.parts[0].factor)
        elif case.kind == "repeated" and case.shift is not None:
            moves = {id: part * SCALE * case.shift for id, part in case.moves.items()}
        made = []
        for id, move in moves.items():
            room = Room()
            for about in self.context.touching[id]:
                here = about.relation.room({id: 1}) if about.broken and about.relation else None
                if here and here.holds(move):
                    room = room.meet(here)
            made.append(Change(id, move, room.low, room.high))
        return MinimalSet(tuple(made))

    def _around(self, findings: Collection[str], ids: Collection[str]) -> list[Judged]:
        """The findings, and what holds of their figures and of those that it ties to them."""
        near = {one.fingerprint for id in ids for one in self.context.touching[id] if not one.broken}
        tied = {id for one in near for id in self._ids(one)}
        near |= {one.fingerprint for id in tied for one in self.context.touching[id] if not one.broken}
        near = (near - self.loose) | set(findings)
        return [one for one in self.judged.values() if one.fingerprint in near]

    def _ids(self, fingerprint: str) -> frozenset[str]:
        relation = self.judged[fingerprint].relation
        return relation.ids if relation else frozenset()

    def _of_unit(self, case: Case, ids: Collection[str]) -> MinimalSet:
        """The figures of the case, each taken in the unit in which its form is."""
        assert case.shift is not None
        factor = case.shift - 1
        moves = {
            id: divided(Fraction(self.first[id] * factor), 1) for id in case.figures if id in ids and self.first[id]
        }
        return MinimalSet(tuple(Change(id, move, move, move) for id, move in moves.items()))

    # ---- suspects ----

    def _suspect(self, one: MinimalSet, change: Change) -> Suspect:
        figure, repair, least, most = self._values(change)
        here = change.figure in self.context.printed  # another year's is what its own filing printed
        told = hypotheses(figure, least, most, repair, self.context) if here else ()
        named = next((each for each in told[:1] if each.kind != "recomputed" and each.unit == figure.unit), None)
        if named and named.value != figure.value:
            repair = named.value  # of the values that let all hold the one that has a reason
        follows = change.figure in one.follows
        return Suspect(0, change.figure, figure.label, figure.value, repair, least, most, figure.unit, follows, told)

    def _values(self, change: Change) -> tuple[Printed, Decimal, Decimal | None, Decimal | None]:
        """The figure that changes, what it should read, and the ends of that, in its own unit."""
        figure = self.printed.get(change.figure) or _unknown(change.figure, self.first[change.figure])
        scale = self._scale(figure, change.figure)
        ends = [None if end is None else Fraction(figure.value) + end * scale for end in (change.low, change.high)]
        low, high = ends if scale > 0 else reversed(ends)
        least, most = _inward(low, figure.ulp, ROUND_CEILING), _inward(high, figure.ulp, ROUND_FLOOR)
        repair = _printable(Fraction(figure.value) + change.move * scale, low, high, figure.ulp)
        return figure, repair, least, most

    def repairs(self, finding: str) -> tuple[Repair, ...]:
        relation = self.judged[finding].relation
        made = []
        for id in sorted(relation.ids) if relation and not relation.target else [relation.target] if relation else []:
            room = relation.room({id: 1}) if relation else None
            if room is not None and not room.empty and (room.low is not None or room.high is not None):
                figure, value, least, most = self._values(Change(id, room.inside(), room.low, room.high))
                made.append(Repair(id, value, least, most, figure.unit))
        return tuple(made)

    def _scale(self, figure: Printed, id: str) -> Fraction:
        """By how much the figure changes in its own unit where the value of its verdicts does by one."""
        if first := self.first[id]:
            return Fraction(figure.value) / first
        return 1 / (SCALE * Fraction(WAN.get(figure.unit, 1)))


def _within(one: MinimalSet, ids: Collection[str]) -> MinimalSet:
    """Of a set the figures in `ids`, and those that follow them."""
    here = {change.figure for change in one.changes if change.figure in ids and change.figure not in one.follows}
    changes = (change for change in one.changes if change.figure in here or (here and change.figure in one.follows))
    return MinimalSet(tuple(changes), one.follows if here else frozenset())


def _distinct(sets: Iterable[MinimalSet]) -> tuple[MinimalSet, ...]:
    """Of sets of the same figures the first; none of the empty one."""
    made: dict[frozenset[str], MinimalSet] = {}
    for one in sets:
        if one.changes:
            made.setdefault(frozenset(one.figures), one)
    return tuple(made.values())


def _joined(sets: Iterable[MinimalSet]) -> MinimalSet:
    listed = tuple(sets)
    changes = {change.figure: change for one in listed for change in one.changes}
    return MinimalSet(tuple(changes.values()), frozenset().union(*(one.follows for one in listed)))


def _odds(suspects: Sequence[Suspect]) -> tuple[bool, int]:
    """How unlikely it is that all of these are wrong as they may be, by powers of ten: what follows another costs nothing.

    What would have to fall below 0 is wrong last of all.
    """
    odds = 1
    for one in suspects:
        if not one.follows and one.hypotheses:
            odds *= max(1, one.hypotheses[0].rank)
    return any(one.repair < 0 <= one.printed for one in suspects), len(str(odds))


def _unknown(id: str, value: Exact) -> Printed:
    """A figure of which no more is known than the value under which verdicts know it."""
    shown = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator) / SCALE
    return Printed(id, form_of(id), "", "", "", {"zh": id, "en": id}, shown, "", Decimal(1) / SCALE, str(shown), 0)


# ---- exact numbers as printed ones --------------------------------------------------------------------------------------


def _whole(value: Fraction, step: Fraction, rounding: str) -> Decimal:
    """`value` in whole steps."""
    number = value / step
    floor = number.numerator // number.denominator
    up = {ROUND_FLOOR: False, ROUND_CEILING: floor < number, ROUND_HALF_UP: number - floor >= Fraction(1, 2)}[rounding]
    steps = (floor + up) * step
    return Decimal(steps.numerator) / Decimal(steps.denominator)


def _inward(end: Fraction | None, ulp: Decimal, rounding: str) -> Decimal | None:
    """The end of an interval to a hundredth of the last place, so that what is said to be allowed is."""
    return None if end is None else _whole(end, Fraction(ulp or Decimal("0.01")) / 100, rounding)


def _printable(value: Fraction, low: Fraction | None, high: Fraction | None, ulp: Decimal) -> Decimal:
    """`value` as it would be printed where that is allowed; else finer, as far as it must be."""
    step = Fraction(ulp or Decimal("0.01"))
    for _ in range(6):
        near = _whole(value, step, ROUND_HALF_UP)
        if (low is None or low <= Fraction(near)) and (high is None or Fraction(near) <= high):
            return near
        step /= 10
    return near
