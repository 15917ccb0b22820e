"""Arithmetic of relations is exact: whole numbers where a verdict has them, fractions only where a division leaves one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from flows.explain.relation import divided, relation, scaled
from tests.flows.explain.accounts import Identity


def test_the_last_place_that_a_verdict_keeps_counts_one_and_smaller_ones_are_not_lost() -> None:
    assert scaled(Decimal("0.0000001")) == 1 and scaled(Decimal("99999999999.9999999")) == 999999999999999999
    assert scaled(Decimal("-0.00000005")) == Fraction(-1, 2)


def test_a_quotient_is_whole_where_it_can_be_and_never_rounded() -> None:
    assert (divided(-6, 3), divided(Fraction(7, 2), Fraction(-1, 2))) == (-2, -7)
    assert isinstance(divided(Fraction(6), 2), int) and divided(1, 3) * 3 == 1


def test_a_relation_holds_exactly_as_far_as_its_room_reaches_and_no_unit_further() -> None:
    printed = {"N/0001": Decimal("33.30"), "N/0002": Decimal("100.00"), "N/0003": Decimal("300.00")}
    share = Identity("share", "N/0001", ("N/0002",), base="N/0003").verdict(printed)
    row = Identity("row", "N/0001", ("N/0002", "N/0003")).verdict(printed)
    for verdict in (share, row):
        made = relation(verdict, "=", {})
        assert made and not made.holds()
        for id in made.ids:
            room = made.room({id: 1})
            assert room and room.low is not None and room.high is not None
            assert made.holds({id: room.low}) and made.holds({id: room.high})
            assert not made.holds({id: room.low - 1}) and not made.holds({id: room.high + 1})
