"""Tables as producers really print them: ruled in part, with text that does not fit, beside each other, under a stamp."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from flows.read import read_bytes
from flows.read.document import Grid, Line, Page
from tests.flows.read.paper import FONT, HEIGHT, borders, pdf, put, rule, text


def only_page(draw) -> Page:  # type: ignore[no-untyped-def]
    (page,) = read_bytes(pdf(draw), "a.pdf").pages
    return page


def grids(page: Page) -> list[list[list[str]]]:
    found = []
    for grid in page.items:
        if isinstance(grid, Grid):
            table = [[""] * grid.columns for _ in range(grid.rows)]
            for cell in grid.cells:
                table[cell.row][cell.column] = cell.text
            found.append(table)
    return found


def lines(page: Page) -> list[str]:
    return [item.text for item in page.items if isinstance(item, Line)]


XS = borders([60, 110, 70, 70], 60)


def amounts(canvas: Canvas, top: float, *printed: str) -> None:
    for right, amount in zip(XS[3:], printed, strict=False):
        canvas.drawRightString(right - 3, HEIGHT - top - 8.6, amount)


def row(canvas: Canvas, top: float, code: str, label: str, *printed: str) -> None:
    text(canvas, XS[0] + 3, top, code)
    text(canvas, XS[1] + 3, top, label)
    amounts(canvas, top, *printed)


def lattice(canvas: Canvas, xs: Sequence[float], ys: Sequence[float]) -> None:
    for x in xs:
        rule(canvas, x, ys[0], x, ys[-1])
    for y in ys:
        rule(canvas, xs[0], y, xs[-1], y)


BODY = [
    ["201", "一般公共服务支出", "12.50", "2.50"],
    ["20101", "人大事务", "10.00", ""],
    ["2010101", "行政运行", "10.00", ""],
]


def body(canvas: Canvas, top: float, step: float = 18) -> None:
    for index, cells in enumerate(BODY):
        row(canvas, top + step * index, *cells)


def test_columns_of_a_ruled_header_run_on_through_a_body_that_is_only_framed() -> None:
    def page(canvas: Canvas) -> None:
        lattice(canvas, XS, [100, 118])
        lattice(canvas, [XS[0], XS[-1]], [118, 180])
        row(canvas, 103, "编码", "名称")
        text(canvas, XS[2] + 20, 103, "合计")
        text(canvas, XS[3] + 20, 103, "基本支出")
        body(canvas, 123)

    assert grids(only_page(page)) == [[["编码", "名称", "合计", "基本支出"], *BODY]]


def test_rows_are_told_apart_where_only_vertical_lines_are_drawn() -> None:
    def page(canvas: Canvas) -> None:
        lattice(canvas, [XS[0], XS[2], XS[-1]], [100, 118])
        for x in (XS[0], XS[-1]):
            rule(canvas, x, 118, x, 190)
        rule(canvas, XS[0], 190, XS[-1], 190)
        for x in XS[1:-1]:
            rule(canvas, x, 124, x, 184)
        text(canvas, 180, 103, "支出")
        body(canvas, 123)

    assert grids(only_page(page))[0][1:4] == BODY


def test_rows_are_told_apart_where_a_line_is_drawn_for_every_few_and_a_merged_cell_stands_among_them() -> None:
    def page(canvas: Canvas) -> None:
        lattice(canvas, XS, [100, 118])
        for x in (XS[0], *XS[2:]):
            rule(canvas, x, 118, x, 196)
        rule(canvas, XS[1], 137, XS[1], 196)
        rule(canvas, XS[0], 196, XS[-1], 196)
        row(canvas, 103, "编码", "名称", "1", "2")
        text(canvas, 130, 122, "合计")
        amounts(canvas, 122, "12.50", "2.50")
        body(canvas, 142)

    (table,) = grids(only_page(page))
    assert table[1] == ["合计", "", "12.50", "2.50"]
    assert table[2:] == BODY


def test_text_too_tall_for_its_cell_is_given_back_to_it() -> None:
    ys = borders([13] * 5, 100)

    def page(canvas: Canvas) -> None:
        lattice(canvas, XS, ys)
        for index, (code, label) in enumerate((("编码", "名称"), ("栏次", ""), ("201", "一般公共服务"), ("208", ""))):
            text(canvas, XS[0] + 3, ys[index] + 1.5, code)
            text(canvas, XS[1] + 3, ys[index] + 1.5, label)
            amounts(canvas, ys[index] + 1.5, "" if index == 0 else str(index), "甲")
        text(canvas, XS[2] + 3, ys[0] - 4, "一般公共预算")
        text(canvas, XS[2] + 3, ys[0] + 7.5, "财政拨款")
        text(canvas, XS[1] + 3, ys[3] - 4.5, "社会保障")
        text(canvas, XS[1] + 3, ys[3] + 7, "和就业支出")

    (table,) = grids(only_page(page))
    assert table[0][2] == "一般公共预算\n财政拨款" and table[1][2] == "1"
    assert table[2][1] == "一般公共服务" and table[3][1] == "社会保障\n和就业支出"


def test_headings_of_several_lines_and_columns_without_amounts_are_found_without_any_line() -> None:
    def page(canvas: Canvas) -> None:
        for x, top, words in (
            (66, 90, "编码"), (140, 90, "名称"), (230, 84, "本年"), (230, 96, "合计"), (286, 84, "上级补助"),
            (296, 96, "收入"), (350, 90, "其他收入"),
        ):  # fmt: skip
            text(canvas, x, top, words)
        for top, code, label, total, other in (
            (122, "201", "一般公共服务支出", "12.50", "2.50"),
            (140, "20101", "人大事务", "10.00", ""),
            (158, "2010101", "行政运行", "10.00", "0.05"),
        ):
            text(canvas, 60, top, code)
            text(canvas, 110, top, label)
            canvas.drawRightString(256, HEIGHT - top - 8.6, total)
            canvas.drawRightString(392, HEIGHT - top - 8.6, other)
        text(canvas, 60, 176, "20102")
        text(canvas, 110, 176, "政协事务")

    read = only_page(page)
    (table,) = grids(read)
    (grid,) = [item for item in read.items if isinstance(item, Grid)]
    places = [(cell.row, cell.column) for cell in grid.cells]
    assert places == sorted(places)
    assert table[0] == ["编码", "名称", "本年\n合计", "上级补助\n收入", "其他收入"]
    assert table[-4] == ["201", "一般公共服务支出", "12.50", "", "2.50"]
    assert table[-1] == ["20102", "政协事务", "", "", ""]


def test_an_amount_that_ends_close_to_the_next_label_is_a_column_of_its_own() -> None:
    def page(canvas: Canvas) -> None:
        for index, (income, amount, spending, spent) in enumerate(
            (("财政拨款收入", "12.50", "教育支出", "3.00"), ("事业收入", "1.00", "卫生健康支出", ""), ("总计", "13.50", "总计", "3.00"))
        ):  # fmt: skip
            top = 100 + 18 * index
            text(canvas, 60, top, income)
            canvas.drawRightString(200, HEIGHT - top - 8.6, amount)
            text(canvas, 204, top, spending)
            canvas.drawRightString(330, HEIGHT - top - 8.6, spent)

    assert grids(only_page(page)) == [
        [
            ["财政拨款收入", "12.50", "教育支出", "3.00"],
            ["事业收入", "1.00", "卫生健康支出", ""],
            ["总计", "13.50", "总计", "3.00"],
        ]
    ]


def test_horizontal_lines_frame_the_table_and_part_its_rows() -> None:
    def page(canvas: Canvas) -> None:
        for top in (80, 112, 142, 155, 168):
            rule(canvas, 60, top, 370, top)
        row(canvas, 92, "编码", "名称", "合计", "基本支出")
        text(canvas, XS[1] + 3, 115, "行政事业单位")
        text(canvas, XS[1] + 3, 128, "养老支出")
        text(canvas, XS[0] + 3, 115, "20805")
        amounts(canvas, 115, "12.50", "2.50")
        row(canvas, 143.5, "210", "卫生健康支出", "10.00")
        row(canvas, 156.5, "221", "住房保障支出")
        text(canvas, 60, 172, "注 本表单位为万元")

    (table,) = grids(only_page(page))
    assert table == [
        ["编码", "名称", "合计", "基本支出"],
        ["20805", "行政事业单位\n养老支出", "12.50", "2.50"],
        ["210", "卫生健康支出", "10.00", ""],
        ["221", "住房保障支出", "", ""],
    ]


def test_text_across_the_page_aslant_is_in_no_cell() -> None:
    def page(canvas: Canvas) -> None:
        xs, ys = borders([60, 110, 70, 70], 60), borders([18] * 4, 100)
        lattice(canvas, xs, ys)
        put(canvas, xs, ys, [["编码", "名称", "合计", "基本支出"], *BODY])
        for angle in (30, -30):
            canvas.saveState()
            canvas.translate(200, HEIGHT - 140)
            canvas.rotate(angle)
            canvas.setFont(FONT, 24)
            canvas.drawCentredString(0, 0, "内部资料2023")
            canvas.restoreState()

    assert grids(only_page(page)) == [[["编码", "名称", "合计", "基本支出"], *BODY]]


def test_a_title_set_sideways_comes_before_its_table() -> None:
    def page(canvas: Canvas) -> None:
        xs, ys = borders([60, 110, 70, 70], 60), borders([18] * 4, 100)
        lattice(canvas, xs, ys)
        put(canvas, xs, ys, [["编码", "名称", "合计", "基本支出"], *BODY])
        canvas.saveState()
        canvas.translate(40, HEIGHT - 170)
        canvas.rotate(90)
        canvas.drawString(0, 0, "支出决算表")
        canvas.restoreState()

    items = only_page(page).items
    assert isinstance(items[0], Line) and items[0].text == "支出决算表"


def test_tables_side_by_side_each_have_their_lines() -> None:
    def page(canvas: Canvas) -> None:
        for left, title in ((40, "收入决算表"), (320, "支出决算表")):
            xs, ys = borders([40, 100, 50], left), borders([18] * 4, 140)
            lattice(canvas, xs, ys)
            put(canvas, xs, ys, [["编码", "名称", "合计"], *(cells[:3] for cells in BODY)])
            text(canvas, left + 60, 100, title)
            text(canvas, left + 120, 120, "单位：万元")

    order = [item.text if isinstance(item, Line) else "table" for item in only_page(page).items]
    assert order == ["收入决算表", "单位：万元", "table", "支出决算表", "单位：万元", "table"]


def test_a_number_that_runs_on_into_the_next_cell_is_doubtful() -> None:
    def page(canvas: Canvas) -> None:
        xs, ys = borders([60, 60, 60], 60), borders([18] * 3, 100)
        lattice(canvas, xs, ys)
        put(canvas, xs, ys, [["名称", "金额", "编码"], ["教育", "", "205"]])
        text(canvas, 124, 121, "1234567.893020101")

    (grid,) = [item for item in only_page(page).items if isinstance(item, Grid)]
    assert [cell.text for cell in grid.cells if cell.doubt] == ["1234567.893020101"]
