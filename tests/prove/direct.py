"""A published filing handed to recognition as what any reader makes of it, without a file between."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flows.read.document import Cell, Document, Grid, Line, Page, Place
from flows.recognise import recognise
from flows.recognise.disclosure import Disclosure
from tests.alike.books import printed
from tests.alike.disclosures import Published
from tests.alike.flowing import blocks
from tests.samples.sheets import Sheet


def disclosed(published: Published, name: str) -> Disclosure:
    """What is recognised in the filing; `name` makes it a document of its own."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    page = Page(1, tuple(_items(published)))
    return recognise(Document(name, sha256, "text/plain", 1, (page,), "none"))


def _items(published: Published) -> Iterator[Line | Grid]:
    for number, block in enumerate(blocks(published), 1):
        place = Place(line=number)
        yield Line(block, place) if isinstance(block, str) else _grid(block, place)


def _grid(sheet: Sheet, place: Place) -> Grid:
    cells = [
        Cell(text, cell.row, cell.column, place, cell.rows, cell.columns)
        for cell in sheet.cells
        if (text := printed(cell.value))
    ]
    ordered = sorted(cells, key=lambda cell: (cell.row, cell.column))
    return Grid(tuple(ordered), sheet.rows, len(sheet.widths), place)
