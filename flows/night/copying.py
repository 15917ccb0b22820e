"""The copy of the warehouse that readers open: replaced as a whole after each completed night, so that neither waits for the other.

DuckDB lets one process write to a file or several read it. Whoever has the old copy open keeps reading it; who opens it next has the
new one.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import duckdb

from flows import access, logs
from flows.night import trouble
from flows.night.plan import NightFailed, Plan

NAME = "warehouse.duckdb"
NONE = "none"
"""Said instead of a path by who wants no copy."""
_CLONE = 0x40049409
"""Linux's ioctl FICLONE: the new file shares the old one's blocks, at once and without room of its own, where the disk can."""


def place_of(plan: Plan) -> Path | None:
    """Where the copy stands: as asked, else beside the site; None where none is wanted. Raises `NightFailed` when that is the
    warehouse itself."""
    if plan.reader_copy.lower() == NONE:
        return None
    chosen = Path(plan.reader_copy) if plan.reader_copy else plan.site.absolute().parent / NAME
    target = (chosen / NAME if chosen.is_dir() else chosen).absolute()
    if target.resolve() == plan.warehouse.resolve():
        raise NightFailed(
            f"只读副本不能就是仓库 {target} 本身；请用 --reader-copy 换一个位置，或用 --reader-copy none 不要副本。",
            f"the readers' copy cannot be the warehouse {target} itself; name another place with --reader-copy, or none",
            2,
        )
    return target


def publish_copy(plan: Plan) -> Path | None:
    """Readers find what the night has left; the path, None where no copy is wanted. Until then they find what was there before.

    Raises `NightFailed`: the night is complete all the same.
    """
    target = place_of(plan)
    if target is None:
        return None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mend(target)
        _settle(plan.warehouse)
        # Open for reading meanwhile: whoever would write to it waits.
        with access.connect(plan.warehouse, read_only=True, patience=access.PATIENCE):
            _replace(plan.warehouse, target)
    except (OSError, duckdb.Error) as error:
        told = trouble.failure(error, plan)
        # The command tells it in a line; how it came about is for the night's own log.
        logs.say(logging.DEBUG, "copy_failed", told.message["en"], error=True, target=target)
        raise NightFailed(
            f"本次运行已完成并已发布，但只读副本 {target} 没有更新（旧副本不变）：{told.message['zh']}",
            f"the night is complete and published, but the readers' copy {target} is still the former one: {told.message['en']}",
        ) from error
    return target


def mend(target: Path) -> None:
    """What a copying that was killed has left beside `target` is gone."""
    for left in target.parent.glob(f".{target.name}.next-*"):
        left.unlink(missing_ok=True)


def _settle(warehouse: Path) -> None:
    """All that was written is in the file itself and nothing in the log beside it."""
    with access.connect(warehouse) as connection:
        connection.execute("CHECKPOINT")


def _replace(source: Path, target: Path) -> None:
    number, name = tempfile.mkstemp(prefix=f".{target.name}.next-", dir=target.parent)
    copy = Path(name)
    try:
        with os.fdopen(number, "wb") as new, source.open("rb") as old:
            if not _cloned(old.fileno(), new.fileno()):
                shutil.copyfileobj(old, new, 1 << 22)
            new.flush()
            os.fsync(new.fileno())
        copy.chmod(0o444)  # who opens it to write is told so at once instead of working on what the next night replaces
        copy.replace(target)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _cloned(old: int, new: int) -> bool:
    with suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None, use_errno=True).ioctl(new, ctypes.c_ulong(_CLONE), old) == 0)
    return False
