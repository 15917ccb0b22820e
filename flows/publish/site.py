"""The site: built beside the old one, then put in its place in one step, or not at all.

`publish` reads the warehouse, prints every page in Chinese and English, writes ledger and data, and only then replaces the
site that stands. Whatever goes wrong before that leaves the old site untouched.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path

import duckdb

from expectations import vocabulary
from expectations.rules import RuleBook
from flows import access, place
from flows.publish import making
from flows.publish.content import digests, listed, morning, queries, seen, suspected, waived
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.runs import run_lines
from flows.publish.content.versions import histories
from flows.publish.content.views import Filing, Verdict
from flows.publish.datadocs import Docs, write_validation
from flows.publish.pages.lists import write_lists
from flows.publish.pages.overview import overview_page
from flows.publish.pages.panel import rules_script
from flows.publish.pages.register import write_register
from flows.publish.pages.rules import write_rules
from flows.publish.pages.search import write_search
from flows.publish.press import FOLDER, Press, file_names, localised, run_script, set_up
from flows.publish.reuse import Standing, digest, edition, keep_unchanged, standing_site
from flows.publish.source.album import gather
from flows.publish.takeaway.catalogue import write_catalogue
from flows.publish.takeaway.exports import SCHEMA, write_findings, write_suspects, write_verdicts
from flows.publish.takeaway.ledger import write_ledger
from flows.publish.takeaway.notices import write_notices
from flows.publish.takeaway.register import write_register_files
from flows.publish.wording.words import LANGUAGES
from flows.register import kept as register_kept
from flows.waivers import kept as waivers_kept

RUNS_LISTED = 30
MEMORY = "512MB"
"""What DuckDB may hold in this process while the site is built; the rest goes to disk."""
TAKEN_ALONG = "/taken along"
"""In this folder, which no site has, the list of what may be taken over names ledger, findings and verdicts."""

Progress = Callable[[int], AbstractContextManager[Callable[[str], None]]]


def publish(
    warehouse: Path | duckdb.DuckDBPyConnection,
    rulebook: RuleBook,
    site: Path,
    docs: Docs | None = None,
    page_images: str = "findings",
    progress: Progress = lambda total: nullcontext(lambda done="": None),
) -> Path:
    """`site` holds the newest run of `warehouse` as a static site that needs no network; returns the path of its first page.

    `docs` runs Great Expectations' site builder over what it keeps (`flows.publish.datadocs`); `page_images` says which pages of
    documents are shown as pictures (`flows.publish.source.album.CHOICES`); `progress` is entered with the number of filings
    whose pages are made anew, and its step is called for each. What a publishing that was killed has left
    beside `site` is removed: nights over one warehouse exclude each other. Raises FileExistsError when `site` is a folder of
    something else, duckdb.Error, OSError or RuntimeError when the warehouse, the disk or a process fails; the previous site
    then still stands.
    """
    site = Path(site).absolute()
    place.refuse_foreign(site)
    site.parent.mkdir(parents=True, exist_ok=True)
    place.mend(site)
    building = place.beside(site)
    try:
        with _opened(warehouse) as (db, file):
            _build(_Order(db, file, rulebook, docs, page_images, progress), building, standing_site(site))
        place.replace(site, building)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return site / "index.html"


@contextmanager
def _opened(
    warehouse: Path | duckdb.DuckDBPyConnection,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path | None]]:
    """The warehouse, and its file where other processes may read it meanwhile."""
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        yield warehouse, None
        return
    file: Path | None = Path(warehouse).absolute()
    try:
        db = access.connect(Path(warehouse), read_only=True, patience=access.PATIENCE)
        db.execute(f"SET memory_limit = '{MEMORY}'")
        access.put_aside(db, Path(warehouse).absolute())
    except duckdb.ConnectionException:
        # This process holds the file open for writing; DuckDB then gives no second, read-only connection, nor other processes any.
        db, file = duckdb.connect(str(warehouse)), None
    with db:
        yield db, file


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be published, from where."""

    db: duckdb.DuckDBPyConnection
    file: Path | None
    rulebook: RuleBook
    docs: Docs | None
    page_images: str
    progress: Progress


def _build(order: _Order, site: Path, standing: Standing) -> None:
    db = order.db
    run = next(iter(queries.runs(db)), None)
    told = digests.of_filings(db, run)
    words = vocabulary.load()
    of = edition(order.rulebook, words, file_names(told))
    reckoned = Reckoned(db, digest(of, *told.items()), standing.known, standing.answers)
    night = queries.night(reckoned)
    press = replace(
        set_up(night, order.rulebook, words),
        album=gather(reckoned, run, order.page_images, site, standing.folder),
        histories=histories(db, run),
        edition=of,
        waivers=waivers_kept.in_force(db),
    )
    reckoned.offer("listed", partial(listed.gather, db, run, press.severities))
    shutil.copytree(FOLDER / "assets", site / "assets")
    (site / place.MARKER).write_text("Made by Hedui; replaced as a whole by the next run.\n", "utf-8")
    _write(site, "assets/run.js", run_script(press.checked_at))
    _write(site, "assets/rules.js", rules_script(press))
    made_of = {
        f.key: digest(of, told[f.key], press.album.of(f.document.sha256), press.histories.get(f.key))
        for f in night.filings
    }
    changed = [f for f in night.filings if not standing.lend(press.filing_names[f.key], made_of[f.key], site)]
    with _beside(lambda stop: _write_filings(order, press, changed, made_of, site, standing, stop)):
        _write_others(order, reckoned, press, made_of, site, standing)
    keep_unchanged(standing, site)
    standing.write_manifest(site)


@contextmanager
def _beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """`work` is done in a thread while the body runs, and has ended when it ends; where the body raises it is told to stop."""
    stop = threading.Event()
    with ThreadPoolExecutor(1, "pages") as thread:
        done = thread.submit(work, stop)
        try:
            yield
        except BaseException:
            stop.set()
            raise
        done.result()


def _write_filings(
    order: _Order,
    press: Press,
    changed: Sequence[Filing],
    made_of: Mapping[str, str],
    site: Path,
    standing: Standing,
    stop: threading.Event,
) -> None:
    """The pages of the filings that have changed stand in `site`, made on every core."""
    # What else is written asks the database by a connection of its own meanwhile.
    with order.db.cursor() as db, order.progress(len(changed)) as step:
        for filing, paths in making.make(db, order.file, press, changed, site):
            standing.note(press.filing_names[filing.key], made_of[filing.key], paths)
            step(filing.organisation)
            if stop.is_set():
                return


def _write_others(
    order: _Order, reckoned: Reckoned, press: Press, made_of: Mapping[str, str], site: Path, standing: Standing
) -> None:
    """All but the pages of filings stands in `site`."""
    db, run = order.db, press.night.runs[0] if press.night.runs else None

    def write(lang: str, path: str, page: str) -> None:
        _write(site, localised(path, lang), page)

    outcomes = listed.outcomes(reckoned, run)
    told = morning.morning(reckoned, order.rulebook, outcomes)
    explained = waived.waived(db, run, press.severities)
    expecting = register_kept.given_out(db, run.at.date() if run and run.at else date.today())
    for lang in LANGUAGES:
        write(lang, "index.html", overview_page(press, told, expecting, explained, lang))
    if expecting:
        write_register(press, expecting, write)
        write_register_files(expecting, site)

    def findings(rows: Sequence[tuple[str, str, str]]) -> Iterator[Verdict]:
        reckoned.need("listed")
        return listed.of_rows(db, rows)

    suites = write_validation(reckoned, press, findings, run_lines(db, RUNS_LISTED), order.docs, standing, site, write)
    write_rules(reckoned, press, outcomes, suites, standing, site, write)
    write_catalogue(press, outcomes, site)
    write_notices(reckoned, press, made_of, standing, site, write)
    lately = digest(len(press.night.runs) > 1, seen.gather(db, run))
    since = cache(partial(seen.seen, db, press.night.runs))
    write_lists(reckoned, press, standing, site, write)
    write_search(reckoned, press, lately, since, standing, site)
    _write_taken_along(reckoned, press, made_of, lately, since, standing, site)


def _write_taken_along(
    reckoned: Reckoned,
    press: Press,
    made_of: Mapping[str, str],
    lately: str,
    since: Callable[[], seen.Seen],
    standing: Standing,
    site: Path,
) -> None:
    """Ledger, findings and verdicts for other programs stand in `site`: the standing ones where what they tell has not changed."""
    db, run = reckoned.db, press.night.runs[0] if press.night.runs else None

    def ledger() -> None:
        reckoned.need("listed")
        write_ledger(press, suspected.beside(db, listed.findings(db, "broken")), since(), site)

    def findings() -> None:
        reckoned.need("listed")
        kept = standing.untouched(f"{TAKEN_ALONG}/findings.json")
        same = [key for key, of in made_of.items() if standing.made_of(press.filing_names[key]) == of] if kept else []
        write_findings(db, press, since(), standing.folder / "findings.json" if kept else None, frozenset(same), site)

    about = reckoned.about
    for files, of, make in (
        (("ledger.xlsx",), digest(about, lately, press.night.unreadable), ledger),
        (("findings.json", SCHEMA.name), digest(about, lately), findings),
        (("verdicts.parquet",), digest(press.edition, digests.of_verdicts(db)), partial(write_verdicts, db, run, site)),
        (("suspects.parquet",), digest(about), partial(write_suspects, db, site)),
    ):
        name = f"{TAKEN_ALONG}/{files[0]}"
        if not standing.lend(name, of, site):
            make()
            standing.note(name, of, files)


def _write(site: Path, path: str, page: str) -> None:
    making.write_new(site / path, page)
