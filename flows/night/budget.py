"""How long a night may go on beginning documents; what did not fit is kept, and comes first the next night."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from flows import schema
from flows.night.plan import Found, Outcome
from flows.sql import insert, transaction
from flows.warehouse import Connection
from flows.workers.limits import whole_number

NAME = "HEDUI_TIME_BUDGET"


def chosen_minutes(given: int | None = None) -> int | None:
    """The minutes as given, else as HEDUI_TIME_BUDGET says; None for no limit. Raises `BadLimit`."""
    return whole_number(NAME, given, 0, 1) or None


def ends(minutes: int | None, began: float) -> float | None:
    """When, by `time.monotonic`, no document is begun any more in a night that began at `began`; None for never."""
    return began + 60 * minutes if minutes else None


def spent(end: float | None) -> bool:
    """Whether that time has come."""
    return end is not None and time.monotonic() >= end


def in_turn(fresh: Sequence[Found], waiting: Mapping[str, datetime], held: Iterable[str]) -> tuple[Found, ...]:
    """The documents in the order in which they are read: those that were put off, longest first, then those that are new, then
    those that were read or tried before (`held`)."""
    known = frozenset(held)
    none = datetime.max
    return tuple(sorted(fresh, key=lambda one: (waiting.get(one.sha256, none), one.sha256 in known)))


def waiting(connection: Connection) -> dict[str, datetime]:
    """sha256 → since when, of every document that was put off."""
    return dict(connection.execute(f"SELECT sha256, since FROM {schema.POSTPONED.name}").fetchall())


def put_off(connection: Connection, outcomes: Iterable[Outcome]) -> int:
    """Exactly those of `outcomes` that there was no time for are kept as put off, since the first night that they were; returns
    how many."""
    since, now = waiting(connection), datetime.now(UTC).replace(tzinfo=None)
    rows = [
        (one.found.sha256, one.found.address, since.get(one.found.sha256, now)) for one in outcomes if one.postponed
    ]
    with transaction(connection):
        connection.execute(f"DELETE FROM {schema.POSTPONED.name}")
        insert(connection, schema.POSTPONED, rows)
    return len(rows)
