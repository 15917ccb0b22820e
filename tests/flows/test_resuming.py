"""What a run that was cut off leaves is mended by the next one; runs follow each other whatever the clock says; one at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import access, place, record, warehouse
from flows.night import runs, trouble
from flows.night.plan import NightFailed, Plan
from tests.conftest import REPOSITORY
from tests.flows.small import disclosure


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan((str(tmp_path / "inbox"),), tmp_path / "data" / "w.duckdb", tmp_path / "reports" / "site")


def query(plan: Plan, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(plan.warehouse)) as connection:
        return connection.execute(sql).fetchall()


# ---- what is left behind


def test_verdicts_of_a_run_that_was_cut_off_are_gone_and_those_of_completed_ones_stay(plan: Plan) -> None:
    for status in ("completed", "running"):
        one = runs.begin(plan)
        query(plan, f"INSERT INTO kept_verdict (run, rule, filing) VALUES ('{one}', 'T03.row', 'f-1')")
        if status == "completed":
            runs.end(plan, one, status)
    runs.begin(plan)
    assert query(
        plan, "SELECT r.status, count(v.run) FROM run r LEFT JOIN verdict v USING (run) GROUP BY ALL ORDER BY 1"
    ) == [
        ("completed", 1),
        ("failed", 0),
        ("running", 0),
    ]


def test_a_run_that_had_judged_all_keeps_its_verdicts_though_it_was_cut_off(plan: Plan) -> None:
    cut_off = runs.begin(plan)
    query(plan, f"INSERT INTO kept_verdict (run, rule, filing) VALUES ('{cut_off}', 'T03.row', 'f-1')")
    query(plan, f"UPDATE run SET judged = 1 WHERE run = '{cut_off}'")
    runs.begin(plan)
    assert query(plan, f"SELECT count(*) FROM verdict WHERE run = '{cut_off}'") == [(1,)]


def test_a_source_of_a_document_that_was_never_recorded_is_gone(plan: Plan) -> None:
    runs.begin(plan)
    query(plan, "INSERT INTO document_source VALUES ('aa', 'inbox/a.pdf', now()::TIMESTAMP)")
    runs.begin(plan)
    assert query(plan, "SELECT count(*) FROM document_source") == [(0,)]


def test_what_was_being_built_is_gone_and_the_site_that_stood_stands(plan: Plan) -> None:
    plan.site.mkdir(parents=True)
    (plan.site / "index.html").write_text("old")
    building = place.beside(plan.site)
    (building / "index.html").write_text("half")
    spilled = Path(f"{plan.warehouse}.tmp/duckdb_temp_storage-0.tmp")
    spilled.parent.mkdir(parents=True)
    spilled.write_bytes(b"0" * 100)
    runs.begin(plan)
    assert [path.name for path in plan.site.parent.iterdir()] == ["site"]
    assert (plan.site / "index.html").read_text() == "old" and not spilled.exists()


def test_a_kill_between_the_two_renames_leaves_the_old_site_to_the_next_run(plan: Plan) -> None:
    """Where the system cannot exchange two folders in one step, the old site is put aside for a moment."""
    plan.site.mkdir(parents=True)
    (plan.site / "index.html").write_text("old")
    building = place.beside(plan.site)
    plan.site.rename(building.with_name(building.name + "-old"))
    runs.begin(plan)
    assert [path.name for path in plan.site.parent.iterdir()] == ["site"]
    assert (plan.site / "index.html").read_text() == "old"


def test_half_a_file_of_great_expectations_is_gone_and_a_whole_one_stays(tmp_path: Path) -> None:
    whole = '{\n "suite_name": "T03",\n "results": [\n  {\n  }\n ]\n}'
    kept = tmp_path / "uncommitted" / "validations" / "T03"
    for run in ("20250301-023000", "20250302-023000"):
        (kept / run).mkdir(parents=True)
        (kept / run / "w.json").write_text(whole)
    for name, text in (("half.json", whole[:-3]), ("empty.json", "")):
        (tmp_path / name).write_text(text)
    settings = tmp_path / record.SETTINGS
    settings.write_text("config_version: 4.0\nstores:\n")
    record.mend(tmp_path, ["20250302-023000"])
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["w.json"]
    assert [path.name for path in kept.iterdir()] == ["20250301-023000"]
    settings.write_text(f"analytics_enabled: false\ndata_context_id: {'a' * 36}\n")
    record.mend(tmp_path, [])
    assert settings.exists()


def test_a_refusal_that_is_cut_off_leaves_the_document_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    store = warehouse.connect()
    origin = warehouse.Origin("inbox/a.pdf", "e" * 64, 0, "r1")
    warehouse.record_unreadable(store, origin, warehouse.Refusal("empty", {"zh": "空", "en": "empty"}))

    def cut_off(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(warehouse, "insert", cut_off)
    with pytest.raises(KeyboardInterrupt):
        warehouse.record_unreadable(store, origin, warehouse.Refusal("truncated", {"zh": "截断", "en": "cut"}))
    assert store.execute("SELECT reason FROM document").fetchall() == [("empty",)]


# ---- the clock


def test_runs_keep_their_order_when_the_clock_goes_back(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(
        [datetime(2031, 1, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)] + [datetime(2025, 3, 2, tzinfo=UTC)] * 9
    )
    at = [next(times)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return at[0]

    monkeypatch.setattr(runs, "datetime", Clock)
    made = []
    for _ in range(3):
        made.append(runs.begin(plan))
        runs.end(plan, made[-1], "completed")
        at[0] = next(times)
    assert [one for (one,) in query(plan, "SELECT run FROM run ORDER BY started, run")] == made == sorted(made)
    assert query(plan, "SELECT count(*) FROM run WHERE finished < started") == [(0,)]
    assert query(plan, "SELECT max(started) - min(started) < INTERVAL 1 SECOND FROM run") == [(True,)]


def test_a_clock_behind_the_last_run_is_told(plan: Plan) -> None:
    assert runs.clock_notes(plan) == ()
    one = runs.begin(plan)
    assert runs.clock_notes(plan) == ()
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=3)
    query(plan, f"UPDATE run SET started = TIMESTAMP '{later}' WHERE run = '{one}'")
    (note,) = runs.clock_notes(plan)
    assert f"{later:%Y-%m-%d}" in note["zh"] and f"{later:%Y-%m-%d}" in note["en"]


# ---- one at a time


def test_the_second_of_two_runs_says_who_the_first_is_and_leaves(plan: Plan) -> None:
    with runs.alone(plan), pytest.raises(NightFailed) as error, runs.alone(plan):
        pass
    assert f"PID {os.getpid()}" in error.value.message["zh"] and f"PID {os.getpid()}" in error.value.message["en"]
    assert error.value.code == 3


def test_the_lock_of_a_killed_run_does_not_block_the_next(plan: Plan) -> None:
    code = (
        "import os, signal; from pathlib import Path; from flows.night import runs; from flows.night.plan import Plan\n"
        f"with runs.alone(Plan(warehouse=Path({str(plan.warehouse)!r}))): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == -9
    with runs.alone(plan):
        pass


def test_a_file_system_without_locks_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(NightFailed) as error, runs.alone(plan):
        pass
    assert "本机磁盘" in error.value.message["zh"] and os.strerror(errno.ENOLCK) in error.value.message["en"]


def holding(path: Path, seconds: float, read_only: bool) -> subprocess.Popen[bytes]:
    """Another program that has opened the file and says so."""
    code = (
        f"import duckdb, time; c = duckdb.connect({str(path)!r}, read_only={read_only}); "
        f"print('open', flush=True); time.sleep({seconds})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"open\n"
    return process


@pytest.mark.parametrize("read_only", [True, False])
def test_a_warehouse_that_somebody_has_open_is_told_with_who_it_is(plan: Plan, monkeypatch: pytest.MonkeyPatch, read_only: bool) -> None:  # fmt: skip
    runs.begin(plan)
    monkeypatch.setattr(access, "PATIENCE", 0.5)
    other = holding(plan.warehouse, 60, read_only)
    try:
        with pytest.raises(NightFailed) as error:
            runs.begin(plan)
    finally:
        other.kill()
        other.communicate()
    assert f"PID {other.pid}" in error.value.message["zh"] and f"PID {other.pid}" in error.value.message["en"]
    assert "副本" in error.value.message["zh"] and error.value.code == 3
    assert runs.begin(plan)


def test_a_reader_that_is_soon_gone_is_waited_for(plan: Plan) -> None:
    runs.begin(plan)
    other = holding(plan.warehouse, 1, True)
    assert runs.begin(plan)
    other.communicate()


# ---- what a disk refuses


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "磁盘已满"), (errno.EDQUOT, "磁盘已满"), (errno.EROFS, "无法写入"), (errno.EACCES, "无法写入")],
)
def test_what_the_disk_refuses_is_told_with_the_place(plan: Plan, number: int, words: str) -> None:
    said = os.strerror(number)
    told = [
        trouble.failure(OSError(number, said, "/somewhere/site/index.html"), plan),
        trouble.failure(
            duckdb.IOException(f'IO Error: Could not write file "/somewhere/site/index.html": {said}'), plan
        ),
    ]
    try:
        raise RuntimeError("a step failed") from OSError(number, said, "/somewhere/site/index.html")
    except RuntimeError as error:
        told.append(trouble.failure(error, plan))
    for one in told:
        assert one.code == 3 and words in one.message["zh"] and "\n" not in one.message["zh"] + one.message["en"]
        assert all("/somewhere/site/index.html" in one.message[lang] for lang in ("zh", "en"))


def test_a_load_on_a_full_disk_keeps_nothing_of_itself_and_the_next_goes_on(tmp_path: Path) -> None:
    """DuckDB's own file may not grow any further; what was there is whole."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from flows import warehouse; from tests.flows.small import disclosure\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"store = warehouse.connect(Path({str(tmp_path / 'w.duckdb')!r}))\n"
        "load = lambda d: warehouse.load(store, [(d, warehouse.Origin(d.sha256, d.sha256, 1, 'r'))])\n"
        "load(disclosure('a' * 64))\n"
        "size = max(p.stat().st_size for p in Path(sys.argv[1]).iterdir())\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2000, size + 2000))\n"
        "import duckdb\n"
        "try:\n    load(disclosure('b' * 64, source='x' * 20000))\n    [load(disclosure(f'{n:064}')) for n in range(200)]\n"
        "except duckdb.Error as error:\n    print(type(error).__name__, error)\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True)
    assert os.strerror(errno.EFBIG) in told.stdout, told
    store = warehouse.connect(tmp_path / "w.duckdb")
    d = disclosure("c" * 64)
    assert warehouse.load(store, [(d, warehouse.Origin("c", d.sha256, 1, "r"))])
    (documents, filings) = store.execute(
        "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM filing)"
    ).fetchone() or (0, 0)
    assert documents == filings >= 2
