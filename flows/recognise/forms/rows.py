"""Entries of all tables of one form → its rows with keys, levels and parents, and its figures with one precision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from expectations.vocabulary import Form
from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.forms.harvest import Entry
from flows.recognise.forms.titles import bare
from flows.recognise.numbers import last_place

_COUNTED = re.compile(r"[（(](个|辆|人|人次|批次|批|次|台|套|平方米)[）)]$")
_LEVEL = {3: 1, 5: 2, 7: 3}


def rows_and_figures(form: Form, entries: Sequence[Entry], unit: str) -> tuple[tuple[FormRow, ...], tuple[Figure, ...]]:
    """The rows of `form` in printed order and their figures in `unit`."""
    keys = _keys(entries)
    parents = _parents(form, entries, keys)
    rows = tuple(
        FormRow(
            form.id,
            "",
            key,
            entry.code,
            entry.label,
            _level(form, entry),
            parent,
            position,
            entry.place,
            "",
            entry.side,
        )
        for position, (entry, key, parent) in enumerate(zip(entries, keys, parents, strict=True))
    )
    return rows, _figures(form, entries, keys, unit)


def _keys(entries: Sequence[Entry]) -> list[str]:
    """Unique keys: the printed code, else the name in the vocabulary, else the bare label; repeats end in #2, #3."""
    seen: dict[str, int] = {}
    keys = []
    for entry in entries:
        key = (entry.name or entry.code or bare(entry.label)).replace("/", "／")
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return keys


def _parents(form: Form, entries: Sequence[Entry], keys: Sequence[str]) -> list[str]:
    printed = set(keys)
    if form.shape == "lines":
        part_of = {line.zh: line.part_of for line in form.lines}
        return [_printed_ancestor(entry.under, part_of, printed) for entry in entries]
    total = "合计" if "合计" in printed else ""
    return [_prefix_parent(entry, key, printed, total) for entry, key in zip(entries, keys, strict=True)]


def _printed_ancestor(name: str, part_of: dict[str, str], printed: set[str]) -> str:
    while name and name not in printed:
        name = part_of.get(name, "")
    return name


def _prefix_parent(entry: Entry, key: str, printed: set[str], total: str) -> str:
    """The longest printed code with which the code begins, otherwise the total; a repeated code hangs nowhere twice."""
    if not entry.code or key != entry.code:
        return ""
    for length in range(len(entry.code) - 2, 2, -2):
        if entry.code[:length] in printed:
            return entry.code[:length]
    return total


def _level(form: Form, entry: Entry) -> int:
    if form.shape != "lines":
        return _LEVEL.get(len(entry.code), 4) if entry.code else 0 if entry.name else 1
    part_of = {line.zh: line.part_of for line in form.lines}
    level, name = 0, entry.under
    while name:
        level, name = level + 1, part_of.get(name, "")
    return level


def _figures(form: Form, entries: Sequence[Entry], keys: Sequence[str], unit: str) -> tuple[Figure, ...]:
    """A figure for each amount. Counts (公务用车保有量（辆）) and percentages have a unit and a precision of their own."""
    printed = [
        (key, amount, found[1] if (found := _COUNTED.search(entry.label)) else amount.unit)
        for entry, key in zip(entries, keys, strict=True)
        for amount in entry.amounts
    ]
    shared = last_place(amount.number.places for _, amount, own in printed if not own)
    return tuple(
        Figure(
            f"{form.id}/{key}/{amount.column}",
            form.id,
            "",
            key,
            amount.column,
            amount.number.value,
            own or unit,
            Decimal(1).scaleb(-amount.number.places) if own else shared,
            amount.cell.text,
            amount.cell.place,
        )
        for key, amount, own in printed
    )
