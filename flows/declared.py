"""YAML files in which people declare things for the night (sources, waivers, who is told): read strictly, mistakes told by line.

One file holds one list; an entry with a mistake is left out and the others are used, so that a slip of one person does not cost
the others their night.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError

from expectations.formula import nearest
from expectations.rulefile.entries import unreadable
from expectations.rulefile.problems import RuleProblem


class Declared(BaseModel):
    """An entry of such a file; `line` is where it begins. A key that the entry's class does not name is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: int = 0


Entry = TypeVar("Entry", bound=Declared)


def read(path: Path, under: str, kind: type[Entry]) -> tuple[tuple[Entry, ...], tuple[RuleProblem, ...]]:
    """The entries of the list `under` in the file at `path`, in order, and every mistake in it."""
    shown = str(path)
    try:
        held = _yaml().load(path.read_text("utf-8-sig"))
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        return (), (unreadable(error, shown),)
    if held is None:  # nothing but comments
        return (), ()
    if not isinstance(held, CommentedMap) or not isinstance(held.get(under), CommentedSeq | type(None)):
        return (), (
            RuleProblem(shown, 1, f"文件应为 {under}: 之下的列表", f"the file must hold a list under {under}:"),
        )
    problems = [_unknown(shown, held.lc.key(key)[0] + 1, str(key), (under,)) for key in held if key != under]
    found = []
    for number, entry in enumerate(held.get(under) or ()):
        line = held[under].lc.item(number)[0] + 1
        if not isinstance(entry, Mapping):
            problems.append(RuleProblem(shown, line, "每一项应为 键: 值", "each entry must be key: value"))
            continue
        try:
            found.append(kind.model_validate({**entry, "line": line}))
        except ValidationError as error:
            problems += [_mistake(shown, entry, line, one, tuple(kind.model_fields)) for one in error.errors()]
    return tuple(found), tuple(sorted(problems, key=lambda one: one.line))


class _Lenient(RoundTripConstructor):
    """A day that the calendar has not (2026-02-30) is text, for whoever reads it to refuse with its line."""

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError:
            return node.value


_Lenient.add_constructor("tag:yaml.org,2002:timestamp", _Lenient.construct_yaml_timestamp)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Lenient
    return yaml


def _mistake(shown: str, entry: Any, line: int, error: Any, known: tuple[str, ...]) -> RuleProblem:
    """One of pydantic's complaints as a line for people, at the line of the value that it is about."""
    where = [str(part) for part in error["loc"] if not isinstance(part, int)]
    name = ".".join(where) or "?"
    if error["type"] == "missing":
        return RuleProblem(shown, line, f"缺少 {name}", f"{name} is missing")
    line = _line(entry, error["loc"], line)
    if error["type"] == "extra_forbidden":
        return _unknown(shown, line, name, tuple(one for one in known if one != "line") if len(where) == 1 else ())
    if error["type"] == "literal_error":
        choices = tuple(re.findall(r"'(\w+)'", error["ctx"]["expected"]))
        given, near = str(error["input"]), nearest(str(error["input"]), choices) or choices
        return RuleProblem(shown, line, f"{name} 不能是“{given}”", f"{name} cannot be “{given}”", near)
    if error["type"].startswith(("int_", "float_")):
        given = str(error["input"])
        return RuleProblem(shown, line, f"{name} 应为数字，不是“{given}”", f"{name} must be a number, not “{given}”")
    if error["type"] in ("greater_than_equal", "less_than_equal"):
        least = error["type"].startswith("greater")
        bound = error["ctx"]["ge" if least else "le"]
        en = f"{name} must be at {'least' if least else 'most'} {bound}"
        return RuleProblem(shown, line, f"{name} {'至少' if least else '至多'}为 {bound}", en)
    cause = error["msg"].removeprefix("Value error, ")
    zh, _, en = cause.partition(" / ")
    return RuleProblem(shown, line, f"{name}：{zh}", f"{name}: {en or zh}")


def _unknown(shown: str, line: int, name: str, known: tuple[str, ...]) -> RuleProblem:
    return RuleProblem(shown, line, f"没有“{name}”这个键", f"there is no key “{name}”", nearest(name, known) or known)


def _line(entry: Any, loc: tuple[int | str, ...], line: int) -> int:
    """The line of the value at `loc`, as far as it is there."""
    for part in loc:
        if isinstance(entry, CommentedMap) and part in entry:
            line, entry = entry.lc.value(part)[0] + 1, entry[part]
        elif isinstance(entry, CommentedSeq) and isinstance(part, int) and part < len(entry):
            line, entry = entry.lc.item(part)[0] + 1, entry[part]
        else:
            break
    return line
