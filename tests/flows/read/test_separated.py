"""CSV: one grid, whatever separates its values and however its characters are stored."""

from __future__ import annotations

import pytest

from flows.read import read_bytes
from flows.read.document import Grid, Line, Unreadable


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_values_come_back_whatever_separates_them(separator: str, encoding: str) -> None:
    rows = [
        ["支出决算表", "", ""],
        ["项目", "合计", "其中：基本支出"],
        [],
        ["教育支出", '"1,234.50"', "1;2"],
        ["注：略。"],
    ]
    text = "\r\n".join(separator.join(f'"{v}"' if separator in v and '"' not in v else v for v in row) for row in rows)
    document = read_bytes(text.encode(encoding), "a.csv")
    title, grid, note = document.pages[0].items
    assert document.media_type == "text/csv" and isinstance(grid, Grid)
    assert isinstance(title, Line) and (title.text, title.place.line) == ("支出决算表", 1)
    assert isinstance(note, Line) and (note.text, note.place.line) == ("注：略。", 5)
    assert (grid.rows, grid.columns) == (3, 3)
    assert [(c.text, c.row, c.column, c.place.line) for c in grid.cells] == [
        ("项目", 0, 0, 2),
        ("合计", 0, 1, 2),
        ("其中：基本支出", 0, 2, 2),
        ("教育支出", 2, 0, 4),
        ("1,234.50", 2, 1, 4),
        ("1;2", 2, 2, 4),
    ]


def test_a_value_over_several_lines_is_one_cell_and_later_places_are_right() -> None:
    (grid,) = read_bytes('甲,"一\n二"\n乙,3\n'.encode(), "a.csv").pages[0].items
    assert isinstance(grid, Grid)
    assert [(c.text, c.place.line) for c in grid.cells] == [("甲", 1), ("一\n二", 1), ("乙", 3), ("3", 3)]


def test_rows_of_one_value_are_lines() -> None:
    items = read_bytes("一、收入\n收入 1.00 万元。\n".encode(), "a.csv").pages[0].items
    assert [item.text for item in items if isinstance(item, Line)] == ["一、收入", "收入 1.00 万元。"]


def test_a_quote_without_end_is_damage() -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes('甲,"一\n乙,2\n'.encode(), "a.csv")
    assert caught.value.reason == "truncated"


def test_text_under_another_name_stays_text() -> None:
    assert read_bytes("甲,1\n乙,2\n".encode(), "a.txt").media_type == "text/plain"


@pytest.mark.parametrize("padding", ["", ",,"])
def test_sentences_part_two_tables(padding: str) -> None:
    lines = ["表一", "甲,1,2", "乙,3,4", "三、说明", "收入3.00万元。", "表二", "丙,5,6", "注：略"]
    text = "\n".join(line if "," in line else line + padding for line in lines)
    items = read_bytes(text.encode(), "a.csv").pages[0].items
    shown = [item.text if isinstance(item, Line) else [cell.text for cell in item.cells] for item in items]
    middle = ["三、说明", "收入3.00万元。"]
    assert shown == ["表一", ["甲", "1", "2", "乙", "3", "4"], *middle, "表二", ["丙", "5", "6"], "注：略"]


def test_a_row_with_one_value_among_the_fields_of_a_table_belongs_to_it() -> None:
    items = read_bytes("支出决算表\n科目,合计,基本\n合计,,\n注：无数据。\n".encode(), "a.csv").pages[0].items
    (grid,) = [item for item in items if isinstance(item, Grid)]
    assert [cell.text for cell in grid.cells] == ["科目", "合计", "基本", "合计"]
