"""Small disclosures drawn as text: one line a row, cells parted by |, `<` for a cell merged with its left neighbour and
`^` for one merged with the cell above."""

from __future__ import annotations

from flows.read.document import Cell, Document, Grid, Line, Page, Place


def grid(drawing: str, sheet: str | None = None) -> Grid:
    """The table of `drawing`; an empty field is an empty cell."""
    rows = [[field.strip() for field in row.split("|")] for row in drawing.strip().splitlines()]
    width = max(len(row) for row in rows)
    rows = [row + [""] * (width - len(row)) for row in rows]
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in ("", "<", "^"):
                continue
            across = 1
            while c + across < width and row[c + across] == "<":
                across += 1
            down = 1
            while r + down < len(rows) and rows[r + down][c] == "^":
                down += 1
            place = Place(page=1, sheet=sheet, cell=f"{chr(65 + c)}{r + 1}") if sheet else Place(page=1)
            cells.append(Cell(text.replace("\\n", "\n"), r, c, place, down, across))
    return Grid(tuple(cells), len(rows), width, Place(page=1, sheet=sheet))


def page(number: int, *items: str | Grid) -> Page:
    """A page of lines and tables, in this order."""
    made = tuple(Line(item, Place(page=number)) if isinstance(item, str) else item for item in items)
    return Page(number, made)


def document(*pages: Page, name: str = "accounts.pdf") -> Document:
    """The document of `pages`."""
    return Document(name, "0" * 64, "application/pdf", 1, pages)
