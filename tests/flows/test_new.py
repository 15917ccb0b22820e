"""`hedui rules new`: five questions or as many options, and a proved rule stands in the team's folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from expectations import rules, vocabulary
from expectations.authoring import lint
from expectations.authoring.drafting import Draft, made_examples, proved
from expectations.rules import Rule
from flows.cli import app


def new(*arguments: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["rules", "new", *map(str, arguments)], input=typed)


def only(folder: Path) -> Rule:
    (rule,) = (rule for rule in rules.in_force([folder]).rules if rule.team)
    return rule


def test_five_answers_write_a_rule_that_lint_and_its_examples_accept(tmp_path: Path) -> None:
    folder = tmp_path / "国库科"
    answers = [
        "y",
        "支出决算表",
        "项目支出 <= 本年支出合计 * 1",
        "项目支出不大于合计",
        "需要说明",
        "本市审核要点第三条",
    ]
    result = new("--rules", folder, "--lang", "zh", typed="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    rule = only(folder)
    assert (rule.title["zh"], rule.for_each, rule.form, rule.severity) == (
        "项目支出不大于合计",
        "row",
        "支出决算表",
        "warning",
    )
    assert (rule.id, rule.basis, rule.status, rule.category) == ("国库科.T03.1", "本市审核要点第三条", "stable", "sum")
    _, problems = lint.lint([(rules.FOLDER, ""), (folder, "国库科")], vocabulary.load())
    assert [one for one in problems if one.grade == "error"] == []


def test_a_wrong_answer_is_told_at_once_with_the_nearest_names_and_asked_again(tmp_path: Path) -> None:
    typed = "y\n支出决算\n支出决算表\n项目支岀 >= 0\n项目支出 >= 5\n标题\ncritcal\ncritical\n-\n"
    result = new("--rules", tmp_path / "a", "--lang", "zh", typed=typed)
    assert result.exit_code == 0, result.output
    for said in (
        "“支出决算”不是报表",
        "没有“项目支岀”这一项（第 1 个字符）；相近的名称：",
        "不能是“critcal”；相近的名称：critical",
    ):
        assert said in result.output
    assert (only(tmp_path / "a").status, only(tmp_path / "a").declared) == ("preview", "critical")


def test_every_question_has_a_default_and_an_explanation_in_the_users_language(tmp_path: Path) -> None:
    for lang, said in (
        ("zh", ("1/5", "5/5 依据", "必须更正")),
        ("en", ("1/5", "5/5 What does it rest on", "must be put right")),
    ):
        result = new("--rules", tmp_path / lang, "--lang", lang, typed="y\n\n\n\n\n\n")
        assert result.exit_code == 0 and all(one in result.output for one in said), result.output


def test_options_answer_for_scripts_and_dry_run_writes_nothing(tmp_path: Path) -> None:
    options = [
        "--over",
        "T03 下级",
        "--check",
        "项目支出 = sum(下级.项目支出)",
        "--severity",
        "critical",
        "--yes",
        "--lang",
        "en",
    ]
    result = new(*options, "--rules", tmp_path / "a", "--dry-run")
    assert (
        result.exit_code == 0
        and "下级: [{项目支出: 62.63}, {项目支出: 48.20}]" in result.stdout
        and "category: rollup" in result.stdout
    )
    assert not (tmp_path / "a").exists()
    missing = new(*options, "--rules", tmp_path / "a")
    assert missing.exit_code == 2 and "--create makes it" in missing.stderr
    assert new(*options, "--rules", tmp_path / "a", "--create").exit_code == 0
    assert (
        new(
            *options[:2], "--check", "基本支出 = sum(下级.基本支出) + 0", *options[4:], "--rules", tmp_path / "a"
        ).exit_code
        == 0
    )
    assert [rule.id for rule in rules.in_force([tmp_path / "a"]).rules if rule.team] == ["a.T03.1", "a.T03.2"]


def test_without_a_folder_one_line_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDUI_RULES", raising=False)
    result = new("--yes", "--lang", "zh")
    assert (
        (result.exit_code, result.stderr.count("\n")) == (2, 1)
        and "--rules" in result.stderr
        and "HEDUI_RULES" in result.stderr
    )


def test_comments_of_the_file_stay(tmp_path: Path) -> None:
    text = "# 国库科\ntitle: 我们的   # 标题\nrules:\n"
    (tmp_path / "T03.yaml").write_text(text, "utf-8")
    assert new("--over", "T03", "--yes", "--rules", tmp_path, "--lang", "zh").exit_code == 0
    assert (tmp_path / "T03.yaml").read_text("utf-8").startswith(text)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--over", "T33"], 2, "--over: “T33”不是报表"),
        (["--over", "T03", "--check", "项目支岀 >= 0"], 2, "--check: 没有“项目支岀”"),
        (["--over", "T03", "--severity", "grave"], 2, "--severity: 不能是“grave”"),
        (["--over", "每句", "--check", "not matches(语句, '某')"], 2, "用 --holds 和 --broken"),
        (["--over", "T03", "--check", "项目支出 >= 项目支出"], 2, "公式无论如何都成立"),
        (["--over", "T03", "--holds", "本年支出合计=-1", "--broken", "本年支出合计=1"], 1, "例子没有得到应有的结果"),
        (["--over", "T03", "--holds", "本年支出合计", "--broken", "本年支出合计=1"], 2, "--holds: “本年支出合计”应写成 名称=数"),
        (["--over", "T03", "--id", "T03.row"], 2, "编号 T03.row 已用于 T03.yaml"),
    ],
)  # fmt: skip
def test_what_would_not_be_a_sound_rule_is_not_written(
    options: list[str], code: int, said: str, tmp_path: Path
) -> None:
    result = new(*options, "--yes", "--rules", tmp_path, "--lang", "zh")
    assert (result.exit_code, list(tmp_path.iterdir())) == (code, []) and said in result.stderr, result.output


def test_a_rule_about_words_asks_for_its_examples(tmp_path: Path) -> None:
    typed = "每句\nnot matches(语句, '某')\n没有模板残留\n\n示例\n语句=支出 1 万元\n语句=某部门\n"
    result = new("--rules", tmp_path, "--lang", "zh", typed=typed)
    assert result.exit_code == 0, result.output
    assert only(tmp_path).examples == {"holds": [{"语句": "支出 1 万元"}], "broken": [{"语句": "某部门"}]}


@pytest.mark.parametrize(
    ("each", "form", "check", "when"),
    [
        ("row", "支出决算表", "本年支出合计 = 基本支出 + 项目支出", ""),
        ("row", "支出决算表", "本年支出合计 >= 基本支出", "科目编码 = '201' and 基本支出 > 0"),
        ("row", "支出决算表", "本年支出合计 - 基本支出 = 项目支出", "本年支出合计 is not null"),
        ("parent", "支出决算表", "本年支出合计 = sum(下级.本年支出合计)", ""),
        ("filing", "", "收入支出决算总表.本年支出合计 = 支出决算表[合计].本年支出合计", ""),
        ("filing", "", "T05[合计].基本支出 >= sum(T06[301, 303].决算数)", ""),
        ("claim of 占比", "", "占比 = 部分 / 整体", ""),
        ("form", "", "状态 in ('read', 'blank')", ""),
        ("form", "", "状态 <> 'missing'", "报表 = 'T03'"),
    ],
)
def test_examples_are_made_from_the_formula_and_proved(each: str, form: str, check: str, when: str) -> None:
    words = vocabulary.load()
    draft = Draft(each, form, check, when, "示例", category="sum")
    made = made_examples(draft, words)
    assert made is not None and set(made) == {"holds", "broken"}
    assert proved(Draft(each, form, check, when, "示例", category="sum", examples=made), words) == []
    swapped = {"holds": made["broken"], "broken": made["holds"]}
    assert len(proved(Draft(each, form, check, when, "示例", category="sum", examples=swapped), words)) == 2
