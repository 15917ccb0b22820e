"""Downloads by their content: each under the sha256 of its bytes, written whole or not at all, looked at again when it is read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

FOLDER = "downloads"
"""The folder's name, beside the warehouse."""
_INCOMING = ".incoming"


def place(folder: Path, sha256: str) -> Path:
    """Where the bytes of this sha256 lie, if they do."""
    return folder / sha256[:2] / sha256


def held(folder: Path, sha256: str, size: int) -> bool:
    """Whether a file of this name and size is there; what is in it is looked at when it is read."""
    try:
        return place(folder, sha256).stat().st_size == size
    except OSError:
        return False


@contextmanager
def incoming(folder: Path) -> Iterator[BinaryIO]:
    """A file to write a download to; gone afterwards unless `keep` took it. Raises OSError when the disk is full or read-only."""
    (folder / _INCOMING).mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder / _INCOMING, delete=False) as file:
        try:
            yield file  # type: ignore[misc]  # a wrapper of a binary file
        finally:
            Path(file.name).unlink(missing_ok=True)


def keep(folder: Path, file: BinaryIO, sha256: str) -> Path:
    """What was written to an incoming file is in its place, whole and on the disk."""
    path = place(folder, sha256)
    file.flush()
    os.fsync(file.fileno())
    path.parent.mkdir(exist_ok=True)
    os.replace(file.name, path)
    return path


def read(path: Path) -> bytes:
    """The bytes of a download. Raises OSError when it is gone, or is no longer what it was; then it is removed, to be fetched anew."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != path.name:
        path.unlink(missing_ok=True)
        raise OSError(f"the download {path.name[:12]} is damaged; it will be fetched anew")
    return data


def clear_incoming(folder: Path) -> None:
    """What a killed night left half written is gone."""
    for path in (folder / _INCOMING).glob("*"):
        path.unlink(missing_ok=True)


def all_held(folder: Path) -> Iterator[Path]:
    """Every download, by sha256."""
    yield from sorted(path for path in folder.glob("[0-9a-f][0-9a-f]/*") if len(path.name) == 64)
