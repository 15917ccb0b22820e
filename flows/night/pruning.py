"""Downloads that need not be kept any longer, by what their source says; what filings refer to stays unless it says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flows import warehouse
from flows.collect import downloads
from flows.collect.declared import DeclaredSource, Keep

STRAY_DAYS = 7
"""Days after which a download goes that no address is known to have had: a night was killed before it was recorded."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A download that may go: the file, its size, the address at which it was found ("" for a stray one)."""

    path: Path
    size: int
    address: str


@dataclass(frozen=True, slots=True)
class _Copy:
    """One content at one address: since when, how many came after it there."""

    address: str
    source: str
    seen: datetime
    later: int


def prunable(
    connection: warehouse.Connection, folder: Path, sources: Sequence[DeclaredSource], now: datetime
) -> tuple[Pruned, ...]:
    """The downloads that may go, by sha256. What stands at an address now always stays."""
    keeps = {one.name: one.keep for one in sources}
    copies = _copies(connection)
    referred = {sha256 for (sha256,) in connection.execute("SELECT DISTINCT document FROM filing").fetchall()}
    made = []
    for path in downloads.all_held(folder):
        held, state = copies.get(path.name, []), path.stat()
        if held:
            goes = all(_lets_go(one, keeps.get(one.source, Keep()), path.name in referred, now) for one in held)
        else:
            old = datetime.fromtimestamp(state.st_mtime) < datetime.now() - timedelta(days=STRAY_DAYS)
            goes = old and path.name not in referred
        if goes:
            made.append(Pruned(path, state.st_size, held[0].address if held else ""))
    return tuple(made)


def prune(pruned: Sequence[Pruned]) -> None:
    """They are gone."""
    for one in pruned:
        one.path.unlink(missing_ok=True)


def _lets_go(one: _Copy, keep: Keep, referred: bool, now: datetime) -> bool:
    if not one.later or (referred and keep.referred == "keep"):
        return False
    old = keep.days is not None and one.seen < now - timedelta(days=keep.days)
    return old or (keep.versions is not None and one.later >= keep.versions)


def _copies(connection: warehouse.Connection) -> dict[str, list[_Copy]]:
    """Every content at every address that a source has, by sha256; `later` counts what came there after it."""
    rows = connection.execute(
        "WITH seen AS (SELECT address, later AS sha256, max(first_seen) AS seen FROM replacement GROUP BY ALL UNION ALL "
        "SELECT address, earlier, min(first_seen) FROM replacement GROUP BY ALL UNION ALL "
        "SELECT address, sha256, coalesce(fetched, TIMESTAMP '1970-01-01') FROM address), "
        "once AS (SELECT address, sha256, max(seen) AS seen FROM seen GROUP BY ALL) "
        "SELECT o.address, o.sha256, a.source, o.seen, a.sha256 = o.sha256, "
        "row_number() OVER (PARTITION BY o.address ORDER BY a.sha256 = o.sha256 DESC, o.seen DESC) - 1 "
        "FROM once o JOIN address a USING (address)"
    ).fetchall()
    made: dict[str, list[_Copy]] = defaultdict(list)
    for address, sha256, source, seen, _, later in rows:
        made[sha256].append(_Copy(address, source, seen, later))
    return made
