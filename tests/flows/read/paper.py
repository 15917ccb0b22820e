"""Little PDFs drawn for the tests, in the various ways in which producers draw tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import accumulate

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
HEIGHT = A4[1]

Draw = Callable[[Canvas], None]


def pdf(*pages: Draw, size: tuple[float, float] = A4, encrypt: str | None = None) -> bytes:
    """A PDF with one page for each drawing function."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size, encrypt=encrypt)
    for draw in pages:
        canvas.setFont(FONT, 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def text(canvas: Canvas, x: float, top: float, words: str, size: float = 10) -> None:
    """Words that begin at `x`, their line's top edge `top` points below the page's top."""
    canvas.setFont(FONT, size)
    canvas.drawString(x, HEIGHT - top - 0.86 * size, words)


def borders(widths: Sequence[float], start: float) -> list[float]:
    """Positions of the borders of columns (or rows) of these widths."""
    return list(accumulate(widths, initial=start))


def rule(canvas: Canvas, x0: float, top: float, x1: float, bottom: float, style: str = "line") -> None:
    """One ruling line, as a stroke or as a thin filled rectangle."""
    if style == "fill":
        thick = 0.5
        canvas.rect(x0, HEIGHT - bottom, max(x1 - x0, thick), max(bottom - top, thick), stroke=0, fill=1)
    else:
        canvas.line(x0, HEIGHT - top, x1, HEIGHT - bottom)


def put(canvas: Canvas, xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
    """Texts in the cells of a lattice, top aligned, wrapped at line feeds, numbers to the right."""
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            for index, line in enumerate(cell.split("\n")):
                numeric = line.replace(".", "").replace(",", "").replace("-", "").isdigit() and column > 1
                x = xs[column] + 3
                if numeric:
                    x = xs[column + 1] - 3 - pdfmetrics.stringWidth(line, FONT, 10)
                text(canvas, x, ys[row] + 3 + 12 * index, line)
