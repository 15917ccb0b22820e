"""What is supposed of findings, in words: always as a supposition, never as a correction of what was published."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from expectations.vocabulary import WAN
from flows.explain.diagnosis import Suspect
from flows.publish.content.views import Case
from flows.publish.wording.numbers import is_money, places, printed
from flows.publish.wording.words import LANGUAGES, say

_UNITS = ("元", "万元", "亿元")
FEW = 3
"""Sets that one line names; of the others it says how many there are."""

Both = dict[str, str]
"""The same in each language."""


def reads(one: Suspect, ulp: Decimal | None = None) -> Both:
    """548.77 应为 584.77 万元, in both languages; `ulp` is the unit of the last place in which the figure is printed, if it is known."""
    was, should = number(one.printed, one, ulp), repair(one, ulp)
    if one.printed == one.repair:
        # The number stands: what it is said to be is doubted.
        return dict.fromkeys(LANGUAGES, should)
    was += f" {one.unit}" if _other_unit(one) else ""
    return {lang: say("supposed_reads", lang, printed=was, repair=should) for lang in LANGUAGES}


def repair(one: Suspect, ulp: Decimal | None = None) -> str:
    """584.77 万元: what the figure should read, with its unit; in another unit of money where its number is right in that."""
    if other := _other_unit(one):
        return f"{number(one.printed, one, ulp)} {other}"
    unit = one.unit if not one.unit or one.unit == "%" else f" {one.unit}"
    return f"{number(one.repair, one, ulp)}{unit}"


def _other_unit(one: Suspect) -> str:
    """The unit of money in which the number would be right as it is printed; "" where there is none, and for the right one."""
    if one.printed == one.repair or not one.printed or not is_money(one.unit):
        return ""
    return next((unit for unit in _UNITS if one.printed * WAN[unit] == one.repair * WAN[one.unit]), "")


def span(one: Suspect, ulp: Decimal | None = None) -> Both:
    """What else lets all identities hold, in both languages; {} where only one value can be printed that does,
    and where it is the unit that is wrong."""
    unit = Decimal(1).scaleb(-_decimals(one, ulp))
    least = None if one.least is None else one.least.quantize(unit, ROUND_CEILING)
    most = None if one.most is None else one.most.quantize(unit, ROUND_FLOOR)
    if (least is None and most is None) or _other_unit(one):
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
    shown = [" + ".join(_told(one, lang) for one in some if not one.follows) for some in case.sets[:FEW]]
    ended = say("supposed_ended", lang) if case.outcome == "unfinished" else ""
    if len(case.sets) == 1:
        why = next((one.hypotheses[0].said[lang] for one in case.sets[0] if one.hypotheses), "")
        return shown[0] + (say("supposed_why", lang, why=why) if why else "") + ended
    more = len(case.sets) - len(shown)
    rest = say("supposed_and_more", lang, n=more) if more > 0 else ""
    return say("supposed_cannot_tell", lang, sets=say("supposed_or", lang).join(shown) + rest) + ended


def _told(one: Suspect, lang: str) -> str:
    return f"{one.label[lang]} {reads(one)[lang]}"
