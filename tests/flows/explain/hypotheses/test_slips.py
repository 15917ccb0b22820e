"""Slips put into random numbers are named first; numbers that are merely wrong are seldom given a telling name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.flows.explain.accounts import AMOUNTS as GIVEN
from tests.flows.explain.accounts import filing, identities
from tests.flows.explain.hypotheses.figures import CENT, context, guessed, judged, kinds, printed

AMOUNTS = st.integers(10_000, 99_999_999).map(lambda cents: Decimal(cents) / 100)
"""From 100.00: a number of fewer digits has too few ways to be wrong to tell them apart."""


def _swapped(text: str, place: int) -> str:
    pairs = [i for i, (a, b) in enumerate(pairwise(text)) if (a + b).isdigit() and a != b]
    i = pairs[place % len(pairs)] if pairs else 0
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :] if pairs else text


def _dropped(text: str, place: int) -> str:
    i = place % len(text.partition(".")[0])
    return text[:i] + text[i + 1 :]


def _doubled(text: str, place: int) -> str:
    i = place % len(text.partition(".")[0])
    return text[: i + 1] + text[i:]


SLIPS: dict[str, Callable[[str, int], str]] = {
    "digits_swapped": _swapped,
    "digit_dropped": _dropped,
    "digit_doubled": _doubled,
    "sign": lambda text, _: f"-{text}",
    "unit": lambda text, _: f"{Decimal(text) * 10000:.2f}",
}


@pytest.mark.parametrize("kind", SLIPS)
@settings(deadline=None)
@given(AMOUNTS, st.integers(0, 20))
def test_an_injected_slip_is_named_first(kind: str, amount: Decimal, place: int) -> None:
    right = f"{amount:.2f}"
    wrong = SLIPS[kind](right, place)
    assume(not re.match(r"0\d", wrong) and abs(Decimal(wrong) - amount) > CENT)
    found = guessed(printed("T03/合计/基本支出", wrong), right)
    # A nought too few, or too many, moves the point as well.
    noughts = (
        {"point_moved"}
        if kind in ("digit_dropped", "digit_doubled") and amount == amount.to_integral_value()
        else set()
    )
    assert found[0].kind in {kind, *noughts}
    assert found[0].value == amount


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS, st.integers(1, 3))
def test_a_number_of_the_next_cell_is_named_first(amount: Decimal, other: Decimal, away: int) -> None:
    assume(abs(amount - other) > CENT and len(str(other).replace(".", "").strip("0")) > 3)
    cell = printed("T03/201/基本支出", f"{other:.2f}", order=5)
    beside = printed("T03/208/基本支出", f"{other:.2f}", order=5 + away)
    assert "neighbouring_cell" in kinds(guessed(cell, f"{amount:.2f}", around=context(cell, beside)))[:2]


NAMED = 0.02
"""Of wrong numbers without any slip no more may be given a name: some thirty others differ from each number by one digit."""


def test_a_merely_wrong_number_is_seldom_given_a_name() -> None:
    """Of amounts from 10 to 1,000, each off by up to a fifth, one in a hundred is named (34 of 4,000, 31 of them by one wrong digit)."""
    r = Random(7)
    given_names: Counter[str] = Counter()
    for _ in range(4000):
        cents = r.randrange(1_000, 100_000)
        wrong = cents + r.choice((-1, 1)) * r.randrange(3, max(4, cents // 5))
        figure = printed("T03/合计/基本支出", f"{Decimal(wrong) / 100:.2f}")
        given_names[guessed(figure, f"{Decimal(cents) / 100:.2f}")[0].kind] += 1
    named = sum(count for kind, count in given_names.items() if kind != "recomputed")
    assert 0 < named / 4000 < NAMED


def test_among_all_figures_of_a_filing_a_merely_wrong_one_is_seldom_given_a_name() -> None:
    """Every sum, row, form and rate offers an explanation: of 162 wrong amounts 3 are given one."""
    r = Random(3)
    told: Counter[str] = Counter()
    right = filing(GIVEN)
    for id, value in right.items():
        for _ in range(3):
            wrong = (value * r.randrange(300, 3000) / 1000).quantize(CENT)
            if abs(wrong - value) > CENT:
                unit = "%" if id in ("N/0004", "N/0005") else "万元"
                figures = [printed(one, f"{amount:.2f}") for one, amount in right.items() if one != id]
                figures.append(printed(id, f"{wrong:.2f}", unit))
                around = context(*figures, judged=judged(identities(), figures))
                told[guessed(figures[-1], f"{value:.2f}", "0.02", around)[0].kind] += 1
    assert told.total() > 150
    assert 1 - told["recomputed"] / told.total() < 2 * NAMED
