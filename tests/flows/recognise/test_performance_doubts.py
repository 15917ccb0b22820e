"""Values of performance tables that may stand in another column, or were pushed out of the table: what stays open."""

from __future__ import annotations

from expectations.vocabulary import load
from flows.recognise.performance.reading import PerformanceReading, recognise_performance
from tests.flows.recognise.drawn import document, grid, page

TITLE = "2024年度项目支出绩效自评表"
FUNDS = """
项目名称|<|巡查|<|<|<|<|<
项目资金|<|年初预算数|全年预算数|全年执行数|分值|执行率|得分
年度资金总额|<|100.00|100.00|95.00|10|95%|9.5
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因
产出指标|时效指标|完成及时率|≥98%|99%|10|8|
满意度指标|满意度|群众满意度|≥90%|92%|80|79|
总分|<|<|<|<|100|96.5|
"""


def read(drawing: str) -> PerformanceReading:
    return recognise_performance(document(page(1, TITLE, grid(drawing))), load())


def values(reading: PerformanceReading, row: str) -> dict[str, str]:
    return {f.column: f"{f.relation}{f.value}{f.unit}" for f in reading.figures if f.row_key == row}


def open_figures(reading: PerformanceReading) -> set[str]:
    return {doubt.id.removeprefix("P02(巡查)/") for doubt in reading.uncertain}


def test_a_table_read_as_printed_leaves_nothing_open() -> None:
    reading = read(FUNDS)
    assert values(reading, "完成及时率") == {"年度指标值": "≥98%", "实际完成值": "99%", "分值": "10分", "得分": "8分"}
    assert reading.uncertain == () and reading.doubts == () and reading.found[0].reason is None


def test_points_and_score_one_column_left_are_read_so_where_only_that_agrees_with_the_totals() -> None:
    reading = read(FUNDS.replace("≥98%|99%|10|8|", "≥98%|10|8||"))
    assert values(reading, "完成及时率") == {"年度指标值": "≥98%", "分值": "10分", "得分": "8分"}
    assert reading.found[0].reason is not None and "完成及时率”错位1格（偏左）" in reading.found[0].reason["zh"]


def test_a_bare_number_achieved_without_a_score_stays_as_printed_where_only_that_agrees_with_the_totals() -> None:
    reading = read(FUNDS.replace("≥98%|99%|10|8|", "≥98%|98|10||").replace("100|96.5", "100|88.5"))
    assert values(reading, "完成及时率") == {"年度指标值": "≥98%", "实际完成值": "98", "分值": "10分"}
    assert reading.found[0].reason is None


def test_where_no_total_tells_the_row_is_left_out_and_the_sums_above_it_are_open() -> None:
    reading = read(FUNDS.replace("≥98%|99%|10|8|", "≥98%|10|8||").replace("100|96.5", "100|50"))
    assert "实际完成值" not in values(reading, "完成及时率") and "分值" not in values(reading, "完成及时率")
    assert [doubt.raw for doubt in reading.doubts] == ["10", "8"]
    assert {"完成及时率/得分", "总分/得分", "完成及时率/分值", "总分/分值"} <= open_figures(reading)


def test_several_numbers_in_one_cell_are_no_single_number() -> None:
    reading = read(FUNDS.replace("99%|10|8|", "99%|5\\n5|4\\n4|"))
    assert values(reading, "完成及时率") == {"年度指标值": "≥98%", "实际完成值": "99%"}
    assert [doubt.raw for doubt in reading.doubts] == ["5\n5", "4\n4"]
    assert {"完成及时率/得分", "总分/得分"} <= open_figures(reading)


def test_a_value_that_a_shift_pushed_out_of_the_table_leaves_its_total_open() -> None:
    reading = read(FUNDS.replace("|100.00|100.00|95.00|10|95%|9.5", "||100.00|100.00|95.00|10|95%"))
    assert values(reading, "年度资金总额")["执行率"] == "95%" and "得分" not in values(reading, "年度资金总额")
    assert open_figures(reading) == {"年度资金总额/得分", "总分/得分"}


def test_a_total_that_no_lost_score_could_explain_is_not_open() -> None:
    shifted = FUNDS.replace("|100.00|100.00|95.00|10|95%|9.5", "||100.00|100.00|95.00|10|95%")
    assert open_figures(read(shifted.replace("100|96.5", "100|81"))) == set()


def test_of_two_targets_the_adjusted_one_counts_and_what_is_derived_from_it_is_no_figure() -> None:
    drawing = """
项目名称|巡查|<|<|<|自评总分（分）|<|96.2
指标名称|计量单位|指标性质|年初指标值|调整指标值|全年完成值|得分系数（%）|指标得分
建设面积|万亩|≥|1.5|1.2|1.18|98.33|39.3
"""
    reading = read(drawing)
    assert values(reading, "建设面积") == {"年度指标值": "≥1.2万亩", "实际完成值": "1.18万亩", "得分": "39.3分"}
    assert values(reading, "总分") == {"得分": "96.2分"}
    assert {row.parent_key for row in reading.rows} == {"总分", ""} and not reading.doubts


def test_a_total_score_at_the_head_does_not_take_the_place_of_the_one_below() -> None:
    reading = read(FUNDS.replace("项目名称|<|巡查|<|<|<|<|<", "项目名称|<|巡查|<|<|自评总分|<|96.5"))
    assert values(reading, "总分") == {"分值": "100分", "得分": "96.5分"}
    assert values(reading, "自评总分") == {"得分": "96.5分"}
