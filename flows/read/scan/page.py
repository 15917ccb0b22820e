"""The picture of a page → the same lines and grids as the characters and drawn lines of a text page would give."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import cos, radians, sin

from flows.read.document import Grid, Line, Page, Place
from flows.read.pdf.glyphs import Box, Frame, Glyph, PageGlyphs
from flows.read.pdf.layout import page_items
from flows.read.scan.certainty import MARGIN, Reading, read_certainly
from flows.read.scan.engine import Pixels
from flows.read.scan.picture import FAINT, ink_of, upright
from flows.read.scan.ruling import pixel_ruling, tables_of, without_ruling
from flows.read.scan.strips import cell_strips, character_sized, ink_marks, loose_strips, runs

MOST_STRIPS = 4_000
"""Lines of text of one page; a picture with more is no page of text, and would take minutes."""
TEXT = 30
"""Marks as large as characters that are text."""


def read_picture(pixels: Pixels, scale: float, number: int, sharpness: float = 1.0) -> Page:
    """Page `number` as read from its grey picture of `scale` pixels a point; places are points of the picture.

    `sharpness`: how many pixels of the scan itself one pixel of the picture is (below 1 where it was enlarged).
    """
    page = upright(pixels, scale)
    high, wide = pixels.shape
    size = wide / scale, high / scale
    shown = Frame((0.0, 0.0, *size), 0)
    reading = shown.turned(page.quarters)
    ink = ink_of(page.pixels)
    ruling, tables = tables_of(pixel_ruling(ink, scale))
    clean, rest = without_ruling(page.pixels, ink, scale, tables)
    marks = ink_marks(rest, scale)
    faint = ink_marks(ink_of(clean, FAINT), scale)
    strips = [*cell_strips(marks, faint, tables), *loose_strips(marks, page.boxes, tables)]
    if len(strips) > MOST_STRIPS:
        return Page(number, (), ("图像上的笔迹太多，不像文字 / far too many marks in this picture for text",))
    readings = [found for found in read_certainly(clean, strips, min(1.0, sharpness)) if found.text]
    glyphs = [glyph for found in readings for glyph in _glyphs(found, marks.pixels, scale)]
    items = page_items(PageGlyphs(shown, reading, glyphs, {}, [], False, False, False), ruling, number)
    doubted = [(reading.box_in(shown, _points(found, scale)), found.doubt) for found in readings if found.doubt]
    items = tuple(_placed(_with_doubts(item, doubted), page.slant, size) for item in items)
    return Page(number, items, _page_doubts(readings, character_sized(marks)))


def _page_doubts(readings: list[Reading], marks: int) -> tuple[str, ...]:
    """What makes the whole page uncertain; `marks` is how many marks on it are as large as characters."""
    if not readings and marks >= TEXT:
        return ("图像上有笔迹，但认不出文字 / there are marks in this picture, but no text could be recognised",)
    return ()


def _points(found: Reading, scale: float) -> Box:
    x0, y0, x1, y1 = found.strip.box
    return x0 / scale, y0 / scale, x1 / scale, y1 / scale


def _glyphs(found: Reading, ink: Pixels, scale: float) -> list[Glyph]:
    """The characters of a strip in points: each reaches half way to its neighbours, except where a wide gap shows."""
    box = found.strip.box
    chars = found.chars
    top, bottom = box.y0 / scale, box.y1 / scale
    least = 0.8 * found.strip.height / scale
    if bottom - top < least:
        top, bottom = (top + bottom - least) / 2, (top + bottom + least) / 2
    pad = max(2, round(MARGIN * max(box.y1 - box.y0, found.strip.height)))
    wide = box.x1 - box.x0 + 2 * pad
    middles = [min(box.x1, max(box.x0, box.x0 - pad + char.middle * wide)) for char in chars]
    borders = [float(box.x0), *((a + b) / 2 for a, b in pairwise(middles)), float(box.x1)]
    lefts, rights = borders[:-1], borders[1:]
    printed = [index for index, char in enumerate(chars) if not char.char.isspace()]
    clear = ~ink[box.y0 : box.y1, box.x0 : box.x1].any(axis=0)
    gaps = [(a + box.x0, b + box.x0) for a, b in runs(clear) if b - a >= 0.6 * found.strip.height]
    for left, right in pairwise(printed):
        within = [gap for gap in gaps if middles[left] < (gap[0] + gap[1]) / 2 < middles[right]]
        if within:
            start, end = max(within, key=lambda gap: gap[1] - gap[0])
            rights[left], lefts[right] = max(middles[left], start), min(middles[right], end)
    return [
        Glyph(chars[index].char, lefts[index] / scale, top, max(lefts[index], rights[index]) / scale, bottom, bottom)
        for index in range(len(chars))
    ]


def _with_doubts(item: Line | Grid, doubted: list[tuple[Box, str]]) -> Line | Grid:
    """The item with the doubts about the texts that stand in it."""
    if isinstance(item, Line):
        return item._replace(doubt=_doubt_in(item.place.bbox, doubted))
    cells = tuple(replace(cell, doubt=_doubt_in(cell.place.bbox, doubted) or cell.doubt) for cell in item.cells)
    return replace(item, cells=cells)


def _doubt_in(box: Box | None, doubted: list[tuple[Box, str]]) -> str:
    """The first doubt about what stands within a box, "" where there is none."""
    if box is None:
        return ""
    x0, top, x1, bottom = box
    inside = (
        doubt
        for (a, b, c, d), doubt in doubted
        if min(c, x1) - max(a, x0) > 0.3 * min(c - a, x1 - x0)
        and min(d, bottom) - max(b, top) > 0.3 * min(d - b, bottom - top)
    )
    return next(inside, "")


def _placed(item: Line | Grid, slant: float, size: tuple[float, float]) -> Line | Grid:
    """The item where it lies on the picture as scanned, before that was turned by `slant` degrees about its middle."""
    if not slant:
        return item
    place = _slanted(item.place, slant, size)
    if isinstance(item, Line):
        return item._replace(place=place)
    cells = tuple(replace(cell, place=_slanted(cell.place, slant, size)) for cell in item.cells)
    return replace(item, place=place, cells=cells)


def _slanted(place: Place, slant: float, size: tuple[float, float]) -> Place:
    if place.bbox is None:
        return place
    x0, top, x1, bottom = place.bbox
    c, s = cos(radians(slant)), sin(radians(slant))
    x, y = (x0 + x1 - size[0]) / 2, (top + bottom - size[1]) / 2
    right, down = x * c - y * s - x, x * s + y * c - y
    return place._replace(
        bbox=(round(x0 + right, 1), round(top + down, 1), round(x1 + right, 1), round(bottom + down, 1))
    )
