"""Ruling lines found in pixels: long straight runs of ink, as the strokes that a drawn table would have."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from flows.read.pdf.cells import Lattice, lattices
from flows.read.pdf.ruling import Ruling, Stroke, merged
from flows.read.scan.engine import Pixels

LONG = 30.0
"""Points from which a straight run of ink is a line, whatever it meets."""
SHORT = 10.0
"""Points from which it is one if both of its ends meet lines."""
THICK = 4.0
"""Points from which it is no line but an area."""
MEETS = 3.0
BREAK = 1.2
"""Points of the breaks in any run of ink that are closed: dots of a dotted line, specks of noise."""
PIECE = 6.0
"""Points of the shortest run of ink that may be a piece of a line."""
TORN = 9.0
"""Points of the breaks in a line that are closed where one of the pieces is long enough (`FIRM`) to be of a line."""
FIRM = 36.0
REACHED = 0.65
"""The part of the way to the next crossing line that a line must have come to be taken to reach it."""
SHARED = 3
BESIDE = 1.8
"""Points from the middle of a line at which letters in a row would still have ink."""
UNBROKEN, TATTERED, LETTERS = 0.93, 0.55, 0.1
"""Shares of a stroke's length: with ink all along; with ink at least; with ink beside it that means letters."""
MOST_STROKES = 2_000
"""With more strokes either way a picture is no page with tables."""
NARROWEST = 100.0
"""Points of the width of a table."""


def pixel_ruling(ink: Pixels, scale: float) -> Ruling:
    """The strokes of a picture (1 where dark), in points; `scale` is pixels a point."""
    turned = np.ascontiguousarray(ink.T)
    across = [s for s in _mended(_runs(ink, scale)) if _is_line(ink, s, scale)]
    down = [s for s in _mended(_runs(turned, scale)) if _is_line(turned, s, scale)]
    if max(len(across), len(down)) > MOST_STROKES:
        return Ruling((), (), ())
    long = [s for s in down if s.end - s.start >= LONG]
    across = [s for s in across if s.end - s.start >= LONG or _bridges(s, long)]
    down = [s for s in down if s.end - s.start >= LONG or _bridges(s, across)]
    across, down = list(merged(across)), list(merged(down))
    fitted = _fitted(across, down)
    return Ruling(merged(fitted), merged(_fitted(down, fitted)), ())


def _is_line(ink: Pixels, stroke: Stroke, scale: float) -> bool:
    """Whether a level stroke is a line, not the strokes of letters in a row: unbroken, or clear of ink beside it."""
    y, x0, x1 = round(stroke.at * scale), round(stroke.start * scale), round(stroke.end * scale)
    near, off = max(1, round(0.5 * scale)), max(2, round(BESIDE * scale))
    on = ink[max(0, y - near) : y + near + 1, x0:x1].any(axis=0).mean()
    if on >= UNBROKEN:
        return True
    beside = [ink[min(max(0, row), ink.shape[0] - 1), x0:x1].mean() for row in (y - off, y + off)]
    return bool(on >= TATTERED and max(beside) < LETTERS)


def tables_of(ruling: Ruling) -> tuple[Ruling, list[Lattice]]:
    """The tables that strokes found in pixels enclose, and the strokes of these alone: large letters have strokes too."""
    tables = [table for table in lattices(ruling) if table.xs[-1] - table.xs[0] >= NARROWEST]
    across = sorted(stroke for table in tables for stroke in table.strokes[0])
    down = sorted(stroke for table in tables for stroke in table.strokes[1])
    return Ruling(tuple(across), tuple(down), ()), tables


def _fitted(strokes: list[Stroke], crossing: list[Stroke]) -> list[Stroke]:
    """Strokes that end at lines which cross them: a torn line reaches the next one, an overshot one is cut back.

    Ends beyond the last crossing line stay where several lines have them: a table without sides.
    """
    ends = [end for stroke in strokes for end in (stroke.start, stroke.end)]
    fitted = []
    for stroke in strokes:
        at = sorted(line.at for line in crossing if line.start - MEETS <= stroke.at <= line.end + MEETS)
        start = _fitted_end(stroke.start, stroke, at, ends)
        end = _fitted_end(stroke.end, stroke, at, ends)
        if end - start > MEETS:
            fitted.append(Stroke(stroke.at, start, end))
    return fitted


def _fitted_end(end: float, stroke: Stroke, crossing: Sequence[float], ends: Sequence[float]) -> float:
    """Where the stroke ends, given the places of the lines that cross its row."""
    if not crossing:
        return end
    near = min(crossing, key=lambda at: abs(at - end))
    if abs(near - end) <= MEETS:
        return near
    before = max((at for at in crossing if at < end), default=None)
    after = min((at for at in crossing if at > end), default=None)
    if before is None or after is None:
        shared = sum(abs(other - end) <= MEETS for other in ends)
        return end if shared >= SHARED else near
    inner, outer = (after, before) if end == stroke.start else (before, after)
    return outer if abs(end - inner) >= REACHED * (after - before) else inner


def _mended(pieces: Sequence[Stroke]) -> list[Stroke]:
    """Pieces on one line joined over the breaks that noise tears into thin lines."""
    rows: list[list[Stroke]] = []
    for piece in sorted(pieces):
        if rows and piece.at - rows[-1][0].at <= 1.2:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    mended = []
    for row in rows:
        row.sort(key=lambda piece: piece.start)
        joined = [row[0]]
        for piece in row[1:]:
            last = joined[-1]
            firm = max(last.end - last.start, piece.end - piece.start) >= FIRM
            if piece.start - last.end <= (TORN if firm else BREAK):
                longer = last if last.end - last.start >= piece.end - piece.start else piece
                joined[-1] = Stroke(longer.at, last.start, max(last.end, piece.end))
            else:
                joined.append(piece)
        mended += [stroke for stroke in joined if stroke.end - stroke.start >= SHORT]
    return mended


def _runs(ink: Pixels, scale: float) -> list[Stroke]:
    """Level runs of ink of at least `PIECE`, thinner than `THICK`."""
    gap, short = max(2, round(BREAK * scale)), max(4, round(PIECE * scale))
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    level = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, short), np.uint8))
    count, _, stats, centres = cv2.connectedComponentsWithStats(level, connectivity=8)
    strokes = []
    for label in range(1, count):
        x, _, w, h, area = (int(value) for value in stats[label])
        if area / w <= THICK * scale and h <= max(2 * THICK * scale, 0.02 * w):
            strokes.append(Stroke((float(centres[label][1]) + 0.5) / scale, x / scale, (x + w) / scale))
    return strokes


def _bridges(stroke: Stroke, crossing: list[Stroke]) -> bool:
    """Whether both ends of a stroke stand at lines that cross it."""
    return all(
        any(abs(line.at - end) <= MEETS and line.start - MEETS <= stroke.at <= line.end + MEETS for line in crossing)
        for end in (stroke.start, stroke.end)
    )


def without_ruling(pixels: Pixels, ink: Pixels, scale: float, tables: list[Lattice]) -> tuple[Pixels, Pixels]:
    """The picture and its ink with the lines of these tables painted white."""
    gap, short = max(2, round(BREAK * scale)), max(4, round(PIECE * scale))
    lines = np.zeros_like(ink)
    for kernel, closing in (((1, short), (1, gap)), ((short, 1), (gap, 1))):
        closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(closing, np.uint8))
        lines |= cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones(kernel, np.uint8))
    near = np.zeros_like(ink)
    reach = max(1, round(1.6 * scale))
    for table in tables:
        horizontal, vertical = table.strokes
        for stroke in horizontal:
            y = round(stroke.at * scale)
            near[max(0, y - reach) : y + reach + 1, _span(stroke, scale)] = 1
        for stroke in vertical:
            x = round(stroke.at * scale)
            near[_span(stroke, scale), max(0, x - reach) : x + reach + 1] = 1
    spread = max(3, 2 * round(0.35 * scale) + 1)
    mask = cv2.dilate(lines & near, np.ones((spread, spread), np.uint8)) & near
    return np.where(mask > 0, np.uint8(255), pixels), np.where(mask > 0, np.uint8(0), ink)


def _span(stroke: Stroke, scale: float) -> slice:
    return slice(max(0, int((stroke.start - 1) * scale)), int((stroke.end + 1) * scale) + 1)
