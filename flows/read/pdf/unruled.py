"""Tables without vertical lines, with horizontal lines or none: rows and columns from where the words stand.

Columns are the stretches between the white rivers that no row of amounts crosses, and those that only a heading shows.
Horizontal lines, where there are any, frame the table and part its rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from flows.read.pdf.aligned import FEWEST_ROWS, WordLine, has_gap, row_bands, row_step, word_line
from flows.read.pdf.cells import Region
from flows.read.pdf.glyphs import Box, Glyph
from flows.read.pdf.headings import column_extents, headings, laid_out
from flows.read.pdf.ruling import Stroke
from flows.read.pdf.textlines import PrintedLine

MOST_HEADER_LINES = 14


class Implied(NamedTuple):
    """One table that was not drawn: its cells with their characters, and the lines of text that stand in it."""

    regions: tuple[Region, ...]
    inside: dict[Region, list[Glyph]]
    rows: int
    columns: int
    box: Box
    lines: tuple[WordLine, ...]


def implied_tables(lines: Sequence[PrintedLine], rules: Sequence[Stroke] = ()) -> list[Implied]:
    """The tables without vertical lines in these lines of one page (from top to bottom); `rules` are the horizontal ones."""
    gapped = {id(line): word_line(line) for line in lines if has_gap(line)}
    if not any(row.aligned for row in gapped.values()):
        return []
    rows = [gapped.get(id(line)) or word_line(line) for line in lines]
    found: list[Implied] = []
    start = 0
    while start < len(rows):
        end = _run_end(rows, start) if rows[start].aligned else start
        table, after = _implied(rows, start, end, rules)
        if table is not None:
            found.append(table)
        start = max(after, start + 1)
    return found


def _run_end(rows: Sequence[WordLine], start: int) -> int:
    """The line after the last of a run of aligned rows; rows without figures between them are part of it."""
    end = start + 1
    anchors = [rows[start]]
    gaps: list[tuple[float, float]] | None = None
    for index in range(start + 1, len(rows)):
        row = rows[index]
        if row.top - rows[index - 1].bottom > 2.5 * rows[index - 1].size:
            break
        if row.aligned:
            anchors.append(row)
            end, gaps = index + 1, None
            continue
        gaps = _gaps(anchors) if gaps is None else gaps
        if _crossed(row, gaps) or (len(anchors) < FEWEST_ROWS and index - end > 3):
            break
    return end


def _implied(rows: Sequence[WordLine], start: int, end: int, rules: Sequence[Stroke]) -> tuple[Implied | None, int]:
    """The table whose amounts stand in the lines `start` to `end`, and the line after it."""
    anchors = [row for row in rows[start:end] if row.aligned]
    cuts = _frame(anchors, rules) if anchors else []
    if len(anchors) < (1 if len(cuts) > 2 else FEWEST_ROWS):
        return None, end
    gaps = _gaps(anchors)
    if not gaps:
        return None, end
    numbers = sum(word.numeric and word.x0 > gaps[0][0] for row in anchors for word in row.words)
    if 2 * numbers < len(anchors) or _is_contents(anchors, gaps):
        return None, end
    step = row_step(rows[start:end], [(low + high) / 2 for low, high in gaps])
    head, tail = _head_start(rows, start, gaps, cuts), _tail_end(rows, end, anchors, gaps, cuts)
    while start > head and _is_like(rows[start - 1], anchors):
        start -= 1
    return _table(rows[head:start], rows[start:tail], anchors, gaps, step, cuts), tail


def _is_like(row: WordLine, anchors: Sequence[WordLine]) -> bool:
    """Whether a line without amounts begins where the labels of the rows do."""
    starts = [word.x0 for anchor in anchors for word in anchor.words if not word.numeric]
    return all(min((abs(word.x0 - x) for x in starts), default=9.0) < 2 for word in row.words)


def _table(
    head: Sequence[WordLine],
    body: Sequence[WordLine],
    anchors: Sequence[WordLine],
    gaps: Sequence[tuple[float, float]],
    step: float,
    cuts: Sequence[float],
) -> Implied:
    first, last = min(row.words[0].x0 for row in anchors), max(row.words[-1].x1 for row in anchors)
    lows, highs = [high for _, high in gaps], [low for low, _ in gaps]
    extents = list(zip([first, *lows], [*highs, last], strict=True))
    found = headings(head, step)
    extents = column_extents(found, extents)
    borders = [(left[1] + right[0]) / 2 for left, right in pairwise(extents)]
    lines = (*head, *body)
    left = min(row.words[0].x0 for row in lines) - 2
    right = max(word.x1 for row in lines for word in row.words) + 2
    edges = [left, *borders, right]
    spots = laid_out(found, extents, edges)
    depth = max((row + span for row, _, span, _, _ in spots), default=0)
    bands = row_bands(body, borders, step, cuts)
    for number, band in enumerate(bands):
        spots += _band_spots(band, number + depth, borders)
    top, bottom = min(row.top for row in lines) - 2, max(row.bottom for row in lines) + 2
    inside: dict[Region, list[Glyph]] = {}
    for row, column, row_span, column_span, glyphs in sorted(spots, key=lambda spot: spot[:2]):
        inside[Region(row, column, row_span, column_span, (left, top, right, bottom))] = glyphs
    return Implied(tuple(inside), inside, depth + len(bands), len(extents), (left, top, right, bottom), tuple(lines))


def _band_spots(
    band: Sequence[WordLine], row: int, borders: Sequence[float]
) -> list[tuple[int, int, int, int, list[Glyph]]]:
    """The cells of one row: (row, column, spans, characters). Text that reaches into free columns is a merged cell."""
    words = [word for line in band for word in line.words]
    home = [bisect_right(borders, (word.x0 + word.x1) / 2) for word in words]
    for index, word in enumerate(words):
        begins = bisect_right(borders, word.x0 + 2)
        if not word.numeric and begins < home[index] and begins not in home:
            home[index] = begins
    taken = set(home)
    cells: dict[int, tuple[int, list[Glyph]]] = {}
    for word, column in zip(words, home, strict=True):
        reach = bisect_right(borders, word.x1 - 2)
        free = not any(other in taken for other in range(column + 1, reach + 1))
        span, glyphs = cells.get(column, (1, []))
        cells[column] = (max(span, reach - column + 1) if free and not word.numeric else span, [*glyphs, *word.glyphs])
    return [(row, column, 1, span, glyphs) for column, (span, glyphs) in sorted(cells.items())]


def _frame(anchors: Sequence[WordLine], rules: Sequence[Stroke]) -> list[float]:
    """Where horizontal lines cross the table from side to side, from its top to its bottom; none where they do not."""
    left, right = min(row.words[0].x0 for row in anchors), max(row.words[-1].x1 for row in anchors)
    across = [rule for rule in rules if rule.start < left + 4 and rule.end > right - 4]
    alike = [rule for rule in across if abs(rule.start - across[0].start) < 6 and abs(rule.end - across[0].end) < 6]
    return sorted(rule.at for rule in alike) if len(alike) > 1 else []


def _is_contents(rows: Sequence[WordLine], gaps: Sequence[tuple[float, float]]) -> bool:
    """Whether these are titles with page numbers: two columns, whole numbers that never fall."""
    numbers = [row.words[-1].text for row in rows]
    if len(gaps) > 1 or not all(number.isdecimal() and len(number) < 4 for number in numbers):
        return False
    return all(int(before) <= int(after) for before, after in pairwise(numbers))


def _gaps(rows: Sequence[WordLine]) -> list[tuple[float, float]]:
    """The stretches between columns in which no word of these rows stands.

    A word set across the middle of such a stretch, in a row or two of many, is a merged cell (合计) and no obstacle.
    """
    size = median(row.size for row in rows)
    spans = sorted((word.x0, word.x1) for row in rows for word in row.words)
    merged = _merged_words(rows)
    gaps: list[tuple[float, float]] = []
    reach = spans[0][1]
    for x0, x1 in spans:
        if (x0, x1) in merged:
            continue
        if x0 - reach >= 0.3 * size:
            gaps.append((reach, x0))
        reach = max(reach, x1)
    return gaps


def _merged_words(rows: Sequence[WordLine]) -> set[tuple[float, float]]:
    """Where the labels of total rows stand that are set in the middle of several cells: in the first words of few rows,
    between where the first and the second words of all others do.
    """
    firsts = [row.words[0] for row in rows if len(row.words) > 1]
    rest = [row.words[1] for row in rows if len(row.words) > 1]
    if len(rows) < 4:
        return set()
    left, right = median(word.x0 for word in firsts), median(word.x0 for word in rest)
    ends = [word.x1 for word in firsts if abs(word.x0 - left) < 2]
    usual = max(ends, default=left)
    odd = {
        (word.x0, word.x1)
        for word in firsts
        if not word.numeric and left + 6 < word.x0 and word.x1 > usual and word.x0 < right
    }
    return odd if len(odd) <= max(1, len(rows) // 6) else set()


def _crossed(row: WordLine, gaps: Sequence[tuple[float, float]]) -> bool:
    """Whether a word of the line reaches over a whole gap."""
    return any(word.x0 < low and word.x1 > high for word in row.words for low, high in gaps)


def _head_start(
    rows: Sequence[WordLine], start: int, gaps: Sequence[tuple[float, float]], cuts: Sequence[float]
) -> int:
    """The first line of the column headings: all lines below the table's upper line or, without one, those set close
    above each other, until one that is larger (a title) or speaks (部门：…).
    """
    above_table = [cut for cut in cuts if cut < rows[start].baseline]
    first = start
    while first > 0 and start - first < MOST_HEADER_LINES:
        above, below = rows[first - 1], rows[first]
        if above_table:
            if above.baseline < min(above_table):
                break
        elif (
            any("：" in word.text or ":" in word.text or "。" in word.text for word in above.words)
            or above.size > 1.15 * rows[start].size
            or below.top - above.bottom > (4 if len(above.words) > 2 else 1.6) * above.size
            or above.words[-1].x1 > rows[start].words[-1].x1 + 3 * above.size
        ):
            break
        first -= 1
    return first


def _tail_end(
    rows: Sequence[WordLine],
    end: int,
    anchors: Sequence[WordLine],
    gaps: Sequence[tuple[float, float]],
    cuts: Sequence[float],
) -> int:
    """The line after the last of the table: the rest of a wrapped label, and rows without amounts, set like the others."""
    apart = max((below.top - above.bottom for above, below in pairwise(anchors)), default=0.0)
    while end < len(rows):
        last, following = rows[end - 1], rows[end]
        inside = bool(cuts) and following.baseline < cuts[-1]
        like = _is_like(following, anchors)
        near = following.top - last.bottom <= min(max(apart, 0.5 * last.size), 2 * last.size)
        spoken = any("：" in word.text or ":" in word.text or "。" in word.text for word in following.words)
        if not inside and (cuts or not (like and near) or spoken or _crossed(following, gaps)):
            break
        end += 1
    return end
