"""What a process of `flows.workers` runs to make pictures of a document's pages.

A page becomes a PNG of sixteen greys at two pixels a point: 40 to 100 KiB, legible enlarged. Measured on 66 pages from Word and
reportlab, lossy WebP and JPEG are larger at the same legibility, and the writer of PNG below needs no library. Only a page that
is a photograph of paper comes out large; it becomes a JPEG where Pillow is installed, as it is wherever scans are read.

The file of a PDF's page also tells where each printed number stands on it: of a claim the reader knows only its line.
"""

from __future__ import annotations

import ctypes
import json
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pypdfium2.raw as pdfium

from flows.read.document import Unreadable
from flows.read.formats import PDF
from flows.read.pdf.glyphs import page_frame
from flows.read.pdf.pdfium import char_boxes, char_text, reference

SCALE = 2.0
"""Pixels a point."""
MOST_PIXELS = 6_000_000
"""Of one picture: A3 and half as much again; a larger sheet is drawn more coarsely."""
HEAVY = 160 * 1024
"""Bytes of a PNG from which the page is taken for a photograph."""
_QUALITY = 45
_NUMBER = re.compile(r"[0-9０-９](?:[0-9０-９,，.．]*[0-9０-９])?")
_NUMBERS = b"zTXt"
_KEY = b"numbers\0\0"
_TONES = bytes((value + 8) // 17 for value in range(256))
_TONES_HIGH = bytes(tone << 4 for tone in _TONES)


class Picture(NamedTuple):
    """One page drawn: `data` is a file of the format `ending`; width and height are the page's, in points."""

    page: int
    data: bytes
    ending: str
    width: float
    height: float


class Number(NamedTuple):
    """A printed number, its digits plain, and its box in points from the page's top left corner."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class Grey(NamedTuple):
    """Rows of grey pixels, an even number in each; width and height are the page's, in points."""

    pixels: bytes
    across: int
    down: int
    width: float
    height: float
    numbers: tuple[Number, ...] = ()


def draw(data: bytes, wanted: str) -> tuple[Picture, ...]:
    """Pictures of pages of a document; `wanted` is its media type and the numbers of the pages, with blanks between.

    A page that there is not, or that cannot be drawn, is left out. Raises `Unreadable` where the document cannot be opened.
    """
    media_type, *numbers = wanted.split()
    pages = [int(number) for number in numbers]
    greys = _pdf_pages(data, pages) if media_type == PDF else _picture_pages(data, pages)
    return tuple(Picture(page, *_file_of(grey), grey.width, grey.height) for page, grey in greys)


def _file_of(grey: Grey) -> tuple[bytes, str]:
    made = png(grey.pixels, grey.across, grey.down, grey.numbers)
    if len(made) > HEAVY:
        try:
            from PIL import Image
        except ImportError:
            return made, "png"
        import io

        target = io.BytesIO()
        picture = Image.frombytes("L", (grey.across, grey.down), grey.pixels)
        picture.save(target, "JPEG", quality=_QUALITY, optimize=True)
        if target.tell() < len(made):
            return target.getvalue(), "jpg"
    return made, "png"


def png(pixels: bytes, across: int, down: int, numbers: Sequence[Number] = ()) -> bytes:
    """Grey pixels (`down` rows of `across`, an even number) as a PNG of sixteen greys that also holds `numbers`."""
    high = int.from_bytes(pixels[0::2].translate(_TONES_HIGH), "big")
    low = int.from_bytes(pixels[1::2].translate(_TONES), "big")
    packed = (high | low).to_bytes(across * down // 2, "big")
    wide = across // 2
    rows = b"".join(b"\0" + packed[start : start + wide] for start in range(0, len(packed), wide))
    head = struct.pack(">IIBBBBB", across, down, 4, 0, 0, 0, 0)
    told = _KEY + zlib.compress(json.dumps(numbers, separators=(",", ":")).encode("ascii"))
    parts = ((b"IHDR", head), (_NUMBERS, told), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def numbers_in(picture: bytes) -> tuple[Number, ...]:
    """The numbers that a picture of ours tells of; none where it is no PNG, or tells of none."""
    at = 8
    while at + 8 <= len(picture) and picture.startswith(b"\x89PNG"):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        body = picture[at + 8 : at + 8 + length]
        if kind == _NUMBERS and body.startswith(_KEY):
            return tuple(Number(*one) for one in json.loads(zlib.decompress(body[len(_KEY) :])))
        at += length + 12
    return ()


def plain_number(text: str) -> str:
    """The first number of a text with plain digits and without separators of thousands, "" where there is none."""
    found = _NUMBER.search(text)
    return found[0].translate(_PLAIN) if found else ""


_PLAIN = str.maketrans({**{chr(0xFF10 + digit): str(digit) for digit in range(10)}, "．": ".", ",": "", "，": ""})


def _measure(width: float, height: float) -> tuple[int, int]:
    """Pixels across (even) and down for a page of so many points."""
    scale = min(SCALE, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    return max(1, round(width * scale / 2)) * 2, max(1, round(height * scale))


# ---- PDF ----------------------------------------------------------------------------------------------------------------


def _pdf_pages(data: bytes, pages: Sequence[int]) -> Iterator[tuple[int, Grey]]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise Unreadable("truncated", {"zh": "PDF 打不开。", "en": "The PDF cannot be opened."})
    try:
        count = pdfium.FPDF_GetPageCount(document)
        for number in pages:
            if 1 <= number <= count and (grey := _pdf_page(document, number)) is not None:
                yield number, grey
    finally:
        pdfium.FPDF_CloseDocument(document)


def _pdf_page(document: pdfium.FPDF_DOCUMENT, number: int) -> Grey | None:
    """The page as displayed: turned and cropped as it says, as the reader measures places."""
    page = pdfium.FPDF_LoadPage(document, number - 1)
    if not page:
        return None
    try:
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        across, down = _measure(width, height)
        bitmap = pdfium.FPDFBitmap_CreateEx(across, down, pdfium.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            return None
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, 0xFFFFFFFF)
            flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_ANNOT
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, 0, flags)
            stride = pdfium.FPDFBitmap_GetStride(bitmap)
            raw = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * down)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)
        numbers = tuple(_numbers(page))
    finally:
        pdfium.FPDF_ClosePage(page)
    if stride != across:
        raw = b"".join(raw[start : start + across] for start in range(0, len(raw), stride))
    return Grey(raw, across, down, width, height, numbers)


def _numbers(page: pdfium.FPDF_PAGE) -> Iterator[Number]:
    """The numbers of the page's text as it is drawn, each in one line."""
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return
    try:
        count = max(0, pdfium.FPDFText_CountChars(text))
        chars, edges = char_text(reference(text), count), char_boxes(reference(text), count)
    finally:
        pdfium.FPDFText_ClosePage(text)
    frame = page_frame(page)
    for found in _NUMBER.finditer(chars):
        boxes = [edges[4 * at : 4 * at + 4] for at in range(*found.span())]
        left, top, right, bottom = zip(*boxes, strict=True)
        shown = frame.rect(min(left), min(bottom), max(right), max(top))
        yield Number(found[0].translate(_PLAIN), *(round(edge, 1) for edge in shown))


# ---- picture files -------------------------------------------------------------------------------------------------------


def _picture_pages(data: bytes, pages: Sequence[int]) -> Iterator[tuple[int, Grey]]:
    """Frames of a picture file, as the reader of scans turns and measures them."""
    from PIL import Image

    from flows.read.scan.reading import frames

    for number, (pixels, scale, _) in enumerate(frames(data), 1):
        if number in pages:
            high, wide = pixels.shape
            width, height = wide / scale, high / scale
            size = _measure(width, height)
            shown = Image.fromarray(pixels).resize(size, Image.Resampling.BOX)
            yield number, Grey(shown.tobytes(), *size, width, height)
