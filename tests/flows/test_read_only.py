"""A real read-only file system under the warehouse and the site: told in one line, nothing lost, the next night goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from flows.warehouse_checks import inconsistencies
from tests.flows.small import few_rules

ACCOUNTS = """临江省东溪市第一局
2024年度部门决算公开
财政拨款“三公”经费支出决算表
公开07表
部门：临江省东溪市第一局　　　　金额单位：万元
项目\t预算数\t决算数
合计\t12.00\t11.00
一、因公出国（境）费\t0.00\t0.00
二、公务用车购置及运行维护费\t12.00\t11.00
其中：公务用车购置费\t0.00\t0.00
公务用车运行维护费\t12.00\t{running}
三、公务接待费\t0.00\t0.00
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[str], None]]]:
    """A small disk of its own and what mounts it again, "ro" or "rw"."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(*how: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["mount", *how], capture_output=True, check=False)

    if mounted("-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)).returncode:
        pytest.skip("file systems can only be mounted by root, with the right to do so")

    def again(mode: str) -> None:
        told = mounted("-o", f"remount,{mode}", str(folder))
        assert told.returncode == 0, told.stderr

    yield folder, again
    subprocess.run(["umount", "--lazy", str(folder)], check=False)


def test_a_night_on_a_disk_that_has_become_read_only_says_so_and_loses_nothing(
    tmp_path: Path, disk: tuple[Path, Callable[[str], None]]
) -> None:
    folder, mount = disk
    (tmp_path / "rules").mkdir()
    few_rules(tmp_path / "rules" / "few.yaml")
    inbox, warehouse, site = tmp_path / "inbox", folder / "data" / "w.duckdb", folder / "site"
    inbox.mkdir()

    def night(running: str) -> subprocess.CompletedProcess[str]:
        (inbox / "a.txt").write_text(ACCOUNTS.format(running=running), "utf-8")
        hedui = [Path(sys.executable).with_name("hedui"), "nightly", inbox, "--warehouse", warehouse, "--site", site]
        return subprocess.run(
            [*hedui, "--rules", tmp_path / "rules", "--lang", "en"], cwd=tmp_path, capture_output=True, text=True, check=False,
            timeout=300,
        )  # fmt: skip

    first = night("11.00")
    assert first.returncode == 0, first.stderr
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    mount("ro")
    refused = night("10.00")
    assert refused.returncode == 3
    said = [line for line in (refused.stdout + refused.stderr).splitlines() if "cannot be written" in line]
    assert len(said) == 1 and "Read-only file system" in said[0] and str(folder) in said[0], refused.stderr
    assert "--warehouse" in said[0] and "Traceback" not in refused.stdout + refused.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    mount("rw")
    assert night("10.00").returncode == 0
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert inconsistencies(connection) == []
        assert connection.execute("SELECT count(*), count(*) FILTER (current) FROM filing").fetchone() == (2, 1)
        assert connection.execute("SELECT count(*) FROM run WHERE status <> 'completed'").fetchone() == (0,)
