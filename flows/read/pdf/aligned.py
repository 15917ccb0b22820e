"""Tables that are ruled in part or not at all: the lines that would have been drawn, from how the text is aligned.

Columns are the stretches of a table between the white rivers that no row's text crosses. Rows stand on the baselines of
their amounts; a line of text without amounts belongs to the row it is set close to (a wrapped label, whose amounts may
stand at its top, middle or bottom) or, set apart like a row, is a row of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from flows.read.pdf.cells import Lattice, Region
from flows.read.pdf.glyphs import Glyph, singles
from flows.read.pdf.ruling import Stroke
from flows.read.pdf.textlines import PrintedLine, bounds, line_text, printed_lines

_NUMBER = re.compile(r"[-−－+(（]?[\d０-９][\d０-９,，\s]*([.．][\d０-９\s]+)?[%％)）]?")
_DECIMAL = re.compile(r"[-−－(（]?[\d,，\s]*\d\s*[.．]\s*\d[\d\s]*[%％)）]?")
_DASH = re.compile(r"[-—–－─]{1,3}")
_IN_NUMBER = frozenset("0123456789０１２３４５６７８９.,")
_BESIDE_NUMBER = 0.25
FEWEST_ROWS = 3
"""Fewer rows of aligned numbers than this are not taken for a table without lines."""


class Word(NamedTuple):
    """A piece of a line between real gaps."""

    text: str
    x0: float
    x1: float
    glyphs: tuple[Glyph, ...] = ()

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


def word_line(line: PrintedLine) -> WordLine:
    """The line split where a gap is wider than half a character, or a quarter where a number ends or begins."""
    if len(line.glyphs) == 1:
        ((_, x0, top, x1, bottom, baseline, _),) = line.glyphs
        return WordLine(line, (Word(line.text, x0, x1, tuple(line.glyphs)),), baseline, top, bottom)
    printed = [glyph for glyph in line.glyphs if not glyph[0].isspace()]
    runs: list[list[Glyph]] = []
    end, last = float("-inf"), ""
    for glyph in printed:
        char, x0, top, x1, bottom, _, edges = glyph
        if edges:
            top = edges[2][0]
        if x0 - end <= _within_word(last, char[0]) * (bottom - top):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
        end, last = x1, char[-1]
    words = tuple(Word(line_text(run), run[0].x0, max([glyph.x1 for glyph in run]), tuple(run)) for run in runs)
    _, top, _, bottom = line.box if len(printed) == len(line.glyphs) else bounds(printed)
    return WordLine(line, words, _usual_baseline(printed), top, bottom)


def has_gap(line: PrintedLine) -> bool:
    """Whether the line may have several words: a gap as wide as one beside a number."""
    end = float("inf")
    for char, x0, top, x1, bottom, _, edges in line.glyphs:
        if x0 - end > _BESIDE_NUMBER * (bottom - (edges[2][0] if edges else top)):
            return True
        if not char.isspace():
            end = x1
    return False


def _usual_baseline(glyphs: Sequence[Glyph]) -> float:
    if len({glyph[5] for glyph in glyphs}) == 1:
        return glyphs[0].baseline
    return median([glyph.baseline for glyph in singles(glyphs)])


def _within_word(left: str, right: str) -> float:
    """The widest gap between two characters, in their heights, over which a word goes on.

    An amount may end close to what stands beside it: another amount, or the label of the other side.
    """
    return _BESIDE_NUMBER if left in _IN_NUMBER or right in _IN_NUMBER else 0.5


# ---- rows


def row_bands(
    lines: Sequence[WordLine], borders: Sequence[float], step: float, cuts: Sequence[float] = ()
) -> list[list[WordLine]]:
    """Lines grouped into table rows; `borders` are the column borders, lines closer than `step` belong together.

    `cuts` are horizontal lines from side to side: they part rows and, where most rows have one, nothing else does but amounts.

    Two amounts never share a cell. Where rows are as close as the lines of a label, a line without code and amounts
    goes on from the row above, in a table whose rows begin with codes, unless the line below is closer.
    """
    coded = _has_codes(lines, borders)
    between = [bisect_right(cuts, (line.top + line.bottom) / 2) for line in lines]
    ruled = len(set(between)) > 0.5 * sum(bool(_amount_columns(line, borders)) for line in lines)
    bands: list[list[WordLine]] = []
    for index, line in enumerate(lines):
        if bands and between[index] == between[index - 1]:
            band = bands[-1]
            near = ruled or line.baseline - band[-1].baseline < step
            clash = any(_amount_columns(line, borders) & _amount_columns(other, borders) for other in band)
            rest = coded and line.words[0].x0 > borders[0] and not _amount_columns(line, borders)
            below = lines[index + 1].baseline if index + 1 < len(lines) else float("inf")
            rest = rest and below - line.baseline > line.baseline - band[-1].baseline - 1
            started = any(_amount_columns(other, borders) for other in band)
            if not clash and (near or (rest and started)):
                band.append(line)
                continue
        bands.append([line])
    return bands


def row_step(lines: Sequence[WordLine], borders: Sequence[float]) -> float:
    """The distance of baselines from which a line begins a row of its own.

    Taken from neighbouring lines that both hold an amount in one column, which are rows for certain; without such, from
    the widest jump between the distances that occur. 0 where all lines stand equally far apart.
    """
    sure = [
        below.baseline - above.baseline
        for above, below in pairwise(lines)
        if _amount_columns(above, borders) & _amount_columns(below, borders)
    ]
    if sure:
        return 0.85 * median(sure)
    steps = sorted(below.baseline - above.baseline for above, below in pairwise(lines))
    jumps = [(high / low, (low + high) / 2) for low, high in pairwise(steps) if low > 0]
    widest, middle = max(jumps, default=(1.0, 0.0))
    return middle if widest > 1.15 else 0.0


def _amount_columns(line: WordLine, borders: Sequence[float]) -> set[int]:
    """The columns, the first aside, in which the line has a number."""
    columns = (bisect_right(borders, (word.x0 + word.x1) / 2) for word in line.words if word.numeric)
    return {column for column in columns if column > 0}


def _has_codes(lines: Sequence[WordLine], borders: Sequence[float]) -> bool:
    """Whether most rows with amounts begin with a whole number in the first of at least three columns."""
    if len(borders) < 2:
        return False
    starts = [line.words[0] for line in lines if _amount_columns(line, borders)]
    return sum(word.x1 < borders[0] and word.text.isdigit() for word in starts) > 0.6 * len(starts)


def _between(bands: Sequence[Sequence[WordLine]]) -> list[float]:
    """Row borders: half way between the text of one row and the next."""
    tops = [min(line.top for line in band) for band in bands]
    bottoms = [max(line.bottom for line in band) for band in bands]
    inner = [(bottom + top) / 2 for bottom, top in zip(bottoms, tops[1:], strict=False)]
    return [tops[0] - 2, *inner, bottoms[-1] + 2]


# ---- columns and rows missing within what is drawn


def missing_walls(lattice: Lattice, inside: dict[Region, list[Glyph]]) -> list[Stroke]:
    """The column borders not drawn in a table of which only the header is ruled: where the header's columns run on down
    through a wide cell of many lines, and hardly a word stands in their way.
    """
    walls: list[Stroke] = []
    for region in lattice.regions:
        glyphs = inside.get(region, ()) if region.column_span > 1 else ()
        if not any(glyph.char[-1] in _IN_NUMBER for glyph in glyphs):
            continue
        lines = [word_line(line) for line in printed_lines(glyphs)]
        amounts = sum(bool(_DECIMAL.fullmatch(word.text)) for line in lines for word in line.words)
        if amounts < 2 or (
            sum(line.aligned for line in lines) < FEWEST_ROWS and not all(line.aligned for line in lines)
        ):
            continue
        _, top, _, bottom = region.box
        for x in lattice.xs[region.column + 1 : region.column + region.column_span]:
            crossed = sum(any(word.x0 < x - 1 and word.x1 > x + 1 for word in line.words) for line in lines)
            if crossed <= len(lines) / 5:
                walls.append(Stroke(x, top, bottom))
    return walls


def missing_floors(lattice: Lattice, inside: dict[Region, list[Glyph]]) -> list[Stroke]:
    """The row borders not drawn in a table whose columns are: where one ruled row holds several rows of amounts."""
    floors: list[Stroke] = []
    for first, end, regions in _row_groups(lattice):
        height = lattice.ys[end] - lattice.ys[first]
        filled = [glyphs for region in regions if (glyphs := inside.get(region))]
        if len(regions) < 2 or not filled or height < 2.2 * filled[0][0].first[1]:
            continue
        glyphs = [glyph for glyphs in filled for glyph in glyphs]
        if len({glyph.baseline for glyph in glyphs if "." in glyph.char or "．" in glyph.char}) < 2:
            continue
        lines = [word_line(line) for line in printed_lines(glyphs)]
        if _stacked(lines, regions):
            borders = lattice.xs[1:-1]
            ys = _between(row_bands(lines, borders, row_step(lines, borders)))
            floors += [Stroke(y, lattice.xs[0], lattice.xs[-1]) for y in ys[1:-1]]
    return floors


def _row_groups(lattice: Lattice) -> list[tuple[int, int, list[Region]]]:
    """Rows (from, to before) that no cell reaches out of, with their cells."""
    rows: list[list[Region]] = [[] for _ in lattice.ys[1:]]
    for region in lattice.regions:
        rows[region.row].append(region)
    groups: list[tuple[int, int, list[Region]]] = []
    for row, regions in enumerate(rows):
        end = max([row + region.row_span for region in regions], default=row + 1)
        if groups and row < groups[-1][1]:
            first, reach, above = groups[-1]
            groups[-1] = first, max(end, reach), above + regions
        else:
            groups.append((row, end, regions))
    return groups


def _stacked(lines: Sequence[WordLine], regions: Sequence[Region]) -> bool:
    """Whether amounts stand one below the other in a cell, each beside other text of its line.

    A code or a label wrapped in a narrow cell is not that: its row has one line of amounts.
    """
    for region in regions:
        x0, top, x1, bottom = region.box
        amounts = 0
        for line in lines:
            if not top <= line.baseline <= bottom:
                continue
            own = [word for word in line.words if x0 <= (word.x0 + word.x1) / 2 <= x1]
            others = len(line.words) > len(own)
            amounts += others and any(_DECIMAL.fullmatch(word.text) for word in own)
        if amounts >= 2:
            return True
    return False
