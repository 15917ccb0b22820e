"""Files that people declare things in: a mistake costs its entry alone and is told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, field_validator

from flows.declared import Declared, read


class Thing(Declared):
    name: str
    number: int = 0
    parts: tuple[str, ...] = ()
    size: Annotated[int, Field(ge=1)] = 1
    kind: Literal["plain", "odd"] = "plain"

    @field_validator("name")
    @classmethod
    def _short(cls, name: str) -> str:
        if len(name) > 5:
            raise ValueError("最多五个字 / five characters at most")
        return name


def told(folder: Path, text: str) -> tuple[list[str], list[str]]:
    path = folder / "things.yaml"
    path.write_text(text, "utf-8")
    found, problems = read(path, "things", Thing)
    return [one.name for one in found], [one.text("en").removeprefix(f"{folder}/") for one in problems]


def test_entries_are_read_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "things.yaml"
    path.write_text("# a comment\nthings:\n  - name: 甲\n    number: 3\n\n  - {name: 乙, parts: [x, y]}\n", "utf-8")
    found, problems = read(path, "things", Thing)
    assert problems == ()
    assert [(one.name, one.number, one.parts, one.line) for one in found] == [
        ("甲", 3, (), 3),
        ("乙", 0, ("x", "y"), 6),
    ]


@pytest.mark.parametrize(
    ("text", "names", "mistakes"),
    [
        ("", [], []),
        ("# nothing yet\n", [], []),
        ("things:\n", [], []),
        ("- name: 甲\n", [], ["things.yaml:1: the file must hold a list under things:"]),
        ("things: 甲\n", [], ["things.yaml:1: the file must hold a list under things:"]),
        ("things:\n  - 甲\n  - name: 乙\n", ["乙"], ["things.yaml:2: each entry must be key: value"]),
        ("things:\n  - number: 1\n  - name: 乙\n", ["乙"], ["things.yaml:2: name is missing"]),
        (
            "things:\n  - name: 甲\n    numbr: 1\n",
            [],
            ["things.yaml:3: there is no key “numbr”; nearest names: number、name"],
        ),
        ("thing:\n  - name: 甲\n", [], ["things.yaml:1: there is no key “thing”; nearest names: things"]),
        ("things:\n  - name: 一二三四五六\n", [], ["things.yaml:2: name: five characters at most"]),
        (
            "things:\n  - name: 甲\n    parts:\n      - x\n      - [y]\n",
            [],
            ["things.yaml:5: parts: Input should be a valid string"],
        ),
        ("things:\n  - name: 甲\n    size: 0\n", [], ["things.yaml:3: size must be at least 1"]),
        (
            "things:\n  - name: 甲\n    kind: plane\n",
            [],
            ["things.yaml:3: kind cannot be “plane”; nearest names: plain"],
        ),
        ("things:\n  - name: [甲\n", [], None),
        (
            "things:\n  - name: 甲\n    number: 2026-02-30\n",
            [],
            ["things.yaml:3: number must be a number, not “2026-02-30”"],
        ),
    ],
)
def test_a_mistake_costs_its_entry_and_names_its_line(
    tmp_path: Path, text: str, names: list[str], mistakes: list[str] | None
) -> None:
    found, problems = told(tmp_path, text)
    assert found == names
    if mistakes is None:
        assert len(problems) == 1 and problems[0].startswith("things.yaml:3:") and "not valid YAML" in problems[0]
    else:
        assert problems == mistakes


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path / "none.yaml", "things", Thing)
    assert "cannot be opened" in problem.text("en") and "打不开" in problem.text("zh")
    (tmp_path / "gbk.yaml").write_bytes("things:\n  - name: 甲\n".encode("gb18030"))
    _, (problem,) = read(tmp_path / "gbk.yaml", "things", Thing)
    assert "UTF-8" in problem.text("zh")
