"""Where one figure does not clear all: sets of several, cases that have nothing to do with each other, and limits."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from flows.explain.diagnosis import Located
from flows.explain.locate import Limits, located
from flows.explain.relation import scaled
from tests.flows.explain.accounts import AMOUNTS, Identity, filing, identities
from tests.flows.explain.locate.test_single import found, judged

PATIENT = Limits(seconds=60)


def sets(one: Located) -> list[set[str]]:
    return [set(each.figures) for each in one.sets]


def moves(one: Located, n: int = 0) -> dict[str, Decimal]:
    return {change.figure: Decimal(int(change.move)) / 10**7 for change in one.sets[n].changes}


def altered(**by: str) -> dict[str, Decimal]:
    printed = filing(AMOUNTS)
    for id, amount in by.items():
        printed[id.replace("__", "/")] += Decimal(amount)
    return printed


def test_a_slip_that_was_added_up_is_one_case_of_the_figure_and_what_follows_from_it() -> None:
    """A part is wrong and its totals were added up from it: they follow, and cost less than figures wrong by themselves."""
    printed = filing(AMOUNTS)
    for id in ("T05/2010101/项目", "T05/20101/项目", "T05/201/项目", "T05/合计/项目"):
        printed[id] += Decimal("9.00")
    (one,) = found(printed, identities())
    assert sets(one) == [{"T05/2010101/项目", "T05/20101/项目", "T05/201/项目", "T05/合计/项目"}]
    assert one.whole and one.sets[0].follows == {"T05/20101/项目", "T05/201/项目", "T05/合计/项目"}
    assert set(moves(one).values()) == {Decimal("-9.00")}


def test_a_total_that_was_not_updated_is_found_alone() -> None:
    """The part changed everywhere it stands; one total did not."""
    printed = filing(AMOUNTS)
    printed["T03/20101/项目"] -= Decimal("12.50")
    (one,) = found(printed, identities())
    assert sets(one) == [{"T03/20101/项目"}] and moves(one) == {"T03/20101/项目": Decimal("12.50")}


def test_any_two_of_three_figures_are_listed_where_identities_cannot_tell_which() -> None:
    printed = {"T03/a/合计": Decimal("30.00"), "T03/a/基本": Decimal("10.00"), "T05/a/合计": Decimal("40.00")}
    listed = [
        Identity("row a", "T03/a/合计", ("T03/a/基本",)),
        Identity("copy a", "T05/a/合计", ("T03/a/合计",)),
    ]
    (one,) = found(printed, listed)
    ids = sorted(printed)
    assert sorted(map(sorted, sets(one))) == [ids[:2], [ids[0], ids[2]], ids[1:]] and one.whole


def test_two_errors_whose_findings_share_a_figure_are_two_cases() -> None:
    """Both sums contain the figure that others confirm: no minimal set uses it, so that the errors have nothing to do with each other."""
    printed = {
        "T01/a": Decimal("50.00"), "T01/b": Decimal("21.00"), "T01/c": Decimal("35.00"), "T01/d": Decimal("99.00"),
        "T01/x": Decimal("30.00"), "T02/x": Decimal("30.00"), "T04/x": Decimal("30.00"),
    }  # fmt: skip
    listed = [
        Identity("first", "T01/a", ("T01/x", "T01/b")),
        Identity("second", "T01/d", ("T01/x", "T01/c")),
        Identity("copy 2", "T02/x", ("T01/x",)),
        Identity("copy 4", "T04/x", ("T01/x",)),
    ]
    one, other = found(printed, listed)
    assert (one.findings, other.findings) == (("id of first",), ("id of second",))
    assert sets(one) == [{"T01/a"}, {"T01/b"}] and sets(other) == [{"T01/d"}, {"T01/c"}]
    assert one.whole and other.whole


def test_two_errors_in_one_sum_are_found_where_other_identities_tell_them() -> None:
    printed = filing(AMOUNTS)
    printed["T03/2010101/项目"] += Decimal("5.00")
    printed["T03/2010102/项目"] += Decimal("7.00")
    (one,) = found(printed, identities())
    assert sets(one) == [{"T03/2010101/项目", "T03/2010102/项目"}]
    assert moves(one) == {"T03/2010101/项目": Decimal("-5.00"), "T03/2010102/项目": Decimal("-7.00")}


def test_a_wrong_part_and_a_wrong_rate_of_it_are_told_apart() -> None:
    printed = filing(AMOUNTS)
    true = printed["N/0004"]
    printed |= {"N/0004": Decimal("7.80"), "N/0002": printed["N/0002"] + Decimal("100.00")}
    figures = [each for one in found(printed, identities()) for each in sets(one)]
    assert figures == [{"N/0002", "N/0004"}]
    (one,) = found(printed, identities())
    assert moves(one) == {"N/0002": Decimal("-100.00"), "N/0004": true - Decimal("7.80")}


def test_where_no_change_makes_all_hold_that_is_certain() -> None:
    """The figure must be at most 5 and at least 9, and nothing else can move."""
    printed = {"T01/a": Decimal("7.00")}
    listed = judged(
        printed,
        [
            Identity("most", "T01/a", op="<=", limit=Decimal("5.00")),
            Identity("equal", "T01/a", limit=Decimal("9.00")),
        ],
    )
    assert [(one.sets, one.whole) for one in located(listed)] == [((), True)]


@pytest.mark.parametrize("limits", [Limits(questions=1), Limits(sets=1, seconds=60)])
def test_a_search_that_is_ended_says_so(limits: Limits) -> None:
    """Each of three forms repeats the total of another, none agrees: any two of them may be wrong."""
    ids = ("T01/a", "T03/a", "T05/a")
    printed = dict(zip(ids, map(Decimal, ("10.00", "20.00", "40.00")), strict=True))
    pairs = [(ids[0], ids[1]), (ids[1], ids[2]), (ids[0], ids[2])]
    listed = judged(printed, [Identity(f"{one} {other}", one, (other,)) for one, other in pairs])
    (one,) = located(listed, limits=limits)
    assert not one.whole
    (all_of_them,) = located(listed, limits=PATIENT)
    assert all_of_them.whole and sorted(map(sorted, sets(all_of_them))) == [[*ids[:2]], [ids[0], ids[2]], [*ids[1:]]]


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_verdicts_does_not_matter(seed: int) -> None:
    printed = filing(AMOUNTS)
    draw = random.Random(seed)
    for id in draw.sample(sorted(printed), 3):
        printed[id] += Decimal(draw.randint(2, 90))
    listed = judged(printed, identities())
    first = located(listed, limits=PATIENT)
    for _ in range(3):
        assert located(draw.sample(listed, len(listed)), limits=PATIENT) == first
    assert first


def test_what_is_altered_is_in_a_set_that_clears_it() -> None:
    for seed in range(12):
        printed, draw = filing(AMOUNTS), random.Random(seed)
        wrong = draw.sample(sorted(id for id in printed if id[0] == "T"), 2)
        for id in wrong:
            printed[id] += Decimal(draw.randint(2, 90))
        cases = found(printed, identities())
        assert all(case.whole for case in cases)
        assert {id for case in cases for each in sets(case) for id in each} >= set(wrong), (seed, wrong, cases)


def test_changes_keep_the_moves_within_what_they_say_is_possible() -> None:
    printed = altered(T03__2010101__项目="5.00", T03__2010102__项目="7.00")
    (one,) = found(printed, identities())
    for change in one.sets[0].changes:
        assert change.low is not None and change.high is not None
        assert change.low <= change.move <= change.high < 0
        assert change.high - change.low <= scaled(Decimal("0.06"))


def test_repairs_that_exclude_each_other_are_one_case() -> None:
    """Each figure alone may move by its last place for the sum to go on holding within rounding; both together may not."""
    printed = {"T01/a": Decimal("20.00"), "T01/b": Decimal("9.00"), "T01/c": Decimal("11.00")}
    listed = [
        Identity("is a", "T01/a", limit=Decimal("20.01")),
        Identity("is b", "T01/b", limit=Decimal("8.99")),
        Identity("sum", "T01/a", ("T01/b", "T01/c")),
    ]
    (one,) = found(printed, listed)
    assert one.findings == ("id of is a", "id of is b") and one.whole
    assert sets(one) == [{"T01/a", "T01/b", "T01/c"}]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_base_of_the_wrong_sign_is_found_in_a_set_of_several(sign: int) -> None:
    """Two forms state the base alike, both with the wrong sign; the rate and the amount are each confirmed twice."""
    printed = {
        "T01/rate": Decimal("120.00"), "T03/rate": Decimal("120.00"), "T04/rate": Decimal("120.00"),
        "T01/amount": sign * Decimal("60.00"), "T03/amount": sign * Decimal("60.00"), "T04/amount": sign * Decimal("60.00"),
        "T01/base": sign * Decimal("-50.00"), "T03/base": sign * Decimal("-50.00"),
    }  # fmt: skip
    listed = [
        Identity("rate", "T01/rate", ("T01/amount",), base="T01/base"),
        Identity("base", "T03/base", ("T01/base",)),
        Identity("most", "T01/base", op="<=", limit=Decimal("70.00")),
        *(Identity(f"rate {k}", f"{k}/rate", ("T01/rate",)) for k in ("T03", "T04")),
        *(Identity(f"amount {k}", f"{k}/amount", ("T01/amount",)) for k in ("T03", "T04")),
    ]
    (one,) = found(printed, listed)
    assert sets(one) == [{"T01/base", "T03/base"}] and one.whole
    assert set(moves(one).values()) == {sign * Decimal("100.00")}
    for change in one.sets[0].changes:
        ends = [change.low, change.high]
        assert all(end is not None and sign * end > scaled(Decimal("50.00")) for end in ends)
