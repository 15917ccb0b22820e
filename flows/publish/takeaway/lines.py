"""The lines of the findings.json that stands, for the next one: most findings of a night are those of the night before.

A line tells of one finding what its filing's page tells, and since when the finding has been there. Of filings that have not changed
the lines are taken over as they are, but for the latter.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

_LINE = re.compile(
    rb'(?m)^\{"id": "(\w*)", .*?, "status": "\w+", ("first_seen": (?:null|"[^"]*"), "since_last_run": (?:null|"\w+")), '
    rb'"filing": ("(?:[^"\\]|\\.)*"), .*\}'
)
"""Its id, since when it has been there, its filing. What a document says cannot look like this: within a text every " is \\"."""


class Lines:
    """The lines of the file that stands; see `standing_lines`."""

    def __init__(self, data: mmap.mmap | bytes, filings: Collection[str]) -> None:
        self._data = data
        self._places: dict[str, tuple[int, int, int, int] | None] = {}
        for found in _LINE.finditer(data):
            filing = json.loads(found[3])
            if filing in filings:
                key = _key(filing, found[1].decode())
                # Of two lines with one key neither is known.
                place = (found.start(), *found.span(2), found.end())
                self._places[key] = None if key in self._places else place

    def line(self, filing: str, fingerprint: str, since: bytes) -> bytes | None:
        """The line of this finding with `since` in it; None where there is none to take over."""
        place = self._places.get(_key(filing, fingerprint))
        if place is None:
            return None
        start, before, after, end = place
        return self._data[start:before] + since + self._data[after:end]


def _key(filing: str, fingerprint: str) -> str:
    return f"{fingerprint} {filing}"


@contextmanager
def standing_lines(path: Path | None, filings: Collection[str]) -> Iterator[Lines]:
    """The lines of the file at `path` about `filings`, which are those of which nothing has changed since it was written; none
    without `path`. Raises OSError."""
    if path is None or not filings or not path.stat().st_size:
        yield Lines(b"", ())
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield Lines(data, filings)
