"""Publishing at scale: `python -m tests.bench publishing --filings N [--warehouse FILE]`.

N generated filings, judged by the shipped rules, are published from nothing, then again unchanged, then with one filing changed; each in a
process of its own, with the processes that it starts counted in. Pages of filings are weighed with the evidence that their panel
reads. Great Expectations' pages are made too, of what it keeps beside the warehouse; pictures of pages are not, for generated filings
have no documents.

A warehouse that is there is used again. It is made beside its place and put there when it is whole; one whose making was ended goes on
where its filings were read.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.judging import build
from tests.bench.measures import Measure, run_python

FILINGS = 60
"""As many as keep the bench in minutes."""
AT_SCALE = 10_000
"""As many as the budgets are for."""
FROM_NOTHING, UNCHANGED, MEMORY, PAGE = 180, 15, 2048, 300
"""Seconds, seconds, MiB, KiB."""
_LOOK = 0.2


def publishing(filings: int, kept: Path | None = None) -> list[Measure]:
    """How long publishing takes, with how much memory, and what a page weighs, each beside its budget."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse, site = (kept or Path(folder) / "warehouse.duckdb").absolute(), Path(folder) / "site"
        making = 0.0
        if not warehouse.exists():
            making = make(warehouse, filings)
        held = int(_child("ready", warehouse)["filings"])
        first, again = _child("publish", warehouse, site), _child("publish", warehouse, site)
        _child("change", warehouse)
        changed = _child("publish", warehouse, site)
        weights = weigh(site)
    large = held >= AT_SCALE
    memory = max(one["memory"] for one in (first, again, changed))
    made = [Measure(f"making a warehouse of {held} filings", "s", (making,))] if making else []
    return [
        *made,
        Measure(f"publishing {held} filings from nothing", "s", (first["seconds"],), FROM_NOTHING if large else None),
        Measure("  in computing time", "s", (first["computing"],)),
        Measure("  again, nothing changed", "s", (again["seconds"],), UNCHANGED if large else None),
        Measure("  the same in computing time", "s", (again["computing"],)),
        Measure("  again, one filing changed", "s", (changed["seconds"],)),
        Measure("  largest memory, all processes", "MiB", (memory,), MEMORY),
        Measure("  heaviest page of a filing, its evidence included", "KiB", (weights["heaviest"],), PAGE),
        Measure("  the page in the middle", "KiB", (weights["median"],)),
        Measure("  files written again when nothing has changed", "files", (float(again["written"]),)),
        Measure("  the site", "MiB", (weights["site"],)),
    ]  # fmt: skip


def make(warehouse: Path, filings: int) -> float:
    """The warehouse stands at its place, whole; returns the seconds that took, those of an earlier try that was ended left out."""
    part = warehouse.with_name(warehouse.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    if not part.exists() or _child("ready", part) != {"filings": filings, "whole": True}:
        _remove(part)
        _child("fill", part, filings)
    _child("judge", part)
    part.with_name(part.name + ".gx").rename(warehouse.with_name(warehouse.name + ".gx"))
    part.rename(warehouse)
    return time.monotonic() - started


def _remove(part: Path) -> None:
    for path in part.parent.glob(part.name + "*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def weigh(site: Path) -> dict[str, float]:
    """What pages of filings weigh (KiB) with the script that their panel reads, the heaviest and the one in the middle, and the
    whole site (MiB)."""
    pages = [path for folder in (site / "filings", site / "en" / "filings") for path in folder.glob("*.html")]
    evidence = {path.stem: path.stat().st_size for path in (site / "filings").glob("*.js")}
    weights = [path.stat().st_size + evidence.get(path.stem, 0) for path in pages]
    return {
        "heaviest": max(weights, default=0) / 1024,
        "median": median(weights) / 1024 if weights else 0,
        "site": sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 2**20,
    }


def _child(*call: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        run_python("-m", "tests.bench.publishing", *map(str, call)).stdout.splitlines()[-1]
    )
    return told


# ---- in a process of its own --------------------------------------------------------------------------------------------


def fill(path: Path, filings: int) -> dict[str, Any]:
    """The warehouse at `path` holds so many filings with all that is read of them; it says so itself once they are all there."""
    from flows import warehouse

    build(path, filings, read=True)
    with warehouse.connect(path) as connection:
        connection.execute("CREATE TABLE bench (whole BOOLEAN)")
        connection.execute("CHECKPOINT")
    return {}


def ready(path: Path) -> dict[str, Any]:
    """How many filings the warehouse at `path` holds, and whether all have come that were to; it is as this version defines it."""
    from flows import warehouse

    with warehouse.connect(path) as connection:
        (held,) = connection.execute("SELECT count(*) FROM filing WHERE current").fetchone() or (0,)
        whole = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'bench'").fetchone()
    return {"filings": held, "whole": bool(whole)}


def judge(path: Path) -> dict[str, Any]:
    """The filings of the warehouse at `path` are judged by the shipped rules in one run, by way of Great Expectations, which keeps its
    record beside it. An earlier try is gone."""
    from expectations import rules, vocabulary
    from expectations.sql import verdicts
    from flows import judge, warehouse
    from flows.explain import ties
    from flows.validate import validate

    book = rules.load()
    compiled = verdicts.compile_all(book, vocabulary.load())
    with warehouse.connect(path) as connection:
        connection.execute("DELETE FROM run WHERE run = 'bench'")
        connection.execute(
            "INSERT INTO run (run, started, status) VALUES ('bench', TIMESTAMP '2025-09-01 02:00:00', 'running')"
        )
    done = validate(path, book, compiled, "bench", record(path))
    with warehouse.connect(path) as connection:
        judge.write_out(connection, compiled, "bench", {one.rule: one.passed for one in done.results if one.rule})
        ties.tie(connection, "bench", book.active)
        connection.execute("UPDATE run SET status = 'completed' WHERE run = 'bench'")
        connection.execute("CHECKPOINT")
    return {"verdicts": done.verdicts}


def record(path: Path) -> Path:
    """Where Great Expectations keeps what it says of the warehouse at `path`."""
    return path.with_name(path.name + ".gx")


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
    from flows.publish.datadocs import Docs

    book = rules.load()
    docs = Docs(record(path), partial(_build_docs, record(path))) if record(path).is_dir() else None
    before = _inodes(site)
    started, computing = time.monotonic(), sum(os.times()[:4])
    with _Watched() as watched:
        publish_site(path, book, site, docs)
    seconds, used = time.monotonic() - started, sum(os.times()[:4]) - computing
    return {
        "seconds": seconds,
        "computing": used,
        "memory": watched.largest / 2**20,
        "resident": watched.resident / 2**20,
        "written": len(_inodes(site) - before),
    }


def _build_docs(folder: Path, describe: Callable[..., dict[str, Any]]) -> None:
    from flows import validate

    validate.build_docs(folder, describe)


def _inodes(site: Path) -> set[int]:
    return {path.stat().st_ino for path in site.rglob("*") if path.is_file()}


class _Watched:
    """While it is entered, the memory of this process and of all that it has started is watched: `largest` counts what several
    share once (the proportional set size, looked at whenever more is resident than ever before), `resident` in each of them."""

    def __init__(self) -> None:
        self.largest = self.resident = 0
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
            family = _family(os.getpid())
            resident = sum(map(_resident, family))
            if resident > self.resident:
                self.resident = resident
                self.largest = max(self.largest, sum(map(_own, family)))


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


def _own(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)


if __name__ == "__main__":
    which, where, *more = sys.argv[1:]
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "fill": lambda: fill(Path(where), int(more[0])),
        "ready": partial(ready, Path(where)),
        "judge": partial(judge, Path(where)),
        "change": partial(change, Path(where)),
        "publish": lambda: publish(Path(where), Path(more[0])),
    }
    print(json.dumps(steps[which]()))
