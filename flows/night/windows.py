"""Documents read side by side, wherever that is, and handed on in their order, a window at a time."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flows import logs, terminal
from flows.night import budget
from flows.night.plan import Found, Outcome

WINDOW = 64
"""Documents loaded together: an interrupted night has lost at most these, the next one goes on from there."""
_LOOK = 5.0
"""Seconds between two looks at whoever reads while nothing comes back."""


class Promise(Protocol):
    """What Prefect gives for a task that was begun."""

    def add_done_callback(self, fn: Callable[[Any], None]) -> None: ...

    def result(self) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Where documents are read: `begin` has one read, `ahead` and `room` are how many documents and bytes may be begun and not handed on.

    `ended` gives the outcome of what was begun, `look` raises when no more can come.
    """

    begin: Callable[[Found], Promise]
    ahead: int = WINDOW
    room: int = 2**62
    ended: Callable[[Found, Promise], Outcome] = lambda found, promise: promise.result()
    look: Callable[[], None] = lambda: None


def loaded(
    fresh: Sequence[Found], reader: Reader, end: float | None, load: Callable[[Sequence[Outcome]], int], lang: str
) -> tuple[int, list[Outcome]]:
    """Everything that was read is loaded, a window at a time; returns what `load` counted, and the documents that were put off."""
    total, late = 0, []
    with terminal.progress("读取" if lang == "zh" else "reading", len(fresh)) as step:

        def told(outcome: Outcome) -> None:
            step(outcome.found.name)
            _log_refusal(outcome, lang)

        for outcomes in read(fresh, reader, end, told):
            put_off = [one for one in outcomes if one.postponed]
            if len(put_off) < len(outcomes):
                total += load(outcomes)
            late += put_off
    return total, late


def read(
    fresh: Sequence[Found], reader: Reader, end: float | None, told: Callable[[Outcome], None]
) -> Iterator[list[Outcome]]:
    """The outcomes in the order of `fresh`, a window at a time; `told` is called as each comes. None is begun after `end`.

    Raises whatever ended a reading otherwise than by an outcome.
    """
    come: queue.SimpleQueue[tuple[int, Promise]] = queue.SimpleQueue()
    outcomes: dict[int, Outcome] = {}
    begun = flying = 0
    for start in range(0, len(fresh), WINDOW):
        wanted = range(start, min(start + WINDOW, len(fresh)))
        while True:
            while begun < min(len(fresh), start + reader.ahead):
                one = fresh[begun]
                if budget.spent(end):
                    outcomes[begun] = Outcome(one, None)
                elif flying and flying + one.size > reader.room:
                    break
                else:
                    flying += one.size
                    _await(reader.begin(one), begun, come)
                begun += 1
            if all(number in outcomes for number in wanted):
                break
            number, promise = _next(come, reader)
            flying -= fresh[number].size
            outcomes[number] = reader.ended(fresh[number], promise)
            told(outcomes[number])
        yield [outcomes.pop(number) for number in wanted]


def _await(promise: Promise, number: int, come: queue.SimpleQueue[tuple[int, Promise]]) -> None:
    promise.add_done_callback(lambda done: come.put((number, done)))


def _next(come: queue.SimpleQueue[tuple[int, Promise]], reader: Reader) -> tuple[int, Promise]:
    while True:
        try:
            return come.get(timeout=_LOOK)
        except queue.Empty:
            reader.look()


def _log_refusal(outcome: Outcome, lang: str) -> None:
    found, refusal = outcome.found, outcome.refusal
    if refusal:
        with logs.about(document=found.sha256, name=found.name):
            said = f"{found.address}: {refusal.message[lang]}"
            logs.say(logging.WARNING, "document_unreadable", said, reason=refusal.reason)
