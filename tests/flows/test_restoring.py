"""A warehouse whose blocks are half old and half new: set aside, and the last completed night's copy put in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flows.night import copying, restoring, runs
from flows.night.plan import NightFailed, Plan

HEADER, BLOCK = 3 * 4096, 1 << 18


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    made = Plan((), tmp_path / "data" / "w.duckdb", tmp_path / "reports" / "site")
    runs.end(made, runs.begin(made), "completed")
    return made


def tear(path: Path) -> None:
    """Every block is half overwritten, as by a process that was ended while it wrote."""
    data = bytearray(path.read_bytes())
    for start in range(HEADER, len(data), BLOCK):
        data[start + BLOCK // 2 : start + BLOCK] = b"\1" * len(data[start + BLOCK // 2 : start + BLOCK])
    path.write_bytes(data)


def aside(plan: Plan) -> list[Path]:
    return list(plan.kept.glob("*.damaged-*"))


def number_of_runs(plan: Plan) -> int:
    with duckdb.connect(str(plan.warehouse), read_only=True) as connection:
        return int((connection.execute("SELECT count(*) FROM run").fetchone() or (0,))[0])


def test_a_sound_warehouse_and_none_at_all_are_left_alone(plan: Plan) -> None:
    before = plan.warehouse.read_bytes()
    assert restoring.restored(plan) == () and plan.warehouse.read_bytes() == before
    plan.warehouse.unlink()
    assert restoring.restored(plan) == () and not aside(plan)


def test_the_copy_of_the_last_completed_night_stands_in_for_a_damaged_warehouse(plan: Plan) -> None:
    copying.publish_copy(plan)
    runs.begin(plan)
    tear(plan.warehouse)
    with pytest.raises(NightFailed, match="cannot be opened"):
        runs.opened(plan.warehouse)
    damaged = plan.warehouse.read_bytes()
    (told,) = restoring.restored(plan)
    (kept,) = aside(plan)
    assert kept.read_bytes() == damaged and all(str(kept) in told[lang] for lang in ("zh", "en"))
    assert number_of_runs(plan) == 1
    runs.end(plan, runs.begin(plan), "completed")  # it can be written to, as the copy cannot
    assert number_of_runs(plan) == 2


def test_where_no_night_was_ever_completed_all_begins_anew(plan: Plan) -> None:
    tear(plan.warehouse)
    (told,) = restoring.restored(plan)
    assert "read anew" in told["en"] and len(aside(plan)) == 1 and not plan.warehouse.exists()


def test_without_a_copy_of_what_was_completed_nothing_is_touched(plan: Plan) -> None:
    plan.site.mkdir(parents=True)
    tear(plan.warehouse)
    before = plan.warehouse.read_bytes()
    for one in (plan, replace(plan, reader_copy=copying.NONE)):
        assert restoring.restored(one) == () and plan.warehouse.read_bytes() == before
    with pytest.raises(NightFailed, match="put a backup"):
        runs.begin(plan)


def test_a_damaged_copy_is_no_help(plan: Plan) -> None:
    copying.publish_copy(plan)
    plan.site.mkdir(parents=True)
    copy = copying.place_of(plan)
    assert copy
    copy.chmod(0o644)
    tear(copy)
    tear(plan.warehouse)
    assert restoring.restored(plan) == () and not aside(plan)
