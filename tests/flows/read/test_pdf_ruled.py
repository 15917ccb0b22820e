"""Tables whose cells are drawn: however a producer draws them, the same cells come out."""

from __future__ import annotations

import itertools

import pytest
from reportlab.pdfgen.canvas import Canvas

from flows.read import read_bytes
from flows.read.document import Grid, Page
from tests.flows.read.paper import HEIGHT, borders, pdf, put, rule, text

ROWS = [
    ["科目编码", "科目名称", "合计", "基本支出"],
    ["208", "社会保障\n和就业支出", "1,234.50", "34.50"],
    ["20805", "养老支出", "1,200.00", ""],
]
XS = borders([60, 90, 80, 80], 80)
YS = borders([20, 34, 20], 100)


def grids(page: Page) -> list[Grid]:
    return [item for item in page.items if isinstance(item, Grid)]


def texts(grid: Grid) -> dict[tuple[int, int], str]:
    return {(cell.row, cell.column): cell.text for cell in grid.cells}


def expected() -> dict[tuple[int, int], str]:
    return {(r, c): cell for r, row in enumerate(ROWS) for c, cell in enumerate(row) if cell}


def long_lines(canvas: Canvas) -> None:
    for y in YS:
        rule(canvas, XS[0], y, XS[-1], y)
    for x in XS:
        rule(canvas, x, YS[0], x, YS[-1])


def segments_with_gaps(canvas: Canvas) -> None:
    for y in YS:
        for x0, x1 in itertools.pairwise(XS):
            rule(canvas, x0 + 0.7, y, x1 - 0.7, y)
    for x in XS:
        for y0, y1 in itertools.pairwise(YS):
            rule(canvas, x, y0 + 0.7, x, y1 - 0.7)


def thin_rectangles(canvas: Canvas) -> None:
    for y in YS:
        rule(canvas, XS[0], y, XS[-1], y, "fill")
    for x in XS:
        rule(canvas, x, YS[0], x, YS[-1], "fill")


def cell_outlines(canvas: Canvas) -> None:
    for x0, x1 in itertools.pairwise(XS):
        for y0, y1 in itertools.pairwise(YS):
            canvas.rect(x0, HEIGHT - y1, x1 - x0, y1 - y0, stroke=1, fill=0)


def double_lines(canvas: Canvas) -> None:
    for offset in (0, 1.8):
        for y in YS:
            rule(canvas, XS[0], y + offset, XS[-1] + 1.8, y + offset)
        for x in XS:
            rule(canvas, x + offset, YS[0], x + offset, YS[-1] + 1.8)


def dashed_lines(canvas: Canvas) -> None:
    canvas.setDash(3, 2)
    long_lines(canvas)
    canvas.setDash()


def drawn_dashes(canvas: Canvas) -> None:
    for y in YS:
        for step in range(int(XS[0]), int(XS[-1]), 5):
            rule(canvas, step, y, step + 3, y)
    for x in XS:
        rule(canvas, x, YS[0], x, YS[-1])


def no_outer_border(canvas: Canvas) -> None:
    for y in YS[1:-1]:
        rule(canvas, XS[0], y, XS[-1], y)
    for x in XS[1:-1]:
        rule(canvas, x, YS[0], x, YS[-1])


def no_sides(canvas: Canvas) -> None:
    for y in YS:
        rule(canvas, XS[0], y, XS[-1], y)
    for x in XS[1:-1]:
        rule(canvas, x, YS[0], x, YS[-1])


def filled_cells(canvas: Canvas) -> None:
    for row, (y0, y1) in enumerate(itertools.pairwise(YS)):
        for column, (x0, x1) in enumerate(itertools.pairwise(XS)):
            canvas.setFillGray(0.8 if (row + column) % 2 else 0.95)
            canvas.rect(x0 + 0.5, HEIGHT - y1 + 0.5, x1 - x0 - 1, y1 - y0 - 1, stroke=0, fill=1)
    canvas.setFillGray(0)


@pytest.mark.parametrize(
    "draw",
    [
        long_lines,
        segments_with_gaps,
        thin_rectangles,
        cell_outlines,
        double_lines,
        dashed_lines,
        drawn_dashes,
        no_outer_border,
        no_sides,
        filled_cells,
    ],
)
def test_every_way_of_drawing_a_table_gives_the_same_cells(draw) -> None:  # type: ignore[no-untyped-def]
    def page(canvas: Canvas) -> None:
        draw(canvas)
        put(canvas, XS, YS, ROWS)

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    (grid,) = grids(only)
    assert (grid.rows, grid.columns) == (3, 4)
    assert texts(grid) == expected()


def test_merged_headings_span_the_cells_without_a_separator() -> None:
    xs, ys = borders([60, 90, 80, 80], 80), borders([20, 20, 20], 100)

    def page(canvas: Canvas) -> None:
        for y in (ys[0], ys[2], ys[3]):
            rule(canvas, xs[0], y, xs[-1], y)
        rule(canvas, xs[0], ys[1], xs[2], ys[1])
        for x in (xs[0], xs[2], xs[3], xs[4]):
            rule(canvas, x, ys[0], x, ys[-1])
        rule(canvas, xs[1], ys[1], xs[1], ys[-1])
        text(canvas, 140, 104, "项目")
        text(canvas, 240, 114, "合计")
        text(canvas, 320, 114, "基本支出")
        put(canvas, xs, [ys[1], ys[2]], [["编码", "名称"], ["201", "一般公共服务支出", "7.00", "6.00"]])

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    (grid,) = grids(only)
    spans = {cell.text: (cell.row, cell.column, cell.row_span, cell.column_span) for cell in grid.cells}
    assert spans["项目"] == (0, 0, 1, 2)
    assert spans["合计"] == (0, 2, 2, 1)
    assert spans["名称"] == (1, 1, 1, 1)
    assert spans["6.00"] == (2, 3, 1, 1)


def test_amounts_at_the_top_beside_a_wrapped_label_stay_on_its_row() -> None:
    (only,) = read_bytes(pdf(lambda canvas: (long_lines(canvas), put(canvas, XS, YS, ROWS))), "a.pdf").pages
    (grid,) = grids(only)
    row = [cell.text for cell in grid.cells if cell.row == 1]
    assert row == ["208", "社会保障\n和就业支出", "1,234.50", "34.50"]


def test_a_cell_knows_where_its_text_stands() -> None:
    (only,) = read_bytes(pdf(lambda canvas: (long_lines(canvas), put(canvas, XS, YS, ROWS))), "a.pdf").pages
    (grid,) = grids(only)
    cell = next(cell for cell in grid.cells if cell.text == "20805")
    assert cell.place.page == 1 and cell.place.bbox is not None
    x0, top, x1, bottom = cell.place.bbox
    assert XS[0] < x0 < x1 < XS[1] and YS[2] < top < bottom < YS[3]


def test_text_around_a_table_comes_before_and_after_it() -> None:
    def page(canvas: Canvas) -> None:
        text(canvas, 200, 80, "支出决算表")
        long_lines(canvas)
        put(canvas, XS, YS, ROWS)
        text(canvas, 80, 180, "注：本表反映支出情况。")

    items = read_bytes(pdf(page), "a.pdf").pages[0].items
    assert [getattr(item, "text", "grid") for item in items] == ["支出决算表", "grid", "注：本表反映支出情况。"]


def test_a_box_around_a_paragraph_is_not_a_table() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(70, HEIGHT - 160, 300, 60, stroke=1, fill=0)
        text(canvas, 80, 110, "本年支出合计1234.50万元。")

    (item,) = read_bytes(pdf(page), "a.pdf").pages[0].items
    assert getattr(item, "text", "") == "本年支出合计1234.50万元。"


def test_rows_without_lines_between_ruled_columns_are_told_apart() -> None:
    ys = borders([20, 14, 14, 14], 100)
    rows = [
        ["编码", "名称", "合计", "基本支出"],
        ["201", "甲", "3.00", "3.00"],
        ["208", "乙", "4.00", ""],
        ["", "合计", "7.00", "3.00"],
    ]

    def page(canvas: Canvas) -> None:
        for y in (ys[0], ys[1], ys[-1]):
            rule(canvas, XS[0], y, XS[-1], y)
        for x in XS:
            rule(canvas, x, ys[0], x, ys[-1])
        put(canvas, XS, ys, rows)

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    (grid,) = grids(only)
    assert texts(grid) == {(r, c): cell for r, row in enumerate(rows) for c, cell in enumerate(row) if cell}


def test_a_code_wrapped_in_a_narrow_cell_stays_one_row() -> None:
    xs, ys = borders([34, 90, 80, 80], 80), borders([20, 34], 100)
    rows = [["编码", "名称", "合计", "基本支出"], ["20805\n05", "养老保险\n缴费支出", "6.00", "6.00"]]

    def page(canvas: Canvas) -> None:
        for y in ys:
            rule(canvas, xs[0], y, xs[-1], y)
        for x in xs:
            rule(canvas, x, ys[0], x, ys[-1])
        put(canvas, xs, ys, rows)

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    (grid,) = grids(only)
    assert grid.rows == 2
    assert texts(grid)[1, 0] == "20805\n05"


def test_a_number_too_wide_for_its_cell_stays_whole() -> None:
    xs, ys = borders([60, 40, 80], 80), borders([20, 20], 100)

    def page(canvas: Canvas) -> None:
        for y in ys:
            rule(canvas, xs[0], y, xs[-1], y)
        for x in xs:
            rule(canvas, x, ys[0], x, ys[-1])
        put(canvas, xs, ys[:1], [["名称", "合计", "备注"]])
        text(canvas, 83, 123, "甲")
        canvas.drawRightString(178, HEIGHT - 131, "123,456,789.01")
        text(canvas, 200, 123, "乙")

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    (grid,) = grids(only)
    assert [cell.text for cell in grid.cells if cell.row == 1] == ["甲", "123,456,789.01", "乙"]


def test_a_label_that_runs_into_the_empty_cell_beside_it_stays_whole() -> None:
    xs, ys = borders([60, 40, 80], 80), borders([20, 20], 100)

    def page(canvas: Canvas) -> None:
        for y in ys:
            rule(canvas, xs[0], y, xs[-1], y)
        for x in xs:
            rule(canvas, x, ys[0], x, ys[-1])
        put(canvas, xs, ys, [["名称", "合计", "备注"], ["机关事业单位养老", "", "乙"]])

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    (grid,) = grids(only)
    assert [(cell.column, cell.text) for cell in grid.cells if cell.row == 1] == [(0, "机关事业单位养老"), (2, "乙")]


def test_a_table_inside_a_cell_of_another_is_a_grid_of_its_own() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(50, HEIGHT - 400, 200, 350, stroke=1, fill=0)
        canvas.rect(250, HEIGHT - 400, 300, 350, stroke=1, fill=0)
        xs, ys = borders([60, 60], 300), borders([20, 20], 100)
        for y in ys:
            rule(canvas, xs[0], y, xs[-1], y)
        for x in xs:
            rule(canvas, x, ys[0], x, ys[-1])
        put(canvas, xs, ys, [["甲", "乙"], ["丙", "丁"]])
        text(canvas, 60, 60, "说明")

    (only,) = read_bytes(pdf(page), "a.pdf").pages
    assert [texts(grid) for grid in grids(only)] == [
        {(0, 0): "说明"},
        {(0, 0): "甲", (0, 1): "乙", (1, 0): "丙", (1, 1): "丁"},
    ]
