"""The night on Prefect: what a run reads, records, judges, publishes and tells, on a Prefect server of its own."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import rules, vocabulary
from expectations.rules import RuleBook, RuleErrors
from expectations.sql.verdicts import Compiled, compile_all
from flows import collect, judge, warehouse
from flows import lake as lakes
from flows.explain.diagnose import explained
from flows.night import documents, judging, runs
from flows.night.engine import Engine
from flows.night.plan import NightFailed, Outcome, Plan, Summary
from flows.recall import stored
from flows.workers.limits import Limits
from flows.workers.pool import Workers
from tests.conftest import REPOSITORY

SAMPLES = REPOSITORY / "data" / "samples"


@pytest.fixture(scope="module", autouse=True)
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    runs.settle(Plan(warehouse=tmp_path_factory.mktemp("prefect") / "w.duckdb"))
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Plan((str(inbox),), tmp_path / "data" / "w.duckdb", tmp_path / "site")


def inbox(plan: Plan) -> Path:
    return Path(plan.sources[0])


def drop(plan: Plan, name: str, pattern: str = "*2023.xlsx") -> Path:
    """A sample into the inbox under another name."""
    return Path(shutil.copy(next(SAMPLES.glob(pattern)), inbox(plan) / name))


def run(plan: Plan) -> Summary:
    from flows.nightly import run_night

    return run_night(plan, "zh")


def query(plan: Plan, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(plan.warehouse)) as connection:
        return connection.execute(sql).fetchall()


def test_three_nights(plan: Plan) -> None:
    """First night: good and bad documents. Second: nothing changed. Third: another version, and a bad file replaced."""
    drop(plan, "a.xlsx")
    drop(plan, "b copy.xlsx")
    (inbox(plan) / "empty.pdf").write_bytes(b"")
    (inbox(plan) / "cut.pdf").write_bytes(next(SAMPLES.glob("*.pdf")).read_bytes()[:2000])

    first = run(plan)
    assert (first.documents, first.loaded, first.filings) == (4, 1, 1)
    assert [Path(address).name for address, _ in first.unreadable] == ["cut.pdf", "empty.pdf"]
    assert all(message["zh"] and message["en"] for _, message in first.unreadable)
    assert [(Path(a).name, Path(b).name) for a, b in first.copies] == [("b copy.xlsx", "a.xlsx")]
    assert (
        first.counts["holds"] > 100 and sum(first.counts.values()) == query(plan, "SELECT count(*) FROM verdict")[0][0]
    )
    assert first.page == plan.site / "index.html" and first.page.exists()
    assert "empty.pdf" in first.page.read_text("utf-8")
    assert query(plan, "SELECT status, documents, loaded, unreadable, filings FROM run") == [("completed", 4, 1, 2, 1)]
    assert first.change.since == ""
    _artifacts_tell(first)
    suite = plan.site / "validation/suites/T03.expenditure.html"
    as_first = suite.stat()

    assert first.expected == {} and first.notes == ()
    register = plan.site.with_name("register.csv")
    register.write_text(
        "单位名称,年度,应公开日期\n示例市档案局,2023,2024-09-30\n示例市文物局,2023,2024-09-30\n?,,\n", "utf-8"
    )
    second = run(replace(plan, register=register, due="09-30"))
    assert (second.expected["published"], second.expected["missing"]) == (1, 1)
    assert "register.csv:4" in second.notes[0]["zh"]
    assert (second.documents, second.loaded, len(second.unreadable)) == (4, 0, 2)
    assert second.counts == first.counts
    assert (second.change.since, second.change.new, second.change.gone) == (first.run, 0, 0)
    assert suite.stat().st_ino == as_first.st_ino, "a suite that did not change has been written again"

    drop(plan, "cut.pdf", "*2024.pdf")
    third = run(plan)
    assert (third.loaded, third.filings, len(third.unreadable)) == (1, 2, 1), third.unreadable
    assert third.change.new > 0 and third.change.gone == 0 and third.change.still == second.change.still
    assert query(plan, "SELECT count(*) FROM document WHERE status = 'unreadable'") == [(1,)]
    assert query(plan, "SELECT count(DISTINCT run) FROM verdict") == [(3,)]
    stages = query(plan, "SELECT stage FROM run_stage ORDER BY run, position")
    assert [stage for (stage,) in stages] == ["collect", "read", "validate", "explain", "publish"] * 3
    assert query(plan, "SELECT items FROM run_stage WHERE stage = 'read' ORDER BY run") == [(3,), (0,), (1,)]
    _same_verdicts_as_check(plan, third.run)
    assert [one.judged for one in (first, second, third)] == [1, 0, 1] and second.stands_since == first.run
    nights = [first.run, third.run]  # in the second all verdicts stood: Great Expectations had nothing to record
    assert sorted(path.stem for path in plan.site.glob("validation/runs/*.html")) == nights
    assert sorted(path.name for path in plan.kept.glob(".gx/uncommitted/validations/T03/expenditure/*")) == nights


@pytest.mark.slow
def test_a_night_with_a_lake_writes_it_before_it_judges(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(plan.kept / "lake")
    drop(plan, "a.xlsx")
    monkeypatch.setattr(judging, "judges", lambda plan: judges(plan, 30))
    run(replace(plan, engine=Engine(lake=address)))
    run(replace(plan, engine=Engine(lake=address)))
    stages = query(plan, "SELECT stage, items > 20 FROM run_stage WHERE position = 3 ORDER BY run")
    assert stages == [("lake", True)] * 2
    lake = lakes.opened(address)
    version = lakes.current(lake)
    assert version and version.former == ""  # the second night changed nothing
    for table in ("expenditure", "figure", "judged_filing"):
        columns = ", ".join(f'"{name}"' for name, _, _ in version.tables[table].columns)
        there = query(plan, f"SELECT {columns} FROM {lake.rows(version.name, table)} ORDER BY ALL")
        assert there == query(plan, f"SELECT * FROM {table} ORDER BY ALL") and there


def judges(plan: Plan, one_in: int) -> tuple[RuleBook, tuple[Compiled, ...]]:
    """Some of the rules, where a test is not about them."""
    book = rules.in_force(plan.teams)
    return book, compile_all(book, vocabulary.load())[::one_in]


def _artifacts_tell(summary: Summary) -> None:
    from prefect.artifacts import Artifact

    table, link, news = (Artifact.get(key) for key in ("summary", "site", "new-since-last-run"))
    assert table and link and news
    assert '"unreadable"' in str(table.data) and f'"{summary.counts["holds"]}"' in str(table.data)
    assert summary.page.as_uri() in str(link.data)
    assert "empty.pdf" in str(news.data)


def _same_verdicts_as_check(plan: Plan, run_id: str) -> None:
    """What Great Expectations found in the warehouse is what `hedui check` finds in memory, verdict for verdict."""
    book, compiled = judging.judges(plan)
    columns = "rule, instance, status, stated, computed, difference, bound, unexplained, measure, reason, page, fingerprint, root"
    memory = warehouse.connect()
    current = query(plan, "SELECT filing, document FROM filing WHERE current")
    with duckdb.connect(str(plan.warehouse)) as held:
        read = [
            (stored(held, key), warehouse.Origin("x", sha256, 1, collect.reader_version())) for key, sha256 in current
        ]
    warehouse.load(memory, read)  # together: some rules compare years and peers
    by_filing: dict[str, list[dict[str, Any]]] = {}
    for one in judge.judge(memory, compiled):
        by_filing.setdefault(one["filing"], []).append(one)
    document = dict(memory.execute("SELECT filing, document FROM filing").fetchall())
    light = set()
    for filing, judged in by_filing.items():
        roots = explained(judged, book.active).roots
        told = ((one | {"root": roots.get(one["fingerprint"])})[name] for one in judged for name in columns.split(", "))
        light |= {(document[filing], *map(repr, some)) for some in zip(*[told] * len(columns.split(", ")), strict=True)}
    asked = ", ".join(f"v.{name}" for name in columns.split(", "))
    heavy = query(
        plan,
        f"SELECT f.document, {asked} FROM verdict v JOIN filing f USING (filing) WHERE run = '{run_id}' AND f.current",
    )
    # A set difference: pytest would compare two long lists line by line, for minutes and gigabytes.
    assert light and light ^ {(sha256, *map(repr, some)) for sha256, *some in heavy} == set()
    assert len(light) == len(heavy)


def test_a_rule_file_with_a_mistake_keeps_the_run_from_starting(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.nightly import nightly

    drop(plan, "a.xlsx")
    folder = tmp_path / "rules"
    folder.mkdir()
    text = (rules.FOLDER / "T03.yaml").read_text("utf-8")
    (folder / "T03.yaml").write_text(text.replace("= 基本支出 +", "= 基本支岀 +", 1), "utf-8")
    monkeypatch.setattr(rules, "FOLDER", folder)
    with pytest.raises(RuleErrors) as error:
        nightly(list(plan.sources), str(plan.warehouse), str(plan.site))
    assert "基本支出" in error.value.problems[0].text("zh") and error.value.problems[0].line > 1
    assert not plan.warehouse.exists()


def test_a_failed_validation_fails_the_run_and_leaves_the_old_site(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import validate

    drop(plan, "a.xlsx")
    plan.site.mkdir()
    (plan.site / "hedui-site.txt").write_text("old")

    def crash(*_: Any, **__: Any) -> None:
        raise validate.ValidationError(
            [validate.Fault("T03.row (T03.yaml:5)", "规则无法执行", "the rule cannot be executed")]
        )

    monkeypatch.setattr(validate, "validate", crash)
    with pytest.raises(NightFailed) as error:
        run(plan)
    assert error.value.code == 3 and "T03.yaml:5" in error.value.message["zh"]
    assert query(plan, "SELECT status FROM run") == [("failed",)]
    assert (plan.site / "hedui-site.txt").read_text() == "old"


def test_one_document_that_does_not_fit_holds_up_no_other(plan: Plan) -> None:
    good, bad = (
        collect.Source(str(drop(plan, name, pattern)), name)
        for name, pattern in (("a.xlsx", "*2023.xlsx"), ("b.pdf", "*2024.pdf"))
    )
    with Workers(plan.limits) as workers:
        outcomes = [documents.read(documents.look_at(one), workers) for one in (good, bad)]
    broken = pickle.loads(outcomes[1].disclosure or b"")
    huge = replace(broken.claims[0], value=broken.claims[0].value.scaleb(40))
    outcomes[1] = replace(outcomes[1], disclosure=pickle.dumps(replace(broken, claims=(huge, *broken.claims[1:]))))
    assert documents.loaded(plan, outcomes) == 1
    assert query(plan, "SELECT source, status, reason FROM document ORDER BY source") == [
        (good.address, "read", None),
        (bad.address, "unreadable", "out_of_range"),
    ]


@pytest.mark.slow
def test_documents_that_end_their_reader_hold_up_no_other(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(plan, "a.xlsx")
    for name in ("crashes.pdf", "exits.pdf", "leaps.xls"):
        (inbox(plan) / name).write_text(name)
    # The sample's bytes are no disclosure to this function: it understands a small one of whatever is well.
    monkeypatch.setattr(
        "flows.workers.pool.Workers.__init__.__defaults__", (None, "tests.flows.workers.unruly:understand")
    )
    summary = run(replace(plan, limits=Limits(seconds=30, memory=512, workers=2)))
    assert (summary.documents, summary.loaded) == (4, 1)
    assert query(plan, "SELECT source, reason FROM document WHERE reason IS NOT NULL ORDER BY source") == [
        (str(inbox(plan) / name), reason)
        for name, reason in (("crashes.pdf", "crashed"), ("exits.pdf", "crashed"), ("leaps.xls", "too_much_memory"))
    ]
    assert {Path(address).name for address, _ in summary.unreadable} == {"crashes.pdf", "exits.pdf", "leaps.xls"}


def test_what_a_limit_stopped_is_read_again_only_under_other_limits(plan: Plan) -> None:
    drop(plan, "a.xlsx")
    (inbox(plan) / "b.txt").write_text("收入支出决算总表")
    found, fresh = documents.collected(plan, "night")
    refusal = warehouse.Refusal("too_slow", {"zh": "太慢", "en": "too slow"})
    damaged = warehouse.Refusal("truncated", {"zh": "坏", "en": "damaged"})
    documents.loaded(plan, [Outcome(found[0], None, damaged), Outcome(found[1], None, refusal)])
    assert len(fresh) == 2 and documents.collected(plan, "night")[1] == ()
    other = replace(plan, limits=replace(plan.limits, seconds=plan.limits.seconds * 2))
    assert [one.name for one in documents.collected(other, "night")[1]] == ["b.txt"]
    assert [one.name for one in documents.foresee(other).fresh] == ["b.txt"]


def test_two_nights_at_once_are_refused(plan: Plan) -> None:
    with runs.alone(plan), pytest.raises(NightFailed) as error, runs.alone(plan):
        pass
    assert "另一次运行" in error.value.message["zh"]
    with runs.alone(plan):
        pass


def test_a_run_that_was_cut_off_is_recorded_as_failed(plan: Plan) -> None:
    first = runs.begin(plan)
    second = runs.begin(plan)
    assert query(plan, "SELECT run, status FROM run ORDER BY started") == [(first, "failed"), (second, "running")]


def test_runs_within_one_second_get_names_of_their_own(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    class Still(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2025, 3, 1, 2, 30, tzinfo=UTC)

    monkeypatch.setattr(runs, "datetime", Still)
    assert [runs.begin(plan) for _ in range(3)] == ["20250301-023000", "20250301-023000-2", "20250301-023000-3"]


def test_a_file_that_is_no_warehouse_is_one_clear_line(plan: Plan) -> None:
    plan.warehouse.parent.mkdir()
    plan.warehouse.write_bytes(b"not a database" * 400)
    with pytest.raises(NightFailed) as error:
        documents.foresee(plan)
    assert str(plan.warehouse) in error.value.message["zh"] and "\n" not in error.value.message["en"]


@pytest.mark.slow
def test_people_are_told_in_the_morning_and_a_way_that_fails_costs_no_night(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.flows.notify.servers import webhook

    drop(plan, "a.xlsx")
    (inbox(plan) / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    file = Path(plan.sources[0]).parent / "notify.yaml"
    file.write_text(
        "receivers:\n  - {name: 甲, to: env:TEST_TO}\n  - {name: 乙, to: env:TEST_NOWHERE}\n"
        "  - {name: 丙, to: block:nowhere}\n",
        "utf-8",
    )
    with webhook() as (address, arrived):
        monkeypatch.setenv("TEST_TO", address)
        summary = run(replace(plan, notify=file))
        assert len(arrived) == 1 and summary.told == ("甲",)
        failed = " ".join(one["zh"] for one in summary.notes)
        assert "没有通知到 乙：环境变量 TEST_NOWHERE" in failed and "没有通知到 丙：" in failed and "nowhere" in failed
