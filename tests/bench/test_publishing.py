"""The bench of publishing measures what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
    assert publishing.weigh(tmp_path) | {"site": 0} == {"heaviest": 5, "median": 4, "site": 0}


@pytest.mark.parametrize(
    ("left", "steps"),
    [
        (None, ["fill", "judge"]),
        ({"filings": 20, "whole": False}, ["ready", "fill", "judge"]),
        ({"filings": 30, "whole": True}, ["ready", "fill", "judge"]),
        ({"filings": 20, "whole": True}, ["ready", "judge"]),
    ],
)
def test_a_warehouse_whose_making_was_ended_goes_on_where_its_filings_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: dict[str, object] | None, steps: list[str]
) -> None:
    warehouse, part = tmp_path / "w.duckdb", tmp_path / "w.duckdb.part"
    done: list[str] = []

    def child(step: str, path: Path, *_: object) -> dict[str, object]:
        assert path == part and not warehouse.exists()
        done.append(step)
        if step == "fill":
            assert not path.exists(), "what is not whole is thrown away"
        if step != "ready":
            path.write_text(step)
            publishing.record(path).mkdir(exist_ok=True)
        return left or {}

    monkeypatch.setattr(publishing, "_child", child)
    if left:
        part.write_text("left")
    publishing.make(warehouse, 20)
    assert done == steps and warehouse.read_text() == "judge" and publishing.record(warehouse).is_dir()
    assert not part.exists()


def test_memory_is_that_of_all_processes_together() -> None:
    code = "import time; x = bytearray(60_000_000); print(flush=True); time.sleep(30)"
    with publishing._Watched() as watched:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        alone, resident = publishing._own(publishing.os.getpid()), publishing._resident(publishing.os.getpid())
        for _ in range(50):
            if watched.largest > alone + 50_000_000:
                break
            publishing.time.sleep(0.1)
        child.kill()
        child.wait()
    assert watched.largest > alone + 50_000_000 and watched.resident > resident + 50_000_000
    assert watched.largest < watched.resident, "what both share is counted once"
