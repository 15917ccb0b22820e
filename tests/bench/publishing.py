"""Publishing at scale: `python -m tests.bench publishing --filings N [--warehouse FILE]`.

N generated filings, judged by the shipped rules, are published from nothing, then again unchanged, then with one filing changed; each in a
process of its own, with the processes that it starts counted in. The heaviest page of a filing is weighed with the evidence that
its panel reads, and without pictures of pages. A warehouse that is there is used again.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.judging import build
from tests.bench.measures import Measure, run_python

FILINGS = 60
"""As many as keep the bench in minutes."""
AT_SCALE = 10_000
"""As many as the budgets are for."""
FROM_NOTHING, UNCHANGED, MEMORY, PAGE = 600, 20, 2048, 300
"""Seconds, seconds, MiB, KiB."""
_LOOK = 0.2


def publishing(filings: int, kept: Path | None = None) -> list[Measure]:
    """How long publishing takes, with how much memory, and what a page weighs, each beside its budget."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse, site = kept or Path(folder) / "warehouse.duckdb", Path(folder) / "site"
        if not warehouse.exists():
            _child("fill", warehouse, filings)
        first, again = _child("publish", warehouse, site), _child("publish", warehouse, site)
        _child("change", warehouse)
        changed = _child("publish", warehouse, site)
        weights = weigh(site)
    large = filings >= AT_SCALE
    memory = tuple(one["memory"] for one in (first, again, changed))
    return [
        Measure(f"publishing {filings} filings from nothing", "s", (first["seconds"],), FROM_NOTHING if large else None),
        Measure("  in computing time", "s", (first["computing"],)),
        Measure("  again, nothing changed", "s", (again["seconds"],), UNCHANGED if large else None),
        Measure("  again, one filing changed", "s", (changed["seconds"],)),
        Measure("  largest memory, all processes", "MiB", memory, MEMORY),
        Measure("  heaviest page of a filing, its evidence included", "KiB", (weights["heaviest"],), PAGE),
        Measure("  files written again when nothing has changed", "files", (float(again["written"]),)),
        Measure("  the site", "MiB", (weights["site"],)),
    ]  # fmt: skip


def weigh(site: Path) -> dict[str, float]:
    """What the heaviest page of a filing weighs (KiB) with the script that its panel reads, and the whole site (MiB)."""
    pages = [path for folder in (site / "filings", site / "en" / "filings") for path in folder.glob("*.html")]
    evidence = {path.stem: path.stat().st_size for path in (site / "filings").glob("*.js")}
    heaviest = max((path.stat().st_size + evidence.get(path.stem, 0) for path in pages), default=0)
    return {
        "heaviest": heaviest / 1024,
        "site": sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 2**20,
    }


def _child(*call: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        run_python("-m", "tests.bench.publishing", *map(str, call)).stdout.splitlines()[-1]
    )
    return told


# ---- in a process of its own --------------------------------------------------------------------------------------------


def fill(path: Path, filings: str) -> dict[str, Any]:
    """The warehouse at `path` holds so many filings with all that is read of them, judged by the shipped rules in one run."""
    from expectations import rules, vocabulary
    from expectations.sql import verdicts
    from flows import judge, warehouse
    from flows.explain import ties
    from flows.validate import validate

    build(path, int(filings), read=True)
    book = rules.load()
    compiled = verdicts.compile_all(book, vocabulary.load())
    done = validate(path, book, compiled, "bench")
    with warehouse.connect(path) as connection:
        judge.write_out(connection, compiled, "bench", {one.rule: one.passed for one in done.results if one.rule})
        ties.tie(connection, "bench", book.active)
        connection.execute(
            "INSERT INTO run (run, started, status) VALUES ('bench', TIMESTAMP '2025-09-01 02:00:00', 'completed')"
        )
        connection.execute("CHECKPOINT")
    return {"verdicts": done.verdicts}


def change(path: Path) -> dict[str, Any]:
    """One figure of one filing is another."""
    from flows import warehouse

    with warehouse.connect(path) as connection:
        connection.execute(
            "UPDATE figure SET raw = raw || ' ' WHERE (filing, id) IN (SELECT filing, id FROM figure ORDER BY filing, id LIMIT 1)"
        )
    return {}


def publish(path: Path, site: Path) -> dict[str, Any]:
    """Seconds by the clock and of computing, the largest memory of all processes together, and files that are no old ones."""
    from expectations import rules
    from flows.publish import publish as publish_site

    book = rules.load()
    before = _inodes(site)
    started, computing = time.monotonic(), sum(os.times()[:4])
    with _Watched() as watched:
        publish_site(path, book, site)
    seconds, used = time.monotonic() - started, sum(os.times()[:4]) - computing
    return {
        "seconds": seconds,
        "computing": used,
        "memory": watched.largest / 2**20,
        "written": len(_inodes(site) - before),
    }


def _inodes(site: Path) -> set[int]:
    return {path.stat().st_ino for path in site.rglob("*") if path.is_file()}


class _Watched:
    """While it is entered, the resident memory of this process and of all that it has started is watched."""

    def __init__(self) -> None:
        self.largest = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_LOOK):
            self.largest = max(self.largest, sum(map(_resident, _family(os.getpid()))))


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    made = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                made += _family(int(child))
    return made


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


if __name__ == "__main__":
    which, where, *more = sys.argv[1:]
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "fill": lambda: fill(Path(where), more[0]),
        "change": partial(change, Path(where)),
        "publish": lambda: publish(Path(where), Path(more[0])),
    }
    print(json.dumps(steps[which]()))
