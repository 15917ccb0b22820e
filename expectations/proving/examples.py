"""Rules proved by their own examples: each becomes a tiny filing, judged by the very SQL that judges real ones.

An example maps the names of the rule's formula to printed values; their decimals are their precision. A rule whose "broken"
example does not break, or whose "holds" example does not hold, is a defect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import InvalidOperation

import duckdb

from expectations import classification
from expectations.formula import Mistake
from expectations.proving.specimen import Specimen, create_tables, fill, store
from expectations.rules import Rule
from expectations.sql.verdicts import Compiled
from expectations.vocabulary import Vocabulary

EXPECTED = {
    "holds": ("holds", "rounding"),
    "rounding": ("rounding",),
    "broken": ("broken",),
    "not_verifiable": ("not_verifiable",),
}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example judged: `expected` is its kind, `got` the statuses found, `passed` whether they agree."""

    rule: Rule
    expected: str
    number: int
    got: tuple[str, ...]
    problem: str = ""

    @property
    def passed(self) -> bool:
        if self.problem or not self.got:
            return False
        if self.expected == "broken":
            return "broken" in self.got
        return all(status in EXPECTED[self.expected] for status in self.got)


def test_examples(compiled: Iterable[Compiled], vocabulary: Vocabulary) -> tuple[ExampleResult, ...]:
    """Every example of every rule, judged."""
    todo = [
        (one, kind, number, example)
        for one in compiled
        for kind, found in one.rule.examples.items()
        for number, example in enumerate(found)
    ]
    connection = duckdb.connect()
    connection.execute("PRAGMA disable_optimizer")  # planning costs more than running on a handful of rows
    create_tables(connection, vocabulary)
    listed = ", ".join(map(str, classification.rows()))
    connection.execute(f"INSERT INTO {classification.TABLE.name} VALUES {listed}")
    results: dict[int, ExampleResult] = {}
    connection.begin()
    for position, (one, kind, number, example) in enumerate(todo):
        made = Specimen(f"e{position}")
        try:
            fill(made, one.rule, example, vocabulary)
            store(connection, made, vocabulary)
        except (Mistake, InvalidOperation) as error:
            results[position] = ExampleResult(one.rule, kind, number, (), str(error) or "not a number")
    connection.commit()
    statuses = {one.rule.id: _statuses(connection, one) for one, *_ in todo}
    for position, (one, kind, number, _) in enumerate(todo):
        got = tuple(statuses[one.rule.id].get(f"e{position}", ()))
        results.setdefault(position, ExampleResult(one.rule, kind, number, got))
    connection.close()
    return tuple(results[position] for position in range(len(todo)))


def _statuses(connection: duckdb.DuckDBPyConnection, one: Compiled) -> dict[str, list[str]]:
    """The statuses that one rule finds, by filing."""
    found: dict[str, list[str]] = {}
    for filing, status in connection.execute(f"SELECT filing, status FROM ({one.sql()})").fetchall():
        found.setdefault(filing, []).append(status)
    return found
