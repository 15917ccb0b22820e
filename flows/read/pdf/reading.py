"""PDF → pages of text lines and cell grids.

Characters come from pdfium, drawn paths from the witness, whose own reading of the characters has to agree: a page on
which the two do not see the same numbers carries a doubt, and so does a page that is only a picture.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2.raw as pdfium

from flows.read.document import Page, Unreadable
from flows.read.pdf.glyphs import page_glyphs
from flows.read.pdf.layout import page_items
from flows.read.pdf.pdfium import UNKNOWN
from flows.read.pdf.ruling import page_ruling
from flows.read.pdf.witness import Witness, number_doubt, open_witness, witness_page
from flows.read.scan.extra import INSTALL, MOST_SCANS, installed, needed
from flows.read.scan.sheet import is_scan, read_scan

READER = "pdf/1"
MOST_PAGES = 5_000
RARELY = 50_000
"""Objects between two searches for garbage while a PDF is read."""

_pdfium_lock = threading.Lock()
"""pdfium must not be entered by two threads at once."""


def read_pdf(data: bytes) -> tuple[Page, ...]:
    """All pages of a PDF. Raises `Unreadable`: encrypted, truncated, no_text, too_large."""
    with _pdfium_lock, _collecting_rarely(), _opened(data) as document:
        count = pdfium.FPDF_GetPageCount(document)
        if count < 1:
            raise _truncated()
        if count > MOST_PAGES:
            raise Unreadable(
                "too_large",
                {
                    "zh": f"PDF 共 {count} 页，超过 {MOST_PAGES} 页的上限；请拆分后再放入。",
                    "en": f"The PDF has {count} pages, more than the limit of {MOST_PAGES}; split it.",
                },
            )
        witness = open_witness(data)
        scans = iter(range(MOST_SCANS))
        pages = tuple(_read_page(document, witness, index, scans) for index in range(count))
    if not any(page.items for page in pages):
        raise _without_text()
    return pages


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Garbage that refers to itself is looked for rarely: what is made of a page does not, and there is much of it."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], RARELY) if usual[0] else 0, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _without_text() -> Unreadable:
    if not installed():
        return Unreadable("no_text", needed("PDF 是扫描件，没有文字", "The PDF is a scan without text"))
    return Unreadable(
        "no_text",
        {
            "zh": "PDF 里没有文字，图像上也没有认出文字；请提供更清晰的扫描件或文字版。",
            "en": "The PDF holds no text, and none was recognised in its pictures; supply a clearer scan or a version with text.",
        },
    )


@contextmanager
def _opened(data: bytes) -> Iterator[pdfium.FPDF_DOCUMENT]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable(
                "encrypted",
                {
                    "zh": "PDF 已加密，打不开；请提供没有密码的版本。",
                    "en": "The PDF is encrypted; supply a copy without a password.",
                },
            )
        raise _truncated()
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _truncated() -> Unreadable:
    return Unreadable(
        "truncated",
        {
            "zh": "PDF 不完整或已损坏（可能没有下载完）；请重新获取。",
            "en": "The PDF is incomplete or damaged (perhaps a broken download); fetch it again.",
        },
    )


def _read_page(document: pdfium.FPDF_DOCUMENT, witness: Witness | None, index: int, scans: Iterator[int]) -> Page:
    """One page (from 0); `scans` runs out when no more pictures of pages are to be read."""
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        raise _truncated()
    text = pdfium.FPDFText_LoadPage(page)
    try:
        glyphs = page_glyphs(page, text)
        scanned = is_scan(page, glyphs)
        if scanned and next(scans, None) is not None and (read := read_scan(page, glyphs, index + 1)) is not None:
            return read
    finally:
        pdfium.FPDFText_ClosePage(text)
        pdfium.FPDF_ClosePage(page)
    seen = witness_page(witness, index)
    doubts = []
    if seen is None:
        doubts.append("表格线和第二次识读都取不到 / neither ruling lines nor a second reading could be had")
    elif doubt := number_doubt(glyphs, seen):
        doubts.append(doubt)
    if glyphs.hidden_only:
        doubts.append("文字是扫描图像后面的识别结果 / the text was recognised behind a scanned image")
    elif scanned and not installed():
        doubts.append(f"整页是图像，识读需要 {INSTALL} / the page is a picture; reading it needs {INSTALL}")
    elif glyphs.pictured:
        doubts.append(
            f"图像页超过 {MOST_SCANS} 页，这一页没有识读 / more than {MOST_SCANS} pictures: this page was not read"
        )
    if unknown := "".join([glyph[0] for glyph in glyphs.upright]).count(UNKNOWN):
        doubts.append(f"有 {unknown} 个字符认不出 / {unknown} characters have no known meaning")
    ruling = page_ruling(seen.paths if seen else (), glyphs.reading)
    return Page(index + 1, page_items(glyphs, ruling, index + 1), tuple(doubts))
