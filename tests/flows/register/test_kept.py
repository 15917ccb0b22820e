"""The register in the warehouse and in the night: taken in, kept when its file is gone, absent where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from flows import warehouse
from flows.cli import app
from flows.night import expected
from flows.night.plan import NightFailed, Plan
from flows.register import kept, reading, telling
from tests.flows.small import ORG, disclosure

Write = Callable[[str, str | bytes], Path]
TODAY = date(2026, 1, 1)
TEXT = f"单位名称,年度,种类,应公开日期,电话\n{ORG},2024,部门决算,2025-09-30,1\n某市文物局,2024,部门决算,2025-09-30,2\n某市文物局,24,,,\n"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan((), tmp_path / "w.duckdb", tmp_path / "site")


def load(plan: Plan, sha256: str = "a" * 64, source: str = "a.pdf") -> None:
    with warehouse.connect(plan.warehouse) as db:
        warehouse.load(db, [(disclosure(sha256), warehouse.Origin(source, sha256, 1, "r"))])


def with_register(plan: Plan, path: Path | None) -> Plan:
    return Plan(plan.sources, plan.warehouse, plan.site, register=path)


def out(plan: Plan, today: date = TODAY) -> kept.Kept | None:
    with warehouse.connect(plan.warehouse) as db:
        return kept.given_out(db, today)


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--lang", "en"])


def test_the_register_is_taken_in_as_it_is_every_night(plan: Plan, write: Write) -> None:
    load(plan)
    path = write("register.csv", TEXT)
    notes = expected.taken_in(with_register(plan, path))
    assert [line for note in notes if "24" in (line := note["en"])] and any("电话" in note["zh"] for note in notes)
    found = out(plan)
    assert found and found.source == str(path) and [one.line for one in found.problems] == [0, 4]
    statuses = {one.organisation: one.status for one in found.compared.standings}
    assert statuses == {ORG: "late", "某市文物局": "missing"}
    (parks,) = [one for one in found.compared.standings if one.organisation == ORG]
    assert parks.by == "seen" and parks.published and parks.published.first_seen == parks.on
    path.write_text(TEXT.replace("某市文物局", "某市体育局"), "utf-8")
    expected.taken_in(with_register(plan, path))
    again = out(plan)
    assert again and {one.organisation for one in again.compared.standings} == {ORG, "某市体育局"}


def test_without_a_register_nothing_is_told(plan: Plan, write: Write) -> None:
    load(plan)
    assert expected.taken_in(plan) == () and out(plan) is None
    expected.taken_in(with_register(plan, write("register.csv", TEXT)))
    assert out(plan) is not None
    assert expected.taken_in(plan) == () and out(plan) is None, "a register that is used no more is still told of"


def test_a_register_that_is_gone_costs_no_night_where_there_was_one(plan: Plan, write: Write) -> None:
    """The first time a missing register is a mistake in the call; later the one before stands, and it is said."""
    load(plan)
    path = write("register.csv", TEXT)
    gone = with_register(plan, path.with_name("gone.csv"))
    with pytest.raises(NightFailed) as refused:
        expected.foresee(gone)
    assert refused.value.code == 2 and "gone.csv" in refused.value.message["zh"]
    assert "hedui register new" in refused.value.message["en"]
    expected.taken_in(with_register(plan, path))
    path.unlink()
    expected.foresee(with_register(plan, path))
    for _ in range(2):
        (note,) = expected.taken_in(with_register(plan, path))
        assert "沿用上次的名册（2 行）" in note["zh"] and "check the path" in note["en"] and "2 rows" in note["en"]
    found = out(plan)
    assert found and len(found.compared.standings) == 2
    assert [one.line for one in found.problems if "no register at" in one.en] == [0]


def test_the_night_says_at_once_that_there_is_no_register(tmp_path: Path, write: Write) -> None:
    source = write("inbox/a.txt", "x").parent
    ends = ["--warehouse", tmp_path / "w.duckdb", "--site", tmp_path / "site"]
    result = hedui("nightly", source, *ends, "--register", tmp_path / "none.xlsx")
    assert result.exit_code == 2 and "there is no register at" in result.stderr
    result = hedui("nightly", source, *ends, "--register", write("register.csv", TEXT), "--due", "soon")
    assert result.exit_code == 2 and "approved+20" in result.stderr


def test_which_register_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert expected.chosen_register() is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "register.xlsx").write_bytes(b"")
    assert expected.chosen_register() == Path("data/register.xlsx")
    monkeypatch.setenv("HEDUI_REGISTER", "other.csv")
    assert expected.chosen_register() == Path("other.csv")
    assert expected.chosen_register(Path("mine.csv")) == Path("mine.csv")


def test_another_document_of_the_same_filing_is_a_duplicate_while_it_lies_there(plan: Plan, write: Write) -> None:
    first, second = write("inbox/a.pdf", "1"), write("inbox/b.pdf", "2")
    load(plan, "a" * 64, str(first))
    load(plan, "b" * 64, str(second))
    expected.taken_in(with_register(plan, write("register.csv", TEXT)))

    def twice() -> tuple[str, ...]:
        found = out(plan)
        assert found
        return next(one.twice for one in found.compared.standings if one.organisation == ORG)

    assert twice() == (str(first),)
    first.unlink()
    assert twice() == ()
    first.write_text("1")
    load(plan, "c" * 64, str(first))
    assert twice() == (str(second),), "what was replaced at its address is no second document"


def test_lint_and_status_tell_people_and_programs(plan: Plan, write: Write) -> None:
    path = write("register.csv", TEXT)
    result = hedui("register", "lint", path)
    assert result.exit_code == 1 and "register.csv:4: the year “24” is none" in result.stderr
    assert "2 rows are in order, 1 are not" in result.stdout
    assert hedui("register", "lint", write("good.csv", TEXT.rsplit("\n", 2)[0])).exit_code == 0
    assert hedui("register", "lint", path.with_name("no.csv")).exit_code == 2
    assert hedui("register", "status", "--warehouse", plan.warehouse).exit_code == 2
    load(plan)
    result = hedui("register", "status", "--warehouse", plan.warehouse)
    assert result.exit_code == 2 and "hedui register new" in result.stderr
    expected.taken_in(with_register(plan, path))
    result = hedui("register", "status", "--warehouse", plan.warehouse)
    assert result.exit_code == 0 and "missing" in result.stdout and "某市文物局" in result.stdout
    assert "2 expected, 1 published, 1 late, 1 missing" in result.stdout
    told = json.loads(hedui("register", "status", "--warehouse", plan.warehouse, "--format", "json").stdout)
    jsonschema.validate(told, json.loads(telling.SCHEMA.read_text("utf-8")))
    assert told["counts"]["missing"] == 1 and told["filings"][0]["organisation"] == "某市文物局"


def test_a_register_is_begun_from_the_filings_that_are_known(plan: Plan, tmp_path: Path) -> None:
    load(plan)
    path = tmp_path / "new" / "register.xlsx"
    result = hedui("register", "new", path, "--warehouse", plan.warehouse)
    assert result.exit_code == 0, result.stderr
    (row,) = reading.read(path).rows
    assert (row.organisation, row.fiscal_year, row.kind, row.scope) == (ORG, 2024, "final_accounts", "department")
    assert len(CalamineWorkbook.from_path(str(path)).sheet_names) == 2
    again = hedui("register", "new", path, "--warehouse", plan.warehouse)
    assert again.exit_code == 2 and "left as it is" in again.stderr
