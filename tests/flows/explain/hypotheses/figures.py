"""Invented figures and claims, and what is said of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flows.explain.causes import Judged
from flows.explain.diagnosis import Hypothesis, Printed
from flows.explain.hypotheses import Context, hypotheses
from flows.explain.relation import relation
from tests.flows.explain.accounts import Identity

CENT = Decimal("0.01")


def printed(id: str, value: str, unit: str = "万元", *, order: int = 0, label: str = "", raw: str = "") -> Printed:
    """The figure "FORM/ROW/COLUMN", or the claim "N/0001", with as many decimals as `value` has."""
    form, _, rest = id.partition("/")
    row, _, column = rest.rpartition("/") if form != "N" else ("", "", "")
    name, _, part = form.partition("(")
    amount = Decimal(value)
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    ulp = Decimal(1).scaleb(exponent)
    named = {"zh": label or id, "en": label or id}
    return Printed(id, name, part.rstrip(")"), row, column, named, amount, unit, ulp, raw or value, order)


def context(*figures: Printed, **other: object) -> Context:
    return Context({one.id: one for one in figures}, **other)  # type: ignore[arg-type]


def guessed(
    figure: Printed, right: str, slack: str = "0.01", around: Context | Iterable[Printed] = ()
) -> tuple[Hypothesis, ...]:
    """What is supposed of the figure that should read `right`, give or take `slack`."""
    inside = around if isinstance(around, Context) else context(figure, *around)
    value, by = Decimal(right), Decimal(slack)
    return hypotheses(figure, value - by, value + by, value, inside)


def kinds(found: Iterable[Hypothesis]) -> list[str]:
    return [one.kind for one in found]


def zh(found: Iterable[Hypothesis], kind: str) -> str:
    """The sentence of the hypothesis of this kind, "" where it is not given."""
    return next((one.said["zh"] for one in found if one.kind == kind), "")


def en(found: Iterable[Hypothesis], kind: str) -> str:
    return next((one.said["en"] for one in found if one.kind == kind), "")


def judged(identities: Iterable[Identity], figures: Iterable[Printed]) -> tuple[Judged, ...]:
    """The identities between these figures as they stand, amounts of two decimals in 万元."""
    values = {one.id: one.value for one in figures}
    made = []
    for one in identities:
        verdict = one.verdict(values)
        broken = verdict["status"] == "broken"
        made.append(Judged(verdict["fingerprint"], one.rule, one.name, 0, broken, relation(verdict, one.op, {})))
    return tuple(made)
