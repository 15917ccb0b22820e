"""Old workbooks (xls): cells, merged cells and hidden sheets, with the decimals that are stored."""

from __future__ import annotations

import struct

import pytest

from flows.read import read_bytes, xls
from flows.read.document import Grid, Unreadable

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


def test_cells_come_back_with_places_spans_and_stored_decimals() -> None:
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


def test_a_workbook_that_eats_memory_ends_its_own_process_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls, "SECONDS", 0.01)
    with pytest.raises(Unreadable) as caught:
        xls.read_xls(b"\xd0\xcf\x11\xe0" * 1000)
    assert caught.value.reason == "truncated"
