"""Work on many filings shared out among processes of this program: their pages, what is supposed of their findings.

Every process is told once what all of its work needs; then it takes items some at a time, and answers each. What is told and
answered is a pickle with its length before it, as between `flows.workers.pool` and its processes. A process that dies or fails
fails the work; it ends by itself when nobody speaks to it any more.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flows.workers.process import receive, send

Answering = Callable[[Sequence[Any]], Iterator[Any]]
"""Answers some items, each in turn."""


@dataclass(frozen=True, slots=True)
class Member:
    """A process and the file into which it complains."""

    running: subprocess.Popen[bytes]
    said: IO[bytes]


class Crew:
    """Processes that answer items, whichever is free."""

    def __init__(self, members: Sequence[Member], told: bytes) -> None:
        self._todo: queue.SimpleQueue[Sequence[Any] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Any, Any] | BaseException] = queue.SimpleQueue()
        self._members = members
        self._threads = [threading.Thread(target=self._attend, args=(one, told), daemon=True) for one in members]
        for thread in self._threads:
            thread.start()

    def answers(self, tasks: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, Any]]:
        """Each item of each task with its answer, in the order in which they come. Only so many tasks are asked for as can soon be
        worked on. Raises what a process said it failed with, and RuntimeError when one has ended."""
        owed = 0
        for items in tasks:
            self._todo.put(items)
            owed += len(items)
            while self._todo.qsize() > len(self._members):
                yield self._next()
                owed -= 1
        for _ in range(owed):
            yield self._next()

    def end(self) -> None:
        """All processes have ended, whatever they were doing."""
        for one in self._members:
            self._todo.put(None)
            _end(one.running)
        for thread in self._threads:
            thread.join()

    def _next(self) -> tuple[Any, Any]:
        answer = self._done.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _attend(self, member: Member, told: bytes) -> None:
        """One process is told what all items need, and then some items at a time."""
        running = member.running
        try:
            send(running.stdin, told)
            while (items := self._todo.get()) is not None:
                send(running.stdin, pickle.dumps(tuple(items), 5))
                for item in items:
                    answer = receive(running.stdout)
                    if answer is None:
                        raise EOFError
                    held = pickle.loads(answer)
                    if isinstance(held, BaseException):
                        self._done.put(held)
                        return
                    self._done.put((item, held))
        except (OSError, EOFError, ValueError):  # its end of a pipe is closed
            code = running.wait()
            member.said.seek(0)
            last = member.said.read()[-2000:].decode("utf-8", "replace").strip()
            self._done.put(RuntimeError(f"a process of this night has ended (exit {code}): {last}"))


@contextmanager
def crew(module: str, told: Any, number: int) -> Iterator[Crew]:
    """So many processes that run `module` (it calls `serve`); ended afterwards, whatever happens."""
    with ExitStack() as stack:
        members = []
        for _ in range(number):
            member = launch(module, stack.enter_context(tempfile.TemporaryFile()))
            stack.callback(_end, member.running)
            members.append(member)
        made = Crew(members, pickle.dumps(told, 5))
        stack.callback(made.end)
        yield made


def launch(module: str, said: IO[bytes]) -> Member:
    """A process that runs `module` of this program and complains into `said`."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
    running = subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    return Member(running, said)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent yet
            if pipe:
                pipe.close()


def serve(prepared: Callable[[Any], AbstractContextManager[Answering]], *faults: type[Exception]) -> None:
    """Answers items after items until standard input ends: in a process of its own.

    `prepared` makes of what it is told what answers. `faults` are handed to whoever asked; all else ends the process.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to the error stream
    told = receive(sys.stdin.buffer)
    if told is None:
        return
    with prepared(pickle.loads(told)) as answering:
        while (message := receive(sys.stdin.buffer)) is not None:
            try:
                for answer in answering(pickle.loads(message)):
                    send(answers, pickle.dumps(answer, 5))
            except faults as error:
                send(answers, pickle.dumps(error, 5))
