"""Cut off instead of rounded: shown with the value before rounding, and only where that lies between the two."""

from __future__ import annotations

from decimal import Decimal

from flows.explain.hypotheses import hypotheses
from tests.flows.explain.hypotheses.figures import context, en, kinds, printed, zh


def _rate(shown: str, exact: str) -> list[str]:
    figure = printed("N/0004", shown, "%")
    value = Decimal(exact)
    slack = figure.ulp / 2 + Decimal("0.0004")
    right = value.quantize(figure.ulp)
    found = hypotheses(figure, value - slack, value + slack, right, context(figure))
    return [*kinds(found), zh(found, "truncated"), en(found, "truncated")]


def test_a_rate_cut_off() -> None:
    first, *_ = _rate("51.96", "51.9686")
    assert first == "truncated"


def test_rounded_up_or_two_places_away_is_not_cut_off() -> None:
    assert "truncated" not in _rate("51.98", "51.9686")
    assert "truncated" not in _rate("51.95", "51.9686")
    assert "truncated" not in _rate("51.97", "51.9614")


def test_where_the_value_before_rounding_is_shown_it_lies_between_the_two() -> None:
    *_, chinese, english = _rate("51.96", "51.9686")
    assert chinese == "截尾而未四舍五入：51.9686%应为51.97%，印作51.96%"
    assert english == "cut off instead of rounded: 51.9686% gives 51.97%, printed 51.96%"


def test_where_rounding_of_the_parts_leaves_it_open_no_such_value_is_shown() -> None:
    figure = printed("N/0004", "51.96", "%")
    least, most = Decimal("51.963"), Decimal("51.978")  # the parts give 51.9705 ± 0.0025: it may have been 51.969
    found = hypotheses(figure, least, most, Decimal("51.97"), context(figure))
    assert zh(found, "truncated") == "可能截尾而未四舍五入：应为51.97%，印作51.96%"
    beyond = hypotheses(figure, Decimal("51.9655"), most, Decimal("51.97"), context(figure))
    assert "truncated" not in kinds(beyond)
