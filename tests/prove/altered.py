"""Which printed figures and claims an error altered: what the reader reads of the spoiled filing beside what it reads of the clean one.

Nothing is taken from how the error was made: a figure is altered when it reads otherwise, whatever moved it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flows.sql import run
from flows.warehouse import Connection
from tests.prove.errors import NUMBER, Injected

Reading = tuple[Decimal, str]
"""A value and its unit."""


@dataclass(frozen=True)
class Altered:
    """Figures of the spoiled filing that read otherwise than in the clean one, and those of the clean one that stand nowhere in it."""

    other: Mapping[str, Reading]
    gone: Mapping[str, Reading]


@dataclass(frozen=True)
class _Read:
    """What was read of a filing: figures by id, claims by sentence in their order."""

    figures: Mapping[str, Reading]
    claims: Mapping[int, Sequence[tuple[str, Reading]]]


def altered(connection: Connection, pairs: Sequence[tuple[str, str]]) -> list[Altered]:
    """For each pair of keys, clean and spoiled, what reads otherwise."""
    read = _read(connection, sorted({key for pair in pairs for key in pair}))
    return [compared(read[clean], read[spoiled]) for clean, spoiled in pairs]


def compared(clean: _Read, spoiled: _Read) -> Altered:
    """What reads otherwise in `spoiled`. Claims are numbered through the narrative: one more or less renumbers those below, so
    they are compared sentence by sentence, from both ends."""
    other = {id: one for id, one in spoiled.figures.items() if clean.figures.get(id) != one}
    gone = {id: one for id, one in clean.figures.items() if id not in spoiled.figures}
    for sentence in sorted({*clean.claims, *spoiled.claims}):
        before, after = clean.claims.get(sentence, ()), spoiled.claims.get(sentence, ())
        start = _alike(before, after)
        end = _alike(before[start:][::-1], after[start:][::-1])
        between = after[start : len(after) - end]
        if len(before) == len(after):
            between = [one for one, was in zip(after, before, strict=True) if one[1] != was[1]]
        other |= dict(between)
        gone |= dict(before[start : len(before) - end]) if len(before) > len(after) else {}
    return Altered(other, gone)


def _alike(some: Sequence[tuple[str, Reading]], others: Sequence[tuple[str, Reading]]) -> int:
    """How many claims from the start read the same."""
    count = 0
    for (_, one), (_, other) in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count


def _read(connection: Connection, keys: Sequence[str]) -> dict[str, _Read]:
    figures: dict[str, dict[str, Reading]] = defaultdict(dict)
    query = "SELECT filing, id, value, unit FROM figure WHERE filing IN (SELECT unnest(?))"
    for filing, id, value, unit in run(connection, query, list(keys)).fetchall():
        figures[filing][id] = value, unit
    claims: dict[str, dict[int, list[tuple[str, Reading]]]] = defaultdict(lambda: defaultdict(list))
    query = "SELECT filing, id, sentence, value, unit FROM claim WHERE filing IN (SELECT unnest(?)) ORDER BY filing, id"
    for filing, id, sentence, value, unit in run(connection, query, list(keys)).fetchall():
        claims[filing][sentence].append((id, (value, unit)))
    return {key: _Read(figures[key], claims[key]) for key in keys}


def by_error(errors: Sequence[Injected], found: Altered) -> list[frozenset[str]]:
    """Of each error the ids that it altered; with several errors in one form they are told apart by place and by value."""
    if len(errors) == 1:
        return [frozenset(found.other)]
    made: list[set[str]] = [set() for _ in errors]
    for id, (value, _) in found.other.items():
        here = [n for n, error in enumerate(errors) if error.form == _form(id)]
        exact = [n for n in here if id == f"{errors[n].form}/{errors[n].place}"]
        equal = [n for n in here if _number(errors[n].after) == abs(value)]
        row = [n for n in here if id.rpartition("/")[0] == f"{errors[n].form}/{errors[n].place}".rpartition("/")[0]]
        for n in exact or (equal if len(here) > 1 else []) or row or here:
            made[n].add(id)
    return [frozenset(one) for one in made]


def _form(id: str) -> str:
    form = id.partition("/")[0].partition("(")[0]
    return "" if form == "N" else form


def _number(text: str) -> Decimal | None:
    found = NUMBER.search(text)
    return abs(Decimal(found.group())) if found else None
