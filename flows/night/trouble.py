"""What fails a night from outside, told in one line in each language: what, where, and what to do."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path

import duckdb

from flows import access
from flows.night.plan import NightFailed, Plan

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_SAID = {os.strerror(number): number for number in (*_FULL, *_CLOSED, errno.EIO)} | {
    "max_temp_directory_size": errno.ENOSPC,
    "database or disk is full": errno.ENOSPC,
}
"""What DuckDB, SQLite and others say of a disk, in words instead of a number."""
_QUOTED = re.compile(r"""["'](/[^"'\n]+)["']""")
LITTLE = 8 << 20
"""Bytes: whoever fails for an unknown reason on a disk with less than this has failed because of that."""


def failure(error: BaseException, plan: Plan) -> NightFailed:
    """The failure that `error` is."""
    if isinstance(error, NightFailed):
        return error
    if held := access.holder(error):
        return locked(plan.warehouse, held)
    for cause in _causes(error):
        number, named = _number(cause), Path(_place(cause) or plan.kept)
        if number in _FULL:
            return full(named)
        if number in _CLOSED:
            return closed(named, os.strerror(number))
    for place in (plan.kept, plan.site.absolute().parent):
        if place.exists() and shutil.disk_usage(place).free < LITTLE:
            return full(place)
    if isinstance(error, FileExistsError) and plan.site.name in str(error):
        return NightFailed(
            f"{plan.site} 里不是本程序发布的网站，没有覆盖；请用 --site 指定一个新的或空的文件夹。",
            f"{plan.site} holds something other than a site of Hedui and is not replaced; name a new or empty folder with --site",
            2,
        )
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return NightFailed(f"运行失败：{said}", f"the run failed: {said}")


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _number(error: BaseException) -> int:
    """The system's number of what went wrong, 0 where it is none of those that are told here."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    return next((number for words, number in _SAID.items() if words in str(error)), 0)


def _place(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename:
        return str(error.filename)
    found = _QUOTED.search(str(error))
    return found[1] if found else ""


def full(place: Path) -> NightFailed:
    """There is no room left where `place` is to be written."""
    return NightFailed(
        f"磁盘已满，无法写入 {place}；请腾出空间（或放宽限额）后重新运行：已入库的内容和原网站都完好，会从断处继续。",
        f"the disk is full, {place} cannot be written; make room (or raise the quota) and run again: what was loaded and the "
        "former site are whole, the next run goes on from there",
    )


def closed(place: Path, cause: str) -> NightFailed:
    """`place` may not be written."""
    return NightFailed(
        f"无法写入 {place}（{cause}）；请检查权限和挂载方式，或用 --warehouse、--site、--reader-copy 换一个可写的位置。",
        f"{place} cannot be written ({cause}); look at its permissions and how it is mounted, or name another place with "
        "--warehouse, --site or --reader-copy",
    )


def locked(warehouse: Path, held: access.Holder) -> NightFailed:
    """Somebody has the warehouse's own file open."""
    return NightFailed(
        f"仓库 {warehouse} 被另一个程序打开着（{held}）；请关闭它后重新运行。查询请改用只读副本（--reader-copy，默认在网站旁）。",
        f"the warehouse {warehouse} is open in another program ({held}); close it and run again. For queries there is a copy "
        "(--reader-copy, by default beside the site)",
    )


def unopened(warehouse: Path, error: duckdb.Error) -> NightFailed:
    """The warehouse cannot be opened."""
    if held := access.holder(error):
        return locked(warehouse, held)
    number = _number(error)
    if number in _FULL:
        return full(warehouse)
    if number in _CLOSED:
        return closed(warehouse, os.strerror(number))
    cause = str(error).splitlines()[0]
    return NightFailed(
        f"打不开仓库 {warehouse}（{cause}）；如果它不是本程序的仓库，请用 --warehouse 指定另一个位置；如果已损坏，请恢复备份或只读副本。",
        f"the warehouse {warehouse} cannot be opened ({cause}); if it is none of Hedui's, name another place with --warehouse; "
        "if it is damaged, put a backup or the readers' copy in its place",
    )
