"""Whether a rate is true of the amounts behind it, given the rounding of all of them: it tells between two readings."""

from __future__ import annotations

from decimal import Decimal

from expectations.vocabulary import WAN
from flows.recognise.narrative.quantities import Quantity


def is_share(rate: Quantity, part: Quantity, whole: Quantity) -> bool:
    """Whether `part` is `rate` per cent of `whole`."""
    one, other = WAN.get(part.unit), WAN.get(whole.unit)
    if one is None or other is None:
        return False
    amount, slack = part.value * one, part.ulp * one / 2
    total, room = whole.value * other, whole.ulp * other / 2
    if total <= room:
        return not amount and not rate.value
    return _within(rate, (amount - slack) * 100 / (total + room), (amount + slack) * 100 / (total - room))


def is_change(rate: Quantity, change: Quantity, current: Quantity, direction: str) -> bool:
    """Whether `change` in `direction`, arriving at `current`, is a change by `rate` per cent."""
    one, other = WAN.get(current.unit), WAN.get(change.unit)
    if one is None or other is None:
        return False
    moved = change.value * other * (-1 if direction == "down" else 1)
    prior = current.value * one - moved
    slack = (current.ulp * one + change.ulp * other) / 2
    if prior <= slack:
        return False
    return _within(rate, (abs(moved) - slack) * 100 / (prior + slack), (abs(moved) + slack) * 100 / (prior - slack))


def _within(rate: Quantity, least: Decimal, most: Decimal) -> bool:
    return least - rate.ulp / 2 <= abs(rate.value) <= most + rate.ulp / 2
