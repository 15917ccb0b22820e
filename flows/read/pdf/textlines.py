"""Characters → printed lines: which stand on one line, in which order, and where a space is really meant.

A character struck twice, slightly shifted, to look bold is kept once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from flows.read.pdf.glyphs import Box, Glyph


class PrintedLine(NamedTuple):
    """Characters that stand on one baseline, from left to right."""

    glyphs: list[Glyph]

    @property
    def box(self) -> Box:
        return bounds(self.glyphs)


def bounds(glyphs: Sequence[Glyph]) -> Box:
    """The smallest box around at least one character."""
    _, x0s, tops, x1s, bottoms, _ = zip(*glyphs, strict=True)
    return min(x0s), min(tops), max(x1s), max(bottoms)


def printed_lines(glyphs: Iterable[Glyph]) -> list[PrintedLine]:
    """Lines from top to bottom; raised and lowered small characters belong to the line that they are set on."""
    rows: list[list[Glyph]] = []
    reach = 0.0
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.baseline, glyph.x0)):
        if rows and glyph.baseline - rows[-1][0].baseline <= reach:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
            reach = 0.35 * max(glyph.bottom - glyph.top, glyph.x1 - glyph.x0)
    lines = [PrintedLine(_struck_once(row)) for row in _with_scripts(rows)]
    return [line for line in lines if any(not glyph.char.isspace() for glyph in line.glyphs)]


def _struck_once(row: list[Glyph]) -> list[Glyph]:
    """The row from left to right, without the repeated strokes of simulated bold."""
    once: list[Glyph] = []
    for glyph in sorted(row, key=lambda glyph: glyph.x0):
        reach = max(0.2 * (glyph.x1 - glyph.x0), 0.12 * (glyph.bottom - glyph.top))
        near = bool(once) and glyph.x0 - once[-1].x0 < reach
        if not (near and any(other.char == glyph.char and glyph.x0 - other.x0 < reach for other in once[-4:])):
            once.append(glyph)
    return once


def _with_scripts(rows: list[list[Glyph]]) -> list[list[Glyph]]:
    """Rows with superscripts and subscripts joined to their line."""
    joined: list[list[Glyph]] = []
    for row in rows:
        if joined and _is_script(joined[-1], row):
            joined[-1] += row
        else:
            joined.append(list(row))
    return joined


def _is_script(upper: list[Glyph], lower: list[Glyph]) -> bool:
    if lower[0].top >= upper[0].bottom and lower[-1].top >= upper[-1].bottom:
        return False
    small, large = sorted((upper, lower), key=_size)
    if _size(small) > 0.9 * _size(large):
        return False
    _, top, _, bottom = bounds(small)
    _, large_top, _, large_bottom = bounds(large)
    shared = min(bottom, large_bottom) - max(top, large_top)
    return shared >= 0.5 * (bottom - top) and not any(_covers(large, glyph) for glyph in small)


def _covers(row: list[Glyph], glyph: Glyph) -> bool:
    centre = (glyph.x0 + glyph.x1) / 2
    return any(other.x0 < centre < other.x1 for other in row)


def _size(glyphs: Sequence[Glyph]) -> float:
    return max(glyph.bottom - glyph.top for glyph in glyphs)


def line_text(glyphs: Sequence[Glyph]) -> str:
    """The text of one line; a gap becomes a space only where it stands out from the line's own letter spacing."""
    printed = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not printed:
        return ""
    gaps = [right.x0 - left.x1 for left, right in itertools.pairwise(printed)]
    usual = max(0.0, median(gaps)) if len(gaps) > 2 else 0.0
    pieces: list[str] = []
    previous: Glyph | None = None
    spaced = False
    for glyph in glyphs:
        if glyph.char.isspace():
            spaced = previous is not None
            continue
        if previous is not None:
            gap = glyph.x0 - previous.x1 - usual
            if spaced or (gap > 0 and gap > _word_gap(previous, glyph)):
                pieces.append(" ")
        pieces.append(glyph.char)
        previous, spaced = glyph, False
    return "".join(pieces)


def _word_gap(left: Glyph, right: Glyph) -> float:
    """The least gap that is a space: Latin letters and digits are set closer than Chinese characters."""
    share = 0.18 if left.char.isascii() and right.char.isascii() else 0.35
    return share * max(left.bottom - left.top, right.bottom - right.top)
