"""The narrative of the labelled real disclosures: nearly every labelled claim is found, and hardly anything else."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from flows.read import read
from flows.recognise import recognise


def _labelled(folder: Path) -> Counter[tuple[str, Decimal]]:
    with (folder / "claims.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if any(char.isdigit() for char in row["value_text"])]
    return Counter((row["page"], Decimal(row["value"].replace(",", ""))) for row in rows)


@pytest.mark.parametrize(
    ("name", "ending", "recall", "precision"),
    [("putuo-socialwork-2024", "pdf", 0.98, 0.98), ("dingxi-2023", "txt", 0.98, 0.98)],
)
def test_claims_of_a_real_disclosure(shared, name, ending, recall, precision):
    labelled = _labelled(shared / "labels" / name)
    disclosure = recognise(read(shared / f"{name}.{ending}"))
    found = Counter((str(claim.place.line or claim.place.page), claim.value) for claim in disclosure.claims)
    hits = sum((labelled & found).values())
    assert hits / labelled.total() >= recall
    assert hits / found.total() >= precision
