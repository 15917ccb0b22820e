"""Numbers that a template leaves behind; and where no slip can be named, no more than what the other figures give."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from expectations.vocabulary import WAN
from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case, Guess, rounded
from flows.explain.hypotheses.context import is_claim
from flows.explain.hypotheses.exact import broken, decimal, shown, stretch
from flows.explain.hypotheses.sentences import number, said
from flows.explain.relation import SCALE, Linear, Relation

WHOLE = Decimal(100)
"""The percentage that stands in a form before anyone works it out."""

RUNS = ("123456789", "987654321")
PATTERNS = 50  # placeholders that one might think of
LIKE = 3  # digits that make a number look like a placeholder
TIMES = 4  # as often as a claim must be repeated to look like one

WRITTEN_OUT = 6
"""Terms up to which a sum is written out."""


def residue(case: Case) -> Iterator[Guess]:
    """100 % where another rate comes out; a number like 111.11 or 123.45; one that stands in many unrelated places."""
    figure = case.figure
    facts = {"printed": number(case.printed, figure.ulp, figure.unit), "right": _right(case)}
    if figure.unit == "%" and case.printed == WHOLE:
        written = _written(case)
        sentence = said("residue_whole_by", arithmetic=written, **facts) if written else said("residue_whole", **facts)
        yield Guess("template_residue", case.repair, sentence, 1, 1)
    digits = f"{abs(case.printed):f}".replace(".", "").strip("0")
    if len(digits) >= LIKE and (len(set(digits)) == 1 or any(digits in run for run in RUNS)):
        yield Guess("template_residue", case.repair, said("residue_pattern", **facts), PATTERNS)
    again = [
        one for one in case.context.by_value.get(abs(case.printed), ()) if one.unit == figure.unit and is_claim(one)
    ]
    if is_claim(figure) and case.digits >= LIKE and len(again) >= TIMES:
        sentence = said("residue_repeated", count=str(len(again)), **facts)
        yield Guess("template_residue", case.repair, sentence, len(case.context.by_value))


def recomputed(case: Case) -> Iterator[Guess]:
    """The likeliest value, with the arithmetic that gives it where one identity says it."""
    if case.repair == case.printed:
        return
    facts = {"printed": number(case.printed, case.figure.ulp, case.figure.unit), "right": _right(case)}
    if alone := _alone(case):
        shown = said("recomputed_as", label=alone.label, **facts)
        yield Guess("recomputed", case.repair, shown, 1)
        return
    written = _written(case)
    sentence = said("recomputed_by", arithmetic=written, **facts) if written else said("recomputed", **facts)
    yield Guess("recomputed", case.repair, sentence, 1)


def _right(case: Case) -> str:
    """What the arithmetic gives, a rate to two decimals where it is printed with fewer; the likeliest value where there is none."""
    figure = case.figure
    last = min(figure.ulp, Decimal("0.01")) if figure.unit == "%" else figure.ulp
    value = _computed(case)
    return number(case.repair if value is None else rounded(value, last), last, figure.unit)


def _computed(case: Case) -> Decimal | None:
    for _, relation in _stating(case):
        computed = relation.computed()
        if computed is not None:
            return abs(shown(computed, case.figure, relation)).copy_sign(case.repair)
    return None


def _stating(case: Case) -> Iterator[tuple[object, Relation]]:
    """The findings that state the figure alone and whose arithmetic gives a value that all identities allow."""
    figure = case.figure
    for one, relation in broken(case):
        alone = [part.id for part in relation.plain.parts] == [figure.id]
        computed = relation.computed()
        if alone and relation.op == "=" and relation.times is None and computed is not None:
            value = shown(computed, figure, relation)
            if case.allows(value) or case.allows(rounded(value, figure.ulp)):
                yield one, relation


def _alone(case: Case) -> Printed | None:
    """The figure that it should repeat, where a finding says no more than that."""
    for _, relation in _stating(case):
        parts = [part for part in relation.over.parts if part.value] or relation.over.parts
        if relation.under is None and len(parts) == 1:
            return case.context.printed.get(parts[0].id)
    return None


def _written(case: Case) -> str:
    """A sum with its terms, a quotient with both sides; "" for none."""
    for _, relation in _stating(case):
        unit = _unit(case, relation)
        turned = stretch(case.figure, relation) < 0  # what goes down is printed without its minus
        over = _terms(case, relation.over, unit, turned=turned)
        under = _terms(case, relation.under, unit) if relation.under else "1"
        if over and under:
            return f"{_bracketed(over)} ÷ {_bracketed(under)}" if relation.under else over
    return ""


def _unit(case: Case, relation: Relation) -> str:
    """The unit of money in which the figures are printed; 万元, as verdicts have them, where they are in several."""
    printed = case.context.printed
    units = {printed[id].unit for id in relation.ids if id in printed} & set(WAN)
    return next(iter(units)) if len(units) == 1 else case.figure.unit if case.figure.unit in WAN else "万元"


def _terms(case: Case, side: Linear, unit: str, *, turned: bool = False) -> str:
    """The terms other than 0 with their signs, added ones first; "" for too many, or where a constant is among them."""
    parts = [part for part in side.parts if part.value] or side.parts[:1]
    if not 0 < len(parts) <= WRITTEN_OUT or sum(part.value for part in parts) != side.value:
        return ""
    text = ""
    for part in sorted(parts, key=lambda part: (part.value < 0) != turned):
        one = case.context.printed.get(part.id)
        value = decimal(part.value) / SCALE * (-1 if turned else 1)
        if one is None or one.unit in WAN:
            value /= WAN[unit]
        size = number(abs(value), one.ulp if one and one.unit == unit else Decimal("0.01"))
        text += f" {'−' if value < 0 else '+'} {size}" if text else f"{'-' if value < 0 else ''}{size}"
    return text


def _bracketed(text: str) -> str:
    return f"({text})" if " " in text else text
