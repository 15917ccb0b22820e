"""`python -m tests.fuzz [READER...] [--seconds N]`: each reader's fuzz target for so long, and one line on what came of it.

Inputs that a reader does not answer as agreed, end its process, hang or need too much memory are kept in build/fuzz. Exit 1
when there are any.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.target import READERS, seeds_of

REPOSITORY = Path(__file__).resolve().parents[2]
HANGS, SWELLS = 30, 1024
"""Seconds and MiB that one input may take; the seeds take less than a second and a tenth of it."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}; by default all")
    asked.add_argument("--seconds", type=int, default=60, help="for each reader; by default 60")
    given = asked.parse_args()
    if unknown := [one for one in given.readers if one not in READERS]:
        asked.error(f"there is no reader {unknown[0]}; there are {', '.join(READERS)}")
    if importlib.util.find_spec("atheris") is None:
        asked.error("atheris is not installed; it comes with the development packages on Linux")
    return int(sum(fuzz(reader, given.seconds) for reader in given.readers or READERS) > 0)


def fuzz(reader: str, seconds: int) -> int:
    """The target has run for so long, begun anew after whatever ended it; returns the number of findings."""
    findings = REPOSITORY / "build" / "fuzz" / f"{reader}-{time.strftime('%Y%m%d-%H%M%S')}"
    findings.mkdir(parents=True)
    inputs, peak, ended, started = 0, 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(seeds_of(reader)):
            (corpus / f"seed-{number}").write_bytes(seed)
        while (left := seconds - (time.monotonic() - started)) >= 1:
            log = findings / f"log-{ended}.txt"
            code = _run(reader, findings, corpus, int(left), log)
            said = log.read_text("utf-8", "replace")
            counts = [
                int(one)
                for one in re.findall(r"^#(\d+)\s|number_of_executed_units:\s*(\d+)", said, re.M)
                for one in one
                if one
            ]
            inputs += max(counts, default=0)
            peak = max([peak, *(int(one) for one in re.findall(r"(?:peak_rss_mb:\s*|rss: )(\d+)", said))])
            if code == 0:
                break
            ended += 1  # a crash, a hang or too much memory: the input is kept beside the log
            if not counts:
                sys.exit(f"the target of {reader} does not start; see {log}")
    told = len(list(findings.glob(f"{reader}-*.txt"))) + ended
    took = time.monotonic() - started
    print(
        f"{reader}: {took:.0f} s, {inputs:,} inputs, {told} findings, peak {peak} MiB"
        + (f"; see {findings}" if told else "")
    )
    sys.stdout.flush()
    return told


def _run(reader: str, findings: Path, corpus: Path, seconds: int, log: Path) -> int:
    limits = [f"-max_total_time={seconds}", f"-timeout={HANGS}", f"-rss_limit_mb={SWELLS}", "-max_len=1048576"]
    told = ["-print_final_stats=1", f"-artifact_prefix={findings}/", "-close_fd_mask=0"]
    call = [sys.executable, "-m", "tests.fuzz.target", reader, str(findings), *limits, *told, str(corpus)]
    with log.open("wb") as out:
        return subprocess.run(call, cwd=REPOSITORY, stdout=out, stderr=out, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
