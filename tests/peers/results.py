"""What was measured: kept between runs, told as text and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.peers.field import JUDGING, READING
from tests.peers.rounds import Material, Outcome, Papers

NAME = "results.json"
TITLES = {peer.key: peer.title for peer in (*JUDGING, *READING)}


@dataclass(frozen=True)
class Setting:
    """What a table is of. `kind`: judging or reading; `number`: filings or pages; `note`: what else a reader must know."""

    kind: str
    number: int
    note: str = field(default="", compare=False)


@dataclass(frozen=True)
class Results:
    """`tables`: setting → the outcomes of its peers, the limit first."""

    machine: str
    tables: dict[Setting, tuple[Outcome, ...]] = field(default_factory=dict)


def judging(material: Material) -> Setting:
    """The setting of judging this material."""
    return Setting("judging", material.filings, f"{len(material.checks)} checks")


def reading(papers: Papers) -> Setting:
    """The setting of reading these papers."""
    return Setting("reading", papers.pages, f"{len(papers.files)} PDF")


def machine() -> str:
    """Cores, memory, system and Python of this machine."""
    return f"{os.cpu_count()} cores{_processor()}, {_memory()}{platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor()
    return f" ({name})" if name else ""


def _memory() -> str:
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return ""
    return f"{pages * size / 2**30:.0f} GiB, "


def ratios(outcomes: Sequence[Outcome], outcome: Outcome) -> dict[str, float]:
    """Each measure as a multiple of the limit's median, where both were measured."""
    made = {}
    for measure in ("seconds", "computing", "memory"):
        own, limit = outcome.value(measure), outcomes[0].value(measure)
        if own is not None and limit:
            made[measure] = own / limit
    return made


def load_of(outcomes: Sequence[Outcome]) -> float:
    """How many processes wanted a core while these were measured: the median over everyone and every round."""
    seen = [one["load"] for outcome in outcomes for one in outcome.rounds]
    return median(seen) if seen else 0.0


def to_json(results: Results) -> dict[str, Any]:
    """For programs; `load` reads it back."""
    tables = [
        asdict(setting) | {"outcomes": [asdict(one) | {"ratios": ratios(outcomes, one)} for one in outcomes]}
        for setting, outcomes in results.tables.items()
    ]
    return {"machine": results.machine, "tables": tables}


def keep(results: Results, path: Path) -> None:
    """The file holds these results, and those of other settings and other peers that it held before."""
    held = load(path).tables if path.exists() else {}
    for setting, outcomes in results.tables.items():
        own = {one.peer: one for one in outcomes}
        merged = {one.peer: one for one in held.get(setting, ())} | own
        held = {setting if key == setting else key: value for key, value in held.items()}  # with its note of now
        held[setting] = tuple(merged[key] for key in TITLES if key in merged)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_json(Results(results.machine, held)), ensure_ascii=False, indent=1), "utf-8")


def load(path: Path) -> Results:
    """The results that a file holds."""
    told = json.loads(path.read_text("utf-8"))
    tables = {}
    for table in told["tables"]:
        tables[Setting(table["kind"], table["number"], table["note"])] = tuple(map(_outcome, table["outcomes"]))
    return Results(told["machine"], tables)


def _outcome(told: dict[str, Any]) -> Outcome:
    found = told["found"]
    return Outcome(
        told["peer"],
        tuple(told["rounds"]),
        told["why"],
        tuple(told["differs"]),
        told["sampled"],
        (found[0], found[1]) if found else None,
    )


def text(results: Results) -> Iterator[str]:
    """Tables for the terminal."""
    yield results.machine
    for setting, outcomes in results.tables.items():
        rounds = max((len(one.rounds) for one in outcomes), default=0)
        unit = "filings" if setting.kind == "judging" else "pages"
        yield ""
        yield f"{setting.kind} {setting.number:,} {unit} ({setting.note}), medians of {rounds} rounds, load {load_of(outcomes):.1f}"
        yield f"{'':38} {'seconds':>10} {'×':>7} {'computing':>10} {'×':>7} {'MiB':>8} {'start s':>8}"
        for one in outcomes:
            yield _line(outcomes, one).rstrip()


def _line(outcomes: Sequence[Outcome], one: Outcome) -> str:
    name = TITLES[one.peer]
    if one.why:
        return f"{name:38} {one.why}"
    times = ratios(outcomes, one)
    numbers = [
        f"{shown(one.value('seconds')):>10} {shown(times.get('seconds')):>7}",
        f"{shown(one.value('computing')):>10} {shown(times.get('computing')):>7}",
        f"{shown(one.value('memory')):>8} {shown(one.value('starting')):>8}",
    ]
    notes = [f"extrapolated from {one.sampled} filings"] if one.sampled else []
    notes += [f"{one.found[0]} of {one.found[1]} numbers"] if one.found else []
    notes += [f"COUNTS DIFFERENTLY: {'; '.join(one.differs)}"] if one.differs else []
    return f"{name:38} {' '.join(numbers)}  {'; '.join(notes)}"


def shown(number: float | None) -> str:
    """Three significant digits or whole numbers."""
    if number is None:
        return ""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
