"""The rules that judge, and what is written out of their verdicts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from expectations import messages, rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows import judge, record, retention, standing
from flows.explain import ties
from flows.night import laking
from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened
from flows.record import ExpectationResult
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


def ready(plan: Plan) -> None:
    """What judges can be reached from here, and the lake is one. Raises `NightFailed` (code 2) where it is not so."""
    if plan.engine.lake:
        laking.ready(plan)
    if plan.engine.spark:
        from flows.spark.missing import NoSpark, refuse_missing

        try:
            refuse_missing(plan.engine.master)
        except NoSpark as error:
            raise NightFailed(error.message["zh"], error.message["en"], 2) from error


def judged(plan: Plan, run: str) -> tuple[ExpectationResult, ...]:
    """What Great Expectations says of whatever no longer stands, judged; nothing where all stands: then it is not even imported.

    Raises `NightFailed` with all that is known to be wrong.
    """
    if not foreseen(plan, run):
        return ()
    from flows import validate as validation
    from flows.spark.missing import NoSpark
    from flows.validate.warehouse import in_warehouse

    opening: validation.Opening = in_warehouse
    if plan.engine.spark:
        from flows.validate.spark import on_engine

        opening = on_engine(plan.engine)
    # It speaks of its own folders.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    book, compiled = judges(plan)
    kept = plan.kept / record.FOLDER
    try:
        return validation.validate(plan.warehouse, book, compiled, run, kept, foreseen=True, opening=opening).results
    except NoSpark as error:
        raise NightFailed(error.message["zh"], error.message["en"]) from error
    except validation.ValidationError as error:
        faults = {lang: "\n".join(fault.text(lang) for fault in error.faults) for lang in messages.LANGUAGES}
        raise NightFailed(faults["zh"], faults["en"]) from error


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
