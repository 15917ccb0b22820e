"""What the site that stands lends to the next one: files whose content cannot have changed are linked, not made and not read.

A file is made from something: a filing's page from what the warehouse holds of it, from the rule book, the words and the
templates. A digest of that is kept in `pages.json` beside the size and time of each file made from it. Where the digest is still
the same and the file is untouched, the new site gets a hard link to it (a copy where the disk has no links). A file of a site is
therefore never written in place: the site that stands may share it with the next.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

import flows
from flows.publish.press import FOLDER, Press

MANIFEST = "pages.json"
_CODE = (FOLDER, FOLDER.parent / "explain", FOLDER.parent.parent / "expectations")


@dataclass(frozen=True, slots=True)
class Standing:
    """The site that stands: its folder and, by name, what was made from what. `made` gathers the same of the site being built."""

    folder: Path
    listed: Mapping[str, Mapping[str, Any]]
    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def lend(self, name: str, made_of: str, site: Path) -> bool:
        """Whether the files of `name` now stand in `site` as well, because they are made of the same and untouched."""
        entry = self.listed.get(name)
        if not isinstance(entry, Mapping) or entry.get("made_of") != made_of:
            return False
        files = entry.get("files")
        if not isinstance(files, Mapping) or not all(self._untouched(path, mark) for path, mark in files.items()):
            return False
        for path in files:
            link(self.folder / path, site / path)
        self.note(name, made_of, files)
        return True

    def note(self, name: str, made_of: str, paths: Iterable[str]) -> None:
        """What was made of what is known to the next night."""
        self.made[name] = {"made_of": made_of, "files": tuple(paths)}

    def _untouched(self, path: str, mark: object) -> bool:
        try:
            return mark_of(self.folder / path) == mark
        except OSError:
            return False

    def write_manifest(self, site: Path) -> None:
        """The list from which the next night takes over stands in `site`. Raises OSError when a file of it is missing."""
        listed = {
            name: entry | {"files": {path: mark_of(site / path) for path in entry["files"]}}
            for name, entry in self.made.items()
        }
        (site / MANIFEST).write_text(json.dumps(listed, indent=0), "utf-8")


def standing_site(site: Path) -> Standing:
    """What `site` can lend; nothing where there is no site or its list cannot be read."""
    try:
        listed = json.loads((site / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        listed = {}
    return Standing(site, listed if isinstance(listed, dict) else {})


def mark_of(path: Path) -> list[int]:
    """By which a file is known again without reading it: its size and the time of its last change. Raises OSError."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def link(old: Path, new: Path) -> None:
    """`new` is the same file as `old`, or a copy of it where the disk has no hard links. Raises OSError."""
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(old, new)


def keep_unchanged(standing: Standing, site: Path) -> None:
    """Files that were written anew and came out as they stood are the standing ones again: whoever copies the site, or follows
    it by the time of its files, sees only what has changed."""
    if not standing.folder.is_dir():
        return
    settled = {path for entry in standing.made.values() for path in entry["files"]}
    for folder, _, names in os.walk(site):
        for name in names:
            new = Path(folder, name)
            path = new.relative_to(site)
            old = standing.folder / path
            if path.as_posix() in settled or old.is_symlink() or not old.is_file():
                continue
            if filecmp.cmp(old, new, shallow=False):
                new.unlink()
                link(old, new)


def edition(press: Press) -> str:
    """A digest of everything but its contents that a filing's page is made from."""
    made = hashlib.sha256(f"{flows.__version__} {duckdb.__version__}".encode())
    for path in sorted(path for folder in _CODE for path in folder.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".html"):
            made.update(path.read_bytes())
    made.update(repr((press.book, press.vocabulary.forms, sorted(press.rule_names.items()))).encode())
    return made.hexdigest()


def digest(*parts: object) -> str:
    """What something is made of, in one word."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()
