"""Claims that must agree: shares, changes, completion, comparisons, lists, quotations and years."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flows.read.document import Place
from flows.recognise.disclosure import Figure
from tests.flows.recognise.test_narrative_claims import EXPENDITURE, GENERAL, INCOME, THREE_PUBLIC
from tests.flows.recognise.told import tell

PERFORMANCE = ("第四部分 预算绩效情况说明", "一、预算绩效管理工作开展情况")


def _figure(id_: str, value: str) -> Figure:
    form, row, column = id_.split("/")
    return Figure(id_, form, "", row, column, Decimal(value), "万元", Decimal("0.01"), value, Place(page=1))


# ------------------------------------------------------------------------------------------------------------- shares


def test_an_unnamed_share_is_of_the_whole_of_its_list():
    told = tell(
        "本年收入合计80.00万元，其中：财政拨款收入60.00万元，占75.00%；事业收入20.00万元，占25.00%。", under=INCOME
    )
    assert [(share["part"], share["whole"]) for share in told.of("share")] == [("60.00", "80.00"), ("20.00", "80.00")]
    assert told.parts("share_list") == [["75.00", "25.00"]]
    assert told.of("share_list") == [{"complete": "yes"}]


def test_a_named_base_is_the_claim_of_that_name():
    told = tell(
        "政府采购支出总额30.00万元，其中：政府采购货物支出30.00万元。授予中小企业合同金额15.00万元，占政府采购支出总额的50%。"
    )
    assert told.of("share") == [{"rate": "50", "part": "15.00", "whole": "30.00", "base_named": "政府采购支出总额"}]


def test_a_base_of_another_form_is_its_figure():
    told = tell(
        "一般公共预算财政拨款支出90.00万元，占本年支出合计的90%。",
        under=GENERAL,
        figures=[_figure("T03/合计/本年支出合计", "100.00")],
    )
    assert told.of("share")[0]["whole"] == "T03/合计/本年支出合计"


def test_an_unknown_base_is_left_out():
    told = tell("展览经费9.00万元，占部门机动财力的3%。")
    assert "whole" not in told.of("share")[0]


def test_a_whole_named_before_among_is_the_base():
    told = tell("全年支出100.00万元。全年支出中基本支出60.00万元，占60%；项目支出40.00万元，占40%。", under=PERFORMANCE)
    assert [share["whole"] for share in told.of("share")] == ["100.00", "100.00"]


def test_a_share_of_the_items_own_budget_is_a_completion_rate():
    told = tell("年初预算为10.00万元，支出决算为9.00万元，占年初预算的90%。", under=GENERAL)
    assert told.of("share") == []
    assert [(c["outturn"], c["budget"]) for c in told.of("completion")] == [("9.00", "10.00")]


def test_a_slip_of_unit_that_a_form_shows_is_not_reported_again_by_share_and_sum():
    text = "本年支出合计100.00万元，其中：基本支出60.00万元，占60%；项目支出40.00元，占40%。"
    alone = tell(text, under=EXPENDITURE)
    assert [("whole" in share) for share in alone.of("share")] == [True, True]
    cited = tell(text, under=EXPENDITURE, figures=[_figure("T03/合计/项目支出", "40.00")])
    assert [("whole" in share) for share in cited.of("share")] == [True, False]
    assert (len(alone.of("sum")), len(cited.of("sum"))) == (1, 0)


# ----------------------------------------------------------------------------------------------------- completion rates


def test_completion_is_of_the_budget_that_is_named():
    told = tell("年初预算为8.00万元，全年预算为10.00万元，支出决算为9.00万元，完成年初预算的112.50%。", under=GENERAL)
    (rate,) = told.of("completion")
    assert (rate["outturn"], rate["budget"], rate["base_named"]) == ("9.00", "8.00", "年初预算")
    assert (rate["initial_budget"], rate["full_year_budget"]) == ("8.00", "10.00")


def test_a_budget_that_is_not_stated_is_left_out():
    told = tell("全年预算为10.00万元，支出决算为9.00万元，完成年初预算的90%。", under=GENERAL)
    assert "budget" not in told.of("completion")[0]


def test_completion_of_three_public_expenses_falls_back_on_the_form():
    told = tell(
        "公务接待费支出决算为0.90万元，完成预算的90%。",
        under=THREE_PUBLIC,
        figures=[_figure("T07/公务接待费/预算数", "1.00")],
    )
    assert told.of("completion")[0]["budget"] == "T07/公务接待费/预算数"


def test_an_execution_rate_needs_budget_and_outturn_of_one_item():
    told = tell("展览经费预算10.00万元，实际支出9.50万元，支出率95%。资金到位率100%。", under=PERFORMANCE)
    assert [(c["rate"], c["outturn"], c["budget"]) for c in told.of("completion")] == [("95", "9.50", "10.00")]


# -------------------------------------------------------------------------------------------------------------- changes


def test_a_change_in_percent_goes_with_the_change_in_amount_before_it():
    told = tell("机关运行经费支出10.00万元，比2023年度减少2.00万元，下降16.67%。")
    (rate,) = told.of("change_pct")
    assert (rate["rate"], rate["change"], rate["current"], rate["direction"]) == ("16.67", "2.00", "10.00", "down")


def test_last_years_figure_is_the_prior_amount():
    told = tell("机关运行经费支出10.00万元，与2023年决算数12.00万元相比减少2.00万元。")
    (change,) = told.of("change_amount")
    assert (change["current"], change["prior"], change["change"]) == ("10.00", "12.00", "2.00")


def test_the_outturn_not_the_budget_is_the_current_amount():
    told = tell("“三公”经费全年预算数为5.00万元，支出决算为4.00万元。较上年决算数增加1.00万元。", under=THREE_PUBLIC)
    assert told.of("change_amount")[0]["current"] == "4.00"


def test_a_change_behind_the_last_part_of_a_list_is_ambiguous():
    told = tell(
        "本年支出合计100.00万元，其中：基本支出60.00万元，项目支出40.00万元，比上年增加5.00万元。", under=EXPENDITURE
    )
    assert "current" not in told.of("change_amount")[0]


def test_a_cut_leads_from_one_budget_to_the_next():
    told = tell("展览经费预算10万元，财政压减5%，实际预算9.5万元。", under=PERFORMANCE)
    assert [(c["rate"], c["prior"], c["current"]) for c in told.of("change_pct")] == [("5", "10", "9.5")]


def test_a_change_against_the_budget_is_measured_from_the_budget():
    told = tell("一般公共预算财政拨款支出95.00万元。与年初预算90.00万元相比，增加5.00万元，增长5.56%。", under=GENERAL)
    (change,) = told.of("change_amount")
    assert (change["current"], change["prior"]) == ("95.00", "90.00")


# ---------------------------------------------------------------------------------------------------------- comparisons


@pytest.mark.parametrize(
    ("text", "direction", "against"),
    [
        ("决算数小于预算数的主要原因是节约。", "down", "10.00"),
        ("决算数小于全年预算数。", "down", "10.00"),
        ("决算数与全年预算数持平。", "flat", "10.00"),
        ("本年预决算相比无变化。", "flat", "10.00"),
        ("决算数大于预算数的主要原因是追加。", "up", "8.00"),
        ("决算数大于全年预算数。", "up", "10.00"),
    ],
)
def test_a_comparison_names_its_direction_and_a_budget_it_is_true_of(text, direction, against):
    told = tell("年初预算为8.00万元，全年预算为10.00万元，支出决算为9.00万元。" + text, under=GENERAL)
    assert told.of("comparison") == [{"compared": "9.00", "against": against, "direction": direction}]


def test_a_comparison_left_undecided_is_none():
    told = tell("全年预算为10.00万元，支出决算为9.00万元。决算数大于（小于）预算数的主要原因。", under=GENERAL)
    assert told.of("comparison") == []


def test_a_reason_that_compares_something_else_is_no_comparison_of_the_item():
    told = tell("年初预算为10.00万元，支出决算为9.00万元，差旅费支出决算数大于预算数。", under=GENERAL)
    assert told.of("comparison") == []


# ---------------------------------------------------------------------------------------------------------------- lists


def test_parts_of_a_partition_make_up_the_whole():
    told = tell("本年支出合计100.00万元，其中：基本支出60.00万元；项目支出40.00万元。", under=EXPENDITURE)
    assert told.of("sum") == [{"whole": "100.00", "complete": "yes"}]
    assert told.parts("sum") == [["60.00", "40.00"]]


def test_a_list_of_examples_is_open():
    told = tell("公用经费10.00万元，主要包括办公费3.00万元、差旅费2.00万元。")
    assert told.of("sum") == [{"whole": "10.00", "complete": "open"}]


def test_parts_in_brackets_belong_to_the_amount_before_them():
    told = tell(
        "主要包括：人员经费60.00万元、其他补助9.00万元（其中：退休费7.00万元、奖励金2.00万元）、公用经费5.00万元。"
    )
    assert told.parts("sum") == [["7.00", "2.00"]]


def test_what_follows_a_partition_is_no_part_of_it():
    told = tell(
        "政府采购支出总额30.00万元，其中：货物支出10.00万元、工程支出5.00万元、服务支出15.00万元；授予中小企业合同金额28.00万元。"
    )
    assert told.parts("sum") == [["10.00", "5.00", "15.00"]]


def test_the_tail_of_an_inner_list_returns_to_the_list_around_it():
    told = tell(
        "“三公”经费支出决算为8.00万元，其中：因公出国（境）费0.00万元，公务用车购置及运行维护费5.00万元，其中：公务用车购置费1.00万元、"
        "公务用车运行维护费4.00万元，公务接待费3.00万元。",
        under=THREE_PUBLIC,
    )
    assert told.parts("sum") == [["0.00", "5.00", "3.00"], ["1.00", "4.00"]]


def test_a_second_division_of_the_whole_begins_a_new_list():
    told = tell(
        "支出合计10.00万元，其中：按功能分类科目，教育支出6.00万元，其他支出4.00万元，按经济分类科目，工资7.00万元，商品3.00万元。",
        under=EXPENDITURE,
    )
    assert told.parts("sum") == [["6.00", "4.00"], ["7.00", "3.00"]]


def test_budgets_and_outturns_of_a_list_add_up_apart():
    told = tell(
        "“三公”经费支出预算为6.00万元，支出决算为5.00万元，其中：因公出国（境）费支出预算为1.00万元，支出决算为0.00万元；"
        "公务用车购置及运行维护费支出预算为4.00万元，支出决算为4.00万元；公务接待费支出预算为1.00万元，支出决算为1.00万元。",
        under=THREE_PUBLIC,
    )
    assert sorted(told.parts("sum")) == [["0.00", "4.00", "1.00"], ["1.00", "4.00", "1.00"]]


def test_numbered_items_make_up_the_amount_that_announces_them():
    told = tell(
        "一般公共预算财政拨款支出年初预算为30.00万元，支出决算为28.00万元，完成年初预算的93.33%。其中：",
        "1、教育支出（类）普通教育（款）小学教育（项）。年初预算为20.00万元，支出决算为19.00万元。",
        "2、教育支出（类）普通教育（款）初中教育（项）。年初预算为10.00万元，支出决算为9.00万元。",
        under=GENERAL,
    )
    assert told.parts("sum") == [["19.00", "9.00"], ["20.00", "10.00"]]


def test_a_list_of_one_part_is_no_sum():
    assert tell("授予中小企业合同金额7.00万元，其中：授予小微企业合同金额5.00万元。").of("sum") == []


# ---------------------------------------------------------------------------------------------- quotations and years


def test_an_amount_quoted_from_a_form_is_a_citation_read_or_not():
    told = tell("本年收入合计80.00万元。", under=INCOME)
    assert told.of("citation") == [{"stated": "80.00", "printed": "T02/合计/本年收入合计", "form": "T02"}]


def test_the_same_quantity_again_is_a_repetition():
    told = tell("国内公务接待4批次36人。", "（三）实物量情况", "国内公务接待5批次36人。", under=THREE_PUBLIC)
    assert [(r["again"], r["first"]) for r in told.of("repetition")] == [("5", "4"), ("36", "36")]


def test_the_odd_unit_out_is_the_one_held_against_the_others():
    told = tell("机关运行经费支出5.00元。", "机关运行经费支出5.00万元。", "机关运行经费支出5.00万元。")
    again = told.of("repetition")
    assert ("元", "万元") in [(r["again_unit"], r["first_unit"]) for r in again]
    assert all(r["first_unit"] == "万元" for r in again)


def test_years_that_must_be_the_fiscal_year():
    told = tell(
        "截至2022年12月31日，共有车辆2辆。",
        "与2021年度相比，机关运行经费支出增加2.00万元。",
        under=("第三部分 2023年度部门决算情况说明", "三、支出决算情况说明"),
        year=2023,
    )
    assert sorted((y["year"], y["expected"], y["context"]) for y in told.of("year")) == [
        ("2021", "2022", "上年"),
        ("2022", "2023", "截至"),
        ("2023", "2023", "标题"),
    ]


def test_an_old_year_in_the_telling_is_no_statement_of_the_year():
    told = tell("按照规定，2016年9月所有车辆统一移交，机关运行经费支出2.00万元。", under=EXPENDITURE)
    assert all(year["year"] != "2016" for year in told.of("year"))


def test_what_became_of_a_part_is_no_part_of_the_whole():
    told = tell(
        "共投入资金120.00万元，其中：市级财政资金100.00万元，自筹20.00万元，实际支出118.50万元，资金结余1.50万元。"
    )
    assert told.parts("sum") == [["100.00", "20.00"]]


def test_shares_that_open_paragraphs_one_after_the_other_are_one_list():
    told = tell(
        "基本支出730.00万元，占总支出73.00%；其中：工资福利支出600.00万元，占基本支出82.19%。",
        "项目支出200.00万元，占总支出20.00%。",
        "其他支出70.00万元，占总支出7.00%。",
    )
    assert ["73.00", "20.00", "7.00"] in told.parts("share_list")
    apart = tell(
        "基本支出730.00万元，占总支出73.00%。",
        "经营支出20.00万元，占总支出2.00%。",
        "其他支出70.00万元，占总支出7.00%。",
    )
    assert apart.parts("share_list") == []


def test_what_is_level_with_last_year_is_held_against_last_years_amount():
    told = tell(
        "公务接待费支出决算为2.10万元，与上年持平，上年为2.40万元。",
        under=("第三部分 决算情况说明", "七、“三公”经费情况"),
    )
    assert {"compared": "2.10", "against": "2.40", "direction": "flat"} in told.of("comparison")
    told = tell(
        "公务接待费支出决算为2.10万元，与上年基本持平，上年为2.40万元。",
        under=("第三部分 决算情况说明", "七、“三公”经费情况"),
    )
    assert told.of("comparison") == []
