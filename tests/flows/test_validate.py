"""Validation through Great Expectations: every verdict kept, and everything that can go wrong on the way goes wrong loudly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb_sqlalchemy import Dialect

from expectations import reconcile, rules, suites, vocabulary
from expectations.rules import RuleBook
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all
from flows import dialect, judge, record, standing, validate
from flows import warehouse as store

RULES = """
title: {zh: 支出决算表, en: Expenditure}
family: within_form
form: 支出决算表
rules:
  - {id: E.row, title: {zh: 每行之和, en: Row sums}, for_each: row, check: 本年支出合计 = 基本支出 + 项目支出, category: sum,
     severity: critical, basis: 部门决算公开03表, examples: {holds: [{本年支出合计: 1}], broken: [{本年支出合计: 1}]}}
  - {id: E.negative, title: {zh: 不为负数, en: Not negative}, for_each: row, check: 本年支出合计 >= 0, category: reasonableness,
     severity: warning, examples: {holds: [{本年支出合计: 1}], broken: [{本年支出合计: -1}]}}
  - {id: E.blank, title: {zh: 两侧皆空, en: Both sides blank}, for_each: row, check: 经营支出 = 上缴上级支出, category: other,
     severity: info, examples: {holds: [{经营支出: 1}], broken: [{经营支出: 1}]}}
  - {id: E.words, title: {zh: 模板文字, en: Template words}, for_each: sentence, check: "not matches(语句, '(?:增加|减少)（(?:增加|减少)）')",
     category: placeholder, severity: warning, examples: {holds: [{语句: 增加}], broken: [{语句: 增加（减少）}]}}
  - {id: E.share, title: {zh: 占比, en: Share}, for_each: claim of 占比, check: 占比 = 部分 / 整体, category: share,
     severity: critical, examples: {holds: [{占比: 1}], broken: [{占比: 1}]}}
"""

ROWS = (
    # filing, row key, total, basic, project
    ("f1", "合计", "30.50", "10.25", "20.25"),
    ("f1", "201", "30.51", "10.25", "20.25"),
    ("f1", "20101", "30.05", "10.25", "20.25"),
    ("f2", "合计", "-4.00", "-4.00", None),
)


def new_warehouse(path: Path) -> Path:
    """A warehouse of two filings: one row that breaks, one within rounding, one negative; one sentence, one share unstated."""
    connection = duckdb.connect(str(path))
    store.create(connection, comments=False)
    for name in ("f1", "f2"):
        connection.execute(
            "INSERT INTO filing (filing, identity, organisation, fiscal_year, kind, scope, current) "
            "VALUES (?, ?, '某市园林局', 2024, 'final_accounts', 'department', true)",
            [name, f"某市园林局/{name}"],
        )
        connection.execute("INSERT INTO form_reading (filing, form, status) VALUES (?, 'T03', 'read')", [name])
        connection.execute(
            "INSERT INTO judged_filing (filing, fiscal_year, t03_status) VALUES (?, 2024, 'read')", [name]
        )
    for position, (name, key, *amounts) in enumerate(ROWS):
        connection.execute(
            "INSERT INTO expenditure (filing, part, row_key, code, label, level, parent_key, position, page, ulp, total, basic, project) "
            "VALUES (?, '', ?, ?, ?, 0, '', ?, 3, 0.01, ?, ?, ?)",
            [name, key, key if key.isdigit() else "", key, position, *amounts],
        )
    connection.execute(
        "INSERT INTO sentence (filing, position, text) VALUES ('f1', 0, '比上年增加（减少）3万元'), ('f1', 1, '无')"
    )
    connection.execute("INSERT INTO narrative_share (filing, id, part, whole) VALUES ('f1', 'N/0001', 1, 2)")
    connection.close()
    return path


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return new_warehouse(tmp_path / "数据 仓库.duckdb")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "E.yaml").write_text(RULES, "utf-8")
    return rules.load(folder)


@pytest.fixture(scope="module")
def compiled(book: RuleBook) -> tuple[Compiled, ...]:
    return compile_all(book, vocabulary.load())


def verdicts(warehouse: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse)) as connection:
        return connection.execute(f"SELECT {columns} FROM verdict ORDER BY ALL").fetchall()


def with_sql(one: Compiled, template: str) -> Compiled:
    return replace(one, template=template)


def failing(one: Compiled, value: str) -> Compiled:
    """The same rule, whose query crashes on some rows when it runs, though it can be planned."""
    return with_sql(one, one.template.replace("FROM k", f"FROM k WHERE CAST({value} AS DECIMAL(3,1)) IS NOT NULL"))


# ---- what a good run leaves ---------------------------------------------------------------------------------------------


def test_every_verdict_of_the_bare_sql_is_counted_and_kept_with_its_fingerprints_unless_it_passes(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    names = ", ".join(name for name, _ in VERDICT_COLUMNS)
    expected = []
    with duckdb.connect(str(warehouse)) as connection:
        for one in compiled:
            found = connection.execute(f"SELECT {names} FROM ({one.sql()})").fetchall()
            expected += [(one.rule.id, one.rule.fingerprint, *row) for row in found]

    done = validate.validate(warehouse, book, compiled, "night-1")

    kept = verdicts(warehouse, f"rule, rule_fingerprint, {names}")
    assert sorted(map(str, kept)) == sorted(str(one) for one in expected if one[4] not in ("holds", "rounding"))
    assert done.counts == {"holds": 6, "rounding": 1, "broken": 3, "not_verifiable": 1}
    assert done.verdicts == len(expected) == 11
    assert {run for (run,) in verdicts(warehouse, "run")} == {"night-1"}
    prints = [value for (value,) in verdicts(warehouse, "fingerprint")]
    assert all(prints) and len(set(prints)) == len(prints)
    assert not done.structure_failures


def test_the_keys_are_seen_to_of_every_table_that_the_rules_read_and_of_no_other(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    done = validate.validate(warehouse, book, compiled, "night-1")
    tables = {one.table for one in done.results if one.suite == "structure"}
    assert tables >= {one.base for one in compiled} | {"judged_filing"}
    assert not tables & {"income", "income_expenditure_summary", "narrative_completion", "heading"}


def test_the_shipped_rules_have_every_table_seen_to() -> None:
    words = vocabulary.load()
    every = {suite.table for suite in suites.structure_suites(words)}
    assert every >= {table.name for table in words.tables}
    assert set().union(*(one.reads(every) for one in compile_all(rules.load(), words))) == every


@pytest.mark.parametrize("at_a_time", [1, 1000])
def test_what_passes_is_written_out_beside_it_and_only_if_it_is_what_was_counted(
    warehouse: Path,
    book: RuleBook,
    compiled: tuple[Compiled, ...],
    monkeypatch: pytest.MonkeyPatch,
    at_a_time: int,
) -> None:
    monkeypatch.setattr(judge, "SLICE", at_a_time)
    names = ", ".join(name for name, _ in VERDICT_COLUMNS)
    passed = {one.rule: one.passed for one in validate.validate(warehouse, book, compiled, "r").results if one.rule}
    with duckdb.connect(str(warehouse)) as connection:
        with pytest.raises(judge.Contradiction, match=r"E\.row: 3 verdicts pass where 4 were counted"):
            judge.write_out(connection, compiled, "r", passed | {"E.row": 4})
        assert connection.execute("SELECT count(*) FROM verdict WHERE status IN ('holds', 'rounding')").fetchone() == (
            0,
        )
        expected = []
        for one in compiled:
            found = connection.execute(f"SELECT {names} FROM ({one.sql()})").fetchall()
            expected += [("r", one.rule.id, one.rule.fingerprint, *row) for row in found]
        for _ in range(2):
            judge.write_out(connection, compiled, "r", passed)
            kept = connection.execute(f"SELECT run, rule, rule_fingerprint, {names} FROM verdict").fetchall()
            assert sorted(map(str, kept)) == sorted(map(str, expected))
    prints = [value for (value,) in verdicts(warehouse, "fingerprint")]
    assert all(prints) and len(set(prints)) == len(prints) == 11


def test_results_carry_formula_severity_counts_and_failing_rows(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    done = validate.validate(warehouse, book, compiled, "night-1")

    results = {one.rule: one for one in done.results if one.rule}
    row = results["E.row"]
    assert (row.suite, row.table, row.severity, row.success) == ("E", "expenditure", "critical", False)
    assert row.description == "每行之和：本年支出合计 = 基本支出 + 项目支出"
    assert row.meta["basis"] == "部门决算公开03表" and row.meta["fingerprint"] == compiled[0].rule.fingerprint
    assert (row.element_count, row.unexpected_count) == (4, 1)
    assert row.counts == {"holds": 2, "rounding": 1, "broken": 1, "not_verifiable": 0}
    assert row.failing == (
        {
            "filing": "f1",
            "instance": "20101",
            "stated": "30.05",
            "computed": "30.5",
            "difference": "-0.45",
            "unexplained": "0.435",
        },
    )
    words = results["E.words"]
    assert (words.table, words.severity, [one["instance"] for one in words.failing]) == ("sentence", "warning", ["0"])
    assert [one.rule for one in done.results if one.suite == "E" and one.rule] == [one.rule.id for one in compiled]


def test_a_figure_that_is_not_stated_is_not_verifiable_and_two_blank_sides_give_no_verdict(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    done = validate.validate(warehouse, book, compiled, "night-1")

    results = {one.rule: one for one in done.results if one.rule}
    assert results["E.share"].counts == {"holds": 0, "rounding": 0, "broken": 0, "not_verifiable": 1}
    assert results["E.blank"].element_count == 0 and not any(results["E.blank"].counts.values())


def test_the_built_in_beside_a_rule_finds_the_same_rows(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    done = validate.validate(warehouse, book, compiled, "night-1")

    own = next(one for one in done.results if one.rule == "E.negative")
    beside = next(one for one in done.results if one.meta.get("witness_of") == "E.negative")
    assert beside.expectation_type == "expect_column_values_to_be_between"
    assert own.unexpected_count == beside.unexpected_count == 1
    assert beside.failing == ({"value": "-4"},)


def test_a_run_tried_again_replaces_its_verdicts_and_another_run_adds_its_own(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    validate.validate(warehouse, book, compiled, "night-1")
    validate.validate(warehouse, book, compiled, "night-1")
    assert len(verdicts(warehouse)) == 4
    validate.validate(warehouse, book, compiled, "night-2")
    by_run = verdicts(warehouse, "run, rule, instance, fingerprint")
    assert [row[1:] for row in by_run[:4]] == [row[1:] for row in by_run[4:]]


def test_the_warehouse_may_be_open_in_this_process_and_keeps_no_staging_table(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        validate.validate(warehouse, book, compiled, "night-1")
        assert connection.execute("SELECT count(*) FROM verdict").fetchall() == [(4,)]
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert not [name for (name,) in tables if "staging" in name]


@pytest.mark.parametrize("crash", [False, True])
def test_another_process_may_open_the_warehouse_afterwards(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], crash: bool
) -> None:
    if crash:
        refused(warehouse, book, (failing(compiled[0], "stated * 10"), *compiled[1:]))
    else:
        validate.validate(warehouse, book, compiled, "night-1")
    opening = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('SELECT * FROM verdict')"
    subprocess.run([sys.executable, "-c", opening, str(warehouse)], check=True)


def runs_kept(root: Path) -> tuple[record.KeptRun, ...]:
    """What Great Expectations itself finds in the folder."""
    return record.kept_runs(validate.running._context(root))


def test_great_expectations_keeps_suites_and_results_and_gives_them_back(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], tmp_path: Path
) -> None:
    root = tmp_path / "gx"
    validate.validate(warehouse, book, compiled, "night-1", root)
    shorter = tuple(one for one in compiled if one.base == "expenditure")
    suite = root / "expectations/E/expenditure.json"
    before = suite.read_bytes()
    done = validate.validate(warehouse, book, shorter, "night-2", root)

    newest, first = runs_kept(root)
    back = [one for kept in newest.suites for one in kept.results]
    assert sorted(back, key=lambda one: one.description) == sorted(done.results, key=lambda one: one.description)
    assert (newest.name, first.name) == ("night-2", "night-1")
    assert {one.rule for kept in first.suites for one in kept.results} >= {"E.words", "E.row"}
    stored = next(root.glob("uncommitted/validations/E/expenditure/night-2/*/*.json")).read_text("utf-8")
    results = {one["expectation_config"]["kwargs"].get("rule"): one for one in json.loads(stored)["results"]}
    assert results["E.row"]["expectation_config"]["meta"]["formula"] == "本年支出合计 = 基本支出 + 项目支出"
    assert results["E.row"]["expectation_config"]["severity"] == "critical"
    assert "SELECT" not in stored and "SELECT" in before.decode(), "the SQL is kept once, in the suite"
    assert sorted(path.stem for path in root.glob("expectations/E/*.json")) == ["expenditure"], (
        "a suite no longer run stays"
    )
    assert suite.read_bytes() == before, "a suite that did not change was written again"
    opened = validate.running.gx.get_context(mode="file", context_root_dir=root)
    assert len(opened.suites.get("E.expenditure").expectations) == len(json.loads(before)["expectations"])


def test_a_run_tried_again_replaces_its_earlier_try_and_old_runs_go(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RUNS_KEPT", 2)
    for run in ("night-1", "night-2", "night-2", "night-3"):
        validate.validate(warehouse, book, compiled[:1], run, tmp_path / "gx")
    assert [run.name for run in runs_kept(tmp_path / "gx")] == ["night-3", "night-2"]


def test_what_raised_an_exception_is_kept_as_an_error(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], tmp_path: Path
) -> None:
    with pytest.raises(validate.ValidationError):
        validate.validate(
            warehouse, book, (failing(compiled[0], "stated * 10"), *compiled[1:]), "night-1", tmp_path / "gx"
        )
    (kept,) = runs_kept(tmp_path / "gx")
    errors = {one.rule: one.error for suite in kept.suites for one in suite.results if one.error}
    assert set(errors) == {"E.row"} and "Conversion Error" in errors["E.row"]


def test_nothing_is_sent_anywhere(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tried: list[Any] = []

    def refuse(self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    validate.validate(warehouse, book, compiled, "night-1", tmp_path / "gx")
    assert tried == []


def test_nothing_is_drawn_on_the_terminal(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    validate.validate(warehouse, book, compiled, "night-1")
    assert capfd.readouterr() == ("", "")


def test_a_row_loaded_twice_is_a_failure_of_structure(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("INSERT INTO expenditure SELECT * FROM expenditure WHERE filing = 'f2'")
    (failure,) = validate.validate(warehouse, book, compiled, "night-1").structure_failures
    assert (failure.table, failure.expectation_type) == ("expenditure", "expect_compound_columns_to_be_unique")
    assert failure.unexpected_count == 2
    assert failure.failing[0] == {"filing": "f2", "part": "", "row_key": "合计"}


def test_memory_is_bounded_before_anything_is_looked_at(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = "SELECT current_setting('memory_limit')"
    with duckdb.connect() as connection:
        judge.limit(connection)
        wanted = connection.execute(setting).fetchone()
        assert wanted != connection.execute("RESET memory_limit").execute(setting).fetchone()
    seen: list[Any] = []
    foresee = standing.foresee
    monkeypatch.setattr(
        standing,
        "foresee",
        lambda connection, *more: (seen.append(connection.execute(setting).fetchone()), foresee(connection, *more)),
    )
    validate.validate(warehouse, book, compiled[:1], "night-1")
    assert seen == [wanted]


# ---- what must not pass -------------------------------------------------------------------------------------------------


def refused(warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]) -> tuple[validate.Fault, ...]:
    """The faults of a run that must fail and leave no verdict."""
    with pytest.raises(validate.ValidationError) as caught:
        validate.validate(warehouse, book, compiled, "night-1")
    assert verdicts(warehouse) == []
    return caught.value.faults


def test_a_rule_that_crashes_on_one_row_is_named_and_no_other_is(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    faults = refused(warehouse, book, (failing(compiled[0], "stated * 10"), *compiled[1:]))
    assert [fault.where for fault in faults] == [f"E.row (E.yaml:{compiled[0].rule.line})"]
    assert "Conversion Error" in faults[0].en and "无法执行" in faults[0].text("zh")


def test_a_rule_that_does_not_compile_is_named_before_anything_runs(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, "execute", lambda *_: pytest.fail("ran"))
    broken = with_sql(compiled[1], compiled[1].template.replace("t.total", "t.totl"))
    (fault,) = refused(warehouse, book, (compiled[0], broken, *compiled[2:]))
    assert fault.where.startswith("E.negative (E.yaml:") and "totl" in fault.en


def test_a_built_in_that_raises_is_an_error_of_the_run(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(suites._CODES, "functional", "^(unclosed")
    faults = refused(warehouse, book, compiled)
    assert "structure.expenditure expect_column_values_to_match_regex" in [fault.where for fault in faults]


def test_a_built_in_that_raises_beside_rules_does_not_lay_its_blame_on_them(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upstream issue 10713: what is computed together is marked together."""
    bad = suites.gxe.ExpectColumnValuesToMatchRegex(column="label", regex="^(unclosed")
    monkeypatch.setattr(suites, "witness", lambda one: bad if one.rule.id == "E.row" else None)
    faults = refused(warehouse, book, compiled)
    assert [fault.where for fault in faults] == ["E.expenditure expect_column_values_to_match_regex"]


def test_the_stock_dialect_is_caught_by_the_canary(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without our dialect, closing the connection rolls back and what was not yet fetched is gone."""
    for name in ("do_begin", "do_rollback", "do_commit"):
        monkeypatch.setattr(dialect.WarehouseDialect, name, getattr(Dialect, name))
    faults = refused(warehouse, book, compiled)
    assert any(fault.where.startswith("canary") for fault in faults), [fault.text("en") for fault in faults]


def test_a_canary_that_passes_is_an_error(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate.warehouse, "CANARY_QUERY", "SELECT 'canary' AS name, 1 AS stated, 1 AS computed")
    (fault,) = refused(warehouse, book, compiled)
    assert fault.where == "canary" and all(name in fault.en for name in suites.CANARY_TYPES)


@pytest.mark.parametrize("kept", [0, 1])
def test_a_canary_that_is_absent_is_an_error(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    def incomplete() -> suites.TableSuite:
        whole = suites.canary_suite()
        whole.suite.expectations = whole.suite.expectations[:kept]
        return whole

    monkeypatch.setattr(validate, "canary_suite", incomplete)
    (fault,) = refused(warehouse, book, compiled)
    assert fault.where == "canary"


@pytest.mark.parametrize(
    "spoil",
    [
        f"INSERT INTO {reconcile.STAGING} BY NAME SELECT * FROM {reconcile.STAGING} WHERE rule = 'E.row' LIMIT 1",
        f"DELETE FROM {reconcile.STAGING} WHERE rule = 'E.row' AND status = 'broken'",
        f"UPDATE {reconcile.STAGING} SET status = 'holds' WHERE rule = 'E.row'",
    ],
    ids=["a verdict too many", "a verdict lost", "a verdict turned"],
)
def test_verdicts_other_than_reported_are_an_error(
    warehouse: Path,
    book: RuleBook,
    compiled: tuple[Compiled, ...],
    monkeypatch: pytest.MonkeyPatch,
    spoil: str,
) -> None:
    honest: Callable[..., reconcile.Tally] = reconcile.judge

    def spoiled(execute: reconcile.Execute, *arguments: str) -> reconcile.Tally:
        tally = honest(execute, *arguments)
        if arguments[1] == "E.row":
            execute(spoil)
        return tally

    monkeypatch.setattr(reconcile, "judge", spoiled)
    (fault,) = refused(warehouse, book, compiled)
    assert fault.where.startswith("E.row (")


def test_a_result_that_does_not_arrive_is_an_error(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = validate.running.gx.ValidationDefinition.run

    def forgetful(self: Any, **arguments: Any) -> Any:
        done = real(self, **arguments)
        if done.suite_name == "E.expenditure":
            done.results.pop()
        return done

    monkeypatch.setattr(validate.running.gx.ValidationDefinition, "run", forgetful)
    (fault,) = refused(warehouse, book, compiled)
    assert fault.where == "E.expenditure"


def test_a_failed_run_leaves_verdicts_of_earlier_runs_and_the_warehouse_usable(
    warehouse: Path, book: RuleBook, compiled: tuple[Compiled, ...]
) -> None:
    validate.validate(warehouse, book, compiled, "night-1")
    with pytest.raises(validate.ValidationError):
        validate.validate(warehouse, book, (failing(compiled[0], "stated * 10"), *compiled[1:]), "night-2")
    assert len(verdicts(warehouse)) == 4
    validate.validate(warehouse, book, compiled, "night-2")
    assert len(verdicts(warehouse)) == 8
