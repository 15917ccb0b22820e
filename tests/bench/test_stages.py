"""The bench of stages tells what is fixed from what grows, and weighs each file once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import stages


def test_what_is_fixed_is_told_from_what_grows() -> None:
    each, fixed, *at = stages._line("judging", (20, 100, 300), [3.2, 4.0, 6.0], ("s", 1), ("ms", 1000))
    assert (each.value, fixed.value) == (pytest.approx(10), pytest.approx(3)) and (each.unit, fixed.unit) == ("ms", "s")
    assert [one.name for one in at] == ["  with 20 filings", "  with 100 filings", "  with 300 filings"]


def test_every_file_is_weighed_once(tmp_path: Path) -> None:
    for path, size in {
        "data/w.duckdb": 7,
        "data/.gx/a.json": 5,
        "site/filings/a.html": 300,
        "site/en/filings/a.html": 200,
        "site/index.html": 20,
        "site/findings.json": 40,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x" * size)
    told = stages.weigh(tmp_path)
    assert told["files"] == 4
    assert told["bytes"] == {
        "warehouse": 7,
        "kept beside the warehouse": 5,
        "site, pages of filings": 500,
        "site, all other files": 60,
        "site, findings.json": 40,
        "site, index.html": 20,
    }
