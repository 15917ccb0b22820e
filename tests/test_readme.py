"""What the README files tell people to type works, literally; what they say of rules is true."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from expectations import rules, vocabulary
from expectations.proving.examples import test_examples as judge_examples
from expectations.sql import verdicts

REPOSITORY = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
EXIT = {"check": {0, 1}}
"""The sample with planted errors exits 1; anything else told to readers exits 0."""


def commands() -> list[str]:
    """Every `hedui` command in a fenced block of the README files, once."""
    found: dict[str, None] = {}
    for name in READMES:
        for block in re.findall(r"```\n(.*?)```", (REPOSITORY / name).read_text("utf-8"), re.S):
            found |= dict.fromkeys(line for line in block.splitlines() if line.startswith(".venv/bin/hedui "))
    return list(found)


def fenced_yaml(path: Path) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.S)


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_works(command: str) -> None:
    program, *arguments = shlex.split(command)
    installed = Path(sys.executable).with_name(Path(program).name)
    if not installed.exists():
        pytest.skip("the command is not installed in this environment")
    ran = subprocess.run([installed, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ran.returncode in EXIT.get(arguments[0], {0}), ran.stderr
    assert "Traceback" not in ran.stderr


def test_both_readme_files_show_the_same_commands_and_the_same_rule() -> None:
    def told(name: str) -> tuple[list[str], list[str]]:
        text = (REPOSITORY / name).read_text("utf-8")
        return re.findall(r"^\.venv/bin/hedui.*$", text, re.M), fenced_yaml(REPOSITORY / name)

    assert told("README.md") == told("README.zh-CN.md")


def test_pictures_and_files_that_the_readme_names_are_there() -> None:
    for name in READMES:
        for target in re.findall(r"\]\(([^)#]+)\)", (REPOSITORY / name).read_text("utf-8")):
            assert (REPOSITORY / target).exists(), f"{name} names {target}"


def test_the_rule_shown_to_readers_is_proved_by_its_examples(tmp_path: Path) -> None:
    (shown,) = fenced_yaml(REPOSITORY / "README.md")
    entry = "\n".join("  " + line for line in shown.rstrip().splitlines())
    form = "一般公共预算财政拨款支出决算表"
    head = f"title: {{zh: 例, en: Example}}\nfamily: within_form\nform: {form}\nrules:\n"
    (tmp_path / "shown.yaml").write_text(head + entry.replace("id: T05.row", "id: shown"), "utf-8")
    compiled = verdicts.compile_all(rules.load(tmp_path), vocabulary.load())
    results = judge_examples(compiled, vocabulary.load())
    assert len(results) == 2 and all(result.passed for result in results)


def constructs() -> list[str]:
    """The formulas in the first column of the language table; bare operators left out."""
    text = (REPOSITORY / "expectations" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \| ", text[text.index("| 写法") : text.index("## 每项")], re.M)
    cells = [formula for row in rows for formula in re.findall(r"`([^`]+)`", row)]
    return [formula for formula in cells if re.search(r"[\u4e00-\u9fff]", formula)]


PLACES = (
    ("row", "支出决算表"),
    ("parent", "支出决算表"),
    ("row", "自评结果汇总表"),
    ("row", "项目支出绩效自评表"),
    ("filing", ""),
    ("sentence", ""),
    ("form", ""),
)


@pytest.mark.parametrize("formula", constructs())
def test_every_construct_in_the_table_of_the_language_compiles(formula: str, tmp_path: Path) -> None:
    def compiles(check: str, for_each: str, form: str) -> bool:
        entry = {
            "id": "shown",
            "title": {"zh": "例", "en": "Example"},
            "for_each": for_each,
            "form": form,
            "check": check,
        }
        entry |= {"category": "other", "severity": "info", "examples": {"holds": [{"a": "1"}], "broken": [{"a": "1"}]}}
        book = {"title": {"zh": "例", "en": "Example"}, "family": "within_form", "rules": [entry]}
        (tmp_path / "shown.yaml").write_text(json.dumps(book, ensure_ascii=False), "utf-8")
        try:
            return bool(verdicts.compile_all(rules.load(tmp_path), vocabulary.load()))
        except rules.RuleErrors:
            return False

    assert any(compiles(check, *place) for check in (formula, f"{formula} >= 0") for place in PLACES)


def test_the_table_of_the_language_is_found() -> None:
    assert len(constructs()) >= 10
    assert {"sum(下级.本年支出合计)", "报表状态(T08) = 'read'"} <= set(constructs())


def test_make_help_lists_what_the_readme_names() -> None:
    ran = subprocess.run(
        ["make", "help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert "make nightly" in ran.stdout and "make test" in ran.stdout
