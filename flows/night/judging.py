"""The rules that judge, and what is written out of their verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows import judge, retention, standing
from flows.explain import ties
from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened
from flows.retention import Retention


def judges(plan: Plan) -> tuple[RuleBook, tuple[Compiled, ...]]:
    """The rule book in force, every active rule compiled. Raises `rules.RuleErrors` when a rule file is wrong."""
    book = rules.in_force(plan.teams)
    return book, verdicts.compile_all(book, vocabulary.load())


def retained() -> Retention:
    """How long verdicts are kept. Raises `NightFailed` (code 2) when what the environment says of it means nothing."""
    try:
        return retention.chosen_retention()
    except retention.BadRetention as error:
        raise NightFailed(error.message["zh"], error.message["en"], 2) from error


def foreseen(plan: Plan, run: str) -> int:
    """How many filings the run has to judge, in whole or in part: the verdicts of the others stand. With none, nothing of Great
    Expectations need be imported, which takes seconds: it has nothing to execute and nothing to record."""
    with opened(plan.warehouse) as connection:
        judge.bound(connection)
        return standing.foresee(connection, judges(plan)[1], run)


def explained(plan: Plan, run: str, passed: Mapping[str, int]) -> int:
    """The verdicts that pass, `passed` of each rule judged, are in the warehouse with their arithmetic, as the others are already;
    each finding that follows from another names its root; and later runs may rest on all this. Returns of how many filings
    anything was judged in this run.

    Raises `NightFailed` when they are other than was counted.
    """
    with opened(plan.warehouse) as connection:
        try:
            if passed:
                book, compiled = judges(plan)
                judge.write_out(connection, compiled, run, passed)
                ties.tie(connection, run, book.active)
            ties.forget_gone(connection)
            judged = standing.settle(connection, run)
            retention.compact(connection, retained(), datetime.now(UTC).replace(tzinfo=None))
            return judged
        except judge.Contradiction as error:
            raise NightFailed(f"核对结果前后不一致：{error}", f"the verdicts contradict themselves: {error}") from error
