"""Ways of telling the same things that other provinces have: each claim still finds the figures it must agree with."""

from __future__ import annotations

import pytest

from tests.flows.recognise.test_narrative_claims import GENERAL, INCOME, THREE_PUBLIC
from tests.flows.recognise.told import tell


def test_a_budget_named_with_its_year_is_this_years() -> None:
    told = tell("“文化遗产”（类）2024年度决算12.00万元，比2024年年初预算增加2.00万元，增长20.00%。", under=GENERAL)
    assert all(year["year"] == year["expected"] for year in told.of("year"))


def test_what_follows_a_bracket_speaks_of_the_amount_before_it() -> None:
    told = tell("本年收入合计80.00万元。其中：事业收入20.00万元（含教育收费0.00万元），占25.00%。", under=INCOME)
    assert [(share["part"], share["whole"]) for share in told.of("share")] == [("20.00", "80.00")]


def test_a_comparison_after_brackets_is_of_the_amounts_outside() -> None:
    told = tell(
        "因公出国（境）费支出预算4.00万元（其中：一般公共预算支出4.00万元；政府性基金预算支出0万元），"
        "支出决算4.00万元（其中：一般公共预算支出4.00万元；政府性基金预算支出0万元），决算数与预算数相同。",
        under=THREE_PUBLIC,
    )
    assert [(one["compared"], one["against"]) for one in told.of("comparison")] == [("4.00", "4.00")]


def test_a_list_with_an_unknown_member_between_known_ones_is_not_cut_there() -> None:
    told = tell(
        "本年收入合计80.00万元，其中：财政拨款收入50.00万元；上级补助收入0万元；专户管理资金10.00万元；其他收入20.00万元。",
        under=INCOME,
    )
    assert ["50.00", "0", "10.00", "20.00"] in told.parts("sum")
    assert {"whole": "80.00", "complete": "open"} in told.of("sum")


def test_a_heading_may_begin_with_its_year() -> None:
    headings = ("第三部分 2024年度部门决算情况说明", "一、2024年度收入支出决算总体情况说明")
    told = tell("2024年度收入总计80.00万元，支出总计80.00万元。", under=headings)
    assert [claim.concept for claim in told.claims] == ["T01/收入总计/决算数", "T01/支出总计/决算数"]


def test_the_narrative_is_heard_below_a_chapter_that_nothing_has_closed() -> None:
    told = tell("本年收入合计80.00万元。", under=("第一部分 部门概况", "二、2024年度部门决算情况说明"))
    assert told.kinds() == [("amount", "80.00", "万元")]
    assert not tell("全年办件80件。", under=("第一部分 部门概况", "二、主要职能")).claims


def test_basic_expenditure_keeps_its_name_before_outturn() -> None:
    told = tell(
        "一般公共预算财政拨款基本支出决算30.00万元。", under=("第三部分 决算情况说明", "六、基本支出决算情况说明")
    )
    assert told.claim("30.00").concept == "T06/合计/决算数"


def test_a_change_after_budget_and_outturn_of_one_item_is_that_items() -> None:
    told = tell(
        "“三公”经费支出预算为9.00万元，支出决算为8.00万元，其中：",
        "公务接待费支出预算为3.00万元，支出决算为2.00万元，与上年相比增加0.50万元，增长33.33%。",
        under=THREE_PUBLIC,
    )
    assert [one["current"] for one in told.of("change_pct")] == ["2.00"]


def test_a_budget_whose_completion_follows_it_is_of_the_item_before() -> None:
    told = tell(
        "其中：公务接待费支出决算为2.00万元，占“三公”经费支出的25.00%，完成预算4.00万元的50.00%。", under=THREE_PUBLIC
    )
    assert [(one["outturn"], one["budget"], one["base_named"]) for one in told.of("completion")] == [
        ("2.00", "4.00", "预算")
    ]


def test_completion_of_an_adjusted_budget_takes_the_only_budget_there_is() -> None:
    told = tell("公务接待费支出预算4.00万元，支出决算2.00万元，完成调整后预算的50.00%。", under=THREE_PUBLIC)
    assert [one["budget"] for one in told.of("completion")] == ["4.00"]
    told = tell("公务接待费年初预算4.00万元，支出决算2.00万元，完成调整后预算的50.00%。", under=THREE_PUBLIC)
    assert "budget" not in told.of("completion")[0]


def test_shares_of_classes_in_paragraphs_of_their_own_are_of_the_total_before_them() -> None:
    told = tell(
        "一般公共预算财政拨款支出80.00万元，主要用于以下方面：",
        "1.教育支出（类）20.00万元，占25.00%。主要用于培训。",
        "2.其他支出（类）60.00万元，占75.00%。",
        under=GENERAL,
    )
    assert [(share["part"], share["whole"]) for share in told.of("share")] == [("20.00", "80.00"), ("60.00", "80.00")]


def test_vehicles_by_kind_are_parts_of_their_number_not_of_their_worth() -> None:
    told = tell(
        "车辆4辆，价值60.00万元，其中：机要通信用车1辆、其他用车3辆。", under=("三、其他", "（三）国有资产占用情况")
    )
    assert told.of("sum") == [{"whole": "4", "complete": "yes"}]


def test_the_expenses_of_a_new_sentence_are_those_of_the_one_before() -> None:
    told = tell(
        "公务车运行维护费8.00万元，主要用于燃料。费用支出较年初预算数减少2.00万元，下降20.00%。", under=THREE_PUBLIC
    )
    assert [(one["change"], one["current"]) for one in told.of("change_pct")] == [("2.00", "8.00")]


def test_a_section_in_quotes_is_not_taken_for_an_organisation_before_its_year() -> None:
    told = tell("“文化和旅游”（款）2024年度决算10.00万元，比2024年年初预算减少2.50万元，下降20.00%。", under=GENERAL)
    assert told.claim("10.00").subject == "“文化和旅游”（款） 支出决算"


def test_shares_that_are_all_nothing_are_no_shares_of_a_whole() -> None:
    told = tell(
        "“三公”经费支出决算0.00万元，其中：因公出国（境）费支出0.00万元，占0.00%；公务接待费支出0.00万元，占0.00%。",
        under=THREE_PUBLIC,
    )
    assert not told.of("share_list")


def test_a_change_that_rounds_to_nothing_has_no_direction_to_object_to() -> None:
    told = tell("会议费1.50万元，较上年减少0.00万元，下降0.12%。")
    assert "direction" not in told.of("change_amount")[0]
    told = tell("会议费1.50万元，较上年减少0.00万元，下降0.00%。")
    assert told.of("change_amount")[0]["direction"] == "down"


def test_what_a_total_includes_in_a_bracket_does_not_make_it_up() -> None:
    told = tell(
        "支出总计90.00万元（含年末结转和结余5.00万元、结余分配1.00万元）。",
        under=("第三部分 决算情况说明", "一、收入支出决算总体情况说明"),
    )
    assert told.of("sum") == [{"whole": "90.00", "complete": "open"}]


def test_sources_of_the_year_do_not_make_up_a_grand_total() -> None:
    told = tell(
        "收入总计90.00万元，其中：财政拨款收入80.00万元，事业收入5.00万元。",
        under=("第三部分 决算情况说明", "一、收入支出决算总体情况说明"),
    )
    assert told.of("sum") == [{"whole": "90.00", "complete": "open"}]


def test_a_list_after_budget_and_outturn_divides_the_outturn() -> None:
    told = tell(
        "政府采购预算12.00万元，实际采购支出总额10.00万元。其中：货物类采购4.00万元，占40%；服务类采购6.00万元，占60%。"
    )
    assert [share["whole"] for share in told.of("share")] == ["10.00", "10.00"]


def test_from_last_years_amount_to_this_years() -> None:
    told = tell("机关运行经费由上年的20.00万元减少到16.00万元，减少4.00万元，下降20.00%。")
    assert told.of("change_pct") == [
        {"rate": "20.00", "change": "4.00", "current": "16.00", "prior": "20.00", "direction": "down", "base_named": ""}
    ]


def test_last_years_number_in_front_of_a_statement_is_a_slip_though_a_change_follows() -> None:
    headings = ("第三部分 2024年度部门决算情况说明", "一、收入支出决算总体情况说明")
    told = tell("2023年度收入总计80.00万元。与2023年度相比，收、支总计各增加8.00万元，增长11.11%。", under=headings)
    assert ("2023", "2024") in [(year["year"], year["expected"]) for year in told.of("year")]
    told = tell("2023年度收入总计72.00万元。2024年度收入总计80.00万元。", under=headings)
    assert all(year["year"] == year["expected"] for year in told.of("year"))


def test_the_amount_compared_with_is_last_years() -> None:
    told = tell("机关运行经费16.80万元，与2023年度的21.00万元相比，减少4.20万元，下降20.00%。")
    assert told.claim("21.00").subject == "机关运行经费 上年"
    assert [(one["current"], one["prior"]) for one in told.of("change_pct")] == [("16.80", "21.00")]


def test_a_share_in_a_bracket_behind_its_amount_is_not_of_that_amount() -> None:
    told = tell("一般公共预算财政拨款支出80.00万元，其中：教育支出20.00万元（占25.00%）。", under=GENERAL)
    assert told.claim("25.00").base != "教育支出"


def test_amounts_by_which_items_were_cut_are_not_the_items() -> None:
    basic = ("第三部分 决算情况说明", "六、一般公共预算财政拨款基本支出决算情况说明")
    told = tell("公用经费50.00万元，较上年减少5.00万元，主要是压减人员经费2.00万元、公用经费3.00万元。", under=basic)
    assert [(claim.concept) for claim in told.claims if str(claim.value) in ("2.00", "3.00")] == ["", ""]
    assert told.claim("50.00").concept == "T06/公用经费合计/决算数"


def test_an_increase_beyond_the_only_amount_before_it_is_that_amounts() -> None:
    told = tell("公务接待费支出决算为2.06万元，较上年增加26.00万元，增长24.52%。", under=THREE_PUBLIC)
    assert told.of("change_amount")[0]["current"] == "2.06"


@pytest.mark.parametrize("heading", ["八、政府性基金预算财政拨款收入支出决算情况说明", "十一、政府采购支出情况说明"])
def test_the_year_with_which_a_section_opens_is_the_fiscal_year_even_where_it_states_nothing(heading: str) -> None:
    headings = ("第三部分 2024年度部门决算情况说明", heading)
    for year in ("2023", "2024"):
        told = tell(f"{year}年度没有相关收支。", under=headings)
        assert [(one["year"], one["expected"]) for one in told.of("year") if one["context"] != "标题"] == [
            (year, "2024")
        ]
    assert all(one["context"] == "标题" for one in tell("没有相关收支。2023年度也没有。", under=headings).of("year"))
