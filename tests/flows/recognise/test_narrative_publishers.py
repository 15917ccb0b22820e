"""Wordings of publishers far from each other: what they say is read, and what is true gives nothing to object to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flows.read.document import Place
from flows.recognise.disclosure import Figure
from flows.recognise.narrative.punctuation import uniform
from tests.flows.recognise.test_narrative_claims import EXPENDITURE, GENERAL, INCOME, THREE_PUBLIC
from tests.flows.recognise.told import tell

TOTALS = ("第三部分 2024年度部门决算情况说明", "一、收入支出决算总体情况说明")
APPROPRIATIONS = ("第三部分 2024年度部门决算情况说明", "四、财政拨款支出决算情况说明")


def _figures(**values: str) -> list[Figure]:
    made = []
    for name, value in values.items():
        form, row, column = name.split("__")
        id_ = f"{form}/{row}/{column}"
        made.append(Figure(id_, form, "", row, column, Decimal(value), "万元", Decimal("0.01"), value, Place(page=1)))
    return made


# ----------------------------------------------------------------------------------------------------------- numbers


def test_a_comma_between_two_numbers_is_no_separator_of_thousands() -> None:
    assert uniform("各减少67.86,257.97万元") == "各减少67.86，257.97万元"
    assert uniform("合计1,234,567.80元") == "合计1,234,567.80元"


def test_income_and_expenditure_named_together_take_an_amount_each() -> None:
    told = tell(
        "收入、支出总计分别为90.00、80.00万元。与2023年度相比，收、支总计各减少10.00,20.00万元，各下降10.00%、20.00%。",
        under=TOTALS,
    )
    assert [claim.concept for claim in told.claims[:2]] == ["T01/收入总计/决算数", "T01/支出总计/决算数"]
    assert [(one["rate"], one["change"], one["current"]) for one in told.of("change_pct")] == [
        ("10.00", "10.00", "90.00"),
        ("20.00", "20.00", "80.00"),
    ]


def test_three_numbers_before_one_unit_are_three_claims() -> None:
    told = tell("货物、工程、服务采购金额分别为1.50、2.50、3.50万元。")
    assert told.kinds() == [("amount", value, "万元") for value in ("1.50", "2.50", "3.50")]


@pytest.mark.parametrize("share", ["约占35%", "占35%左右", "占35%以上", "占比近35%"])
def test_an_approximate_share_is_held_against_nothing(share: str) -> None:
    told = tell(f"本年支出合计100.00万元，其中：基本支出30.00万元，{share}。", under=EXPENDITURE)
    assert ("35" in [value for _, value, _ in told.kinds()], told.of("share")) == (True, [])


# ------------------------------------------------------------------------------------------------------- names, years


def test_an_expense_before_its_year_is_no_organisation() -> None:
    told = tell("公务用车购置及运行维护费5.00万元。其中，公务用车购置费2024年度决算数1.00万元。", under=THREE_PUBLIC)
    assert told.claim("1.00").concept == "T07/公务用车购置费/决算数"


def test_the_year_before_initial_budget_leaves_it_initial() -> None:
    told = tell("小学教育（类）2024年初预算12.00万元，决算12.00万元。", under=GENERAL)
    assert [claim.subject for claim in told.claims] == ["小学教育 年初预算", "小学教育 支出决算"]


def test_a_heading_that_compares_with_last_year_names_no_wrong_year() -> None:
    told = tell("（一）财政拨款收支与2023年度决算对比情况", "本年收入5.00万元。", under=TOTALS)
    assert all(year["year"] == year["expected"] for year in told.of("year"))


def test_income_of_appropriations_is_not_all_income() -> None:
    headings = ("第二部分 2024年度部门决算情况说明", "四、财政拨款收入支出决算情况说明")
    told = tell("财政拨款本年收入8.00万元；本年支出7.00万元。", under=headings)
    assert [claim.concept for claim in told.claims] == ["T04/本年收入合计/合计", ""]


def test_an_item_may_be_named_by_its_code() -> None:
    told = tell("（一）2120101-行政运行8.00万元，较上年决算数增加1.00万元。", under=GENERAL)
    assert told.claim("8.00").concept == "T05/2120101/合计"
    assert told.claim("8.00").subject == "行政运行"


# ---------------------------------------------------------------------------------- a name that authors use for either


def test_a_name_of_two_figures_quotes_the_one_that_prints_its_number() -> None:
    figures = _figures(T03__合计__本年支出合计="80.00", T01__支出总计__决算数="90.00")
    for printed, concept in (("80.00", "T03/合计/本年支出合计"), ("90.00", "T01/支出总计/决算数")):
        assert tell(f"支出总计{printed}万元。", under=EXPENDITURE, figures=figures).claims[0].concept == concept
    assert tell("支出总计70.00万元。", under=EXPENDITURE, figures=figures).claims[0].concept == "T03/合计/本年支出合计"


def test_without_forms_a_name_of_two_figures_is_what_was_stated_before_or_nothing() -> None:
    told = tell("本年支出合计80.00万元。支出总计80.00元。", under=EXPENDITURE)
    assert told.claims[1].concept == "T03/合计/本年支出合计"
    assert tell("支出总计90.00万元，其中本年支出合计80.00万元。", under=EXPENDITURE).claims[0].concept == ""


def test_parts_of_all_appropriations_are_no_parts_of_the_general_budget() -> None:
    told = tell("财政拨款支出80.00万元，其中：基本支出30.00万元，项目支出50.00万元。", under=APPROPRIATIONS)
    assert [claim.concept for claim in told.claims] == ["", "", ""]


def test_a_class_is_no_row_of_the_general_budget_where_a_fund_spends() -> None:
    headings = (*APPROPRIATIONS, "（二）财政拨款支出决算结构情况")
    spent = _figures(T08__合计__本年支出="5.00")
    assert tell("教育支出（类）8.00万元。", under=headings).claims[0].concept == "T05/205/合计"
    assert tell("教育支出（类）8.00万元。", under=headings, figures=spent).claims[0].concept == ""


# ----------------------------------------------------------------------------------------------------------- changes


def test_the_rate_tells_whether_a_change_is_of_the_part_or_of_the_whole_before_it() -> None:
    text = "收入总计260.00万元，其中年初结转和结余10.00万元，较2023年增加{}万元，增长{}%；本年收入合计250.00万元。"
    assert tell(text.format("10.00", "4.00"), under=TOTALS).of("change_pct")[0]["current"] == "260.00"
    assert tell(text.format("2.00", "25.00"), under=TOTALS).of("change_pct")[0]["current"] == "10.00"


def test_what_follows_a_named_change_is_of_the_same_item() -> None:
    told = tell(
        "公务用车保有量2辆。公车运行维护费支出较预算减少0.60万元，降低10.00%；较上年减少0.10万元，降低2.00%。",
        under=THREE_PUBLIC,
    )
    assert {claim.subject for claim in told.claims[1:]} == {"公车运行维护费支出"}


@pytest.mark.parametrize(("rate", "direction"), [("-20.00", "none"), ("20.00", "down")])
def test_a_rate_of_difference_is_measured_from_the_budget(rate: str, direction: str) -> None:
    told = tell(f"公务接待费全年预算数10.00万元，决算数8.00万元，预决算差异率{rate}%。", under=THREE_PUBLIC)
    assert told.claim(rate).kind == "change_pct"
    (change,) = told.of("change_pct")
    assert (change["current"], change["prior"], change["direction"]) == ("8.00", "10.00", direction)


# ------------------------------------------------------------------------------------------------------------- lists


def test_the_composition_of_income_is_a_list_of_its_parts() -> None:
    told = tell(
        "本年收入合计80.00万元。本年收入的具体构成为：财政拨款收入60.00万元，占75.00%；其他收入20.00万元，占25.00%。",
        under=INCOME,
    )
    assert [share["whole"] for share in told.of("share")] == ["80.00", "80.00"]
    assert ["60.00", "20.00"] in told.parts("sum")


def test_shares_of_sources_in_paragraphs_of_their_own_are_of_all_income() -> None:
    told = tell(
        "本年收入合计80.00万元。其中：",
        "1.财政拨款收入60.00万元，占75.00%，与上年持平；",
        "2.其他收入20.00万元，占25.00%，与上年持平。",
        under=INCOME,
    )
    assert [share["whole"] for share in told.of("share")] == ["80.00", "80.00"]


def test_a_numbered_list_that_leaves_a_class_out_does_not_make_up_its_total() -> None:
    structure = "主要用于以下方面：教育支出60.00万元，占75.00%；住房保障支出20.00万元，占25.00%。"
    head = "一般公共预算财政拨款支出决算为80.00万元。其中："
    items = [
        "1.教育支出（类）普通教育（款）小学教育（项）。支出决算为40.00万元。",
        "2.教育支出（类）普通教育（款）初中教育（项）。支出决算为20.00万元。",
    ]
    left_out = tell(f"一般公共预算财政拨款支出80.00万元，{structure}", head, *items, under=GENERAL)
    sums = dict(zip(map(tuple, left_out.parts("sum")), left_out.of("sum"), strict=True))
    assert sums["40.00", "20.00"]["complete"] == "open"
    items.append("3.住房保障支出（类）住房改革支出（款）住房公积金（项）。支出决算为20.00万元。")
    told = tell(f"一般公共预算财政拨款支出80.00万元，{structure}", head, *items, under=GENERAL)
    sums = dict(zip(map(tuple, told.parts("sum")), told.of("sum"), strict=True))
    assert sums["40.00", "20.00", "20.00"]["complete"] == "yes"


def test_a_flat_list_may_hold_a_sum_and_its_parts() -> None:
    told = tell(
        "“三公”经费支出8.00万元，其中：因公出国（境）费0.00万元，公务用车购置及运行维护费5.00万元，公务用车购置费1.00万元，"
        "公务用车运行维护费4.00万元，公务接待费3.00万元。",
        under=THREE_PUBLIC,
    )
    assert told.parts("sum")[0] == ["0.00", "5.00", "3.00"]


def test_purchase_and_running_costs_in_any_order_complete_the_three_public_expenses() -> None:
    told = tell(
        "“三公”经费预算8.00万元，其中：因公出国（境）费0.00万元，公务接待费3.00万元，公务用车运行维护费4.00万元，"
        "公务用车购置1.00万元。",
        under=THREE_PUBLIC,
    )
    assert told.of("sum")[0] == {"whole": "8.00", "complete": "yes"}
    assert told.parts("sum")[0] == ["0.00", "3.00", "4.00", "1.00"]


def test_counts_of_persons_overlap_and_make_up_no_whole() -> None:
    told = tell("在职职工62人，其中副高级职称40人，管理人员30人，退休职工28人。")
    assert (len(told.claims), told.of("sum")) == (4, [])


# ---------------------------------------------------------------------------------------------------- completion rates


def test_a_rate_and_the_difference_from_its_budget_agree_though_the_budget_is_not_printed() -> None:
    told = tell("公务接待费支出决算为4.00万元，完成年初预算的80.00%，较年初预算减少1.00万元。", under=THREE_PUBLIC)
    assert told.of("completion") == [
        {"rate": "80.00", "outturn": "4.00", "difference": "1.00", "base_named": "年初预算", "direction": "down"}
    ]
    told = tell("公务接待费支出决算为4.00万元，完成全年预算的80.00%，较年初预算减少1.00万元。", under=THREE_PUBLIC)
    assert "difference" not in told.of("completion")[0]


# ------------------------------------------------------------------------------------------------- sentences, chapters


def test_a_point_between_two_sentences_ends_one() -> None:
    told = tell("本年收入合计80.00万元.与上年相比，收入合计减少5.00万元。", under=INCOME)
    assert [sentence.text[:5] for sentence in told.sentences[-2:]] == ["本年收入合", "与上年相比"]


@pytest.mark.parametrize("chapter", ["一、青石县档案馆概况", "一、基本情况"])
def test_an_overview_numbered_like_the_narrative_states_no_accounts(chapter: str) -> None:
    assert tell("本馆核定编制71人，退休职工28人。", under=(chapter, "（二）机构设置情况")).claims == ()


def test_a_list_goes_on_behind_the_cause_given_for_one_of_its_parts() -> None:
    told = tell(
        "“三公”经费支出决算10.00万元，其中：因公出国（境）费0.00万元，占0.00%；公务用车购置及运行维护费4.00万元，占40.00%，"
        "主要原因是节约；公务接待费6.00万元，占60.00%，主要原因是招商。",
        under=THREE_PUBLIC,
    )
    assert told.parts("share_list") == [["0.00", "40.00", "60.00"]]
    assert told.of("share_list") == [{"complete": "yes"}]


def test_a_list_that_a_cause_cuts_short_is_not_taken_for_complete() -> None:
    told = tell(
        "“三公”经费支出决算10.00万元，其中：因公出国（境）费0.00万元，占0.00%，公务用车购置及运行维护费4.00万元，占40.00%，"
        "主要原因是节约，公务接待费6.00万元，占60.00%。",
        under=THREE_PUBLIC,
    )
    assert all(one["complete"] == "open" for one in told.of("share_list"))


def test_several_causes_are_no_parts_of_the_list_before_them() -> None:
    told = tell(
        "本年收入合计80.00万元，其中：财政拨款收入80.00万元，主要原因：一是拨付设备款30.00万元；二是拨付维修款60.00万元。",
        under=INCOME,
    )
    assert told.of("sum") == []


def test_a_share_behind_an_inner_list_without_an_end_is_of_the_whole_it_is_true_of() -> None:
    told = tell(
        "一般公共预算财政拨款支出80.00万元，主要用于以下方面：教育支出60.00万元，占75.00%，主要用于培训，住房保障支出"
        "20.00万元，占25.00%。",
        under=(*GENERAL, "（二）结构情况"),
    )
    assert [share["whole"] for share in told.of("share")] == ["80.00", "80.00"]
    assert all(one["complete"] == "open" or one["whole"] == "80.00" for one in told.of("sum"))


def test_an_unnamed_change_is_of_the_amount_its_rate_is_true_of() -> None:
    told = tell("本年收入合计80.00万元，事业收入5.00万元，较上年增加8.00万元，增长11.11%。", under=INCOME)
    assert [(one["change"], one["current"]) for one in told.of("change_pct")] == [("8.00", "80.00")]


def test_an_unnamed_increase_beyond_the_amount_before_it_is_not_its_own() -> None:
    told = tell("收入合计80.00万元。其中：年初结转5.00万元。与上年相比增加8.00万元，增长9.00%。", under=TOTALS)
    assert all("current" not in one for one in told.of("change_amount"))


def test_a_part_named_in_the_next_sentence_shows_that_the_list_was_not_complete() -> None:
    told = tell(
        "“三公”经费支出决算10.00万元，其中：因公出国（境）费0.00万元，占0.00%；公务用车购置及运行维护费4.00万元，占40.00%。"
        "公务接待费6.00万元，占60.00%。",
        under=THREE_PUBLIC,
    )
    assert all(one["complete"] == "open" for one in told.of("share_list"))


def test_a_decrease_with_a_minus_is_one_decrease() -> None:
    told = tell("会议费8.00万元，较上年10.00万元减少-2.00万元，下降-20.00%。")
    assert [one["direction"] for one in told.of("change_amount") + told.of("change_pct")] == ["none", "none"]
    assert told.claim("-20.00").direction == "down"


def test_a_grand_total_is_no_part_of_the_list_before_it() -> None:
    told = tell("总收入80.00万元，其中财政拨款30.00万元；总支出79.00万元，结余1.00万元。", under=TOTALS)
    assert told.of("sum") == []


def test_what_was_carried_over_from_last_years_end_may_open_a_section() -> None:
    told = tell("2023年末结转和结余5.00万元，2024年收入总计80.00万元。", under=TOTALS)
    assert all(year["year"] == year["expected"] for year in told.of("year"))
    told = tell("截至2023年底，累计完成投资5.00万元。")
    assert all(year["year"] == year["expected"] for year in told.of("year"))
    told = tell("截至2023年12月31日，本馆共有车辆1辆。")
    assert "2023" in [year["year"] for year in told.of("year")]


def test_a_choice_left_standing_with_a_stroke_is_no_direction() -> None:
    told = tell("机关运行经费10.00万元，较上年增加/减少1.00万元，增长/下降5.00%。")
    assert [claim.direction for claim in told.claims[1:]] == ["none", "none"]
    assert told.of("change_pct") == []
