"""Where lines of text stand: in the cells of ruled tables by their ink, elsewhere where a model sees text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from flows.read.pdf.cells import Lattice, Region
from flows.read.scan.engine import Box, Pixels

LEAST_MARK = 1.3
"""Points across the smallest mark that may be a character; what is smaller is a dot or dirt."""
LEAST_FAINT = 3.5
"""Points of the height of pale print that is taken for print."""
USUAL = 9.0
"""Points of the height of a line of text, where the page does not show it."""
APART = 1.3
"""Heights of a line beyond which a gap in it divides two texts."""


class Strip(NamedTuple):
    """One line of text: the box of its ink, the clear space around it, and whether it fills a part of a table's cell.

    `tight`: the ink comes up to a border of the cell, so that part of the text may stand beyond it. `faint`: it is so
    pale that it might be dirt.
    """

    box: Box
    room: Box
    height: int
    in_cell: bool
    tight: bool
    faint: bool = False


class Ink(NamedTuple):
    """The dark parts of a page without the lines of its tables: pixels (0 or 1), and its separate marks."""

    pixels: Pixels
    marks: NDArray[np.int32]
    scale: float


def ink_marks(pixels: Pixels, scale: float) -> Ink:
    """The ink with specks of dirt taken away; decimal points stay."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(pixels, connectivity=8)
    speck = stats[:, cv2.CC_STAT_AREA] < max(2, 0.3 * scale * scale)
    speck[0] = True
    kept = (~speck[labels]).astype(np.uint8)
    return Ink(kept, stats, scale)


def cell_strips(ink: Ink, faint: Ink, tables: Sequence[Lattice]) -> list[Strip]:
    """The lines of text in the cells of these tables; a cell in which nothing is printed, however faintly, has none."""
    rows: list[tuple[Box, list[tuple[int, int]]]] = []
    for table in tables:
        for region in table.regions:
            inside = _inside(region, ink.scale, ink.pixels.shape)
            rows.append((inside, _bands(ink, inside)))
    heights = [end - start for _, bands in rows for start, end in bands if end - start > 0.5 * USUAL * ink.scale]
    usual = round(median(heights)) if heights else round(USUAL * ink.scale)
    strips = []
    for inside, bands in rows:
        found = [s for top, foot in _joined(bands, usual) for s in _divided(ink, inside, top, foot, usual)]
        strips += found or _faint_strips(faint, inside, usual)
    return strips


def _faint_strips(faint: Ink, inside: Box, usual: int) -> list[Strip]:
    """The lines of pale print in a cell, clear of its borders."""
    rim = round(1.5 * faint.scale)
    inner = Box(inside.x0 + rim, inside.y0 + rim, inside.x1 - rim, inside.y1 - rim)
    if inner.x1 <= inner.x0 or inner.y1 <= inner.y0:
        return []
    strips = [s for a, b in _joined(_bands(faint, inner), usual) for s in _divided(faint, inner, a, b, usual)]
    least = LEAST_FAINT * faint.scale
    return [
        strip._replace(faint=True, tight=False)
        for strip in strips
        if strip.box.y1 - strip.box.y0 >= least and strip.box.x1 - strip.box.x0 >= 0.4 * least
    ]


def loose_strips(ink: Ink, boxes: Sequence[Box], tables: Sequence[Lattice]) -> list[Strip]:
    """The lines of text outside these tables where `boxes` say that text stands."""
    high, wide = ink.pixels.shape
    free = ink.pixels.copy()
    for table in tables:
        x0, top, x1, bottom = (value * ink.scale for value in table.box)
        free[max(0, int(top)) : int(bottom) + 1, max(0, int(x0)) : int(x1) + 1] = 0
    outside = ink._replace(pixels=free)
    strips = []
    for box in boxes:
        tall = box.y1 - box.y0
        if tall > 1.5 * (box.x1 - box.x0) and tall > 2.5 * USUAL * ink.scale:
            continue
        ys = np.flatnonzero(free[box.y0 : box.y1, box.x0 : box.x1].any(axis=1))
        if len(ys):
            top, bottom = box.y0 + int(ys[0]), box.y0 + int(ys[-1]) + 1
            room = Box(
                max(0, box.x0 - tall // 3), max(0, box.y0 - 2), min(wide, box.x1 + tall // 3), min(high, box.y1 + 2)
            )
            strips += [
                s._replace(in_cell=False, tight=False) for s in _divided(outside, room, top, bottom, bottom - top)
            ]
    return strips


def _inside(region: Region, scale: float, shape: tuple[int, ...]) -> Box:
    x0, top, x1, bottom = (round(value * scale) for value in region.box)
    return Box(max(0, x0), max(0, top), min(shape[1], x1 + 1), min(shape[0], bottom + 1))


def _bands(ink: Ink, box: Box) -> list[tuple[int, int]]:
    """The rows of pixels between `box.y0` and `box.y1` that hold ink, in runs."""
    part = ink.pixels[box.y0 : box.y1, box.x0 : box.x1]
    return [(box.y0 + start, box.y0 + end) for start, end in runs(part.any(axis=1))]


def character_sized(ink: Ink) -> int:
    """How many marks of the page are as large as characters."""
    size = ink.marks[1:, cv2.CC_STAT_HEIGHT] / ink.scale
    return int(((size > 3) & (size < 3 * USUAL)).sum())


def runs(flags: Any) -> list[tuple[int, int]]:
    """Start and end of every stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _joined(bands: Sequence[tuple[int, int]], usual: int) -> list[tuple[int, int]]:
    """Runs of ink joined to lines of text: parts of characters that stand above each other belong to one line."""
    lines: list[tuple[int, int]] = []
    for start, end in bands:
        if lines:
            upper = lines[-1]
            small = min(end - start, upper[1] - upper[0]) < 0.6 * usual
            if start - upper[1] <= 0.12 * usual and (small or end - upper[0] <= 1.25 * usual):
                lines[-1] = (upper[0], end)
                continue
            if small and end - upper[0] <= 1.25 * usual:
                lines[-1] = (upper[0], end)
                continue
        lines.append((start, end))
    return lines


def _divided(ink: Ink, inside: Box, start: int, end: int, usual: int) -> list[Strip]:
    """One line of text in `inside`, between the rows `start` and `end`, as strips without wide gaps."""
    strips: list[Strip] = []
    part = ink.pixels[start:end, inside.x0 : inside.x1]
    columns = runs(part.any(axis=0))
    if not columns:
        return []
    height = max(end - start, round(0.8 * usual))
    groups = [[columns[0]]]
    for before, after in pairwise(columns):
        if after[0] - before[1] > APART * height:
            groups.append([after])
        else:
            groups[-1].append(after)
    edge = max(2.0, 0.9 * ink.scale)
    for index, group in enumerate(groups):
        first, last = group[0][0], group[-1][1]
        rows = np.flatnonzero(part[:, first:last].any(axis=1))
        box = Box(inside.x0 + first, start + int(rows[0]), inside.x0 + last, start + int(rows[-1]) + 1)
        if max(box.x1 - box.x0, box.y1 - box.y0) < LEAST_MARK * ink.scale:
            continue
        left = inside.x0 + (groups[index - 1][-1][1] if index else 0)
        right = inside.x0 + groups[index + 1][0][0] if index + 1 < len(groups) else inside.x1
        room = Box(left, max(inside.y0, start - height // 2), right, min(inside.y1, end + height // 2))
        tight = box.x0 - inside.x0 < edge or inside.x1 - box.x1 < edge
        strips.append(Strip(box, room, height, True, tight))
    return strips
