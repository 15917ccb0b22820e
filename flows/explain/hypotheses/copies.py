"""Numbers that stand somewhere else: in a cell beside it, another form, another fund, the year before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial

from expectations.vocabulary import WAN
from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case, Guess, cut, rounded
from flows.explain.hypotheses.context import Said, in_wan, is_claim, value_in
from flows.explain.hypotheses.sentences import number, said

REACH = 3
"""Steps up, down, left and right in a form, or sentences, within which a number is beside another."""

TELLING = 3
"""Digits from which on meeting a number again is no accident; each digit less makes it ten times as likely."""

SIDES: Mapping[str, int] = {"T01": 2, "T04": 2, "T06": 3}
"""Forms that print so many rows side by side; the order of rows counts them all."""

FUNDS: Mapping[str, int] = {"T05": 0, "T08": 1, "T09": 2}
FUND_NAMES = ("一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款")


def neighbours(case: Case) -> Iterator[Guess]:
    """The number of a cell beside it, the nearest first; in the narrative another number of the same passage."""
    near = sorted(_beside(case), key=lambda one: one[0])
    agreeing = case.context.agreeing(case.figure.id)
    copied = next(((far, other) for far, other in near if _same(case, other) and other.id not in agreeing), None)
    if copied:
        far, other = copied
        ways = len({in_wan(one) for away, one in near if away <= far})
        name = "beside_in_text" if is_claim(case.figure) else "neighbouring_cell"
        yield _copied(case, "neighbouring_cell", name, other, ways)


def elsewhere(case: Case) -> Iterator[Guess]:
    """The number of another form, or of another fund: of the same row first, else of any."""
    figure = case.figure
    agreeing = case.context.agreeing(figure.id)
    found = (*case.context.by_value.get(abs(in_wan(figure)), ()), *_in_other_units(case))
    same = [other for other in found if _elsewhere(case, other) and other.id not in agreeing]
    funds = [other for other in same if _other_fund(figure, other)]
    kin = [other for other in same if other.row_key == figure.row_key and figure.row_key]
    for other in funds[:1]:
        yield _copied(case, "other_fund", "other_fund", other, 3)
    for other in (kin or same)[:1]:
        ways = 3 if kin else max(3, len(case.context.by_value))
        yield _copied(case, "other_form", "other_form", other, ways)


def last_year(case: Case) -> Iterator[Guess]:
    """The number of the year before: of the filing then, or as this one states or implies it."""
    for before in _previous(case):
        if _same(case, before):
            yield _copied(case, "previous_year", "previous_year", before, 1)
            return
    yield from _stated_previous(case)


# ---- beside it ----------------------------------------------------------------------------------------------------------


def _beside(case: Case) -> Iterable[tuple[int, Printed]]:
    """How far away, and what stands there."""
    figure, context = case.figure, case.context
    if is_claim(figure):
        here = context.said.get(figure.id)
        for id, other in context.said.items():
            if here and id != figure.id and id in context.printed and abs(other.sentence - here.sentence) <= REACH:
                yield abs(other.sentence - here.sentence), context.printed[id]
        return
    columns = context.columns.get((figure.form, figure.part), ())
    mine = columns.index(figure.column) if figure.column in columns else 0
    for one in context.cells.get((figure.form, figure.part), ()):
        rows = -(-abs(one.order - figure.order) // SIDES.get(figure.form, 1))
        across = abs(columns.index(one.column) - mine)
        if one.id != figure.id and rows + across <= REACH:
            yield rows + across, one


def _same(case: Case, other: Printed) -> bool:
    """Whether the figure is printed as `other` would be in its place; a copy keeps the sign, but for words that stand for it."""
    value = value_in(other, case.figure.unit)
    if value is None or not case.printed:
        return False
    ways = (rounded, cut) if other.unit != case.figure.unit else ()
    shown = (value, *(way(value, case.figure.ulp) for way in ways))
    if is_claim(case.figure) or is_claim(other):
        return abs(case.printed) in map(abs, shown)
    return case.printed in shown


def _number(case: Case) -> str:
    return number(case.printed, case.figure.ulp, case.figure.unit)


def _copied(case: Case, kind: str, name: str, other: Printed, ways: int) -> Guess:
    common = 10 ** max(0, TELLING - case.digits)
    return Guess(kind, case.repair, said(name, label=other.label, printed=_number(case)), max(1, ways) * common)


# ---- elsewhere ----------------------------------------------------------------------------------------------------------


def _elsewhere(case: Case, other: Printed) -> bool:
    figure = case.figure
    return other.id != figure.id and (other.form != figure.form or _other_fund(figure, other)) and _same(case, other)


def _in_other_units(case: Case) -> Iterator[Printed]:
    """The amounts of money whose last places may differ, rounded, from those of the figure."""
    if case.figure.unit in WAN:
        yield from (one for one in case.context.amounts if one.unit != case.figure.unit)


def _fund(figure: Printed) -> int | None:
    """Which of the three funds the figure is about, where its form or column tells."""
    if figure.form == "T04":
        named = (figure.column, figure.row_key.removeprefix("年初"))
        return next((k for k, name in enumerate(FUND_NAMES) if name in named), None)
    return FUNDS.get(figure.form)


def _other_fund(figure: Printed, other: Printed) -> bool:
    mine, theirs = _fund(figure), _fund(other)
    if mine is None or theirs is None or mine == theirs:
        return False
    return figure.row_key == other.row_key or figure.column == other.column


# ---- the year before ----------------------------------------------------------------------------------------------------


def _previous(case: Case) -> Iterator[Printed]:
    """What the filing of the year before printed in its place."""
    figure, context = case.figure, case.context
    if not is_claim(figure):
        if figure.id in context.previous:
            yield context.previous[figure.id]
        return
    here = context.said.get(figure.id)
    if here is None:
        return
    if here.concept in context.previous:
        yield context.previous[here.concept]
    for id, then in context.previous_said.items():
        if _speaks_of(then) == _speaks_of(here) and id in context.previous:
            yield context.previous[id]


def _speaks_of(one: Said) -> tuple[str, str, str]:
    return one.kind, one.concept or one.subject, one.base


def _stated_previous(case: Case) -> Iterator[Guess]:
    """The year before as a change states it (this year's amount and the change), or as a claim about that year."""
    figure, context = case.figure, case.context
    if figure.unit not in WAN:
        return
    for tie in (tie for tie in context.ties if figure.id == tie.roles.get("current")):
        prior, change = (context.printed.get(tie.roles.get(role, "")) for role in ("prior", "change"))
        if prior and _same(case, prior):
            yield _copied(case, "previous_year", "stated_previous", prior, 1)
            return
        by = value_in(change, figure.unit) if change else None
        if change and by is not None and (made := _implied(case, change, abs(by))):
            yield made
            return


def _implied(case: Case, change: Printed, by: Decimal) -> Guess | None:
    """The printed number is the right one less, or plus, the change."""
    for sign, right in (("+", case.printed - by), ("−", case.printed + by)):
        if by and case.allows(right):
            number_of = partial(number, ulp=case.figure.ulp)
            facts = {
                "right": number_of(right),
                "change": number_of(by),
                "printed": number_of(case.printed),
                "sign": sign,
            }
            sentence = said("implied_previous", label=change.label, **facts)
            return Guess("previous_year", right, sentence, 2, case.values())
    return None
