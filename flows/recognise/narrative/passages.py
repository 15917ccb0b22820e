"""Of which project, or of the department as a whole, a passage of the performance chapter speaks.

A text in a cell belongs to its table; any other text to the project that a heading above it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.narrative.headings import enumerator
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.phrases import key_of
from flows.recognise.narrative.sentences import Paragraph


class InTable(Protocol):
    """Where a text of a performance table stands, and whether it says what was planned rather than what was done."""

    @property
    def form(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def planned(self) -> bool: ...


Table = tuple[str, str]
"""Form and part of a performance table: ("P02", name of the project) or ("P01", "")."""
DEPARTMENT: Table = ("P01", "")
_PROJECT = re.compile(r"^(?:项目[\d一二三四五六七八九十]*[：:、.]?)?")
_WHOLE = re.compile(r"整体(?:支出|绩效)|(?:部门|单位)整体")
_PLANNED = re.compile(r"^(?:[（(]?\d{1,2}[）).、．])?(?:年度|项目|绩效|总体|阶段性|预期|年初|具体)*目标")
_SUMMARY = re.compile(
    r"^(?:[（(]?\d{1,2}[）).、．])?(?P<name>[^，。；：]{2,40}?)(?:项目)?(?:支出)?(?:绩效)?(?:自评|评价)(?:情况|结果)?(?:综述|分析|说明)?："
)
"""The words that open a paragraph about one project (河道清淤项目绩效自评综述：…)."""
_SHORTEST = 4
"""Characters of a project's name by which a heading is known to be its own."""


@dataclass(frozen=True)
class Passages:
    """The performance tables of one document, findable by what a text says."""

    names: dict[str, str]
    """Key of a project's name → the name, as it is the part of its table."""
    figures: dict[tuple[str, str, str, str], Figure]
    """By form, part, row and column."""
    funds: dict[Table, list[str]]
    indicators: dict[Table, list[FormRow]]
    told: Mapping[int, InTable] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[FormRow], figures: Sequence[Figure], told: Mapping[int, InTable] | None) -> Passages:
        ours = [row for row in rows if row.form in ("P01", "P02") and "#" not in row.part]
        funds: dict[Table, list[str]] = {}
        indicators: dict[Table, list[FormRow]] = {}
        for row in ours:
            if row.block == "funds":
                funds.setdefault((row.form, row.part), []).append(row.row_key)
            elif row.block == "indicator":
                indicators.setdefault((row.form, row.part), []).append(row)
        return cls(
            {key_of(row.part): row.part for row in ours if row.form == "P02" and len(row.part) >= _SHORTEST},
            {(f.form, f.part, f.row_key, f.column): f for f in figures if f.form in ("P01", "P02", "P03")},
            funds,
            indicators,
            told or {},
        )

    def table(self, paragraph: Paragraph) -> Table | None:
        """The table of which `paragraph` speaks; None when neither its cell nor a heading tells."""
        cell = self.told.get(id(paragraph.places[0])) if paragraph.places else None
        if cell:
            return cell.form, cell.part.partition("#")[0]
        opened = _SUMMARY.match(paragraph.plain)
        project = self.project(key_of(opened["name"])) if opened else ""
        if project:
            return "P02", project
        for title in reversed(paragraph.headings):
            body = _PROJECT.sub("", title[len(enumerator(title)[1]) :])
            project = self.project(key_of(body))
            if project:
                return "P02", project
            if _WHOLE.search(body):
                return DEPARTMENT
        return None

    def project(self, key: str) -> str:
        """The project whose name is (the longest in) this key of a heading; "" when there is none."""
        found = [name for name in self.names if name in key]
        return self.names[max(found, key=len)] if found else ""

    def own(self, key: str) -> str:
        """The project that an item of this key is, or begins with; "" when it is none."""
        found = [name for name in self.names if key.startswith(name)]
        return self.names[max(found, key=len)] if found else ""

    def planned(self, paragraph: Paragraph) -> bool:
        """Whether `paragraph` tells of aims rather than of what was done."""
        cell = self.told.get(id(paragraph.places[0])) if paragraph.places else None
        return cell.planned if cell else bool(_PLANNED.match(paragraph.plain))


def last_part(mention: Mention) -> str:
    """The name of a rate without the goal under which it stands."""
    return mention.item.rsplit(" ", 1)[-1]
