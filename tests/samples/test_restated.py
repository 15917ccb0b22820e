"""The restated real accounts carry the figures of the labelled original, and none of its sentences."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "samples"
LONGEST_SHARED_RUN = 24
"""Official terms strung together reach this many characters; a sentence carried over is longer."""


@pytest.fixture(scope="module")
def restated() -> str:
    (path,) = (path for path in SHIPPED.glob("*.md") if path.name != "README.md")
    return path.read_text()


@pytest.fixture(scope="module")
def original(shared: Path) -> Path:
    """The labelled text rendering whose accounts were restated."""
    (path,) = shared.glob("*.txt")
    return path


def bare(text: str) -> str:
    """Text without white space, digits and the difference between full-width and plain punctuation."""
    return re.sub(r"[\s\d.%*]", "", text).translate(str.maketrans(",():;", "，（）：；"))


def test_every_figure_of_the_performance_tables_is_there(restated: str, original: Path) -> None:
    plain = str.maketrans({"≧": "≥", "≦": "≤", " ": ""})
    with (original.parent / "labels" / original.stem / "figures.csv").open() as file:
        rows = list(csv.DictReader(file))
    summary = max(int(row["page"]) for row in rows if row["table"] == "P03")
    once = [
        row for row in rows if int(row["page"]) <= summary
    ]  # one project's table is printed again after the summary
    wanted = Counter(row["value_text"].translate(plain) for row in once)
    cells = Counter(
        cell.translate(plain) for line in restated.splitlines() if "\t" in line for cell in line.split("\t")
    )
    assert not wanted - cells
    assert sum(wanted.values()) > 600


def test_no_sentence_is_carried_over(restated: str, original: Path) -> None:
    source = bare(original.read_text())
    prose = [line for line in restated.splitlines() if "\t" not in line and not line.startswith(("#", "-"))]
    for line in map(bare, prose):
        for start in range(len(line) - LONGEST_SHARED_RUN + 1):
            assert line[start : start + LONGEST_SHARED_RUN] not in source
