"""The checks that everyone runs: twenty rules of the library whose SQL by hand the bench of judging has, as data for the runners.

Sums along a row, totals over children, forms against each other. The forms of the generated filings are all read; whether one was is a
question that only Hedui and the SQL by hand ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from expectations import rules
from tests.bench import handwritten

RULES = (
    "T01.income", "T01.income_grand_total", "T02.row", "T03.row", "T04.income", "T04.expenditure_grand_total.total", "T05.row",
    "T07.total.outturn",
    "T02.rollup.total", "T03.rollup.total", "T03.rollup.project", "T05.rollup.total", "T05.rollup.project",
    "X.T01-T02.income", "X.T01-T03.expenditure", "X.T02-T04.appropriation", "X.T04-T05.total", "X.T04-T07.total",
    "X.T03-T05.total", "X.T03-T05.project",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check of `table`, whose amounts are `left`, against the amounts `right`, of the same row or of `other`.

    A row: sum of `left` = sum of `right`. A rollup: `left` = the sum of `left` over children. Across: `left` of the row `row_key`
    ("" in a table of one row a filing) against `right` of the row `other_key` of `other`, or of the row of the same code.
    """

    rule: str
    kind: Literal["row", "rollup", "across"]
    table: str
    left: tuple[str, ...]
    right: tuple[str, ...] = ()
    other: str = ""
    row_key: str = ""
    other_key: str = ""
    by_code: bool = False
    sign: str = "="


def checks() -> tuple[Check, ...]:
    """The twenty, in their order. Raises KeyError when the bench has no SQL for one."""
    return tuple(_check(rule) for rule in RULES)


def queries(made: Iterable[Check]) -> dict[str, str]:
    """Rule → the SELECT by hand of how many instances are broken."""
    known = handwritten.handwritten(rules.load())
    return {check.rule: known[check.rule] for check in made}


def tables(made: Iterable[Check]) -> list[str]:
    """The tables that the checks read, in the order of their first use."""
    return list(dict.fromkeys(name for check in made for name in (check.table, check.other) if name))


def counted(warehouse: Path, by_hand: dict[str, str], filings: Iterable[str]) -> dict[str, int]:
    """Rule → how many instances are broken among some filings, by the SQL by hand."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(
            "CREATE TEMP TABLE some_filings AS SELECT * FROM judged_filing WHERE filing IN (SELECT unnest(?))",
            [list(filings)],
        )
        found = {rule: connection.execute(_of_some(sql)).fetchone() for rule, sql in by_hand.items()}
    return {rule: int(row[0]) for rule, row in found.items() if row}


def _of_some(sql: str) -> str:
    return sql.replace("JOIN judged_filing f ", "JOIN some_filings f ")


def _check(rule: str) -> Check:
    if rule in handwritten._ROWS:
        table, formula, condition = handwritten._ROWS[rule]
        if condition:
            raise KeyError(f"{rule} has a condition of its own")
        left, right = (tuple(side.split(" + ")) for side in formula.split(" = "))
        return Check(rule, "row", table, left, right)
    if rule in handwritten._ACROSS:
        (table, row_key, left_), sign, (other, other_key, right_) = handwritten._ACROSS[rule]
        if other_key == "code":
            return Check(rule, "across", table, (left_,), (right_,), other, by_code=True, sign=sign)
        return Check(rule, "across", table, (left_,), (right_,), other, row_key, other_key, sign=sign)
    family, _, column = rule.rpartition(".")
    return Check(rule, "rollup", handwritten._ROLLUPS[family][0], (column,))
