"""What page breaks have cut, made whole again: a row whose rest is on the next page, a table whose columns go on there."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.vocabulary import Form
from flows.recognise.forms.harvest import Entry, Harvest
from flows.recognise.forms.sided import line_names
from flows.recognise.forms.titles import bare


def rejoin(before: Sequence[Entry], harvest: Harvest, form: Form) -> None:
    """The first row of `harvest` is one with the last of `before` where it is the rest of it.

    Amounts without a label that are no such rest are no longer explained.
    """
    firsts = [entry for entry in harvest.entries if entry.row == harvest.entries[0].row]
    lasts = {entry.group: entry for entry in before if entry.row == before[-1].row} if before else {}
    others = [*before, *(entry for entry in harvest.entries if entry not in firsts)]
    for first in firsts:
        last = lasts.get(first.group)
        if last is not None and _is_rest(first, last, others, form):
            last.label += first.label
            last.code = last.code or first.code
            last.amounts += first.amounts
            last.unread += first.unread
            harvest.entries.remove(first)
        elif first.is_empty:
            harvest.forget(first)


def _is_rest(first: Entry, last: Entry, others: Sequence[Entry], form: Form) -> bool:
    """True when `first`, on the page after `last`, can only be the rest of the same row."""
    if first.amounts and last.amounts:
        return False
    if first.is_empty:
        return True
    if form.shape == "lines":
        names = line_names(form)
        return bare(last.label) not in names and bare(last.label + first.label) in names
    rows_have_codes = all(entry.code or entry.name for entry in others if entry is not last)
    return rows_have_codes and not first.name and not last.name and bool(first.code) != bool(last.code)


def add_columns(before: Sequence[Entry], harvest: Harvest) -> bool:
    """True when `harvest` repeats rows of `before` with other columns, whose amounts are then theirs; its entries are gone.

    A table too wide for its page prints its labels on every page.
    """
    columns = {amount.column for entry in before for amount in entry.amounts}
    if not harvest.entries or columns & {amount.column for entry in harvest.entries for amount in entry.amounts}:
        return False
    left = list(before)
    pairs: list[tuple[Entry, Entry]] = []
    for entry in harvest.entries:
        match = next((other for other in left if _key(other) == _key(entry)), None)
        if match is None:
            return False
        left.remove(match)
        pairs.append((match, entry))
    for match, entry in pairs:
        match.amounts += entry.amounts
        match.unread += entry.unread
    harvest.entries.clear()
    return True


def _key(entry: Entry) -> tuple[str, str]:
    return entry.side, entry.code or bare(entry.label)
