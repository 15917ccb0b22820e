"""Minimal sets found by trying every set of figures and every value in a box: slow, and without a line of the localiser's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from flows.explain.causes import Judged
from flows.explain.relation import Linear, Part, Relation

FIGURE, FOLLOWER = 10, 3
REACH = {1: 60, 2: 40, 3: 20, 4: 9}
"""How far each figure may move, by how many move together."""


@dataclass(frozen=True)
class Small:
    """`stated` = Σ sign × figure, or, with `base`, `stated` = that × `factor` ÷ `base`; every figure is whole, ± a half."""

    name: str
    stated: str
    parts: tuple[tuple[str, int], ...]
    base: str = ""
    factor: int = 1
    op: str = "="

    @property
    def figures(self) -> set[str]:
        return {self.stated, *(id for id, _ in self.parts), *([self.base] if self.base else [])}

    def holds(self, printed: dict[str, np.ndarray]) -> np.ndarray:
        """Whether some true values satisfy it, the base being of either sign but not 0; counted in halves."""
        s, n = 2 * printed[self.stated], sum(2 * sign * printed[id] for id, sign in self.parts)
        spread = len(self.parts)
        if not self.base:
            gap, bound = s - n, 1 + spread
            return abs(gap) <= bound if self.op == "=" else gap <= bound
        d = 2 * printed[self.base]
        ends = [
            2 * self.factor * (n + a) - (s + b) * (d + c) for a in (-spread, spread) for b in (-1, 1) for c in (-1, 1)
        ]
        return (abs(d) > 1) & (np.minimum.reduce(ends) <= 0) & (np.maximum.reduce(ends) >= 0)

    def judged(self, printed: dict[str, int]) -> Judged:
        """The same as a verdict; a figure's last place is two units."""

        def side(*some: tuple[str, int]) -> Linear:
            parts = tuple(Part(id, sign, 2 * sign * printed[id], 1) for id, sign in some)
            return Linear(parts, sum(part.value for part in parts), len(parts))

        under = side((self.base, 1)) if self.base else None
        factor = 2 * self.factor if self.base else 1
        ids = frozenset(self.figures)
        relation = Relation(self.op, side((self.stated, 1)), side(*self.parts), None, under, factor, self.stated, ids)
        holds = bool(self.holds({id: np.array(value) for id, value in printed.items()}))
        assert relation.holds() == holds
        return Judged(f"id of {self.name}", "rule", self.name, 0, not holds, relation)


def possible(identities: list[Small], printed: dict[str, int], figures: tuple[str, ...]) -> bool:
    """Whether values within `REACH` of the printed ones let all identities hold."""
    reach = REACH[len(figures)]
    box = np.meshgrid(*[np.arange(-reach, reach + 1)] * len(figures), indexing="ij") if figures else []
    moved = {id: np.array(value) for id, value in printed.items()}
    for id, by in zip(figures, box, strict=True):
        moved[id] = printed[id] + by
    fits = np.array(True)
    for one in identities:
        fits = fits & one.holds(moved)
        if not fits.any():
            return False
    return True


def origins(identities: list[Small], printed: dict[str, int]) -> dict[str, set[str]]:
    """Which figures each repeats or adds up, by identities that hold; none that lead back to it."""
    here = {id: np.array(value) for id, value in printed.items()}
    direct: dict[str, set[str]] = {id: set() for id in printed}
    for one in identities:
        if not one.base and one.op == "=" and one.holds(here):
            for id, _ in one.parts:
                if id[0] == one.stated[0] or one.stated[0] == "N":
                    direct[one.stated] |= {id} - {one.stated}
    far = {id: set(some) for id, some in direct.items()}
    for _ in printed:
        far = {id: some.union(*(far[one] for one in some)) for id, some in far.items()}
    return {id: {one for one in some if id not in far[one]} for id, some in direct.items()}


def minimal(identities: list[Small], printed: dict[str, int]) -> tuple[int, set[frozenset[str]]]:
    """The least price and all minimal sets of it; 0 and none where there are none."""
    follows = origins(identities, printed)
    found: set[frozenset[str]] = set()
    for some in _subsets(sorted(printed), len(REACH)):
        if not any(one <= set(some) for one in found) and possible(identities, printed, some):
            found.add(frozenset(some))
    priced = {some: sum(FOLLOWER if follows[id] & some else FIGURE for id in some) for some in found}
    least = min(priced.values(), default=0)
    return least, {some for some, worth in priced.items() if worth == least}


def _subsets(ids: list[str], most: int) -> Iterator[tuple[str, ...]]:
    for many in range(1, min(most, len(ids)) + 1):
        yield from combinations(ids, many)
