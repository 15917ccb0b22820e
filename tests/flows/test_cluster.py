"""Reading on a Dask cluster: the same as on this machine, whoever is killed meanwhile, and nothing left behind.

Schedulers and workers are processes on loopback, as an operator would start them. All that belongs to a test carries a mark in its
environment, so that what is left of it is found wherever it went.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pypdfium2
import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.night import cluster, documents, runs
from flows.night.plan import NightFailed, Outcome, Plan
from flows.warehouse_checks import inconsistencies
from flows.workers.limits import Limits
from tests.alike.flowing import as_html
from tests.conftest import REPOSITORY
from tests.flows.small import few_rules
from tests.prove.filings import generated

SAMPLES = REPOSITORY / "data" / "samples"
PATIENCE = 300.0
needs_dask = pytest.mark.skipif(
    not importlib.util.find_spec("prefect_dask"), reason="the extra dask is not installed (requirements-cluster.txt)"
)


# ---- what there is to read ----------------------------------------------------------------------------------------------


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The samples, some generated filings, and what cannot be read."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for path in SAMPLES.iterdir():
        if path.suffix in (".pdf", ".xlsx"):
            shutil.copy(path, inbox)
    for number, made in enumerate(generated(6, 11)):
        (inbox / f"made {number}.html").write_bytes(as_html(made.published))
    (inbox / "none.txt").write_text("不是决算", "utf-8")
    (inbox / "empty.pdf").write_bytes(b"")
    return Plan((str(inbox),), tmp_path / "data" / "w.duckdb", tmp_path / "site", Limits(120, 2048, 2), reading="dask")


def long(plan: Plan, count: int) -> None:
    """Documents that take some seconds each."""
    data = next(SAMPLES.glob("*.pdf")).read_bytes()
    with pypdfium2.PdfDocument(data) as one, pypdfium2.PdfDocument.new() as many:
        for _ in range(40):
            many.import_pages(one)
        stream = io.BytesIO()
        many.save(stream)
    for number in range(count):
        (Path(plan.sources[0]) / f"long {number}.pdf").write_bytes(stream.getvalue() + f"\n%{number}\n".encode())


# ---- a night that only reads, and a cluster -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    runs.settle(Plan(warehouse=tmp_path_factory.mktemp("prefect") / "w.duckdb"))
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=400):
        yield


@dataclass
class Read:
    """What became of every document, and in what portions it was loaded."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    portions: list[int] = field(default_factory=list)


def read(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The night up to where all is loaded."""
    from prefect import flow

    from flows import nightly

    told, loaded = Read(), documents.loaded

    def kept(plan: Plan, outcomes: Any) -> int:
        assert not {one.found.name for one in outcomes} & set(told.outcomes), "a document was loaded twice"
        told.outcomes |= {one.found.name: one for one in outcomes}
        told.portions.append(len(outcomes))
        return loaded(plan, outcomes)

    monkeypatch.setattr(documents, "loaded", kept)

    @flow(name="only-reads", validate_parameters=False, task_runner=nightly._SIDE_BY_SIDE)
    def only_reads() -> None:
        run = runs.begin(plan)
        found, fresh = documents.collected(plan, run)
        nightly._read_and_load(plan, found, fresh, "zh", None)
        runs.end(plan, run, "completed")

    plan.kept.mkdir(parents=True, exist_ok=True)
    only_reads()
    monkeypatch.setattr(documents, "loaded", loaded)
    return told


def contents(plan: Plan) -> dict[str, Any]:
    """Every row that reading has left, but for when."""
    with duckdb.connect(str(plan.warehouse), read_only=True) as connection:
        assert inconsistencies(connection) == []
        return {
            table: connection.execute(f"SELECT * EXCLUDE ({when}) FROM {table} ORDER BY ALL").fetchall()
            for table, when in (("document", "first_seen"), ("document_source", "first_seen"), ("filing", "loaded"))
        } | {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
            for table in ("figure", "claim", "sentence", "expenditure", "three_public_expenses")
        }


@dataclass
class Processes:
    """A scheduler and workers as processes."""

    folder: Path
    mark: str = field(default_factory=lambda: f"hedui-test-{uuid.uuid4().hex}")
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            one = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY), "HEDUI_TEST_MARK": self.mark, **environment},
            )  # fmt: skip
        self.started[name] = one
        return one

    def scheduler(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        await_(lambda: not socket.create_connection(("127.0.0.1", port), 1).close(), "the scheduler", self.said)
        return f"tcp://127.0.0.1:{port}"

    def worker(self, name: str, address: str, threads: int = 1, **environment: str) -> subprocess.Popen[bytes]:
        call = ("worker", address, "--no-nanny", "--nthreads", str(threads), "--no-dashboard", "--name", name)
        return self.start(
            name, *call, "--host", "127.0.0.1", "--local-directory", str(self.folder / name), **environment
        )

    def said(self, name: str = "scheduler") -> str:
        return (self.folder / f"{name}.log").read_text("utf-8")[-3000:]

    def alive(self, what: str = "") -> list[str]:
        """Command lines of all processes with the mark that have `what` in them."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if self.mark.encode() in (place / "environ").read_bytes():
                    line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found += [line] if what in line and line else []
        return found

    def end(self) -> None:
        for one in self.started.values():
            one.terminate()
        for one in self.started.values():
            with suppress(subprocess.TimeoutExpired):
                one.wait(20)
            one.kill()
            one.wait()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    try:
        yield made
    finally:
        made.end()
    await_(lambda: not made.alive(), "the end of every process", lambda: "\n".join(made.alive()))


def await_(what: Callable[[], Any], name: str, said: Callable[[], str] = str) -> Any:
    """What it returns once that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError):
            if found := what():
                return found
        time.sleep(0.1)
    raise AssertionError(f"waited in vain for {name}\n{said()}")


def descendants(pid: int) -> set[str]:
    """Command lines of all that comes from this process and is alive."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found = list(parents.get(pid, []))
    for one in found:
        found.extend(parents.get(one, []))
    lines = set()
    for one in found:
        with suppress(OSError):
            lines.add(Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode())
    return {line for line in lines if "flows.workers" in line or "spawn_main" in line}


# ---- tests --------------------------------------------------------------------------------------------------------------


@needs_dask
def test_a_cluster_on_this_machine_reads_what_this_machine_reads(
    plan: Plan, tmp_path: Path, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = replace(plan, reading="here", warehouse=tmp_path / "here" / "w.duckdb")
    alone, together = read(here, monkeypatch), read(plan, monkeypatch)
    assert len(alone.outcomes) >= 9 and set(alone.outcomes) == set(together.outcomes)
    assert {one.refusal.reason for one in alone.outcomes.values() if one.refusal} >= {"no_form", "empty"}
    for name, outcome in alone.outcomes.items():
        assert together.outcomes[name] == outcome, name  # the disclosure pickled, byte for byte
    assert together.portions == alone.portions
    assert contents(plan) == contents(here)
    assert descendants(os.getpid()) == set()
    assert read(plan, monkeypatch).outcomes == {}, "read again though nothing has changed"


@needs_dask
def test_limits_hold_on_the_cluster_as_here(plan: Plan, prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    long(plan, 1)
    told = read(replace(plan, limits=Limits(1, 2048, 2)), monkeypatch)
    refusal = told.outcomes["long 0.pdf"].refusal
    assert refusal and refusal.reason == "too_slow"
    assert sum(one.disclosure is not None for one in told.outcomes.values()) >= 6


@needs_dask
def test_what_a_killed_worker_had_is_read_by_another_and_nothing_else_twice(
    plan: Plan, processes: Processes, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    inbox = Path(plan.sources[0])
    for path in inbox.iterdir():
        path.unlink()
    long(plan, 3)
    address = processes.scheduler()
    workers = {name: processes.worker(name, address) for name in ("one", "two")}
    had: list[int] = []

    def kill(client: Any) -> None:
        """Worker one is killed in the middle of a document."""
        await_(lambda: len(processes.alive("flows.workers.process")) == 2, "reading to begin", processes.said)
        time.sleep(1)
        (where,) = (where for where, one in client.scheduler_info()["workers"].items() if one["id"] == "one")
        had.append(len(client.processing()[where]))
        workers["one"].send_signal(signal.SIGKILL)

    with Client(address, timeout=60, set_as_default=False) as client:
        client.run_on_scheduler(_count)
        client.wait_for_workers(2, timeout=60)
        killer = threading.Thread(target=kill, args=(client,))
        killer.start()
        told = read(replace(plan, dask_address=address), monkeypatch)
        killer.join()
        begun, finished = client.run_on_scheduler(_counted)
    assert had and had[0] > 0, "it had nothing when it was killed"
    assert len(told.outcomes) == 3 and all(one.refusal is None for one in told.outcomes.values())
    assert finished == dict.fromkeys(finished, 1) and len(finished) == 3, "read twice"
    again = [key for key, times in begun.items() if times > 1]
    assert 1 <= len(again) <= had[0], "given away again: what it had, and nothing else"
    await_(lambda: not processes.alive("flows.workers.process"), "the end of all that read", processes.said)
    here = replace(plan, reading="here", warehouse=plan.warehouse.with_name("here.duckdb"))
    assert read(here, monkeypatch).outcomes == told.outcomes
    assert contents(here) == contents(plan)


def _count(dask_scheduler: Any) -> None:
    from distributed.diagnostics.plugin import SchedulerPlugin

    class Counting(SchedulerPlugin):
        """How often each document was given to a worker, and how often its reading came to its end, by its key."""

        def __init__(self) -> None:
            self.begun: dict[str, int] = {}
            self.finished: dict[str, int] = {}

        def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
            if str(key).startswith("read"):
                counted = {"processing": self.begun, "memory": self.finished}.get(finish, {})
                counted[str(key)] = counted.get(str(key), 0) + 1

    dask_scheduler.add_plugin(Counting(), name="counting")


def _counted(dask_scheduler: Any) -> tuple[dict[str, int], dict[str, int]]:
    plugin = dask_scheduler.plugins["counting"]
    return dict(plugin.begun), dict(plugin.finished)


@needs_dask
def test_a_whole_night_on_a_cluster_given_by_its_address(plan: Plan, processes: Processes) -> None:
    address = processes.scheduler()
    processes.worker("one", address, 2)
    rules = plan.site.with_name("rules")
    rules.mkdir()
    few_rules(rules / "few.yaml")
    ran = subprocess.run(
        [sys.executable, "-c", "from flows.cli import app; app()", "nightly", plan.sources[0], "--warehouse", str(plan.warehouse),
         "--site", str(plan.site), "--rules", str(rules), "--page-images", "none", "--lang", "en",
         "--reading", "dask", "--dask-address", address],
        cwd=plan.warehouse.parents[1], env={**os.environ, "PYTHONPATH": str(REPOSITORY), "HEDUI_TEST_MARK": processes.mark},
        capture_output=True, text=True, check=False, timeout=PATIENCE * 2,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr and (plan.site / "index.html").exists()
    with duckdb.connect(str(plan.warehouse), read_only=True) as connection:
        assert connection.execute("SELECT status, unreadable FROM run").fetchall() == [("completed", 2)]
    await_(
        lambda: len(processes.alive()) == 2, "nothing but scheduler and worker", lambda: "\n".join(processes.alive())
    )


@needs_dask
def test_a_worker_of_another_version_is_named_and_reads_nothing(
    plan: Plan, processes: Processes, prefect_server: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    for name in ("flows", "expectations"):
        shutil.copytree(REPOSITORY / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "flows" / "__init__.py").write_text('"""Hedui."""\n\n__version__ = "0.0.0"\n')
    address = processes.scheduler()
    processes.worker("older", address, PYTHONPATH=str(other))
    with pytest.raises(NightFailed) as failed:
        read(replace(plan, dask_address=address), monkeypatch)
    assert "Hedui 0.0.0" in failed.value.message["en"] and "tcp://127.0.0.1:" in failed.value.message["zh"]
    assert not processes.alive("flows.workers.process")


def test_a_worker_of_another_version_that_joins_later_does_not_start() -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    from flows.night import joining

    late = joining.Reading(Limits(), "Hedui 99", lambda: None)
    with pytest.raises(RuntimeError, match="the night wants Hedui 99"):
        late.setup(None)


@needs_dask
def test_a_scheduler_that_is_gone_or_has_no_workers_ends_the_night_in_a_line(
    plan: Plan, processes: Processes, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SECONDS", 2)
    monkeypatch.setattr(cluster, "COMING", 2)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, and nobody listens
        nobody = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(NightFailed, match=f"{nobody} cannot be used"):
            read(replace(plan, dask_address=nobody), monkeypatch)
        assert time.monotonic() - began < 30
    address = processes.scheduler()
    with pytest.raises(NightFailed, match=f"{address} cannot be used"):
        read(replace(plan, dask_address=address), monkeypatch)
    monkeypatch.setattr(cluster, "SECONDS", 60)
    monkeypatch.setattr(cluster, "COMING", 60)
    long(plan, 2)
    processes.worker("one", address)

    killed: list[str] = []

    def kill() -> None:
        await_(lambda: processes.alive("flows.workers.process"), "reading to begin", processes.said)
        processes.started["scheduler"].send_signal(signal.SIGKILL)
        killed.append("scheduler")

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(NightFailed, match="connection to the Dask scheduler is lost"):
        read(replace(plan, dask_address=address), monkeypatch)
    killer.join()
    assert killed, "it was lost before it was killed"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--reading", "dask", "--dask-address", "10.0.0.5"), "10.0.0.5 is no address of a Dask scheduler"),
        (("--dask-address", "tcp://10.0.0.5:8786"), "goes with --reading dask only"),
        (("--reading", "dask"), "needs the extra dask"),
    ],
)
def test_a_mistake_in_the_call_is_told_before_anything_is_done(
    options: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = "needs" not in said
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: here or None)
    (tmp_path / "inbox").mkdir()
    call = ["nightly", str(tmp_path / "inbox"), "--warehouse", str(tmp_path / "w.duckdb"), "--lang", "en", *options]
    ran = CliRunner().invoke(app, call)
    assert ran.exit_code == 2 and said in ran.output and not (tmp_path / "w.duckdb").exists()


def test_a_server_is_only_taken_for_reachable_where_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        api = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        assert cluster.reaches(api, socket.gethostname())
        assert not cluster.reaches(api, "another machine")
    assert not cluster.reaches(api, socket.gethostname())


def test_a_night_that_reads_here_never_imports_dask() -> None:
    code = "import sys; import flows.nightly; print({one for one in sys.modules if one.split('.')[0] in ('dask', 'distributed', 'prefect_dask')})"
    ran = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
