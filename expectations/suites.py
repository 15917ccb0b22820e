"""Rules and tables → Great Expectations suites: one for each topic and table, one for each table's structure, one canary.

A validation runs a suite over one table, so a topic whose rules run over several tables becomes several suites. Rules become
`ExpectFiguresToReconcile`; what a built-in expectation says (keys present and unique, codes well formed, words from a list)
is said by the built-in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import great_expectations.expectations as gxe
import sqlalchemy as sa
from great_expectations import ExpectationSuite
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.metrics.map_metric_provider import multicolumn_function_partial
from great_expectations.expectations.metrics.multicolumn_map_metrics.compound_columns_unique import (
    CompoundColumnsUnique,
)
from sqlglot import exp

from expectations import vocabulary as words
from expectations.formula import Mistake, function, parse
from expectations.reconcile import BATCH, FILINGS, ExpectFiguresToReconcile
from expectations.rules import Rule, RuleBook
from expectations.sql.leaves import leaf
from expectations.sql.scope import Scope, open_scope, word
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled
from expectations.vocabulary import Table, Vocabulary, row_table

CANARY = "canary"
CANARY_TYPES = ("expect_figures_to_reconcile", "expect_column_pair_values_to_be_equal")
CANARY_QUERY = "SELECT 'canary' AS name, 1 AS stated, 2 AS computed"
"""One row that cannot reconcile: the batch of the canary suite, whose every expectation must fail."""

STRUCTURE = "structure"

_CODES = {"functional": r"^([0-9]{3}|[0-9]{5}|[0-9]{7})?$", "economic": r"^([0-9]{3}|[0-9]{5})?$"}
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "filing": {"scope": ("department", "unit")},
    "form_reading": {"status": ("read", "blank", "missing", "unreadable")},
}
_KEYS: dict[str, tuple[str, ...]] = {
    "filing": ("filing",),
    "form_reading": ("filing", "form"),
    "sentence": ("filing", "position"),
}


@dataclass(frozen=True, slots=True)
class TableSuite:
    """A suite and the table it is run over; `topic` is the rule file's id, "structure" or "canary"."""

    topic: str
    table: str
    suite: ExpectationSuite


def build_suites(
    book: RuleBook, compiled: Iterable[Compiled], some: Mapping[str, str] | None = None
) -> tuple[TableSuite, ...]:
    """One suite for each topic and base table, in the order of the rule files; every compiled rule is in exactly one.

    `some`: of each part of the rules that judges some filings only, the SELECT of their keys.
    """
    chosen = some or {}
    titles = {topic.id: topic.title for topic in book.topics}
    grouped: dict[tuple[str, str], list[Compiled]] = {}
    for one in compiled:
        grouped.setdefault((one.rule.topic, one.base), []).append(one)
    return tuple(
        _suite(
            topic,
            table,
            [stated for one in rules for stated in _stated(one, chosen.get(one.part, ""))],
            titles.get(topic, {}),
        )
        for (topic, table), rules in grouped.items()
    )


def structure_suites(vocabulary: Vocabulary) -> tuple[TableSuite, ...]:
    """One suite for each table that rules read, saying what must be true of its keys and codes before a rule may trust it.

    A failure is a defect of reading or loading, not of the disclosure.
    """
    _count_keys_alone()
    made = [_structure(table, _key(table), _codes_of(table, vocabulary)) for table in vocabulary.tables]
    made += [_suite(STRUCTURE, name, _key_checks(key) + _word_checks(name), {}) for name, key in _KEYS.items()]
    return tuple(made)


def canary_suite() -> TableSuite:
    """Expectations over `CANARY_QUERY` that must all fail, by the two ways in which this project gets results.

    Should the connection lose what the database answered, it shows here: either one passes, or it is not there.
    """
    money = {name: type_ for name, type_ in VERDICT_COLUMNS if name in ("stated", "computed")}
    told = {
        **{name: f"CAST(NULL AS {type_})" for name, type_ in VERDICT_COLUMNS},
        **{name: f"CAST({name} AS {type_})" for name, type_ in money.items()},
        "filing": "name",
        "instance": "''",
        "status": "CASE WHEN stated = computed THEN 'holds' ELSE 'broken' END",
    }
    query = f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in told.items())} FROM {BATCH}"
    own = ExpectFiguresToReconcile(
        rule=CANARY,
        formula="1 = 2",
        outcomes=f"SELECT filing, status FROM ({query})",
        query=query,
        description="1 = 2",
        meta={"rule": CANARY},
        severity=FailureSeverity.INFO,
    )
    stock = gxe.ExpectColumnPairValuesToBeEqual(
        column_A="stated", column_B="computed", description="1 = 2", severity=FailureSeverity.INFO
    )
    return _suite(CANARY, CANARY, [own, stock], {})


def reconciles(compiled: Compiled, some: str = "") -> ExpectFiguresToReconcile:
    """The expectation of one rule, of the filings `some` alone if given: its description is the title and the formula as a person
    reads them."""
    rule = compiled.rule
    return ExpectFiguresToReconcile(
        rule=rule.id,
        formula=rule.formula,
        outcomes=compiled.outcomes(BATCH, some),
        query=compiled.sql(BATCH, FILINGS),
        description=_description(rule),
        severity=FailureSeverity(rule.severity),
        meta=_meta(rule),
    )


def witness(compiled: Compiled) -> Expectation | None:
    """The built-in expectation that says the same as a rule about one column of its own row; None for any other rule.

    Zero is the only bound taken: a printed number beyond it is beyond it by a whole last place, which no rounding explains.
    """
    rule = compiled.rule
    if (
        rule.query
        or rule.when
        or rule.since
        or rule.until
        or not (rule.for_each == "row" or rule.for_each.startswith("claim of "))
    ):
        return None
    tree, scope = parse(rule.check), open_scope(rule.for_each, rule.form, words.load())
    said: dict[str, Any] = {
        "description": f"{rule.title['zh']}（内置检验）：{rule.check}",
        "severity": FailureSeverity(rule.severity),
        "meta": {"witness_of": rule.id},
    }
    if isinstance(tree, (exp.GTE, exp.LTE)) and tree.expression.sql() == "0":
        bound: dict[str, Any] = {"min_value" if isinstance(tree, exp.GTE) else "max_value": 0}
        column = _own_column(scope, tree.this)
        return gxe.ExpectColumnValuesToBeBetween(column=column, **bound, **said) if column else None
    if isinstance(tree, exp.In) and all(isinstance(item, exp.Literal) and item.is_string for item in tree.expressions):
        column = _own_column(scope, tree.this)
        listed = [item.name for item in tree.expressions]
        return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=listed, **said) if column else None
    if function(tree) == "matches":
        column = _own_column(scope, tree.expressions[0])
        anywhere = rf"[\s\S]*(?:{tree.expressions[1].name})[\s\S]*"
        return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=anywhere, **said) if column else None
    return None


def _stated(compiled: Compiled, some: str) -> list[Expectation]:
    beside = witness(compiled)
    return [reconciles(compiled, some), *([beside] if beside else [])]


def _own_column(scope: Scope, node: exp.Expr) -> str:
    """The column of the rule's own table that `node` names, "" when it names anything else."""
    try:
        sql = word(scope, node) or leaf(scope, node).value
    except Mistake:
        return ""
    name = sql.removeprefix("t.")
    return name if sql.startswith("t.") and name.isidentifier() else ""


def _description(rule: Rule) -> str:
    when = f"（当 {rule.when}）" if rule.when else ""
    return f"{rule.title['zh']}：{rule.formula}{when}"


def _meta(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "title": dict(rule.title),
        "for_each": rule.for_each,
        "formula": rule.formula,
        "when": rule.when,
        "category": rule.category,
        "family": rule.family,
        "severity": rule.severity,
        "basis": rule.basis,
        "fingerprint": rule.fingerprint,
    }


def _suite(topic: str, table: str, expectations: list[Expectation], title: dict[str, str]) -> TableSuite:
    name = topic if topic == table else f"{topic}.{table}"
    meta = {"topic": topic, "table": table, "title": dict(title)}
    return TableSuite(topic, table, ExpectationSuite(name=name, expectations=list(expectations), meta=meta))


# ---- structure ----------------------------------------------------------------------------------------------------------


def _structure(table: Table, key: tuple[str, ...], codes: str) -> TableSuite:
    expectations = _key_checks(key)
    if codes:
        expectations.append(
            gxe.ExpectColumnValuesToMatchRegex(
                column="code",
                regex=_CODES[codes],
                description="科目编码为类、款、项三级",
                severity=FailureSeverity.WARNING,
            )
        )
    return _suite(STRUCTURE, table.name, expectations, {"zh": table.comment, "en": table.name.replace("_", " ")})


def _key(table: Table) -> tuple[str, ...]:
    """The columns that tell one row of a derived table from every other."""
    names = {column.name for column in table.columns}
    if "row_key" in names:
        return ("filing", "part", "row_key")
    if "id" in names:
        return ("filing", "id", "position") if "position" in names else ("filing", "id")
    return ("filing", "position", "text") if "position" in names else ("filing",)


def _key_checks(key: tuple[str, ...]) -> list[Expectation]:
    present: list[Expectation] = [
        gxe.ExpectColumnValuesToNotBeNull(column=column, description=f"{column} 不为空") for column in key
    ]
    told = f"{'、'.join(key)} 不重复"
    if len(key) == 1:
        return [*present, gxe.ExpectColumnValuesToBeUnique(column=key[0], description=told)]
    return [*present, gxe.ExpectCompoundColumnsToBeUnique(column_list=list(key), description=told)]


@lru_cache(maxsize=1)
def _count_keys_alone() -> None:
    """`ExpectCompoundColumnsToBeUnique` looks, in a database, only at the rows whose key stands there twice.

    The built-in joins every row of the table, with all its columns, to the number of rows of its key, once to count what is wrong
    and once to show it; here that is done where anything is. The result is the same. Its metric is replaced, about which Great
    Expectations would warn.
    """
    registry = logging.getLogger("great_expectations.expectations.registry")
    level = registry.level
    registry.setLevel(logging.ERROR)

    class KeysCounted(CompoundColumnsUnique):
        @multicolumn_function_partial(engine=SqlAlchemyExecutionEngine)
        def _sqlalchemy_function(self, column_list: Any, **given: Any) -> Any:
            table, names = given["_table"], given["_column_names"]
            keys: list[Any] = [sa.column(name) for name in names]
            number = sa.func.count().label("_num_rows")
            twice = (
                sa.select(*keys, number).select_from(table).group_by(*keys).having(sa.func.count() > 1).alias("twice")
            )
            rows = (
                sa.select(*(sa.column(name) for name in given["_table_columns"])).select_from(table).alias("all_rows")
            )
            with given["_sqlalchemy_engine"].connect() as connection:
                if not connection.execute(sa.select(sa.func.count()).select_from(twice)).scalar():
                    return sa.select(rows, sa.literal(1).label("_num_rows")).where(sa.false()).alias("told")
            same = sa.and_(*(twice.c[name] == rows.c[name] for name in names))
            return (
                sa.select(rows, twice.c._num_rows.label("_num_rows")).select_from(rows.join(twice, same)).alias("told")
            )

    registry.setLevel(level)


def _word_checks(table: str) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column=column, value_set=list(words), description=f"{column} 属于 {'、'.join(words)}"
        )
        for column, words in _WORDS.get(table, {}).items()
    ]


def _codes_of(table: Table, vocabulary: Vocabulary) -> str:
    """The kind of codes that a row table holds, "" for none."""
    forms = {row_table(form): form for form in vocabulary.forms.values()}
    form = forms.get(table.name)
    return form.codes if form and form.codes in _CODES else ""
