"""What single cells of performance tables hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.recognise.performance.cells import Quantity, number, quantity, shape, without_markup, wordless


@pytest.mark.parametrize(
    ("text", "value", "unit", "relation"),
    [
        ("≥95%", "95", "%", "≥"),
        ("≧95％", "95", "%", "≥"),
        (">= 95 %", "95", "%", "≥"),
        ("≦100%", "100", "%", "≤"),
        ("<0.5%", "0.5", "%", "<"),
        ("=100%", "100", "%", "="),
        ("100%", "100", "%", ""),
        ("≥10 次", "10", "次", "≥"),
        ("≥2 次/年", "2", "次/年", "≥"),
        ("13829人", "13829", "人", ""),
        ("100元/\n人/年", "100", "元/人/年", ""),
        ("1,250.50万元", "1250.50", "万元", ""),
        ("３０ 人", "30", "人", ""),
        ("10", "10", "", ""),
        ("-3.5", "-3.5", "", ""),
        ("95%以上", "95", "%", "≥"),
        ("不低于90%", "90", "%", "≥"),
        ("控制在5%以内", "5", "%", "≤"),
        ("3年", "3", "年", ""),
        ("举办培训3期以上", "3", "期", "≥"),
        ("合格率达到98.5%", "98.5", "%", ""),
    ],
)
def test_a_quantity_is_read_with_its_unit_and_bound(text: str, value: str, unit: str, relation: str):
    assert quantity(text) == Quantity(Decimal(value), unit, relation)


@pytest.mark.parametrize(
    "text",
    [
        "及时",
        "—",
        "",
        "2023年12月31日前",
        "2023年",
        "12月底前",
        "第3季度",
        "6-10次",
        "100%（12次）",
        "执行A4标准",
        "5 5",
    ],
)
def test_words_dates_ranges_and_several_numbers_are_no_quantity(text: str):
    assert quantity(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("—", "dash"),
        ("——", "dash"),
        ("/", "dash"),
        ("1,056.66", "number"),
        ("1056.\n66", "number"),
        ("100%", "percent"),
        ("≥100%", "quantity"),
        ("8分", "quantity"),
        ("及时", "text"),
        ("5 5", "text"),
        ("2023年", "text"),
        ("指标1：会议", "text"),
    ],
)
def test_shapes(text: str, found: str):
    assert shape(text) == found


def test_the_last_place_follows_the_printed_decimals():
    assert [Quantity(Decimal(text)).ulp for text in ("95", "97.9", "100.00")] == [1, Decimal("0.1"), Decimal("0.01")]


def test_markup_and_white_space_are_taken_off_but_latin_words_stay_apart():
    assert without_markup("<p>完成 3 次</p>") == "完成 3 次"
    assert wordless("<p>指标 1：\n智慧 Smart City 平台</p>") == "指标1：智慧Smart City平台"


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["", "%", "次", "元/人/年"]))
def test_whatever_is_printed_is_the_value_read(value: Decimal, unit: str):
    read = quantity(f"≥{value:,}{unit}")
    assert read is not None and read.value == value and read.unit == unit and read.relation == "≥"
    assert number(f"{value:,}") == value


@pytest.mark.parametrize("text", ["5\n5", "10\n8", "≥95%\n≥98%", "4.5\n5.0"])
def test_short_numbers_of_one_kind_on_lines_of_their_own_are_several(text: str) -> None:
    assert shape(text) == "several" and number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234,\n567.89", "1234567.89"), ("1234\n.50", "1234.50"), ("98.\n5", "98.5"), ("94.4\n1", "94.41")],
)
def test_a_number_wrapped_within_its_cell_is_one(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


def test_a_rate_wrapped_within_its_cell_is_one() -> None:
    assert shape("94.4\n1%") == "percent" and shape("9\n5%") == "percent"
