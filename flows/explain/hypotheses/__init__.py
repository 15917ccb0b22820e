"""How a suspected figure may have come to read as it does: each hypothesis tested against the figures, the likeliest first.

`context` is what may be looked at, `case` the figure and the values that it may have, and each family of slips a module: `digits`,
`units`, `rounding`, `copies`, `bases` (with `kin`), `totals`, `shifts`, `residue`. `ranking` says which is likelier, `sentences` says it.
A hypothesis is given only where it leads to a value that all identities allow within rounding, and only where that is no accident;
"recomputed" says no more than what the other figures give.

Which kind answers to which type of error that the proof injects: digits swapped `digits_swapped`, digit dropped `digit_dropped`, digit
doubled `digit_doubled`, sign `sign`, unit ×10,000 `unit`, neighbouring cell `neighbouring_cell` (in the narrative another number of the
passage), copied prior-year figure `previous_year`, wrong base `wrong_base`, truncated `truncated`, missing row `left_out` (the amount of
the row is the difference, if it stands anywhere else), subtotal not updated `total_not_updated` (said of the parts that were changed).
A stale year and a word of direction are no figures: nothing is supposed of them.
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
from flows.explain.hypotheses.totals import totals
from flows.explain.hypotheses.units import points, signs, units

__all__ = ["Context", "Said", "Tie", "hypotheses"]

FAMILIES: tuple[Callable[[Case], Iterable[Guess]], ...] = (
    digits, units, points, signs, truncated, neighbours, elsewhere, last_year, bases, differences,
    totals, shifted, residue, recomputed,
)  # fmt: skip


def hypotheses(
    figure: Printed, least: Decimal | None, most: Decimal | None, repair: Decimal, context: Context
) -> tuple[Hypothesis, ...]:
    """Every hypothesis that explains `figure`, likeliest first; `least`, `most` (None: open) and `repair` in its own unit."""
    case = Case(figure, least, most, repair, context)
    return ranked(case, (guess for family in FAMILIES for guess in family(case)))
