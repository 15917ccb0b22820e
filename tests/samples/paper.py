"""Draws pages: paragraphs of Chinese text with justified-looking line breaks, and ruled tables that run over pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .sheets import Cell, Sheet

WIDTH, HEIGHT = 595.28, 841.89
TOP, BOTTOM = 780.0, 70.0
FONT = "MicroHei"
FONT_FILE = Path(__file__).parent / "font" / "wqy-microhei-subset.ttf"
NOT_FIRST = "，。；：、）》”%"
NOT_LAST = "（《“"


class Paper:
    """A PDF being drawn from top to bottom. `pages` tells on which page each marked thing was printed."""

    def __init__(self, path: Path, title: str) -> None:
        """Open the file; the same drawing gives the same bytes."""
        pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))
        self._known = pdfmetrics.getFont(FONT).face.charToGlyph
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1)
        self.canvas.setTitle(title)
        self.page = 1
        self.y = TOP
        self.pages: dict[str, int] = {}

    def mark(self, name: str) -> None:
        """Remember that `name` is printed on this page."""
        self.pages.setdefault(name, self.page)

    def text(self, x: float, y: float, text: str, size: float, align: str = "left") -> None:
        """One line of text at a place; ValueError for a character that the font does not hold."""
        if missing := {character for character in text if ord(character) not in self._known}:
            raise ValueError(f"the font subset lacks {''.join(sorted(missing))}: make it again (see font/README.md)")
        self.canvas.setFont(FONT, size)
        draw: dict[str, Callable[[float, float, str], None]] = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "center": self.canvas.drawCentredString,
        }
        draw[align](x, y, text)

    def next_page(self) -> None:
        """Finish this page with its number (the cover has none) and begin the next."""
        if self.page > 1:
            self.text(WIDTH / 2, 40, f"{self.page}", 9, "center")
        self.canvas.showPage()
        self.page += 1
        self.y = TOP

    def save(self) -> None:
        """Finish the last page and the file."""
        self.text(WIDTH / 2, 40, f"{self.page}", 9, "center")
        self.canvas.save()

    def heading(
        self, text: str, size: float = 14, align: str = "center", margin: float = 80, after: float = 1.0
    ) -> None:
        """A heading on a line of its own."""
        self._room(size * 2.4)
        x = WIDTH / 2 if align == "center" else margin
        self.text(x, self.y, text, size, align)
        self.y -= size * (1.2 + after)

    def paragraph(
        self, text: str, size: float = 12, margin: float = 80, marks: Mapping[int, str] | None = None
    ) -> None:
        """A paragraph with its first line indented; `marks`: character → name of what stands there."""
        for start, line in _lines("　　" + text, size, WIDTH - 2 * margin):
            self._room(size * 1.9)
            self.text(margin, self.y, line, size)
            for offset, name in (marks or {}).items():
                if start <= offset + 2 < start + len(line):
                    self.mark(name)
            self.y -= size * 1.9

    def _room(self, needed: float) -> None:
        if self.y - needed < BOTTOM:
            self.next_page()

    def table(self, sheet: Sheet, size: float, row_height: float, marks: Mapping[str, str], margin: float = 42) -> None:
        """A ruled table; it runs on over pages without its headings. `marks`: key of a cell → name."""
        scale = (WIDTH - 2 * margin) / sum(sheet.widths)
        edges = [margin]
        for width in sheet.widths:
            edges.append(edges[-1] + width * scale)
        rows = _by_row(sheet)
        heights = [self._height(row, edges, size, row_height) for row in rows]
        top = self.y
        for number, (row, height) in enumerate(zip(rows, heights, strict=True)):
            if top - height < BOTTOM:
                self.next_page()
                top = self.y
            for cell in row:
                bottom = top - sum(heights[number : number + cell.rows])
                self._cell(cell, (edges[cell.column], bottom, edges[cell.column + cell.columns], top), size)
                if cell.key in marks:
                    self.mark(marks[cell.key])
            top -= height
        self.y = top

    def _height(self, row: list[Cell], edges: list[float], size: float, least: float) -> float:
        height = least
        for cell in row:
            if cell.rows == 1:
                lines = _lines(_printed(cell), size, edges[cell.column + cell.columns] - edges[cell.column] - 5)
                height = max(height, len(lines) * size * 1.25 + 6)
        return height

    def _cell(self, cell: Cell, box: tuple[float, float, float, float], size: float) -> None:
        x0, bottom, x1, top = box
        self.canvas.setLineWidth(0.5)
        self.canvas.rect(x0, bottom, x1 - x0, top - bottom)
        lines = _lines(_printed(cell), size, x1 - x0 - 5)
        y = top - 3 - size * 0.95
        centred = cell.role in ("head", "total")
        if centred:
            y -= (top - bottom - 6 - len(lines) * size * 1.25) / 2
        for _, line in lines:
            if centred:
                self.text((x0 + x1) / 2, y, line, size, "center")
            elif cell.role == "amount":
                self.text(x1 - 3, y, line, size, "right")
            else:
                self.text(x0 + 2.5, y, line, size)
            y -= size * 1.25


def _printed(cell: Cell) -> str:
    if cell.value is None:
        return ""
    return f"{cell.value:,.2f}" if isinstance(cell.value, Decimal) else str(cell.value)


def _by_row(sheet: Sheet) -> list[list[Cell]]:
    """The cells of each row, with empty cells where the sheet has none, so that every box is ruled."""
    taken = {
        (cell.row + down, cell.column + across)
        for cell in sheet.cells
        for down in range(cell.rows)
        for across in range(cell.columns)
    }
    rows: list[list[Cell]] = [[] for _ in range(sheet.rows)]
    for cell in sheet.cells:
        rows[cell.row].append(cell)
    for row in range(sheet.rows):
        rows[row] += [
            Cell(row, column, None, "label") for column in range(len(sheet.widths)) if (row, column) not in taken
        ]
    return rows


def _lines(text: str, size: float, width: float) -> list[tuple[int, str]]:
    """Break text into lines no wider than `width`: (offset of its first character, line). Numbers are not broken."""
    lines: list[tuple[int, str]] = []
    start, line = 0, ""
    for word in _words(text):
        if line and pdfmetrics.stringWidth(line + word, FONT, size) > width:
            lines.append((start, line))
            start, line = start + len(line), ""
        line += word
    if line:
        lines.append((start, line))
    return lines


def _words(text: str) -> list[str]:
    """Pieces that stay on one line: a number, or one character with the punctuation that clings to it."""
    words: list[str] = []
    for character in text:
        number = character.isascii() and character != " "
        if words and (
            character in NOT_FIRST
            or words[-1][-1] in NOT_LAST
            or (number and words[-1][-1].isascii() and words[-1][-1] != " ")
        ):
            words[-1] += character
        else:
            words.append(character)
    return words
