"""Filings' pages made on every core: each process has the warehouse open for reading and makes some filings at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from flows import access
from flows.publish.content import reading
from flows.publish.content.views import Filing, Run
from flows.publish.pages.filing import filing_pages
from flows.publish.pages.source import source_pages
from flows.publish.pages.versions import versions_pages
from flows.publish.press import Press, templates
from flows.publish.source.places import sharpened
from flows.workers import crew
from flows.workers.limits import cores

ALONE = 60
"""So few filings are made in this process: to start others takes a second."""
MEMORY = "340MB"
"""What DuckDB may hold in each process: about what the rows of `reading.STAGE` filings need; a little may go to disk."""


def make(
    db: duckdb.DuckDBPyConnection, warehouse: Path | None, press: Press, filings: Sequence[Filing], site: Path
) -> Iterator[tuple[Filing, tuple[str, ...]]]:
    """The pages of `filings` stand in `site`; yields each filing with the paths of its files, as they come.

    `warehouse` is the file that `db` has open and other processes may read, None where there is none. Raises OSError,
    duckdb.Error, and RuntimeError when a process ends before its work is done.
    """
    run = press.night.runs[0] if press.night.runs else None
    if warehouse is None or len(filings) <= ALONE or cores() < 2:
        yield from _made(db, press, run, filings, site)
        return
    size = max(reading.BATCH, min(reading.STAGE, -(-len(filings) // (4 * cores()))))
    tasks = [filings[at : at + size] for at in range(0, len(filings), size)]
    with crew.crew("flows.publish.making", (warehouse, _carried(press), run, site), cores()) as made:
        yield from made.answers(tasks)


def _made(
    db: duckdb.DuckDBPyConnection, press: Press, run: Run | None, filings: Sequence[Filing], site: Path
) -> Iterator[tuple[Filing, tuple[str, ...]]]:
    for contents in reading.contents(db, filings, run):
        history = press.histories.get(contents.filing.key)
        contents = sharpened(contents, press.album)
        files = filing_pages(press, contents) | source_pages(press, contents)
        files |= versions_pages(press, contents, history) if history else {}
        for path, text in files.items():
            write_new(site / path, text)
        yield contents.filing, tuple(files)


def write_new(target: Path, text: str) -> None:
    """`target` is a new file with this text. Raises FileExistsError where one stands: it may be shared with another site."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # A document may hold lone surrogates; they must not keep the whole site from being published.
    with target.open("x", encoding="utf-8", errors="replace") as out:
        out.write(text)


def _carried(press: Press) -> Press:
    """What a filing's page needs of the press: all but what the lists show, and the templates, which are read again."""
    night = replace(press.night, tallies=(), history=(), filings=())
    return replace(press, night=night, filings={}, templates={})


@contextmanager
def _prepared(told: tuple[Path, Press, Run | None, Path]) -> Iterator[crew.Answering]:
    """What makes the pages of some filings, and answers for each with the paths of its files."""
    warehouse, press, run, site = told
    gc.disable()  # pages are made of hundreds of thousands of small records without cycles: the search for some takes a third of the time
    with duckdb.connect(str(warehouse), read_only=True) as db:
        db.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        access.put_aside(db, warehouse)
        ready = replace(press, templates=templates())
        gc.collect()
        gc.freeze()  # what all work needs is no garbage: not to be looked through after each part of it

        def made(filings: Sequence[Filing]) -> Iterator[tuple[str, ...]]:
            here = replace(ready, filings={filing.key: filing for filing in filings})
            yield from (paths for _, paths in _made(db, here, run, filings, site))
            gc.collect()

        yield made


if __name__ == "__main__":
    crew.serve(_prepared, OSError, duckdb.Error)
