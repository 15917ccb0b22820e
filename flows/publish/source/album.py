"""Pictures of the pages on which findings stand: taken over from the site that stands, or drawn from the document.

A document is drawn only from the very bytes that were read (their sha256 is that of the record), in processes bounded in time and
memory. Whatever keeps a page from being drawn is told in words on the site and holds nothing up.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from flows import collect
from flows.collect import downloads
from flows.collect.places import is_url
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import Run
from flows.read.document import Unreadable
from flows.read.formats import BMP, JPEG, PDF, PNG, TIFF
from flows.workers.limits import Limits
from flows.workers.pool import Workers

FOLDER = "sources"
MANIFEST = "pictures.json"
CHOICES = ("findings", "all", "none")
EDITION = 2
"""Raised when pages are to be drawn anew because they would come out otherwise."""
DRAWN = (PDF, PNG, JPEG, TIFF, BMP)
"""Formats whose pages are drawn."""
SECONDS, MEMORY = 20, 1024
"""What drawing some pages of one document may take; an ordinary page takes a twentieth of a second."""
TOGETHER = 16
"""Pages asked for at once."""
PATIENCE = 3
"""Pages that may each end the process that draws them, before the rest of the document is left."""
_RUNS = "flows.publish.source.rendering:draw"


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as a picture: the file's address from the site's root; width and height of the page in points."""

    file: str
    width: float
    height: float
    size: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """What there is of one document. `why`: "" or why pages are lacking: gone, changed (other bytes are there) or failed."""

    pages: Mapping[int, Picture] = field(default_factory=dict)
    failed: tuple[int, ...] = ()
    why: str = ""


NOTHING = Pictures()


@dataclass(frozen=True, slots=True)
class Album:
    """The pictures of a site, by sha256 of the document."""

    documents: Mapping[str, Pictures] = field(default_factory=dict)
    folder: Path = Path()
    """The site in which they stand."""

    def of(self, sha256: str) -> Pictures:
        """The pictures of a document; none where none were wanted."""
        return self.documents.get(sha256, NOTHING)


EMPTY = Album()
"""No pictures."""


def page_name(sha256: str, page: int | None = None) -> str:
    """The name, without ending, under which a document or one of its pages stands in the folder of sources."""
    return f"{sha256[:20]}-{page}" if page else sha256[:20]


def gather(
    reckoned: Reckoned,
    run: Run | None,
    choice: str,
    site: Path,
    standing: Path,
    workers: int = min(4, os.cpu_count() or 1),
) -> Album:
    """Every page that `choice` wants has its picture in `site`, or the reason why not is known.

    `choice`: "findings" (pages on which a figure, claim or sentence of a finding stands), "all" or "none". Pictures of the site at
    `standing` are taken over. Raises ValueError for another choice, OSError when the disk fails.
    """
    if choice not in CHOICES:
        raise ValueError(f"page images can be {', '.join(CHOICES)}, not {choice!r}")
    wanted = _wanted(reckoned, run, choice)
    had = _recorded(standing)
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    known = {
        sha256: _taken_over(sha256, had.get(sha256, NOTHING), pages, standing, site) for sha256, pages in wanted.items()
    }
    lacking = {
        sha256: rest
        for sha256, pages in wanted.items()
        if (rest := sorted(set(pages) - set(known[sha256].pages) - set(known[sha256].failed)))
    }
    known.update(_drawn(reckoned.db, lacking, known, site, workers))
    _record(site, known)
    return Album(known, site)


def _wanted(reckoned: Reckoned, run: Run | None, choice: str) -> dict[str, list[int]]:
    """The pages to be shown of each document of a current filing whose pages can be drawn."""
    if choice == "none" or run is None:
        return {}
    asked = _PAGES_OF_FINDINGS if choice == "findings" else _ALL_PAGES
    parameters: dict[str, Any] = {"drawn": list(DRAWN)}
    if choice == "findings":
        parameters["run"] = run.id
    return {sha256: sorted(pages) for sha256, pages in reckoned.rows(asked, parameters)}


_ALL_PAGES = """
    SELECT DISTINCT d.sha256, range(1, coalesce(d.pages, 0) + 1) FROM filing f JOIN document d ON d.sha256 = f.document
    WHERE f.current AND d.media_type IN (SELECT unnest($drawn)) AND d.pages > 0 ORDER BY 1
"""
_PAGES_OF_FINDINGS = """
    WITH found AS (
        SELECT v.filing, v.instance, v.terms, f.document FROM verdict v JOIN filing f USING (filing) JOIN document d ON d.sha256 = f.document
        WHERE f.current AND v.run = $run AND v.status = 'broken' AND d.media_type IN (SELECT unnest($drawn))
    ), term AS (SELECT DISTINCT filing, document, unnest(terms).id AS id FROM found),
    said AS (
        SELECT filing, document, TRY_CAST(instance AS INTEGER) AS position FROM found
        UNION SELECT t.filing, t.document, r.sentence FROM found t JOIN claim_relation r ON r.filing = t.filing AND r.id = t.instance
    ), place AS (
        SELECT document, page FROM term JOIN figure USING (filing, id)
        UNION SELECT document, page FROM term JOIN claim USING (filing, id)
        UNION SELECT document, page FROM said JOIN sentence USING (filing, position)
    )
    SELECT document, list(page) FROM place WHERE page > 0 GROUP BY 1 ORDER BY 1
"""


# ---- what the standing site has --------------------------------------------------------------------------------------------


def _recorded(site: Path) -> dict[str, Pictures]:
    """The pictures of a site as it recorded them; nothing where it did not, or where they were drawn otherwise."""
    try:
        told = json.loads((site / FOLDER / MANIFEST).read_text("utf-8"))
        if told["edition"] != EDITION:
            return {}
        return {
            sha256: Pictures(
                {int(page): Picture(*values) for page, values in one["pages"].items()}, tuple(one["failed"]), one["why"]
            )
            for sha256, one in told["documents"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _record(site: Path, known: Mapping[str, Pictures]) -> None:
    told = {
        sha256: {
            "pages": {page: [one.file, one.width, one.height, one.size] for page, one in pictures.pages.items()},
            "failed": pictures.failed,
            "why": pictures.why,
        }
        for sha256, pictures in known.items()
    }
    (site / FOLDER / MANIFEST).write_text(json.dumps({"edition": EDITION, "documents": told}), "utf-8")


def _taken_over(sha256: str, had: Pictures, pages: Iterable[int], standing: Path, site: Path) -> Pictures:
    """Those of `pages` that the standing site has, now in `site` as well: the same file twice where the disk can."""
    kept: dict[int, Picture] = {}
    for page in pages:
        one = had.pages.get(page)
        if one is None or not one.file.startswith(f"{FOLDER}/{page_name(sha256, page)}."):
            continue
        source, target = standing / one.file, site / one.file
        with suppress(OSError):
            if source.stat().st_size == one.size:
                try:
                    os.link(source, target)
                except OSError:
                    shutil.copy2(source, target)
                kept[page] = one
    return Pictures(kept, had.failed, "failed" if had.failed else "")


# ---- drawing ----------------------------------------------------------------------------------------------------------------


def _drawn(
    db: duckdb.DuckDBPyConnection,
    lacking: Mapping[str, Sequence[int]],
    known: Mapping[str, Pictures],
    site: Path,
    workers: int,
) -> Iterator[tuple[str, Pictures]]:
    """The documents with lacking pages, now with those that could be drawn."""
    if not lacking:
        return
    sources, fetched = _sources(db, list(lacking)), _downloads(db)
    with (
        Workers(Limits(SECONDS, MEMORY, workers), len(lacking), _RUNS) as drawing,
        ThreadPoolExecutor(len(drawing)) as threads,
    ):

        def one(sha256: str) -> tuple[str, Pictures]:
            media_type, addresses = sources.get(sha256, ("", []))
            data, why = _bytes_of(sha256, addresses, fetched)
            if not data:
                return sha256, Pictures(known[sha256].pages, known[sha256].failed, why)
            return sha256, _draw(drawing, sha256, media_type, data, lacking[sha256], known[sha256], site)

        yield from threads.map(one, lacking)


def _sources(db: duckdb.DuckDBPyConnection, documents: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    rows = db.execute(
        "SELECT d.sha256, d.media_type, list(s.source ORDER BY s.source <> d.source, s.source) "
        "FROM document d JOIN document_source s USING (sha256) WHERE d.sha256 IN (SELECT unnest(?)) GROUP BY ALL",
        [documents],
    ).fetchall()
    return {sha256: (media_type, sources) for sha256, media_type, sources in rows}


def _downloads(db: duckdb.DuckDBPyConnection) -> Path | None:
    """Where the downloads of this warehouse lie; None for one in memory."""
    (file,) = db.execute("SELECT path FROM duckdb_databases() WHERE database_name = current_database()").fetchone() or (
        None,
    )
    return Path(file).absolute().parent / downloads.FOLDER if file else None


def _bytes_of(sha256: str, addresses: Iterable[str], fetched: Path | None) -> tuple[bytes, str]:
    """The document's bytes from the downloads or from where it was read, or b"" and why there are none: gone, or changed.

    Nothing is fetched for a picture.
    """
    why = "gone"
    held = [collect.Source("", "", downloads.place(fetched, sha256))] if fetched else []
    for source in (*held, *(collect.Source(one, "") for one in addresses if not is_url(one))):
        try:
            data = source.data()
        except OSError:
            logging.getLogger("hedui").debug("%s cannot be opened for its pictures", source.address, exc_info=True)
            continue
        if collect.fingerprint(data) == sha256:
            return data, ""
        why = "changed"
    return b"", why


def _draw(
    drawing: Workers, sha256: str, media_type: str, data: bytes, pages: Sequence[int], known: Pictures, site: Path
) -> Pictures:
    """The pages drawn together; where that fails one by one, so that one bad page costs no other."""
    made = dict(known.pages)
    left = PATIENCE
    for start in range(0, len(pages), TOGETHER):
        some = pages[start : start + TOGETHER]
        if not _try(drawing, sha256, media_type, data, some, made, site):
            for page in some if len(some) > 1 else ():
                if left:
                    left -= not _try(drawing, sha256, media_type, data, [page], made, site)
        if not left:
            break
    failed = tuple(sorted({*known.failed, *(page for page in pages if page not in made)}))
    return Pictures(made, failed, "failed" if failed else "")


def _try(
    drawing: Workers,
    sha256: str,
    media_type: str,
    data: bytes,
    pages: Sequence[int],
    made: dict[int, Picture],
    site: Path,
) -> bool:
    with drawing.turn() as worker:
        try:
            answer = worker.read(data, " ".join([media_type, *map(str, pages)]))
        except Unreadable as error:
            logging.getLogger("hedui").debug("pages %s of %s were not drawn: %s", pages, sha256, error)
            return False
    for one in pickle.loads(answer):
        file = f"{FOLDER}/{page_name(sha256, one.page)}.{one.ending}"
        (site / file).write_bytes(one.data)
        made[one.page] = Picture(file, round(one.width, 2), round(one.height, 2), len(one.data))
    return True
