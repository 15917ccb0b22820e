"""Web page with all its parts in one file (MHTML) → a page of lines and grids for each HTML part that shows anything.

Word and Excel save such files, often under the names of their own formats. Only text parts are looked at.
"""

from __future__ import annotations

import codecs
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser

from flows.read.document import Page, Unreadable
from flows.read.formats import too_large
from flows.read.html import read_html

READER = "mhtml/1"
MOST_PARTS = 500


def read_mhtml(data: bytes) -> tuple[Page, ...]:
    """The pages of the HTML parts, in order. Raises `Unreadable`: empty, truncated, too_large, unknown_format."""
    sources = [
        source
        for part in BytesParser().parsebytes(data).walk()
        if part.get_content_type() == "text/html" and (source := _source(part))
    ]
    if len(sources) > MOST_PARTS:
        raise too_large(MOST_PARTS, "个部分", "parts")
    pages: list[Page] = []
    empty: Unreadable | None = None
    for source in sources:
        try:
            pages += [replace(page, number=len(pages) + 1) for page in read_html(source)]
        except Unreadable as error:
            if error.reason != "empty":
                raise
            empty = error
    if not pages:
        raise empty or Unreadable(
            "truncated",
            {
                "zh": "单文件网页（MHTML）里没有网页内容；请重新获取，或另存为 PDF 或 docx。",
                "en": "The web archive (MHTML) holds no page; fetch it again, or save it as PDF or docx.",
            },
        )
    return tuple(pages)


def _source(part: Message) -> bytes:
    """The HTML of a part, as UTF-8 with its mark where the part names its character set."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return b""
    charset = part.get_content_charset()
    if not charset:
        return payload
    try:
        return codecs.BOM_UTF8 + payload.decode(charset).encode()
    except (LookupError, UnicodeError):
        return payload
