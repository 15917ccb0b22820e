"""Windows of documents: their order, how many may be begun at once, and what happens when nothing more comes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from flows.night import budget, windows
from flows.night.plan import Found, Outcome


class Kept:
    """A promise that is kept when the test says so."""

    def __init__(self, outcome: Outcome | Exception) -> None:
        self.outcome, self.told = outcome, [lambda one: None]

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        self.told.append(fn)

    def keep(self) -> None:
        for fn in self.told:
            fn(self)

    def result(self) -> Outcome:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def documents(count: int, size: int = 1) -> list[Found]:
    return [Found(f"{number}.txt", f"{number}.txt", f"{number}", size) for number in range(count)]


class Cluster:
    """Reads in any order, and remembers the most that it was ever asked for at once; one is kept whenever somebody waits."""

    def __init__(self) -> None:
        self.waiting: list[Kept] = []
        self.begun = self.handed_on = self.most = self.most_bytes = 0
        self.chance = random.Random(1)

    def begin(self, found: Found) -> Kept:
        self.begun += 1
        promise = Kept(Outcome(found, found.name.encode()))
        self.waiting.append(promise)
        self.most = max(self.most, self.begun - self.handed_on)
        flying = sum(one.outcome.found.size for one in self.waiting)  # type: ignore[union-attr]
        self.most_bytes = max(self.most_bytes, flying)
        return promise

    def look(self) -> None:
        self.waiting.pop(self.chance.randrange(len(self.waiting))).keep()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_LOOK", 0.0001)


@pytest.mark.parametrize("ahead", [windows.WINDOW, 5 * windows.WINDOW])
def test_documents_are_handed_on_in_their_order_however_they_come(ahead: int) -> None:
    cluster, fresh, told = Cluster(), documents(333), []
    handed = []
    for outcomes in windows.read(fresh, windows.Reader(cluster.begin, ahead, look=cluster.look), None, told.append):
        handed.append(len(outcomes))
        cluster.handed_on += len(outcomes)
        assert [one.found for one in outcomes] == fresh[cluster.handed_on - len(outcomes) : cluster.handed_on]
    assert handed == [64] * 5 + [13] and cluster.begun == 333 and cluster.most == min(ahead, 333)
    assert sorted(one.found.name for one in told) == sorted(one.name for one in fresh)
    assert [one.found for one in told] != fresh, "they came in order: nothing was shown"


def test_no_more_bytes_are_on_their_way_than_there_is_room_for_but_one_document_always() -> None:
    cluster, fresh = Cluster(), documents(100, 10)
    reader = windows.Reader(cluster.begin, 100, 35, look=cluster.look)
    assert sum(len(outcomes) for outcomes in windows.read(fresh, reader, None, lambda one: None)) == 100
    assert cluster.most_bytes == 30
    large = Cluster()
    reader = windows.Reader(large.begin, 100, 5, look=large.look)
    assert sum(len(outcomes) for outcomes in windows.read(fresh, reader, None, lambda one: None)) == 100
    assert large.most_bytes == 10


def test_what_there_is_no_time_for_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, fresh = Cluster(), documents(100)
    monkeypatch.setattr(budget, "spent", lambda end: cluster.begun == 70)
    reader = windows.Reader(cluster.begin, look=cluster.look)
    outcomes = [one for some in windows.read(fresh, reader, 1.0, lambda one: None) for one in some]
    assert [one.found for one in outcomes] == fresh
    assert [one.postponed for one in outcomes] == [False] * 70 + [True] * 30


def test_a_reading_that_fails_fails_the_night_and_so_does_a_cluster_that_is_gone() -> None:
    failed = Kept(OSError("gone"))
    reader = windows.Reader(lambda one: failed, look=failed.keep)
    with pytest.raises(OSError, match="gone"):
        list(windows.read(documents(1), reader, None, lambda one: None))

    def look() -> None:
        raise RuntimeError("nobody reads any more")

    with pytest.raises(RuntimeError, match="nobody"):
        list(windows.read(documents(1), windows.Reader(lambda one: failed, look=look), None, lambda one: None))
