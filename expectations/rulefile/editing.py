"""Rule files changed as a person would change them: comments, order and the way numbers are written stay as they are.

Every change is made on the text and read back before it is kept: a file that the loader would refuse is never written.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from expectations.rulefile import entries, schema
from expectations.rulefile.keys import RULE_KEYS, names
from expectations.rulefile.problems import RuleErrors, RuleProblem

_AMBIGUOUS = re.compile(r"|~|null|Null|NULL|0\d+|0o\d+|0x[0-9a-fA-F]+")
"""Text that YAML would take for nothing, or for another number, were it not quoted."""


class _TextOnly(VersionedResolver):
    """Every plain value is text, so that 2.50 is written back as 2.50."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode and implicit[0]:
            return self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


class _Plainly(Emitter):
    """[{a: 1}] is not shortened to [a: 1]."""

    def expect_flow_mapping(self, single: Any = False, force_flow_indent: Any = False) -> None:
        super().expect_flow_mapping(single=False, force_flow_indent=force_flow_indent)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Resolver = _TextOnly
    yaml.Emitter = _Plainly
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    yaml.preserve_quotes = True
    return yaml


def loaded(text: str) -> Any:
    """The document of `text`, to be changed and written by `written`."""
    return _yaml().load(text)


def written(document: Any) -> str:
    """The text of a document."""
    out = io.StringIO()
    _yaml().dump(document, out)
    return out.getvalue()


def entry_text(entry: Mapping[str, Any]) -> str:
    """One rule as it stands in a file."""
    text = written({"rules": CommentedSeq([_entry(entry)])})
    return text.split("\n", 1)[1]


def begun(title: str | Mapping[str, str], more: Mapping[str, Any] | None = None) -> str:
    """The text of a new rule file without a rule; an editor finds the schema beside it."""
    head = {"title": _value(title), **{key: _value(value) for key, value in (more or {}).items()}}
    return f"{schema.MODELINE}{schema.FILE.name}\n" + written(CommentedMap(head))


def with_rule(text: str, entry: Mapping[str, Any]) -> str:
    """The file's text with one more rule at the end of its rules."""
    document = loaded(text)
    if not document.get("rules"):
        document["rules"] = CommentedSeq()
    document["rules"].append(_entry(entry))
    return written(document)


def with_values(text: str, id_: str, values: Mapping[str, Any]) -> str:
    """The file's text with these values of the rule `id_`; a value of None takes the key away."""
    document = loaded(text)
    entry = next(one for one in document["rules"] if str(one["id"]) == id_)
    order = list(names(RULE_KEYS))
    for key, value in values.items():
        if value is None:
            entry.pop(key, None)
        elif key in entry:
            entry[key] = _value(value)
        else:
            before = [one for one in entry if order.index(one) < order.index(key)]
            entry.insert(list(entry).index(before[-1]) + 1 if before else 0, key, _value(value))
    return written(document)


def with_amendment(text: str, amendment: Mapping[str, Any] | None, id_: str) -> str:
    """The file's text with this amendment of the rule `id_`, in place of any other; None takes it away."""
    document = loaded(text)
    if document is None:  # nothing but comments, which are no part of a document
        return text + written(CommentedMap(amend=CommentedSeq([flow(amendment)]))) if amendment else text
    kept = document.get("amend")
    if not kept:
        document["amend"] = kept = CommentedSeq()
    place = next((k for k, one in enumerate(kept) if str(one["id"]) == id_), None)
    if amendment is None:
        if place is not None:
            del kept[place]
        if not kept:
            del document["amend"]
    elif place is None:
        kept.append(flow(amendment))
    else:
        kept[place] = flow(amendment)
    if not document:
        return "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    return written(document)


def save(path: Path, text: str, shown: str = "") -> None:
    """`path` holds `text`, or is left as it was when the loader would refuse it; the schema stands beside it for editors.

    Raises `RuleErrors` with what the loader would say.
    """
    problems: list[RuleProblem] = []
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, "utf-8")
    try:
        entries.read(aside, shown or str(path), "", problems)
        if problems:
            raise RuleErrors(problems)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    (path.parent / schema.FILE.name).write_text(schema.text(), "utf-8")


# ---- values --------------------------------------------------------------------------------------------------------------


def _entry(entry: Mapping[str, Any]) -> CommentedMap:
    ordered = [key for key in names(RULE_KEYS) if entry.get(key) not in (None, "", {}, [])]
    made = CommentedMap()
    for key in ordered:
        if key == "examples":
            made[key] = CommentedMap((kind, _value(found)) for kind, found in entry[key].items() if found)
        else:
            made[key] = _value(entry[key])
    return made


def _value(value: Any) -> Any:
    """A value in one line, but a text of several as a block; texts that YAML would misread are quoted."""
    if isinstance(value, Mapping):
        if set(value) == {"zh", "en"} and value["zh"] == value["en"]:
            return _value(value["zh"])
        return flow(value)
    if isinstance(value, list | tuple):
        made = CommentedSeq(_value(one) for one in value)
        made.fa.set_flow_style()
        return made
    text = str(value)
    if "\n" in text.strip():
        return LiteralScalarString(text.strip() + "\n")
    return SingleQuotedScalarString(text) if _AMBIGUOUS.fullmatch(text) else text


def flow(mapping: Mapping[str, Any]) -> CommentedMap:
    """A mapping in one line, in braces."""
    made = CommentedMap((key, _value(value)) for key, value in mapping.items())
    made.fa.set_flow_style()
    return made
