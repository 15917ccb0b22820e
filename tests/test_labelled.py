"""The labelled real disclosures, scored as reviewers score them: floors that no change may fall below."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flows.check import SCHEMA, check

FLOORS = {
    "putuo-socialwork-2024": [
        "--min-figures", "1", "--min-precision", "1", "--min-claims", "0.98", "--min-errors", "1", "--max-false", "0",
    ],
    "dingxi-2023": [
        "--min-figures", "0.99", "--min-precision", "0.99", "--min-claims", "0.97", "--min-errors", "0.9", "--max-false", "0",
    ],
}  # fmt: skip


def judged(path: Path) -> dict[str, Any]:
    report = check([path])
    jsonschema.validate(report, json.loads(SCHEMA.read_text("utf-8")))
    return report


@pytest.mark.parametrize("name", list(FLOORS))
def test_a_labelled_disclosure_is_read_and_judged_at_least_this_well(name: str, shared: Path, tmp_path: Path) -> None:
    (document,) = [path for path in shared.glob(f"{name}.*") if path.is_file()]
    (tmp_path / "check.json").write_text(json.dumps(judged(document)), "utf-8")
    command = [sys.executable, str(shared / "score.py"), str(tmp_path / "check.json"), str(shared / "labels" / name)]
    scored = subprocess.run([*command, "-v", *FLOORS[name]], capture_output=True, text=True, check=False)
    print(scored.stdout)
    assert scored.returncode == 0, scored.stdout


@pytest.mark.parametrize("name", list(FLOORS))
def test_every_number_on_a_labelled_disclosure_is_accounted_for(name: str, shared: Path) -> None:
    (document,) = [path for path in shared.glob(f"{name}.*") if path.is_file()]
    (read,) = judged(document)["documents"]
    numbers = read["reading"]["numbers"]
    assert numbers["unplaced"] == [] and numbers["seen"] == numbers["placed"] > 300
    assert read["reading"]["doubts"] == []


def test_nothing_of_an_empty_form_set_is_judged(shared: Path) -> None:
    (document,) = judged(shared / "shanghai-template-2024.pdf")["documents"]
    assert document["filing"]["kind"] == "template"
    assert (document["figures"], document["findings"], document["rules"]["evaluated"]) == ([], [], 0)
    assert {form["status"] for form in document["reading"]["forms"]} == {"blank"}


def test_rounding_is_never_reported_as_broken(shared: Path) -> None:
    labelled = json.loads((shared / "labels" / "putuo-socialwork-2024" / "findings.json").read_text("utf-8"))
    (document,) = judged(shared / "putuo-socialwork-2024.pdf")["documents"]
    broken = [finding for finding in document["findings"] if finding["status"] == "broken"]
    for rounding in (finding for finding in labelled["findings"] if finding["severity"] == "rounding"):
        stated = (str(rounding["stated"]), str(rounding["computed"]))
        assert stated not in [(finding["stated"], finding["computed"]) for finding in broken]


def test_a_document_of_25_pages_answers_within_5_seconds_of_processor(shared: Path) -> None:
    start = time.process_time()
    check([shared / "putuo-socialwork-2024.pdf"])
    assert time.process_time() - start < 5
