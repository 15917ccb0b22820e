"""Tables wider than a page: the part to the right stands on a page of its own, without codes and labels, row beside row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flows.read.document import Cell, Document, Grid, Line, Page
from flows.recognise.forms.table import is_furniture
from flows.recognise.numbers import is_blank, parse

SAME_HEIGHT = 1.5
"""Two parts of one table begin and end at the same height of their pages, within so many points."""
FARTHEST = 6
"""So many pages at most lie between two parts."""


def put_together(document: Document) -> Document:
    """`document` with such parts set beside the table that they belong to; their cells keep their place."""
    pages = list(document.pages)
    for index, page in enumerate(pages):
        part = _only_grid(page)
        if part is None or not _has_no_labels(part):
            continue
        for before in range(index - 1, max(index - 1 - FARTHEST, -1), -1):
            table = _only_grid(pages[before])
            if table is None or _has_no_labels(table) or not _level(table, part):
                continue
            wide = _beside(table, part)
            if wide is not None:
                said = [item for item in page.items if isinstance(item, Line) and is_furniture(item.text)]
                items = [wide if item is table else item for item in pages[before].items]
                pages[before] = replace(
                    pages[before], items=(*items[: items.index(wide)], *said, *items[items.index(wide) :])
                )
                pages[index] = replace(page, items=())
            break
    return (
        replace(document, pages=tuple(pages))
        if any(a is not b for a, b in zip(pages, document.pages, strict=True))
        else document
    )


def _only_grid(page: Page) -> Grid | None:
    grids = [item for item in page.items if isinstance(item, Grid)]
    return grids[0] if len(grids) == 1 and grids[0].place.bbox else None


def _has_no_labels(grid: Grid) -> bool:
    """True for a table whose rows, but for the headings, hold amounts only."""
    rows: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    body = [row for row in rows.values() if any("." in cell.text and parse(cell.text) for cell in row)]
    return len(body) > 2 and not any(
        parse(cell.text) is None and not is_blank(cell.text) for row in body for cell in row
    )


def _level(table: Grid, part: Grid) -> bool:
    one, other = table.place.bbox, part.place.bbox
    return bool(one and other) and all(abs(one[i] - other[i]) < SAME_HEIGHT for i in (1, 3))  # type: ignore[index]


def _beside(table: Grid, part: Grid) -> Grid | None:
    """Both as one table; None where a row of `part` stands beside none of `table`."""
    middles = _middles(table.cells)
    moved = []
    for cell in part.cells:
        middle = _middle(cell)
        row = min(middles, key=lambda row: abs(middles[row] - middle))
        amount = parse(cell.text) is not None
        if amount and cell.place.bbox and abs(middles[row] - middle) > 0.6 * (cell.place.bbox[3] - cell.place.bbox[1]):
            return None
        moved.append(replace(cell, row=row, column=table.columns + cell.column))
    if len({(cell.row, cell.column) for cell in moved}) < len(moved):
        return None
    cells = tuple(sorted([*table.cells, *moved], key=lambda cell: (cell.row, cell.column)))
    return replace(table, cells=cells, columns=table.columns + part.columns)


def _middles(cells: Sequence[Cell]) -> dict[int, float]:
    """The height at which each row stands: that of its amounts or, without such, of its texts."""
    found: dict[int, list[float]] = {}
    for cell in cells:
        if cell.row_span == 1:
            found.setdefault(cell.row, []).append(_middle(cell))
    return {row: sorted(heights)[len(heights) // 2] for row, heights in found.items()}


def _middle(cell: Cell) -> float:
    box = cell.place.bbox
    return (box[1] + box[3]) / 2 if box else 0.0
