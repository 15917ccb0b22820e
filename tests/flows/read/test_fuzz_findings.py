"""What fuzzing found in the readers, as small as it can be told; each was an exception or an unsound text once."""

from __future__ import annotations

import io

import olefile
import pytest
import xlwt

from flows.read import read_bytes
from flows.read.document import Grid, Line, Unreadable
from flows.read.formats import XLS, media_type_of
from flows.read.pdf.glyphs import Frame
from flows.read.pdf.ruling import page_ruling
from flows.read.workbook.numberformat import displayed_number
from tests.flows.read import hostile as made


def encrypted(data: bytes, name: str) -> bytes:
    """The archive, one of its parts marked as encrypted in both of its headers."""
    changed = bytearray(data)
    for mark, at, name_at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        start = -1
        while (start := changed.find(mark, start + 1)) >= 0:
            if changed[start + name_at : start + name_at + len(name)] == name.encode():
                changed[start + at] |= 1
    return bytes(changed)


def test_a_part_of_a_workbook_that_has_a_password_is_damage() -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(encrypted(made.xlsx(made.SHEET), "xl/workbook.xml"), "a.xlsx")
    assert caught.value.reason == "truncated"


def test_a_format_that_no_number_fits_shows_the_number() -> None:
    assert displayed_number(1.5, "0.00" + "%" * 300) == "1.5"


def test_an_old_workbook_shows_no_end_of_string() -> None:
    book, stream = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("表")
    sheet.write(0, 0, "金额\x00单位")
    sheet.write(0, 1, "\x00")
    sheet.write(1, 0, "合计")
    sheet.write(1, 1, 12.5)
    book.save(stream)
    (page,) = read_bytes(stream.getvalue(), "a.xls").pages
    texts = [cell.text for item in page.items if isinstance(item, Grid) for cell in item.cells]
    assert texts == ["金额单位", "合计", "12.5"]


def test_a_container_whose_folders_run_in_a_circle_is_told_by_the_names_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    book, stream = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("表").write(0, 0, 1)
    book.save(stream)

    def endless(*_: object) -> list[list[str]]:
        raise RecursionError

    monkeypatch.setattr(olefile.OleFileIO, "listdir", endless)
    assert media_type_of(stream.getvalue(), "a.xls") == XLS


def test_half_a_character_of_a_pdf_is_an_unknown_one() -> None:
    halves = b"1 beginbfchar\n<54> <D900>\nendbfchar"
    meaning = b"/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange <00> <FF> endcodespacerange\n"
    data = made.raw_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            4: made.stream(made.WORDS),
            5: made.FONT[:-2] + b"/ToUnicode 6 0 R>>",
            6: made.stream(meaning + halves + b"\nendcmap end"),
        }
    )
    (page,) = read_bytes(data, "a.pdf").pages
    (line,) = [item for item in page.items if isinstance(item, Line)]
    line.text.encode("utf-8")
    assert line.text.endswith("otal 12.50")


def test_a_picture_on_a_page_without_extent_is_no_scan() -> None:
    picture = made.stream(
        bytes(4), b"/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceGray"
    )
    data = made.raw_pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 0.1 0.1]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
            4: made.stream(b"q 1 0 0 1 0 0 cm /I Do Q"),
            5: picture,
        }
    )
    try:
        assert read_bytes(data, "a.pdf").pages[0].doubts
    except Unreadable as error:
        assert error.reason in ("no_text", "truncated")


@pytest.mark.parametrize("at", ["x", "width"])
def test_a_box_drawn_from_or_to_nowhere_rules_nothing(at: str) -> None:
    box = {"op": "rectangle", "x": 60.0, "y": 200.0, "width": 300.0, "height": 90.0}
    paths = [{"stroke_color": (0, 0, 0), "operations": [one]} for one in (box, box | {at: float("inf")})]
    frame = Frame((0.0, 0.0, 595.0, 842.0), 0)
    assert page_ruling(paths, frame) == page_ruling(paths[:1], frame)


def test_a_sheet_that_repeats_one_row_of_text_half_a_million_times_is_too_large() -> None:
    row = '<table:table-row table:number-rows-repeated="500000"><table:table-cell><text:p>收入</text:p></table:table-cell></table:table-row>'
    with pytest.raises(Unreadable) as caught:
        read_bytes(made.ods(f'<table:table table:name="表">{row}</table:table>'), "a.ods")
    assert caught.value.reason == "too_large"
