"""What every reader returns: pages of text lines and cell grids, each with its place in the source.

Nothing here knows what an account is. A reader turns one file format into a `Document`; recognition
starts from there. Lines and places are named tuples: a document has thousands, and a frozen dataclass takes four times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Where something is printed.

    PDF: `page` (from 1) and `bbox` (x0, top, x1, bottom; points from the page's top left corner).
    Workbook: `page` (the sheet's position, from 1), `sheet` and `cell` ("C7"). Text: `line` (from 1).
    """

    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    sheet: str | None = None
    cell: str | None = None
    line: int | None = None


class Line(NamedTuple):
    """One printed line of running text outside tables, spaces as printed.

    `doubt` says in words why its text is not certain; empty when it is.
    """

    text: str
    place: Place
    doubt: str = ""


PICTURE = "［图片］"
EMBEDDED = "［嵌入对象］"
NOT_READ = (PICTURE, EMBEDDED)
"""Text of a line that stands for what is shown in its place but not read: a picture, a workbook within a document."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid; `row` and `column` count from 0, a merged cell stands at its top left corner.

    `text` is stripped; lines that wrap within the cell are joined by a line feed. `doubt` says in words why that text is
    not certain; empty when it is. An uncertain figure is kept, and no rule that needs it can break.
    """

    text: str
    row: int
    column: int
    place: Place
    row_span: int = 1
    column_span: int = 1
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: `rows` × `columns`, only its non-empty cells, ordered by row, then column."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    place: Place


@dataclass(frozen=True, slots=True)
class Page:
    """One page, sheet or (for text) the whole file; `items` in reading order.

    `doubts` says in words why what was read here is not certain; empty when it is.
    """

    number: int
    items: tuple[Line | Grid, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One file as read. `name` is the file's name without folders; `media_type` was found in the bytes."""

    name: str
    sha256: str
    media_type: str
    size: int
    pages: tuple[Page, ...]
    reader: str = ""
    """Name and version of the reader, so that a better reader reads again."""


def doubt(zh: str, en: str, what: str = "") -> str:
    """Why something is not certain, in both languages; `what` was seen, and is told in each."""
    return f"{zh}：{what} / {en}: {what}" if what else f"{zh} / {en}"


def has_pages(media_type: str) -> bool:
    """Whether places in such a document are pages or sheets; text, web pages and Word documents have lines instead."""
    return not (media_type.startswith("text/") or "word" in media_type)


class Unreadable(Exception):
    """A file that cannot be read; the message is one line that says what is wrong and what to do.

    `reason` is one of: empty, encrypted, truncated, mislabelled, unknown_format, no_text, too_large.
    `flows.collect` and `flows.workers` add: no_form, failed, too_slow, too_much_memory, crashed.
    """

    def __init__(self, reason: str, message: dict[str, str]):
        """`message` holds the line in `zh` and in `en`."""
        super().__init__(message["en"])
        self.reason = reason
        self.message = message
