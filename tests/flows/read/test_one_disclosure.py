"""One invented disclosure in every format: the same figures and the same claims, whichever file it came in."""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
import xlsxwriter

from flows.read import read_bytes
from flows.recognise import recognise
from flows.recognise.disclosure import Disclosure
from tests.flows.read import test_ods as ods
from tests.flows.read import test_word as word

COVER = "某县水文站2023年度部门决算"
NARRATIVE = (
    "第三部分 2023年度部门决算情况说明",
    "三、支出决算情况说明",
    "本年支出合计80.25万元，其中：基本支出50.20万元，占62.55%；项目支出30.05万元，占37.45%。",
)
T03 = """
项目 | < | 本年支出合计 | 基本支出 | 项目支出 | 上缴上级支出 | 经营支出 | 对附属单位补助支出
功能分类科目编码 | 科目名称 | ^ | ^ | ^ | ^ | ^ | ^
合计 | < | 80.25 | 50.20 | 30.05 | | |
213 | 农林水支出 | 80.25 | 50.20 | 30.05 | | |
21303 | 水利 | 80.25 | 50.20 | 30.05 | | |
2130313 | 水文测报 | 80.25 | 50.20 | 30.05 | | |
"""
T05 = """
项目 | < | 本年支出 | < | <
功能分类科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
213 | 农林水支出 | 70.25 | 40.20 | 30.05
合计 | < | 70.25 | 40.20 | 30.05
"""
FORMS = (
    ("支出决算表", T03),
    ("一般公共预算财政拨款支出决算表", T05),
)
UNIT = "金额单位：万元"


def rows(drawing: str) -> list[list[str]]:
    return [[field.strip() for field in row.split("|")] for row in drawing.strip().splitlines()]


def spans(table: list[list[str]], row: int, column: int) -> tuple[int, int]:
    """Rows down and columns across of the cell whose merged neighbours are drawn as ^ and <."""
    down, across = row + 1, column + 1
    while down < len(table) and table[down][column] == "^":
        down += 1
    while across < len(table[row]) and table[row][across] == "<":
        across += 1
    return down - row, across - column


def as_xlsx() -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    money = book.add_format({"num_format": "#,##0.00"})
    book.add_worksheet("封面").write(0, 0, COVER)
    for title, drawing in FORMS:
        sheet, table = book.add_worksheet(title[:31]), rows(drawing)
        sheet.write(0, 0, title)
        sheet.write(1, 0, UNIT)
        for r, row in enumerate(table):
            for c, text in enumerate(row):
                down, across = spans(table, r, c)
                if text in ("", "<", "^"):
                    continue
                if down > 1 or across > 1:
                    sheet.merge_range(r + 2, c, r + 1 + down, c + across - 1, text)
                elif "." in text:
                    sheet.write_number(r + 2, c, float(text), money)
                else:
                    sheet.write(r + 2, c, text)
    sheet = book.add_worksheet("说明")
    for r, text in enumerate(NARRATIVE):
        sheet.write(r, 0, text)
    book.close()
    return stream.getvalue()


def as_html() -> bytes:
    def table(drawing: str) -> str:
        grid = rows(drawing)
        out = ""
        for r, row in enumerate(grid):
            cells = ""
            for c, text in enumerate(row):
                down, across = spans(grid, r, c)
                if text not in ("<", "^"):
                    cells += f"<td rowspan={down} colspan={across}>{html.escape(text) or '&nbsp;'}</td>"
            out += f"<tr>{cells}</tr>"
        return f"<table border=1>{out}</table>"

    forms = "".join(f"<p>{title}</p><p>{UNIT}</p>{table(drawing)}" for title, drawing in FORMS)
    prose = "".join(f"<p>{text}</p>" for text in NARRATIVE)
    page = f"<html><head><meta charset=gb2312></head><body><div><table><tr><td><h1>{COVER}</h1>{forms}{prose}</td></tr></table></div></body></html>"
    return page.encode("gb18030")


def as_docx() -> bytes:
    def table(drawing: str) -> str:
        grid = rows(drawing)
        out = []
        for r, row in enumerate(grid):
            cells = []
            for c, text in enumerate(row):
                down, across = spans(grid, r, c)
                if text == "<":
                    continue
                merge = "<w:vMerge/>" if text == "^" else '<w:vMerge w:val="restart"/>' if down > 1 else ""
                wide = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
                cells.append(word.tc("" if text == "^" else text, wide + merge))
            out.append(word.tr(*cells))
        return word.tbl(*out)

    forms = "".join(word.p(title) + word.p(UNIT) + table(drawing) for title, drawing in FORMS)
    return word.packed(word.p(COVER) + forms + "".join(word.p(text) for text in NARRATIVE))


def as_ods() -> bytes:
    def table(title: str, drawing: str) -> str:
        grid = rows(drawing)
        out = [ods.row(title), ods.row(UNIT)]
        for r, row in enumerate(grid):
            cells = []
            for c, text in enumerate(row):
                down, across = spans(grid, r, c)
                wide = f'table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
                cells.append(ods.COVERED if text in ("<", "^") else ods.cell(text, wide))
            out.append(ods.row(*cells))
        return ods.table(*out, name=title)

    cover = ods.table(ods.row(COVER), name="封面")
    prose = ods.table(*(ods.row(text) for text in NARRATIVE), name="说明")
    return ods.packed(cover + "".join(table(title, drawing) for title, drawing in FORMS) + prose)


def as_text() -> bytes:
    def table(drawing: str) -> str:
        grid = rows(drawing)
        return "\n".join("\t".join("" if text in ("<", "^") else text for text in row) for row in grid)

    parts = [COVER, *(f"{title}\n{UNIT}\n{table(drawing)}\n" for title, drawing in FORMS), *NARRATIVE]
    return "\n".join(parts).encode()


def as_csv() -> bytes:
    return as_text().replace(b"\t", b",")


def figures(disclosure: Disclosure) -> set[tuple[str, str, str, Decimal, Decimal]]:
    return {(f.form, f.row_key, f.column, f.value, f.ulp) for f in disclosure.figures}


def claims(disclosure: Disclosure) -> list[tuple[object, ...]]:
    return [(c.kind, c.subject, c.base, c.concept, c.value, c.unit, c.ulp, c.direction) for c in disclosure.claims]


FILES: dict[str, Callable[[], bytes]] = {
    "a.xlsx": as_xlsx,
    "a.html": as_html,
    "a.docx": as_docx,
    "a.ods": as_ods,
    "a.txt": as_text,
    "a.csv": as_csv,
}


@pytest.mark.parametrize("name", FILES)
def test_figures_and_claims_are_the_same_in_every_format(name: str) -> None:
    found = recognise(read_bytes(FILES[name](), name))
    expected = {
        (form, code, column, Decimal(value), Decimal("0.01"))
        for form, codes, values in (
            (
                "T03",
                ("合计", "213", "21303", "2130313"),
                (("本年支出合计", "80.25"), ("基本支出", "50.20"), ("项目支出", "30.05")),
            ),
            ("T05", ("213", "合计"), (("合计", "70.25"), ("基本支出", "40.20"), ("项目支出", "30.05"))),
        )
        for code in codes
        for column, value in values
    }
    assert figures(found) == expected
    assert found.reading.unplaced == ()
    assert (found.filing.organisation, found.filing.fiscal_year) == ("某县水文站", 2023)
    said = claims(found)
    assert [claim.value for claim in found.claims] == [
        Decimal(v) for v in ("80.25", "50.20", "62.55", "30.05", "37.45")
    ]
    assert said == claims(recognise(read_bytes(as_xlsx(), "a.xlsx")))
