"""Which figure is wrong on the labelled disclosures, and how it came about: held to what their reviewers say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from flows.check import check

TWO = "dingxi-2023"
TEN = Decimal(10)


@dataclass(frozen=True)
class Blamed:
    """A figure that is said to be wrong: what it reads and should read, from where to where, and how that came about (of a suspect)."""

    printed: Decimal
    repair: Decimal
    least: Decimal | None
    most: Decimal | None
    unit: str
    kinds: tuple[str, ...]
    said: str

    def should_be(self, value: Decimal) -> bool:
        """Whether it may read `value`, to the decimals in which that is given or the figure is printed."""
        slack = Decimal(1).scaleb(max(int(one.as_tuple().exponent) for one in (value, self.repair))) / 2
        low = self.least is None or self.least - slack <= value
        return low and (self.most is None or value <= self.most + slack)


@cache
def read(shared: Path, name: str) -> dict[str, Any]:
    (path,) = [one for one in shared.glob(f"{name}.*") if one.is_file()]
    (document,) = check([path])["documents"]
    return document  # type: ignore[no-any-return]


def labels(shared: Path, name: str, *types: str) -> list[dict[str, Any]]:
    found = json.loads((shared / "labels" / name / "findings.json").read_text("utf-8"))["findings"]
    return [one for one in found if one["type"] in types and one["severity"] == "error"]


def suspects(document: dict[str, Any]) -> Iterator[Blamed]:
    for finding in document["findings"]:
        for one in finding["suspects"]:
            told = [h for h in finding["hypotheses"] if (h["set"], h["figure"]) == (one["set"], one["figure"])]
            yield _blamed(one, one["printed"], tuple(h["kind"] for h in told), " ".join(h["said"]["zh"] for h in told))


def repairs(document: dict[str, Any]) -> Iterator[Blamed]:
    printed = {one["id"]: one["value"] for one in (*document["figures"], *document["claims"])}
    for finding in document["findings"]:
        for one in finding["repairs"]:
            if one["figure"] in printed:
                yield _blamed(one, printed[one["figure"]], (), "")


def _blamed(one: dict[str, Any], printed: str, kinds: tuple[str, ...], said: str) -> Blamed:
    least, most = (None if one[end] is None else Decimal(one[end]) for end in ("least", "most"))
    return Blamed(Decimal(printed), Decimal(one["repair"]), least, most, one["unit"], kinds, said)


def number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value).split()[0])
    except (InvalidOperation, IndexError):
        return None


def test_a_rate_on_a_base_of_nothing_is_traced_to_the_amount_it_was_taken_of(shared: Path) -> None:
    (label,) = labels(shared, "putuo-socialwork-2024", "wrong_base")
    _, true_base, outturn, rate = (str(one["value"]) for one in label["figures"])
    (found,) = [one for one in suspects(read(shared, "putuo-socialwork-2024")) if one.printed == Decimal(rate)]
    assert found.kinds == ("wrong_base",) and found.repair == found.printed
    assert f"{rate}% = {outturn} ÷ {true_base}" in found.said


def test_rates_of_another_base_than_the_one_named_are_traced_to_it(shared: Path) -> None:
    """All but one: of the share that is measured against assets which do not contain it, only the list of shares is a finding.

    What the rate should be stands with it, or, where its amount is supposed to be another as well, with what mends the finding.
    """
    document = read(shared, TWO)
    told = [*suspects(document), *repairs(document)]
    listed = [one for one in labels(shared, TWO, "wrong_base") if one["confidence"] >= 0.5]
    found = 0
    for label in listed:
        stated, computed = number(label["stated"]), number(label["computed"])
        assert stated is not None and computed is not None
        about = [one for one in told if one.printed == stated]
        found += any("wrong_base" in one.kinds[:1] for one in about) and any(one.should_be(computed) for one in about)
    assert len(listed) == 5 and found >= 4


def test_amounts_without_their_unit_are_slips_of_the_unit_alone(shared: Path) -> None:
    for label in labels(shared, TWO, "unit"):
        printed, unit = str(label["stated"]).split()
        right, wanted = str(label["computed"]).split()
        (found,) = {
            (one.kinds[0], f"{right}{wanted}" in one.said.replace(",", ""))
            for one in suspects(read(shared, TWO))
            if one.printed == Decimal(printed) and one.unit == unit
        }
        assert found == ("unit", True), label["id"]


def test_cuts_are_traced_to_their_true_rates(shared: Path) -> None:
    for label in labels(shared, TWO, "change_pct"):
        stated, computed = Decimal(str(label["stated"])), Decimal(str(label["computed"]))
        found = [one for one in suspects(read(shared, TWO)) if one.printed == stated and one.unit == "%"]
        assert any(one.should_be(computed) and str(computed) in one.said for one in found), label["id"]


def test_execution_rates_are_traced_to_their_computed_values(shared: Path) -> None:
    """As suspects, or, where a budget is what clears more findings, as what would mend the finding itself."""
    document = read(shared, TWO)
    told = [*suspects(document), *repairs(document)]
    listed = [
        one
        for one in labels(shared, TWO, "budget_execution")
        if one["where"].startswith(("P01", "P02")) and one["stated"] in (100, 10)
    ]
    assert len(listed) >= 10
    for label in listed:
        computed = Decimal(str(label["computed"]))
        assert any(one.printed == label["stated"] and one.unit == "%" and one.should_be(computed) for one in told), (
            label["id"]
        )


def test_score_totals_are_traced_to_the_points_left_out(shared: Path) -> None:
    """Where the total is as many points short as one row has, that row is named; both for the points to be had and those given."""
    listed = [
        one
        for one in labels(shared, TWO, "score_sum")
        if one["root"]
        and one["where"].startswith("P02")
        and abs(Decimal(str(one["computed"])) - Decimal(str(one["stated"]))) == TEN
    ]
    found = [one for one in suspects(read(shared, TWO)) if "left_out" in one.kinds]
    assert len(listed) >= 7
    for label in listed:
        stated, computed = Decimal(str(label["stated"])), Decimal(str(label["computed"]))
        assert any(one.printed == stated and one.repair == computed for one in found), label["id"]
