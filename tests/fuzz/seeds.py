"""Sound files of every format, from which damaged ones are made; all are written here, none is kept."""

from __future__ import annotations

import io
from collections.abc import Callable

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.flows.read import hostile, test_xls
from tests.flows.read import test_one_disclosure as one
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


def pdf() -> bytes:
    """Two pages with a ruled table, a borderless one and text, nothing compressed, so that its parts can be mutated."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pageCompression=0, invariant=1)
    for ruled in (True, False):
        canvas.setFont(FONT, 10)
        for line, words in enumerate((one.COVER, "支出决算表", one.UNIT, *one.NARRATIVE)):
            canvas.drawString(60, 800 - 18 * line, words)
        table = [[text if text not in ("<", "^") else "" for text in row] for row in one.rows(one.T05)]
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


def xls() -> bytes:
    cells: list[tuple[int, int, str | float]] = [(0, 0, "支出决算表"), (1, 0, one.UNIT)]
    for at, row in enumerate(one.rows(one.T05), 2):
        for column, text in enumerate(row):
            if text not in ("", "<", "^"):
                cells.append((at, column, float(text) if "." in text else text))
    return test_xls.compound(
        test_xls.biff([("表", 0, cells, [(2, 2, 0, 1), (2, 2, 2, 4)]), ("隐", 1, [(0, 0, "旧")], [])])
    )


_MAKERS: dict[str, list[Callable[[], bytes]]] = {
    "pdf": [pdf, lambda: hostile.one_page(hostile.stream(hostile.WORDS)), lambda: hostile.many_pages(3)],
    "xlsx": [one.as_xlsx, lambda: hostile.xlsx(hostile.SHEET + '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')],
    "xls": [xls],
    "ods": [one.as_ods, lambda: hostile.ods(ODS_SHEET)],
    "docx": [one.as_docx, lambda: hostile.docx(hostile.paragraph("收入 12.50 万元"))],
    "html": [one.as_html, lambda: one.as_html().decode("gb18030").replace("gb2312", "utf-8").encode()],
    "csv": [one.as_csv, lambda: '名称;金额\n"合\n计";1,50\n'.encode("gb18030")],
    "text": [one.as_text, MARKDOWN.encode],
}


def seeds(reader: str) -> list[bytes]:
    """The sound files of one reader."""
    return [make() for make in _MAKERS[reader]]
