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
from expectations.rules import RuleBook
from expectations.vocabulary import Vocabulary
from flows.publish.press import FOLDER

MANIFEST = "pages.json"
_CODE = (FOLDER, FOLDER.parent / "explain", FOLDER.parent.parent / "expectations")


@dataclass(frozen=True, slots=True)
class Standing:
    """The site that stands: its folder, by name what was made from what, and what the database answered when it was made.

    `made` and `answers` gather the same of the site being built.
    """

    folder: Path
    listed: Mapping[str, Mapping[str, Any]]
    known: Mapping[str, Any] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def lend(self, name: str, made_of: str, site: Path) -> bool:
        """Whether the files of `name` now stand in `site` as well, because they are made of the same and untouched."""
        if self.made_of(name) != made_of or not self.untouched(name):
            return False
        here, there, files = f"{self.folder}/", f"{site}/", self.listed[name]["files"]
        for path in files:
            link(here + path, there + path)
        self.made[name] = {"made_of": made_of, "files": files}
        return True

    def made_of(self, name: str) -> str | None:
        """What the standing files of `name` were made of; None where there are none."""
        entry = self.listed.get(name)
        return entry.get("made_of") if isinstance(entry, Mapping) else None

    def untouched(self, name: str) -> bool:
        """Whether the standing files of `name` are there as they were written."""
        entry = self.listed.get(name)
        files = entry.get("files") if isinstance(entry, Mapping) else None
        # By the ten thousand: paths as text, each file asked about once.
        here = f"{self.folder}/"
        return isinstance(files, Mapping) and all(_untouched(here + path, mark) for path, mark in files.items())

    def note(self, name: str, made_of: str, paths: Iterable[str]) -> None:
        """What was made of what is known to the next night."""
        self.made[name] = {"made_of": made_of, "files": dict.fromkeys(paths)}

    def write_manifest(self, site: Path) -> None:
        """The list from which the next night takes over stands in `site`. Raises OSError when a file of it is missing."""
        for entry in self.made.values():
            # The marks of what was lent are those of the files that stand: links, or copies with their time.
            entry["files"] = {path: mark or mark_of(site / path) for path, mark in entry["files"].items()}
        (site / MANIFEST).write_text(json.dumps({"pages": self.made, "answers": self.answers}), "utf-8")


def standing_site(site: Path) -> Standing:
    """What `site` can lend; nothing where there is no site or its list cannot be read."""
    try:
        told = json.loads((site / MANIFEST).read_text("utf-8"))
        return Standing(site, dict(told["pages"]), dict(told["answers"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Standing(site, {})


def _untouched(path: str, mark: object) -> bool:
    try:
        found = os.stat(path)
    except OSError:
        return False
    return mark == [found.st_size, found.st_mtime_ns]


def mark_of(path: Path) -> list[int]:
    """By which a file is known again without reading it: its size and the time of its last change. Raises OSError."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def link(old: str | Path, new: str | Path) -> None:
    """`new` is the same file as `old`, or a copy of it where the disk has no hard links. Raises OSError."""
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:
        os.makedirs(os.path.dirname(new), exist_ok=True)
        try:
            os.link(old, new)
        except OSError:
            shutil.copy2(old, new)


def keep_unchanged(standing: Standing, site: Path) -> None:
    """Files that were written anew and came out as they stood are the standing ones again: whoever copies the site, or follows
    it by the time of its files, sees only what has changed."""
    if not standing.folder.is_dir():
        return
    settled = {path for entry in standing.made.values() for path in entry["files"]}
    for folder, _, names in os.walk(site):
        within = os.path.relpath(folder, site).replace(os.sep, "/")
        for name in names:
            path = name if within == "." else f"{within}/{name}"
            if path in settled:
                continue
            new, old = site / path, standing.folder / path
            if old.is_symlink() or not old.is_file() or not filecmp.cmp(old, new, shallow=False):
                continue
            new.unlink()
            link(old, new)


def edition(book: RuleBook, vocabulary: Vocabulary, names: Mapping[str, str]) -> str:
    """A digest of everything but its contents that a filing's page is made from. `names` are the file names of filings by key."""
    made = hashlib.sha256(f"{flows.__version__} {duckdb.__version__}".encode())
    for path in sorted(path for folder in _CODE for path in folder.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".html"):
            made.update(path.read_bytes())
    made.update(repr((book, vocabulary.forms)).encode())
    # Nearly every file has its filing's key for a name; another depends on the keys of others.
    made.update(repr([pair for pair in names.items() if pair[0] != pair[1]]).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def digest(*parts: object) -> str:
    """What something is made of, in one word."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()
