"""Rules that are a SELECT: what may stand in one, and that its rows become verdicts like those of any formula."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from expectations import rules, vocabulary
from expectations.authoring import lint
from expectations.authoring.meaning import meaning
from expectations.formula import Mistake
from expectations.proving.examples import test_examples as run_examples
from expectations.proving.specimen import create_tables
from expectations.reconcile import BATCH, FILINGS
from expectations.rulefile.editing import entry_text
from expectations.sql import query
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all, compile_rule
from expectations.suites import build_suites, witness
from flows.cli import app
from flows.explain.diagnose import explained
from tests.expectations.test_formulas import rule

WORDS = vocabulary.load()
SUMS = """SELECT filing, row_key AS instance, page, total AS stated,
  coalesce(basic, 0) + coalesce(project, 0) AS computed, 1.5 * ulp AS bound
FROM expenditure"""
HEADINGS = "SELECT filing, text AS instance, count(*) = 1 AS ok FROM heading GROUP BY filing, text"
RULES = """title: {zh: 本单位, en: Ours}
rules:
  - id: Q.sum
    title: {zh: 合计等于各类之和, en: The total is the sum}
    for_each: filing
    query: |
      SELECT filing, row_key AS instance, page, total AS stated,
        coalesce(basic, 0) + coalesce(project, 0) AS computed, 1.5 * ulp AS bound
      FROM expenditure
    category: sum
    severity: critical
    basis: 示例
    examples:
      holds: [{"支出决算表[合计].本年支出合计": 3.00, "支出决算表[合计].基本支出": 1.00, "支出决算表[合计].项目支出": 2.00}]
      rounding: [{"支出决算表[合计].本年支出合计": 3.01, "支出决算表[合计].基本支出": 1.00, "支出决算表[合计].项目支出": 2.00}]
      broken: [{"支出决算表[合计].本年支出合计": 3.00, "支出决算表[合计].基本支出": 1.00, "支出决算表[合计].项目支出": 5.00}]
      not_verifiable: [{"支出决算表[合计].项目支出": 5.00}]
  - id: Q.heading
    title: {zh: 标题不重复, en: No heading twice}
    for_each: filing
    query: "SELECT filing, text AS instance, count(*) = 1 AS ok FROM heading GROUP BY filing, text"
    category: other
    severity: warning
    basis: 示例
    examples:
      holds: [{heading: [{text: 一、概况}, {text: 二、决算}]}]
      broken: [{heading: [{text: 一、概况}, {text: 一、概况}]}]
"""


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "q.yaml").write_text(RULES, "utf-8")
    return folder


def asked(sql: str, **said: Any) -> Compiled:
    return compile_rule(replace(rule("filing", ""), query=sql, **said), WORDS)


def database(**more: Any) -> duckdb.DuckDBPyConnection:
    """Filing f of 2024 with a row that holds, one within rounding, one broken and one without a total; `old` of 2019 is broken;
    `gone` is not judged."""
    connection = duckdb.connect()
    create_tables(connection, WORDS)
    told = {"t03_status": "read", "doubted": []} | more
    for filing, year in (("f", 2024), ("old", 2019)):
        names = {"filing": filing, "fiscal_year": year} | told
        marks = ", ".join("?" for _ in names)
        connection.execute(f"INSERT INTO judged_filing ({', '.join(names)}) VALUES ({marks})", list(names.values()))
    rows = [("f", "a", "3.00"), ("f", "b", "3.01"), ("f", "c", "3.02"), ("f", "d", None), ("old", "a", "9.00"), ("gone", "a", "9.00")]  # fmt: skip
    for filing, key, total in rows:
        connection.execute(
            "INSERT INTO expenditure (filing, part, row_key, page, ulp, total, basic, project) VALUES (?, '', ?, 7, 0.01, ?, 1, 2)",
            [filing, key, total],
        )
    return connection


def verdicts(connection: duckdb.DuckDBPyConnection, one: Compiled) -> list[dict[str, Any]]:
    names = [name for name, _ in VERDICT_COLUMNS]
    rows = connection.execute(f"SELECT * FROM ({one.sql()}) ORDER BY filing, instance").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


# ---- what may stand in a query -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE heading",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO heading VALUES (1)",
        "COPY heading TO 'x.csv'",
        "ATTACH 'x.duckdb'",
        "INSTALL httpfs",
        "SET memory_limit = '1GB'",
        "SELECT filing, true AS ok FROM heading; SELECT filing, true AS ok FROM heading",
        "SELECT filing, true AS ok FROM heading; DROP TABLE heading",
        "WITH RECURSIVE a AS (SELECT filing FROM heading) SELECT filing, true AS ok FROM a",
        "SELECT * FROM read_csv('x.csv')",
        "SELECT filing, true AS ok FROM read_text('x.csv')",
        "SELECT * FROM 'x.csv'",
        "SELECT filing, true AS ok FROM information_schema.tables",
        "SELECT filing, true AS ok FROM verdict",
        "SELECT filing, getenv('HOME') = '' AS ok FROM heading",
        "SELECT filing, random() > 1 AS ok FROM heading",
        "SELECT filing, current_date > published_on AS ok FROM judged_filing",
        "SELECT filing, true AS ok FROM heading LIMIT 1",
        "SELECT filing, true AS ok FROM heading WHERE text = '{batch}'",
        "SELECT filing, true AS ok FROM heading WHERE (",
        "",
    ],
)
def test_anything_but_one_select_of_what_is_listed_is_refused(sql: str) -> None:
    with pytest.raises(Mistake):
        query.read(sql, WORDS)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT filing, total / 2 AS stated, basic AS computed FROM expenditure", "除法"),
        ("SELECT filing, CAST(total AS DOUBLE) AS stated, basic AS computed FROM expenditure", "不能用类型 DOUBLE"),
        ("SELECT filing, avg(total) AS stated, 1 AS computed FROM expenditure GROUP BY filing", "不能用函数 avg"),
        ("SELECT filing, 1e0 AS stated, basic AS computed FROM expenditure", "不写指数"),
        ("SELECT filing, label AS stated, basic AS computed FROM expenditure", "stated 应为十进制数"),
        ("SELECT filing, label AS ok FROM expenditure", "ok 应为真假"),
        ("SELECT level AS filing, true AS ok FROM expenditure", "filing 应为文字"),
        ("SELECT filing, label AS page, true AS ok FROM expenditure", "page 应为整数"),
    ],
)
def test_numbers_are_decimal_and_columns_of_their_kind(sql: str, said: str) -> None:
    with pytest.raises(Mistake) as caught:
        query.read(sql, WORDS)
    assert said in caught.value.zh


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT true AS ok FROM heading",
        "SELECT filing FROM heading",
        "SELECT filing, total AS stated FROM expenditure",
        "SELECT filing, total AS stated, basic AS computed, true AS ok FROM expenditure",
        "SELECT filing, true AS ok, 1 AS bound FROM heading",
        "SELECT filing, true AS ok, 1 AS other FROM heading",
        "SELECT filing, true AS ok, true AS ok FROM heading",
    ],
)
def test_other_columns_than_agreed_are_refused(sql: str) -> None:
    with pytest.raises(Mistake):
        query.read(sql, WORDS)


@pytest.mark.parametrize(
    ("sql", "name", "near"),
    [
        ("SELECT filing,\n  totl AS stated, basic AS computed FROM expenditure", "totl", "total"),
        ("SELECT filing, x.basik AS stated, 1 AS computed FROM expenditure x", "basik", "basic"),
        ("SELECT filing, total AS stated, basic AS computed FROM expenditur", "expenditur", "expenditure"),
        ("SELECT filing, true AS okay FROM heading", "okay", "ok"),
        ("SELECT filing, summ(total) AS stated, 1 AS computed FROM expenditure GROUP BY filing", "summ", "sum"),
    ],
)
def test_an_unknown_name_is_told_with_its_character_and_the_nearest(sql: str, name: str, near: str) -> None:
    with pytest.raises(Mistake) as caught:
        query.read(sql, WORDS)
    assert caught.value.at == sql.index(name) and name in caught.value.zh and near in caught.value.nearest


# ---- verdicts ------------------------------------------------------------------------------------------------------------


def test_stated_and_computed_are_compared_within_the_bound() -> None:
    found = verdicts(database(), asked(SUMS, since=2020))
    assert [(one["instance"], one["status"], one["reason"]) for one in found] == [
        ("a", "holds", None),
        ("b", "rounding", None),
        ("c", "broken", None),
        ("d", "not_verifiable", "query_null"),
    ]
    broken = found[2]
    keys = ("filing", "page", "stated", "computed", "difference", "bound", "unexplained", "measure")
    assert [broken[key] for key in keys] == ["f", 7, Decimal("3.02"), 3, Decimal("0.02"), Decimal("0.015"), Decimal("0.005"), "amount"]  # fmt: skip
    assert [(one["side"], one["id"], one["value"]) for one in broken["terms"]] == [("stated", None, Decimal("3.02")), ("computed", None, 3)]  # fmt: skip


def test_without_a_bound_every_difference_breaks_and_years_are_those_of_the_rule() -> None:
    bare = "SELECT filing, row_key AS instance, total AS stated, basic + project AS computed FROM expenditure"
    found = verdicts(database(), asked(bare, until=2020))
    assert [(one["filing"], one["status"]) for one in found] == [("old", "broken")]
    found = verdicts(database(), asked(bare, since=2020))
    assert [one["status"] for one in found] == ["holds", "broken", "broken", "not_verifiable"]


def test_ok_is_the_verdict_itself() -> None:
    sql = "SELECT filing, row_key AS instance, total <= 3.01 AS ok FROM expenditure"
    found = verdicts(database(), asked(sql, since=2020))
    assert [one["status"] for one in found] == ["holds", "holds", "broken", "not_verifiable"]
    assert {(one["measure"], one["stated"], one["computed"]) for one in found} == {("text", None, None)}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"t03_status": "unreadable"}, "form_unreadable:T03"),
        ({"t03_status": "missing"}, "form_missing:T03"),
        ({"doubted": ["T03/合计/basic"]}, "doubtful:T03"),
        ({"doubted": ["T04/合计/basic"]}, None),
    ],
)
def test_what_was_not_read_with_certainty_is_not_verifiable(more: dict[str, Any], reason: str | None) -> None:
    found = verdicts(database(**more), asked(SUMS, since=2020))
    if reason:
        assert {(one["status"], one["reason"]) for one in found} == {("not_verifiable", reason)}
    else:
        assert found[2]["status"] == "broken"


def test_a_query_that_looks_at_last_year_waits_for_its_forms() -> None:
    sql = "SELECT f.filing, false AS ok FROM judged_filing f JOIN expenditure x ON x.filing = f.previous WHERE x.row_key = 'a'"
    connection = database()
    connection.execute("UPDATE judged_filing SET previous = 'old' WHERE filing = 'f'")
    assert [one["status"] for one in verdicts(connection, asked(sql))] == ["broken"]
    connection.execute("UPDATE judged_filing SET t03_status = 'unreadable' WHERE filing = 'old'")
    assert [one["reason"] for one in verdicts(connection, asked(sql))] == ["previous_form_unreadable:T03"]


def test_an_instance_that_comes_twice_is_an_error_of_the_run() -> None:
    with pytest.raises(duckdb.Error, match="twice: f "):
        verdicts(database(), asked("SELECT filing, total AS stated, basic AS computed FROM expenditure"))


@pytest.mark.parametrize("sql", [SUMS, "SELECT filing, row_key AS instance, total <= 3 AS ok FROM expenditure"])
@pytest.mark.parametrize("doubted", [[], ["T03/合计/basic"], ["N/0001"]])
def test_what_is_counted_and_what_some_filings_give_is_what_is_judged(sql: str, doubted: list[str]) -> None:
    connection, one = database(doubted=doubted), asked(sql)
    whole = verdicts(connection, one)
    counted = connection.execute(f"SELECT filing, status FROM ({one.outcomes()}) ORDER BY ALL").fetchall()
    assert counted == sorted((each["filing"], each["status"]) for each in whole) and len(whole) == 5
    narrowed = one.sql(filings="SELECT 'old'")
    some = connection.execute(f"SELECT status FROM ({narrowed})").fetchall()
    assert some == [(each["status"],) for each in whole if each["filing"] == "old"]
    assert (one.outcomes(BATCH).count(BATCH), one.sql(BATCH, FILINGS).count(BATCH)) == (1, 1)


def test_its_findings_have_no_roots_and_its_fingerprint_changes_with_the_query(ours: Path) -> None:
    one = asked(SUMS, severity="critical")
    found = [each | {"rule": "x", "fingerprint": each["instance"]} for each in verdicts(database(), one)]
    assert explained(found, [one.rule]).roots == {}
    assert one.rule.fingerprint != replace(one.rule, query=SUMS.replace("1.5", "2.5")).fingerprint


# ---- as a rule of a file -------------------------------------------------------------------------------------------------


def test_it_is_proved_by_examples_and_in_the_suite_of_judged_filings(ours: Path) -> None:
    book = rules.load(ours)
    compiled = compile_all(book, WORDS)
    assert [(one.expected, one.passed, one.problem) for one in run_examples(compiled, WORDS)] == [
        (kind, True, "") for kind in ("holds", "rounding", "broken", "not_verifiable", "holds", "broken")
    ]
    (suite,) = build_suites(book, compiled)
    assert suite.table == "judged_filing" and [witness(one) for one in compiled] == [None, None]
    assert "FROM expenditure" in str(suite.suite.expectations[0].description)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("holds: [{heading: [{text: 一、概况}, {text: 二、决算}]}]", "holds: [{heading: [{text: 一、概况}, {text: 一、概况}]}]"),
        ("broken: [{heading:", "broken: [{headin:"),
        ("broken: [{heading: [{text: 一、概况}", "broken: [{heading: [{txt: 一、概况}"),
        ("count(*) = 1", "count(*) > 0"),
    ],
)  # fmt: skip
def test_a_query_or_an_example_that_says_otherwise_fails_its_proof(old: str, new: str, ours: Path) -> None:
    assert old in RULES
    (ours / "q.yaml").write_text(RULES.replace(old, new), "utf-8")
    failed = [one for one in run_examples(compile_all(rules.load(ours), WORDS), WORDS) if not one.passed]
    assert [one.rule.id for one in failed] == ["Q.heading"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    category: other", "    check: 财政年度 > 0\n    category: other", "只能写一个"),
        ('    query: "', '    note: "', "缺少 check / query"),
        ("text AS instance", "txt AS instance", "没有列“txt”；"),
        ("total AS stated", "totl AS stated", "没有列“totl”（第 43 个字符）"),
        ("    category: other", "    when: 财政年度 > 0\n    category: other", "没有 when"),
        ("heading\n    title: {zh: 标题不重复, en: No heading twice}\n    for_each: filing", "heading\n    title: {zh: 标题不重复, en: No heading twice}\n    for_each: heading", "for_each 要写 filing"),
    ],
)  # fmt: skip
def test_lint_refuses_in_its_place(old: str, new: str, said: str, ours: Path) -> None:
    assert old in RULES
    text = RULES.replace(old, new)
    (ours / "q.yaml").write_text(text, "utf-8")
    (one,) = [each for each in lint.lint([(ours, "")], WORDS)[1] if each.grade == "error"]
    assert said in one.text("zh") and one.grade == "error" and one.line > 2
    if "txt" in new:
        assert text.splitlines()[one.line - 1][one.character - 1 :].startswith("txt")


def test_lint_finds_the_same_query_under_two_ids(ours: Path) -> None:
    again = RULES.partition("  - id: Q.heading")[2].replace("SELECT filing,", "select   filing,")
    (ours / "q.yaml").write_text(RULES + "  - id: Q.again" + again, "utf-8")
    (one,) = lint.lint([(ours, "")], WORDS)[1]
    assert "Q.again：与规则 Q.heading" in one.zh and one.grade == "warning"


def test_show_prints_it(ours: Path) -> None:
    said = CliRunner().invoke(app, ["rules", "show", "Q.sum", "--rules", str(ours), "--lang", "zh"]).stdout
    assert "  SELECT filing, row_key AS instance" in said and "  FROM expenditure" in said
    assert meaning(rules.load(ours).rules[0], "zh") in said


def test_a_workbook_carries_it_there_and_back(ours: Path) -> None:
    def hedui(*more: str) -> str:
        done = CliRunner().invoke(app, ["rules", *more, "--rules", str(ours), "--lang", "zh"])
        assert done.exit_code == 0, done.output
        return done.stdout

    path = ours.parent / "q.xlsx"
    hedui("export", "--out", str(path))
    assert "有改动 0，拒绝 0" in hedui("import", str(path)) and (ours / "q.yaml").read_text("utf-8") == RULES
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == "查询")
    row = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == "Q.sum")
    sheet.cell(row, column).value = str(sheet.cell(row, column).value).replace("1.5", "2.5")
    book.save(path)
    assert "有改动 1，拒绝 0" in hedui("import", str(path))
    assert (ours / "q.yaml").read_text("utf-8") == RULES.replace("1.5", "2.5")


def test_a_new_entry_is_written_as_a_block() -> None:
    assert "query: |\n" in entry_text({"id": "Q", "query": SUMS})
