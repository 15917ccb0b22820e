"""Which columns the checks read, and which checks look at the same rows: the same for every kind of frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Check = dict[str, Any]
KEYS = ("filing", "part", "row_key", "code", "parent_key", "ulp")
"""Columns that are no amounts, but for the last."""


def needed(checks: Sequence[Check]) -> dict[str, list[str]]:
    """Table → its keys and the columns that the checks read."""
    made: dict[str, dict[str, None]] = {}
    for check in checks:
        for table, columns in ((check["table"], check["left"]), (check["other"] or check["table"], check["right"])):
            keys = [key for key in KEYS if key in ("filing", "ulp") or _many(table, checks)]
            made.setdefault(table, dict.fromkeys(keys)).update(dict.fromkeys(columns))
    return {table: list(columns) for table, columns in made.items()}


def _many(table: str, checks: Sequence[Check]) -> bool:
    """Whether the table has many rows a filing, told apart by keys."""
    return any(
        (check["table"] == table and bool(check["kind"] == "rollup" or check["row_key"] or check["by_code"]))
        or (check["other"] == table and bool(check["other_key"] or check["by_code"]))
        for check in checks
    )


def grouped(checks: Sequence[Check]) -> list[list[Check]]:
    """The checks that look at the same rows, together."""
    made: dict[tuple[Any, ...], list[Check]] = {}
    for check in checks:
        key = tuple(check[name] for name in ("kind", "table", "other", "row_key", "other_key", "by_code"))
        made.setdefault(key, []).append(check)
    return list(made.values())
