"""A rule judged by Spark: what `reconcile.judge` does in a database, in statements that a cluster can run again in part.

Nothing is changed in place: what does not pass is written as Parquet, a folder for each rule, which a second try replaces. Nothing
here imports Spark: the session is handed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from expectations.sql.spark import in_spark
from expectations.sql.verdicts import VERDICT_COLUMNS

BATCH_VIEW = "hedui_batch"
"""The view through which a rule's query reads the rows to be judged."""
COUNTED_VIEW = "hedui_counted"
"""Of the rule that is being judged: how many instances pass, and for each filing how many do not or cannot be told yet."""
COUNTED_COLUMNS = "filing STRING, status STRING, number BIGINT"
PLACE = "hedui.verdicts"
"""The setting of the session that says in which folder verdicts are written."""
_PASSED = "status IN ('holds', 'rounding')"


def counting(outcomes: str) -> str:
    """What is counted of a rule, as Spark SQL. Raises `formula.Mistake` where Spark cannot say it."""
    return (
        f"SELECT CASE WHEN {_PASSED} THEN NULL ELSE filing END AS filing, status, count(*) AS number "
        f"FROM ({_said(outcomes)}) GROUP BY 1, 2"
    )


def failing(rule: str, query: str) -> str:
    """The verdicts of a rule that do not pass, as Spark SQL; and those that pass of filings of which that was not sure."""
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    wanted = f"SELECT filing FROM {COUNTED_VIEW} WHERE filing IS NOT NULL"
    name = rule.replace("\\", "\\\\").replace("'", "\\'")
    return (
        f"SELECT '{name}' AS rule, {columns} FROM ({_said(query, wanted)}) "
        f"WHERE NOT {_PASSED} OR filing IN (SELECT filing FROM {COUNTED_VIEW} WHERE status IS NULL)"
    )


@lru_cache(maxsize=4096)
def _said(sql: str, filings: str = "") -> str:
    """Of SQL that names {batch} and {filings}; asked for twice of every rule, when it is looked at and when it judges."""
    return in_spark(sql.replace("{batch}", BATCH_VIEW).replace("{filings}", filings))


def folder(rule: str) -> str:
    """The name of the folder in which a rule's verdicts are written."""
    return hashlib.sha256(rule.encode()).hexdigest()[:16]


def judge(
    session: Any, frame: Any, rule: str, outcomes: str, query: str, shown: Sequence[str], most: int
) -> tuple[dict[str, int], int, list[Sequence[Any]]]:
    """The verdicts of `frame` by one rule: how many there are of each status, how many there must be, and of the first `most`
    broken ones the columns `shown`, as text. Those that do not pass are in the folder that the session names.

    Raises what Spark raises, or `formula.Mistake`.
    """
    frame.createOrReplaceTempView(BATCH_VIEW)
    counted = session.sql(counting(outcomes)).persist()
    try:
        counted.createOrReplaceTempView(COUNTED_VIEW)
        sums = session.sql(f"SELECT status, sum(number) FROM {COUNTED_VIEW} GROUP BY status").collect()
        number = sum(int(count) for _, count in sums)
        counts = {status: int(count) for status, count in sums if status in ("holds", "rounding")}
        if sum(counts.values()) == number:
            return counts, number, []
        place = f"{session.conf.get(PLACE)}/{folder(rule)}"
        session.sql(failing(rule, query)).write.mode("overwrite").parquet(place)
        return _read_back(session, place, counts, number, shown, most)
    finally:
        counted.unpersist()


def _read_back(
    session: Any, place: str, counts: dict[str, int], number: int, shown: Sequence[str], most: int
) -> tuple[dict[str, int], int, list[Sequence[Any]]]:
    written = session.read.parquet(place)
    for status, count in written.groupBy("status").count().collect():
        counts[status] = counts.get(status, 0) + int(count)
    if not counts.get("broken"):
        return counts, number, []
    rows = written.where("status = 'broken'").orderBy("filing", "instance").limit(most)
    return counts, number, rows.selectExpr(*(f"CAST({column} AS STRING)" for column in shown)).collect()
