"""Recognises the tables of the performance self-evaluation (绩效自评) as rows and figures.

P01 整体支出 (one a filing), P02 项目支出 (one a project), P03 the summary with a row a project. Printed values are never
altered; a value whose column cannot be told from its neighbour's is left out and named as a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from expectations.vocabulary import Form, FormLine, Vocabulary, plain
from flows.read.document import Cell, Document, Line, Place
from flows.recognise.disclosure import Figure, FormReading, FormRow
from flows.recognise.performance_cells import (
    Quantity,
    has_digit,
    number,
    quantity,
    shape,
    tidy,
    without_markup,
    wordless,
)
from flows.recognise.performance_columns import Heading, Laid, amount_unit, lay
from flows.recognise.performance_tables import PerformanceTable, TableRow, performance_tables

FORMS = ("P01", "P02", "P03")
DEFAULT_UNIT = "万元"
"""The ministry's templates are in 万元; a table that states no unit follows them."""

_NUMBERING = re.compile(r"^(?:其中\s*[:：]?|[（(]?[一二三四五六七八九十\d]+[）)、.．]\s*)+")
_PROJECT = re.compile(
    r"^\s*(?:项目\s*[\d一二三四五六七八九十]+\s*[:：.、]|[（(]?\d+[）)、.．]|[（(]?[一二三四五六七八九十]+[）)、])\s*"
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A printed value that was left out: where it stands and why, in Chinese and English."""

    form: str
    part: str
    label: str
    raw: str
    place: Place
    reason: dict[str, str]


@dataclass(frozen=True)
class PerformanceReading:
    """All performance tables of one document.

    `forms` holds one reading for each of P01, P02 and P03. `grids`: id() of every grid these tables took. `text_cells`:
    cells of running text that contain numbers (goals, reasons for deviations), for the narrative. `doubts`: values left
    out; `unplaced` the same as (text, place), in the shape of `Reading.unplaced`.
    """

    rows: tuple[FormRow, ...]
    figures: tuple[Figure, ...]
    forms: tuple[FormReading, ...]
    grids: frozenset[int]
    text_cells: tuple[Line, ...]
    doubts: tuple[Doubt, ...] = ()

    @property
    def unplaced(self) -> tuple[tuple[str, Place], ...]:
        return tuple((doubt.raw, doubt.place) for doubt in self.doubts)


@dataclass(slots=True)
class _Part:
    """What one table yields while it is read."""

    table: PerformanceTable
    form: Form
    part: str
    rows: list[FormRow] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    text: list[Cell] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)


def recognise_performance(document: Document, vocabulary: Vocabulary) -> PerformanceReading:
    """The rows and figures of every performance table of `document`."""
    tables = performance_tables(document, vocabulary)
    parts: list[_Part] = []
    names: dict[tuple[str, str], int] = {}
    for table in tables:
        name = wordless(table.project).replace("/", "／")
        part = _numbered(name, (table.form, name), names)
        parts.append(_read(_Part(table, vocabulary.forms[table.form], part)))
    text = [cell for part in parts for cell in part.text if has_digit(cell.text)]
    return PerformanceReading(
        rows=tuple(row for part in parts for row in part.rows),
        figures=tuple(figure for part in parts for figure in part.figures),
        forms=tuple(_form_reading(form, [part for part in parts if part.table.form == form]) for form in FORMS),
        grids=frozenset(grid for table in tables for grid in table.grids),
        text_cells=tuple(Line(without_markup(cell.text), cell.place) for cell in text),
        doubts=tuple(doubt for part in parts for doubt in part.doubts),
    )


def _numbered(name: str, key: object, seen: dict) -> str:
    seen[key] = seen.get(key, 0) + 1
    return name if seen[key] == 1 else f"{name}#{seen[key]}"


def _safe(label: str) -> str:
    """A label as part of a figure's id: without white space and quotes, the slash (which divides ids) full-width."""
    return plain(wordless(label)).replace("/", "／")


def _form_reading(form: str, parts: Sequence[_Part]) -> FormReading:
    if not parts:
        return FormReading(form, "", (), "missing")
    pages = {_page(part.table.place) for part in parts}
    pages |= {row.place.page for part in parts for row in part.rows if row.place.page and row.place.line is None}
    status = "read" if any(part.figures for part in parts) else "blank"
    reason = None
    if status == "blank" and any(part.doubts for part in parts):
        status = "unreadable"
        reason = {"zh": "表中数字无法对应到栏目", "en": "the numbers of the table could not be assigned to its columns"}
    title = next((part.table.title for part in parts if part.table.title), "")
    unit = next((part.table.unit for part in parts if part.table.unit), DEFAULT_UNIT)
    return FormReading(form, title, tuple(sorted(pages)), status, unit, "", reason)


def _page(place: Place) -> int:
    return place.line or place.page or 0


def _read(part: _Part) -> _Part:
    readers = {"funds": _funds_row, "indicator": _indicator_row, "summary": _summary_row, "total": _total_row}
    for row in part.table.rows:
        if row.block in readers:
            readers[row.block](part, row)
        elif row.block in ("goals", "note"):
            part.text.extend(row.cells)
    ulps = [figure.ulp for figure in part.figures if _is_amount(part.form, figure.column)]
    shared = min(ulps, default=Decimal(1))
    part.figures = [replace(f, ulp=shared) if _is_amount(part.form, f.column) else f for f in part.figures]
    return part


def _is_amount(form: Form, column: str) -> bool:
    return any(known.zh == column and known.type == "amount" for known in form.columns)


# Rows of each block


def _funds_row(part: _Part, row: TableRow) -> None:
    position, line = _named_line(row.cells, part.form)
    if position is None:
        words = [i for i, cell in enumerate(row.cells) if shape(cell.text) == "text"]
        values = [i for i, cell in enumerate(row.cells) if shape(cell.text) in ("number", "percent")]
        position = max((i for i in words if not values or i < values[0]), default=None)
        if position is None or not values:
            part.text.extend(row.cells)
            return
    label, cells = row.cells[position], row.cells[position + 1 :]
    total = _line(part.form, "年度资金总额")
    parent = line.part_of if line else total.zh
    key = line.zh if line else _safe(_NUMBERING.sub("", tidy(label.text)))
    made = _add_row(part, row, label, key, {"总分": 1}.get(parent, 2), parent, "funds")
    _add_values(part, made, lay(cells, _past(row.over, label)))


def _past(over: Sequence[Heading], label: Cell) -> tuple[Heading, ...]:
    return tuple(heading for heading in over if heading.kind != "other" or heading.start > label.column)


def _indicator_row(part: _Part, row: TableRow) -> None:
    laid = lay(row.cells, row.over)
    label = laid.under("label") or _deepest(laid)
    scored = any(h.kind in ("score", "measure") and shape(c.text) != "dash" for c, h in laid.pairs)
    if label is None or not scored:
        _leave(part, row.cells, label)
        return
    total = next((line.zh for line in part.form.lines if line.block == "total"), "")
    made = _add_row(part, row, label, _safe(label.text), 1, total, "indicator")
    _add_values(part, made, laid)


def _deepest(laid: Laid) -> Cell | None:
    levels = [cell for cell, heading in laid.pairs if heading.kind == "level"]
    return levels[-1] if levels else None


def _leave(part: _Part, cells: Sequence[Cell], label: Cell | None) -> None:
    """Cells of a row that is no row of indicators: words go to the narrative, bare numbers are doubts."""
    for cell in cells:
        if shape(cell.text) in ("number", "percent"):
            _doubt(part, label.text if label else "", cell, "这一行没有指标名称", "its row names no indicator")
        else:
            part.text.append(cell)


def _summary_row(part: _Part, row: TableRow) -> None:
    laid = lay(row.cells, row.over)
    label = laid.under("label")
    if label is None:
        _leave(part, row.cells, None)
        return
    total = next((line.zh for line in part.form.lines if line.block == "total"), "")
    key = _safe(_PROJECT.sub("", tidy(label.text)))
    made = _add_row(part, row, label, key, 1, total, "")
    _add_values(part, made, laid)


def _total_row(part: _Part, row: TableRow) -> None:
    label = next(cell for cell in row.cells if shape(cell.text) == "text")
    line = next(line for line in part.form.lines if line.block == "total")
    cells = row.cells[row.cells.index(label) + 1 :]
    over = tuple(h for h in row.over if h.kind in ("score", "amount", "percent", "remark"))
    made = _add_row(part, row, label, line.zh, 0, "", "total")
    if over:
        _add_values(part, made, lay(cells, over))
    else:
        for cell in cells:
            if shape(cell.text) in ("number", "percent"):
                _doubt(part, label.text, cell, "总分之前没有栏目标题", "no headings stand above this total")


def _named_line(cells: Iterable[Cell], form: Form) -> tuple[int | None, FormLine | None]:
    for position, cell in enumerate(cells):
        if shape(cell.text) != "text":
            return None, None
        name = plain(_NUMBERING.sub("", tidy(cell.text)))
        for line in form.lines:
            if line.block == "funds" and name in {plain(known) for known in (line.zh, *line.also)}:
                return position, line
    return None, None


def _line(form: Form, name: str) -> FormLine:
    return next(line for line in form.lines if line.zh == name)


# What a row yields


def _add_row(part: _Part, row: TableRow, label: Cell, key: str, level: int, parent: str, block: str) -> FormRow:
    made = FormRow(
        form=part.form.id,
        part=part.part,
        row_key=_numbered(key, key, part.keys),
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


def _add_values(part: _Part, row: FormRow, laid: Laid) -> None:
    types = {column.zh: column.type for column in part.form.columns}
    label = laid.under("label")
    for cell, heading in laid.pairs:
        if heading.kind == "remark" or (heading.kind == "measure" and shape(cell.text) == "text"):
            part.text.append(cell)
        if heading.column not in types or heading.kind not in ("amount", "percent", "score", "measure"):
            counts = label is None or cell.column > label.column  # numbers before the label number the rows
            if heading.kind == "other" and counts and shape(cell.text) in ("number", "percent"):
                _doubt(part, row.label, cell, "栏目名称不在词汇表中", "its heading is not in the vocabulary")
            continue
        if id(cell) in laid.doubtful:
            _doubt(part, row.label, cell, "无法判断属于哪一栏", "it cannot be decided under which heading it belongs")
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


def _add_figure(part: _Part, row: FormRow, column: str, value: Quantity, cell: Cell) -> None:
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


def _doubt(part: _Part, label: str, cell: Cell, zh: str, en: str) -> None:
    reason = {"zh": f"“{tidy(cell.text)}”{zh}", "en": f'"{tidy(cell.text)}": {en}'}
    part.doubts.append(Doubt(part.form.id, part.part, wordless(label), cell.text, cell.place, reason))
