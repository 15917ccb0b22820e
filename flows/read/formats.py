"""What a file really is, found in its bytes, and whether it can be read at all."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePath

import olefile

from flows.read.document import Grid, Line, Page, Unreadable

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOC = "application/msword"
RTF = "text/rtf"
HTML = "text/html"
MHTML = "text/x-mhtml"
CSV = "text/csv"
TEXT = "text/plain"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
BMP = "image/bmp"

MOST_BYTES = 200 * 2**20
MOST_UNPACKED = 2**30
MOST_TEXT = 50 * 2**20
MOST_SWELLING = 200
"""Times its packed size; office files swell to some thirty times, archives made to do harm to a thousand."""
LARGE = 64 * 2**20
"""Unpacked bytes up to which swelling does no harm."""
MOST_TEXTS = 1_000_000
MOST_LINES = 250_000
"""Lines of running text, fifty on each of the most pages that are read."""
MOST_COLUMNS = 16_384
LONGEST_TEXT = 200_000
LEAST_PAGE = 400
"""Characters of a web page that is more than a notice (login required, not found)."""

_IMAGES = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
    b"BM": BMP,
}
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|script|style|title|div|p|h[1-6])\b",
    re.I | re.S,
)
_WORD_PART = re.compile(r"word/document\d{0,3}\.xml")
_MHTML = re.compile(rb"^\s*(?:[\w-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*?Content-Type:\s*multipart/related", re.I)
_OFFICE_XML = re.compile(
    rb"<\?mso-application|urn:schemas-microsoft-com:office:spreadsheet|<pkg:package|<w:wordDocument", re.I
)
_BINARY_SUFFIXES = {".pdf", ".xlsx", ".xls", ".et", ".ods", ".doc", ".docx", ".wps", ".rtf"}
_WEB_SUFFIXES = {".html", ".htm", ".xhtml", ".shtml"}


def media_type_of(data: bytes, name: str) -> str:
    """The format, one of the constants above. Only a CSV is told from text by its name.

    Raises `Unreadable` for everything that cannot be read, saying what it is.
    """
    suffix = PurePath(name).suffix.lower()
    if not data.strip(b"\x00\r\n\t "):
        raise _unreadable("empty", "文件是空的；请重新获取。", "The file is empty; fetch it again.")
    if len(data) > MOST_BYTES:
        raise _too_large(MOST_BYTES)
    if b"%PDF-" in data[:1024]:
        _expect_whole_pdf(data)
        return PDF
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _packed(data, suffix)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(data)
    for mark, kind in _IMAGES.items():
        if data.startswith(mark) and (kind != BMP or b"\x00" in data[:64]):
            return kind
    if data.startswith(b"GIF8"):
        raise _other(suffix, "GIF 图片", "a GIF image", "请另存为 PNG", "save it as PNG")
    if data.startswith(b"{\\rtf"):
        return RTF
    if _MHTML.match(data[:2048]):
        if len(data) > MOST_TEXT:
            raise _too_large(MOST_TEXT)
        return MHTML
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and _OFFICE_XML.search(data[:4096]):
        raise _unreadable(
            "unknown_format",
            "这是 Office 2003 的 XML 文件；请用 Excel 或 Word 打开后另存为 xlsx、docx 或 PDF。",
            "This is an XML file of Office 2003; open it in Excel or Word and save it as xlsx, docx or PDF.",
        )
    if _is_web_page(data, suffix):
        if len(data) > MOST_TEXT:
            raise _too_large(MOST_TEXT)
        return HTML
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(
            "mislabelled" if suffix in _BINARY_SUFFIXES | {".txt", ".md", ".csv"} else "unknown_format",
            "内容不是任何已知格式；请提供 PDF、xlsx 或文本文件。",
            "The content is of no known format; supply a PDF, an xlsx workbook or a text file.",
        )
    if suffix in _BINARY_SUFFIXES:
        raise _other(suffix, "纯文本", "plain text", "请重新获取原文件", "fetch the original file again")
    if len(data) > MOST_TEXT:
        raise _too_large(MOST_TEXT)
    return CSV if suffix == ".csv" else TEXT


def expect_more_than_a_notice(pages: Sequence[Page], name: str) -> None:
    """Raises `Unreadable` (mislabelled) when a web page that is called something else has no table and little text.

    Sites answer with such pages (login required, not found) where a file was asked for.
    """
    suffix = PurePath(name).suffix.lower()
    items = [item for page in pages for item in page.items]
    if suffix in _WEB_SUFFIXES | {""} or any(isinstance(item, Grid) for item in items):
        return
    if sum(len(item.text) for item in items if isinstance(item, Line)) < LEAST_PAGE:
        raise _other(
            suffix,
            "网页（HTML）",
            "a web page (HTML)",
            "请下载原始文件（网站可能要求登录或返回了错误页）",
            "download the file itself (the site may have answered with a login or error page)",
        )


def expect_measure(pages: Sequence[Page]) -> None:
    """Raises `Unreadable` (too_large) for more lines, cells or columns, or a longer line, than any disclosure has."""
    count = lines = 0
    for page in pages:
        for item in page.items:
            if isinstance(item, Line):
                lines, count, longest = lines + 1, count + 1, len(item.text)
            else:
                count += len(item.cells)
                longest = max([len(cell.text) for cell in item.cells], default=0)
                if item.columns > MOST_COLUMNS:
                    raise too_large(MOST_COLUMNS, "列", "columns")
            if count > MOST_TEXTS:
                raise too_large(MOST_TEXTS, "个单元格和文字行", "cells and lines")
            if lines > MOST_LINES:
                raise too_large(MOST_LINES, "行文字", "lines of text")
            if longest > LONGEST_TEXT:
                raise too_large(LONGEST_TEXT, "字（一行之内）", "characters in one line")


def _is_web_page(data: bytes, suffix: str) -> bool:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    if b"\x00" in head:
        return False
    return suffix in _WEB_SUFFIXES or _HTML.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _expect_whole_pdf(data: bytes) -> None:
    """A PDF ends with its table of contents; one cut off does not, nor does it keep the length it announces."""
    tail = data[-2048:]
    announced = re.search(rb"/Linearized\b[^>]*?/L\s+(\d+)", data[:2048], re.S)
    short = announced is not None and len(data) < int(announced[1])
    if short or (b"%%EOF" not in tail and b"startxref" not in tail):
        raise _unreadable(
            "truncated",
            "PDF 不完整（文件尾缺失，可能没有下载完）；请重新获取。",
            "The PDF is incomplete (its end is missing, perhaps a broken download); fetch it again.",
        )


def _packed(data: bytes, suffix: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            unpacked = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            kind = archive.read("mimetype")[:200] if _small(entries, "mimetype") else b""
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _unreadable(
            "truncated",
            "文件不完整或已损坏（可能没有下载完）；请重新获取。",
            "The file is incomplete or damaged (perhaps a broken download); fetch it again.",
        ) from error
    if unpacked > MOST_UNPACKED or (unpacked > LARGE and unpacked > MOST_SWELLING * packed):
        raise _too_large(MOST_UNPACKED)
    if "xl/workbook.xml" in names:
        return XLSX
    if any(_WORD_PART.fullmatch(name) for name in names):
        return DOCX
    if kind.strip().startswith(ODS.encode()) or (suffix == ".ods" and "content.xml" in names):
        return ODS
    advice_zh, advice_en = "请另存为 PDF 或 xlsx", "save it as PDF or xlsx"
    if "xl/workbook.bin" in names:
        raise _other(suffix, "二进制工作簿（xlsb）", "a binary workbook (xlsb)", advice_zh, advice_en)
    if "mimetype" in names or "content.xml" in names:
        raise _other(suffix, "OpenDocument 文件", "an OpenDocument file", advice_zh, advice_en)
    raise _other(suffix, "压缩包（zip）", "a zip archive", "请解压后放入其中的文件", "unpack it and supply the files")


def _small(entries: Sequence[zipfile.ZipInfo], name: str) -> bool:
    return any(entry.filename == name and entry.file_size < 1000 for entry in entries)


def _compound(data: bytes) -> str:
    """Which file in Microsoft's compound format this is: old Office, or (not to be read) a new one with a password."""
    names = _streams(data)
    if "EncryptedPackage" in names:
        raise _unreadable(
            "encrypted",
            "文件已加密，打不开；请提供没有密码的版本。",
            "The file is encrypted; supply a copy without a password.",
        )
    if "WordDocument" in names:
        return DOC
    if names & {"Workbook", "Book"}:
        return XLS
    raise _unreadable(
        "unknown_format",
        "这是旧版 Office 文件，既不是 doc 也不是 xls；请另存为 PDF 或 xlsx。",
        "This is an old Office file, neither doc nor xls; save it as PDF or xlsx.",
    )


def _streams(data: bytes) -> set[str]:
    """The streams at the top of a compound file (what is embedded deeper has names too).

    Of a damaged file, those of the telling names that stand anywhere in it, so that its reader can say what is wrong.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            names = {path[0] for path in container.listdir() if len(path) == 1}
    except (OSError, ValueError, LookupError, struct.error, RecursionError):
        names = set()
    telling = ("EncryptedPackage", "WordDocument", "Workbook", "Book")
    return names or {name for name in telling if f"{name}\0".encode("utf-16-le") in data}


def _other(suffix: str, kind_zh: str, kind_en: str, advice_zh: str, advice_en: str) -> Unreadable:
    """The error for a kind that is not read; "mislabelled" when the name promises something that is."""
    claimed = suffix.lstrip(".")
    if suffix in _BINARY_SUFFIXES | {".txt", ".md", ".csv"}:
        return _unreadable(
            "mislabelled",
            f"文件名说是 {claimed}，内容其实是{kind_zh}；{advice_zh}。",
            f"The name says {claimed}, but it is {kind_en}; {advice_en}.",
        )
    return _unreadable(
        "unknown_format", f"这是{kind_zh}，暂不支持；{advice_zh}。", f"This is {kind_en}, not read yet; {advice_en}."
    )


def too_large(most: int, of_zh: str, of_en: str) -> Unreadable:
    """The error for a file with more than `most` of something that is counted, named in both languages."""
    return _unreadable(
        "too_large",
        f"文件超过 {most} {of_zh}的上限；请拆分后再放入。",
        f"The file exceeds the limit of {most} {of_en}; split it.",
    )


def _too_large(limit: int) -> Unreadable:
    return too_large(limit // 2**20, "MB ", "MB")


def _unreadable(reason: str, zh: str, en: str) -> Unreadable:
    return Unreadable(reason, {"zh": zh, "en": en})
