"""Examples as people write them in one line: 本年支出合计=264.87；基本支出=62.63; what is more than names and values, as YAML."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from expectations.formula import Mistake
from expectations.rulefile import editing, entries

_MARKS = re.compile(r"[=＝;；\n{}]")


def line(example: dict[str, Any]) -> str:
    """The example in one line: name=value; as a YAML mapping where a value holds rows, a list or one of the marks."""
    if all(
        not isinstance(value, dict | list)
        and not _MARKS.search(f"{name}{value}")
        and str(value).strip() == str(value) != ""
        for name, value in example.items()
    ):
        return "；".join(f"{name}={value}" for name, value in example.items())
    return editing.written(editing.flow(example)).strip()


def example(text: str) -> dict[str, Any]:
    """The example of one line. Raises `Mistake` when it cannot be read."""
    text = text.strip()
    if text.startswith("{"):
        try:
            found = entries.plain(YAML(typ="safe", pure=False).compose(text))
        except YAMLError as error:
            raise Mistake(f"花括号里的例子写法有误：{text}", f"the example in braces cannot be read: {text}") from error
        if isinstance(found, dict) and found:
            return found
        raise Mistake(f"例子是空的：{text}", f"the example is empty: {text}")
    made: dict[str, Any] = {}
    for part in filter(str.strip, re.split(r"[;；]", text)):
        pieces = re.split(r"[=＝]", part)
        if len(pieces) != 2 or not pieces[0].strip():
            raise Mistake(f"“{part.strip()}”应写成 名称=数", f"“{part.strip()}” must be written name=value")
        made[pieces[0].strip()] = pieces[1].strip()
    if not made:
        raise Mistake("例子是空的", "the example is empty")
    return made


def lines(examples: list[dict[str, Any]]) -> str:
    """Examples, one a line."""
    return "\n".join(line(one) for one in examples)


def examples(text: str) -> list[dict[str, Any]]:
    """The examples of a cell, one a line. Raises `Mistake`."""
    return [example(one) for one in text.splitlines() if one.strip()]
