"""What `hedui check` says of the samples: nothing against the clean year, every planted error of the next, and nothing besides."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows.check import check

from .planted import ERRORS

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "samples"
LISTED = YAML(typ="safe").load((SHIPPED / "示例市档案局-2024.errors.yaml").read_text())
NUMBER = re.compile(r"\d+\.\d+")


@pytest.fixture(scope="module")
def reports() -> dict[str, dict[str, Any]]:
    names = ("示例市档案局-2023.xlsx", "示例市档案局-2024.pdf")
    documents = check([SHIPPED / name for name in names])["documents"]
    return dict(zip(names, documents, strict=True))


def broken(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in report["findings"] if finding["status"] == "broken"]


def numbers(finding: dict[str, Any]) -> set[float]:
    """Every number of a finding, without its sign."""
    values = [finding.get("stated"), finding.get("computed"), *(figure.get("value") for figure in finding["figures"])]
    return {abs(float(value)) for value in values if value is not None}


def belongs(finding: dict[str, Any], entry: dict[str, Any]) -> bool:
    """True when `finding` speaks of the planted error `entry`: holds its wrong number, or is of its kind on its page."""
    wrong = {float(text) for text in NUMBER.findall(entry["printed"])}
    return bool(wrong & numbers(finding)) or (finding["page"], finding["category"]) == (entry["page"], entry["kind"])


def test_every_number_of_the_forms_is_placed(reports: dict[str, dict[str, Any]]) -> None:
    for report in reports.values():
        assert report["reading"]["numbers"]["unplaced"] == []
        status = {form["form"]: form["status"] for form in report["reading"]["forms"] if form["form"][0] == "T"}
        assert status == {f"T0{n}": "read" for n in range(1, 9)} | {"T09": "blank"}


def test_nothing_is_broken_in_the_clean_year(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["示例市档案局-2023.xlsx"]
    assert broken(report) == []
    assert report["rules"]["rounding"] > 0 and report["rules"]["holds"] > 500


@pytest.mark.parametrize("entry", LISTED["errors"], ids=lambda entry: entry["id"])
def test_each_planted_error_is_found(entry: dict[str, Any], reports: dict[str, dict[str, Any]]) -> None:
    assert any(belongs(finding, entry) for finding in broken(reports["示例市档案局-2024.pdf"]))


def test_nothing_is_broken_but_what_was_planted(reports: dict[str, dict[str, Any]]) -> None:
    for finding in broken(reports["示例市档案局-2024.pdf"]):
        near = [entry for entry in LISTED["errors"] if belongs(finding, entry)]
        assert near, finding["message"]["en"]
    assert len(LISTED["errors"]) == len(ERRORS)


def test_no_control_is_reported(reports: dict[str, dict[str, Any]]) -> None:
    for finding in broken(reports["示例市档案局-2024.pdf"]):
        for control in LISTED["controls"]:
            pair = {float(control["printed"]), float(control["computed"])}
            assert {float(finding["stated"] or 0), float(finding["computed"] or 0)} != pair
