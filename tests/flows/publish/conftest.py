"""The little warehouse and the site published from it, made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.publish import publish
from tests.flows.publish import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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


# ---- a browser without a network ---------------------------------------------------------------------------------------

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that is offline; at the end nothing may have left it, failed in it or been complained of by it."""
    context = browser.new_context(offline=True, viewport={"width": 1560, "height": 1000})
    opened = context.new_page()
    trouble: list[str] = []
    opened.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else trouble.append(request.url)
    )
    opened.on("requestfailed", lambda request: trouble.append(f"failed: {request.url}"))
    opened.on("console", lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    yield opened
    context.close()
    assert not trouble
