"""Publishing many filings: what has not changed stays the very file it was, the rest is made on every core or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import duckdb
import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.publish import making, publish, reuse
from flows.publish.content import digests, queries, reading
from tests.flows.publish import little


@pytest.fixture
def night(tmp_path: Path, filled: Path, book: RuleBook) -> tuple[Path, Path]:
    """A warehouse and the site that stands, published from it."""
    copied, site = tmp_path / "w.duckdb", tmp_path / "site"
    shutil.copyfile(filled, copied)
    publish(copied, book, site)
    return copied, site


def inodes(site: Path) -> dict[str, int]:
    return {path.relative_to(site).as_posix(): path.stat().st_ino for path in site.rglob("*") if path.is_file()}


def texts(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def of_filings(site: Path) -> set[str]:
    return {path for path in inodes(site) if "filings/" in path}


def judged_again(path: Path, book: RuleBook) -> None:
    with warehouse.connect(path) as db:
        little.judge(db, book, "night-3", datetime(2025, 9, 3, 2, 0))


def test_on_an_unchanged_night_the_pages_of_filings_are_the_very_files_they_were(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    before = inodes(site)
    judged_again(path, book)

    def read(*_: object) -> None:
        raise AssertionError("the contents of a filing were read")

    monkeypatch.setattr(reading, "_read", read)
    publish(path, book, site)
    after = inodes(site)
    assert of_filings(site) and all(after[one] == before[one] for one in of_filings(site))
    assert after["assets/run.js"] != before["assets/run.js"] and after["index.html"] != before["index.html"]
    assert after["assets/page.css"] == before["assets/page.css"]
    assert "2025-09-03" in (site / "assets/run.js").read_text("utf-8")
    assert "2025-09-03" in (site / "index.html").read_text("utf-8"), "without script the overview tells the time"


def test_lists_and_search_are_made_again_only_when_a_finding_is_no_longer_new(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    first = texts(site)["search/broken-0.js"]
    judged_again(path, book)
    publish(path, book, site)
    second = texts(site)["search/broken-0.js"]
    assert second != first, "what was new in the second night is not new in the third"
    with warehouse.connect(path) as db:
        little.judge(db, book, "night-4", datetime(2025, 9, 4, 2, 0))

    def made(*_: object) -> None:
        raise AssertionError("a list was made again")

    for name in ("write_lists", "write_search", "write_ledger"):
        monkeypatch.setattr(f"flows.publish.site.{name}", made)
    publish(path, book, site)
    now = texts(site)
    assert now["search/broken-0.js"] == second and "2025-09-04" in now["index.html"].decode()
    assert {"findings.html", "en/filings.html", "search/index.js", "ledger.xlsx"} <= now.keys()


def test_only_the_filing_that_changed_is_written_and_never_into_a_file_that_another_site_may_share(
    night: tuple[Path, Path], book: RuleBook, tmp_path: Path
) -> None:
    path, site = night
    kept = tmp_path / "kept"
    shutil.copytree(site, kept, copy_function=os.link)
    before, read = inodes(site), texts(site)
    with warehouse.connect(path) as db:
        row = db.execute("SELECT filing FROM filing WHERE organisation = '示例市档案局' AND current").fetchone()
        assert row
        db.execute("UPDATE figure SET value = 1.11 WHERE id = 'T06/301/决算数' AND filing = ?", list(row))
    publish(path, book, site)
    changed = {one for one in of_filings(site) if inodes(site)[one] != before[one]}
    assert {f"filings/{row[0]}.html", f"en/filings/{row[0]}.html"} <= changed
    assert all(f"/{row[0]}." in one for one in changed)
    assert texts(kept) == read


def test_where_the_disk_has_no_links_pages_are_copied(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    before = texts(site)

    def refuse(*_: object) -> None:
        raise OSError("links are not supported")

    for _ in range(2):  # a copy, too, is known again the night after
        with monkeypatch.context() as patched:
            patched.setattr(os, "link", refuse)
            patched.setattr(reading, "_read", refuse)
            publish(path, book, site)
    assert {one: text for one, text in texts(site).items() if "filings/" in one} == {
        one: text for one, text in before.items() if "filings/" in one
    }


def test_processes_make_the_same_pages_as_this_one(
    night: tuple[Path, Path], book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    monkeypatch.setattr(making, "ALONE", 0)
    monkeypatch.setattr(making, "cores", lambda: 2)
    started: list[object] = []
    launch = making._launch
    monkeypatch.setattr(making, "_launch", lambda said: started.append(said) or launch(said))
    publish(path, book, tmp_path / "other")
    assert len(started) == 2
    other = texts(tmp_path / "other")
    assert {one: other[one] for one in of_filings(site)} == {
        one: text for one, text in texts(site).items() if "filings/" in one
    }


@pytest.mark.parametrize("code", ["import sys; sys.exit('no memory')", "import os; os.kill(os.getpid(), 9)"])
def test_a_process_that_dies_fails_the_publishing_and_the_old_site_stands(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    path, site = night
    before = texts(site)

    def launch(said: IO[bytes]) -> Any:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": said}
        return making._Process(
            subprocess.Popen([sys.executable, "-c", f"import sys; sys.stdin.buffer.read(8); {code}"], **pipes), said
        )

    with warehouse.connect(path) as db:
        db.execute("UPDATE figure SET value = 1.11 WHERE id = 'T06/301/决算数'")
    monkeypatch.setattr(making, "ALONE", 0)
    monkeypatch.setattr(making, "cores", lambda: 2)
    monkeypatch.setattr(making, "_launch", launch)
    with pytest.raises(RuntimeError, match="a process that makes pages has ended"):
        publish(path, book, site)
    assert texts(site) == before
    assert not list(site.parent.glob(".site.next-*"))


def test_what_a_killed_publishing_left_is_removed(night: tuple[Path, Path], book: RuleBook) -> None:
    path, site = night
    left, other = site.parent / ".site.next-abc", site.parent / ".other.next-abc"
    (left / "filings").mkdir(parents=True), other.mkdir()
    publish(path, book, site)
    assert not left.exists() and other.exists()


CHANGES = (
    "UPDATE figure SET raw = raw || ' ' WHERE id = 'T06/301/决算数'",
    "UPDATE form_row SET label = label || '!' WHERE row_key = '2012604'",
    "UPDATE sentence SET text = text || '。' WHERE position = 0",
    "UPDATE claim SET subject = 'x' WHERE id = 'N/0003'",
    "UPDATE form_reading SET statement = 'x' WHERE form = 'T08'",
    "UPDATE filing SET published_on = DATE '2025-01-01'",
    "UPDATE document SET source = 'elsewhere.pdf'",
    "INSERT INTO doubt (filing, id, reason_zh, reason_en) SELECT filing, 'T03/201/基本支出', 'a', 'b' FROM filing",
    "DELETE FROM kept_verdict WHERE status = 'holds'",
    "UPDATE kept_verdict SET status = 'broken' WHERE status = 'rounding'",
    "UPDATE kept_verdict SET reason = 'other' WHERE status = 'broken'",
    "UPDATE kept_verdict SET bound = bound + 1 WHERE status = 'rounding'",
    "UPDATE kept_verdict SET terms = list_reverse(terms) WHERE status = 'broken'",
)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_page_shows_decides_whether_it_still_stands(tmp_path: Path, filled: Path, change: str) -> None:
    path = tmp_path / "w.duckdb"
    shutil.copyfile(filled, path)
    with duckdb.connect(str(path)) as db:
        run = queries.runs(db)[0]
        before = digests.of_filings(db, run)
        assert before == digests.of_filings(db, run)
        db.execute(change)
        after = digests.of_filings(db, run)
    assert before.keys() == after.keys() and any(before[key] != after[key] for key in before)


def test_what_a_verdict_is_about_is_told_as_the_database_tells_it(filled: Path) -> None:
    with duckdb.connect(str(filled), read_only=True) as db:
        run, filings = queries.runs(db)[0], queries.filings(db)
        keys = [filing.key for filing in filings]
        rows = db.execute(
            f"{queries.of_few('true')} ORDER BY v.filing, v.rule, v.instance", {"run": run.id, "filings": keys}
        ).fetchall()
        read = list(reading.contents(db, filings, run))
    told = sorted((one for made in read for one in made.verdicts), key=repr)
    everything = list(map(queries.verdict_of, rows))
    assert len(told) > 4 and told == sorted((one for one in everything if one.finding), key=repr)
    agree = Counter((one.rule, one.status) for made in read for one in made.agreements)
    for one in (one for made in read for one in made.passed):
        agree[one.rule, one.status] += one.number
    assert agree.total() > 30 and agree == Counter((one.rule, one.status) for one in everything if not one.finding)
    assert any(one.about.label for one in told) and any(one.about.subject for one in told)


def test_a_site_whose_list_is_damaged_is_made_anew(night: tuple[Path, Path], book: RuleBook) -> None:
    path, site = night
    (site / reuse.MANIFEST).write_text('{"x": [1]', "utf-8")
    publish(path, book, site)
    assert reuse.standing_site(site).listed
