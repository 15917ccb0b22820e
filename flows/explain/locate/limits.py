"""An identity as linear limits on the moves of figures, exactly, for the figures that may move.

A sum is one limit. A quotient is linear in its parts while its rate stays, and linear in the rate while the base stays; where
rate and base may both move, or both factors of a product, it is none, and `limits` says so. A base is of either sign, never 0:
to each sign belong other limits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil, floor, gcd, lcm

from flows.explain.locate.network import Network
from flows.explain.locate.simplex import Limit
from flows.explain.relation import Exact, Linear, Relation, divided

Base = tuple[Exact, tuple[tuple[str, Exact], ...]]
"""What a quotient is divided by: its value and, of each figure, by how much it changes with it. Its sign is one for all quotients."""

NONE: Mapping[Base, int] = {}


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which an identity can hold: all of `limits`. It stands as long as the figures of `fixed` do not move, and
    `base`, where there is one that may, is of the sign for which it was made."""

    limits: tuple[Limit, ...]
    fixed: frozenset[str] = frozenset()
    base: Base | None = None


def base_of(relation: Relation, moving: Collection[str]) -> Base | None:
    """The base of a quotient, where it may move: then it may be of either sign."""
    if relation.under is None or not _moves(relation.under, moving):
        return None
    return relation.under.value, tuple((part.id, part.factor) for part in relation.under.parts)


def sign_of(base: Base) -> int:
    """The sign that is printed, 1 of 0."""
    return -1 if base[0] < 0 else 1


def limits(
    network: Network, i: int, moving: Collection[str], printed: bool, signs: Mapping[Base, int] = NONE
) -> tuple[Way, ...] | None:
    """The ways in which identity `i` can hold when `moving` may move; None where none of this is linear.

    `printed`: figures move by whole last places only, which narrows the limits of sums to what such moves can reach. `signs` are
    those of bases, which else have the printed one.
    """
    relation = network.relations[i]
    if relation.op == "<>":
        return None
    if relation.under is None:
        return (Way((_sum(network, relation, printed),)),)
    return quotient(relation, moving, False, base_step(network, relation) if printed else 0, signs)


def letter(relation: Relation, moving: Collection[str], signs: Mapping[Base, int]) -> Way | None:
    """The limits under which it holds to the letter; None where it is no equation or is not linear."""
    if relation.op != "=":
        return None
    if relation.under is None:
        gap = divided(relation.over.value - relation.plain.value, 1)
        return Way((Limit(factors(relation), gap, gap),))
    ways = quotient(relation, moving, exactly=True, signs=signs)
    return ways[0] if ways else None


def base_step(network: Network, relation: Relation) -> Exact:
    """In what steps the base of a quotient can change while its figures move by whole last places."""
    assert relation.under is not None
    return common_step(by * network.step(id) for id, by in _joined((relation.under, 1)).items())


def factors(relation: Relation) -> dict[str, Exact]:
    """By how much the gap between the sides of a sum changes with each figure."""
    return _joined((relation.plain, 1), (relation.over, -1))


def _joined(*sides: tuple[Linear, Exact]) -> dict[str, Exact]:
    found: dict[str, Exact] = {}
    for side, times in sides:
        for part in side.parts:
            found[part.id] = found.get(part.id, 0) + part.factor * times
    return {id: by for id, by in found.items() if by}


def _sum(network: Network, relation: Relation, printed: bool) -> Limit:
    gap, bound = relation.plain.value - relation.over.value, relation.plain.radius + relation.over.radius
    by = factors(relation)
    low = None if relation.op in ("<", "<=") else -bound - gap
    high = None if relation.op in (">", ">=") else bound - gap
    step = common_step(one * network.step(id) for id, one in by.items()) if printed else 0
    if step:
        strict = relation.op in ("<", ">")
        if low is not None:
            low = step * (floor(divided(low, step)) + 1 if strict else ceil(divided(low, step)))
        if high is not None:
            high = step * (ceil(divided(high, step)) - 1 if strict else floor(divided(high, step)))
    return Limit(by, low, high)


def common_step(steps: Iterable[Exact]) -> Exact:
    """The largest number of which all of `steps` are whole multiples; 0 of none."""
    whole = [Fraction(one) for one in steps if one]
    if not whole:
        return 0
    below = lcm(*(one.denominator for one in whole))
    return divided(gcd(*(int(one * below) for one in whole)), below)


def quotient(
    relation: Relation, moving: Collection[str], exactly: bool, step: Exact = 0, signs: Mapping[Base, int] = NONE
) -> tuple[Way, ...] | None:
    """`plain` × `under` against `over` × `times` × `factor`, as `Relation.holds` compares them.

    `exactly`: of the printed figures. `step`: that of the base, which must be clear of 0 on the side that `signs` says; 0 where it
    may change by anything.
    """
    assert relation.under is not None
    plain, over, times, under = relation.plain, relation.over, relation.times, relation.under
    rated, based = _moves(plain, moving), _moves(under, moving)
    first, second = _moves(over, moving), times is not None and _moves(times, moving)
    if (first and second) or (rated and (based or second)):
        return None
    turn, still = (times, over) if times and second else (over, times)
    base_moving = base_of(relation, moving)
    turned = -1 if under.value < 0 else 1
    if base_moving:
        turned = signs.get(base_moving, turned)
    dr, slack = (0, 0) if exactly else (under.radius, turn.radius)
    bases = [under.value * turned + end for end in ((-dr, dr) if dr else (0,))]
    sides = [one * relation.factor * turned for one in (_ends(still, exactly) if still else (1,))]
    alone = rated and not first and bases[0] > 0
    fixed = [
        *([] if based else [under]),
        *([] if rated else [plain]),
        *([still] if still else ()),
        *([turn] if alone else ()),
    ]
    above: list[Limit] = []
    below: list[Limit] = []
    for base, side in product(bases, sides):
        for up, kept in ((True, above), (False, below)):
            # (rate ∓ half) × base − (amount ± slack) × side: not above 0, or not below it, as `up` says.
            half = -plain.radius if up else plain.radius
            level, reach = plain.value + half, slack if (side > 0) == up else -slack
            rest = divided(level * base - (turn.value + reach) * side, base if alone else 1)
            if alone:
                by = _joined((plain, 1))
            elif rated:
                by = _joined((plain, base), (turn, -side))
            else:
                by = _joined((under, turned * level), (turn, -side))
            kept.append(Limit(by, None if up else -rest, -rest if up else None))
    clear = under.radius - under.value * turned
    clear = step * (floor(divided(clear, step)) + 1) if step else clear
    positive = Limit(_joined((under, turned)), clear, None)
    held = frozenset(p.id for one in fixed for p in one.parts).difference(moving)
    return tuple(Way((positive, *filter(None, pair)), held, base_moving) for pair in _pairs(relation.op, above, below))


def _moves(side: Linear, moving: Collection[str]) -> bool:
    return any(part.id in moving for part in side.parts)


def _ends(side: Linear, exactly: bool) -> tuple[Exact, ...]:
    return (side.value,) if exactly or not side.radius else (side.value - side.radius, side.value + side.radius)


def _pairs(op: str, above: list[Limit], below: list[Limit]) -> Iterable[tuple[Limit | None, Limit | None]]:
    """One of `above` and one of `below` must hold; of limits on the same sum the widest alone does."""
    least = _widest(above) if op in ("=", "<", "<=") else [None]
    most = _widest(below) if op in ("=", ">", ">=") else [None]
    return product(least, most)


def _widest(some: list[Limit]) -> list[Limit | None]:
    kept: dict[tuple[tuple[str, Exact], ...], Limit] = {}
    for one in some:
        key = tuple(sorted(one.factors.items()))
        other = kept.get(key)
        if other is None:
            kept[key] = one
        elif one.high is not None:
            kept[key] = Limit(one.factors, None, one.high if other.high is None else max(one.high, other.high))
        elif one.low is not None and other.low is not None:
            kept[key] = Limit(one.factors, min(one.low, other.low), None)
    return list(kept.values())
