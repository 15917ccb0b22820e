"""Printed figures as intervals, and the comparison of intervals: the SQL that decides a verdict.

A printed figure v with unit of the last place u stands for any true value in [v − u/2, v + u/2]. Sums are compared with the
summed half units; quotients by cross-multiplication of the interval ends, so that no division and no float decides
(after XBRL Calculations 1.1 and the interval arithmetic of the EBA filing rules).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from expectations.vocabulary import FACTOR, MONEY

_WIDE = "DECIMAL(38,14)"
_LONG = "DECIMAL(38,7)"
"""An amount multiplied by a number of the formula, which may leave the bounds of `MONEY`."""


_ABOVE, _BELOW = "(sv - sr) * dh > high", "(sv + sr) * dl < low"
"""No value behind the stated one is small, or large, enough for any behind the computed one."""


_NEAREST = (
    "CASE WHEN low < 0 THEN dv - dr ELSE dv + dr END AS dl, CASE WHEN high < 0 THEN dv + dr ELSE dv - dr END AS dh"
)
"""The ends of the base at which the stated value comes nearest to low and to high."""


@dataclass(frozen=True, slots=True)
class Linear:
    """value ± radius, both SQL over the columns of the stage `i`."""

    value: str
    radius: str
    type: str
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Quotient:
    """(left × right) / under × factor; `right` None for a plain quotient."""

    left: Linear
    right: Linear | None
    under: Linear
    factor: int


_TESTS = {
    "=": ("abs(sv - cv) > bound", "sv = cv"),
    "<>": ("sv = cv", "sv <> cv"),
    "<=": ("sv - cv > bound", "sv <= cv"),
    ">=": ("cv - sv > bound", "sv >= cv"),
    "<": ("sv >= cv AND sv - cv >= bound", "sv < cv"),
    ">": ("cv >= sv AND cv - sv >= bound", "sv > cv"),
}
"""Of each comparison of sums when it is broken and when it holds exactly."""


def judge_linear(stated: Linear, computed: Linear, op: str) -> tuple[str, str]:
    """Stage columns sv, cv, bound and the CASE that judges: |sv − cv| against the summed half units."""
    multiplied = FACTOR in stated.value + computed.value
    held = _LONG if multiplied else MONEY
    stage = (
        f"CAST({stated.value} AS {held}) AS sv, CAST({computed.value} AS {held}) AS cv, "
        f"CAST({stated.radius} + {computed.radius} AS {held}) AS bound, "
        f"'{stated.type if not stated.constant else computed.type}' AS measure, CAST(NULL AS VARCHAR) AS base_reason"
    )
    broken, holds = _TESTS[op]
    if "date" in (stated.type, computed.type):
        apart = ", ".join(f"CAST(NULL AS {MONEY}) AS {name}" for name in ("difference", "bound", "unexplained"))
        return stage.replace(" AS bound,", " AS slack,"), (
            f"CASE WHEN {holds} THEN 'holds' ELSE 'broken' END AS status, sv AS stated, cv AS computed, {apart}"
        )
    told: tuple[str, ...] = ("sv", "cv", "sv - cv", "bound", "greatest(abs(sv - cv) - bound, 0)")
    if multiplied:  # what is too long to be kept is judged all the same, and not told
        told = tuple(f"TRY_CAST({each} AS {MONEY})" for each in told)
    names = ("stated", "computed", "difference", "bound", "unexplained")
    judged = f"CASE WHEN {holds} THEN 'holds' WHEN {broken} THEN 'broken' ELSE 'rounding' END AS status, " + ", ".join(
        f"{each} AS {name}" if each != name else each for each, name in zip(told, names, strict=True)
    )
    return stage, judged


def linear_status(stated: Linear, computed: Linear, op: str) -> str:
    """What `judge_linear` comes to, as one CASE: the half units are added up only where the sides are not exactly as they should be."""
    held = _LONG if FACTOR in stated.value + computed.value else MONEY
    sides = {
        "sv": f"CAST({stated.value} AS {held})",
        "cv": f"CAST({computed.value} AS {held})",
        "bound": f"CAST({stated.radius} + {computed.radius} AS {held})",
    }
    broken, holds = (re.sub(r"\b(sv|cv|bound)\b", lambda name: sides[name[0]], test) for test in _TESTS[op])
    if "date" in (stated.type, computed.type):
        return f"CASE WHEN {holds} THEN 'holds' ELSE 'broken' END"
    return f"CASE WHEN {holds} THEN 'holds' WHEN {broken} THEN 'broken' ELSE 'rounding' END"


def judge_quotient(
    stated: Linear, computed: Quotient, op: str, turned: bool = False
) -> tuple[str, str, tuple[str, ...]]:
    """Stage columns of a quotient, its base made positive, the CASE that judges by cross-multiplication, and what is worked out
    in between (see `staged`).

    `turned`: the quotient is what the formula states (a / b <= 0.8), so it is shown as stated and the other as computed.
    """
    over = _over(computed)
    flip = f"CASE WHEN {computed.under.value} < 0 THEN -1 ELSE 1 END"
    stage = (
        f"CAST({stated.value} AS {FACTOR}) AS sv, CAST({stated.radius} AS {FACTOR}) AS sr, {over}, "
        f"CAST(abs({computed.under.value}) AS {FACTOR}) AS dv, CAST({computed.under.radius} AS {FACTOR}) AS dr, {flip} AS flip, "
        f"CASE WHEN abs({computed.under.value}) <= {computed.under.radius} OR {computed.under.value} = 0 THEN 'zero_base' END AS base_reason, "
        f"'{stated.type}' AS measure"
    )
    within = "((sv - sr) * dv <= middle AND (sv + sr) * dv >= middle)"
    broken, holds = {
        "=": (f"{_ABOVE} OR {_BELOW}", within),
        "<>": (within, f"NOT {within}"),
        "<=": (_ABOVE, "sv * dv <= middle"),
        "<": (_ABOVE, "sv * dv < middle"),
        ">=": (_BELOW, "sv * dv >= middle"),
        ">": (_BELOW, "sv * dv > middle"),
    }[op]
    sides = ("shown", "sv") if turned else ("sv", "shown")
    apart = (
        ("stated", sides[0]),
        ("computed", sides[1]),
        ("difference", f"{sides[0]} - {sides[1]}"),
        ("bound", "greatest(abs(sv - shown) - gap, 0)"),
        ("unexplained", "gap"),
    )
    told = ", ".join(f"TRY_CAST({sql} AS {MONEY}) AS {name}" for name, sql in apart)
    judged = f"CASE WHEN {holds} THEN 'holds' WHEN {broken} THEN 'broken' ELSE 'rounding' END AS status, {told}"
    return stage, judged, (_ends(computed.factor), _NEAREST, f"{_quotient('middle', 'dv')} AS shown, {_gap()} AS gap")


def staged(source: str, levels: Sequence[str]) -> str:
    """`source` with the columns of each level beside its own, one level upon the other: no expression is written out twice."""
    for level in levels:
        source = f"(SELECT *, {level} FROM {source})"
    return source


def _over(computed: Quotient) -> str:
    """The numerator's value and interval ends (nv, nl, nh) as stage columns."""
    left, right = computed.left, computed.right
    if right is None:
        return (
            f"CAST({left.value} AS {FACTOR}) AS nv, CAST({left.value} - {left.radius} AS {FACTOR}) AS nl, "
            f"CAST({left.value} + {left.radius} AS {FACTOR}) AS nh"
        )
    ends = [
        f"CAST({left.value} {a} {left.radius} AS {FACTOR}) * CAST({right.value} {b} {right.radius} AS {FACTOR})"
        for a in "+-"
        for b in "+-"
    ]
    both = ", ".join(ends)
    return f"CAST({left.value} AS {FACTOR}) * CAST({right.value} AS {FACTOR}) AS nv, least({both}) AS nl, greatest({both}) AS nh"


def _ends(factor: int) -> str:
    """What the stated value times the base is compared with (middle, low, high), as columns."""
    ends = (("middle", "flip * nv"), ("low", "least(flip * nl, flip * nh)"), ("high", "greatest(flip * nl, flip * nh)"))
    return ", ".join(f"CAST({value} * {factor} AS {_WIDE}) AS {name}" for name, value in ends)


def _gap() -> str:
    """How far the stated interval lies from the computed one; 0 when they meet. For people, to six decimals."""
    over, under = _quotient("((sv - sr) * dh - high)", "dh"), _quotient("(low - (sv + sr) * dl)", "dl")
    return f"CASE WHEN {_ABOVE} THEN {over} WHEN {_BELOW} THEN {under} ELSE 0 END"


def _quotient(over: str, under: str) -> str:
    """A quotient for people, rounded to six decimals; NULL on a zero base and where it is too long to be kept. It decides nothing.

    Worked out in whole numbers: in fractions every engine rounds in its own way.
    """
    whole = f"CAST({over} AS HUGEINT) * {10**14} + CAST(({over} - CAST({over} AS DECIMAL(38,0))) * {10**14} AS HUGEINT)"
    last = f"CAST({under} * {10**7} AS HUGEINT)"
    steps = f"(abs({whole}) + {last} * 5) // (nullif({last}, 0) * 10)"
    return (
        f"TRY_CAST(CAST({steps} AS DECIMAL(38,0)) * CASE WHEN {over} < 0 THEN -0.000001 ELSE 0.000001 END AS {MONEY})"
    )
