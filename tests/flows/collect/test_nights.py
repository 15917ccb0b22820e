"""Documents of the web over several nights, in the warehouse: what stands, what fails, what replaced what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from expectations import rules, vocabulary
from expectations.sql.verdicts import compile_all
from flows import terminal
from flows.collect import declared
from flows.collect.gathering import Ground
from flows.collect.web.fetching import Bounds
from flows.night import documents, pruning, replaced, runs, sources
from flows.night.plan import Found, Plan, SourceResult
from flows.night.summary import exit_code, summarise
from flows.publish.content.versions import histories
from flows.workers.limits import Limits
from flows.workers.pool import Workers
from tests.flows.collect.lying import HTML, Lying, answer, drip, hang, in_turn, lying_server, reset

QUICK = Bounds(seconds=3, answer=1, idle=0.5, window=0.5, tries=2, pause=0.01)
ACCOUNT = """示例市档案局2024年度部门决算
第三部分 2024年度部门决算表
三、支出决算表
部门：示例市档案局\t\t\t\t\t\t\t\t金额单位：万元
科目编码\t科目名称\t本年支出合计\t基本支出\t项目支出\t上缴上级支出\t经营支出\t对附属单位补助支出
合计\t\t264.87\t62.63\t202.24\t\t\t
201\t一般公共服务支出\t264.87\t62.63\t202.24\t\t\t
20126\t档案事务\t264.87\t62.63\t202.24\t\t\t
2012601\t行政运行\t62.63\t62.63\t\t\t\t
2012604\t档案馆\t202.24\t\t202.24\t\t\t
"""


@pytest.fixture
def server() -> Iterator[Lying]:
    with lying_server() as made:
        yield made


@pytest.fixture
def plan(tmp_path: Path, server: Lying, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr("flows.night.sources.Ground", partial(Ground, bounds=QUICK))
    file = tmp_path / "sources.yaml"
    file.write_text(
        f"sources:\n  - {{name: 网站, kind: documents, delay: 0, owner: 综合科, at: ['{server.root}/a.txt', '{server.root}/b.pdf']}}\n",
        "utf-8",
    )
    return Plan((), tmp_path / "data" / "w.duckdb", tmp_path / "site", Limits(seconds=20), declared=file)


def night(plan: Plan) -> tuple[tuple[Found, ...], tuple[SourceResult, ...]]:
    """Collected, read and loaded; what was found, and what each source gave."""
    run = runs.begin(plan)
    found, fresh = documents.collected(plan, run)
    with Workers(plan.limits, len(fresh)) as workers:
        documents.loaded(plan, [documents.read(one, workers) for one in fresh])
    replaced.settle(plan)
    runs.end(plan, run, "completed")
    with runs.opened(plan.warehouse) as connection:
        return found, sources.results(connection, run)


def query(plan: Plan, sql: str) -> list[tuple[Any, ...]]:
    with runs.opened(plan.warehouse, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def judged(plan: Plan, rule: str) -> list[str]:
    """What a rule finds in what stands now."""
    (one,) = (one for one in compile_all(rules.load(), vocabulary.load()) if one.rule.id == rule)
    return [status for (status,) in query(plan, f"SELECT status FROM ({one.sql()})")]


@pytest.mark.usefixtures("in_this_process")
def test_lies_leave_the_warehouse_as_it_was_and_are_told(plan: Plan, server: Lying) -> None:
    server.answers["/a.txt"] = answer(ACCOUNT.encode())
    _, (first,) = night(plan)
    assert (first.source, first.owner, first.found, first.new, first.failed) == ("网站", "综合科", 2, 1, 1)
    assert [(address.rpartition("/")[2], told["zh"]) for address, told in first.failures] == [
        ("b.pdf", "那里没有文件（404）")
    ]
    (before,) = query(plan, "SELECT filing, document, current FROM filing")
    for lie in (answer(HTML), answer(b""), reset, hang, drip(b"HTTP/1.1 200 OK\r\n\r\n"), answer(b"", "500 No")):
        server.answers["/a.txt"] = lie
        found, (told,) = night(plan)
        assert (told.found, told.failed) == (2, 2), lie
        assert all(one.refusal for one in found)
        assert query(plan, "SELECT filing, document, current FROM filing") == [before]
    assert query(plan, "SELECT count(*) FROM replacement") == [(0,)]
    server.answers["/a.txt"] = answer(ACCOUNT.encode())
    _, (last,) = night(plan)
    assert (last.unchanged, last.new) == (1, 0)
    unread = "SELECT d.message_zh FROM document d WHERE status = 'unreadable'"
    assert query(plan, unread) == [("那里没有文件（404）",)]  # what is taken again is unreadable no longer


@pytest.mark.usefixtures("in_this_process")
def test_reading_and_publishing_ask_no_server(plan: Plan, server: Lying) -> None:
    server.answers["/a.txt"] = answer(ACCOUNT.encode())
    run = runs.begin(plan)
    _, fresh = documents.collected(plan, run)
    asked = len(server.asked)
    with Workers(plan.limits, len(fresh)) as workers:
        read = [documents.read(one, workers) for one in fresh]
    assert sum(one.disclosure is not None for one in read) == 1
    assert len(server.asked) == asked


@pytest.mark.usefixtures("in_this_process")
def test_a_silent_replacement_names_every_figure_that_changed(plan: Plan, server: Lying) -> None:
    """Published, replaced with the same figures in other bytes, then with one figure changed."""
    changed = ACCOUNT.replace("2012604\t档案馆\t202.24\t\t202.24", "2012604\t档案馆\t202.24\t\t202.42")
    server.answers["/a.txt"] = in_turn(*(answer(one.encode()) for one in (ACCOUNT, ACCOUNT + "\n", changed)))
    night(plan)
    assert query(plan, "SELECT count(*) FROM replacement") == [(0,)]
    assert judged(plan, "R.replaced") == []
    night(plan)
    assert judged(plan, "R.replaced") == ["holds"]
    told = "SELECT compared, figures, claims FROM replacement ORDER BY first_seen"
    assert query(plan, told) == [("figures", 0, 0)]
    with runs.opened(plan.warehouse) as connection:
        assert replaced.standing(connection) == ()
    night(plan)
    assert query(plan, told) == [("figures", 0, 0), ("figures", 1, 0)]
    with runs.opened(plan.warehouse) as connection:
        (one,) = replaced.standing(connection)
        history = histories(connection, None)
    assert one.address == f"{server.root}/a.txt" and one.organisation == "示例市档案局"
    (change,) = one.changes
    assert (change.form, change.label, change.column) == ("T03", "档案馆", "项目支出")
    assert change.before and change.after and (change.before.raw, change.after.raw) == ("202.24", "202.42")
    for lang in ("zh", "en"):
        assert "档案馆 项目支出 202.24 → 202.42" in replaced.line(one, lang)
    assert judged(plan, "R.replaced") == ["broken"]
    (chain,) = history.values()
    assert [len(compared.figures) for compared in chain.comparisons if compared.replaced_at] == [1, 0]


@pytest.mark.usefixtures("in_this_process")
def test_another_filing_or_nothing_readable_at_an_address_is_no_changed_figure(plan: Plan, server: Lying) -> None:
    other = ACCOUNT.replace("2024年度", "2023年度")
    server.answers["/a.txt"] = in_turn(*(answer(one.encode()) for one in (ACCOUNT, other, "没有报表")))
    for _ in range(3):
        night(plan)
    assert query(plan, "SELECT compared, figures FROM replacement ORDER BY first_seen") == [
        ("other_filing", None),
        ("unread", None),
    ]


@pytest.mark.usefixtures("in_this_process")
def test_downloads_that_filings_refer_to_are_kept_unless_their_source_lets_go(plan: Plan, server: Lying) -> None:
    server.answers["/a.txt"] = in_turn(*(answer(one.encode()) for one in (ACCOUNT, "没有报表", ACCOUNT)))
    for _ in range(3):
        night(plan)
    folder, later = sources.folder_of(plan), datetime.now(UTC).replace(tzinfo=None) + timedelta(days=400)
    (source,) = declared.load(plan.declared or Path())[0]

    def goes(**keep: Any) -> list[bytes]:
        of = source.model_copy(update={"keep": declared.Keep(**keep)})
        with runs.opened(plan.warehouse) as connection:
            return [one.path.read_bytes() for one in pruning.prunable(connection, folder, [of], later)]

    assert goes() == []
    assert goes(days=300) == ["没有报表".encode()]
    assert goes(versions=1) == ["没有报表".encode()]
    assert goes(versions=2) == []
    server.answers["/a.txt"] = answer("没有报表".encode())
    night(plan)
    assert goes(days=300) == []  # the account is referred to; the other stands at the address now
    assert goes(days=300, referred="delete") == [ACCOUNT.encode()]


@pytest.mark.usefixtures("in_this_process")
def test_the_summary_tells_of_sources_and_replacements(
    plan: Plan, server: Lying, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = ACCOUNT.replace("2012604\t档案馆\t202.24\t\t202.24", "2012604\t档案馆\t202.24\t\t202.42")
    server.answers["/a.txt"] = in_turn(answer(ACCOUNT.encode()), answer(changed.encode()))
    night(plan)
    found, (gave,) = night(plan)
    ((run,),) = query(plan, "SELECT max(run) FROM run")
    told = summarise(plan, run, plan.site / "index.html", found, 1, rules.load(), 1.0)
    assert told.sources == (gave,) and len(told.replaced) == 1
    assert [address for address, _ in told.unreadable] == [f"{server.root}/b.pdf"]
    assert exit_code(told, ["unreadable"]) == 2 and exit_code(told, ["critical"]) == 0
    terminal.print_summary(told, "en", terminal.console())
    said = " ".join(capsys.readouterr().out.split())
    assert "网站: 2 found, 1 new, 0 unchanged, 1 failed（综合科）" in said
    assert "was replaced without notice: 1 figures changed" in said
    problem = replace(gave, problem={"zh": "x", "en": "x"}, failed=0)
    assert exit_code(replace(told, unreadable=(), sources=(problem,)), ["unreadable"]) == 2
