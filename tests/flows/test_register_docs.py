"""What docs/register.md and docs/waivers.md show works as written."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from flows.cli import app
from flows.register.reading import read
from flows.register.terms import chosen_terms
from flows.waivers.reading import read_all
from flows.waivers.standing import LAPSED
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"


def shown(name: str, language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", (DOCS / name).read_text("utf-8"), re.S)
    return str(block)


def test_the_register_shown_is_read_without_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(shown("register.md", "csv"), "utf-8")
    found = read(path, chosen_terms())
    assert found.problems == () and found.strange == ()
    assert [row.due for row in found.rows] == [date(2025, 9, 9), date(2025, 9, 9), date(2025, 9, 30)]


def test_the_waiver_shown_is_read_without_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(shown("waivers.md", "yaml"), "utf-8")
    (one,), problems = read_all([path])
    assert problems == () and one.until == date(2026, 12, 31) and one.reason["en"]


def test_commands_and_statuses_named_in_the_docs_are_there() -> None:
    for name in ("register.md", "waivers.md"):
        text = (DOCS / name).read_text("utf-8")
        for command in {tuple(found.split()) for found in re.findall(r"hedui ((?:register|waivers) [a-z]+)", text)}:
            assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0, command
    assert all(status in (DOCS / "waivers.md").read_text("utf-8") for status in LAPSED)
