"""Flowing documents (web pages, Word): which of their tables are tables, and which only lay out running text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flows.read.document import Cell, Grid, Line, Place

_RAISED_MARK = re.compile(r"[\d①-⑳*＊†‡注()（）\[\]［］]{1,4}")
_RAISED = re.compile(r"(?<=[0-9０-９.%％])\x02[^\x03]*\x03")
LONG = 80
"""Characters of a cell that holds running text: beside others in a single row it is a column of a page, no table."""


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of a source table, empty or not; `items` is what stands in it, tables within included."""

    row: int
    column: int
    row_span: int
    column_span: int
    place: Place
    items: tuple[Line | Grid, ...]

    @property
    def text(self) -> str:
        """The cell's own text, that of tables within it left out; its lines are joined by line feeds."""
        return "\n".join(item.text for item in self.items if isinstance(item, Line))


def raised(text: str) -> str:
    """Superscript `text`, marked for `settled` where it may be the mark of a footnote."""
    return f"\x02{text}\x03" if _RAISED_MARK.fullmatch(text.strip()) else text


def settled(text: str) -> str:
    """`text` without the footnote marks that stand behind numbers: 12.50 with a raised 1 is not 12.501. Others stay (m²)."""
    return _RAISED.sub("", text).translate({2: None, 3: None}) if "\x02" in text else text


def laid_out(boxes: Sequence[Box], place: Place) -> Iterator[Line | Grid]:
    """A table as a grid, followed by the tables within its cells; a table that only lays out text as that text."""
    if not _is_table(boxes):
        for box in boxes:
            yield from box.items
        return
    # A span may reach beyond the table ("colspan=99" over five columns); no column begins there.
    rows = 1 + max(box.row for box in boxes)
    columns = 1 + max(box.column for box in boxes)
    cells = [
        Cell(
            box.text,
            box.row,
            box.column,
            box.place,
            min(box.row_span, rows - box.row),
            min(box.column_span, columns - box.column),
        )
        for box in boxes
        if box.text
    ]
    yield Grid(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), rows, columns, place)
    for box in boxes:
        yield from (item for item in box.items if isinstance(item, Grid))


def _is_table(boxes: Iterable[Box]) -> bool:
    """True when rows have several cells with text: one such row will do unless it frames tables or running text."""
    filled = [box for box in boxes if box.text]
    full_rows = [row for row, count in Counter(box.row for box in filled).items() if count > 1]
    if len(full_rows) != 1:
        return bool(full_rows)
    frames = any(isinstance(item, Grid) for box in boxes for item in box.items)
    return not frames and all(len(box.text) < LONG for box in filled if box.row == full_rows[0])
