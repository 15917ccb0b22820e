"""Hedui beside what users would pick instead: `python -m tests.peers [--filings 1000 10000] [--rounds 5] [--peers KEY…] [--plan]`.

Prints tables and keeps what was measured in build/peers/results.json; `--page` writes docs/peers.md and its curves from that.
Exit 1 when somebody counts otherwise than the SQL by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.documents import REPOSITORY
from tests.peers import environments, material, page, results
from tests.peers.field import GROUPS, JUDGING, READING, Peer
from tests.peers.results import Results, Setting
from tests.peers.rounds import Outcome, judge, read
from tests.peers.running import Limits

FOLDER = REPOSITORY / "build" / "peers"
FILINGS = (1_000,)
ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all that could be measured counts the same, 1 when something counts otherwise, 2 when nobody is called so."""
    chosen = _parser().parse_args(arguments)
    if chosen.page:
        kept = results.load(chosen.folder / results.NAME)
        print(*(path for path in page.write(kept, REPOSITORY / "docs")), sep="\n")
        return 0
    everyone = {peer.key for peer in (*JUDGING, *READING)}
    if unknown := set(chosen.peers or ()) - everyone:
        print(
            f"nobody is called {', '.join(sorted(unknown))}; there are {', '.join(sorted(everyone))}", file=sys.stderr
        )
        return 2
    judging, reading = (_chosen(field, chosen.peers) for field in (JUDGING, READING))
    if chosen.plan:
        print("\n".join(_plan(chosen, judging, reading)))
        return 0
    made = Results(results.machine())
    for setting, outcomes in _measured(chosen, judging, reading):
        made.tables[setting] = outcomes
        results.keep(made, chosen.folder / results.NAME)  # at once: the next table may take an hour
    print(
        json.dumps(results.to_json(made), ensure_ascii=False, indent=1)
        if chosen.json
        else "\n".join(results.text(made))
    )
    return int(any(outcome.differs for table in made.tables.values() for outcome in table))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("make bench-peers", description=__doc__)
    parser.add_argument(
        "--filings", type=int, nargs="+", default=FILINGS, help="how many are judged, one table each (1000)"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often everything is measured ({ROUNDS})")
    parser.add_argument("--peers", nargs="+", help="these alone; the limit of what they do is measured with them")
    parser.add_argument("--memory", type=float, default=6, help="GiB after which a peer is ended (6)")
    parser.add_argument("--minutes", type=float, default=10, help="minutes after which a peer is ended (10)")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="environments, generated filings, results (build/peers)"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument(
        "--page", action="store_true", help="write docs/peers.md from the results that are kept, and measure nothing"
    )
    return parser


def _chosen(everyone: Sequence[Peer], keys: Sequence[str] | None) -> tuple[Peer, ...]:
    """Those that are wanted after their limit; none where none is wanted."""
    if keys is None:
        return tuple(everyone)
    wanted = [peer for peer in everyone if peer.key in keys]
    return (everyone[0], *(peer for peer in wanted if peer is not everyone[0])) if wanted else ()


def _plan(chosen: argparse.Namespace, judging: Sequence[Peer], reading: Sequence[Peer]) -> list[str]:
    used = [group for group in GROUPS if any(peer.group == group for peer in (*judging, *reading))]
    lines = [
        f"under {chosen.folder}; at most {chosen.memory:g} GiB and {chosen.minutes:g} minutes each, {chosen.rounds} rounds"
    ]
    for group in used:
        state = "there" if environments.ready(group, chosen.folder) else "to be made"
        lines.append(f"environment {group}: {state}, from {environments.requirements(group).relative_to(REPOSITORY)}")
    if judging:
        lines += [
            f"judging {filings:,} filings: {', '.join(peer.title for peer in judging)}" for filings in chosen.filings
        ]
    if reading:
        lines.append(f"reading: {', '.join(peer.title for peer in reading)}")
    return lines


def _measured(
    chosen: argparse.Namespace, judging: Sequence[Peer], reading: Sequence[Peer]
) -> Iterator[tuple[Setting, tuple[Outcome, ...]]]:
    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {line}", file=sys.stderr, flush=True)

    folder = chosen.folder.resolve()
    limits = Limits(int(chosen.memory * 1024), int(chosen.minutes * 60))
    if reading:
        papers = material.papers(folder)
        yield results.reading(papers), tuple(read(papers, reading, chosen.rounds, limits, folder, progress))
    for filings in chosen.filings if judging else ():
        sampled = max((peer.sampled for peer in judging), default=0)
        filed = material.material(filings, sampled, folder, progress)
        yield results.judging(filed), tuple(judge(filed, judging, chosen.rounds, limits, folder, progress))


if __name__ == "__main__":
    sys.exit(main())
