"""What lint says of rule files: only what is certain, one line each, in their place."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from expectations import rules, vocabulary
from expectations.authoring import lint
from expectations.rulefile.problems import RuleProblem

RULE = """  - id: {id}
    title: {{zh: 示例, en: Example}}
    for_each: {each}
    check: {check}
    {more}
    category: sum
    severity: warning
    basis: 示例
    examples: {{holds: [{example}], broken: [{example}]}}
"""
EXAMPLE = "{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 2.00, 报表状态(T08): read, 报表: T03, 状态: read}"


def entry(check: str, more: str = "", id_: str = "A", each: str = "row", example: str = EXAMPLE) -> str:
    return RULE.format(id=id_, each=each, check=check, more=more or "status: stable", example=example)


def problems(tmp_path: Path, *entries: str, amend: str = "") -> list[RuleProblem]:
    text = "title: {zh: 例, en: Example}\nform: 支出决算表\nrules:\n" + "".join(entries)
    (tmp_path / "mine.yaml").write_text(text + amend, "utf-8")
    return lint.lint([(tmp_path, "")], vocabulary.load(), today=date(2026, 7, 1))[1]


def test_the_shipped_rules_have_no_error() -> None:
    _, found = lint.lint([(rules.FOLDER, "")], vocabulary.load())
    assert [one.text("zh") for one in found if one.grade == "error"] == []


def test_a_rule_in_order_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, entry("本年支出合计 = 基本支出 + 项目支出", "when: 基本支出 > 0 and 项目支出 > 0")) == []


def test_the_command_answers_at_once_and_imports_nothing_heavy() -> None:
    """The whole command, imports included, in computing time; a second, and half of one for a machine that is busy otherwise."""
    program = "import resource, sys; from flows.cli import app\ntry: app(['rules', 'lint'])\nexcept SystemExit: pass\nu = resource.getrusage(resource.RUSAGE_SELF); print(u.ru_utime + u.ru_stime, 'great_expectations' in sys.modules, 'prefect' in sys.modules, 'duckdb' in sys.modules)"  # fmt: skip
    taken = []
    for _ in range(3):
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        seconds, *heavy = ran.stdout.splitlines()[-1].split()
        assert heavy == ["False"] * 3
        taken.append(float(seconds))
        if min(taken) < 1.5:
            break
        time.sleep(1)
    assert min(taken) < 1.5


@pytest.mark.parametrize(
    ("check", "when", "said", "place"),
    [
        ("本年支出合计 = 基本支岀 + 项目支出", "基本支出 > 0", "没有“基本支岀”这一项", "mine.yaml:7:21"),
        ("本年支出合计 = 基本支出", "基本支岀 > 0", "没有“基本支岀”这一项", "mine.yaml:8:11"),
        ("本年支出合计 = 基本支出", "报表状态(T08) = 'reed'", "报表没有“reed”这种状态", "mine.yaml:8:"),
        ("本年支出合计 = 本年支出合计", "", "公式无论如何都成立", "mine.yaml:7:12"),
        ("本年支出合计 = 本年支出合计 + 1", "", "公式自相矛盾", "mine.yaml:7:12"),
    ],
)  # fmt: skip
def test_a_problem_is_told_at_its_character(check: str, when: str, said: str, place: str, tmp_path: Path) -> None:
    (one,) = problems(tmp_path, entry(check, f"when: {when}" if when else ""))
    assert said in one.text("zh") and one.text("zh").startswith(place) and one.grade == "error"


@pytest.mark.parametrize(
    "when",
    [
        "基本支出 = 0 and 基本支出 > 0",
        "基本支出 > 5 and 项目支出 > 0 and basic < 5",
        "基本支出 >= 5 and not (基本支出 > 4)",
        "基本支出 is null and 基本支出 > 0",
        "项目支出 is null and 项目支出 is not null",
        "基本支出 > 项目支出 and 项目支出 >= 基本支出",
        "科目名称 = '甲' and 科目名称 = '乙'",
        "科目名称 in ('甲', '乙') and 科目名称 <> '甲' and label <> '乙'",
        "(基本支出 = 0 or 基本支出 = 1) and 基本支出 between 2 and 3",
        "财政年度 >= 2020 and 财政年度 <= 2019",
        "报表状态(支出决算表) = 'missing'",
        "报表状态(T08) = 'blank' and 报表状态(政府性基金预算财政拨款收入支出决算表) = 'read'",
    ],
)
def test_a_condition_that_cannot_be_is_an_error(when: str, tmp_path: Path) -> None:
    (one,) = problems(tmp_path, entry("本年支出合计 >= 基本支出", f'when: "{when}"'))
    assert "自相矛盾，永远不会核对" in one.zh and (one.grade, one.line) == ("error", 8)


@pytest.mark.parametrize(
    "when",
    [
        "基本支出 >= 5 and 基本支出 <= 5",
        "基本支出 = 0 or 基本支出 > 0",
        "基本支出 > 0 and 项目支出 = 0",
        "not (基本支出 is null and 项目支出 is null)",
        "科目名称 <> '甲' and 科目名称 <> '乙'",
        "matches(科目名称, '甲') and not matches(科目名称, '乙')",
        "报表状态(T08) = 'missing'",
        "abs(基本支出) > 1 and 基本支出 < 0",
    ],
)
def test_a_condition_that_can_be_is_none(when: str, tmp_path: Path) -> None:
    assert problems(tmp_path, entry("本年支出合计 >= 基本支出", f'when: "{when}"')) == []


def test_years_that_never_meet_are_an_error(tmp_path: Path) -> None:
    (one,) = problems(tmp_path, entry("本年支出合计 >= 0", "since: 2023\n    until: 2020"))
    assert "起始年度 2023 晚于截止年度 2020" in one.zh
    (other,) = problems(tmp_path, entry("本年支出合计 >= 0", "since: 2023\n    when: 财政年度 < 2020"))
    assert "自相矛盾，永远不会核对" in other.zh


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("本年支出合计 = 基本支出 + 项目支出", "项目支出 + 基本支出 = 本年支出合计"),
        ("本年支出合计 = 基本支出 + 项目支出", "total - basic = project"),
        ("本年支出合计 >= 基本支出", "基本支出 <= 本年支出合计"),
        ("本年支出合计 - 基本支出 >= 0", "2 * 基本支出 <= 2 * 本年支出合计"),
    ],
)
def test_the_same_rule_under_two_ids_is_a_warning_that_names_the_other(first: str, second: str, tmp_path: Path) -> None:
    column = next(c for c in vocabulary.load().forms["T03"].columns if c.zh == "本年支出合计")
    names = {c.zh: c.en for c in vocabulary.load().forms["T03"].columns}
    second = (
        second.replace("total", column.en).replace("basic", names["基本支出"]).replace("project", names["项目支出"])
    )
    (one,) = problems(tmp_path, entry(first), entry(second, id_="B"))
    assert one.zh == "规则 B：与规则 A（mine.yaml:4） 说的是同一件事；删去一条" and one.grade == "warning"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("本年支出合计 <= 基本支出", "本年支出合计 > 基本支出"),
        ("本年支出合计 = 基本支出", "基本支出 <> 本年支出合计"),
        ("本年支出合计 = 基本支出", "基本支出 < 本年支出合计"),
        ("本年支出合计 = 100", "本年支出合计 = 200"),
        ("本年支出合计 = 基本支出 + 1", "本年支出合计 = 基本支出 + 2"),
        ("本年支出合计 between 1 and 2", "本年支出合计 > 3"),
        ("科目名称 = '甲'", "科目名称 in ('乙', '丙')"),
    ],
)
def test_rules_that_cannot_both_hold_are_an_error(first: str, second: str, tmp_path: Path) -> None:
    example = EXAMPLE.replace("{", "{科目名称: 甲, ", 1)
    (one,) = problems(tmp_path, entry(first, example=example), entry(second, id_="B", example=example))
    assert "与规则 A（mine.yaml:4） 矛盾" in one.zh and one.grade == "error"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (entry("本年支出合计 >= 基本支出"), entry("本年支出合计 >= 项目支出", id_="B")),
        (entry("本年支出合计 >= 基本支出"), entry("本年支出合计 <= 基本支出", id_="B")),
        (entry("本年支出合计 = 100", "when: 基本支出 > 0"), entry("本年支出合计 = 200", "when: 基本支出 < 0", "B")),
        (entry("本年支出合计 = 100", "until: 2020"), entry("本年支出合计 = 200", "since: 2021", "B")),
        (entry("本年支出合计 = 100"), entry("本年支出合计 = 200", id_="B", each="parent")),
        (entry("本年支出合计 = 100"), entry("本年支出合计 = 200", "status: retired", "B")),
    ],
)
def test_rules_that_can_both_hold_are_left_alone(first: str, second: str, tmp_path: Path) -> None:
    assert problems(tmp_path, first, second) == []


def test_a_rule_without_basis_is_an_error_unless_it_is_a_preview(tmp_path: Path) -> None:
    (one,) = problems(tmp_path, entry("本年支出合计 >= 0").replace("    basis: 示例\n", ""))
    assert "没有 basis" in one.zh and one.grade == "error"
    assert problems(tmp_path, entry("本年支出合计 >= 0", "status: preview").replace("    basis: 示例\n", "")) == []


def test_an_example_without_any_name_of_the_formula_is_an_error(tmp_path: Path) -> None:
    found = problems(tmp_path, entry("本年支出合计 >= 基本支出", example="{经营支出: 1.00}"))
    assert [one.zh for one in found] == [
        f"规则 A：例子 {kind} 1 没有用到公式里的任何名称" for kind in ("holds", "broken")
    ]


def test_a_lapsed_amendment_and_one_without_effect_are_warnings(tmp_path: Path) -> None:
    shipped, team = tmp_path / "shipped", tmp_path / "team"
    shipped.mkdir(), team.mkdir()
    assert problems(shipped, entry("本年支出合计 >= 0"), entry("本年支出合计 >= 基本支出", id_="B")) == []
    text = "amend:\n  - {id: A, status: off, reason: 不用, until: 2026-06-30}\n  - {id: B, severity: warning, reason: 不变}\n"
    (team / "mine.yaml").write_text(text, "utf-8")
    _, found = lint.lint([(shipped, ""), (team, "team")], vocabulary.load(), today=date(2026, 7, 1))
    assert [(one.line, one.grade) for one in found] == [(2, "warning"), (3, "warning")]
    assert "已于 2026-06-30 失效" in found[0].zh and "没有改变什么" in found[1].zh
