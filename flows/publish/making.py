"""Filings' pages made on every core: each process has the warehouse open for reading and makes some filings at a time.

A process that dies or fails fails the publishing. What it is told is a pickle with its length before it, as between
`flows.workers.pool` and its processes; it ends when nobody speaks to it any more.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import duckdb

from flows.publish.content import queries
from flows.publish.content.views import Filing, Run
from flows.publish.pages.filing import filing_pages
from flows.publish.pages.source import source_pages
from flows.publish.pages.versions import versions_pages
from flows.publish.press import Press, environment
from flows.publish.source.places import sharpened
from flows.workers.limits import cores
from flows.workers.process import receive, send

BATCH = 20
"""Filings made at a time: some tens of MiB of Python's objects."""
ALONE = 3 * BATCH
"""So few filings are made in this process: to start others takes a second."""
MEMORY = "256MB"
"""What DuckDB may hold in each process."""


def make(
    db: duckdb.DuckDBPyConnection, warehouse: Path | None, press: Press, filings: Sequence[Filing], site: Path
) -> Iterator[tuple[Filing, tuple[str, ...]]]:
    """The pages of `filings` stand in `site`; yields each filing with the paths of its files, as they come.

    `warehouse` is the file that `db` has open and other processes may read, None where there is none. Raises OSError,
    duckdb.Error, and RuntimeError when a process ends before its work is done.
    """
    run = press.night.runs[0] if press.night.runs else None
    batches = [filings[at : at + BATCH] for at in range(0, len(filings), BATCH)]
    if warehouse is None or len(filings) <= ALONE or cores() < 2:
        for batch in batches:
            yield from zip(batch, _made(db, press, run, batch, site), strict=True)
        return
    with _processes(min(cores(), len(batches)), pickle.dumps((warehouse, _carried(press), run, site), 5)) as free:

        def ask(batch: Sequence[Filing]) -> list[tuple[str, ...]]:
            process = free.get()
            try:
                return _answer(process, batch)
            finally:
                free.put(process)

        with ThreadPoolExecutor(cores(), "hedui-making") as pool:
            todo = [pool.submit(ask, batch) for batch in batches]
            try:
                for batch, done in zip(batches, todo, strict=True):
                    yield from zip(batch, done.result(), strict=True)
            finally:
                for one in todo:
                    one.cancel()


def _made(
    db: duckdb.DuckDBPyConnection, press: Press, run: Run | None, batch: Sequence[Filing], site: Path
) -> list[tuple[str, ...]]:
    made = []
    for contents in queries.contents(db, batch, run):
        history = press.histories.get(contents.filing.key)
        contents = sharpened(contents, press.album)
        files = filing_pages(press, contents) | source_pages(press, contents)
        files |= versions_pages(press, contents, history) if history else {}
        for path, text in files.items():
            write_new(site / path, text)
        made.append(tuple(files))
    return made


def write_new(target: Path, text: str) -> None:
    """`target` is a new file with this text. Raises FileExistsError where one stands: it may be shared with another site."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # A document may hold lone surrogates; they must not keep the whole site from being published.
    with target.open("x", encoding="utf-8", errors="replace") as out:
        out.write(text)


def _carried(press: Press) -> Press:
    """What a filing's page needs of the press: all but what the lists show, and the templates, which are read again."""
    night = replace(press.night, tallies=(), history=(), filings=())
    return replace(press, night=night, filings={}, environment=None)  # type: ignore[arg-type]


# ---- the processes ------------------------------------------------------------------------------------------------------


@contextmanager
def _processes(number: int, told: bytes) -> Iterator[queue.SimpleQueue[subprocess.Popen[bytes]]]:
    """So many processes, each told what all batches need; ended afterwards, whatever happens."""
    free: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
    with ExitStack() as stack:
        for _ in range(number):
            process = _launch(stack.enter_context(tempfile.TemporaryFile()))
            stack.callback(_end, process)
            send(process.stdin, told)
            free.put(process)
        yield free


def _launch(said: IO[bytes]) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "flows.publish.making"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    process.said = said  # type: ignore[attr-defined]
    return process


def _answer(process: subprocess.Popen[bytes], batch: Sequence[Filing]) -> list[tuple[str, ...]]:
    """The paths of the files of each filing. Raises what the process raised, RuntimeError when it has ended."""
    try:
        send(process.stdin, pickle.dumps(tuple(batch), 5))
        answer = receive(process.stdout)
    except (OSError, ValueError):  # its end of a pipe is closed
        answer = None
    if answer is None:
        said: IO[bytes] = process.said  # type: ignore[attr-defined]
        said.seek(0)
        last = said.read()[-2000:].decode("utf-8", "replace").strip()
        raise RuntimeError(f"a process that makes pages has ended (exit {process.poll()}): {last}")
    made = pickle.loads(answer)
    if isinstance(made, BaseException):
        raise made
    return list(made)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def main() -> None:
    """Makes batch after batch until standard input ends: in a process of its own."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to the error stream
    told = receive(sys.stdin.buffer)
    if told is None:
        return
    warehouse, press, run, site = pickle.loads(told)
    with duckdb.connect(str(warehouse), read_only=True) as db:
        db.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        press = replace(press, environment=environment())
        while (message := receive(sys.stdin.buffer)) is not None:
            batch: Iterable[Any] = pickle.loads(message)
            press = replace(press, filings={filing.key: filing for filing in batch})
            try:
                answer: object = _made(db, press, run, tuple(batch), site)
            except (OSError, duckdb.Error) as error:
                answer = error
            send(answers, pickle.dumps(answer, 5))


if __name__ == "__main__":
    main()
