"""The register against what was found: who has not published, who was late, what nobody registered, and who is who."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flows.register.names import Nearby, normal
from flows.register.reading import Expected
from flows.register.standing import Compared, Published, Standing, compared

TODAY = date(2025, 10, 10)
DUE = date(2025, 9, 30)


def expected(organisation: str = "某市园林局", row: int = 2, **more: Any) -> Expected:
    return Expected(row, organisation, **{"fiscal_year": 2024, "due": DUE, **more})


def published(organisation: str = "某市园林局", seen: date = date(2025, 9, 1), **more: Any) -> Published:
    given: dict[str, Any] = {"filing": f"{organisation}-{more.get('scope', '')}", "fiscal_year": 2024, "kind": "final_accounts", "scope": "department", "published_on": None}  # fmt: skip
    return Published(organisation=organisation, first_seen=seen, source=f"{organisation}.pdf", **{**given, **more})


def only(*both: Expected | Published) -> Standing:
    (one,) = told(*both).standings
    return one


def told(*both: Expected | Published) -> Compared:
    wanted = [one for one in both if isinstance(one, Expected)]
    return compared(wanted, [one for one in both if isinstance(one, Published)], TODAY)


def test_missing_only_once_the_due_date_is_past() -> None:
    assert (only(expected()).status, only(expected()).days) == ("missing", 10)
    assert only(expected(due=TODAY)).status == "not_due"
    assert only(expected(due=date(2025, 10, 9))).status == "missing"
    assert (only(expected(due=None)).status, only(expected(due=None)).days) == ("not_due", 0)


@pytest.mark.parametrize(
    ("found", "registered", "status", "by", "days"),
    [
        ({"published_on": date(2025, 9, 30), "seen": date(2025, 10, 5)}, None, "in_time", "stated", 0),
        ({"published_on": date(2025, 10, 1), "seen": date(2025, 10, 5)}, None, "late", "stated", 1),
        ({"seen": date(2025, 10, 5)}, None, "late", "seen", 5),
        ({"seen": date(2025, 9, 5)}, None, "in_time", "seen", 0),
        ({"seen": date(2025, 10, 5)}, date(2025, 9, 2), "in_time", "register", 0),
    ],
)
def test_late_by_the_date_of_publication_else_by_when_it_was_first_seen(
    found: dict[str, Any], registered: date | None, status: str, by: str, days: int
) -> None:
    one = only(expected(published_on=registered), published(**found))
    assert (one.status, one.by, one.days) == (status, by, days)


def test_names_are_equal_but_for_how_they_are_typed() -> None:
    for typed in ("某市 园林局", "某市园林局\u3000", "“某市园林局”", "某市園林局".replace("園", "园")):
        assert only(expected(), published(typed)).status == "in_time", typed
    assert normal("某市园林局（服务Ａ站）") == normal("某市园林局( 服务a站 )") == normal("某市园林局〔服务Ａ站〕")


def test_nothing_is_matched_by_likeness_but_near_names_are_candidates() -> None:
    missing, stranger = told(expected(), published("某市园林管理局")).standings
    assert (missing.status, missing.near) == ("missing", ("某市园林管理局",))
    assert (stranger.status, stranger.near) == ("unexpected", ("某市园林局",))
    missing, stranger = told(expected(), published("某省地质调查院")).standings
    assert missing.near == stranger.near == ()


def test_a_name_that_is_taken_is_no_candidate() -> None:
    of_parks, of_culture = told(expected(), expected("某市园林处", 3), published()).standings[::-1]
    assert of_parks.status == "in_time" and (of_culture.status, of_culture.near) == ("missing", ())


@pytest.mark.parametrize("typed", ["某市园林局（本级）", "某市园林局本级", "某市园林局(机关)", "某市园林局机关"])
def test_own_accounts_are_those_of_the_department_only_where_codes_tell_them_apart(typed: str) -> None:
    assert [one.status for one in told(expected(), published(typed)).standings] == ["missing", "unexpected"]
    one = only(expected(code="101"), published(typed))
    assert (one.status, one.matched, one.published.organisation) == ("in_time", "own", typed)  # type: ignore[union-attr]
    both = told(expected(code="101"), expected("某市园林局（本级）", 3, code="101001"), published(typed))
    statuses = {one.expected.row: one.status for one in both.standings if one.expected}
    assert statuses[2] == "missing", "one name was taken for two organisations"


def test_an_alias_of_the_register_is_a_name() -> None:
    one = only(expected(alias="某市绿化局；某市绿化委员会办公室"), published("某市绿化委员会办公室"))
    assert (one.status, one.matched) == ("in_time", "alias")


def test_accounts_of_the_other_scope_are_no_answer() -> None:
    one = only(expected(scope="department"), published(scope="unit"))
    assert one.status == "wrong_scope" and one.published
    assert only(expected(scope=""), published(scope="unit")).status == "in_time"
    right, other = sorted(
        told(expected(scope="department"), published(), published(scope="unit")).standings, key=lambda one: one.status
    )
    assert (right.status, other.status) == ("in_time", "unexpected")


def test_two_documents_for_one_expectation_are_a_duplicate() -> None:
    one = only(expected(alias="某市绿化局"), published(), published("某市绿化局", seen=date(2025, 8, 1)))
    assert one.twice == ("某市园林局.pdf",) and one.on == date(2025, 8, 1), "the first published counts"
    assert only(expected(), published(others=("b.pdf",))).twice == ("b.pdf",)
    several = [published(kind="performance", filing=f"p{k}", scope="unit") for k in (1, 2)]
    assert only(expected(kind="performance"), *several).twice == (), "each project may have its own document"


def test_unexpected_only_within_the_years_and_kinds_that_the_register_covers() -> None:
    found = told(
        expected(), published(), published("某市体育局", fiscal_year=2023), published("某市体育局", kind="budget")
    )
    assert [one.status for one in found.standings] == ["in_time"] and found.outside == 2
    assert [one.status for one in told(expected(), published("")).standings] == ["missing", "unexpected"]


def test_every_expectation_and_every_filing_is_told_once_the_most_overdue_first() -> None:
    rows = [expected(f"某市第{k}局", k, due=date(2025, 9, k)) for k in range(1, 20)]
    filings = [published(f"某市第{k}局", seen=date(2025, 9, 10)) for k in range(5, 25)]
    found = told(*rows, *filings)
    assert sorted(one.expected.row for one in found.standings if one.expected) == list(range(1, 20))
    assert len({one.published.filing for one in found.standings if one.published}) == 20
    assert [one.days for one in found.standings if one.status == "missing"] == [39, 38, 37, 36]
    assert [one.days for one in found.standings if one.status == "late"] == [5, 4, 3, 2, 1]
    counts = found.counts()
    assert (counts["expected"], counts["published"], counts["missing"], counts["unexpected"]) == (19, 15, 4, 5)


def test_the_nearest_name_comes_first_and_what_all_names_share_says_nothing() -> None:
    names = [f"某市第{k}区街道办事处" for k in range(100, 400)]
    near = Nearby([*names, "某市园林绿化局", "某市园林局"])
    assert near.to("某市园林管理局")[0] == "某市园林局"
    assert near.to("某市第101区街道办事处")[0] == "某市第101区街道办事处"
    assert near.to("某市气象台") == ()
