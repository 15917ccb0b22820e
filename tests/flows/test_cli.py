"""The command: what it prints, what it exits with, and that a user's mistake is one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from typer.testing import CliRunner

import flows
from expectations import rules
from flows import check, collect, warehouse
from flows.cli import app
from flows.night import documents, runs
from flows.night.plan import STATUSES, Change, NightFailed, Plan, Summary
from flows.night.summary import exit_code
from tests.conftest import REPOSITORY
from tests.flows.small import disclosure, figure

Write = Callable[[str, str | bytes], Path]
SAMPLES = REPOSITORY / "data" / "samples"


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


# ---- help and version


def test_version_is_the_packages() -> None:
    assert hedui("--version").stdout == f"hedui {flows.__version__}\n"


@pytest.mark.parametrize("command", [[], ["nightly"], ["serve"], ["check"], ["doctor"], ["rules"], ["rules", "list"], ["rules", "show"], ["rules", "lint"], ["rules", "test"], ["rules", "try"], ["rules", "new"], ["rules", "export"], ["rules", "import"], ["rules", "schema"], ["register"], ["register", "lint"], ["register", "status"], ["register", "new"], ["waivers"], ["waivers", "list"], ["waivers", "lint"], ["waivers", "new"], ["waivers", "import"]])  # fmt: skip
def test_every_command_explains_itself(command: list[str]) -> None:
    result = hedui(*command, "--help")
    assert result.exit_code == 0 and "Usage" in result.stdout and len(result.stdout) > 200


@pytest.mark.parametrize(
    ("environment", "language"),
    [({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "en_GB.UTF-8"}, "en"), ({"LANG": "en_US", "LC_ALL": "zh_CN"}, "zh"), ({}, "zh")],
)  # fmt: skip
def test_the_language_is_the_locales_unless_chosen(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = {"zh": "规则无误", "en": "rules are in order"}
    assert said[language] in hedui("rules", "lint").stdout
    assert said["en"] in hedui("rules", "lint", "--lang", "en").stdout
    assert said["zh"] in hedui("--lang", "zh", "rules", "lint").stdout


# ---- check


@pytest.mark.usefixtures("in_this_process")
def test_check_prints_json_that_follows_its_schema(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setattr(collect, "understand", lambda data, name: disclosure())
    result = hedui("check", write("a.pdf", "x"), "--format", "json")
    jsonschema.validate(json.loads(result.stdout), json.loads(check.SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize(("sample", "code"), [("*2023.xlsx", 0), ("*2024.pdf", 1)])
def test_check_exits_1_only_when_something_critical_is_broken(sample: str, code: int) -> None:
    """The clean sample, and the one with planted errors."""
    result = hedui("check", next(SAMPLES.glob(sample)), "--format", "json")
    (document,) = json.loads(result.stdout)["documents"]
    grave = [one["rule"] for one in document["findings"] if (one["status"], one["severity"]) == ("broken", "critical")]
    assert (result.exit_code, bool(grave)) == (code, bool(code)), grave
    jsonschema.validate({"hedui": "", "documents": [document]}, json.loads(check.SCHEMA.read_text("utf-8")))


@pytest.mark.usefixtures("in_this_process")
def test_check_tells_a_reader_what_is_wrong_and_where(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    parts = (figure("T03", "合计", "本年支出合计", "100.60"), *disclosure().figures[1:])
    monkeypatch.setattr(collect, "understand", lambda data, name: disclosure(figures=parts))
    path = write("a.pdf", "x")
    zh, en = hedui("check", path, "--lang", "zh").stdout, hedui("check", path, "--lang", "en").stdout
    assert "必须更正" in zh and "第 3 页" in zh and "100.60 万元" in zh and "[T03.row]" in zh
    assert "must be put right" in en and "page 3" in en and "not verifiable" in en


def test_check_of_an_unreadable_document_is_one_line_and_exits_2(write: Write) -> None:
    result = hedui("check", write("空.pdf", b""), "--lang", "zh")
    assert result.exit_code == 2 and "空.pdf" in result.stdout and "文件是空的" in result.stdout


def test_a_path_that_is_not_there_is_one_line_and_exits_2(tmp_path: Path) -> None:
    for command in (["check"], ["nightly"], ["nightly", "--dry-run"]):
        result = hedui(*command, tmp_path / "没有.pdf", "--lang", "zh")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.strip() == f"hedui: 找不到 {tmp_path / '没有.pdf'}；请检查路径。"


@pytest.mark.parametrize("command", ["check", "nightly"])
def test_a_limit_that_is_none_is_one_line_and_exits_2(command: str, write: Write) -> None:
    result = hedui(command, write("a.txt", "x"), "--reading-memory", "12", "--lang", "en")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "HEDUI_READING_MEMORY cannot be 12" in result.stderr


# ---- nightly, as far as it goes without running


def test_nightly_dry_run_says_what_would_be_read_and_changes_nothing(tmp_path: Path, write: Write) -> None:
    known, new = write("inbox/a.txt", "a"), write("inbox/b.txt", "b")
    store = warehouse.connect(tmp_path / "w.duckdb")
    origin = documents.look_at(collect.Source(str(known), "a.txt")).origin
    warehouse.record_unreadable(store, origin, warehouse.Refusal("empty", {"zh": "空", "en": "empty"}))
    store.close()
    before = (tmp_path / "w.duckdb").read_bytes()
    result = hedui("nightly", tmp_path / "inbox", "--warehouse", tmp_path / "w.duckdb", "--site", tmp_path / "site", "--dry-run", "--lang", "en")  # fmt: skip
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split("  ")[0].strip() for line in lines[:2]] == ["already read", "to be read"]
    assert lines[1].endswith(str(new)) and "2 documents, 1 to be read" in lines[2]
    assert (tmp_path / "w.duckdb").read_bytes() == before and not (tmp_path / "site").exists()


@pytest.mark.parametrize("command", ["nightly", "check", "serve"])
def test_nothing_starts_with_a_teams_rule_file_in_error(command: str, tmp_path: Path, write: Write) -> None:
    text = (rules.FOLDER / "T03.yaml").read_text("utf-8").replace("id: T03.", "id: ours.")
    path = write("ours/mine.yaml", text.replace("= 基本支出 +", "= 基本支岀 +", 1))
    document = [] if command == "serve" else [write("a.txt", "x")]
    more = ["--warehouse", tmp_path / "w.duckdb"] if command == "nightly" else []
    result = hedui(command, *document, *more, "--rules", path.parent, "--lang", "zh")
    assert result.exit_code == 2 and f"{path}:" in result.stderr and "基本支出" in result.stderr
    assert not (tmp_path / "w.duckdb").exists()


@pytest.mark.parametrize(
    ("broken", "unreadable", "fail_on", "code"),
    [
        ({"critical": 3, "warning": 1, "info": 0}, 1, [], 0),
        ({"critical": 3, "warning": 0, "info": 0}, 0, ["critical"], 1),
        ({"critical": 0, "warning": 2, "info": 0}, 0, ["critical"], 0),
        ({"critical": 0, "warning": 2, "info": 0}, 0, ["warning"], 1),
        ({"critical": 1, "warning": 0, "info": 0}, 0, ["warning"], 1),
        ({"critical": 0, "warning": 0, "info": 9}, 0, ["warning", "unreadable"], 0),
        ({"critical": 1, "warning": 0, "info": 0}, 1, ["critical", "unreadable"], 2),
    ],
)
def test_a_night_with_findings_fails_only_when_asked_to(
    broken: dict[str, int],
    unreadable: int,
    fail_on: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """By the function that decides, and by the command as it is called."""
    lines = tuple((f"{n}.pdf", {"zh": "空", "en": "empty"}) for n in range(unreadable))
    nothing = Change("", 0, 0, 0)
    summary = Summary("r", Path("index.html"), 1, 1, 1, dict.fromkeys(STATUSES, 1), broken, nothing, lines)
    assert exit_code(summary, fail_on) == code
    assert _night(monkeypatch, tmp_path, summary, *(f"--fail-on={one}" for one in fail_on)).exit_code == code


def test_a_run_that_failed_exits_3_whatever_was_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran = _night(monkeypatch, tmp_path, NightFailed("磁盘已满", "the disk is full"), "--fail-on=critical", "--lang=en")
    assert (ran.exit_code, ran.stderr.splitlines()[-1]) == (3, "hedui: the disk is full")
    ran = _night(monkeypatch, tmp_path, NightFailed("名册有误", "the register is wrong", 2))
    assert ran.exit_code == 2


def _night(monkeypatch: pytest.MonkeyPatch, folder: Path, outcome: Summary | NightFailed, *options: str) -> Result:
    """The command, whose night ends like this."""
    runs.settle(Plan(warehouse=folder / "w.duckdb"))
    from flows import nightly

    def run_night(plan: Plan, lang: str) -> Summary:
        if isinstance(outcome, NightFailed):
            raise outcome
        return outcome

    monkeypatch.setattr(nightly, "run_night", run_night)
    return hedui("nightly", SAMPLES, "--warehouse", folder / "w.duckdb", "--site", folder / "site", *options)


def test_a_warehouse_in_a_new_folder_gets_its_folder(tmp_path: Path) -> None:
    runs.settle(Plan(warehouse=tmp_path / "new" / "deep" / "w.duckdb"))
    assert (tmp_path / "new" / "deep" / ".prefect").is_dir()


def test_a_warehouse_where_no_folder_can_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    ran = hedui("nightly", SAMPLES, "--warehouse", tmp_path / "file" / "w.duckdb", "--lang", "en")
    assert ran.exit_code == 2
    assert "cannot be made" in ran.output and "Traceback" not in ran.output
