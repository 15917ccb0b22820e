"""A warehouse that an interruption has left damaged: set aside, and the copy of the last completed night put in its place.

DuckDB writes some of its own tables of contents over again where they stand. A process that is ended, or a machine that loses power, in the
middle of such a write leaves a block that is half old and half new, and the file cannot be opened any more.
"""

from __future__ import annotations

import logging
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from flows import access, logs
from flows.night import copying, trouble
from flows.night.plan import Plan

_DAMAGED = "Corrupt database file"
"""What DuckDB says of a file whose blocks are not what they were when they were written."""


def restored(plan: Plan) -> tuple[dict[str, str], ...]:
    """The warehouse can be opened, or there is none; what is to be told of it, where one was put in its place.

    A damaged one is renamed and never deleted. In its place comes the readers' copy; none where no night has ever been completed, so
    that all begins anew. Where there is neither a copy nor a first time nothing is changed, and opening it says what to do. Raises
    `NightFailed` where the disk refuses.
    """
    if not plan.warehouse.exists() or not _damaged(plan.warehouse):
        return ()
    copy = copying.place_of(plan)
    found = copy if copy and copy.is_file() and not _damaged(copy) else None
    if found is None and (copy is None or plan.site.exists()):
        return ()
    aside = plan.warehouse.with_name(f"{plan.warehouse.name}.damaged-{datetime.now():%Y%m%d-%H%M%S}")
    try:
        _change_places(plan.warehouse, found, aside)
    except OSError as error:
        raise trouble.failure(error, plan) from error
    told = {
        "zh": f"仓库已损坏（中断时正在写入），已改名为 {aside}，"
        + (f"改用最近一次完成的副本 {found}，之后的内容重新读取。" if found else "因尚无完成的运行，从头读取。"),
        "en": f"the warehouse was damaged by an interruption and is set aside as {aside}; "
        + (
            f"{found}, the copy of the last completed night, stands in its place, what came later is read again"
            if found
            else "as no night was ever completed, all is read anew"
        ),
    }
    logs.say(logging.WARNING, "warehouse_restored", told["en"], damaged=aside, copy=found)
    return (told,)


def _damaged(path: Path) -> bool:
    try:
        access.connect(path, read_only=True, patience=access.PATIENCE).close()
    except duckdb.Error as error:
        return _DAMAGED in str(error)
    return False


def _change_places(warehouse: Path, copy: Path | None, aside: Path) -> None:
    """The copy is whole at the warehouse's place before anything is renamed twice: whenever this is cut off, one of the two is there."""
    log = Path(f"{warehouse}.wal")
    next_ = warehouse.with_name(f"{warehouse.name}.restored")
    if copy:
        shutil.copyfile(copy, next_)
    if log.exists():
        log.replace(f"{aside}.wal")
    warehouse.replace(aside)
    if copy:
        next_.replace(warehouse)
