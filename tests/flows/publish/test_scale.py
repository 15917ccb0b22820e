"""Publishing many filings: what has not changed stays the very file it was, the rest is made on every core or not at all."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import duckdb
import pytest

from expectations import vocabulary
from expectations.rules import RuleBook
from flows import warehouse
from flows.publish import making, publish, reuse
from flows.publish.content import digests, listed, morning, queries, reading
from flows.publish.content.reckoned import Reckoned
from flows.publish.pages.filing import filing_pages
from flows.publish.pages.source import source_pages
from flows.publish.press import set_up
from flows.workers import crew
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


OF_PUBLISH = "flows.publish."
MADE = {
    "pages.lists.pager",
    "pages.search._filings",
    "pages.search._Findings.rows",
    "site.write_ledger",
    "site.write_findings",
    "site.write_verdicts",
    "site.write_suspects",
}
"""What makes lists, search and what is taken along."""


def refuse(*_: object) -> None:
    raise AssertionError("something was made again of which nothing has changed")


def test_lists_and_search_are_made_again_only_when_a_finding_is_no_longer_new(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    first = texts(site)["search/broken-0.js"]
    judged_again(path, book)
    with monkeypatch.context() as patched:
        # Of all lists only these tell what is new.
        for name in sorted(MADE - {"pages.search._Findings.rows", "site.write_ledger", "site.write_findings"}):
            patched.setattr(OF_PUBLISH + name, refuse)
        publish(path, book, site)
    second = texts(site)["search/broken-0.js"]
    assert second != first, "what was new in the second night is not new in the third"
    with warehouse.connect(path) as db:
        little.judge(db, book, "night-4", datetime(2025, 9, 4, 2, 0))
    for name in MADE:
        monkeypatch.setattr(OF_PUBLISH + name, refuse)
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
    launch = crew.launch
    monkeypatch.setattr(crew, "launch", lambda module, said: started.append(said) or launch(module, said))
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

    def launch(module: str, said: IO[bytes]) -> Any:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": said}
        return crew.Member(
            subprocess.Popen([sys.executable, "-c", f"import sys; sys.stdin.buffer.read(8); {code}"], **pipes), said
        )

    with warehouse.connect(path) as db:
        db.execute("UPDATE figure SET value = 1.11 WHERE id = 'T06/301/决算数'")
    monkeypatch.setattr(making, "ALONE", 0)
    monkeypatch.setattr(making, "cores", lambda: 2)
    monkeypatch.setattr(crew, "launch", launch)
    with pytest.raises(RuntimeError, match="a process of this night has ended"):
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
    "DELETE FROM kept_verdict WHERE run = 'night-2' AND status = 'holds'",
    "UPDATE kept_verdict SET status = 'broken' WHERE run = 'night-2' AND status = 'rounding'",
    "UPDATE kept_verdict SET reason = 'other' WHERE run = 'night-2' AND status = 'broken'",
    "UPDATE kept_verdict SET bound = bound + 1 WHERE run = 'night-2' AND status = 'rounding'",
    "UPDATE kept_verdict SET terms = list_reverse(terms) WHERE run = 'night-2' AND status = 'broken'",
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


LENT = (
    CHANGES[0],
    CHANGES[-1],
    "UPDATE kept_verdict SET status = 'holds', root = NULL WHERE run = 'night-2' AND rule = (SELECT max(rule) FROM verdict WHERE status = 'broken')",
    "DELETE FROM kept_verdict WHERE run = 'night-2' AND status = 'broken' AND filing = (SELECT max(filing) FROM verdict WHERE status = 'broken')",
    "UPDATE kept_verdict SET status = 'not_verifiable', reason = 'few_peers' WHERE run = 'night-2' AND status = 'rounding'",
    "UPDATE kept_verdict SET fingerprint = md5(fingerprint) WHERE run = 'night-1' AND status = 'broken'",
    "UPDATE run SET status = 'failed' WHERE run = 'night-1'",
    "UPDATE filing SET organisation = '示例市教育局', identity = '示例市教育局/2024' WHERE organisation = '示例市档案局'",
    # One more filing, of which nothing is judged, before all others: each of these has another number.
    "INSERT INTO filing SELECT * REPLACE ('0' AS filing, '' AS organisation, '0' AS identity) FROM filing WHERE current LIMIT 1",
    # One more, of which a rule that is broken in all others holds: it is suspect no longer, on whichever of its pages.
    "INSERT INTO filing SELECT * REPLACE ('0' AS filing, '' AS organisation, '0' AS identity) FROM filing WHERE current LIMIT 1; "
    "INSERT INTO kept_verdict SELECT * REPLACE ('0' AS filing, 'holds' AS status, NULL AS root) FROM kept_verdict WHERE run = 'night-2' "
    "AND rule = 'S.share' AND status = 'broken' LIMIT 1",
    "UPDATE filing SET fiscal_year = 2023 WHERE organisation = '示例市档案局'",
    "UPDATE judged_filing SET level = 'province' WHERE organisation = '示例市档案局'",
    "UPDATE document SET message_zh = '坏了', message_en = 'broken' WHERE status <> 'read'",
    "INSERT INTO waiver (fingerprint, reason, reason_en, granted_by, evidence, granted, until, status) SELECT fingerprint, '已核实', 'checked', "
    "'甲', '', DATE '2025-09-01', DATE '2099-12-31', 'in_force' FROM verdict WHERE run = 'night-2' AND status = 'broken'",
    # A run that was not published, between two that came out alike.
    "INSERT INTO kept_verdict SELECT * REPLACE ('night-3' AS run) FROM kept_verdict WHERE run = 'night-2' AND status <> 'rounding'; "
    "INSERT INTO kept_verdict SELECT * REPLACE ('night-4' AS run) FROM kept_verdict WHERE run = 'night-2'; "
    "INSERT INTO run (run, started, status) VALUES ('night-3', TIMESTAMP '2025-09-03 02:00:00', 'completed'), "
    "('night-4', TIMESTAMP '2025-09-04 02:00:00', 'completed')",
    "INSERT INTO kept_verdict SELECT * REPLACE ('night-3' AS run) FROM kept_verdict WHERE run = 'night-2' AND status <> 'rounding'; "
    "INSERT INTO run (run, started, status) VALUES ('night-3', TIMESTAMP '2025-09-03 02:00:00', 'completed')",
)
"""Changes of what anything on the site is made of: contents of filings, verdicts, runs, documents."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a list, a part of the index and whatever is read at once hold two of a kind: there are several of each."""
    for name in (
        "lists.FILINGS_A_PAGE", "lists.FINDINGS_A_PAGE", "lists.FINDING_PAGES", "rules.FAILURES_A_PAGE", "rules.FAILURE_PAGES",
        "search.FILINGS", "search.FINDINGS",
    ):  # fmt: skip
        monkeypatch.setattr(f"flows.publish.pages.{name}", 2)
    monkeypatch.setattr(listed, "_BATCH", 2)


@pytest.mark.parametrize("change", LENT)
def test_what_the_standing_site_lends_is_what_would_be_made(
    short: None, night: tuple[Path, Path], book: RuleBook, tmp_path: Path, change: str
) -> None:
    path, site = night
    assert {"findings-2.html", "filings-2.html", "search/broken-1.js", "rules/S.share-2.html"} <= inodes(site).keys()
    with duckdb.connect(str(path)) as db:
        db.execute(change)
    publish(path, book, site)
    publish(path, book, tmp_path / "anew")
    assert told(site) == told(tmp_path / "anew")


def test_a_waiver_does_not_have_all_verdicts_written_again(night: tuple[Path, Path], book: RuleBook) -> None:
    path, site = night
    before = inodes(site)
    with duckdb.connect(str(path)) as db:
        db.execute(next(change for change in LENT if "INTO waiver" in change))
    publish(path, book, site)
    after = inodes(site)
    assert after["verdicts.parquet"] == before["verdicts.parquet"] and after["ledger.xlsx"] != before["ledger.xlsx"]


@pytest.mark.parametrize(
    "amended",
    [
        {"title": {"zh": "改过的标题", "en": "another title"}},
        {"severity": "info"},
    ],
)
def test_an_amended_rule_is_told_wherever_it_is_named(
    night: tuple[Path, Path], book: RuleBook, tmp_path: Path, amended: dict[str, Any]
) -> None:
    path, site = night
    changed = replace(book, rules=(replace(book.rules[0], **amended), *book.rules[1:]))
    publish(path, changed, site)
    publish(path, changed, tmp_path / "anew")
    assert told(site) == told(tmp_path / "anew")


def told(site: Path) -> dict[str, object]:
    """Every file of a site but the list of what was made of what; of the workbook its sheets, of the verdicts its rows in any order
    without the run, which is the first that came to them."""
    read: dict[str, object] = {name: text for name, text in texts(site).items() if name != reuse.MANIFEST}
    with zipfile.ZipFile(site / "ledger.xlsx") as book:
        read["ledger.xlsx"] = {name: book.read(name) for name in book.namelist() if "worksheets/" in name}
    rows = duckdb.execute(f"SELECT * EXCLUDE (run) FROM '{site / 'verdicts.parquet'}' ORDER BY ALL").fetchall()
    return read | {"verdicts.parquet": rows}


def test_on_an_unchanged_night_rules_are_not_printed_and_nothing_is_counted_again(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    judged_again(path, book)
    publish(path, book, site)
    with warehouse.connect(path) as db:
        little.judge(db, book, "night-4", datetime(2025, 9, 4, 2, 0))
    before = inodes(site)

    def made(*_: object) -> None:
        raise AssertionError("what has not changed was made or counted again")

    monkeypatch.setattr("flows.publish.pages.rules._rule_page", made)
    monkeypatch.setattr(listed, "gather", made)
    monkeypatch.setattr(morning._Count, "_tally", made)
    publish(path, book, site)
    after = inodes(site)
    rules = {one for one in after if "rules/" in one or "rules.html" in one}
    assert rules and all(after[one] == before[one] for one in rules)
    assert "2025-09-04" in (site / "index.html").read_text("utf-8")


def test_pass_rates_over_runs_have_one_line_for_runs_that_came_out_alike(
    night: tuple[Path, Path], book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, site = night
    page = site / "en" / "rules" / f"{book.rules[0].id}.html"
    first = page.read_text("utf-8")
    judged_again(path, book)
    publish(path, book, site)
    assert page.read_text("utf-8") == first and "since 2025-09-02" in first and "2025-09-03" not in first
    with warehouse.connect(path) as db:
        little.judge(db, book, "night-4", datetime(2025, 9, 4, 2, 0))
        db.execute("UPDATE kept_verdict SET status = 'holds' WHERE run = 'night-4' AND rule = ?", [book.rules[0].id])
    publish(path, book, site)
    assert "since 2025-09-04" in page.read_text("utf-8")
    monkeypatch.setattr("flows.publish.pages.rules.RUNS_SHOWN", 4)
    publish(path, book, site.with_name("other"))
    last = (site.with_name("other") / "en" / "rules" / page.name).read_text("utf-8")
    assert "since earlier" in last, (
        "what came out so before the first run that is looked at has no date that moves every night"
    )


def test_what_a_verdict_is_about_is_told_as_the_database_tells_it(filled: Path) -> None:
    with duckdb.connect(str(filled), read_only=True) as db:
        run, filings = queries.runs(db)[0], queries.filings(db)
        keys = [filing.key for filing in filings]
        rows = db.execute(
            f"{queries.of_few('true')} ORDER BY v.filing, v.rule, v.instance", {"run": run.id, "filings": keys}
        ).fetchall()
        read = list(reading.contents(db, filings, run))
    said = sorted((one for made in read for one in made.verdicts), key=repr)
    everything = list(map(queries.verdict_of, rows))
    assert len(said) > 4 and said == sorted((one for one in everything if one.finding), key=repr)
    agree = Counter((one.rule, one.status) for made in read for one in made.agreements)
    for one in (one for made in read for one in made.passed):
        agree[one.rule, one.status] += one.number
    assert agree.total() > 30 and agree == Counter((one.rule, one.status) for one in everything if not one.finding)
    assert any(one.about.label for one in said) and any(one.about.subject for one in said)


def test_pages_of_filings_leave_nothing_in_memory_for_which_garbage_must_be_looked(
    db: duckdb.DuckDBPyConnection, book: RuleBook
) -> None:
    press = set_up(queries.night(Reckoned(db, "", {}, {})), book, vocabulary.load())
    found = list(reading.contents(db, press.night.filings, press.night.runs[0]))
    made = [{**filing_pages(press, one), **source_pages(press, one)} for one in found]  # the templates are read
    assert any("sources/" in path for pages in made for path in pages)
    gc.collect()
    gc.disable()
    try:
        for one in found:
            filing_pages(press, one)
            source_pages(press, one)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_site_whose_list_is_damaged_is_made_anew(night: tuple[Path, Path], book: RuleBook) -> None:
    path, site = night
    (site / reuse.MANIFEST).write_text('{"x": [1]', "utf-8")
    publish(path, book, site)
    assert reuse.standing_site(site).listed
