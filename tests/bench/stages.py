"""What each stage of a night costs for each filing, and what it costs however few there are: `python -m tests.bench stages --filings N`.

Whole nights over N/15, N/3 and N filings, by computing time (all cores, processes that a stage starts included) and by what they leave
on disk; a straight line through the three tells what is fixed from what grows. Reading is measured apart, over PDFs of different
departments: in the other nights what is read of their documents is in the warehouse already. Pages without pictures of sources.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import linear_regression
from typing import Any

from tests.bench.measures import Measure, run_python
from tests.bench.night import STAGES
from tests.bench.night import fill as filled

FILINGS = 300
READ = 40
"""Documents of which reading is measured."""
MANY = 4
"""Large files of the site that are told one by one."""


def stages(filings: int) -> list[Measure]:
    """Seconds of computing and bytes, fixed and for each filing, and what they were at each size."""
    sizes = tuple(max(10, filings // part) for part in (15, 3, 1))
    nights = [_nights(size) for size in sizes]
    measures = [*_reading()]
    for night, title in ((0, "first night"), (1, "night without changes")):
        for stage in STAGES:
            used = [told["nights"][night][stage] for told in nights]
            measures += _line(f"{title}, {stage}", sizes, used, ("s", 1), ("ms", 1000))
    for what in nights[-1]["bytes"]:
        weights = [told["bytes"].get(what, 0) for told in nights]
        measures += _line(what, sizes, weights, ("MiB", 2**-20), ("KiB", 2**-10))
    measures += _line("files of the site", sizes, [told["files"] for told in nights], ("files", 1), ("files", 1))
    return measures


def _line(
    name: str, sizes: tuple[int, ...], values: list[float], whole: tuple[str, float], each: tuple[str, float]
) -> list[Measure]:
    """What was measured at each size, and the line through it."""
    slope, fixed = linear_regression(sizes, values)
    told = [
        Measure(f"  with {size} filings", whole[0], (value * whole[1],))
        for size, value in zip(sizes, values, strict=True)
    ]
    return [
        Measure(f"{name}: each filing", each[0], (slope * each[1],)),
        Measure(f"{name}: fixed", whole[0], (fixed * whole[1],)),
        *told,
    ]


def _nights(filings: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        _child("fill", folder, filings)
        nights = [_child("run", folder), _child("run", folder)]
        return {"nights": nights, **_child("weigh", folder)}


def _reading() -> list[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        laid = _child("lay", folder)
        used, again = _child("run", folder), _child("run", folder)
    documents = laid["documents"]
    seconds = [(used[stage] - again[stage]) / documents for stage in ("collect", "read")]
    note = f"{laid['pages'] / documents:.0f} pages, {laid['bytes'] / documents / 1024:.0f} KiB"
    return [
        Measure(f"reading and loading: each PDF ({note})", "ms", (seconds[1] * 1000,)),
        Measure("collecting: each PDF", "ms", (seconds[0] * 1000,)),
    ]


def _child(*call: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run_python("-m", "tests.bench.stages", *map(str, call)).stdout.splitlines()[-1])
    print(*call, told, file=sys.stderr, flush=True)  # it takes long: what is known so far
    return told


# ---- in a process of its own --------------------------------------------------------------------------------------------


def lay(place: Path) -> dict[str, Any]:
    """So many PDFs lie in the inbox, and nothing is known of them."""
    import pypdfium2

    from tests.alike.paper import as_pdf
    from tests.prove.filings import generated

    (place / "inbox").mkdir(parents=True)
    pages = size = 0
    for number, made in enumerate(generated(READ, 7)):
        path = place / "inbox" / f"{number:03}.pdf"
        data = as_pdf(made.published, path)
        path.write_bytes(data)
        with pypdfium2.PdfDocument(data) as document:
            pages, size = pages + len(document), size + len(data)
    return {"documents": READ, "pages": pages, "bytes": size}


def run(place: Path) -> dict[str, float]:
    """One night; the computing seconds of each of its stages."""
    from flows.night import runs
    from flows.night.plan import Plan
    from flows.night.stages import Stages

    plan = Plan((str(place / "inbox"),), place / "data" / "w.duckdb", place / "site", page_images="none")
    runs.settle(plan)
    from flows.nightly import run_night

    used: dict[str, float] = {}
    step = Stages.step

    @contextmanager
    def counted(stages: Stages, name: str, *more: Any) -> Iterator[Any]:
        before = sum(os.times()[:4])
        with step(stages, name, *more) as one:
            yield one
        used[name] = sum(os.times()[:4]) - before

    Stages.step = counted  # type: ignore[method-assign]
    run_night(plan, "en")
    return used


def weigh(place: Path) -> dict[str, Any]:
    """Bytes of all that the nights have left, by what it is, and how many files the site has."""
    site = [path for path in (place / "site").rglob("*") if path.is_file()]
    of_filings = [path for path in site if path.parent.name == "filings"]
    rest = sorted(set(site) - set(of_filings), key=lambda path: path.stat().st_size)
    kept = [path for path in (place / "data").rglob("*") if path.is_file()]
    weights = {
        "warehouse": (place / "data" / "w.duckdb").stat().st_size,
        "kept beside the warehouse": _size(path for path in kept if path.name != "w.duckdb"),
        "site, pages of filings": _size(of_filings),
        "site, all other files": _size(rest),
    }
    large = {f"site, {path.relative_to(place / 'site')}": path.stat().st_size for path in rest[: -MANY - 1 : -1]}
    return {"bytes": weights | large, "files": len(site)}


def _size(paths: Any) -> int:
    return sum(path.stat().st_size for path in paths)


if __name__ == "__main__":
    which, where, *more = sys.argv[1:]
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "fill": lambda: filled(Path(where), more[0]),
        "lay": lambda: lay(Path(where)),
        "run": lambda: run(Path(where)),
        "weigh": lambda: weigh(Path(where)),
    }
    print(json.dumps(steps[which]()))
