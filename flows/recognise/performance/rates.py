"""Whether a rate printed as 0.9 is a ratio (nine tenths) or a percentage (nine tenths of one per cent)."""

from __future__ import annotations

from decimal import Decimal

from flows.read.document import Cell
from flows.recognise.performance.cells import number
from flows.recognise.performance.columns import Laid


def is_ratio(cell: Cell, laid: Laid) -> bool | None:
    """True or False where outturn and budget of the same row agree with one reading alone; None where they cannot tell.

    The two readings are a hundredfold apart, so that a wrong rate is still told from one in another notation: the reading
    must come within a factor of two of what the row computes to.
    """
    rate = number(cell.text)
    budget, outturn = _amount(laid, "全年预算数"), _amount(laid, "全年执行数")
    if not rate or not budget or not outturn:
        return None
    actual = outturn / budget
    if actual / 2 <= rate <= actual * 2:
        return True
    return False if actual / 2 <= rate / 100 <= actual * 2 else None


def _amount(laid: Laid, column: str) -> Decimal | None:
    return next((number(cell.text) for cell, heading in laid.pairs if heading.column == column), None)
