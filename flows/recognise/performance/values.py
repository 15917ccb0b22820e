"""The values of one laid row → figures; a value whose column or meaning cannot be told is left out and named."""

from __future__ import annotations

import re
from dataclasses import replace

from flows.read.document import Cell
from flows.recognise.disclosure import RATIO, FormRow
from flows.recognise.performance.cells import Quantity, has_digit, number, quantity, shape, tidy, wordless
from flows.recognise.performance.columns import Heading, Laid, amount_unit
from flows.recognise.performance.part import DEFAULT_UNIT, Part, add_figure, leave_out
from flows.recognise.performance.rates import is_ratio

_SENTENCE = re.compile(r"[，。；,;]")


def add_values(part: Part, row: FormRow, laid: Laid) -> None:
    if laid.shift:
        part.shifted.append((row, laid.shift))
        part.lost += [(row, h.column) for h in laid.empty if h.kind in ("amount", "percent", "score")]
    types = {column.zh: column.type for column in part.form.columns}
    label = laid.under("label")
    for cell, heading in laid.pairs:
        if heading.kind == "remark" or (heading.kind == "measure" and _SENTENCE.search(cell.text)):
            part.text.append(cell)
        if heading.column not in types or heading.kind not in ("amount", "percent", "score", "measure"):
            counts = label is None or cell.column > label.column  # numbers before the label number the rows
            if heading.kind == "other" and counts and shape(cell.text) in ("number", "percent"):
                leave_out(part, row, cell, ("栏目名称不在词汇表中", "its heading is not in the vocabulary"))
            continue
        if id(cell) in laid.doubtful and _value(cell, heading, laid, ""):
            leave_out(part, row, cell, ("无法判断属于哪一栏", "it cannot be decided under which heading it belongs"))
            continue
        if heading.kind == "percent" and 0 < (number(cell.text) or 0) <= 1:
            part.rates.append((row, laid, cell, heading))
            continue
        value = _value(cell, heading, laid, part.table.unit or DEFAULT_UNIT)
        if value:
            add_figure(part, row, heading.column, value, cell)
        elif heading.kind != "measure" and has_digit(cell.text):
            leave_out(part, row, cell, ("不是一个数字，无法取值", "it is not one number"), heading.column)
    for cell in laid.left:
        if shape(cell.text) in ("number", "percent", "quantity", "several"):
            leave_out(part, row, cell, ("不在任何一栏之下", "it stands under no heading"))
        else:
            part.text.append(cell)


def add_rates(part: Part) -> None:
    """Give each rate from 0 to 1 without a percent sign its meaning: its own row decides, else the rest of the table.

    A ratio keeps its printed value and is said to be one; what nothing decides is a doubt.
    """
    told = [is_ratio(cell, laid) for _, laid, cell, _ in part.rates]
    elsewhere = {decided for decided in told if decided is not None}
    for (row, _, cell, heading), decided in zip(part.rates, told, strict=True):
        if decided is None and len(elsewhere) == 1:
            (decided,) = elsewhere
        value = number(cell.text)
        if decided is None or value is None:
            why = "没有百分号，可能是比率也可能是百分数", "without a percent sign it may be a ratio or a percentage"
            leave_out(part, row, cell, why, heading.column)
        else:
            add_figure(part, row, heading.column, Quantity(value, RATIO if decided else "%"), cell)


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
