"""Rows of performance tables that a page break cut in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.read.document import Cell
from flows.recognise.performance.cells import shape
from flows.recognise.performance.columns import Heading, Laid, lay

_VALUES = ("amount", "percent", "score")


def rejoined(last: Sequence[Cell], first: Sequence[Cell], over: Sequence[Heading]) -> tuple[Cell, ...]:
    """The row of which `last` ends one page and `first` begins the next; empty when these are two rows.

    Of a cut row, one part holds the values. Where the first does, the second goes on with words alone; where the second
    does, the first has none, and only one of the two has the name. Cells are told by where they are printed, so that rows
    without such places are never cut.
    """
    if any(cell.place.bbox is None for cell in (*last, *first)):
        return ()
    above, below = lay(last, over), lay(first, over)
    if _is_rest(above, first):
        return _joined(last, first, above.under("label"))
    return _joined(last, first, None) if _is_completed(above, below) else ()


def _is_rest(above: Laid, first: Sequence[Cell]) -> bool:
    """Words alone, at least one of which goes on below a cell of the row above: a name with values in words is no rest."""
    if not _has_values(above) or any(shape(cell.text) != "text" for cell in first):
        return False
    words = [cell for cell, heading in above.pairs if shape(cell.text) == "text"]
    return len(first) < 3 or all(any(_overlap(cell, word) for word in words) for cell in first)


def _is_completed(above: Laid, below: Laid) -> bool:
    if _has_values(above) or not _has_values(below):
        return False
    return above.under("label") is not None and below.under("label") is None


def _has_values(laid: Laid) -> bool:
    return any(heading.kind in _VALUES and shape(cell.text) == "number" for cell, heading in laid.pairs)


def _joined(last: Sequence[Cell], first: Sequence[Cell], label: Cell | None) -> tuple[Cell, ...]:
    """The cells of both parts, one where they stand below each other, in the order of the columns.

    With `label`, words left of it are the rest of a level merged over several rows, which is none of this row's business.
    """
    cells = list(last)
    for cell in first:
        position = next((i for i, before in enumerate(cells) if _overlap(before, cell)), None)
        if position is not None:
            cells[position] = replace(cells[position], text=f"{cells[position].text}\n{cell.text}")
        elif label is None or _left(cell) > _left(label):
            cells.append(replace(cell, row=last[0].row))
    return tuple(sorted(cells, key=lambda cell: (cell.column, _left(cell))))


def _overlap(one: Cell, other: Cell) -> bool:
    a, b = one.place.bbox, other.place.bbox
    return a is not None and b is not None and min(a[2], b[2]) > max(a[0], b[0])


def _left(cell: Cell) -> float:
    return cell.place.bbox[0] if cell.place.bbox else 0.0
