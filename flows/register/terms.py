"""Legal terms: by when a filing must be published where the register does not say so itself.

A term is `approved+20`, so many days after approval (预算法第十四条: 批复后二十日内), or `09-30`, a day of the year in which the
filing is due: that after the fiscal year, for budgets the fiscal year itself. Of several the first that applies is taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

VARIABLE = "HEDUI_DUE"
DEFAULT = "approved+20"


@dataclass(frozen=True, slots=True)
class Term:
    """`days` after approval, or the day (`month`, `day`) of a year. `text` as it was written."""

    text: str
    days: int = 0
    month: int = 0
    day: int = 0

    def due(self, year: int, kind: str, approved: date | None) -> date | None:
        """The last day to publish; None where the term does not apply."""
        if self.month:
            return date(year if kind == "budget" else year + 1, self.month, self.day)
        return approved + timedelta(days=self.days) if approved else None


class BadTerm(Exception):
    """A term that means nothing; `message` is one line for people in each language."""

    def __init__(self, text: str) -> None:
        self.message = {
            "zh": f"公开期限“{text}”不可用；请写 approved+20（批复后 20 日）或 09-30（固定日期），可用逗号写几个",
            "en": f"the term “{text}” means nothing; write approved+20 (days after approval) or 09-30 (a day of the year), or several with commas",
        }
        super().__init__(self.message["en"])


def chosen_terms(given: str | None = None) -> tuple[Term, ...]:
    """The terms as given, else as HEDUI_DUE says, else 20 days after approval. Raises `BadTerm`."""
    text = given if given is not None else os.environ.get(VARIABLE, "").strip() or DEFAULT
    return tuple(_term(part.strip()) for part in re.split(r"[,，]", text) if part.strip())


def due_by(terms: Sequence[Term], year: int, kind: str, approved: date | None) -> tuple[date | None, str]:
    """When a filing is due, and by which term; None and "" where none applies."""
    for term in terms:
        due = term.due(year, kind, approved)
        if due:
            return due, term.text
    return None, ""


def _term(text: str) -> Term:
    after = re.fullmatch(r"approved\s*\+\s*(\d{1,3})", text)
    if after:
        return Term(f"approved+{int(after[1])}", days=int(after[1]))
    fixed = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    try:
        if fixed:
            date(2025, int(fixed[1]), int(fixed[2]))  # 29 February is no day of every year
            return Term(f"{int(fixed[1]):02}-{int(fixed[2]):02}", month=int(fixed[1]), day=int(fixed[2]))
    except ValueError:
        pass
    raise BadTerm(text)
