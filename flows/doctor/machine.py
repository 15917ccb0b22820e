"""The machine: cores and memory, room on disk, folders that can be written, the clock."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flows import warehouse
from flows.doctor.line import Line
from flows.night.plan import Plan
from flows.workers.limits import cores, machine_memory

_ROOM = 1
_AMPLE = 5
"""GiB free: below the first a night is likely to end for want of room, below the second it is time to look."""
_MEMORY = 2
"""GiB: what judging and publishing may take, besides the processes that read."""
_ZONE = "Asia/Shanghai"
_GIB = 2**30


def strength(plan: Plan) -> Iterator[Line]:
    """Cores and memory suffice for the night and for as many documents as are read at a time."""
    memory, limits = machine_memory() / _GIB, plan.limits
    zh = f"{cores()} 核，内存 {memory:.1f} GiB；同时读 {limits.workers} 份文档，每份至多 {limits.memory} MiB"
    en = f"{cores()} cores, {memory:.1f} GiB of memory; {limits.workers} documents read at a time, each {limits.memory} MiB at most"
    if memory >= max(_MEMORY, limits.workers * limits.memory / 1024):
        yield Line("machine", "ok", zh, en)
        return
    yield Line(
        "machine",
        "warn",
        zh,
        en,
        f"请备 {_MEMORY} GiB 以上内存，或调低 HEDUI_READING_WORKERS、HEDUI_READING_MEMORY。",
        f"have {_MEMORY} GiB and more, or lower HEDUI_READING_WORKERS or HEDUI_READING_MEMORY",
    )


def disk(plan: Plan) -> Iterator[Line]:
    """There is room beside the warehouse and beside the site, and for what is unpacked meanwhile."""
    places = {
        "warehouse": _standing(plan.kept),
        "site": _standing(plan.site.absolute().parent),
        "temporary": Path(tempfile.gettempdir()),
    }
    for name, folder in places.items():
        free = shutil.disk_usage(folder).free / _GIB
        told = (f"{folder} 可用 {free:.1f} GiB", f"{free:.1f} GiB free at {folder}")
        if free >= _AMPLE:
            yield Line(f"disk.{name}", "ok", *told)
            continue
        status = "fail" if free < _ROOM else "warn"
        yield Line(
            f"disk.{name}",
            status,
            *told,
            f"请腾出空间，{_AMPLE} GiB 以上为宜；磁盘写满时旧的页面和仓库仍在，但当夜不会完成。",
            f"make room, {_AMPLE} GiB and more; on a full disk the old pages and the warehouse stand, but the night does not complete",
        )


def folders(plan: Plan) -> Iterator[Line]:
    """The folders of warehouse and site can be written, files in them locked and linked as the night does."""
    for name, wanted in (("warehouse", plan.kept), ("site", plan.site.absolute().parent)):
        folder = _standing(wanted)
        fault = _tried(folder)
        if not fault:
            yield Line(f"folder.{name}", "ok", f"{wanted} 可写", f"{wanted} can be written")
            continue
        yield Line(
            f"folder.{name}",
            "fail",
            f"{folder} 不可用：{fault}",
            f"{folder} cannot be used: {fault}",
            f"请让运行者（{_user()}）可写，或用 --warehouse、--site 另选本机磁盘上的位置。",
            f"let {_user()} write there, or choose a place on a local disk with --warehouse and --site",
        )


def clock(plan: Plan) -> Iterator[Line]:
    """The time zone of the schedule is known, and the clock does not stand before what the warehouse has seen."""
    try:
        there = datetime.now(ZoneInfo(_ZONE))
    except (OSError, ValueError):
        yield Line(
            "clock",
            "fail",
            f"不认识时区 {_ZONE}",
            f"the time zone {_ZONE} is not known",
            "请安装 tzdata。",
            "install tzdata",
        )
        return
    newest = _newest(plan)
    now = datetime.now(UTC).replace(tzinfo=None)
    if newest and newest > now:
        yield Line(
            "clock",
            "warn",
            f"系统时间 {now:%Y-%m-%d %H:%M}（UTC）早于上次运行 {newest:%Y-%m-%d %H:%M}",
            f"the clock says {now:%Y-%m-%d %H:%M} (UTC), the last run began at {newest:%Y-%m-%d %H:%M}",
            "请校准时间（timedatectl set-ntp true）。",
            "set it right (timedatectl set-ntp true)",
        )
        return
    here = datetime.now().astimezone()
    yield Line(
        "clock",
        "ok",
        f"本机 {here:%Y-%m-%d %H:%M %Z}，日程所用 {_ZONE} {there:%H:%M}",
        f"here {here:%Y-%m-%d %H:%M %Z}, by the schedule's {_ZONE} {there:%H:%M}",
    )


def _newest(plan: Plan) -> datetime | None:
    if not plan.warehouse.is_file():
        return None
    with (
        suppress(Exception),
        warehouse.connect(plan.warehouse, read_only=True) as connection,
    ):  # `project` says what is wrong
        row = connection.execute("SELECT max(started) FROM run").fetchone()
        return row[0] if row else None
    return None


def _standing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _tried(folder: Path) -> str:
    """ "" when a file in the folder can be written, locked, linked and renamed, else why not. Nothing of it stays."""
    try:
        with tempfile.TemporaryDirectory(prefix=".hedui-doctor-", dir=folder) as inside:
            one, other = Path(inside, "one"), Path(inside, "other")
            with one.open("wb") as file:
                file.write(b"written")
                file.flush()
                os.fsync(file.fileno())
                with suppress(ImportError):
                    import fcntl

                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.link(one, other)
            other.rename(Path(inside, "renamed"))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _user() -> str:
    with suppress(ImportError, KeyError, OSError):
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    return "?"
