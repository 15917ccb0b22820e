"""`hedui doctor`: each line sees what it speaks of, and says how to mend it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from packaging.requirements import Requirement
from typer.testing import CliRunner

from flows import doctor
from flows import warehouse as store
from flows.cli import app
from flows.doctor import machine, programs, project
from flows.doctor.line import Line
from flows.night import runs
from flows.night.engine import Engine
from flows.night.plan import Plan
from flows.place import MARKER
from flows.spark import missing
from tests.conftest import REPOSITORY

Check = Callable[[Plan], Iterator[Line]]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.pdf").write_text("a")
    return Plan((str(inbox),), tmp_path / "data" / "w.duckdb", tmp_path / "reports" / "site")


def said(check: Check, plan: Plan) -> Line:
    """The one line that a check says, with its way to mend in both languages unless all is well."""
    (line,) = check(plan)
    assert line.zh and line.en and (line.status == "ok") is not bool(line.mend_zh and line.mend_en), line
    return line


def installed(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    """These packages have other versions, or None are there."""
    real = metadata.version

    def version(name: str) -> str:
        told = versions.get(name.replace("-", "_"), real(name))
        if told is None:
            raise metadata.PackageNotFoundError(name)
        return told

    monkeypatch.setattr(programs.metadata, "version", version)


# ---- the command


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_folder_in_order_exits_0_and_everything_is_told_in_both_languages(plan: Plan) -> None:
    options = (*plan.sources, "--warehouse", plan.warehouse, "--site", plan.site)
    ran = hedui("doctor", *options, "--format", "json")
    lines = json.loads(ran.stdout)["checks"]
    failed = [one for one in lines if one["status"] == "fail"]
    assert (ran.exit_code, failed) == (0, [])
    assert len(lines) >= len(doctor.CHECKS) and all(one["zh"] and one["en"] for one in lines)
    assert all(bool(one["mend_zh"]) is bool(one["mend_en"]) is (one["status"] != "ok") for one in lines)
    zh, en = (hedui("doctor", *options, "--lang", lang).stdout for lang in ("zh", "en"))
    assert "条规则无误" in zh and "rules are in order" in en
    assert not plan.kept.exists(), "looking has changed something"


def test_what_keeps_the_night_from_running_exits_1_and_says_what_to_do(plan: Plan) -> None:
    ran = hedui("doctor", plan.sources[0] + "x", "--warehouse", plan.warehouse, "--site", plan.site, "--lang", "en")
    assert ran.exit_code == 1
    assert f"✗ sources" in ran.stdout and "→ make the folder" in ran.stdout  # noqa: F541


def test_a_check_that_fails_itself_is_a_line_that_fails(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Plan) -> Iterator[Line]:
        raise ZeroDivisionError("by zero")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (crash, project.rules))
    first, second = doctor.examine(plan)
    assert (first.check, first.status, second.status) == ("crash", "fail", "ok") and "by zero" in first.en


# ---- programs


def test_a_python_that_is_too_old_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(programs.python, plan).status == "ok"
    monkeypatch.setattr(programs.sys, "version_info", (3, 9, 2, "final", 0))
    assert said(programs.python, plan).status == "fail"


def test_a_package_that_is_missing_or_of_another_version_is_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(programs.packages, plan).status == "ok"
    installed(monkeypatch, duckdb="2.0.0", sqlglot=None)
    line = said(programs.packages, plan)
    assert line.status == "fail" and "duckdb 2.0.0" in line.en and "sqlglot" in line.en and "pandas" not in line.en


def test_a_package_other_than_the_lock_names_is_a_warning(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "LOCK", REPOSITORY / "requirements.txt")
    assert said(programs.lock, plan).status == "ok"
    other = tmp_path / "requirements.txt"
    other.write_text((REPOSITORY / "requirements.txt").read_text().replace("\npandas==", "\npandas==1"))
    monkeypatch.setattr(programs, "LOCK", other)
    line = said(programs.lock, plan)
    assert line.status == "warn" and "pandas" in line.en
    monkeypatch.setattr(programs, "LOCK", tmp_path / "none.txt")
    assert said(programs.lock, plan).status == "ok"


def test_scans_need_the_whole_extra(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = {Requirement(one).name for one in metadata.requires("hedui") or () if 'extra == "ocr"' in one}
    assert "rapidocr" in needed
    installed(monkeypatch, **{name.replace("-", "_"): None for name in needed - {"numpy"}})
    line = said(programs.scans, plan)
    assert line.status == "warn" and "rapidocr" in line.en and "hedui[ocr]" in line.mend_zh
    assert said(programs.packages, plan).status == "ok"


def test_programs_that_some_documents_need_are_looked_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert (said(programs.office, plan).status, said(programs.fonts, plan).status) == ("warn", "warn")
    assert "tests alone" in said(programs.browser, plan).en


@contextmanager
def answering(version: str) -> Iterator[tuple[str, list[str | None]]]:
    """Something that answers as Prefect's server does; its address, and the credentials it was shown."""
    shown: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers["Authorization"])
            self.send_response(200 if self.path == "/api/admin/version" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(version).encode())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}/api", shown
        one.shutdown()


def test_prefects_server_is_asked_where_one_is_named(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert said(programs.prefect, plan).status == "ok"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "operator:secret")
    here = metadata.version("prefect")
    for version, status in ((here, "ok"), ("3.0.0", "warn")):
        with answering(version) as (address, shown):
            monkeypatch.setenv("PREFECT_API_URL", address)
            line = said(programs.prefect, plan)
            assert line.status == status and version in line.en and shown == ["Basic b3BlcmF0b3I6c2VjcmV0"]
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PREFECT_API_URL", f"http://operator:secret@127.0.0.1:{one.getsockname()[1]}/api")
        line = said(programs.prefect, plan)
    assert line.status == "fail" and "secret" not in str(line)


# ---- the machine


def test_little_memory_for_the_documents_read_at_a_time_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "machine_memory", lambda: 2**40)
    assert said(machine.strength, plan).status == "ok"
    monkeypatch.setattr(machine, "machine_memory", lambda: 2**30)
    assert said(machine.strength, plan).status == "warn"


@pytest.mark.parametrize(("free", "status"), [(50, "ok"), (3, "warn"), (0.5, "fail")])
def test_room_on_disk_is_told(free: float, status: str, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")(2**40, 0, int(free * 2**30))
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    assert [one.status for one in machine.disk(plan)] == [status] * 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(plan: Plan) -> None:
    plan.kept.mkdir()
    plan.kept.chmod(0o555)
    warehouse, site = machine.folders(plan)
    assert (warehouse.status, site.status) == ("fail", "ok") and str(plan.kept) in warehouse.en


def test_a_folder_where_files_cannot_be_linked_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on some network shares: the pages that did not change are links to yesterday's."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    assert [one.status for one in machine.folders(plan)] == ["ok", "ok"]
    monkeypatch.setattr(machine.os, "link", refuse)
    assert [one.status for one in machine.folders(plan)] == ["fail", "fail"]
    assert not list(plan.site.parent.parent.glob(".hedui-doctor-*")), "something was left"


def test_a_clock_before_the_last_run_is_told(plan: Plan) -> None:
    assert said(machine.clock, plan).status == "ok"
    run = runs.begin(plan)
    assert said(machine.clock, plan).status == "ok"
    with store.connect(plan.warehouse) as connection:
        connection.execute("UPDATE run SET started = ? WHERE run = ?", [datetime.now() + timedelta(days=400), run])
    assert said(machine.clock, plan).status == "warn"


# ---- what lies here


def test_a_rule_file_in_error_is_told_by_its_line(plan: Plan, tmp_path: Path) -> None:
    assert said(project.rules, plan).status == "ok"
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "a.yaml").write_text("rules: nonsense\n")
    line = said(project.rules, Plan(plan.sources, plan.warehouse, plan.site, teams=(tmp_path / "ours",)))
    assert line.status == "fail" and "a.yaml" in line.en


def test_sources_that_are_empty_or_not_there_are_told(plan: Plan, tmp_path: Path) -> None:
    assert said(project.sources, plan).en == "1 documents"
    (tmp_path / "empty").mkdir()
    assert said(project.sources, Plan((str(tmp_path / "empty"),))).status == "warn"
    assert said(project.sources, Plan((str(tmp_path / "none"),))).status == "fail"
    elsewhere = said(project.sources, Plan(("https://publisher.example/accounts",)))
    assert elsewhere.status == "ok" and "not asked" in elsewhere.en


def test_a_warehouse_that_is_not_consistent_is_told(plan: Plan) -> None:
    run = runs.begin(plan)
    runs.end(plan, run, "completed")
    assert [one.status for one in project.warehouse(plan)] == ["ok", "ok"]
    with store.connect(plan.warehouse) as connection:
        connection.execute("INSERT INTO claim (filing, id) VALUES ('of nobody', 'a')")
    told, run_line = project.warehouse(plan)
    assert (told.check, told.status, run_line.status) == ("consistency", "fail", "ok") and "claim" in told.en


def test_the_warehouses_state_is_told(plan: Plan) -> None:
    assert (said(project.warehouse, plan).status, plan.warehouse.exists()) == ("ok", False)
    run = runs.begin(plan)
    assert "was cut off" in said(project.warehouse, plan).en
    runs.end(plan, run, "failed")
    assert [one.status for one in project.warehouse(plan)] == ["ok", "warn"]
    runs.end(plan, run, "completed")
    assert [one.status for one in project.warehouse(plan)] == ["ok", "ok"]
    plan.warehouse.write_bytes(b"not a database" * 400)
    line = said(project.warehouse, plan)
    assert line.status == "fail" and "backup" in line.mend_en


def test_a_warehouse_of_something_else_is_told(plan: Plan) -> None:
    plan.kept.mkdir()
    with duckdb.connect(str(plan.warehouse)) as connection:
        connection.execute("CREATE TABLE theirs (a INTEGER)")
    assert said(project.warehouse, plan).status == "fail"


def test_the_place_of_the_site_is_looked_at(plan: Plan) -> None:
    assert said(project.site, plan).status == "ok"
    (plan.site / "en").mkdir(parents=True)
    (plan.site / "thesis.docx").write_text("x")
    assert said(project.site, plan).status == "fail"
    (plan.site / MARKER).write_text("x")
    assert said(project.site, plan).status == "warn"
    for name in ("index.html", "en/index.html"):
        (plan.site / name).write_text("x")
    assert said(project.site, plan).status == "ok"


# ---- Spark


def test_spark_is_told_of_where_it_is_installed_or_asked_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "installed", lambda: False)
    assert said(programs.spark, plan).status == "ok"
    asked = replace(plan, engine=Engine("spark", "local[2]", str(plan.kept / "lake")))
    assert said(programs.spark, asked).status == "fail" and "make cluster" in said(programs.spark, asked).mend_en

    monkeypatch.setattr(missing, "installed", lambda: True)
    monkeypatch.setattr(programs.metadata, "version", lambda name: "4.1.0")
    monkeypatch.setenv("JAVA_HOME", str(plan.kept))
    assert said(programs.spark, plan).status == "warn" and "openjdk" in said(programs.spark, plan).mend_zh
    java = plan.kept / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    assert said(programs.spark, asked).status == "ok" and "4.1.0" in said(programs.spark, asked).en
