"""prefect.yaml and `hedui serve`: both declare the same two deployments, with parameters that the flows take."""

from __future__ import annotations

import inspect
import json
import os
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from ruamel.yaml import YAML
from typer.testing import CliRunner

from flows.cli import app
from flows.commands import serve as command
from flows.night import asked, runs, server
from flows.night.plan import NightFailed, Plan
from flows.workers.limits import Limits
from tests.conftest import REPOSITORY


def written() -> dict[str, Any]:
    told = YAML(typ="safe").load((REPOSITORY / "prefect.yaml").read_text("utf-8"))
    return {one["name"]: one for one in told["deployments"]}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """The deployments that `serve_flows` hands to Prefect."""
    runs.settle(Plan(warehouse=tmp_path / "w.duckdb"))
    from flows import nightly

    handed: list[Any] = []
    monkeypatch.setattr(nightly, "serve", lambda *deployments: handed.extend(deployments))
    return handed


PLAN = Plan(
    ("data/inbox", "https://publisher.example/accounts"),
    Path("kept/w.duckdb"),
    Path("kept/site"),
    Limits(60, 1024, 3),
    (Path("ours"),),
    "none",
)


def test_what_is_declared_names_flows_that_take_its_parameters() -> None:
    from flows import nightly

    told = written()
    assert set(told) == {"nightly", "check"}
    for one in told.values():
        path, name = one["entrypoint"].split(":")
        flow = getattr(nightly, name)
        assert (REPOSITORY / path).is_file() and one["tags"] and one["work_pool"]["name"] == "hedui"
        assert set(one["parameters"]) <= set(inspect.signature(flow.fn).parameters)
    night = told["nightly"]
    assert night["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    (schedule,) = night["schedules"]
    assert schedule["slug"]
    defaults = inspect.signature(command.serve).parameters
    assert (schedule["cron"], schedule["timezone"]) == (defaults["cron"].default, defaults["timezone"].default)
    assert "schedules" not in told["check"]


def test_the_settings_it_names_are_prefects_own() -> None:
    """A setting that Prefect does not know would be passed over in silence."""
    from prefect.settings import Settings

    known = set(Settings().to_environment_variables(exclude_unset=False))
    named = {name for one in written().values() for name in one["work_pool"]["job_variables"]["env"]}
    own = {name for name in runs.PREFECT if name.startswith("PREFECT_")}
    assert named and own and named | own - known <= known, (named | own) - known


def test_serving_hands_on_everything_that_the_night_was_asked(served: list[Any]) -> None:
    from flows import nightly

    told: list[int] = []
    nightly.serve_flows(PLAN, "15 2 * * *", "Asia/Shanghai", "en", lambda: told.append(len(served)))
    assert told == [0]
    night, check = served
    assert (night.name, check.name) == ("nightly", "check")
    assert night.parameters == asked.parameters(PLAN, "en")
    assert set(night.parameters) == set(inspect.signature(nightly.nightly.fn).parameters)
    json.dumps(night.parameters)
    assert (night.concurrency_limit, night.concurrency_options.collision_strategy) == (1, "CANCEL_NEW")
    (schedule,) = night.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone, schedule.slug) == (
        "15 2 * * *",
        "Asia/Shanghai",
        "every-night",
    )
    assert not check.schedules
    assert check.parameters == {"rules": ["ours"], "lang": "en", "reading_seconds": 60, "reading_memory": 1024}


@pytest.mark.parametrize(("cron", "timezone"), [("61 * * * *", "Asia/Shanghai"), ("nightly", "Asia/Shanghai"), ("1 1 * * *", "Mars/X")])  # fmt: skip
def test_a_schedule_that_is_none_is_one_line(served: list[Any], cron: str, timezone: str) -> None:
    from flows import nightly

    with pytest.raises(NightFailed) as error:
        nightly.serve_flows(PLAN, cron, timezone, "en", lambda: pytest.fail("it says that it waits"))
    assert error.value.code == 2 and cron in error.value.message["zh"] and timezone in error.value.message["en"]
    assert not served


def test_the_command_starts_a_server_that_schedules_and_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The server that Prefect would start along with a flow has no scheduler: the night would never run."""
    from flows import nightly

    asked: list[tuple[Plan, str]] = []
    asked_at: list[str] = []

    def serve_flows(plan: Plan, cron: str, timezone: str, lang: str, waiting: Callable[[], None]) -> None:
        address = os.environ["PREFECT_API_URL"]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/health") as answer:
            assert answer.read() == b"true"
        asked_at.append(address)
        asked.append((plan, cron))
        waiting()

    monkeypatch.setattr(nightly, "serve_flows", serve_flows)
    for name in ("PREFECT_API_URL", "PREFECT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(runs, "PREFECT", runs.PREFECT | {"PREFECT_SERVER_UI_ENABLED": "false"})
    warehouse, site, inbox = tmp_path / "w.duckdb", tmp_path / "site", tmp_path / "inbox"
    ran = hedui("serve", inbox, "--warehouse", warehouse, "--site-folder", site, "--cron", "1 2 * * *", "--lang", "en")
    assert ran.exit_code == 0 and "waiting for 1 2 * * *" in ran.output, ran.output
    ((plan, cron),) = asked
    assert (plan.sources, plan.warehouse, plan.site, cron) == ((str(inbox),), warehouse, site, "1 2 * * *")
    assert "PREFECT_API_URL" not in os.environ
    assert (tmp_path / "logs" / "prefect-server.log").stat().st_size
    with pytest.raises(OSError):
        urllib.request.urlopen(asked_at[0])


def test_the_users_own_server_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.example/api")
    with server.scheduling(Plan(warehouse=tmp_path / "w.duckdb")) as address:
        assert address == "http://prefect.example/api"
    assert os.environ["PREFECT_API_URL"] == address and not (tmp_path / "logs").exists()


def test_a_server_that_does_not_start_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr("sys.executable", "false")
    with pytest.raises(NightFailed) as error, server.scheduling(Plan(warehouse=tmp_path / "w.duckdb")):
        pass
    assert "prefect-server.log" in error.value.message["en"]


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_checking_one_document_is_a_flow_with_its_report_as_artifact(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from flows import nightly

    kept: list[Mapping[str, Any]] = []
    monkeypatch.setattr(nightly, "create_markdown_artifact", lambda **told: kept.append(told))
    sample = next((REPOSITORY / "data" / "samples").glob("*2024.pdf"))
    report = nightly.check_document.fn(str(sample), lang="en")
    (document,) = report["documents"]
    assert document["figures"] and {one["status"] for one in document["findings"]} >= {"broken"}
    (artifact,) = kept
    assert artifact["description"] == str(sample) and "must be put right" in artifact["markdown"]
    told = json.loads(artifact["markdown"].split("~~~~json\n")[1].split("\n~~~~")[0])
    assert told["documents"][0]["findings"] == document["findings"] and "figures" not in told["documents"][0]
