"""What is supposed of findings, in words: always as a supposition, never as a correction of what was published."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from flows.explain.diagnosis import Suspect
from flows.publish.content.views import Case
from flows.publish.wording.numbers import is_money, places, printed
from flows.publish.wording.words import LANGUAGES, say

FEW = 3
"""Sets that one line names; of the others it says how many there are."""

Both = dict[str, str]
"""The same in each language."""


def reads(one: Suspect, ulp: Decimal | None = None) -> Both:
    """548.77 应为 584.77 万元, in both languages; `ulp` is the unit of the last place in which the figure is printed, if it is known."""
    was, repair = number(one.printed, one, ulp), number(one.repair, one, ulp)
    unit = one.unit if not one.unit or one.unit == "%" else f" {one.unit}"
    if one.repair == one.printed:  # the number is right, what it is said to be is not: the hypothesis tells
        return dict.fromkeys(LANGUAGES, f"{was}{unit}")
    return {lang: say("supposed_reads", lang, printed=was, repair=f"{repair}{unit}") for lang in LANGUAGES}


def span(one: Suspect, ulp: Decimal | None = None) -> Both:
    """What else lets all identities hold, in both languages; {} where only one value can be printed that does."""
    unit = Decimal(1).scaleb(-_decimals(one, ulp))
    least = None if one.least is None else one.least.quantize(unit, ROUND_CEILING)
    most = None if one.most is None else one.most.quantize(unit, ROUND_FLOOR)
    if least is None and most is None:
        return {}
    if least is not None and most is not None:
        if most <= least:
            return {}
        key = "supposed_between"
    else:
        key = "supposed_least" if most is None else "supposed_most"
    ends = {name: number(value, one, ulp) for name, value in (("least", least), ("most", most)) if value is not None}
    return {lang: say(key, lang, **ends) for lang in LANGUAGES}


def number(value: Decimal, one: Suspect, ulp: Decimal | None = None) -> str:
    """A value of the suspected figure, with the decimals in which it is printed."""
    return printed(value, Decimal(1).scaleb(-_decimals(one, ulp)))


def _decimals(one: Suspect, ulp: Decimal | None) -> int:
    known = places(ulp)
    if known is not None:
        return known
    needed = [one.printed.normalize().as_tuple().exponent, one.repair.normalize().as_tuple().exponent]
    least = 2 if is_money(one.unit) or one.unit == "%" else 0
    return max(least, *(-exponent for exponent in needed if isinstance(exponent, int)))


def line(case: Case | None, lang: str) -> str:
    """The likeliest in one line: which figure should read what, and why; "" where nothing can be supposed."""
    if case is None or not case.suspects:
        return ""
    shown = [" + ".join(_told(one, lang) for one in some) for some in case.sets[:FEW]]
    if case.outcome != "several":
        why = next((one.hypotheses[0].said[lang] for one in case.sets[0] if one.hypotheses), "")
        return shown[0] + (say("supposed_why", lang, why=why) if why else "")
    more = len(case.sets) - len(shown)
    rest = say("supposed_and_more", lang, n=more) if more > 0 else ""
    return say("supposed_cannot_tell", lang, sets=say("supposed_or", lang).join(shown) + rest)


def _told(one: Suspect, lang: str) -> str:
    return f"{one.label[lang]} {reads(one)[lang]}"
