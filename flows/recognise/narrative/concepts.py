"""Which figure of a form, or which quantity of its own, a name in the narrative means under its heading.

All names are data: `sections`, `anywhere` and `chapters` of expectations/vocabulary/narrative.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Protocol

from expectations.vocabulary import WAN
from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.narrative.phrases import BUDGET, FULL, INITIAL, OUTTURN, Path, key_of
from flows.recognise.narrative.quantities import Quantity


class Words(Protocol):
    """What recognition of the narrative needs of the vocabulary: the parsed narrative.yaml, and classes by kind and code."""

    @property
    def narrative(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Name:
    name: re.Pattern[str]
    concept: str
    others: dict[str, str]
    """Concepts for the budget measures, by measure."""
    unit: frozenset[str]
    section: re.Pattern[str] | None
    whole: re.Pattern[str] | None
    clause: re.Pattern[str] | None


_SPEAKS = re.compile(r"决算(?:编制)?(?:情况)?的?说明$|决算情况分析$")
"""A heading that opens the narrative, though a chapter of another kind has not been closed by a heading of its own rank."""


@dataclass(frozen=True, slots=True)
class Section:
    """The meaning of names under one kind of heading. `column`: of a row found by its name; `general`: the heading's
    words also occur below more particular headings; `mixed`: money of funds may be spoken of beside the form's own.
    """

    id: str
    heading: re.Pattern[str]
    names: tuple[_Name, ...]
    rows: str = ""
    classes: str = ""
    column: str = ""
    general: bool = False
    mixed: bool = False


@dataclass(frozen=True)
class Concepts:
    """Names resolved against one filing's rows."""

    sections: tuple[Section, ...]
    anywhere: tuple[_Name, ...]
    silent: tuple[re.Pattern[str], ...]
    partitions: tuple[tuple[str, ...], ...]
    complete_lists: re.Pattern[str]
    sums: tuple[tuple[str, tuple[str, ...]], ...]
    classes: dict[str, str]
    rows: dict[str, dict[str, list[tuple[str, tuple[str, ...]]]]] = field(default_factory=dict)
    """By form and key of the label: row keys with the keys of the labels above them."""
    printed: dict[str, Figure] = field(default_factory=dict)
    """The figures of the forms, by id."""
    known: dict[tuple[str, ...], Section | None] = field(default_factory=dict)
    """Sections already found, by headings."""
    resolved: dict[Name, str] = field(default_factory=dict)

    def section(self, headings: Sequence[str]) -> Section | None:
        """The meaning of the innermost heading that is known; a general one gives way to a particular one above it."""
        chain = tuple(headings)
        if chain not in self.known:
            found = [section for title in reversed(chain) if (section := self._titled(title))]
            self.known[chain] = next((section for section in found if not section.general), found[0] if found else None)
        return self.known[chain]

    def _titled(self, title: str) -> Section | None:
        return next((section for section in self.sections if section.heading.search(title)), None)

    def silent_under(self, headings: Sequence[str]) -> bool:
        """Whether what stands under `headings` makes no statement of account."""
        outermost = headings[:2]
        silent = [any(pattern.search(title) for pattern in self.silent) for title in outermost]
        return any(silent) and not (not silent[-1] and _SPEAKS.search(outermost[-1]))

    def resolve(self, name: Name) -> str:
        """The figure id or concept that `name` means, the likeliest where it has several meanings; "" when unknown."""
        return self._meanings(name).split("|")[0]

    def quoted(self, name: Name, quantity: Quantity, stated: Set[str]) -> str:
        """What `name` means where it stands before `quantity`: of several figures the one that prints this number.

        Where no form tells, it is the one of which the narrative has `stated` this number; else none for certain: "".
        """
        meanings = self._meanings(name).split("|")
        if len(meanings) == 1:
            return meanings[0]
        known = [meaning for meaning in meanings if meaning in self.printed]
        equal = [meaning for meaning in known if _prints(self.printed[meaning], quantity)]
        equal = equal or [meaning for meaning in meanings if meaning in stated]
        return equal[0] if equal else known[0] if len(known) == len(meanings) else ""

    def _meanings(self, name: Name) -> str:
        if name not in self.resolved:
            self.resolved[name] = self._resolve(name)
        return self.resolved[name]

    def _resolve(self, name: Name) -> str:
        section = self.section(name.headings)
        if section:
            found = _match(section.names, name)
            if found:
                return found
            if name.measure in ("", OUTTURN) and name.amount:
                row = self._row(section, name)
                if row:
                    return row
        return _match(self.anywhere, name)

    @property
    def _funds_spend(self) -> bool:
        """Whether a form of another budget than the general one prints expenditure."""
        return any(
            id_.startswith(("T08/", "T09/")) and "支出" in figure.column and figure.value
            for id_, figure in self.printed.items()
        )

    def _row(self, section: Section, name: Name) -> str:
        if section.mixed and self._funds_spend:
            return ""
        names = [key_of(part) for part in (name.path.names if name.path else (name.item,))]
        if not names or not names[-1]:
            return ""
        if section.rows and name.path and name.path.code:
            return f"{section.rows}/{name.path.code}/{section.column}"
        if section.rows:
            known = self.rows.get(section.rows, {}).get(names[-1], [])
            fitting = [key for key, above in known if all(part in above for part in names[:-1])]
            if len(fitting) == 1:
                return f"{section.rows}/{fitting[0]}/{section.column}"
        if section.classes and len(names) == 1 and names[0] in self.classes:
            return f"{section.classes}/{self.classes[names[0]]}/{section.column}"
        return ""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it stands in the text: `item` and `measure` of its phrase, the number's unit, the `whole` it is listed
    under, the `clause` before it and the `headings` above it.
    """

    item: str
    measure: str
    unit: str
    headings: tuple[str, ...]
    whole: str = ""
    clause: str = ""
    path: Path | None = None

    @property
    def amount(self) -> bool:
        return self.unit in ("", "元", "千元", "万元", "百万元", "亿元")


def _prints(figure: Figure, quantity: Quantity) -> bool:
    """Whether `figure` is the printed `quantity`, given the rounding of both."""
    one, other = WAN.get(figure.unit), WAN.get(quantity.unit)
    if one is None or other is None:
        return False
    return abs(figure.value * one - quantity.value * other) <= (figure.ulp * one + quantity.ulp * other) / 2


def concepts(words: Words, rows: Iterable[FormRow], figures: Iterable[Figure] = ()) -> Concepts:
    """The meanings of names in `words`, for a filing whose forms hold `rows` and print `figures`."""
    narrative = words.narrative
    classes: dict[str, str] = {}
    for code, line in getattr(words, "classes", {}).get("functional", {}).items():
        for label in (line.zh, *line.also):
            classes[key_of(label)] = code
    return Concepts(
        sections=tuple(
            Section(
                entry["id"],
                re.compile(entry["heading"]),
                tuple(map(_name, entry["names"])),
                entry.get("rows", ""),
                entry.get("classes", ""),
                entry.get("column", ""),
                entry.get("general", False),
                entry.get("mixed", False),
            )
            for entry in narrative["sections"]
        ),
        anywhere=tuple(map(_name, narrative["anywhere"])),
        silent=tuple(map(re.compile, narrative["chapters"]["silent"])),
        partitions=tuple(tuple(parts) for parts in narrative["partitions"]),
        complete_lists=re.compile("|".join(narrative["complete_lists"])),
        sums=tuple((entry["whole"], tuple(entry["parts"])) for entry in narrative["sums"]),
        classes=classes,
        rows=_by_label(rows),
        printed={figure.id: figure for figure in figures},
    )


def _by_label(rows: Iterable[FormRow]) -> dict[str, dict[str, list[tuple[str, tuple[str, ...]]]]]:
    known = list(rows)
    labels = {(row.form, row.part, row.row_key): row for row in known}
    made: dict[str, dict[str, list[tuple[str, tuple[str, ...]]]]] = {}
    for row in known:
        above: list[str] = []
        parent, seen = row.parent_key, {row.row_key}
        while parent and parent not in seen:
            seen.add(parent)
            higher = labels.get((row.form, row.part, parent))
            if higher is None:
                break
            above.append(key_of(higher.label))
            parent = higher.parent_key
        made.setdefault(row.form, {}).setdefault(key_of(row.label), []).append((row.row_key, tuple(above)))
    return made


def _name(entry: dict[str, str]) -> _Name:
    others = {}
    if "budget" in entry:
        others = {BUDGET: entry["budget"], FULL: entry["budget"]}
    if "initial" in entry:
        others[INITIAL] = entry["initial"]
    if "full" in entry:
        others[FULL] = entry["full"]
    return _Name(
        re.compile(entry["name"]),
        entry["concept"],
        others,
        frozenset(entry["unit"].split("|")) if "unit" in entry else frozenset(),
        *(re.compile(entry[key]) if key in entry else None for key in ("section", "whole", "clause")),
    )


def _match(names: tuple[_Name, ...], name: Name) -> str:
    item = re.sub(r"（\d*[类款项]）", "", name.item)
    for known in names:
        if known.unit:
            if name.unit not in known.unit and not ("元" in known.unit and name.amount):
                continue
        elif not name.amount:
            continue
        if not known.name.fullmatch(item):
            continue
        if known.section and not any(known.section.search(title) for title in name.headings):
            continue
        if known.whole and not known.whole.fullmatch(name.whole or ""):
            continue
        if known.clause and not known.clause.search(name.clause):
            continue
        if name.measure in ("", OUTTURN):
            return known.concept
        return known.others.get(name.measure, "")
    return ""
