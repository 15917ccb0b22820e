"""Whether what came is what the address promises: an error page in place of a PDF is no version of that PDF."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import BinaryIO

from flows.collect.faults import Fault
from flows.collect.web.fetching import Answer, Check

_HEAD = 4096
_TAIL = 66_000
"""Bytes at the end in which a PDF says that it ends and an archive lists what it holds (its comment included)."""
_OFFICE = frozenset({"zip", "ole"})
_PROMISED = {
    **dict.fromkeys((".pdf",), frozenset({"pdf"})),
    **dict.fromkeys((".xlsx", ".xlsm", ".docx", ".ods", ".odt", ".zip"), _OFFICE),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"), frozenset({"picture"})),
}
_OLD = (".xls", ".doc", ".et", ".wps", ".csv", ".txt", ".md")
"""Names under which much is found; a page without a table is not among it."""
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"BM", b"GIF8")
_PAGE = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|meta|title)\b", re.IGNORECASE)
_NAMES = {"pdf": "PDF", "zip": "Office", "ole": "Office", "picture": "图片", "html": "网页", "text": "文字"}
_NAMES_EN = {
    "pdf": "a PDF",
    "zip": "an office file",
    "ole": "an office file",
    "picture": "a picture",
    "html": "a web page",
    "text": "text",
}


def kind(head: bytes) -> str:
    """What bytes begin like: pdf, zip, ole, picture, html or text."""
    if b"%PDF" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if head.startswith(_PICTURES):
        return "picture"
    # Pages in UTF-16 say the same with a NUL beside each letter.
    return "html" if _PAGE.search(head.replace(b"\0", b"")) else "text"


def check_for(name: str, before: str = "") -> Check:
    """The check of an answer for a document of this file name, at whose address something of the kind `before` was held."""
    suffix = PurePosixPath(name.lower()).suffix

    def check(answer: Answer, body: BinaryIO) -> None:
        if not answer.size:
            raise Fault("empty", "内容是空的", "it is empty", True)
        head, tail = _ends(body, answer.size)
        found = kind(head)
        _promised(suffix, found, before, body)
        if not answer.framed:
            _whole(found, tail)

    return check


def _promised(suffix: str, found: str, before: str, body: BinaryIO) -> None:
    wanted = _PROMISED.get(suffix)
    if wanted is None and suffix in _OLD:
        other = found == "html" and not _has_table(body)
    elif wanted is None:
        other = found == "html" and before in ("pdf", "zip", "ole")
    else:
        other = found not in wanted
    if other:
        zh, en = (
            f"来的是{_NAMES[found]}，不是该文件（{suffix or _NAMES[before]}）",
            f"{_NAMES_EN[found]} came, not the document",
        )
        raise Fault(
            "not_the_document", f"{zh}；原来的文件仍然有效", f"{en} ({suffix or before}); the earlier one stands"
        )


def _whole(found: str, tail: bytes) -> None:
    """Where the server did not say how long it is, the document must say so itself."""
    mark = {"pdf": b"%%EOF", "zip": b"PK\x05\x06"}.get(found)
    if mark and mark not in tail:
        raise Fault(
            "truncated", "文件没有结尾，多半没有传完", "the document has no end: it has probably been cut", True
        )


def _ends(body: BinaryIO, size: int) -> tuple[bytes, bytes]:
    body.seek(0)
    head = body.read(_HEAD)
    body.seek(max(0, size - _TAIL))
    tail = body.read(_TAIL)
    body.seek(0, 2)
    return head, tail


def _has_table(body: BinaryIO) -> bool:
    body.seek(0)
    text = body.read(1 << 20).lower().replace(b"\0", b"")
    body.seek(0, 2)
    return b"<table" in text
