"""Teams' folders of rules beside the shipped ones: ids, amendments with their reasons, previews and retired rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from expectations import rules
from expectations.rules import Rule, RuleBook

RULE = """
  - id: {id}
    title: {{zh: 项目支出不为负, en: Project expenditure is not negative}}
    for_each: row
    check: 项目支出 >= 0
    category: sum
    severity: critical
    basis: 示例
    examples: {{holds: [{{项目支出: 1.00}}], broken: [{{项目支出: -1.00}}]}}
"""
HEAD = "title: {zh: 示例, en: Example}\nform: 支出决算表\nrules:"


def folder(tmp_path: Path, name: str, *ids: str, amend: str = "", more: str = "") -> Path:
    """A folder with one file: rules of these ids, the last with the lines `more`, and the list of amendments."""
    made = tmp_path / name
    made.mkdir(exist_ok=True)
    text = (HEAD + "".join(RULE.format(id=id_) for id_ in ids) + more) if ids else ""
    (made / "mine.yaml").write_text(text + (f"\namend:\n{amend}\n" if amend else ""), "utf-8")
    return made


def book(shipped: Path, *teams: Path, today: date | None = None) -> RuleBook:
    found, problems = rules.read([(shipped, ""), *((team, team.name) for team in teams)], today=today)
    assert problems == []
    return found


def one(found: RuleBook, id_: str) -> Rule:
    rule = found.rule(id_)
    assert rule is not None
    return rule


def refused(shipped: Path, *teams: Path) -> str:
    _, problems = rules.read([(shipped, ""), *((team, team.name) for team in teams)])
    (problem,) = problems
    return problem.text("zh")


def test_an_id_of_the_shipped_rules_is_refused_naming_both_places(tmp_path: Path) -> None:
    shipped, team = folder(tmp_path, "shipped", "A"), folder(tmp_path, "team", "B", "A")
    assert refused(shipped, team) == f"{team}/mine.yaml:13: 编号 A 已用于 mine.yaml:4"


def test_the_id_of_a_retired_rule_stays_taken(tmp_path: Path) -> None:
    shipped, team = folder(tmp_path, "shipped", "A", more="    status: retired\n"), folder(tmp_path, "team", "A")
    assert "编号 A 已用于" in refused(shipped, team)
    assert rules.load(shipped).active == ()


def test_files_of_one_name_in_two_folders_are_two_topics(tmp_path: Path) -> None:
    found = book(folder(tmp_path, "shipped", "A"), folder(tmp_path, "team", "B"))
    assert [topic.id for topic in found.topics] == ["mine", "team-mine"]
    assert [(rule.topic, rule.team) for rule in found.rules] == [("mine", ""), ("team-mine", "team")]


def test_a_rule_switched_off_judges_no_more_and_says_why(tmp_path: Path) -> None:
    team = folder(
        tmp_path, "team", amend="  - {id: A, status: off, reason: {zh: 本地不适用, en: not here}, owner: 国库科}"
    )
    found = book(folder(tmp_path, "shipped", "A", "B"), team)
    assert [rule.id for rule in found.active] == ["B"]
    amended = one(found, "A").amended
    assert amended and (amended.reason["zh"], amended.reason["en"]) == ("本地不适用", "not here")
    assert one(found, "A").lifecycle == "off" and found.amendments == (amended,)


def test_another_severity_is_another_rule_to_the_record(tmp_path: Path) -> None:
    shipped = folder(tmp_path, "shipped", "A")
    found = book(shipped, folder(tmp_path, "team", amend="  - {id: A, severity: warning, reason: 说明即可}"))
    before, after = rules.load(shipped).rules[0], one(found, "A")
    assert (before.severity, after.severity, after.declared) == ("critical", "warning", "critical")
    assert before.fingerprint != after.fingerprint


def test_an_amendment_of_an_entry_with_columns_is_one_of_all_its_rules(tmp_path: Path) -> None:
    shipped = folder(tmp_path, "shipped", "A")
    text = (shipped / "mine.yaml").read_text("utf-8")
    text = text.replace("    check: 项目支出", "    columns: {basic: 基本支出, project: 项目支出}\n    check: '{列}'")
    (shipped / "mine.yaml").write_text(
        text.replace("项目支出: ", "'{列}': ").replace("'{列}' >= 0", "'{列} >= 0'"), "utf-8"
    )
    every = book(shipped, folder(tmp_path, "team", amend="  - {id: A, status: off, reason: 不用}"))
    single = book(shipped, folder(tmp_path, "team", amend="  - {id: A.basic, status: off, reason: 不用}"))
    assert ([rule.id for rule in every.active], [rule.id for rule in single.active]) == ([], ["A.project"])


def test_an_amendment_lapses_after_its_last_day(tmp_path: Path) -> None:
    shipped = folder(tmp_path, "shipped", "A")
    team = folder(tmp_path, "team", amend="  - {id: A, status: off, reason: 系统升级, until: 2026-06-30}")
    assert not one(book(shipped, team, today=date(2026, 6, 30)), "A").judges
    assert one(book(shipped, team, today=date(2026, 7, 1)), "A").judges


@pytest.mark.parametrize(
    ("amend", "said"),
    [
        ("  - {id: AX, status: off, reason: 不用}", "没有编号为 AX 的规则可调整；相近的名称：A"),
        ("  - {id: A, status: off}", "对规则的调整 A 缺少 reason"),
        ("  - {id: A, reason: 不用}", "对规则的调整 A 没有说调整什么"),
        ("  - {id: A, status: stable, reason: 不用}", "status 不能是“stable”；相近的名称：off"),
        ("  - {id: A, severity: warnin, reason: 不用}", "severity 不能是“warnin”；相近的名称：warning"),
        ("  - {id: A, status: off, reason: 不用, until: 2026}", "until 应为日期"),
        ("  - {id: A, status: off, reason: 不用, until: 2026-02-30}", "until 应为日期"),
        ("  - {id: A, status: off, reason: {zh: 不用}}", "reason 要有 zh 和 en"),
        ("  - {id: A, status: off, reason: 甲}\n  - {id: A, severity: info, reason: 乙}", "规则 A 已由"),
    ],
)
def test_an_amendment_that_cannot_be_applied_says_why(amend: str, said: str, tmp_path: Path) -> None:
    team = folder(tmp_path, "team", amend=amend)
    line = 4 if "乙" in amend else 3
    text = refused(folder(tmp_path, "shipped", "A"), team)
    assert text.startswith(f"{team}/mine.yaml:{line}:") and said in text


def test_a_teams_own_rule_is_edited_and_not_amended(tmp_path: Path) -> None:
    team = folder(tmp_path, "team", "B", amend="  - {id: B, status: off, reason: 不用}")
    assert f"规则 B 是自己的规则，请直接修改 {team}/mine.yaml:4" in refused(folder(tmp_path, "shipped", "A"), team)


def test_a_preview_judges_for_information_only(tmp_path: Path) -> None:
    (rule,) = rules.load(folder(tmp_path, "shipped", "A", more="    status: preview\n")).active
    assert (rule.severity, rule.declared, rule.lifecycle) == ("info", "critical", "preview")


def test_a_preview_stays_for_information_however_a_team_grades_it(tmp_path: Path) -> None:
    shipped = folder(tmp_path, "shipped", "A", more="    status: preview\n")
    found = book(shipped, folder(tmp_path, "team", amend="  - {id: A, severity: critical, reason: 很重要}"))
    assert one(found, "A").severity == "info"


def test_the_environment_names_several_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FOLDER", folder(tmp_path, "shipped", "A"))
    monkeypatch.setenv(
        "HEDUI_RULES", f"{folder(tmp_path, 'one', 'B')}:{folder(tmp_path, 'two', 'C')}:{tmp_path / 'one'}"
    )
    assert [rule.id for rule in rules.in_force().rules] == ["A", "B", "C"]
    assert [rule.id for rule in rules.in_force([tmp_path / "two"]).rules] == ["A", "C"]
    monkeypatch.setenv("HEDUI_RULES", str(tmp_path / "no"))
    with pytest.raises(rules.RuleErrors) as caught:
        rules.in_force()
    assert caught.value.problems[0].text("zh") == f"{tmp_path / 'no'}: 没有这个规则文件夹（HEDUI_RULES）"


def test_the_shipped_folder_named_again_is_not_read_twice(tmp_path: Path) -> None:
    assert rules.in_force([rules.FOLDER]).rules == rules.load().rules


@pytest.mark.parametrize("name", ["mine.yml", "canary.yaml", "a.b.yaml"])
def test_a_file_of_any_name_is_read(name: str, tmp_path: Path) -> None:
    team = folder(tmp_path, "team", "B")
    (team / "mine.yaml").rename(team / name)
    found = book(folder(tmp_path, "shipped", "A"), team)
    assert "." not in found.topics[1].id and found.topics[1].id not in ("canary", "structure")


def test_a_title_with_a_bare_comma_is_an_error_and_not_cut_short(tmp_path: Path) -> None:
    shipped = folder(tmp_path, "shipped", "A")
    text = (shipped / "mine.yaml").read_text("utf-8").replace("is not negative}", "is not negative, ever}")
    (shipped / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(rules.RuleErrors, match="“ever” is too much: quote a text that holds a comma"):
        rules.load(shipped)


def test_a_title_may_be_one_text_for_both_languages(tmp_path: Path) -> None:
    shipped = folder(tmp_path, "shipped", "A")
    text = (shipped / "mine.yaml").read_text("utf-8")
    text = text.replace("{zh: 项目支出不为负, en: Project expenditure is not negative}", "项目支出不为负")
    (shipped / "mine.yaml").write_text(text, "utf-8")
    assert rules.load(shipped).rules[0].title == {"zh": "项目支出不为负", "en": "项目支出不为负"}
