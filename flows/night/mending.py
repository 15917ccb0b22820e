"""What a run that was killed has left behind: made good before the next one begins, whatever it was doing.

A change of the warehouse is one transaction or one of several that the next night goes on from; what is not, is mended here.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from flows import access, place, record, schema
from flows.night import copying
from flows.night.plan import Plan
from flows.sql import run as query
from flows.sql import transaction
from flows.warehouse import Connection


def mend(plan: Plan, connection: Connection, now: datetime) -> None:
    """Runs that were cut off are failed and nothing is left of what they had begun, neither verdicts nor what Great Expectations kept nor
    files beside the site or in DuckDB's own folder; the last whole site stands.

    `connection` is the plan's warehouse, opened for writing; no other night may run over it.
    """
    place.mend(plan.site.absolute())
    if copy := copying.place_of(plan):
        copying.mend(copy)
    for aside in access.left_aside(plan.warehouse):
        shutil.rmtree(aside, ignore_errors=True)
    with transaction(connection):
        cut_off = dict(connection.execute("SELECT run, judged FROM run WHERE status = 'running'").fetchall())
        connection.execute("UPDATE run SET status = 'failed', finished = ? WHERE status = 'running'", [now])
        for run in cut_off:
            forget(connection, run)
        connection.execute(
            f"DELETE FROM {schema.DOCUMENT_SOURCE.name} WHERE sha256 NOT IN (SELECT sha256 FROM {schema.DOCUMENT.name})"
        )
    record.mend(plan.kept / record.FOLDER, [run for run, judged in cut_off.items() if judged is None])


def forget(connection: Connection, run: str) -> None:
    """Nothing is left of what `run` was judging, unless it had judged all: later runs may rest on that."""
    if query(connection, "SELECT 1 FROM run WHERE run = ? AND judged IS NULL", run).fetchone():
        for table in schema.BASE_TABLES:
            if table.columns[0].name == "run" and table not in (schema.RUN, schema.RUN_STAGE):
                query(connection, f"DELETE FROM {table.name} WHERE run = ?", run)


def left_behind(plan: Plan) -> list[Path]:
    """What of a run stands beside warehouse and site that is there only while one runs."""
    site = plan.site.absolute()
    return [*site.parent.glob(f".{site.name}.next-*"), *access.left_aside(plan.warehouse)]
