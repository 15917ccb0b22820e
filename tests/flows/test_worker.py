"""A real Prefect server and a real worker, deployed to as docs/install.md says, killed in every stage of the night.

All of it are processes on loopback. Nothing in the product knows of this test: which stage a night has reached it reads in the log
that every night keeps beside its warehouse. One server and one project serve all tests of this file, which build on each other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.logs import FILE
from flows.night.runs import PREFECT
from flows.place import MARKER
from flows.publish.reuse import MANIFEST
from flows.warehouse_checks import inconsistencies
from tests.conftest import REPOSITORY
from tests.flows.small import few_rules

STAGES = ("collect", "read", "load", "validate", "explain", "publish")
PATIENCE = 600.0
"""Seconds that anything may take before the test gives up; on a quiet machine a night takes ten."""
POOL = "hedui"

_ACCOUNTS = """临江省东溪市第{number}局
2024年度部门决算公开
财政拨款“三公”经费支出决算表
公开07表
部门：临江省东溪市第{number}局　　　　金额单位：万元
项目\t预算数\t决算数
合计\t{budget}.00\t{total}.00
一、因公出国（境）费\t0.00\t0.00
二、公务用车购置及运行维护费\t{budget}.00\t{total}.00
其中：公务用车购置费\t0.00\t0.00
公务用车运行维护费\t{budget}.00\t{running}.00
三、公务接待费\t0.00\t0.00
注：预算数为全年预算数。
"""


# ---- processes ----------------------------------------------------------------------------------------------------------


@dataclass
class Project:
    """A folder as an operator has it after the first install, with a server that runs and a worker that comes and goes."""

    folder: Path
    api: str
    environment: dict[str, str]
    worker: subprocess.Popen[bytes] | None = None
    departments: int = 0
    site_seen: Watcher = field(init=False)

    @property
    def warehouse(self) -> Path:
        return self.folder / "data" / "warehouse.duckdb"

    @property
    def site(self) -> Path:
        return self.folder / "reports" / "site"

    def prefect(self, *arguments: str) -> str:
        """A command of Prefect, as typed in the project's folder."""
        ran = subprocess.run(
            [Path(sys.executable).with_name("prefect"), "--no-prompt", *arguments],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert ran.returncode == 0, f"{arguments}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def ask(self, path: str, body: dict[str, Any] | list[Any] | None = None) -> Any:
        """The server's answer; asked again where it is too busy to give one."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.api}/{path}", data, {"Content-Type": "application/json"})
        for patience in (1, 2, 4, 8, 0):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    said = answer.read()
                return json.loads(said) if said else None
            except OSError as error:
                if not patience or getattr(error, "code", 503) not in (500, 503):
                    raise
                time.sleep(patience)

    def start_worker(self) -> None:
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [Path(sys.executable).with_name("prefect"), "worker", "start", "--pool", POOL],
                cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def kill_worker(self, first: int = 0) -> None:
        """The worker and everything that it has started are gone at once, as in a power cut; `first` before all others."""
        assert self.worker is not None
        if first:
            _kill(first)
        for pid in [self.worker.pid, *_descendants(self.worker.pid)]:
            _kill(pid)
        self.worker.wait()
        self.worker = None

    def trigger(self, deployment: str = "nightly/nightly", **parameters: Any) -> str:
        """A run by hand; returns its id."""
        one = self.ask(f"deployments/name/{deployment}")
        run = self.ask(f"deployments/{one['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}, "parameters": {**one["parameters"], **parameters}, "idempotency_key": str(uuid.uuid4())})  # fmt: skip
        return str(run["id"])

    def state(self, run: str) -> dict[str, Any]:
        told = self.ask(f"flow_runs/{run}")
        return dict(told["state"] or {})

    def ended(self, run: str) -> dict[str, Any]:
        """How the run ended, once it has."""
        final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        return await_(lambda: (told := self.state(run))["type"] in final and told, f"the end of {run}", self.said)

    def said(self) -> str:
        return (self.folder / "worker.log").read_text("utf-8")[-6000:]

    def publish_another(self) -> None:
        """One more department publishes its accounts, and one that has published before replaces them."""
        self.departments += 1
        self._write(self.departments, wrong=self.departments % 2)
        self._write(1, wrong=0, more=self.departments)

    def _write(self, number: int, wrong: int, more: int = 0) -> None:
        total = 10 + number + more
        text = _ACCOUNTS.format(number=number, budget=total + 2, total=total, running=total + wrong)
        (self.folder / "data" / "inbox" / f"{number:02}.txt").write_text(text, "utf-8")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def five_minutes_pass(self) -> None:
        """What time does to the place of a run that was killed: nobody prolongs it any more, and the server gives it away."""
        leases = self.folder / ".prefect" / "concurrency_leases"
        past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        index = leases / "expirations.json"
        for path in leases.glob("*-*.json"):
            path.write_text(json.dumps(json.loads(path.read_text()) | {"expiration": past}))
        index.write_text(json.dumps(dict.fromkeys(json.loads(index.read_text()), past)))
        limit = self.ask("deployments/name/nightly/nightly")["global_concurrency_limit"]["id"]
        await_(
            lambda: self.ask(f"v2/concurrency_limits/{limit}")["active_slots"] == 0, "the place given away", self.said
        )


class Watcher:
    """A reader who never stops reading: whatever stands where the site is, is a whole site, and never is there none again."""

    def __init__(self, site: Path) -> None:
        self.looks = 0
        self.sites: set[int] = set()
        self.faults: list[str] = []
        self._site, self._done = site, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            before = _inode(self._site)
            faults = self._look()
            if _inode(self._site) != before:
                continue  # replaced meanwhile: what was seen is of two sites
            self.looks += 1
            if before:
                self.sites.add(before)
                self.faults += faults
            elif self.sites:
                self.faults.append("there is no site any more")

    def _look(self) -> list[str]:
        try:
            if not any(self._site.iterdir()):
                return ["the site is empty"]
            pages = json.loads((self._site / MANIFEST).read_text("utf-8"))
            wanted = {MARKER, "index.html", "en/index.html", "findings.json", "ledger.xlsx", "verdicts.parquet"}
            wanted |= {path for entry in pages.values() for path in entry.get("files", ())}
            return [f"{path} is missing" for path in sorted(wanted) if not (self._site / path).is_file()]
        except (OSError, ValueError) as error:
            return [str(error)]


def _inode(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_ino
    return 0


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    """Every process that comes from this one and is alive."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after_name = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    found = parents.get(pid, [])
    for one in found:
        found.extend(parents.get(one, []))
    return found


def await_(what: Callable[[], Any], name: str, said: Callable[[], str] = str, pause: float = 0.5) -> Any:
    """What it returns once that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError):  # a busy server may not answer in time
            if found := what():
                return found
        time.sleep(pause)
    raise AssertionError(f"waited in vain for {name}\n{said()}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# ---- the project --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    if not Path("/proc/self/stat").exists() or not Path(sys.executable).with_name("prefect").exists():
        pytest.skip("needs Linux and the command prefect")
    folder = tmp_path_factory.mktemp("hedui")
    for name in ("flows", "expectations"):
        (folder / name).symlink_to(REPOSITORY / name)
    shutil.copy(REPOSITORY / "prefect.yaml", folder)
    for name in ("data/inbox", "data/samples", "rules"):
        (folder / name).mkdir(parents=True)
    few_rules(folder / "rules" / "few.yaml")
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "HEDUI_"))}
    environment |= PREFECT | {
        "PREFECT_HOME": str(folder / ".prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_LOGGING_LEVEL": "INFO",
        # Shorter waits than an operator needs.
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "1",
        "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
        "HEDUI_RULES": str(folder / "rules"),
        "HEDUI_READING_WORKERS": "1",
        "PYTHONPATH": str(REPOSITORY),
    }
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    one = Project(folder, f"http://127.0.0.1:{port}/api", environment)
    one.site_seen = Watcher(one.site)
    try:
        await_(lambda: one.ask("health"), "the server", lambda: (folder / "server.log").read_text()[-3000:])
        one.prefect("work-pool", "create", POOL, "--type", "process")
        one.prefect("deploy", "--all")
        for _ in range(3):
            one.publish_another()
        one.start_worker()
        yield one
    finally:
        one.site_seen.stop()
        if one.worker:
            one.kill_worker()
        for pid in [server.pid, *_descendants(server.pid)]:
            _kill(pid)
        server.wait()


def assert_whole(project: Project) -> None:
    """Nothing is lost, nothing doubled, and the site is that of the last run."""
    files = {path.name: path.read_bytes() for path in (project.folder / "data" / "inbox").iterdir()}
    assert project.query("SELECT count(*) FROM filing WHERE current") == [(len(files),)]
    assert project.query("SELECT organisation FROM filing WHERE current GROUP BY 1 HAVING count(*) > 1") == []
    assert project.query("SELECT count(*) FROM document WHERE status <> 'read'") == [(0,)]
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        assert inconsistencies(connection) == []
    ((run, status),) = project.query("SELECT run, status FROM run ORDER BY started DESC LIMIT 1")
    assert status == "completed"
    assert project.query("SELECT count(*) FROM run WHERE status = 'running'") == [(0,)]
    told = json.loads((project.site / "findings.json").read_text("utf-8"))
    assert run in json.dumps(told)
    assert not list(project.site.parent.glob(".site.next-*")), "what a killed publishing had begun is still there"
    assert project.site_seen.faults == []


# ---- the tests, in this order -------------------------------------------------------------------------------------------


def test_a_night_runs_by_hand(project: Project) -> None:
    said = project.prefect("deployment", "run", "nightly/nightly")
    (run,) = re.findall(r"UUID: ([0-9a-f-]{36})", said)
    assert project.ended(run)["type"] == "COMPLETED", project.said()
    assert_whole(project)


def _follow(project: Project) -> Callable[[], list[dict[str, Any]]]:
    """What the nights say from now on."""
    path = project.warehouse.parent / FILE
    start = path.stat().st_size if path.exists() else 0

    def said() -> list[dict[str, Any]]:
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(start)
            return [json.loads(line) for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]

    return said


def _begun(line: dict[str, Any]) -> str:
    return "load" if line["event"] == "load_begins" else line["stage"] if line["event"] == "stage_begins" else ""


@pytest.mark.parametrize("stage", STAGES)
def test_a_night_killed_in_a_stage_is_made_good_by_the_next(project: Project, stage: str) -> None:
    if project.worker is None:
        project.start_worker()
    project.publish_another()
    before = project.site_seen.looks
    said = _follow(project)
    killed = project.trigger()
    line = await_(lambda: next((one for one in said() if _begun(one) == stage), None), stage, project.said, 0.005)
    project.kill_worker(first=line["process"])
    reached = [_begun(one) for one in said() if _begun(one)]
    assert reached[-1] == stage, "the night had gone on before it was killed"
    assert not any(one["event"] in ("stage_ended", "stage_failed") and one["stage"] == stage for one in said())
    with duckdb.connect(str(project.warehouse)) as connection:  # opened as the next night opens it
        assert connection.execute("SELECT count(*) FROM run WHERE status = 'running'").fetchone() == (1,)
    assert project.state(killed)["type"] == "RUNNING", "nobody is left who could say that it has ended"

    project.five_minutes_pass()
    project.start_worker()
    assert project.ended(project.trigger())["type"] == "COMPLETED", project.said()
    assert_whole(project)
    assert project.site_seen.looks > before


def test_a_night_begins_when_its_schedule_says(project: Project) -> None:
    project.publish_another()
    nights = len(project.query("SELECT 1 FROM run"))
    id_ = project.ask("deployments/name/nightly/nightly")["id"]
    due = datetime.now(UTC) + timedelta(seconds=30)  # a busy server looks for new schedules late
    soon = {"interval": 86400, "anchor_date": (due - timedelta(days=1)).isoformat()}
    project.ask(f"deployments/{id_}/schedules", [{"slug": "soon", "active": True, "schedule": soon}])
    around = {"after_": (due - timedelta(seconds=5)).isoformat(), "before_": (due + timedelta(seconds=5)).isoformat()}
    wanted = {"flow_runs": {"deployment_id": {"any_": [id_]}, "expected_start_time": around}}
    (run,) = await_(lambda: project.ask("flow_runs/filter", wanted), "a scheduled run", project.said)
    assert run["auto_scheduled"] and project.ended(run["id"])["type"] == "COMPLETED", project.said()
    assert len(project.query("SELECT 1 FROM run")) == nights + 1
    assert_whole(project)


def test_a_night_that_begins_while_another_runs_is_cancelled(project: Project) -> None:
    project.publish_another()
    said = _follow(project)
    first = project.trigger()
    await_(lambda: any(_begun(one) == "collect" for one in said()), "the first night", project.said)
    second = project.ended(project.trigger())
    assert second["type"] == "CANCELLED" and "concurrency" in second["message"]
    assert project.ended(first)["type"] == "COMPLETED", project.said()
    assert_whole(project)


def test_one_document_is_checked_on_demand(project: Project) -> None:
    document = project.folder / "data" / "inbox" / "01.txt"
    documents = project.query("SELECT count(*) FROM document")
    run = project.trigger("check-document/check", document=str(document), lang="en")
    assert project.ended(run)["type"] == "COMPLETED", project.said()
    (artifact,) = project.ask("artifacts/filter", {"artifacts": {"key": {"any_": ["check"]}}})
    told = json.loads(artifact["data"].split("~~~~json\n")[1].split("\n~~~~")[0])
    assert told["documents"][0]["filing"]["organisation"].endswith("第1局") and told["documents"][0]["rules"]["holds"]
    assert project.query("SELECT count(*) FROM document") == documents


def test_what_is_left_is_what_an_undisturbed_night_leaves(project: Project, tmp_path: Path) -> None:
    fresh = {"warehouse": str(tmp_path / "w.duckdb"), "site": str(tmp_path / "site")}
    assert project.ended(project.trigger(**fresh))["type"] == "COMPLETED", project.said()
    current = "SELECT organisation, fiscal_year, numbers_seen, numbers_placed FROM filing WHERE current ORDER BY ALL"
    figures = 'SELECT f.organisation, x.form, x.part, x.row_key, x."column", x.value FROM figure x JOIN filing f USING (filing) WHERE f.current ORDER BY ALL'
    verdicts = "SELECT f.organisation, v.rule, v.instance, v.status, v.stated, v.computed FROM verdict v JOIN filing f USING (filing) WHERE v.run = (SELECT max(run) FROM run) ORDER BY ALL"
    with duckdb.connect(fresh["warehouse"], read_only=True) as connection:
        for sql in (current, figures, verdicts):
            undisturbed = connection.execute(sql).fetchall()
            assert undisturbed and set(project.query(sql)) ^ set(undisturbed) == set()
            assert len(project.query(sql)) == len(undisturbed)


def test_readers_saw_whole_sites_and_nothing_else(project: Project) -> None:
    project.site_seen.stop()
    assert project.site_seen.faults == []
    assert project.site_seen.looks > 100 and len(project.site_seen.sites) > 1  # numbers of folders are given again
