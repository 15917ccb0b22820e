"""Slips in adding up: a part left out or counted twice, a subtotal for the total, a total not updated, a row that is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from expectations.vocabulary import WAN
from flows.explain.causes import Judged
from flows.explain.diagnosis import Printed
from flows.explain.hypotheses.case import Case, Guess
from flows.explain.hypotheses.context import is_claim, value_in
from flows.explain.hypotheses.digits import KEPT, swaps
from flows.explain.hypotheses.exact import broken, decimal, stretch
from flows.explain.hypotheses.sentences import number, one_of, said
from flows.explain.relation import Relation, divided

CLASS = 3  # digits of a code of 类, the highest level


@dataclass(frozen=True, slots=True)
class Sum:
    """A broken sum in which the figure stands, as its total or as a part: the other parts, and what each adds, in its own unit."""

    judged: Judged
    relation: Relation
    is_total: bool
    parts: tuple[tuple[Printed, Decimal], ...]

    @property
    def several(self) -> bool:
        """Whether anything is added up: else it only says that two figures are the same."""
        return len(self.relation.over.parts) > 1


def totals(case: Case) -> Iterator[Guess]:
    """Every guess at a slip in adding up."""
    found = tuple(_sums(case))
    if found:
        for family in (_lines, _subtotals, _missing_rows, _stale_totals):
            yield from family(case, found)


def _sums(case: Case) -> Iterator[Sum]:
    """Every broken sum in which the figure stands."""
    figure, printed = case.figure, case.context.printed
    for one, relation in broken(case):
        if relation.under is not None or relation.op != "=":
            continue
        is_total = [part.id for part in relation.plain.parts] == [figure.id]
        if is_total or any(part.id == figure.id for part in relation.over.parts):
            scale = stretch(figure, relation)
            parts = [
                (printed[part.id], decimal(divided(part.value, scale)))
                for part in relation.over.parts
                if part.value and part.id in printed and part.id != figure.id
            ]
            yield Sum(one, relation, is_total, tuple(parts))


# ---- the difference is another line -------------------------------------------------------------------------------------


def _lines(case: Case, found: Sequence[Sum]) -> Iterator[Guess]:
    """The difference is another part of the same sum: left out of the figure, or counted twice in it."""
    for one in (one for one in found if one.several):
        ways = len({abs(amount) for _, amount in one.parts}) * (1 if one.is_total else 2)
        fits: dict[tuple[str, Decimal], list[Printed]] = defaultdict(list)
        for part, amount in one.parts:
            for kind, value in (("left_out", case.printed + amount), ("counted_twice", case.printed - amount)):
                if case.allows(value) and value != amount:
                    fits[kind, value].append(part)
        for (kind, value), some in fits.items():
            facts = {"printed": _number(case, case.printed), "right": _number(case, value)}
            facts["part"] = _number(case, abs(value - case.printed))
            sign = "−" if (value > case.printed) else "+"
            sentence = said(kind, label=one_of([part.label for part in some]), sign=sign, **facts)
            yield Guess(kind, value, sentence, max(1, ways), case.values())


def _subtotals(case: Case, found: Sequence[Sum]) -> Iterator[Guess]:
    """The total is printed as one of its parts, or as the sum of the first of them."""
    for one in found:
        if not one.is_total or not case.printed:
            continue
        amounts = [amount for _, amount in one.parts]
        ways, common = len(amounts), 10 ** max(0, KEPT + 1 - case.digits)
        for part, amount in one.parts:
            if amount == case.printed:
                sentence = said("subtotal", label=part.label, printed=_number(case, case.printed))
                yield Guess("subtotal_for_total", case.repair, sentence, ways * common)
        for count, running in enumerate(list(accumulate(amounts))[1:-1], 2):
            if running == case.printed:
                last = one.parts[count - 1][0]
                sentence = said("subtotal_of", label=last.label, count=str(count), printed=_number(case, running))
                yield Guess("subtotal_for_total", case.repair, sentence, ways * common)


# ---- rows that are missing ----------------------------------------------------------------------------------------------


def _missing_rows(case: Case, found: Sequence[Sum]) -> Iterator[Guess]:
    """The difference is the amount of a row that other forms, or last year's, have below the same total and this form lacks."""
    for one in found:
        total = case.context.printed.get(one.relation.target)
        if total is None or is_claim(total) or total.form != case.figure.form:
            continue
        absent = [other for other in _absent(case, total) if value_in(other, case.figure.unit) is not None]
        ways = len({other.value for other in absent}) * 2
        for other in absent:
            amount = value_in(other, case.figure.unit) or Decimal(0)
            right = case.printed - amount if one.is_total else case.printed + amount
            if case.allows(right):
                sentence = said("row_missing", label=other.label, part=_number(case, amount))
                yield Guess("left_out", right, sentence, ways, case.values())


def _absent(case: Case, total: Printed) -> Iterator[Printed]:
    """The figures of rows below `total` that are not in its form."""
    here = {one.row_key for one in case.context.cells[total.form, total.part]}
    for other in (*case.context.printed.values(), *case.context.previous.values()):
        if other.form[:1] == "T" and other.value and other.row_key not in here and _below(other.row_key, total.row_key):
            yield other


def _below(key: str, total: str) -> bool:
    if not key.isdigit():
        return False
    return key.startswith(total) and key != total if total.isdigit() else len(key) == CLASS


# ---- totals not updated -------------------------------------------------------------------------------------------------


def _stale_totals(case: Case, found: Sequence[Sum]) -> Iterator[Guess]:
    """The total is the sum with one part at another known value; or the totals above the part hold with its former value."""
    for one in found:
        if one.is_total and one.several:
            yield from _with_another(case, one)
    yield from _changed_below(case, found)


def _with_another(case: Case, one: Sum) -> Iterator[Guess]:
    known = [(part, amount, _known(case, part)) for part, amount in one.parts]
    ways = sum(len(others) for _, _, others in known)
    for part, amount, others in known:
        value = value_in(part, case.figure.unit)
        for name, other in others:
            instead = value_in(other, case.figure.unit)
            if value is None or instead is None or not value:
                continue
            right = case.printed + (value - instead) * (1 if amount * value > 0 else -1)
            if instead != value and case.allows(right):
                facts = {"printed": _number(case, case.printed), "part": _number(case, value)}
                facts["other"] = _number(case, instead)
                yield Guess("total_not_updated", right, said(name, label=part.label, **facts), ways, case.values())


def _known(case: Case, part: Printed) -> Sequence[tuple[str, Printed]]:
    """Other values that the part is known by: last year's, those of its row in other forms, itself with two digits swapped."""
    found: list[tuple[str, Printed]] = []
    if part.id in case.context.previous:
        found.append(("total_of_last_year", case.context.previous[part.id]))
    if not is_claim(part):
        found += [
            ("total_of_other_form", other)
            for other in case.context.by_row.get(part.row_key, ())
            if other.form != part.form
        ]
    found += [("total_of_swapped", other) for other in swaps(part)]
    return found


def _changed_below(case: Case, found: Sequence[Sum]) -> Iterator[Guess]:
    """A part of which all totals above it call for another value; where its row adds up as printed, the row was changed as a whole."""
    figure = case.figure
    above = [one for one in found if not one.is_total and _over(case, one.relation)]
    if is_claim(figure) or figure.unit not in WAN or not above:
        return
    mates = _row_holds(case)
    if not mates and any(not _over(case, relation) for _, relation in broken(case) if relation.op == "="):
        return  # what does not come from its own form alone was not up to its totals
    total = case.context.printed[above[0].relation.target]
    facts = {"printed": _number(case, case.printed), "right": _number(case, case.repair)}
    name = "changed_row" if mates else "changed_part"
    # Where nothing but the total speaks for a change, it may have been by any amount.
    ways = CHANGED_ROW if mates else 10 ** min(case.reach, 5) // 25
    yield Guess("total_not_updated", case.repair, said(name, label=total.label, **facts), ways, 1)


CHANGED_ROW = 50
"""A row that adds up with a part that no total above allows was hardly mistyped in one cell: that weighs as much as two digits."""


def _over(case: Case, relation: Relation) -> bool:
    """Whether the sum's total stands above the figure in its own column."""
    total, figure = case.context.printed.get(relation.target), case.figure
    same = total is not None and (total.form, total.part, total.column) == (figure.form, figure.part, figure.column)
    return same and total is not None and total.row_key != figure.row_key


def _row_holds(case: Case) -> bool:
    """Whether a sum of cells of the figure's own row holds as they are printed; blank ones have no say."""
    figure, printed = case.figure, case.context.printed
    for one in case.context.touching.get(figure.id, ()):
        if one.broken or not one.relation or one.relation.op != "=" or one.relation.under is not None:
            continue
        others = [printed[id] for id in one.relation.ids if id in printed and id != figure.id]
        if others and all((o.form, o.part, o.row_key) == (figure.form, figure.part, figure.row_key) for o in others):
            return True
    return False


def _number(case: Case, value: Decimal) -> str:
    return number(value, case.figure.ulp, case.figure.unit)
