"""Every compiled rule judged by DuckDB alone: what `hedui check` does where the night goes through Great Expectations.

The SQL is the same, rule for rule; a test holds both to the same verdicts. The night keeps what does not pass when it judges;
`write_out` adds what does.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from expectations.sql.neighbours import FEWEST_FILERS
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, fingerprint_sql
from expectations.vocabulary import JUDGED, PEERS
from flows import standing
from flows.sql import confine, literal
from flows.standing import Wanted
from flows.warehouse import Connection

_COLUMNS = ", ".join(name for name, _ in VERDICT_COLUMNS)
_PASSED = "status IN ('holds', 'rounding')"
MEMORY = "1GB"
"""What DuckDB may hold of a warehouse while all its filings are judged; the rest goes to disk beside it."""

SLICE = 4000
"""As many filings as `write_out` takes at a time."""


class Contradiction(Exception):
    """Of a rule, another number of verdicts passes than was counted."""


def bound(connection: Connection) -> None:
    """Whatever this process does with the open warehouse stays within `MEMORY` and touches no other file."""
    confine(connection)
    limit(connection)


def limit(connection: Connection) -> None:
    """Whatever this process does with the open warehouse stays within `MEMORY`."""
    connection.execute(f"SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false")


def write_out(connection: Connection, compiled: Sequence[Compiled], run: str, passed: Mapping[str, int]) -> None:
    """Beside the verdicts of `run` that do not pass stand those that do, with their arithmetic: `passed` of each rule.

    Some filings at a time: the lists of terms do not go to disk when memory is short. Raises `Contradiction` when that is
    another number; then none is added.
    """
    bound(connection)
    added = dict.fromkeys(passed, 0)
    try:
        _forget_passed(connection, run)
        for part, wanted in standing.wanted(connection, compiled, run).items():
            for some in _slices(wanted):
                for one in compiled:
                    if one.part == part and passed.get(one.rule.id):
                        added[one.rule.id] += _add_passed(connection, one, run, some)
        for rule, count in passed.items():
            if added[rule] != count:
                raise Contradiction(f"{rule}: {added[rule]} verdicts pass where {count} were counted")
    except BaseException:
        _forget_passed(connection, run)
        raise


def _slices(wanted: Wanted) -> list[str]:
    """SELECTs of the filings of one part, so many at a time; "" for all there are."""
    slices = max(1, -(-wanted.number // SLICE))
    if slices == 1:
        return ["" if wanted.all else wanted.filings]
    return [f"{wanted.filings} AND hash(filing) % {slices} = {number}" for number in range(slices)]


def _forget_passed(connection: Connection, run: str) -> None:
    connection.execute(f"DELETE FROM kept_verdict WHERE run = {literal(run)} AND {_PASSED}")


def _add_passed(connection: Connection, one: Compiled, run: str, some: str) -> int:
    rule = literal(one.rule.id)
    told = connection.execute(
        f"INSERT INTO kept_verdict (run, rule, {_COLUMNS}, fingerprint, rule_fingerprint, bundle) "
        f"SELECT b.run, {rule}, v.{_COLUMNS.replace(', ', ', v.')}, {fingerprint_sql('f.identity', rule, 'v')}, "
        f"{literal(one.rule.fingerprint)}, b.bundle FROM ({one.sql(filings=some)}) v "
        f"JOIN bundle b ON b.run = {literal(run)} AND b.filing = v.filing AND b.part = {literal(one.part)} "
        f"LEFT JOIN filing f ON f.filing = v.filing WHERE {_PASSED}"
    ).fetchone()
    return int(told[0]) if told else 0


def judge(connection: Connection, compiled: Sequence[Compiled]) -> list[dict[str, Any]]:
    """Every verdict on the filings of an in-memory warehouse, by rule and instance, as mappings with the columns of
    `VERDICT_COLUMNS`, `rule` and `fingerprint`.

    A rule whose SQL fails raises duckdb.Error: a crashed rule is an error, never a pass.
    """
    # Planning costs more than running on a handful of rows: no optimiser, and no rule over a table without rows.
    connection.execute("PRAGMA disable_optimizer")
    filled = {
        base
        for base in {one.base for one in compiled}
        if connection.execute(f'SELECT 1 FROM "{base}" LIMIT 1').fetchone()
    }
    connection.execute("DELETE FROM kept_verdict")
    todo = _comparable(connection, [one for one in compiled if one.base in filled])
    workers = max(1, min(4, os.cpu_count() or 1))
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda some: _run(connection, some), (todo[start::workers] for start in range(workers))))
    found = connection.execute(
        f"SELECT v.rule, v.{_COLUMNS.replace(', ', ', v.')}, {fingerprint_sql('f.identity', 'v.rule', 'v')} AS fingerprint "
        "FROM kept_verdict v JOIN filing f ON f.filing = v.filing"
    )
    names = [column[0] for column in found.description or ()]
    verdicts = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    order = {one.rule.id: position for position, one in enumerate(compiled)}
    return sorted(verdicts, key=lambda verdict: (order[verdict["rule"]], verdict["filing"], verdict["instance"]))


def _comparable(connection: Connection, compiled: Sequence[Compiled]) -> list[Compiled]:
    """The rules that have what they compare with. Of the others every verdict is that it is not there: entered at once, for to
    plan each of their queries would cost a check of one document more than all it says."""
    there = f"count(previous) > 0, max(peers) >= {PEERS}, count(*) >= {FEWEST_FILERS}"
    row = connection.execute(f"SELECT {there} FROM {JUDGED}").fetchone() or (False,) * 3
    at_hand = {need for need, there in zip(("previous", "peers", "filers"), row, strict=True) if there}
    todo, without = [], defaultdict(list)
    for one in compiled:
        if at_hand.issuperset(one.needs):
            todo.append(one)
        elif one.lacking:
            without[one.lacking].append(one.rule.id)
    for lacking, rules in without.items():
        each = f"(SELECT unnest({literal(rules)}) AS rule) r"
        connection.execute(
            f"INSERT INTO kept_verdict (run, rule, {_COLUMNS}) SELECT 'check', r.rule, {_COLUMNS} FROM ({lacking}) CROSS JOIN {each}"
        )
    return todo


def _run(connection: Connection, compiled: Sequence[Compiled]) -> None:
    cursor = connection.cursor()
    for one in compiled:
        statement = f"INSERT INTO kept_verdict (run, rule, {_COLUMNS}) SELECT 'check', {literal(one.rule.id)}, {_COLUMNS} FROM ({one.sql()})"
        cursor.execute(statement)
