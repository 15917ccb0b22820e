"""How a suspected figure may have come to read as it does: each hypothesis tested against the figures, the likeliest first.

`context` is what may be looked at, `case` the figure and the values that it may have, and each family of slips a module: `digits`,
`units`, `rounding`, `copies`, `bases` (with `kin`), `totals`, `shifts`, `residue`. `ranking` says which is likelier, and `sentences` says it. A hypothesis is given only where it leads to a value that all
identities allow within rounding, and only where that is no accident; "recomputed" says no more than what the other figures give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from flows.explain.diagnosis import Hypothesis, Printed
from flows.explain.hypotheses.bases import bases, differences
from flows.explain.hypotheses.case import Case, Guess
from flows.explain.hypotheses.context import Context, Said, Tie
from flows.explain.hypotheses.copies import elsewhere, last_year, neighbours
from flows.explain.hypotheses.digits import digits
from flows.explain.hypotheses.ranking import ranked
from flows.explain.hypotheses.residue import recomputed, residue
from flows.explain.hypotheses.rounding import truncated
from flows.explain.hypotheses.shifts import shifted
from flows.explain.hypotheses.totals import lines, missing_rows, stale_totals, subtotals
from flows.explain.hypotheses.units import points, signs, units

__all__ = ["Context", "Said", "Tie", "hypotheses"]

FAMILIES: tuple[Callable[[Case], Iterable[Guess]], ...] = (
    digits, units, points, signs, truncated, neighbours, elsewhere, last_year, bases, differences,
    lines, missing_rows, subtotals, stale_totals, shifted, residue, recomputed,
)  # fmt: skip


def hypotheses(
    figure: Printed, least: Decimal | None, most: Decimal | None, repair: Decimal, context: Context
) -> tuple[Hypothesis, ...]:
    """Every hypothesis that explains `figure`, likeliest first; `least`, `most` (None: open) and `repair` in its own unit."""
    case = Case(figure, least, most, repair, context)
    return ranked(case, (guess for family in FAMILIES for guess in family(case)))
