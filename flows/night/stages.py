"""The night's steps as an operator follows them: each says when it begins, and how long it took is kept with the run."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from expectations.messages import pick
from flows import logs, schema
from flows.night.plan import Plan, Timing
from flows.night.runs import opened
from flows.sql import insert
from flows.terminal import STAGES


@dataclass(slots=True)
class Step:
    """What a step says of itself: how many items it dealt with."""

    items: int = 0


@dataclass(slots=True)
class Stages:
    """The steps of one run so far; `lang` is the language of what is said."""

    lang: str
    done: list[Timing] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, more: tuple[str, str] = ("", "")) -> Iterator[Step]:
        """A step of the night: told when it begins, `more` of it in zh and en, and timed however it ends."""
        title = pick(STAGES[name], self.lang)
        logs.say(logging.INFO, "stage_begins", f"{title}{pick(more, self.lang)}…", stage=name)
        step, began = Step(), time.monotonic()
        ended = "stage_failed"
        try:
            yield step
            ended = "stage_ended"
        finally:
            seconds = round(time.monotonic() - began, 3)
            self.done.append(Timing(name, seconds, step.items))
            told = f"{title}：{seconds:.1f} 秒" if self.lang == "zh" else f"{title}: {seconds:.1f} s"
            logs.say(logging.DEBUG, ended, told, stage=name, seconds=seconds, items=step.items)


def keep(plan: Plan, run: str, timings: Sequence[Timing]) -> None:
    """How long each step of the run took is in the warehouse."""
    rows = [(run, position, one.stage, one.seconds, one.items) for position, one in enumerate(timings, 1)]
    with opened(plan.warehouse) as connection:
        insert(connection, schema.RUN_STAGE, rows)
