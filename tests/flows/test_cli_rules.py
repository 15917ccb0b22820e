"""`hedui rules`: what is listed, shown and said of mistakes; teams' folders beside the shipped rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from expectations import rules
from flows.cli import app


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def rules_folder(tmp_path: Path, old: str = "", new: str = "") -> Path:
    """A team's folder with a copy of a shipped file under ids of its own."""
    folder = tmp_path / "ours"
    folder.mkdir(parents=True)
    text = (rules.FOLDER / "T03.yaml").read_text("utf-8").replace("id: T03.", "id: ours.")
    assert old in text
    (folder / "T03.yaml").write_text(text.replace(old, new, 1) if old else text, "utf-8")
    return folder


def test_rules_list_names_every_rule() -> None:
    listed = json.loads(hedui("rules", "list", "--format", "json").stdout)
    assert [one["id"] for one in listed] == [rule.id for rule in rules.load().rules]
    assert {one["topic"] for one in json.loads(hedui("rules", "list", "--topic", "T03", "--format", "json").stdout)} == {"T03"}  # fmt: skip
    assert "T03.row" in hedui("rules", "list", "--lang", "en").stdout


def test_rules_show_prints_the_formula_and_a_wrong_id_its_nearest() -> None:
    assert "本年支出合计 = 基本支出" in hedui("rules", "show", "T03.row").stdout
    result = hedui("rules", "show", "T03.rwo", "--lang", "en")
    assert result.exit_code == 2 and "T03.row" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("= 基本支出 +", "= 基本支岀 +", "基本支出"),  # an unknown name, told with its nearest
        ("    for_each: row", "    for_eech: row", "for_each"),  # an unknown key
        ("rules:", "rules: [", "YAML"),
    ],
)
def test_rules_lint_names_file_line_and_cause(tmp_path: Path, old: str, new: str, said: str) -> None:
    result = hedui("rules", "lint", "--rules", rules_folder(tmp_path, old, new), "--lang", "zh")
    assert result.exit_code == 2 and result.stdout == ""
    assert all(line.startswith(f"{tmp_path / 'ours' / 'T03.yaml'}:") for line in result.stderr.splitlines())
    assert said in result.stderr


def test_rules_test_tells_an_example_that_does_not_come_out(tmp_path: Path) -> None:
    good = hedui("rules", "test", "--only", "ours.row", "--rules", rules_folder(tmp_path), "--lang", "en")
    assert good.exit_code == 0 and "came out" in good.stdout
    bad = hedui(
        "rules",
        "test",
        "--only",
        "ours.row",
        "--rules",
        rules_folder(tmp_path / "b", "broken: [{", "broken: [{上缴上级支出: -0.15, "),
        "--lang",
        "en",
    )
    assert bad.exit_code == 1 and "T03.yaml" in bad.stderr and "broken" in bad.stderr


def test_a_folder_of_rules_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    result = hedui("rules", "lint", "--rules", tmp_path / "no", "--lang", "en")
    assert result.exit_code == 2 and result.stderr == f"{tmp_path / 'no'}: there is no such folder of rules\n"


# ---- a team's own folder


OURS = """
title: {zh: 本单位规则, en: Ours}
form: 支出决算表
owner: 国库科
rules:
  - id: ours.positive
    title: 项目支出不为负
    for_each: row
    check: 项目支出 >= 0
    category: sum
    severity: critical
    status: preview
    basis: 示例市财政局通知
    examples:
      holds: [{项目支出: 1.00}]
      broken: [{项目支出: -1.00}]
amend:
  - {id: T03.row, severity: warning, reason: 上缴支出另行核对, owner: 国库科}
"""


def ours(tmp_path: Path, text: str = OURS) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "本单位.yaml").write_text(text, "utf-8")
    return folder


def test_a_teams_rules_stand_beside_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ours(tmp_path)
    shipped = [rule.id for rule in rules.load().rules]
    by_option = json.loads(hedui("rules", "list", "--format", "json", "--rules", folder).stdout)
    monkeypatch.setenv("HEDUI_RULES", str(folder))
    by_environment = json.loads(hedui("rules", "list", "--format", "json").stdout)
    assert by_option == by_environment
    assert [one["id"] for one in by_option] == [*shipped, "ours.positive"]


def test_what_is_amended_or_a_preview_is_said_in_the_list_and_beside_the_rule(tmp_path: Path) -> None:
    folder = ours(tmp_path)
    listed = {
        one["id"]: one for one in json.loads(hedui("rules", "list", "--format", "json", "--rules", folder).stdout)
    }
    assert listed["T03.row"]["severity"] == "warning" and listed["T03.row"]["amended"]["was"] == "critical"
    assert (listed["ours.positive"]["status"], listed["ours.positive"]["severity"]) == ("preview", "info")
    shown = hedui("rules", "show", "T03.row", "--rules", folder, "--lang", "zh").stdout
    assert "由“必须更正”改为“需要说明”：上缴支出另行核对（国库科，" in shown and f"{folder}/本单位.yaml:18" in shown
    assert (
        "preview; a rule of ours" in hedui("rules", "show", "ours.positive", "--rules", folder, "--lang", "en").stdout
    )


def test_only_one_rules_examples_are_judged_when_asked() -> None:
    shipped = next(rule for rule in rules.load().rules if rule.id == "T03.row")
    count = sum(len(found) for found in shipped.examples.values())
    assert hedui("rules", "test", "--only", "T03.row", "--lang", "en").stdout.startswith(f"{count} of {count} ")
    assert hedui("rules", "test", "--only", "T03.rwo", "--lang", "en").exit_code == 2


def test_lint_tells_programs_where_and_what(tmp_path: Path) -> None:
    folder = ours(tmp_path, OURS.replace("项目支出 >= 0", "项目支岀 >= 0"))
    result = hedui("rules", "lint", "--rules", folder, "--format", "json")
    (one,) = json.loads(result.stdout)["problems"]
    assert result.exit_code == 2 and (one["file"], one["line"], one["character"]) == (f"{folder}/本单位.yaml", 9, 12)
    assert "项目支出" in one["nearest"] and set(one["message"]) == {"zh", "en"}


def test_lint_examines_a_file_that_is_not_adopted(tmp_path: Path) -> None:
    file = ours(tmp_path, OURS.replace("项目支出 >= 0", "项目支岀 >= 0")) / "本单位.yaml"
    assert hedui("rules", "lint", file, "--lang", "en").stderr.startswith(f"{file}:9:12: rule ours.positive: ")
    assert hedui("rules", "lint", tmp_path / "no.yaml", "--lang", "en").exit_code == 2


def test_warnings_alone_leave_the_rules_in_order(tmp_path: Path) -> None:
    folder = ours(tmp_path, OURS.replace("severity: warning, reason", "severity: critical, reason"))
    result = hedui("rules", "lint", "--rules", folder, "--lang", "en")
    assert result.exit_code == 0 and "in order, 2 warnings" in result.stdout
    assert "changes nothing" in result.stderr and "says the same as T03." in result.stderr


def test_the_schema_is_printed_as_it_is_committed() -> None:
    from expectations.rulefile import schema

    assert hedui("rules", "schema").stdout == schema.FILE.read_text("utf-8")
