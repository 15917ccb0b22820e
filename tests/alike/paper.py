"""A disclosure as a PDF, its tables ruled or without any line."""

from __future__ import annotations

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from tests.alike.disclosures import Published
from tests.alike.flowing import contents
from tests.samples.paper import FONT as SAMPLES
from tests.samples.paper import HEIGHT, WIDTH, Paper
from tests.samples.publication import STYLES
from tests.samples.sheets import Sheet

FONT = "STSong-Light"


class AnyText(Paper):
    """Paper that prints any Chinese text, in a font that readers have."""

    def text(self, x: float, y: float, text: str, size: float, align: str = "left") -> None:
        """One line of text at a place; in the font of the samples where that holds every character."""
        known = all(ord(character) in self._known for character in text)
        self.canvas.setFont(SAMPLES if known else FONT, size)
        draw = {"left": "drawString", "right": "drawRightString", "center": "drawCentredString"}[align]
        getattr(self.canvas, draw)(x, y, text)


def as_pdf(published: Published, path: Path, *, ruled: bool = True) -> bytes:
    """The PDF, also written to `path`."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    paper = AnyText(path, published.cover[1])
    if not ruled:
        paper.canvas.rect = lambda *box, **look: None
    for number, line in enumerate(published.cover):
        paper.text(WIDTH / 2, HEIGHT - 300 - 50 * number, line, 26, "center")
    paper.next_page()
    paper.heading("目录", 18)
    for entry in contents(published):
        title, _, number = entry.partition("……")
        paper.text(80, paper.y, title, 10)
        paper.text(WIDTH - 80, paper.y, f"{'.' * 40}{number}", 10, "right")
        paper.y -= 18
    paper.next_page()
    for text in published.overview:
        (paper.paragraph if len(text) > 20 else paper.heading)(text)
    paper.next_page()
    paper.heading(published.parts[0], 18)
    for sheet in published.sheets:
        _form(paper, published, sheet)
        paper.next_page()
    paper.heading(published.parts[1], 18)
    for text in published.paragraphs:
        paper.paragraph(text)
    for table in published.tables:
        paper.next_page()
        paper.heading(table.title, 14, after=0.5)
        paper.table(table, 7.5, 22, {})
    paper.save()
    return path.read_bytes()


def _form(paper: Paper, published: Published, sheet: Sheet) -> None:
    mark, department, unit = published.above(sheet)
    size, height = STYLES[sheet.form]
    paper.heading(sheet.title, 15, after=0.3)
    paper.text(42, paper.y, department, 9)
    paper.text(WIDTH - 42, paper.y + 14, mark, 9, "right")
    paper.text(WIDTH - 42, paper.y, unit, 9, "right")
    paper.y -= 6
    paper.table(sheet, size, height, {})
    for note in sheet.notes:
        paper.y -= 14
        paper.text(42, paper.y, note, 8.5)
