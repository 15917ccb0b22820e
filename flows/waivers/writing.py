"""Files of waivers changed as a person would change them: comments and order stay, and nothing is kept that could not be read back."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from expectations.rulefile.problems import RuleErrors
from flows.waivers.reading import UNDER, Waiver, read_all

HEAD = "# 核实说明 · waivers: docs/waivers.md\n"
_ORDER = ("finding", "about", "reason", "who", "evidence", "granted", "until")


def written(path: Path, waivers: Sequence[Waiver]) -> None:
    """`path` holds these waivers: those of a finding that stands in it in the place of the old, the others at its end.

    Raises `RuleErrors` when the file has mistakes, and then it is left as it was; OSError.
    """
    text = path.read_text("utf-8-sig") if path.exists() else ""
    yaml = _yaml()
    held = yaml.load(text) if text.strip() else None
    if held is None:
        held = CommentedMap({UNDER: CommentedSeq()})
        text = text or HEAD
    if held.get(UNDER) is None:
        held[UNDER] = CommentedSeq()
    for one in waivers:
        entry = _entry(one)
        at = next((k for k, old in enumerate(held[UNDER]) if old.get("finding") == one.finding), None)
        if at is None:
            held[UNDER].append(entry)
            continue
        old = held[UNDER][at]
        for key in [key for key in old if key not in entry and key != "about"]:
            del old[key]
        for key, value in entry.items():
            if key != "about" or key not in old:
                old[key] = value
    out = io.StringIO()
    yaml.dump(held, out)
    above = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#")) if not _begun(text) else ""
    _save(path, above + out.getvalue())


def entry_text(waiver: Waiver) -> str:
    """One waiver as it stands in a file."""
    out = io.StringIO()
    _yaml().dump(CommentedMap({UNDER: CommentedSeq([_entry(waiver)])}), out)
    return out.getvalue().split("\n", 1)[1]


def _begun(text: str) -> bool:
    """Whether there is more in the text than comments, which belong to no document."""
    return any(line.strip() and not line.startswith("#") for line in text.splitlines())


def _yaml() -> YAML:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    return yaml


def _entry(one: Waiver) -> CommentedMap:
    reason: Any = one.reason["zh"] if one.reason["zh"] == one.reason["en"] else CommentedMap(one.reason)
    values = one.model_dump() | {"reason": reason}
    return CommentedMap((key, values[key]) for key in _ORDER if values[key] != "")


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, "utf-8")
    try:
        _, problems = read_all([aside])
        if problems:
            raise RuleErrors([one.__class__(str(path), one.line, one.zh, one.en, one.nearest) for one in problems])
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
