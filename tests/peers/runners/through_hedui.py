"""Hedui: the same rules as its library has them; every verdict that does not pass is kept with its arithmetic.

`night`: through Great Expectations, as every night, which also sees to the keys of the tables that the rules read and to its canary.
`rules`: the same statements without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from measured import Task, run


def night(task: Task) -> Callable[[], dict[str, Any]]:
    from expectations import vocabulary
    from expectations.sql.verdicts import compile_all
    from flows.validate import validate

    book, words = _book(task), vocabulary.load()

    def work() -> dict[str, Any]:
        done = validate(Path(task["warehouse"]), book, compile_all(book, words), "bench")
        wanted = {rule.id for rule in book.rules}
        return {"broken": {one.rule: one.unexpected_count for one in done.results if one.rule in wanted}}

    return work


def rules(task: Task) -> Callable[[], dict[str, Any]]:
    import duckdb

    from expectations import vocabulary
    from expectations.reconcile import STAGING_SCHEMA, judge, staging_ddl
    from expectations.sql.verdicts import compile_all
    from flows.judge import bound

    book, words = _book(task), vocabulary.load()

    def work() -> dict[str, Any]:
        with duckdb.connect(task["warehouse"]) as connection:
            bound(connection)
            connection.execute(f"ATTACH ':memory:' AS {STAGING_SCHEMA} (COMPRESS)")
            connection.execute(staging_ddl())
            execute = lambda sql: connection.execute(sql).fetchall()  # noqa: E731
            found = {
                one.rule.id: judge(execute, one.base, one.rule.id, one.outcomes("{batch}"), one.sql("{batch}", "{filings}"))
                for one in compile_all(book, words)
            }  # fmt: skip
            return {"broken": {rule: tally.counts.get("broken", 0) for rule, tally in found.items()}}

    return work


def _book(task: Task) -> Any:
    """The library with the rules that are compared and no others."""
    from expectations import rules as library

    whole, wanted = library.load(), {check["rule"] for check in task["checks"]}
    return replace(whole, rules=tuple(rule for rule in whole.rules if rule.id in wanted))


if __name__ == "__main__":
    run({"night": night, "rules": rules}[sys.argv[2]])
