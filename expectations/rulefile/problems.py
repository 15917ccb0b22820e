"""Mistakes in rule files, told to their authors: one line each, with the place, the cause and what may have been meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One mistake in a rule file, for its author. `line` and `character` count from 1; 0 where there is none to name.

    `grade`: an "error" keeps the rules from being used where the loader finds it, and fails `hedui rules lint`; a "warning" does
    neither.
    """

    file: str
    line: int
    zh: str
    en: str
    nearest: tuple[str, ...] = ()
    character: int = 0
    grade: str = "error"

    def text(self, lang: str = "zh") -> str:
        """One line: file, line, cause, nearest known names."""
        cause = self.zh if lang == "zh" else self.en
        hint = ""
        if self.nearest:
            hint = ("；相近的名称：" if lang == "zh" else "; nearest names: ") + "、".join(self.nearest)
        mild = ("提醒：" if lang == "zh" else "warning: ") if self.grade == "warning" else ""
        return f"{self.place}: {mild}{cause}{hint}"

    @property
    def place(self) -> str:
        """file, file:line or file:line:character."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.character) if number)])


class RuleErrors(Exception):
    """The rule files cannot be used; `problems` lists why."""

    def __init__(self, problems: Sequence[RuleProblem]):
        super().__init__("\n".join(problem.text("en") for problem in problems))
        self.problems = list(problems)
