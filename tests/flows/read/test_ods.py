"""OpenDocument workbooks: a cell comes back as it is displayed, hidden parts and repetitions minded."""

from __future__ import annotations

import io
import zipfile

import pytest

from flows.read import read_bytes
from flows.read.document import Document, Grid, Line, Unreadable

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def packed(tables: str, *, styles: str = "", manifest: str = "<m/>") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        )
    return stream.getvalue()


def book(tables: str, styles: str = "") -> Document:
    return read_bytes(packed(tables, styles=styles), "a.ods")


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(one if one.startswith('<') else cell(one) for one in cells)}</table:table-row>"


def table(*rows: str, name: str = "表", more: str = "") -> str:
    return f'<table:table table:name="{name}" {more}>{"".join(rows)}</table:table>'


COVERED = "<table:covered-table-cell/>"
BLANK = '<table:table-cell table:number-columns-repeated="16380"/>'


def test_numbers_are_read_as_displayed_with_spans_and_places() -> None:
    found = book(
        table(
            row(more='table:number-rows-repeated="2"'),
            row("<table:table-cell/>", cell("支出决算表", 'table:number-columns-spanned="2"'), COVERED),
            row("<table:table-cell/>", "教育支出", cell("1,234.50", 'office:value-type="float" office:value="1234.5"')),
            row(
                "<table:table-cell/>",
                "合<text:s/>计<text:line-break/>略",
                '<table:table-cell office:value="2.5"/>',
                BLANK,
            ),
            row(BLANK, more='table:number-rows-repeated="1048570"'),
        )
    )
    (page,) = found.pages
    (grid,) = page.items
    assert isinstance(grid, Grid)
    assert [(c.text, c.row, c.column, c.row_span, c.column_span, c.place.cell) for c in grid.cells] == [
        ("支出决算表", 0, 0, 1, 2, "B3"),
        ("教育支出", 1, 0, 1, 1, "B4"),
        ("1,234.50", 1, 1, 1, 1, "C4"),
        ("合 计\n略", 2, 0, 1, 1, "B5"),
        ("2.5", 2, 1, 1, 1, "C5"),
    ]
    assert (grid.place.page, grid.place.sheet) == (1, "表")


def test_hidden_sheets_rows_and_columns_are_not_read() -> None:
    hidden_style = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
    column = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    found = book(
        table(row("旧", "9"), name="旧", more='table:style-name="off"')
        + table(
            column,
            row(cell("甲", 'table:number-rows-spanned="3"'), "隐", cell("1", 'table:number-columns-spanned="1"')),
            row(COVERED, "隐", "9", more='table:visibility="collapse"'),
            row(COVERED, "隐", "2"),
            name="新",
        ),
        hidden_style,
    )
    (page,) = found.pages
    (grid,) = page.items
    assert page.number == 2 and isinstance(grid, Grid)
    assert [(c.text, c.row, c.column, c.row_span) for c in grid.cells] == [
        ("甲", 0, 0, 2),
        ("1", 0, 1, 1),
        ("2", 1, 1, 1),
    ]


def test_a_sheet_of_sentences_is_lines() -> None:
    (page,) = book(table(row("一、收入情况"), row(), row("收入 1.00 万元。"))).pages
    assert [item.text for item in page.items if isinstance(item, Line)] == ["一、收入情况", "收入 1.00 万元。"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (packed(table(row("甲", "1")), manifest="<m><encryption-data/></m>"), "encrypted"),
        (packed(table(row())), "empty"),
        (packed(table(row("甲"), "<table:broken>")), "truncated"),
        (packed(table(row("甲", more='table:number-rows-repeated="1048576"'), row("乙"))), "too_large"),
    ],
    ids=["encrypted", "empty", "truncated", "too_large"],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, "a.ods")
    assert caught.value.reason == reason
