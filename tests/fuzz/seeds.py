"""Sound files of every format, from which damaged ones are made; all are written here, none is kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.alike.books import as_ods, as_xls, as_xlsx
from tests.alike.disclosures import Published, disclosures
from tests.alike.flowing import as_csv, as_docx, as_html, as_text
from tests.flows.read import hostile, test_xls
from tests.flows.read.paper import FONT, borders, put, rule

NAMES = {
    "pdf": "a.pdf",
    "xlsx": "a.xlsx",
    "xls": "a.xls",
    "ods": "a.ods",
    "docx": "a.docx",
    "html": "a.html",
    "csv": "a.csv",
    "text": "a.md",
    "scan": "a.bmp",
}
"""Every reader that is fuzzed, with the name that its files go by."""

MARKDOWN = """# 某县水文站2023年度部门决算

## 支出决算表

| 科目编码 | 科目名称 | 本年支出合计 | 基本支出 | 项目支出 |
|---|:---|---:|---:|---:|
| 合计 | | **80.25** | 50.20 | 30.05 |
| 213 | 农林水支出<br>（续） | 80.25 | 50.20 | 30.05 |

- 本年支出合计80.25万元，其中：基本支出50.20万元，占62.55%。
> 第 1 页 共 2 页
"""


ODS_SHEET = """<table:table table:name="表"><table:table-column table:number-columns-repeated="3"/>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-spanned="2"><text:p>合<text:s text:c="2"/>计</text:p>
</table:table-cell><table:covered-table-cell/><table:table-cell office:value-type="float" office:value="12.5"/></table:table-row>
<table:table-row table:visibility="collapse"><table:table-cell table:number-columns-repeated="2"><text:p>12.50</text:p></table:table-cell>
</table:table-row></table:table>"""


COVER = "某县水文站2023年度部门决算"
TEXT = ("金额单位：万元", "三、支出决算情况说明", "本年支出合计80.25万元，其中：基本支出50.20万元，占62.55%。")
T05 = (
    ("项目", "", "本年支出", "", ""),
    ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
    ("213", "农林水支出", "70.25", "40.20", "30.05"),
    ("合计", "", "70.25", "40.20", "30.05"),
)


def little() -> Published:
    """A disclosure with one coded form, one “三公” form, a performance table and a few sentences."""
    whole = disclosures()["evaluated"]
    sheets = tuple(sheet for sheet in whole.sheets if sheet.form in ("T05", "T07"))
    return replace(whole, sheets=sheets, paragraphs=whole.paragraphs[:6], tables=whole.tables[1:2])


def pdf() -> bytes:
    """Two pages with a ruled table, a borderless one and text, nothing compressed, so that its parts can be mutated."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pageCompression=0, invariant=1)
    for ruled in (True, False):
        canvas.setFont(FONT, 10)
        for line, words in enumerate((COVER, "支出决算表", *TEXT)):
            canvas.drawString(60, 800 - 18 * line, words)
        table = [list(row) for row in T05]
        xs, ys = borders([70, 90, 80, 80, 80], 60), borders([24] * len(table), 200)
        if ruled:
            for x in xs:
                rule(canvas, x, ys[0], x, ys[-1])
            for y in ys:
                rule(canvas, xs[0], y, xs[-1], y, "fill")
        put(canvas, xs, ys, table)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def old() -> bytes:
    """A small xls, so that damage is not always to what every reader checks first."""
    cells: list[tuple[int, int, str | float]] = [(0, 0, "支出决算表"), (1, 0, TEXT[0])]
    for at, row in enumerate(T05, 2):
        for column, text in enumerate(row):
            if text:
                cells.append((at, column, float(text) if "." in text else text))
    sheets = [("表", 0, cells, [(2, 2, 0, 1), (2, 2, 2, 4)]), ("隐", 1, [(0, 0, "旧")], [])]
    return test_xls.compound(test_xls.biff(sheets))


def picture(form: str) -> bytes:
    """A small picture of a table with three rows of figures, in a format that pillow writes."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (300, 110), 255)
    draw = ImageDraw.Draw(image)
    for at in range(4):
        draw.line((10, 10 + 30 * at, 290, 10 + 30 * at), fill=0, width=2)
        draw.line((10 + 93 * at, 10, 10 + 93 * at, 100), fill=0, width=2)
    for row in range(3):
        for column, text in enumerate((f"2010{row}", "80.25", f"{row}7.50")):
            draw.text((20 + 93 * column, 16 + 30 * row), text, fill=0, font_size=16)
    stream = io.BytesIO()
    image.save(stream, form)
    return stream.getvalue()


_MAKERS: dict[str, list[Callable[[], bytes]]] = {
    "pdf": [pdf, lambda: hostile.one_page(hostile.stream(hostile.WORDS)), lambda: hostile.many_pages(3)],
    "xlsx": [
        lambda: as_xlsx(little()),
        lambda: hostile.xlsx(hostile.SHEET + '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'),
    ],
    "xls": [old, lambda: as_xls(little())],
    "ods": [lambda: as_ods(little()), lambda: hostile.ods(ODS_SHEET)],
    "docx": [lambda: as_docx(little()), lambda: hostile.docx(hostile.paragraph("收入 12.50 万元"))],
    "html": [lambda: as_html(little()), lambda: as_html(little(), "gb18030")],
    "csv": [lambda: as_csv(little()), lambda: '名称;金额\n"合\n计";1,50\n'.encode("gb18030")],
    "text": [lambda: as_text(little()), MARKDOWN.encode],
    "scan": [lambda: picture("BMP"), lambda: picture("TIFF"), lambda: picture("PNG")],
}


def seeds(reader: str) -> list[bytes]:
    """The sound files of one reader."""
    return [make() for make in _MAKERS[reader]]
