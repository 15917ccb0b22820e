"""What is compared counts the same; who counts differently is found out."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import duckdb
import pytest

from expectations import rules, vocabulary
from expectations.sql.verdicts import compile_all
from flows.sql import literal
from tests.bench import handwritten, judging

ERRONEOUS = ("T02.rollup.total", "T03.row", "T05.row", "T01.income", "T04.expenditure_grand_total.total", "X.T03-T05.project", "X.T01-T03.expenditure",
             "T03.negative.basic", "N.share", "N.change_amount", "N.change_pct", "N.completion", "N.citation", "N.year", "N.sum",
             "T07.total.outturn", "T06.rollup", "W.punctuation", "R.growth", "K.unique.T06", "C.title", "T07.over_budget.reception",
             "P03.overspent", "N.procurement.sme", "W.heading_number")  # fmt: skip


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen filings, half of them with an error of each kind."""
    path: Path = tmp_path_factory.mktemp("bench") / "warehouse.duckdb"
    judging.build(path, 16, one_in=2)
    return path


def counted(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
    """How many instances of each rule are broken, by hand and by the rule."""
    book = rules.load()
    queries = handwritten.handwritten(book)
    compiled = [one for one in compile_all(book, vocabulary.load()) if one.rule.id in queries]
    assert len(compiled) == len(queries) > 200
    number = partial(judging._number, connection)
    return {rule: number(sql) for rule, sql in queries.items()}, {
        one.rule.id: number(f"SELECT count(*) FROM ({one.sql()}) WHERE status = 'broken'") for one in compiled
    }


def test_sql_by_hand_counts_what_the_rules_count_in_filings_with_errors(spoiled: Path) -> None:
    with duckdb.connect(str(spoiled), read_only=True) as connection:
        by_hand, by_rule = counted(connection)
        assert by_hand == by_rule
        assert [rule for rule in ERRONEOUS if not by_hand[rule]] == []
        wrong = [
            one
            for one, sql in handwritten.structure(vocabulary.load()).items()
            if connection.execute(sql).fetchone() != (0,)
        ]
        assert wrong == []


def test_sql_by_hand_counts_what_the_rules_count_where_nearly_everything_is_wrong(
    spoiled: Path, tmp_path: Path
) -> None:
    path = tmp_path / "disturbed.duckdb"
    shutil.copy(spoiled, path)
    with duckdb.connect(str(path)) as connection:
        disturb(connection)
        by_hand, by_rule = counted(connection)
    assert by_hand == by_rule
    assert sum(number > 0 for number in by_hand.values()) > 200


def test_what_is_counted_is_what_is_judged_where_nearly_everything_is_wrong(spoiled: Path, tmp_path: Path) -> None:
    path = tmp_path / "disturbed.duckdb"
    shutil.copy(spoiled, path)
    with duckdb.connect(str(path)) as connection:
        disturb(connection)
        connection.execute("UPDATE narrative_share SET whole = 0 WHERE hash(rowid) % 3 = 0")
        connection.execute("PRAGMA disable_optimizer")
        by_status = "SELECT status, count(*) FROM ({}) GROUP BY ALL ORDER BY ALL"
        for one in compile_all(rules.load(), vocabulary.load()):
            short, whole = (connection.execute(by_status.format(sql)).fetchall() for sql in (one.outcomes(), one.sql()))
            assert short == whole, one.rule.id


def disturb(connection: duckdb.DuckDBPyConnection) -> None:
    """Half of all numbers are others, or none; codes, their parents and the marks of rows, what forms say and how they were read as well."""
    other = ("NULL", "-coalesce({0}, 1)", "coalesce({0}, 0) + 3", "0", "coalesce({0}, 7) * 2", "100")
    change = lambda table, column, value, seed, of: connection.execute(  # noqa: E731
        f'UPDATE "{table}" SET {column} = {value} WHERE hash(rowid, {literal(seed)}) % {of} = 0'
    )
    fixed = ("position", "page", "sentence", "level", "fiscal_year", "peers", "replaced")
    for table in vocabulary.load().tables:
        names = [column.name for column in table.columns]
        for column in table.columns:
            if not column.sql.startswith(("DECIMAL", "INTEGER")) or column.name in fixed or "ulp" in column.name:
                continue
            values = " ".join(f"WHEN {n} THEN {value.format(column.name)}" for n, value in enumerate(other))
            whole = f"CASE hash(rowid, '{column.name}') % 12 {values} ELSE {column.name} END"
            own = f"{column.name}_ulp" in names  # what has a precision of its own has none where it is not stated
            there = f"CASE WHEN {column.name} IS NOT NULL THEN {whole} END" if own else whole
            connection.execute(f'UPDATE "{table.name}" SET {column.name} = {there}')
        if "parent_key" in names and "code" in names:
            for column, value in (("row_key", "row_key || '#2'"), ("parent_key", "left(parent_key, 3)"), ("parent_key", "'合计'"),
                                  ("code", "'3' || substr(code, 2)"), ("code", "'4' || substr(code, 2)")):  # fmt: skip
                change(table.name, column, f"CASE WHEN code <> '' THEN {value} ELSE {column} END", value, 7)
    for column, value in (
        ("status", "'missing'"),
        ("title", "''"),
        ("unit", "''"),
        ("statement", "''"),
        ("pages", "[1]"),
    ):
        change("form_reading", column, value, column, 7)
    for form in ("t01", "t04", "t05", "t08", "t09", "p02"):
        for status in ("missing", "unreadable", "blank", "read", "read"):
            change("judged_filing", f"{form}_status", f"'{status}'", form + status, 9)
    for table, column, words in (("narrative_cause", "direction", ("up", "down")), ("narrative_change_amount", "direction", ("up", "down", "flat")),
                                 ("narrative_change_pct", "direction", ("down",)), ("narrative_comparison", "direction", ("flat", "up", "down")),
                                 ("narrative_sum", "complete", ("no",)), ("narrative_repetition", "again_unit", ("元",))):  # fmt: skip
        for said in words:
            change(table, column, f"'{said}'", said, 6)


def test_ways_that_count_differently_are_refused() -> None:
    same = {"by hand": {"T03.row": 2}, "compiled": {"T03.row": 2}, "great expectations": {"T03.row": 2}}
    judging._refuse_difference(same)
    with pytest.raises(RuntimeError, match=r"T03\.row is broken .*'compiled': 1"):
        judging._refuse_difference(same | {"compiled": {"T03.row": 1}})


def test_every_way_is_measured(spoiled: Path) -> None:
    told = judging.compare(spoiled, 1)
    assert told["broken"] > 50 and told["compared"] > 200
    (turn,) = told["turns"]
    assert all(min(taken) > 0 for taken in turn.values()) and set(turn) == {"great expectations", "compiled", "by hand"}


def test_of_many_filings_what_holds_is_judged_and_not_written_out(
    spoiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(spoiled, tmp_path / "w.duckdb"))
    told = judging.whole(path, judging.WRITTEN + 1)
    assert told["verdicts"] > 10_000 and "written" not in told
    turn = {name: [2.0, 1.0] for name in ("great expectations", "compiled", "by hand")}
    of = {"held": {"filings": 16}, "compare": {"turns": [turn], "compared": 1, "broken": 1}, "whole": told}
    monkeypatch.setattr(judging, "_child", lambda which, *_: of[which])
    names = [measure.name for measure in judging.judging(16, 1, path)]
    assert "  largest memory" in names and not any("writing out" in name for name in names)
