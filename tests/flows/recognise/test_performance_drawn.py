"""Performance tables as PDFs and workbooks draw them: merged cells, wrapped labels, tables over several pages."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.vocabulary import load
from flows.read.document import Cell, Document, Grid, Line, Page, Place
from flows.recognise.performance.reading import PerformanceReading, recognise_performance

Spanned = tuple[str, int, int]
"""Text, row span, column span."""


def drawn(rows: Sequence[Sequence[str | Spanned]], page: int = 1) -> Grid:
    """A ruled table: each row lists its cells from left to right, a merged one as (text, rows, columns)."""
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for row, entries in enumerate(rows):
        column = 0
        for entry in entries:
            text, down, across = entry if isinstance(entry, tuple) else (entry, 1, 1)
            while (row, column) in taken:
                column += 1
            taken |= {(row + i, column + j) for i in range(down) for j in range(across)}
            if text:
                place = Place(
                    page=page, bbox=(50.0 * column, 20.0 * row, 50.0 * (column + across), 20.0 * (row + down))
                )
                cells.append(Cell(text, row, column, place, down, across))
            column += across
    width = max(column for _, column in taken) + 1
    return Grid(tuple(cells), len(rows), width, Place(page=page, bbox=(0.0, 0.0, 50.0 * width, 20.0 * len(rows))))


TITLE = Line("甲县水务局2023年度项目支出绩效自评表", Place(page=1, bbox=(100.0, 10.0, 400.0, 30.0)))
HEAD: list[list[str | Spanned]] = [
    [("项目名称", 1, 2), ("河道\n清淤", 1, 7)],
    [("主管部门", 1, 2), ("甲县水务局", 1, 3), ("联系电话", 1, 2), ("0123456", 1, 2)],
    [("项目资金\n（万元）", 5, 1), ("", 1, 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    [("年度资金总额", 1, 2), "1,060.00", "1,058.5", "1,057.25", "10", "99.88%", "9.9"],
    [("其中：当年财政拨款", 1, 2), "1,050.00", "1,050.00", "1,050.00", "—", "100%", "—"],
    [("上年结转资金", 1, 2), "10.00", "8.5", "7.25", "—", "85.29%", "—"],
    [("其他资金", 1, 2), "", "", "", "—", "", "—"],
    [("年度总体目标", 2, 1), ("预期目标", 1, 4), ("实际完成情况", 1, 4)],
    [("清淤12公里", 1, 4), ("全年清淤12.5公里", 1, 4)],
]
INDICATORS: list[list[str | Spanned]] = [
    [
        ("绩效指标", 5, 1),
        "一级\n指标",
        "二级指标",
        "三级指标",
        "年度\n指标值",
        "实际\n完成值",
        "分值",
        "得分",
        "偏差原因分析及改进措施",
    ],
    [("产出指标", 3, 1), ("数量指标", 2, 1), "指标1：清淤\n长度", "≥12公里", "12.5公里", "30", "30", ""],
    ["指标2：购置设备", "10", "10", "10", "10", ""],
    ["质量指标", "指标1：验收合格率", "≥95%", "93%", "30", "28", "返工2处"],
    ["满意度\n指标", "服务对象满意度指标", "指标1：居民满意度", "≥90%", "", "20", "18", ""],
]
TOTAL: list[list[str | Spanned]] = [[("总分", 1, 6), "100", "95.9", ""], ["说明", ("无", 1, 8)]]


def read(*pages: Sequence[Line | Grid]) -> PerformanceReading:
    made = tuple(Page(number, tuple(items)) for number, items in enumerate(pages, 1))
    return recognise_performance(Document("sample.pdf", "0", "application/pdf", 1, made), load())


def figures(reading: PerformanceReading, row_key: str, form: str = "P02") -> dict[str, str]:
    return {
        f.column: f"{f.relation}{f.value}{f.unit}" for f in reading.figures if f.form == form and f.row_key == row_key
    }


def test_merged_cells_do_not_hide_what_stands_beside_them():
    reading = read([TITLE, drawn(HEAD + INDICATORS + TOTAL)])
    assert figures(reading, "年度资金总额") == {
        "年初预算数": "1060.00万元", "全年预算数": "1058.5万元", "全年执行数": "1057.25万元", "分值": "10分", "执行率": "99.88%", "得分": "9.9分",
    }  # fmt: skip
    assert figures(reading, "指标1：清淤长度") == {
        "年度指标值": "≥12公里",
        "实际完成值": "12.5公里",
        "分值": "30分",
        "得分": "30分",
    }
    assert figures(reading, "指标2：购置设备") == {
        "年度指标值": "10",
        "实际完成值": "10",
        "分值": "10分",
        "得分": "10分",
    }
    assert figures(reading, "总分") == {"分值": "100分", "得分": "95.9分"}
    assert {f.part for f in reading.figures} == {"河道清淤"} and not reading.doubts
    assert {line.text for line in reading.text_cells} == {"清淤12公里", "全年清淤12.5公里", "返工2处"}


def test_a_blank_cell_of_a_drawn_table_is_blank_and_shifts_nothing():
    assert figures(read([TITLE, drawn(HEAD + INDICATORS + TOTAL)]), "指标1：居民满意度") == {
        "年度指标值": "≥90%", "分值": "20分", "得分": "18分",
    }  # fmt: skip


def test_a_table_goes_on_over_a_page_break_without_and_with_its_headings():
    whole = read([TITLE, drawn(HEAD + INDICATORS + TOTAL)])
    rest: list[list[str | Spanned]] = [["", *row] for row in INDICATORS[3:]] + TOTAL
    again: list[list[str | Spanned]] = [[("绩效指标", 3, 1), *INDICATORS[0][1:]], *INDICATORS[3:], *TOTAL]
    cut: list[list[str | Spanned]] = [
        [("绩效指标", 3, 1), *INDICATORS[0][1:]],
        [("产出指标", 2, 1), *INDICATORS[1][1:]],
        INDICATORS[2],
    ]
    footer = Line("12", Place(page=1, bbox=(290.0, 800.0, 300.0, 810.0)))
    for second in (rest, again):
        split = read([TITLE, drawn(HEAD + cut), footer], [drawn(second, page=2)])
        assert {f.id: f.value for f in split.figures} == {f.id: f.value for f in whole.figures}
        assert next(form.pages for form in split.forms if form.form == "P02") == (1, 2)


def test_an_indicator_merged_over_two_rows_names_both():
    rows: list[list[str | Spanned]] = [
        INDICATORS[0],
        [("产出指标", 2, 1), ("数量指标", 2, 1), ("清淤", 2, 1), "≥12公里", "12.5公里", "30", "30", ""],
        ["≥5处", "6处", "10", "10", ""],
    ]
    reading = read([TITLE, drawn(HEAD + rows + TOTAL)])
    assert figures(reading, "清淤#2") == {"年度指标值": "≥5处", "实际完成值": "6处", "分值": "10分", "得分": "10分"}


def test_a_shift_that_was_printed_is_followed():
    rows: list[list[str | Spanned]] = [
        INDICATORS[0],
        ["产出指标", "", "", "验收合格率", "≥95%", "93%", "30", "28"],
    ]
    reading = read([TITLE, drawn(HEAD + rows + TOTAL)])
    assert figures(reading, "验收合格率") == {"年度指标值": "≥95%", "实际完成值": "93%", "分值": "30分", "得分": "28分"}


def test_a_numbered_indicator_is_the_name_of_its_row_wherever_it_was_printed():
    rows: list[list[str | Spanned]] = [
        INDICATORS[0],
        ["产出指标", "指标1：制度", "建立健全", "已经建立", "", "30", "28", ""],
    ]
    reading = read([TITLE, drawn(HEAD + rows + TOTAL)])
    assert figures(reading, "指标1：制度") == {"分值": "30分", "得分": "28分"}


def test_headings_and_project_repeated_on_the_next_page_begin_no_second_table():
    first, second = (
        drawn(HEAD + INDICATORS[:3]),
        drawn([HEAD[0], HEAD[1], INDICATORS[0], *INDICATORS[3:], *TOTAL], page=2),
    )
    split = read([TITLE, first], [TITLE._replace(place=Place(page=2)), second])
    whole = read([TITLE, drawn(HEAD + INDICATORS + TOTAL)])
    assert {f.id: f.value for f in split.figures} == {f.id: f.value for f in whole.figures}


def test_bound_and_unit_in_columns_of_their_own_belong_to_the_target():
    rows: list[list[str | Spanned]] = [
        [("项目名称", 1, 3), ("业务培训", 1, 7)],
        [
            "一级指标",
            "二级指标",
            "三级指标",
            "指标性质",
            "指标值",
            "度量单位",
            "实际完成值",
            "权重",
            "自评得分",
            "偏差原因",
        ],
        ["产出指标", "数量指标", "培训场次", ">=", "6", "场次", "7", "30", "30", ""],
        ["产出指标", "质量指标", "合格率", "=", "100", "%", "98.5", "30", "28.5", ""],
        ["效益指标", "社会效益指标", "知晓度", "定性", "提高", "", "提高", "40", "40", ""],
        [("合计", 1, 7), "100", "98.5", ""],
    ]
    reading = read([drawn(rows)])
    assert figures(reading, "培训场次") == {
        "年度指标值": "≥6场次",
        "实际完成值": "7场次",
        "分值": "30分",
        "得分": "30分",
    }
    assert figures(reading, "合格率") == {
        "年度指标值": "=100%",
        "实际完成值": "98.5%",
        "分值": "30分",
        "得分": "28.5分",
    }
    assert figures(reading, "知晓度") == {"分值": "40分", "得分": "40分"}
    assert figures(reading, "总分") == {"分值": "100分", "得分": "98.5分"}


def test_scores_without_values_of_their_own_are_read_under_a_title():
    title = TITLE._replace(text="部门整体支出绩效自评表")
    rows: list[list[str | Spanned]] = [
        ["序号", "一级指标", "二级指标", "三级指标", "指标分值", "评分标准", "自评得分"],
        ["1", ("预算执行", 2, 1), ("预算执行", 2, 1), "预算执行率", "5", "完成95%得5分", "4.5"],
        ["2", "结转结余率", "5", "低于10%得5分", "5"],
        [("合计", 1, 4), "10", "", "9.5"],
    ]
    reading = read([title, drawn(rows)])
    assert figures(reading, "结转结余率", "P01") == {"分值": "5分", "得分": "5分"}
    assert figures(reading, "总分", "P01") == {"分值": "10分", "得分": "9.5分"}
    assert not reading.doubts and not reading.text_cells


def test_the_unit_of_amounts_is_the_printed_one():
    rows = [[("项目资金（元）", 5, 1), *row[1:]] if row and row[0] == HEAD[2][0] else row for row in HEAD]
    reading = read([TITLE, drawn(rows + INDICATORS + TOTAL)])
    assert figures(reading, "年度资金总额")["年初预算数"] == "1060.00元"
    assert next(form.unit for form in reading.forms if form.form == "P02") == "元"


def test_a_source_of_money_outside_the_vocabulary_is_a_part_of_the_total_or_of_the_row_above():
    sources: list[list[str | Spanned]] = [
        *HEAD[:5],
        [("其中：省级补助", 1, 2), "400.00", "400.00", "400.00", "—", "100%", "—"],
        [("单位资金", 1, 2), "10.00", "8.5", "7.25", "—", "85.29%", "—"],
        *HEAD[7:],
    ]
    sources[2] = [("项目资金\n（万元）", 5, 1), *HEAD[2][1:]]
    rows = {row.row_key: row for row in read([TITLE, drawn(sources + INDICATORS + TOTAL)]).rows}
    assert rows["省级补助"].parent_key == "当年财政拨款" and rows["省级补助"].level == 3
    assert rows["单位资金"].parent_key == "年度资金总额" and rows["单位资金"].level == 2


def test_budget_and_outturn_by_source_are_read_by_their_totals():
    rows: list[list[str | Spanned]] = [
        [
            ("任务名称", 2, 1),
            ("预算数（万元）", 1, 2),
            ("执行数（万元）", 1, 2),
            ("分值", 2, 1),
            ("执行率", 2, 1),
            ("得分", 2, 1),
        ],
        ["总额", "财政拨款", "总额", "财政拨款"],
        ["年度资金总额", "100", "80", "90", "75", "10", "90%", "9"],
    ]
    reading = read([TITLE._replace(text="部门整体支出绩效自评表"), drawn(rows)])
    assert figures(reading, "年度资金总额", "P01") == {
        "全年预算数": "100万元", "全年执行数": "90万元", "分值": "10分", "执行率": "90%", "得分": "9分",
    }  # fmt: skip
    assert sorted(doubt.raw for doubt in reading.doubts) == ["75", "80"]


def test_the_summary_names_its_projects_and_its_total_reaches_over_two_columns():
    rows: list[list[str | Spanned]] = [
        [("序号", 3, 1), ("项目名称", 3, 1), ("主管部门", 3, 1), ("项目资金（万元）", 1, 6), ("自评\n得分", 3, 1)],
        [("全年预算数（A）", 1, 4), ("全年执行数（B）", 2, 1), ("执行率（B/A）", 2, 1)],
        ["小计", "当年财政\n拨款", "上年结转资金", "其他资金"],
        ["1", "1.河道清淤", "水务局", "58.5", "50", "8.5", "", "57.25", "97.86%", "95.8"],
        ["2", "2.管网改造", "水务局", "20", "20", "", "", "20", "100%", "99"],
        [("合计", 1, 3), "78.5", "70", "8.5", "", "77.25", "98.41%", ""],
    ]
    reading = read([TITLE._replace(text="项目支出绩效自评结果汇总表"), drawn(rows)])
    assert figures(reading, "河道清淤", "P03") == {
        "全年预算数": "58.5万元", "当年财政拨款": "50万元", "上年结转资金": "8.5万元", "全年执行数": "57.25万元", "执行率": "97.86%", "得分": "95.8分",
    }  # fmt: skip
    assert figures(reading, "合计", "P03") == {
        "全年预算数": "78.5万元", "当年财政拨款": "70万元", "上年结转资金": "8.5万元", "全年执行数": "77.25万元", "执行率": "98.41%",
    }  # fmt: skip
    assert {row.parent_key for row in reading.rows} == {"合计", ""} and not reading.doubts


def test_initial_and_full_year_budget_by_source_keep_their_own_totals():
    rows: list[list[str | Spanned]] = [
        [
            ("序\n号", 2, 1),
            ("项目名称", 2, 1),
            ("年初预算数", 1, 2),
            ("全年预算数", 1, 2),
            ("全年执行数", 2, 1),
            ("执行率", 2, 1),
        ],
        ["小计", "当年财政拨款", "小计", "当年财政拨款"],
        ["1", "河道清淤", "60", "55", "58.5", "50", "57.25", "97.86%"],
        [("合计", 1, 2), "60", "55", "58.5", "50", "57.25", "97.86%"],
    ]
    reading = read([TITLE._replace(text="项目支出绩效自评结果汇总表"), drawn(rows)])
    for row in ("河道清淤", "合计"):
        assert figures(reading, row, "P03") == {
            "年初预算数": "60万元", "全年预算数": "58.5万元", "当年财政拨款": "50万元", "全年执行数": "57.25万元", "执行率": "97.86%",
        }  # fmt: skip
    assert [doubt.raw for doubt in reading.doubts] == ["55", "55"]


def test_row_numbers_under_a_broken_heading_are_no_figures():
    rows: list[list[str | Spanned]] = [
        ["序", "项目名称", "全年预算数", "全年执行数", "执行率", "得分"],
        ["号", "", "", "", "", ""],
        ["1", "河道清淤", "58.5", "57.25", "97.86%", "95.8"],
    ]
    reading = read([TITLE._replace(text="项目支出绩效自评结果汇总表"), drawn(rows)])
    assert figures(reading, "河道清淤", "P03")["全年预算数"] == "58.5万元" and not reading.doubts


def test_an_official_form_after_an_unfinished_table_is_no_part_of_it():
    unfinished = drawn(HEAD + INDICATORS)
    form = drawn(
        [["科目编码", "科目名称", "合计", "基本支出", "项目支出"], ["201", "一般公共服务支出", "50", "30", "20"]],
        page=2,
    )
    reading = read([TITLE, unfinished], [form])
    assert id(unfinished) in reading.grids and id(form) not in reading.grids
    assert "一般公共服务支出" not in {row.label for row in reading.rows}


def test_a_title_within_the_grid_begins_a_table_as_well():
    sheet = drawn(
        [
            [("2023年度部门整体支出绩效自评表", 1, 9)],
            *[[("部门名称", 1, 2), ("甲县水务局", 1, 7)]],
            *HEAD[2:],
            *INDICATORS,
            *TOTAL,
        ]
    )
    reading = read([sheet])
    assert {f.form for f in reading.figures} == {"P01"} and figures(reading, "总分", "P01")["得分"] == "95.9分"


def test_points_for_execution_may_stand_in_the_heading_of_the_score_alone():
    funds: list[list[str | Spanned]] = [
        ["项目名称", ("防汛演练", 1, 7)],
        [
            ("预算执行情况（万元）\n（20分）", 2, 2),
            "",
            "预算数（A）",
            "执行数（B）",
            "执行率（B/A）",
            ("得分\n（20分*执行率）", 1, 2),
        ],
        ["年度财政资金总额", "50.00", "49.50", "99.00%", ("19.8", 1, 2)],
        ["绩效目标（80分）", "一级指标", "二级指标", "三级指标", "年初目标值（A）", "实际完成值（B）", "分值", "得分"],
        [("", 1, 1), "产出指标", "数量指标", "演练场次", "4场", "4场", "80", "80"],
        [("总分", 1, 6), "100", "99.8"],
    ]
    reading = read([TITLE, drawn(funds)])
    assert figures(reading, "年度资金总额") == {
        "全年预算数": "50.00万元",
        "全年执行数": "49.50万元",
        "执行率": "99.00%",
        "得分": "19.8分",
        "分值": "20分",
    }
    points = next(f for f in reading.figures if f.row_key == "年度资金总额" and f.column == "分值")
    assert points.raw.startswith("得分")
    assert next(row for row in reading.rows if row.row_key == "年度资金总额").parent_key == "总分"


def test_points_printed_in_their_column_come_before_those_of_a_heading():
    head = [[c.replace("得分", "得分（20分*执行率）") if isinstance(c, str) else c for c in row] for row in HEAD]
    assert figures(read([TITLE, drawn(head + INDICATORS + TOTAL)]), "年度资金总额")["分值"] == "10分"


def test_a_transfer_payment_names_its_project_too():
    head = [[("转移支付（项目）名称", 1, 2), ("耕地补贴", 1, 7)], *HEAD[2:]]
    assert {row.part for row in read([TITLE, drawn(head + INDICATORS)]).rows} == {"耕地补贴"}


def test_funds_may_be_named_by_a_cell_merged_from_the_header_down():
    funds: list[list[str | Spanned]] = [
        ["项目名称", ("路灯养护", 1, 3)],
        [("资金总额（万元）", 2, 1), "预算金额", "执行金额", "预算执行率"],
        ["50.00", "49.00", "98.00%"],
    ]
    reading = read([TITLE, drawn(funds), drawn(INDICATORS)])
    assert figures(reading, "年度资金总额") == {
        "全年预算数": "50.00万元",
        "全年执行数": "49.00万元",
        "执行率": "98.00%",
    }


def test_a_name_that_does_not_reach_down_names_no_other_row():
    funds: list[list[str | Spanned]] = [
        ["项目名称", ("路灯养护", 1, 3)],
        ["资金总额（万元）", "预算金额", "执行金额", "预算执行率"],
        ["", "50.00", "49.00", "98.00%"],
    ]
    assert figures(read([TITLE, drawn(funds), drawn(INDICATORS)]), "年度资金总额") == {}
