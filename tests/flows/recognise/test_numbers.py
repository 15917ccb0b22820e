"""Numbers as forms print them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.recognise.numbers import is_blank, last_place, parse


@pytest.mark.parametrize("text", ["", "-", "—", "…", "XX", "ＸＸＸ", "XX.XX%", "/", "。。。", " "])
def test_what_stands_for_nothing_is_blank_and_no_number(text: str) -> None:
    assert is_blank(text) and parse(text) is None


@pytest.mark.parametrize("text", ["12,34", "1.2 3.4", "10 20", "约5", "12.", "1.2.3", "()", "5个", "1,2345.00"])
def test_what_is_not_wholly_one_number_is_none(text: str) -> None:
    assert parse(text) is None and not is_blank(text)


def test_a_unit_behind_a_number_is_kept() -> None:
    number = parse("12.50万元")
    assert number is not None and (number.value, number.unit) == (Decimal("12.50"), "万元")


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_separators_spaces_and_full_width_digits_change_nothing(value: Decimal) -> None:
    wide = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
    for text in (str(value), f"{value:,}", f"{value:,}".translate(wide), str(value).replace(".", ".\n"), f"{value} 元"):
        number = parse(text)
        assert number is not None and number.value == value and number.places == 2


@pytest.mark.parametrize(
    ("places", "ulp"),
    [
        ([], "1"),
        ([0, 0, 0], "1"),
        ([2, 1, 1], "0.01"),
        ([1, 0], "0.1"),
        ([2] * 20 + [4], "0.01"),
        ([6] * 5 + [4, 5], "0.000001"),
    ],
)
def test_the_finest_place_counts_unless_a_single_cell_was_left_unrounded(places: list[int], ulp: str) -> None:
    assert last_place(places) == Decimal(ulp)
