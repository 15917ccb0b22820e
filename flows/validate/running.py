"""Great Expectations runs suites over a source of tables; what it says becomes plain results, or faults."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import great_expectations as gx
from great_expectations.checkpoint import CheckpointResult
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.render.renderer.site_builder import SiteBuilder

from expectations.sql.verdicts import Compiled
from expectations.suites import TableSuite
from flows import record
from flows.record import ExpectationResult
from flows.validate.faults import Fault, ValidationError, crashed

CHECKPOINT = "nightly"
WHOLE = "whole table"


class Source(Protocol):
    """The tables that suites are run over, and the engine that holds them."""

    def uncompilable(self, compiled: Sequence[Compiled], some: dict[str, str]) -> list[Fault]:
        """A fault for each rule whose SQL the engine cannot plan; `some` as of `build_suites`."""

    def run(
        self, context: AbstractDataContext, suites: Sequence[TableSuite], run: RunIdentifier
    ) -> list[CheckpointResult]:
        """Each suite is run over its table, by checkpoints of the context."""

    def stage(self) -> None:
        """The verdicts that do not pass are in the staging table."""


def build_docs(root: Path, describe: Callable[[AbstractDataContext], dict[str, Any]]) -> None:
    """Great Expectations' own site builder has gone over the record in `root`, with the renderers, views and stores that
    `describe` names for it (see `flows.publish.datadocs`)."""
    context = _context(root)
    SiteBuilder(data_context=context, **describe(context)).build()


def _context(root: Path | None = None) -> AbstractDataContext:
    """A context that keeps its stores in `root`, or in memory; it reports to nobody and draws no progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    context: AbstractDataContext
    if root is None:
        context = gx.get_context(mode="ephemeral")
    else:
        root.mkdir(parents=True, exist_ok=True)
        context = gx.get_context(mode="file", context_root_dir=root)
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def execute(
    source: Source,
    suites: Sequence[TableSuite],
    run: RunIdentifier,
    compiled: Sequence[Compiled],
    root: Path | None,
    whole: bool,
) -> tuple[ExpectationResult, ...]:
    """The results of all suites. They are kept in `root` whatever they are: an error must be there to be seen.

    Raises `ValidationError` when an expectation raised or is missing from the results.
    """
    context = _context()
    outcomes = source.run(context, suites, run)
    if root:
        record.keep(context, _context(root), str(run.run_name), whole)
    return _results(outcomes, suites, compiled)


def checkpoint(
    context: AbstractDataContext,
    name: str,
    suites: Sequence[TableSuite],
    batches: Mapping[str, BatchDefinition],
) -> gx.Checkpoint:
    """One checkpoint that runs each suite over its table: `batches` by table."""
    definitions = []
    for one in suites:
        suite = context.suites.add(one.suite)
        definition = gx.ValidationDefinition(name=suite.name, data=batches[one.table], suite=suite)
        definitions.append(context.validation_definitions.add(definition))
    return context.checkpoints.add(gx.Checkpoint(name=name, validation_definitions=definitions, result_format="BASIC"))


def _results(
    outcomes: Sequence[CheckpointResult], suites: Sequence[TableSuite], compiled: Sequence[Compiled]
) -> tuple[ExpectationResult, ...]:
    rules = {one.rule.id: one for one in compiled}
    told = {result.suite_name: result.results for outcome in outcomes for result in outcome.run_results.values()}
    results: list[ExpectationResult] = []
    faults: list[Fault] = []
    for one in suites:
        found: list[Any] = told.get(one.suite.name, [])
        for evr in found:
            error = record.exception(evr.exception_info)
            rule = evr.expectation_config.kwargs.get("rule")
            if error and rule in rules:
                faults.append(crashed(rules[rule], error))
            elif error:
                where = f"{one.suite.name} {evr.expectation_config.type}"
                faults.append(Fault(where, f"执行出错：{error}", f"raised an exception: {error}"))
            else:
                results.append(record.expectation_result(one.suite.name, evr))
        missing = len(one.suite.expectations) - len(found)
        if missing:
            faults.append(Fault(one.suite.name, f"缺少 {missing} 项结果", f"{missing} results are missing"))
    if faults:
        raise ValidationError(faults)
    return tuple(sorted(results, key=_in_order(suites)))


def _in_order(suites: Sequence[TableSuite]) -> Callable[[ExpectationResult], tuple[int, int]]:
    """Great Expectations returns results in no order that means something: sort as the suites are written."""
    order: dict[tuple[str, str, str], tuple[int, int]] = {}
    for i, one in enumerate(suites):
        for k, expectation in enumerate(one.suite.expectations):
            order[one.topic, one.table, expectation.description or ""] = (i, k)
    return lambda result: order[result.suite, result.table, result.description]
