"""The table of the checklist: every line leads to rules that exist, every rule to a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from expectations import rules

TABLE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
SECTIONS = ("Within a form", "Between forms", "Narrative", "Performance", "Completeness", "Reasonableness")


@dataclass(frozen=True)
class CheckLine:
    """One line of the checklist: what is checked, the ids (or patterns of ids) that do it, and why none does."""

    number: int
    said: str
    patterns: tuple[str, ...]
    reason: str


def lines(text: str) -> list[CheckLine]:
    made = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and not cells[0].startswith(("核对什么", "---")):
            said, ids, reason = cells
            made.append(CheckLine(number, said, tuple(re.findall(r"`([^`]+)`", ids)), reason))
    return made


def wanting(text: str, known: list[str]) -> list[str]:
    """What is wrong with the table, each as a line that says what to do."""
    table = lines(text)
    patterns = {pattern for line in table for pattern in line.patterns}
    found = [
        f"docs/coverage.md:{line.number}: “{line.said}” has neither a rule nor a reason why it has none"
        for line in table
        if not line.patterns and not line.reason
    ]
    found += [
        f"docs/coverage.md:{line.number}: no active rule is called {pattern}; take it out or name the rule"
        for line in table
        for pattern in line.patterns
        if not any(fnmatchcase(id_, pattern) for id_ in known)
    ]
    found += [
        f"docs/coverage.md: the pattern {pattern} takes in rules of every kind; name them more closely"
        for pattern in sorted(patterns)
        if "*" in pattern and not re.match(r"[A-Z][\w-]*\.[\w-]", pattern)
    ]
    found += [
        f"docs/coverage.md: no line names the rule {id_}; add `{id_}` to the line of the checklist that it serves"
        for id_ in known
        if not any(fnmatchcase(id_, pattern) for pattern in patterns)
    ]
    return found


@pytest.fixture(scope="module")
def known() -> list[str]:
    return [rule.id for rule in rules.load().active]


def test_every_line_has_rules_or_a_reason_and_every_rule_a_line(known: list[str]) -> None:
    assert "\n".join(wanting(TABLE.read_text("utf-8"), known)) == ""


def test_the_table_has_every_part_of_the_checklist() -> None:
    assert [heading.split(" · ")[1] for heading in re.findall(r"^## (.+)$", TABLE.read_text("utf-8"), re.M)] == list(
        SECTIONS
    )


@pytest.mark.parametrize(
    "table, said",
    [
        ("| sums | `T01.a` | |\n| signs | | |", "“signs” has neither a rule nor a reason"),
        ("| sums | `T01.a` `T01.b` | |", "no active rule is called T01.b"),
        ("| sums | `T01.*` | |", "no line names the rule T02.a"),
        ("| sums | `T01.a` `*` | |", "the pattern * takes in rules of every kind"),
    ],
)
def test_what_is_wanting_is_told(table: str, said: str) -> None:
    assert any(said in one for one in wanting(table, ["T01.a", "T02.a"]))


def test_a_complete_table_wants_nothing() -> None:
    assert (
        wanting("| sums | `T01.a` | |\n| peers | `T02.a*` | |\n| age | | not published |", ["T01.a", "T02.a.b"]) == []
    )
