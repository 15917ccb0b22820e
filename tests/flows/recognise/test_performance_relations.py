"""What the rows of performance tables tie together, judged by the rules that are shipped."""

from __future__ import annotations

import pytest

from tests.flows.recognise.judged import broken, project

INDICATOR = "P.indicator"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("检修泵站数量|≥24座|22座|10|10|", "unmet"),
        ("群众满意度|≥95%|93.5%|10|10|", "unmet"),
        ("检修泵站数量|24座|22座|10|10|", "unmet_count"),
        ("维修成本|≤60万元|63.5万元|10|10|", "exceeded"),
        ("改善灌溉条件|10|明显改善|10|10|", "target_is_points"),
        ("设备验收合格率|≥24台|24台|10|10|", "rate_in_counts"),
        ("群众满意度|≥95%|105%|10|10|", "beyond_whole"),
        ("培训次数|≥2次|0次|10|10|", "zero_full"),
    ],
)
def test_an_indicator_that_contradicts_itself_is_found(row: str, rule: str) -> None:
    assert f"{INDICATOR}.{rule}" in [found for found, *_ in broken(project([row]), INDICATOR)]


@pytest.mark.parametrize(
    "row",
    [
        "检修泵站数量|≥24座|26座|10|10|",
        "检修泵站数量|≥24座|22座|10|9.2|两座延期",
        "检修泵站数量|≥24座|100%|10|10|",
        "检修泵站数量|24座|24座|10|10|",
        "安全事故次数|3次|0次|10|10|",
        "维修成本|≤60万元|57.25万元|10|10|",
        "维修成本|60万元|57.25万元|10|10|",
        "维修时间|12个月|10个月|10|10|",
        "改善灌溉条件|明显|明显|10|10|",
        "改善灌溉条件|10|已完成|10|10|",
        "验收合格率|≥95%|≥95%|10|10|",
        "预算执行率|100%|97.86%|10|9.8|按比例扣分",
        "资金到位率|100%|100%|10|10|",
        "出勤率|98%|100%|10|10|",
    ],
)
def test_an_indicator_that_agrees_with_itself_is_silent(row: str) -> None:
    assert broken(project([row, "改善水质|改善|改善|10|10|"]), INDICATOR) == []


def test_points_that_are_not_given_want_a_reason_where_the_table_has_a_column_for_it() -> None:
    rows = ["检修泵站数量|≥24座|22座|10|9|两座延期", "修建渠道|≥3公里|3公里|10|8|", "群众满意度|≥90%|91%|10|9|样本少"]
    assert broken(project(rows), "deduction") == [("P.indicator.deduction", "8", "10")]
    assert broken(project([row.rpartition("|")[0] for row in rows], reasons=False), "deduction") == []


def test_one_reason_printed_beside_rows_that_follow_each_other_may_be_that_of_them_all() -> None:
    rows = [
        "检修泵站数量|≥24座|22座|10|9|两座泵站因汛",
        "修建渠道|≥3公里|3公里|10|8|期延后",
        "群众满意度|≥90%|91%|10|9|",
    ]
    assert broken(project(rows), "deduction") == []


def test_an_indicator_of_execution_is_held_against_the_funds_of_its_own_table() -> None:
    assert broken(project(["预算执行率|100%|100%|10|10|"]), "indicator.execution") == [
        ("P.indicator.execution", "100", "97.86")
    ]
    assert broken(project(["预算执行率|≥95%|≥99%|10|10|"]), "indicator.execution") == [
        ("P.indicator.execution_reached", "99", "97.86")
    ]
    assert broken(project(["预算执行率|≥95%|98%|10|10|"]), "indicator.execution") == []
    assert broken(project(["政府采购预算执行率|≥95%|100%|10|10|"]), "indicator.execution") == []


SUMMARY = """
2023年度项目支出绩效自评结果汇总表
序号\t项目名称\t主管部门\t项目资金（万元）\t\t\t\t\t\t自评\t备注
\t\t\t全年预算数(A)\t\t\t\t全年执行数(B)\t执行率(B/A)\t得分\t
\t\t\t小计\t当年财政拨款\t上年结转资金\t其他资金\t\t\t\t
{rows}
"""


def summary(*rows: str) -> str:
    return SUMMARY.format(rows="\n".join(row.replace("|", "\t") for row in rows))


FUNDS = ("60\t58.50\t57.25\t10\t97.86%\t9.8", "50\t50.00\t49.00\t—\t98%\t—", "10\t8.50\t8.25\t—\t97.06%\t—")


def test_a_project_is_called_the_same_and_has_the_same_funds_and_score_in_the_summary() -> None:
    table = project(["检修泵站数量|≥24座|24座|90|85|天旱"], "泵站检修", FUNDS, total="94.8")
    right = summary(
        "1|泵站检修|临溪县水利站|58.50|50.00|8.50|0|57.25|97.86%|94.8|", "|合计||58.50|50.00|8.50|0|57.25|97.86%|94.8|"
    )
    assert broken(table + right, "X.P") == []
    wrong = summary(
        "1|泵站检修|临溪县水利站|58.50|48.50|10.00|0|57.25|97.86%|98.4|",
        "|合计||58.50|48.50|10.00|0|57.25|97.86%|98.4|",
    )
    assert set(broken(table + wrong, "X.P")) == {
        ("X.P02-P03.sources.appropriation", "48.5", "50"),
        ("X.P02-P03.sources.carried_over", "10", "8.5"),
        ("X.P02-P03.score", "98.4", "94.8"),
    }
    other = summary("1|泵站检修维护|临溪县水利站|58.50|50.00|8.50|0|57.25|97.86%|94.8|")
    assert [rule for rule, *_ in broken(table + other, "name")] == ["X.P02-P03.name"]
    another = summary("1|干渠清淤|临溪县水利站|12.00|12.00|0|0|12.00|100%|99|")
    assert broken(table + another, "name") == []


def test_the_summary_may_list_more_projects_than_have_a_table_of_their_own() -> None:
    table = project(["检修泵站数量|≥24座|24座|90|85|天旱"], "泵站检修", FUNDS)
    more = summary(
        "1|泵站检修|临溪县水利站|58.50|50.00|8.50|0|57.25|97.86%|94.8|",
        "2|干渠清淤|临溪县水利站|12.00|12.00|0|0|12.00|100%|99|",
        "|合计||70.50|62.00|8.50|0|69.25|98.23%||",
    )
    assert broken(table + more, "X.P02-P03.total") == []


def test_a_table_printed_twice_says_the_same_both_times_and_two_projects_of_one_name_are_no_copies() -> None:
    rows = ["检修泵站数量|≥24座|24座|90|85|天旱"]
    again = project(rows, "泵站检修", ("60\t58.50\t57.25\t10\t97.86%\t9.6", *FUNDS[1:]), total="94.8")
    assert broken(project(rows, "泵站检修", FUNDS, total="94.8") + again, "copies") == [("P02.copies", "9.6", "9.8")]
    unit = project(
        rows, "泵站检修", ("30\t29.50\t29.50\t10\t100%\t10", "30\t29.50\t29.50\t—\t100%\t—", "0\t0\t0\t—\t—\t—")
    )
    assert broken(project(rows, "泵站检修", FUNDS, total="94.8") + unit, "copies") == []


def test_more_than_the_budget_is_not_spent() -> None:
    spent = project(["检修泵站数量|≥24座|24座|90|85|"], "泵站检修", ("60\t58.50\t61.20\t10\t104.62%\t10",))
    assert broken(spent, "overspent") == [("P02.overspent", "61.2", "58.5")]


def test_the_number_of_projects_evaluated_is_held_against_the_summary() -> None:
    rows = summary(
        "1|泵站检修|临溪县水利站|58.50|50.00|8.50|0|57.25|97.86%|94.8|",
        "2|干渠清淤|临溪县水利站|12.00|12.00|0|0|12.00|100%|99|",
        "|合计||70.50|62.00|8.50|0|69.25|98.23%||",
    )
    text = "临溪县水利站2023年度部门决算\n第四部分 2023年度预算绩效情况说明\n一、绩效管理情况\n组织对{}个项目开展了绩效自评。\n"
    assert broken(text.format(2) + rows, "N.projects") == []
    assert broken(text.format(3) + rows, "N.projects") == [("N.projects.listed", "3", "2")]
