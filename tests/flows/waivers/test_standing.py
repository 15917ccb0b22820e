"""Which waivers are in force: bound to their finding, lapsing by date or when a figure or a rule changes, never deleting it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

from expectations import rules
from expectations.rules import RuleBook
from flows import warehouse
from flows.cli import app
from flows.night import waiving
from flows.night.plan import STATUSES, Change, NightFailed, Plan, Summary
from flows.night.summary import exit_code, summarise
from flows.waivers import kept, reading, telling
from flows.waivers.standing import Standing
from tests.flows.publish import little

DAY = date(2026, 3, 1)


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    return little.rulebook(tmp_path / "rules")


@pytest.fixture
def plan(tmp_path: Path, book: RuleBook) -> Plan:
    """A night in which the archive bureau's total is wrong."""
    folder = tmp_path / "waivers"
    folder.mkdir()
    made = Plan((), tmp_path / "w.duckdb", tmp_path / "site", waivers=(folder,))
    night(made, book, "night-1", "515.83")
    return made


def night(plan: Plan, book: RuleBook, run: str, total: str = "") -> None:
    with warehouse.connect(plan.warehouse) as db:
        if total:
            little.fill(db, [little.disclosure("示例市档案局", total)])
        little.judge(db, book, run, datetime(2026, 3, int(run[-1]), 2, 0))


def query(plan: Plan, sql: str) -> list[tuple[object, ...]]:
    with warehouse.connect(plan.warehouse) as db:
        return db.execute(sql).fetchall()


def finding(plan: Plan, run: str = "night-1", rule: str = "S.row") -> str:
    rows = query(plan, f"SELECT fingerprint FROM verdict WHERE run = '{run}' AND rule = '{rule}' AND status = 'broken'")
    return str(rows[0][0])


def write(plan: Plan, *findings: str, granted: str = "2026-03-01", until: str = "2026-12-31", name: str = "w") -> Path:
    entries = [f"  - {{finding: '{one}', reason: 已备案, who: 张会计, granted: {granted}, until: {until}}}\n" for one in findings]  # fmt: skip
    path = plan.waivers[0] / f"{name}.yaml"
    path.write_text("waivers:\n" + "".join(entries), "utf-8")
    return path


def stood(plan: Plan, book: RuleBook, run: str, today: date = DAY) -> tuple[Standing, waiving.Notes]:
    """How the only waiver stands after the night, and what is said in the morning."""
    notes = waiving.taken_in(plan, run, book, today)
    with warehouse.connect(plan.warehouse) as db:
        (one,) = kept.given_out(db)
    return one, notes


def test_a_waiver_in_force_leaves_the_finding_broken(plan: Plan, book: RuleBook) -> None:
    before = query(plan, "SELECT * FROM verdict ORDER BY ALL")
    write(plan, finding(plan))
    one, notes = stood(plan, book, "night-1")
    assert one.status == "in_force" and notes == ()
    assert query(plan, "SELECT * FROM verdict ORDER BY ALL") == before
    with warehouse.connect(plan.warehouse) as db:
        assert list(kept.in_force(db)) == [finding(plan)]


@pytest.mark.parametrize(
    ("today", "status"),
    [(date(2026, 2, 28), "not_yet"), (DAY, "in_force"), (date(2026, 12, 31), "in_force"), (date(2027, 1, 1), "expired")],
)  # fmt: skip
def test_it_stands_from_the_day_granted_to_the_last_day(plan: Plan, book: RuleBook, today: date, status: str) -> None:
    write(plan, finding(plan))
    one, notes = stood(plan, book, "night-1", today)
    assert one.status == status and one.lapsed == (status == "expired")
    assert bool(notes) == (status == "expired")
    if notes:
        assert "2026-12-31" in notes[0]["zh"] and "set a new date" in notes[0]["en"]


def test_another_figure_ends_it_and_names_the_finding_that_stands_there_now(plan: Plan, book: RuleBook) -> None:
    write(plan, finding(plan))
    stood(plan, book, "night-1")
    night(plan, book, "night-2", "516.83")
    one, notes = stood(plan, book, "night-2")
    assert (one.status, one.replaced_by) == ("figure_changed", finding(plan, "night-2"))
    assert one.replaced_by != finding(plan) and one.replaced_by in notes[0]["zh"] and one.replaced_by in notes[0]["en"]
    night(plan, book, "night-3")
    one, notes = stood(plan, book, "night-3")
    assert one.status == "figure_changed" and notes == (), "what lapsed earlier is told every morning"


def test_it_is_told_so_even_if_the_waiver_was_written_after_the_figure_changed(plan: Plan, book: RuleBook) -> None:
    old = finding(plan)
    night(plan, book, "night-2", "516.83")
    write(plan, old)
    one, _ = stood(plan, book, "night-2")
    assert (one.status, one.replaced_by) == ("figure_changed", finding(plan, "night-2"))


def test_what_agrees_now_is_settled(plan: Plan, book: RuleBook) -> None:
    write(plan, finding(plan))
    night(plan, book, "night-2", "551.83")
    one, _ = stood(plan, book, "night-2")
    assert (one.status, one.replaced_by) == ("settled", "")


def test_a_rule_that_was_changed_or_retired_is_named(plan: Plan, book: RuleBook, tmp_path: Path) -> None:
    write(plan, finding(plan))
    stood(plan, book, "night-1")
    changed = tmp_path / "changed"
    changed.mkdir()
    text = little.RULES.replace(
        "check: 本年支出合计 = 基本支出 + 项目支出", "check: 本年支出合计 = 基本支出 + 项目支出 + 经营支出"
    )
    (changed / "s.yaml").write_text(text, "utf-8")
    other = rules.load(changed)
    night(plan, other, "night-2")
    one, notes = stood(plan, other, "night-2")
    assert one.status == "rule_changed" and one.replaced_by == finding(plan, "night-2")
    assert "S.row" in notes[0]["en"] and one.replaced_by in notes[0]["en"]
    (changed / "s.yaml").write_text(little.RULES.replace("id: S.row", "id: S.other"), "utf-8")
    without = rules.load(changed)
    night(plan, without, "night-3")
    one, _ = stood(plan, without, "night-3")
    assert one.status == "rule_retired"


def test_a_finding_that_never_was_and_one_whose_filing_is_gone(plan: Plan, book: RuleBook) -> None:
    write(plan, "0" * 32)
    one, notes = stood(plan, book, "night-1")
    assert one.status == "unknown" and not one.lapsed and "0" * 32 in notes[0]["zh"]
    write(plan, finding(plan))
    stood(plan, book, "night-1")
    with warehouse.connect(plan.warehouse) as db:
        db.execute("UPDATE filing SET current = false")
    one, _ = stood(plan, book, "night-1")
    assert one.status == "gone"


def test_taking_the_entry_out_undoes_it(plan: Plan, book: RuleBook) -> None:
    path = write(plan, finding(plan))
    stood(plan, book, "night-1")
    path.write_text("waivers:\n", "utf-8")
    assert waiving.taken_in(plan, "night-1", book, DAY) == ()
    assert query(plan, "SELECT * FROM waiver") == []


def test_a_malformed_waiver_costs_no_night_and_is_told_with_its_line(plan: Plan, book: RuleBook) -> None:
    write(plan, finding(plan))
    (plan.waivers[0] / "x.yaml").write_text(
        f"waivers:\n  - finding: {'1' * 31}a\n    who: 李\n    until: never\n", "utf-8"
    )
    one, notes = stood(plan, book, "night-1")
    assert one.status == "in_force"
    assert any("x.yaml:4: until: “never” is no date; write it like 2026-12-31" in note["en"] for note in notes), notes
    assert query(plan, "SELECT count(*) > 0 FROM declared_problem WHERE about = 'waivers'") == [(True,)]


def test_a_folder_that_is_gone_for_a_night_takes_nothing_away(plan: Plan, book: RuleBook) -> None:
    """A share that is not mounted must not make explained findings count again."""
    gone = replace(plan, waivers=(plan.waivers[0].with_name("other"),))
    with pytest.raises(NightFailed) as refused:
        waiving.foresee(gone)
    assert refused.value.code == 2 and "other" in refused.value.message["zh"]
    path = write(plan, finding(plan))
    stood(plan, book, "night-1")
    path.unlink()
    plan.waivers[0].rmdir()
    waiving.foresee(plan)
    one, notes = stood(plan, book, "night-1")
    assert one.status == "in_force" and one.waiver.who == "张会计" and "check the path" in notes[0]["en"]


def test_the_morning_counts_what_is_explained_and_what_lapsed(plan: Plan, book: RuleBook) -> None:
    write(plan, finding(plan))
    stood(plan, book, "night-1")
    told = summarise(plan, "night-1", Path("p"), (), 0, book, 0.0)
    assert (told.waived, told.lapsed) == ({"critical": 1, "warning": 0, "info": 0}, 0)
    assert told.broken["critical"] == 2, "what is explained is broken all the same"
    stood(plan, book, "night-1", date(2027, 1, 1))
    told = summarise(plan, "night-1", Path("p"), (), 0, book, 0.0)
    assert (sum(told.waived.values()), told.lapsed) == (0, 1)


def test_fail_on_counts_no_finding_that_is_explained() -> None:
    summary = Summary("r", Path("p"), 1, 1, 1, dict.fromkeys(STATUSES, 0), {"critical": 2, "warning": 1, "info": 0}, Change("", 0, 0, 0))  # fmt: skip
    assert exit_code(summary, ["critical"]) == 1
    assert exit_code(replace(summary, waived={"critical": 1}), ["critical"]) == 1
    assert exit_code(replace(summary, waived={"critical": 2}), ["critical"]) == 0
    assert exit_code(replace(summary, waived={"critical": 2}), ["warning"]) == 1
    assert exit_code(replace(summary, waived={"critical": 2, "warning": 1}), ["warning"]) == 0


# ---- commands --------------------------------------------------------------------------------------------------------------


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--lang", "en"])


def ledger(path: Path, *rows: dict[str, object]) -> Path:
    heads = ("序号", "机构", "问题编号", "核实说明", "整改情况", "责任人", "佐证材料", "说明有效期至")
    book = Workbook()
    sheet = book.active
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) for head in heads])
    book.save(path)
    return path


def test_the_replies_of_a_ledger_come_back_row_by_row(plan: Plan, book: RuleBook, tmp_path: Path) -> None:
    first, second = finding(plan), finding(plan, rule="S.rollup")
    file = ledger(
        tmp_path / "ledger.xlsx",
        {"问题编号": first, "核实说明": "已备案", "责任人": "张会计", "佐证材料": "附件1.pdf", "说明有效期至": datetime(2099, 6, 30)},
        {"问题编号": second},
        {"问题编号": second, "核实说明": "口径不同"},
        {"问题编号": "f" * 32, "核实说明": "旧的", "责任人": "李"},
        {"问题编号": "abc", "核实说明": "不全", "责任人": "李"},
        {"问题编号": first, "核实说明": "又一次", "责任人": "李"},
    )  # fmt: skip
    ends = ["--waivers", plan.waivers[0], "--warehouse", plan.warehouse]
    dry = hedui("waivers", "import", file, *ends, "--dry-run")
    assert dry.exit_code == 1 and "nothing was written" in dry.stdout and list(plan.waivers[0].iterdir()) == []
    told = hedui("waivers", "import", file, *ends)
    assert told.exit_code == 1 and "accepted 1, changed 0, unchanged 0, refused 4; 1 rows have no reply" in told.stdout
    lines = told.stderr.splitlines()
    assert [line.partition(" refused: ")[0].rpartition(" row ")[2] for line in lines] == ["4", "5", "6", "7"]
    assert "name one with --who" in lines[0] and "use the newest ledger" in lines[1] and "not whole" in lines[2]
    (waiver,), problems = reading.read_all(reading.files(plan.waivers))
    assert problems == () and (waiver.finding, waiver.evidence, waiver.until) == (first, "附件1.pdf", date(2099, 6, 30))
    assert waiver.about.startswith("示例市档案局 2024 S.row")
    again = hedui("waivers", "import", file, *ends)
    assert "accepted 0, changed 0, unchanged 1" in again.stdout
    one, _ = stood(plan, book, "night-1", date.today())
    assert one.status == "in_force"


def test_a_reply_that_changed_changes_its_entry_where_it_stands(plan: Plan, tmp_path: Path) -> None:
    path = write(plan, finding(plan), until="2099-12-31", name="own")
    file = ledger(tmp_path / "l.xlsx", {"问题编号": finding(plan), "核实说明": "新的原因", "责任人": "王会计"})
    result = hedui("waivers", "import", file, "--waivers", plan.waivers[0], "--warehouse", plan.warehouse)
    assert result.exit_code == 0 and "changed 1" in result.stdout and "已备案 → 新的原因" in result.stdout
    assert list(plan.waivers[0].iterdir()) == [path]
    (waiver,), _ = reading.read_all([path])
    assert (waiver.reason["zh"], waiver.who, waiver.until) == ("新的原因", "王会计", date(2099, 12, 31))


def test_what_is_no_ledger_says_so(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"x")
    book = Workbook()
    book.save(tmp_path / "y.xlsx")
    for name, said in (("x.xlsx", "cannot be read"), ("y.xlsx", "is no ledger"), ("z.xlsx", "No such file")):
        result = hedui("waivers", "import", tmp_path / name, "--warehouse", plan.warehouse)
        assert result.exit_code == 2 and said in result.stderr, result.stderr
    assert hedui("waivers", "import", "x", "--warehouse", tmp_path / "none.duckdb").exit_code == 2


def test_a_waiver_is_written_listed_and_linted_by_commands(plan: Plan, book: RuleBook) -> None:
    ends = ["--waivers", plan.waivers[0], "--warehouse", plan.warehouse]
    says = ["--reason", "已备案", "--who", "张会计", "--until", "2099-12-31"]
    result = hedui("waivers", "new", finding(plan)[:10], *says, *ends)
    assert result.exit_code == 0 and "published from the next night on" in result.stdout, result.stderr
    assert "explains it already" in hedui("waivers", "new", finding(plan), *says, *ends).stderr
    assert "has no finding" in hedui("waivers", "new", "0" * 32, *says, *ends).stderr
    bad = hedui("waivers", "new", finding(plan, rule="S.rollup"), *says[:4], "--until", "soon", *ends)
    assert bad.exit_code == 2 and "is no date" in bad.stderr
    stood(plan, book, "night-1", date.today())
    listed = hedui("waivers", "list", "--warehouse", plan.warehouse)
    assert "in force until 2099-12-31" in listed.stdout and "1 waivers, 1 in force" in listed.stdout
    assert '"status": "in_force"' in hedui("waivers", "list", "--warehouse", plan.warehouse, "--format", "json").stdout
    assert hedui("waivers", "lint", "--waivers", plan.waivers[0]).exit_code == 0
    (plan.waivers[0] / "bad.yaml").write_text("waivers:\n  - finding: x\n", "utf-8")
    lint = hedui("waivers", "lint", "--waivers", plan.waivers[0])
    assert lint.exit_code == 1 and "bad.yaml:2" in lint.stderr


def test_every_status_has_its_words() -> None:
    for status in ("in_force", "not_yet", "unknown", "expired", "figure_changed", "rule_changed", "rule_retired", "settled", "gone"):  # fmt: skip
        waiver = reading.Waiver(finding="a" * 32, reason="x", who="y", granted=DAY, until=DAY)  # type: ignore[arg-type]
        for lang in ("zh", "en"):
            assert telling.word(status, lang) and telling.why(Standing(waiver, status), lang)
