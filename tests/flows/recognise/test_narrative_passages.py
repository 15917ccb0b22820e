"""Of which project a passage speaks, and which of its counts and rates are held against that project's table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flows.read.document import Place
from flows.recognise.disclosure import Figure, FormRow
from tests.flows.recognise.told import Told, tell

PROJECT = "泵站检修"
RATE = "灌溉水利用合格率"
CHAPTER = ("第四部分 2024年度预算绩效情况说明", "一、项目支出绩效自评情况")
OWN = (*CHAPTER, f"（一）{PROJECT}项目绩效自评情况")


def _row(key: str, block: str, position: int) -> FormRow:
    return FormRow("P02", PROJECT, key, "", key, 1, "", position, Place(page=5), block)


def _figure(key: str, column: str, value: str, unit: str = "%") -> Figure:
    number = Decimal(value)
    return Figure(f"P02/{key}/{column}", "P02", PROJECT, key, column, number, unit, Decimal(1), value, Place(page=5))


ROWS = (_row("年度资金总额", "funds", 0), _row(RATE, "indicator", 1))
FIGURES = (
    _figure("年度资金总额", "全年执行数", "57", "万元"),
    _figure("年度资金总额", "执行率", "95"),
    _figure(RATE, "实际完成值", "93"),
)


def said(*lines: str, under: Sequence[str] = OWN) -> Told:
    return tell(*lines, under=under, rows=ROWS, figures=FIGURES)


def rates(told: Told) -> list[tuple[str, str]]:
    return [(one["stated"], one["printed"]) for one in told.of("quoted_rate")]


def counts(told: Told) -> list[tuple[str, str]]:
    return [(one["again_low"], one["first_low"]) for one in told.of("activity")]


# ------------------------------------------------------------------------------------------- of which project it speaks


def test_a_passage_below_the_heading_of_a_project_speaks_of_it_and_one_below_no_such_heading_of_none() -> None:
    told = f"{RATE}达到98%。"
    assert rates(said(told)) == [("98", f"P02/{RATE}/实际完成值")]
    assert rates(said(told, under=(*OWN, "1.项目产出情况"))) == [("98", f"P02/{RATE}/实际完成值")]
    assert rates(said(told, under=(*CHAPTER, "（一）干渠清淤项目绩效自评情况"))) == []


def test_a_paragraph_that_opens_with_a_project_speaks_of_it_whatever_stands_above() -> None:
    opened = f"{PROJECT}项目绩效自评综述：{RATE}达到98%。"
    assert rates(said(opened, under=CHAPTER)) == [("98", f"P02/{RATE}/实际完成值")]
    assert rates(said(opened, under=(*CHAPTER, "（一）部门整体支出绩效自评情况"))) == [("98", f"P02/{RATE}/实际完成值")]


def test_a_paragraph_that_opens_with_what_is_no_project_of_the_tables_speaks_of_the_heading_above_it() -> None:
    opened = f"年度项目绩效自评综述：{RATE}达到98%。"
    assert rates(said(opened)) == [("98", f"P02/{RATE}/实际完成值")]
    assert rates(said(opened, under=CHAPTER)) == []


def test_a_heading_that_names_no_project_does_not_hide_that_it_is_of_the_department() -> None:
    whole = (*CHAPTER, "（一）部门整体支出绩效自评情况", "1.产出情况")
    told = ("组织开展小型水库安全隐患排查12次。", "综上，组织开展小型水库安全隐患排查21次。")
    assert counts(said(*told, under=whole)) == [("21", "12")]
    assert counts(said(*told, under=CHAPTER)) == []


# ----------------------------------------------------------------------------------------------- what is held against it


def test_a_rate_said_of_the_amounts_before_it_is_not_held_against_the_projects_table() -> None:
    assert rates(said("预算执行率80%。")) == [("80", "P02/年度资金总额/执行率")]
    assert rates(said("更换水泵预算20万元，支出16万元，预算执行率80%。")) == []
    assert rates(said("2023年更换水泵支出16万元。", "预算执行率80%。")) == [("80", "P02/年度资金总额/执行率")]


def test_several_counts_of_one_activity_in_a_paragraph_are_of_several_occasions() -> None:
    own = "组织开展水库安全隐患排查12次。"
    assert counts(said(own, "其后开展水库安全隐患排查3次，又开展水库安全隐患排查5次。")) == []


def test_one_count_given_twice_in_a_paragraph_is_still_held_against_another_passage() -> None:
    own = "组织开展水库安全隐患排查12次。"
    again = "开展水库安全隐患排查21次，通过开展水库安全隐患排查21次，消除隐患。"
    assert counts(said(own, again)) == [("21", "12"), ("21", "12")]
