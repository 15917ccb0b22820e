"""What a hypothesis may look at: everything that one filing prints, and the same of the year before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from expectations.vocabulary import WAN
from flows.explain.causes import NARRATIVE, Judged
from flows.explain.diagnosis import Printed


@dataclass(frozen=True, slots=True)
class Said:
    """Of a claim what its number alone does not tell, as in table `claim`."""

    kind: str
    subject: str = ""
    base: str = ""
    concept: str = ""
    sentence: int = -1
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """Claims and figures that one statement ties together, as in table `claim_relation`: role → id, and the ids of a list."""

    kind: str
    roles: Mapping[str, str]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """One filing: `printed` and `said` by id, in the order of the document, `previous` the same of the year before.

    `judged` are the verdicts near the findings, those that hold too; those with a relation None say nothing. One context serves
    all figures of its filing; what is looked up often is worked out once.
    """

    printed: Mapping[str, Printed]
    judged: tuple[Judged, ...] = ()
    said: Mapping[str, Said] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()
    previous: Mapping[str, Printed] = field(default_factory=dict)
    previous_said: Mapping[str, Said] = field(default_factory=dict)

    @cached_property
    def touching(self) -> Mapping[str, tuple[Judged, ...]]:
        """By figure the verdicts in which it stands."""
        found: dict[str, list[Judged]] = defaultdict(list)
        for one in self.judged:
            for id in sorted(one.relation.ids) if one.relation else ():
                found[id].append(one)
        return {id: tuple(some) for id, some in found.items()}

    def agreeing(self, id: str) -> frozenset[str]:
        """The figures with which an equation that holds ties this one: that they are equal is no accident and no copy."""
        held = (one.relation for one in self.touching.get(id, ()) if not one.broken and one.relation)
        return frozenset().union(*(relation.ids for relation in held if relation.op == "="))

    @cached_property
    def tied(self) -> Mapping[str, tuple[Tie, ...]]:
        """By rate or change the statements that give it."""
        found: dict[str, list[Tie]] = defaultdict(list)
        for tie in self.ties:
            for role in ("rate", "change"):
                if role in tie.roles:
                    found[tie.roles[role]].append(tie)
        return {id: tuple(some) for id, some in found.items()}

    @cached_property
    def cells(self) -> Mapping[tuple[str, str], tuple[Printed, ...]]:
        """By form and part all its figures."""
        found: dict[tuple[str, str], list[Printed]] = defaultdict(list)
        for one in self.printed.values():
            found[one.form, one.part].append(one)
        return {key: tuple(some) for key, some in found.items()}

    @cached_property
    def columns(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """By form and part its columns from left to right: as the row with most of them has them, then the others."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for key, cells in self.cells.items():
            rows: dict[str, dict[str, None]] = defaultdict(dict)
            for one in cells:
                rows[one.row_key][one.column] = None
            fullest = max(rows.values(), key=len)
            rest = {column: None for row in rows.values() for column in row}
            found[key] = tuple({**fullest, **rest})
        return found

    @cached_property
    def by_value(self) -> Mapping[Decimal, tuple[Printed, ...]]:
        """Everything printed by its size: amounts of money in 万元, all else in its own unit."""
        found: dict[Decimal, list[Printed]] = defaultdict(list)
        for one in self.printed.values():
            found[abs(in_wan(one))].append(one)
        return {key: tuple(some) for key, some in found.items()}

    @cached_property
    def by_row(self) -> Mapping[str, tuple[Printed, ...]]:
        """By row (its code, or the name of the line) the figures of all forms."""
        found: dict[str, list[Printed]] = defaultdict(list)
        for one in self.printed.values():
            if one.row_key:
                found[one.row_key].append(one)
        return {key: tuple(some) for key, some in found.items()}

    @cached_property
    def amounts(self) -> tuple[Printed, ...]:
        """Every amount of money other than 0."""
        return tuple(one for one in self.printed.values() if one.unit in WAN and one.value)


def in_wan(one: Printed) -> Decimal:
    """The value, an amount of money in 万元."""
    return one.value * WAN.get(one.unit, Decimal(1))


def value_in(one: Printed, unit: str) -> Decimal | None:
    """The value in `unit`; None where it cannot be told in it."""
    if one.unit == unit:
        return one.value
    if one.unit in WAN and unit in WAN:
        return one.value * WAN[one.unit] / WAN[unit]
    return None


def is_claim(one: Printed) -> bool:
    return one.form == NARRATIVE
