"""Runs the rules over the warehouse through Great Expectations: every verdict is counted, and kept where it does not pass.

Judged are the filings whose earlier verdicts do not stand (`flows.standing`); what Great Expectations records of a run is about these.
One query judges them all at once, in the database. What holds, exactly or within rounding, is nearly everything: that it does is
all that is asked here; its arithmetic, for the pages, is written out afterwards (`flows.judge.write_out`). Whatever goes wrong on the way (a rule that cannot be executed, a result
that does not arrive, a canary that does not fail) is a `ValidationError` and nothing of the run is kept: a crashed rule is never
a pass and never a finding.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
from great_expectations.checkpoint import CheckpointResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.render.renderer.site_builder import SiteBuilder
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL

from expectations.reconcile import PASSED, STAGING, STAGING_SCHEMA, STATUSES, staging_ddl
from expectations.rules import RuleBook
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, fingerprint_sql
from expectations.suites import (
    CANARY,
    CANARY_QUERY,
    CANARY_TYPES,
    STRUCTURE,
    TableSuite,
    build_suites,
    canary_suite,
    structure_suites,
)
from expectations.vocabulary import load as load_vocabulary
from flows import access, dialect, record, standing
from flows.judge import bound
from flows.record import ExpectationResult
from flows.sql import transaction

DATASOURCE = "warehouse"
CHECKPOINT = "nightly"
WHOLE = "whole table"


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


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a validation cannot be trusted. `where` is "rule ID (file:line)" or names the suite and expectation."""

    where: str
    zh: str
    en: str

    def text(self, lang: str = "zh") -> str:
        return f"{self.where}: {self.zh if lang == 'zh' else self.en}"


class ValidationError(Exception):
    """The run failed; `faults` say why, all that are known. No verdict of the run was kept."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__("\n".join(fault.text("en") for fault in faults))
        self.faults = tuple(faults)


def validate(
    warehouse: Path,
    book: RuleBook,
    compiled: Sequence[Compiled],
    run: str,
    context_root: Path | None = None,
    foreseen: bool = False,
) -> Validation:
    """Every verdict of every compiled rule on the filings that `run` has to judge is counted, and those that do not pass are kept
    under `run`, replacing an earlier try.

    `foreseen`: whether the warehouse says already what the run has to judge (`standing.foresee`). `context_root`: the folder in which Great Expectations' suites and results are kept (`flows.record`); without it nothing is
    kept but the verdicts. Raises `ValidationError`.
    """
    with _staging(warehouse) as connection:
        _refuse_uncompilable(connection, compiled)
        if not foreseen:
            standing.foresee(connection, compiled, run)
        wanted = standing.wanted(connection, compiled, run)
        parts = {one.part for one in compiled}
        compiled = [one for one in compiled if one.part in wanted]
        some = {part: each.filings for part, each in wanted.items() if not each.all}
        suites = (*build_suites(book, compiled, some), *structure_suites(load_vocabulary()), canary_suite())
        whole = not some and {one.part for one in compiled} == parts
        results = _execute(
            warehouse, suites, RunIdentifier(run, _began(connection, run)), compiled, context_root, whole
        )
        _refuse_quiet_canary(results)
        _refuse_lost_verdicts(connection, compiled, results)
        _keep(connection, compiled, run)
    counts = {
        status: sum(one.counts[status] for one in results if one.rule and one.suite != CANARY) for status in STATUSES
    }
    return Validation(run, counts, results)


def build_docs(root: Path, describe: Callable[[AbstractDataContext], dict[str, Any]]) -> None:
    """Great Expectations' own site builder has gone over the record in `root`, with the renderers, views and stores that
    `describe` names for it (see `flows.publish.datadocs`)."""
    context = _context(root)
    SiteBuilder(data_context=context, **describe(context)).build()


# ---- the warehouse ------------------------------------------------------------------------------------------------------


@contextmanager
def _staging(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection beside an empty staging table that every connection of this process to the warehouse sees, and no other."""
    connection = access.connect(warehouse)
    try:
        connection.execute(f"ATTACH ':memory:' AS {STAGING_SCHEMA} (COMPRESS)")
        connection.execute(staging_ddl())
        bound(connection)
        yield connection
    finally:
        connection.execute(f"DETACH DATABASE IF EXISTS {STAGING_SCHEMA}")
        connection.close()


def _began(connection: duckdb.DuckDBPyConnection, run: str) -> datetime:
    """When `run` began as the table `run` has it: in the order of runs, which the clock may not keep."""
    found = connection.execute("SELECT started FROM run WHERE run = ?", [run]).fetchone()
    return found[0].replace(tzinfo=UTC) if found and found[0] else datetime.now(UTC)


def _refuse_uncompilable(connection: duckdb.DuckDBPyConnection, compiled: Sequence[Compiled]) -> None:
    """Every rule's SQL can be planned; checked beforehand because one crash may mark other rules (issue 10713 upstream)."""
    faults = []
    connection.execute("PRAGMA disable_optimizer")
    for one in compiled:
        try:
            connection.execute(f"EXPLAIN {one.sql()}")
        except duckdb.Error as error:
            faults.append(_crashed(one, str(error)))
    connection.execute("PRAGMA enable_optimizer")
    if faults:
        raise ValidationError(faults)


def _refuse_lost_verdicts(
    connection: duckdb.DuckDBPyConnection, compiled: Sequence[Compiled], results: tuple[ExpectationResult, ...]
) -> None:
    """Each rule staged exactly as many verdicts as Great Expectations reports for it, by every status that is no pass."""
    staged: dict[str, dict[str, int]] = {}
    for rule, status, count in connection.execute(
        f"SELECT rule, status, count(*) FROM {STAGING} GROUP BY rule, status"
    ).fetchall():
        staged.setdefault(rule, {})[status] = count
    reported = {one.rule: one for one in results if one.rule}
    faults = []
    for one in compiled:
        found, told = staged.get(one.rule.id, {}), reported[one.rule.id].counts
        if found != {status: count for status, count in told.items() if count and status not in PASSED}:
            zh = f"暂存判定 {found} 与 Great Expectations 报告的 {told} 不一致"
            faults.append(
                Fault(_where(one), zh, f"staged verdicts {found} are not what Great Expectations reports, {told}")
            )
    unknown = set(staged) - set(reported)
    if unknown:
        faults.append(
            Fault("verdict_staging", f"有来历不明的判定：{unknown}", f"there are verdicts of no known rule: {unknown}")
        )
    if faults:
        raise ValidationError(faults)


def _keep(connection: duckdb.DuckDBPyConnection, compiled: Sequence[Compiled], run: str) -> None:
    """The staged verdicts are in `verdict` under `run`, with their fingerprints, and no others."""
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    staged = ", ".join(f"s.{name}" for name, _ in VERDICT_COLUMNS)
    with transaction(connection):
        connection.execute("DELETE FROM kept_verdict WHERE run = ?", [run])
        told = connection.execute(
            f"INSERT INTO kept_verdict (run, rule, {columns}, fingerprint, rule_fingerprint, bundle) "
            f"SELECT b.run, s.rule, {staged}, {fingerprint_sql('f.identity', 's.rule', 's')}, r.fingerprint, b.bundle "
            f"FROM {STAGING} s JOIN (SELECT unnest(?::VARCHAR[]) AS rule, unnest(?::VARCHAR[]) AS fingerprint, "
            "unnest(?::VARCHAR[]) AS part) r ON r.rule = s.rule "
            "JOIN bundle b ON b.run = ? AND b.filing = s.filing AND b.part = r.part LEFT JOIN filing f ON f.filing = s.filing",
            [
                [one.rule.id for one in compiled],
                [one.rule.fingerprint for one in compiled],
                [one.part for one in compiled],
                run,
            ],
        ).fetchone()
        (number,) = connection.execute(f"SELECT count(*) FROM {STAGING} WHERE rule <> ?", [CANARY]).fetchone() or (0,)
        if told != (number,):
            zh, en = "有判定所属的决算本次不应核对", "there are verdicts on filings that were not to be judged"
            raise ValidationError([Fault("verdict_staging", zh, en)])


# ---- Great Expectations -------------------------------------------------------------------------------------------------


def _context(root: Path | None = None) -> AbstractDataContext:
    """A context that keeps its stores in `root`, or in memory; it reports to nobody and draws no progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    dialect.register()
    context: AbstractDataContext
    if root is None:
        context = gx.get_context(mode="ephemeral")
    else:
        root.mkdir(parents=True, exist_ok=True)
        context = gx.get_context(mode="file", context_root_dir=root)
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def _execute(
    warehouse: Path,
    suites: Sequence[TableSuite],
    run: RunIdentifier,
    compiled: Sequence[Compiled],
    root: Path | None,
    whole: bool,
) -> tuple[ExpectationResult, ...]:
    """The results of one checkpoint over all suites. They are kept in `root` whatever they are: an error must be there to be seen.

    Raises `ValidationError` when an expectation raised or is missing from the results.
    """
    context = _context()
    source = _source(context, warehouse, [one.table for one in suites])
    try:
        outcome = _checkpoint(context, source, suites).run(run_id=run)
    finally:
        # Pooled connections would hold the file's lock against every other process for as long as this one lives.
        source.get_execution_engine().close()
        source.get_engine().dispose()
    if root:
        record.keep(context, _context(root), str(run.run_name), whole)
    return _results(outcome, suites, compiled)


def _checkpoint(context: AbstractDataContext, source: SQLDatasource, suites: Sequence[TableSuite]) -> gx.Checkpoint:
    """One checkpoint that runs each suite over its whole table."""
    definitions = []
    for one in suites:
        suite = context.suites.add(one.suite)
        batch = source.get_asset(one.table).get_batch_definition(WHOLE)
        definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=suite)
        definitions.append(context.validation_definitions.add(definition))
    return context.checkpoints.add(
        gx.Checkpoint(name=CHECKPOINT, validation_definitions=definitions, result_format="BASIC")
    )


def _source(context: AbstractDataContext, warehouse: Path, tables: Sequence[str]) -> SQLDatasource:
    """The warehouse as a data source: an asset for each table, with its whole as a batch."""
    address = URL.create(dialect.NAME, database=str(warehouse)).render_as_string(hide_password=False)
    # Assembled before the context knows it: once attached, every added asset writes the whole configuration again.
    source = SQLDatasource(name=DATASOURCE, connection_string=address)
    for table in dict.fromkeys(tables):
        if table == CANARY:
            asset: Any = source.add_query_asset(CANARY, query=CANARY_QUERY)
        else:
            asset = source.add_table_asset(table, table_name=table)
        asset.add_batch_definition_whole_table(WHOLE)
    source.get_engine().dispose()
    held = context.data_sources.add_or_update_sql(source)
    # Great Expectations knows no regular expressions of DuckDB's; PostgreSQL's operators are understood there, and match whole.
    held.get_execution_engine().dialect_module = postgresql
    return held


def _results(
    outcome: CheckpointResult, suites: Sequence[TableSuite], compiled: Sequence[Compiled]
) -> tuple[ExpectationResult, ...]:
    rules = {one.rule.id: one for one in compiled}
    told = {result.suite_name: result.results for result in outcome.run_results.values()}
    results: list[ExpectationResult] = []
    faults: list[Fault] = []
    for one in suites:
        found: list[Any] = told.get(one.suite.name, [])
        for evr in found:
            error = record.exception(evr.exception_info)
            rule = evr.expectation_config.kwargs.get("rule")
            if error and rule in rules:
                faults.append(_crashed(rules[rule], error))
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


def _crashed(one: Compiled, error: str) -> Fault:
    cause = error.strip().splitlines()[0]
    return Fault(_where(one), f"规则无法执行：{cause}", f"the rule cannot be executed: {cause}")


def _where(one: Compiled) -> str:
    return f"{one.rule.id} ({one.rule.file}:{one.rule.line})"
