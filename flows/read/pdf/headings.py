"""The headings over the columns of a table without vertical lines: which words are one heading, and what it stands over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.read.pdf.aligned import WordLine
from flows.read.pdf.glyphs import Glyph

Extent = tuple[float, float]
Spot = tuple[int, int, int, int, list[Glyph]]
"""Row, column, spans and characters of a cell."""


@dataclass(slots=True, eq=False)
class Heading:
    """Words that wrap in one heading; `first` to `last` are the columns that it stands over."""

    x0: float
    x1: float
    top: float
    bottom: float
    baseline: float
    size: float
    glyphs: list[Glyph] = field(default_factory=list)
    first: int = 0
    last: int = 0
    level: int = 0
    several: bool = False

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


def headings(lines: Sequence[WordLine], step: float) -> list[Heading]:
    """The headings in `lines` (from top to bottom); lines of one heading stand closer than `step`."""
    found: list[Heading] = []
    for line in lines:
        for word in line.words:
            over = [
                upper
                for upper in found
                if upper.x0 < word.x1 and word.x0 < upper.x1 and 0 < line.baseline - upper.baseline < step
            ]
            if over:
                upper = over[-1]
                upper.x0, upper.x1 = min(upper.x0, word.x0), max(upper.x1, word.x1)
                upper.bottom, upper.baseline = line.bottom, line.baseline
                upper.glyphs += word.glyphs
            else:
                found.append(
                    Heading(word.x0, word.x1, line.top, line.bottom, line.baseline, line.size, list(word.glyphs))
                )
    return found


def _leaves(found: Sequence[Heading]) -> list[Heading]:
    """The headings with none below them, from left to right, those on the lowest line first."""
    lowest = max(found, key=lambda heading: heading.baseline, default=None)
    return sorted(
        (
            heading
            for heading in found
            if not heading.several
            and not any(
                other.baseline > heading.baseline + 1 and other.x0 < heading.x1 and heading.x0 < other.x1
                for other in found
                if other is not heading
            )
        ),
        key=lambda heading: (lowest is not None and heading.bottom < lowest.top - 0.25 * heading.size, heading.x0),
    )


def column_extents(found: Sequence[Heading], extents: Sequence[Extent]) -> list[Extent]:
    """The columns of amounts and labels, each as wide as its heading, and between them those that only a heading shows.

    A heading beside all columns belongs to a neighbour that has none; one above its neighbours stands over several.
    """
    columns = [list(extent) for extent in extents]
    leaves = _leaves(found)
    headed: set[int] = set()
    added: list[Extent] = []
    for leaf in leaves:
        over = [index for index, (x0, x1) in enumerate(extents) if leaf.x0 < x1 and x0 < leaf.x1]
        if over:
            leaf.several = len(over) == 1 and over[0] in headed
            if len(over) == 1 and not leaf.several:
                _widen(columns, over[0], leaf, extents)
            headed.update(over)
            continue
        right = sum(x1 <= leaf.x0 for _, x1 in extents)
        free = [index for index in (right - 1, right) if 0 <= index < len(extents) and index not in headed]
        free = [index for index in free if not any(_is_over(other, extents[index]) for other in leaves)]
        if free:
            nearest = min(free, key=lambda index: max(extents[index][0] - leaf.x1, leaf.x0 - extents[index][1]))
            headed.add(nearest)
            _widen(columns, nearest, leaf, extents)
        elif _is_beside(leaf, [other for other in leaves if not other.several]):
            added.append((leaf.x0, leaf.x1))
        else:
            leaf.several = True
    return sorted([*((x0, x1) for x0, x1 in columns), *added])


def _is_over(heading: Heading, extent: Extent) -> bool:
    return heading.x0 < extent[1] and extent[0] < heading.x1


def _is_beside(leaf: Heading, leaves: Sequence[Heading]) -> bool:
    """Whether the next heading to the left or right shares a line with `leaf`."""
    row = sorted(leaves, key=lambda heading: heading.x0)
    place = row.index(leaf)
    beside = row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
    return any(other.top < leaf.bottom - 1 and leaf.top < other.bottom - 1 for other in beside)


def _widen(columns: list[list[float]], index: int, leaf: Heading, extents: Sequence[Extent]) -> None:
    """Make a column as wide as its heading, as far as no other column is in the way."""
    low = extents[index - 1][1] if index else float("-inf")
    high = extents[index + 1][0] if index + 1 < len(extents) else float("inf")
    if leaf.x0 > low and leaf.x1 < high:
        columns[index][0] = min(columns[index][0], leaf.x0)
        columns[index][1] = max(columns[index][1], leaf.x1)


def laid_out(found: Sequence[Heading], extents: Sequence[Extent], edges: Sequence[float]) -> list[Spot]:
    """The headings as cells over the columns; `edges` are the borders of the columns, the outer ones included."""
    for heading in found:
        columns = [index for index, (x0, x1) in enumerate(extents) if heading.x0 < x1 and x0 < heading.x1]
        inner = bisect_right(edges[1:-1], heading.middle)
        heading.first, heading.last = (columns[0], columns[-1]) if columns else (inner, inner)
    leaves = _leaves(found)
    for heading in found:
        if heading not in leaves:
            heading.first, heading.last = _stands_over(heading, found, leaves, edges)
    for heading in sorted(found, key=lambda heading: heading.baseline):
        above = [
            other.level + 1
            for other in found
            if other.baseline < heading.baseline - 1 and other.first <= heading.last and heading.first <= other.last
        ]
        heading.level = max(above, default=0)
    depth = max((heading.level + 1 for heading in found), default=0)
    spots: dict[tuple[int, int], Spot] = {}
    for heading in found:
        below = [
            other.level
            for other in found
            if other.level > heading.level and other.first <= heading.last and heading.first <= other.last
        ]
        height = min(below, default=depth) - heading.level
        key = (heading.level, heading.first)
        earlier = spots.get(key)
        glyphs = [*(earlier[4] if earlier else []), *heading.glyphs]
        spots[key] = (*key, height, heading.last - heading.first + 1, glyphs)
    return list(spots.values())


def _stands_over(
    heading: Heading, found: Sequence[Heading], leaves: Sequence[Heading], edges: Sequence[float]
) -> tuple[int, int]:
    """The columns whose common middle is the middle of `heading`: as many as there are around it whose own headings
    stand below it, and no other heading beside it.
    """
    beside = [
        other
        for other in found
        if other is not heading and other.top < heading.bottom - 1 and heading.top < other.bottom - 1
    ]
    taken = {column for other in beside for column in range(other.first, other.last + 1)}
    taken -= set(range(heading.first, heading.last + 1))
    best, choice = float("inf"), (heading.first, heading.last)
    for first in range(heading.first, -1, -1):
        if first in taken:
            break
        for last in range(heading.last, len(edges) - 1):
            if last in taken:
                break
            off = abs((edges[first] + edges[last + 1]) / 2 - heading.middle)
            bound = max(heading.size, 0.06 * (edges[last + 1] - edges[first]))
            wider = last - first > choice[1] - choice[0]
            if off < best - bound or (wider and off <= max(bound, best)):
                best, choice = min(best, off), (first, last)
    return choice
