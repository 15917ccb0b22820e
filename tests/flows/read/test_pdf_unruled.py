"""Tables held together by alignment alone, or by horizontal lines."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from flows.read import read_bytes
from flows.read.document import Grid, Line, Page
from tests.flows.read.paper import pdf, rule, text


def only_page(draw) -> Page:  # type: ignore[no-untyped-def]
    (page,) = read_bytes(pdf(draw), "a.pdf").pages
    return page


def rows(page: Page) -> list[list[str]]:
    (grid,) = [item for item in page.items if isinstance(item, Grid)]
    table = [[""] * grid.columns for _ in range(grid.rows)]
    for cell in grid.cells:
        table[cell.row][cell.column] = cell.text
    return table


def lines(page: Page) -> list[str]:
    return [item.text for item in page.items if isinstance(item, Line)]


HEADINGS = [(80, "编码"), (140, "名称"), (260, "合计"), (330, "基本支出")]


def aligned(canvas: Canvas, top: float, code: str, label: str, total: str, basic: str) -> None:
    text(canvas, 80, top, code)
    text(canvas, 140, top, label)
    for right, amount in ((290, total), (370, basic)):
        if amount:
            canvas.drawRightString(right, 841.89 - top - 8.6, amount)


def test_aligned_columns_without_any_line_make_a_grid() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 180, 60, "支出决算表")
        for x, heading in HEADINGS:
            text(canvas, x, 100, heading)
        aligned(canvas, 118, "201", "一般公共服务支出", "12.50", "2.50")
        aligned(canvas, 136, "20101", "人大事务", "10.00", "")
        aligned(canvas, 154, "208", "社会保障和就业支出", "1,000.00", "0.05")
        text(canvas, 80, 190, "注：本表反映支出情况，单位为万元，数字经四舍五入，合计可能略有出入。")

    page_read = only_page(page)
    assert rows(page_read) == [
        ["编码", "名称", "合计", "基本支出"],
        ["201", "一般公共服务支出", "12.50", "2.50"],
        ["20101", "人大事务", "10.00", ""],
        ["208", "社会保障和就业支出", "1,000.00", "0.05"],
    ]
    assert lines(page_read)[0] == "支出决算表"
    assert lines(page_read)[-1].startswith("注：")


def test_a_total_close_below_the_headings_is_a_row_of_its_own() -> None:
    def page(canvas: Canvas) -> None:
        for x, heading in HEADINGS:
            text(canvas, x, 100, heading)
        for x in (260, 330):
            text(canvas, x, 112, "（万元）")
        aligned(canvas, 126, "", "合计", "15.50", "6.50")
        for number, label in enumerate(("一般公共服务支出", "卫生健康支出", "住房保障支出")):
            aligned(canvas, 152 + 26 * number, f"20{number}", label, "5.00", "1.00")

    assert rows(only_page(page))[:3] == [
        ["编码", "名称", "合计\n（万元）", "基本支出\n（万元）"],
        ["", "合计", "15.50", "6.50"],
        ["200", "一般公共服务支出", "5.00", "1.00"],
    ]


def test_a_wrapped_label_joins_the_row_of_its_amounts() -> None:
    def page(canvas: Canvas) -> None:
        for x, heading in HEADINGS:
            text(canvas, x, 100, heading)
        aligned(canvas, 120, "201", "一般公共服务支出", "12.50", "2.50")
        aligned(canvas, 142, "20805", "行政事业单位", "10.00", "3.00")
        text(canvas, 140, 154, "养老支出")
        aligned(canvas, 176, "210", "卫生健康支出", "2.00", "1.00")
        aligned(canvas, 198, "221", "住房保障支出", "3.00", "1.00")

    assert rows(only_page(page))[1:] == [
        ["201", "一般公共服务支出", "12.50", "2.50"],
        ["20805", "行政事业单位\n养老支出", "10.00", "3.00"],
        ["210", "卫生健康支出", "2.00", "1.00"],
        ["221", "住房保障支出", "3.00", "1.00"],
    ]


def test_amounts_centred_beside_a_wrapped_label_stay_on_its_row() -> None:
    def page(canvas: Canvas) -> None:
        aligned(canvas, 120, "201", "一般公共服务支出", "12.50", "2.50")
        text(canvas, 140, 142, "行政事业单位")
        aligned(canvas, 148, "20805", "", "10.00", "3.00")
        text(canvas, 140, 154, "养老支出")
        aligned(canvas, 176, "210", "卫生健康支出", "2.00", "1.00")
        aligned(canvas, 198, "221", "住房保障支出", "3.00", "1.00")

    assert rows(only_page(page))[1] == ["20805", "行政事业单位\n养老支出", "10.00", "3.00"]


def test_a_table_with_horizontal_lines_only_makes_a_grid() -> None:
    def page(canvas: Canvas) -> None:
        for top in (96, 114, 168):
            rule(canvas, 70, top, 380, top)
        for x, heading in HEADINGS:
            text(canvas, x, 100, heading)
        aligned(canvas, 118, "201", "一般公共服务支出", "12.50", "2.50")
        aligned(canvas, 134, "208", "社会保障支出", "10.00", "")
        aligned(canvas, 150, "", "合计", "22.50", "2.50")

    assert rows(only_page(page)) == [
        ["编码", "名称", "合计", "基本支出"],
        ["201", "一般公共服务支出", "12.50", "2.50"],
        ["208", "社会保障支出", "10.00", ""],
        ["", "合计", "22.50", "2.50"],
    ]


def test_horizontal_lines_between_rows_hold_wrapped_labels_together() -> None:
    def page(canvas: Canvas) -> None:
        for top in (96, 112, 138, 154, 170):
            rule(canvas, 70, top, 380, top)
        aligned(canvas, 98, "201", "一般公共服务支出", "12.50", "2.50")
        text(canvas, 140, 114, "行政事业单位")
        text(canvas, 140, 125, "养老支出")
        aligned(canvas, 114, "20805", "", "10.00", "3.00")
        aligned(canvas, 140, "210", "卫生健康支出", "2.00", "1.00")
        aligned(canvas, 156, "221", "住房保障支出", "3.00", "1.00")

    assert rows(only_page(page)) == [
        ["201", "一般公共服务支出", "12.50", "2.50"],
        ["20805", "行政事业单位\n养老支出", "10.00", "3.00"],
        ["210", "卫生健康支出", "2.00", "1.00"],
        ["221", "住房保障支出", "3.00", "1.00"],
    ]


def test_a_heading_over_two_columns_spans_them() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 255, 84, "本年支出情况说明表头")
        text(canvas, 80, 84, "项目")
        for x, heading in HEADINGS:
            text(canvas, x, 100, heading)
        for index, top in enumerate((118, 136, 154)):
            aligned(canvas, top, f"20{index}", "某类支出", "12.50", "2.50")

    (grid,) = [item for item in only_page(page).items if isinstance(item, Grid)]
    spans = {cell.text: cell.column_span for cell in grid.cells if cell.row == 0}
    assert spans["本年支出情况说明表头"] == 2


def test_running_text_with_amounts_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 80, 100, "本年收入合计 1234.56 万元，比上年增加 12.30 万元，增长 1.01%，主要是")
        text(canvas, 80, 118, "人员经费增加。其中：财政拨款收入 1200.00 万元，占 97.20%；事业收入")
        text(canvas, 80, 136, "34.56 万元，占 2.80%；其他收入 0.00 万元，占 0.00%。")
        text(canvas, 80, 154, "本年支出合计 1234.56 万元，其中：基本支出 234.56 万元。")

    page_read = only_page(page)
    assert not [item for item in page_read.items if isinstance(item, Grid)]
    assert len(lines(page_read)) == 4


def test_a_contents_page_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        for index in range(5):
            text(canvas, 80, 100 + 18 * index, f"{index + 1}、收入支出决算总表" + "." * 60 + f"{index + 3}")

    assert not [item for item in only_page(page).items if isinstance(item, Grid)]


def test_rows_without_figures_stay_in_a_two_sided_table() -> None:
    labels = [
        "一般公共服务",
        "外交",
        "国防",
        "公共安全",
        "教育",
        "科学技术",
        "文化",
        "社会保障",
        "卫生健康",
        "节能环保",
    ]

    def page(canvas: Canvas) -> None:
        for index, label in enumerate(labels):
            top = 100 + 16 * index
            text(canvas, 80, top, f"来源{index}")
            text(canvas, 260, top, label)
            if index in (0, 8):
                canvas.drawRightString(220, 841.89 - top - 8.6, f"{index}1.00")
            if index in (0, 7, 9):
                canvas.drawRightString(420, 841.89 - top - 8.6, f"{index}2.00")

    found = rows(only_page(page))
    assert [row[0] for row in found] == [f"来源{index}" for index in range(10)]
    assert found[0] == ["来源0", "01.00", "一般公共服务", "02.00"]
    assert found[4] == ["来源4", "", "教育", ""]
    assert found[8] == ["来源8", "81.00", "卫生健康", ""]


def test_a_contents_page_without_leaders_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        for index, number in enumerate((3, 5, 5, 8, 13)):
            text(canvas, 80, 100 + 18 * index, f"{index + 1}、收入支出决算总表")
            text(canvas, 400, 100 + 18 * index, str(number))

    assert not [item for item in only_page(page).items if isinstance(item, Grid)]
