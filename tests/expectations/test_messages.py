"""What is said of a verdict."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from expectations import messages, rules


def broken(stated: str, computed: str, unexplained: str) -> dict[str, Any]:
    numbers = {"stated": stated, "computed": computed, "unexplained": unexplained, "bound": "0.01"}
    difference = Decimal(stated) - Decimal(computed)
    told = {name: Decimal(number) for name, number in numbers.items()}
    return {"status": "broken", "measure": "amount", "reason": None, "difference": difference, **told}


@pytest.mark.parametrize(("lang", "said"), [("zh", "公布 0.00 万元，不应等于 0.00 万元"), ("en", "must not equal")])
def test_what_must_differ_and_is_equal_is_told_without_a_difference(lang: str, said: str) -> None:
    rule = next(rule for rule in rules.load().rules if "<>" in rule.formula)
    told = messages.finding_message(rule, broken("0", "0", "0"), "万元", lang)
    assert said in told and "相差" not in told and "difference" not in told


def test_a_sum_that_is_wrong_tells_its_difference_and_what_rounding_cannot_explain() -> None:
    rule = next(rule for rule in rules.load().rules if "<>" not in rule.formula)
    told = messages.finding_message(rule, broken("515.83", "551.83", "35.99"))
    assert "相差 -36.00 万元" in told and "至少 35.99 万元 无法解释" in told
