"""Waivers as people write them: a mistake costs its entry alone, and is told with file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from expectations.rulefile.problems import RuleErrors
from flows.waivers import reading, writing
from flows.waivers.reading import Waiver

ONE, TWO = "a" * 32, "b" * 32
GOOD = f"""\
# 示例
waivers:
  - finding: {ONE}
    about: 某市园林局 2024
    reason: 年末追加的项目经费未列入预算表，已向财政部门备案
    who: 张会计
    evidence: https://example.org/1.pdf
    granted: 2026-03-01
    until: 2026-12-31
  - {{finding: {TWO}, reason: {{zh: 系统口径不同, en: another definition}}, who: 李会计, granted: 2026-03-01, until: 2026-03-01}}
"""


def told(folder: Path, text: str, name: str = "w.yaml") -> tuple[list[str], list[str]]:
    (folder / name).write_text(text, "utf-8")
    found, problems = reading.read_all(reading.files([folder]))
    return [one.finding for one in found], [one.text("en").removeprefix(f"{folder}/") for one in problems]


def test_an_entry_says_what_why_who_and_until_when(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(GOOD, "utf-8")
    (first, second), problems = reading.read_all(reading.files([tmp_path]))
    assert problems == ()
    assert (first.finding, first.who, first.granted, first.until) == (ONE, "张会计", date(2026, 3, 1), date(2026, 12, 31))  # fmt: skip
    assert first.reason["zh"] == first.reason["en"] and first.evidence.startswith("https://")
    assert (first.source, first.line) == (str(tmp_path / "w.yaml"), 3)
    assert second.reason == {"zh": "系统口径不同", "en": "another definition"} and second.evidence == ""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (f"finding: {ONE}", "finding: a1b2", 3, "finding: “a1b2” is no finding's id"),
        (f"finding: {ONE}", "finding: 12345678901234567890123456789012", 3, "in quotes"),
        ("who: 张会计", "who: ''", 6, "who: say who explains it"),
        ("    who: 张会计\n", "", 3, "who is missing"),
        ("until: 2026-12-31", "until: 明年", 9, "until: “明年” is no date; write it like 2026-12-31"),
        ("until: 2026-12-31", "until: 2026-02-30", 9, "is no date"),
        ("    until: 2026-12-31\n", "", 3, "until is missing"),
        ("until: 2026-12-31", "until: 2025-12-31", 3, "until 2025-12-31 is before granted 2026-03-01"),
        ("reason: 年", "reason:\n      zh: 年", 6, "reason: say why"),
        ("who: 张", "whom: 张", 6, "there is no key “whom”; nearest names: who"),
    ],
)
def test_a_mistake_names_its_line_and_the_other_entries_are_taken(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    found, problems = told(tmp_path, GOOD.replace(old, new, 1))
    assert found == [TWO]
    assert any(one.startswith(f"w.yaml:{line}: ") and said in one for one in problems), problems


def test_a_malformed_file_is_one_line_and_the_others_are_taken(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, "utf-8")
    found, problems = told(tmp_path, "waivers:\n  - finding: [a\n", "bad.yaml")
    assert found == [ONE, TWO]
    (problem,) = problems
    assert problem.startswith("bad.yaml:3:1: not valid YAML")


def test_of_two_that_explain_one_finding_the_first_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, "utf-8")
    found, problems = told(tmp_path, GOOD, "b.yaml")
    assert found == [ONE, TWO]
    assert [one.partition(": ")[0] for one in problems] == ["b.yaml:3", "b.yaml:10"]
    assert "a.yaml:3 already" in problems[0]


# ---- written ---------------------------------------------------------------------------------------------------------------


def waiver(finding: str = ONE, reason: str = "已备案", **more: object) -> Waiver:
    given = {"finding": finding, "reason": reason, "who": "张会计", "granted": date(2026, 3, 1), "until": date(2026, 12, 31)}  # fmt: skip
    return Waiver.model_validate(given | more)


def test_what_is_written_is_read_back_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "new" / "w.yaml"
    odd = [
        waiver(reason="yes"),
        waiver(TWO, "a: b # c\n第二行", evidence="=cmd|'/c calc'!A1"),
        waiver("0" * 31 + "1", "2.50"),
    ]
    writing.written(path, odd)
    found, problems = reading.read_all([path])
    assert problems == () and [one.model_dump(exclude={"line"}) for one in found] == [one.model_dump(exclude={"line"}) for one in odd]  # fmt: skip
    assert path.read_text("utf-8").startswith("# ")
    (tmp_path / "w.yaml").write_text(GOOD.replace("    who: 张会计", "    who: 张会计  # 电话 1"), "utf-8")
    writing.written(tmp_path / "w.yaml", [waiver(reason="改过的原因"), waiver("c" * 32)])
    text = (tmp_path / "w.yaml").read_text("utf-8")
    assert text.startswith("# 示例") and "电话 1" in text and "about: 某市园林局 2024" in text
    (first, second, third), problems = reading.read_all([tmp_path / "w.yaml"])
    assert problems == () and (first.reason["zh"], first.evidence) == ("改过的原因", "")
    assert (second.finding, third.finding) == (TWO, "c" * 32)


def test_a_file_of_comments_alone_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("# 本年的核实说明\n", "utf-8")
    writing.written(path, [waiver()])
    assert path.read_text("utf-8").startswith("# 本年的核实说明\nwaivers:\n")


def test_a_file_with_mistakes_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(GOOD.replace("who: 张", "whom: 张"), "utf-8")
    before = path.read_bytes()
    with pytest.raises(RuleErrors) as refused:
        writing.written(path, [waiver("c" * 32)])
    assert "w.yaml:6" in str(refused.value) and path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
