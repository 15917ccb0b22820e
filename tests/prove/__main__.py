"""`python -m tests.prove [--filings 500 --errors 2000 --seed N]`: writes docs/proof.md; exit 1 when a budget is missed."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from expectations import rules, vocabulary
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from tests.prove.filings import Generated
from tests.prove.guarding import guarding
from tests.prove.judging import Mapped, Progress, judge_all
from tests.prove.report import Proof, page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "proof.md"


def main(arguments: list[str] | None = None) -> int:
    """0 when every budget is met, 1 when one is missed; the page is written in both cases."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--filings", type=int, default=500, help="consistent filings (500)")
    parser.add_argument("--errors", type=int, default=2000, help="errors, one to a copy (2000)")
    parser.add_argument("--figures", type=int, default=8, help="filings whose every figure is made wrong in turn (8)")
    parser.add_argument(
        "--located",
        type=int,
        default=1000,
        help="of the arithmetic errors, how many are asked which figure is wrong (1000)",
    )
    parser.add_argument("--pairs", type=int, default=500, help="filings with two errors, asked the same (500)")
    parser.add_argument("--seed", type=int, default=2025, help="another seed gives other filings (2025)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes that read and try (one a core)"
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="where the result is written (docs/proof.md)")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {line}", file=sys.stderr, flush=True)

    compiled = verdicts.compile_all(rules.load(), vocabulary.load())
    with ProcessPoolExecutor(chosen.workers) as pool:
        mapped = pool.map if chosen.workers > 1 else map
        counts = (chosen.filings, chosen.errors, chosen.figures, chosen.located, chosen.pairs)
        proof = prove(*counts, chosen.seed, compiled, progress, mapped)
    chosen.page.write_text(page(proof), "utf-8")
    seconds = time.monotonic() - started
    print(
        f"{len(proof.outcome.filings)} filings, {len(proof.outcome.errors)} errors, {len(proof.outcome.book)} rules in {seconds:.0f} s: "
        f"{proof.recall:.1%} of arithmetic errors caught, {proof.alarms} false alarms, {proof.guarded:.1%} of form figures guarded; "
        f"see {chosen.page}"
    )
    for line in proof.missed():
        print(f"missed: {line}")
    return int(bool(proof.missed()))


def prove(
    filings: int,
    errors: int,
    figures: int,
    located: int,
    pairs: int,
    seed: int,
    compiled: Sequence[Compiled],
    progress: Progress,
    mapped: Mapped = map,
) -> Proof:
    """All that the page says."""
    outcome = judge_all(filings, errors, seed, compiled, progress, mapped, located, pairs)
    return Proof(outcome, guarding(_spread(outcome.filings, figures), compiled, progress, mapped), seed)


def _spread(filings: list[Generated], count: int) -> list[Generated]:
    """`count` of the filings, from all over them."""
    return filings[:: max(1, len(filings) // max(1, count))][:count]


if __name__ == "__main__":
    sys.exit(main())
