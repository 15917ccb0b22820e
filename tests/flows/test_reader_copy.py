"""The copy of the warehouse for readers: whole at any time, whoever reads it meanwhile."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import logs
from flows.night import copying, runs
from flows.night.plan import NightFailed, Plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan((), tmp_path / "data" / "w.duckdb", tmp_path / "reports" / "site")


def night(plan: Plan) -> str:
    run = runs.begin(plan)
    runs.end(plan, run, "completed")
    copying.publish_copy(plan)
    return run


def seen(copy: Any) -> list[str]:
    return [run for (run,) in copy.execute("SELECT run FROM run ORDER BY started").fetchall()]


def test_readers_find_each_completed_night_and_who_reads_the_former_copy_goes_on(plan: Plan) -> None:
    first = night(plan)
    copy = plan.site.parent / "warehouse.duckdb"
    reader = duckdb.connect(str(copy), read_only=True)
    assert seen(reader) == [first]
    second = night(plan)  # the reader is in nobody's way
    assert seen(reader) == [first]
    reader.close()
    with duckdb.connect(str(copy), read_only=True) as later:
        assert seen(later) == [first, second]
    assert [path.name for path in plan.site.parent.iterdir()] == ["warehouse.duckdb"]
    assert not os.stat(copy).st_mode & 0o222, "who would write to a copy is not told so"


def test_the_copy_stands_where_it_is_asked_for_or_nowhere(plan: Plan, tmp_path: Path) -> None:
    elsewhere = replace(plan, reader_copy=str(tmp_path / "share" / "accounts.duckdb"))
    night(elsewhere)
    assert (tmp_path / "share" / "accounts.duckdb").exists() and not (plan.site.parent / "warehouse.duckdb").exists()
    night(replace(plan, reader_copy=str(tmp_path / "share")))
    assert (tmp_path / "share" / "warehouse.duckdb").exists()
    assert copying.publish_copy(replace(plan, reader_copy="none")) is None
    with pytest.raises(NightFailed) as error:
        copying.place_of(replace(plan, reader_copy=str(plan.warehouse)))
    assert error.value.code == 2 and "--reader-copy" in error.value.message["zh"]


def test_a_copy_that_was_cut_off_is_gone_before_the_next_night(plan: Plan) -> None:
    night(plan)
    (plan.site.parent / ".warehouse.duckdb.next-abc").write_bytes(b"half")
    runs.begin(plan)
    assert [path.name for path in plan.site.parent.iterdir()] == ["warehouse.duckdb"]


def test_on_a_full_disk_the_former_copy_stands_and_the_night_is_told_complete(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = night(plan)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(copying, "_cloned", lambda *_: False)
    monkeypatch.setattr(copying.shutil, "copyfileobj", full)
    with logs.kept(plan.kept), pytest.raises(NightFailed) as error:
        night(plan)
    (line,) = [one for one in (plan.kept / logs.FILE).read_text("utf-8").splitlines() if "copy_failed" in one]
    assert "OSError" in line, "the night's log tells how it came about"
    assert error.value.code == 3 and "已完成" in error.value.message["zh"] and "磁盘已满" in error.value.message["zh"]
    with duckdb.connect(str(plan.site.parent / "warehouse.duckdb"), read_only=True) as reader:
        assert seen(reader) == [first]
    assert [path.name for path in plan.site.parent.iterdir()] == ["warehouse.duckdb"]
    with duckdb.connect(str(plan.warehouse)) as held:
        assert held.execute("SELECT DISTINCT status FROM run").fetchall() == [("completed",)]
