"""Old workbooks (xls): a cell comes back as the sheet displays it; hidden parts, old versions and damage are minded."""

from __future__ import annotations

import datetime
import io
import random
import struct
from collections.abc import Callable

import pytest
import xlwt

from flows.read import read_bytes, xls
from flows.read.document import Document, Grid, Unreadable

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Sheet = tuple[str, int, list[tuple[int, int, str | float]], list[tuple[int, int, int, int]]]
"""Name, 1 where hidden, cells as (row, column, value), merged ranges as (first row, last row, first and last column)."""


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def sheet_stream(cells: list[tuple[int, int, str | float]], merged: list[tuple[int, int, int, int]]) -> bytes:
    out = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for row, column, value in cells:
        at = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            out += record(0x204, at + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        else:
            out += record(0x203, at + struct.pack("<d", value))
    ranges = b"".join(struct.pack("<HHHH", *one) for one in merged)
    return out + record(0xE5, struct.pack("<H", len(merged)) + ranges) + record(0x0A, b"")


def biff(sheets: list[Sheet]) -> bytes:
    """The workbook stream: globals that name the sheets, then the sheets."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0)) + record(0x42, struct.pack("<H", 1200))
    streams = [sheet_stream(cells, merged) for _, _, cells, merged in sheets]

    def bound(offset: int, name: str, hidden: int) -> bytes:
        return record(0x85, struct.pack("<IBBBB", offset, hidden, 0, len(name), 1) + name.encode("utf-16-le"))

    offset = len(begin) + sum(len(bound(0, name, hidden)) for name, hidden, _, _ in sheets) + 4
    bounds = b""
    for (name, hidden, _, _), stream in zip(sheets, streams, strict=True):
        bounds += bound(offset, name, hidden)
        offset += len(stream)
    return begin + bounds + record(0x0A, b"") + b"".join(streams)


def compound(stream: bytes) -> bytes:
    """Microsoft's compound file with the one stream "Workbook", of at least 4096 bytes so that it has sectors of its own."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0" if name else b""
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<I", 0)
    fat = struct.pack("<II", FAT, END) + b"".join(struct.pack("<I", 3 + n) for n in range(sectors - 1))
    fat += struct.pack("<I", END)
    directory = (
        entry("Root Entry", 5, 1, END, 0) + entry("Workbook", 2, FREE, 2, len(stream)) + entry("", 0, FREE, 0, 0) * 2
    )
    return header.ljust(512, b"\xff") + fat.ljust(512, b"\xff") + directory + stream


def test_cells_come_back_with_places_and_spans() -> None:
    cells: list[tuple[int, int, str | float]] = [
        (1, 1, "支出决算表"),
        (2, 1, "教育支出"),
        (2, 2, 1234.5),
        (3, 1, "合计"),
        (3, 2, 307.82000000000005),
    ]
    document = read_bytes(compound(biff([("隐", 1, [(0, 0, "旧")], []), ("表", 0, cells, [(1, 1, 1, 2)])])), "a.xls")
    (page,) = document.pages
    (grid,) = page.items
    assert document.media_type == "application/vnd.ms-excel" and page.number == 2
    assert isinstance(grid, Grid)
    assert [(c.text, c.row, c.column, c.column_span, c.place.cell) for c in grid.cells] == [
        ("支出决算表", 0, 0, 2, "B2"),
        ("教育支出", 1, 0, 1, "B3"),
        ("1234.5", 1, 1, 1, "C3"),
        ("合计", 2, 0, 1, "B4"),
        ("307.82", 2, 1, 1, "C4"),
    ]


def test_an_old_workbook_cut_off_is_truncated() -> None:
    whole = compound(biff([("表", 0, [(row, 0, f"第{row}行") for row in range(900)], [])]))
    with pytest.raises(Unreadable) as caught:
        read_bytes(whole[: len(whole) // 2], "a.xls")
    assert caught.value.reason == "truncated"


def test_a_record_cut_short_is_damage_not_a_crash() -> None:
    stream = biff([("表", 0, [(0, 0, "甲"), (0, 1, 1.5)], [])])
    cut = stream.replace(struct.pack("<HHHHH", 0x203, 14, 0, 1, 0), struct.pack("<HHHHH", 0x203, 2, 0, 1, 0))
    assert cut != stream
    with pytest.raises(Unreadable) as caught:
        read_bytes(compound(cut), "a.xls")
    assert caught.value.reason == "truncated"


def written(fill: Callable[[xlwt.Workbook], None]) -> bytes:
    stream, book = io.BytesIO(), xlwt.Workbook(encoding="utf-8")
    fill(book)
    book.save(stream)
    return stream.getvalue()


def style(pattern: str) -> xlwt.XFStyle:
    made = xlwt.XFStyle()
    made.num_format_str = pattern
    return made


def texts(document: Document) -> list[tuple[str, int, int]]:
    return [
        (cell.text, cell.row, cell.column)
        for page in document.pages
        for item in page.items
        if isinstance(item, Grid)
        for cell in item.cells
    ]


def test_a_number_is_read_as_its_format_shows_it() -> None:
    def fill(book: xlwt.Workbook) -> None:
        sheet = book.add_sheet("表")
        sheet.write(0, 0, "合计")
        sheet.write(0, 1, 12.5, style("0.00"))
        sheet.write(0, 2, 0.9589, style("0.00%"))
        sheet.write(0, 3, -1234.5, style("#,##0.00_);(#,##0.00)"))
        sheet.write(0, 4, 0, style('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '))
        sheet.write(0, 5, datetime.date(2024, 3, 1), style('yyyy"年"m"月"d"日"'))
        sheet.write(0, 6, 2013901)

    shown = [text for text, _, _ in texts(read_bytes(written(fill), "a.xls"))]
    assert shown == ["合计", "12.50", "95.89%", "-1,234.50", "-", "2024年3月1日", "2013901"]


def test_hidden_rows_and_columns_are_not_read_but_a_merged_title_that_begins_in_them_is() -> None:
    def fill(book: xlwt.Workbook) -> None:
        sheet = book.add_sheet("表")
        sheet.write_merge(0, 0, 0, 2, "支出决算表")
        for row, cells in enumerate((["隐", "甲", 1], ["隐", "旧行", 9], ["隐", "乙", 2]), 1):
            for column, value in enumerate(cells):
                sheet.write(row, column, value)
        sheet.col(0).hidden = True
        sheet.row(2).hidden = True

    assert texts(read_bytes(written(fill), "a.xls")) == [
        ("支出决算表", 0, 0), ("甲", 1, 0), ("1", 1, 1), ("乙", 2, 0), ("2", 2, 1),
    ]  # fmt: skip


def biff5(codepage: int | None) -> bytes:
    """A sheet of Excel 5 with one Chinese text, two numbers and, where given, the code page that the text is in."""
    name, text = "表".encode("gbk"), "合计".encode("gbk")
    page = record(0x42, struct.pack("<H", codepage)) if codepage else b""
    begin = record(0x809, struct.pack("<HHHH", 0x500, 0x05, 0, 0)) + page
    sheet = record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0))
    sheet += record(0x204, struct.pack("<HHHH", 0, 0, 0, len(text)) + text)
    sheet += (
        record(0x203, struct.pack("<HHHd", 0, 1, 0, 1.5))
        + record(0x203, struct.pack("<HHHd", 0, 2, 0, 2))
        + record(0x0A, b"")
    )
    offset = len(begin) + 4 + 7 + len(name) + 4
    bound = record(0x85, struct.pack("<IBBB", offset, 0, 0, len(name)) + name)
    return (
        compound(begin + bound + record(0x0A, b"") + sheet)
        .replace("Workbook".encode("utf-16-le") + bytes(48), "Book".encode("utf-16-le") + bytes(56))
        .replace(struct.pack("<HBBIII", 18, 2, 1, FREE, FREE, FREE), struct.pack("<HBBIII", 10, 2, 1, FREE, FREE, FREE))
    )


@pytest.mark.parametrize("codepage", [936, None])
def test_a_workbook_of_excel_5_is_read_in_its_code_page_or_as_chinese(codepage: int | None) -> None:
    assert texts(read_bytes(biff5(codepage), "a.xls")) == [("合计", 0, 0), ("1.5", 0, 1), ("2", 0, 2)]


def test_an_encrypted_workbook_says_so() -> None:
    stream = biff([("表", 0, [(0, 0, "甲"), (0, 1, 1.5)], [])])
    end = stream.index(record(0x42, struct.pack("<H", 1200)))
    with pytest.raises(Unreadable) as caught:
        read_bytes(compound(stream[:end] + record(0x2F, bytes(54)) + stream[end:]), "a.xls")
    assert caught.value.reason == "encrypted"


def test_a_container_whose_sectors_are_shared_out_oddly_is_read_all_the_same() -> None:
    whole = compound(biff([("表", 0, [(0, 0, "甲"), (0, 1, 1.5)], [])]))
    # The container of short streams, of which there are none, is said to begin in the workbook's own first sector.
    odd = whole[: 1024 + 116] + struct.pack("<II", 2, 512) + whole[1024 + 124 :]
    assert texts(read_bytes(odd, "a.xls")) == [("甲", 0, 0), ("1.5", 0, 1)]


def test_more_cells_than_the_limit_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls, "MOST_CELLS", 3)
    cells: list[tuple[int, int, str | float]] = [(row, column, 1.0) for row in range(2) for column in range(2)]
    with pytest.raises(Unreadable) as caught:
        read_bytes(compound(biff([("表", 0, cells, [])])), "a.xls")
    assert caught.value.reason == "too_large"


def test_damage_anywhere_is_read_or_named_but_never_a_crash() -> None:
    data = compound(biff([("表", 0, [(row, 0, f"第{row}行") for row in range(50)], [(0, 0, 0, 1)])]))
    chance = random.Random(1)
    for _ in range(300):
        hurt = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
        try:
            read_bytes(bytes(hurt), "a.xls")
        except Unreadable as error:
            assert error.reason in ("truncated", "encrypted", "too_large", "empty", "unknown_format", "mislabelled")
