"""Printed characters of a PDF page, in the coordinates in which a reader sees the page.

Positions are points from the displayed page's top left corner, whatever rotation the page carries. Text that nobody
can see (drawn invisibly, or outside the page) is left out.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import NamedTuple

import pypdfium2.raw as pdfium

from flows.read.pdf.pdfium import char_boxes, char_text, direct, objects, reference

Box = tuple[float, float, float, float]

_NOT_SHOWN = frozenset((pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP))
_new = tuple.__new__
"""Makes a named tuple of values in its order, in half the time of its own constructor."""
_QUARTER = 1.5707963267948966
_OBLIQUE = -1
_NOWHERE = float("-inf")

_Columns = tuple[str, list[float], list[float], list[float], list[float]]
Edges = tuple[Sequence[float], Sequence[float], Sequence[float]]
"""Where each of several characters begins, ends, and has its top."""


class Glyph(NamedTuple):
    """One printed character, or several that stand close to each other on one line and are moved about as one.

    `baseline` is where it stands, measured like `top` from the page's top. Several characters have `edges`; `singles`
    takes them apart.
    """

    char: str
    x0: float
    top: float
    x1: float
    bottom: float
    baseline: float
    edges: Edges | None = None

    @property
    def first(self) -> tuple[float, float]:
        """Width and height of the (first) character."""
        if self.edges is None:
            return self.x1 - self.x0, self.bottom - self.top
        starts, ends, tops = self.edges
        return ends[0] - starts[0], self.bottom - tops[0]


CLOSE = 0.15
"""A gap smaller than this share of the height is none: the characters beside it stand together."""
STRUCK = (0.2, 0.12)
"""A character that begins nearer to the one before than these shares of its width or its height may strike it again."""
UNEVEN = 0.08
"""Tops that differ by less than this share of the height are those of different letters of one size."""


def singles(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """The characters one by one."""
    apart: list[Glyph] = []
    for glyph in glyphs:
        if glyph.edges is None:
            apart.append(glyph)
        else:
            each = zip(glyph.char, *glyph.edges, strict=True)
            _, _, _, _, bottom, baseline, _ = glyph
            apart += [_new(Glyph, (char, x0, top, x1, bottom, baseline, None)) for char, x0, x1, top in each]
    return apart


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
        if self.turns == 0 and left <= right and bottom <= top:
            x0, _, _, y1 = self.box
            return left - x0, y1 - top, right - x0, y1 - bottom
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
    """One character in user space, the `place`-th; `quarter` is its direction in clockwise quarter turns (-1: oblique)."""

    place: int
    char: str
    left: float
    bottom: float
    right: float
    top: float
    x: float
    y: float
    quarter: int


@dataclass(frozen=True, slots=True)
class PageGlyphs:
    """The characters of one page.

    `shown` is the page as displayed, `reading` the frame in which most of its text stands upright (the same frame,
    except where text is drawn sideways). `upright` are positioned in `reading`; `turned` maps the quarter turns that
    would set other text upright to its characters, positioned in a frame so turned; `oblique` text keeps the order in
    which it is drawn. `hidden_left_out`: the page also holds text that is not shown. `hidden_only`: none of its text is
    shown (a scan with recognised text behind it); it is kept then. `images`: the page, or a form on it, holds an image.
    """

    shown: Frame
    reading: Frame
    upright: list[Glyph]
    turned: dict[int, list[Glyph]]
    oblique: list[Glyph]
    hidden_left_out: bool
    hidden_only: bool
    images: bool

    @property
    def characters(self) -> int:
        """How many there are."""
        return sum(
            len(glyph.char) for glyphs in (self.upright, *self.turned.values(), self.oblique) for glyph in glyphs
        )

    @property
    def pictured(self) -> bool:
        """Whether the page shows no text at all, but an image."""
        return self.images and not (self.upright or self.turned or self.oblique)


def page_glyphs(page: pdfium.FPDF_PAGE, text: pdfium.FPDF_TEXTPAGE) -> PageGlyphs:
    """All characters that the page shows."""
    shown = page_frame(page)
    hidden, images = _drawn(page)
    if not hidden and (plain := _plain_glyphs(text, shown)):
        return PageGlyphs(shown, shown, plain, {}, [], False, False, images)
    raw, left_out, hidden_only = _raw_glyphs(text), False, False
    if hidden:
        visible = [glyph for glyph in raw if not _hidden(text, glyph.place)]
        hidden_only = bool(raw) and not visible
        left_out = 0 < len(visible) < len(raw)
        raw = visible or raw
    x0, y0, x1, y1 = shown.box
    kept = [glyph for glyph in raw if glyph.right > x0 and glyph.left < x1 and glyph.top > y0 and glyph.bottom < y1]
    counts = Counter([glyph.quarter for glyph in kept])
    sideways = Counter({quarter: count for quarter, count in counts.items() if quarter != _OBLIQUE})
    main = sideways.most_common(1)[0][0] if sideways else -shown.turns % 4
    reading = Frame(shown.box, -main % 4) if main != -shown.turns % 4 else shown
    groups: dict[int, list[Glyph]] = {}
    for quarter in sideways:
        frame = Frame(shown.box, -quarter % 4)
        groups[(frame.turns - reading.turns) % 4] = _placed(kept, quarter, frame)
    oblique = _placed(kept, _OBLIQUE, reading) if _OBLIQUE in counts else []
    return PageGlyphs(shown, reading, groups.pop(0, []), groups, oblique, left_out, hidden_only, images)


def page_frame(page: pdfium.FPDF_PAGE) -> Frame:
    """The frame of a loaded page as it is displayed."""
    return Frame(_visible_box(page), pdfium.FPDFPage_GetRotation(page) % 4)


def _visible_box(page: pdfium.FPDF_PAGE) -> Box:
    """What is shown of user space: a crop box counts only as far as it lies on the sheet."""
    edges = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, edges):
        return edges.left, edges.bottom, edges.right, edges.top
    return 0.0, 0.0, 595.0, 842.0


def _plain_glyphs(text: pdfium.FPDF_TEXTPAGE, shown: Frame) -> list[Glyph] | None:
    """The characters of a page that is not turned and holds upright text only, as most do; None for other pages.

    Neighbours that stand close, none struck twice, come as one.
    """
    if shown.turns:
        return None
    left, _, _, top = shown.box
    chars, starts, tops, ends, bottoms = columns = _columns(text)
    pieces = _pieces(text, columns, shown)
    if pieces is None:
        return None
    if left:
        starts, ends = [x - left for x in starts], [x - left for x in ends]
    glyphs: list[Glyph] = []
    pieces.append((len(chars), _NOWHERE))
    for (first, baseline), (past, _) in pairwise(pieces):
        if baseline == _NOWHERE:
            continue
        highest, low, stands, size = tops[first], top - bottoms[first], top - baseline, past - first
        if size == 1:
            piece: tuple[object, ...] = chars[first], starts[first], top - highest, ends[first], low, stands, None
        else:
            uppers = tops[first:past]
            if uppers.count(highest) == size:
                uppers = [top - highest] * size
            else:
                highest, uppers = max(uppers), [top - y for y in uppers]
            several = starts[first:past], ends[first:past], uppers
            piece = chars[first:past], starts[first], top - highest, ends[past - 1], low, stands, several
        glyphs.append(_new(Glyph, piece))
    return glyphs


def _pieces(text: pdfium.FPDF_TEXTPAGE, columns: _Columns, shown: Frame) -> list[tuple[int, float]] | None:
    """Where each piece of close upright characters begins, and its baseline (`_NOWHERE`: not printed, not seen).

    Characters of one size that end at the same depth stand on one baseline; it is asked for once. None for a page with
    text that is not upright.
    """
    left_edge, bottom_edge, right_edge, top_edge = shown.box
    origin, handle, generated = _Origin(text), reference(text), direct("FPDFText_IsGenerated")
    baselines: dict[float, tuple[float, float]] = {}
    pieces: list[tuple[int, float]] = []
    above = below = begin = end = least = uneven = 0.0
    close, across = _NOWHERE, STRUCK[0]
    for index, char, left, top, right, bottom in zip(count(), *columns, strict=False):
        if (
            left - end < close
            and bottom == below
            and (top == above or -uneven < top - above < uneven)
            and least <= left - begin >= across * (right - left)
            and end <= right
            and left < right_edge
            and char > " "
        ):
            begin, end = left, right
            continue
        close = baseline = _NOWHERE
        if char < " ":
            pieces.append((index, baseline))
            continue
        above, below, begin, end, size = top, bottom, left, right, top - bottom
        if char > " " or (char == " " and not generated(handle, index)):
            known = baselines.get(bottom)
            if known is None or not -UNEVEN * size < top - known[0] < UNEVEN * size:
                if origin.quarter(index, left, top, right, bottom):
                    return None
                known = baselines[bottom] = top, origin.y
            if right > left_edge and left < right_edge and top > bottom_edge and bottom < top_edge:
                baseline = known[1]
                if char > " ":
                    close, least, uneven = CLOSE * size, STRUCK[1] * 1.2 * size, UNEVEN * size
        pieces.append((index, baseline))
    return pieces


def _raw_glyphs(text: pdfium.FPDF_TEXTPAGE) -> list[_Raw]:
    """Every character, white space that the library only supposes left out."""
    origin, handle, generated = _Origin(text), reference(text), direct("FPDFText_IsGenerated")
    found: list[_Raw] = []
    for index, (char, left, top, right, bottom) in enumerate(zip(*_columns(text), strict=True)):
        if char > " " or (char == " " and not generated(handle, index)):
            quarter = origin.quarter(index, left, top, right, bottom)
            found.append(_Raw(index, char, left, bottom, right, top, origin.x, origin.y, quarter))
    return found


def _columns(text: pdfium.FPDF_TEXTPAGE) -> _Columns:
    """The characters of a page and, for each, its left, top, right and bottom in user space."""
    handle, most = reference(text), max(0, pdfium.FPDFText_CountChars(text))
    boxes = char_boxes(handle, most)
    return char_text(handle, most), boxes[0::4], boxes[1::4], boxes[2::4], boxes[3::4]


class _Origin:
    """Where characters of a text page stand: `x` and `y` of the one asked for last."""

    def __init__(self, text: pdfium.FPDF_TEXTPAGE) -> None:
        """Nothing has been asked for yet."""
        self._text, self._handle, self._origin_of = text, reference(text), direct("FPDFText_GetCharOrigin")
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._places = ctypes.byref(self._x), ctypes.byref(self._y)
        self.x = self.y = 0.0

    def quarter(self, index: int, left: float, top: float, right: float, bottom: float) -> int:
        """The direction of a character with this box in clockwise quarter turns, `_OBLIQUE` for any other."""
        self._origin_of(self._handle, index, *self._places)
        self.x, self.y = self._x.value, self._y.value
        if self.x - left > 0.1 * (right - left) or self.y - bottom > 0.4 * (top - bottom):
            return _quarter_of(pdfium.FPDFText_GetCharAngle(self._text, index))
        return 0


def _quarter_of(angle: float) -> int:
    quarters = angle / _QUARTER
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.06 else _OBLIQUE


def _drawn(page: pdfium.FPDF_PAGE) -> tuple[bool, bool]:
    """Whether the page, or a form on it, draws text without showing it, and whether it draws an image."""
    mode_of, kind_of = direct("FPDFTextObj_GetTextRenderMode"), direct("FPDFPageObj_GetType")
    count_of = direct("FPDFFormObj_CountObjects")
    owners = [objects(reference(page), pdfium.FPDFPage_CountObjects(page), "FPDFPage_GetObject")]
    hidden = images = False
    while owners:
        drawn = owners.pop()
        modes = list(map(mode_of, drawn))
        hidden = hidden or not _NOT_SHOWN.isdisjoint(modes)
        other = [item for item, mode in zip(drawn, modes, strict=True) if mode < 0] if -1 in modes else []
        kinds = list(map(kind_of, other))
        images = images or pdfium.FPDF_PAGEOBJ_IMAGE in kinds
        if pdfium.FPDF_PAGEOBJ_FORM in kinds:
            forms = [item for item, kind in zip(other, kinds, strict=True) if kind == pdfium.FPDF_PAGEOBJ_FORM]
            owners += [objects(form, count_of(form), "FPDFFormObj_GetObject") for form in forms]
    return hidden, images


def _hidden(text: pdfium.FPDF_TEXTPAGE, index: int) -> bool:
    return pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(text, index)) in _NOT_SHOWN


def _placed(glyphs: list[_Raw], quarter: int, frame: Frame) -> list[Glyph]:
    """Those characters that are turned by so many quarters, as they stand in a frame."""
    return [
        Glyph(char, *frame.rect(left, bottom, right, top), frame.point(x, y)[1])
        for _, char, left, bottom, right, top, x, y, turned in glyphs
        if turned == quarter
    ]
