"""Where no slip can be named: no more than what the other figures give."""

from __future__ import annotations

from collections.abc import Iterator

from flows.explain.hypotheses.case import Case, Guess
from flows.explain.hypotheses.sentences import number, said


def recomputed(case: Case) -> Iterator[Guess]:
    """The likeliest value itself."""
    if case.repair != case.printed:
        ulp, unit = case.figure.ulp, case.figure.unit
        facts = {"printed": number(case.printed, ulp, unit), "right": number(case.repair, ulp, unit)}
        yield Guess("recomputed", case.repair, said("recomputed", **facts), 1)
