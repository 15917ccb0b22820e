"""Slips of size: the unit of money, the decimal point, percentages and ratios, the sign."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from expectations.vocabulary import WAN
from flows.explain.hypotheses.case import Case, Guess, cut, rounded
from flows.explain.hypotheses.context import is_claim
from flows.explain.hypotheses.sentences import number, said

UNITS = ("元", "万元", "亿元")
"""Those in which accounts are published, one of which is taken for the other."""

POINTS = tuple(Decimal(10) ** k for k in (1, 2, 3, -1, -2, -3))


def units(case: Case) -> Iterator[Guess]:
    """The printed number in another unit of money."""
    figure = case.figure
    for unit in UNITS if figure.unit in UNITS else ():
        times = WAN[unit] / WAN[figure.unit]
        if unit != figure.unit and (value := _times(case, times)) is not None:
            shown = number(case.printed, figure.ulp)
            last = figure.ulp * max(
                times, Decimal(1)
            )  # an amount that belongs in a greater unit has the last place of that one
            name = "unit_word" if is_claim(figure) and times > 1 else "unit_number"
            right = number(value, figure.ulp)
            if name == "unit_word":
                facts = {"number": shown, "unit": unit, "wrong": figure.unit}
            else:
                facts = {"number": shown, "unit": figure.unit, "wrong": unit, "right": right}
            yield Guess("unit", value, said(name, **facts), len(UNITS) - 1, case.values(last))


def points(case: Case) -> Iterator[Guess]:
    """The decimal point one to three places further."""
    ulp, unit = case.figure.ulp, case.figure.unit
    for times in POINTS:
        if (value := _times(case, times)) is None:
            continue
        last = ulp * max(times, Decimal(1))
        facts = {"printed": number(case.printed, ulp, unit), "right": number(value, last, unit)}
        size = times if times > 1 else 1 / times
        ratio = size == 100 and unit in ("%", "比率")
        sentence = said("ratio", **facts) if ratio else said("point_moved", **facts, times=f"{size:f}")
        yield Guess("point_moved", value, sentence, 2 if ratio else len(POINTS), case.values())


def signs(case: Case) -> Iterator[Guess]:
    """The printed number with the other sign."""
    ulp, unit = case.figure.ulp, case.figure.unit
    if case.allows(-case.printed):
        facts = {"printed": number(case.printed, ulp, unit), "right": number(-case.printed, ulp, unit)}
        yield Guess("sign", -case.printed, said("sign", **facts), 1, case.values())


def _times(case: Case, times: Decimal) -> Decimal | None:
    """What the figure would read in truth if its number is `times` too small; None where the identities do not allow it.

    Moved to the right, places are lost at the end: then it is the likeliest value that must give the printed number.
    """
    value = case.printed * times
    if case.allows(value):
        return value
    lost, ulp = case.repair / times, case.figure.ulp
    kept = case.digits > 2 and times > 1 and case.allows(case.repair)
    return case.repair if kept and case.printed in (rounded(lost, ulp), cut(lost, ulp)) else None
