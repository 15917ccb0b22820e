"""Characters and ruling of one page → its lines and grids in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from flows.read.document import Cell, Grid, Line, Place
from flows.read.pdf.aligned import missing_floors, missing_walls
from flows.read.pdf.cells import Lattice, Region, by_region, enclosed, lattices
from flows.read.pdf.glyphs import Box, Glyph, PageGlyphs
from flows.read.pdf.ruling import Ruling, Stroke, merged
from flows.read.pdf.spill import give_back
from flows.read.pdf.textlines import PrintedLine, bounds, printed_lines
from flows.read.pdf.unruled import implied_tables

_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_new = tuple.__new__
"""Makes a named tuple of values in its order, in half the time of its own constructor."""
_ROUNDER = 1.5 * 2**52
"""Added to a number and taken away again it leaves a whole one: rounds to a tenth of a point in a fifth of the time of `round`."""


def page_items(page: PageGlyphs, ruling: Ruling, number: int) -> tuple[Line | Grid, ...]:
    """The page's items: tables ruled in full or in part, tables held together by alignment, lines of text."""
    rest = page.upright
    placed: list[tuple[float, float, Line | Grid]] = []
    for lattice in lattices(ruling):
        lattice, inside, outside = _filled(lattice, rest)
        give_back(lattice, inside)
        size = len(lattice.ys) - 1, len(lattice.xs) - 1
        grid = _grid(lattice.regions, inside, size, lattice.box, page, number)
        if grid is not None:
            placed.append((lattice.ys[0], lattice.xs[0], grid))
            rest = outside
    gutter = _gutter([box for _, _, item in placed if (box := item.place.bbox)]) if page.reading == page.shown else None
    boxes = [box for _, _, item in placed if (box := item.place.bbox)]
    rules = [rule for rule in ruling.horizontal if not any(box[1] - 2 <= rule.at <= box[3] + 2 for box in boxes)]
    printed = _halves(printed_lines(rest), gutter) if gutter else printed_lines(rest)
    for lines in _stretches(printed, [box for top, _, item in placed if (box := item.place.bbox)]):
        placed += _unruled(lines, rules, page, number)
    for quarters, glyphs in page.turned.items():
        turned = page.reading.turned(quarters)
        tables = [(top, item.place.bbox) for top, _, item in placed if isinstance(item, Grid) and item.place.bbox]
        for line in printed_lines(glyphs):
            box = turned.box_in(page.reading, line.box)
            made = _line(line, box, page, number)
            placed.append((*_before_tables(box, _shown(box, page), tables), made))
    placed.sort(key=lambda item: item[:2])
    if gutter is not None:
        placed.sort(key=lambda item: (item[2].place.bbox or _NOWHERE)[0] >= gutter)
    if page.oblique:
        box = bounds(page.oblique)
        placed.append((*box[:2], _line(PrintedLine(page.oblique, box), box, page, number)))
    return tuple([item for _, _, item in placed])


def _gutter(tables: Sequence[Box]) -> float | None:
    """Where a page is divided that holds two ruled tables side by side, and none across; None for any other page."""
    for left in tables:
        for right in tables:
            gutter = (left[2] + right[0]) / 2
            beside = min(left[3], right[3]) - max(left[1], right[1]) > 0 and left[2] <= right[0]
            if beside and not any(box[0] < gutter < box[2] for box in tables):
                return gutter
    return None


def _halves(lines: Sequence[PrintedLine], gutter: float) -> list[PrintedLine]:
    """Lines divided at the gutter, where they leave it free; a line written across it stays whole."""
    halves: list[PrintedLine] = []
    for line in lines:
        left = [glyph for glyph in line.glyphs if glyph.x1 <= gutter]
        right = [glyph for glyph in line.glyphs if glyph.x0 >= gutter]
        free = bool(left and right) and len(left) + len(right) == len(line.glyphs)
        if free and right[0].x0 - left[-1].x1 > right[0].bottom - right[0].top:
            halves += [PrintedLine(left, bounds(left)), PrintedLine(right, bounds(right))]
        else:
            halves.append(line)
    return halves


def _before_tables(box: Box, shown: Box, tables: Sequence[tuple[float, Box]]) -> tuple[float, float]:
    """Where text that is not turned like the tables comes: before a table that it stands above on the displayed page, else
    before everything.

    A title is printed upright over a table that is drawn sideways, or sideways beside a table that is upright. `tables`:
    where each comes, and its displayed box.
    """
    below = [top for top, table in tables if shown[3] <= table[1] + 2]
    return (min(below) - 0.5, shown[1]) if below else (0.0, box[0])


def _filled(lattice: Lattice, glyphs: Sequence[Glyph]) -> tuple[Lattice, dict[Region, list[Glyph]], list[Glyph]]:
    """A ruled table with the characters of its cells, rows that were not ruled told apart; and all other characters."""
    inside, outside = by_region(lattice, glyphs)
    if walls := missing_walls(lattice, inside):
        horizontal, vertical = lattice.strokes
        refined = enclosed(list(horizontal), list(merged([*vertical, *walls])))
        if refined is not None:
            lattice = refined
            inside, outside = by_region(lattice, glyphs)
    floors = missing_floors(lattice, inside)
    if floors:
        horizontal, vertical = lattice.strokes
        refined = enclosed(list(merged([*horizontal, *floors])), list(vertical))
        if refined is not None:
            inside, outside = by_region(refined, glyphs)
            return refined, inside, outside
    return lattice, inside, outside


def _stretches(lines: Sequence[PrintedLine], tables: Sequence[Box]) -> list[list[PrintedLine]]:
    """Lines outside ruled tables, divided where a table stands between them."""
    stretches: list[list[PrintedLine]] = [[]]
    for line in lines:
        if stretches[-1]:
            upper, lower = stretches[-1][-1].box[3], line.box[1]
            if any(upper - 2 <= box[1] and box[3] <= lower + 2 for box in tables):
                stretches.append([])
        stretches[-1].append(line)
    return stretches


def _unruled(
    lines: Sequence[PrintedLine], rules: Sequence[Stroke], page: PageGlyphs, number: int
) -> list[tuple[float, float, Line | Grid]]:
    """Tables without vertical lines among these lines, and the lines that are just text."""
    placed: list[tuple[float, float, Line | Grid]] = []
    taken: set[int] = set()
    for table in implied_tables(lines, rules):
        grid = _grid(table.regions, table.inside, (table.rows, table.columns), table.box, page, number)
        if grid is not None:
            placed.append((table.box[1], table.box[0], grid))
            taken.update(id(row.line.glyphs) for row in table.lines)
    for line in lines:
        if id(line.glyphs) not in taken:
            placed.append((line.box[1], line.box[0], _line(line, line.box, page, number)))
    return placed


def _line(line: PrintedLine, box: Box, page: PageGlyphs, number: int) -> Line:
    place = _new(Place, (number, _shown(box, page), None, None, None))
    return _new(Line, (line.text, place, ""))


def _grid(
    regions: Sequence[Region],
    inside: dict[Region, list[Glyph]],
    size: tuple[int, int],
    extent: Box,
    page: PageGlyphs,
    number: int,
) -> Grid | None:
    """The table of so many rows and columns with its text; None when nothing is printed in it."""
    cells = []
    for region in regions:
        if region not in inside:
            continue
        glyphs = inside[region]
        if len(glyphs) == 1:
            text, box = glyphs[0][0].strip(), glyphs[0][1:5]
            if not text:
                continue
        else:
            lines = printed_lines(glyphs)
            if not lines:
                continue
            text = "\n".join([line.text for line in lines])
            box = bounds([glyph for line in lines for glyph in line.glyphs if not glyph[0].isspace()])
        place = _new(Place, (number, _shown(box, page), None, None, None))
        doubt = _doubt(text, box, region)
        cells.append(Cell(text, region.row, region.column, place, region.row_span, region.column_span, doubt))
    if not cells:
        return None
    return Grid(tuple(cells), *size, Place(page=number, bbox=_shown(extent, page)))


def _doubt(text: str, box: Box, region: Region) -> str:
    """Why a number is not certain that reaches far over the border of its cell: it may have run into the next one."""
    over = box[2] - region.box[2] > 0.6 * (box[3] - box[1])
    if over and text[-1].isdigit() and "\n" not in text:
        return "数字越过单元格边线 / the number reaches over the border of its cell"
    return ""


def _shown(box: Box, page: PageGlyphs) -> Box:
    """A box as it stands on the displayed page."""
    x0, top, x1, bottom = box if page.reading is page.shown else page.reading.box_in(page.shown, box)
    return (
        (x0 * 10 + _ROUNDER - _ROUNDER) / 10,
        (top * 10 + _ROUNDER - _ROUNDER) / 10,
        (x1 * 10 + _ROUNDER - _ROUNDER) / 10,
        (bottom * 10 + _ROUNDER - _ROUNDER) / 10,
    )
