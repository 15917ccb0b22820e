"""The values of verdicts in the figure's own unit: what a relation gives for it, and how each other figure enters it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

from expectations.vocabulary import WAN
from flows.explain.causes import Judged
from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case
from flows.explain.relation import SCALE, Exact, Linear, Relation, divided, scaled

PLACES = 20


def decimal(value: Exact) -> Decimal:
    """`value` as far as `PLACES` digits tell it."""
    with localcontext() as context:
        context.prec = PLACES
        return Decimal(value.numerator) / Decimal(value.denominator)


def stretch(figure: Printed, relation: Relation) -> Exact:
    """How many units of 1/SCALE of the value that verdicts know one unit of the printed number is, sign included.

    Money is known in 万元, a ratio as a percentage, what goes down as a negative change.
    """
    for side in (relation.plain, relation.over, relation.times, relation.under):
        for part in side.parts if side else ():
            if part.id == figure.id and part.factor and figure.value:
                return divided(divided(part.value, part.factor) * SCALE, scaled(figure.value))
    return scaled(WAN.get(figure.unit, Decimal(1)))


def shown(value: Exact, figure: Printed, relation: Relation) -> Decimal:
    """A value of the verdict in the figure's own unit."""
    return decimal(divided(value, stretch(figure, relation)))


def broken(case: Case) -> Iterator[tuple[Judged, Relation]]:
    """The findings in which the figure stands, as relations."""
    for one in case.context.touching.get(case.figure.id, ()):
        if one.broken and one.relation:
            yield one, one.relation


def factor_in(side: Linear, id: str) -> Exact:
    return sum((part.factor for part in side.parts if part.id == id), 0)


def demanded(case: Case) -> Iterator[Decimal]:
    """What the broken relations give for the figure exactly; where none is known, the middle of what they allow."""
    figure = case.figure
    for _, relation in broken(case):
        if relation.op == "=" and (room := relation.room({figure.id: 1})) and room.centre is not None:
            yield case.printed + shown(room.centre, figure, relation)
    if case.least is not None and case.most is not None:
        yield (case.least + case.most) / 2
