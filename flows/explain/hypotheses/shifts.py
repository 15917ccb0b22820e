"""A column whose amounts stand a row too high or too low against its labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case, Guess
from flows.explain.hypotheses.context import is_claim, value_in
from flows.explain.hypotheses.sentences import number, said

SHIFTS = (1, -1, 2, -2)
ALIKE = 2
"""Other rows that must show the same shift: one alone is a copy of the next cell."""

AROUND = 4
"""Rows up and down among which they are looked for."""


def shifted(case: Case) -> Iterator[Guess]:
    """The figure, and others of its column, are those of the next row, as another form has them by its labels."""
    figure = case.figure
    if is_claim(figure) or not case.printed or figure.id not in case.context.printed:
        return
    cells = case.context.cells.get((figure.form, figure.part), ())
    column = sorted((one for one in cells if one.column == figure.column), key=lambda one: one.order)
    at = next(i for i, one in enumerate(column) if one.id == figure.id)
    for reference in _references(case):
        for by in SHIFTS:
            moved = [i for i in range(max(0, at - AROUND), at + AROUND + 1) if _stands(column, reference, i, by)]
            if at in moved and len({column[i].value for i in moved}) > ALIKE:
                facts = {"printed": number(case.printed, figure.ulp), "right": number(case.repair, figure.ulp)}
                own = column[at + by].label
                sentence = said("shifted_row", label=own, count=str(len(moved)), by=str(abs(by)), **facts)
                yield Guess("shifted_row", case.repair, sentence, 1)
                return


def _references(case: Case) -> Iterator[Mapping[str, Decimal]]:
    """The columns of other forms, by row, that have in the figure's row a value that the identities allow."""
    figure = case.figure
    for one in case.context.by_row.get(figure.row_key, ()):
        value = value_in(one, figure.unit)
        if one.form != figure.form and value is not None and case.allows(value):
            cells = case.context.cells[one.form, one.part]
            amounts = ((other.row_key, value_in(other, figure.unit)) for other in cells if other.column == one.column)
            yield {key: amount for key, amount in amounts if amount is not None}


def _stands(column: list[Printed], reference: Mapping[str, Decimal], i: int, by: int) -> bool:
    """Whether the amount of row `i` is that of the row `by` further down, and not its own."""
    if not (0 <= i < len(column) and 0 <= i + by < len(column)):
        return False
    value = column[i].value
    return bool(value) and reference.get(column[i + by].row_key) == value != reference.get(column[i].row_key)
