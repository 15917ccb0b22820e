"""A rule as a Great Expectations expectation: the database judges every filing at once and keeps what does not pass.

`ExpectFiguresToReconcile` carries the rule's SQL; its metric counts the outcomes of all filings, writes the verdicts that do not
pass into a staging table, with their arithmetic, and returns only what a result shows: how many of each status, and the first
broken ones as text. What holds, exactly or within rounding, is nearly everything: it is counted and not written out. No Decimal and no full list of rows ever
passes through a result: they are slow there, lose digits, and are cut off at 200.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import SparkDFExecutionEngine, SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation, render_suite_parameter_string
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
from great_expectations.render import (
    CollapseContent,
    LegacyRendererType,
    RenderedStringTemplateContent,
    RenderedTableContent,
)
from great_expectations.render.components import LegacyDiagnosticRendererType
from great_expectations.render.renderer.renderer import renderer
from great_expectations.render.renderer_configuration import RendererConfiguration, RendererValueType

from expectations import on_spark
from expectations.sql.verdicts import VERDICT_COLUMNS

BATCH = "{batch}"
"""Where a rule's query reads the rows to be judged."""

FILINGS = "{filings}"
"""Where the query for the arithmetic reads which filings are wanted."""

STAGING_SCHEMA = "hedui_run"
STAGING = f"{STAGING_SCHEMA}.verdict_staging"
"""The table that takes the verdicts of the run under way, before they are kept under its id: those that do not pass."""

COUNTED = f"{STAGING_SCHEMA}.counted"
"""Of the rule that is being judged: how many instances pass, and for each filing how many do not or cannot be told yet."""

METRIC = "figures.reconciled"
PASSED = ("holds", "rounding")
STATUSES = (*PASSED, "broken", "not_verifiable")
_PASSES = "status IN ('holds', 'rounding')"
SHOWN_ROWS = 200
FAILING_COLUMNS = ("filing", "instance", "stated", "computed", "difference", "unexplained")

Execute = Callable[[str], Sequence[Sequence[Any]]]
"""Runs one statement in the database that holds the batch and returns its rows (none for a statement without any)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one rule came to: verdicts by status, the first broken ones as text, or the error that stopped it."""

    counts: dict[str, int] = field(default_factory=dict)
    failing: tuple[dict[str, str], ...] = ()
    error: str = ""

    @property
    def verdicts(self) -> int:
        return sum(self.counts.values())


class RuleFailed(Exception):
    """A rule's query could not be executed, or contradicts itself; nothing is known about the figures."""


def staging_ddl() -> str:
    """The CREATE TABLE of `STAGING`."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in VERDICT_COLUMNS)
    return f"CREATE TABLE {STAGING} (rule VARCHAR, {columns})"


def judge(execute: Execute, batch: str, rule: str, outcomes: str, query: str) -> Tally:
    """Every verdict over `batch` (SQL in brackets, or a table's name) is counted, and in `STAGING` under `rule` unless it passes.

    `outcomes` gives (filing, status) alone and is run over all filings, `query` gives whole verdicts and is run over those in
    which something does not pass, or is not known to. The same statements serve any engine that can run them; `execute`
    raises what the engine raises. Raises `RuleFailed` when the two queries contradict each other.
    """
    name = _literal(rule)
    execute(
        f"CREATE OR REPLACE TABLE {COUNTED} AS SELECT CASE WHEN {_PASSES} THEN NULL ELSE filing END AS filing, status, "
        f"count(*) AS number FROM ({outcomes.replace(BATCH, batch)}) GROUP BY 1, 2"
    )
    found = {
        status: int(count) for status, count in execute(f"SELECT status, sum(number) FROM {COUNTED} GROUP BY status")
    }
    number = sum(found.values())
    counts = {status: count for status, count in found.items() if status in PASSED}
    if sum(counts.values()) < number:
        for status, count in _staged(execute, name, query.replace(BATCH, batch)):
            counts[status] = counts.get(status, 0) + int(count)
    if sum(counts.values()) != number:
        raise RuleFailed(f"{number} verdicts were counted, and {counts} found")
    if not counts.get("broken"):
        return Tally(counts)
    shown = ", ".join(f"CAST({column} AS VARCHAR)" for column in FAILING_COLUMNS)
    rows = execute(
        f"SELECT {shown} FROM {STAGING} WHERE rule = {name} AND status = 'broken' ORDER BY filing, instance LIMIT {SHOWN_ROWS}"
    )
    return Tally(counts, tuple(_failing(row) for row in rows))


def _staged(execute: Execute, name: str, query: str) -> Sequence[Sequence[Any]]:
    """What does not pass is staged; returns how many of each status there are, those included that pass where that was not sure."""
    columns = ", ".join(each for each, _ in VERDICT_COLUMNS)
    wanted = f"SELECT filing FROM {COUNTED} WHERE filing IS NOT NULL"
    execute(
        f"INSERT INTO {STAGING} (rule, {columns}) SELECT {name}, {columns} FROM ({query.replace(FILINGS, wanted)}) "
        f"WHERE NOT {_PASSES} OR filing IN (SELECT filing FROM {COUNTED} WHERE status IS NULL)"
    )
    counted = execute(f"SELECT status, count(*) FROM {STAGING} WHERE rule = {name} GROUP BY status")
    if any(status in PASSED for status, _ in counted):
        execute(f"DELETE FROM {STAGING} WHERE rule = {name} AND {_PASSES}")
    return counted


class FiguresReconciled(MetricProvider):
    """Judges a batch by one rule, in the engine that holds it."""

    metric_name = METRIC
    domain_keys = ("batch_id",)
    value_keys = ("rule", "outcomes", "query")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> Tally:
        try:
            batch, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE)
            with execution_engine.get_connection() as connection:
                return judge(
                    lambda sql: _rows(connection, sql),
                    _batch_sql(batch, execution_engine),
                    metric_value_kwargs["rule"],
                    metric_value_kwargs["outcomes"],
                    metric_value_kwargs["query"],
                )
        except Exception as error:
            # Raising here would make Great Expectations try the metric again (and stage verdicts twice) and lay the blame on
            # other expectations of the suite (its issue 10713). The expectation raises instead, for itself alone.
            return Tally(error=_cause(error))

    @metric_value(engine=SparkDFExecutionEngine)
    def _spark(
        cls,
        execution_engine: SparkDFExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> Tally:
        try:
            return _by_spark(
                execution_engine.spark,
                execution_engine.get_domain_records(metric_domain_kwargs),
                *(metric_value_kwargs[name] for name in cls.value_keys),
            )
        except Exception as error:
            return Tally(error=_cause(error))  # as above


def _by_spark(session: Any, frame: Any, rule: str, outcomes: str, query: str) -> Tally:
    counts, number, rows = on_spark.judge(session, frame, rule, outcomes, query, FAILING_COLUMNS, SHOWN_ROWS)
    if sum(counts.values()) != number:
        raise RuleFailed(f"{number} verdicts were counted, and {counts} found")
    return Tally(counts, tuple(_failing(row) for row in rows))


class ExpectFiguresToReconcile(BatchExpectation):
    """Expect the printed figures to satisfy one rule within published rounding.

    It succeeds when no verdict is broken. Verdicts that cannot be reached (a figure is absent) are counted, not failed.

    Args:
        rule: the rule's id.
        formula: the rule as its author wrote it.
        outcomes: a SELECT of filing and status that reads its rows from {batch}; the status is NULL where only `query` can tell.
        query: a SELECT with the columns of `VERDICT_COLUMNS` that reads its rows from {batch}, for the filings in {filings}.
    """

    rule: str
    formula: str
    outcomes: str
    query: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("rule", "formula", "outcomes", "query")
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        tally: Tally = metrics[METRIC]
        if tally.error:
            raise RuleFailed(tally.error)
        broken = tally.counts.get("broken", 0)
        return {
            "success": broken == 0,
            "result": {
                "element_count": tally.verdicts,
                "unexpected_count": broken,
                "unexpected_percent": round(100 * broken / tally.verdicts, 4) if tally.verdicts else 0.0,
                "partial_unexpected_list": [_sentence(row) for row in tally.failing],
                "observed_value": observed(tally.counts),
                "details": {
                    "counts": {status: tally.counts.get(status, 0) for status in STATUSES},
                    "failing": [dict(row) for row in tally.failing],
                },
            },
        }

    # ---- how Great Expectations shows it --------------------------------------------------------------------------------

    @classmethod
    def _prescriptive_template(cls, renderer_configuration: RendererConfiguration) -> RendererConfiguration:
        for name in ("rule", "formula"):
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING)
        renderer_configuration.template_str = "$rule: $formula"
        return renderer_configuration

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    @render_suite_parameter_string
    def _prescriptive_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None, **kwargs: Any
    ) -> list[RenderedStringTemplateContent]:
        configuration = configuration or result.expectation_config
        said = {name: configuration.kwargs[name] for name in ("rule", "formula")}
        return [
            RenderedStringTemplateContent(
                content_block_type="string_template",
                string_template={
                    "template": "$rule  $formula",
                    "params": said,
                    "styling": {"params": {"formula": {"tag": "code"}}},
                },
            )
        ]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None
    ) -> list[RenderedTableContent | CollapseContent] | None:
        failing = result.result.get("details", {}).get("failing", []) if result is not None else []
        if not failing:
            return None
        table = [[row.get(column, "") for column in FAILING_COLUMNS] for row in failing]
        return [
            RenderedTableContent(
                content_block_type="table",
                table=table,
                header_row=list(FAILING_COLUMNS),
                styling={"body": {"classes": ["table-bordered", "table-sm", "mt-3"]}},
            )
        ]


def observed(counts: dict[str, int]) -> str:
    """One line that says how many verdicts there are of each status, and plainly when there is none at all."""
    if not sum(counts.values()):
        return "nothing to judge"
    return ", ".join(f"{status} {counts.get(status, 0)}" for status in STATUSES)


def _rows(connection: sa.Connection, sql: str) -> Sequence[Sequence[Any]]:
    # Not sa.text(): it would read a colon inside a rule's literal as a bound parameter.
    result = connection.exec_driver_sql(sql)
    return result.fetchall() if result.returns_rows else []


def _batch_sql(batch: Any, engine: SqlAlchemyExecutionEngine) -> str:
    if isinstance(batch, sa.Table):
        return str(batch)
    return f"({batch.compile(dialect=engine.dialect, compile_kwargs={'literal_binds': True})})"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _failing(row: Sequence[Any]) -> dict[str, str]:
    """A broken verdict as text, numbers without the zeros that only the column type adds."""
    texts = ["" if value is None else str(value) for value in row]
    return {
        name: text if name in ("filing", "instance") or not text else format(Decimal(text).normalize(), "f")
        for name, text in zip(FAILING_COLUMNS, texts, strict=True)
    }


def _sentence(row: dict[str, str]) -> str:
    where = " · ".join(part for part in (row["filing"], row["instance"]) if part)
    if not row["stated"]:
        return where
    return f"{where}: stated {row['stated']}, computed {row['computed']}, difference {row['difference']}"


def _cause(error: Exception) -> str:
    """What the database said, without the statement that SQLAlchemy appends."""
    said = getattr(error, "orig", None) or error
    return f"{type(said).__name__}: {said}"
