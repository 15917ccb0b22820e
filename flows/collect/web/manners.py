"""Manners towards hosts: a pause between requests, robots.txt, and no more knocking where nobody answers."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from protego import Protego

from flows.collect.faults import Fault

ROBOTS_SIZE = 512 * 1024
"""As much of a robots.txt as is looked at (RFC 9309 asks for no less)."""
_LONGEST_PAUSE = 60.0
_PATIENCE = 5
"""Failures in a row, of hosts that do not answer at all, after which a host is left alone for the night."""


@dataclass(slots=True)
class _Host:
    turn: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    failures: int = 0
    robots: dict[str, Protego | None] = field(default_factory=dict)
    reading: threading.Lock = field(default_factory=threading.Lock)


class Manners:
    """What is due to each host during one night; shared by all that visit it."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self._lock = threading.Lock()

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts[name]

    def wait(self, host: str, delay: float) -> None:
        """Returns when the host may be asked again, `delay` seconds after it was asked last. Raises `Fault` for one given up."""
        one = self._host(host)
        with one.turn:
            if one.failures >= _PATIENCE:
                raise Fault(
                    "given_up",
                    f"{host} 连续 {one.failures} 次没有应答，今夜不再尝试",
                    f"{host} has not answered {one.failures} times in a row: left alone tonight",
                )
            pause = one.free_at - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            one.free_at = time.monotonic() + delay

    def answered(self, host: str, yes: bool) -> None:
        """The host answered, whatever it said, or did not."""
        one = self._host(host)
        one.failures = 0 if yes else one.failures + 1

    def rules(self, origin: str, host: str, fetch: Callable[[str], str | None]) -> Protego | None:
        """The robots.txt of `origin`, asked for once a night by `fetch`; None when it cannot be had, which forbids everything."""
        one = self._host(host)
        with one.reading:
            if origin not in one.robots:
                text = fetch(f"{origin}/robots.txt")
                one.robots[origin] = None if text is None else Protego.parse(text)
            return one.robots[origin]

    def pause(self, rules: Protego, delay: float) -> float:
        """Seconds between requests: the source's own, or what robots.txt asks for when that is more."""
        asked = rules.crawl_delay(self.agent)
        return max(delay, min(float(asked or 0), _LONGEST_PAUSE))
