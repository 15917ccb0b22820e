"""Tables that are ruled in part or not at all: the lines that would have been drawn, from how the text is aligned.

Columns are the stretches of a table between the white rivers that no row's text crosses. Rows stand on the baselines of
their amounts; a line of text without amounts belongs to the row it is set close to (a wrapped label, whose amounts may
stand at its top, middle or bottom) or, set apart like a row, is a row of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from flows.read.cells import Lattice, Region
from flows.read.glyphs import Glyph
from flows.read.ruling import Stroke
from flows.read.textlines import PrintedLine, bounds, line_text, printed_lines

_NUMBER = re.compile(r"[-−－+(（]?[\d０-９][\d０-９,，\s]*([.．][\d０-９\s]+)?[%％)）]?")
_DECIMAL = re.compile(r"[-−－(（]?[\d,，\s]*\d\s*[.．]\s*\d[\d\s]*[%％)）]?")
_DASH = re.compile(r"[-—–－─]{1,3}")
FEWEST_ROWS = 3
"""Fewer rows of aligned numbers than this are not taken for a table without lines."""


class Word(NamedTuple):
    """A piece of a line between real gaps."""

    text: str
    x0: float
    x1: float

    @property
    def numeric(self) -> bool:
        return bool(_NUMBER.fullmatch(self.text) or _DASH.fullmatch(self.text))


class WordLine(NamedTuple):
    """One printed line as words."""

    line: PrintedLine
    words: tuple[Word, ...]
    baseline: float
    top: float
    bottom: float

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def aligned(self) -> bool:
        """Whether the line looks like a row: several words, a bare number among them."""
        return len(self.words) > 1 and any(word.numeric for word in self.words)


class Implied(NamedTuple):
    """The strokes of one table that was not drawn, and the lines of text that stand in it."""

    horizontal: list[Stroke]
    vertical: list[Stroke]
    lines: tuple[WordLine, ...]


def word_line(line: PrintedLine) -> WordLine:
    """The line split where a gap is wider than half a character."""
    printed = [glyph for glyph in line.glyphs if not glyph.char.isspace()]
    runs: list[list[Glyph]] = []
    for glyph in printed:
        if runs and glyph.x0 - runs[-1][-1].x1 <= 0.5 * (glyph.bottom - glyph.top):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    words = tuple(Word(line_text(run), run[0].x0, max(glyph.x1 for glyph in run)) for run in runs)
    _, top, _, bottom = bounds(printed)
    return WordLine(line, words, median(glyph.baseline for glyph in printed), top, bottom)


# ---- tables without lines


def implied_tables(lines: Sequence[PrintedLine]) -> list[Implied]:
    """The tables that stand in these lines (of one page, from top to bottom) without vertical lines."""
    rows = [word_line(line) for line in lines]
    found: list[Implied] = []
    start = 0
    while start < len(rows):
        end = _run_end(rows, start) if rows[start].aligned else start
        table = _implied(rows, start, end)
        if table is not None:
            found.append(table)
        start = max(end, start + 1)
    return found


def _run_end(rows: Sequence[WordLine], start: int) -> int:
    """The line after the last of a run of aligned rows, label lines between them included."""
    end = start + 1
    for index in range(start + 1, len(rows)):
        if rows[index].top - rows[index - 1].bottom > 2.5 * rows[index - 1].size or index - end > 3:
            break
        if rows[index].aligned:
            end = index + 1
    return end


def _implied(rows: Sequence[WordLine], start: int, end: int) -> Implied | None:
    body = rows[start:end]
    anchors = [row for row in body if row.aligned]
    if len(anchors) < FEWEST_ROWS:
        return None
    rivers = _rivers(anchors)
    if not rivers or any(_crossed(row, rivers) for row in body if not row.aligned and len(row.words) == 1):
        return None
    numbers = sum(word.numeric and word.x0 > rivers[0] for row in anchors for word in row.words)
    if numbers < len(anchors):
        return None
    head = _head_start(rows, start)
    tail = _tail_end(rows, end, rivers)
    lines = tuple(rows[head:tail])
    rivers = _rivers([*anchors, *_unspanning(rows[head:start], rivers)])
    left = min(row.words[0].x0 for row in lines) - 2
    right = max(word.x1 for row in lines for word in row.words) + 2
    bands = [[row] for row in rows[head:start]] + row_bands(rows[start:tail], rivers)
    ys = _between(bands)
    horizontal = [Stroke(y, left, right) for y in ys]
    vertical = [Stroke(left, ys[0], ys[-1]), Stroke(right, ys[0], ys[-1])]
    for band, (top, bottom) in zip(bands, pairwise(ys), strict=True):
        vertical += [Stroke(x, top, bottom) for x in rivers if not any(_crossed(row, [x]) for row in band)]
    return Implied(horizontal, vertical, lines)


def _rivers(rows: Sequence[WordLine]) -> list[float]:
    """The middles of the gaps that no word of these rows stands in."""
    size = median(row.size for row in rows)
    spans = sorted((word.x0, word.x1) for row in rows for word in row.words)
    rivers: list[float] = []
    reach = spans[0][1]
    for x0, x1 in spans[1:]:
        if x0 - reach >= 0.4 * size:
            rivers.append((reach + x0) / 2)
        reach = max(reach, x1)
    return rivers


def _crossed(row: WordLine, rivers: Sequence[float]) -> bool:
    return any(word.x0 < x - 2 and word.x1 > x + 2 for word in row.words for x in rivers)


def _unspanning(rows: Sequence[WordLine], rivers: Sequence[float]) -> list[WordLine]:
    """Heading lines reduced to the words that stand over one column: they also show columns without a figure."""
    kept = []
    for row in rows:
        words = tuple(word for word in row.words if not any(word.x0 < x < word.x1 for x in rivers))
        if words:
            kept.append(row._replace(words=words))
    return kept


def _head_start(rows: Sequence[WordLine], start: int) -> int:
    """The first line of the column headings above the rows: lines of several words, none of them "name: value"."""
    first = start
    while first > 0:
        above, below = rows[first - 1], rows[first]
        if below.top - above.bottom > 2 * above.size or len(above.words) < 2:
            break
        if any("：" in word.text or ":" in word.text for word in above.words):
            break
        first -= 1
    return first


def _tail_end(rows: Sequence[WordLine], end: int, rivers: Sequence[float]) -> int:
    """The line after the rest of the last row's wrapped label."""
    while end < len(rows):
        last, following = rows[end - 1], rows[end]
        close = following.top - last.bottom < 0.5 * last.size
        within = len(following.words) == 1 and following.words[0].x1 < rivers[0]
        if not (close and within and following.words[0].x0 >= last.words[0].x0 - 2):
            break
        end += 1
    return end


# ---- rows


def row_bands(lines: Sequence[WordLine], borders: Sequence[float]) -> list[list[WordLine]]:
    """Lines grouped into table rows; `borders` are the column borders between the first and the last column."""
    anchors = [index for index, line in enumerate(lines) if any(word.numeric for word in line.words)]
    if not anchors:
        return [[line] for line in lines]
    pitch = _pitch(lines, anchors)
    coded = _has_codes(lines, anchors, borders)
    home = {index: index for index in anchors}
    for index, line in enumerate(lines):
        if index in home:
            continue
        up = line.baseline - lines[index - 1].baseline if index else float("inf")
        down = lines[index + 1].baseline - line.baseline if index + 1 < len(lines) else float("inf")
        continues = coded and line.words[0].x0 > borders[0]
        if min(up, down) < 0.85 * pitch or continues:
            home[index] = _nearest(lines, anchors, index)
        else:
            home[index] = index
    bands: dict[int, list[WordLine]] = {}
    for index in range(len(lines)):
        bands.setdefault(home[index], []).append(lines[index])
    return sorted(bands.values(), key=lambda band: band[0].baseline)


def _pitch(lines: Sequence[WordLine], anchors: Sequence[int]) -> float:
    """The usual distance from row to row, from anchors that follow each other directly."""
    steps = [lines[b].baseline - lines[a].baseline for a, b in pairwise(anchors) if b == a + 1]
    return median(steps) if steps else 1.6 * median(line.size for line in lines)


def _has_codes(lines: Sequence[WordLine], anchors: Sequence[int], borders: Sequence[float]) -> bool:
    """Whether most rows begin with a whole number in the first of at least three columns."""
    if len(borders) < 2:
        return False
    starts = [lines[index].words[0] for index in anchors]
    return sum(word.x1 < borders[0] and word.text.isdigit() for word in starts) > 0.6 * len(starts)


def _nearest(lines: Sequence[WordLine], anchors: Sequence[int], index: int) -> int:
    """The row whose amounts stand closest, preferring the one above when equally close."""
    here = lines[index].baseline
    return min(anchors, key=lambda anchor: (round(abs(lines[anchor].baseline - here), 0), anchor > index))


def _between(bands: Sequence[Sequence[WordLine]]) -> list[float]:
    """Row borders: half way between the text of one row and the next."""
    tops = [min(line.top for line in band) for band in bands]
    bottoms = [max(line.bottom for line in band) for band in bands]
    inner = [(bottom + top) / 2 for bottom, top in zip(bottoms, tops[1:], strict=False)]
    return [tops[0] - 2, *inner, bottoms[-1] + 2]


# ---- rows missing between drawn columns


def missing_floors(lattice: Lattice, inside: dict[Region, list[Glyph]]) -> list[Stroke]:
    """The row borders not drawn in a table whose columns are: where one ruled row holds several rows of amounts."""
    floors: list[Stroke] = []
    for row, (top, bottom) in enumerate(pairwise(lattice.ys)):
        regions = [region for region in lattice.regions if region.row == row and region.row_span == 1]
        glyphs = [glyph for region in regions for glyph in inside.get(region, ())]
        if len(regions) < 2 or not glyphs or bottom - top < 2.2 * (glyphs[0].bottom - glyphs[0].top):
            continue
        lines = [word_line(line) for line in printed_lines(glyphs)]
        if _stacked(lines, regions):
            ys = _between(row_bands(lines, [region.box[2] for region in regions[:-1]]))
            floors += [Stroke(y, lattice.xs[0], lattice.xs[-1]) for y in ys[1:-1]]
    return floors


def _stacked(lines: Sequence[WordLine], regions: Sequence[Region]) -> bool:
    """Whether amounts stand one below the other in a cell, each beside other text of its line.

    A code or a label wrapped in a narrow cell is not that: its row has one line of amounts.
    """
    for region in regions:
        x0, _, x1, _ = region.box
        amounts = 0
        for line in lines:
            own = [word for word in line.words if x0 <= (word.x0 + word.x1) / 2 <= x1]
            others = len(line.words) > len(own)
            amounts += others and any(_DECIMAL.fullmatch(word.text) for word in own)
        if amounts >= 2:
            return True
    return False
