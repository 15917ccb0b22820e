"""Which amounts of a filing are near enough to a rate to be taken for another by mistake, the nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case
from flows.explain.hypotheses.context import in_wan, is_claim

TOTALS = ("合计", "总计", "总额")
BUDGET = "预算"
PASSAGE = 1  # sentences before and after


@dataclass(frozen=True, slots=True)
class Kin:
    """An amount, and among how many different ones, as near or nearer, it is one."""

    figure: Printed
    ways: int


def kinship(case: Case, ids: frozenset[str]) -> Sequence[Kin]:
    """Every figure but the rate itself: those tied to it by `ids`, of its passage or row, totals and budgets, all others."""
    tiers: list[list[Printed]] = [[], [], [], []]
    for one in case.context.printed.values():
        if one.id != case.figure.id and one.value:
            tiers[_tier(case, one, ids)].append(one)
    made: list[Kin] = []
    values = set()
    for tier in tiers:
        values |= {abs(in_wan(one)) for one in tier}
        made += [Kin(one, max(2, len(values))) for one in tier]
    return made


def _tier(case: Case, one: Printed, ids: frozenset[str]) -> int:
    if one.id in ids or one.id in _statements(case):
        return 0
    if _beside(case, one):
        return 1
    return 2 if _total(case, one) else 3


def _statements(case: Case) -> frozenset[str]:
    ties = case.context.tied.get(case.figure.id, ())
    return frozenset(id for tie in ties for id in tie.roles.values())


def _beside(case: Case, one: Printed) -> bool:
    figure, said = case.figure, case.context.said
    if is_claim(figure):
        here, there = said.get(figure.id), said.get(one.id)
        return here is not None and there is not None and abs(here.sentence - there.sentence) <= PASSAGE
    return (one.form, one.part, one.row_key) == (figure.form, figure.part, figure.row_key)


def _total(case: Case, one: Printed) -> bool:
    """A total of a form, or a claim about one, or about a budget."""
    if not is_claim(one):
        return any(name in one.row_key for name in TOTALS)
    told = case.context.said.get(one.id)
    if told is None:
        return False
    return BUDGET in told.base or any(name in f"{told.concept}{told.subject}" for name in TOTALS)
