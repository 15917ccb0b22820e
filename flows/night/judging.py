"""The rules that judge, and what is written out of their verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows import judge
from flows.explain import ties
from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened


def judges(plan: Plan) -> tuple[RuleBook, tuple[Compiled, ...]]:
    """The rule book in force, every active rule compiled. Raises `rules.RuleErrors` when a rule file is wrong."""
    book = rules.in_force(plan.teams)
    return book, verdicts.compile_all(book, vocabulary.load())


def explained(plan: Plan, run: str, passed: Mapping[str, int]) -> None:
    """The verdicts that pass, `passed` of each rule, are in the warehouse with their arithmetic, as the others are already, and
    each finding that follows from another names its root.

    Raises `NightFailed` when they are other than was counted.
    """
    with opened(plan.warehouse) as connection:
        try:
            book, compiled = judges(plan)
            judge.write_out(connection, compiled, run, passed)
            ties.tie(connection, run, book.active)
        except judge.Contradiction as error:
            raise NightFailed(f"核对结果前后不一致：{error}", f"the verdicts contradict themselves: {error}") from error
