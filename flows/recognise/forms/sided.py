"""Forms with fixed lines on two sides, income and expenditure: T01 and T04."""

from __future__ import annotations

import re
from collections.abc import Sequence

from expectations.vocabulary import Form, FormLine
from flows.read.document import Cell
from flows.recognise.forms.columns import SHORTEST_CUT, SIDES, Layout, column_names, heading, inconsistent, sided_layout
from flows.recognise.forms.harvest import Entry, Harvest, joined
from flows.recognise.forms.table import Table, is_numbering, is_remark, read_header
from flows.recognise.forms.titles import bare
from flows.recognise.numbers import is_blank, parse

_BRACKETED = re.compile(r"（[^（）]*）$")
_OF_WHICH = re.compile(r"^\s*其中")


def read_sided(table: Table, form: Form, inherited: Layout | None) -> tuple[Harvest, Layout]:
    """The lines of `table`, each on its side; `inherited` is the layout of the table that this one continues."""
    lines = line_names(form)
    names = column_names(form.columns)
    header = read_header(table, lines, lambda text: heading(text, names) is not None)
    layout = sided_layout(header.paths, form)
    body = header.body
    if not any(role.kind == "amount" for role in layout.values()) and inherited is not None:
        layout, body = inherited, 0
    harvest = Harvest()
    harvest.explain_words(*(cell for row in table.rows[:body] for cell in row))
    if twice := inconsistent(layout):
        harvest.problems.append({"zh": f"表头中“{twice}”出现两次", "en": f"the header names the column {twice} twice"})
    for index, row in enumerate(table.rows[body:]):
        if is_numbering(row) or is_remark(row):
            harvest.explain(*row)
        else:
            _read_row(row, index, layout, harvest)
    return harvest, layout


def _read_row(row: Sequence[Cell], index: int, layout: Layout, harvest: Harvest) -> None:
    """Append the entries of one printed row, income first. In the first row, amounts may stand without a label, which a
    page break has left behind.
    """
    entries: dict[str, Entry] = {}
    for cell in row:
        role = layout.get(cell.column)
        if role is None:
            if parse(cell.text) is None:
                harvest.explain_words(cell)
            continue
        if role.kind == "amount":
            if role.side not in entries and index == 0 and parse(cell.text) is not None:
                entries[role.side] = Entry("", cell.place, side=role.side)
            if role.side in entries:
                harvest.amount(entries[role.side], role.column, cell, role.unit)
            continue
        if role.kind != "name" or parse(cell.text) is None:
            harvest.explain_words(cell)
        if role.kind == "name" and id(cell) in harvest.explained and not is_blank(cell.text):
            entry = entries.setdefault(role.side, Entry("", cell.place, side=role.side))
            entry.label += joined(cell.text)
    for entry in entries.values():
        entry.row, entry.group = index, int(entry.side == "expenditure")
    harvest.entries += [entry for entry in entries.values() if bare(entry.label) not in SIDES]


def line_names(form: Form) -> dict[str, list[FormLine]]:
    """The lines of `form` by each of their bare printed names."""
    named: dict[str, list[FormLine]] = {}
    for line in form.lines:
        for name in dict.fromkeys(bare(text) for text in (line.zh, *line.also)):
            named.setdefault(name, []).append(line)
    return named


def twice_printed(form: Form) -> set[str]:
    """The bare names that one side of `form` prints twice (一般公共预算财政拨款, received and carried over)."""
    return {
        name
        for name, lines in line_names(form).items()
        if len({line.zh for line in lines}) > len({line.side for line in lines})
    }


def name_lines(entries: Sequence[Entry], form: Form) -> None:
    """Give every entry of all tables of the form, in printed order, its line of the vocabulary and what it is part of.

    A name printed twice on one side (一般公共预算财政拨款) is the first time the income, the second time its opening
    balance: the line that must come `after` another. A line the vocabulary does not know belongs with the line above it
    when both are numbered alike.
    """
    named = line_names(form)
    sides = {"income": "", "expenditure": ""}
    seen: set[str] = set()
    side = "income"
    for entry in entries:
        line = _line_for(entry, named, entry.side or side, seen)
        if line is None:
            numbered = bare(entry.label) != joined(entry.label) and not _OF_WHICH.match(entry.label)
            entry.under = sides.get(entry.side, "") if numbered else ""
            continue
        side = line.side or side
        entry.name, entry.side, entry.under, entry.code = line.zh, line.side, line.part_of, line.code
        seen.add(line.zh)
        sides[line.side] = line.part_of


def _line_for(entry: Entry, named: dict[str, list[FormLine]], side: str, seen: set[str]) -> FormLine | None:
    label = bare(entry.label)
    while label not in named and (closing := _BRACKETED.search(label)) and closing.start():
        label = label[: closing.start()]
    label = label if label in named else label + "支出"
    found = named.get(label) or _cut_off(bare(entry.label), named)
    candidates = [line for line in found if line.zh not in seen]
    if entry.side:
        candidates = [line for line in candidates if line.side in ("", entry.side)]
    candidates = [line for line in candidates if not line.after or line.after in seen]
    return min(candidates, key=lambda line: (line.side != side, not line.after), default=None)


def _cut_off(label: str, named: dict[str, list[FormLine]]) -> list[FormLine]:
    """The lines whose name begins with `label`, which its cell has cut off."""
    if len(label) < SHORTEST_CUT:
        return []
    return [line for name, lines in named.items() if name.startswith(label) for line in lines]
