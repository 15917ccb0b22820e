"""One document's bytes as a disclosure, or why not in one line; and the version of all that decides how it is read."""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from flows.read.document import Unreadable
from flows.recognise.disclosure import SET_ASIDE, Disclosure

_READING_PACKAGES = (
    *("pdf_oxide", "pypdfium2", "python-calamine", "xlrd", "olefile"),
    *("rapidocr", "onnxruntime", "opencv-python-headless", "pillow"),  # the extra ocr: scans are read once it is there
)


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
