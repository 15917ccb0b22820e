"""All peers in turns over the same material, each round each peer in a fresh process; what they count is held against the limit's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from tests.peers import environments
from tests.peers.checks import Check
from tests.peers.field import Peer
from tests.peers.running import Limits, Ran, once

Progress = Callable[[str], None]
MEASURES = ("seconds", "computing", "memory", "starting", "load")
"""Of the work by the clock, of computing; MiB; seconds from the start of the process to the work; how many processes wanted a core."""


@dataclass(frozen=True)
class Outcome:
    """What one peer took, round for round, or why it was not measured (`why`).

    `differs`: what it counted otherwise than the SQL by hand. `sampled`: of how many filings its times are extrapolated, 0 for
    all. `found`: of how many numbers in the forms a reader found, and how many there are.
    """

    peer: str
    rounds: tuple[dict[str, float], ...] = ()
    why: str = ""
    differs: tuple[str, ...] = ()
    sampled: int = 0
    found: tuple[int, int] | None = None

    def value(self, measure: str) -> float | None:
        """The median over the rounds; None where nothing was measured."""
        return median(one[measure] for one in self.rounds) if self.rounds else None


@dataclass(frozen=True)
class Material:
    """What is judged: the warehouse, its tables as Parquet files, the checks, their SQL by hand, and what a sample must count."""

    filings: int
    warehouse: Path
    tables: Path
    checks: tuple[Check, ...]
    queries: dict[str, str]
    sample: tuple[str, ...] = ()
    counts_of_sample: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Papers:
    """What is read: PDF files, and of each the numbers that its forms print."""

    files: tuple[Path, ...]
    numbers: tuple[Counter[str], ...]
    pages: int


def judge(
    material: Material, peers: Sequence[Peer], rounds: int, limits: Limits, folder: Path, progress: Progress
) -> list[Outcome]:
    """One outcome a peer, in their order. The first of `peers` is the limit: its counts are the measure of all others."""
    task = {
        "warehouse": str(material.warehouse),
        "tables": str(material.tables),
        "checks": [asdict(check) for check in material.checks],
        "queries": material.queries,
        "sample": list(material.sample),
    }
    ran = _in_turns(peers, task, rounds, limits, folder, progress)
    truth = next((one.told["broken"] for one in ran[peers[0].key] if not one.why), {})
    made = []
    for peer in peers:
        share = material.filings / len(material.sample) if peer.sampled and material.sample else 1.0
        wanted = material.counts_of_sample if peer.sampled else truth
        made.append(_outcome(peer, ran[peer.key], share, len(material.sample), wanted))
    return made


def read(
    papers: Papers, peers: Sequence[Peer], rounds: int, limits: Limits, folder: Path, progress: Progress
) -> list[Outcome]:
    """One outcome a reader, in their order, with how many of the forms' numbers it found; times are of all files together."""
    task = {"files": [str(path) for path in papers.files], "warm": str(papers.files[0])}
    ran = _in_turns(peers, task, rounds, limits, folder, progress)
    wanted = sum(numbers.total() for numbers in papers.numbers)
    made = []
    for peer in peers:
        outcome = _outcome(peer, ran[peer.key], 1.0, 0, {})
        told = next((one.told["amounts"] for one in ran[peer.key] if not one.why), None)
        if told is not None:
            found = sum(_common(numbers, own) for numbers, own in zip(papers.numbers, told, strict=True))
            outcome = Outcome(outcome.peer, outcome.rounds, outcome.why, found=(found, wanted))
        made.append(outcome)
    return made


def plain(number: str) -> str:
    """A number as all write it: without closing zeros."""
    return f"{Decimal(number).normalize():f}"


def _common(wanted: Counter[str], found: Sequence[str]) -> int:
    return (wanted & Counter(map(plain, found))).total()


def _in_turns(
    peers: Sequence[Peer], task: dict[str, Any], rounds: int, limits: Limits, folder: Path, progress: Progress
) -> dict[str, list[Ran]]:
    """Peer → its runs; one that failed or took too much is not tried again."""
    ran: dict[str, list[Ran]] = {peer.key: [] for peer in peers}
    for number in range(rounds):
        for peer in peers:
            if any(one.why for one in ran[peer.key]):
                continue
            try:
                python = environments.python(peer.group, folder)
            except environments.Missing as error:
                ran[peer.key].append(Ran({}, f"could not be installed: {error}"[:300]))
            else:
                own = task | {"scratch": str(folder / "scratch" / peer.key)}
                ran[peer.key].append(once(python, peer.script, peer.way, own, limits))
            last = ran[peer.key][-1]
            told = last.why or f"{last.told['seconds']:.2f} s, {last.largest:.0f} MiB"
            progress(f"round {number + 1} of {rounds}  {peer.title}: {told}")
    return ran


def _outcome(peer: Peer, ran: Sequence[Ran], share: float, sample: int, wanted: dict[str, int]) -> Outcome:
    """The times of a sample are multiplied by `share`; memory and start are what they were."""
    good = [one for one in ran if not one.why]
    rounds = tuple(
        {
            "seconds": one.told["seconds"] * share,
            "computing": one.told["computing"] * share,
            "memory": one.largest,
            "starting": max(0.0, one.whole - one.told["seconds"]),
            "load": one.load,
        }
        for one in good
    )
    why = next((one.why for one in ran if one.why), "")
    differs: tuple[str, ...] = ()
    if good and wanted:
        found = good[0].told["broken"]
        differs = tuple(
            f"{rule}: {found.get(rule)} ≠ {number}" for rule, number in wanted.items() if found.get(rule) != number
        )
    return Outcome(peer.key, () if why else rounds, why, differs, sample if peer.sampled else 0)
