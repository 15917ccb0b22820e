"""Files made to do harm: each ends in one clear line or a correct reading, within seconds and bounded memory.

They go to a worker as in a real run, with tighter limits than usual. What a limit has to stop is named as such here.
"""

from __future__ import annotations

import pickle
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.read import read_bytes
from flows.read.document import Cell, Document, Grid, Line, Page, Place, Unreadable
from flows.recognise import recognise
from flows.workers.limits import Limits
from flows.workers.pool import Workers
from tests.flows.read import hostile as made

MEMORY = 700


def read_and_recognise(data: bytes, name: str) -> Document:
    """What the workers of these tests run: the document itself comes back."""
    document = read_bytes(data, name)
    recognise(document)
    return document


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(Limits(30, MEMORY), 1, f"{__name__}:read_and_recognise") as one:
        yield one


@pytest.fixture
def read(workers: Workers):  # type: ignore[no-untyped-def]
    def _read(data: bytes, name: str) -> Document:
        assert len(data) < 60 * 2**20
        with workers.turn() as worker:
            return pickle.loads(worker.read(data, name))

    return _read


def texts(document: Document) -> list[str]:
    items = [item for page in document.pages for item in page.items]
    return [
        text for item in items for text in ([c.text for c in item.cells] if isinstance(item, Grid) else [item.text])
    ]


MILLIONS = 2**20
REPEATED = "<table:table-row table:number-rows-repeated='1048576'><table:table-cell table:number-columns-repeated='16384'><text:p>1</text:p></table:table-cell></table:table-row>"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]"
REFUSED = {
    # archives and XML
    "a part that swells a thousand times.xlsx": (
        "too_large",
        lambda: made.xlsx(made.SHEET + "<x>" + "0" * (80 * MILLIONS) + "</x>"),
    ),
    "a part that is larger than it says.xlsx": (
        "truncated",
        lambda: made.lying(made.xlsx(made.SHEET + " " * (100 * MILLIONS)), "xl/worksheets/sheet1.xml", 1000),
    ),
    "a part that is larger than it says.ods": (
        "too_large truncated",
        lambda: made.lying(made.ods("<table:table/>" + " " * (130 * MILLIONS)), "content.xml", 1000),
    ),
    "a part that is larger than it says.docx": (
        "too_large truncated",
        lambda: made.lying(made.docx(made.paragraph("a") * 4_000_000), "word/document.xml", 1000),
    ),
    "three thousand entries over the same bytes.xlsx": ("too_large", lambda: made.overlapping(3000, 400_000)),
    "an archive within an archive.xlsx": (
        "mislabelled",
        lambda: made.archive({"a.zip": made.archive({"b": bytes(90 * MILLIONS)})}),
    ),
    "entities within entities.xlsx": (
        "truncated",
        lambda: made.xlsx(made.rows(("科目", "&a11;"), ("合计", 1.5)), head=made.LAUGHS),
    ),
    "entities within entities.ods": (
        "truncated empty",
        lambda: made.ods("<table:table>&a11;</table:table>", made.LAUGHS),
    ),
    "entities within entities.docx": ("truncated", lambda: made.docx(made.paragraph("收入&a11;"), made.LAUGHS)),
    "an attribute of 60 MB.xlsx": ("truncated", lambda: made.xlsx(f'<x y="{"a" * (60 * MILLIONS)}"/>' + made.SHEET)),
    "elements a hundred thousand deep.ods": ("truncated", lambda: made.ods("<a>" * 100_000 + "</a>" * 100_000)),
    "elements a hundred thousand deep.docx": (
        "truncated",
        lambda: made.docx("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000),
    ),
    # sheets
    "cells at both ends of a sheet.xlsx": (
        "too_large",
        lambda: made.xlsx(
            '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    ),
    "a reference beyond every sheet.xlsx": (
        "too_large truncated",
        lambda: made.xlsx(
            '<sheetData><row r="1"><c r="ZZZZZZZZZ9999999999"><v>1</v></c><c r="B1"><v>1</v></c></row></sheetData>'
        ),
    ),
    "two thousand million texts announced.xlsx": (
        "truncated",
        lambda: made.xlsx(
            made.SHEET,
            **{"xl/sharedStrings.xml": f'<sst xmlns="{made.MAIN}" uniqueCount="2147483647"><si><t>a</t></si></sst>'},
        ),
    ),
    "twenty thousand sheets.xlsx": (
        "too_large",
        lambda: made.xlsx(
            made.SHEET,
            **{
                "xl/workbook.xml": f'<workbook xmlns="{made.MAIN}" xmlns:r="{made.RELATION}"><sheets>'
                + "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, 20_000))
                + "</sheets></workbook>"
            },
        ),
    ),
    "a row repeated a million times.ods": ("too_large", lambda: made.ods(f"<table:table>{REPEATED}</table:table>")),
    # web pages, text
    "a million tags within each other.html": ("truncated", lambda: b"<html><body>" + b"<div>" * 1_000_000 + b"x"),
    "a million tables within each other.html": ("truncated", lambda: b"<html><body>" + b"<table><tr><td>" * 1_000_000),
    "columns by the thousand million.html": (
        "too_large",
        lambda: (
            b"<table>" + b"<tr><td colspan=1000000000 rowspan=1000000000>a</td><td>b</td></tr>" * 2000 + b"</table>"
        ),
    ),
    "a cell that covers a million rows.html": (
        "too_large",
        lambda: b"<table><tr><td colspan=999 rowspan=65000>a<td>b" + b"<tr><td>x" * 60_000 + b"</table>",
    ),
    "ten million columns.csv": ("too_large truncated", lambda: b"1," * 10_000_000 + b"1\n"),
    "ten million columns.txt": ("too_large", lambda: b"1\t" * 10_000_000 + b"1\n"),
    "twenty million lines.txt": ("too_large", lambda: b"1\n" * 20_000_000),
    "one line of fifty million characters.txt": ("too_large", lambda: b"a" * (49 * MILLIONS)),
    "one line of a million numbers.txt": ("too_large", lambda: "收入12.5万元，增长3.5%，".encode() * MILLIONS),
    # PDF
    "pages that contain themselves.pdf": (
        "truncated no_text",
        lambda: made.raw_pdf(
            {
                1: b"<</Type/Catalog/Pages 2 0 R>>",
                2: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>",
                3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
            }
        ),
    ),
    "pages that are not there.pdf": (
        "truncated no_text too_large",
        lambda: made.raw_pdf(
            {
                1: b"<</Type/Catalog/Pages 2 0 R>>",
                2: b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>",
                3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
            }
        ),
    ),
    "text of no size that could be told.pdf": (
        "no_text",
        lambda: made.one_page(
            made.stream(b"BT /F1 12 Tf " + b"9" * 45 + b" 0 0 " + b"9" * 45 + b" 72 700 Tm (Total 12.50) Tj ET")
        ),
    ),
    "ten thousand pages.pdf": ("too_large", lambda: made.many_pages(10_000)),
    # Of these only the limits of the process know.
    "a stream that swells a thousand times.pdf": (
        "too_much_memory too_slow no_text",
        lambda: made.one_page(made.stream(b" " * (800 * MILLIONS) + made.WORDS, packed=True)),
    ),
    "a drawing that draws itself.pdf": (
        "too_much_memory too_slow crashed",
        lambda: made.one_page(
            made.stream(made.WORDS + b" /X Do"),
            o6=made.stream(b"/X Do /X Do", FORM + b"/Resources<</XObject<</X 6 0 R>>>>"),
        ),
    ),
    "a million little paths.pdf": (
        "too_much_memory too_slow no_text",
        lambda: made.one_page(made.stream(b"0 0 m 1 1 l S\n" * 1_000_000, packed=True)),
    ),
    "arrays two hundred thousand deep.pdf": ("crashed truncated no_text", lambda: made.nested_arrays(200_000)),
}
"""File name → the reasons that are right for it (libraries and machines differ), and the file."""


@pytest.mark.parametrize("name", REFUSED)
def test_harm_is_refused_in_one_clear_line(read, name: str) -> None:  # type: ignore[no-untyped-def]
    reasons, make = REFUSED[name]
    with pytest.raises(Unreadable) as caught:
        read(make(), name)
    assert caught.value.reason in reasons.split(), caught.value
    assert all(line and "\n" not in line for line in caught.value.message.values())


OPENING = b"/OpenAction<</S/JavaScript/JS(app.alert\\(99999.99\\))>>/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(99999.99)>>]>>>>"
READ = {
    "a sheet said to be as large as sheets can be.xlsx": (
        lambda: made.xlsx('<dimension ref="A1:XFD1048576"/>' + made.SHEET),
        ["科目", "金额", "合计", "12.5"],
    ),
    "a merged range over the whole sheet.xlsx": (
        lambda: made.xlsx(made.SHEET + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        ["科目", "金额", "合计", "12.5"],
    ),
    "macros and names that lead out of the archive.xlsx": (
        lambda: made.xlsx(
            made.SHEET,
            **{
                "xl/vbaProject.bin": "99999.99",
                "../../../../tmp/hedui-evil": "99999.99",
                "/tmp/hedui-evil": "99999.99",
            },
        ),
        ["科目", "金额", "合计", "12.5"],
    ),
    "a formula that calls a program.xlsx": (
        lambda: made.xlsx(
            '<sheetData><row r="1"><c r="A1" t="str"><f>cmd|"/c calc"!A1</f><v>合计</v></c><c r="B1"><f>99999.99</f><v>1.5</v></c></row></sheetData>'
        ),
        ["合计", "1.5"],
    ),
    "macros and a field that calls a program.docx": (
        lambda: made.docx(
            "<w:p><w:r><w:instrText>DDEAUTO calc 99999.99</w:instrText></w:r><w:r><w:t>收入 1.5 万元</w:t></w:r></w:p>",
            **{"word/vbaProject.bin": "99999.99"},
        ),
        ["收入 1.5 万元"],
    ),
    "scripts.html": (
        lambda: (
            "<script>document.write('99999.99')</script><p onclick='f(99999.99)'>收入 1.5 万元</p><noscript>99999.99</noscript>"
            "<iframe srcdoc='99999.99'>99999.99</iframe><a href='javascript:99999.99'>附件</a>".encode()
        ),
        ["收入 1.5 万元", "附件"],
    ),
    "scripts.pdf": (lambda: made.one_page(made.stream(made.WORDS), catalog=OPENING), ["Total 12.50"]),
    "a program to be started.pdf": (
        lambda: made.one_page(
            made.stream(made.WORDS), catalog=b"/OpenAction<</S/Launch/F(/bin/touch)/P(/tmp/hedui-evil)>>"
        ),
        ["Total 12.50"],
    ),
    "a page as large as a country.pdf": (
        lambda: made.one_page(made.stream(made.WORDS), box=b"[0 0 2000000000 2000000000]"),
        ["Total 12.50"],
    ),
    "a million states that are never left.pdf": (
        lambda: made.one_page(made.stream(b"q " * 1_000_000 + made.WORDS, packed=True)),
        ["Total 12.50"],
    ),
    "a table of contents in a loop.pdf": (
        lambda: made.one_page(made.stream(made.WORDS)).replace(b"trailer<<", b"trailer<</Prev 600 "),
        ["Total 12.50"],
    ),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_meant_to_run_or_mislead_is_not_read_and_the_rest_is(read, name: str) -> None:  # type: ignore[no-untyped-def]
    make, expected = READ[name]
    assert texts(read(make(), name)) == expected
    assert not Path("/tmp/hedui-evil").exists()


def test_nothing_that_a_document_refers_to_is_fetched_or_opened(read, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A listener that nobody calls, a file whose words appear nowhere."""
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        threading.Thread(target=_note_calls, args=(listener, calls), daemon=True).start()
        head = f'<!DOCTYPE x SYSTEM "{address}.dtd" [<!ENTITY local SYSTEM "{secret.as_uri()}"><!ENTITY far SYSTEM "{address}">]>'
        relations = f'<Relationships xmlns="{made.RELATIONS}"><Relationship Id="r1" Type="{made.RELATION}/worksheet" Target="{secret.as_uri()}" TargetMode="External"/></Relationships>'
        for name, data in (
            ("a.xlsx", made.xlsx(made.rows(("科目", "&local;&far;"), ("合计", 1.5)), head=head)),
            ("b.xlsx", made.xlsx(made.SHEET, **{"xl/_rels/workbook.xml.rels": relations})),
            ("c.ods", made.ods("<table:table><table:table-row><table:table-cell><text:p>甲&local;&far;</text:p></table:table-cell></table:table-row></table:table>", head)),
            ("d.docx", made.docx(made.paragraph("收入&local;&far;"), head)),
            ("e.html", f"{head}<link rel=stylesheet href='{address}'><img src='{address}'><object data='{secret.as_uri()}'></object><p>甲&local;</p>".encode()),
        ):  # fmt: skip
            try:
                assert "秘密" not in "".join(texts(read(data, name)))
            except Unreadable as error:
                assert error.reason == "truncated"
    assert calls == []


def _note_calls(listener: socket.socket, calls: list[object]) -> None:
    try:
        while True:
            calls.append(listener.accept())
    except OSError:
        return


def test_the_largest_pdf_that_is_accepted_is_read_within_the_usual_limits(read) -> None:  # type: ignore[no-untyped-def]
    document = read(made.many_pages(3000), "three thousand pages.pdf")
    assert len(document.pages) == 3000
    assert all(isinstance(page.items[0], Line) for page in document.pages)


def test_a_header_of_very_many_columns_is_looked_at_in_time_that_grows_with_them() -> None:
    place = Place(page=1)
    cells = [Cell("项目", 0, 0, place), *(Cell("甲", 1, column, place) for column in range(16_000))]
    grid = Grid(tuple(cells), 2, 16_000, place)
    started = time.process_time()
    recognise(Document("a.xlsx", "0" * 64, "application/x", 1, (Page(1, (grid,)),)))
    assert time.process_time() - started < 10


def test_a_paragraph_of_very_many_lines_is_gathered_in_time_that_grows_with_them() -> None:
    started = time.process_time()
    recognise(read_bytes("收入\n".encode() * 12_000, "a.txt"))
    assert time.process_time() - started < 10


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_that_end_strings_are_no_part_of_a_text(encoding: str) -> None:
    text = "收入\n" * 2000 + "收\x00入"  # a NUL near the beginning is no text at all
    assert texts(read_bytes(text.encode(encoding), "a.txt"))[-1] == "收入"


def test_a_number_as_large_as_numbers_can_be_is_displayed_in_its_format() -> None:
    from flows.read.workbook.numberformat import displayed_number

    assert displayed_number(1e300, "0.00") == "1" + "0" * 300 + ".00"
    assert displayed_number(1.5, "0." + "0" * 5000) == "1.5" + "0" * 4999
    assert displayed_number(-1e20, "#,##0.00") == "-100,000,000,000,000,000,000.00"
