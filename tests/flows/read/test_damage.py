"""Files that cannot be read: one line says which fault it is and what to do; the extension is never trusted."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
from reportlab.pdfgen.canvas import Canvas

from flows.read import read_bytes
from flows.read.document import Unreadable
from tests.flows.read.paper import pdf, text


def page(canvas: Canvas) -> None:
    for line in range(30):
        text(canvas, 80, 80 + 14 * line, f"第{line}行 合计 {line}.50 万元")


def workbook() -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("表")
    for row in range(200):
        sheet.write_row(row, 0, [f"第{row}行", row * 1.5])
    book.close()
    return stream.getvalue()


def packed(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HTML = "<!DOCTYPE html>\n<html><body>请先登录</body></html>".encode()
OFFICE_XML = b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'


@pytest.mark.parametrize(
    ("name", "data", "reason", "words"),
    [
        ("a.pdf", b"", "empty", "empty"),
        ("a.txt", b" \r\n\t\n", "empty", "empty"),
        ("a.pdf", HTML, "mislabelled", "web page"),
        ("a.xlsx", HTML, "mislabelled", "web page"),
        ("a.txt", HTML, "mislabelled", "web page"),
        ("a.pdf", b"GIF89a" + bytes(40), "mislabelled", "GIF"),
        ("a.pdf", "部门决算".encode(), "mislabelled", "plain text"),
        ("a.xlsx", b"a,b\n1,2\n", "mislabelled", "plain text"),
        ("a.pdf", packed("content.xml"), "mislabelled", "OpenDocument"),
        ("a.txt", bytes(range(256)), "mislabelled", "no known format"),
        ("a.xls", HTML, "mislabelled", "web page"),
        ("a.docx", HTML, "mislabelled", "web page"),
        ("a.docx", packed("word/document.xml"), "truncated", "Word"),
        ("a.odt", packed("mimetype", "content.xml"), "unknown_format", "OpenDocument"),
        ("a.ods", packed("mimetype", "content.xml"), "truncated", "workbook"),
        ("a.xlsb", packed("xl/workbook.bin"), "unknown_format", "xlsb"),
        ("a.xls", OFFICE_XML, "unknown_format", "Office 2003"),
        ("a.rtf", b"{\\rtf1 x}", "unknown_format", "rtf"),
        ("a.zip", packed("a.pdf"), "unknown_format", "zip"),
        ("a.gif", b"GIF89a" + bytes(40), "unknown_format", "GIF"),
        ("a.doc", COMPOUND + "WordDocument\0".encode("utf-16-le"), "unknown_format", "doc"),
        ("a.xls", COMPOUND + "Workbook\0".encode("utf-16-le"), "truncated", "workbook"),
        ("a.ppt", COMPOUND + "PowerPoint Document".encode("utf-16-le"), "unknown_format", "neither doc nor xls"),
        ("a.xlsx", COMPOUND + "EncryptedPackage\0".encode("utf-16-le"), "encrypted", "encrypted"),
        ("a.pdf", b"%PDF-1.4\n", "truncated", "incomplete"),
    ],
)
def test_each_fault_is_named(name: str, data: bytes, reason: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # no LibreOffice, which would read the doc
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, name)
    assert caught.value.reason == reason
    assert words in caught.value.message["en"]
    assert set(caught.value.message) == {"zh", "en"}
    assert not any("\n" in line for line in caught.value.message.values())


def test_an_encrypted_pdf_is_named() -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(pdf(page, encrypt="secret"), "a.pdf")
    assert caught.value.reason == "encrypted"


def test_a_pdf_locked_against_changes_only_is_read() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = StandardEncryption("", ownerPassword="owner", canModify=0)
    assert read_bytes(pdf(page, encrypt=locked), "a.pdf").pages[0].items


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.98])
@pytest.mark.parametrize("make", [lambda: pdf(page, page), workbook], ids=["pdf", "xlsx"])
def test_a_file_cut_off_anywhere_is_truncated(make, part: float) -> None:  # type: ignore[no-untyped-def]
    data = make()
    name = "a.pdf" if data.startswith(b"%PDF") else "a.xlsx"
    with pytest.raises(Unreadable) as caught:
        read_bytes(data[: int(len(data) * part)], name)
    assert caught.value.reason == "truncated"


def test_a_pdf_shorter_than_it_announces_is_truncated() -> None:
    data = pdf(page).replace(b"\n", b"\n1 0 obj <</Linearized 1 /L 99999999>> endobj\n", 1)
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, "a.pdf")
    assert caught.value.reason == "truncated"


def test_a_workbook_with_a_damaged_part_is_truncated() -> None:
    data = bytearray(workbook())
    start = data.index(b"xl/worksheets/sheet1.xml") + 200
    data[start : start + 200] = bytes(200)
    with pytest.raises(Unreadable) as caught:
        read_bytes(bytes(data), "a.xlsx")
    assert caught.value.reason == "truncated"


def test_a_pdf_called_text_is_read_as_what_it_is() -> None:
    document = read_bytes(pdf(page), "a.txt")
    assert document.media_type == "application/pdf"
    assert document.name == "a.txt"
    assert len(document.sha256) == 64


def test_a_file_beyond_the_limit_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.read import formats

    monkeypatch.setattr(formats, "MOST_BYTES", 1000)
    with pytest.raises(Unreadable) as caught:
        read_bytes(pdf(page), "a.pdf")
    assert caught.value.reason == "too_large"


def test_a_pdf_with_too_many_pages_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.read.pdf import reading as reader

    monkeypatch.setattr(reader, "MOST_PAGES", 1)
    with pytest.raises(Unreadable) as caught:
        read_bytes(pdf(page, page), "a.pdf")
    assert caught.value.reason == "too_large"


def test_a_pdf_without_pages_is_damaged() -> None:
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n"
        b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n98\n%%EOF\n"
    )
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, "a.pdf")
    assert caught.value.reason == "truncated"
