"""A rate taken of another base than the one it names, or with another amount above the line; a difference to another amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from expectations.vocabulary import WAN
from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case, Guess
from flows.explain.hypotheses.context import in_wan, value_in
from flows.explain.hypotheses.exact import broken, decimal, stretch
from flows.explain.hypotheses.kin import Kin, kinship
from flows.explain.hypotheses.sentences import Facts, number, said
from flows.explain.relation import SCALE, Linear

TELLING = 3
"""Digits of a rate from which on few bases fit it; each digit less makes ten times as many fit."""

OVER = 4
"""Times as rarely is another amount put above the line than below it."""

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a quotient, without sign, in 万元 or its own unit: value, half width, and the figure where it is one."""

    value: Decimal
    radius: Decimal
    figure: Printed | None = None


@dataclass(frozen=True, slots=True)
class Quotient:
    """What the printed rate should be: `over` ÷ `under` × `factor`; `ids` are the figures that the statement ties together."""

    over: Side
    under: Side
    factor: Decimal
    ids: frozenset[str]


def bases(case: Case) -> Iterator[Guess]:
    """The amounts of the filing of which the printed rate is the true one, the nearest kin first."""
    for quotient in _quotients(case):
        if _gives(case, quotient.over, quotient.under, quotient.factor):
            continue
        kin = kinship(case, quotient.ids)
        for other, ways in _nearest(case, kin, quotient, below=True):
            yield Guess("wrong_base", case.repair, _of_base(case, quotient, other), ways)
        for other, ways in _nearest(case, kin, quotient, below=False):
            yield Guess("wrong_base", case.repair, _of_amount(case, quotient, other), ways * OVER)


def differences(case: Case) -> Iterator[Guess]:
    """The amounts from which the printed difference is the true one."""
    for first, second, ids in _subtractions(case):
        right = abs(first.value - second.value)
        if not case.printed or abs(in_wan(case.figure)) == right:
            continue
        fits: dict[Decimal, tuple[Kin, Printed]] = {}
        for one in kinship(case, ids):
            far = abs(abs(first.value - abs(in_wan(one.figure))) - abs(in_wan(case.figure)))
            if one.figure.unit in WAN and far <= first.radius + _radius(one.figure) + _radius(case.figure):
                fits.setdefault(abs(in_wan(one.figure)), (one, one.figure))
        for one, other in list(fits.values())[:1]:
            unit = _unit(case.figure, other, first.figure, second.figure)
            facts = {"printed": _named(case.figure, unit), "over": _shown(first, unit), "base": _named(other, unit)}
            facts["named"] = _shown(second, unit)
            sentence = said("other_subtrahend", **facts, label=other.label, **_label("named_label", second))
            yield Guess("wrong_base", case.repair, sentence, one.ways * len(fits) * _common(case) * OVER)


# ---- what the rate should be --------------------------------------------------------------------------------------------


def _quotients(case: Case) -> Iterator[Quotient]:
    """From the findings that give the rate, and from the statements of the narrative about it."""
    figure, context = case.figure, case.context
    for _, relation in broken(case):
        plain, under = relation.plain, relation.under
        if under and relation.times is None and [part.id for part in plain.parts] == [figure.id]:
            factor = abs(decimal(relation.factor) / decimal(stretch(figure, relation)))
            yield Quotient(_linear(case, relation.over), _linear(case, under), factor, relation.ids)
    for tie in context.tied.get(figure.id, ()):
        named = {role: context.printed[id] for role, id in tie.roles.items() if id in context.printed}
        over = named.get("part") or named.get("outturn") or named.get("change")
        base = named.get("whole") or named.get("budget") or named.get("prior")
        if tie.roles.get("rate") == figure.id and over and base:
            factor = Decimal(100) if figure.unit == "%" else Decimal(1)
            yield Quotient(_side(over), _side(base), factor, frozenset(tie.roles.values()))


def _subtractions(case: Case) -> Iterator[tuple[Side, Side, frozenset[str]]]:
    """From the findings that give the figure as the difference of two amounts."""
    for _, relation in broken(case):
        over = relation.over
        alone = relation.under is None and [part.id for part in relation.plain.parts] == [case.figure.id]
        if alone and len(over.parts) == 2 and over.parts[0].factor > 0 > over.parts[1].factor:
            first, second = (case.context.printed.get(part.id) for part in over.parts)
            if first and second and case.figure.unit in WAN:
                yield _side(first), _side(second), relation.ids


def _linear(case: Case, side: Linear) -> Side:
    figure = case.context.printed.get(side.parts[0].id) if len(side.parts) == 1 else None
    return Side(abs(decimal(side.value) / SCALE), decimal(side.radius) / SCALE, figure)


def _side(figure: Printed) -> Side:
    return Side(abs(in_wan(figure)), _radius(figure), figure)


def _radius(figure: Printed) -> Decimal:
    return figure.ulp / 2 * WAN.get(figure.unit, Decimal(1))


# ---- what fits it instead -----------------------------------------------------------------------------------------------


def _nearest(case: Case, kin: Iterable[Kin], quotient: Quotient, *, below: bool) -> Iterator[tuple[Printed, int]]:
    """The nearest of kin that gives the printed rate in the place of the named one, with the ways; one, or none."""
    kept, replaced = (quotient.over, quotient.under) if below else (quotient.under, quotient.over)
    fits: dict[Decimal, Kin] = {}
    for one in kin:
        side = _side(one.figure)
        if not side.value or side.value in (kept.value, replaced.value) or not _alike(one.figure, replaced):
            continue
        over, under = (kept, side) if below else (side, kept)
        if _gives(case, over, under, quotient.factor):
            fits.setdefault(side.value, one)
    nearest = next(iter(fits.values()), None)
    if nearest:
        yield nearest.figure, nearest.ways * len(fits) * _common(case)


def _gives(case: Case, over: Side, under: Side, factor: Decimal) -> bool:
    """Whether true values behind the amounts give a rate that is printed as it is."""
    rate, half = abs(case.printed), case.figure.ulp / 2
    least, most = (over.value - over.radius) * factor, (over.value + over.radius) * factor
    return least <= (rate + half) * (under.value + under.radius) and most >= (rate - half) * (
        under.value - under.radius
    )


def _alike(figure: Printed, side: Side) -> bool:
    """Whether both are amounts of money, or count the same."""
    if side.figure is None:
        return figure.unit in WAN
    return value_in(figure, side.figure.unit) is not None


def _common(case: Case) -> int:
    return int(10 ** max(0, TELLING - case.digits))


# ---- how it is said -----------------------------------------------------------------------------------------------------


def _unit(*figures: Printed | None) -> str:
    """The unit of money in which all of these are printed; 万元, as verdicts have them, where they are in several."""
    units = {one.unit for one in figures if one and one.unit in WAN}
    return next(iter(units)) if len(units) == 1 else "万元"


def _of_base(case: Case, quotient: Quotient, base: Printed) -> Mapping[str, str]:
    unit = _unit(base, quotient.over.figure, quotient.under.figure)
    facts = {"rate": _rate(case), "over": _shown(quotient.over, unit), "base": _named(base, unit)}
    named: Facts = {"named": _shown(quotient.under, unit), **_label("named_label", quotient.under)}
    return said("wrong_base", label=base.label, **facts, **named)


def _of_amount(case: Case, quotient: Quotient, amount: Printed) -> Mapping[str, str]:
    unit = _unit(amount, quotient.over.figure, quotient.under.figure)
    facts = {"rate": _rate(case), "under": _shown(quotient.under, unit), "amount": _named(amount, unit)}
    named: Facts = {"named": _shown(quotient.over, unit), **_label("named_label", quotient.over)}
    return said("wrong_amount", label=amount.label, **facts, **named)


def _rate(case: Case) -> str:
    return number(case.printed, case.figure.ulp, case.figure.unit)


def _named(figure: Printed, unit: str) -> str:
    """The amount in `unit`, one of money; what is no amount in its own."""
    if figure.unit not in WAN:
        return number(abs(figure.value), figure.ulp, figure.unit)
    ratio = WAN[figure.unit] / WAN[unit]
    return number(abs(figure.value) * ratio, figure.ulp * ratio)


def _shown(side: Side, unit: str) -> str:
    return _named(side.figure, unit) if side.figure else number(side.value / WAN[unit], CENT)


def _label(name: str, side: Side) -> dict[str, Mapping[str, str]]:
    """The label in brackets, or nothing where the side is no single figure."""
    label = side.figure.label if side.figure else None
    return {name: {"zh": f"（{label['zh']}）", "en": f" ({label['en']})"} if label else {"zh": "", "en": ""}}
