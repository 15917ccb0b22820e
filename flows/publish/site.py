"""The site: built beside the old one, then put in its place in one step, or not at all.

`publish` reads the warehouse, prints every page in Chinese and English, writes ledger and data, and only then replaces the
site that stands. Whatever goes wrong before that leaves the old site untouched.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import duckdb

from expectations import vocabulary
from expectations.rules import RuleBook
from flows.publish.content import listed, morning, queries
from flows.publish.content.runs import run_lines
from flows.publish.content.versions import histories
from flows.publish.content.views import Contents, Verdict
from flows.publish.datadocs import Docs, write_validation
from flows.publish.pages.filing import filing_pages
from flows.publish.pages.lists import write_lists
from flows.publish.pages.overview import overview_page
from flows.publish.pages.rules import write_rules
from flows.publish.pages.search import write_search
from flows.publish.pages.source import source_pages
from flows.publish.pages.versions import versions_pages
from flows.publish.press import FOLDER, Press, localised, set_up
from flows.publish.reuse import MANIFEST, Standing, digest, edition, listing, standing_site, taken_over
from flows.publish.source.album import gather
from flows.publish.takeaway.catalogue import write_catalogue
from flows.publish.takeaway.exports import write_findings, write_verdicts
from flows.publish.takeaway.ledger import write_ledger
from flows.publish.takeaway.seen import seen
from flows.publish.wording.words import LANGUAGES

MARKER = "hedui-site.txt"
"""A folder that holds this file is a site of ours and may be replaced; any other folder with something in it may not."""

RUNS_LISTED = 30
_KEPT = (".gitkeep", ".gitignore")


def publish(
    warehouse: Path | duckdb.DuckDBPyConnection,
    rulebook: RuleBook,
    site: Path,
    docs: Docs | None = None,
    page_images: str = "findings",
) -> Path:
    """`site` holds the newest run of `warehouse` as a static site that needs no network; returns the path of its first page.

    `docs` runs Great Expectations' site builder over what it keeps (`flows.publish.datadocs`); `page_images` says which pages of
    documents are shown as pictures (`flows.publish.source.album.CHOICES`). Raises FileExistsError when `site` is a folder of
    something else, duckdb.Error or OSError when the warehouse or the disk fails; the previous site then still stands.
    """
    site = Path(site).absolute()
    _refuse_foreign(site)
    site.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{site.name}.next-", dir=site.parent))
    try:
        with _opened(warehouse) as db:
            _build(db, rulebook, docs, building, standing_site(site), page_images)
        building.chmod(0o755)
        _replace(site, building)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return site / "index.html"


@contextmanager
def _opened(warehouse: Path | duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        yield warehouse
        return
    try:
        db = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.ConnectionException:
        # This process holds the file open for writing; DuckDB then gives no second, read-only connection.
        db = duckdb.connect(str(warehouse))
    with db:
        yield db


def _build(
    db: duckdb.DuckDBPyConnection,
    rulebook: RuleBook,
    docs: Docs | None,
    site: Path,
    standing: Standing,
    page_images: str,
) -> None:
    night = queries.night(db)
    run = night.runs[0] if night.runs else None
    press = replace(
        set_up(night, rulebook, vocabulary.load()),
        album=gather(db, run, page_images, site, standing.folder),
        histories=histories(db, run),
    )
    shutil.copytree(FOLDER / "assets", site / "assets")
    (site / MARKER).write_text("Made by Hedui; replaced as a whole by the next run.\n", "utf-8")
    listed.gather(db, run, press.severities)
    everything = list(listed.findings(db, "broken", terms=True))
    outcomes = listed.outcomes(db, run)
    told = morning.morning(db, rulebook, outcomes)

    def write(lang: str, path: str, page: str) -> None:
        _write(site, localised(path, lang), page)

    for lang in LANGUAGES:
        write(lang, "index.html", overview_page(press, told, lang))
    write_lists(db, press, run, write)
    suites = write_validation(press, everything, run_lines(db, RUNS_LISTED), docs, write)
    write_rules(db, press, outcomes, suites, write)
    write_catalogue(press, outcomes, site)
    write_search(db, press, run, site)
    _write_filings(press, queries.contents(db, night.filings, run), site, standing)
    since = seen(db, night.runs)
    write_ledger(press, everything, since, site)
    write_findings(press, _all(everything, queries.findings(db, run, "not_verifiable")), since, site)
    write_verdicts(db, run, site)


def _write_filings(press: Press, all_contents: Iterable[Contents], site: Path, standing: Standing) -> None:
    """Every filing's page, taken over from the site that stands where nothing of it has changed."""
    of = edition(press)
    listed: dict[str, dict[str, str]] = {}
    for contents in all_contents:
        name = press.filing_names[contents.filing.key]
        history = press.histories.get(contents.filing.key)
        made_of = digest(contents, f"{of} {press.album.of(contents.filing.document.sha256)!r} {history!r}")
        pages = taken_over(standing, name, made_of, press)
        if not pages:
            pages = filing_pages(press, contents) | source_pages(press, contents)
            pages |= versions_pages(press, contents, history) if history else {}
        listed[name] = listing(made_of, pages)
        for path, page in pages.items():
            _write(site, path, page)
    (site / MANIFEST).write_text(json.dumps(listed, indent=0), "utf-8")


def _all(*found: Iterable[Verdict]) -> Iterator[Verdict]:
    for verdicts in found:
        yield from verdicts


def _write(site: Path, path: str, page: str) -> None:
    target = site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # A document may hold lone surrogates; they must not keep the whole site from being published.
    target.write_text(page, "utf-8", errors="replace")


# ---- in its place -------------------------------------------------------------------------------------------------------


def _refuse_foreign(site: Path) -> None:
    if not site.exists():
        return
    if not site.is_dir():
        raise FileExistsError(f"{site} is a file; the site needs a folder of its own")
    if (site / MARKER).is_file() or not [entry for entry in site.iterdir() if entry.name not in _KEPT]:
        return
    raise FileExistsError(
        f"{site} holds something other than a site of Hedui and is not replaced; name a new or empty folder"
    )


def _replace(site: Path, building: Path) -> None:
    """Put `building` in the place of `site`; what stood there is left in `building`, to be deleted."""
    if not site.exists():
        building.rename(site)
        return
    for name in _KEPT:
        if (site / name).is_file():
            shutil.copy2(site / name, building / name)
    if _exchange(site, building):
        return
    # Without an exchange in one step there is a moment without a site, but never half a one.
    aside = building.with_name(building.name + "-old")
    site.rename(aside)
    try:
        building.rename(site)
    except OSError:
        aside.rename(site)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step where the system can (Linux renameat2); False where it cannot."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        here, swap = -100, 2
        return library.renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0
    return False
