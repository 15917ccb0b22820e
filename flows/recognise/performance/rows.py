"""The rows of one performance table → form rows and figures; what cannot be placed is kept as a doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from expectations.vocabulary import Form, FormLine
from flows.read.document import Cell
from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.performance.cells import Quantity, number, shape, tidy
from flows.recognise.performance.columns import SUBTOTALS, Heading, Laid, core, lay, points_stated
from flows.recognise.performance.kinds import GOALS, stated_total, value_pairs
from flows.recognise.performance.part import Part, add_figure, add_row, leave_out, safe
from flows.recognise.performance.sources import settle_sources
from flows.recognise.performance.suspects import may_be_shifted, settle_suspects
from flows.recognise.performance.tables import TableRow
from flows.recognise.performance.values import add_rates, add_values

_AMONG = re.compile(r"^其中\s*[:：]?")
_NUMBERING = re.compile(r"^(?:其中\s*[:：]?|[（(]?[一二三四五六七八九十\d]+[）)、.．]\s*)+")
_PROJECT = re.compile(
    r"^\s*(?:项目\s*[\d一二三四五六七八九十]+\s*[:：.、]|[（(]?\d+[）)、.．]|[（(]?[一二三四五六七八九十]+[）)、])\s*"
)


def read_rows(part: Part) -> Part:
    """Fill `part` with the rows, figures, running text and doubts of its table."""
    readers = {
        "head": _head_row,
        "pairs": _pairs_row,
        "funds": _funds_row,
        "indicator": _indicator_row,
        "summary": _summary_row,
        "total": _total_row,
    }
    for row in part.table.rows:
        if row.block in readers:
            readers[row.block](part, row)
        elif row.block in ("goals", "note"):
            part.text.extend(row.cells)
            part.planned |= _planned(row)
    settle_sources(part, [line.zh for line in part.form.lines])
    _add_stated_total(part)
    settle_suspects(part, _total(part.form))
    add_rates(part)
    keys = {row.row_key for row in part.rows}
    part.rows = [row if row.parent_key in keys else replace(row, parent_key="") for row in part.rows]
    return part


def alike_in_precision(form: Form, figures: Sequence[Figure]) -> list[Figure]:
    """Amounts of one form and unit share their finest place, over all its tables: 90 among amounts of two decimals means 90.00."""
    amounts = {column.zh for column in form.columns if column.type == "amount"}
    finest: dict[str, Decimal] = {}
    for figure in figures:
        if figure.column in amounts:
            finest[figure.unit] = min(finest.get(figure.unit, figure.ulp), figure.ulp)
    return [replace(f, ulp=finest[f.unit]) if f.column in amounts else f for f in figures]


# Rows of each block


def _planned(row: TableRow) -> set[int]:
    """The places of a row's aims: everything in it but the last of several texts, which says what was achieved."""
    if row.block != "goals":
        return set()
    told = [cell for cell in row.cells if core(cell.text) not in (*GOALS, "")]
    return {id(cell.place) for cell in (told[:-1] if len(told) > 1 else told)}


def _head_row(part: Part, row: TableRow) -> None:
    """A total score printed at the head is the table's where it prints no other; see `_add_stated_total`."""
    part.stated_total = part.stated_total or stated_total(row.cells, part.form)


def _add_stated_total(part: Part) -> None:
    if part.stated_total:
        label, cell = part.stated_total
        key = safe(label.text) if any(row.block == "total" for row in part.rows) else _total(part.form)
        value = number(cell.text)
        if value is not None:
            add_figure(part, add_row(part, label, key, 0, "", "total"), "得分", Quantity(value, "分"), cell)


def _pairs_row(part: Part, row: TableRow) -> None:
    """Names of columns and their values in turn: all such rows of a table tell of its funds as a whole."""
    pairs = value_pairs(row.cells, part.form)
    made = next((known for known in part.rows if known.block == "funds"), None)
    if made is None:
        line = next(known for known in part.form.lines if known.block == "funds" and known.part_of == _total(part.form))
        label = replace(pairs[0][0], text=line.zh)
        made = add_row(part, label, line.zh, 1, line.part_of, "funds")
    add_values(part, made, Laid(pairs, (), frozenset()))


def _funds_row(part: Part, row: TableRow) -> None:
    position, line = _named_line(row.cells, part.form)
    if position is None:
        position = _under_name(row)
    if position is None:
        position = _name_before_values(row.cells)
    if position is None:
        part.text.extend(row.cells)
        return
    label, cells = row.cells[position], row.cells[position + 1 :]
    key = line.zh if line else safe(_NUMBERING.sub("", tidy(label.text)))
    level, parent = _place_in_funds(part, label, line)
    made = add_row(part, label, key, level, parent, "funds")
    laid = lay(cells, _past(row.over, label))
    add_values(part, made, laid)
    _add_points_of_heading(part, made, laid)


def _add_points_of_heading(part: Part, row: FormRow, laid: Laid) -> None:
    """The points for execution where no column prints them, only the heading of the score: 得分（20分*执行率）."""
    scored = next(((cell, h) for cell, h in laid.pairs if h.column == "得分" and shape(cell.text) != "dash"), None)
    if scored is None or scored[1].full_marks is None or any(h.column == "分值" for _, h in laid.pairs):
        return
    points = points_stated(scored[1].full_marks.text)
    if points is not None:
        add_figure(part, row, "分值", Quantity(points, "分"), scored[1].full_marks)


def _under_name(row: TableRow) -> int | None:
    """The cell under the heading of names (任务名称), where the header has one."""
    heading = next((h for h in row.over if h.kind == "label"), None)
    for position, cell in enumerate(row.cells):
        if heading and heading.start <= cell.column <= heading.stop and shape(cell.text) == "text":
            return position
    return None


def _name_before_values(cells: Sequence[Cell]) -> int | None:
    shapes = [shape(cell.text) for cell in cells]
    values = [i for i, found in enumerate(shapes) if found in ("number", "percent")]
    return max((i for i, found in enumerate(shapes) if values and found == "text" and i < values[0]), default=None)


def _place_in_funds(part: Part, label: Cell, line: FormLine | None) -> tuple[int, str]:
    """Level and parent of a row of the funds block.

    A source of money that the vocabulary does not know is one more part of the total, unless it is printed as one of the
    row above ("其中"). On P01 the total is divided by kind of expenditure, so that other rows divide it once more.
    """
    total = next(known for known in part.form.lines if known.block == "funds" and known.part_of == _total(part.form))
    if line:
        return (1 if line is total else 2), line.part_of
    above = part.rows[-1] if part.rows else None
    if above and above.block == "funds" and above.level >= 2 and _AMONG.match(tidy(label.text)):
        return 3, above.row_key
    kinds = {known.zh for known in part.form.lines if known.part_of == total.zh}
    divided = part.form.id == "P01" and any(row.row_key in kinds for row in part.rows)
    return 2, "" if divided else total.zh


def _total(form: Form) -> str:
    return next(line.zh for line in form.lines if line.block == "total")


def _past(over: Sequence[Heading], label: Cell) -> tuple[Heading, ...]:
    return tuple(heading for heading in over if heading.kind not in ("other", "label") or heading.start > label.column)


def _indicator_row(part: Part, row: TableRow) -> None:
    laid = lay(row.cells, row.over)
    label = laid.under("label") or _merged_over(part.label, row) or _deepest(laid)
    scored = any(h.kind in ("score", "measure") and shape(c.text) != "dash" for c, h in laid.pairs)
    if label is None or not scored:
        _leave(part, row.cells, label)
        return
    part.label = label
    parent = "" if core(label.text) in SUBTOTALS else _total(part.form)
    made = add_row(part, label, safe(label.text), 1, parent, "indicator")
    if parent:
        part.indicators.append((made, laid))
    if may_be_shifted(laid):
        part.suspects.append((made, laid))
    else:
        add_values(part, made, laid)


def _merged_over(label: Cell | None, row: TableRow) -> Cell | None:
    """The name printed above when its cell reaches down over this row."""
    first = row.cells[0]
    if label and label.place.page == first.place.page and label.row < first.row < label.row + label.row_span:
        return label
    return None


def _deepest(laid: Laid) -> Cell | None:
    levels = [cell for cell, heading in laid.pairs if heading.kind == "level"]
    return levels[-1] if levels else None


def _leave(part: Part, cells: Sequence[Cell], label: Cell | None) -> None:
    """Cells of a row that is no row of indicators: words go to the narrative, bare numbers are doubts."""
    for cell in cells:
        if shape(cell.text) in ("number", "percent"):
            why = "这一行没有指标名称", "its row names no indicator"
            leave_out(part, label.text if label else "", cell, why)
        else:
            part.text.append(cell)


def _summary_row(part: Part, row: TableRow) -> None:
    laid = lay(row.cells, row.over)
    label = laid.under("label")
    if label is None:
        _leave(part, row.cells, None)
        return
    key = safe(_PROJECT.sub("", tidy(label.text)))
    made = add_row(part, label, key, 1, _total(part.form), "")
    add_values(part, made, laid)


def _total_row(part: Part, row: TableRow) -> None:
    label = next(cell for cell in row.cells if shape(cell.text) == "text")
    cells = row.cells[row.cells.index(label) + 1 :]
    over = tuple(h for h in row.over if h.kind in ("score", "amount", "percent", "remark"))
    made = add_row(part, label, _total(part.form), 0, "", "total")
    if over:
        add_values(part, made, lay(cells, over))
    else:
        for cell in cells:
            if shape(cell.text) in ("number", "percent"):
                leave_out(part, made, cell, ("总分之前没有栏目标题", "no headings stand above this total"))


def _named_line(cells: Sequence[Cell], form: Form) -> tuple[int | None, FormLine | None]:
    for position, cell in enumerate(cells):
        if shape(cell.text) != "text":
            return None, None
        name = core(_NUMBERING.sub("", tidy(cell.text)))
        for line in form.lines:
            if line.block == "funds" and name in {core(known) for known in (line.zh, *line.also)}:
                return position, line
    return None, None
