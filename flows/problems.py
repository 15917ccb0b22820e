"""What is wrong with the files that people keep beside the rules, recorded for the pages: the night went on without it."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from expectations.rulefile.problems import RuleProblem
from flows import schema
from flows.sql import insert


def record(db: duckdb.DuckDBPyConnection, about: str, found: Iterable[RuleProblem]) -> None:
    """The warehouse holds these problems `about` something (register, waivers), and no others."""
    db.execute(f"DELETE FROM {schema.DECLARED_PROBLEM.name} WHERE about = ?", [about])
    rows = [(about, one.file, one.line, one.grade, *(_said(one, lang) for lang in ("zh", "en"))) for one in found]
    insert(db, schema.DECLARED_PROBLEM, rows)


def recorded(db: duckdb.DuckDBPyConnection, about: str) -> tuple[RuleProblem, ...]:
    """The problems about something, by file and line."""
    rows = db.execute(
        f"SELECT source, line, message_zh, message_en, grade FROM {schema.DECLARED_PROBLEM.name} WHERE about = ? ORDER BY ALL",
        [about],
    ).fetchall()
    return tuple(RuleProblem(file, line, zh, en, grade=grade) for file, line, zh, en, grade in rows)


def _said(one: RuleProblem, lang: str) -> str:
    """The message and the nearest names, without the place and the grade."""
    return RuleProblem("", 0, one.zh, one.en, one.nearest).text(lang).removeprefix(": ")
