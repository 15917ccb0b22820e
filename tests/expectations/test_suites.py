"""Suites: every rule in exactly one, built-ins where they say the same, and a canary that cannot pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expectations import rules, vocabulary
from expectations.reconcile import BATCH, FILINGS, ExpectFiguresToReconcile
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from expectations.suites import CANARY_TYPES, TableSuite, build_suites, canary_suite, structure_suites, witness


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return rules.load()


@pytest.fixture(scope="module")
def compiled(book: RuleBook) -> tuple[Compiled, ...]:
    return verdicts.compile_all(book, vocabulary.load())


@pytest.fixture(scope="module")
def suites(book: RuleBook, compiled: tuple[Compiled, ...]) -> tuple[TableSuite, ...]:
    return build_suites(book, compiled)


def own(suite: TableSuite) -> list[ExpectFiguresToReconcile]:
    return [one for one in suite.suite.expectations if isinstance(one, ExpectFiguresToReconcile)]


def test_every_shipped_rule_is_in_exactly_one_suite_of_its_topic_and_table(
    suites: tuple[TableSuite, ...], compiled: tuple[Compiled, ...]
) -> None:
    found = [(one.topic, one.table, expectation.rule) for one in suites for expectation in own(one)]
    assert sorted(found) == sorted((one.rule.topic, one.base, one.rule.id) for one in compiled)
    names = [one.suite.name for one in suites]
    assert len(names) == len(set(names))


def test_an_expectation_says_what_the_rule_says(suites: tuple[TableSuite, ...], compiled: tuple[Compiled, ...]) -> None:
    said = {expectation.rule: expectation for one in suites for expectation in own(one)}
    for one in compiled:
        expectation = said[one.rule.id]
        assert one.rule.check in str(expectation.description) and one.rule.title["zh"] in str(expectation.description)
        assert expectation.severity.value == one.rule.severity
        assert (expectation.outcomes, expectation.query) == (one.outcomes(BATCH), one.sql(BATCH, FILINGS))
        for sql in (expectation.outcomes, expectation.query):
            assert sql.count(BATCH) == 1, "the rule judges the batch, and reads it once"
        assert expectation.meta is not None and expectation.meta["fingerprint"] == one.rule.fingerprint


def rule(tmp_path: Path, **said: Any) -> Compiled:
    """One compiled rule about 支出决算表; JSON is YAML, so quotes need no thought."""
    entry = {
        "id": "E",
        "title": {"zh": "规则", "en": "Rule"},
        "for_each": "row",
        "category": "other",
        "severity": "warning",
        "examples": {"holds": [{"基本支出": "1"}], "broken": [{"基本支出": "2"}]},
    }
    topic = {
        "title": {"zh": "表", "en": "Form"},
        "family": "within_form",
        "form": "支出决算表",
        "rules": [entry | said],
    }
    (tmp_path / "E.yaml").write_text(json.dumps(topic, ensure_ascii=False), "utf-8")
    return verdicts.compile_all(rules.load(tmp_path), vocabulary.load())[0]


@pytest.mark.parametrize(
    ("check", "type_", "settings"),
    [
        ("基本支出 >= 0", "expect_column_values_to_be_between", {"column": "basic", "min_value": 0}),
        ("total <= 0", "expect_column_values_to_be_between", {"column": "total", "max_value": 0}),
        ("科目编码 in ('', '201')", "expect_column_values_to_be_in_set", {"column": "code", "value_set": ["", "201"]}),
        (
            "matches(科目名称, '支出$')",
            "expect_column_values_to_match_regex",
            {"column": "label", "regex": r"[\s\S]*(?:支出$)[\s\S]*"},
        ),
    ],
)
def test_a_rule_about_one_column_has_its_built_in_beside_it(
    tmp_path: Path, check: str, type_: str, settings: dict[str, Any]
) -> None:
    beside = witness(rule(tmp_path, check=check))
    assert beside is not None and beside.configuration.type == type_
    assert beside.configuration.kwargs == settings
    assert (beside.severity.value, beside.meta) == ("warning", {"witness_of": "E"})


@pytest.mark.parametrize(
    "said",
    [
        {"check": "本年支出合计 = 基本支出 + 项目支出"},
        {"check": "基本支出 >= 项目支出"},
        {"check": "基本支出 >= 5"},
        {"check": "基本支出 >= 0", "when": "项目支出 > 0"},
        {"check": "收入支出决算总表.本年支出合计 >= 0"},
        {"check": "收入支出决算总表.本年支出合计 >= 0", "for_each": "filing"},
    ],
)
def test_a_rule_that_no_built_in_repeats_stands_alone(tmp_path: Path, said: dict[str, Any]) -> None:
    assert witness(rule(tmp_path, **said)) is None


def test_every_table_that_rules_read_has_its_keys_checked(compiled: tuple[Compiled, ...]) -> None:
    structure = {one.table: one.suite for one in structure_suites(vocabulary.load())}
    assert set(structure) >= {one.base for one in compiled}
    assert set(structure) >= {table.name for table in vocabulary.load().tables}
    for suite in structure.values():
        types = [expectation.configuration.type for expectation in suite.expectations]
        assert "expect_column_values_to_not_be_null" in types
        assert {"expect_compound_columns_to_be_unique", "expect_column_values_to_be_unique"} & set(types)
    keys = structure["expenditure"].expectations[-2].configuration.kwargs["column_list"]
    assert keys == ["filing", "part", "row_key"]


def test_the_canary_holds_one_expectation_of_each_way_of_getting_results() -> None:
    types = tuple(one.configuration.type for one in canary_suite().suite.expectations)
    assert types == CANARY_TYPES
