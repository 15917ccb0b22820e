"""What is supposed of many filings, worked out on every core: none needs anything of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from flows.explain.diagnose import Explained, of_evidence
from flows.explain.evidence import Known
from flows.explain.paper import Paper
from flows.workers import crew
from flows.workers.limits import cores

ALONE = 40
"""So few filings are looked at in this process: to start others takes a second."""


@dataclass(frozen=True, slots=True)
class Look:
    """A filing to be looked at: the verdicts that matter, what is printed on it, and on that of the year before."""

    filing: str
    verdicts: Sequence[Mapping[str, Any]]
    paper: Paper
    previous: Paper


Looking = Callable[[Iterable[Sequence[Look]]], dict[str, Explained]]
"""By filing, in their order, what its findings allow one to suppose."""


@contextmanager
def looking(known: Known, number: int) -> Iterator[Looking]:
    """Looks at filings, `number` of them in all; for more than a few by processes that end afterwards.

    It raises RuntimeError when one of these ends before its work is done.
    """
    if number <= ALONE or cores() < 2:
        yield lambda tasks: _in_order((one, _explained(one, known)) for some in tasks for one in some)
        return
    with crew.crew("flows.explain.looking", known, cores()) as made:
        yield lambda tasks: _in_order(made.answers(tasks))


def _in_order(told: Iterable[tuple[Look, Explained]]) -> dict[str, Explained]:
    return dict(sorted(((one.filing, explained) for one, explained in told), key=itemgetter(0)))


def _explained(one: Look, known: Known) -> Explained:
    return of_evidence(one.verdicts, known, one.paper, one.previous)


@contextmanager
def _prepared(known: Known) -> Iterator[crew.Answering]:
    yield lambda looks: (_explained(one, known) for one in looks)


if __name__ == "__main__":
    crew.serve(_prepared)
