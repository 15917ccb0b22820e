"""The identities of one filing and the figures that they share: what stands where, in what steps each figure is printed, how far
each is trusted, and which repeat others.

Everything is in an order of its own, so that nothing depends on the order in which verdicts come.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from flows.explain.causes import NARRATIVE, Judged, carries, form_of
from flows.explain.relation import SCALE, Exact, Linear, Part, Relation, divided, size

_ENOUGH = 5  # holding identities, beyond which more do not add to the trust in a figure


class Network:
    """Identities by number, those of the figures that each stands between, and the figures' own properties."""

    def __init__(self, judged: Sequence[Judged], doubted: Collection[str] = ()) -> None:
        known = sorted((one.rule, one.instance, one.fingerprint, k) for k, one in enumerate(judged) if one.relation)
        ordered = [judged[k] for *_, k in known]
        self.names: tuple[str, ...] = tuple(one.fingerprint for one in ordered)
        self.relations: tuple[Relation, ...] = tuple(one.relation for one in ordered if one.relation)
        self.broken: tuple[int, ...] = tuple(i for i, one in enumerate(ordered) if one.broken)
        self.touching: dict[str, list[int]] = defaultdict(list)
        for i, relation in enumerate(self.relations):
            for id in sorted(relation.ids):
                self.touching[id].append(i)
        self._failing = frozenset(self.broken)
        self._doubted = frozenset(doubted)
        self._steps: dict[str, Exact] = {}
        self._trust: dict[str, int] = {}
        self._origins: dict[str, frozenset[str]] = {}
        self._sources: dict[str, frozenset[str]] = {}

    # ---- what hangs together ----

    def components(self, numbers: Sequence[int]) -> list[tuple[int, ...]]:
        """The identities of `numbers` in groups that share no figure with one another, in the order of their first."""
        left, groups = dict.fromkeys(numbers), []
        while left:
            first = next(iter(left))
            group, level = {first}, [first]
            while level:
                near = {k for i in level for id in self.relations[i].ids for k in self.touching[id] if k in left}
                level = sorted(near - group)
                group |= near
            groups.append(tuple(sorted(group)))
            left = {i: None for i in left if i not in group}
        return groups

    def fails(self, i: int) -> bool:
        return i in self._failing

    # ---- figures ----

    def step(self, id: str) -> Exact:
        """The unit of the last place in which the figure is printed, in units of 1/SCALE of its value."""
        if id not in self._steps:
            parts = [
                part for i in self.touching[id] for part in _parts(self.relations[i]) if part.id == id and part.factor
            ]
            seen = Counter(size(divided(2 * part.radius, part.factor)) for part in parts if part.radius)
            likeliest = min(seen, key=lambda step: (-seen[step], step), default=None)
            self._steps[id] = likeliest or _finest(divided(parts[0].value, parts[0].factor) if parts else 0)
        return self._steps[id]

    def trust(self, id: str) -> int:
        """How little a figure is suspected, from 0: more where other identities confirm it, less for totals, claims and doubts."""
        if id not in self._trust:
            holding = [i for i in self.touching[id] if i not in self._failing and self.relations[i].stirred({id: 1})]
            confirmed = len({self.relations[i].ids for i in holding})
            total = any(self.relations[i].target == id and len(self.relations[i].ids) > 2 for i in self.touching[id])
            kept = 2 * min(confirmed, _ENOUGH) + 3 * (not total) + 4 * (form_of(id) != NARRATIVE)
            self._trust[id] = 0 if id in self._doubted else 1 + kept
        return self._trust[id]

    def origins(self, id: str) -> frozenset[str]:
        """The figures that this one repeats, or to which it adds up, in its form or from a form into the narrative, where that holds.

        Never in a circle: of figures that repeat each other none is the origin.
        """
        if id not in self._origins:
            self._origins[id] = frozenset(one for one in self._repeated(id) if not self._reaches(one, id))
        return self._origins[id]

    def _repeated(self, id: str) -> frozenset[str]:
        if id not in self._sources:
            mine = (self.relations[i] for i in self.touching[id] if i not in self._failing)
            sums = (one for one in mine if one.target == id and one.op == "=" and one.under is None)
            parts = (part.id for one in sums for part in one.over.parts)
            self._sources[id] = frozenset(part for part in parts if part != id and carries(part, id))
        return self._sources[id]

    def _reaches(self, id: str, origin: str) -> bool:
        """Whether `id` follows `origin`, by however many steps."""
        seen, level = {id}, [id]
        while level:
            near = {one for each in level for one in self._repeated(each)}
            if origin in near:
                return True
            level = sorted(near - seen)
            seen |= near
        return False

    def hold(self, shifts: Mapping[str, Exact]) -> bool:
        """Whether every identity in which one of these figures stands holds once they have moved."""
        touched = {i for id in shifts for i in self.touching[id]}
        return all(self.relations[i].holds(shifts) for i in sorted(touched))

    def exact(self, shifts: Mapping[str, Exact]) -> tuple[int, int]:
        """Of the identities in which these figures stand: how many, of those that fail now and of all, then hold without rounding."""
        touched = [
            i
            for i in sorted({i for id in shifts for i in self.touching[id]})
            if to_the_letter(self.relations[i], shifts)
        ]
        return sum(i in self._failing for i in touched), len(touched)


def to_the_letter(relation: Relation, shifts: Mapping[str, Exact]) -> bool:
    """Whether it holds of the figures as they are printed: a sum exactly, a quotient once it is rounded as its rate is printed."""
    if relation.op != "=":
        return relation.holds(shifts)
    if relation.under is None:
        return relation.plain.at(shifts)[0] == relation.over.at(shifts)[0]
    (rate, half), (base, _) = relation.plain.at(shifts), relation.under.at(shifts)
    product = relation.over.at(shifts)[0] * (relation.times.at(shifts)[0] if relation.times else 1) * relation.factor
    return bool(base) and size(rate * base - product) <= half * size(base)


def _parts(relation: Relation) -> list[Part]:
    return [part for side in sides(relation) for part in side.parts]


def sides(relation: Relation) -> tuple[Linear, ...]:
    return tuple(one for one in (relation.plain, relation.over, relation.times, relation.under) if one)


def _finest(value: Exact) -> Exact:
    """The last place of a figure that is exact (a count): a whole one, or what its decimals show."""
    step = SCALE
    while step > 1 and Fraction(value, step).denominator != 1:
        step //= 10
    return step
