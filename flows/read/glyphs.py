"""Printed characters of a PDF page, in the coordinates in which a reader sees the page.

Positions are points from the displayed page's top left corner, whatever rotation the page carries. Text that nobody
can see (drawn invisibly, or outside the page) is left out; a character struck twice to look bold is kept once.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]

INVISIBLE = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
_QUARTER = 1.5707963267948966
_OBLIQUE = -1


class Glyph(NamedTuple):
    """One printed character; `baseline` is where it stands, measured like `top` from the page's top."""

    char: str
    x0: float
    top: float
    x1: float
    bottom: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Frame:
    """How user space (origin bottom left, before rotation) maps to the displayed page.

    `box` is the visible part of user space (left, bottom, right, top), `turns` the clockwise quarter turns on display.
    """

    box: Box
    turns: int

    @property
    def width(self) -> float:
        left, bottom, right, top = self.box
        return right - left if self.turns % 2 == 0 else top - bottom

    @property
    def height(self) -> float:
        left, bottom, right, top = self.box
        return top - bottom if self.turns % 2 == 0 else right - left

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The displayed position of a point of user space."""
        left, bottom, right, top = self.box
        if self.turns == 0:
            return x - left, top - y
        if self.turns == 1:
            return y - bottom, x - left
        if self.turns == 2:
            return right - x, y - bottom
        return top - y, right - x

    def user(self, x: float, y: float) -> tuple[float, float]:
        """The point of user space shown at a displayed position."""
        left, bottom, right, top = self.box
        if self.turns == 0:
            return left + x, top - y
        if self.turns == 1:
            return left + y, bottom + x
        if self.turns == 2:
            return right - x, bottom + y
        return right - y, top - x

    def rect(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The displayed box (x0, top, x1, bottom) of a box of user space."""
        ax, ay = self.point(left, bottom)
        bx, by = self.point(right, top)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def turned(self, quarters: int) -> Frame:
        """The same page turned clockwise by so many more quarters."""
        return Frame(self.box, (self.turns + quarters) % 4)

    def box_in(self, other: Frame, box: Box) -> Box:
        """A box of this frame as it stands in another frame of the same page."""
        ax, ay = other.point(*self.user(box[0], box[1]))
        bx, by = other.point(*self.user(box[2], box[3]))
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


class RawGlyph(NamedTuple):
    """One character in user space; `quarter` is its direction in clockwise quarter turns (-1: oblique)."""

    char: str
    x: float
    y: float
    left: float
    bottom: float
    right: float
    top: float
    quarter: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class PageGlyphs:
    """The characters of one page.

    `shown` is the page as displayed, `reading` the frame in which most of its text stands upright (the same frame,
    except where text is drawn sideways). `upright` are positioned in `reading`; `turned` maps the quarter turns that
    would set other text upright to its characters, positioned in a frame so turned. `hidden_only`: the page has text,
    but none of it is drawn (a scan with recognised text behind it); it is kept then.
    """

    shown: Frame
    reading: Frame
    upright: list[Glyph]
    turned: dict[int, list[Glyph]]
    oblique: list[Glyph]
    hidden_only: bool


def page_glyphs(page: pdfium.FPDF_PAGE, text: pdfium.FPDF_TEXTPAGE) -> PageGlyphs:
    """All characters that the page shows, each once."""
    shown = page_frame(page)
    raw = [glyph for glyph in _raw_glyphs(text) if _on_page(glyph, shown)]
    visible = [glyph for glyph in raw if not glyph.hidden]
    hidden_only = bool(raw) and not visible
    kept = visible or raw
    counts = Counter((glyph.quarter + shown.turns) % 4 for glyph in kept if glyph.quarter != _OBLIQUE)
    main = counts.most_common(1)[0][0] if counts else 0
    reading = shown.turned(-main)
    groups: dict[int, list[Glyph]] = {}
    oblique: list[Glyph] = []
    for glyph in kept:
        if glyph.quarter == _OBLIQUE:
            oblique.append(_placed(glyph, reading))
            continue
        quarters = -(glyph.quarter + reading.turns) % 4
        groups.setdefault(quarters, []).append(_placed(glyph, reading.turned(quarters)))
    struck = {quarters: _struck_once(glyphs) for quarters, glyphs in groups.items()}
    return PageGlyphs(shown, reading, struck.pop(0, []), struck, oblique, hidden_only)


def page_frame(page: pdfium.FPDF_PAGE) -> Frame:
    """The frame of a loaded page as it is displayed."""
    return Frame(_visible_box(page), pdfium.FPDFPage_GetRotation(page) % 4)


def _visible_box(page: pdfium.FPDF_PAGE) -> Box:
    edges = [ctypes.c_float() for _ in range(4)]
    refs = [ctypes.byref(edge) for edge in edges]
    for getter in (pdfium.FPDFPage_GetCropBox, pdfium.FPDFPage_GetMediaBox):
        if getter(page, *refs):
            left, bottom, right, top = (edge.value for edge in edges)
            return min(left, right), min(bottom, top), max(left, right), max(bottom, top)
    return 0.0, 0.0, 595.0, 842.0


def _raw_glyphs(text: pdfium.FPDF_TEXTPAGE) -> list[RawGlyph]:
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    x_ref, y_ref, box_ref = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    unicode_of, origin_of, box_of = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetCharOrigin,
        pdfium.FPDFText_GetLooseCharBox,
    )
    object_of, generated = pdfium.FPDFText_GetTextObject, pdfium.FPDFText_IsGenerated
    found: list[RawGlyph] = []
    last, quarter, hidden = -1, 0, False
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = unicode_of(text, index)
        if code <= 32 and (code != 32 or generated(text, index)):
            continue
        owner = ctypes.cast(object_of(text, index), ctypes.c_void_p).value or 0
        if owner != last:
            last = owner
            quarter = _quarter_of(pdfium.FPDFText_GetCharAngle(text, index))
            mode = pdfium.FPDFTextObj_GetTextRenderMode(object_of(text, index))
            hidden = mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
        origin_of(text, index, x_ref, y_ref)
        box_of(text, index, box_ref)
        found.append(RawGlyph(chr(code), x.value, y.value, box.left, box.bottom, box.right, box.top, quarter, hidden))
    return found


def _quarter_of(angle: float) -> int:
    quarters = angle / _QUARTER
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.06 else _OBLIQUE


def _on_page(glyph: RawGlyph, frame: Frame) -> bool:
    left, bottom, right, top = frame.box
    return glyph.right > left and glyph.left < right and glyph.top > bottom and glyph.bottom < top


def _placed(glyph: RawGlyph, frame: Frame) -> Glyph:
    _, baseline = frame.point(glyph.x, glyph.y)
    x0, top, x1, bottom = frame.rect(glyph.left, glyph.bottom, glyph.right, glyph.top)
    return Glyph(glyph.char, x0, top, x1, bottom, baseline)


def _struck_once(glyphs: list[Glyph]) -> list[Glyph]:
    """Without the repeated strokes of text printed twice, slightly shifted, to look bold."""
    seen: dict[tuple[str, int, int], list[Glyph]] = {}
    once: list[Glyph] = []
    for glyph in glyphs:
        column, row = int(glyph.x0 // 4), int(glyph.baseline // 4)
        reach = 0.2 * max(glyph.x1 - glyph.x0, 2.0)
        near = (
            other
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for other in seen.get((glyph.char, i, j), ())
        )
        if any(abs(other.x0 - glyph.x0) < reach and abs(other.baseline - glyph.baseline) < reach for other in near):
            continue
        seen.setdefault((glyph.char, column, row), []).append(glyph)
        once.append(glyph)
    return once
