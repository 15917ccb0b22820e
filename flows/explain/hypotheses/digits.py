"""Slips of single digits: two swapped, one wrong, one left out, one written twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case, Guess
from flows.explain.hypotheses.sentences import number, said

KEPT = 2
"""Digits that must be right for one to be wrong: any two numbers of one digit differ in one."""


def digits(case: Case) -> Iterator[Guess]:
    """Every value that the identities allow from which the printed number follows by a slip in one place."""
    printed = _text(case.figure)
    if not printed:
        return
    for right in _swapped(printed):
        yield from _guess(case, "digits_swapped", right, _swaps(right))
    for right, digit in _completed(case, printed):
        yield from _guess(case, "digit_dropped", right, _whole(right), digit)
    for right, digit in _single(printed):
        yield from _guess(case, "digit_doubled", right, _whole(right), digit)
    if len(printed.replace(".", "").lstrip("0")) > KEPT:
        for right in _changed(printed):
            yield from _guess(case, "digit_wrong", right, 9 * len(right.replace(".", "")))


def swaps(figure: Printed) -> Iterator[Printed]:
    """The figure with two unlike neighbouring digits the other way round, for every pair of them."""
    for text in _swapped(_text(figure)):
        yield replace(figure, value=Decimal(text).copy_sign(figure.value))


def _guess(case: Case, kind: str, right: str, ways: int, digit: str = "") -> Iterator[Guess]:
    value = Decimal(right).copy_sign(case.printed)
    if case.allows(value) and not (right.startswith("0") and right[1:2].isdigit()):  # nobody writes 0584.77
        ulp, unit = case.figure.ulp, case.figure.unit
        facts = {"printed": number(case.printed, ulp, unit), "right": number(value, ulp, unit), "digit": digit}
        yield Guess(kind, value, said(kind, **facts), max(1, ways), case.values())


def _text(figure: Printed) -> str:
    """The digits of the printed number, without sign and separators, with the decimals of its last place; "" for 0."""
    ulp = figure.ulp.normalize().as_tuple().exponent
    return f"{abs(figure.value):.{max(0, -ulp)}f}" if isinstance(ulp, int) and figure.value else ""


def _swapped(text: str) -> Iterator[str]:
    for i, (a, b) in enumerate(pairwise(text)):
        if (a + b).isdigit() and a != b:
            yield text[:i] + b + a + text[i + 2 :]


def _swaps(text: str) -> int:
    return sum((a + b).isdigit() and a != b for a, b in pairwise(text))


def _whole(text: str) -> int:
    return len(text.partition(".")[0])


def _completed(case: Case, text: str) -> Iterator[tuple[str, str]]:
    """With a digit more before the point; after it where the number is printed with fewer decimals than its form has."""
    whole, _, rest = text.partition(".")
    for i in range(len(whole) + 1):
        for digit in "0123456789":
            if (i or digit != "0") and (len(whole) >= KEPT or digit == "0" or rest):
                yield text[:i] + digit + text[i:], digit
    shown = case.figure.raw.strip("%％ ").partition(".")[2]
    if rest and shown.isdigit() and len(shown) == len(rest) - 1:
        for i in range(len(shown)):
            for digit in "0123456789":
                yield f"{whole}.{shown[:i]}{digit}{shown[i:]}", digit


def _single(text: str) -> Iterator[tuple[str, str]]:
    """With one of two equal neighbours before the point left out."""
    whole = text.partition(".")[0]
    for i, (a, b) in enumerate(pairwise(whole)):
        if a == b:
            yield text[:i] + text[i + 1 :], a


def _changed(text: str) -> Iterator[str]:
    for i, old in enumerate(text):
        for digit in "0123456789" if old.isdigit() else "":
            if digit != old:
                yield text[:i] + digit + text[i + 1 :]
