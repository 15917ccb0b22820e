"""Performance tables as places print them differently: pairs of name and value, headings in two rows, points for levels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expectations.vocabulary import load
from flows.read.document import Grid, Place
from flows.recognise.performance.reading import PerformanceReading, recognise_performance
from tests.flows.recognise.drawn import document, grid, page

TITLE = "2024年度项目支出绩效自评表"
INDICATORS = """
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因
产出指标|数量指标|救助人数|≥300人|312人|50|50|
满意度指标|满意度|对象满意度|≥95%|97%|40|40|
总分|<|<|<|<|100|99|
"""


def read(*items: str | Grid) -> PerformanceReading:
    return recognise_performance(document(page(1, *items)), load())


def values(reading: PerformanceReading, row: str, form: str = "P02") -> dict[str, str]:
    return {f.column: f"{f.relation}{f.value}{f.unit}" for f in reading.figures if (f.form, f.row_key) == (form, row)}


@pytest.mark.parametrize(
    "head",
    [
        "项目名称|临时救助|主管部门|某县民政局|年初预算数|100.00|全年执行数|90.00|分值|10|执行率|90%|得分|9",
        "项目名称|临时救助|<|<\n年初预算数|100.00|全年执行数|90.00\n分值|10|执行率|90%\n得分|9|负责人|张三",
        "项目名称|临时救助|<|<\n年初预算数：100.00万元|全年执行数：90.00万元|执行率：90%|分值：10分\n得分|9|负责人|张三",
    ],
)
def test_funds_printed_as_names_and_values_in_turn_are_the_funds_as_a_whole(head: str) -> None:
    reading = read(TITLE, grid(head), grid(INDICATORS))
    assert values(reading, "年度资金总额") == {
        "年初预算数": "100.00万元",
        "全年执行数": "90.00万元",
        "分值": "10分",
        "执行率": "90%",
        "得分": "9分",
    }
    assert values(reading, "救助人数")["得分"] == "50分" and values(reading, "总分")["得分"] == "99分"
    assert {row.part for row in reading.rows} == {"临时救助"} and not reading.doubts


def test_a_header_without_values_and_a_total_with_a_single_pair_are_no_pairs() -> None:
    funds = "项目名称|临时救助|<|<|<|<\n资金（万元）|年初预算数|全年预算数|全年执行数|执行率|得分\n年度资金总额|100|100|90|90%|9"
    reading = read(TITLE, grid(funds), grid(INDICATORS.replace("总分|<|<|<|<|100|99|", "总分|100|得分|99")))
    assert values(reading, "年度资金总额") == {
        "年初预算数": "100万元", "全年预算数": "100万元", "全年执行数": "90万元", "执行率": "90%", "得分": "9分",
    }  # fmt: skip


GROUPED = """
项目名称|<|展览|<|<|<|<|<|<
绩效指标|<|<|年度指标值|<|<|实际完成值|分值|得分
一级指标|二级指标|三级指标|指标性质|指标值|度量单位|^|^|^
产出指标|数量指标|展览场次|≥|6|场|5|50|41.7
效益指标|社会效益|群众文化生活|=|丰富|-|丰富|40|40
"""


@pytest.mark.parametrize("drawing", [GROUPED, GROUPED.replace("<", "").replace("^", "")])
def test_headings_of_targets_in_two_rows_are_read_together(drawing: str) -> None:
    reading = read(TITLE, grid(drawing))
    assert values(reading, "展览场次") == {"年度指标值": "≥6场", "实际完成值": "5场", "分值": "50分", "得分": "41.7分"}
    assert values(reading, "群众文化生活") == {"分值": "40分", "得分": "40分"}
    assert not reading.doubts


def test_points_of_a_whole_level_are_not_those_of_its_first_indicator() -> None:
    drawing = """
一级指标|分值|二级指标|分值|三级指标|分值|评分标准|自评得分
履职效能|100|整体效能|60|产出完成率|40|按率计分|39.5
^|^|^|^|重点任务|20|少一项扣2分|20
^|^|专项效能|40|专项资金|40|90%以上满分|40
总分|<|<|<|<|100||99.5
"""
    reading = read("2024年度部门整体支出绩效自评表", grid(drawing))
    points = {f.row_key: str(f.value) for f in reading.figures if f.column == "分值"}
    assert points == {"产出完成率": "40", "重点任务": "20", "专项资金": "40", "总分": "100"}
    assert not reading.doubts


def test_tasks_are_named_by_the_column_that_says_so_and_not_by_what_they_consist_of() -> None:
    drawing = """
任务名称|主要内容|预算数（万元）|执行数（万元）|执行率
促进消费|办展会3场|60.00|57.00|95.00%
电商培训|培训12期|40.00|36.00|90.00%
金额合计|<|100.00|93.00|93.00%
"""
    reading = read("2024年度部门整体支出绩效自评表", grid(drawing))
    assert values(reading, "促进消费", "P01")["全年执行数"] == "57.00万元"
    assert values(reading, "年度资金总额", "P01")["执行率"] == "93.00%"
    assert [row.row_key for row in reading.rows] == ["促进消费", "电商培训", "年度资金总额"]


def test_a_rate_whose_heading_prints_the_percent_sign_is_no_score() -> None:
    drawing = """
序号|项目名称|预算数（元）|执行数（元）|预算执行率（%）|自评得分
1|社区服务|50,000.00|49,000.00|98.00|98
|合计|50,000.00|49,000.00|98.00|
"""
    text = grid(drawing)
    flat = replace(text, cells=tuple(replace(cell, place=Place(line=cell.row + 2)) for cell in text.cells))
    reading = read("2024年度项目支出绩效自评结果汇总表", flat)
    assert values(reading, "合计", "P03") == {
        "全年预算数": "50000.00元",
        "全年执行数": "49000.00元",
        "执行率": "98.00%",
    }


def test_sources_within_a_source_go_where_the_sums_agree() -> None:
    drawing = """
项目名称|<|临时救助|<|<
资金（万元）|<|全年预算数|全年执行数|执行率
年度资金总额|<|100.00|90.00|90%
其中：财政拨款|<|80.00|75.00|93.75%
其中：中央补助|<|50.00|50.00|100%
省级补助|<|30.00|25.00|83.33%
{other}|<|20.00|15.00|75%
"""
    for other in ("其他资金", "社会捐赠"):
        parents = {row.row_key: row.parent_key for row in read(TITLE, grid(drawing.format(other=other))).rows}
        assert (parents["中央补助"], parents["省级补助"]) == ("当年财政拨款", "当年财政拨款")
        assert parents[other] == "年度资金总额"
    apart = drawing.format(other="其他资金").replace("80.00|75.00", "50.00|50.00")
    assert {row.row_key: row.parent_key for row in read(TITLE, grid(apart)).rows}["省级补助"] == "年度资金总额"


def test_reasons_and_conclusions_below_the_total_are_running_text() -> None:
    below = "偏差大或目标未完成原因分析|<|受干旱影响，比目标低2个百分点。\n评价结论|<|自评99分，较好。"
    reading = read(TITLE, grid("项目名称|临时救助"), grid(INDICATORS + below))
    assert [line.text for line in reading.text_cells] == ["受干旱影响，比目标低2个百分点。", "自评99分，较好。"]
    assert not reading.doubts


def test_an_amount_that_is_not_one_number_is_named() -> None:
    funds = "项目名称|临时救助|<|<\n|全年预算数|全年执行数|执行率\n年度资金总额|约100|90.00|90%"
    reading = read(TITLE, grid(funds), grid(INDICATORS))
    assert [doubt.raw for doubt in reading.doubts] == ["约100"]


def test_tables_name_the_department_the_unit_and_the_year_of_the_evaluation() -> None:
    head = "项目名称|临时救助|<|<\n主管部门|123-某县民政局|实施单位|救助管理站"
    reading = read("项目支出绩效自评表", "（2024年度）", grid(head), grid(INDICATORS))
    assert (reading.organisation, reading.year) == ("某县民政局", 2024)
    titled = read("某县民政局2023年度项目支出绩效自评表", grid("项目名称|临时救助"), grid(INDICATORS))
    assert (titled.organisation, titled.year) == ("某县民政局", 2023)
    above = read(TITLE, "填报单位：某县档案馆　　日期：2025年3月1日", grid("项目名称|临时救助"), grid(INDICATORS))
    assert (above.organisation, above.year) == ("某县档案馆", 2024)


def printed(*rows: tuple[str, ...], number: int) -> Grid:
    """A ruled table of a PDF page, its rows from left to right; a field that is empty is an empty cell."""
    made = grid("\n".join("|".join(row) for row in rows))
    cells = tuple(
        replace(
            c, place=Place(page=number, bbox=(60.0 * c.column, 20.0 * c.row, 60.0 * c.column + 50, 20.0 * c.row + 10))
        )
        for c in made.cells
    )
    return replace(made, cells=cells, place=Place(page=number, bbox=(0.0, 0.0, 500.0, 200.0)))


HEADER = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因")


@pytest.mark.parametrize(
    ("ends", "begins"),
    [
        (("", "质量指标", "档案扫描", "≥95%", "93%", "50", "45", "两处返工，"), ("", "", "合格率", "", "", "", "", "扣5分")),
        (("产出指标", "质量指标", "档案扫描合格率", "", "", "", "", ""), ("", "", "", "≥95%", "93%", "50", "45", "")),
        (("", "质量指标", "档案扫描合格率", "≥95%", "93%", "50", "45", ""), ("标", "", "", "", "", "", "", "")),
    ],
)  # fmt: skip
def test_an_indicator_cut_by_a_page_break_is_one_row(ends: tuple[str, ...], begins: tuple[str, ...]) -> None:
    first = printed(("项目名称", "扫描"), HEADER, ends, number=1)
    rest = ("满意度指标", "满意度", "用户满意度", "≥90%", "95%", "50", "50", "")
    second = printed(begins, rest, number=2)
    pages = (page(1, TITLE, first), page(2, second))
    reading = recognise_performance(document(*pages), load())
    assert [row.row_key for row in reading.rows] == ["档案扫描合格率", "用户满意度"]
    assert values(reading, "档案扫描合格率") == {
        "年度指标值": "≥95%",
        "实际完成值": "93%",
        "分值": "50分",
        "得分": "45分",
    }


def test_an_indicator_in_words_at_the_top_of_a_page_is_a_row_of_its_own() -> None:
    last = ("", "质量指标", "合格率", "≥95%", "93%", "50", "45", "")
    words = ("效益指标", "社会效益", "知晓度", "提高", "提高", "", "", "")
    pages = (page(1, TITLE, printed(("项目名称", "扫描"), HEADER, last, number=1)), page(2, printed(words, number=2)))
    assert [row.row_key for row in recognise_performance(document(*pages), load()).rows] == ["合格率", "知晓度"]


def test_rows_shifted_against_their_headings_are_told_with_the_form() -> None:
    shifted = INDICATORS.replace("|≥300人|312人|50|50|", "||≥300人|312人|50|50")
    reading = read(TITLE, grid("项目名称|临时救助"), grid(shifted))
    assert values(reading, "救助人数") == {
        "年度指标值": "≥300人",
        "实际完成值": "312人",
        "分值": "50分",
        "得分": "50分",
    }
    (form,) = reading.found
    assert form.status == "read" and form.reason is not None
    assert "“临时救助·救助人数”错位1格（偏右）" in form.reason["zh"] and "by 1 to the right" in form.reason["en"]
    (straight,) = read(TITLE, grid("项目名称|临时救助"), grid(INDICATORS)).found
    assert straight.reason is None
