"""Documents in stores that fsspec knows (s3, sftp, …): listed, and copied within limits."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flows.collect import downloads
from flows.collect.declared import DeclaredSource
from flows.collect.faults import Fault
from flows.collect.genuine import check_for, kind
from flows.collect.places import is_document
from flows.collect.web.fetching import MIB, Answer
from flows.collect.web.index import Link

if TYPE_CHECKING:
    from flows.collect.gathering import Held

_PIECE = 1 << 20
_SECONDS = 600.0


def listed(source: DeclaredSource, secrets: Mapping[str, str]) -> tuple[Any, Iterable[Link]]:
    """The file system and what it lists at the source's addresses, sorted. Raises `Fault` when it cannot be reached."""
    from fsspec.core import url_to_fs

    found: dict[str, Link] = {}
    files: Any = None
    for address in source.at:
        try:
            files, root = url_to_fs(address, **secrets)
            inside = sorted(files.find(root)) if files.isdir(root) else [root] if files.exists(root) else []
        except Exception as error:  # whatever a store's own library raises
            raise _unreached(address, error) from error
        if not inside:
            raise Fault("gone", f"{address} 下没有文件", f"there is nothing at {address}")
        for path in inside:
            name = PurePosixPath(path).name
            if is_document(PurePosixPath(path[len(root) :] or name).parts) and source.takes(name):
                whole = str(files.unstrip_protocol(path))
                found[whole] = Link(whole, name)
    return files, tuple(found.values())


def taken(files: Any, link: Link, before: Held | None, source: DeclaredSource, folder: Path) -> Held:
    """A copy of the file in the downloads; `before` as it was when the store marks it as unchanged. Raises `Fault`."""
    from flows.collect.gathering import Held

    path = files._strip_protocol(link.address)
    try:
        mark = str(files.ukey(path))[:200]
        if before and mark == before.etag:
            return before
        with files.open(path, "rb") as there, downloads.incoming(folder) as file:
            digest, size, until = hashlib.sha256(), 0, time.monotonic() + _SECONDS
            while piece := there.read(_PIECE):
                size += len(piece)
                if size > source.size * MIB:
                    raise Fault("too_large", f"超过 {source.size} MiB", f"it is larger than {source.size} MiB")
                if time.monotonic() > until:
                    raise Fault(
                        "too_long", f"超过 {_SECONDS:.0f} 秒仍未取完", f"it was not there after {_SECONDS:.0f} seconds"
                    )
                digest.update(piece)
                file.write(piece)
            sha256 = digest.hexdigest()
            check_for(link.name, before.kind if before else "")(
                Answer(200, link.address, size=size, sha256=sha256), file
            )
            file.seek(0)
            what = kind(file.read(4096))
            downloads.keep(folder, file, sha256)
    except Fault:
        raise
    except Exception as error:
        raise _unreached(link.address, error) from error
    return Held(
        link.address,
        source.name,
        link.name,
        sha256,
        size,
        what,
        etag=mark,
        fetched=datetime.now(UTC).replace(tzinfo=None),
    )


def _unreached(address: str, error: Exception) -> Fault:
    cause = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return Fault("not_opened", f"{address} 打不开（{cause}）", f"{address} cannot be opened ({cause})", True)
