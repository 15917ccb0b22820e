"""Pages of PDFs made into scans for the tests: pictures, and PDFs that hold nothing but pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image


def picture(data: bytes, page: int = 1, dpi: int = 200) -> Image.Image:
    """Page `page` (from 1) of a PDF in grey, `dpi` dots an inch."""
    with pypdfium2.PdfDocument(data) as document:
        return document[page - 1].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")


def file(image: Image.Image, kind: str = "PNG", dpi: int = 200, **options: Any) -> bytes:
    """A picture file."""
    stream = io.BytesIO()
    image.save(stream, kind, dpi=(dpi, dpi), **options)
    return stream.getvalue()


def scanned(*images: Image.Image, dpi: int = 200) -> bytes:
    """A PDF whose pages are these pictures and nothing else."""
    stream = io.BytesIO()
    first, *rest = (image.convert("RGB") for image in images)
    first.save(stream, "PDF", resolution=dpi, save_all=True, append_images=rest, quality=80)
    return stream.getvalue()


def slanted(image: Image.Image, degrees: float) -> Image.Image:
    """The picture turned by a little, as a sheet that lay askew."""
    return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=255)


def dirty(image: Image.Image, strength: float) -> Image.Image:
    """The picture with the noise of a poor scanner, always the same."""
    noise = np.random.default_rng(7).normal(0, strength, (image.height, image.width))
    return Image.fromarray(np.clip(np.asarray(image, dtype=np.float64) + noise, 0, 255).astype(np.uint8))
