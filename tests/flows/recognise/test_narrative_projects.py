"""What the text says of projects and activities, held against their tables and against other passages."""

from __future__ import annotations

import pytest

from tests.flows.recognise.judged import broken, project

FUNDS = ("60\t58.50\t57.25\t10\t97.86%\t9.8", "50\t50.00\t49.00\t—\t98%\t—", "10\t8.50\t8.25\t—\t97.06%\t—")
ROWS = ("举办水利业务培训班次数|≥4期|100%|20|20|", "检修泵站|≥24座|26座|40|40|", "灌溉水利用合格率|≥90%|93%|30|30|")


BEGINNING = ("临溪县水利站2023年度部门决算", "第四部分 2023年度预算绩效情况说明")


def account(*lines: str, under: str = "（一）泵站检修项目绩效自评情况") -> str:
    """The performance chapter of an account: a project's table, and what is said of it."""
    table = project(ROWS, "泵站检修", FUNDS, total="99.8")
    return "\n".join([*BEGINNING, "一、项目支出绩效自评情况", under, "", table, "", *lines, ""])


def found(text: str, begin: str = "N.") -> list[tuple[str, str | None, str | None]]:
    return sorted(set(broken(text, begin)))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("项目资金支出合计52.75万元，用于更换水泵。", ("N.project.amount", "52.75", "57.25")),
        ("项目年初预算85万元，由县财政安排。", ("N.project.amount", "85", "60")),
        ("截至2023年12月31日，项目资金支出57.25万元，结余1.25元。", ("N.project.balance", "1.25", "12500")),
        ("项目资金支出57.25万元，结余2.15万元。", ("N.project.balance", "2.15", "1.25")),
        ("预算执行率目标值为100%，实际完成89.76%。", ("N.rate.execution", "89.76", "97.86")),
        ("灌溉水利用合格率目标值为95%，实际完成93%。", ("N.rate.target", "95", "90")),
        ("灌溉水利用合格率达到98%。", ("N.rate.achieved", "98", "93")),
        ("该项目预算执行率达到100%。", ("N.rate.execution", "100", "97.86")),
        ("2023年泵站检修项目年初预算85万元。", ("N.project.amount", "85", "60")),
        ("全年检修泵站22座。", ("N.activity.achieved", "26", "22")),
        ("共检修22座泵站设备，完好率提升。", None),
        ("当年举办水利业务培训班3期。", ("N.activity.target", "4", "3")),
    ],
)
def test_what_is_said_of_a_project_agrees_with_its_table(sentence: str, expected: tuple[str, str, str] | None) -> None:
    assert found(account(sentence)) == ([expected] if expected else [])


@pytest.mark.parametrize(
    "sentence",
    [
        "项目资金支出合计57.25万元。",
        "项目资金支出49万元，全部为财政拨款。",
        "项目资金支出57.25万元，其中：购置水泵支出30万元，人工支出27.25万元。",
        "项目年初预算60万元，年中调减1.50万元，全年支出57.25万元，结余1.25万元。",
        "项目资金支出57.25万元，结余1.25万元。",
        "项目资金支出约57万元。",
        "2022年项目资金支出41.30万元。",
        "预算执行率目标值为100%，实际完成97.86%。",
        "预算执行率98%。",
        "灌溉水利用合格率≥90%，完成93%。",
        "全年检修泵站26座，其中上半年检修泵站12座。",
        "计划检修泵站24座。",
        "每季度检修泵站6座。",
        "当年举办水利业务培训班5期。",
        "更换水泵购置费预算20万元，支出18万元，执行率90%。",
    ],
)
def test_what_agrees_with_a_project_is_silent(sentence: str) -> None:
    assert found(account(sentence)) == []


def test_an_amount_named_after_a_project_is_held_against_its_table_under_the_evaluation_alone() -> None:
    said = "泵站检修预算85万元，支出57.25万元。"
    assert found(account(said, under="（一）自评结果"), "N.project") == [("N.project.amount", "85", "58.5")]
    elsewhere = (
        account("水利工作顺利。")
        + "\n第五部分 2023年度部门决算情况说明\n五、其他重要事项的情况说明\n泵站检修预算85万元，支出57.25万元。\n"
    )
    assert found(elsewhere, "N.project") == []


def test_an_activity_told_twice_within_a_project_is_counted_alike() -> None:
    told = ("1.项目产出情况。组织开展水库安全隐患排查12次，培训灌区管护人员320人次。",)
    assert (
        found(account(*told, "2.项目效益情况。通过开展水库安全隐患排查12次，培训灌区管护人员320人次，确保安全度汛。"))
        == []
    )
    assert found(account(*told, "2.项目效益情况。通过开展水库安全隐患排查21次，确保安全度汛。")) == [
        ("N.activity.more", "21", "12")
    ]
    assert found(account(*told, "2.项目效益情况。培训灌区管护人员230人次，能力增强。")) == [
        ("N.activity.less", "230", "320")
    ]
    assert found(account(*told, "2.项目效益情况。培训灌区管护人员300余人次，能力增强。")) == []
    assert found(account(*told, "2.项目效益情况。培训灌区管护人员500余人次，能力增强。")) == [
        ("N.activity.more", "500", "320")
    ]


def test_aims_and_several_occasions_of_one_kind_are_no_contradictions() -> None:
    told = "1.项目产出情况。组织开展水库安全隐患排查12次。"
    assert found(account("总体目标：组织开展水库安全隐患排查10次。", told)) == []
    assert found(account(told, "2.汛期开展水库安全隐患排查3次，灌溉期开展水库安全隐患排查5次。")) == []
    assert found(account(told, "2.上半年开展水库安全隐患排查5次。")) == []
    assert found(account(told, "2.开展水库白蚁危害排查3次。")) == []


def test_what_a_summary_tells_less_of_is_held_against_the_project_and_sums_over_projects_are_not() -> None:
    own = account("项目产出情况。组织开展小型水库安全隐患排查12次。")
    whole = "二、部门整体支出绩效自评情况\n全年组织开展小型水库安全隐患排查{}次。\n"
    assert found(own + whole.format(9)) == [("N.activity.less", "9", "12")]
    assert found(own + whole.format(12)) == []
    second = project(ROWS, "干渠清淤", FUNDS, total="99.8")
    other = f"（二）干渠清淤项目绩效自评情况\n\n{second}\n\n项目产出情况。组织开展小型水库安全隐患排查4次。\n"
    assert found(own + other + whole.format(9)) == []


def test_a_rate_of_the_funds_is_the_same_wherever_a_passage_states_it() -> None:
    text = "\n".join(
        [
            *BEGINNING,
            "一、部门整体支出绩效自评情况",
            "1.投入情况。资金到位率目标值为100%，实际完成100%。",
            "2.过程情况。经核查，资金到位率为{}%。",
            "",
        ]
    )
    table = project(ROWS, "泵站检修", FUNDS, total="99.8")
    assert found(text.format("92.5") + table) == [("N.rate.repetition", "92.5", "100")]
    assert found(text.format("100") + table) == []


def test_grades_agree_with_their_scores() -> None:
    right = ("自评得分92.5分，自评等级为优。", "自评得分85分，评价结果为“良”。", "平均得分85分，A项目评价等级为优。")
    for sentence in right:
        assert found(account(sentence), "N.grade") == []
    assert [rule for rule, *_ in found(account("该项目自评得分81分，评价等级为“优”。"), "N.grade")] == ["N.grade"]
    assert [rule for rule, *_ in found(account("综合得分95.2分，自评结果为良好。"), "N.grade")] == ["N.grade"]


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("按照每人100元的标准为320人投保，共支出3.20万元。", True),
        ("按照每人100元的标准为320人投保，共支出3.80万元。", False),
        ("按每亩补助15元，惠及农户1200户，共发放补助5.4万元。", True),
        ("每户补助500元，共补助160户，补助资金合计8万元。", True),
        ("每户补助500元，共补助160户，补助资金合计0.8万元。", False),
        ("按每人每月300元的标准为20人发放补助，共7.2万元。", True),
        ("按照每人约100元的标准为320人投保，共支出3.80万元。", True),
    ],
)
def test_a_price_times_its_number_is_the_total(sentence: str, right: bool) -> None:
    assert [rule for rule, *_ in found(account(sentence))] == ([] if right else ["N.price"])


def test_the_number_of_projects_and_their_grades_agree_with_the_tables() -> None:
    table = project(ROWS, "泵站检修", FUNDS, total="99.8") + project(ROWS, "干渠清淤", FUNDS, total="85")
    text = (
        "\n".join(BEGINNING)
        + "\n一、绩效自评情况\n组织对{}个项目开展了绩效自评，其中评价为“优”的项目{}个，评价为“良”的项目{}个。\n"
    )
    assert found(text.format(2, 1, 1) + table, "N.projects") == []
    assert {rule for rule, *_ in found(text.format(2, 2, 0) + table)} >= {"N.projects.graded"}
    assert found(text.format(1, 1, 0) + table, "N.projects") == [("N.projects.own", "1", "2")]
    assert found(text.format(9, 8, 1) + table, "N.projects") == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("项目全年预算数为58.50万元，执行数为57.25万元，完成预算的97.86%。", None),
        ("项目自评得分为99.8分。", None),
        ("项目自评得分为98.9分。", ("N.project.score", "98.9", "99.8")),
        ("项目全年预算数为85.50万元，主要用于更换水泵。", ("N.project.amount", "85.5", "58.5")),
        ("主要产出和效果：一是检修泵站26座；二是培训管护人员320人次。", None),
        ("主要产出和效果：一是检修泵站22座；二是培训管护人员320人次。", ("N.activity.achieved", "26", "22")),
    ],
)
def test_a_paragraph_that_opens_with_a_project_speaks_of_it(said: str, expected: tuple[str, str, str] | None) -> None:
    summed = f"泵站检修项目绩效自评综述：根据年初设定的绩效目标，{said}"
    assert found(account(summed, under="（二）部门决算中项目绩效自评结果")) == ([expected] if expected else [])
