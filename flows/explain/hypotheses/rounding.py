"""Cut off after the last place instead of rounded."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from flows.explain.hypotheses.case import Case, Guess, cut, rounded
from flows.explain.hypotheses.exact import demanded
from flows.explain.hypotheses.sentences import number, said

MORE = Decimal("0.01")
"""Of the last place: to which the value that was cut off is shown."""


def truncated(case: Case) -> Iterator[Guess]:
    """The value is one last place further from 0, and what the other figures give lies between."""
    ulp, unit = case.figure.ulp, case.figure.unit
    outward = ulp.copy_sign(case.repair)
    value = case.printed + outward
    if not case.allows(value) or (case.printed and (case.printed > 0) != (case.repair > 0)):
        return
    facts = {"printed": number(case.printed, ulp, unit), "right": number(value, ulp, unit)}
    exact = next((one for one in demanded(case) if rounded(one, ulp) == value and cut(one, ulp) == case.printed), None)
    if exact is not None:
        shown = number((exact / ulp).quantize(MORE, ROUND_DOWN) * ulp, ulp, unit)
        yield Guess("truncated", value, said("truncated", exact=shown, **facts), 1, case.values())
    elif _may_be_below(case, value):
        yield Guess("truncated", value, said("truncated_perhaps", **facts), 1, case.values())


def _may_be_below(case: Case, value: Decimal) -> bool:
    """Whether rounding of the other figures leaves it open that the value before rounding was nearer to 0 than `value`."""
    near, far = (case.least, case.most) if value > 0 else (case.most, case.least)
    return near is not None and far is not None and abs(near) + case.figure.ulp / 2 < abs(value) <= abs(far)
