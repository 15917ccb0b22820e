"""Ruling lines found in pixels: long straight runs of ink, as the strokes that a drawn table would have."""

from __future__ import annotations

import cv2
import numpy as np

from flows.read.pdf.cells import Lattice
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
"""Points of the breaks in a line (noise, dashes) that are closed."""


def pixel_ruling(ink: Pixels, scale: float) -> Ruling:
    """The strokes of a picture (1 where dark), in points; `scale` is pixels a point."""
    across = _runs(ink, scale)
    down = _runs(np.ascontiguousarray(ink.T), scale)
    long_down = [stroke for stroke in down if stroke.end - stroke.start >= LONG]
    across = [s for s in across if s.end - s.start >= LONG or _bridges(s, long_down)]
    down = [s for s in down if s.end - s.start >= LONG or _bridges(s, across)]
    return Ruling(merged(across), merged(down), ())


def _runs(ink: Pixels, scale: float) -> list[Stroke]:
    """Level runs of ink of at least `SHORT`, thinner than `THICK`."""
    gap, short = max(2, round(BREAK * scale)), max(4, round(SHORT * scale))
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
    gap, short = max(2, round(BREAK * scale)), max(4, round(SHORT * scale))
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
