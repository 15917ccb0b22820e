"""docs/spark.md, followed literally: its commands are typed, its programs run, on the samples and a few rules."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb

from tests.conftest import REPOSITORY
from tests.flows.spark.cluster import needs_spark

pytestmark = needs_spark()

PAGE = (REPOSITORY / "docs" / "spark.md").read_text("utf-8")
SHELL, PYTHON = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S) for kind in ("sh", "python"))
FEW_RULES = """
from expectations import rules, vocabulary
from expectations.sql.verdicts import compile_all
from flows.night import judging
from flows import cli, validate

def few(plan):
    book = rules.in_force(())
    return book, compile_all(book, vocabulary.load())[::60]

judging.judges = few
whole = validate.structure_suites
validate.structure_suites = lambda words: whole(words)[:1]
cli.app()
"""


def test_the_page_is_true(tmp_path: Path) -> None:
    (tmp_path / "data" / "inbox").mkdir(parents=True)
    (tmp_path / "data" / "samples").symlink_to(REPOSITORY / "data" / "samples")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (programs / "few.py").write_text(FEW_RULES)
    (programs / "hedui").write_text(f'#!/bin/sh\ncd {tmp_path}\nexec {sys.executable} {programs}/few.py "$@"\n')
    for name in ("python", "hedui"):
        (programs / name).chmod(0o755)
    (tmp_path / "Makefile").write_text(f"cluster:\n\t@$(MAKE) --silent -n -C {REPOSITORY} cluster > /dev/null\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = "set -e\n" + "\n".join(SHELL).replace("7077", port)
    typed = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "said").open("wb"),
        text=True,
    )
    try:
        assert typed.wait(900) == 0, (tmp_path / "said").read_text("utf-8", "replace")[-3000:]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(typed.pid, signal.SIGKILL)  # the master and its workers are still there
    for name in ("warehouse", "tried"):
        with duckdb.connect(str(tmp_path / "data" / f"{name}.duckdb"), read_only=True) as connection:
            assert connection.execute("SELECT count(*) > 0, bool_and(status = 'completed') FROM run").fetchone() == (
                True,
                True,
            )
            (verdicts,) = connection.execute("SELECT count(*) FROM verdict").fetchone() or (0,)
            assert verdicts > 0
    shutil.rmtree(tmp_path / ".venv")
    for program in PYTHON:
        ran = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
        )
        assert ran.returncode == 0 and ran.stdout.strip(), ran.stderr[-2000:]


def test_the_page_names_files_that_are_there() -> None:
    for name in re.findall(r"`(tests/[\w/]+\.py|prefect\.yaml)`", PAGE):
        assert (REPOSITORY / name).is_file(), name
