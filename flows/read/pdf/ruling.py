"""Ruling lines of a PDF page: every drawn thing that separates cells, as horizontal and vertical strokes.

Producers draw the same table in many ways: one long line, a short segment for every cell, a filled rectangle half a
point thick, the outline of each cell, a dashed or a double line. All of them come out here as merged `Stroke`s.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flows.read.pdf.glyphs import Box, Frame

THIN = 3.0
"""A filled shape no thicker than this (points) is a line."""
DOT = 1.6
"""A filled shape no larger than this either way is one dot of a dotted line."""
SAME_LINE = 3.2
"""Parallel strokes no farther apart than this are one line (double rulings, joints drawn a little off)."""
GAP = 3.5
"""Interruptions no longer than this do not end a line (dashes, corners that do not quite meet)."""


_ENDLESS = float("inf")
_new = tuple.__new__
"""Makes a named tuple of values in its order, in half the time of its own constructor."""


_Drawn = dict[float, list[tuple[float, float]]]
"""The extents of strokes by their fixed coordinate."""


class Stroke(NamedTuple):
    """A straight separator: `at` is its fixed coordinate, `start` to `end` its extent along the other axis."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Ruling:
    """The strokes of a page: drawn lines, and the filled areas (cell backgrounds) as boxes."""

    horizontal: tuple[Stroke, ...]
    vertical: tuple[Stroke, ...]
    areas: tuple[Box, ...]


def page_ruling(paths: Iterable[dict[str, Any]], frame: Frame) -> Ruling:
    """The ruling of one page from its drawn paths (user space), in the coordinates of `frame`."""
    horizontal: _Drawn = defaultdict(list)
    vertical: _Drawn = defaultdict(list)
    areas: list[Box] = []
    dots: list[tuple[float, float]] = []
    for path in paths:
        for box, outlined in _shapes(path, frame):
            x0, top, x1, bottom = box
            wide, high = x1 - x0, bottom - top
            if not (wide < _ENDLESS and high < _ENDLESS):
                continue  # a damaged page draws it from or to nowhere
            if wide <= DOT and high <= DOT:
                dots.append(((x0 + x1) / 2, (top + bottom) / 2))
            elif high <= THIN and wide > high:
                horizontal[(top + bottom) / 2].append((x0, x1))
            elif wide <= THIN and high > wide:
                vertical[(x0 + x1) / 2].append((top, bottom))
            elif outlined:
                across, down = (x0, x1), (top, bottom)
                horizontal[top].append(across)
                horizontal[bottom].append(across)
                vertical[x0].append(down)
                vertical[x1].append(down)
            elif wide > THIN and high > THIN:
                areas.append(box)
    for at, start, end in _dotted((y, x) for x, y in dots):
        horizontal[at].append((start, end))
    for at, start, end in _dotted(dots):
        vertical[at].append((start, end))
    return Ruling(_joined(horizontal), _joined(vertical), tuple(areas))


def _dotted(dots: Iterable[tuple[float, float]]) -> list[Stroke]:
    """The lines that dots (position across, position along) form when they follow each other closely."""
    lines: dict[int, list[float]] = {}
    for across, along in dots:
        lines.setdefault(round(across * 4), []).append(along)
    strokes = []
    for across, places in lines.items():
        places.sort()
        start = 0
        for index in range(1, len(places) + 1):
            if index == len(places) or places[index] - places[index - 1] > GAP:
                if index - start > 3:
                    strokes.append(Stroke(across / 4, places[start], places[index - 1]))
                start = index
    return strokes


def _shapes(path: dict[str, Any], frame: Frame) -> list[tuple[Box, bool]]:
    """The straight parts of a path as boxes on the displayed page; the flag tells outlines from fillings."""
    outlined = path["stroke_color"] is not None
    shapes: list[tuple[Box, bool]] = []
    corners: list[tuple[float, float]] = []
    straight = True
    for step in path["operations"]:
        kind = step["op"]
        if kind == "rectangle":
            x, y = step["x"], step["y"]
            shapes.append((frame.rect(x, y, x + step["width"], y + step["height"]), outlined))
        elif kind == "line_to":
            corners.append((step["x"], step["y"]))
        elif kind == "move_to":
            if len(corners) > 1 and straight:
                shapes += _polygon(corners, outlined, frame)
            corners, straight = [(step["x"], step["y"])], True
        elif kind == "close_path" and corners:
            corners.append(corners[0])
        else:
            straight = False
    if len(corners) > 1 and straight:
        shapes += _polygon(corners, outlined, frame)
    return shapes


def _polygon(corners: list[tuple[float, float]], outlined: bool, frame: Frame) -> Iterable[tuple[Box, bool]]:
    """The sides of an outline that are level or upright, or a filled shape all of whose sides are."""
    if outlined:
        for (ax, ay), (bx, by) in itertools.pairwise(corners):
            if -1.0 < ax - bx < 1.0 or -1.0 < ay - by < 1.0:
                yield frame.rect(ax, ay, bx, by), True
        return
    if len(corners) >= 4 and all(
        abs(ax - bx) < 0.5 or abs(ay - by) < 0.5 for (ax, ay), (bx, by) in itertools.pairwise(corners)
    ):
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        yield frame.rect(min(xs), min(ys), max(xs), max(ys)), False


def merged(strokes: Iterable[Stroke]) -> tuple[Stroke, ...]:
    """Strokes on one line joined where they touch or nearly touch; ordered by position."""
    drawn: _Drawn = defaultdict(list)
    for at, start, end in strokes:
        drawn[at].append((start, end))
    return _joined(drawn)


def _joined(drawn: _Drawn) -> tuple[Stroke, ...]:
    clusters: list[list[float]] = []
    for at in sorted(drawn):
        if clusters and at - clusters[-1][0] <= SAME_LINE:
            clusters[-1].append(at)
        else:
            clusters.append([at])
    joined: list[Stroke] = []
    for cluster in clusters:
        at, extents = cluster[0], drawn[cluster[0]]
        if len(cluster) > 1:
            weights = [sum([end - start + 0.1 for start, end in drawn[place]]) for place in cluster]
            at = sum([place * weight for place, weight in zip(cluster, weights, strict=True)]) / sum(weights)
            extents = [extent for place in cluster for extent in drawn[place]]
        extents.sort()
        begin, reach = extents[0]
        for start, end in extents:
            if start - reach > GAP:
                joined.append(_new(Stroke, (at, begin, reach)))
                begin, reach = start, end
            elif end > reach:
                reach = end
        joined.append(_new(Stroke, (at, begin, reach)))
    return tuple(joined)
