"""Every rule gives the same verdicts in DuckDB and in Spark: row for row, with their arithmetic, terms and fingerprints."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from expectations import messages, rules, vocabulary
from expectations.sql.intervals import Linear, Quotient, judge_linear, judge_quotient, staged
from expectations.sql.spark import SETTINGS, in_spark
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all, compile_rule, fingerprint_sql
from expectations.vocabulary import MONEY
from flows import warehouse
from flows.sql import literal
from tests.bench.judging import _SPOILED as SPOILED
from tests.expectations.test_formulas import rule
from tests.expectations.test_outcomes import load_samples
from tests.prove import many

WHY_NOT = (
    "pyspark is not installed (extra: spark)" if not importlib.util.find_spec("pyspark")
    else "" if shutil.which("java") or os.environ.get("JAVA_HOME") else "there is no Java"
)  # fmt: skip
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

WORDS = vocabulary.load()
TOGETHER = 16
"""Rules that Spark plans in one query: fewer plans, each still small enough."""
SHOWN = 3
STATUSES = {"holds", "rounding", "broken", "not_verifiable"}

ASKED = {
    "Q.stated": "SELECT filing, row_key AS instance, page, total AS stated, basic + project AS computed, 1.5 * ulp AS bound "
    "FROM expenditure WHERE label NOT LIKE '%:x%'",
    "Q.ok": r"SELECT filing, text AS instance, count(*) = 1 AS ok FROM heading WHERE regexp_matches(text, '^\s*[（(]?[一二三四五六七八九十]') "
    "GROUP BY filing, text",
    "Q.previous": "SELECT j.filing, e.total AS stated, p.total AS computed FROM judged_filing j JOIN expenditure e ON e.filing = j.filing "
    "JOIN expenditure p ON p.filing = j.previous WHERE e.row_key = '合计' AND p.row_key = e.row_key AND e.part = '' AND p.part = ''",
    "Q.words": r"SELECT filing, concat(position, '·', substring(text, 1, 6), NULL) AS instance, NOT (text LIKE '%\%' OR contains(text, '100%') OR "
    "regexp_matches(section, 'X|名词', 'i') OR starts_with(trim(text || '　'), ' ') OR length(text) > 200) AS ok FROM sentence WHERE position < 40",
    "Q.window": "SELECT filing, form AS instance, greatest(position, NULL) AS stated, coalesce(lag(position) OVER (PARTITION BY filing ORDER BY form), 0) "
    "+ 1 AS computed FROM (SELECT filing, form, row_number() OVER (PARTITION BY filing ORDER BY form) AS position FROM form_reading) "
    "QUALIFY row_number() OVER (PARTITION BY filing ORDER BY form) < 6",
    "Q.cast": "SELECT filing, id AS instance, CAST(CAST(value AS DECIMAL(18,2)) * 1.5 AS INTEGER) AS stated, CAST(value * 1.5 AS DECIMAL(18,4)) AS computed, "
    "0.5 AS bound FROM figure WHERE unit = '万元' AND value IS DISTINCT FROM ulp",
}  # fmt: skip

WRONG = (
    # Two years, one region, so that there are a year before, peers, and usual names.
    "UPDATE judged_filing SET fiscal_year = 2022 + fiscal_year % 2, scope = 'department'",
    "UPDATE judged_filing SET region = '甲省乙市', level = 'city' WHERE hash(filing) % 12 > 0",
    *SPOILED,
    "UPDATE judged_filing SET doubted = (SELECT list(id) FROM figure g WHERE g.filing = judged_filing.filing AND hash(id) % 5 = 0) WHERE hash(filing) % 10 = 1",
    "UPDATE judged_filing SET doubted = (SELECT list(id) FROM claim g WHERE g.filing = judged_filing.filing AND hash(id) % 3 = 0) WHERE hash(filing) % 10 = 2",
    "UPDATE judged_filing SET doubted = (SELECT list('S/' || position) FROM sentence g WHERE g.filing = judged_filing.filing AND hash(text) % 4 = 0) WHERE hash(filing) % 10 = 3",
    "UPDATE judged_filing SET doubted = ['T05', 'T08'] WHERE hash(filing) % 10 = 4",
    "UPDATE judged_filing SET t03_status = 'missing', t07_status = 'unreadable' WHERE hash(filing) % 10 = 5",
    "UPDATE judged_filing SET t03_status = 'unreadable', t07_status = 'missing' WHERE hash(filing) % 10 = 6",
    "UPDATE form_reading SET status = 'missing' WHERE hash(filing || form) % 11 = 3",
    "DELETE FROM expenditure WHERE row_key = '合计' AND hash(filing) % 10 = 7",
    "DELETE FROM income WHERE row_key = '合计' AND hash(filing) % 5 = 2",
    "DELETE FROM three_public_expenses_line WHERE hash(filing || row_key) % 10 = 7",
    "UPDATE expenditure SET code = '29999', row_key = '29999' WHERE level = 1 AND hash(filing) % 10 = 8 AND position = 1",
    "UPDATE income_expenditure_summary SET income_total = 0 WHERE hash(filing) % 10 = 9",
    "UPDATE expenditure SET total = 0 WHERE row_key = '合计' AND hash(filing) % 10 = 9",
    "UPDATE narrative_completion SET budget = 0 WHERE hash(filing) % 10 = 9",
    "UPDATE three_public_expenses SET total_outturn = total_outturn * 12345.67 WHERE hash(filing) % 10 = 0",
)  # fmt: skip
"""What a warehouse of sound filings needs so that rules come to every status, for every reason."""


@pytest.fixture(scope="module")
def book() -> tuple[Compiled, ...]:
    """The rules that ship, and some that are queries."""
    asked = [replace(rule("filing", ""), id=name, query=query) for name, query in ASKED.items()]
    return (*compile_all(rules.load(), WORDS), *(compile_rule(one, WORDS) for one in asked))


@pytest.fixture(scope="module")
def held() -> Iterator[duckdb.DuckDBPyConnection]:
    """Generated filings of two years with errors of every kind, and the samples."""
    with warehouse.connect() as connection:
        many.fill(connection, 42, distinct=14)
        for number, statement in enumerate(WRONG):
            if statement in SPOILED:
                joint = "AND" if " WHERE " in statement else "WHERE"
                statement = f"{statement} {joint} hash(filing) % 4 = {number % 4}"
            connection.execute(statement)
        warehouse.link(connection)
        load_samples(connection)
        connection.execute("PRAGMA disable_optimizer")
        yield connection


@pytest.fixture(scope="module")
def spark(held: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session that has every table of the warehouse, as Parquet."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("lake")
    made = SparkSession.builder.master("local[2]").appName("parity")
    small = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "1g",
        # In one partition nothing is sent about: a query is one task.
        "spark.sql.shuffle.partitions": "1", "spark.sql.files.minPartitionNum": "1", "spark.sql.autoBroadcastJoinThreshold": "-1",
        # Few rows and many plans: compiling each to Java costs more than running it.
        "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.adaptive.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "none"), "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
    }  # fmt: skip
    for name, value in (SETTINGS | small).items():
        made = made.config(name, value)
    session = made.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for table in TABLES:
        handed_over(held, session, table, folder)
    yield session
    session.stop()


TABLES = (
    "form_reading",
    "filing",
    "figure",
    "claim",
    "sentence",
    "classification",
    *(table.name for table in WORDS.tables),
)


def handed_over(held: duckdb.DuckDBPyConnection, spark: Any, table: str, folder: Path) -> None:
    """Spark has the table as well."""
    held.execute(f"COPY {table} TO '{folder / table}.parquet'")
    described = held.execute(f"DESCRIBE {table}").fetchall()
    types = ", ".join(f"{name} {spark_type(type_)}" for name, type_, *_ in described)
    spark.read.schema(types).parquet(f"{folder / table}.parquet").createOrReplaceTempView(table)


def spark_type(type_: str) -> str:
    """A column's type in Spark's words."""
    plain_ = type_.removesuffix("[]").replace("VARCHAR", "STRING")
    return f"ARRAY<{plain_}>" if type_.endswith("[]") else plain_


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Counter[tuple[Any, ...]]:
    """The rows that DuckDB gives, and how often each."""
    return Counter(tuple(map(plain, row)) for row in connection.execute(sql).fetchall())


def plain(value: Any) -> Any:
    """A value as it can be compared: lists and structs of either engine as tuples, in their order."""
    if isinstance(value, dict):
        return tuple(map(plain, value.values()))
    return tuple(map(plain, value)) if isinstance(value, (list, tuple)) else value


def whole(one: Compiled) -> str:
    """All columns of a rule's verdicts, and their fingerprints."""
    columns = ", ".join(f"CAST(v.{name} AS {type_}) AS {name}" for name, type_ in VERDICT_COLUMNS)
    made = fingerprint_sql("f.identity", literal(one.rule.id), "v")
    return f"SELECT {columns}, {made} AS fingerprint FROM ({one.sql()}) v LEFT JOIN filing f ON f.filing = v.filing"


def counted(one: Compiled) -> str:
    return f"SELECT filing, status, count(*) AS number FROM ({one.outcomes()}) GROUP BY filing, status"


def in_both(
    held: duckdb.DuckDBPyConnection, spark: Any, asked: dict[str, str]
) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    """Of each question what DuckDB answers and what Spark does, which is asked several at once."""
    names = list(asked)
    for start in range(0, len(names), TOGETHER):
        some = names[start : start + TOGETHER]
        parts = [f"SELECT {literal(name)} AS rule, * FROM ({in_spark(asked[name])})" for name in some]
        told: dict[str, Counter[Any]] = defaultdict(Counter)
        for name, *row in spark.sql(" UNION ALL ".join(parts)).collect():
            told[name][tuple(map(plain, row))] += 1
        for name in some:
            yield name, rows(held, asked[name]), told[name]


def apart(one: Counter[Any], other: Counter[Any]) -> list[Any]:
    return [list((one - other).items())[:SHOWN], list((other - one).items())[:SHOWN]] if one != other else []


def test_every_verdict_is_the_same(held: duckdb.DuckDBPyConnection, spark: Any, book: Sequence[Compiled]) -> None:
    different: dict[str, Any] = {}
    statuses: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    signed = 0
    for name, ours, theirs in in_both(held, spark, {one.rule.id: whole(one) for one in book}):
        if ours != theirs:
            different[name] = apart(ours, theirs)
        for (_, _, status, *_, reason, _, terms, fingerprint), number in ours.items():
            statuses[status] += number
            reasons[(reason or "").partition(":")[0]] += number
            signed += bool(terms and fingerprint)
    assert different == {}
    assert min(statuses[status] for status in STATUSES) > 100 and set(statuses) == STATUSES
    assert set(messages.REASONS) - set(reasons) == set()
    assert signed > 1000


def test_every_rule_counts_the_same_outcomes(
    held: duckdb.DuckDBPyConnection, spark: Any, book: Sequence[Compiled]
) -> None:
    found = list(in_both(held, spark, {one.rule.id: counted(one) for one in book}))
    assert {name: apart(ours, theirs) for name, ours, theirs in found if ours != theirs} == {}
    assert {row[1] for _, ours, _ in found for row in ours} == STATUSES | {None}


# ---- numbers and patterns that no filing happens to hold ------------------------------------------------------------------

AMOUNTS = (
    "0",
    "0.0000001",
    "0.01",
    "1",
    "3",
    "7.77",
    "99.995",
    "100",
    "1234.5678901",
    "99999999.99",
    "39999999999.9999999",
)


def amounts(number: int) -> str:
    """A table of five values, each with its radius: every pair of extremes, then any."""
    r = Random(1)

    def any_one() -> str:
        digits = r.randrange(1, 17)
        return f"{r.choice(('', '-'))}{Decimal(r.randrange(10**digits)).scaleb(-r.randrange(0, 8)):f}"

    fixed = [
        [a, b, c, d]
        for a, b in product(AMOUNTS, AMOUNTS)
        for c, d in (("100", "-3"), ("0.0000001", "39999999999.9999999"))
    ]
    values = fixed + [[any_one() for _ in range(4)] for _ in range(number)]
    told = ", ".join(
        f"({k}, {', '.join(f'CAST({v} AS {MONEY}), CAST({r.choice(RADII)} AS {MONEY})' for v in some)})"
        for k, some in enumerate(values)
        if all(abs(Decimal(v)) < 40_000_000_000 for v in some)
    )
    return f"SELECT * FROM (VALUES {told}) a(k, {', '.join(f'v{n}, r{n}' for n in range(4))})"


RADII = ("0", "0.00000005", "0.005", "0.5", "50")
OPERATORS = ("=", "<>", "<", "<=", ">", ">=")
VALUES = [Linear(f"v{k}", f"r{k}", "amount") for k in range(4)]
TOLD = ("status", "stated", "computed", "difference", "bound", "unexplained")


def judged(stage: str, case: str, levels: Sequence[str] = ()) -> str:
    told = ", ".join(f"CASE WHEN base_reason IS NULL THEN {name} END AS {name}" for name in TOLD)
    money = ", ".join(f"CAST({name} AS {MONEY}) AS {name}" if name != "status" else name for name in TOLD)
    return f"WITH i AS (SELECT * FROM amounts), j AS (SELECT k, {stage} FROM i), l AS (SELECT k, base_reason, {case} FROM {staged('j', levels)}), m AS (SELECT k, {told} FROM l) SELECT k, {money} FROM m"  # fmt: skip


def judgements() -> dict[str, str]:
    """Every kind of comparison by its name."""
    stated, left, right, under = VALUES
    both = Linear("(v1 + v2)", "(r1 + r2)", "amount")
    times = Linear(
        "(CAST(CAST(0.0123 AS DECIMAL(18,7)) AS DECIMAL(19,7)) * v1)", "(CAST(0.0123 AS DECIMAL(19,7)) * r1)", "amount"
    )
    made = {}
    for op in OPERATORS:
        made[f"sum {op}"] = judged(*judge_linear(stated, both, op))
        made[f"multiple {op}"] = judged(*judge_linear(stated, times, op))
        made[f"percent {op}"] = judged(*judge_quotient(stated, Quotient(left, None, under, 100), op))
        made[f"quotient turned {op}"] = judged(*judge_quotient(stated, Quotient(left, None, under, 1), op, turned=True))
        made[f"product {op}"] = judged(*judge_quotient(stated, Quotient(left, right, under, 1), op))
    return made


def test_numbers_at_their_extremes_are_judged_alike(
    held: duckdb.DuckDBPyConnection, spark: Any, tmp_path: Path
) -> None:
    held.execute(f"CREATE OR REPLACE TEMP TABLE amounts AS {amounts(300)}")
    handed_over(held, spark, "amounts", tmp_path)
    found = list(in_both(held, spark, judgements()))
    assert {name: apart(ours, theirs) for name, ours, theirs in found if ours != theirs} == {}
    assert {row[1] for _, ours, _ in found for row in ours} == {"holds", "rounding", "broken", None}
    assert len({row[-1] for _, ours, _ in found for row in ours}) > 1000


def test_a_shown_quotient_is_rounded_exactly(held: duckdb.DuckDBPyConnection) -> None:
    held.execute(f"CREATE OR REPLACE TEMP TABLE amounts AS {amounts(300)}")
    sql = judged(*judge_quotient(VALUES[0], Quotient(VALUES[1], None, VALUES[3], 100), "="))
    rows_ = held.execute(
        f"SELECT computed, v1, v3 FROM ({sql}) JOIN amounts USING (k) WHERE computed IS NOT NULL"
    ).fetchall()
    exact = [(Decimal(over) * 100 / under).quantize(Decimal("0.000001"), ROUND_HALF_UP) for _, over, under in rows_]
    assert [one for one, *_ in rows_] == exact and len(rows_) > 300


def test_what_does_not_fit_is_an_error_in_both(held: duckdb.DuckDBPyConnection, spark: Any, tmp_path: Path) -> None:
    from pyspark.errors import PySparkException

    far = ", ".join(f"CAST({v} AS {MONEY}) AS v{n}, CAST(0 AS {MONEY}) AS r{n}" for n, v in enumerate(("99999999999", "-99999999999", "0", "1")))  # fmt: skip
    held.execute(f"CREATE OR REPLACE TEMP TABLE amounts AS SELECT 1 AS k, {far}")
    handed_over(held, spark, "amounts", tmp_path)
    sql = judged(*judge_linear(VALUES[0], VALUES[1], "="))
    with pytest.raises(duckdb.Error, match=r"(?i)overflow"):
        held.execute(sql).fetchall()
    with pytest.raises(PySparkException, match="NUMERIC_VALUE_OUT_OF_RANGE"):
        spark.sql(in_spark(sql)).collect()


PATTERNS = (
    r"a.b", r"b$", r"^\s+$", r"\S", r"\bA1\b", r"\BA", r"(?i)é|ß|σ", r"[[:alpha:]]{2}", r"[^[:^digit:]]", r"\p{Han}{2}", r"\PL", r"\p{Lu}", r"\pN+年",
    r"[a&&b]", r"[[]", r"[]a]", r"\Qa.b\E", r"x{,2}", r"{3", r"(?P<n>.)支出$", r"(?s:a.b)", r"\v", r"[\s，]$", r"\x{4e00}|\x41", r"[\d.]+\.$", r"决算(情况)?的?说明",
    r"[XxＸ×]{2,}|○{2,}|\*{2,}", r"[0-9]\.\.[0-9]|[0-9]\.(万元|[%％])",
)  # fmt: skip
TEXTS = (
    "a\nb", "a\rb", "a\u2028b", "ab\n", "b", " \t\u3000", "\x0b", "中A1国", "A1", "É", "ss", "Σ", "ab", "12", "３年", "支出", "x{,2}", "{3", "其他支出", "其他支出\n",
    "a&b", "&", "[", "]", "a.b", "axb", "12.", "12..3", "XX", "**", "部门决算情况的说明", "100%", "a\\b", "BA", "\t\n", "9.万元", "一", "", "说明，",
)  # fmt: skip


def test_patterns_find_the_same(held: duckdb.DuckDBPyConnection, spark: Any) -> None:
    texts = ", ".join(f"({number}, {literal(text)})" for number, text in enumerate(TEXTS))
    told = ", ".join(f"regexp_matches(text, {literal(pattern)}) AS m{k}" for k, pattern in enumerate(PATTERNS))
    sql = f"SELECT number, {told}, regexp_matches(text, 'é|A', 'i') AS flagged, regexp_replace(text, '(.)支出$', '$\\1') AS cut, trim(text) AS bare, text LIKE '%\\%' AS alike, text NOT LIKE '%A%' AS unlike, concat(nullif(number, 3), text, NULL) AS joined, CAST(number * 0.5 AS INTEGER) AS half FROM (VALUES {texts}) t(number, text)"  # fmt: skip
    ours, theirs = rows(held, sql), Counter(tuple(map(plain, row)) for row in spark.sql(in_spark(sql)).collect())
    assert apart(ours, theirs) == []
    found = [sum(row[1 + k] for row in ours) for k in range(len(PATTERNS))]
    assert [pattern for pattern, number in zip(PATTERNS, found, strict=True) if not 0 < number < len(TEXTS)] == []
