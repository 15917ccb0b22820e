"""`python -m tests.endure [--points N] [--seed N]`: nights of fifty documents killed at random points, and what the next ones make of it.

Exit 1 when anything is not as after an undisturbed night.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.endure.trials import set_up, trials


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.endure", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--points", type=int, default=200, help="how many; by default 200")
    asked.add_argument(
        "--first", type=int, default=1, help="number of the first point, to go on from where another call ended"
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--folder", type=Path, help="on which disk; by default the one for temporary files")
    given = asked.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hedui-endure-", dir=given.folder) as folder:
        course = set_up(Path(folder))
        for name, measure in course.measures.items():
            print(f"{name} night: {measure.operations} operations, {measure.seconds:.1f} s of computing, {measure.size:,} bytes", flush=True)  # fmt: skip
        found: Counter[str] = Counter()
        for one in trials(course, range(given.first, given.first + given.points), given.seed):
            found["killed"] += one.struck
            found["inconsistent"] += bool(one.wrong)
            for kill in one.kills:
                found[kill.kind] += 1
            if one.wrong or one.number % 10 == 0:
                print(one.line(), flush=True)
    told = ", ".join(f"{number} {name}" for name, number in found.items())
    print(f"{given.points} points, seed {given.seed}: {told}; {time.monotonic() - began:.0f} s")
    return int(found["inconsistent"] > 0)


if __name__ == "__main__":
    sys.exit(main())
