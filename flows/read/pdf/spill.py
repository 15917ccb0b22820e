"""Text too tall for its cell: lines that spill over into the cell above or below are given back.

A spreadsheet prints what does not fit. Such a line lies across the border, and off the line on which its new row's texts stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flows.read.pdf.cells import Lattice, Region
from flows.read.pdf.glyphs import Glyph
from flows.read.pdf.textlines import bounds, printed_lines

ACROSS = 0.12
"""A line lies across a border when at least this share of its height is on the other side."""


class _Row(NamedTuple):
    """One printed line of a cell."""

    glyphs: list[Glyph]
    top: float
    bottom: float
    baseline: float

    @property
    def size(self) -> float:
        return self.bottom - self.top


_Placed = tuple[_Row, Region]


def give_back(lattice: Lattice, inside: dict[Region, list[Glyph]]) -> None:
    """Every line in `inside` (changed in place) belongs to the cell that it was set in."""
    suspects = {region for region, glyphs in inside.items() if _reaches_over(region, glyphs)}
    columns = {region.column for region in suspects}
    if not columns:
        return
    lines = {region: _rows(glyphs) for region, glyphs in inside.items()}
    usual: dict[int, list[float]] = {}
    for region, rows in lines.items():
        if len(rows) == 1 and region.row_span == 1 and region not in suspects:
            usual.setdefault(region.row, []).append(rows[0].baseline)
    for column in sorted(columns):
        stack = [
            (row, region)
            for region in sorted(lines, key=lambda region: region.row)
            if region.column == column
            for row in lines[region]
        ]
        for text in _texts(stack, usual):
            home = _home(text, lattice)
            for row, region in text:
                if home is not None and home is not region:
                    inside[home] = [*inside.get(home, []), *row.glyphs]
                    inside[region] = [glyph for glyph in inside[region] if glyph not in row.glyphs]
                    if not inside[region]:
                        del inside[region]


def _texts(stack: Sequence[_Placed], usual: dict[int, list[float]]) -> list[list[_Placed]]:
    """Lines of one column that wrap on from cell to cell: each off the line of its row's other texts and close below the
    line before. The middle line of a text set in the middle of its row stands on that line.
    """
    found: list[list[_Placed]] = []
    off = [bool(usual.get(region.row)) and _is_off(row, usual[region.row]) for row, region in stack]
    index = 0
    while index < len(stack):
        text = [stack[index]]
        while off[index] and index + 1 < len(stack) and _close(stack[index], stack[index + 1]):
            if not off[index + 1]:
                if not (index + 2 < len(stack) and off[index + 2] and _close(stack[index + 1], stack[index + 2])):
                    break
                text.append(stack[index + 1])
                index += 1
            text.append(stack[index + 1])
            index += 1
        if len(text) > 1 and any(region is not text[0][1] for _, region in text):
            found.append(text)
        index += 1
    return found


def _close(upper: _Placed, lower: _Placed) -> bool:
    return lower[0].baseline - upper[0].baseline < 1.75 * upper[0].size


def _rows(glyphs: Sequence[Glyph]) -> list[_Row]:
    rows = []
    for line in printed_lines(glyphs):
        _, top, _, bottom = bounds(line.glyphs)
        rows.append(_Row(list(line.glyphs), top, bottom, line.glyphs[0].baseline))
    return rows or [_Row(list(glyphs), 0.0, 0.0, 0.0)]


def _reaches_over(region: Region, glyphs: Sequence[Glyph]) -> bool:
    _, top, _, bottom = region.box
    return any(
        top - glyph.top > ACROSS * (glyph.bottom - glyph.top)
        or glyph.bottom - bottom > ACROSS * (glyph.bottom - glyph.top)
        for glyph in glyphs
    )


def _is_off(row: _Row, stands: Sequence[float]) -> bool:
    """Whether the line stands on none of the lines on which the row's other texts do."""
    return all(abs(row.baseline - baseline) > 0.25 * row.size for baseline in stands)


def _home(text: Sequence[_Placed], lattice: Lattice) -> Region | None:
    """The cell in whose height the middle of a text lies that is taller than its cell."""
    first, last = text[0][0], text[-1][0]
    x = (first.glyphs[0].x0 + first.glyphs[-1].x1) / 2
    return lattice.region_at(x, (first.top + last.bottom) / 2 - ACROSS * first.size)
