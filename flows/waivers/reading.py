"""Waivers as people write them: YAML files in a folder, mistakes told by line, the good entries used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from expectations.rulefile.problems import RuleProblem
from flows import declared
from flows.declared import Declared

UNDER = "waivers"
ID = re.compile(r"[0-9a-f]{32}")


class Waiver(Declared):
    """One finding explained: `finding` is its id, `reason` why it stands, in each language; `who` answers for it, `evidence` is a
    link or the name of a file, `about` reminds people of what it is about. In force from `granted` to `until`, both included."""

    finding: str
    about: str = ""
    reason: dict[str, str]
    who: str
    evidence: str = ""
    granted: date
    until: date
    source: str = Field(default="", exclude=True)
    """The file in which it stands."""

    @field_validator("finding", mode="before")
    @classmethod
    def _id(cls, value: Any) -> str:
        if not isinstance(value, str) or not ID.fullmatch(value.strip()):
            raise ValueError(
                f"“{value}”不是问题编号；应为加引号的 32 位编号，可从页面或台账复制 / “{value}” is no finding's id; copy the 32 characters "
                "from a page or the ledger, in quotes"
            )
        return value.strip()

    @field_validator("reason", mode="before")
    @classmethod
    def _said(cls, value: Any) -> dict[str, str]:
        if isinstance(value, Mapping):
            both = {str(lang): str(text).strip() for lang, text in value.items()}
            if set(both) == {"zh", "en"} and all(both.values()):
                return both
        elif isinstance(value, str) and value.strip():
            return dict.fromkeys(("zh", "en"), value.strip())
        raise ValueError("要写明原因：一段文字，或 zh 和 en 各一段 / say why: a text, or one in zh and one in en")

    @field_validator("who", "evidence", "about", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        if isinstance(value, list | Mapping | bool) or value is None:
            raise ValueError("应为一段文字 / it must be plain text")
        return str(value).strip()

    @field_validator("who")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise ValueError("要写明由谁说明 / say who explains it")
        return value

    @field_validator("granted", "until", mode="before")
    @classmethod
    def _day(cls, value: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            raise ValueError(
                f"“{value}”不是日期；应为 2026-12-31 这样的写法 / “{value}” is no date; write it like 2026-12-31"
            ) from None

    @model_validator(mode="after")
    def _in_order(self) -> Waiver:
        if self.until < self.granted:
            raise ValueError(
                f"有效期 {self.until} 早于说明日期 {self.granted} / until {self.until} is before granted {self.granted}"
            )
        return self


def files(folders: Iterable[Path]) -> list[Path]:
    """The YAML files of the folders, in order."""
    return [path for folder in folders for path in sorted(folder.rglob("*.y*ml")) if path.suffix in (".yaml", ".yml") and not path.name.startswith(".")]  # fmt: skip


def read_all(paths: Iterable[Path]) -> tuple[tuple[Waiver, ...], tuple[RuleProblem, ...]]:
    """The waivers of these files and every mistake in them; of two that explain the same finding the first is taken."""
    taken: dict[str, Waiver] = {}
    problems: list[RuleProblem] = []
    for path in paths:
        found, wrong = declared.read(path, UNDER, Waiver)
        problems += wrong
        for one in found:
            first = taken.get(one.finding)
            if first:
                where = f"{first.source}:{first.line}"
                zh, en = (
                    f"问题 {one.finding} 在 {where} 已有说明",
                    f"finding {one.finding} is explained at {where} already",
                )
                problems.append(RuleProblem(str(path), one.line, zh, en))
            else:
                taken[one.finding] = one.model_copy(update={"source": str(path)})
    return tuple(taken.values()), tuple(problems)
