"""`hedui history`: findings of a filing and counts of a rule, run by run, from a little warehouse."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from flows import history, warehouse
from flows.cli import app
from tests.flows.publish import little

OFFICE = "示例市档案局"


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nights: a wrong sum, the same with another wrong figure in a second version, and all in order in a third."""
    folder = tmp_path_factory.mktemp("history")
    book = little.rulebook(folder / "rules")
    with warehouse.connect(folder / "w.duckdb") as db:
        for day, printed in enumerate(("515.83", "516.83", ""), start=1):
            little.fill(db, [little.disclosure(OFFICE, printed) if printed else little.disclosure(OFFICE)])
            little.judge(db, book, f"night-{day}", datetime(2025, 9, day, 2))
        little.judge(db, book, "broken off", datetime(2025, 9, 4, 2), "failed")
    return folder / "w.duckdb"


def test_findings_of_a_filing_appear_change_and_go(store: Path) -> None:
    with warehouse.connect(store, read_only=True) as db:
        (identity,) = history.filings(db, OFFICE)
        past = history.of_filing(db, identity)
        later = history.of_filing(db, identity, date(2025, 9, 3))
    assert [one.version for one in past.versions] == [1, 2, 3] and past.versions[2].current
    first, second, third = past.steps
    row = lambda some: [one.instance for one in some if one.rule == "S.row"]  # noqa: E731
    assert row(first.new) and not first.changed and not first.gone and first.version == 1
    assert row(second.changed) == row(first.new) == row(third.gone) and not row(second.new)
    before, after = ({one.rule: one for one in step}["S.row"] for step in (first.new, second.changed))
    assert before.id != after.id and before.stated != after.stated
    assert [step.run for step in later.steps] == ["night-3"] and later.steps[0] == third


def test_the_command_tells_of_filings_and_of_rules_in_both_languages(store: Path) -> None:
    told = hedui("history", OFFICE, "--warehouse", store, "--lang", "zh").stdout
    assert (
        OFFICE in told and "第 3 版（现行）" in told and "night-2" in told and "+ S.row" in told and "~ S.row" in told
    )
    assert "broken off" not in told
    in_english = hedui("history", f"{OFFICE}/2024", "--warehouse", store, "--lang", "en").stdout
    assert "version 3 (current)" in in_english and "- S.row" in in_english
    rule = hedui("history", "S.row", "--warehouse", store, "--lang", "en", "--since", "2025-09-02").stdout
    assert "night-3" in rule and "night-2" in rule and "night-1" not in rule


def test_as_json_both_are_whole(store: Path) -> None:
    (filing,) = json.loads(hedui("history", OFFICE, "--warehouse", store, "--format", "json").stdout)["filings"]
    assert [step["run"] for step in filing["steps"]] == ["night-1", "night-2", "night-3"]
    assert filing["steps"][0]["new"][0].keys() >= {"id", "rule", "instance", "stated", "computed", "unexplained"}
    rule = json.loads(hedui("history", "S.row", "--warehouse", store, "--format", "json").stdout)
    assert [run["run"] for run in rule["runs"]] == ["night-3", "night-2", "night-1"]
    assert rule["runs"][0]["counts"]["broken"] == 0 < rule["runs"][1]["counts"]["broken"]


@pytest.mark.parametrize(("name", "near"), [("示例市档案馆", OFFICE), ("S.rows", "S.row")])
def test_an_unknown_name_is_one_line_with_the_nearest(store: Path, name: str, near: str) -> None:
    result = hedui("history", name, "--warehouse", store, "--lang", "zh")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1) and near in result.stderr


def test_what_cannot_be_understood_is_one_line(store: Path, tmp_path: Path) -> None:
    for arguments, word in (
        (("history", OFFICE, "--warehouse", store, "--since", "yesterday"), "2025-09-01"),
        (("history", OFFICE, "--warehouse", tmp_path / "no.duckdb"), "hedui nightly"),
    ):
        result = hedui(*arguments, "--lang", "en")
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1) and word in result.stderr
