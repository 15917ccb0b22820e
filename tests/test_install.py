"""docs/install.md: what it tells people to type is there, its backup and restore are done literally, its events are those of the log."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import duckdb
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from flows.cli import app

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
PAGE = (DOCS / "install.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.S)
UNITS = sorted((DOCS / "systemd").iterdir())


def typed(program: str) -> list[list[str]]:
    """The arguments of every line that runs `program`."""
    lines = [line.removeprefix("sudo -u hedui ") for block in BLOCKS for line in block.splitlines()]
    units = [
        line.removeprefix("ExecStart=/srv/hedui/app/")
        for unit in UNITS
        for line in unit.read_text("utf-8").splitlines()
    ]
    return [shlex.split(line)[1:] for line in (*lines, *units) if line.startswith(f".venv/bin/{program} ")]


@pytest.mark.parametrize("arguments", typed("hedui"), ids=" ".join)
def test_a_command_of_the_page_is_one_of_ours(arguments: list[str]) -> None:
    command, *rest = arguments
    told = CliRunner().invoke(app, [command, "--help"])
    assert told.exit_code == 0
    assert [one for one in rest if one.startswith("--") and one not in told.stdout] == []


def test_the_page_shows_every_way_to_run_and_names_files_that_are_there() -> None:
    assert {one[0] for one in typed("hedui")} == {"doctor", "nightly", "serve"}
    assert ["work-pool", "create", "hedui", "--type", "process"] in typed("prefect")
    named = set(re.findall(r"docs/systemd/\S+", PAGE))
    assert named == {f"docs/systemd/{unit.name}" for unit in UNITS}
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (DOCS / target).exists(), target


def test_backup_and_restore_work_as_typed(tmp_path: Path) -> None:
    backup, restore = (block for block in BLOCKS if "tar --" in block)
    (tmp_path / "data" / "inbox").mkdir(parents=True)
    (tmp_path / "data" / "inbox" / "a.txt").write_text("a")
    (tmp_path / "data" / "warehouse.duckdb.lock").touch()
    store = tmp_path / "data" / "warehouse.duckdb"
    with duckdb.connect(str(store)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    subprocess.run(["bash", "-ec", backup], cwd=tmp_path, check=True)
    store.write_bytes(b"lost")
    undone = "\n".join(line for line in restore.splitlines() if not line.startswith(".venv"))
    subprocess.run(["bash", "-ec", undone], cwd=tmp_path, check=True)
    with duckdb.connect(str(store)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
    held = f"exec 9>data/warehouse.duckdb.lock; flock 9; {backup}"
    assert subprocess.run(["bash", "-ec", held], cwd=tmp_path, check=False).returncode != 0, "copied while a night runs"


def test_the_events_it_lists_are_those_of_the_log() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "flows").rglob("*.py"))
    table = PAGE[PAGE.index("| event |") : PAGE.index("用时也在仓库里")]
    events = re.findall(r"`([a-z]+_[a-z]+|progress)`", table)
    assert len(events) >= 9 and [one for one in events if f'"{one}"' not in code] == []


def test_units_and_compose_file_say_what_the_page_says() -> None:
    for unit in UNITS:
        if unit.suffix == ".service":
            told = unit.read_text("utf-8")
            assert {"User=hedui", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(told.splitlines())
    services = YAML(typ="safe").load((DOCS / "compose" / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"prefect", "worker", "site"}
    assert all(port.startswith("127.0.0.1:") for one in services.values() for port in one.get("ports", ()))
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in services.values())
