"""What single cause could repair several findings of a filing: every candidate, and what each would put right or break.

A cause is a set of figures that move together by one amount:

- `figure`: one figure misprinted;
- `base`: rates that were taken of another base than the one that they name;
- `repeated`: the same misquotation made in several places of the narrative;
- `unit`: a whole form in another unit of money than it says;
- `carried`: a figure misprinted, and the totals that were added up from it with it.

The plainest come first: of two that explain as much, the earlier is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flows.explain.relation import Exact, Relation, Room, divided, size

NARRATIVE = "N"
KINDS = ("figure", "base", "repeated", "unit", "carried")
_UNITS: tuple[Exact, ...] = tuple(one for k in (10, 10**3, 10**4, 10**8) for one in (k, Fraction(1, k)))
LEVELS = 4  # of totals of totals: 项, 款, 类, 合计
_CARRIED = 80  # figures that move with one
PARTS = 60  # of a total that is traced back to them
_TELLING = 3  # significant digits from which on equal values are no accident


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict of a filing. `rank`: 0 critical, 1 warning, 2 information; `values` those of its terms that have an id."""

    fingerprint: str
    rule: str
    instance: str
    rank: int
    broken: bool
    relation: Relation | None
    values: tuple[tuple[str, Exact], ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Figures and by how much each moves when the first moves by one; `only` limits what it touches (for a base)."""

    kind: str
    moves: Mapping[str, Exact]
    only: frozenset[int] | None = None
    scale: Exact | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cause that moved by `shift` would put right (`cured`, indexes of broken verdicts) and break (`harmed`)."""

    cause: Cause
    shift: Exact
    cured: tuple[int, ...]
    harmed: int

    @property
    def order(self) -> tuple[object, ...]:
        """The best first: what it repairs beyond what it breaks, then the plainest cause, then the order of verdicts and names."""
        gain = len(self.cured) - self.harmed
        return (-gain, -len(self.cured), KINDS.index(self.cause.kind), self.cured, sorted(self.cause.moves))


def form_of(id: str) -> str:
    """The form in which a figure stands, "N" for a claim of the narrative."""
    return id.partition("/")[0].partition("(")[0]


class Graph:
    """The verdicts of one filing and the figures that they share. `open` are the findings not yet explained.

    Every cause is weighed against the figures as printed, never against a repair assumed for another: only `shifts` keeps
    those, to see which further findings hold once all are made.
    """

    def __init__(self, judged: Sequence[Judged]) -> None:
        self.judged = judged
        self.relations: dict[int, Relation] = {i: one.relation for i, one in enumerate(judged) if one.relation}
        self.touching: dict[str, list[int]] = defaultdict(list)
        for i, one in self.relations.items():
            for id in sorted(one.ids):
                self.touching[id].append(i)
        self.open = {i for i in self.relations if judged[i].broken}
        self._adding = {i for i in self.relations if self._adds_up(i)}
        self.shifts: dict[str, Exact] = {}
        # Of each shift the number of its cause, in the order in which they were assumed.
        self.owner: dict[str, int] = {}
        self._assumed = 0

    # ---- candidates ----

    def causes(self) -> Iterator[Cause]:
        """Every cause that touches at least two of the findings still open, the plainest first."""
        suspects = sorted({id for i in self.open for id in self.relations[i].ids})
        for id in suspects:
            if len(self._open_touched((id,))) > 1:
                yield Cause("figure", {id: 1})
        yield from self._bases()
        yield from self._repetitions(suspects)
        yield from self._units(suspects)
        for id in self._origins(suspects):
            moves = self._carried(id)
            if len(moves) > 1 and len(self._open_touched(moves)) > 1:
                yield Cause("carried", moves)

    def touched(self, cause: Cause) -> set[int]:
        """The verdicts in which a figure of the cause stands, as far as it concerns them."""
        return set(cause.only) if cause.only is not None else {i for id in cause.moves for i in self.touching[id]}

    def _open_touched(self, ids: Iterable[str]) -> set[int]:
        return {i for id in ids for i in self.touching[id] if i in self.open}

    def _origins(self, suspects: Sequence[str]) -> list[str]:
        """The suspects and the parts from which they were added up, where that addition holds."""
        found, level = dict.fromkeys(suspects), list(suspects)
        for _ in range(LEVELS - 1):
            below: dict[str, None] = {}
            for id in level:
                for i in self.touching[id]:
                    one = self.relations[i]
                    if one.target == id and i in self._adding and len(one.over.parts) <= PARTS:
                        below.update(dict.fromkeys(part.id for part in one.over.parts if part.id not in found))
            found.update(below)
            level = list(below)
        return list(found)

    def _adds_up(self, i: int) -> bool:
        one = self.relations[i]
        sums = one.op == "=" and one.under is None and bool(one.target)
        return sums and not self.judged[i].broken

    def _carried(self, origin: str) -> dict[str, Exact]:
        """How the totals of its form move to which `origin` was added, and the claims that quote them, where all that holds.

        Not the other forms that agree with it: that they do speaks against a slip.
        """
        moves: dict[str, Exact] = {origin: 1}
        level = [origin]
        for _ in range(LEVELS):
            above: list[str] = []
            for id in level:
                for i in self.touching[id]:
                    one = self.relations[i]
                    if one.target in moves or i not in self._adding or not carries(id, one.target):
                        continue
                    slope = divided(one.over.slope(moves), one.plain.parts[0].factor)
                    if slope and len(moves) < _CARRIED:
                        moves[one.target] = slope
                        above.append(one.target)
            level = above
        return moves

    def _bases(self) -> Iterator[Cause]:
        rates: dict[str, set[int]] = defaultdict(set)
        for i in sorted(self.open):
            if self.relations[i].op == "=":
                for id in self.relations[i].bases:
                    rates[id].add(i)
        for id, some in sorted(rates.items()):
            if len(some) > 1:
                yield Cause("base", {id: 1}, frozenset(some))

    def _repetitions(self, suspects: Sequence[str]) -> Iterator[Cause]:
        said: dict[Exact, dict[str, Exact]] = defaultdict(dict)
        for i in sorted(self.open):
            for id, value in self.judged[i].values:
                if form_of(id) == NARRATIVE and telling(value):
                    said[size(value)].setdefault(id, 1 if value > 0 else -1)
        for _, claims in sorted(said.items()):
            if len(claims) > 1 and len(self._open_touched(claims)) > 1:
                first = next(iter(claims.values()))
                yield Cause("repeated", {id: divided(sign, first) for id, sign in claims.items()})

    def _units(self, suspects: Sequence[str]) -> Iterator[Cause]:
        for form in sorted({form_of(id) for id in suspects} - {NARRATIVE}):
            crossing = [i for i in sorted(self.open) if crosses(self.relations[i].ids, form)]
            if len(crossing) > 1:
                inside = {id: 1 for id in self.touching if form_of(id) == form}
                for unit in _UNITS:
                    scales = dict.fromkeys(inside, unit)
                    if sum(self.relations[i].holds(scales=scales) for i in crossing) > 1:
                        yield Cause("unit", inside, scale=unit)

    # ---- effects ----

    def effect(self, cause: Cause) -> Effect | None:
        """What the cause would put right if it moved by the amount that most of the findings imply; None without evidence.

        Two findings at least must pin the same amount down, or, for one figure that breaks nothing, agree within rounding.
        A finding that leaves an amount open to one side (a limit) is no evidence; it follows where two others agree.
        """
        touched = sorted(self.touched(cause))
        if cause.scale is not None:
            return self._scaled(cause, touched)
        broken = [i for i in touched if i in self.open]
        if len(broken) < 2:
            return None
        rooms = {i: self.relations[i].room(cause.moves) for i in broken}
        if cause.kind != "figure" and sum(self._pins(i, room) for i, room in rooms.items()) < 2:
            return None
        standing = [i for i in touched if not self.judged[i].broken and self.relations[i].stirred(cause.moves)]
        rooms |= {i: self.relations[i].room(cause.moves) for i in standing} if cause.kind == "figure" else {}
        shifts = dict.fromkeys(_around(room, rooms.values()) for i in broken if (room := rooms[i]) and room.bounded)
        found = (self._moving(cause, shift, broken, standing, rooms) for shift in shifts)
        return min(filter(None, found), key=lambda effect: effect.order, default=None)

    def _moving(
        self, cause: Cause, shift: Exact, broken: list[int], standing: list[int], rooms: Mapping[int, Room | None]
    ) -> Effect | None:
        shifts = moved(cause, shift)
        cured = [i for i in broken if self.relations[i].holds(shifts)]
        pinned = [i for i in cured if self._pins(i, rooms[i])]
        closed = [i for i in cured if (one := rooms[i]) and one.width is not None]
        if len(closed if cause.kind == "figure" and pinned else pinned) < 2:
            return None
        harmed = self._harmed(cause, standing, shifts, len(cured))
        if harmed and len(pinned) < 2:
            return None
        cured = cured if len(pinned) > 1 else closed
        return Effect(cause, shift, tuple(cured), harmed) if harmed < len(cured) else None

    def _harmed(self, cause: Cause, standing: list[int], shifts: Mapping[str, Exact], most: int) -> int:
        """How many verdicts would break, counted up to `most`.

        One figure may stand against a verdict that holds by accident; a cause that moves many must break nothing.
        """
        harmed = 0
        for i in standing:
            harmed += not self.relations[i].holds(shifts)
            if (harmed and cause.kind != "figure") or harmed >= most:
                return most
        return harmed

    def _pins(self, i: int, room: Room | None) -> bool:
        """Whether a finding says by how much: a sum does, a rate where rounding leaves at most half of the move open."""
        if room is None or room.width is None or room.centre is None:
            return False
        return self.relations[i].under is None or room.width <= size(room.centre)

    def _scaled(self, cause: Cause, touched: list[int]) -> Effect | None:
        assert cause.scale is not None
        scales = dict.fromkeys(cause.moves, cause.scale)
        cured = [i for i in touched if i in self.open and self.relations[i].holds(scales=scales)]
        told = [i for i in cured if any(telling(value) for _, value in self.judged[i].values)]
        standing = [i for i in touched if not self.judged[i].broken]
        harmed = sum(1 for i in standing if not self.relations[i].holds(scales=scales))
        return Effect(cause, cause.scale, tuple(cured), harmed) if len(told) > 1 and len(cured) > harmed else None

    # ---- repairs ----

    def assume(self, effect: Effect) -> tuple[int, ...]:
        """The cause counts as found; returns the further findings that hold once it is repaired, beyond those that it cures."""
        self.open -= set(effect.cured)
        number, self._assumed = self._assumed, self._assumed + 1
        if effect.cause.scale is not None:
            return ()
        repair = moved(effect.cause, effect.shift)
        if effect.cause.kind == "base":
            # The base stays as printed: it is the rates that should have been other ones.
            repair = {id: by for i in effect.cured for id, by in self._restated(i).items()}
        for id, by in repair.items():
            self.shifts.setdefault(id, by)
            self.owner.setdefault(id, number)
        followed = [i for i in sorted(self._open_touched(repair)) if self._follows(i, repair)]
        self.open -= set(followed)
        return tuple(followed)

    def _restated(self, i: int) -> dict[str, Exact]:
        """The move of a finding's stated figure to what is computed for it; empty where none stands alone or nothing is."""
        one = self.relations[i]
        computed = one.computed()
        if one.op != "=" or not one.target or computed is None or not one.plain.parts:
            return {}
        return {one.target: divided(computed - one.plain.value, one.plain.parts[0].factor)}

    def _follows(self, i: int, shifts: Mapping[str, Exact]) -> bool:
        return self.relations[i].op == "=" and self.relations[i].holds(shifts)

    def sources(self, i: int) -> tuple[set[int], tuple[int, ...]] | None:
        """Of what the finding `i` is the sum: numbers of the causes assumed for its figures, and open findings about its parts.

        None unless it holds once all of these are put right.
        """
        mine = self.relations[i]
        shifts = {id: by for id, by in self.shifts.items() if id in mine.ids}
        causes = {self.owner[id] for id in shifts}
        parts = []
        for k in sorted(self.open - {i}):
            target = self.relations[k].target
            if target and target in mine.ids - {mine.target} and target not in shifts:
                shifts |= self._restated(k)
                parts.append(k)
        return (causes, tuple(parts)) if shifts and self._follows(i, shifts) else None


def _around(room: Room, rooms: Iterable[Room | None]) -> Exact:
    """A move in `room` that as many of `rooms` as can be, taken in their order, allow too."""
    for other in rooms:
        met = room.meet(other) if other else room
        room = room if met.empty else met
    return room.inside()


def moved(cause: Cause, shift: Exact) -> dict[str, Exact]:
    """By how much each figure of the cause moves."""
    return {id: part * shift for id, part in cause.moves.items()}


def telling(value: Exact) -> bool:
    """Whether a value has so many digits that meeting it again is no accident: 1058.66 is, 100 and 0.05 are not."""
    number = size(value)
    while number.denominator != 1:
        number *= 10
    return len(str(int(number)).strip("0")) >= _TELLING


def carries(part: str, total: str) -> bool:
    """Whether a slip in the part may have got into the total: within a form, or from it into the narrative."""
    return form_of(total) in (form_of(part), NARRATIVE)


def crosses(ids: Iterable[str], form: str) -> bool:
    """Whether a relation between these figures leads from the form to another, or to the narrative."""
    forms = {form_of(id) for id in ids}
    return form in forms and len(forms) > 1
