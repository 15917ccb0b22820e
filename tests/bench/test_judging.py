"""What is compared counts the same; who counts differently is found out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations import rules, vocabulary
from expectations.sql.verdicts import compile_all
from tests.bench import handwritten, judging

ERRONEOUS = ("T02.rollup.total", "T03.row", "T05.row", "T01.income", "T04.expenditure_grand_total.total", "X.T03-T05.project", "X.T01-T03.expenditure",
             "T03.negative.basic", "N.share", "N.change_amount", "N.change_pct", "N.completion", "N.citation", "N.year", "N.sum",
             "T07.total.outturn", "T06.rollup", "W.punctuation", "R.growth")  # fmt: skip


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen filings, half of them with an error of each kind."""
    path: Path = tmp_path_factory.mktemp("bench") / "warehouse.duckdb"
    judging.build(path, 16, one_in=2)
    return path


def test_sql_by_hand_counts_what_the_rules_count_in_filings_with_errors(spoiled: Path) -> None:
    book = rules.load()
    queries = handwritten.handwritten(book)
    compiled = [one for one in compile_all(book, vocabulary.load()) if one.rule.id in queries]
    assert len(compiled) == len(queries) > 100
    with duckdb.connect(str(spoiled), read_only=True) as connection:
        by_hand = {rule: connection.execute(sql).fetchone() for rule, sql in queries.items()}
        by_rule = {
            one.rule.id: connection.execute(f"SELECT count(*) FROM ({one.sql()}) WHERE status = 'broken'").fetchone()
            for one in compiled
        }
        assert by_hand == by_rule
        assert [rule for rule in ERRONEOUS if by_hand[rule] == (0,)] == []
        wrong = [
            one
            for one, sql in handwritten.structure(vocabulary.load()).items()
            if connection.execute(sql).fetchone() != (0,)
        ]
        assert wrong == []


def test_ways_that_count_differently_are_refused() -> None:
    same = {"by hand": {"T03.row": 2}, "compiled": {"T03.row": 2}, "great expectations": {"T03.row": 2}}
    judging._refuse_difference(same)
    with pytest.raises(RuntimeError, match=r"T03\.row is broken .*'compiled': 1"):
        judging._refuse_difference(same | {"compiled": {"T03.row": 1}})


def test_every_way_is_measured(spoiled: Path) -> None:
    told = judging.compare(spoiled, 1)
    assert told["broken"] > 50 and told["compared"] > 100
    (turn,) = told["turns"]
    assert all(min(taken) > 0 for taken in turn.values()) and set(turn) == {"great expectations", "compiled", "by hand"}
