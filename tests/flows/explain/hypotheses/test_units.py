"""Slips of size: unit, decimal point, sign."""

from __future__ import annotations

from decimal import Decimal

from flows.explain.hypotheses import hypotheses
from tests.flows.explain.hypotheses.figures import context, en, guessed, kinds, printed, zh


def test_the_number_is_right_and_its_unit_is_not() -> None:
    found = guessed(printed("N/0004", "417.26", "元"), "4172600.00", "50.00")
    assert kinds(found)[0] == "unit" and found[0].value == 4172600
    assert zh(found, "unit") == "数字相符而单位有误：应为417.26万元，印作417.26元"
    assert en(found, "unit") == "the number is right, its unit is not: 417.26 万元, printed 417.26 元"


def test_a_number_of_yuan_under_a_heading_of_ten_thousands() -> None:
    found = guessed(printed("T03/合计/基本支出", "4172600.00"), "417.26")
    assert kinds(found)[0] == "unit"
    assert zh(found, "unit") == "数字似以元为单位：4,172,600.00元 = 417.26万元"
    assert en(found, "unit") == "the number looks like 元: 4,172,600.00 元 = 417.26 万元"


def test_ten_thousands_for_hundreds_of_millions_lose_their_last_places() -> None:
    found = guessed(printed("N/0004", "123.46", "万元"), "1234567.89")
    assert kinds(found)[0] == "unit" and found[0].value == Decimal("1234567.89")
    assert "unit" not in kinds(guessed(printed("N/0004", "123.46", "万元"), "1234767.89"))


def test_a_few_digits_too_many_are_no_other_unit() -> None:
    assert "unit" not in kinds(guessed(printed("T03/合计/基本支出", "4172600.00"), "417.28"))
    assert "unit" not in kinds(guessed(printed("N/0004", "4172600.00", "%"), "417.26"))


def test_the_decimal_point_moved() -> None:
    found = guessed(printed("T03/合计/基本支出", "5847.70"), "584.77")
    assert zh(found, "point_moved") == "小数点错位：5,847.70 与 584.77 相差10倍"
    assert en(found, "point_moved") == "decimal point moved: 5,847.70 for 584.77, a factor of 10"
    assert "point_moved" not in kinds(guessed(printed("T03/合计/基本支出", "5847.70"), "584.79"))


def test_a_ratio_where_a_percentage_belongs() -> None:
    found = guessed(printed("N/0009", "0.8743", "%"), "87.43", "0.005")
    assert zh(found, "point_moved") == "百分数与小数混淆：0.8743% 与 87.43%"


def test_the_other_sign() -> None:
    found = guessed(printed("T01/年末结转和结余/决算数", "18.50"), "-18.50")
    assert kinds(found)[0] == "sign"
    assert zh(found, "sign") == "正负号相反：18.50 ↔ -18.50"
    assert en(found, "sign") == "sign reversed: 18.50 for -18.50"
    assert "sign" not in kinds(guessed(printed("T01/年末结转和结余/决算数", "18.50"), "-18.52"))


def test_open_to_one_side_nothing_is_proved() -> None:
    figure = printed("N/0003", "148.77")
    found = hypotheses(figure, Decimal("150.00"), None, Decimal("150.00"), context(figure))
    assert kinds(found) == ["recomputed"]
