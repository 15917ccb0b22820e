"""A verdict as an exact relation between figures: what becomes of it when some of them move.

The arithmetic is that of `expectations.intervals`: a printed figure stands for value ± half a unit of its last place, sums are
compared with the summed half units, quotients by cross-multiplication. Everything is a fraction, so that nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlglot import exp

from expectations.formula import COMPARISONS, parse

ZERO = Fraction(0)
NOTHING: Mapping[str, Fraction] = {}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SHOWN = Fraction(1, 10**6)  # to which a verdict shows a quotient
_FACTORS = tuple(Fraction(one) for one in (1, 100, Fraction(1, 100), Fraction(1, 10000), 1000, 10000))


@dataclass(frozen=True, slots=True)
class Room:
    """How far a move may go: `low` and `high` None where nothing limits it; `centre` is where the relation holds exactly."""

    low: Fraction | None = None
    high: Fraction | None = None
    centre: Fraction | None = None

    @property
    def empty(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high

    @property
    def width(self) -> Fraction | None:
        """None where it is open to one side: that pins nothing down."""
        return None if self.low is None or self.high is None else self.high - self.low

    def meet(self, other: Room) -> Room:
        """What both leave; the centre stays this room's own."""
        lows = [one for one in (self.low, other.low) if one is not None]
        highs = [one for one in (self.high, other.high) if one is not None]
        return Room(max(lows, default=None), min(highs, default=None), self.centre)

    def inside(self) -> Fraction:
        """A move that this room allows: exact where it can be, else the middle, else the nearest end."""
        if self.centre is not None and self.holds(self.centre):
            return self.centre
        if self.low is None or self.high is None:
            return self.low if self.low is not None else self.high or ZERO
        return (self.low + self.high) / 2

    def holds(self, move: Fraction) -> bool:
        return (self.low is None or self.low <= move) and (self.high is None or move <= self.high)


NOWHERE = Room(Fraction(1), Fraction(0))


@dataclass(frozen=True, slots=True)
class Part:
    """One figure in a sum: `factor` is what the sum changes by when the figure changes by one; `value` and `radius` count so."""

    id: str
    factor: Fraction
    value: Fraction
    radius: Fraction


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of figures and a constant."""

    parts: tuple[Part, ...]
    value: Fraction
    radius: Fraction

    def at(self, shifts: Mapping[str, Fraction], scales: Mapping[str, Fraction] = NOTHING) -> tuple[Fraction, Fraction]:
        """Value and radius once figures have changed by `shifts`, or are taken times `scales`."""
        if not shifts and not scales:
            return self.value, self.radius
        value, radius = self.value, self.radius
        for part in self.parts:
            if part.id in shifts:
                value += part.factor * shifts[part.id]
            if part.id in scales:
                value += part.value * (scales[part.id] - 1)
                radius += part.radius * (scales[part.id] - 1)
        return value, radius

    def slope(self, moves: Mapping[str, Fraction]) -> Fraction:
        return sum((part.factor * moves[part.id] for part in self.parts if part.id in moves), ZERO)


@dataclass(frozen=True, slots=True)
class Relation:
    """`plain` `op` `over` × `times` ÷ `under` × `factor`; `times` and `under` None for a comparison of two sums.

    `target` is the figure that stands alone on the stated side, "" when none or several do.
    """

    op: str
    plain: Linear
    over: Linear
    times: Linear | None
    under: Linear | None
    factor: Fraction
    target: str

    @property
    def ids(self) -> frozenset[str]:
        sides = (self.plain, self.over, self.times, self.under)
        return frozenset(part.id for side in sides if side for part in side.parts)

    @property
    def bases(self) -> frozenset[str]:
        """The figures divided by."""
        return frozenset(part.id for part in self.under.parts) if self.under else frozenset()

    def stirred(self, moves: Mapping[str, Fraction]) -> bool:
        """Whether it makes a difference to it when these figures move together."""
        sides = (self.plain, self.over, self.times, self.under)
        if self.under is None:
            return self.plain.slope(moves) != self.over.slope(moves)
        return any(side.slope(moves) for side in sides if side)

    def holds(self, shifts: Mapping[str, Fraction] = NOTHING, scales: Mapping[str, Fraction] = NOTHING) -> bool:
        """Whether some true values behind the figures satisfy it once they have moved."""
        s, sr = self.plain.at(shifts, scales)
        n, nr = self.over.at(shifts, scales)
        if self.under is None:
            return _compare(self.op, s - n, sr + nr)
        d, dr = self.under.at(shifts, scales)
        if abs(d) <= dr or not d:
            return False
        low, middle, high = self._numerator(n, nr, shifts, scales)
        if d < 0:
            d, low, middle, high = -d, -high, -middle, -low
        above = (s - sr) * (d - dr) > high and (s - sr) * (d + dr) > high
        below = (s + sr) * (d - dr) < low and (s + sr) * (d + dr) < low
        within = (s - sr) * d <= middle <= (s + sr) * d
        if self.op == "<>":
            return not within
        return not {"=": above or below, "<": above, "<=": above, ">": below, ">=": below}[self.op]

    def _numerator(
        self, n: Fraction, nr: Fraction, shifts: Mapping[str, Fraction], scales: Mapping[str, Fraction]
    ) -> tuple[Fraction, Fraction, Fraction]:
        if self.times is None:
            return (n - nr) * self.factor, n * self.factor, (n + nr) * self.factor
        t, tr = self.times.at(shifts, scales)
        ends = [(n + a) * (t + b) * self.factor for a in (-nr, nr) for b in (-tr, tr)]
        return min(ends), n * t * self.factor, max(ends)

    def computed(self) -> Fraction | None:
        """What the plain side would have to be for the relation to hold exactly; None on a base of 0."""
        n = self.over.value
        if self.under is None:
            return n
        return self._numerator(n, ZERO, NOTHING, NOTHING)[1] / self.under.value if self.under.value else None

    def room(self, moves: Mapping[str, Fraction]) -> Room | None:
        """How far figures may move together (each by its part of `moves`) for the relation to hold.

        None where that is no single stretch that can be told: `holds` then decides for each move.
        """
        if self.op == "<>":
            return None
        if self.under is None:
            slope = self.plain.slope(moves) - self.over.slope(moves)
            return _stretch(self.op, self.plain.value - self.over.value, slope, self.plain.radius + self.over.radius)
        return self._quotient_room(self.under, moves)

    def _quotient_room(self, under: Linear, moves: Mapping[str, Fraction]) -> Room | None:
        s, sr, n, nr = self.plain.value, self.plain.radius, self.over.value, self.over.radius
        d, dr = under.value, under.radius
        ms, mn, md = self.plain.slope(moves), self.over.slope(moves), under.slope(moves)
        mt = self.times.slope(moves) if self.times else ZERO
        if (ms and (mn or md or mt)) or (mt and mn) or abs(d) <= dr:
            return None
        low, middle, high = self._numerator(n, nr, NOTHING, NOTHING)
        slope = (mn * self.times.value + mt * n if self.times else mn) * self.factor
        if d < 0:
            d, md, low, middle, high, slope = -d, -md, -high, -middle, -low, -slope
        if ms:
            most = max(high / (d - dr), high / (d + dr)) + sr
            least = min(low / (d - dr), low / (d + dr)) - sr
            room = _between(s, ms, least if self.op in "=>=" else None, most if self.op in "=<=" else None)
            return Room(room.low, room.high, (middle / d - s) / ms)
        narrow, wide = (d - dr if s >= sr else d + dr), (d + dr if s + sr >= 0 else d - dr)
        room = _between(d, md, dr, None)
        if self.op in ("=", "<", "<="):
            room = room.meet(_between((s - sr) * narrow - high, (s - sr) * md - slope, None, ZERO))
        if self.op in ("=", ">", ">="):
            room = room.meet(_between((s + sr) * wide - low, (s + sr) * md - slope, ZERO, None))
        turning = s * md - slope
        return Room(room.low, room.high, (middle - s * d) / turning if turning else None)


def _compare(op: str, gap: Fraction, bound: Fraction) -> bool:
    if op in ("<=", ">="):
        return (gap if op == "<=" else -gap) <= bound
    if op in ("<", ">"):
        over = gap if op == "<" else -gap
        return over < 0 or over < bound
    return gap != 0 if op == "<>" else abs(gap) <= bound


def _stretch(op: str, gap: Fraction, slope: Fraction, bound: Fraction) -> Room:
    """Where gap + slope × move stays within bound."""
    centre = -gap / slope if slope else None
    low, high = (None if op in ("<", "<=") else -bound), (None if op in (">", ">=") else bound)
    room = _between(gap, slope, low, high)
    return Room(room.low, room.high, centre)


def _between(value: Fraction, slope: Fraction, low: Fraction | None, high: Fraction | None) -> Room:
    """Where low ≤ value + slope × move ≤ high."""
    if not slope:
        fits = (low is None or low <= value) and (high is None or value <= high)
        return Room() if fits else NOWHERE
    ends = [None if end is None else (end - value) / slope for end in (low, high)]
    return Room(*ends) if slope > 0 else Room(*reversed(ends))


# ---- from a verdict -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def comparison(check: str) -> str:
    """The sign by which a rule's formula compares two values; "" for one that is not plain arithmetic."""
    tree = parse(check)
    return "" if tree.find(exp.Abs, exp.If, exp.Case) else COMPARISONS.get(type(tree), "")


def relation(verdict: Mapping[str, Any], op: str, printed: dict[str, Fraction]) -> Relation | None:
    """The relation that a verdict states, from its terms; None when they alone do not give what it computed.

    `verdict` has the columns of `VERDICT_COLUMNS`. What the terms do not say (a constant, a limit) is taken from the values
    stated and computed, and only where bound and status come out as they were judged. `printed` collects the value under
    which each figure was first met: one that another rule takes with the other sign, or in another unit, moves accordingly.
    """
    stated, computed = verdict["stated"], verdict["computed"]
    if not op or stated is None or computed is None or verdict["measure"] == "text":
        return None
    sides: dict[str, list[Mapping[str, Any]]] = {"stated": [], "computed": []}
    for term in verdict["terms"] or ():
        if term["side"] in sides:
            sides[term["side"]].append(term)
            printed.setdefault(term["id"] or "", Fraction(term["value"] or 0))
    target = sides["stated"][0]["id"] or "" if len(sides["stated"]) == 1 else ""
    if any(term["sign"][:1] in ("÷", "×") for term in sides["stated"]):
        sides["stated"], sides["computed"], op, target = sides["computed"], sides["stated"], _FLIPPED[op], ""
    if any(term["sign"][:1] in ("÷", "×") for term in sides["computed"]):
        made = _quotient(sides["stated"], sides["computed"], verdict, op, target)
    else:
        made = _sums(sides["stated"], sides["computed"], verdict, op, target)
    made = _as_first_met(made, printed) if made else None
    return made if made and made.holds() == (verdict["status"] != "broken") else None


def _sums(
    left: Sequence[Mapping[str, Any]],
    right: Sequence[Mapping[str, Any]],
    verdict: Mapping[str, Any],
    op: str,
    target: str,
) -> Relation | None:
    plain, over = _linear(left, verdict["stated"]), _linear(right, verdict["computed"])
    if plain.radius + over.radius != Fraction(verdict["bound"]):
        return None
    return Relation(op, plain, over, None, None, Fraction(1), target)


def _quotient(
    left: Sequence[Mapping[str, Any]],
    right: Sequence[Mapping[str, Any]],
    verdict: Mapping[str, Any],
    op: str,
    target: str,
) -> Relation | None:
    under = [term for term in right if term["sign"].startswith("÷")]
    times = [term for term in right if term["sign"] == "×"]
    over = [term for term in right if term not in under and term not in times]
    if not over or not (under or times):
        return None
    base = _linear(under) if under else Linear((), Fraction(1), ZERO)
    second = _linear(times) if times else None
    plain, first = _linear(left, verdict["stated"]), _linear(over)
    if not base.value:
        return None
    ratio = first.value * (second.value if second else 1) / base.value
    fits = [one for one in _FACTORS if abs(ratio * one - Fraction(verdict["computed"])) <= _SHOWN]
    if not fits:
        return None
    usual = Fraction(100) if verdict["measure"] == "percent" and not times else Fraction(1)
    factor = usual if usual in fits else fits[0]
    return Relation(op, plain, first, second, base, factor, target)


def _as_first_met(made: Relation, printed: Mapping[str, Fraction]) -> Relation:
    def side(one: Linear) -> Linear:
        return replace(one, parts=tuple(part(each) for each in one.parts))

    def part(one: Part) -> Part:
        first, here = printed[one.id], one.value * one.factor  # the factor is still a sign
        return replace(one, factor=one.factor * here / first) if first and here and here != first else one

    times, under = (side(one) if one else None for one in (made.times, made.under))
    return replace(made, plain=side(made.plain), over=side(made.over), times=times, under=under)


def _linear(terms: Sequence[Mapping[str, Any]], value: Decimal | None = None) -> Linear:
    """The sum of `terms`; what is missing to `value` is a constant."""
    parts = []
    for term in terms:
        sign = Fraction(-1 if term["sign"].endswith("-") else 1)
        amount = sign * Fraction(term["value"] or 0)
        parts.append(Part(term["id"] or "", sign, amount, Fraction(term["radius"] or 0)))
    whole = sum((part.value for part in parts), ZERO) if value is None else Fraction(value)
    return Linear(tuple(one for one in parts if one.id), whole, sum((part.radius for part in parts), ZERO))
