"""Whatever a document does to its reader: one clear line, every other document is read, and no process is left."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.read.document import Unreadable
from flows.workers.limits import BadLimit, Limits, chosen_limits
from flows.workers.pool import Closed, Workers
from tests.conftest import REPOSITORY

UNRULY = "tests.flows.workers.unruly:understand"


@pytest.fixture
def workers() -> Iterator[Workers]:
    with Workers(Limits(seconds=3, memory=256, workers=1), runs=UNRULY) as made:
        yield made


def told(workers: Workers, name: str, data: bytes = b"x") -> str:
    """The sha256 of what was understood: in these tests the document's bytes and the number of the process."""
    with workers.turn() as worker:
        return str(pickle.loads(worker.read(data, name)).sha256)


def refused(workers: Workers, name: str, data: bytes = b"x") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        told(workers, name, data)
    message = caught.value.message
    assert set(message) == {"zh", "en"} and not any("\n" in line for line in message.values())
    return caught.value


def gone(pid: int, within: float) -> bool:
    """Whether the process is no more, or only its entry is left for a parent that does not ask."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or ") Z " in stat.read_text():
            return True
        time.sleep(0.05)
    return False


def written(path: Path, within: float = 30.0) -> int:
    """The number that another process writes to a file, as soon as it stands there."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()):
            return int(text)
        time.sleep(0.02)
    raise AssertionError(f"nothing was written to {path.name}")


# ---- what a document does


def test_a_document_is_understood_in_another_process_and_the_next_one_in_the_same(workers: Workers) -> None:
    first, second = told(workers, "a.txt", b"one"), told(workers, "b.txt", b"two")
    assert first.split()[0] == "one" and second.split()[0] == "two"
    assert first.split()[1] == second.split()[1] != str(os.getpid())


def test_what_the_reader_refuses_comes_back_as_it_was_said(workers: Workers) -> None:
    error = refused(workers, "refused.pdf")
    assert error.reason == "encrypted" and error.message == {"zh": "有密码", "en": "it has a password"}


@pytest.mark.parametrize("name", ["sleeps", "clings"])
def test_a_document_that_takes_too_long_is_stopped_at_the_limit(workers: Workers, tmp_path: Path, name: str) -> None:
    told(workers, "a.txt")
    started = time.monotonic()
    error = refused(workers, f"{name}.pdf", bytes(tmp_path / "pid"))
    assert 3 <= time.monotonic() - started < 9
    assert error.reason == "too_slow"
    assert "3 秒" in error.message["zh"] and "--reading-seconds" in error.message["zh"]
    assert "3 seconds" in error.message["en"] and "HEDUI_READING_SECONDS" in error.message["en"]
    assert gone(written(tmp_path / "pid"), 0.1)
    assert told(workers, "b.txt", b"next").startswith("next ")


@pytest.mark.parametrize("name", ["grows", "leaps", "aborts"])
def test_a_document_that_takes_too_much_memory_is_stopped_at_the_limit(workers: Workers, name: str) -> None:
    error = refused(workers, f"{name}.xls")
    assert error.reason == "too_much_memory"
    assert "256 MiB" in error.message["zh"] and "HEDUI_READING_MEMORY" in error.message["zh"]
    assert "256 MiB" in error.message["en"] and "--reading-memory" in error.message["en"]
    assert told(workers, "b.txt", b"next").startswith("next ")


@pytest.mark.parametrize(("name", "how"), [("crashes", "SIGSEGV"), ("exits", "exit 3"), ("panics", "internal error")])
def test_a_document_that_ends_its_process_is_told_as_such(workers: Workers, name: str, how: str) -> None:
    before = told(workers, "a.txt").split()[1]
    error = refused(workers, f"{name}.pdf")
    assert error.reason == "crashed" and how in error.message["en"]
    after = told(workers, "b.txt").split()[1]
    assert after != before


def test_what_a_library_prints_is_no_answer(workers: Workers) -> None:
    assert told(workers, "prints.pdf", b"x").startswith("x ")
    assert told(workers, "b.txt", b"next").startswith("next ")


def test_an_answer_beyond_measure_is_refused_where_it_arises() -> None:
    with Workers(Limits(seconds=20, memory=1024), runs=UNRULY) as roomy:
        assert refused(roomy, "swells.pdf").reason == "too_large"


def test_a_process_that_has_grown_is_replaced(workers: Workers) -> None:
    before = told(workers, "leaves.pdf").split()[1]
    assert gone(int(before), 0.1)
    assert told(workers, "b.txt").split()[1] != before


def test_what_earlier_documents_left_behind_does_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two documents of 180 MiB each do not fit into one process of 350 MiB; both are read all the same."""
    monkeypatch.setattr("flows.workers.pool._grown", lambda pid, memory: False)
    with Workers(Limits(seconds=20, memory=350), runs=UNRULY) as kept:
        first, second = (told(kept, "leaves.pdf").split()[1] for _ in range(2))
    assert first != second


def test_a_process_is_replaced_after_a_number_of_documents(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.workers.pool._DOCUMENTS", 2)
    first, second, third = (told(workers, "a.txt").split()[1] for _ in range(3))
    assert first == second != third


def test_a_process_killed_while_idle_is_replaced_unnoticed(workers: Workers) -> None:
    pid = int(told(workers, "a.txt").split()[1])
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert int(told(workers, "a.txt").split()[1]) != pid


def test_bad_documents_hold_up_no_good_one(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    names = ["a.txt", "crashes.pdf", "b.txt", "grows.pdf", "sleeps.pdf", "c.txt", "exits.pdf", "d.txt", "leaps.pdf"]

    def outcome(name: str) -> str:
        try:
            return told(workers, name, bytes(tmp_path / "pid")).split()[0] and "read"
        except Unreadable as error:
            return error.reason

    with ThreadPoolExecutor(8) as threads, Workers(Limits(3, 256, 3), runs=UNRULY) as workers:
        outcomes = list(threads.map(outcome, names))
    assert outcomes == [
        "read", "crashed", "read", "too_much_memory", "too_slow", "read", "crashed", "read", "too_much_memory"
    ]  # fmt: skip


# ---- nothing is left


def test_what_the_reader_started_ends_with_it(workers: Workers, tmp_path: Path) -> None:
    assert refused(workers, "starts.doc", bytes(tmp_path / "pid")).reason == "too_slow"
    assert gone(written(tmp_path / "pid"), 1)


def test_closing_ends_every_process_and_what_is_being_read(tmp_path: Path) -> None:
    workers = Workers(Limits(600, 256, 1), runs=UNRULY)
    caught: list[BaseException] = []

    def read() -> None:
        try:
            told(workers, "sleeps.pdf", bytes(tmp_path / "pid"))
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    pid = written(tmp_path / "pid")
    workers.close()
    thread.join(5)
    assert [type(one) for one in caught] == [Closed] and gone(pid, 0.1)
    with pytest.raises(Closed):
        told(workers, "a.txt")


@pytest.mark.parametrize(("name", "within"), [("sleeps", 6), ("clings", 25), ("starts", 6)])
def test_workers_end_by_themselves_when_their_parent_is_killed(tmp_path: Path, name: str, within: float) -> None:
    code = (
        "import sys\nfrom flows.workers.limits import Limits\nfrom flows.workers.pool import Workers\n"
        f"with Workers(Limits(8, 256, 1), runs={UNRULY!r}) as workers, workers.turn() as worker:\n"
        "    worker.read(sys.argv[2].encode(), sys.argv[1] + '.pdf')\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, name, str(tmp_path / "pid")], cwd=REPOSITORY)
    pid = written(tmp_path / "pid")
    parent.kill()
    parent.wait()
    assert gone(pid, within)


def _heeds_interrupts() -> None:
    """Tests that a shell runs in the background ignore interrupts, and so would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_a_check_at_once_with_all_its_processes(tmp_path: Path) -> None:
    (tmp_path / f"sleeps.{tmp_path.name}.txt").write_text(str(tmp_path / "pid"))
    code = (
        "import sys\nfrom flows import check\nfrom flows.workers.pool import Workers\n"
        f"Workers.__init__.__defaults__ = (None, {UNRULY!r})\n"
        "check.check([sys.argv[1]])\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_heeds_interrupts,
    )
    pid = written(tmp_path / "pid")
    started = time.monotonic()
    os.killpg(parent.pid, signal.SIGINT)
    _, said = parent.communicate(timeout=20)
    assert time.monotonic() - started < 10 and b"KeyboardInterrupt" in said
    assert gone(pid, 0.5)


# ---- limits


def test_limits_come_from_the_call_then_the_environment_then_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECONDS", "MEMORY", "WORKERS"):
        monkeypatch.delenv(f"HEDUI_READING_{name}", raising=False)
    usual = chosen_limits()
    assert (usual.seconds, usual.memory) == (120, 2048)
    assert 1 <= usual.workers <= len(os.sched_getaffinity(0))
    monkeypatch.setenv("HEDUI_READING_SECONDS", "7")
    monkeypatch.setenv("HEDUI_READING_WORKERS", "3")
    assert chosen_limits() == Limits(7, 2048, 3)
    assert chosen_limits(seconds=9, memory=512, workers=1) == Limits(9, 512, 1)


def test_workers_are_no_more_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDUI_READING_WORKERS", raising=False)
    monkeypatch.setattr("flows.workers.limits.cores", lambda: 16)
    monkeypatch.setattr("flows.workers.limits.machine_memory", lambda: 7 * 2**30)
    assert chosen_limits(memory=2048).workers == 3
    assert chosen_limits(memory=2**20).workers == 1


@pytest.mark.parametrize("value", ["0", "-1", "fast", "1.5", "9" * 12])
def test_a_limit_that_is_none_is_one_clear_line(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDUI_READING_SECONDS", value)
    with pytest.raises(BadLimit) as caught:
        chosen_limits()
    assert all("HEDUI_READING_SECONDS" in line and value in line for line in caught.value.message.values())


# ---- the worker itself


def test_a_worker_that_cannot_start_fails_the_run_and_no_document() -> None:
    with Workers(Limits(), runs="tests.flows.nothing:at_all") as workers, pytest.raises(RuntimeError, match="nothing"):
        told(workers, "a.txt")


def test_code_that_lies_beside_the_documents_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pickle.py", "flows.py", "lxml.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('run!')")
    monkeypatch.chdir(tmp_path)
    with Workers(Limits(), runs=UNRULY) as workers:
        assert told(workers, "a.txt", b"x").startswith("x ")


def test_a_worker_imports_nothing_heavy() -> None:
    """Asked of a worker after documents of every kind that the samples hold."""
    samples = sorted((REPOSITORY / "data" / "samples").glob("*.*"))
    with Workers(Limits(), runs="tests.flows.workers.test_pool:understand_and_look") as workers:
        for sample in (one for one in samples if one.suffix in (".pdf", ".xlsx")):
            with workers.turn() as worker:
                assert pickle.loads(worker.read(sample.read_bytes(), sample.name)) == []


def understand_and_look(data: bytes, name: str) -> list[str]:
    """What a worker has imported, of what takes seconds, once it has understood a document."""
    from flows.collect import understand

    assert understand(data, name).figures
    return sorted(
        {one.split(".")[0] for one in sys.modules} & {"prefect", "great_expectations", "pandas", "sqlalchemy"}
    )
