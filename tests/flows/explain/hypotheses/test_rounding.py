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
