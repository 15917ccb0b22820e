"""Rows that a page break has cut in two, made whole again: the label here, its rest or its amounts there."""

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
