"""Slips of single digits are named with both numbers, and only where the number so mended is one that the identities allow."""

from __future__ import annotations

import pytest

from tests.flows.explain.hypotheses.figures import en, guessed, kinds, printed, zh


@pytest.mark.parametrize(
    ("wrong", "right", "kind", "said_zh", "said_en"),
    [
        ("548.77", "584.77", "digits_swapped", "相邻两位数字颠倒：548.77 ↔ 584.77", "two neighbouring digits swapped: 548.77 for 584.77"),
        ("-1548.77", "-1584.77", "digits_swapped", "相邻两位数字颠倒：-1,548.77 ↔ -1,584.77", "two neighbouring digits swapped: -1,548.77 for -1,584.77"),
        ("58.77", "584.77", "digit_dropped", "漏写一位数字“4”：584.77 → 58.77", "a digit 4 left out: 58.77 for 584.77"),
        ("5884.77", "584.77", "digit_doubled", "多写一位数字“8”：584.77 → 5,884.77", "a digit 8 written twice: 5,884.77 for 584.77"),
        ("584.17", "584.77", "digit_wrong", "一位数字有误：584.17 ↔ 584.77", "one digit wrong: 584.17 for 584.77"),
    ],
)  # fmt: skip
def test_a_slip_of_a_digit_is_named_first(wrong: str, right: str, kind: str, said_zh: str, said_en: str) -> None:
    found = guessed(printed("T03/合计/基本支出", wrong), right)
    assert kinds(found)[0] == kind
    assert (zh(found, kind), en(found, kind)) == (said_zh, said_en)
    assert str(found[0].value) == right and found[0].unit == "万元"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("548.77", "584.79"), ("548.77", "584.75"), ("548.77", "854.77"), ("58.77", "594.71"), ("5884.77", "585.79")],
)
def test_beyond_rounding_no_slip_of_a_digit_is_named(wrong: str, right: str) -> None:
    assert kinds(guessed(printed("T03/合计/基本支出", wrong), right)) == ["recomputed"]


def test_digits_on_both_sides_of_the_point_are_no_neighbours() -> None:
    assert "digits_swapped" not in kinds(guessed(printed("T03/合计/基本支出", "54.87"), "58.47", "0.00"))


def test_a_percentage_is_said_with_its_sign() -> None:
    found = guessed(printed("N/0007", "86.79", "%"), "68.79", "0.004")
    assert zh(found, "digits_swapped") == "相邻两位数字颠倒：86.79% ↔ 68.79%"


def test_of_a_number_of_one_digit_no_digit_is_called_wrong() -> None:
    assert "digit_wrong" not in kinds(guessed(printed("N/0007", "5", "辆"), "7", "0"))


def test_a_nought_left_out_of_a_whole_rate() -> None:
    found = guessed(printed("P02/资金总额/执行率", "10", "%"), "100", "0.5")
    assert zh(found, "digit_dropped") == "漏写一位数字“0”：100% → 10%"


def test_a_digit_left_out_behind_the_point_shows_in_the_number_as_printed() -> None:
    short = printed("T03/合计/基本支出", "584.70", raw="584.7")
    assert zh(guessed(short, "584.77"), "digit_dropped") == "漏写一位数字“7”：584.77 → 584.70"
    assert "digit_dropped" not in kinds(guessed(printed("T03/合计/基本支出", "584.70"), "584.77", "0.00"))


def test_where_much_is_allowed_a_fitting_digit_proves_nothing() -> None:
    """A part of a rate may be anything between 400 and 700 for the rate to hold: nearly any slip leads there."""
    found = guessed(printed("N/0003", "148.77"), "550.00", "150.00")
    assert kinds(found) == ["recomputed"]
    assert zh(found, "recomputed") == "按其余数字推算应为550.00，印作148.77"
    assert en(found, "recomputed") == "the other figures give 550.00, printed 148.77"
