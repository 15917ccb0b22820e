"""Picture files (PNG, JPEG, TIFF with any number of pages, BMP) → pages of text lines and cell grids.

The pixels are decoded by Pillow, no larger than `MOST_PIXELS`, and brought to a scale at which small print can be read.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flows.read.document import Page, Unreadable
from flows.read.formats import too_large
from flows.read.scan.extra import MOST_SCANS, installed, needed

if TYPE_CHECKING:
    from PIL.Image import Image

    from flows.read.scan.engine import Pixels

READER = "scan/1"
MOST_PIXELS = 80_000_000
"""Pixels of one picture; more than A3 at 600 dots an inch has."""
WORKED_PIXELS = 20_000_000
"""Pixels worked on; more than A3 at `MOST_DPI` has."""
LEAST_DPI, MOST_DPI = 200, 300
"""Pictures are brought between these: below, small print reads worse; above, it only takes longer."""
SCANNED_DPI = 150
"""Dots an inch from which a file is taken to say the truth about them: 72 and 96 are what programs put in for want of it."""
_A4 = 842.0
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")


def read_image(data: bytes) -> tuple[Page, ...]:
    """All pages of a picture file. Places are points from the top left of the picture as it is shown.

    Raises `Unreadable`: no_text (the extra `ocr` is not installed, or nothing could be read), truncated, too_large.
    """
    if not installed():
        raise Unreadable("no_text", needed("这是图片", "This is a picture"))
    from flows.read.scan.page import read_picture

    pages = tuple(read_picture(pixels, scale, n, sharp) for n, (pixels, scale, sharp) in enumerate(frames(data), 1))
    if not any(page.items for page in pages):
        raise Unreadable(
            "no_text",
            {
                "zh": "图片上没有认出文字；请提供更清晰的扫描件或带文字的文件。",
                "en": "No text was recognised in the picture; supply a clearer scan or a file with text.",
            },
        )
    return pages


def frames(data: bytes) -> Iterator[tuple[Pixels, float, float]]:
    """Each page's grey pixels, how many they are a point, and how many of the file's own each of them is."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
            count = getattr(picture, "n_frames", 1)
            if count > MOST_SCANS:
                raise too_large(MOST_SCANS, "页", "pages")
            for index in range(count):
                picture.seek(index)
                if picture.width * picture.height > MOST_PIXELS:
                    raise too_large(MOST_PIXELS // 1_000_000, "百万像素", "million pixels")
                yield _grey(picture)
    except Image.DecompressionBombError as error:
        raise too_large(MOST_PIXELS // 1_000_000, "百万像素", "million pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, MemoryError) as error:
        raise Unreadable(
            "truncated",
            {
                "zh": "图片不完整或已损坏（可能没有下载完）；请重新获取。",
                "en": "The picture is incomplete or damaged (perhaps a broken download); fetch it again.",
            },
        ) from error


def _grey(picture: Image) -> tuple[Pixels, float, float]:
    """As `frames` for one page: its pixels made grey, turned as its camera says, square, and between the two resolutions."""
    import numpy as np
    from PIL import Image, ImageOps

    across, down = _resolution(picture)
    shown = ImageOps.exif_transpose(picture)
    if shown.size != picture.size:
        across, down = down, across
    if shown.mode.startswith("I") or shown.mode == "F":
        values = np.asarray(shown, dtype=np.float64)
        shown = Image.fromarray((values * (255.0 / max(1.0, values.max()))).astype(np.uint8))
    if shown.has_transparency_data:
        shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown.convert("RGBA"))
    wanted = min(MOST_DPI, max(LEAST_DPI, across, down))
    wanted = min(wanted, (WORKED_PIXELS * across * down / (shown.width * shown.height)) ** 0.5)
    size = max(1, round(shown.width * wanted / across)), max(1, round(shown.height * wanted / down))
    grey = shown.convert("L")
    if size != grey.size:
        grey = grey.resize(size, Image.Resampling.LANCZOS if wanted > across else Image.Resampling.BOX)
    return np.asarray(grey, dtype=np.uint8).copy(), wanted / 72, min(across, down) / wanted


def _resolution(picture: Image) -> tuple[float, float]:
    """Dots an inch across and down: as stated, where that makes it the size of a sheet, otherwise as if it were A4."""
    stated = picture.info.get("dpi", (0, 0))
    try:
        across, down = float(stated[0]), float(stated[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        across = down = 0.0
    if across > 0 and down > 0 and 0.3 < across / down < 3:
        longer = 72 * max(picture.width / across, picture.height / down)
        least = 0.2 if min(across, down) >= SCANNED_DPI else 0.6
        if least * _A4 < longer < 2.5 * _A4:
            return across, down
    alike = 72 * max(picture.width, picture.height) / _A4
    return alike, alike
