"""Scans: what a picture says is read as if it were text, and what is not certain says so."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from flows.read import read, read_bytes
from flows.read.document import Cell, Grid, Line, Page, Unreadable
from flows.read.scan.extra import INSTALL, installed
from tests.conftest import REPOSITORY
from tests.flows.read.scans import dirty, file, picture, scanned, slanted
from tests.samples.paper import FONT, FONT_FILE

needs_ocr = pytest.mark.skipif(not installed(), reason=f"the extra is not installed: {INSTALL}")
SAMPLE = REPOSITORY / "data" / "samples" / "示例市档案局-2024.pdf"
SIZE = (420.0, 300.0)
ROWS = [
    ["科目编码", "科目名称", "合计", "基本支出"],
    ["208", "社会保障和就业支出", "1,234.50", "34.56"],
    ["20805", "行政事业单位养老支出", "-87.09", ""],
    ["221", "住房保障支出", "360081.29", "0.00"],
]


def table(canvas: Canvas) -> None:
    """A title, a unit and a ruled table of `ROWS`; numbers to the right."""
    pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))
    canvas.setFont(FONT, 14)
    canvas.drawCentredString(210, 260, "一般公共预算财政拨款支出决算表")
    canvas.setFont(FONT, 10)
    canvas.drawRightString(390, 240, "金额单位：万元")
    xs, top, step = (30.0, 100.0, 230.0, 310.0, 390.0), 230.0, 24.0
    canvas.setLineWidth(0.5)
    for x in xs:
        canvas.line(x, top, x, top - step * len(ROWS))
    for row in range(len(ROWS) + 1):
        canvas.line(xs[0], top - row * step, xs[-1], top - row * step)
    for row, texts in enumerate(ROWS):
        for column, words in enumerate(texts):
            y = top - row * step - 16
            if column > 1 and row:
                canvas.drawRightString(xs[column + 1] - 4, y, words)
            else:
                canvas.drawString(xs[column] + 4, y, words)


def drawn(*draws: Callable[[Canvas], None]) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=SIZE, invariant=1)
    for draw in draws:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def grids(page: Page) -> list[Grid]:
    return [item for item in page.items if isinstance(item, Grid)]


def rows(page: Page) -> list[list[str]]:
    """The texts of the only table of a page."""
    (grid,) = grids(page)
    texts = [[""] * grid.columns for _ in range(grid.rows)]
    for cell in grid.cells:
        texts[cell.row][cell.column] = "".join(cell.text.split())
    return texts


def figures(pages: tuple[Page, ...]) -> list[Cell]:
    return [
        cell for page in pages for grid in grids(page) for cell in grid.cells if any(c.isdigit() for c in cell.text)
    ]


def only(data: bytes, name: str = "a.png") -> Page:
    (page,) = read_bytes(data, name).pages
    return page


# ---- what a scan says


@needs_ocr
@pytest.mark.parametrize(
    ("way", "dpi"),
    [
        (lambda image: image, 200),
        (lambda image: image, 150),
        (lambda image: slanted(image, 1.0), 200),
        (lambda image: slanted(image, -1.0), 200),
        (lambda image: image.transpose(Image.Transpose.ROTATE_90), 200),
        (lambda image: image.transpose(Image.Transpose.ROTATE_180), 200),
        (lambda image: image.transpose(Image.Transpose.ROTATE_270), 200),
        (lambda image: dirty(image, 18), 200),
    ],
    ids=[
        "as it is",
        "150 dpi",
        "askew",
        "askew the other way",
        "on its side",
        "on its head",
        "on its other side",
        "dirty",
    ],
)
def test_a_table_is_read_however_it_lay_on_the_scanner(way: Callable[[Image.Image], Image.Image], dpi: int) -> None:
    page = only(file(way(picture(drawn(table), dpi=dpi)), dpi=dpi))
    assert [[code, *amounts] for code, _, *amounts in rows(page)] == [[code, *amounts] for code, _, *amounts in ROWS]
    assert next(item.text for item in page.items if isinstance(item, Line)) == "一般公共预算财政拨款支出决算表"
    assert [cell.text for cell in figures((page,)) if cell.doubt] == []
    assert page.doubts == ()


@needs_ocr
def test_places_are_points_of_the_page_as_it_is_shown() -> None:
    text_cells = {cell.text: cell.place.bbox for cell in figures((only(drawn(table), "a.pdf"),))}
    image = picture(drawn(table))
    for way in (image, slanted(image, 1.0)):
        for cell in figures((only(file(way)),)):
            wanted, found = text_cells[cell.text], cell.place.bbox
            assert wanted is not None and found is not None
            middle = [(box[0] + box[2], box[1] + box[3]) for box in (wanted, found)]
            assert abs(middle[0][0] - middle[1][0]) < 12 and abs(middle[0][1] - middle[1][1]) < 12
    turned = figures((only(file(image.transpose(Image.Transpose.ROTATE_270))),))
    first = next(cell.place.bbox for cell in turned if cell.text == "360081.29")
    assert first is not None and first[3] - first[1] > first[2] - first[0]


@needs_ocr
def test_a_scanned_sample_gives_the_figures_of_its_text() -> None:
    data = SAMPLE.read_bytes()
    pages = (4, 10)  # a form of two sides, a form of codes
    scan = read_bytes(scanned(*(picture(data, page) for page in pages)), "scan.pdf").pages
    printed = [page for page in read(SAMPLE).pages if page.number in pages]
    assert [page.doubts for page in scan] == [(), ()]
    for before, after in zip(printed, scan, strict=True):
        wanted = sorted((cell.row, cell.column, "".join(cell.text.split())) for cell in figures((before,)))
        found = sorted((cell.row, cell.column, "".join(cell.text.split())) for cell in figures((after,)))
        assert found == wanted
    assert sum(bool(cell.doubt) for cell in figures(scan)) <= 0.02 * len(figures(scan))


@needs_ocr
@pytest.mark.parametrize("page", [10, 12])
def test_a_page_of_real_accounts_gives_its_labelled_figures(page: int, shared: Path) -> None:
    import csv

    name = "putuo-socialwork-2024"
    labels = (shared / "labels" / name / "figures.csv").read_text("utf-8-sig").splitlines()
    wanted = [row for row in csv.DictReader(labels) if row["page"] == str(page)]
    found = read_bytes(scanned(picture((shared / f"{name}.pdf").read_bytes(), page)), "scan.pdf").pages
    given = [
        figure
        for figure in wanted
        if any(
            "".join(cell.text.split()) == figure["value_text"]
            and {"".join(figure["row_label"].split()), figure["row_code"]} - {""}
            <= {
                "".join(other.text.split())
                for other in grid.cells
                if other.row <= cell.row < other.row + other.row_span
            }
            for grid in grids(found[0])
            for cell in grid.cells
        )
    ]
    assert len(wanted) > 5 and len(given) >= 0.98 * len(wanted)
    values = {row["value_text"] for row in wanted} | {row["row_code"] for row in wanted}
    certain = {"".join(cell.text.split()) for cell in figures(found) if not cell.doubt and "." in cell.text}
    assert certain <= values


@needs_ocr
@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("BMP", "a.bmp"), ("TIFF", "a.tif")])
def test_every_kind_of_picture_is_read(kind: str, name: str) -> None:
    document = read_bytes(file(picture(drawn(table)), kind), name)
    assert document.media_type == f"image/{kind.lower()}" and document.reader.startswith("scan/")
    assert rows(document.pages[0]) == ROWS


@needs_ocr
def test_a_tiff_has_as_many_pages_as_pictures() -> None:
    image = picture(drawn(table))
    data = file(image, "TIFF", save_all=True, append_images=[slanted(image, 0.5)])
    pages = read_bytes(data, "a.tiff").pages
    assert [page.number for page in pages] == [1, 2] and rows(pages[0]) == rows(pages[1]) == ROWS


@needs_ocr
def test_the_same_scan_always_reads_the_same() -> None:
    data = file(dirty(picture(drawn(table), dpi=150), 30), dpi=150)
    assert read_bytes(data, "a.png") == read_bytes(data, "a.png")


@needs_ocr
def test_a_scanned_page_among_pages_of_text_is_read() -> None:
    def both(canvas: Canvas) -> None:
        canvas.drawInlineImage(picture(drawn(table)), 0, 0, *SIZE)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(200, 10, "- 2 -")

    text, scan = read_bytes(drawn(table, both), "a.pdf").pages
    assert rows(text) == rows(scan) == ROWS


# ---- what it is not certain of


@needs_ocr
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text.replace("1,234.50", "1,234.56"),
        lambda text: text.replace("360081.29", "36008129"),
        lambda text: text.replace("-87.09", "87.09"),
    ],
    ids=["a digit", "a point", "a minus"],
)
def test_a_figure_misread_once_is_doubted(spoilt: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.read.scan import certainty

    honest = certainty.read_strips
    calls: list[int] = []

    def misread(strips):  # type: ignore[no-untyped-def]
        calls.append(1)
        return [_said(spoilt, chars) if len(calls) == 1 else chars for chars in honest(strips)]

    monkeypatch.setattr(certainty, "read_strips", misread)
    cells = figures((only(file(picture(drawn(table)))),))
    assert [cell.doubt.split("：")[0] for cell in cells if cell.doubt] == ["两次识读不一致"]


@needs_ocr
@pytest.mark.parametrize(("right", "wrong"), [("360081.29", "36008129"), ("-87.09", "87.09"), ("34.56", "3.456")])
def test_a_figure_misread_twice_is_doubted_when_its_marks_do_not_fit(
    right: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.read.scan import certainty

    honest = certainty.read_strips
    monkeypatch.setattr(
        certainty,
        "read_strips",
        lambda strips: [_said(lambda text: text.replace(right, wrong), chars) for chars in honest(strips)],
    )
    cells = figures((only(file(picture(drawn(table)))),))
    assert [cell.text for cell in cells if cell.doubt] == [wrong]


def _said(change: Callable[[str], str], chars):  # type: ignore[no-untyped-def]
    """The characters of a strip whose text is changed, spread over it as before."""
    before = "".join(char.char for char in chars)
    after = change(before)
    if after == before:
        return chars
    from flows.read.scan.engine import Char

    return tuple(Char(char, 0.999, (place + 0.5) / len(after)) for place, char in enumerate(after))


@needs_ocr
def test_ink_that_is_no_text_does_not_become_an_empty_cell() -> None:
    image = picture(drawn(table))
    scale = 200 / 72
    draw = ImageDraw.Draw(image)
    # the empty cell of the third row, columns from 310 to 390 points
    left, top = 330 * scale, (SIZE[1] - 230 + 2 * 24 + 6) * scale
    zigzag = [(left + 5 * step, top + (34 if step % 2 else 0) - 3 * (step % 3)) for step in range(22)]
    draw.line(zigzag, fill=0, width=2)
    page = only(file(image))
    (grid,) = grids(page)
    scrawl = [cell for cell in grid.cells if (cell.row, cell.column) == (2, 3)]
    assert scrawl and scrawl[0].doubt
    assert rows(only(file(picture(drawn(table)))))[2][3] == ""


@needs_ocr
def test_a_faint_figure_is_not_taken_for_an_empty_cell() -> None:
    image = picture(drawn(table))
    box = tuple(round(v * 200 / 72) for v in (311, SIZE[1] - 230 + 25, 389, SIZE[1] - 230 + 47))
    part = image.crop(box).point(lambda value: 255 - (255 - value) // 5)
    image.paste(part, box[:2])
    (grid,) = grids(only(file(image)))
    (cell,) = [cell for cell in grid.cells if (cell.row, cell.column) == (1, 3)]
    assert cell.text == "34.56" or cell.doubt


@needs_ocr
def test_a_coarse_scan_is_certain_of_no_figure() -> None:
    page = only(file(picture(drawn(table), dpi=60), dpi=60))
    assert all(cell.doubt for cell in figures((page,)))


# ---- files that do harm, and what is missing


@needs_ocr
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: file(picture(drawn(table)))[:3000], "truncated"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(40), "truncated"),
        (lambda: file(Image.new("1", (30_000, 30_000))), "too_large"),
        (lambda: file(Image.new("L", (400, 400), 255)), "no_text"),
    ],
    ids=["cut off", "not a picture", "far too many pixels", "blank"],
)
def test_a_picture_that_cannot_be_read_says_why(data: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(data(), "a.png")
    assert caught.value.reason == reason


def test_without_the_extra_a_picture_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.read.scan.extra.find_spec", lambda name: None)
    for data, name in ((file(picture(drawn(table))), "a.png"), (scanned(picture(drawn(table))), "a.pdf")):
        with pytest.raises(Unreadable) as caught:
            read_bytes(data, name)
        assert caught.value.reason == "no_text"
        assert all(INSTALL in line for line in caught.value.message.values())


def test_without_the_extra_forms_on_scanned_pages_are_unreadable_and_the_others_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows.recognise import recognise

    monkeypatch.setattr("flows.read.scan.extra.find_spec", lambda name: None)
    data = SAMPLE.read_bytes()
    page = next(form.pages[0] for form in recognise(read(SAMPLE)).reading.forms if form.form == "T07")
    mixed = _with_picture(data, page)
    status = {form.form: form.status for form in recognise(read_bytes(mixed, "a.pdf")).reading.forms}
    assert status["T07"] == "unreadable"
    assert status["T01"] == status["T05"] == "read"


def _with_picture(data: bytes, page: int) -> bytes:
    """The PDF with one of its pages replaced by a picture of it."""
    import pypdfium2

    source = pypdfium2.PdfDocument(data)
    with pypdfium2.PdfDocument(scanned(picture(data, page))) as replacement:
        source.del_page(page - 1)
        source.import_pages(replacement, [0], page - 1)
    stream = io.BytesIO()
    source.save(stream)
    return stream.getvalue()


def test_installing_the_extra_reads_refused_scans_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import collect
    from flows.collect import understanding

    versions = dict.fromkeys(understanding._READING_PACKAGES, "1")
    monkeypatch.setattr(understanding, "_version", versions.__getitem__)
    seen = set()
    for package, version in (
        ("pdf_oxide", "1"),
        ("rapidocr", ""),
        ("onnxruntime", "2"),
        ("opencv-python-headless", "3"),
    ):
        versions[package] = version
        collect.reader_version.cache_clear()
        seen.add(collect.reader_version())
    collect.reader_version.cache_clear()
    assert len(seen) == 4


@needs_ocr
def test_reading_a_scan_asks_nothing_of_the_network_or_the_home_folder(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(file(picture(drawn(table))))
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from pathlib import Path\n"
        "from flows.read import read\n"
        "print(len(read(Path(sys.argv[1])).pages[0].items))\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(source)], capture_output=True, text=True, check=True, env=environment
    )
    assert int(done.stdout) == 3
