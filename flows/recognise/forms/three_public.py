"""The form of the “three public” expenses (T07), printed along one row of numbers or down a column.

Across: a header of two or three levels names the item and, above or below it, 预算数 or 决算数; or the two kinds are rows.
Down: the items are rows, the two kinds columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from expectations.vocabulary import Column, Form, FormLine, plain
from flows.read.document import Cell, Place
from flows.recognise.forms.columns import Layout, Role, column_names, extra, heading
from flows.recognise.forms.harvest import Entry, Harvest, joined
from flows.recognise.forms.table import Path, Table, is_furniture, is_numbering, is_remark, read_header
from flows.recognise.forms.titles import bare
from flows.recognise.numbers import is_blank, parse

_BRACKETED = re.compile(r"（[^（）]*）$")
_SUBTOTAL = ("合计", "小计")


def read_three_public(table: Table, form: Form, inherited: Layout | None) -> tuple[Harvest, Layout]:
    """The items of `table` with budget and outturn."""
    names = column_names(form.columns)
    lines = item_names(form)
    if _is_down(table, lines):
        return _read_down(table, names, lines, inherited)
    return _read_across(table, names, lines), {}


def item_names(form: Form) -> dict[str, FormLine]:
    """The items of the form by each of their bare printed names."""
    return {bare(name): line for line in reversed(form.lines) for name in (*line.also, line.zh)}


def item_of(text: str, lines: dict[str, FormLine]) -> FormLine | None:
    """The item that `text` names, as a whole or without a closing bracket."""
    name = bare(text)
    while name not in lines and (closing := _BRACKETED.search(name)) and closing.start():
        name = name[: closing.start()]
    return lines.get(name)


def _is_down(table: Table, lines: dict[str, FormLine]) -> bool:
    """True when the items stand below each other: three of them begin in one column."""
    count: dict[int, int] = {}
    for row in table.rows:
        for cell in row:
            if item_of(cell.text, lines):
                count[cell.column] = count.get(cell.column, 0) + 1
                break
    return max(count.values(), default=0) >= 3


def _read_down(
    table: Table, names: dict[str, Column], lines: dict[str, FormLine], inherited: Layout | None
) -> tuple[Harvest, Layout]:
    header = read_header(table, lines, lambda text: heading(text, names) is not None)
    layout: Layout = {}
    for number, path in header.paths.items():
        kind = heading(path[-1], names)
        if kind is not None:
            layout[number] = Role("amount", _kind_name(path[-1], kind, header.paths.values()))
        elif role := extra(path):
            layout[number] = role
        elif re.match(r"行次|序号", path[-1]):
            layout[number] = Role("ordinal")
    body = header.body
    if not layout and inherited is not None:
        layout, body = inherited, 0
    harvest = Harvest()
    harvest.explain_words(*(cell for row in table.rows[:body] for cell in row))
    for row in table.rows[body:]:
        if is_numbering(row) or is_remark(row):
            harvest.explain(*row)
        else:
            _read_item(row, layout, lines, harvest)
    return harvest, layout


def _read_item(row: Sequence[Cell], layout: Layout, lines: dict[str, FormLine], harvest: Harvest) -> None:
    """Append the item of one row; a label may stand in any column that is neither a number's nor a line number's."""
    words = [cell for cell in row if cell.column not in layout and parse(cell.text) is None and not is_blank(cell.text)]
    if not words:
        return
    harvest.explain(*words, *(cell for cell in row if layout.get(cell.column, Role("")).kind == "ordinal"))
    label = "".join(joined(cell.text) for cell in words)
    line = item_of(label, lines) or item_of(words[-1].text, lines)
    entry = _entry(line, label, words[0].place)
    for earlier in harvest.entries:
        if entry.name and earlier.name == entry.name and not earlier.amounts:
            earlier.name = ""
    for cell in row:
        role = layout.get(cell.column)
        if role is not None and role.kind == "amount":
            harvest.amount(entry, role.column, cell, role.unit)
    harvest.entries.append(entry)


def _kind_name(text: str, kind: Column, paths: Iterable[Path]) -> str:
    """The column that `text` names; where two budgets stand side by side, the initial one keeps its printed name."""
    both = {"全年预算数", "年初预算数"} <= {bare(path[-1]) for path in paths}
    return bare(text) if both and bare(text) == "年初预算数" else kind.zh


def _entry(line: FormLine | None, label: str, place: Place) -> Entry:
    return Entry(label, place, name=line.zh if line else "", under=line.part_of if line else "")


def _read_across(table: Table, names: dict[str, Column], lines: dict[str, FormLine]) -> Harvest:
    harvest = Harvest()
    body = next((i for i, row in enumerate(table.rows) if _has_amounts(row)), len(table.rows))
    header = read_header(Table(table.grid, table.page, table.rows[:body]), (), lambda _: False)
    harvest.explain_words(*(cell for row in table.rows[:body] for cell in row))
    places = {plain(cell.text): cell for row in table.rows[:body] for cell in row}
    entries: dict[str, Entry] = {}
    spots: dict[int, tuple[Entry, str]] = {}
    for number in sorted(header.paths):
        line, shown, kind = _meaning(header.paths[number], names, lines)
        if shown:
            cell = places[shown]
            label = joined(cell.text)
            entry = entries.setdefault(line.zh if line else label, _entry(line, label, cell.place))
            spots[number] = (entry, kind)
    only_outturn = not any(kind for _, kind in spots.values())
    for row in table.rows[body:]:
        said = [named.zh for cell in row if (named := heading(cell.text, names))]
        for cell in row:
            spot = spots.get(cell.column)
            column = spot[1] if spot and spot[1] else said[0] if said else "决算数" if only_outturn else ""
            if parse(cell.text) is None:
                harvest.explain_words(cell)
            if spot is not None and column:
                harvest.amount(spot[0], column, cell)
    harvest.entries += entries.values()
    return harvest


def _is_item(text: str) -> bool:
    """True for a heading that can name an item: not the year, the form itself or the column of names."""
    name = bare(text)
    return (
        len(name) >= 2
        and not is_furniture(text)
        and not re.search(r"^项目|^单位|^部门|三公|行次|名称|年度$|序号", name)
    )


def _has_amounts(row: Sequence[Cell]) -> bool:
    return (
        not is_numbering(row) and any(parse(cell.text) for cell in row) and not all(is_furniture(c.text) for c in row)
    )


def _meaning(path: Path, names: dict[str, Column], lines: dict[str, FormLine]) -> tuple[FormLine | None, str, str]:
    """The item, the text that names it, and the kind (预算数, 决算数 or "") of the column under `path`.

    An item that the vocabulary does not know is None with the text that names it.
    """
    line: FormLine | None = None
    shown = kind = other = ""
    for text in path:
        named = heading(text, names)
        if named is not None or extra((text,)):
            kind = named.zh if named else bare(text)
            continue
        found = item_of(text, lines)
        if found is not None and not (line is not None and bare(text) in _SUBTOTAL):
            line, shown, other = found, text, ""
        elif found is None and _is_item(text):
            other = text
    if other:
        return None, other, kind
    if line is None and kind and bare(path[0]).startswith(("三公", "财政拨款三公")):
        line, shown = lines.get("合计"), path[0]
    return line, shown, kind
