"""Rule files changed: what was there stays as it was written, and nothing that the loader would refuse is kept."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest

from expectations import rules
from expectations.formula import Mistake
from expectations.rulefile import editing, example_lines, schema

FILE = """# 本单位的规则，由国库科维护
title: {zh: 本单位规则, en: Ours}
form: 支出决算表   # 03表
rules:
  # 关于合计
  - id: ours.a   # 第一条
    title: 项目支出不为负
    for_each: row
    check: 项目支出 >= 0            # 公式 · the formula
    category: sum
    severity: warning
    basis: '示例, 之一'
    examples: {holds: [{项目支出: 2.50}], broken: [{项目支出: -2.50}]}
  # 到此为止
amend:
  - {id: T03.row, status: off, reason: 另行核对}
"""
ENTRY: dict[str, Any] = {
    "id": "ours.b",
    "title": "基本支出不为负",
    "for_each": "row",
    "check": "基本支出 >= 0",
    "category": "sum",
    "severity": "warning",
    "basis": "示例",
    "examples": {"holds": [{"基本支出": "0.10", "科目编码": "0301"}], "broken": [{"基本支出": "-0.10"}]},
}


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines taken away and lines added."""
    diff = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [one[2:] for one in diff if one.startswith("- ")], [one[2:] for one in diff if one.startswith("+ ")]


@pytest.mark.parametrize("path", sorted(rules.FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_a_shipped_file_is_written_back_byte_for_byte(path: Path) -> None:
    text = path.read_text("utf-8")
    assert editing.written(editing.loaded(text)) == text


def test_a_rule_is_added_and_every_other_line_stays(tmp_path: Path) -> None:
    gone, new = changed(FILE, editing.with_rule(FILE, ENTRY))
    assert gone == [] and new[0].strip() == "- id: ours.b"
    editing.save(
        tmp_path / "a.yaml",
        editing.with_rule(FILE, ENTRY).replace("amend:", "# amend:").replace("  - {id: T03", "# - {id: T03"),
    )
    assert rules.load(tmp_path).rules[1].examples["holds"] == [{"基本支出": "0.10", "科目编码": "0301"}]


def test_values_are_changed_in_their_place() -> None:
    text = editing.with_values(FILE, "ours.a", {"severity": "critical", "since": "2023", "basis": None})
    assert changed(FILE, text) == (
        ["    severity: warning", "    basis: '示例, 之一'"],
        ["    severity: critical", "    since: 2023"],
    )


def test_an_amendment_is_added_replaced_and_taken_away() -> None:
    graded = {"id": "T03.row", "severity": "info", "reason": "提示即可"}
    replaced = editing.with_amendment(FILE, graded, "T03.row")
    assert changed(FILE, replaced)[1] == ["  - {id: T03.row, severity: info, reason: 提示即可}"]
    added = editing.with_amendment(FILE, graded | {"id": "T02.row"}, "T02.row")
    assert changed(FILE, added) == ([], ["  - {id: T02.row, severity: info, reason: 提示即可}"])
    assert changed(FILE, editing.with_amendment(FILE, None, "T03.row"))[0] == [
        "amend:",
        "  - {id: T03.row, status: off, reason: 另行核对}",
    ]


def test_what_the_loader_would_refuse_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(FILE, "utf-8")
    with pytest.raises(rules.RuleErrors, match="severity cannot be"):
        editing.save(path, FILE.replace("severity: warning", "severity: grave"))
    assert path.read_text("utf-8") == FILE and [one.name for one in tmp_path.iterdir()] == ["a.yaml"]


def test_the_schema_stands_beside_a_file_that_was_written(tmp_path: Path) -> None:
    editing.save(tmp_path / "neu" / "a.yaml", editing.with_rule(editing.begun("本单位"), ENTRY))
    first = (tmp_path / "neu" / "a.yaml").read_text("utf-8").splitlines()[0]
    assert (tmp_path / "neu" / first.removeprefix(schema.MODELINE)).read_text("utf-8") == schema.text()


@pytest.mark.parametrize(
    ("example", "line"),
    [
        ({"本年支出合计": "264.87", "基本支出": "62.63"}, "本年支出合计=264.87；基本支出=62.63"),
        ({"语句": "增加；减少"}, "{语句: 增加；减少}"),
        ({"占比": ["64.25", "35.75"]}, "{占比: [64.25, 35.75]}"),
        ({"合计": "3", "下级": [{"合计": "1"}, {"合计": "2"}]}, "{合计: 3, 下级: [{合计: 1}, {合计: 2}]}"),
        ({"T06[30217].决算数": "2.50"}, "T06[30217].决算数=2.50"),
        ({"科目编码": "0301", "状态": ""}, "{科目编码: '0301', 状态: ''}"),
    ],
)
def test_an_example_is_one_readable_line_and_comes_back(example: dict[str, Any], line: str) -> None:
    assert example_lines.line(example) == line and example_lines.example(line) == example


def test_every_shipped_example_comes_back_from_its_line() -> None:
    for rule in rules.load().rules:
        for found in rule.examples.values():
            texts = [{str(name): _text(value) for name, value in one.items()} for one in found]
            assert [_text(one) for one in example_lines.examples(example_lines.lines(found))] == texts


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _text(inner) for name, inner in value.items()}
    return [_text(one) for one in value] if isinstance(value, list) else str(value)


@pytest.mark.parametrize("line", ["", "甲", "甲=1=2", "=1", "{甲: [}", "{}"])
def test_a_line_that_is_no_example_says_so(line: str) -> None:
    with pytest.raises(Mistake):
        example_lines.example(line)
