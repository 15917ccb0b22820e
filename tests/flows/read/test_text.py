"""Plain text and Markdown: tables of tabs and pipes, everything else lines."""

from __future__ import annotations

import pytest

from flows.read import read_bytes
from flows.read.document import Grid, Line


def items(text: str, encoding: str = "utf-8") -> tuple[Line | Grid, ...]:
    (page,) = read_bytes(text.encode(encoding), "a.txt").pages
    assert page.number == 1
    return page.items


def cells(grid: Line | Grid) -> list[tuple[int, int, str, int | None]]:
    assert isinstance(grid, Grid)
    return [(cell.row, cell.column, cell.text, cell.place.line) for cell in grid.cells]


def test_lines_know_their_number_and_blank_ones_are_left_out() -> None:
    found = items("部门决算\n\n  一、概况  \n")
    assert [(item.text, item.place.line) for item in found if isinstance(item, Line)] == [
        ("部门决算", 1),
        ("一、概况", 3),
    ]


def test_lines_with_tabs_make_one_grid_with_empty_cells_absent() -> None:
    before, grid, after = items("表\n项目\t预算\t\t得分\n\t927.6\t \t9.8\n完\n")
    assert cells(grid) == [
        (0, 0, "项目", 2),
        (0, 1, "预算", 2),
        (0, 3, "得分", 2),
        (1, 1, "927.6", 3),
        (1, 3, "9.8", 3),
    ]
    assert isinstance(grid, Grid) and (grid.rows, grid.columns, grid.place.line) == (2, 4, 2)
    assert isinstance(before, Line) and isinstance(after, Line)


def test_a_blank_line_or_a_rule_inside_does_not_end_a_table() -> None:
    (grid,) = items("项目\t预算\n---\t---\n甲\t1.00\n\n乙\t2.00\n")
    assert cells(grid) == [
        (0, 0, "项目", 1),
        (0, 1, "预算", 1),
        (1, 0, "甲", 3),
        (1, 1, "1.00", 3),
        (2, 0, "乙", 5),
        (2, 1, "2.00", 5),
    ]


def test_two_blank_lines_end_a_table() -> None:
    found = items("甲\t1.00\n\n\n乙\t2.00\n")
    assert [type(item) for item in found] == [Grid, Grid]


def test_an_indent_by_tab_is_no_table() -> None:
    (line,) = items("\t本年收入合计 5.00 万元。\n")
    assert isinstance(line, Line) and line.text == "本年收入合计 5.00 万元。"


def test_a_markdown_table_makes_a_grid() -> None:
    title, grid, after = items("# 支出表\n| 项目 | 合计 |\n|:---|---:|\n| **甲** | 1\\|2 |\n| 乙 | |\n说明\n")
    assert isinstance(title, Line) and title.text == "支出表"
    assert cells(grid) == [(0, 0, "项目", 2), (0, 1, "合计", 2), (1, 0, "甲", 4), (1, 1, "1|2", 4), (2, 0, "乙", 5)]
    assert isinstance(after, Line)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**一、收入情况**", "一、收入情况"),
        ("**（一）总体情况。**本年收入 5.00 万元。", "（一）总体情况。本年收入 5.00 万元。"),
        ("支出**45.20**万元", "支出45.20万元"),
        ("- 人员经费", "人员经费"),
        ("- 12 -", "- 12 -"),
        ("-3.50", "-3.50"),
        ("支出**万元，完成**万元", "支出**万元，完成**万元"),
        ("支出***万元", "支出***万元"),
        ("3*4=12", "3*4=12"),
        ("## 第二部分", "第二部分"),
        ("#1 楼", "#1 楼"),
    ],
)
def test_marks_of_markdown_go_and_what_stands_for_something_stays(written: str, read: str) -> None:
    (line,) = items(written)
    assert isinstance(line, Line) and line.text == read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    (line,) = items("“三公”经费 5.00 万元 ㎡", encoding)
    assert isinstance(line, Line) and line.text == "“三公”经费 5.00 万元 ㎡"
