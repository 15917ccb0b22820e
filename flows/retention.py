"""How long verdicts are kept: what passes only while a recent run rests on it, findings for ever unless told otherwise.

Nearly all verdicts pass, and their arithmetic follows from the figures, which stay. How every rule came out in every run is counted
before (`rule_count`) and stays. Room that is given up is used again: the file does not grow with the nights, only with what changes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.sql import transaction
from flows.warehouse import Connection

PASSES, FINDINGS = "HEDUI_KEEP_PASSES", "HEDUI_KEEP_FINDINGS"
_PASSED = "status IN ('holds', 'rounding')"


class BadRetention(ValueError):
    """A number that is none, in the environment; `message` says which in each language."""

    def __init__(self, name: str, value: str, least: int) -> None:
        self.message = {
            "zh": f"{name}={value} 应为不小于 {least} 的整数",
            "en": f"{name}={value} must be a whole number, {least} or more",
        }
        super().__init__(self.message["en"])


@dataclass(frozen=True, slots=True)
class Retention:
    """`passes`: of so many last runs what passes is kept, at least 1, for the newest run is what the pages show. `findings`: for so
    many days what does not pass is kept; 0 for ever."""

    passes: int = 2
    findings: int = 0


def chosen_retention() -> Retention:
    """As HEDUI_KEEP_PASSES (runs) and HEDUI_KEEP_FINDINGS (days) say. Raises `BadRetention`."""
    usual = Retention()
    return Retention(_number(PASSES, usual.passes, 1), _number(FINDINGS, usual.findings, 0))


def _number(name: str, usual: int, least: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return usual
    if not text.isdecimal() or int(text) < least:
        raise BadRetention(name, text, least)
    return int(text)


def compact(connection: Connection, retention: Retention, now: datetime) -> int:
    """Verdicts beyond `retention` are gone, and bundles without any that only earlier runs rest on; returns how many verdicts.

    The last runs are those whose verdicts are complete; what of a run is not complete is left alone. `now` is UTC.
    """
    recent = [
        run
        for (run,) in connection.execute(
            "SELECT run FROM run WHERE judged IS NOT NULL OR status = 'completed' ORDER BY started DESC, run DESC LIMIT ?",
            [retention.passes],
        ).fetchall()
    ]
    if not recent:
        return 0
    with transaction(connection):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE settled AS SELECT run, started FROM run "
            "WHERE (judged IS NOT NULL OR status <> 'running') AND run NOT IN (SELECT unnest(?))",
            [recent],
        )
        gone = _forget_old(connection, recent, now - timedelta(days=retention.findings)) if retention.findings else 0
        held = "SELECT bundle FROM standing WHERE run NOT IN (SELECT run FROM settled)"
        gone += _deleted(
            connection,
            f"DELETE FROM kept_verdict WHERE {_PASSED} AND CASE WHEN bundle IS NULL THEN run IN (SELECT run FROM settled) "
            f"ELSE bundle NOT IN ({held}) END",
        )
        connection.execute(
            f"DELETE FROM standing WHERE run IN (SELECT run FROM settled) AND bundle NOT IN ({held}) "
            "AND bundle NOT IN (SELECT bundle FROM kept_verdict WHERE bundle IS NOT NULL)"
        )
        connection.execute("DELETE FROM bundle WHERE bundle NOT IN (SELECT bundle FROM standing)")
        connection.execute("DROP TABLE settled")
    if gone:
        connection.execute("CHECKPOINT")
    return gone


def _forget_old(connection: Connection, recent: list[str], before: datetime) -> int:
    """What runs that began `before` rest on is forgotten, unless a later run does too."""
    connection.execute(
        "DELETE FROM standing WHERE run IN (SELECT run FROM settled WHERE started < ?) AND run NOT IN (SELECT unnest(?))",
        [before, recent],
    )
    return _deleted(
        connection,
        "DELETE FROM kept_verdict WHERE CASE WHEN bundle IS NULL THEN run IN (SELECT run FROM settled WHERE started < ?) "
        "ELSE bundle NOT IN (SELECT bundle FROM standing) END",
        before,
    )


def _deleted(connection: Connection, sql: str, *parameters: object) -> int:
    found = connection.execute(sql, list(parameters)).fetchone()
    return int(found[0]) if found else 0
