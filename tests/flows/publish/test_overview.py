"""The overview against numbers counted by hand in the little warehouse."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.publish.content import listed, queries, seen
from flows.publish.content import morning as counting
from flows.publish.content.morning import Guarded, Morning
from flows.publish.content.queries import runs
from flows.publish.content.reckoned import Reckoned
from tests.flows.publish import little


def morning(db: duckdb.DuckDBPyConnection, book: RuleBook) -> Morning:
    """What the overview tells, as publishing asks for it."""
    newest, reckoned = next(iter(runs(db)), None), Reckoned(db)
    return counting.morning(reckoned, book, listed.outcomes(reckoned, newest))


@pytest.fixture
def told(db: duckdb.DuckDBPyConnection, book: RuleBook) -> Morning:
    return morning(db, book)


def card(site: Path, name: str, lang: str = "") -> str:
    """The text of one card of the overview."""
    page = (site / lang / "index.html").read_text("utf-8")
    at = page.index(f'<h2 id="h-{name}"')
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[at : page.index("</section>", at)]))


def test_verdicts_are_counted_by_severity_and_by_cause(told: Morning, site: Path) -> None:
    """档案局 prints 515.83 for 551.83: its row and the sum above, of which one follows from the other. Of all three filings,
    13.74 % of 社会保障 is 298.47 / 2172.72 = 13.737 %, and 86.62 % is 1874.25 / 2172.72 = 86.263 %: wrong by a third of a point."""
    assert told.severities == {"critical": (2, 1), "warning": (3, 3)}
    assert (told.strip["bad"], told.strip["explain"], told.roots["bad"]) == (2, 3, 1)
    assert (told.filings_bad, told.clean, told.years) == (1, 2, (2024,))
    assert "不符 · 必须更正 2 1" in card(site, "verdicts") and "broken · to be explained 3 3" in card(
        site, "verdicts", "en"
    )


def test_findings_are_new_still_there_or_gone(told: Morning, site: Path) -> None:
    """Night 1: the shares of 档案局 and 水务局. Night 2: 档案局 has a new version with a wrong total, the third filing arrives.
    The share of 档案局 involves the same figures as before and is still there."""
    assert (told.new.findings, told.new.roots) == (3, 2) and (told.still.findings, told.gone.findings) == (2, 0)
    new = {verdict.rule for verdict in told.new.named}
    assert "S.share" in new and len(new & {"S.row", "S.rollup"}) == 1, "one follows from the other"
    assert told.new.named[0].rule != "S.share", "what must be corrected comes first"
    text = card(site, "change")
    assert "新增 3 · 消除 0 · 仍在 2" in text and "支出决算表“档案馆”本年支出合计" in text
    assert "3 new · 0 gone · 2 still there" in card(site, "change", "en")


def test_what_is_gone_leads_to_its_filing(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局", "515.83")])
    little.judge(db, book, "one", datetime(2025, 9, 1))
    little.fill(db, [little.disclosure("示例市档案局")])
    little.judge(db, book, "two", datetime(2025, 9, 2))
    told = morning(db, book)
    assert (told.new.findings, told.still.findings, told.gone.findings, told.gone.roots) == (0, 1, 2, 1)
    seen.gather(db, runs(db)[0])
    assert seen.seen(db, runs(db)).earlier == {told.still.named[0].fingerprint: (datetime(2025, 9, 1), True)}


def test_the_heat_map_has_those_with_most_to_correct_first(told: Morning, site: Path) -> None:
    first = told.heat[0]
    assert first.organisation == "示例市档案局" and first.cells["within_form"]["bad"] == 2
    assert first.cells["rates"]["explain"] == 1 and first.filing
    assert told.organisations == 3 == len(told.heat)
    assert "示例市档案局，表内：2 处不符，0 处需说明" in card(site, "heat")


def test_the_heat_map_stays_small_and_says_how_many_it_leaves_out(
    db: duckdb.DuckDBPyConnection, book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "ORGANISATIONS", 1)
    told = morning(db, book)
    assert [row.organisation for row in told.heat] == ["示例市档案局"] and told.organisations == 3


def test_publishers_are_ranked_by_their_share_of_wrong_numbers_once_they_print_enough(
    db: duckdb.DuckDBPyConnection, book: RuleBook, monkeypatch: pytest.MonkeyPatch, told: Morning
) -> None:
    """Each filing prints 34 figures and 6 claims: 5 in T01, 16 in T03, 7 in T06, 6 in P02. Two totals of 档案局 are stated wrongly."""
    assert told.publishers == () and told.few == 3, "fewer than a hundred numbers say nothing"
    monkeypatch.setattr(counting, "FEWEST_NUMBERS", 40)
    (one,) = morning(db, book).publishers
    assert (one.organisation, one.numbers, one.wrong) == ("示例市档案局", 40, 2)
    monkeypatch.setattr(counting, "FEWEST_NUMBERS", 41)
    assert morning(db, book).publishers == ()


def test_a_rule_broken_nearly_everywhere_is_itself_suspect(told: Morning, site: Path) -> None:
    first = told.failing[0]
    assert (first.rule, first.outcome.broken, first.outcome.judged) == ("S.share", 3, 3)
    assert (first.verdicts("holds", "rounding", "not_verifiable"), first.verdicts("not_verifiable")) == (3, 6)
    assert [one.outcome.suspect for one in told.failing] == [True, False, False]
    text = card(site, "failing")
    assert (
        "S.share 规则可疑 占比等于部分除以整体 3 / 3 3 / 6" in text and "每行合计等于各类支出之和 1 / 3 1 / 18" in text
    )  # six rows of three filings


def test_figures_are_guarded_when_a_verdict_on_them_was_reached(told: Morning, site: Path) -> None:
    """In T03 every cell stands in a row's sum; of T01 only the total of expenditure is compared; nothing guards T06 and P02."""
    assert Guarded("T03", 48, 48, 48) in told.guarded and Guarded("T01", 15, 3, 3) in told.guarded
    assert Guarded("T06", 21, 0, 0) in told.guarded and Guarded("P02", 18, 0, 0) in told.guarded
    assert "51 / 102 个（50.0%）" in card(site, "guarded") and "21 个无规则" in card(site, "guarded")


def test_a_figure_of_which_nothing_could_be_verified_is_not_guarded(book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局")])
    little.judge(db, book, "one", datetime(2025, 9, 1))
    db.execute("UPDATE kept_verdict SET status = 'not_verifiable' WHERE rule = 'S.state'")
    told = morning(db, book)
    assert Guarded("T01", 5, 0, 1) in told.guarded and Guarded("T03", 16, 16, 16) in told.guarded


def test_documents_that_could_not_be_read_are_listed_by_reason(told: Morning, site: Path) -> None:
    (unread,) = told.unread
    assert unread.documents == 1 and unread.sources == ("sealed.pdf",)
    assert "the file is encrypted; ask for a version without a password sealed.pdf" in card(site, "unread", "en")


def test_an_empty_warehouse_has_an_overview(tmp_path: Path, book: RuleBook) -> None:
    told = morning(warehouse.connect(), book)
    assert told == Morning() and told.strip == {}


def test_a_finding_of_a_rule_no_longer_in_force_still_counts(book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局", "515.83")])
    little.judge(db, book, "one", datetime(2025, 9, 1))
    db.execute(
        "UPDATE kept_verdict SET rule = 'Z.retired', root = NULL, unexplained = ? WHERE rule = 'S.row'", [Decimal(9)]
    )
    told = morning(db, book)
    assert told.strip["bad"] == 2 and "Z.retired" in {one.rule for one in told.failing}


def test_no_verdict_is_compared_with_every_sentence(db: duckdb.DuckDBPyConnection) -> None:
    """A condition that is no equality would make the join of findings quadratic: minutes at a thousand filings."""
    db.execute("SET nested_loop_join_threshold = 0")
    ((_, plan),) = db.execute(f"EXPLAIN {queries.VERDICT} WHERE v.run = 'night-2'").fetchall()
    assert "HASH_JOIN" in plan and "NL_JOIN" not in plan and "NESTED_LOOP" not in plan
