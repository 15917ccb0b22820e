"""Ruling lines → tables: which boxes they enclose, which of them are merged, and what is printed in each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flows.read.pdf.glyphs import CLOSE, Box, Glyph, singles
from flows.read.pdf.ruling import Ruling, Stroke, merged
from flows.read.pdf.textlines import standing

REACH = 4.0
"""Strokes whose ends miss each other by no more than this (points) still meet."""
MOST_AREAS = 2_000
"""With more coloured areas than this a drawing is a picture."""
MOST_BOXES = 40_000
"""A drawing with more boxes than this is not a table."""
_NOWHERE = (0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True, eq=False)
class Region:
    """A cell of a table before text is put in: grid position, extent, and box on the page. Equal to itself alone.

    Not frozen, because a page makes hundreds, and a frozen one takes four times as long to make; nothing changes one.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box


@dataclass(frozen=True, slots=True)
class Lattice:
    """The cells of one ruled table; `xs` and `ys` are the positions of all column and row borders."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]
    owner: tuple[tuple[int, ...], ...]
    strokes: tuple[tuple[Stroke, ...], tuple[Stroke, ...]]
    """The horizontal and the vertical strokes that it was made from."""

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def region_at(self, x: float, y: float) -> Region | None:
        """The cell around a point, None outside the table."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        if not (0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1):
            return None
        return self.regions[self.owner[row][column]]


def lattices(ruling: Ruling) -> list[Lattice]:
    """The ruled tables of a page with at least two cells side by side; the smallest first, as it may stand in another."""
    found = []
    for horizontal, vertical in _components(ruling.horizontal, ruling.vertical):
        lattice = enclosed(horizontal, vertical)
        if lattice is not None and any(region.column > 0 for region in lattice.regions):
            found.append(lattice)
    found += _tiled([area for area in ruling.areas if not any(_overlap(area, lattice.box) for lattice in found)])
    return sorted(found, key=lambda lattice: (lattice.xs[-1] - lattice.xs[0]) * (lattice.ys[-1] - lattice.ys[0]))


def _tiled(areas: Sequence[Box]) -> list[Lattice]:
    """Tables without lines whose cells each have a coloured ground."""
    if not 4 <= len(areas) <= MOST_AREAS:
        return []
    across = merged(Stroke(y, x0, x1) for x0, top, x1, bottom in areas for y in (top, bottom))
    down = merged(Stroke(x, top, bottom) for x0, top, x1, bottom in areas for x in (x0, x1))
    found = []
    for horizontal, vertical in _components(across, down):
        lattice = enclosed(horizontal, vertical)
        if lattice is None or len(lattice.xs) < 3 or len(lattice.ys) < 3:
            continue
        if all(any(_same_box(region.box, area) for area in areas) for region in lattice.regions):
            found.append(lattice)
    return found


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _same_box(one: Box, other: Box) -> bool:
    return all(abs(a - b) <= REACH for a, b in zip(one, other, strict=True))


def _components(horizontal: Sequence[Stroke], vertical: Sequence[Stroke]) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Strokes (ordered by position) grouped into tables: those that cross or meet, directly or through others."""
    parent = list(range(len(horizontal) + len(vertical)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    places, reaches = [at for at, _, _ in vertical], [(start - REACH, end + REACH) for _, start, end in vertical]
    for i, (at, start, end) in enumerate(horizontal):
        own = root(i)
        for j in range(bisect_left(places, start - REACH), bisect_right(places, end + REACH)):
            least, most = reaches[j]
            if least <= at <= most and (other := root(len(horizontal) + j)) != own:
                parent[own] = own = other
    groups: dict[int, tuple[list[Stroke], list[Stroke]]] = {}
    for i, across in enumerate(horizontal):
        groups.setdefault(root(i), ([], []))[0].append(across)
    for j, down in enumerate(vertical):
        groups.setdefault(root(len(horizontal) + j), ([], []))[1].append(down)
    tables = [group for group in groups.values() if group[0] and group[1]]
    for across_alone, down_alone in groups.values():
        if not across_alone:
            _adopt(down_alone, tables)
    return tables


def _adopt(strokes: list[Stroke], tables: list[tuple[list[Stroke], list[Stroke]]]) -> None:
    """Give vertical strokes that meet no other to the table within whose sides they stand (its rows are not ruled)."""
    for stroke in strokes:
        for _, vertical in tables:
            sides = min(vertical), max(vertical)
            top, bottom = min(side.start for side in sides), max(side.end for side in sides)
            if sides[0].at < stroke.at < sides[1].at and top - REACH <= stroke.start and stroke.end <= bottom + REACH:
                vertical.append(stroke)
                vertical.sort()
                break


def enclosed(horizontal: list[Stroke], vertical: list[Stroke]) -> Lattice | None:
    """The table that these strokes enclose; None when they enclose no box, or far too many to be a table."""
    xs = _borders(vertical, horizontal)
    ys = _borders(horizontal, vertical)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 1 or rows * columns > MOST_BOXES:
        return None
    walls, floors = _separators(vertical, xs, ys), _separators(horizontal, ys, xs)
    right_wall = [[walls[column][row] for column in range(columns)] for row in range(rows)]
    owner = [[-1] * columns for _ in range(rows)]
    regions: list[Region] = []
    for row in range(rows):
        for column in range(columns):
            if owner[row][column] >= 0:
                continue
            if right_wall[row][column] and floors[row][column]:
                row_span = column_span = 1
                owner[row][column] = len(regions)
            else:
                row_span, column_span = _span(row, column, owner, right_wall, floors)
                for r in range(row, row + row_span):
                    owner[r][column : column + column_span] = [len(regions)] * column_span
            box = (xs[column], ys[row], xs[column + column_span], ys[row + row_span])
            regions.append(Region(row, column, row_span, column_span, box))
    strokes = tuple(horizontal), tuple(vertical)
    return Lattice(tuple(xs), tuple(ys), tuple(regions), tuple(tuple(line) for line in owner), strokes)


def _borders(own: list[Stroke], crossing: list[Stroke]) -> list[float]:
    """Positions of the borders along one axis: those drawn, and where the crossing lines end without meeting one.

    Such ends are the outer edge of a table without sides, or the foot of a separator under a merged heading.
    """
    positions: list[float] = []
    for at in sorted({stroke.at for stroke in own}):
        if not positions or at - positions[-1] > REACH:
            positions.append(at)
    for end in sorted(end for stroke in crossing for end in (stroke.start, stroke.end)):
        place = bisect_right(positions, end)
        before = end - positions[place - 1] if place else 2 * REACH + 1
        after = positions[place] - end if place < len(positions) else 2 * REACH + 1
        if min(before, after) > 2 * REACH:
            positions.insert(place, end)
    return positions


def _separators(strokes: list[Stroke], places: list[float], borders: list[float]) -> list[list[bool]]:
    """For each place but the first, and each stretch between two borders, whether a separator stands there over most of it.

    `strokes` are ordered by position.
    """
    whole, stands = [True] * (len(borders) - 1), [stroke[0] for stroke in strokes]
    stretches = [(start, end, 0.6 * (end - start)) for start, end in pairwise(borders)]
    least, most = borders[0], borders[-1]
    found = []
    for at in places[1:]:
        near = strokes[bisect_left(stands, at - REACH) : bisect_right(stands, at + REACH)]
        if any(first <= least and last >= most for _, first, last in near):
            found.append(whole)
        elif len(near) == 1:
            ((_, first, last),) = near
            found.append(
                [
                    (last if last < end else end) - (first if first > start else start) >= enough
                    for start, end, enough in stretches
                ]
            )
        else:
            found.append(
                [
                    sum([max(0.0, min(last, end) - max(first, start)) for _, first, last in near]) >= enough
                    for start, end, enough in stretches
                ]
            )
    return found


def _span(
    row: int,
    column: int,
    owner: list[list[int]],
    right_wall: list[list[bool]],
    floor: list[list[bool]],
) -> tuple[int, int]:
    """How far the cell that begins here reaches, as a rectangle without inner separators."""
    rows, columns = len(owner), len(owner[0])
    width = 1
    while column + width < columns and not right_wall[row][column + width - 1] and owner[row][column + width] < 0:
        width += 1
    height = 1
    while row + height < rows:
        below = row + height
        across = range(column, column + width)
        open_above = not any(floor[below - 1][c] for c in across)
        free = all(owner[below][c] < 0 for c in across)
        unbroken = not any(right_wall[below][c] for c in range(column, column + width - 1))
        if not (open_above and free and unbroken):
            break
        height += 1
    return height, width


def by_region(lattice: Lattice, glyphs: Sequence[Glyph]) -> tuple[dict[Region, list[Glyph]], list[Glyph]]:
    """The characters of each cell, and those that stand outside the table; both line by line."""
    ordered = sorted(glyphs, key=standing)
    parted = _parted(lattice, ordered)
    if parted is None or _any_overflow(parted[0]):
        parted = _parted(lattice, sorted(singles(ordered), key=standing))
    assert parted is not None, "single characters stand in one cell each"
    within, outside = parted
    inside: dict[Region, list[Glyph]] = {}
    for run in _runs(within) if _any_overflow(within) else [within]:
        home = None if run is within else _home(run)
        last: Region | None = None
        for glyph, region in run:
            if region is not last:
                cell = inside.setdefault(home or region, [])
                last = region
            cell.append(glyph)
    return inside, outside


def _parted(lattice: Lattice, glyphs: Sequence[Glyph]) -> tuple[list[tuple[Glyph, Region]], list[Glyph]] | None:
    """What stands in the table, with its cell, and what does not; None when characters that come as one need parting."""
    outside: list[Glyph] = []
    within: list[tuple[Glyph, Region]] = []
    region: Region | None = None
    left, top, right, bottom = _NOWHERE
    for glyph in glyphs:
        _, x0, y0, x1, y1, _, edges = glyph
        x, y = (x0 + edges[1][0]) / 2 if edges else (x0 + x1) / 2, (y0 + y1) / 2
        if not (left <= x < right and top <= y < bottom):
            region = lattice.region_at(x, y)
            left, top, right, bottom = region.box if region is not None else _NOWHERE
        if edges:
            x, last, low = x, (edges[0][-1] + x1) / 2, (max(edges[2]) + y1) / 2
            if region is not None:
                if last >= right or low >= bottom:
                    return None
            elif x < lattice.xs[-1] and last >= lattice.xs[0] and y < lattice.ys[-1] and low >= lattice.ys[0]:
                return None
        if region is None:
            outside.append(glyph)
        else:
            within.append((glyph, region))
    return within, outside


def _any_overflow(placed: list[tuple[Glyph, Region]]) -> bool:
    """Whether any run of characters (which are sorted) reaches over a border."""
    meeting = [(left, right) for (left, here), (right, there) in pairwise(placed) if here is not there]
    near = [pair for pair in meeting if pair[1][1] - pair[0][3] < CLOSE * (pair[1][4] - pair[1][2])]
    return any(_run_on(left, right) for left, right in near)


def _runs(placed: list[tuple[Glyph, Region]]) -> list[list[tuple[Glyph, Region]]]:
    """Characters (which are sorted) in runs without a gap, which may reach over a border."""
    runs: list[list[tuple[Glyph, Region]]] = []
    last: Glyph | None = None
    for item in placed:
        if last is not None and _run_on(last, item[0]):
            runs[-1].append(item)
        else:
            runs.append([item])
        last = item[0]
    return runs


def _run_on(left: Glyph, right: Glyph) -> bool:
    """Whether two neighbours stand on one line without a gap and are of one kind."""
    return (
        right[5] - left[5] < 0.5
        and right[1] - left[3] < CLOSE * right.first[1]
        and _kind(right[0][0]) == _kind(left[0][-1])
    )


def _kind(char: str) -> str:
    """Numbers, white space and all other text do not belong to one run."""
    return "number" if char in "0123456789.,-" else "space" if char.isspace() else "text"


def _home(run: list[tuple[Glyph, Region]]) -> Region | None:
    """The one cell of a run that overflows its cell: where text begins, where most of a number stands.

    None for a run that stays in its cell, and for two texts that each keep clear of the border between them.
    """
    regions = [region for _, region in run]
    if regions[0] is regions[-1]:
        return None
    for (left, here), (right, there) in pairwise(run):
        over = left.x1 > here.box[2] + 1.0 or right.x0 < there.box[0] - 1.0
        if here is not there and not over and (here.box[2] - left.x1 > 1.0 or right.x0 - there.box[0] > 1.0):
            return None
    if _kind(run[0][0].char) == "number":
        return max(dict.fromkeys(regions), key=regions.count)
    return regions[0]
