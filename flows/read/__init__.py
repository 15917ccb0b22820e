"""One module a file format: bytes → pages of text lines and cell grids, with positions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flows.read.document import Document, Page
from flows.read.formats import PDF, XLSX, media_type_of


def read(path: Path) -> Document:
    """The file as a `Document`; its format is found in the bytes, whatever the name says.

    Raises `Unreadable` with one line for people (empty, encrypted, truncated, mislabelled, unknown_format, no_text,
    too_large) and `OSError` when the file cannot be opened.
    """
    return read_bytes(path.read_bytes(), path.name)


def read_bytes(data: bytes, name: str) -> Document:
    """As `read`, from the bytes of a file called `name`."""
    import hashlib

    media_type = media_type_of(data, name)
    reader, pages = _reader(media_type)(data)
    return Document(name, hashlib.sha256(data).hexdigest(), media_type, len(data), pages, reader)


def _reader(media_type: str) -> Callable[[bytes], tuple[str, tuple[Page, ...]]]:
    """The reader of a format, imported only now: each costs a good part of a second that others need not pay."""
    if media_type == PDF:
        from flows.read import pdf

        return lambda data: (pdf.READER, pdf.read_pdf(data))
    if media_type == XLSX:
        from flows.read import workbook

        return lambda data: (workbook.READER, workbook.read_workbook(data))
    from flows.read import text

    return lambda data: (text.READER, text.read_text(data))
