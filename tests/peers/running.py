"""One runner in a process of its own, ended where it takes too much memory or too long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.documents import REPOSITORY
from tests.bench.publishing import _family, _resident

RUNNERS = Path(__file__).parent / "runners"
_LOOK = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Limits:
    """What a runner may take: MiB of memory, its children's counted, and seconds by the clock from its start to its end."""

    memory: int = 6 * 1024
    seconds: int = 600


@dataclass(frozen=True)
class Ran:
    """What a runner told, or why it told nothing. `whole`: seconds from its start to its end; `largest`: MiB seen, children counted.
    `load`: how many processes wanted a core meanwhile, on average over a minute; more than there are cores, and the clock misleads."""

    told: dict[str, Any]
    why: str = ""
    whole: float = 0.0
    largest: float = 0.0
    load: float = 0.0


def once(python: Path, script: str, way: str, task: dict[str, Any], limits: Limits) -> Ran:
    """The runner has run, and nothing of it is left."""
    scratch = Path(task["scratch"])
    scratch.mkdir(parents=True, exist_ok=True)
    sheet = scratch / "task.json"
    sheet.write_text(json.dumps(task, ensure_ascii=False), "utf-8")
    command = [str(python), str(RUNNERS / f"{script}.py"), str(sheet), *([way] if way else [])]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "HOME": str(scratch), "PYTHONDONTWRITEBYTECODE": ""}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=scratch, env=environment, stdout=out, stderr=err, text=True, start_new_session=True
        )
        try:
            why, largest = _watched(process, limits)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        whole = time.monotonic() - began
        if why:
            return Ran({}, why, whole, largest)
        out.seek(0), err.seek(0)
        return _told(process.returncode, out.read(), err.read(), whole, largest)


def _watched(process: subprocess.Popen[str], limits: Limits) -> tuple[str, float]:
    """Why it must be ended, "" where it ended by itself; and the largest memory seen."""
    began, largest = time.monotonic(), 0.0
    while process.poll() is None:
        largest = max(largest, sum(map(_resident, _family(process.pid))) / 2**20)
        if largest > limits.memory:
            return f"more than {limits.memory / 1024:g} GiB of memory", largest
        if time.monotonic() - began > limits.seconds:
            return f"more than {limits.seconds / 60:g} minutes", largest
        time.sleep(_LOOK)
    return "", largest


def _told(code: int, out: str, err: str, whole: float, largest: float) -> Ran:
    lines = out.strip().splitlines()
    if code == 0 and lines:
        try:
            told = json.loads(lines[-1])
            return Ran(told, "", whole, max(largest, told["memory"]), os.getloadavg()[0])
        except (ValueError, KeyError, TypeError):
            pass
    said = [line for line in (err.strip() or out.strip()).splitlines() if line.strip()]
    return Ran({}, f"failed: {said[-1].strip() if said else f'exit {code}'}"[:300], whole, largest)
