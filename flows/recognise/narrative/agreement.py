"""Numbers held against each other, whatever their units: what tells between two readings of one statement."""

from __future__ import annotations

from decimal import Decimal

from expectations.vocabulary import WAN
from flows.recognise.narrative.quantities import Quantity


def surplus(one: Quantity, other: Quantity) -> Decimal | None:
    """By how much `one` is more than `other`, in 万元; None when either is no amount of known unit."""
    mine, theirs = WAN.get(one.unit), WAN.get(other.unit)
    return None if mine is None or theirs is None else one.value * mine - other.value * theirs


def is_share(rate: Quantity, part: Quantity, whole: Quantity) -> bool:
    """Whether `part` is `rate` per cent of `whole`, given the rounding of all three."""
    one, other = WAN.get(part.unit), WAN.get(whole.unit)
    if one is None or other is None:
        return False
    amount, slack = part.value * one, part.ulp * one / 2
    total, room = whole.value * other, whole.ulp * other / 2
    if total <= room:
        return not amount and not rate.value
    return _within(rate, (amount - slack) * 100 / (total + room), (amount + slack) * 100 / (total - room))


def is_change(rate: Quantity, change: Quantity, current: Quantity, direction: str) -> bool:
    """Whether `change` in `direction`, arriving at `current`, is one by `rate` per cent, given the rounding of all."""
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
