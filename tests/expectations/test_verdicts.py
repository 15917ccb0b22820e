"""Verdicts: rounding as intervals, exact arithmetic, and a reason wherever nothing can be said."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import rules, vocabulary
from expectations.proving.specimen import BASE_TABLES
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all

RULES = """
title: {zh: 测试, en: Test}
family: rates
form: 支出决算表
rules:
  - {id: sum, title: {zh: 和, en: sum}, for_each: row, check: 本年支出合计 = 基本支出 + 项目支出, category: sum, severity: critical,
     examples: {holds: [{本年支出合计: 1}], broken: [{本年支出合计: 1}]}}
  - {id: rollup, title: {zh: 汇总, en: rollup}, for_each: parent, check: 本年支出合计 = sum(下级.本年支出合计), category: rollup, severity: critical,
     examples: {holds: [{本年支出合计: 1}], broken: [{本年支出合计: 1}]}}
  - {id: product, title: {zh: 倍数, en: product}, for_each: row, check: 本年支出合计 <= 10000 * 基本支出, category: sum, severity: critical,
     examples: {holds: [{本年支出合计: 1}], broken: [{本年支出合计: 1}]}}
  - {id: rate, title: {zh: 率, en: rate}, for_each: claim of 占比, check: 占比 = 部分 / 整体, category: share, severity: critical,
     examples: {holds: [{占比: 1}], broken: [{占比: 1}]}}
  - {id: cross, title: {zh: 表间, en: cross}, for_each: filing, check: '收入支出决算总表.本年支出合计 = 支出决算表[合计].本年支出合计', category: cross_form,
     severity: critical, examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Compiled]:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "test.yaml").write_text(RULES, "utf-8")
    return {one.rule.id: one for one in compile_all(rules.load(folder), vocabulary.load())}


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in BASE_TABLES:
        connection.execute(statement)
    for table in vocabulary.load().tables:
        connection.execute(f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {c.sql}' for c in table.columns)})")
    return connection


def store(
    database: duckdb.DuckDBPyConnection,
    forms: dict[str, str] | None = None,
    doubted: tuple[str, ...] = (),
    **tables: list[dict[str, Any]],
) -> None:
    words = vocabulary.load()
    for table in words.tables:
        database.execute(f"DELETE FROM {table.name}")
    statuses = [(forms or {}).get(form, "read") for form in words.forms]
    marks = ", ".join("?" * len(statuses))
    database.execute(
        "INSERT INTO judged_filing (filing, organisation, fiscal_year, scope, kind, doubted, "
        f"{', '.join(map(vocabulary.status_column, words.forms))}) "
        f"VALUES ('f', '示例', 2024, 'department', 'final_accounts', ?, {marks})",
        [list(doubted), *statuses],
    )
    for table, rows in tables.items():
        for row in rows:
            full = {"filing": "f"} | row
            database.execute(
                f"INSERT INTO {table} ({', '.join(full)}) VALUES ({', '.join('?' * len(full))})", list(full.values())
            )


def verdicts(database: duckdb.DuckDBPyConnection, one: Compiled) -> list[dict[str, Any]]:
    names = [name for name, _ in VERDICT_COLUMNS]
    return [dict(zip(names, row, strict=True)) for row in database.execute(one.sql()).fetchall()]


def row(key: str = "201", parent: str = "", ulp: str = "0.01", **values: str | None) -> dict[str, Any]:
    shown = {name: Decimal(value) if value is not None else None for name, value in values.items()}
    return {
        "part": "",
        "row_key": key,
        "code": key,
        "label": key,
        "parent_key": parent,
        "position": 0,
        "ulp": Decimal(ulp),
    } | shown


@pytest.mark.parametrize(
    "total, basic, project, status, unexplained",
    [
        ("354.87", "152.60", "202.27", "holds", "0"),
        ("354.88", "152.60", "202.27", "rounding", "0"),
        ("354.89", "152.60", "202.27", "broken", "0.005"),
        ("354.87", "152.60", None, "broken", "202.26"),
        ("202.27", None, "202.27", "holds", "0"),
    ],
)
def test_a_sum_holds_within_half_a_unit_of_each_printed_term(
    database: duckdb.DuckDBPyConnection,
    compiled: dict[str, Compiled],
    total: str,
    basic: str,
    project: str | None,
    status: str,
    unexplained: str,
) -> None:
    store(database, expenditure=[row(total=total, basic=basic, project=project)])
    (verdict,) = verdicts(database, compiled["sum"])
    assert verdict["status"] == status
    assert verdict["unexplained"] == Decimal(unexplained)


def test_a_product_too_long_to_be_kept_is_judged_and_not_told(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled]
) -> None:
    store(database, expenditure=[row(total="354.87", basic="13454100.00")])
    (verdict,) = verdicts(database, compiled["product"])
    assert (verdict["status"], verdict["stated"], verdict["computed"]) == ("holds", Decimal("354.87"), None)


def test_a_row_without_any_number_is_not_judged(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled]
) -> None:
    store(database, expenditure=[row(total=None)])
    assert verdicts(database, compiled["sum"]) == []


def test_a_rollup_lists_each_part_with_its_figure(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled]
) -> None:
    store(
        database,
        expenditure=[row("201", total="30.00"), row("20101", "201", total="10.00"), row("20103", "201", total="21.00")],
    )
    (verdict,) = verdicts(database, compiled["rollup"])
    assert (verdict["status"], verdict["computed"], verdict["difference"]) == ("broken", Decimal("31"), Decimal("-1"))
    assert [term["id"] for term in verdict["terms"]] == [
        "T03/201/本年支出合计",
        "T03/20101/本年支出合计",
        "T03/20103/本年支出合计",
    ]


@pytest.mark.parametrize(
    "rate, part, whole, status",
    [
        ("93.75", "300.00", "320.00", "holds"),
        ("97.07", "30.10", "31.00", "rounding"),
        ("10.05", "30.00", "300.00", "broken"),
        ("100", "90", "100", "broken"),
        ("100", "0", "0.00", "not_verifiable"),
    ],
)
def test_a_rate_is_judged_by_the_intervals_of_both_figures(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled], rate: str, part: str, whole: str, status: str
) -> None:
    values = {"rate": rate, "part": part, "whole": whole}
    stored: dict[str, Any] = {"id": "r", "sentence": 0, "page": 1}
    for name, value in values.items():
        number = Decimal(value)
        exponent = number.as_tuple().exponent
        assert isinstance(exponent, int)
        ulp = Decimal("0.01") if name != "rate" else Decimal(1).scaleb(exponent)
        stored |= {name: number, f"{name}_ulp": ulp, f"{name}_id": name}
    store(database, narrative_share=[stored])
    (verdict,) = verdicts(database, compiled["rate"])
    assert verdict["status"] == status
    assert (verdict["reason"] == "zero_base") == (status == "not_verifiable")


def test_a_missing_form_is_not_verifiable_and_says_which(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled]
) -> None:
    store(
        database,
        forms={"T03": "missing"},
        income_expenditure_summary=[{"ulp": Decimal("0.01"), "expenditure_total": Decimal("10")}],
    )
    (verdict,) = verdicts(database, compiled["cross"])
    assert (verdict["status"], verdict["reason"]) == ("not_verifiable", "form_missing:T03")


def test_a_form_without_its_total_row_is_not_verifiable(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled]
) -> None:
    store(
        database,
        income_expenditure_summary=[{"ulp": Decimal("0.01"), "expenditure_total": Decimal("10")}],
        expenditure=[row(total="10.00")],
    )
    (verdict,) = verdicts(database, compiled["cross"])
    assert (verdict["status"], verdict["reason"]) == ("not_verifiable", "row_missing:T03[合计]")


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=2), error=st.integers(-400, 400))
def test_true_values_that_add_up_are_never_broken_and_larger_errors_always_are(
    database: duckdb.DuckDBPyConnection, compiled: dict[str, Compiled], parts: list[int], error: int
) -> None:
    """Parts are true amounts in 元 × 100 (分); what is printed is each rounded to 0.01 万元 (10⁴ 分)."""

    def printed(cents: int) -> Decimal:
        return (Decimal(cents) / 10**6).quantize(Decimal("0.01"))

    shown = [printed(p) for p in parts]
    total = printed(sum(parts)) + Decimal(error) / 100
    values = dict(zip(("basic", "project"), map(str, shown), strict=False))
    store(database, expenditure=[row(total=str(total), **values)])
    (verdict,) = verdicts(database, compiled["sum"])
    bound = Decimal("0.005") * (len(parts) + 1)
    difference = abs(total - sum(shown))
    assert verdict["status"] == ("holds" if difference == 0 else "rounding" if difference <= bound else "broken")
    assert error != 0 or verdict["status"] != "broken"
