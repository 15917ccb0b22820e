"""The localiser finds exactly what trying every set and every value finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from flows.explain.locate import located
from flows.explain.locate.search import Limits
from tests.flows.explain.locate.brute import REACH, Small, minimal

FIGURES = ("T/a", "T/b", "T/c", "T/t", "N/1", "N/2")
PATIENT = Limits(seconds=60)


def invented(seed: int) -> tuple[list[Small], dict[str, int]]:
    """Up to six figures of a form and a narrative, up to five identities, some values altered."""
    draw = random.Random(seed)
    ids = FIGURES[: draw.randint(3, 6)]
    printed = {id: draw.randint(1, 9) for id in ids}
    made = []
    for k in range(draw.randint(2, 5)):
        kind = draw.random()
        some = draw.sample(ids, min(len(ids), draw.choice((2, 3, 3, 4))))
        if kind < 0.2 and len(some) > 2:
            made.append(Small(f"{k} rate", some[0], ((some[1], 1),), base=some[2], factor=draw.choice((1, 5, 10))))
        else:
            parts = tuple((id, draw.choice((1, 1, 1, -1))) for id in some[1:])
            made.append(Small(f"{k} sum", some[0], parts, op="=" if kind < 0.9 else "<="))
        if draw.random() < 0.6:
            _make_true(made[-1], printed)
    return [one for one in made if not one.base or printed[one.base]], printed


def _make_true(one: Small, printed: dict[str, int]) -> None:
    value = sum(sign * printed[id] for id, sign in one.parts)
    if not one.base:
        printed[one.stated] = value
    elif printed[one.base] > 0:
        printed[one.stated] = round(value * one.factor / printed[one.base])


TIED = (310, 344, 588, 771, 836, 913)
"""Where cases bear on each other, one set mends two groups for less, or a set that is proposed contains a smaller one."""


@pytest.mark.parametrize("seeds", [*(range(start, start + 50) for start in range(0, 500, 50)), TIED], ids=str)
def test_the_sets_are_those_that_trying_everything_finds(seeds: Sequence[int]) -> None:
    """One set of each case, together, in every combination: exactly the minimal sets of least price for all identities."""
    compared, several, left_open = 0, 0, 0
    for seed in seeds:
        identities, printed = invented(seed)
        here = {id: np.array(value) for id, value in printed.items()}
        broken = {f"id of {one.name}" for one in identities if not one.holds(here)}
        cases = located([one.judged(printed) for one in identities], limits=PATIENT)
        assert sorted(name for case in cases for name in case.findings) == sorted(broken)
        if not all(case.whole for case in cases):
            left_open += 1
            assert any(one.base for one in identities), (
                "only where a rate and its base move may the answer be left open"
            )
            continue
        sets = [
            tuple(change for one in some for change in one.changes) for some in product(*(case.sets for case in cases))
        ]
        for changes in filter(None, sets):
            moved = {id: np.array(value) for id, value in printed.items()}
            for change in changes:
                assert change.move % 2 == 0
                assert change.low is None or change.low <= change.move
                assert change.high is None or change.move <= change.high
                moved[change.figure] = moved[change.figure] + change.move // 2
            assert all(one.holds(moved) for one in identities), (seed, cases)
        if broken and all(abs(one.move) <= 2 * REACH.get(len(some), 0) for some in sets for one in some):
            least, expected = minimal(identities, printed)
            assert {frozenset(one.figure for one in some) for some in sets} == expected, (seed, cases, expected)
            compared, several = compared + 1, several + (least > 10)
    assert compared > len(seeds) // 2 and several > len(seeds) // 4 and left_open < 6
