"""Rule files: strict, helpful to their authors, and proved by their own examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations import rules, vocabulary
from expectations.authoring import lint
from expectations.authoring.meaning import meaning
from expectations.formula import parse
from expectations.proving.examples import test_examples as judge_examples
from expectations.sql import verdicts

GOOD = """
title: {zh: 支出决算表, en: Expenditure}
family: within_form
form: 支出决算表
rules:
  - id: T03.mine
    title: {zh: 合计等于两项之和, en: The total is the sum of two}
    for_each: row
    check: 本年支出合计 = 基本支出 + 项目支出
    category: sum
    severity: critical
    examples:
      holds: [{本年支出合计: 354.87, 基本支出: 152.60, 项目支出: 202.27}]
      broken: [{本年支出合计: 354.87, 基本支出: 152.60, 项目支出: 202.42}]
"""


def problems(folder: Path, text: str) -> list[str]:
    (folder / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(rules.RuleErrors) as caught:
        verdicts.compile_all(rules.load(folder), vocabulary.load())
    return [problem.text("zh") for problem in caught.value.problems]


def test_a_rule_file_loads_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD, "utf-8")
    (rule,) = rules.load(tmp_path).rules
    assert (rule.id, rule.file, rule.line, rule.form) == ("T03.mine", "mine.yaml", 6, "支出决算表")


def test_an_unknown_name_is_named_with_its_file_line_character_and_nearest_names(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD.replace("+ 项目支出\n", "+ 项目支岀\n"))
    assert problem.startswith("mine.yaml:6: 规则 T03.mine：没有“项目支岀”这一项（第 17 个字符）")
    assert "项目支出" in problem.split("相近的名称：")[1]


def test_an_unknown_key_is_an_error_and_not_ignored(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD.replace("severity:", "serverity:") + "")[:1]
    assert problem == "mine.yaml:11:5: 不认识的项“serverity”；相近的名称：severity、query"


@pytest.mark.parametrize("kind, word", [("holds", "相符"), ("broken", "不符")])
def test_a_rule_without_both_kinds_of_example_is_refused(tmp_path: Path, kind: str, word: str) -> None:
    lines = [line for line in GOOD.splitlines() if not line.strip().startswith(f"{kind}:")]
    (problem,) = problems(tmp_path, "\n".join(lines))
    assert f"缺少{word}的例子" in problem


def test_bad_yaml_gives_the_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD.replace("{zh: 合计等于两项之和, en", "{zh: 合计等于两项之和, en}}"))
    assert problem.startswith("mine.yaml:") and "YAML 写法有误" in problem


def test_an_unknown_severity_names_the_choices(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, GOOD.replace("severity: critical", "severity: critcal"))
    assert "severity 不能是“critcal”" in problem and problem.endswith("critical")


def test_an_id_used_twice_names_both_places(tmp_path: Path) -> None:
    entry = GOOD[GOOD.index("  - id") :]
    (problem,) = problems(tmp_path, GOOD + entry)
    assert problem == "mine.yaml:15: 编号 T03.mine 已用于 mine.yaml:6"


@pytest.mark.parametrize(
    "formula, said",
    [
        ("本年支出合计 = ", "不完整"),
        ("本年支出合计 = 基本支出 +* 项目支出", "“*”前面缺少数"),
        ("本年支出合计 = avg(基本支出)", "没有函数 avg"),
        ("本年支出合计 = 支出表[合计].基本支出", "没有报表“支出表”"),
        ("本年支出合计 = 支出决算表[合计].基本", "没有“基本”列"),
        ("本年支出合计 = 收入支出决算总表.支出", "没有“支出”这一行"),
        ("本年支出合计 = 基本支出 / 项目支出 + 1", "除法或两数相乘"),
        ("本年支出合计 = (select 1)", "规则语言里没有"),
        ("本年支出合计 = 基本支出; drop table filing", "公式中不能有“;”"),
    ],
)
def test_a_formula_that_cannot_be_understood_says_why(tmp_path: Path, formula: str, said: str) -> None:
    found = problems(tmp_path, GOOD.replace("本年支出合计 = 基本支出 + 项目支出", formula))
    assert said in found[0]


def test_columns_make_one_rule_for_each(tmp_path: Path) -> None:
    text = GOOD.replace(
        "check: 本年支出合计 = 基本支出 + 项目支出",
        "columns: {basic: 基本支出, project: 项目支出}\n    check: '{列} >= 0'",
    )
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    assert [(rule.id, rule.check) for rule in rules.load(tmp_path).rules] == [
        ("T03.mine.basic", "基本支出 >= 0"),
        ("T03.mine.project", "项目支出 >= 0"),
    ]


def test_every_shipped_rule_is_proved_by_its_examples() -> None:
    compiled = verdicts.compile_all(rules.load(), vocabulary.load())
    results = judge_examples(compiled, vocabulary.load())
    assert [(r.rule.id, r.expected, r.got, r.problem) for r in results if not r.passed] == []
    assert len(compiled) >= 70


def test_a_rule_that_cannot_fail_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD.replace("+ 项目支出\n", "+ 本年支出合计 - 基本支出\n"), "utf-8")
    compiled = verdicts.compile_all(rules.load(tmp_path), vocabulary.load())
    results = judge_examples(compiled, vocabulary.load())
    assert [(r.expected, r.passed) for r in results] == [("holds", True), ("broken", False)]


def test_trees_of_formulas_are_shared_and_nothing_changes_them() -> None:
    book, words = rules.load(), vocabulary.load()

    def seen() -> list[tuple[int, int, str | None]]:
        formulas = [text for rule in book.rules for text in (rule.check, rule.when) if text]
        return [(id(node), id(node.parent), node.arg_key) for text in formulas for node in parse(text).walk()]

    before = seen()
    compiled = verdicts.compile_all(book, words)
    judge_examples(compiled, words)
    lint.lint([(rules.FOLDER, "")], words)
    assert all(meaning(rule, "zh") for rule in book.rules)
    assert seen() == before
    assert [one.template for one in verdicts.compile_all(book, words)] == [one.template for one in compiled]
