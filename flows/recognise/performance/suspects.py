"""Rows of indicators in which the achieved value may be missing and points and score stand one column too far left.

Printed "≥98% | 10 | 10 | (blank)": ten may have been achieved of a target in per cent, which is odd, or nothing is said of it
and the two numbers are points and score. The totals of the table decide where they agree with one reading alone.
"""

from __future__ import annotations

from decimal import Decimal

from flows.read.document import Cell
from flows.recognise.disclosure import FormRow
from flows.recognise.performance.cells import Quantity, number, quantity, shape
from flows.recognise.performance.columns import Laid
from flows.recognise.performance.part import Part, add_figure, leave_out
from flows.recognise.performance.values import add_values

_Sums = tuple[Decimal, Decimal]
"""Points and scores."""


def may_be_shifted(laid: Laid) -> bool:
    """True for a row without a score whose achieved value is a bare number while its target has a unit or is in words."""
    target, achieved, points = _cells(laid)
    if target is None or achieved is None or points is None or laid.under("unit") is not None or laid.shift:
        return False
    aim = quantity(target.text)
    other_kind = aim.unit != "" if aim else shape(target.text) == "text"
    scoreless = any(h.column == "得分" for h in laid.empty)
    return other_kind and scoreless and number(achieved.text) is not None and number(points.text) is not None


def settle_suspects(part: Part, total: str) -> None:
    """Read the rows set aside as printed or as shifted, whichever agrees with the table's totals; else leave their values out."""
    if not part.suspects:
        return
    others = _sum_of_others(part, total)
    stated = _figures(part, total)
    shifted = [(number(a.text), number(p.text)) for _, a, p in (_cells(laid) for _, laid in part.suspects) if a and p]
    as_shifted = (others[0] + sum(a or 0 for a, _ in shifted), others[1] + sum(p or 0 for _, p in shifted))
    as_printed = (others[0] + sum(p or 0 for _, p in shifted), others[1])
    for row, laid in part.suspects:
        if stated == as_shifted != as_printed:
            _add_shifted(part, row, laid)
        elif stated == as_printed != as_shifted:
            add_values(part, row, laid)
        else:
            _, achieved, points = _cells(laid)
            for cell in filter(None, (achieved, points)):
                leave_out(part, row, cell, ("可能错位，无法判断属于哪一栏", "it may be shifted by one column"))


def _add_shifted(part: Part, row: FormRow, laid: Laid) -> None:
    part.shifted.append((row, -1))
    _, achieved, points = _cells(laid)
    rest = tuple((cell, heading) for cell, heading in laid.pairs if cell not in (achieved, points))
    add_values(part, row, Laid(rest, laid.left, laid.doubtful))
    for column, cell in (("分值", achieved), ("得分", points)):
        value = number(cell.text) if cell else None
        if cell is not None and value is not None:
            add_figure(part, row, column, Quantity(value, "分"), cell)


def _cells(laid: Laid) -> tuple[Cell | None, Cell | None, Cell | None]:
    """Target, achieved value and points."""
    by_column = {heading.column: cell for cell, heading in laid.pairs}
    return by_column.get("年度指标值"), by_column.get("实际完成值"), by_column.get("分值")


def _sum_of_others(part: Part, total: str) -> _Sums:
    parts = {row.row_key for row in part.rows if row.parent_key == total}
    points, scores = (
        sum((f.value for f in part.figures if f.column == column and f.row_key in parts), Decimal(0))
        for column in ("分值", "得分")
    )
    return points, scores


def _figures(part: Part, total: str) -> _Sums | None:
    """Points and score of the total row, where both are printed."""
    found = {f.column: f.value for f in part.figures if f.row_key == total}
    return (found["分值"], found["得分"]) if "分值" in found and "得分" in found else None
