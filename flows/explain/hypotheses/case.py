"""One suspected figure with the values that it may have, and a guess at how it came to read as it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.context import Context

MOST_VALUES = 10**9
"""As many as an interval counts that is open to one side."""


@dataclass(frozen=True, slots=True)
class Case:
    """`figure` must lie within `least` and `most` (None: open), and is likeliest `repair`; all in the figure's own unit."""

    figure: Printed
    least: Decimal | None
    most: Decimal | None
    repair: Decimal
    context: Context

    @property
    def printed(self) -> Decimal:
        return self.figure.value

    def allows(self, value: Decimal) -> bool:
        """Whether all identities would hold if the figure read `value`, which is not what it reads."""
        within = (self.least is None or self.least <= value) and (self.most is None or value <= self.most)
        return within and value != self.printed

    def values(self, step: Decimal | None = None) -> int:
        """How many values of whole `step`s (last places) the figure may have: the more, the less it proves to meet one."""
        if self.least is None or self.most is None:
            return MOST_VALUES
        step = step or self.figure.ulp
        first = (self.least / step).to_integral_value(ROUND_CEILING)
        last = (self.most / step).to_integral_value(ROUND_FLOOR)
        return min(MOST_VALUES, max(1, int(last - first) + 1))

    @property
    def digits(self) -> int:
        """How many digits of the printed number tell anything: 584.77 has five, 100.00 one."""
        return len(str(int(abs(self.printed) / self.figure.ulp)).strip("0")) or 1

    @property
    def size(self) -> int:
        """How many digits the printed number has, noughts included: 584.77 and 100.00 have five."""
        return self._size(self.printed)

    @property
    def reach(self) -> int:
        """How many digits the longer of the printed and of the likeliest number has."""
        return max(self.size, self._size(self.repair))

    @property
    def turns_negative(self) -> bool:
        """Whether a number that is printed without a minus would have to have one."""
        return self.repair < 0 <= self.printed

    def _size(self, value: Decimal) -> int:
        return len(str(int(abs(value) / self.figure.ulp)))


@dataclass(frozen=True, slots=True)
class Guess:
    """A slip of `kind` after which the figure, read `value`, would be printed as it is.

    `ways`: among how many equally likely outcomes of such a slip the printed number is one. `values`: among how many values that
    the identities allow `value` is one; None where the slip does not depend on it, because the number was taken from elsewhere.
    """

    kind: str
    value: Decimal
    said: Mapping[str, str]
    ways: int
    values: int | None = None


def rounded(value: Decimal, ulp: Decimal) -> Decimal:
    """`value` in whole last places, halves away from zero."""
    return (value / ulp).to_integral_value(ROUND_HALF_UP) * ulp


def cut(value: Decimal, ulp: Decimal) -> Decimal:
    """`value` in whole last places, the rest left off."""
    return (value / ulp).to_integral_value(ROUND_DOWN) * ulp
