"""The verdicts of the run under way: staged while rules are judged, and kept once all of them are accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations.reconcile import PASSED, STAGING, STAGING_SCHEMA, staging_ddl
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, fingerprint_sql
from expectations.suites import CANARY
from flows import access
from flows.judge import limit
from flows.record import ExpectationResult
from flows.sql import transaction
from flows.validate.faults import Fault, ValidationError, where


@contextmanager
def staging(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection beside an empty staging table that every connection of this process to the warehouse sees, and no other."""
    connection = access.connect(warehouse)
    try:
        limit(connection)
        connection.execute(f"ATTACH ':memory:' AS {STAGING_SCHEMA} (COMPRESS)")
        connection.execute(staging_ddl())
        yield connection
    finally:
        connection.execute(f"DETACH DATABASE IF EXISTS {STAGING_SCHEMA}")
        connection.close()


def began(connection: duckdb.DuckDBPyConnection, run: str) -> datetime:
    """When `run` began as the table `run` has it: in the order of runs, which the clock may not keep."""
    found = connection.execute("SELECT started FROM run WHERE run = ?", [run]).fetchone()
    return found[0].replace(tzinfo=UTC) if found and found[0] else datetime.now(UTC)


def refuse_lost(
    connection: duckdb.DuckDBPyConnection, compiled: Sequence[Compiled], results: tuple[ExpectationResult, ...]
) -> None:
    """Each rule staged exactly as many verdicts as Great Expectations reports for it, by every status that is no pass."""
    staged: dict[str, dict[str, int]] = {}
    for rule, status, count in connection.execute(
        f"SELECT rule, status, count(*) FROM {STAGING} GROUP BY rule, status"
    ).fetchall():
        staged.setdefault(rule, {})[status] = count
    reported = {one.rule: one for one in results if one.rule}
    faults = []
    for one in compiled:
        found, told = staged.get(one.rule.id, {}), reported[one.rule.id].counts
        if found != {status: count for status, count in told.items() if count and status not in PASSED}:
            zh = f"暂存判定 {found} 与 Great Expectations 报告的 {told} 不一致"
            faults.append(
                Fault(where(one), zh, f"staged verdicts {found} are not what Great Expectations reports, {told}")
            )
    unknown = set(staged) - set(reported)
    if unknown:
        faults.append(
            Fault("verdict_staging", f"有来历不明的判定：{unknown}", f"there are verdicts of no known rule: {unknown}")
        )
    if faults:
        raise ValidationError(faults)


def keep(connection: duckdb.DuckDBPyConnection, compiled: Sequence[Compiled], run: str) -> None:
    """The staged verdicts are in `verdict` under `run`, with their fingerprints, and no others."""
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    staged = ", ".join(f"s.{name}" for name, _ in VERDICT_COLUMNS)
    with transaction(connection):
        connection.execute("DELETE FROM kept_verdict WHERE run = ?", [run])
        told = connection.execute(
            f"INSERT INTO kept_verdict (run, rule, {columns}, fingerprint, rule_fingerprint, bundle) "
            f"SELECT b.run, s.rule, {staged}, {fingerprint_sql('f.identity', 's.rule', 's')}, r.fingerprint, b.bundle "
            f"FROM {STAGING} s JOIN (SELECT unnest(?::VARCHAR[]) AS rule, unnest(?::VARCHAR[]) AS fingerprint, "
            "unnest(?::VARCHAR[]) AS part) r ON r.rule = s.rule "
            "JOIN bundle b ON b.run = ? AND b.filing = s.filing AND b.part = r.part LEFT JOIN filing f ON f.filing = s.filing",
            [
                [one.rule.id for one in compiled],
                [one.rule.fingerprint for one in compiled],
                [one.part for one in compiled],
                run,
            ],
        ).fetchone()
        (number,) = connection.execute(f"SELECT count(*) FROM {STAGING} WHERE rule <> ?", [CANARY]).fetchone() or (0,)
        if told != (number,):
            zh, en = "有判定所属的决算本次不应核对", "there are verdicts on filings that were not to be judged"
            raise ValidationError([Fault("verdict_staging", zh, en)])
