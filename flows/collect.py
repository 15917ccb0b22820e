"""Where disclosures come from: files, folders, and any address that fsspec knows; and what is read of each.

`find` lists documents in a stable order; `understand` turns one into a disclosure or says in one line why it cannot.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from flows.read.document import Unreadable
from flows.recognise.disclosure import SET_ASIDE, Disclosure

_SKIPPED_SUFFIXES = (".yaml", ".yml")
"""Lists that people keep beside documents; everything else that lies in a folder is taken for a disclosure."""

_READING_PACKAGES = (
    *("pdf_oxide", "pypdfium2", "python-calamine", "xlrd", "olefile"),
    *("rapidocr", "onnxruntime", "opencv-python-headless", "pillow"),  # the extra ocr: scans are read once it is there
)


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was found: `address` as people name it (a path or URL), its name without folders."""

    address: str
    name: str

    def data(self) -> bytes:
        """Its bytes. Raises OSError when it cannot be opened."""
        if _is_url(self.address):
            import fsspec

            with fsspec.open(self.address, "rb") as file:
                return bytes(file.read())
        return Path(self.address).read_bytes()


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
    A file named outright is always taken. Raises `Missing` for an address at which there is nothing.
    """
    found: dict[str, Source] = {}
    for address in map(str, addresses):
        for one in _at_url(address) if _is_url(address) else _at_path(Path(address)):
            found.setdefault(one, Source(one, PurePosixPath(one.replace("\\", "/")).name))
    return tuple(found.values())


def understand(data: bytes, name: str) -> Disclosure:
    """The document as a disclosure. Raises `Unreadable` with one line for people, whatever is wrong with it.

    Nothing bounds the time and memory that it takes here: `flows.workers` has it run where they are. MemoryError passes.
    """
    from flows.read import read_bytes
    from flows.recognise import is_account, recognise

    try:
        disclosure = recognise(read_bytes(data, name))
    except (Unreadable, MemoryError):
        raise
    except Exception as error:
        logging.getLogger("hedui").debug("reading %s failed", name, exc_info=True)
        cause = f"{type(error).__name__}: {error}"
        raise Unreadable(
            "failed",
            {
                "zh": f"读取程序出错（{cause}）；请把文件和这一行发给维护者。",
                "en": f"the reader failed ({cause}); send the file and this line to the maintainers",
            },
        ) from error
    if not is_account(disclosure) and disclosure.filing.kind not in SET_ASIDE:
        raise Unreadable(
            "no_form",
            {
                "zh": "没有任何决算报表，也没有决算情况说明；请确认文件是决算公开，或提供含报表的文件。",
                "en": "it holds no form of final accounts and no narrative of them; "
                "check that it is a disclosure, or supply the file with the forms",
            },
        )
    return disclosure


def fingerprint(data: bytes) -> str:
    """The sha256 of a document's bytes."""
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=1)
def reader_version() -> str:
    """Changes whenever a document might be read differently: with the code and words that read it, and their libraries."""
    digest = hashlib.sha256()
    for path in reading_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in _READING_PACKAGES:
        digest.update(f"{name} {_version(name)}".encode())
    return digest.hexdigest()[:16]


def reading_files() -> list[Path]:
    """Every file that decides how a document is read: the code of reading and recognising, and the vocabulary."""
    import expectations.vocabulary
    import flows.read
    import flows.recognise

    code = [Path(str(package.__file__)).parent for package in (flows.read, flows.recognise)]
    found = [path for folder in code for path in sorted(folder.rglob("*.py"))]
    return [*found, *sorted(expectations.vocabulary.FOLDER.glob("*.yaml"))]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _is_url(address: str) -> bool:
    return "://" in address


def _at_path(path: Path) -> Iterable[str]:
    if path.is_dir():
        inside = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
        return [str(path / file) for file in sorted(inside) if _is_document(file.parts)]
    if not path.exists():
        raise Missing(str(path))
    return [str(path)]


def _at_url(address: str) -> Iterable[str]:
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
    return [str(files.unstrip_protocol(p)) for p in inside if _is_document(PurePosixPath(p[len(root) :]).parts)]


def _is_document(parts: tuple[str, ...]) -> bool:
    name = parts[-1]
    if any(part.startswith((".", "~$")) for part in parts):
        return False
    return not name.upper().startswith("README") and not name.lower().endswith(_SKIPPED_SUFFIXES)
