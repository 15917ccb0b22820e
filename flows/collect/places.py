"""Documents at places that need no declaring: files, folders and any address that fsspec knows, in a stable order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from flows.collect import downloads

_SKIPPED_SUFFIXES = (".yaml", ".yml")
"""Lists that people keep beside documents; everything else that lies in a folder is taken for a disclosure."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was found: `address` as people name it (a path or URL), its name without folders.

    `kept` is where its bytes lie when they were downloaded; `within` the folder in which it was found, out of which no link leads.
    """

    address: str
    name: str
    kept: Path | None = None
    within: str = ""

    def data(self) -> bytes:
        """Its bytes. Raises OSError when it cannot be opened."""
        if self.kept:
            return downloads.read(self.kept)
        if is_url(self.address):
            return _fetched(self.address)
        path = Path(self.address)
        if self.within and not path.resolve().is_relative_to(Path(self.within).resolve()):
            raise OSError(f"a link that leads out of {self.within}")
        return path.read_bytes()


def _fetched(address: str) -> bytes:
    """The bytes at an address, at once and for this process alone."""
    if address.startswith(("http://", "https://")):
        from flows.collect.web.single import fetched

        return fetched(address)
    import fsspec

    with fsspec.open(address, "rb") as file:
        return bytes(file.read())


class Missing(Exception):
    """There is nothing at an address; `message` is one line for people in each language."""

    def __init__(self, address: str) -> None:
        self.message = {
            "zh": f"找不到 {address}；请检查路径。",
            "en": f"there is nothing at {address}; check the path",
        }
        super().__init__(self.message["en"])


def find(addresses: Sequence[str | Path]) -> tuple[Source, ...]:
    """Every document at `addresses`, each once, those of a folder sorted by path.

    A folder is walked; README files, lists (yaml), hidden files and lock files of office programs in it are passed over.
    A file named outright is always taken; a link in a folder is followed only within it. Raises `Missing` for an address at which there is nothing.
    """
    found: dict[str, Source] = {}
    for address in map(str, addresses):
        within = "" if is_url(address) or not Path(address).is_dir() else address
        for one in _at_url(address) if is_url(address) else _at_path(Path(address)):
            found.setdefault(one, Source(one, PurePosixPath(one.replace("\\", "/")).name, within=within))
    return tuple(found.values())


def fingerprint(data: bytes) -> str:
    """The sha256 of a document's bytes."""
    return hashlib.sha256(data).hexdigest()


def is_url(address: str) -> bool:
    """Whether an address is none of this machine's paths."""
    return "://" in address


def _at_path(path: Path) -> Iterable[str]:
    if path.is_dir():
        inside = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
        return [str(path / file) for file in sorted(inside) if is_document(file.parts)]
    if not path.exists():
        raise Missing(str(path))
    return [str(path)]


def _at_url(address: str) -> Iterable[str]:
    if address.startswith(("http://", "https://")):
        return [address]
    from fsspec.core import url_to_fs

    try:
        files: Any
        root: str
        files, root = url_to_fs(address)
        if not files.isdir(root):
            return [address]
        inside = sorted(files.find(root))
    except (OSError, ValueError, ImportError) as error:
        raise Missing(address) from error
    return [str(files.unstrip_protocol(p)) for p in inside if is_document(PurePosixPath(p[len(root) :]).parts)]


def is_document(parts: tuple[str, ...]) -> bool:
    """Whether a path in a folder is taken for a disclosure."""
    name = parts[-1]
    if any(part.startswith((".", "~$")) for part in parts):
        return False
    return not name.upper().startswith("README") and not name.lower().endswith(_SKIPPED_SUFFIXES)
