"""Performance tables as text renderings give them: cells lost, rows shifted, tables broken."""

from __future__ import annotations

from decimal import Decimal

import pytest

from expectations.vocabulary import load
from flows.read.document import Document
from flows.read.text import read_text
from flows.recognise.performance.reading import PerformanceReading, recognise_performance

PROJECT = """
甲县水务局项目支出绩效自评表

项目名称\t河道清淤\t\t\t\t\t\t
主管部门\t甲县水务局\t\t\t实施单位\t水务站\t\t
项目资金（万元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分
\t年度资金总额\t60\t58.5\t57.25\t10\t97.86%\t9.8
\t其中：当年财政拨款\t50\t50\t50\t—\t100%\t—
\t上年结转资金\t10\t8.5\t7.25\t—\t85.29%\t—
\t其他资金\t\t\t\t—\t\t—
年度总体目标\t预期目标\t\t\t实际完成情况\t\t\t
\t清淤12公里\t\t\t全年清淤12.5公里\t\t\t
绩效指标\t一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分\t偏差原因分析及改进措施
\t产出指标\t数量指标\t清淤长度\t≥12 公里\t12.5公里\t20\t20\t
\t\t质量指标\t验收合格率\t≥95%\t93%\t20\t18\t两处返工，扣2分
\t\t时效指标\t完工时间\t及时\t及时\t20\t20\t
\t效益指标\t社会效益指标\t内涝点减少\t明显\t明显\t20\t18\t
\t满意度指标\t服务对象满意度指标\t居民满意度\t≥90%\t91.5%\t10\t10\t
总分\t\t\t\t\t\t100\t95.8\t
说明\t无
"""

DEPARTMENT = """
2023年甲县水务局整体支出绩效自评表

部门（单位）名称\t甲县水务局\t\t\t\t\t
\t年初预算数\t全年预算数(A)\t实际支出数(B)\t执行率(B/A)\t分值\t得分
部门（单位）整体支出\t500\t520.5\t510\t97.98%\t10\t9.8
其中：基本支出\t440\t462\t452.75\t98%\t—\t—
项目支出\t60\t58.5\t57.25\t97.86%\t—\t—
年度总体绩效目标完成情况\t预期目标\t\t目标实际完成情况\t\t\t
\t目标1：保供水\t\t供水330天\t\t\t

绩效指标\t一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分\t偏差原因
\t部门管理\t资金投入\t结转结余变动率\t≤0%\t≤0%\t40\t40\t
\t履职效果\t部门履职\t检修次数\t24次\t22次\t50\t45\t
合计\t\t\t\t\t\t100\t94.8\t
"""

SUMMARY = """
项目支出绩效自评结果汇总表

序号\t项目名称\t主管部门\t项目资金（万元）\t\t\t\t\t\t自评\t备注
\t\t\t全年预算数(A)\t\t\t\t全年执行数(B)\t执行率(B/A)\t得分\t
\t\t\t小计\t当年财政拨款\t上年结转资金\t其他资金\t\t\t\t
1\t项目1：河道清淤\t甲县水务局\t58.5\t50\t8.5\t\t57.25\t97.86%\t95.8\t
2\t项目2：管网改造\t甲县水务局\t20\t20\t0\t\t20\t100.00%\t99\t
\t合计\t\t78.5\t70\t8.5\t0\t77.25\t98.41%\t194.8\t
"""


def read(text: str) -> PerformanceReading:
    document = Document("sample.txt", "0", "text/plain", len(text), read_text(text.encode()))
    return recognise_performance(document, load())


def values(reading: PerformanceReading, row_key: str, form: str = "P02", part: str | None = None) -> dict[str, str]:
    return {
        f.column: f"{f.relation}{f.value}{f.unit}"
        for f in reading.figures
        if f.form == form and f.row_key == row_key and part in (None, f.part)
    }


def test_the_funds_of_a_project_stand_under_their_headings_and_a_stroke_is_no_figure():
    reading = read(PROJECT)
    assert values(reading, "年度资金总额") == {
        "年初预算数": "60万元", "全年预算数": "58.5万元", "全年执行数": "57.25万元", "分值": "10分", "执行率": "97.86%", "得分": "9.8分",
    }  # fmt: skip
    assert values(reading, "上年结转资金") == {
        "年初预算数": "10万元", "全年预算数": "8.5万元", "全年执行数": "7.25万元", "执行率": "85.29%",
    }  # fmt: skip
    assert values(reading, "其他资金") == {}
    assert not reading.doubts


def test_every_row_knows_its_block_and_of_what_it_is_a_part():
    rows = {row.row_key: row for row in read(PROJECT).rows}
    assert [(k, r.block, r.parent_key) for k, r in rows.items()] == [
        ("年度资金总额", "funds", "总分"),
        ("当年财政拨款", "funds", "年度资金总额"),
        ("上年结转资金", "funds", "年度资金总额"),
        ("其他资金", "funds", "年度资金总额"),
        ("清淤长度", "indicator", "总分"),
        ("验收合格率", "indicator", "总分"),
        ("完工时间", "indicator", "总分"),
        ("内涝点减少", "indicator", "总分"),
        ("居民满意度", "indicator", "总分"),
        ("总分", "total", ""),
    ]
    assert [r.position for r in rows.values()] == list(range(10))
    assert rows["当年财政拨款"].label == "其中：当年财政拨款"
    assert {r.part for r in rows.values()} == {"河道清淤"}


def test_targets_keep_their_bound_and_unit_and_words_are_no_figure():
    reading = read(PROJECT)
    assert values(reading, "清淤长度") == {
        "年度指标值": "≥12公里",
        "实际完成值": "12.5公里",
        "分值": "20分",
        "得分": "20分",
    }
    assert values(reading, "完工时间") == {"分值": "20分", "得分": "20分"}
    assert values(reading, "总分") == {"分值": "100分", "得分": "95.8分"}


def test_amounts_share_the_precision_of_their_table_and_anything_else_brings_its_own():
    by_id = {f.id: f for f in read(PROJECT).figures}
    assert by_id["P02(河道清淤)/年度资金总额/年初预算数"].ulp == Decimal("0.01")
    assert by_id["P02(河道清淤)/年度资金总额/得分"].ulp == Decimal("0.1")
    assert by_id["P02(河道清淤)/验收合格率/年度指标值"].ulp == 1
    assert by_id["P02(河道清淤)/居民满意度/实际完成值"].ulp == Decimal("0.1")


def test_figures_know_their_line_and_forms_where_they_stand():
    reading = read(PROJECT)
    assert {f.place.line for f in reading.figures if f.row_key == "年度资金总额"} == {7}
    by_form = {form.form: form for form in reading.forms}
    assert by_form["P02"].status == "read" and by_form["P02"].pages == (2,) and by_form["P02"].unit == "万元"
    assert by_form["P02"].title == "甲县水务局项目支出绩效自评表"
    assert by_form["P01"].status == by_form["P03"].status == "missing"


def test_goals_and_reasons_with_numbers_are_handed_to_the_narrative():
    cells = {line.text: line.place.line for line in read(PROJECT).text_cells}
    assert cells == {"清淤12公里": 12, "全年清淤12.5公里": 12, "两处返工，扣2分": 15}


def test_markup_in_goals_is_taken_off():
    reading = read(PROJECT.replace("全年清淤12.5公里", "<p>全年清淤12.5公里</p>"))
    assert "全年清淤12.5公里" in {line.text for line in reading.text_cells}


@pytest.mark.parametrize(
    "shifted",
    [
        "\t年度资金总额\t\t60\t58.5\t57.25\t10\t97.86%\t9.8",
        "年度资金总额\t60\t58.5\t57.25\t10\t97.86%\t9.8",
        "\t年度资金总额\t60\t58.5\t57.25\t10\t\t97.86%\t9.8",
        "项目资金\t\t年度资金总额\t60\t58.5\t57.25\t10\t97.86%\t9.8",
    ],
)
def test_a_funds_row_shifted_against_its_headings_is_read_as_printed(shifted: str):
    reading = read(PROJECT.replace("\t年度资金总额\t60\t58.5\t57.25\t10\t97.86%\t9.8", shifted))
    assert values(reading, "年度资金总额") == values(read(PROJECT), "年度资金总额")


def test_a_funds_row_pushed_out_of_its_table_loses_only_its_last_value():
    reading = read(
        PROJECT.replace(
            "\t年度资金总额\t60\t58.5\t57.25\t10\t97.86%\t9.8", "\t年度资金总额\t\t60\t58.5\t57.25\t10\t97.86%"
        )
    )
    expected = values(read(PROJECT), "年度资金总额")
    del expected["得分"]
    assert values(reading, "年度资金总额") == expected


@pytest.mark.parametrize(
    "shifted",
    [
        "验收合格率\t\t\t≥95%\t93%\t20\t18\t\t",
        "\t验收合格率\t\t≥95%\t93%\t20\t18\t\t\t",
        "质量指标\t验收合格率\t≥95%\t93%\t20\t18\t\t\t",
        "\t\t质量指标\t\t验收合格率\t≥95%\t93%\t20\t18",
        "\t\t\t质量指标\t验收合格率\t≥95%\t93%\t20\t\t18",
        "\t质量指标\t\t验收合格率\t≥95%\t93%\t\t20\t18",
        "\t验收合格率\t≥95%\t93%\t20\t18\t",
    ],
)
def test_an_indicator_shifted_against_its_headings_is_read_as_printed(shifted: str):
    reading = read(PROJECT.replace("\t\t质量指标\t验收合格率\t≥95%\t93%\t20\t18\t两处返工，扣2分", shifted))
    assert values(reading, "验收合格率") == {"年度指标值": "≥95%", "实际完成值": "93%", "分值": "20分", "得分": "18分"}


@pytest.mark.parametrize(
    "shifted", ["内涝点减少\t\t\t明显\t明显\t20\t18\t\t", "\t\t社会效益指标\t\t内涝点减少\t明显\t明显\t\t20\t18"]
)
def test_an_indicator_in_words_shifted_against_its_headings_keeps_its_scores(shifted: str):
    reading = read(PROJECT.replace("\t效益指标\t社会效益指标\t内涝点减少\t明显\t明显\t20\t18\t", shifted))
    assert values(reading, "内涝点减少") == {"分值": "20分", "得分": "18分"}


def test_a_row_where_one_of_two_scores_is_missing_is_not_taken_for_a_shifted_one():
    reading = read(
        PROJECT.replace("\t\t质量指标\t验收合格率\t≥95%\t93%\t20\t18\t", "\t\t质量指标\t验收合格率\t≥95%\t93%\t20\t\t")
    )
    assert values(reading, "验收合格率") == {"年度指标值": "≥95%", "实际完成值": "93%", "分值": "20分"}


def test_a_single_total_that_stands_under_no_heading_is_left_out_and_named():
    reading = read(PROJECT.replace("总分\t\t\t\t\t\t100\t95.8\t", "总分\t95.8"))
    assert values(reading, "总分") == {}
    assert [(d.label, d.raw) for d in reading.doubts] == [("总分", "95.8")]
    assert reading.unplaced == ((reading.doubts[0].raw, reading.doubts[0].place),)


def test_a_rate_without_its_percent_sign_is_read_as_the_percentage_or_the_ratio_that_its_row_computes_to():
    assert values(read(PROJECT.replace("97.86%", "97.86")), "年度资金总额")["执行率"] == "97.86%"
    assert values(read(PROJECT.replace("97.86%", "0.9786")), "年度资金总额")["执行率"] == "0.9786比率"
    half_a_percent = read(PROJECT.replace("58.5\t57.25", "58.5\t0.30").replace("97.86%", "0.51"))
    assert values(half_a_percent, "年度资金总额")["执行率"] == "0.51%"


def test_a_wrong_ratio_is_still_a_ratio_and_one_without_amounts_takes_the_meaning_of_its_table():
    assert values(read(PROJECT.replace("97.86%", "1")), "年度资金总额")["执行率"] == "1比率"
    source = "其中：当年财政拨款\t50\t50\t50\t—\t100%"
    beside = read(PROJECT.replace("97.86%", "0.9786").replace(source, "其中：当年财政拨款\t\t\t\t—\t0.95"))
    assert values(beside, "当年财政拨款") == {"执行率": "0.95比率"}


def test_a_rate_that_nothing_tells_from_a_ratio_is_left_out_and_named():
    reading = read(PROJECT.replace("58.5\t57.25\t10\t97.86%", "\t\t10\t0.9786"))
    assert "执行率" not in values(reading, "年度资金总额")
    assert [doubt.raw for doubt in reading.doubts] == ["0.9786"]


def test_a_single_total_under_a_heading_is_that_column():
    reading = read(PROJECT.replace("总分\t\t\t\t\t\t100\t95.8\t", "总分\t\t\t\t\t\t\t95.8\t"))
    assert values(reading, "总分") == {"得分": "95.8分"}


def test_a_table_broken_by_blank_lines_and_running_text_stays_one():
    broken = PROJECT.replace("\t其中：当年", "\n\t其中：当年").replace(
        "\t清淤12公里", "\n清淤工作按计划进行。\n\n\t清淤12公里"
    )
    broken = broken.replace("\t效益指标", "\n\t效益指标").replace("总分\t", "\n总分\t")
    assert {f.id: f.value for f in read(broken).figures} == {f.id: f.value for f in read(PROJECT).figures}


def test_the_same_project_printed_again_becomes_a_second_part():
    reading = read(PROJECT + "\n第三部分 附件\n" + PROJECT)
    assert {f.part for f in reading.figures} == {"河道清淤", "河道清淤#2"}
    assert values(reading, "总分", part="河道清淤#2") == values(reading, "总分", part="河道清淤")


def test_indicators_of_one_name_are_told_apart_by_a_running_number():
    reading = read(PROJECT.replace("居民满意度", "验收合格率"))
    assert values(reading, "验收合格率#2") == {
        "年度指标值": "≥90%",
        "实际完成值": "91.5%",
        "分值": "10分",
        "得分": "10分",
    }


def test_a_slash_or_a_blank_in_a_name_does_not_break_the_ids():
    reading = read(PROJECT.replace("河道清淤", "河道清淤/疏浚").replace("清淤长度", "清淤 长度（公里/年）"))
    assert "P02(河道清淤／疏浚)/清淤长度（公里／年）/分值" in {f.id for f in reading.figures}
    assert "清淤长度（公里/年）" in {row.label for row in reading.rows}


def test_the_department_as_a_whole_has_its_own_lines_and_names_of_columns():
    reading = read(DEPARTMENT)
    assert values(reading, "年度资金总额", "P01") == {
        "年初预算数": "500万元", "全年预算数": "520.5万元", "全年执行数": "510万元", "执行率": "97.98%", "分值": "10分", "得分": "9.8分",
    }  # fmt: skip
    assert values(reading, "结转结余变动率", "P01")["年度指标值"] == "≤0%"
    assert values(reading, "总分", "P01") == {"分值": "100分", "得分": "94.8分"}
    rows = {row.row_key: row for row in reading.rows}
    assert rows["年度资金总额"].label == "部门（单位）整体支出" and rows["基本支出"].parent_key == "年度资金总额"
    assert {line.text for line in reading.text_cells} == {"目标1：保供水", "供水330天"}


def test_the_summary_has_a_row_for_each_project_and_reads_its_stacked_headings():
    reading = read(SUMMARY)
    assert values(reading, "河道清淤", "P03") == {
        "全年预算数": "58.5万元", "当年财政拨款": "50万元", "上年结转资金": "8.5万元", "全年执行数": "57.25万元", "执行率": "97.86%", "得分": "95.8分",
    }  # fmt: skip
    assert values(reading, "合计", "P03")["其他资金"] == "0万元"
    rows = {row.row_key: row for row in reading.rows}
    assert rows["管网改造"].label == "项目2：管网改造" and rows["管网改造"].parent_key == "合计"
    assert rows["合计"].block == "total" and not reading.doubts


def test_three_tables_one_after_another_do_not_run_into_each_other():
    reading = read(DEPARTMENT + PROJECT + PROJECT.replace("河道清淤", "管网改造") + SUMMARY)
    alone = [read(DEPARTMENT), read(PROJECT), read(PROJECT.replace("河道清淤", "管网改造")), read(SUMMARY)]
    assert [f.id for f in reading.figures] == [f.id for one in alone for f in one.figures]
    assert {form.form: form.status for form in reading.forms} == {"P01": "read", "P02": "read", "P03": "read"}


def test_other_tables_are_left_alone():
    others = """
财政拨款“三公”经费支出决算表

项目\t预算数\t决算数
公务接待费\t3\t2.5

采购项目一览

序号\t项目名称\t预算金额\t中标金额
1\t河道清淤\t60\t57.25

项目名称\t河道清淤
负责人\t张三
"""
    reading = read(others)
    assert reading.figures == () and reading.rows == () and reading.grids == frozenset()
    assert {form.status for form in reading.forms} == {"missing"}


def test_a_template_without_numbers_is_blank():
    digits = str.maketrans("", "", "0123456789%.≥")
    head, body = PROJECT.split("\t年度资金总额", 1)
    reading = read(head + "\t年度资金总额" + body.translate(digits))
    assert {form.form: form.status for form in reading.forms}["P02"] == "blank"
