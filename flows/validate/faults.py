"""Why a validation cannot be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.sql.verdicts import Compiled


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a validation cannot be trusted. `where` is "rule ID (file:line)" or names the suite and expectation."""

    where: str
    zh: str
    en: str

    def text(self, lang: str = "zh") -> str:
        return f"{self.where}: {self.zh if lang == 'zh' else self.en}"


class ValidationError(Exception):
    """The run failed; `faults` say why, all that are known. No verdict of the run was kept."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__("\n".join(fault.text("en") for fault in faults))
        self.faults = tuple(faults)


def crashed(one: Compiled, error: str) -> Fault:
    """The rule's query could not be executed."""
    cause = error.strip().splitlines()[0]
    return Fault(where(one), f"规则无法执行：{cause}", f"the rule cannot be executed: {cause}")


def where(one: Compiled) -> str:
    return f"{one.rule.id} ({one.rule.file}:{one.rule.line})"
