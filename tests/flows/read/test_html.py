"""Web pages: tables with their spans, running text between them, and nothing that a browser does not show."""

from __future__ import annotations

import pytest

from flows.read import read_bytes
from flows.read.document import Document, Grid, Line, Unreadable
from flows.recognise import recognise


def page(body: str, *, head: str = "", encoding: str = "utf-8") -> Document:
    source = f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>{body}</body></html>"
    return read_bytes(source.encode(encoding), "a.html")


def shown(document: Document) -> list[object]:
    """Lines as their text, grids as lists of (text, row, column, row span, column span)."""
    return [
        item.text
        if isinstance(item, Line)
        else [(cell.text, cell.row, cell.column, cell.row_span, cell.column_span) for cell in item.cells]
        for item in document.pages[0].items
    ]


def test_spans_put_each_cell_where_a_browser_draws_it() -> None:
    found = page(
        "<table><thead><tr><th rowspan=2>项目</th><th colspan='2'>金额</th><th rowspan=0>备注</th></tr>"
        "<tr><th>年初</th><th>年末</th></tr></thead>"
        "<tbody><tr><td>房屋</td><td>1.00</td><td>&nbsp;</td><td>无</td></tr></tbody></table>"
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
            ("无", 2, 3, 1, 1),
        ]
    ]


def test_a_span_beyond_the_table_ends_with_it() -> None:
    found = page("<table><tr><td colspan=99>标题</td></tr><tr><td rowspan=99>甲</td><td>1</td></tr></table>")
    (grid,) = found.pages[0].items
    assert isinstance(grid, Grid)
    assert (grid.rows, grid.columns) == (2, 2)
    assert shown(found) == [[("标题", 0, 0, 1, 2), ("甲", 1, 0, 1, 1), ("1", 1, 1, 1, 1)]]


def test_a_table_that_lays_out_the_page_gives_its_text_and_the_tables_within() -> None:
    found = page(
        "<table><tr><td>首页</td><td><p>一、总体情况</p><p>收入 1.00 万元。</p>"
        "<table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr></table>附注</td></tr></table>"
    )
    assert shown(found) == [
        "首页",
        "一、总体情况",
        "收入 1.00 万元。",
        [("甲", 0, 0, 1, 1), ("1", 0, 1, 1, 1), ("乙", 1, 0, 1, 1), ("2", 1, 1, 1, 1)],
        "附注",
    ]


def test_a_table_within_a_cell_of_a_table_is_a_grid_of_its_own() -> None:
    found = page(
        "<table><tr><td>甲</td><td>1<table><tr><td>内</td><td>9</td></tr></table></td></tr>"
        "<tr><td>乙</td><td>2</td></tr></table>"
    )
    outer, inner = shown(found)
    assert outer == [("甲", 0, 0, 1, 1), ("1", 0, 1, 1, 1), ("乙", 1, 0, 1, 1), ("2", 1, 1, 1, 1)]
    assert inner == [("内", 0, 0, 1, 1), ("9", 0, 1, 1, 1)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "head", ["", "<meta charset=gb2312>", '<meta http-equiv=x content="text/html; charset=utf-8">']
)
def test_the_encoding_is_found_whatever_is_declared(encoding: str, head: str) -> None:
    assert shown(page("<p>本年收入合计１２３．４５万元，㐂镕。</p>", head=head, encoding=encoding)) == [
        "本年收入合计１２３．４５万元，㐂镕。"
    ]


def test_bytes_that_are_no_characters_raise_a_doubt() -> None:
    data = "<html><body><meta charset=gbk><p>收入合计".encode("gb18030") + b"\xff\xff</p></body></html>"
    (only,) = read_bytes(data, "a.html").pages
    assert only.doubts and isinstance(only.items[0], Line) and only.items[0].text.startswith("收入合计")


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>document.write('9.99')</script>",
        "<style>td {width: 9px}</style>",
        "<!-- 9.99 -->",
        "<p hidden>9.99</p>",
        "<span style='color: red; display : none'>9.99</span>",
        "<div style='visibility:hidden'>9.99</div>",
        "<select><option>2019</option></select>",
        "<noscript>9.99</noscript>",
    ],
)
def test_what_a_browser_does_not_show_is_not_read(hidden: str) -> None:
    assert shown(page(f"<p>收入{hidden}支出</p>")) in (["收入支出"], ["收入", "支出"])
    assert shown(page(f"<table><tr><td>甲{hidden}</td><td>1</td></tr></table>")) == [
        [("甲", 0, 0, 1, 1), ("1", 0, 1, 1, 1)]
    ]


def test_hidden_rows_and_cells_take_no_place() -> None:
    found = page(
        "<table><tr style='display:none'><td>旧</td><td>9</td></tr>"
        "<tr><td>甲</td><td style='display:none'>隐</td><td>1</td></tr></table>"
    )
    assert shown(found) == [[("甲", 0, 0, 1, 1), ("1", 0, 1, 1, 1)]]


def test_breaks_and_blocks_end_lines_and_inline_marks_do_not() -> None:
    found = page(
        "<h1>某局2024年度<b>部门决算</b></h1><p>本年收入\n  <span>1,234</span>.50&nbsp;万元&lt;略&gt;。<br>其次。</p>"
        "<table><tr><td>财政拨款<br/>收入</td><td><p>1.00</p><p>2.00</p></td></tr></table>"
    )
    assert shown(found) == [
        "某局2024年度部门决算",
        "本年收入 1,234.50 万元<略>。",
        "其次。",
        [("财政拨款\n收入", 0, 0, 1, 1), ("1.00\n2.00", 0, 1, 1, 1)],
    ]


def test_a_caption_stands_before_its_table_and_a_foot_at_its_end() -> None:
    found = page(
        "<table><caption>收入决算表</caption><tfoot><tr><td>合计</td><td>3</td></tr></tfoot>"
        "<tr><td>甲</td><td>3</td></tr></table>"
    )
    assert shown(found) == [
        "收入决算表",
        [("甲", 0, 0, 1, 1), ("3", 0, 1, 1, 1), ("合计", 1, 0, 1, 1), ("3", 1, 1, 1, 1)],
    ]


def test_places_are_lines_of_the_source() -> None:
    found = page("\n<p>甲</p>\n<table>\n<tr><td>乙</td>\n<td>1</td></tr></table>")
    line, grid = found.pages[0].items
    assert isinstance(grid, Grid)
    assert (line.place.line, grid.place.line) == (4, 5)
    assert [cell.place.line for cell in grid.cells] == [6, 7]


def test_entities_of_a_document_are_not_expanded() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    source = f"<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html [<!ENTITY l0 'ha'>{laughs}]><html><body><p>甲&l11;&amp;</p></body></html>"
    document = read_bytes(source.encode(), "a.html")
    assert any("甲" in str(item) for item in shown(document))
    assert sum(len(str(item)) for item in shown(document)) < 1000


def test_a_file_named_by_an_entity_is_not_opened(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    source = f"<!DOCTYPE html [<!ENTITY s SYSTEM '{secret.as_uri()}'>]><html><body><p>甲&s;</p></body></html>"
    assert "secret words" not in str(shown(read_bytes(source.encode(), "a.html")))


def test_elements_nested_without_end_are_refused_not_lost() -> None:
    with pytest.raises(Unreadable) as caught:
        page("<p>甲</p>" + "<div>" * 5000 + "乙")
    assert caught.value.reason == "truncated"


def test_tables_nested_deeply_are_read() -> None:
    found = page("<table><tr><td>" * 70 + "底" + "</td></tr></table>" * 70)
    assert shown(found) == ["底"]


def test_a_notice_under_another_name_is_mislabelled_and_a_page_with_a_table_is_read() -> None:
    table = b"<html><table><tr><td>1</td><td>2</td></tr></table></html>"
    assert read_bytes(table, "a.xls").media_type == "text/html"
    with pytest.raises(Unreadable) as caught:
        read_bytes(b"<html><body>404</body></html>", "a.pdf")
    assert caught.value.reason == "mislabelled"
    assert shown(read_bytes(b"<html><body>404</body></html>", "a.htm")) == ["404"]


def test_a_page_that_only_scripts_fill_is_empty() -> None:
    with pytest.raises(Unreadable) as caught:
        page("<div id=app></div><script>start()</script>")
    assert caught.value.reason == "empty"


def test_the_raised_mark_of_a_footnote_is_no_digit_of_the_number_before_it() -> None:
    assert shown(page("<p>支出12.50<sup>1</sup>万元，占地5m<sup>2</sup>，增长3%<sup>[注]</sup></p>")) == [
        "支出12.50万元，占地5m2，增长3%"
    ]


@pytest.mark.parametrize("size", ["width=600 height=400", "style='width: 600px; height: 400px'"])
def test_a_form_shown_as_a_picture_is_unreadable_and_says_so(size: str) -> None:
    found = recognise(
        page(f"<p>支出决算表</p><p><img src=a.png {size}></p><p><img src=logo.png width=90 height=90></p>")
    )
    (form,) = [form for form in found.reading.forms if form.form == "T03"]
    assert form.status == "unreadable" and form.reason is not None and "图片" in form.reason["zh"]


def test_a_form_split_over_several_tables_is_one_form() -> None:
    head = "<tr><td>功能分类科目编码<td>科目名称<td>合计<td>基本支出<td>项目支出"
    first = f"<table>{head}<tr><td>201<td>一般公共服务支出<td>3.00<td>1.00<td>2.00</table>"
    rest = "<table><tr><td>20126<td>档案事务<td>3.00<td>1.00<td>2.00<tr><td>2012601<td>行政运行<td>3.00<td>1.00<td>2.00</table>"
    found = recognise(page(f"<p>一般公共预算财政拨款支出决算表</p><p>单位：万元</p>{first}<p></p>{rest}"))
    assert {(figure.row_key, figure.column) for figure in found.figures} == {
        (code, column) for code in ("201", "20126", "2012601") for column in ("合计", "基本支出", "项目支出")
    }
