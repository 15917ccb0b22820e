"""A few of the kill points of `make endure`, in a process of its own: what prepares nights there changes the modules it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

POINTS = 3
SEED = 7


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="nights are killed in forked processes, which this system does not have"
)
def test_a_night_killed_anywhere_leaves_nothing_that_the_next_one_does_not_mend(tmp_path: Path) -> None:
    call = [
        sys.executable,
        "-m",
        "tests.endure",
        "--points",
        str(POINTS),
        "--seed",
        str(SEED),
        "--folder",
        str(tmp_path),
    ]
    told = subprocess.run(call, cwd=REPOSITORY, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{POINTS} points, seed {SEED}" in told.stdout and "0 inconsistent" in told.stdout
