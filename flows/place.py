"""The place where the site stands: the new one is built beside it and takes it in one step, or not at all.

Light, so that a night can mend at its start what an earlier one, killed while it published, has left here.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

MARKER = "hedui-site.txt"
"""A folder that holds this file is a site of ours and may be replaced; any other folder with something in it may not."""

_KEPT = (".gitkeep", ".gitignore")
_ASIDE = "-old"
"""Ends the name of the site that stood, in the moment between the two where the system cannot exchange folders."""


def refuse_foreign(site: Path) -> None:
    """Raises FileExistsError when `site` is there and is no site of ours."""
    if not site.exists():
        return
    if not site.is_dir():
        raise FileExistsError(f"{site} is a file; the site needs a folder of its own")
    if (site / MARKER).is_file() or not [entry for entry in site.iterdir() if entry.name not in _KEPT]:
        return
    raise FileExistsError(
        f"{site} holds something other than a site of Hedui and is not replaced; name a new or empty folder"
    )


def mend(site: Path) -> None:
    """The last whole site stands, and nothing of what a publishing that was killed had begun beside it.

    Only for whoever excludes other publishings to `site`.
    """
    found = sorted(site.parent.glob(f".{site.name}.next-*"), key=lambda path: path.name.endswith(_ASIDE), reverse=True)
    for left in found:
        if left.name.endswith(_ASIDE) and not site.exists():
            left.rename(site)
        else:
            shutil.rmtree(left, ignore_errors=True)


def beside(site: Path) -> Path:
    """A new folder beside `site`, on the same disk, to build the next one in."""
    return Path(tempfile.mkdtemp(prefix=f".{site.name}.next-", dir=site.parent))


def replace(site: Path, building: Path) -> None:
    """What is in `building` stands at `site`, on the disk as well; what stood there is in `building`, to be deleted."""
    building.chmod(0o755)  # a temporary folder is its owner's alone
    if not site.exists():
        _settle(building)
        building.rename(site)
        return
    for name in _KEPT:
        if (site / name).is_file():
            shutil.copy2(site / name, building / name)
    _settle(building)
    if _exchange(site, building):
        return
    # Without an exchange in one step there is a moment without a site, but never half a one; `mend` ends that moment.
    aside = building.with_name(building.name + _ASIDE)
    site.rename(aside)
    try:
        building.rename(site)
    except OSError:
        aside.rename(site)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _settle(folder: Path) -> None:
    """What was written is on the disk: after a power cut the names of the new site must not stand over files without content."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "syncfs") or library.syncfs(held):
            os.sync()
    finally:
        os.close(held)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step where the system can (Linux renameat2); False where it cannot."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        here, swap = -100, 2
        return bool(library.renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0)
    return False
