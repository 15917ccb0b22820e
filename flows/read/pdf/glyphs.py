"""Printed characters of a PDF page, in the coordinates in which a reader sees the page.

Positions are points from the displayed page's top left corner, whatever rotation the page carries. Text that nobody
can see (drawn invisibly, or outside the page) is left out.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

UNKNOWN = "\ufffd"
"""Stands for a printed character whose meaning the font does not tell."""

Box = tuple[float, float, float, float]

_NOT_SHOWN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_QUARTER = 1.5707963267948966
_OBLIQUE = -1
_CONTROL = {32: 32, 2: ord("-")}
"""What control codes stand for: pdfium marks a hyphen at the end of a line with 2. All others are unknown characters."""


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


class _Raw(NamedTuple):
    """One character in user space; `quarter` is its direction in clockwise quarter turns (-1: oblique)."""

    char: str
    x: float
    y: float
    left: float
    bottom: float
    right: float
    top: float
    quarter: int


@dataclass(frozen=True, slots=True)
class PageGlyphs:
    """The characters of one page.

    `shown` is the page as displayed, `reading` the frame in which most of its text stands upright (the same frame,
    except where text is drawn sideways). `upright` are positioned in `reading`; `turned` maps the quarter turns that
    would set other text upright to its characters, positioned in a frame so turned; `oblique` text keeps the order in
    which it is drawn. `hidden_left_out`: the page also holds text that is not shown. `hidden_only`: none of its text is
    shown (a scan with recognised text behind it); it is kept then. `pictured`: no text at all, but an image.
    """

    shown: Frame
    reading: Frame
    upright: list[Glyph]
    turned: dict[int, list[Glyph]]
    oblique: list[Glyph]
    hidden_left_out: bool
    hidden_only: bool
    pictured: bool


def page_glyphs(page: pdfium.FPDF_PAGE, text: pdfium.FPDF_TEXTPAGE) -> PageGlyphs:
    """All characters that the page shows."""
    shown = page_frame(page)
    raw, left_out, hidden_only = _raw_glyphs(text), False, False
    if _draws_hidden_text(page):
        visible = [item for item in raw if not _hidden(text, item[0])]
        hidden_only = bool(raw) and not visible
        left_out = 0 < len(visible) < len(raw)
        raw = visible or raw
    left, bottom, right, top = shown.box
    kept = [g for _, g in raw if g.right > left and g.left < right and g.top > bottom and g.bottom < top]
    pictured = not kept and _any_object(page, pdfium.FPDF_PAGEOBJ_IMAGE)
    counts = Counter(glyph.quarter for glyph in kept if glyph.quarter != _OBLIQUE)
    main = counts.most_common(1)[0][0] if counts else -shown.turns % 4
    reading = Frame(shown.box, -main % 4)
    groups: dict[int, list[Glyph]] = {}
    for quarter in counts:
        frame = Frame(shown.box, -quarter % 4)
        groups[(frame.turns - reading.turns) % 4] = _placed([g for g in kept if g.quarter == quarter], frame)
    oblique = _placed([glyph for glyph in kept if glyph.quarter == _OBLIQUE], reading)
    return PageGlyphs(shown, reading, groups.pop(0, []), groups, oblique, left_out, hidden_only, pictured)


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


def _raw_glyphs(text: pdfium.FPDF_TEXTPAGE) -> list[tuple[int, _Raw]]:
    """Every character with its index, white space that the library only supposes left out."""
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    x_ref, y_ref, box_ref = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    unicode_of, origin_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetCharOrigin
    box_of, generated = pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_IsGenerated
    found: list[tuple[int, _Raw]] = []
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = unicode_of(text, index)
        if code <= 32:
            if code in (9, 10, 13) or (code == 32 and generated(text, index)):
                continue
            code = _CONTROL.get(code, ord(UNKNOWN))
        origin_of(text, index, x_ref, y_ref)
        box_of(text, index, box_ref)
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        across, up = x.value, y.value
        quarter = 0
        if across - left > 0.4 * (right - left) or up - bottom > 0.5 * (top - bottom):
            quarter = _quarter_of(pdfium.FPDFText_GetCharAngle(text, index))
        found.append((index, _Raw(chr(code), across, up, left, bottom, right, top, quarter)))
    return found


def _quarter_of(angle: float) -> int:
    quarters = angle / _QUARTER
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.06 else _OBLIQUE


def _draws_hidden_text(page: pdfium.FPDF_PAGE) -> bool:
    """Whether any text of the page is drawn without being shown."""
    return _any_object(page, pdfium.FPDF_PAGEOBJ_TEXT, _NOT_SHOWN)


def _any_object(page: pdfium.FPDF_PAGE, wanted: int, modes: tuple[int, ...] = ()) -> bool:
    """Whether the page holds an object of a kind (for text: drawn in one of these modes), in nested forms too."""
    kind_of, mode_of = pdfium.FPDFPageObj_GetType, pdfium.FPDFTextObj_GetTextRenderMode
    owners: list[tuple[Any, int, Callable[[Any, int], Any]]] = [
        (page, pdfium.FPDFPage_CountObjects(page), pdfium.FPDFPage_GetObject)
    ]
    while owners:
        owner, count, object_at = owners.pop()
        for index in range(count):
            drawn = object_at(owner, index)
            kind = kind_of(drawn)
            if kind == wanted and (not modes or mode_of(drawn) in modes):
                return True
            if kind == pdfium.FPDF_PAGEOBJ_FORM:
                owners.append((drawn, pdfium.FPDFFormObj_CountObjects(drawn), pdfium.FPDFFormObj_GetObject))
    return False


def _hidden(text: pdfium.FPDF_TEXTPAGE, index: int) -> bool:
    return pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(text, index)) in _NOT_SHOWN


def _placed(glyphs: list[_Raw], frame: Frame) -> list[Glyph]:
    if frame.turns == 0:
        left, _, _, top = frame.box
        return [Glyph(g.char, g.left - left, top - g.top, g.right - left, top - g.bottom, top - g.y) for g in glyphs]
    return [
        Glyph(
            glyph.char, *frame.rect(glyph.left, glyph.bottom, glyph.right, glyph.top), frame.point(glyph.x, glyph.y)[1]
        )
        for glyph in glyphs
    ]
