"""The bench of publishing measures what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench import publishing


def test_the_heaviest_page_is_weighed_with_its_evidence_in_either_language(tmp_path: Path) -> None:
    for path, size in {
        "filings/a.html": 1024,
        "filings/a.js": 2048,
        "en/filings/a.html": 3072,
        "index.html": 9000,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x" * size)
    assert publishing.weigh(tmp_path)["heaviest"] == 5


def test_memory_is_that_of_all_processes_together() -> None:
    code = "import time; x = bytearray(60_000_000); print(flush=True); time.sleep(30)"
    with publishing._Watched() as watched:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        alone = publishing._resident(publishing.os.getpid())
        for _ in range(50):
            if watched.largest > alone + 50_000_000:
                break
            publishing.time.sleep(0.1)
        child.kill()
        child.wait()
    assert watched.largest > alone + 50_000_000
