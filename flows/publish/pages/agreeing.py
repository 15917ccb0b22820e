"""What agrees, packed for the panel: a thousand verdicts a filing, most of which say nothing but at which figures they look.

Of a figure that a verdict uses as it is printed all follows from the figure; so that is found out once for each, from the texts in
which the database hands the values over, and only what is not so plain goes the way of findings (`evidence.term_step`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flows.publish.content.views import Agreement, Claim, Figure, Term
from flows.publish.pages.evidence import has_total, in_unit, result_step, scale_of, scaled, term_step
from flows.publish.pages.packing import NUMBER, UNNAMED, Known, Tables, packed
from flows.publish.wording.numbers import places
from flows.publish.wording.standing import standing


class Agreeing:
    """What agrees in one filing, packed into `tables`; `unit` is the filing's own."""

    def __init__(self, tables: Tables, printed_in: Mapping[str, Figure | Claim], unit: str) -> None:
        self.tables, self.printed_in, self.unit = tables, printed_in, unit
        self._read: dict[tuple[str | None, str, str], Known] = {}
        """The terms that were read already, by figure, value and unit: the same figure takes part in many verdicts."""

    def rows(self, agreements: Iterable[Agreement], standings: tuple[str, ...]) -> list[list[Any]]:
        """What agrees: within rounding, then exactly, in the order of its rules."""
        made: dict[tuple[str, str, tuple[int, ...]], list[Any]] = {}
        for one in agreements:
            kinds: list[int] = []
            own: list[Any] = []
            self._agreement(one, kinds, own)
            made.setdefault((one.status, one.rule, tuple(kinds)), []).extend(own)
        return [
            [self.tables.rule(rule), standings.index(standing(status, "")), kinds, own]
            for (status, rule, kinds), own in sorted(made.items(), key=lambda item: (item[0][0] == "holds", item[0][1]))
        ]

    def _agreement(self, one: Agreement, kinds: list[int], owns: list[Any]) -> None:
        """The kinds of its steps and what is their own, in the order in which a reader has them."""
        factor, unit = _scaled(one.measure, self.unit)
        kind, computed, stated = self.tables.kind, one.shape.computed, one.shape.stated
        known = [self._term(id, value, factor, unit) for id, value in zip(one.ids, one.values, strict=True)]
        said = known[stated[0][0]].printed if len(stated) == 1 else ""
        value, total, bound = one.result.split(" ")
        radii = tuple([one.values[at].partition(" ")[2] for at, *_ in stated])
        for at, sign, label in computed:
            kinds.append(kind("term", sign, label, known[at]))
            owns.append(known[at].own)
        if total and has_total(len(computed)):
            result = _result("computed", one.measure, total, bound, radii, factor, said)
            kinds.append(kind("computed", "=", "", result))
            owns.append(result.own)
        for at, sign, label in stated:
            kinds.append(kind("stated" if said else "term", "" if said else sign, label, known[at]))
            owns.append(known[at].own)
        if value and not said:
            result = _result("stated", one.measure, value, "", radii, factor)
            kinds.append(kind("stated", "", "", result))
            owns.append(result.own)

    def _term(self, id: str | None, value: str, factor: Decimal, unit: str) -> Known:
        """The term of a verdict whose unit is `unit`, by `factor` from 万元."""
        key = id, value, unit
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = self._plain(id, value, unit) or self._any(id, value, factor, unit)
        return found

    def _plain(self, id: str | None, value: str, unit: str) -> Known | None:
        """A figure known to half a unit of the last place that it prints; None for any other."""
        source = self.printed_in.get(id or "")
        if source is None:
            return None
        text, behind = _to_half(value, source.unit), _behind(source.unit, unit)
        if text is None or behind is None:
            return None
        position, first, second, shown = self.tables.names.get(source.id, UNNAMED)
        own = text if not position else position if text == shown else [position, text]
        return Known("half", behind, own, first, second, text + behind)

    def _any(self, id: str | None, value: str, factor: Decimal, unit: str) -> Known:
        if id not in self.printed_in:
            return _unprinted(value, factor, unit)
        return self.tables.known(term_step("term", _term(id, value), factor, unit, self.printed_in))


@lru_cache(maxsize=20_000)
def _unprinted(value: str, factor: Decimal, unit: str) -> Known:
    """A term that is no figure of the page: what a rule says, or a blank that counts as zero."""
    return packed(term_step("term", _term(None, value), factor, unit, {}), UNNAMED)


def _term(id: str | None, value: str) -> Term:
    amount, _, radius = value.partition(" ")
    return Term("", "", id, "", _decimal(amount), _decimal(radius))


_scaled = lru_cache(maxsize=100)(scaled)


@lru_cache(maxsize=20_000)
def _to_half(value: str, unit: str) -> str | None:
    """The number of "value radius" as it is printed in `unit`; None unless radius is half a unit of its last place."""
    amount, _, radius = value.partition(" ")
    decimals = _decimals(radius, unit)
    if decimals is None or not amount:
        return None
    exact = Decimal(amount) * scale_of(unit) + 0  # no zero is negative
    text = f"{exact:,.{decimals}f}"
    return text if Decimal(text.replace(",", "")) == exact else None


@lru_cache(maxsize=100)
def _decimals(radius: str, unit: str) -> int | None:
    """How many decimals a figure in `unit` has that is known to within `radius`; None where that is not half a unit of some place."""
    ulp = Decimal(radius or 0) * scale_of(unit) * 2
    decimals = places(ulp)
    return decimals if decimals is not None and ulp == Decimal(1).scaleb(-decimals) else None


@lru_cache(maxsize=1000)
def _behind(unit: str, own: str) -> str | None:
    """What stands behind a number in `unit`; None where it could be taken for a part of the number."""
    shown = in_unit("0", unit, own)
    found = NUMBER.fullmatch(shown)
    return found[2] if found and found[1] == "0" else None


@lru_cache(maxsize=20_000)
def _result(
    kind: str, measure: str, value: str, bound: str, radii: tuple[str, ...], factor: Decimal, said: str = ""
) -> Known:
    """What terms come to; `radii` are those of what is stated, `bound` what rounding explains in all, `said` what is stated."""
    radius = sum((_decimal(one) or Decimal(0) for one in radii), Decimal(0))
    slack: Decimal | None = radius
    if kind == "computed":
        slack = max(Decimal(0), Decimal(bound) - radius) if bound else None
    return packed(result_step(kind, measure, Decimal(value), slack, factor), UNNAMED, said)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
