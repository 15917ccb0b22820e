"""Filings' pages made on every core: each process has the warehouse open for reading and makes some filings at a time.

A process that dies or fails fails the publishing. What it is told is a pickle with its length before it, as between
`flows.workers.pool` and its processes; it ends when nobody speaks to it any more.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import duckdb

from flows import access
from flows.publish.content import reading
from flows.publish.content.views import Filing, Run
from flows.publish.pages.filing import filing_pages
from flows.publish.pages.source import source_pages
from flows.publish.pages.versions import versions_pages
from flows.publish.press import Press, environment
from flows.publish.source.places import sharpened
from flows.workers.limits import cores
from flows.workers.process import receive, send

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
    todo: queue.SimpleQueue[Sequence[Filing]] = queue.SimpleQueue()
    for at in range(0, len(filings), size):
        todo.put(filings[at : at + size])
    done: queue.SimpleQueue[tuple[Filing, tuple[str, ...]] | BaseException] = queue.SimpleQueue()
    told = pickle.dumps((warehouse, _carried(press), run, site), 5)
    with _processes(cores()) as processes:
        threads = [threading.Thread(target=_attend, args=(one, told, todo, done), daemon=True) for one in processes]
        for thread in threads:
            thread.start()
        try:
            for _ in filings:
                made = done.get()
                if isinstance(made, BaseException):
                    raise made
                yield made
        finally:
            for process in processes:
                _end(process.running)
            for thread in threads:
                thread.join()


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
    return replace(press, night=night, filings={}, environment=None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Process:
    """A process and the file into which it complains."""

    running: subprocess.Popen[bytes]
    said: IO[bytes]


# ---- the processes ------------------------------------------------------------------------------------------------------


@contextmanager
def _processes(number: int) -> Iterator[list[_Process]]:
    """So many processes; ended afterwards, whatever happens."""
    with ExitStack() as stack:
        made = []
        for _ in range(number):
            process = _launch(stack.enter_context(tempfile.TemporaryFile()))
            stack.callback(_end, process.running)
            made.append(process)
        yield made


def _launch(said: IO[bytes]) -> _Process:
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
    running = subprocess.Popen(
        [sys.executable, "-P", "-m", "flows.publish.making"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    return _Process(running, said)


def _attend(
    process: _Process,
    told: bytes,
    todo: queue.SimpleQueue[Sequence[Filing]],
    done: queue.SimpleQueue[tuple[Filing, tuple[str, ...]] | BaseException],
) -> None:
    """One process, told what all filings need, makes what is to be done until nothing is left; an exception is put where the
    filings were to come."""
    try:
        send(process.running.stdin, told)
        while True:
            filings = todo.get_nowait()
            send(process.running.stdin, pickle.dumps(tuple(filings), 5))
            for filing in filings:
                answer = receive(process.running.stdout)
                if answer is None:
                    raise EOFError
                paths = pickle.loads(answer)
                if isinstance(paths, BaseException):
                    done.put(paths)
                    return
                done.put((filing, paths))
    except queue.Empty:
        return
    except (OSError, EOFError, ValueError):  # its end of a pipe is closed
        code = process.running.wait()
        process.said.seek(0)
        last = process.said.read()[-2000:].decode("utf-8", "replace").strip()
        done.put(RuntimeError(f"a process that makes pages has ended (exit {code}): {last}"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent yet
            if pipe:
                pipe.close()


def main() -> None:
    """Makes the pages of filings after filings until standard input ends: in a process of its own."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to the error stream
    told = receive(sys.stdin.buffer)
    if told is None:
        return
    warehouse, press, run, site = pickle.loads(told)
    gc.disable()  # pages are made of hundreds of thousands of small records without cycles: the search for some takes a third of the time
    with duckdb.connect(str(warehouse), read_only=True) as db:
        db.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        access.put_aside(db, warehouse)
        press = replace(press, environment=environment())
        while (message := receive(sys.stdin.buffer)) is not None:
            filings: tuple[Filing, ...] = pickle.loads(message)
            press = replace(press, filings={filing.key: filing for filing in filings})
            try:
                for number, (_, paths) in enumerate(_made(db, press, run, filings, site), 1):
                    send(answers, pickle.dumps(paths, 5))
                    if number % reading.BATCH == 0:
                        gc.collect()
            except (OSError, duckdb.Error) as error:
                send(answers, pickle.dumps(error, 5))


if __name__ == "__main__":
    main()
