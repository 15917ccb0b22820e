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


def test_a_base_that_only_a_change_of_its_sign_mends_has_room_there() -> None:
    """1846.41 in the year before, 1913.04 now: a rise of 666300.00 instead of 66.63, or 3.61 %."""
    printed = {"N/0001": Decimal("3.61"), "N/0002": Decimal("1913.04"), "N/0003": Decimal("666300.00")}
    sides = [
        ("stated", "+", "N/0001"),
        ("computed", "+", "N/0003"),
        ("computed", "÷", "N/0002"),
        ("computed", "÷-", "N/0003"),
    ]
    radius = Decimal("0.005")
    terms = [{"side": side, "sign": sign, "id": id, "value": printed[id], "radius": radius} for side, sign, id in sides]
    verdict = {
        "stated": printed["N/0001"], "computed": Decimal("-100.287941"), "bound": Decimal("0.0050030"), "measure": "rate",
        "status": "broken", "terms": terms,
    }  # fmt: skip
    made = relation(verdict, "=", {})
    assert made and not made.holds()
    room = made.room({"N/0003": 1})
    assert (
        room
        and room.low is not None
        and room.high is not None
        and room.holds(scaled(Decimal("66.63") - printed["N/0003"]))
    )
    assert made.holds({"N/0003": room.low}) and made.holds({"N/0003": room.high})
    assert not made.holds({"N/0003": room.low - 1}) and not made.holds({"N/0003": room.high + 1})
