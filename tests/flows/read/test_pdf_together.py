"""Characters that stand together are moved about as one: nothing that is read may depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from flows.read.document import Grid, Line, Page
from flows.read.pdf import glyphs as characters
from flows.read.pdf import layout, pdfium, reading, witness
from flows.read.pdf.glyphs import Frame, Glyph, page_frame, page_glyphs, singles
from flows.read.pdf.reading import read_pdf
from flows.read.scan.sheet import FEW, is_scan
from tests.flows.read.paper import HEIGHT, borders, pdf, rule, text

Draw = Callable[[Canvas], None]
XS, YS = borders([60, 80], 100), borders([20, 20], 100)


def latin(canvas: Canvas, x: float, top: float, words: str, size: float = 10) -> None:
    """Words in a font of which both libraries know the widths."""
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, HEIGHT - top, words)


def frame(canvas: Canvas) -> None:
    for y in YS:
        rule(canvas, XS[0], y, XS[-1], y)
    for x in XS:
        rule(canvas, x, YS[0], x, YS[-1])


def mixed(canvas: Canvas) -> None:
    frame(canvas)
    text(canvas, 103, 103, "合计(万元)")
    text(canvas, 163, 103, "1,234.50")
    latin(canvas, 80, 300, "Total 12.5 at 99%,-")
    latin(canvas, 84, 303, "12", 6)
    latin(canvas, 80, 350, "10")
    latin(canvas, 91.12, 350.3, "20")
    text(canvas, 80, 400, "本年收入合计80.25万元，　其中：")


@contextmanager
def opened(draw: Draw) -> Iterator[tuple[Any, Any]]:
    """The first page of a drawing and its text, as pypdfium2 hands them out."""
    with pypdfium2.PdfDocument(pdf(draw)) as document:
        page = document[0]
        found = page.get_textpage()
        yield page.raw, found.raw


def one_by_one(page: Any, found: Any) -> list[Glyph]:
    """The characters of an upright page, each asked for on its own."""
    return characters._placed(characters._raw_glyphs(found), 0, page_frame(page))


def read(draw: Draw) -> Page:
    (page,) = read_pdf(pdf(draw))
    return page


def lines(page: Page) -> list[str]:
    return [item.text for item in page.items if isinstance(item, Line)]


def cells(page: Page) -> dict[tuple[int, int], str]:
    (grid,) = (item for item in page.items if isinstance(item, Grid))
    return {(cell.row, cell.column): cell.text for cell in grid.cells}


def test_taken_apart_they_are_the_characters_that_are_asked_for_one_by_one() -> None:
    with opened(mixed) as (page, found):
        together, alone = page_glyphs(page, found).upright, one_by_one(page, found)
    assert len(together) < len(alone) / 3
    assert singles(together) == alone


def test_a_page_is_read_the_same_when_nothing_comes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    together = read(mixed)
    assert len(lines(together)) == 3 and len(cells(together)) == 2
    monkeypatch.setattr(characters, "_plain_glyphs", lambda found, shown: None)
    assert read(mixed) == together


def test_the_text_of_a_page_is_that_of_its_single_characters() -> None:
    def hyphen(canvas: Canvas) -> None:
        text(canvas, 80, 100, "上年数-")
        text(canvas, 80, 114, "12.00")

    for draw in (mixed, hyphen):
        with opened(draw) as (_, found):
            count = pypdfium2.raw.FPDFText_CountChars(found)
            alone = [chr(pypdfium2.raw.FPDFText_GetUnicode(found, index)) for index in range(count)]
            assert list(pdfium.char_text(pdfium.reference(found), count)) == [
                "-" if char == "\x02" else char for char in alone
            ]


def test_a_gap_of_less_than_a_character_is_still_a_space() -> None:
    def page(canvas: Canvas) -> None:
        for index, char in enumerate("收入合计"):
            text(canvas, 80 + 10 * index, 100, char)
        for index, char in enumerate("万元"):
            text(canvas, 124 + 10 * index, 100, char)

    assert lines(read(page)) == ["收入合计 万元"]


def test_a_letter_struck_twice_within_one_piece_of_text_is_read_once() -> None:
    def page(canvas: Canvas) -> None:
        for index, char in enumerate("合计支出"):
            drawn = canvas.beginText(80 + 10 * index, HEIGHT - 100)
            drawn.setFont("STSong-Light", 10)
            drawn.setCharSpace(-8.8)
            drawn.textOut(char * 2)
            canvas.drawText(drawn)

    assert lines(read(page)) == ["合计支出"]


def test_text_that_runs_into_a_table_is_parted_at_its_edge() -> None:
    def page(canvas: Canvas) -> None:
        frame(canvas)
        text(canvas, 72, 103, "见附注甲乙")
        text(canvas, 163, 123, "1.00")

    assert lines(read(page)) == ["见附注"]
    assert cells(read(page)) == {(0, 0): "甲乙", (1, 1): "1.00"}


def test_a_number_that_overflows_stands_where_most_of_its_digits_are() -> None:
    """Also when it comes in pieces: digits count, not pieces."""

    def page(canvas: Canvas) -> None:
        frame(canvas)
        text(canvas, 103, 103, "甲")
        latin(canvas, 160 - 5.56, 134, "1")
        latin(canvas, 160, 134.3, "234.50")

    assert cells(read(page)) == {(0, 0): "甲", (1, 1): "1234.50"}


def witnessed(change: Callable[[int, Any], dict[str, Any]]) -> Callable[..., witness.WitnessPage]:
    """The second reading with some of its characters changed: `change` gives what is different about each."""
    honest = witness.witness_page

    def page(opened_witness: Any, index: int) -> witness.WitnessPage:
        seen = honest(opened_witness, index)
        assert seen is not None
        names = ("char", "origin_x", "origin_y", "rotation_degrees", "advance_width", "font_size")
        chars = [
            SimpleNamespace(**({name: getattr(char, name) for name in names} | change(place, char)))
            for place, char in enumerate(seen.chars)
        ]
        return witness.WitnessPage(chars, seen.paths)

    return page


@pytest.mark.parametrize(
    ("change", "doubted"),
    [
        (lambda place, char: {}, False),
        (lambda place, char: {"char": "8"} if char.char == "5" else {}, True),
        (lambda place, char: {"origin_y": char.origin_y - 40} if char.char == "5" else {}, True),
        (lambda place, char: {"origin_x": char.origin_x - 100} if char.char == "5" else {}, True),
    ],
)
def test_the_second_reading_must_see_the_same_digits_in_the_same_places(
    change: Callable[[int, Any], dict[str, Any]], doubted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(canvas: Canvas) -> None:
        latin(canvas, 80, 100, "Income 1,234.56")
        latin(canvas, 80, 120, "Expenditure 78.90")

    monkeypatch.setattr(reading, "witness_page", witnessed(change))
    assert any("disagree" in doubt for doubt in read(page).doubts) == doubted


def test_boxes_are_those_of_single_characters_however_many_there_are() -> None:
    def leaders(canvas: Canvas) -> None:
        for line in range(20):
            latin(canvas, 40, 60 + 30 * line, f"{line}" + "." * 90, 5)

    with opened(leaders) as (_, found):
        count, box = pypdfium2.raw.FPDFText_CountChars(found), pypdfium2.raw.FS_RECTF()
        boxes = pdfium.char_boxes(pdfium.reference(found), count)
        assert len(boxes) == 4 * count > 4 * 1024
        for index in range(count):
            pypdfium2.raw.FPDFText_GetLooseCharBox(found, index, box)
            assert boxes[4 * index : 4 * index + 4] == [box.left, box.top, box.right, box.bottom]
        beyond = pdfium.char_boxes(pdfium.reference(found), count + 2)
        assert beyond == [*boxes, *[0.0] * 8]


def test_text_over_a_picture_is_counted_in_characters_to_tell_a_scan() -> None:
    def page(lines: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), 0, 0, 595, 842)
            for line in range(lines):
                latin(canvas, 40, 60 + 30 * line, "words" * 10)

        return draw

    for lines, scanned in ((1, True), (6, False)):
        with opened(page(lines)) as (drawn, found):
            shown = page_glyphs(drawn, found)
            assert len(shown.upright) < FEW
            assert is_scan(drawn, shown) is scanned


@given(st.floats(-5_000, 5_000, width=32), st.floats(-5_000, 5_000, width=32))
def test_boxes_are_rounded_to_a_tenth_of_a_point(x: float, y: float) -> None:
    page = SimpleNamespace(reading=(whole := Frame((0.0, 0.0, 595.0, 842.0), 0)), shown=whole)
    box = x, y - x, x + y, y
    assert layout._shown(box, page) == tuple(round(edge, 1) for edge in box)  # type: ignore[arg-type]
