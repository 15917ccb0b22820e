"""PDF → pages of text lines and cell grids.

Characters come from pdfium, drawn paths from the witness, whose own reading of the characters has to agree: a page on
which the two do not see the same numbers carries a doubt, and so does a page that is only a picture.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2.raw as pdfium

from flows.read.document import Page, Unreadable
from flows.read.pdf.glyphs import UNKNOWN, page_glyphs
from flows.read.pdf.layout import page_items
from flows.read.pdf.ruling import page_ruling
from flows.read.pdf.witness import Witness, number_doubt, open_witness, witness_page

READER = "pdf/1"
MOST_PAGES = 5_000

_pdfium_lock = threading.Lock()
"""pdfium must not be entered by two threads at once."""


def read_pdf(data: bytes) -> tuple[Page, ...]:
    """All pages of a PDF. Raises `Unreadable`: encrypted, truncated, no_text, too_large."""
    with _pdfium_lock, _opened(data) as document:
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
        pages = tuple(_read_page(document, witness, index) for index in range(count))
    if not any(page.items for page in pages):
        raise Unreadable(
            "no_text",
            {
                "zh": "PDF 没有文字层（扫描件）；需要先做文字识别（OCR），或换用文字版。",
                "en": "The PDF has no text layer (a scan); it needs OCR first, or supply a version with text.",
            },
        )
    return pages


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


def _read_page(document: pdfium.FPDF_DOCUMENT, witness: Witness | None, index: int) -> Page:
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        raise _truncated()
    text = pdfium.FPDFText_LoadPage(page)
    try:
        glyphs = page_glyphs(page, text)
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
    if glyphs.pictured:
        doubts.append("整页是图像，没有文字 / the page is a picture without text")
    if unknown := sum(glyph.char.count(UNKNOWN) for glyph in glyphs.upright):
        doubts.append(f"有 {unknown} 个字符认不出 / {unknown} characters have no known meaning")
    ruling = page_ruling(seen.paths if seen else (), glyphs.reading)
    return Page(index + 1, page_items(glyphs, ruling, index + 1), tuple(doubts))
