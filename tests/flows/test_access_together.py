"""Processes that read one warehouse at a time and have little memory: each keeps what it puts aside to itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows import access

SORT = """
import sys
from pathlib import Path
import duckdb
from flows import access
path = Path(sys.argv[1])
db = duckdb.connect(str(path), read_only=True)
db.execute("SET memory_limit = '60MB'; SET threads = 1")
if sys.argv[2] == "apart":
    access.put_aside(db, path)
for salt in range(6):
    db.execute(f"CREATE OR REPLACE TEMP TABLE s AS SELECT * FROM t ORDER BY hash(a + {salt} + {sys.argv[3]})")
    (found,) = db.execute("SELECT sum(a)::BIGINT + sum(length(b))::BIGINT FROM s").fetchone()
    assert found == 600000 * 599999 // 2 + 600000 * 40, found
print("whole")
"""


def told(path: Path, how: str) -> list[str]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SORT, str(path), how, str(number)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for number in range(3)
    ]
    return [out.decode().strip() for out, _ in (one.communicate(timeout=120) for one in started)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("together") / "w.duckdb"
    with duckdb.connect(str(made)) as db:
        db.execute(
            "CREATE TABLE t AS SELECT range AS a, repeat(chr(65 + (range % 26)::INT), 40) AS b FROM range(600000)"
        )
    return made


def test_what_one_puts_on_disk_no_other_writes_over(path: Path) -> None:
    assert told(path, "apart") == ["whole"] * 3
    assert access.left_aside(path) == []


def test_what_a_killed_process_had_put_aside_is_found(tmp_path: Path) -> None:
    for name in ("w.duckdb", "w.duckdb.tmp", "w.duckdb.tmp-12", "other.duckdb.tmp-12"):
        (tmp_path / name).mkdir()
    assert {one.name for one in access.left_aside(tmp_path / "w.duckdb")} == {"w.duckdb.tmp", "w.duckdb.tmp-12"}
