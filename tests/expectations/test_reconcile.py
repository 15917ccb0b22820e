"""The custom expectation: what a rule's query becomes in the database, in a result, and on a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from expectations import reconcile
from expectations.reconcile import METRIC, ExpectFiguresToReconcile, RuleFailed, Tally, judge
from expectations.sql.verdicts import VERDICT_COLUMNS

MONEY = "DECIMAL(19,7)"


def query(status: str = "status") -> str:
    """A query of the shape that rules compile to, over a batch of (filing, status, stated, computed)."""
    told = {name: f"CAST(NULL AS {type_})" for name, type_ in VERDICT_COLUMNS}
    told |= {
        "filing": "filing",
        "instance": "'合计'",
        "status": status,
        "stated": f"CAST(stated AS {MONEY})",
        "computed": f"CAST(computed AS {MONEY})",
        "difference": f"CAST(stated - computed AS {MONEY})",
        "reason": "'{\"说明\":增加}'",
    }
    return f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in told.items())} FROM {{batch}} WHERE filing IN ({{filings}})"


OUTCOMES = "SELECT filing, CASE WHEN filing <> 'unsure' THEN status END AS status FROM {batch}"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute(f"ATTACH ':memory:' AS {reconcile.STAGING_SCHEMA}")
        made.execute(reconcile.staging_ddl())
        made.execute("CREATE TABLE batch (filing VARCHAR, status VARCHAR, stated DECIMAL(9,2), computed DECIMAL(9,2))")
        yield made


def run(connection: duckdb.DuckDBPyConnection, *rows: tuple[Any, ...], sql: str = "") -> Tally:
    for row in rows:
        connection.execute("INSERT INTO batch VALUES (?, ?, ?, ?)", row)

    def execute(statement: str) -> Sequence[Sequence[Any]]:
        return connection.execute(statement).fetchall()

    return judge(execute, "(SELECT * FROM batch)", "E.it's", OUTCOMES, sql or query())


def test_every_verdict_is_counted_and_staged_once_under_its_rule_unless_it_passes(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [("a", "holds", 1, 1), ("b", "broken", 3, 1), ("b", "holds", 1, 1), ("c", "not_verifiable", None, None)]
    tally = run(connection, *rows, ("unsure", "holds", 1, 1), ("unsure", "broken", 2, 1), ("d", "rounding", 2, 1))
    assert tally.counts == {"holds": 3, "rounding": 1, "broken": 2, "not_verifiable": 1} and tally.verdicts == 7
    staged = connection.execute(f"SELECT rule, filing, reason FROM {reconcile.STAGING} ORDER BY filing").fetchall()
    assert staged == [("E.it's", name, '{"说明":增加}') for name in ("b", "c", "unsure")]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (
            "CASE WHEN status = 'broken' THEN 'holds' ELSE status END",
            r"3 verdicts were counted, and {'holds': 2} found",
        ),
        ("'broken'", r"3 verdicts were counted, and {'holds': 2, 'broken': 2} found"),
    ],
)
def test_outcomes_and_verdicts_that_contradict_each_other_are_an_error(
    connection: duckdb.DuckDBPyConnection, status: str, told: str
) -> None:
    with pytest.raises(RuleFailed, match=told):
        run(connection, ("a", "holds", 1, 1), ("b", "broken", 3, 1), ("b", "holds", 1, 1), sql=query(status))


def test_where_everything_holds_nothing_is_staged(connection: duckdb.DuckDBPyConnection) -> None:
    assert run(connection, ("a", "holds", 1, 1), sql="SELECT no_such_thing").counts == {"holds": 1}
    assert run(connection, sql="SELECT no_such_thing").counts == {"holds": 1}


def test_broken_instances_come_back_as_text_and_at_most_two_hundred(connection: duckdb.DuckDBPyConnection) -> None:
    tally = run(connection, *[(f"f{n:03}", "broken", Decimal("120.50"), 100) for n in range(230)])
    assert tally.counts == {"broken": 230} and len(tally.failing) == reconcile.SHOWN_ROWS
    assert tally.failing[0] == {
        "filing": "f000",
        "instance": "合计",
        "stated": "120.5",
        "computed": "100",
        "difference": "20.5",
        "unexplained": "",
    }


def test_what_the_database_refuses_is_raised_and_nothing_is_staged(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.ConversionException):
        run(
            connection,
            ("a", "0", 1, 1),
            ("b", "no number", 1, 1),
            sql=query("CAST(CAST(status AS INTEGER) AS VARCHAR)"),
        )
    assert connection.execute(f"SELECT count(*) FROM {reconcile.STAGING}").fetchone() == (0,)


def expectation(**fields: Any) -> ExpectFiguresToReconcile:
    return ExpectFiguresToReconcile(
        **{"rule": "E.row", "formula": "合计 = $a + {b}", "outcomes": OUTCOMES, "query": query()} | fields
    )


FAILING = {
    "filing": "某局/2024",
    "instance": "201",
    "stated": "3",
    "computed": "1",
    "difference": "2",
    "unexplained": "1.9",
}


def test_a_broken_verdict_fails_and_the_result_holds_text_and_counts_alone() -> None:
    tally = Tally({"holds": 6, "rounding": 1, "broken": 1}, (FAILING,))
    done = expectation()._validate({METRIC: tally})
    assert done["success"] is False
    result = done["result"]
    assert (result["element_count"], result["unexpected_count"], result["unexpected_percent"]) == (8, 1, 12.5)
    assert result["partial_unexpected_list"] == ["某局/2024 · 201: stated 3, computed 1, difference 2"]
    assert result["details"]["counts"] == {"holds": 6, "rounding": 1, "broken": 1, "not_verifiable": 0}
    json.dumps(result)


@pytest.mark.parametrize("counts", [{"holds": 2}, {"rounding": 2}, {"not_verifiable": 2}, {}])
def test_nothing_broken_succeeds(counts: dict[str, int]) -> None:
    assert expectation()._validate({METRIC: Tally(counts)})["success"] is True


def test_no_verdict_at_all_says_so() -> None:
    result = expectation()._validate({METRIC: Tally()})["result"]
    assert result["observed_value"] == "nothing to judge" and result["element_count"] == 0


def test_a_query_that_crashed_raises_for_this_expectation() -> None:
    with pytest.raises(RuleFailed, match="Conversion Error"):
        expectation()._validate({METRIC: Tally(error="ConversionException: Conversion Error: …")})


def test_the_query_is_the_only_metric_that_great_expectations_computes() -> None:
    wanted = expectation().get_validation_dependencies().get_metric_configurations()
    assert [metric.metric_name for metric in wanted] == [METRIC]


def test_the_expectation_survives_being_written_and_read() -> None:
    written = json.loads(
        json.dumps(expectation(description="合计之和", severity="warning").configuration.to_json_dict())
    )
    assert ExpectationConfiguration(**written).to_domain_obj() == expectation(
        description="合计之和", severity="warning"
    )


def test_pages_of_great_expectations_show_the_formula_and_the_failing_rows() -> None:
    made = expectation()
    (said,) = made._prescriptive_renderer(configuration=made.configuration)
    assert said.string_template["params"] == {"rule": "E.row", "formula": "合计 = $a + {b}"}
    made.render()
    content: Any = made.rendered_content
    assert content[0].value.params["formula"]["value"] == "合计 = $a + {b}"
    raw = made._validate({METRIC: Tally({"broken": 1}, (FAILING,))})
    result = ExpectationValidationResult(expectation_config=made.configuration, **raw)
    tables: Any = made._diagnostic_unexpected_table_renderer(result=result)
    assert tables[0].table == [list(FAILING.values())]
    clean = ExpectationValidationResult(expectation_config=made.configuration, **made._validate({METRIC: Tally()}))
    assert made._diagnostic_unexpected_table_renderer(result=clean) is None
