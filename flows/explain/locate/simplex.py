"""Whether a few numbers can satisfy linear limits, decided without rounding; where they cannot, the limits that clash.

The simplex method for bounds on sums (Dutertre and de Moura): every limit is a sum that must stay between two ends. Bland's rule
(always the first that fits, in a fixed order) makes it end. The multipliers of a clash are Farkas' certificate: the sum of the
limits, each times its multiplier, no longer contains any of the numbers, and cannot hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.explain.relation import Exact, divided


class Unsolved(Exception):
    """A search was ended by a limit."""


@dataclass(slots=True)
class Work:
    """How many numbers of tableaux may still be reckoned: a limit that is the same on every machine, as seconds are not."""

    left: int

    def take(self, numbers: int) -> None:
        """So many are reckoned. Raises `Unsolved` when no more may be."""
        self.left -= numbers
        if self.left < 0:
            raise Unsolved("work")


@dataclass(frozen=True, slots=True)
class Limit:
    """`low` ≤ Σ factor × number ≤ `high`; an end that is None does not limit."""

    factors: Mapping[str, Exact]
    low: Exact | None
    high: Exact | None


class Simplex:
    """Numbers by name, each free, under limits. Variables are counted: first the numbers, then one for the sum of each limit.

    Whatever is asked raises `Unsolved` once the `work` allowed is done.
    """

    def __init__(self, names: Sequence[str], limits: Sequence[Limit], work: Work | None = None) -> None:
        self.names = tuple(names)
        self.work = work
        free = len(self.names)
        self.low: list[Exact | None] = [None] * free + [one.low for one in limits]
        self.high: list[Exact | None] = [None] * free + [one.high for one in limits]
        self.value: list[Exact] = [0] * (free + len(limits))
        self.outer = list(range(free))
        self.inner = list(range(free, free + len(limits)))
        self.rows: list[list[Exact]] = [[one.factors.get(name, 0) for name in self.names] for one in limits]

    @property
    def point(self) -> dict[str, Exact]:
        return {name: self.value[k] for k, name in enumerate(self.names)}

    def clash(self) -> dict[int, Exact] | None:
        """None once `point` satisfies every limit; else the multipliers of limits (by number) that cannot hold together."""
        while True:
            wrong = [(var, r) for r, var in enumerate(self.inner) if self._below(var) or self._above(var)]
            if not wrong:
                return None
            var, r = min(wrong)
            up = self._below(var)
            row = self.rows[r]
            able = [(self.outer[c], c) for c, by in enumerate(row) if by and self._gives(self.outer[c], (by > 0) == up)]
            if not able:
                free = len(self.names)
                involved = {self.outer[c] - free: -by for c, by in enumerate(row) if by}
                return {var - free: 1, **involved}
            _, c = min(able)
            end = self.low[var] if up else self.high[var]
            assert end is not None
            self._move(c, divided(end - self.value[var], row[c]))
            self._pivot(r, c)

    def end(self, name: str, up: bool) -> Exact | None:
        """The largest (`up`) or least value that `name` can have, None where nothing limits it; after `clash` found none."""
        var = self.names.index(name)
        while True:
            slopes = self._slopes(var)
            able = [
                (self.outer[c], c) for c, by in enumerate(slopes) if by and self._gives(self.outer[c], (by > 0) == up)
            ]
            if not able:
                return self.value[var]
            _, c = min(able)
            rising = (slopes[c] > 0) == up
            stops = list(self._stops(c, rising))
            if not stops:
                return None
            by, _, r = min(stops)
            self._move(c, by if rising else -by)
            if r >= 0:
                self._pivot(r, c)

    def _slopes(self, var: int) -> list[Exact]:
        if var in self.inner:
            return self.rows[self.inner.index(var)]
        return [int(one == var) for one in self.outer]

    def _stops(self, c: int, rising: bool) -> list[tuple[Exact, int, int]]:
        """How far variable `c` can go until a limit stops it: distance, variable, row (-1 for its own other end)."""
        own, stops = self.outer[c], []
        low, high = self.low[own], self.high[own]
        if low is not None and high is not None:
            stops.append((high - low, own, -1))
        for r, var in enumerate(self.inner):
            slope = self.rows[r][c] if rising else -self.rows[r][c]
            end = self.high[var] if slope > 0 else self.low[var]
            if slope and end is not None:
                stops.append((divided(end - self.value[var], slope), var, r))
        return stops

    def _below(self, var: int) -> bool:
        low = self.low[var]
        return low is not None and self.value[var] < low

    def _above(self, var: int) -> bool:
        high = self.high[var]
        return high is not None and self.value[var] > high

    def _gives(self, var: int, up: bool) -> bool:
        """Whether the variable can still go that way."""
        end = self.high[var] if up else self.low[var]
        return end is None or (self.value[var] < end if up else self.value[var] > end)

    def _move(self, c: int, by: Exact) -> None:
        self.value[self.outer[c]] += by
        for r, var in enumerate(self.inner):
            if self.rows[r][c]:
                self.value[var] += self.rows[r][c] * by

    def _pivot(self, r: int, c: int) -> None:
        """The inner variable of row `r` and the outer one of column `c` change places."""
        if self.work:
            self.work.take(len(self.rows) * len(self.outer))
        row, by = self.rows[r], self.rows[r][c]
        turned = [divided(-one, by) for one in row]
        turned[c] = divided(1, by)
        for k, other in enumerate(self.rows):
            if k != r and (times := other[c]):
                self.rows[k] = [times * turned[j] + (0 if j == c else one) for j, one in enumerate(other)]
        self.rows[r] = turned
        self.inner[r], self.outer[c] = self.outer[c], self.inner[r]
