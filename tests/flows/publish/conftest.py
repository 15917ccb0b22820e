"""The little warehouse and the site published from it, made once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.publish import publish
from tests.flows.publish import little


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    return little.rulebook(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    """Two runs: in the second the archive bureau's total has gone wrong and the hostile filing has arrived."""
    path = tmp_path_factory.mktemp("warehouse") / "w.duckdb"
    with warehouse.connect(path) as db:
        little.fill(db, [little.disclosure("示例市档案局"), little.disclosure("示例市水务局")])
        little.judge(db, book, "night-1", datetime(2025, 9, 1, 2, 0))
        hostile = little.disclosure(little.LONG, "551.83", little.HOSTILE + "=cmd|'/c calc'!A1" + "\u202e倒置")
        little.fill(db, [little.disclosure("示例市档案局", "515.83"), hostile])
        little.judge(db, book, "night-2", datetime(2025, 9, 2, 2, 0))
    return path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, filled: Path, book: RuleBook) -> Path:
    target = tmp_path_factory.mktemp("published") / "site"
    publish(filled, book, target)
    return target


@pytest.fixture
def db(filled: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(filled), read_only=True)
