"""Lines of text: spacing, sideways pages, hidden and doubled characters."""

from __future__ import annotations

import pytest
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from flows.read import read_bytes
from flows.read.document import Grid, Line, Page, Unreadable
from tests.flows.read.paper import FONT, HEIGHT, borders, pdf, put, rule, text


def lines(page: Page) -> list[str]:
    return [item.text for item in page.items if isinstance(item, Line)]


def read_page(draw, **options) -> Page:  # type: ignore[no-untyped-def]
    (page,) = read_bytes(pdf(draw, **options), "a.pdf").pages
    return page


def test_digits_spaced_out_by_justification_stay_one_number() -> None:
    def page(canvas: Canvas) -> None:
        for spacing, top in ((1.5, 100), (3.0, 120), (5.0, 140)):
            drawn = canvas.beginText(80, HEIGHT - top)
            drawn.setFont(FONT, 10)
            drawn.setCharSpace(spacing)
            drawn.textOut("本年收入合计1234.56万元")
            drawn.setCharSpace(0)
            canvas.drawText(drawn)

    assert lines(read_page(page)) == ["本年收入合计1234.56万元"] * 3


def test_a_wide_gap_becomes_one_space() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 80, 100, "部门：某某局")
        text(canvas, 400, 100, "单位：万元")

    assert lines(read_page(page)) == ["部门：某某局 单位：万元"]


@pytest.mark.parametrize("shift", [0.3, 0.5, 1.0])
def test_text_struck_twice_to_look_bold_is_read_once(shift: float) -> None:
    """Also when the second strokes are all drawn after the first."""

    def page(canvas: Canvas) -> None:
        for pass_shift in (0, shift):
            text(canvas, 80 + pass_shift, 100, "合计 55.55")
            for line in range(12):
                text(canvas, 80 + pass_shift, 120 + 14 * line, f"第{line}行 100.00")

    read = read_page(page)
    assert lines(read) == ["合计 55.55", *(f"第{line}行 100.00" for line in range(12))]
    assert read.doubts == ()


def test_text_that_is_not_shown_is_left_out() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 80, 100, "合计 55.55")
        canvas.saveState()
        hidden = canvas.beginText(80, 600)
        hidden.setFont(FONT, 10)
        hidden.setTextRenderMode(3)
        hidden.textOut("旧数 99.99")
        canvas.drawText(hidden)
        canvas.restoreState()

    read = read_page(page)
    assert lines(read) == ["合计 55.55"]
    assert read.doubts == ()


def test_text_behind_a_scan_is_read_with_a_doubt() -> None:
    def page(canvas: Canvas) -> None:
        hidden = canvas.beginText(80, 600)
        hidden.setFont(FONT, 10)
        hidden.setTextRenderMode(3)
        hidden.textOut("合计 99.99")
        canvas.drawText(hidden)

    read = read_page(page)
    assert lines(read) == ["合计 99.99"]
    assert any("recognised" in doubt for doubt in read.doubts)


def test_text_outside_the_page_is_left_out() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 80, 100, "合计 55.55")
        text(canvas, 700, 100, "1.00")

    assert lines(read_page(page)) == ["合计 55.55"]


def test_a_raised_digit_stands_on_its_line() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 80, 100, "面积80m")
        canvas.setFont(FONT, 6)
        canvas.drawString(80 + canvas.stringWidth("面积80m", FONT, 10), HEIGHT - 104, "2")
        text(canvas, 80, 120, "下一行")

    assert lines(read_page(page)) == ["面积80m²", "下一行"]


def table(canvas: Canvas) -> None:
    xs, ys = borders([60, 90, 80], 80), borders([20, 20], 100)
    for y in ys:
        rule(canvas, xs[0], y, xs[-1], y)
    for x in xs:
        rule(canvas, x, ys[0], x, ys[-1])
    put(canvas, xs, ys, [["编码", "名称", "合计"], ["201", "甲", "5.00"]])
    text(canvas, 80, 80, "支出决算表")


def cells(page: Page) -> list[str]:
    return [cell.text for item in page.items if isinstance(item, Grid) for cell in item.cells]


@pytest.mark.parametrize("turn", [90, 270])
def test_a_page_stored_turned_reads_like_an_upright_one(turn: int) -> None:
    """Text drawn sideways on a page that the viewer turns upright."""
    wide, high = A4

    def page(canvas: Canvas) -> None:
        canvas.setPageSize((high, wide))
        if turn == 90:
            canvas.translate(high, 0)
            canvas.rotate(90)
        else:
            canvas.translate(0, wide)
            canvas.rotate(-90)
        table(canvas)

    data = pdf(page).replace(b"/Rotate 0", f"/Rotate {turn}".encode())
    (read,) = read_bytes(data, "a.pdf").pages
    assert lines(read) == ["支出决算表"]
    assert cells(read) == ["编码", "名称", "合计", "201", "甲", "5.00"]
    place = next(item.place for item in read.items if isinstance(item, Line))
    assert place.bbox is not None
    assert place.bbox[0] == pytest.approx(80, abs=2) and place.bbox[1] == pytest.approx(80, abs=3)


def test_a_table_drawn_sideways_on_an_upright_page_is_read_upright() -> None:
    wide, high = A4

    def page(canvas: Canvas) -> None:
        canvas.setPageSize((high, wide))
        canvas.translate(high, 0)
        canvas.rotate(90)
        table(canvas)

    (read,) = read_bytes(pdf(page), "a.pdf").pages
    assert lines(read) == ["支出决算表"]
    assert cells(read) == ["编码", "名称", "合计", "201", "甲", "5.00"]
    place = next(item.place for item in read.items if isinstance(item, Line))
    assert place.bbox == pytest.approx((80, wide - 130, 92, wide - 80), abs=3), "where it is seen, from bottom to top"


def test_a_turned_mark_at_the_margin_does_not_disturb_the_page() -> None:
    def page(canvas: Canvas) -> None:
        table(canvas)
        canvas.saveState()
        canvas.translate(50, 500)
        canvas.rotate(90)
        canvas.setFont(FONT, 10)
        canvas.drawString(0, 0, "档号 77")
        canvas.restoreState()

    read = read_page(page)
    assert cells(read) == ["编码", "名称", "合计", "201", "甲", "5.00"]
    assert "档号 77" in lines(read)


def test_the_two_readings_of_an_ordinary_page_agree() -> None:
    assert read_page(table).doubts == ()


def test_a_page_on_which_the_second_reading_sees_another_number_carries_a_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows.read.pdf import reading as reader
    from flows.read.pdf import witness

    def misread(page, chars):  # type: ignore[no-untyped-def]
        marks = honest(page, chars)
        return [mark._replace(char="8") if mark.char == "5" else mark for mark in marks]

    honest = witness._witness_marks
    monkeypatch.setattr(witness, "_witness_marks", misread)
    (doubt,) = reader.read_pdf(pdf(table))[0].doubts
    assert "5.00 ≠ 8.00" in doubt


def test_an_image_only_page_needs_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.read.scan.extra.find_spec", lambda name: None)

    def page(canvas: Canvas) -> None:
        canvas.rect(80, 200, 300, 300, stroke=0, fill=1)

    with pytest.raises(Unreadable) as caught:
        read_bytes(pdf(page, size=landscape(A4)), "a.pdf")
    assert caught.value.reason == "no_text"
    assert "OCR" in caught.value.message["zh"] and "OCR" in caught.value.message["en"]


def test_a_dash_at_the_end_of_a_line_is_kept() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 80, 100, "上年数-")
        text(canvas, 80, 114, "12.00")

    assert lines(read_page(page)) == ["上年数-", "12.00"]


def test_a_page_that_is_only_a_picture_carries_a_doubt_where_pictures_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    def picture(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), 80, 400, 300, 300)

    monkeypatch.setattr("flows.read.scan.extra.find_spec", lambda name: None)
    first, second = read_bytes(pdf(lambda canvas: text(canvas, 80, 100, "合计 5.00"), picture), "a.pdf").pages
    assert first.doubts == ()
    assert second.items == () and any("pip install 'hedui[ocr]'" in doubt for doubt in second.doubts)


def test_a_page_cut_to_a_smaller_view_measures_from_the_corner_that_is_seen() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setCropBox((50, 50, 500, 800))
        table(canvas)

    read = read_page(page)
    assert cells(read) == ["编码", "名称", "合计", "201", "甲", "5.00"]
    place = next(item.place for item in read.items if isinstance(item, Line))
    assert place.bbox is not None
    assert place.bbox[0] == pytest.approx(30, abs=2) and place.bbox[1] == pytest.approx(80 - (HEIGHT - 800), abs=3)


def test_a_file_that_the_second_reader_cannot_open_is_read_with_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.read.pdf import reading as reader

    monkeypatch.setattr(reader, "open_witness", lambda data: None)
    read = read_page(table)
    assert "支出决算表" in lines(read)
    assert any("second reading" in doubt for doubt in read.doubts)
