"""The lake holds what the warehouse holds before anything is judged from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flows import lake as lakes
from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened


def ready(plan: Plan) -> None:
    """The lake's address is one, and its folder, if it is of this machine, for the lake alone: known before hours of reading.

    Raises `NightFailed` (code 2).
    """
    with _told():
        lake = lakes.opened(plan.engine.lake)
        if lake.local:
            lakes.refuse_foreign(lake)


def written(plan: Plan, run: str) -> int:
    """The lake is as the warehouse is; returns how many partitions it has. Raises `NightFailed` for an address that cannot be
    used, OSError or duckdb.Error where writing fails: then the lake is as it was."""
    with _told(), opened(plan.warehouse) as connection:
        version = lakes.write(connection, lakes.opened(plan.engine.lake), run)
    return sum(len(held.partitions) for held in version.tables.values())


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except lakes.NoLake as error:
        raise NightFailed(error.message["zh"], error.message["en"], 2) from error
