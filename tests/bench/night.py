"""Whole nights at scale: `python -m tests.bench night --filings N`.

N documents lie on disk and are hashed every night; what is read of them is in the warehouse already, so that the first night judges
and publishes and reads nothing. Then two nights without changes (on the first of them what was new no longer is, which the lists
say; on the second nothing is to be said), and one with 20 of them replaced. Each night is a process of its own; the seconds are those
of its stages, without the start of Python and of Prefect, which are told apart. Pages without pictures. From 2,000 documents on it is
always some 800 that have errors: to explain them would else be nearly all of a large first night.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.judging import DISTINCT, ONE_IN, build
from tests.bench.measures import Measure, run_python

FILINGS = 60
UNCHANGED = ((10_000, 15), (2000, 30))
"""From how many documents on a night without changes may take how many seconds, beyond process start."""
WITHOUT_CHANGES = ("night without changes", "another without changes")
REPLACED = 20
WITH_ERRORS = 40
"""Filings that have an error of each kind, where there are as many."""
STAGES = ("collect", "read", "validate", "explain", "publish")
SIZE = 60_000
"""Bytes of a document of which only the hash is needed."""


def night(filings: int, kept: Path | None = None) -> list[Measure]:
    """How long each of four nights takes beyond process start, by stages, and in computing time."""
    with tempfile.TemporaryDirectory() as folder:
        place = kept or Path(folder)
        _child("fill", place, filings)
        nights = {name: _child("run", place) for name in ("first night", *WITHOUT_CHANGES)}
        _child("replace", place)
        nights[f"night with {REPLACED} documents replaced"] = _child("run", place)
        size = (place / "data" / "w.duckdb").stat().st_size / 2**20
    measures = []
    for name, told in nights.items():
        budget = next((seconds for number, seconds in UNCHANGED if filings >= number), None)
        judged = f"{name}, {filings} documents: {told['judged']} filings judged, {told['verdicts']:,} verdicts stand"
        measures += [
            Measure(judged, "s", (sum(told["stages"].values()),), budget if name in WITHOUT_CHANGES else None),
            *(Measure(f"  {stage}", "s", (told["stages"][stage],)) for stage in STAGES),
            Measure("  all computing, start included", "s", (told["computing"],)),
            Measure("  start of Python and Prefect, by the clock", "s", (told["start"],)),
        ]
    return [*measures, Measure("the warehouse after four nights", "MiB", (size,))]


def _child(*call: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run_python("-m", "tests.bench.night", *map(str, call)).stdout.splitlines()[-1])
    return told


# ---- in a process of its own --------------------------------------------------------------------------------------------


def fill(place: Path, filings: str) -> dict[str, Any]:
    """So many documents lie in the inbox, and what is read of them in the warehouse."""
    from flows import collect, warehouse

    (place / "inbox").mkdir(parents=True)
    (place / "data").mkdir()
    one_in = max(ONE_IN, int(filings) // WITH_ERRORS)
    build(place / "data" / "w.duckdb", int(filings), one_in, read=True)
    with warehouse.connect(place / "data" / "w.duckdb") as connection:
        rows = connection.execute("SELECT sha256 FROM document ORDER BY sha256").fetchall()
        lying = []
        for number, (before,) in enumerate(rows):
            path = place / "inbox" / f"{number:06}.txt"
            data = f"{number}\n".encode() + bytes(SIZE)
            path.write_bytes(data)
            lying.append((before, hashlib.sha256(data).hexdigest(), str(path)))
        columns = [list(column) for column in zip(*lying, strict=True)]
        connection.execute(
            "CREATE TEMP TABLE lying AS SELECT unnest(?) AS before, unnest(?) AS now, unnest(?) AS address", columns
        )
        connection.execute(
            "UPDATE document SET sha256 = l.now, source = l.address, reader = ?, status = 'read' FROM lying l WHERE sha256 = l.before",
            [collect.reader_version()],
        )
        connection.execute("UPDATE filing SET document = l.now FROM lying l WHERE document = l.before")
        connection.execute("DELETE FROM document_source")
        connection.execute(
            "INSERT INTO document_source (sha256, source, first_seen) SELECT now, address, now() FROM lying"
        )
        connection.execute("CHECKPOINT")
    return {"documents": len(lying)}


def change(place: Path) -> dict[str, Any]:
    """Some documents are replaced by others, which are newer versions of the first filings."""
    from tests.alike.flowing import as_html
    from tests.prove.filings import generated

    lying = sorted((place / "inbox").iterdir())
    for path, made in zip(lying[-REPLACED:], generated(min(DISTINCT, REPLACED), 1), strict=False):
        newer = replace(made.published, paragraphs=(*made.published.paragraphs, "本次公开对个别文字作了更正。"))
        path.unlink()
        path.with_suffix(".html").write_bytes(as_html(newer))
    return {}


def run(place: Path) -> dict[str, Any]:
    """One night; its stages' seconds, what it judged, and the seconds before and beside them."""
    began = time.monotonic()
    from flows.night import runs
    from flows.night.plan import Plan

    plan = Plan((str(place / "inbox"),), place / "data" / "w.duckdb", place / "site", page_images="none")
    runs.settle(plan)
    from flows.nightly import run_night

    summary = run_night(plan, "en")
    whole = time.monotonic() - began
    with runs.opened(plan.warehouse, read_only=True) as connection:
        found = connection.execute("SELECT stage, seconds FROM run_stage WHERE run = ?", [summary.run]).fetchall()
    return {
        "stages": dict(found),
        "judged": summary.judged,
        "loaded": summary.loaded,
        "verdicts": sum(summary.counts.values()),
        "start": whole - sum(seconds for _, seconds in found),
        "computing": sum(os.times()[:4]),
    }


if __name__ == "__main__":
    which, where, *more = sys.argv[1:]
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "fill": lambda: fill(Path(where), more[0]),
        "replace": lambda: change(Path(where)),
        "run": lambda: run(Path(where)),
    }
    print(json.dumps(steps[which]()))
