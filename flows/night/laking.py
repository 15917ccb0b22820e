"""The lake holds what the warehouse holds before anything is judged from it."""

from __future__ import annotations

from flows import lake as lakes
from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened


def written(plan: Plan, run: str) -> int:
    """The lake is as the warehouse is; returns how many partitions it has. Raises `NightFailed` for an address that cannot be
    used, OSError or duckdb.Error where writing fails: then the lake is as it was."""
    try:
        lake = lakes.opened(plan.engine.lake)
        with opened(plan.warehouse) as connection:
            version = lakes.write(connection, lake, run)
    except lakes.NoLake as error:
        raise NightFailed(error.message["zh"], error.message["en"], 2) from error
    return sum(len(held.partitions) for held in version.tables.values())
