"""The register and the waivers on the pages: who has not published stands first; an explanation stands beside its finding, which stays."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import openpyxl
import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.night import expected, waiving
from flows.night.plan import Plan
from flows.publish import publish
from flows.publish.takeaway import exports
from flows.publish.takeaway.ledger import LEDGER
from flows.register import telling
from flows.waivers import ledger
from tests.flows.publish.test_access import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

REGISTER = """单位名称,单位代码,行政区域,年度,种类,应公开日期,公开地址
示例市档案局,101,示例市,2024,部门决算,2099-09-30,https://example.org/1
示例市文物局,102,示例市,2024,部门决算,2025-08-20,javascript:alert(1)
<script>document.title='owned'</script>,103,示例县,2024,部门决算,2025-08-10,
示例市坏行,104,示例县,24,,,
"""
REASON = "年末追加的经费<script>document.title='owned'</script>已备案"


@dataclass(frozen=True)
class Night:
    """A warehouse with a site, and what is declared beside it."""

    plan: Plan
    book: RuleBook
    finding: str

    def again(self, today: date = date(2025, 9, 2)) -> None:
        """The register and the waivers taken in as their files are now, and the site published."""
        expected.taken_in(self.plan)
        waiving.taken_in(self.plan, "night-2", self.book, today)
        publish(self.plan.warehouse, self.book, self.plan.site)

    def explain(self, until: str = "2025-12-31", reason: str = REASON) -> None:
        entry = {"finding": self.finding, "reason": {"zh": reason, "en": "it was reported"}, "who": "张会计", "evidence": "https://example.org/e.pdf", "granted": "2025-09-01", "until": until}  # fmt: skip
        (self.plan.waivers[0] / "w.yaml").write_text(json.dumps({"waivers": [entry]}, ensure_ascii=False), "utf-8")

    def page(self, path: str) -> str:
        return (self.plan.site / path).read_text("utf-8")

    @property
    def filing(self) -> str:
        """The page of the filing with the finding."""
        return next(f"filings/{path.name}" for path in (self.plan.site / "filings").glob("*.html") if 'id="findings"' in (text := path.read_text("utf-8")) and f"finding-{self.finding}" in text)  # fmt: skip


@pytest.fixture
def night(tmp_path: Path, filled: Path, book: RuleBook) -> Night:
    shutil.copyfile(filled, tmp_path / "w.duckdb")
    (tmp_path / "waivers").mkdir()
    (tmp_path / "register.csv").write_text(REGISTER, "utf-8")
    plan = Plan((), tmp_path / "w.duckdb", tmp_path / "site", register=tmp_path / "register.csv", waivers=(tmp_path / "waivers",))  # fmt: skip
    with warehouse.connect(plan.warehouse) as db:
        ((finding,),) = db.execute(
            "SELECT fingerprint FROM verdict WHERE run = 'night-2' AND rule = 'S.row' AND status = 'broken'"
        ).fetchall()
    made = Night(plan, book, finding)
    made.again()
    return made


def inodes(site: Path) -> dict[str, int]:
    return {path.relative_to(site).as_posix(): path.stat().st_ino for path in site.rglob("*") if path.is_file()}


# ---- the register ----------------------------------------------------------------------------------------------------------


def test_who_has_not_published_stands_first_on_the_overview(night: Night) -> None:
    for lang, words in (
        ("", ("份应公开", "逾期未公开", "示例市文物局")),
        ("en/", ("filings expected", "missing", "示例市文物局")),
    ):
        page = night.page(f"{lang}index.html")
        assert page.index(words[0]) < page.index('<dl class="kpi">') and all(word in page for word in words)
        assert page.index("示例市文物局") > page.index(words[0])
    tiles = re.findall(r'<dd[^>]*><a href="register\.html[^"]*">([\d,]+)</a></dd>', night.page("index.html"))
    assert tiles == ["3", "1", "0", "2", "2"], "expected, published, late, missing, unexpected"


def test_every_expectation_has_its_row_and_the_bad_row_is_named(night: Night) -> None:
    page = night.page("register.html")
    order = [
        page.index(name)
        for name in ("document.title=&#39;owned&#39;", "示例市文物局", "示例市水务局", "示例市档案局</a>")
    ]
    assert order == sorted(order), "the most overdue first"
    assert "第 5 行：年度“24”不是年份" in page and "row 5: the year “24” is none" in night.page("en/register.html")
    assert "<script>document" not in page and "javascript:" not in page and 'href="https://example.org/1"' in page


def test_workbook_and_json_say_the_same(night: Night) -> None:
    told = json.loads(night.page("register.json"))
    jsonschema.validate(told, json.loads(telling.SCHEMA.read_text("utf-8")))
    assert (night.plan.site / telling.SCHEMA.name).exists()
    sheet = openpyxl.load_workbook(night.plan.site / "register.xlsx").active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == [one["organisation"] or "单位不明" for one in told["filings"]]
    assert [row[10] or 0 for row in rows] == [one["days"] for one in told["filings"]]


def test_without_a_register_there_is_no_page_and_one_line_says_how_to_begin_one(site: Path) -> None:
    assert not list(site.rglob("register.*ml")) and not (site / "register.json").exists()
    for path, words in (
        ("index.html", "没有应公开名册"),
        ("en/index.html", "There is no register of expected filings"),
    ):
        page = (site / path).read_text("utf-8")
        assert page.count("hedui register new") == 1 and words in page and "register.html" not in page


def test_the_register_is_narrowed_and_open_to_all_in_the_browser(night: Night, page: Page) -> None:
    page.goto((night.plan.site / "register.html").as_uri() + "#/?status=missing")
    rows = page.locator("table.register tbody tr:visible")
    assert rows.count() == 2 and "2" in page.locator("#found").inner_text()
    page.locator("[name=region]").select_option(label="示例县")
    assert rows.count() == 1 and "区" not in page.locator("#found").inner_text()
    page.locator("#clear").click()
    assert rows.count() == 5
    page.locator("#choosing [name=q]").fill("文物")
    assert rows.count() == 1
    assert page.title().startswith("应公开情况")


@pytest.mark.parametrize("width", [390, 1400])
def test_axe_finds_nothing_serious_where_register_and_waivers_are_shown(night: Night, page: Page, width: int) -> None:
    night.explain()
    night.again()
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("index.html", "en/register.html", "findings.html", f"{night.filing}#finding-{night.finding}"):
        page.goto(f"{night.plan.site.as_uri()}/{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


# ---- waivers ---------------------------------------------------------------------------------------------------------------


def test_a_waiver_stands_beside_its_finding_everywhere_and_the_finding_stays(night: Night) -> None:
    plain = {name: night.page(name) for name in (night.filing, "findings.html")}
    night.explain()
    night.again()
    for path in (night.filing, "findings.html", f"notices/{_notice(night)}"):
        page = night.page(path)
        assert "年末追加的经费&lt;script&gt;" in page and "张会计" in page and "2025-12-31" in page, path
    assert night.page(night.filing).count('<article class="finding bad') == plain[night.filing].count('<article class="finding bad')  # fmt: skip
    assert "其中 1 处已有说明" in night.page("index.html") and "1 of them explained" in night.page("en/index.html")
    assert "其中 1 处已有说明" in night.page(night.filing)
    found = json.loads(night.page("findings.json"))
    jsonschema.validate(found, json.loads(exports.SCHEMA.read_text("utf-8")))
    (one,) = [one for one in found["findings"] if one["waiver"]]
    assert one["id"] == night.finding and one["status"] == "broken"
    assert one["waiver"]["reason"] == {"zh": REASON, "en": "it was reported"}


def _notice(night: Night) -> str:
    return next(path.name for path in (night.plan.site / "notices").glob("*.html") if night.finding in path.read_text("utf-8"))  # fmt: skip


def test_the_ledger_holds_the_waiver_and_takes_it_back_unchanged(night: Night) -> None:
    night.explain()
    night.again()
    sheet = openpyxl.load_workbook(night.plan.site / "ledger.xlsx")[LEDGER]
    heads = [cell.value for cell in sheet[1]]
    rows = [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    (own,) = [row for row in rows if row["核实说明"]]
    assert (own["问题编号"], own["责任人"], own["说明有效期至"]) == (night.finding, "张会计", "2025-12-31")
    held, _ = waiving.reading.read_all([night.plan.waivers[0] / "w.yaml"])
    given = ledger.Given("", date(2026, 1, 1), date(2025, 9, 2))
    outcomes, empty = ledger.replies(night.plan.site / "ledger.xlsx", {one.finding: one for one in held}, lambda _: "x", given)  # fmt: skip
    assert [one.kind for one in outcomes] == ["unchanged"] and empty == len(rows) - 1


def test_a_new_or_lapsed_waiver_remakes_the_filings_page_the_lists_and_the_ledger(night: Night) -> None:
    made = (night.filing, f"{night.filing[:-5]}.js", f"en/{night.filing}", "findings.html", "ledger.xlsx", "findings.json", f"notices/{_notice(night)}")  # fmt: skip
    other = next(f"filings/{path.name}" for path in (night.plan.site / "filings").glob("*-1.html") if f"filings/{path.name}" != night.filing)  # fmt: skip
    before = inodes(night.plan.site)
    night.again()
    assert {path: inodes(night.plan.site)[path] for path in made} == {path: before[path] for path in made}
    night.explain()
    night.again()
    explained = inodes(night.plan.site)
    assert [path for path in made if explained[path] == before[path]] == []
    assert explained[other] == before[other]
    night.again(date(2026, 1, 1))
    lapsed = inodes(night.plan.site)
    assert [path for path in made if lapsed[path] == explained[path]] == []
    assert "年末追加" not in night.page(night.filing) and "有效期止于 2025-12-31" in night.page("index.html")
    assert "it ended on 2025-12-31" in night.page("en/index.html")


def test_a_malformed_waiver_is_told_on_the_overview_without_the_servers_folders(night: Night) -> None:
    (night.plan.waivers[0] / "x.yaml").write_text("waivers:\n  - finding: abc\n", "utf-8")
    night.again()
    page = night.page("index.html")
    assert "x.yaml:2" in page and str(night.plan.waivers[0]) not in page


def test_the_panel_shows_the_explanation_as_text(night: Night, page: Page) -> None:
    night.explain()
    night.again()
    page.goto(f"{night.plan.site.as_uri()}/{night.filing}#finding-{night.finding}")
    told = page.locator("#panel .waived")
    assert REASON in told.inner_text() and "张会计" in told.inner_text() and "问题仍在" in told.inner_text()
    assert told.locator("a").get_attribute("href") == "https://example.org/e.pdf"


def test_the_search_marks_what_is_explained_and_can_leave_it_out(night: Night, page: Page) -> None:
    night.explain()
    night.again()
    page.goto((night.plan.site / "findings.html").as_uri() + "#/?rule=S.row")
    rows = page.locator("#results tbody tr")
    rows.first.wait_for()
    count = rows.count()
    assert rows.locator(".waived-tag").count() == 1
    page.locator("[name=open]").check()
    assert rows.count() == count - 1 and rows.locator(".waived-tag").count() == 0
