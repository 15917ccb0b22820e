"""A verdict as an exact relation between figures: what becomes of it when some of them move.

The arithmetic is that of `expectations.intervals`: a printed figure stands for value ± half a unit of its last place, sums are
compared with the summed half units, quotients by cross-multiplication. Nothing is rounded: values are whole numbers of
10⁻⁷, the last place that a verdict keeps, and a fraction only stands where a division leaves one. Whole numbers are what makes
this quick enough for a night of filings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlglot import exp

from expectations.formula import COMPARISONS, parse

Exact = int | Fraction
"""A number without rounding; one that is whole is kept as int."""

SCALE = 10**7
"""Values, radii and moves count units of 1/SCALE; factors, slopes and scales are plain numbers."""

NOTHING: Mapping[str, Exact] = {}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SHOWN = SCALE // 10**6  # to which a verdict shows a quotient
_FACTORS: tuple[Exact, ...] = (1, 100, Fraction(1, 100), Fraction(1, 10000), 1000, 10000)


def scaled(value: Decimal | int) -> Exact:
    """`value` in units of 1/SCALE."""
    above, below = value.as_integer_ratio()
    return divided(above * SCALE, below)


def size(value: Exact) -> Exact:
    """The value without its sign."""
    return value if value >= 0 else -value


def divided(above: Exact, below: Exact) -> Exact:
    """`above` ÷ `below`, whole where it can be. Raises ZeroDivisionError."""
    if isinstance(above, int) and isinstance(below, int):
        whole, rest = divmod(above, below)
        return Fraction(above, below) if rest else whole
    ratio = Fraction(above) / below
    return ratio.numerator if ratio.denominator == 1 else ratio


@dataclass(frozen=True, slots=True)
class Room:
    """How far a move may go: `low` and `high` None where nothing limits it; `centre` is where the relation holds exactly."""

    low: Exact | None = None
    high: Exact | None = None
    centre: Exact | None = None

    @property
    def empty(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high

    @property
    def bounded(self) -> bool:
        """Whether it leaves a move, and limits it to both sides."""
        return self.low is not None and self.high is not None and self.low <= self.high

    @property
    def width(self) -> Exact | None:
        """None where it is open to one side: that pins nothing down."""
        return None if self.low is None or self.high is None else self.high - self.low

    def meet(self, other: Room) -> Room:
        """What both leave; the centre stays this room's own."""
        lows = [one for one in (self.low, other.low) if one is not None]
        highs = [one for one in (self.high, other.high) if one is not None]
        return Room(max(lows, default=None), min(highs, default=None), self.centre)

    def inside(self) -> Exact:
        """A move that this room allows: exact where it can be, else the middle, else the nearest end."""
        if self.centre is not None and self.holds(self.centre):
            return self.centre
        if self.low is None or self.high is None:
            return self.low if self.low is not None else self.high or 0
        return divided(self.low + self.high, 2)

    def holds(self, move: Exact) -> bool:
        return (self.low is None or self.low <= move) and (self.high is None or move <= self.high)


NOWHERE = Room(1, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """One figure in a sum: `factor` is what the sum changes by when the figure changes by one; `value` and `radius` count so."""

    id: str
    factor: Exact
    value: Exact
    radius: Exact


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of figures and a constant."""

    parts: tuple[Part, ...]
    value: Exact
    radius: Exact

    def at(self, shifts: Mapping[str, Exact], scales: Mapping[str, Exact] = NOTHING) -> tuple[Exact, Exact]:
        """Value and radius once figures have changed by `shifts`, or are taken times `scales`."""
        if not shifts and not scales:
            return self.value, self.radius
        value, radius = self.value, self.radius
        for part in self.parts:
            if part.id in shifts:
                value += part.factor * shifts[part.id]
            if scales and part.id in scales:
                value += part.value * (scales[part.id] - 1)
                radius += part.radius * (scales[part.id] - 1)
        return value, radius

    def slope(self, moves: Mapping[str, Exact]) -> Exact:
        return sum((part.factor * moves[part.id] for part in self.parts if part.id in moves), 0)


@dataclass(frozen=True, slots=True)
class Relation:
    """`plain` `op` `over` × `times` ÷ `under` × `factor`; `times` and `under` None for a comparison of two sums.

    `target` is the figure that stands alone on the stated side, "" when none or several do; `ids` are all figures in it.
    Without `times`, `factor` counts units of 1/SCALE, so that both sides of the cross-multiplication count the same.
    """

    op: str
    plain: Linear
    over: Linear
    times: Linear | None
    under: Linear | None
    factor: Exact
    target: str
    ids: frozenset[str]

    @property
    def bases(self) -> frozenset[str]:
        """The figures divided by."""
        return frozenset(part.id for part in self.under.parts) if self.under else frozenset()

    def stirred(self, moves: Mapping[str, Exact]) -> bool:
        """Whether it makes a difference to it when these figures move together."""
        sides = (self.plain, self.over, self.times, self.under)
        if self.under is None:
            return self.plain.slope(moves) != self.over.slope(moves)
        return any(side.slope(moves) for side in sides if side)

    def holds(self, shifts: Mapping[str, Exact] = NOTHING, scales: Mapping[str, Exact] = NOTHING) -> bool:
        """Whether some true values behind the figures satisfy it once they have moved."""
        s, sr = self.plain.at(shifts, scales)
        n, nr = self.over.at(shifts, scales)
        if self.under is None:
            return _compare(self.op, s - n, sr + nr)
        d, dr = self.under.at(shifts, scales)
        if size(d) <= dr or not d:
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
        self, n: Exact, nr: Exact, shifts: Mapping[str, Exact], scales: Mapping[str, Exact]
    ) -> tuple[Exact, Exact, Exact]:
        if self.times is None:
            return (n - nr) * self.factor, n * self.factor, (n + nr) * self.factor
        t, tr = self.times.at(shifts, scales)
        ends = [(n + a) * (t + b) * self.factor for a in (-nr, nr) for b in (-tr, tr)]
        return min(ends), n * t * self.factor, max(ends)

    def computed(self) -> Exact | None:
        """What the plain side would have to be for the relation to hold exactly; None on a base of 0."""
        n = self.over.value
        if self.under is None:
            return n
        return divided(self._numerator(n, 0, NOTHING, NOTHING)[1], self.under.value) if self.under.value else None

    def room(self, moves: Mapping[str, Exact]) -> Room | None:
        """How far figures may move together (each by its part of `moves`) for the relation to hold.

        Where a base may be of either sign: with that which is printed, unless this leaves none. None where no stretches can be
        told: `holds` then decides for each move.
        """
        rooms = self.rooms(moves)
        return next((one for one in rooms if not one.empty), rooms[0]) if rooms else None

    def rooms(self, moves: Mapping[str, Exact]) -> tuple[Room, ...] | None:
        """Every stretch of `room`: of a base that moves one to each side of 0, that of the printed sign first."""
        if self.op == "<>":
            return None
        if self.under is None:
            slope = self.plain.slope(moves) - self.over.slope(moves)
            gap, bound = self.plain.value - self.over.value, self.plain.radius + self.over.radius
            return (_stretch(self.op, gap, slope, bound),)
        return self._quotient_rooms(self.under, moves)

    def _quotient_rooms(self, under: Linear, moves: Mapping[str, Exact]) -> tuple[Room, ...] | None:
        s, sr, n, nr = self.plain.value, self.plain.radius, self.over.value, self.over.radius
        d, dr = under.value, under.radius
        ms, mn, md = self.plain.slope(moves), self.over.slope(moves), under.slope(moves)
        mt = self.times.slope(moves) if self.times else 0
        if (ms and (mn or md or mt)) or (mt and mn) or (size(d) <= dr and not md):
            return None
        low, middle, high = self._numerator(n, nr, NOTHING, NOTHING)
        slope = (mn * self.times.value + mt * n if self.times else mn) * self.factor
        if d < 0:
            d, md, low, middle, high, slope = -d, -md, -high, -middle, -low, -slope
        if ms:
            most = max(divided(high, d - dr), divided(high, d + dr)) + sr
            least = min(divided(low, d - dr), divided(low, d + dr)) - sr
            room = _between(s, ms, least if self.op in "=>=" else None, most if self.op in "=<=" else None)
            return (Room(room.low, room.high, divided(divided(middle, d) - s, ms)),)
        here = self._side(d, dr, md, low, middle, high, slope)
        return (here, self._side(-d, dr, -md, -high, -middle, -low, -slope)) if md else (here,)

    def _side(self, d: Exact, dr: Exact, md: Exact, low: Exact, middle: Exact, high: Exact, slope: Exact) -> Room:
        """The room of the base `d` + `md` × move, and the numerator that moves by `slope`, as far as the base is positive."""
        s, sr = self.plain.value, self.plain.radius
        narrow, wide = (d - dr if s >= sr else d + dr), (d + dr if s + sr >= 0 else d - dr)
        room = _between(d, md, dr, None)
        if self.op in ("=", "<", "<="):
            room = room.meet(_between((s - sr) * narrow - high, (s - sr) * md - slope, None, 0))
        if self.op in ("=", ">", ">="):
            room = room.meet(_between((s + sr) * wide - low, (s + sr) * md - slope, 0, None))
        turning = s * md - slope
        return Room(room.low, room.high, divided(middle - s * d, turning) if turning else None)


def _compare(op: str, gap: Exact, bound: Exact) -> bool:
    if op in ("<=", ">="):
        return (gap if op == "<=" else -gap) <= bound
    if op in ("<", ">"):
        over = gap if op == "<" else -gap
        return over < 0 or over < bound
    return gap != 0 if op == "<>" else size(gap) <= bound


def _stretch(op: str, gap: Exact, slope: Exact, bound: Exact) -> Room:
    """Where gap + slope × move stays within bound."""
    centre = divided(-gap, slope) if slope else None
    low, high = (None if op in ("<", "<=") else -bound), (None if op in (">", ">=") else bound)
    room = _between(gap, slope, low, high)
    return Room(room.low, room.high, centre)


def _between(value: Exact, slope: Exact, low: Exact | None, high: Exact | None) -> Room:
    """Where low ≤ value + slope × move ≤ high."""
    if not slope:
        fits = (low is None or low <= value) and (high is None or value <= high)
        return Room() if fits else NOWHERE
    ends = [None if end is None else divided(end - value, slope) for end in (low, high)]
    return Room(*ends) if slope > 0 else Room(*reversed(ends))


# ---- from a verdict -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def comparison(check: str) -> str:
    """The sign by which a rule's formula compares two values; "" for one that is not plain arithmetic."""
    tree = parse(check)
    return "" if tree.find(exp.Abs, exp.If, exp.Case) else COMPARISONS.get(type(tree), "")


def relation(verdict: Mapping[str, Any], op: str, printed: dict[str, Exact]) -> Relation | None:
    """The relation that a verdict states, from its terms; None when they alone do not give what it computed.

    `verdict` has the columns of `VERDICT_COLUMNS`. What the terms do not say (a constant, a limit) is taken from the values
    stated and computed, and only where bound and status come out as they were judged. `printed` collects the value under
    which each figure was first met: one that another rule takes with the other sign, or in another unit, moves accordingly.
    """
    if not op or verdict["stated"] is None or verdict["computed"] is None or verdict["measure"] == "text":
        return None
    stated: list[_Term] = []
    computed: list[_Term] = []
    for term in verdict["terms"] or ():
        if term["side"] in ("stated", "computed"):
            read = _read(term, printed)
            (stated if term["side"] == "stated" else computed).append(read)
    target = stated[0][1].id if len(stated) == 1 else ""
    if any(sign[:1] in _RATIO for sign, _ in stated):
        stated, computed, op, target = computed, stated, _FLIPPED[op], ""
    ratio = any(sign[:1] in _RATIO for sign, _ in computed)
    made = (_quotient if ratio else _sums)(stated, computed, verdict, op, target)
    return made if made and made.holds() == (verdict["status"] != "broken") else None


_Term = tuple[str, Part]
"""The sign of a term ("+", "-", "×", "÷", "÷-") and the figure, the minus in its factor and value."""

_RATIO = ("÷", "×")


def _read(term: Mapping[str, Any], printed: dict[str, Exact]) -> _Term:
    id, sign, value = term["id"] or "", term["sign"], scaled(term["value"] or 0)
    first = printed.setdefault(id, value)
    factor: Exact = -1 if sign.endswith("-") else 1
    amount = value * factor
    if first and value and value != first:
        factor *= divided(value, first)
    return sign, Part(id, factor, amount, scaled(term["radius"] or 0))


def _sums(
    left: Sequence[_Term], right: Sequence[_Term], verdict: Mapping[str, Any], op: str, target: str
) -> Relation | None:
    plain, over = _linear(left, verdict["stated"]), _linear(right, verdict["computed"])
    if plain.radius + over.radius != scaled(verdict["bound"]):
        return None
    return Relation(op, plain, over, None, None, 1, target, _ids(left, right))


def _quotient(
    left: Sequence[_Term], right: Sequence[_Term], verdict: Mapping[str, Any], op: str, target: str
) -> Relation | None:
    under = [one for one in right if one[0].startswith("÷")]
    times = [one for one in right if one[0] == "×"]
    over = [one for one in right if one[0] != "×" and not one[0].startswith("÷")]
    if not over or not (under or times):
        return None
    base = _linear(under) if under else Linear((), SCALE, 0)
    second = _linear(times) if times else None
    plain, first = _linear(left, verdict["stated"]), _linear(over)
    if not base.value:
        return None
    unit = 1 if second else SCALE
    product = first.value * (second.value if second else 1) * unit
    shown, slack = scaled(verdict["computed"]) * base.value, size(_SHOWN * base.value)
    fits = [one for one in _FACTORS if size(product * one - shown) <= slack]
    if not fits:
        return None
    usual = 100 if verdict["measure"] == "percent" and not times else 1
    factor = divided((usual if usual in fits else fits[0]) * unit, 1)
    return Relation(op, plain, first, second, base, factor, target, _ids(left, right))


def _ids(*sides: Sequence[_Term]) -> frozenset[str]:
    return frozenset(part.id for side in sides for _, part in side if part.id)


def _linear(terms: Sequence[_Term], value: Decimal | None = None) -> Linear:
    """The sum of `terms`; what is missing to `value` is a constant."""
    parts = [part for _, part in terms]
    whole = sum((part.value for part in parts), 0) if value is None else scaled(value)
    return Linear(tuple(part for part in parts if part.id), whole, sum((part.radius for part in parts), 0))
