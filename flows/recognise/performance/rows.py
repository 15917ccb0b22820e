"""The rows of one performance table → form rows and figures; what cannot be placed is kept as a doubt."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from expectations.vocabulary import Form, FormLine, plain
from flows.read.document import Cell, Place
from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.performance.cells import Quantity, number, quantity, shape, tidy, wordless
from flows.recognise.performance.columns import SUBTOTALS, Heading, Laid, amount_unit, core, lay, points_stated
from flows.recognise.performance.tables import PerformanceTable, TableRow

DEFAULT_UNIT = "万元"
"""The ministry's templates are in 万元; a table that states no unit follows them."""

_AMONG = re.compile(r"^其中\s*[:：]?")
_NUMBERING = re.compile(r"^(?:其中\s*[:：]?|[（(]?[一二三四五六七八九十\d]+[）)、.．]\s*)+")
_PROJECT = re.compile(
    r"^\s*(?:项目\s*[\d一二三四五六七八九十]+\s*[:：.、]|[（(]?\d+[）)、.．]|[（(]?[一二三四五六七八九十]+[）)、])\s*"
)
_SENTENCE = re.compile(r"[，。；,;]")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A printed value that was left out: where it stands and why, in Chinese and English."""

    form: str
    part: str
    label: str
    raw: str
    place: Place
    reason: dict[str, str]


@dataclass(slots=True)
class Part:
    """What one table yields while it is read."""

    table: PerformanceTable
    form: Form
    part: str
    rows: list[FormRow] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    text: list[Cell] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    keys: dict[Hashable, int] = field(default_factory=dict)
    label: Cell | None = None
    """The last indicator's name, in case it is merged over the next row too."""


def read_rows(part: Part) -> Part:
    """Fill `part` with the rows, figures, running text and doubts of its table."""
    readers = {"funds": _funds_row, "indicator": _indicator_row, "summary": _summary_row, "total": _total_row}
    for row in part.table.rows:
        if row.block in readers:
            readers[row.block](part, row)
        elif row.block in ("goals", "note"):
            part.text.extend(row.cells)
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


def _funds_row(part: Part, row: TableRow) -> None:
    position, line = _named_line(row.cells, part.form)
    if position is None:
        position = _name_before_values(row.cells)
    if position is None:
        part.text.extend(row.cells)
        return
    label, cells = row.cells[position], row.cells[position + 1 :]
    key = line.zh if line else _safe(_NUMBERING.sub("", tidy(label.text)))
    level, parent = _place_in_funds(part, label, line)
    made = _add_row(part, label, key, level, parent, "funds")
    laid = lay(cells, _past(row.over, label))
    _add_values(part, made, laid)
    _add_points_of_heading(part, made, laid)


def _add_points_of_heading(part: Part, row: FormRow, laid: Laid) -> None:
    """The points for execution where no column prints them, only the heading of the score: 得分（20分*执行率）."""
    scored = next(((cell, h) for cell, h in laid.pairs if h.column == "得分" and shape(cell.text) != "dash"), None)
    if scored is None or scored[1].full_marks is None or any(h.column == "分值" for _, h in laid.pairs):
        return
    points = points_stated(scored[1].full_marks.text)
    if points is not None:
        _add_figure(part, row, "分值", Quantity(points, "分"), scored[1].full_marks)


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
    return tuple(heading for heading in over if heading.kind != "other" or heading.start > label.column)


def _indicator_row(part: Part, row: TableRow) -> None:
    laid = lay(row.cells, row.over)
    label = laid.under("label") or _merged_over(part.label, row) or _deepest(laid)
    scored = any(h.kind in ("score", "measure") and shape(c.text) != "dash" for c, h in laid.pairs)
    if label is None or not scored:
        _leave(part, row.cells, label)
        return
    part.label = label
    parent = "" if core(label.text) in SUBTOTALS else _total(part.form)
    made = _add_row(part, label, _safe(label.text), 1, parent, "indicator")
    _add_values(part, made, laid)


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
            _doubt(part, label.text if label else "", cell, "这一行没有指标名称", "its row names no indicator")
        else:
            part.text.append(cell)


def _summary_row(part: Part, row: TableRow) -> None:
    laid = lay(row.cells, row.over)
    label = laid.under("label")
    if label is None:
        _leave(part, row.cells, None)
        return
    key = _safe(_PROJECT.sub("", tidy(label.text)))
    made = _add_row(part, label, key, 1, _total(part.form), "")
    _add_values(part, made, laid)


def _total_row(part: Part, row: TableRow) -> None:
    label = next(cell for cell in row.cells if shape(cell.text) == "text")
    cells = row.cells[row.cells.index(label) + 1 :]
    over = tuple(h for h in row.over if h.kind in ("score", "amount", "percent", "remark"))
    made = _add_row(part, label, _total(part.form), 0, "", "total")
    if over:
        _add_values(part, made, lay(cells, over))
    else:
        for cell in cells:
            if shape(cell.text) in ("number", "percent"):
                _doubt(part, label.text, cell, "总分之前没有栏目标题", "no headings stand above this total")


def _named_line(cells: Sequence[Cell], form: Form) -> tuple[int | None, FormLine | None]:
    for position, cell in enumerate(cells):
        if shape(cell.text) != "text":
            return None, None
        name = core(_NUMBERING.sub("", tidy(cell.text)))
        for line in form.lines:
            if line.block == "funds" and name in {core(known) for known in (line.zh, *line.also)}:
                return position, line
    return None, None


# What a row yields


def _add_row(part: Part, label: Cell, key: str, level: int, parent: str, block: str) -> FormRow:
    made = FormRow(
        form=part.form.id,
        part=part.part,
        row_key=numbered(key, key, part.keys),
        code="",
        label=wordless(label.text),
        level=level,
        parent_key=parent,
        position=len(part.rows),
        place=label.place,
        block=block,
    )
    part.rows.append(made)
    return made


def _add_values(part: Part, row: FormRow, laid: Laid) -> None:
    types = {column.zh: column.type for column in part.form.columns}
    label = laid.under("label")
    for cell, heading in laid.pairs:
        if heading.kind == "remark" or (heading.kind == "measure" and _SENTENCE.search(cell.text)):
            part.text.append(cell)
        if heading.column not in types or heading.kind not in ("amount", "percent", "score", "measure"):
            counts = label is None or cell.column > label.column  # numbers before the label number the rows
            if heading.kind == "other" and counts and shape(cell.text) in ("number", "percent"):
                _doubt(part, row.label, cell, "栏目名称不在词汇表中", "its heading is not in the vocabulary")
            continue
        if id(cell) in laid.doubtful and _value(cell, heading, laid, ""):
            _doubt(part, row.label, cell, "无法判断属于哪一栏", "it cannot be decided under which heading it belongs")
            continue
        if heading.kind == "percent" and 0 < (number(cell.text) or 0) <= 1:
            _doubt(
                part,
                row.label,
                cell,
                "没有百分号，可能是比率也可能是百分数",
                "without a percent sign it may be a ratio or a percentage",
            )
            continue
        value = _value(cell, heading, laid, part.table.unit or DEFAULT_UNIT)
        if value:
            _add_figure(part, row, heading.column, value, cell)
    for cell in laid.left:
        if shape(cell.text) in ("number", "percent", "quantity"):
            _doubt(part, row.label, cell, "不在任何一栏之下", "it stands under no heading")
        else:
            part.text.append(cell)


def _value(cell: Cell, heading: Heading, laid: Laid, unit: str) -> Quantity | None:
    if shape(cell.text) == "dash":
        return None
    if heading.kind == "measure":
        return _measure(cell, laid)
    plain_value = number(cell.text)
    if heading.kind == "percent":
        return Quantity(plain_value, "%") if plain_value is not None else quantity(cell.text)
    units = {"amount": unit, "score": "分"}
    if plain_value is not None:
        return Quantity(plain_value, units[heading.kind])
    own = amount_unit(cell.text, heading.kind)
    found = quantity(cell.text)
    return Quantity(found.value, own) if found and own else None


def _measure(cell: Cell, laid: Laid) -> Quantity | None:
    """The quantity of a target or an achievement; its unit and bound may stand in columns of their own."""
    found = quantity(cell.text)
    if found is None:
        return None
    unit, sign = laid.under("unit"), laid.under("sign")
    if not found.unit and unit is not None and shape(unit.text) == "text":
        found = replace(found, unit=wordless(unit.text))
    if not found.relation and sign is not None and _first_measure(laid) is cell:
        bound = quantity(tidy(sign.text) + "1")
        found = replace(found, relation=bound.relation if bound else "")
    return found


def _first_measure(laid: Laid) -> Cell | None:
    return laid.under("measure")


def _add_figure(part: Part, row: FormRow, column: str, value: Quantity, cell: Cell) -> None:
    within = f"{part.form.id}({part.part})" if part.part else part.form.id
    part.figures.append(
        Figure(
            id=f"{within}/{row.row_key}/{column}",
            form=part.form.id,
            part=part.part,
            row_key=row.row_key,
            column=column,
            value=value.value,
            unit=value.unit,
            ulp=value.ulp,
            raw=cell.text,
            place=cell.place,
            relation=value.relation,
        )
    )


def _doubt(part: Part, label: str, cell: Cell, zh: str, en: str) -> None:
    reason = {"zh": f"“{tidy(cell.text)}”{zh}", "en": f'"{tidy(cell.text)}": {en}'}
    part.doubts.append(Doubt(part.form.id, part.part, wordless(label), cell.text, cell.place, reason))


def numbered(name: str, key: Hashable, seen: dict[Hashable, int]) -> str:
    """`name`, or "name#2" and so on from the second time that `key` is met."""
    seen[key] = seen.get(key, 0) + 1
    return name if seen[key] == 1 else f"{name}#{seen[key]}"


def _safe(label: str) -> str:
    """A label as part of a figure's id: without white space and quotes, the slash (which divides ids) full-width."""
    return plain(wordless(label)).replace("/", "／")
