"""The performance tables of the labelled real disclosure, compared with its labels cell by cell."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from expectations.vocabulary import load
from flows.read.document import Document
from flows.read.text import read_text
from flows.recognise.performance.reading import PerformanceReading, recognise_performance

Printed = tuple[str, str, str, Decimal]
"""Form, line, column, value."""


@pytest.fixture(scope="module")
def reading(shared: Path) -> PerformanceReading:
    data = (shared / "dingxi-2023.txt").read_bytes()
    return recognise_performance(Document("disclosure", "0", "text/plain", len(data), read_text(data)), load())


@pytest.fixture(scope="module")
def labels(shared: Path) -> Counter[Printed]:
    with (shared / "labels" / "dingxi-2023" / "figures.csv").open(encoding="utf-8") as lines:
        return Counter(
            (row["table"], row["page"], _column(row["table"], row["column_label"]), Decimal(row["value"]))
            for row in csv.DictReader(lines)
        )


def _column(form: str, label: str) -> str:
    name = re.sub(r"\s*\([AB/]+\)", "", label).split("/")[-1]
    names = {c: column.zh for column in load().forms[form].columns for c in (column.zh, *column.also)}
    return names[name]


def test_every_labelled_cell_is_read_under_its_own_column_and_nothing_else(reading, labels):
    found = Counter((f.form, str(f.place.line), f.column, f.value.normalize() + 0) for f in reading.figures)
    expected = Counter(
        {(form, line, column, value.normalize() + 0): n for (form, line, column, value), n in labels.items()}
    )
    right = (found & expected).total()
    assert right / expected.total() >= 0.98, sorted((expected - found).elements())[:20]
    assert right / found.total() >= 0.97, sorted((found - expected).elements())[:20]


def test_ids_are_unique_and_every_form_was_read(reading):
    assert len({figure.id for figure in reading.figures}) == len(reading.figures)
    assert [(form.form, form.status) for form in reading.forms] == [("P01", "read"), ("P02", "read"), ("P03", "read")]
