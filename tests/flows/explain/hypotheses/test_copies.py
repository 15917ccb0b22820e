"""Numbers that stand somewhere else are found there, with the place named; numbers that are common everywhere prove nothing."""

from __future__ import annotations

from dataclasses import replace

from flows.explain.hypotheses import Said, Tie
from tests.flows.explain.accounts import Identity
from tests.flows.explain.hypotheses.figures import context, en, guessed, judged, kinds, printed, zh

ROW = "T03/2010399"
CELL = printed(f"{ROW}/基本支出", "300.94", order=5)


def test_the_number_of_the_next_cell() -> None:
    beside = printed(f"{ROW}/项目支出", "300.94", order=5, label="其他支出 项目支出")
    found = guessed(CELL, "168.31", around=[beside])
    assert kinds(found)[0] == "neighbouring_cell" and str(found[0].value) == "168.31"
    assert zh(found, "neighbouring_cell") == "与相邻一格相同：其他支出 项目支出也是300.94"
    assert en(found, "neighbouring_cell") == "the same as a cell beside it: 其他支出 项目支出 is 300.94 too"


def test_the_number_of_the_next_row() -> None:
    for row, away in (("20132", 1), ("2013202", 3)):
        below = printed(f"T03/{row}/基本支出", "300.94", order=5 + away)
        assert kinds(guessed(CELL, "168.31", around=[below]))[0] == "neighbouring_cell"


def test_a_cell_far_away_or_another_number_is_no_copy() -> None:
    far = printed("T03/210/基本支出", "300.94", order=9)
    other = printed(f"{ROW}/项目支出", "300.95", order=5)
    assert kinds(guessed(CELL, "168.31", around=[far, other])) == ["recomputed"]


def test_a_copy_keeps_the_sign() -> None:
    cell, beside = printed(f"{ROW}/基本支出", "-300.94", order=5), printed(f"{ROW}/项目支出", "300.94", order=5)
    other = printed("T05/2010399/基本支出", "300.94")
    assert kinds(guessed(cell, "300.94", around=[beside, other])) == ["sign", "recomputed"]
    assert kinds(guessed(cell, "168.31", around=[replace(beside, value=cell.value)]))[0] == "neighbouring_cell"


def test_a_round_number_beside_it_is_no_copy() -> None:
    cell, beside = printed(f"{ROW}/基本支出", "1.00"), printed(f"{ROW}/项目支出", "1.00")
    assert "neighbouring_cell" not in kinds(
        guessed(cell, "168.31", around=[beside, *_many(f"{ROW}/其他{k}" for k in range(9))])
    )


def test_rows_that_stand_side_by_side_count_as_one() -> None:
    cell = printed("T01/事业收入/决算数", "73.36", order=8)
    left = printed("T01/其他收入/决算数", "73.36", order=14)
    assert kinds(guessed(cell, "21.18", around=[left]))[0] == "neighbouring_cell"


def test_another_number_of_the_passage() -> None:
    claim, near = printed("N/0012", "677.19"), printed("N/0014", "677.19", label="项目支出")
    said = {"N/0012": Said("amount", sentence=17), "N/0014": Said("amount", sentence=18)}
    found = guessed(claim, "732.50", around=context(claim, near, said=said))
    assert kinds(found)[0] == "neighbouring_cell"
    assert zh(found, "neighbouring_cell") == "与同一段文字中的另一数相同：项目支出也是677.19"
    away = {"N/0012": Said("amount", sentence=17), "N/0014": Said("amount", sentence=30)}
    assert kinds(guessed(claim, "732.50", around=context(claim, near, said=away))) == ["recomputed"]


def test_the_same_row_of_another_form() -> None:
    other = printed("T05/2010399/基本支出", "300.94", label="一般公共预算财政拨款支出决算表 基本支出")
    found = guessed(CELL, "168.31", around=[other])
    assert kinds(found)[0] == "other_form"
    assert zh(found, "other_form") == "与另一处数字相同：一般公共预算财政拨款支出决算表 基本支出也是300.94"


def test_another_fund() -> None:
    cell = printed("T04/社会保障和就业支出/一般公共预算财政拨款", "121.63")
    other = printed("T04/社会保障和就业支出/政府性基金预算财政拨款", "121.63", label="政府性基金预算财政拨款")
    found = guessed(cell, "98.44", around=[cell, other])
    assert zh(found, "other_fund") == "与另一类资金的数字相同：政府性基金预算财政拨款也是121.63"
    total = printed("T04/社会保障和就业支出/合计", "121.63")
    assert "other_fund" not in kinds(guessed(cell, "98.44", around=[cell, total]))


def test_in_another_unit_a_copy_is_rounded() -> None:
    claim = printed("N/0012", "677.19")
    inside = printed("T03/合计/项目支出", "6771890.55", "元")
    assert "other_form" in kinds(guessed(claim, "732.50", around=[inside]))
    assert "other_form" not in kinds(
        guessed(claim, "732.50", around=[printed("T03/合计/项目支出", "6772890.55", "元")])
    )


def test_last_years_figure() -> None:
    cell = printed("T05/201/合计", "1097.32")
    found = guessed(cell, "1111.94", around=context(cell, previous={cell.id: printed(cell.id, "1097.32")}))
    assert kinds(found)[0] == "previous_year"
    assert zh(found, "previous_year") == "与上年决算的同一数字相同：1,097.32"
    assert en(found, "previous_year") == "the same figure of the year before: 1,097.32"
    near_miss = context(cell, previous={cell.id: printed(cell.id, "1097.33")})
    assert "previous_year" not in kinds(guessed(cell, "1111.94", around=near_miss))


def test_what_a_claim_names_in_last_years_forms_or_narrative() -> None:
    claim = printed("N/0024", "1097.32")
    said = {"N/0024": Said("amount", concept="T05/201/合计")}
    then = {"T05/201/合计": printed("T05/201/合计", "1097.32")}
    assert kinds(guessed(claim, "1111.94", around=context(claim, said=said, previous=then)))[0] == "previous_year"
    said = {"N/0024": Said("count", "车辆")}
    text, told = {"N/0031": printed("N/0031", "1097.32")}, {"N/0031": Said("count", "车辆")}
    around = context(claim, said=said, previous=text, previous_said=told)
    assert kinds(guessed(claim, "1111.94", around=around))[0] == "previous_year"
    around = context(claim, said=said, previous=text, previous_said={"N/0031": Said("count", "设备")})
    assert "previous_year" not in kinds(guessed(claim, "1111.94", around=around))


def test_last_years_figure_as_the_change_implies_it() -> None:
    claim, change = printed("N/0001", "1508.61"), printed("N/0002", "80.43", label="收、支总计较上年减少")
    ties = (Tie("change_amount", {"current": "N/0001", "change": "N/0002"}),)
    found = guessed(claim, "1428.18", around=context(claim, change, ties=ties))
    assert kinds(found)[0] == "previous_year"
    assert zh(found, "previous_year") == "与上年数相同：1,428.18 + 80.43（收、支总计较上年减少）= 1,508.61"
    assert "previous_year" not in kinds(guessed(claim, "1428.21", around=context(claim, change, ties=ties)))


def _many(ids):  # type: ignore[no-untyped-def]
    return [printed(f"{id}/{k}", f"{k}1.37") for k, id in enumerate(ids)]


def test_a_number_that_an_equation_makes_equal_is_no_copy() -> None:
    """Where a row has but one kind of expenditure, its total is that of it: both were changed."""
    cell, basic = printed("T05/2210202/合计", "47.13"), printed("T05/2210202/基本支出", "47.13")
    row = Identity("row", cell.id, (basic.id,))
    around = context(cell, basic, judged=judged([row], [cell, basic]))
    assert "neighbouring_cell" not in kinds(guessed(cell, "22.95", around=around))
    assert "neighbouring_cell" in kinds(guessed(cell, "22.95", around=context(cell, basic)))


def test_a_figure_of_last_year_may_be_asked_about_in_this_years_context() -> None:
    assert kinds(guessed(printed("T05/2210202/合计", "47.13"), "22.95", around=context(CELL))) == ["recomputed"]
    assert kinds(guessed(printed("T03/210/别栏", "47.13"), "22.95", around=context(CELL))) == ["recomputed"]
