"""`hedui rules try` and `show`: what a rule would find, and how it came out, from a little warehouse."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from expectations import rules
from flows import history, warehouse
from flows.cli import app
from tests.flows.publish import little

TRIAL = """title: {zh: 试一试, en: On trial}
form: 支出决算表
rules:
  - id: ours.sum
    title: {zh: 合计等于两项之和, en: The total is the sum of two}
    for_each: row
    check: 本年支出合计 = 基本支出 + 项目支出
    category: sum
    severity: critical
    status: preview
    examples: {holds: [{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 2.00}], broken: [{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 5.00}]}
  - id: ours.fund
    title: {zh: 基金支出不大于总支出, en: Fund spending is at most all spending}
    for_each: filing
    check: 支出决算表[合计].本年支出合计 >= 政府性基金预算财政拨款收入支出决算表[合计].本年支出合计
    category: cross_form
    severity: critical
    status: preview
    examples: {holds: [{"支出决算表[合计].本年支出合计": 3, "政府性基金预算财政拨款收入支出决算表[合计].本年支出合计": 1}], broken: [{"支出决算表[合计].本年支出合计": 1, "政府性基金预算财政拨款收入支出决算表[合计].本年支出合计": 3}]}
"""


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """One filing in order and one whose row 2012604 does not add up."""
    path = tmp_path / "w.duckdb"
    with warehouse.connect(path) as db:
        little.fill(db, [little.disclosure("示例市水务局"), little.disclosure("示例市档案局", "515.83")])
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "试行.yaml"
    path.write_text(TRIAL, "utf-8")
    return path


def test_a_rule_on_trial_tells_counts_failures_with_arithmetic_and_why_not(store: Path, file: Path) -> None:
    before = store.read_bytes()
    result = hedui("rules", "try", file, "--warehouse", store, "--lang", "zh")
    assert result.exit_code == 0, result.stderr
    told = result.stdout
    assert re.search(
        r"ours\.sum  合计等于两项之和\n  相符 \d+ · 尾差相符 \d+ · 不符 1 · 无法核对 0（用时 [0-9.]+ 秒）", told
    )
    assert "✗ 示例市档案局 2024 “2012604”" in told
    assert "本年支出合计 515.83  |  基本支出 （空白） + 项目支出 551.83" in told
    assert "公布 515.83 万元，计算得 551.83 万元，相差 -36.00 万元" in told
    assert re.search(r"无法核对 2 份：报表中没有T08\[合计\]这一行", told)
    assert "以仓库中 2 份决算试算了 2 条规则" in told
    assert store.read_bytes() == before


def test_a_trial_in_english_shows_no_more_failures_than_asked(store: Path, file: Path) -> None:
    result = hedui("rules", "try", file, "--warehouse", store, "--lang", "en", "--most", "0")
    assert "broken 1" in result.stdout and "and 1 more broken" in result.stdout and "✗" not in result.stdout


def test_a_file_that_is_adopted_can_be_tried_as_well(store: Path, file: Path) -> None:
    result = hedui("rules", "try", file, "--warehouse", store, "--rules", file.parent, "--lang", "en")
    assert result.exit_code == 0 and "2 rules tried on the 2 filings" in result.stdout


def test_a_file_with_a_mistake_is_not_tried(store: Path, file: Path) -> None:
    file.write_text(TRIAL.replace("+ 项目支出", "+ 项目支岀"), "utf-8")
    result = hedui("rules", "try", file, "--warehouse", store, "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "") and "ours.sum: there is no “项目支岀”" in result.stderr


def test_an_id_that_is_taken_is_told_with_both_places(store: Path, file: Path) -> None:
    file.write_text(TRIAL.replace("ours.sum", "T03.row"), "utf-8")
    result = hedui("rules", "try", file, "--warehouse", store, "--lang", "en")
    assert result.exit_code == 2 and re.search(r"试行.yaml:4: the id T03.row is taken by T03.yaml:\d+", result.stderr)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_warehouse_one_line_says_what_to_do(file: Path, tmp_path: Path, lang: str) -> None:
    result = hedui("rules", "try", file, "--warehouse", tmp_path / "no.duckdb", "--lang", lang)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1) and "hedui nightly" in result.stderr
    shown = hedui("rules", "show", "T03.row", "--warehouse", tmp_path / "no.duckdb", "--lang", lang)
    assert shown.exit_code == 0 and "no.duckdb" in shown.stdout


def test_a_warehouse_of_another_version_is_one_line(file: Path, tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    result = hedui("rules", "try", file, "--warehouse", tmp_path / "old.duckdb", "--lang", "en")
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1) and "another version" in result.stderr


def test_history_tells_runs_and_where_results_moved_because_the_rule_changed(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    book = little.rulebook(folder)
    with warehouse.connect(store) as db:
        little.judge(db, book, "night-1", datetime(2025, 9, 1, 2, 0))
        little.judge(db, book, "night-2", datetime(2025, 9, 2, 2, 0))
        text = little.RULES.replace("check: 本年支出合计 = 基本支出 + 项目支出", "check: 本年支出合计 >= 项目支出")
        (folder / "sample.yaml").write_text(text, "utf-8")
        changed = rules.load(folder)
        little.judge(db, changed, "night-3", datetime(2025, 9, 3, 2, 0))
    with warehouse.connect(store, read_only=True) as db:
        nights = history.of_rule(db, "S.row")
        same = history.of_rule(db, "S.rollup")
    assert [one.run for one in nights] == ["night-3", "night-2", "night-1"]
    assert [one.moved for one in same] == [None, None, None]
    assert (
        nights[0].moved == 2
        and nights[1].moved is None
        and nights[0].counts["broken"] == nights[1].counts["broken"] == 1
    )
    lines = "\n".join(history.rule_lines(nights, changed.rules[0], "zh"))
    assert "night-3" in lines and "规则在此前改动，2 项结果随之不同" in lines and "上次运行之后规则已改动" not in lines
    assert "上次运行之后规则已改动" in "\n".join(history.rule_lines(nights, book.rules[0], "zh"))


def test_results_that_moved_are_counted_on_the_same_filings(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    with warehouse.connect(store) as db:
        little.judge(db, little.rulebook(folder), "night-1", datetime(2025, 9, 1, 2, 0))
        text = little.RULES.replace("check: 本年支出合计 = 基本支出 + 项目支出", "check: 本年支出合计 <= 项目支出")
        (folder / "sample.yaml").write_text(text, "utf-8")
        little.judge(db, rules.load(folder), "night-2", datetime(2025, 9, 2, 2, 0))
        now, then = history.of_rule(db, "S.row")
    assert now.moved is not None and now.moved >= now.counts["broken"] - then.counts["broken"] > 0
