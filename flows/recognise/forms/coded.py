"""Forms with a row for each classification code: T02, T03, T05, T06, T08, T09."""

from __future__ import annotations

import re
from collections.abc import Sequence

from expectations.vocabulary import Form, FormLine
from flows.read.document import Cell
from flows.recognise.forms.columns import Layout, Role, coded_layout, column_names, heading, inconsistent
from flows.recognise.forms.harvest import Entry, Harvest, doubtful_label, joined
from flows.recognise.forms.table import Table, code_and_name, code_of, is_numbering, is_remark, read_header
from flows.recognise.forms.titles import bare
from flows.recognise.numbers import ascii_digits, is_blank, parse

TOTAL = FormLine("合计", "grand_total", ("总计",))
_SHORT_CODE = re.compile(r"\d{1,2}")


def read_coded(table: Table, form: Form, inherited: Layout | None, above: str = "") -> tuple[Harvest, Layout]:
    """The rows of `table`; `inherited` is the layout of the table that this one continues, used when it has no header.

    `above` is the code of the last row of that table.
    """
    totals = total_names(form)
    names = column_names(form.columns)
    header = read_header(table, totals, lambda text: heading(text, names) is not None)
    layout = coded_layout(header.paths, form)
    body = header.body
    continues = not any(role.kind == "amount" for role in layout.values()) and inherited is not None
    if continues and inherited is not None:
        layout, body = inherited, 0
    harvest = Harvest()
    harvest.explain_words(*(cell for row in table.rows[:body] for cell in row))
    if twice := inconsistent(layout):
        harvest.problems.append({"zh": f"表头中“{twice}”出现两次", "en": f"the header names the column {twice} twice"})
    for index, row in enumerate(table.rows[body:]):
        if is_numbering(row) or is_remark(row):
            harvest.explain(*row)
            continue
        entries = _entries(row, layout, above, totals, harvest, headless=index == 0)
        for entry in entries:
            entry.row = index
        harvest.entries += entries
        above = next((entry.code for entry in reversed(entries) if entry.code), above)
    return harvest, layout


def total_names(form: Form) -> dict[str, str]:
    """Bare printed names of the rows that total a form with codes, and their names in the vocabulary."""
    totals = form.totals or (TOTAL,)
    return {bare(name): line.zh for line in totals for name in (line.zh, *line.also)}


def _entries(
    row: Sequence[Cell], layout: Layout, above: str, totals: dict[str, str], harvest: Harvest, *, headless: bool
) -> list[Entry]:
    """The entries of one printed row, one for each group of columns. `above` is the code of the row above.

    `headless`: amounts may stand without code and label, which a page break has left behind.
    """
    groups: dict[int, list[tuple[Cell, Role]]] = {}
    for cell in row:
        role = layout.get(cell.column)
        if role is not None:
            groups.setdefault(role.group, []).append((cell, role))
        elif parse(cell.text) is None or code_of(cell.text):
            harvest.explain_words(cell)
    made: list[Entry] = []
    for group in sorted(groups):
        cells = groups[group]
        entry = _identified(cells, _code_columns(layout, group), above, harvest)
        entry.name = "" if entry.code else totals.get(bare(entry.label), "")
        if entry.is_empty and made and not made[-1].amounts:
            entry = made[-1]
        if headless or not entry.is_empty:
            for cell, role in cells:
                if role.kind == "amount":
                    harvest.amount(entry, role.column, cell, role.unit)
            if entry not in made and "：" not in entry.label and (entry.amounts or not entry.is_empty):
                entry.group = group
                made.append(entry)
    return made


def _code_columns(layout: Layout, group: int) -> list[int]:
    return sorted(column for column, role in layout.items() if role.kind == "code" and role.group == group)


def _identified(cells: Sequence[tuple[Cell, Role]], code_columns: list[int], above: str, harvest: Harvest) -> Entry:
    """An entry with the code and label that stand in `cells`; empty when they hold neither."""
    parts: dict[int, str] = {}
    label = ""
    place = cells[0][0].place
    for cell, role in cells:
        if role.kind == "amount":
            continue
        digits = re.sub(r"\s", "", ascii_digits(cell.text))
        code, name = code_and_name(cell.text)
        short = len(code_columns) > 1 and _SHORT_CODE.fullmatch(digits) is not None
        if role.kind not in ("code", "name") or parse(cell.text) is None or code_of(digits) or short:
            harvest.explain_words(cell)
        if cell.doubt and (code or code_of(digits) or _SHORT_CODE.fullmatch(digits)):
            harvest.problems.append(doubtful_label(cell.text, cell.doubt))
        if role.kind == "code" and (code_of(digits) or _SHORT_CODE.fullmatch(digits)):
            parts[code_columns.index(cell.column)] = digits
        elif role.kind == "name" and code_of(digits) and not parts:
            parts[0] = digits
        elif role.kind in ("code", "name") and not is_blank(cell.text):
            if code and not parts:
                parts[0] = code
            label += joined(name if code else cell.text)
    return Entry(label, place, code=_whole_code(parts, above))


def _whole_code(parts: dict[int, str], above: str) -> str:
    """The code that stands in up to three columns (类, 款, 项), whole or in parts; what is left out comes from `above`."""
    code = ""
    for position in range(max(parts, default=-1) + 1):
        part = parts.get(position, "")
        length = 3 + 2 * position
        if len(part) >= 3:
            code = part
        elif part and position:
            code += part.zfill(2)
        elif not part and len(code) < length and len(above) >= length and above.startswith(code):
            code = above[:length]
    return code if code_of(code) else ""
