"""`hedui notify`: the file checked, what would be told shown, a message sent to see whether it arrives."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.notify import post
from tests.flows.notify.servers import webhook


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notify.yaml"
    path.write_text("receivers:\n  - {name: 甲, to: env:TEST_TO, severity: info}\n", "utf-8")
    return path


def call(*words: str) -> Result:
    return CliRunner().invoke(app, ["--lang", "en", "notify", *words])


def test_lint_finds_mistakes_and_addresses_that_are_not_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_TO", raising=False)
    result = call("lint", "--notify", str(file))
    assert result.exit_code == 1 and "TEST_TO is not set" in result.output
    monkeypatch.setenv("TEST_TO", "json://127.0.0.1")
    result = call("lint", "--notify", str(file))
    assert result.exit_code == 0 and "1 receivers, no mistakes" in result.output
    file.write_text(file.read_text("utf-8") + "  - {name: 乙}\n", "utf-8")
    result = call("lint", "--notify", str(file))
    assert result.exit_code == 1 and f"{file}:3: to is missing" in result.output


def test_show_prints_what_would_be_told_and_sends_nothing(
    file: Path,
    filled: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with webhook() as (address, arrived):
        monkeypatch.setenv("TEST_TO", address)
        result = call("show", "--notify", str(file), "--warehouse", str(filled))
    assert result.exit_code == 0 and "== 甲" in result.output and "sealed.pdf" in result.output
    assert arrived == []
    result = call("show", "乙", "--notify", str(file), "--warehouse", str(filled))
    assert result.exit_code == 2 and "nearest: 甲" in result.output
    result = call("show", "--notify", str(file), "--warehouse", str(tmp_path / "none.duckdb"))
    assert result.exit_code == 2 and "run hedui nightly once" in result.output


def test_a_test_message_arrives_or_says_why_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "SECONDS_BETWEEN", 0.0)
    with webhook() as (address, arrived):
        monkeypatch.setenv("TEST_TO", address)
        result = call("test", "--notify", str(file))
        assert result.exit_code == 0 and "甲: sent" in result.output and "这条消息送到了" in arrived[0]["message"]
    with webhook(500) as (address, _):
        monkeypatch.setenv("TEST_TO", address)
        result = call("test", "--notify", str(file))
        assert result.exit_code == 1 and "甲: json://" in result.output
    monkeypatch.delenv("TEST_TO")
    result = call("test", "--notify", str(file))
    assert result.exit_code == 1 and "TEST_TO is not set" in result.output


def test_without_receivers_there_is_a_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEDUI_NOTIFY", raising=False)
    result = call("show")
    assert result.exit_code == 2 and "declare them in data/notify.yaml" in result.output
