"""One environment for each group of peers under build/peers/, made from its pinned requirements and kept while those are the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
STAMP = "requirements.txt"
"""The copy within an environment of what it was made from: written last, so that a half-made one is made again."""


class Missing(Exception):
    """An environment could not be made; the message is one line that says why."""


def requirements(group: str) -> Path:
    """The pinned requirements of a group."""
    return REQUIREMENTS / f"{group}.txt"


def ready(group: str, folder: Path) -> bool:
    """Whether the environment of the group is there and made from the requirements as they are now."""
    stamp = folder / group / STAMP
    return stamp.is_file() and stamp.read_bytes() == requirements(group).read_bytes()


def python(group: str, folder: Path) -> Path:
    """The interpreter of a group's environment, made first where it is not there; "" is this very environment.

    Raises Missing.
    """
    if not group:
        return Path(sys.executable)
    place = folder / group
    interpreter = place / "bin" / "python"
    if not ready(group, folder):
        _called(sys.executable, "-m", "venv", "--clear", str(place))
        pip = ("-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check")
        _called(str(interpreter), *pip, "--requirement", str(requirements(group)))
        (place / STAMP).write_bytes(requirements(group).read_bytes())
    return interpreter


def _called(*command: str) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Missing(str(error)) from error
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if line.strip()]
        told = next(
            (line for line in lines if line.startswith("ERROR")), lines[-1] if lines else f"exit {ran.returncode}"
        )
        raise Missing(told)
