"""How a verdict stands in the eyes of a reader: the one place where status and severity become colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from flows.publish.content.views import Tally, Verdict

STANDINGS = ("bad", "explain", "ok", "near", "none")
"""broken and critical · broken and to be explained · holds · holds within rounding · not verifiable: as in the strip."""

WORST = ("bad", "explain", "near", "ok", "none")
"""From the gravest on."""


def standing(status: str, severity: str) -> str:
    """The standing of a verdict with this status under a rule of this severity.

    Only a critical rule that is broken is red; warnings and notes ask for an explanation.
    """
    if status == "broken":
        return "bad" if severity == "critical" else "explain"
    return {"holds": "ok", "rounding": "near"}.get(status, "none")


def worst(standings: Iterable[str]) -> str:
    """The standing that colours a figure; "bare" when no verdict touches it.

    A verdict that could not be reached does not hide those that were: grey only where nothing else was said.
    """
    seen = set(standings)
    return next((name for name in WORST if name in seen), "bare")


def causes(tallies: Iterable[Tally], severities: Mapping[str, str], name: str) -> int:
    """How many verdicts stand `name` that follow from no other."""
    return sum(
        tally.count - tally.following
        for tally in tallies
        if standing(tally.status, severities.get(tally.rule, "critical")) == name
    )


def graver(one: str, other: str) -> str:
    """The graver of two standings, "bare" being the least."""
    return min(one, other, key=(*WORST, "bare").index)


def strip(verdicts: Iterable[Verdict | Tally], severities: Mapping[str, str]) -> dict[str, int]:
    """How many verdicts stand how, every standing named."""
    counted: Counter[str] = Counter(dict.fromkeys(STANDINGS, 0))
    for verdict in verdicts:
        number = verdict.count if isinstance(verdict, Tally) else 1
        counted[standing(verdict.status, severities.get(verdict.rule, "critical"))] += number
    return dict(counted)
