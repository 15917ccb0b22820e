"""What the reading of one document may take, and what is said of a document that takes more."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120
"""An ordinary disclosure takes less than a second, the largest that is accepted (5,000 pages) about a minute."""
MEMORY = 2048
"""MiB. An ordinary disclosure needs a tenth of it, the largest workbook that is accepted (5,000,000 cells) most of it."""
LIMITED = ("too_slow", "too_much_memory", "crashed")
"""Reasons that depend on the limits or on the process: such a document is read again once the limits are others."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one document may take (seconds, MiB), and how many are read at a time."""

    seconds: int = SECONDS
    memory: int = MEMORY
    workers: int = 1

    def __str__(self) -> str:
        return f"{self.seconds}s {self.memory}MiB"


class BadLimit(Exception):
    """A limit is no number, or out of range; `message` is one line for people in each language."""

    def __init__(self, name: str, value: object, least: int) -> None:
        self.message = {
            "zh": f"{name} 的值 {value} 不可用；请给出不小于 {least} 的整数。",
            "en": f"{name} cannot be {value}; give a whole number of at least {least}",
        }
        super().__init__(self.message["en"])


def chosen_limits(seconds: int | None = None, memory: int | None = None, workers: int | None = None) -> Limits:
    """The limits as given, else as HEDUI_READING_SECONDS, _MEMORY and _WORKERS say, else the default ones.

    By default as many documents are read at a time as this process has cores, fewer where all of them at their limit
    would need more memory than there is. Raises `BadLimit`.
    """
    most = whole_number("HEDUI_READING_MEMORY", memory, MEMORY, 256)
    room = max(1, machine_memory() // (most * 2**20))
    return Limits(
        whole_number("HEDUI_READING_SECONDS", seconds, SECONDS, 1),
        most,
        whole_number("HEDUI_READING_WORKERS", workers, min(cores(), room), 1),
    )


def whole_number(name: str, given: int | None, otherwise: int, least: int) -> int:
    """The number as given, else as the environment says by this name, else `otherwise`. Raises `BadLimit`."""
    value = os.environ.get(name, "").strip() if given is None else str(given)
    if not value:
        return otherwise
    if not value.isdecimal() or len(value) > 9 or int(value) < least:
        raise BadLimit(name, value, least)
    return int(value)


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells which cores a process may use
        return os.cpu_count() or 1


def machine_memory() -> int:
    """Bytes that this process and its workers may use: the machine's, or its container's where that is less."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 2**40
    with suppress(OSError, ValueError):
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text("ascii")))
    return machine


def refusal(reason: str, limits: Limits, how: str = "") -> dict[str, str]:
    """The line for people about a document that ended its process, in each language."""
    if reason == "too_slow":
        return {
            "zh": f"读取超过 {limits.seconds} 秒的时限，已中止；若确是决算公开，请用 --reading-seconds 或 HEDUI_READING_SECONDS 放宽时限。",
            "en": f"reading it took longer than the limit of {limits.seconds} seconds; if it is a disclosure, raise the limit "
            "with --reading-seconds or HEDUI_READING_SECONDS",
        }
    if reason == "too_much_memory":
        return {
            "zh": f"读取所需内存超过 {limits.memory} MiB 的上限，已中止；若确是决算公开，请用 --reading-memory 或 HEDUI_READING_MEMORY 放宽上限。",
            "en": f"reading it needs more than the limit of {limits.memory} MiB of memory; if it is a disclosure, raise the limit "
            "with --reading-memory or HEDUI_READING_MEMORY",
        }
    return {
        "zh": f"读取进程意外终止（{how or '内部错误'}），其余文档不受影响；请把文件和这一行发给维护者。",
        "en": f"the process that read it ended unexpectedly ({how or 'internal error'}), other documents are not affected; "
        "send the file and this line to the maintainers",
    }
