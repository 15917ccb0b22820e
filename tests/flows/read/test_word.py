"""Word documents: paragraphs and tables in order, merged cells, and nothing that Word does not show."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from flows.read import formats, office, read_bytes
from flows.read.document import Document, Grid, Line, Unreadable
from flows.recognise import recognise

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "WordDocument\0".encode("utf-16-le")


def packed(body: str, *, before: str = "", **parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'{before}<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'
        )
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return stream.getvalue()


def word(body: str) -> Document:
    return read_bytes(packed(body), "a.docx")


def p(*runs: str) -> str:
    return "<w:p>" + "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def tc(content: str, properties: str = "") -> str:
    inner = content if content.startswith("<w:") else p(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{properties}{''.join(cell if cell.startswith('<') else tc(cell) for cell in cells)}</w:tr>"


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def shown(document: Document) -> list[object]:
    return [
        item.text
        if isinstance(item, Line)
        else [(cell.text, cell.row, cell.column, cell.row_span, cell.column_span) for cell in item.cells]
        for item in document.pages[0].items
    ]


def test_paragraphs_and_tables_stand_in_the_documents_order_with_their_positions() -> None:
    found = word(p("一、总体情况") + p() + tbl(tr("甲", "1"), tr("乙", "2")) + p("二、", "其他"))
    assert shown(found) == [
        "一、总体情况",
        [("甲", 0, 0, 1, 1), ("1", 0, 1, 1, 1), ("乙", 1, 0, 1, 1), ("2", 1, 1, 1, 1)],
        "二、其他",
    ]
    first, grid, last = found.pages[0].items
    assert isinstance(grid, Grid)
    assert (first.place.line, grid.place.line, last.place.line) == (1, 3, 5)
    assert [cell.place.line for cell in grid.cells] == [3, 3, 4, 4]


def test_the_document_is_the_part_that_the_package_names() -> None:
    stream = io.BytesIO()
    relation = '<Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/>'
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("_rels/.rels", f"<Relationships>{relation}</Relationships>")
        archive.writestr("word/document2.xml", f'<w:document xmlns:w="{SPACE}"><w:body>{p("甲")}</w:body></w:document>')
    assert shown(read_bytes(stream.getvalue(), "a.docx")) == ["甲"]


def test_merged_cells_span_rows_and_columns() -> None:
    restart, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    two = '<w:gridSpan w:val="2"/>'
    found = word(
        tbl(
            tr(tc("项目", restart), tc("金额", two), tc("备注", restart)),
            tr(tc("隐", go_on), "年初", "年末", tc("", go_on)),
            tr("房屋", "1.00", "2.00", "无"),
            tr("后", "3", properties='<w:trPr><w:gridBefore w:val="1"/></w:trPr>'),
        )
    )
    assert shown(found) == [
        [
            ("项目", 0, 0, 2, 1),
            ("金额", 0, 1, 1, 2),
            ("备注", 0, 3, 2, 1),
            ("年初", 1, 1, 1, 1),
            ("年末", 1, 2, 1, 1),
            ("房屋", 2, 0, 1, 1),
            ("1.00", 2, 1, 1, 1),
            ("2.00", 2, 2, 1, 1),
            ("无", 2, 3, 1, 1),
            ("后", 3, 1, 1, 1),
            ("3", 3, 2, 1, 1),
        ]
    ]


def test_a_table_within_a_cell_is_a_grid_of_its_own_and_layout_is_text() -> None:
    inner = tbl(tr("内", "9"), tr("里", "8"))
    layout = tbl(tr(tc(p("甲段") + inner + p("乙段"))))
    assert shown(word(layout)) == [
        "甲段",
        [("内", 0, 0, 1, 1), ("9", 0, 1, 1, 1), ("里", 1, 0, 1, 1), ("8", 1, 1, 1, 1)],
        "乙段",
    ]
    outer = tbl(tr("甲", tc(p("1") + tbl(tr("内", "9")))), tr("乙", "2"))
    assert [len(item) for item in shown(word(outer)) if isinstance(item, list)] == [4, 2]


@pytest.mark.parametrize(
    "hidden",
    [
        "<w:del><w:r><w:delText>9.99</w:delText></w:r></w:del>",
        "<w:moveFrom><w:r><w:t>9.99</w:t></w:r></w:moveFrom>",
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>9.99</w:t></w:r>",
        "<w:r><w:instrText>PAGEREF 9.99</w:instrText></w:r>",
    ],
)
def test_deleted_and_hidden_text_is_not_read(hidden: str) -> None:
    assert shown(word(p("收入", hidden, "支出"))) == ["收入支出"]


def test_inserted_linked_and_controlled_text_is_read() -> None:
    kept = "<w:ins><w:r><w:t>甲</w:t></w:r></w:ins><w:hyperlink><w:r><w:t>乙</w:t></w:r></w:hyperlink>"
    plain = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>丙</w:t></w:r>'
    block = f"<w:sdt><w:sdtPr/><w:sdtContent>{p('丁')}</w:sdtContent></w:sdt>"
    assert shown(word(p(kept, plain) + block)) == ["甲乙丙", "丁"]


def test_a_deleted_row_is_not_read_and_breaks_within_a_cell_stay() -> None:
    gone = tr("旧", "9", properties="<w:trPr><w:del/></w:trPr>")
    name = tc(p("<w:r><w:t>财政拨款</w:t><w:br/><w:t>收入</w:t></w:r>") + p("合计"))
    assert shown(word(tbl(gone, tr(name, "1")))) == [[("财政拨款\n收入\n合计", 0, 0, 1, 1), ("1", 0, 1, 1, 1)]]


def test_a_text_box_is_read_once() -> None:
    compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = f"<w:txbxContent>{p('公开05表')}</w:txbxContent>"
    both = (
        f'<mc:AlternateContent xmlns:mc="{compatibility}"><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
        "</mc:AlternateContent>"
    )
    assert shown(word(p("支出决算表", f"<w:r>{both}</w:r>"))) == ["支出决算表", "公开05表"]


def test_headers_and_footers_are_not_read() -> None:
    data = packed(p("正文"), header1=f'<w:hdr xmlns:w="{SPACE}">{p("页眉 9.99")}</w:hdr>')
    assert shown(read_bytes(data, "a.docx")) == ["正文"]


def test_entities_are_not_expanded() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    data = packed(p("甲", "<w:r><w:t>&l11;</w:t></w:r>"), before=f"<!DOCTYPE x [<!ENTITY l0 'ha'>{laughs}]>")
    try:
        assert sum(len(str(item)) for item in shown(read_bytes(data, "a.docx"))) < 100
    except Unreadable as error:
        assert error.reason == "truncated"


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "LARGE", 2**20)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(Unreadable) as caught:
        read_bytes(packed(p("0" * 2**22)), "a.docx")
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("body", ["<w:p", ""])
def test_a_broken_or_empty_document_says_so(body: str) -> None:
    with pytest.raises(Unreadable) as caught:
        word(body)
    assert caught.value.reason == ("truncated" if body else "empty")


LISTS = f"""<w:numbering xmlns:w="{SPACE}">
<w:abstractNum w:abstractNumId="5">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="japaneseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%3."/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="6"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="5"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="6"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>
</w:numbering>"""
STYLES = f"""<w:styles xmlns:w="{SPACE}">
<w:style w:styleId="base"><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="derived"><w:basedOn w:val="base"/></w:style></w:styles>"""


def listed(text: str, number: int, level: int = 0) -> str:
    properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
    return p(text).replace("<w:p>", "<w:p>" + properties, 1)


def test_numbers_that_word_puts_before_paragraphs_are_read_as_it_counts_them() -> None:
    styled = p("款").replace("<w:p>", '<w:p><w:pPr><w:pStyle w:val="derived"/></w:pPr>', 1)
    body = (
        listed("总体情况", 1)
        + styled * 2
        + listed("点", 1, 2)
        + p("正文")
        + listed("收入", 2)
        + styled
        + listed("略", 3)
        + listed("无", 0)
        + listed("另起", 4) * 3
    )
    assert shown(read_bytes(packed(body, numbering=LISTS, styles=STYLES), "a.docx")) == [
        "一、总体情况", "（一）款", "（二）款", "一.1. 点", "正文", "二、收入", "（一）款", "略", "无", "九、另起", "十、另起", "十一、另起",
    ]  # fmt: skip


def test_a_cell_that_holds_nothing_but_its_number_shows_it() -> None:
    table = tbl(tr(tc(listed("", 4)), "甲"), tr(tc(listed("", 4)), "乙"))
    (grid,) = shown(read_bytes(packed(table, numbering=LISTS), "a.docx"))
    assert isinstance(grid, list) and [cell[0] for cell in grid] == ["九、", "甲", "十、", "乙"]


def test_the_raised_mark_of_a_footnote_is_no_digit_of_the_number_before_it() -> None:
    mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'
    assert shown(word(p("12.50", mark.format("1"), "万元"))) == ["12.50万元"]
    assert shown(word(p("占地5m", mark.format("2")))) == ["占地5m2"]


DRAWING = '<w:r><w:drawing><wp:extent xmlns:wp="wp" cx="{0}" cy="{0}"/></w:drawing></w:r>'
OBJECT = '<w:r><w:object><o:OLEObject xmlns:o="o" ProgID="Excel.Sheet.12"/></w:object></w:r>'


@pytest.mark.parametrize(("content", "told"), [(DRAWING.format(5_000_000), "图片"), (OBJECT, "嵌入对象")])
def test_a_form_that_is_a_picture_or_an_embedded_workbook_is_unreadable_and_says_so(content: str, told: str) -> None:
    found = recognise(word(p("某局2023年度部门决算") + p("支出决算表") + p(content) + p("说明。")))
    (form,) = [form for form in found.reading.forms if form.form == "T03"]
    assert form.status == "unreadable" and form.reason is not None and told in form.reason["zh"]
    assert not any("［" in sentence.text for sentence in found.sentences)


def test_a_small_picture_is_nothing_and_pictures_alone_are_no_text() -> None:
    assert shown(word(p("甲") + p(DRAWING.format(100_000)))) == ["甲"]
    with pytest.raises(Unreadable) as caught:
        word(p(DRAWING.format(5_000_000)))
    assert caught.value.reason == "empty"


def test_an_old_document_without_libreoffice_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unreadable) as caught:
        read_bytes(OLD, "a.doc")
    assert caught.value.reason == "unknown_format"
    assert "docx" in caught.value.message["zh"]


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a program of LibreOffice's name and call first on the PATH; its output folder is $8, its source $9."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_an_old_document_is_read_as_libreoffice_converts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made.docx").write_bytes(packed(p("旧文档")))
    stand_in(tmp_path, f'test -s "$9" && cp "{tmp_path}/made.docx" "$8/document.docx"', monkeypatch)
    document = read_bytes(OLD, "a.doc")
    assert shown(document) == ["旧文档"]
    assert document.media_type == formats.DOC


@pytest.mark.parametrize(("script", "reason"), [("exit 1", "truncated"), ("sleep 60", "too_large")])
def test_a_conversion_that_fails_or_hangs_is_ended(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "SECONDS", 0.5)
    stand_in(tmp_path, script, monkeypatch)
    with pytest.raises(Unreadable) as caught:
        read_bytes(OLD, "a.doc")
    assert caught.value.reason == reason


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_itself_converts_a_rich_text_document_with_its_table() -> None:
    def escaped(text: str) -> str:
        return "".join(f"\\u{ord(character)}?" for character in text)

    row = f"\\trowd\\cellx2000\\cellx4000 \\intbl {escaped('合计')}\\cell 12.50\\cell\\row \\pard "
    document = read_bytes(f"{{\\rtf1\\ansi {escaped('支出决算表')}\\par {row}}}".encode(), "a.doc")
    assert document.media_type == "text/rtf"
    assert shown(document) == ["支出决算表", [("合计", 0, 0, 1, 1), ("12.50", 0, 1, 1, 1)]]
