"""Characters → printed lines: which stand on one line, in which order, and where a space is really meant.

A character struck twice, slightly shifted, to look bold is kept once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from flows.read.pdf.glyphs import STRUCK, Box, Glyph, singles

_LATIN = 0.18
"""The least gap between Latin letters or digits that is a space, as a share of their height."""
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


standing: Callable[[Glyph], tuple[float, float]] = itemgetter(
    Glyph._fields.index("baseline"), Glyph._fields.index("x0")
)
"""Sorts characters by the line on which they stand, then from left to right."""
_start: Callable[[Glyph], float] = itemgetter(Glyph._fields.index("x0"))


class PrintedLine(NamedTuple):
    """Characters that stand on one baseline, from left to right, and the smallest box around them."""

    glyphs: list[Glyph]
    box: Box

    @property
    def text(self) -> str:
        """What the line says, spaces only where they are meant."""
        return line_text(self.glyphs)


def bounds(glyphs: Sequence[Glyph]) -> Box:
    """The smallest box around at least one character."""
    if len(glyphs) == 1:
        return glyphs[0][1:5]
    _, x0s, tops, x1s, bottoms, _, _ = zip(*glyphs, strict=True)
    return min(x0s), min(tops), max(x1s), max(bottoms)


def printed_lines(glyphs: Iterable[Glyph]) -> list[PrintedLine]:
    """Lines from top to bottom; raised and lowered small characters belong to the line that they are set on.

    A small raised digit becomes ¹, so that nobody takes it for one of the number before it.
    """
    ordered = sorted(glyphs, key=standing)
    if len(ordered) < 2:
        return [PrintedLine(ordered, ordered[0][1:5])] if ordered and not _blank(ordered) else []
    level = ordered[0].baseline == ordered[-1].baseline
    rows = [ordered] if level else [_raised(row) for row in _with_scripts(_rows(ordered))]
    rows = [_struck_once(row) for row in rows if not (row[0][0].isspace() and _blank(row))]
    return [PrintedLine(row, bounds(row)) for row in rows]


def _blank(glyphs: Sequence[Glyph]) -> bool:
    return all(glyph[0].isspace() for glyph in glyphs)


def _rows(ordered: Sequence[Glyph]) -> list[list[Glyph]]:
    """Characters (which are sorted) whose baselines are as good as one."""
    rows: list[list[Glyph]] = []
    first, reach = float("-inf"), 0.0
    for glyph in ordered:
        if glyph[5] - first <= reach:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
            first, reach = glyph.baseline, 0.35 * max(glyph.first)
    return rows


def _struck_once(row: list[Glyph]) -> list[Glyph]:
    """The row from left to right, without the repeated strokes of simulated bold."""
    last = float("-inf")
    for glyph in row:
        _, x0, top, x1, bottom, _, edges = glyph
        if edges:
            x1, top = edges[1][0], edges[2][0]
        if x0 - last < STRUCK[0] * (x1 - x0) or x0 - last < STRUCK[1] * (bottom - top):
            break
        last = edges[0][-1] if edges else x0
    else:
        return row
    once: list[Glyph] = []
    for glyph in sorted(sorted(singles(row), key=standing), key=_start):
        reach = max(STRUCK[0] * (glyph.x1 - glyph.x0), STRUCK[1] * (glyph.bottom - glyph.top))
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
            joined.append(row)
    return joined


def _raised(row: list[Glyph]) -> list[Glyph]:
    """The row with its raised small digits made such (²)."""
    low = max(glyph.bottom for glyph in row)
    if all(low - glyph.bottom < 1 for glyph in row):
        return row
    size, baseline = max((glyph.bottom - glyph.top, glyph.baseline) for glyph in row)
    return [
        glyph._replace(char=glyph.char.translate(_RAISED))
        if glyph.bottom - glyph.top < 0.8 * size and baseline - glyph.baseline > 0.15 * size
        else glyph
        for glyph in row
    ]


def _is_script(upper: list[Glyph], lower: list[Glyph]) -> bool:
    first, last = lower[0], lower[-1]
    first_top = first.edges[2][0] if first.edges else first.top
    last_top = last.edges[2][-1] if last.edges else last.top
    if first_top >= upper[0].bottom and last_top >= upper[-1].bottom:
        return False
    small, large = sorted((upper, lower), key=_size)
    if _size(small) > 0.9 * _size(large):
        return False
    left, top, right, bottom = bounds(small)
    _, large_top, _, large_bottom = bounds(large)
    shared = min(bottom, large_bottom) - max(top, large_top)
    if shared < 0.5 * (bottom - top):
        return False
    beside = singles(glyph for glyph in large if glyph.x0 < right and left < glyph.x1)
    return not beside or not any(_covers(beside, glyph) for glyph in singles(small))


def _covers(row: list[Glyph], glyph: Glyph) -> bool:
    centre = (glyph.x0 + glyph.x1) / 2
    return any(other.x0 < centre < other.x1 for other in row)


def _size(glyphs: Sequence[Glyph]) -> float:
    return max(glyph.bottom - glyph.top for glyph in glyphs)


def line_text(glyphs: Sequence[Glyph]) -> str:
    """The text of one line; a gap becomes a space only where it stands out from the line's own letter spacing."""
    if len(glyphs) == 1:
        return glyphs[0].char.strip()
    text = "".join([glyph[0] for glyph in glyphs])
    words = text.split()
    if not words:
        return ""
    if words[0] == text and not _any_wide_gap(glyphs):
        return text
    return _spaced_text(glyphs)


def _any_wide_gap(glyphs: Sequence[Glyph]) -> bool:
    """Whether any gap is wide enough to be a space, whatever the spacing of the line and its script."""
    end = float("inf")
    for _, x0, top, x1, bottom, _, edges in glyphs:
        if edges:
            top = edges[2][0]
        if x0 - end > _LATIN * (bottom - top):
            return True
        end = x1
    return False


def _spaced_text(glyphs: Sequence[Glyph]) -> str:
    chars = "".join([glyph.char for glyph in glyphs])
    starts, ends, heights = _measures(glyphs)
    printed = [index for index, char in enumerate(chars) if not char.isspace()]
    pairs = list(itertools.pairwise(printed))
    gaps = [starts[right] - ends[left] for left, right in pairs]
    usual = max(0.0, median(gaps)) if len(gaps) > 2 else 0.0
    least = usual + max(0.0, _LATIN * min(heights))
    pieces, begun = [], printed[0]
    for (left, right), gap in zip(pairs, gaps, strict=True):
        if right - left > 1 or (gap >= least and 0 < gap - usual > _word_gap(chars, heights, left, right)):
            pieces.append(chars[begun : left + 1])
            begun = right
    pieces.append(chars[begun : printed[-1] + 1])
    return " ".join(pieces)


def _measures(glyphs: Iterable[Glyph]) -> tuple[list[float], list[float], list[float]]:
    """Where each character begins and ends, and how high it is."""
    starts: list[float] = []
    ends: list[float] = []
    heights: list[float] = []
    for _, x0, top, x1, bottom, _, edges in glyphs:
        own_starts, own_ends, own_tops = edges or ((x0,), (x1,), (top,))
        starts += own_starts
        ends += own_ends
        heights += [bottom - top for top in own_tops]
    return starts, ends, heights


def _word_gap(chars: str, heights: Sequence[float], left: int, right: int) -> float:
    """The least gap that is a space: Latin letters and digits are set closer than Chinese characters."""
    share = _LATIN if chars[left].isascii() and chars[right].isascii() else 0.35
    return share * max(heights[left], heights[right])
