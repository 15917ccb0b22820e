"""PDF pages that are pictures: which they are, and what is read in them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as pdfium

from flows.read.document import Line, Page
from flows.read.pdf.glyphs import PageGlyphs
from flows.read.scan.extra import installed

if TYPE_CHECKING:
    from flows.read.scan.engine import Pixels

LEAST_DPI, MOST_DPI = 200, 300
MOST_PIXELS = 20_000_000
"""Pixels of a rendered page; a larger sheet is rendered more coarsely."""
FEW = 200
"""Characters beside a picture that is most of the page: fewer are a stamp, a page number or a title."""
MOST_OF_PAGE = 0.5


def is_scan(page: pdfium.FPDF_PAGE, glyphs: PageGlyphs) -> bool:
    """Whether what the page says may stand in a picture: no text of its own is shown, or little beside a large picture."""
    if glyphs.pictured or glyphs.hidden_only:
        return True
    if not glyphs.images or glyphs.characters >= FEW:
        return False
    return max((share for share, _ in _pictures(page, glyphs)), default=0.0) >= MOST_OF_PAGE


def read_scan(page: pdfium.FPDF_PAGE, glyphs: PageGlyphs, number: int) -> Page | None:
    """The page as read from its picture; None without the extra `ocr`, or where the page's own text says as much."""
    if not installed():
        return None
    from flows.read.scan.page import read_picture

    sharpest = max((dpi for share, dpi in _pictures(page, glyphs) if share > 0.1), default=float(LEAST_DPI))
    wide, high = glyphs.shown.width, glyphs.shown.height
    scale = min(MOST_DPI, max(LEAST_DPI, sharpest)) / 72
    scale = min(scale, (MOST_PIXELS / max(1.0, wide * high)) ** 0.5)
    across, down = round(wide * scale), round(high * scale)
    if not (across and down):
        return None
    found = read_picture(_rendered(page, across, down), scale, number, sharpest / 72 / scale)
    own = sum(len(glyph.char) for glyph in glyphs.upright)
    enough = 0.5 * own if glyphs.hidden_only else 1.5 * own + 10 if own else 0
    return found if _characters(found) >= enough else None


def _characters(page: Page) -> int:
    return sum(
        len(item.text) if isinstance(item, Line) else sum(len(cell.text) for cell in item.cells) for item in page.items
    )


def _pictures(page: pdfium.FPDF_PAGE, glyphs: PageGlyphs) -> Iterator[tuple[float, float]]:
    """For each picture on the page: its share of the page, and its dots an inch."""
    whole = max(1.0, glyphs.shown.width * glyphs.shown.height)
    edges = [ctypes.c_float() for _ in range(4)]
    across, down = ctypes.c_uint(), ctypes.c_uint()
    owners: list[tuple[Any, Any, int]] = [(page, pdfium.FPDFPage_GetObject, pdfium.FPDFPage_CountObjects(page))]
    while owners:
        owner, object_at, count = owners.pop()
        for index in range(count):
            drawn = object_at(owner, index)
            kind = pdfium.FPDFPageObj_GetType(drawn)
            if kind == pdfium.FPDF_PAGEOBJ_FORM:
                owners.append((drawn, pdfium.FPDFFormObj_GetObject, pdfium.FPDFFormObj_CountObjects(drawn)))
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE and pdfium.FPDFPageObj_GetBounds(
                drawn, *(ctypes.byref(edge) for edge in edges)
            ):
                left, bottom, right, top = (edge.value for edge in edges)
                pdfium.FPDFImageObj_GetImagePixelSize(drawn, ctypes.byref(across), ctypes.byref(down))
                area = max(0.01, (right - left) * (top - bottom))
                yield min(1.0, area / whole), 72 * (across.value * down.value / area) ** 0.5


def _rendered(page: pdfium.FPDF_PAGE, wide: int, high: int) -> Pixels:
    """The displayed page as grey pixels."""
    import numpy as np

    bitmap = pdfium.FPDFBitmap_CreateEx(wide, high, pdfium.FPDFBitmap_Gray, None, 0)
    if not bitmap:
        raise MemoryError(f"a picture of {wide} × {high} pixels")
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, wide, high, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, wide, high, 0, pdfium.FPDF_GRAYSCALE)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        start = ctypes.cast(pdfium.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_ubyte * (stride * high)))
        return np.frombuffer(start.contents, np.uint8).reshape(high, stride)[:, :wide].copy()
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
