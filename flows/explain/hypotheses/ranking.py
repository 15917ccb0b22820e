"""Which of several guesses is the likelier: how often a slip is made, over how easily the figures would fit it by accident.

A slip of a kind that makes `SLIPS` of a thousand wrong figures, with `ways` equally likely outcomes, into which one of `values`
possible values must fall, leads to just this printed number with the probability SLIPS / 1000 / ways / values. The rank is one over
that. Against it stands the figure that is wrong in no way that anyone could name: any number of as many telling digits is then as likely
as another, and a guess that is not much likelier than that proves nothing and is not given.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.explain.diagnosis import KINDS, Hypothesis
from flows.explain.hypotheses.case import Case, Guess

SLIPS = {
    "unit": 80,  # a word that is easily left out, and accounts kept in 元 are published in 万元
    "wrong_base": 400,  # of rates alone: the commonest slip there, the named base being one of several at hand
    "digits_swapped": 100,  # the commonest slip of typing
    "digit_dropped": 70,
    "digit_doubled": 50,
    "digit_wrong": 60,  # a neighbouring key; or a figure read wrongly from a scan
    "point_moved": 30,
    "sign": 40,  # of balances and changes
    "neighbouring_cell": 100,  # cells are filled in by copying
    "previous_year": 100,  # last year's document is written over
    "other_form": 40,
    "other_fund": 30,
    "truncated": 60,
    "left_out": 60,  # a line added later, or below the fold
    "counted_twice": 30,
    "subtotal_for_total": 30,
    "total_not_updated": 60,
    "shifted_row": 200,  # rare, but given only where other rows show the same, which nothing else explains
    "template_residue": 30,
    "recomputed": 50,
}
"""Of a thousand wrong figures so many came about by each kind of slip: an estimate, of which only the order of magnitude matters."""

TELLING = 5
"""Digits beyond which a number is no rarer: amounts are not spread evenly over all numbers of their length."""

MARGIN = 20
"""How many times likelier than that a guess must be: one that some five of a hundred wrong numbers would fit proves nothing."""

UNHEARD = 1000
"""Among so many amounts printed without a minus one should have one; where one of several figures is wrong, it is another."""


def rank(guess: Guess) -> int:
    """The odds against the guess: less is likelier."""
    return guess.ways * (guess.values or 1) * 1000 // SLIPS[guess.kind]


def chance(case: Case, *, copied: bool = False) -> int:
    """The rank of a figure that is wrong in no way that has a name; for a number found elsewhere only the telling digits count."""
    return int(10 ** min(case.digits if copied else case.reach, TELLING)) * 1000 // SLIPS["recomputed"]


def nameless(case: Case) -> int:
    """The rank of what is no more than recomputed: a small number, or a nought, in place of a large one is no likelier than another."""
    odds = int(10 ** min(case.reach, TELLING)) * 1000 // SLIPS["recomputed"]
    return odds * UNHEARD if case.turns_negative else odds


def ranked(case: Case, guesses: Iterable[Guess]) -> tuple[Hypothesis, ...]:
    """Of every kind the likeliest guess, in order; none that is hardly likelier than chance."""
    best: dict[str, tuple[int, Guess]] = {}
    for guess in guesses:
        last = guess.kind == "recomputed"
        odds = nameless(case) if last else rank(guess)
        if last or odds * MARGIN < chance(case, copied=guess.values is None):
            best[guess.kind] = min(best.get(guess.kind, (odds, guess)), (odds, guess), key=lambda one: one[0])
    ordered = sorted(best.values(), key=lambda one: (one[0], KINDS.index(one[1].kind)))
    figure = case.figure
    return tuple(Hypothesis(one.kind, figure.id, one.value, figure.unit, one.said, odds) for odds, one in ordered)
