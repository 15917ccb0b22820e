"""What is true of every document that a reader returns, and of every refusal."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from flows.read.document import Document, Grid, Line, Place, Unreadable, has_pages

REASONS = {"empty", "encrypted", "truncated", "mislabelled", "unknown_format", "no_text", "too_large"}
_CELL = re.compile(r"[A-Z]{1,4}[1-9][0-9]{0,6}")


def expect_sound(document: Document) -> None:
    """Raises AssertionError where a document breaks what `flows.read.document` says of documents."""
    assert document.pages and document.reader and document.size >= 0 and len(document.sha256) == 64
    numbers = [page.number for page in document.pages]
    assert numbers[0] >= 1 and all(one < following for one, following in pairwise(numbers)), numbers[:9]
    for page in document.pages:
        assert all(doubt == doubt.strip() != "" for doubt in page.doubts), page.doubts
        for item in page.items:
            expect_place(item.place, document)
            if isinstance(item, Line):
                assert item.text.strip(), "a line without text"
                expect_text(item.text)
            else:
                expect_grid(item, document)


def expect_grid(grid: Grid, document: Document) -> None:
    assert grid.rows >= 1 and grid.columns >= 1 and grid.cells
    places = [(cell.row, cell.column) for cell in grid.cells]
    assert all(one < following for one, following in pairwise(places)), "cells out of order, or two in one place"
    for cell in grid.cells:
        assert cell.row >= 0 and cell.column >= 0 and cell.row_span >= 1 and cell.column_span >= 1, cell
        assert cell.row + cell.row_span <= grid.rows and cell.column + cell.column_span <= grid.columns, cell
        assert cell.text == cell.text.strip() != "", cell
        expect_text(cell.text)
        expect_place(cell.place, document)


def expect_text(text: str) -> None:
    """What is read can be stored and published: no half characters, no end-of-string marks."""
    text.encode("utf-8")
    assert "\x00" not in text, text[:80]


def expect_place(place: Place, document: Document) -> None:
    """A page or sheet of the document, with a finite box or a cell; or a line of it."""
    if has_pages(document.media_type):
        assert place.page in {page.number for page in document.pages}, place
        assert place.line is None, place
    else:
        assert place.line is not None and place.line >= 1 and place.page is None, place
    if place.cell is not None:
        assert place.sheet is not None and _CELL.fullmatch(place.cell), place
    if place.bbox is not None:
        x0, top, x1, bottom = place.bbox
        assert all(math.isfinite(edge) for edge in place.bbox) and x0 <= x1 and top <= bottom, place


def expect_clear(error: Unreadable) -> None:
    """Raises AssertionError where a refusal is not one line in each language with a known reason."""
    assert error.reason in REASONS, error.reason
    assert set(error.message) == {"zh", "en"}
    assert all(line and line == line.strip() and len(line.splitlines()) == 1 for line in error.message.values())
