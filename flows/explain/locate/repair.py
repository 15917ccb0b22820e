"""Whether the identities can hold if just some figures may move, decided exactly; how these move then, or what stands against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice, product
from math import ceil, floor

from flows.explain.diagnosis import Change
from flows.explain.locate.limits import NONE, Base, Way, base_of, base_step, letter, limits, quotient, sign_of
from flows.explain.locate.network import Network, to_the_letter
from flows.explain.locate.simplex import Limit, Simplex, Work
from flows.explain.relation import Exact, Relation, divided

WAYS = 16  # combinations of ways in which quotients can hold, bases being of the same sign
SIGNS = 16  # combinations of the signs of bases
NODES = 40  # divisions of the room until figures are whole last places
PLACES = 60  # values of a rate that are tried, where its base moves too
TRIES = 6  # identities that the likeliest move is made to meet to the letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """`moves` that let all hold, printable; or None, and `cut`: one of these figures would have to move as well.

    `proven`: False where a product of moving figures, or too many divisions, left it open. `rows`: the limits of the moves;
    `signs`: those of the bases, where not as printed.
    """

    moves: Mapping[str, Exact] | None
    cut: frozenset[str] = frozenset()
    proven: bool = True
    rows: tuple[Limit, ...] = ()
    signs: Mapping[Base, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Against:
    """What is possible while bases have certain signs; if nothing is, the bases on whose signs that depends."""

    outcome: Outcome
    bases: frozenset[Base] = frozenset()


class Repairs:
    """Decides about sets of figures; `required` are the identities that fail and must hold, all that hold must go on to.

    Whatever is asked raises `Unsolved` once the `work` allowed is done.
    """

    def __init__(self, network: Network, required: Collection[int], work: Work | None = None) -> None:
        self.network = network
        self.work = work
        self.required = frozenset(required)
        self.asked = 0
        self._known: dict[frozenset[str], Outcome] = {}

    def possible(self, figures: frozenset[str]) -> Outcome:
        """Whether the identities can hold if only `figures` move."""
        if figures not in self._known:
            self.asked += 1
            self._known[figures] = self._decide(figures)
        return self._known[figures]

    def _decide(self, figures: frozenset[str]) -> Outcome:
        for i in sorted(self.required):
            if not self.network.relations[i].ids & figures:
                return Outcome(None, self.network.relations[i].ids)
        around = frozenset().union(*(self.network.relations[i].ids for i in self.concerned(figures))) - figures
        bases = {base for i in self.concerned(figures) if (base := base_of(self.network.relations[i], figures))}
        cut: set[str] = set()
        proven = True
        # The printed signs first; then, of the bases on which what stands against them depends, each with the other sign.
        waiting: list[Mapping[Base, int]] = [NONE]
        for _ in range(SIGNS):
            if not waiting:
                return Outcome(None, frozenset(cut), proven)
            signs = dict(waiting.pop())
            against = self._under(figures, signs, bases, around)
            if against.outcome.moves is not None:
                return against.outcome
            proven = proven and against.outcome.proven
            cut |= against.outcome.cut
            for base in sorted(against.bases - set(signs)):
                waiting.append({**signs, base: -sign_of(base)})
                signs[base] = sign_of(base)
        return Outcome(None, frozenset(around if waiting else cut), proven and not waiting)

    def _under(
        self, figures: frozenset[str], signs: Mapping[Base, int], bases: Collection[Base], around: frozenset[str]
    ) -> _Against:
        """What is possible while bases have these signs, and else the printed ones."""
        cut: set[str] = set()
        blamed: set[Base] = set()
        systems, open, proven = self._systems(figures, signs, printed=True)
        if not proven:
            cut, blamed = set(around), set(bases)
        for rows, owners in systems:
            lp = Simplex(sorted(figures), rows, self.work)
            clash = lp.clash()
            if clash is not None:
                cut |= _certificate(clash, rows, owners, figures)
                blamed |= {base for k in clash if (base := owners[k].base)}
                continue
            cut |= around
            blamed |= set(bases)
            point, ended = self._found(figures, signs, rows, open, lp)
            if point is not None:
                return _Against(Outcome(point, rows=() if open else tuple(rows), signs=signs))
            proven = proven and ended
        return _Against(Outcome(None, frozenset(cut), proven), frozenset(blamed))

    def _found(
        self,
        figures: frozenset[str],
        signs: Mapping[Base, int],
        rows: Sequence[Limit],
        open: Sequence[int],
        lp: Simplex,
    ) -> tuple[dict[str, Exact] | None, bool]:
        """A point at which all holds, and, if there is none, whether that is certain."""
        if not open:
            point, ended = self._whole(figures, rows)
            return (point, True) if point is not None and self._holds(point) else (None, ended and point is None)
        # Where rate and base may both move: linear again for each value of the rate.
        rates = {part.id for i in open for part in self.network.relations[i].plain.parts if part.id in figures}
        if len(rates) != 1:
            return None, False
        (rate,) = rates
        step = self.network.step(rate)
        rows = [*rows, *(one for i in open for one in _signs(self.network.relations[i], figures, signs))]
        lp = Simplex(sorted(figures), rows, self.work)
        if lp.clash() is not None:
            return None, True
        likely = [
            place for i in open if (place := _computed(self.network.relations[i], rate, step, lp.point)) is not None
        ]
        low, high = (None if (end := lp.end(rate, up)) is None else divided(end, step) for up in (False, True))
        least = ceil(low) if low is not None else floor(high) - PLACES if high is not None else -PLACES // 2
        most = floor(high) if high is not None else least + PLACES
        certain = low is not None and high is not None and most - least <= PLACES
        near = sorted(range(least, min(most, least + PLACES) + 1), key=lambda place: (abs(place), place))
        for place in dict.fromkeys([*likely, *near]):
            fixed = [Limit({rate: 1}, place * step, place * step)]
            for i in open:
                ways = self._at(i, figures, signs, rate, place * step)
                if ways is None or len(ways) != 1:
                    certain = False
                else:
                    fixed += ways[0].limits
            point, ended = self._whole(figures, [*rows, *fixed])
            if point is not None and self._holds(point):
                return point, True
            certain = certain and ended and point is None
        return None, certain

    def _at(
        self, i: int, figures: frozenset[str], signs: Mapping[Base, int], rate: str, move: Exact
    ) -> tuple[Way, ...] | None:
        """The limits of a quotient once its rate has moved by so much, for good."""
        one = self.network.relations[i]
        if one.under is None:
            return None
        value, _ = one.plain.at({rate: move})
        return quotient(
            replace(one, plain=replace(one.plain, value=value)),
            figures - {rate},
            exactly=False,
            step=base_step(self.network, one),
            signs=signs,
        )

    def _holds(self, point: Mapping[str, Exact]) -> bool:
        touched = self.concerned(frozenset(point))
        return all(self.network.relations[i].holds(point) for i in touched)

    def concerned(self, figures: frozenset[str]) -> list[int]:
        """The identities that a move of `figures` may touch and that must hold, those that fail first."""
        touched = {i for id in figures for i in self.network.touching[id]}
        must = [i for i in touched if i in self.required or not self.network.fails(i)]
        return sorted(must, key=lambda i: (i not in self.required, i))

    def _systems(
        self, figures: frozenset[str], signs: Mapping[Base, int], printed: bool
    ) -> tuple[Iterator[tuple[list[Limit], list[Way]]], list[int], bool]:
        """Every combination of ways as limits and, for each, the way to which it belongs, bases being of `signs`.

        Also the identities that are in none of them because they are not linear, and whether the combinations are all.
        """
        found: list[tuple[Way, ...]] = []
        open: list[int] = []
        many = 1
        for i in self.concerned(figures):
            ways = limits(self.network, i, figures, printed, signs)
            if ways is None:
                open.append(i)
            else:
                found.append(ways)
                many *= len(ways)

        def combined() -> Iterator[tuple[list[Limit], list[Way]]]:
            for chosen in islice(product(*found), WAYS):
                rows = [(one, way) for way in chosen for one in way.limits]
                yield [one for one, _ in rows], [way for _, way in rows]

        return combined(), open, many <= WAYS

    def _whole(self, figures: frozenset[str], rows: Sequence[Limit]) -> tuple[dict[str, Exact] | None, bool]:
        """A point of whole last places under `rows`, and whether the search for one was ended by nothing but its result."""
        waiting: list[list[Limit]] = [list(rows)]
        names = sorted(figures)
        for _ in range(NODES):
            if not waiting:
                return None, True
            mine = waiting.pop()
            lp = Simplex(names, mine, self.work)
            if lp.clash() is not None:
                continue
            point = lp.point
            for id in names:
                place = divided(point[id], self.network.step(id))
                if not isinstance(place, int):
                    below, above = floor(place) * self.network.step(id), ceil(place) * self.network.step(id)
                    sides = [Limit({id: 1}, above, None), Limit({id: 1}, None, below)]
                    waiting += [[*mine, one] for one in (sides if place < 0 else reversed(sides))]
                    break
            else:
                return {id: divided(by, 1) for id, by in point.items()}, True
        return None, not waiting

    def _likeliest(self, figures: frozenset[str], outcome: Outcome, point: dict[str, Exact]) -> dict[str, Exact]:
        """The move that lets as many identities hold to the letter as can be had one after another, those that fail first."""
        kept, tries = list(outcome.rows), 0
        for i in self.concerned(figures):
            one = self.network.relations[i]
            way = letter(one, figures, outcome.signs)
            if way is None:
                continue
            if to_the_letter(one, point):
                kept += way.limits
            elif tries < TRIES:
                tries += 1
                better, _ = self._whole(figures, [*kept, *way.limits])
                if better is not None and self._holds(better):
                    kept += way.limits
                    point = better
        return point

    def changes(self, figures: frozenset[str]) -> tuple[Change, ...]:
        """Each figure of a possible set with its likeliest move and the ends of what is possible while the others move too.

        Bases are of the printed signs where these suffice, and keep to one side of 0 in the ends as well.
        """
        outcome = self.possible(figures)
        assert outcome.moves is not None
        moves = self._likeliest(figures, outcome, dict(outcome.moves)) if outcome.rows else outcome.moves
        low: dict[str, list[Exact | None]] = {id: [] for id in figures}
        high: dict[str, list[Exact | None]] = {id: [] for id in figures}
        systems, _, _ = self._systems(figures, outcome.signs, printed=False)
        for rows, _ in systems:
            lp = Simplex(sorted(figures), rows, self.work)
            if lp.clash() is None:
                for id in figures:
                    low[id].append(lp.end(id, up=False))
                    high[id].append(lp.end(id, up=True))
        made = []
        for id in sorted(figures):
            lows, highs = [one for one in low[id] if one is not None], [one for one in high[id] if one is not None]
            least = min(lows) if lows and len(lows) == len(low[id]) else None
            most = max(highs) if highs and len(highs) == len(high[id]) else None
            made.append(Change(id, moves[id], least, most))
        return tuple(made)


def _signs(relation: Relation, figures: Collection[str], signs: Mapping[Base, int]) -> Iterator[Limit]:
    """What is certain where rate and base move: the base has its sign, the rate has that of an amount that stays."""
    turned = -1 if relation.under is not None and relation.under.value < 0 else 1
    if base := base_of(relation, figures):
        turned = signs.get(base, turned)
    if relation.under is not None:
        by = {part.id: part.factor * turned for part in relation.under.parts}
        if len(by) == len(relation.under.parts):
            yield Limit(by, relation.under.radius - relation.under.value * turned, None)
    still = [part.id in figures for side in (relation.over, relation.times) if side for part in side.parts]
    if relation.under is None or any(still) or relation.times:
        return
    unit = relation.factor * turned
    ends = [(relation.over.value + end) * unit for end in (-relation.over.radius, relation.over.radius)]
    by = {part.id: part.factor for part in relation.plain.parts}
    if len(by) == len(relation.plain.parts):
        if min(ends) >= 0:
            yield Limit(by, -relation.plain.radius - relation.plain.value, None)
        if max(ends) <= 0:
            yield Limit(by, None, relation.plain.radius - relation.plain.value)


def _computed(relation: Relation, rate: str, step: Exact, point: Mapping[str, Exact]) -> int | None:
    """The move of the rate, in whole steps, to what is computed for it where the others are at `point`."""
    rates = [part for part in relation.plain.parts if part.id == rate]
    if relation.under is None or len(rates) != 1 or not (base := relation.under.at(point)[0]):
        return None
    product = relation.over.at(point)[0] * (relation.times.at(point)[0] if relation.times else 1) * relation.factor
    gap = divided(product, base) - relation.plain.at({rate: 0})[0]
    return floor(divided(gap, rates[0].factor * step) + Fraction(1, 2))


def _certificate(
    clash: Mapping[int, Exact], rows: Sequence[Limit], owners: Sequence[Way], figures: frozenset[str]
) -> frozenset[str]:
    """The figures on which the clash of `rows` depends: those left in their weighted sum, and those taken as fixed."""
    total: dict[str, Exact] = {}
    fixed: set[str] = set()
    for k, times in clash.items():
        fixed |= owners[k].fixed
        for id, by in rows[k].factors.items():
            total[id] = total.get(id, 0) + by * times
    return (frozenset(id for id, by in total.items() if by) | fixed) - figures
