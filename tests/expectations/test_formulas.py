"""The rule language construct by construct: fixtures/formulas.txt (a formula, its canonical SQL) and fixtures/mistakes.txt
(a formula, what is said of it).

A change of the language that means to change them writes them anew: HEDUI_REGENERATE=1 pytest tests/expectations/test_formulas.py,
and the difference is then read before it is committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from expectations import vocabulary
from expectations.formula import COMPARISONS, Mistake, parse
from expectations.proving.specimen import BASE_TABLES
from expectations.rules import Rule
from expectations.sql.arithmetic import Work, comparison, is_arithmetic
from expectations.sql.conditions import _matched, predicate
from expectations.sql.scope import ONLY, Scope, open_scope
from expectations.sql.verdicts import compile_rule
from expectations.vocabulary import JUDGED, MONEY
from flows.sql import literal

FIXTURES = Path(__file__).with_name("fixtures")
REGENERATE = bool(os.environ.get("HEDUI_REGENERATE"))
SCOPE = re.compile(r"## (for_each|when): (.+)")


def cases(name: str, lines: int) -> Iterator[tuple[str, str, list[str]]]:
    """(for_each, formula, the lines below it) of every case; comments and headings are passed over."""
    for_each = ""
    for block in (FIXTURES / name).read_text("utf-8").split("\n\n"):
        kept = []
        for line in block.splitlines():
            if heading := SCOPE.fullmatch(line):
                for_each = heading[2]
            elif line and not line.startswith("#"):
                kept.append(line)
        if kept:
            yield for_each, kept[0], kept[1 : 1 + lines]


def rule(for_each: str, check: str, when: str = "") -> Rule:
    """A rule of `for_each` ("row 支出决算表" names its form)."""
    kind, _, form = for_each.partition(" ") if for_each.startswith(("row ", "parent ")) else (for_each, "", "")
    named: dict[str, Any] = dict.fromkeys(("topic", "family", "category", "severity", "basis", "status", "file"), "x")
    return Rule(
        id="x", title={"zh": "x", "en": "x"}, for_each=kind, form=form, check=check, when=when, since=None, until=None,
        note={}, examples={}, line=1, **named,
    )  # fmt: skip


def scope_of(one: Rule) -> Scope:
    return open_scope(one.for_each, one.form, vocabulary.load())


def canonical(for_each: str, formula: str) -> str:
    """What a formula compares, as one SELECT: the two sides of a comparison of values, or whether a statement is true."""
    scope, tree = scope_of(rule(for_each, formula)), parse(formula)
    work = Work(scope)
    if is_arithmetic(scope, tree):
        stage, _ = comparison(work, tree)
        sign = "between" if isinstance(tree, exp.Between) else COMPARISONS[type(tree)]
        shown = sqlglot.parse_one(f"SELECT {stage}", read="duckdb").transform(_inlined, work).transform(_bare)
        wanted = {"sv": "stated", "cv": "computed", "nv": "over", "dv": "under"}
        sides = [f"{one.this.sql('duckdb')} AS {wanted[one.alias]}" for one in shown.expressions if one.alias in wanted]
        said = ", ".join(sides) + f", '{sign}' AS sign"
    else:
        said = f"{predicate(scope, tree)} AS holds"
    filings = "" if scope.base == JUDGED else f" JOIN {JUDGED} f ON f.filing = t.filing"
    if scope.previous_forms is not None:
        filings += f" JOIN {JUDGED} pf ON pf.filing = {scope.filing}.previous"
    query = f"SELECT {said} FROM {scope.base} t{filings} {scope.joined()}"
    return sqlglot.parse_one(query.replace(ONLY, ""), read="duckdb").sql("duckdb")


def _inlined(node: exp.Expr, work: Work) -> exp.Expr:
    """A stage's v0, v1 … as what they stand for."""
    if isinstance(node, exp.Column) and re.fullmatch(r"[vr]\d+", node.name):
        found, _, _ = work.leaves[int(node.name[1:])]
        return sqlglot.parse_one(found.value if node.name[0] == "v" else found.radius, read="duckdb")
    return node


def _bare(node: exp.Expr) -> exp.Expr:
    """A value without its casts to the type of money."""
    while isinstance(node, exp.Cast) and node.to.sql("duckdb").replace(" ", "") == MONEY:
        node = node.this
    return node


def regenerate(name: str, said: Any, lines: int) -> None:
    path, made = FIXTURES / name, []
    for_each = ""
    for block in path.read_text("utf-8").rstrip("\n").split("\n\n"):
        head, body = [], []
        for line in block.splitlines():
            if heading := SCOPE.fullmatch(line):
                for_each = heading[2]
            (head if not line or line.startswith("#") else body).append(line)
        told = [body[0], *said(for_each, body[0])[:lines]] if body else []
        made.append("\n".join([*head, *told]))
    path.write_text("\n\n".join(made) + "\n", "utf-8")


def mistaken(for_each: str, formula: str) -> list[str]:
    """What is said of a formula that cannot be understood, in both languages, with its character and the nearest names."""
    try:
        compile_rule(rule(for_each, formula), vocabulary.load())
    except Mistake as mistake:
        near = "、".join(mistake.nearest)
        return [
            f"{mistake.at + 1}: {mistake.zh}" + (f"；相近的名称：{near}" if near else ""),
            f"{mistake.at + 1}: {mistake.en}" + (f"; nearest names: {near}" if near else ""),
        ]
    return ["no mistake", "no mistake"]


if REGENERATE:
    regenerate("formulas.txt", lambda for_each, formula: [canonical(for_each, formula)], 1)
    regenerate("mistakes.txt", mistaken, 2)


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in BASE_TABLES:
        connection.execute(statement)
    for table in vocabulary.load().tables:
        connection.execute(f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {c.sql}' for c in table.columns)})")
    return connection


@pytest.mark.parametrize("for_each, formula, told", cases("formulas.txt", 1), ids=lambda value: str(value)[:40])
def test_a_formula_is_compiled_to_its_canonical_sql(
    database: duckdb.DuckDBPyConnection, for_each: str, formula: str, told: list[str]
) -> None:
    assert [canonical(for_each, formula)] == told
    database.execute(told[0])
    compiled = compile_rule(rule(for_each, formula), vocabulary.load())
    assert database.execute(compiled.sql()).fetchall() == []
    sqlglot.transpile(compiled.sql(), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


@pytest.mark.parametrize("for_each, formula, told", cases("mistakes.txt", 2), ids=lambda value: str(value)[:40])
def test_a_formula_that_is_wrong_is_told_so_at_its_character(for_each: str, formula: str, told: list[str]) -> None:
    assert mistaken(for_each, formula) == told
    assert told[0] != "no mistake" and 1 <= int(told[0].split(":")[0]) <= len(formula) + 1
    assert not re.search(r"sqlglot|Line \d|Col:|class '|exp\.|\x1b", "".join(told)), "sqlglot's own words"


# ---- any text ----------------------------------------------------------------------------------------------------------

_WORDS = [
    "本年支出合计",
    "基本支出",
    "项目支出",
    "T03",
    "T06",
    "支出决算表",
    "收入支出决算总表",
    "情况说明",
    "机关运行经费",
    "上年",
    "previous",
    "同类",
    "peers",
    "中位数",
    "median",
    "下级",
    "全部",
    "合计",
    "sum",
    "count",
    "min",
    "max",
    "abs",
    "日期",
    "date",
    "matches",
    "报表状态",
    "科目编码",
    "科目名称",
    "财政年度",
    "公开日期",
    "行",
    "区块",
    "201",
    "30201",
    "0.5",
    "100",
    "'x'",
    "'^30'",
    '"引号"',
    "决算数",
    "+",
    "-",
    "*",
    "/",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "(",
    ")",
    "[",
    "]",
    ".",
    ",",
    ":",
    "：",
    "，",
    "＝",
    "≤",
    "×",
    "select",
    "from",
    "case",
    "when",
    "end",
    "interval",
    "cast",
    "::",
    "->",
    "@",
    "?",
    "$",
    "#",
    "{",
    "}",
    ";",
    "--",
    "/*",
    "like",
    "any",
    "array",
    "lambda",
    "over",
    "partition",
    "1e5",
    "1.2.3",
    "''",
    "'",
    '"',
    "`",
    "\\",
    "。",
    "、",
]


def check_anything(for_each: str, formula: str) -> None:
    """`formula` compiles to SQL that can be planned, or is a Mistake in words of ours; nothing else happens."""
    for written in (
        rule(for_each, formula),
        rule(for_each, "本年支出合计 = 1" if "row" in for_each else "T03[合计].基本支出 = 1", formula),
    ):
        try:
            compiled = compile_rule(written, vocabulary.load())
        except Mistake as mistake:
            assert mistake.zh and mistake.en and -1 <= mistake.at <= len(formula)
            assert not re.search(r"sqlglot|Line \d|Col:|class '|\x1b\[4m", mistake.zh + mistake.en)
        else:
            _PLANNED.execute(f"EXPLAIN {compiled.sql()}")


_PLANNED = duckdb.connect()
for _statement in BASE_TABLES:
    _PLANNED.execute(_statement)
for _table in vocabulary.load().tables:
    _PLANNED.execute(f"CREATE TABLE {_table.name} ({', '.join(f'{c.name} {c.sql}' for c in _table.columns)})")


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(("row 支出决算表", "filing", "claim of 占比", "sentence", "form")),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=12),
    st.sampled_from((" ", "")),
)
def test_any_words_are_a_formula_or_a_mistake(for_each: str, words: list[str], between: str) -> None:
    check_anything(for_each, between.join(words))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_formula_or_a_mistake(text: str) -> None:
    check_anything("row 支出决算表", text)


@pytest.mark.parametrize(
    "formula",
    ["(" * 3000, "(" * 400 + "1" + ")" * 400 + " = 基本支出", "-" * 200, "- " * 900 + "1 = 基本支出", "1+" * 1900 + "1 = 基本支出", "\x00", "\ud800", "not " * 900 + "1"],
)  # fmt: skip
def test_an_unreasonable_text_is_a_mistake_too(formula: str) -> None:
    with pytest.raises(Mistake):
        compile_rule(rule("row 支出决算表", formula), vocabulary.load())


@pytest.mark.parametrize(
    "formula, place",
    [
        ("本年支出合计 = sum(T09[合计].本年支出)", 13),
        ("本年支出合计 >= T04[本年支出合计].国有资本经营预算财政拨款", 10),
        ("本年支出合计 >= T01.国有资本经营预算财政拨款收入", 10),
    ],
)
def test_a_name_that_no_form_of_the_rules_years_has_is_a_mistake(formula: str, place: int) -> None:
    made = rule("row 支出决算表", formula)
    with pytest.raises(Mistake, match="exists from 2019 on, and the rule ends with 2018") as caught:
        compile_rule(replace(made, until=2018), vocabulary.load())
    assert caught.value.at == place
    compile_rule(replace(made, until=2019), vocabulary.load())


PATTERNS = (
    "增加|减少",
    "[，。]",
    "[ab]|c",
    "a-b|[xy]",
    "100%",
    "x||y",
    "",
    "[a-z]",
    "[^a]",
    "a.b",
    "^a",
    "(a|b)",
    "[a|b]",
    r"a\|b",
    "a'b",
)


def test_words_to_choose_from_are_found_where_their_pattern_matches() -> None:
    texts = [
        "",
        "a",
        "b",
        "c",
        "x",
        "|",
        "ab",
        "a-b",
        "a|b",
        "a'b",
        "axb",
        "100%",
        "增加",
        "减",
        "，",
        "已减少。",
        None,
    ]
    texts += ["".join(pair) for pair in product("ac|.，增加", repeat=2)]
    with duckdb.connect() as connection:
        for pattern in PATTERNS:
            quoted = literal(pattern)
            found, wanted = connection.execute(
                f"SELECT list({_matched('t', quoted)}), list(regexp_matches(t, {quoted})) FROM (SELECT unnest(?) AS t)",
                [texts],
            ).fetchone() or ((), ())
            assert found == wanted, pattern
    assert [one for one in PATTERNS if "contains" in _matched("t", literal(one))] == list(PATTERNS[:5])
