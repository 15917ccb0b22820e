"""One module a file format: bytes → pages of text lines and cell grids, with positions."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from flows.read.document import Document, Page
from flows.read.formats import (
    BMP,
    CSV,
    DOC,
    DOCX,
    HTML,
    JPEG,
    MHTML,
    ODS,
    PDF,
    PNG,
    RTF,
    TEXT,
    TIFF,
    XLS,
    XLSX,
    expect_measure,
    expect_more_than_a_notice,
    media_type_of,
)

_READERS = {
    PDF: ("pdf.reading", "read_pdf"),
    XLSX: ("workbook.reading", "read_workbook"),
    XLS: ("xls", "read_xls"),
    ODS: ("ods", "read_ods"),
    DOCX: ("word", "read_docx"),
    DOC: ("word", "read_doc"),
    RTF: ("word", "read_doc"),
    HTML: ("html", "read_html"),
    MHTML: ("mhtml", "read_mhtml"),
    CSV: ("separated", "read_csv"),
    TEXT: ("text", "read_text"),
    PNG: ("scan.reading", "read_image"),
    JPEG: ("scan.reading", "read_image"),
    TIFF: ("scan.reading", "read_image"),
    BMP: ("scan.reading", "read_image"),
}
"""The module and function that read each format."""


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
    if media_type in (HTML, MHTML):
        expect_more_than_a_notice(pages, name)
    expect_measure(pages)
    return Document(name, hashlib.sha256(data).hexdigest(), media_type, len(data), pages, reader)


def _reader(media_type: str) -> Callable[[bytes], tuple[str, tuple[Page, ...]]]:
    """The reader of a format, imported only now: each costs a good part of a second that others need not pay."""
    module, function = _READERS[media_type]
    reader = import_module(f"flows.read.{module}")
    return lambda data: (reader.READER, getattr(reader, function)(data))
