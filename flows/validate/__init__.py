"""Runs the rules over their tables through Great Expectations: every verdict is counted, and kept where it does not pass.

Judged are the filings whose earlier verdicts do not stand (`flows.standing`); what Great Expectations records of a run is about these.
One query judges them all at once, in the database. What holds, exactly or within rounding, is nearly everything: that it does is
all that is asked here; its arithmetic, for the pages, is written out afterwards (`flows.judge.write_out`). Whatever goes wrong on the way (a rule that cannot be executed, a result
that does not arrive, a canary that does not fail) is a `ValidationError` and nothing of the run is kept: a crashed rule is never
a pass and never a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from great_expectations.core.run_identifier import RunIdentifier

from expectations.reconcile import STATUSES
from expectations.rules import RuleBook
from expectations.sql.verdicts import Compiled
from expectations.suites import (
    CANARY,
    CANARY_TYPES,
    STRUCTURE,
    TableSuite,
    build_suites,
    canary_suite,
    structure_suites,
)
from expectations.vocabulary import load as load_vocabulary
from flows import standing
from flows.record import ExpectationResult
from flows.validate.faults import Fault, ValidationError
from flows.validate.running import Source, build_docs, execute
from flows.validate.verdicts import began, keep, refuse_lost, staging
from flows.validate.warehouse import in_warehouse

__all__ = ["Fault", "Opening", "Validation", "ValidationError", "build_docs", "validate"]

Opening = Callable[[Path, duckdb.DuckDBPyConnection, str], AbstractContextManager[Source]]
"""Opens the source that judges, for a warehouse, a connection to it and a run."""


@dataclass(frozen=True, slots=True)
class Validation:
    """A completed validation: `counts` of verdicts by status, and every expectation's result, canary included."""

    run: str
    counts: dict[str, int]
    results: tuple[ExpectationResult, ...]

    @property
    def verdicts(self) -> int:
        return sum(self.counts.values())

    @property
    def structure_failures(self) -> tuple[ExpectationResult, ...]:
        """Tables whose keys or codes are not what rules rely on: defects of reading or loading, not of a disclosure."""
        return tuple(one for one in self.results if one.suite == STRUCTURE and not one.success)


def validate(
    warehouse: Path,
    book: RuleBook,
    compiled: Sequence[Compiled],
    run: str,
    context_root: Path | None = None,
    foreseen: bool = False,
    opening: Opening = in_warehouse,
) -> Validation:
    """Every verdict of every compiled rule on the filings that `run` has to judge is counted, and those that do not pass are kept
    under `run`, replacing an earlier try.

    `foreseen`: whether the warehouse says already what the run has to judge (`standing.foresee`). `context_root`: the folder in
    which Great Expectations' suites and results are kept (`flows.record`); without it nothing is kept but the verdicts. `opening`:
    where rules are judged, in the warehouse or by Spark. Raises `ValidationError`.
    """
    with staging(warehouse) as connection:
        if not foreseen:
            standing.foresee(connection, compiled, run)
        wanted = standing.wanted(connection, compiled, run)
        parts = {one.part for one in compiled}
        compiled = [one for one in compiled if one.part in wanted]
        some = {part: each.filings for part, each in wanted.items() if not each.all}
        whole = not some and {one.part for one in compiled} == parts
        with opening(warehouse, connection, run) as source:
            # Looked at beforehand because one crash may mark other rules (issue 10713 upstream).
            if faults := source.uncompilable(compiled, some):
                raise ValidationError(faults)
            suites = (*build_suites(book, compiled, some), *_structure(compiled), canary_suite())
            began_ = RunIdentifier(run, began(connection, run))
            results = execute(source, suites, began_, compiled, context_root, whole)
            _refuse_quiet_canary(results)
            source.stage()
        refuse_lost(connection, compiled, results)
        keep(connection, compiled, run)
    counts = {
        status: sum(one.counts[status] for one in results if one.rule and one.suite != CANARY) for status in STATUSES
    }
    return Validation(run, counts, results)


def _structure(compiled: Sequence[Compiled]) -> tuple[TableSuite, ...]:
    """What must be true of the tables that these rules read, before they may be trusted."""
    every = structure_suites(load_vocabulary())
    read = set().union(*(one.reads(suite.table for suite in every) for one in compiled))
    return tuple(suite for suite in every if suite.table in read)


def _refuse_quiet_canary(results: tuple[ExpectationResult, ...]) -> None:
    """Both expectations that must fail have failed, each on exactly one row of one."""
    good = {one.expectation_type for one in results if one.suite == CANARY and _failed_on_one_row(one)}
    quiet = [name for name in CANARY_TYPES if name not in good]
    if quiet:
        zh = f"必须不通过的检验没有如实不通过（{'、'.join(quiet)}），本次结果不可信"
        en = f"what must fail did not ({', '.join(quiet)}): no result of this run can be trusted"
        raise ValidationError([Fault(CANARY, zh, en)])


def _failed_on_one_row(one: ExpectationResult) -> bool:
    return not one.success and (one.element_count, one.unexpected_count, len(one.failing)) == (1, 1, 1)
