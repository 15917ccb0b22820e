"""A night as plain steps, in a process forked from one that has imported and prepared everything.

The steps and their order are those of `flows.nightly`; Prefect, which would start a server for each, is left out, and what reading
yields is remembered: it leaves nothing behind. Great Expectations' checks of structure are made over two tables.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from prefect import Task

from expectations import rules
from flows import nightly, validate
from flows.night import documents, runs, trouble
from flows.night.plan import Found, Outcome, Plan
from flows.publish import press, site
from flows.read.document import Unreadable
from flows.warehouse import Refusal

WINDOW = 30
_CHANGING = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.truncate",
    "shutil.rmtree",
    "shutil.copyfile",
)
_STATEMENTS = ("execute", "executemany", "sql", "close", "begin", "commit", "rollback")


@dataclass(frozen=True)
class Kill:
    """Where a night is killed. `kind`: "operation", the `at`th change of the file system or statement of the database; "time",
    after so many seconds of computing; "size", in the middle of the write that makes a file longer than so many bytes; "full", not
    killed: no file becomes longer than so many bytes, as on a full disk."""

    kind: str
    at: float


@dataclass(frozen=True)
class Measure:
    """What an undisturbed night takes: operations, seconds of computing, and bytes of its largest file."""

    operations: int
    seconds: float
    size: int

    def draw(self, random: Random) -> Kill:
        """A point within it."""
        kind = random.choice(("operation", "operation", "time", "size", "full"))
        if kind == "operation":
            return Kill(kind, random.randint(1, self.operations))
        return Kill(kind, random.random() * self.seconds if kind == "time" else random.randint(1, self.size))


def prepare(rule_folder: Path) -> None:
    """This process runs nights without Prefect, by the rules of `rule_folder`."""
    rules.FOLDER = rule_folder
    for name, value in list(vars(nightly).items()):
        if isinstance(value, Task):
            setattr(nightly, name, value.fn)
    nightly.bury_dead = lambda plan: None
    nightly._read_and_load = _read_and_load  # type: ignore[assignment]
    nightly.tell = lambda summary: None  # type: ignore[assignment]
    all_tables = validate.structure_suites
    validate.structure_suites = lambda words: all_tables(words)[:2]
    made = cache(press.templates)
    for module in (press, site, sys.modules["flows.publish.making"]):
        if hasattr(module, "templates"):
            module.templates = made


def night(plan: Plan) -> None:
    """One night, here. Raises `NightFailed` for whatever fails it, as the command does."""
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()), runs.alone(plan):
            nightly._night(plan, "en", time.monotonic())
    except Exception as error:
        raise trouble.failure(error, plan) from error


def _read_and_load(
    plan: Plan, found: Sequence[Found], fresh: Sequence[Found], *_: object
) -> tuple[int, tuple[str, ...]]:
    total = 0
    for start in range(0, len(fresh), WINDOW):
        total += documents.loaded(plan, [_read(one) for one in fresh[start : start + WINDOW]])
    return total, documents.settled(plan, found, [])


_outcomes: dict[str, tuple[bytes | None, Refusal | None]] = {}


def _read(found: Found) -> Outcome:
    if found.sha256 not in _outcomes:
        _outcomes[found.sha256] = _understood(found)
    return Outcome(found, *_outcomes[found.sha256])


def _understood(found: Found) -> tuple[bytes | None, Refusal | None]:
    import pickle

    from flows import collect

    try:
        return pickle.dumps(collect.understand(Path(found.address).read_bytes(), found.name)), None
    except Unreadable as error:
        return None, Refusal(error.reason, error.message)


# ---- in a process of its own, that may be killed -------------------------------------------------------------------------


def forked(act: Callable[[], None], kill: Kill | None = None) -> str:
    """`act` is done in a fork of this process; returns "" when it came to its end, "killed", or what it raised."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        code = 1
        try:
            if kill:
                _arm(kill)
            act()
            code = 0
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode()[:4000])
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        said = told.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return said or ("" if os.WEXITSTATUS(status) == 0 else f"exit {os.WEXITSTATUS(status)}")


def measured(act: Callable[[], None], folder: Path) -> Measure:
    """What `act` takes, which works in `folder`."""
    reading, writing = os.pipe()

    def counted() -> None:
        count = _count_operations(lambda number: None)
        before = time.process_time()
        act()
        os.write(writing, f"{count()} {time.process_time() - before}".encode())

    said = forked(counted)
    assert not said, said
    operations, seconds = os.read(reading, 100).split()
    os.close(reading)
    os.close(writing)
    size = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Measure(int(operations), float(seconds), size)


def _arm(kill: Kill) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if kill.kind == "time":
        signal.setitimer(
            signal.ITIMER_PROF, max(kill.at, 0.001)
        )  # of computing, so that a busy machine changes nothing
    elif kill.kind in ("size", "full"):
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if kill.kind == "size" else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(kill.at), int(kill.at)))
    else:
        _count_operations(lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == kill.at else None)


def _count_operations(each: Callable[[int], None]) -> Callable[[], int]:
    """`each` is called with its number before every change of the file system and every statement of the database."""
    lock, made = threading.Lock(), [0]

    def step() -> None:
        with lock:
            made[0] += 1
            each(made[0])

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGING or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            step()

    sys.addaudithook(heard)
    connect = duckdb.connect
    duckdb.connect = lambda *args, **named: _Watched(connect(*args, **named), step)  # type: ignore[assignment]
    return lambda: made[0]


class _Watched:
    """A connection of which every statement is a step."""

    def __init__(self, connection: Any, step: Callable[[], None]) -> None:
        self._connection, self._step = connection, step

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._connection, name)
        if name == "cursor":
            return lambda: _Watched(held(), self._step)
        if name not in _STATEMENTS:
            return held

        def stepped(*args: Any, **named: Any) -> Any:
            self._step()
            return held(*args, **named)

        return stepped

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
