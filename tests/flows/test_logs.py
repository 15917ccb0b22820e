"""What is said while the night works: one object a line for programs, with run and document; lines for people."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextvars import copy_context
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from flows import logs, terminal
from flows.commands.options import LogFormatOption
from flows.night import runs, stages
from flows.night.plan import Plan
from flows.night.stages import Stages


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = list(logs.LOGGER.handlers)
    logs.LOGGER.handlers.clear()
    yield
    logs.LOGGER.handlers[:] = before


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_people_get_the_message_and_when(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(logs.FORMAT, raising=False)
    logs.to_stderr()
    logs.say(logging.INFO, "note", "核对…", rules=5)
    logs.say(logging.DEBUG, "detail", "细节")
    logs.say(logging.WARNING, "document_unreadable", "a.pdf: 文件是空的")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(" 核对…") and datetime.fromisoformat(first[:19])
    assert second.endswith(" WARNING a.pdf: 文件是空的")


def test_programs_get_one_object_a_line_with_what_it_is_about(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(logs.FORMAT, "JSON")
    logs.to_stderr()
    logs.to_stderr()  # a second time says nothing twice
    with logs.about(run="r1"):
        with logs.about(document="ab12", name='a\n"b".pdf'):
            logs.say(logging.INFO, "document_read", 'a\n"b".pdf', seconds=0.5, path=Path("x"))
        logs.say(logging.INFO, "note", "weiter")
        logging.getLogger("hedui").warning("of %s", "elsewhere")
    logs.say(logging.INFO, "note", "outside")
    read, note, other, outside = lines(capsys.readouterr().err)
    assert (read["event"], read["level"], read["run"], read["document"]) == ("document_read", "info", "r1", "ab12")
    assert read["name"] == read["message"] == 'a\n"b".pdf' and (read["seconds"], read["path"]) == (0.5, "x")
    assert datetime.fromisoformat(read["time"]).utcoffset() is not None and read["process"]
    assert note["run"] == "r1" and "document" not in note
    assert (other["message"], other["run"], other["event"]) == ("of elsewhere", "r1", "message")
    assert "run" not in outside


def test_a_thread_with_the_context_says_what_it_is_about(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(logs.FORMAT, "json")
    logs.to_stderr()
    with logs.about(run="r1"):
        thread = threading.Thread(target=copy_context().run, args=(logs.say, logging.INFO, "note", "x"))
        thread.start()
        thread.join()
    (line,) = lines(capsys.readouterr().err)
    assert line["run"] == "r1"


def test_the_file_beside_the_warehouse_has_details_and_exceptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(logs.FORMAT, raising=False)
    with logs.kept(tmp_path):
        logs.say(logging.DEBUG, "detail", "细节")
        try:
            raise ZeroDivisionError("by zero")
        except ZeroDivisionError as error:
            logs.say(logging.ERROR, "run_failed", str(error), error=True)
    logs.say(logging.INFO, "note", "afterwards")
    detail, failed = lines((tmp_path / logs.FILE).read_text("utf-8"))
    assert detail["message"] == "细节" and "exception" not in detail
    assert "Traceback" in failed["exception"] and "ZeroDivisionError: by zero" in failed["exception"]


def test_the_file_is_turned_over_before_it_grows_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_LARGEST", 2000)
    monkeypatch.setattr(logs, "_KEPT", 2)
    with logs.kept(tmp_path):
        for number in range(100):
            logs.say(logging.DEBUG, "detail", f"{number}")
    files = sorted((tmp_path / "logs").iterdir())
    assert [one.name for one in files] == ["hedui.jsonl", "hedui.jsonl.1", "hedui.jsonl.2"]
    assert all(one.stat().st_size <= 2000 and lines(one.read_text()) for one in files)


def test_a_place_that_cannot_be_written_is_told_and_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(logs.FORMAT, "json")
    (tmp_path / "logs").write_text("in the way")
    with logs.kept(tmp_path):
        logs.say(logging.INFO, "note", "goes on")
    told, note = lines(capsys.readouterr().err)
    assert (told["event"], told["level"], note["message"]) == ("log_unwritable", "warning", "goes on")
    assert str(tmp_path) in told["message"]


def test_progress_in_a_log_is_a_record_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(logs.FORMAT, "json")
    monkeypatch.setattr(terminal, "_QUIET_SECONDS", 0.0)
    logs.to_stderr()
    with terminal.progress("reading", 2) as step:
        step("a")
        step("b")
    assert [(one["event"], one["done"], one["total"]) for one in lines(capsys.readouterr().err)] == [
        ("progress", 1, 2),
        ("progress", 2, 2),
    ]


def test_the_form_is_chosen_by_option_or_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    small = typer.Typer()

    @small.command()
    def command(log_format: LogFormatOption = None) -> None:
        typer.echo(logs.json_wanted())

    for environment, options, wanted in [
        ({}, [], False),
        ({logs.FORMAT: "json"}, [], True),
        ({}, ["--log-format", "json"], True),
        ({logs.FORMAT: "json"}, ["--log-format", "text"], False),
    ]:
        monkeypatch.setenv(logs.FORMAT, environment.get(logs.FORMAT, ""))
        assert CliRunner().invoke(small, options).stdout == f"{wanted}\n"


def test_steps_are_told_timed_and_kept_with_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(logs.FORMAT, "json")
    plan = Plan(warehouse=tmp_path / "w.duckdb")
    run = runs.begin(plan)
    told = Stages("en")
    with logs.kept(tmp_path), logs.about(run=run):
        with told.step("collect") as step:
            step.items = 7
        with pytest.raises(OSError), told.step("publish"):
            raise OSError("disk full")
    stages.keep(plan, run, told.done)
    with runs.opened(plan.warehouse) as connection:
        rows = connection.execute("SELECT run, position, stage, items FROM run_stage ORDER BY position").fetchall()
        assert rows == [(run, 1, "collect", 7), (run, 2, "publish", 0)]
    events = [(one["event"], one["stage"]) for one in lines((tmp_path / logs.FILE).read_text("utf-8"))]
    assert events == [
        ("stage_begins", "collect"),
        ("stage_ended", "collect"),
        ("stage_begins", "publish"),
        ("stage_failed", "publish"),
    ]
    assert [one["message"] for one in lines(capsys.readouterr().err)] == ["collecting…", "publishing…"]
