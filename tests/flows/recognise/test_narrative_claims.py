"""Quantities become claims: which numbers state something, of what, in which direction."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flows.read.document import Place
from flows.recognise.disclosure import FormRow
from tests.flows.recognise.told import OFFICE, tell

INCOME = ("第三部分 2024年度部门决算情况说明", "二、收入决算情况说明")
EXPENDITURE = ("第三部分 2024年度部门决算情况说明", "三、支出决算情况说明")
GENERAL = ("第三部分 2024年度部门决算情况说明", "五、一般公共预算财政拨款支出决算情况说明")
THREE_PUBLIC = ("第三部分 2024年度部门决算情况说明", "七、财政拨款“三公”经费支出决算情况说明")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("支出合计12.50万元。", ("amount", "12.50", "万元")),
        ("支出合计1,234,567.80元。", ("amount", "1234567.80", "元")),
        ("展览经费预算10万，已支付。", ("amount", "10", "万元")),
        ("占35.20%。", ("share", "35.20", "%")),
        ("比上年增加1.50万元。", ("change_amount", "1.50", "万元")),
        ("比上年下降3.2%。", ("change_pct", "3.2", "%")),
        ("完成年初预算的98.5%。", ("completion_pct", "98.5", "%")),
        ("预算执行率97.00%。", ("completion_pct", "97.00", "%")),
        ("公务用车保有量3辆。", ("count", "3", "辆")),
        ("印制宣传资料3000余份。", ("count", "3000", "份")),
        ("大型设备2台（套）。", ("count", "2", "台（套）")),
        ("平均得分98.5分。", ("score", "98.5", "分")),
        ("年初预算为0，支出决算为5万元。", ("amount", "0", "")),
    ],
)
def test_kind_value_and_unit(text, expected):
    assert tell(text).kinds()[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "根据青政发〔2020〕11号文件，2024年3月15日第68次会议决定。",
        "行政单位离退休（01项）安排支出。",
        "2024年度，截至12月31日。",
        "第3期培训班已经开办。",
    ],
)
def test_dates_ordinals_and_codes_state_nothing(text):
    assert tell(text).claims == ()


def test_a_threshold_in_a_definition_is_not_the_claim_but_the_count_behind_it_is():
    assert tell("单价100万元（含）以上设备2台（套）。").kinds() == [("count", "2", "台（套）")]


def test_both_ends_of_a_range_are_claims():
    assert [value for _, value, _ in tell("全年督查6-10轮。").kinds()] == ["6", "10"]


@pytest.mark.parametrize("chapter", ["第五部分 名词解释", "第一部分 青石县档案馆概况"])
def test_glossary_and_overview_state_no_accounts(chapter):
    assert tell("本馆设13个科室，另有5名职工，经费10万元。", under=(chapter,)).claims == ()


def test_two_numbers_before_one_unit_are_two_claims():
    assert tell("收、支总计各是12.50、13.50万元。").kinds() == [
        ("amount", "12.50", "万元"),
        ("amount", "13.50", "万元"),
    ]


def test_an_amount_beyond_the_budget_is_a_change():
    told = tell("年初预算为10.00万元，支出决算为12.00万元，决算数大于预算数2.00万元。", under=GENERAL)
    assert (told.claim("2.00").kind, told.claim("2.00").direction) == ("change_amount", "up")
    assert told.of("change_amount")[0]["prior"] == "10.00"


def test_a_base_with_its_own_noun_changes_the_subject():
    told = tell("本年收入50.00万元，支出40.00万元，比上年收入增加5.0%。", under=INCOME)
    assert told.claim("5.0").subject == "收入"


def test_precision_is_that_of_the_printed_number():
    told = tell("支出合计12.50万元，占35%。")
    assert [claim.ulp for claim in told.claims] == [Decimal("0.01"), Decimal("1")]


def test_a_claim_spans_its_number_within_its_sentence():
    told = tell("说明如下。支出合计12.50万元。")
    (claim,) = told.claims
    assert told.sentences[claim.sentence].text[claim.start : claim.end] == "12.50万元"


def test_the_subject_is_inherited_along_an_item():
    told = tell(
        "1、教育支出（类）普通教育（款）小学教育（项）。主要用于：学校开支。年初预算为10.00万元，支出决算为9.00万元。",
        under=GENERAL,
    )
    assert [claim.subject for claim in told.claims] == ["小学教育 年初预算", "小学教育 支出决算"]


def test_the_subject_of_a_new_sentence_is_the_head_of_the_list_before_it():
    told = tell(
        "本年支出合计100.00万元，其中：基本支出60.00万元；项目支出40.00万元。较上年增加5.00万元。", under=EXPENDITURE
    )
    assert told.claim("5.00").subject == "本年支出合计"


def test_organisation_year_and_we_are_not_part_of_a_name():
    told = tell(f"{OFFICE}2024年度收入合计80.00万元。", "2024年度本部门机关运行经费支出5.00万元。", under=INCOME)
    assert [claim.subject for claim in told.claims] == ["收入合计", "机关运行经费支出"]


def test_respectively_deals_amounts_out_to_names():
    told = tell("基本支出和项目支出分别为60.00万元和40.00万元。", under=EXPENDITURE)
    assert [(claim.subject, str(claim.value)) for claim in told.claims] == [
        ("基本支出", "60.00"),
        ("项目支出", "40.00"),
    ]


def test_respectively_knows_a_name_with_and_from_two_names():
    told = tell("商品和服务支出、资本性支出分别为60.00万元和40.00万元。", under=EXPENDITURE)
    assert [claim.subject for claim in told.claims] == ["商品和服务支出", "资本性支出"]


def test_a_row_of_amounts_without_respectively_means_no_figure():
    told = tell("本年支出合计60.00万元、40.00万元，比上年增加5.00万元。", under=EXPENDITURE)
    assert {claim.concept for claim in told.claims} == {""}
    assert "current" not in told.of("change_amount")[0]


@pytest.mark.parametrize(
    ("under", "text", "concept"),
    [
        (INCOME, "本年收入合计80.00万元。", "T02/合计/本年收入合计"),
        (INCOME, "事业收入80.00万元。", "T02/合计/事业收入"),
        (EXPENDITURE, "项目支出80.00万元。", "T03/合计/项目支出"),
        (GENERAL, "一般公共预算财政拨款支出80.00万元。", "T05/合计/合计"),
        (GENERAL, "教育支出（类）80.00万元。", "T05/205/合计"),
        (GENERAL, "教育支出（205类）普通教育（02款）小学教育（02项）80.00万元。", "T05/2050202/合计"),
        (THREE_PUBLIC, "公务接待费支出决算为80.00万元。", "T07/公务接待费/决算数"),
        (THREE_PUBLIC, "公务接待费支出预算为80.00万元。", "T07/公务接待费/预算数"),
        (THREE_PUBLIC, "国内公务接待80批次。", "国内接待批次"),
        (THREE_PUBLIC, "国内公务接待80人次。", "国内接待人次"),
        (EXPENDITURE, "机关运行经费支出80.00万元。", "机关运行经费"),
    ],
)
def test_concept_by_section_and_name(under, text, concept):
    assert tell(text, under=under).claims[0].concept == concept


@pytest.mark.parametrize(
    ("heading", "concept"),
    [
        ("五、政府性基金预算财政拨款支出决算情况说明", "T08/合计/本年支出"),
        ("五、一般公共预算财政拨款支出决算情况说明", "T03/合计/本年支出合计"),
        ("三、支出决算情况说明", "T03/合计/本年支出合计"),
    ],
)
def test_a_general_heading_below_a_particular_one_changes_nothing(heading, concept):
    told = tell("（一）支出决算总体情况", "本年支出5.00万元。", under=("第三部分 情况说明", heading))
    assert told.claims[0].concept == concept


def test_an_approximate_amount_quotes_no_figure():
    assert tell("机关运行经费支出约5.00万元。").claims[0].concept == ""


def test_a_change_of_a_count_is_not_the_count():
    told = tell("公务用车保有量3辆，比上年减少1辆。", under=THREE_PUBLIC)
    assert [claim.concept for claim in told.claims] == ["公务用车保有量", ""]


def test_an_item_is_found_among_the_rows_of_its_form():
    rows = [
        FormRow("T05", "", "205", "205", "教育支出", 1, "", 0, Place(page=1)),
        FormRow("T05", "", "20502", "20502", "普通教育", 2, "205", 1, Place(page=1)),
        FormRow("T05", "", "2050202", "2050202", "小学教育", 3, "20502", 2, Place(page=1)),
    ]
    told = tell("1、教育支出（类）普通教育（款）小学教育（项）。支出决算为9.00万元。", under=GENERAL, rows=rows)
    assert told.claims[0].concept == "T05/2050202/合计"


def test_last_years_amount_means_no_figure_of_this_year():
    told = tell("机关运行经费2023年决算数为7.00万元，2024年支出决算为8.00万元。")
    assert told.claim("7.00").concept == ""
    assert told.claim("7.00").year == 2023


def test_a_change_keeps_its_direction_and_base():
    told = tell("机关运行经费支出10.00万元，比2023年度减少2.00万元，下降16.67%。")
    assert [(claim.direction, claim.base) for claim in told.claims[1:]] == [("down", "2023年度"), ("down", "2023年度")]


def test_a_template_alternative_left_standing_has_no_direction():
    told = tell("机关运行经费支出10.00万元，比2023年度增加（减少）2.00万元。")
    assert told.claim("2.00").direction == "none"
    assert told.of("change_amount") == []


def test_the_outturn_takes_the_direction_of_its_comparison():
    told = tell("全年预算为10.00万元，支出决算为9.00万元。决算数小于预算数的主要原因是节约。", under=GENERAL)
    assert told.claim("9.00").direction == "down"


def test_the_expenditure_of_a_project_is_not_that_of_the_department():
    under = ("第四部分 2024年度部门绩效评价情况", "二、科普活动项目绩效评价报告", "（一）项目概况")
    assert tell("项目预算100.00万元，全年支出98.00万元。", under=under).claim("98.00").concept == ""
