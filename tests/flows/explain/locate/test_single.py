"""One figure that is wrong is found among the identities in which it stands, with the value that it should have."""

from __future__ import annotations

from decimal import Decimal

from flows.explain.causes import Judged
from flows.explain.diagnosis import Located
from flows.explain.locate import located
from flows.explain.relation import relation, scaled
from tests.flows.explain.accounts import AMOUNTS, Identity, filing, identities


def judged(printed: dict[str, Decimal], listed: list[Identity]) -> list[Judged]:
    first: dict[str, int] = {}
    made = []
    for one in listed:
        verdict = one.verdict(printed)
        known = relation(verdict, one.op, first)
        made.append(Judged(verdict["fingerprint"], one.rule, one.name, 0, verdict["status"] == "broken", known))
    return made


def found(printed: dict[str, Decimal], listed: list[Identity]) -> tuple[Located, ...]:
    return located(judged(printed, listed))


def test_a_figure_confirmed_by_nothing_else_is_told_from_a_total_that_the_column_confirms() -> None:
    """Row sum with a total that another identity confirms: one of the parts, each with its repair."""
    printed = {
        "T03/a/合计": Decimal("584.77"),
        "T03/a/基本": Decimal("500.00"),
        "T03/a/项目": Decimal("48.77"),
        "T05/a/合计": Decimal("584.77"),
    }
    row = Identity("row a", "T03/a/合计", ("T03/a/基本", "T03/a/项目"))
    (one,) = found(printed, [row, Identity("copy a", "T05/a/合计", ("T03/a/合计",))])
    assert one.findings == ("id of row a",) and one.whole
    assert {(change.figure, change.move) for each in one.sets for change in each.changes} == {
        ("T03/a/基本", scaled(Decimal("36.00"))),
        ("T03/a/项目", scaled(Decimal("36.00"))),
    }
    first = one.sets[0].changes[0]
    assert (first.low, first.high) == (scaled(Decimal("35.985")), scaled(Decimal("36.015")))


def test_one_wrong_figure_of_a_filing_is_the_only_one_that_clears_all_that_it_breaks() -> None:
    printed = filing(AMOUNTS)
    printed["T03/2010102/项目"] += Decimal("36.00")
    (one,) = found(printed, identities())
    assert [each.figures for each in one.sets] == [("T03/2010102/项目",)]
    assert one.sets[0].changes[0].move == scaled(Decimal("-36.00"))
    assert len(one.findings) == 3


def test_a_rate_that_fails_names_the_rate_before_the_amounts_that_others_confirm() -> None:
    printed = filing(AMOUNTS)
    true, printed["N/0004"] = printed["N/0004"], Decimal("7.80")
    (one,) = found(printed, identities())
    assert [each.figures for each in one.sets] == [("N/0004",)]
    assert one.sets[0].changes[0].move == scaled(true - Decimal("7.80"))


def test_a_claim_and_a_total_are_suspected_before_a_part_and_a_doubted_reading_before_all() -> None:
    printed = {"N/0001": Decimal("10.00"), "T03/a/x": Decimal("3.00"), "T03/a/y": Decimal("4.00")}
    listed = judged(printed, [Identity("text sum", "N/0001", ("T03/a/x", "T03/a/y"))])
    order = [each.figures[0] for each in located(listed)[0].sets]
    assert order == ["N/0001", "T03/a/x", "T03/a/y"]
    assert located(listed, doubted={"T03/a/y"})[0].sets[0].figures == ("T03/a/y",)


def test_a_repair_is_a_value_that_can_be_printed() -> None:
    """33.333… % of the base: the amount that fits is told to its own last place."""
    printed = {"N/0001": Decimal("33.33"), "N/0002": Decimal("120.00"), "N/0003": Decimal("400.01")}
    (one,) = found(printed, [Identity("share", "N/0001", ("N/0002",), base="N/0003")])
    for each in one.sets:
        (change,) = each.changes
        value = scaled(printed[change.figure]) + change.move
        assert value % scaled(Decimal("0.01")) == 0
        assert change.low is not None and change.high is not None and change.low <= change.move <= change.high
    assert {each.figures[0] for each in one.sets} == {"N/0001", "N/0002", "N/0003"}


def test_what_holds_is_in_no_case() -> None:
    assert found(filing(AMOUNTS), identities()) == ()


def test_what_holds_limits_how_far_a_figure_may_move() -> None:
    """The sum leaves 5.00 either way of rounding; that it is at most 5.00 as well leaves only the lower half."""
    printed = {"T01/a": Decimal("3.00"), "T01/b": Decimal("5.00"), "T01/c": Decimal("5.00")}
    row, most = Identity("row", "T01/a", ("T01/b",)), Identity("most", "T01/a", op="<=", limit=Decimal("5.00"))
    (free,), (limited,) = found(printed, [row]), found(printed, [row, most])
    ends = [
        (change.low, change.high)
        for one in (free, limited)
        for each in one.sets
        for change in each.changes
        if change.figure == "T01/a"
    ]
    assert ends == [
        (scaled(Decimal("1.99")), scaled(Decimal("2.01"))),
        (scaled(Decimal("1.99")), scaled(Decimal("2.005"))),
    ]


def test_a_base_printed_with_the_wrong_sign_is_found_and_told_with_the_other() -> None:
    """A rise of 20 % over 50.00 to 60.00, the base printed as -50.00; no value below 0 would do."""
    printed = {"N/0001": Decimal("120.00"), "N/0002": Decimal("60.00"), "N/0003": Decimal("-50.00")}
    listed = [
        Identity("rate", "N/0001", ("N/0002",), base="N/0003"),
        Identity("copy", "T01/a", ("N/0002",)),
        Identity("again", "N/0004", ("N/0001",)),
    ]
    printed |= {"T01/a": Decimal("60.00"), "N/0004": Decimal("120.00")}
    (one,) = found(printed, listed)
    assert [each.figures for each in one.sets] == [("N/0003",)] and one.whole
    (change,) = one.sets[0].changes
    assert change.move == scaled(Decimal("100.00"))
    assert change.low is not None and change.low > scaled(Decimal("50.00"))


def test_more_single_figures_than_are_listed_are_said_to_be_more() -> None:
    printed = {"T01/total": Decimal("40.00")} | {f"T01/{k:02}": Decimal("1.00") for k in range(30)}
    (one,) = found(printed, [Identity("sum", "T01/total", tuple(sorted(printed)[:30]))])
    assert len(one.sets) == 24 and not one.whole
    assert one.sets[0].figures == ("T01/total",)
