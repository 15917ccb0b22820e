"""Findings with one cause are tied to one root; findings that nothing ties stay apart."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flows.explain.diagnose import explained
from tests.flows.explain.accounts import AMOUNTS, Identity, broken, filing, identities, rules_of, tied


def altered(**changes: str) -> dict[str, Decimal]:
    """The consistent filing, some figures printed otherwise (`_` in a name stands for the stroke of an id)."""
    return filing(AMOUNTS) | {name.replace("_", "/"): Decimal(value) for name, value in changes.items()}


def groups(printed: dict[str, Decimal], known: list[Identity]) -> list[set[str]]:
    """The broken identities, those with one root together."""
    ties = tied(printed, known)
    made: dict[str, set[str]] = {}
    for name in broken(printed, known):
        made.setdefault(ties.get(name, name), set()).add(name)
    return list(made.values())


def test_a_consistent_filing_has_nothing_to_tie() -> None:
    assert broken(filing(AMOUNTS), identities()) == set() and tied(filing(AMOUNTS), identities()) == {}


def test_a_misprinted_part_is_one_cause_and_the_row_that_states_it_its_root() -> None:
    printed = altered(**{"T03_2010102_基本": "930.7"})  # ← 93.07
    assert broken(printed, identities()) == {"T03 row 2010102", "T03 roll-up 20101 基本", "T03-T05 2010102 基本"}
    assert tied(printed, identities()) == dict.fromkeys(
        ("T03 roll-up 20101 基本", "T03-T05 2010102 基本"), "T03 row 2010102"
    )


def test_a_total_that_is_wrong_because_a_part_is_counts_once() -> None:
    """The slip was added up: every total holds in its form, and all of them disagree with the other form."""
    printed = filing(AMOUNTS)
    for id in (
        "2010102/基本",
        "2010102/合计",
        "20101/基本",
        "20101/合计",
        "201/基本",
        "201/合计",
        "合计/基本",
        "合计/合计",
    ):
        printed[f"T05/{id}"] += Decimal("9.00")  # ← in 2010102, carried upwards
    assert len(broken(printed, identities())) == 8
    assert len(groups(printed, identities())) == 1


def test_a_unit_slip_in_one_figure_breaks_row_column_and_forms_at_once() -> None:
    printed = altered(**{"T03_208_合计": "2126300.00"})  # ← 212.63 in 元
    assert len(broken(printed, identities())) == 3
    (one,) = groups(printed, identities())
    assert tied(printed, identities())["T03-T05 208 合计"] == "T03 row 208" and len(one) == 3


def test_a_whole_form_in_another_unit_is_one_cause() -> None:
    printed = filing(AMOUNTS)
    printed |= {id: value * 10000 for id, value in printed.items() if id.startswith("T05/")}  # ← in 元, headed 万元
    assert len(broken(printed, identities())) == 24
    assert len(groups(printed, identities())) == 1


def test_shares_of_one_bad_base_are_one_finding_with_many_symptoms() -> None:
    known = [Identity("total", "N/0001", ("T01/支出/决算数",)), Identity("income", "N/0009", ("T01/收入/决算数",))]
    known += [Identity(f"share {k}", f"N/1{k}", (f"N/2{k}",), base="N/0001") for k in range(4)]
    known.append(Identity("shares", "N/0008", tuple(f"N/1{k}" for k in range(4))))
    printed = {"N/0001": Decimal("1055.32"), "T01/支出/决算数": Decimal("1055.32"), "N/0008": Decimal("100.00")}
    printed |= {"N/0009": Decimal("1158.66"), "T01/收入/决算数": Decimal("1158.66")}
    for k, part in enumerate(("700.00", "200.00", "100.00", "55.32")):
        printed |= {
            f"N/2{k}": Decimal(part),
            f"N/1{k}": round(Decimal(part) / printed["N/0009"] * 100, 2),
        }  # ← of income
    assert broken(printed, known) == {"share 0", "share 1", "share 2", "share 3", "shares"}
    assert set(tied(printed, known)) == {"share 1", "share 2", "share 3", "shares"}
    assert set(tied(printed, known).values()) == {"share 0"}


def test_one_share_that_is_wrong_by_itself_takes_no_other_with_it() -> None:
    printed = altered(**{"N_0004": "77.00", "N_0005": "31.00"})
    assert broken(printed, identities()) == {"share basic", "share project"} and tied(printed, identities()) == {}


def test_a_figure_misquoted_in_three_places_is_one_cause() -> None:
    known = [Identity(f"quoted {k}", f"N/{k}", ("T01/支出/决算数",)) for k in range(4)]
    known += [Identity("within", "T01/支出/决算数", ("T01/a/决算数", "T01/b/决算数"))]
    printed = {"T01/支出/决算数": Decimal("584.77"), "T01/a/决算数": Decimal("84.77"), "T01/b/决算数": Decimal("500")}
    printed |= {"N/0": Decimal("584.77")} | dict.fromkeys(("N/1", "N/2", "N/3"), Decimal("548.77"))  # ← digits swapped
    assert groups(printed, known) == [{"quoted 1", "quoted 2", "quoted 3"}]
    assert groups(printed | {"N/3": Decimal("574.77")}, known) != groups(printed, known)


def test_the_same_round_number_in_two_places_is_no_evidence() -> None:
    known = [Identity(f"quoted {k}", f"N/{k}", (f"T01/{k}/决算数",)) for k in range(2)]
    printed = {"N/0": Decimal("10"), "N/1": Decimal("10"), "T01/0/决算数": Decimal("12"), "T01/1/决算数": Decimal("12")}
    assert broken(printed, known) == {"quoted 0", "quoted 1"} and tied(printed, known) == {}


def test_a_sum_of_two_parts_that_are_both_wrong_follows_from_them() -> None:
    printed = altered(**{"T03_2010101_项目": "111.15", "T03_20102_项目": "107.80"})  # ← 101.15, 77.80
    printed |= {id: printed[id] + by for id, by in (("T03/合计/项目", Decimal(40)), ("T03/合计/合计", Decimal(40)))}
    found = groups(printed, identities())
    assert len(found) == 3, found  # the two parts, and the total of 40 with what quotes it


def test_a_limit_is_no_evidence_by_itself() -> None:
    """A sum is off, and one of its parts exceeds a limit: that alone makes neither the cause of the other."""
    known = [Identity("sum", "T03/合计/合计", ("T03/a/合计", "T03/b/合计"))]
    known.append(Identity("limit", "T03/a/合计", op="<=", severity="warning", limit=Decimal(50)))
    printed = {"T03/合计/合计": Decimal(90), "T03/a/合计": Decimal(60), "T03/b/合计": Decimal(40)}
    assert broken(printed, known) == {"sum", "limit"} and tied(printed, known) == {}
    known.append(Identity("other form", "T05/a/合计", ("T03/a/合计",)))
    assert tied(printed | {"T05/a/合计": Decimal(50)}, known) == {"limit": "sum", "other form": "sum"}


def test_no_warning_stands_above_what_must_be_put_right() -> None:
    """The warning would be the more direct root: few terms, the figure's own form."""
    known = [Identity("direct", "T03/a/合计", ("T03/b/合计",), severity="warning")]
    known.append(Identity("grave", "T05/x/合计", ("T03/a/合计", "T05/y/合计", "T05/z/合计")))
    printed = {"T03/a/合计": Decimal("21.00"), "T03/b/合计": Decimal("12.00")}  # ← a should read 12.00
    printed |= {"T05/x/合计": Decimal("112.00"), "T05/y/合计": Decimal("60.00"), "T05/z/合计": Decimal("40.00")}
    assert tied(printed, known) == {"direct": "grave"}


def test_findings_of_one_figure_that_imply_different_values_stay_apart() -> None:
    known = [Identity("one", "T03/a/合计", ("T03/b/合计",)), Identity("two", "T03/a/合计", ("T05/a/合计",))]
    printed = {"T03/a/合计": Decimal("100.00"), "T03/b/合计": Decimal("90.00"), "T05/a/合计": Decimal("80.00")}
    assert broken(printed, known) == {"one", "two"} and tied(printed, known) == {}


def test_a_repair_that_would_break_as_much_as_it_mends_ties_nothing() -> None:
    """Two forms are off by 5 from a total that its own parts and a third form confirm: it is not the cause."""
    known = [Identity("off 4", "T04/a/合计", ("T03/合计/合计",))]
    known.append(Identity("off 5", "T05/a/合计", ("T03/合计/合计", "T03/z/合计")))
    known += [
        Identity("parts", "T03/合计/合计", ("T03/a/合计", "T03/b/合计")),
        Identity("third", "T01/a/合计", ("T03/合计/合计",)),
    ]
    printed = dict.fromkeys(("T03/合计/合计", "T01/a/合计"), Decimal("100.00")) | {"T03/z/合计": Decimal(0)}
    printed |= {"T03/a/合计": Decimal(60), "T03/b/合计": Decimal(40)}
    printed |= dict.fromkeys(("T04/a/合计", "T05/a/合计"), Decimal("105.00"))
    assert tied(printed, known) == {}
    assert len(tied(printed, known[:2])) == 1  # without confirmation the total may be wrong


def test_a_slip_that_the_narrative_quotes_is_one_cause() -> None:
    printed = altered(**{"T03_合计_合计": "1811.34", "N_0001": "1811.34"})  # ← 1911.34, copied into the text
    found = groups(printed, identities())
    assert {"T03 row 合计", "T01-T03", "T03 roll-up 合计 合计", "text sum"} <= found[0] and len(found) == 1


def test_more_findings_than_arithmetic_can_sort_stay_apart() -> None:
    known = [Identity(f"{k}", f"T03/{k}/合计", ("T03/x/合计",)) for k in range(301)]
    printed = {f"T03/{k}/合计": Decimal("77.77") for k in range(301)} | {"T03/x/合计": Decimal("88.88")}
    assert tied(printed, known) == {}
    assert len(tied(printed, known[:300])) == 299


# ---- whatever the figures -----------------------------------------------------------------------------------------------

CENTS = st.integers(10_000, 9_999_999).map(lambda n: str(Decimal(n) / 100))
FILINGS = st.lists(CENTS, min_size=10, max_size=10).map(filing)
IDS = sorted(filing(AMOUNTS))
SHIFTS = st.integers(-99_999, 999_999).filter(lambda n: abs(n) > 6).map(lambda n: Decimal(n) / 100)


@settings(max_examples=150, deadline=None)
@given(FILINGS, st.sampled_from(IDS), SHIFTS)
def test_one_altered_figure_is_one_cause(printed: dict[str, Decimal], id: str, by: Decimal) -> None:
    assume(printed[id] + by != 0)
    printed = printed | {id: printed[id] + by}
    assert len(groups(printed, identities())) <= 1


@settings(max_examples=150, deadline=None)
@given(
    FILINGS,
    st.sampled_from([i for i in IDS if i[0] == "N"]),
    st.sampled_from([i for i in IDS if i[:3] == "T05"]),
    SHIFTS,
    SHIFTS,
)
def test_two_altered_figures_far_apart_are_two_causes_at_least(
    printed: dict[str, Decimal], one: str, other: str, by: Decimal, further: Decimal
) -> None:
    assume(printed[one] + by != 0)
    first, second = (broken(printed | {id: printed[id] + n}, identities()) for id, n in ((one, by), (other, further)))
    assume(first and second)
    both = printed | {one: printed[one] + by, other: printed[other] + further}
    found = groups(both, identities())
    assert len(found) >= 2 and not any(group & first and group & second for group in found)


@settings(max_examples=50, deadline=None)
@given(
    FILINGS,
    st.lists(st.tuples(st.sampled_from(IDS), SHIFTS), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_ties_depend_neither_on_order_nor_on_run_and_form_no_chains(
    printed: dict[str, Decimal], changes: list[tuple[str, Decimal]], chance: random.Random
) -> None:
    printed = printed | {id: printed[id] + by for id, by in changes}
    assume(all(printed.values()))
    listed: list[dict[str, Any]] = [one.verdict(printed) for one in identities()]
    told = explained(listed, rules_of(identities())).roots
    mixed = list(listed)
    chance.shuffle(mixed)
    assert explained(mixed, rules_of(identities())).roots == told
    wrong = {one["fingerprint"] for one in listed if one["status"] == "broken"}
    assert set(told) <= wrong and set(told.values()) <= wrong - set(told)


def test_a_finding_that_two_causes_explain_equally_goes_to_the_same_one_in_any_order() -> None:
    known = [Identity("both", "T03/a/合计", ("T03/b/合计",)), Identity("first", "T04/a/合计", ("T03/a/合计",))]
    known.append(Identity("second", "T05/b/合计", ("T03/b/合计",)))
    printed = dict.fromkeys(("T03/a/合计", "T05/b/合计"), Decimal(11)) | dict.fromkeys(
        ("T03/b/合计", "T04/a/合计"), Decimal(12)
    )
    assert len(tied(printed, known)) == 1 and tied(printed, known) == tied(printed, known[::-1])


@pytest.mark.parametrize("status", ["broken", "holds"])
def test_a_verdict_whose_terms_do_not_give_what_it_computed_is_left_alone(status: str) -> None:
    """A limit on a value's size: the terms alone do not say what was compared."""
    odd = Identity("odd", "T03/a/合计", ("T03/b/合计",)).verdict({"T03/a/合计": Decimal(-7), "T03/b/合计": Decimal(3)})
    odd |= {"stated": Decimal(7), "status": status}
    known = [Identity(name, "T03/a/合计", (f"T0{k}/a/合计",)) for name, k in (("one", 4), ("two", 5))]
    printed = {"T03/a/合计": Decimal(-7), "T04/a/合计": Decimal(8), "T05/a/合计": Decimal(8)}
    listed = [odd, *(one.verdict(printed) for one in known)]
    assert explained(listed, rules_of(known)).roots == {"id of two": "id of one"}
