"""The JSON Schema of rule files, for completion and validation in editors: made from the table of keys, and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from expectations.rulefile.keys import AMEND_KEYS, EITHER, KINDS, RULE_KEYS, TOPIC_KEYS, Key

FILE = Path(__file__).parents[1] / "rules.schema.json"
MODELINE = "# yaml-language-server: $schema="
"""How the first line of a rule file tells an editor where the schema is."""
_SAID = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "required": ["zh", "en"],
            "additionalProperties": False,
            "properties": {"zh": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
        },
    ]
}
_YEAR = {
    "anyOf": [{"type": "integer", "minimum": 1900, "maximum": 2099}, {"type": "string", "pattern": r"^(19|20)\d\d$"}]
}


def schema() -> dict[str, Any]:
    """The schema of one rule file."""
    whole = _object(TOPIC_KEYS)
    whole["properties"]["rules"] |= {"items": {"$ref": "#/$defs/rule"}}
    whole["properties"]["amend"] |= {"items": {"$ref": "#/$defs/amendment"}}
    amendment = _object(AMEND_KEYS) | {"anyOf": [{"required": ["status"]}, {"required": ["severity"]}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hedui rules · 规则文件",
        **whole,
        "anyOf": [{"required": ["title", "rules"]}, {"required": ["amend"], "properties": {"rules": False}}],
        "$defs": {
            "rule": _object(RULE_KEYS) | {"oneOf": [{"required": [key]} for key in EITHER]},
            "amendment": amendment,
        },
    }


def text() -> str:
    """The schema as it is committed in `rules.schema.json`, beside this file."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def _object(keys: tuple[Key, ...]) -> dict[str, Any]:
    made = {"type": "object", "additionalProperties": False, "properties": {key.name: _value(key) for key in keys}}
    needed = [key.name for key in keys if key.needed]
    return made | ({"required": needed} if needed else {})


def _value(key: Key) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "said": _SAID,
        "choice": {"enum": list(key.choices)},
        "year": _YEAR,
        "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "list": {"type": ["array", "null"]},
        "columns": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
        "examples": _examples(),
        "formula": {"type": ["string", "number"]},
        "text": {"type": ["string", "number"]},
    }
    return {"description": f"{key.about_zh} · {key.about_en}", **kinds[key.kind]}


def _examples() -> dict[str, Any]:
    one = {"type": "object", "minProperties": 1}
    some = {"type": "array", "items": one}
    return {
        "type": "object",
        "required": ["holds", "broken"],
        "additionalProperties": False,
        "properties": {kind: some | ({"minItems": 1} if kind in ("holds", "broken") else {}) for kind in KINDS},
    }
