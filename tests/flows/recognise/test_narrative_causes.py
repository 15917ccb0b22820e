"""Causes given for a change, years of one thing, and quantities that cannot be."""

from __future__ import annotations

import pytest

from tests.flows.recognise.judged import broken
from tests.flows.recognise.told import tell


def causes(text: str) -> list[tuple[str, str]]:
    return [(one["direction"], one["cause"]) for one in tell(text).of("cause")]


@pytest.mark.parametrize(
    "text",
    [
        "住房保障支出年初预算为30万元，支出决算为42万元，决算数大于年初预算数的主要原因是人员调出。",
        "机关运行经费支出42万元，比上年增加3.50万元，增长9.09%，主要原因是厉行节约，压缩一般性支出。",
        "公务接待费支出决算为2万元，较上年增长12.5%，主要原因是从严控制公务接待开支。",
    ],
)
def test_a_cause_that_points_down_does_not_explain_an_increase(text: str) -> None:
    assert causes(text) == [("up", "down")]


def test_a_cause_that_points_up_does_not_explain_a_decrease() -> None:
    assert causes("支出决算为42万元，比上年减少3.50万元，主要原因是在职人员增加，工资标准提高。") == [("down", "up")]


@pytest.mark.parametrize(
    "text",
    [
        "支出决算为42万元，比上年减少3.50万元，主要原因是上年人员增加。",
        "支出决算为42万元，决算数小于年初预算数，主要原因是新增人员未到位。",
        "支出决算为42万元，比上年增加3.50万元，主要原因是人员变动及工资津贴补贴政策调整。",
        "支出决算为42万元，比上年增加3.50万元，主要原因是人员增加，同时压减会议费支出。",
        "行政单位离退休支出决算为42万元，比上年增加3.50万元，主要原因是在职人员退休、人员减少。",
        "支出决算为42万元，决算数小于年初预算数，比上年增加3.50万元，主要原因是厉行节约。",
        "支出决算为42万元，比上年增加3.50万元，主要原因是减少了公务用车维修。",
    ],
)
def test_a_cause_that_may_point_either_way_is_left_alone(text: str) -> None:
    assert [one for one in causes(text) if one[0] != one[1]] == []


def test_the_amounts_given_as_causes_are_held_against_the_change() -> None:
    told = tell("支出决算为142万元，比上年增加50万元，主要原因是新增泵站检修项目3万元、渠道清淤项目2万元。")
    assert told.of("explained") == [{"change": "50"}]
    assert told.parts("explained") == [["3", "2"]]
    assert tell("支出决算为142万元，比上年增加50万元。其中：基本支出100万元。").of("explained") == []
    both = "支出决算为142万元，比上年增加50万元，主要原因是人员经费增加60万元、公用经费减少10万元。"
    assert tell(both).of("explained") == []


def years(text: str) -> list[str]:
    under = ("第四部分 2024年度预算绩效情况说明", "一、评价目的")
    return [one["year"] for one in tell(text, under=under).of("year") if one["context"] == "同一事项"]


def test_one_thing_is_not_of_two_years_in_one_sentence() -> None:
    assert years("本次评价围绕2024年水利管护经费的绩效，旨在了解2023年水利管护经费的使用情况。") == ["2023"]
    assert years("本次评价围绕2024年水利管护经费，与2023年水利管护经费相比效果更好。") == []
    assert years("本次评价围绕2024年水利管护经费，并延伸至2023年度结转项目。") == []
    assert years("项目于2023年立项，2024年水利管护经费全部到位。") == []


ACCOUNT = """临溪县水利站2023年度部门决算
第三部分 2023年度部门决算情况说明
七、“三公”经费支出决算情况说明
{said}
"""


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("全年因公出国（境）团组5个，累计2人次。", "N.abroad.persons"),
        ("国内公务接待96批次、12人次。", "N.receptions.guests"),
        ("公务用车购置数6辆，公务用车保有量1辆。", "N.vehicles.bought"),
    ],
)
def test_quantities_that_cannot_be_are_found(said: str, rule: str) -> None:
    assert [found for found, *_ in broken(ACCOUNT.format(said=said), "N.")] == [rule]


@pytest.mark.parametrize(
    "said",
    [
        "全年因公出国（境）团组2个，累计5人次。",
        "国内公务接待12批次、96人次。",
        "公务用车购置数0辆，公务用车保有量6辆。",
        "全年因公出国（境）团组0个，累计0人次；国内公务接待0批次、0人次。",
    ],
)
def test_quantities_that_can_be_are_left_alone(said: str) -> None:
    assert broken(ACCOUNT.format(said=said), "N.") == []


ASSETS = """临溪县水利站2023年度部门决算
第三部分 2023年度部门决算情况说明
十二、国有资产占用情况
本单位共有车辆6辆，其中：机要通信用车1辆、执法执勤用车3辆、其他用车{others}辆。
"""


def test_vehicles_are_counted_exactly() -> None:
    assert broken(ASSETS.format(others=2), "N.") == []
    assert [found for found, *_ in broken(ASSETS.format(others=1), "N.")] == ["N.sum"]
