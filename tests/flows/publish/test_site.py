"""The published site: complete, closed in itself, escaped, and replaced as a whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import jsonschema
import openpyxl
import pytest

from expectations.rules import RuleBook, in_force
from flows import place, warehouse
from flows.publish import making, publish
from flows.publish import site as building
from flows.publish.content.views import Contents
from flows.publish.pages.evidence import anchor
from flows.publish.press import Press
from flows.read.document import Place
from flows.recognise.disclosure import Doubt
from tests.flows.publish import little

VOID = {"meta", "link", "br", "input", "rect", "path"}
ENDS = {
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"td", "th", "tr"},
    "tbody": {"td", "th", "tr", "thead"},
    "li": {"li"},
    **{name: {"p"} for name in ("p", "div", "table", "ul", "h3", "h4", "h5", "h6")},
}
"""What an element ends by beginning, where HTML lets its end be left out."""
IMPLIED = set().union(*ENDS.values(), {"tbody"})


class Page(HTMLParser):
    """One page taken apart: ids, addresses, attributes that could run something, and whether every element is closed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        while self.open and self.open[-1] in ENDS.get(tag, ()):
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append(found)
        for name, value in attrs:
            if name == "id" and value is not None:
                self.ids.append(value)
            if name in ("href", "src", "action") and value is not None:
                self.links.append(value)
            if name.startswith("on") or name == "style":
                self.handlers.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in IMPLIED:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def filing_page(site: Path, organisation: str, lang: str = "") -> str:
    for path in (site / lang / "filings").glob("*.html"):
        text = path.read_text("utf-8")
        if f"<h1>{organisation}" in text:
            return text
    raise AssertionError(f"no page for {organisation}")


def test_every_address_of_every_page_leads_to_a_file_and_an_anchor_of_the_site(pages: dict[Path, Page]) -> None:
    checked = 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme == "data":
                continue
            assert not parts.scheme and not parts.netloc, f"{path} leads outside: {link}"
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            assert target.is_file(), f"{path} leads to nothing: {link}"
            if parts.fragment and not parts.fragment.startswith("/?") and target.suffix == ".html":
                ids = next(p for k, p in pages.items() if k.resolve() == target).ids
                assert unquote(parts.fragment) in ids, f"{path}: no anchor {link}"
            checked += 1
    assert checked > 200


def test_no_page_holds_an_external_address_a_handler_or_a_script_of_its_own(
    site: Path, pages: dict[Path, Page]
) -> None:
    for path, page in pages.items():
        assert not page.handlers, path
        assert not page.faults and not page.open, (path, page.faults, page.open)
        assert all(count == 1 for count in Counter(page.ids).values()), (
            path,
            [i for i, n in Counter(page.ids).items() if n > 1],
        )
        assert [s for s in page.scripts if s.get("src")] and all(
            s.get("src") or s.get("type") == "application/json" for s in page.scripts
        )
    for path in (*site.rglob("*.html"), *site.rglob("*.css"), *site.rglob("*.js")):
        assert not re.search(r"https?://|//[a-z]+\.", path.read_text("utf-8")), path


def test_each_page_exists_in_both_languages_and_names_its_language(site: Path) -> None:
    chinese = {p.relative_to(site).as_posix() for p in site.rglob("*.html") if "en" not in p.relative_to(site).parts}
    english = {p.relative_to(site / "en").as_posix() for p in (site / "en").rglob("*.html")}
    assert chinese == english and "index.html" in chinese
    assert '<html lang="en">' in (site / "en/index.html").read_text("utf-8")
    assert "Missing forms" in (site / "en/index.html").read_text("utf-8")
    assert "缺少的报表" in (site / "index.html").read_text("utf-8")


def test_the_overview_counts_what_the_warehouse_holds(site: Path, db: duckdb.DuckDBPyConnection) -> None:
    text = (site / "index.html").read_text("utf-8")
    row = db.execute("SELECT count(*) FROM figure JOIN filing f USING (filing) WHERE f.current").fetchone()
    assert row and f"<dd>{row[0]}</dd>" in text
    broken = db.execute(
        "SELECT count(*) FROM verdict JOIN filing f USING (filing) WHERE f.current AND run = 'night-2' AND verdict.status = 'broken' AND rule <> 'S.share'"
    ).fetchone()
    assert broken and broken[0] == 2 and '<dd class="n-bad">2</dd>' in text
    assert "文件已加密，无法打开" in text and "sealed.pdf" in text
    assert "国有资本经营预算财政拨款支出决算表" in text


def test_the_overview_tells_new_findings_from_those_still_there(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")
    assert "新增 3 · 消除 0 · 仍在 2" in text.replace("\n", "") or re.search(r"新增 \d+ · 消除 \d+ · 仍在 \d+", text)
    news = text[text.index('id="h-change"') :]
    assert "支出决算表“档案馆”本年支出合计" in news[: news.index("</section>")]


def test_a_figure_that_is_wrong_is_red_where_it_is_stated_and_edged_where_it_is_used(site: Path) -> None:
    text = filing_page(site, "示例市档案局")
    total = anchor("T03/2012604/本年支出合计")
    assert re.search(rf"<td class=(bad|.bad sus.)><a id={total} href=#n\d+", text)
    assert re.search(rf"<td class=inv><a id={anchor('T03/2012604/项目支出')} href=#n\d+", text)
    assert re.search(r'<td class="strong (total )?near"', text), "a tail difference is marked as such"
    assert re.search(rf'<td class="strong ok"><a id={anchor("T03/201/基本支出")}(?! href)', text)
    assert re.search(rf'<td class=("[^"]* bare"|bare)><a id={anchor("T06/301/决算数")}', text), (
        "no rule guards T06 here"
    )


def test_the_same_figure_is_green_where_it_is_right(site: Path) -> None:
    text = filing_page(site, "示例市水务局")
    assert not re.search(r'<td class="?(strong )?(total )?(bad|inv)"?><a', text)
    assert re.search(rf"<td class=ok><a id={anchor('T03/2012604/本年支出合计')}", text)


def test_a_finding_carries_its_arithmetic_without_any_script(site: Path) -> None:
    text = filing_page(site, "示例市档案局")
    article = next(a for a in text.split("<article")[1:] if "本年支出合计 = 基本支出 + 项目支出" in a)
    cells = re.sub(r"<[^>]+>", "|", article[: article.index("</article>")])
    for shown in (
        "551.825",
        "551.835",
        "515.825",
        "515.835",
        "515.83",
        "551.83",
        "第 3 页",
        "支出决算表“档案馆”本年支出合计",
        "36.00",
        "35.99",
    ):
        assert shown in cells, shown


def test_forms_that_are_blank_missing_or_unread_say_so(site: Path) -> None:
    text = filing_page(site, "示例市档案局")
    assert "本部门没有政府性基金预算，故本表无数据。" in text
    assert "文件中没有找到这些报表。" in text
    assert "两列数字重叠，无法分开" in text
    assert "two columns of numbers overlap" in filing_page(site, "示例市档案局", "en")


def test_hostile_text_stays_text(site: Path, pages: dict[Path, Page]) -> None:
    for path in site.rglob("*.html"):
        assert little.HOSTILE not in path.read_text("utf-8"), path
    text = filing_page(site, little.LONG)
    assert "&lt;script&gt;" in text


def test_findings_json_follows_its_schema_and_counts_every_finding(site: Path, db: duckdb.DuckDBPyConnection) -> None:
    found = json.loads((site / "findings.json").read_text("utf-8"))
    schema = json.loads((site / "findings.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    row = db.execute(
        "SELECT count(*) FROM verdict JOIN filing f USING (filing) WHERE f.current AND run = 'night-2' AND verdict.status IN ('broken', 'not_verifiable')"
    ).fetchone()
    assert row and len(found["findings"]) == row[0] >= 5
    wrong = next(f for f in found["findings"] if f["rule"] == "S.row")
    assert (wrong["stated"], wrong["computed"], wrong["unexplained"]) == ("515.83", "551.83", "35.99")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found | {"findings": [wrong | {"status": "holds"}]}, schema)


def test_the_parquet_holds_every_verdict_of_the_newest_run(site: Path, db: duckdb.DuckDBPyConnection) -> None:
    row = duckdb.sql(f"SELECT count(*), count(DISTINCT status), min(run) FROM '{site / 'verdicts.parquet'}'").fetchone()
    wanted = db.execute(
        "SELECT count(*) FROM verdict JOIN filing f USING (filing) WHERE f.current AND run = 'night-2'"
    ).fetchone()
    assert row and wanted and row[0] == wanted[0] and row[1] >= 3 and row[2] == "night-2"


def test_the_ledger_has_one_row_a_finding_and_no_formula(site: Path) -> None:
    sheet = openpyxl.load_workbook(site / "ledger.xlsx").active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == 5 and sheet.freeze_panes == "C2" and sheet.auto_filter.ref == "A1:AD6"
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    heads = [cell.value for cell in sheet[1]]
    by_rule = {row[heads.index("规则")].value: row for row in rows}
    assert by_rule["S.row"][heads.index("公开数")].value == 515.83
    assert by_rule["S.row"][heads.index("程度")].value == "必须更正"


def test_what_follows_from_a_finding_is_folded_under_it_everywhere(site: Path) -> None:
    """档案馆 prints 515.83 for 551.83: its row and the sum above are broken, and only one of the two is a cause."""
    found = {one["id"]: one for one in json.loads((site / "findings.json").read_text("utf-8"))["findings"]}
    (symptom,) = [one for one in found.values() if one["root"]]
    root = found[symptom["root"]]
    assert {root["rule"], symptom["rule"]} == {"S.row", "S.rollup"} and root["filing"] == symptom["filing"]

    sheet = openpyxl.load_workbook(site / "ledger.xlsx").active
    assert sheet is not None
    heads = [cell.value for cell in sheet[1]]
    listed = {row[heads.index("问题编号")].value: row for row in sheet.iter_rows(min_row=2)}
    at, below = listed[root["id"]], listed[symptom["id"]]
    assert below[0].row == at[0].row + 1 and below[heads.index("源于序号")].value == at[0].value
    assert sheet.row_dimensions[below[0].row].outlineLevel == 1 and not sheet.row_dimensions[at[0].row].outlineLevel
    assert [row[heads.index("源于序号")].value for row in listed.values()].count(None) == len(listed) - 1

    for lang, words in (
        ("zh", ("由问题 1 引起", "由此引起的问题：", "原因引起")),
        ("en", ("follows from finding 1", "Findings that follow from it", " cause")),
    ):
        text = filing_page(site, "示例市档案局", lang.replace("zh", ""))
        assert f'<a href="#finding-{root["id"]}">{words[0]}</a>' in text and words[1] in text
        assert text.index(f'id="finding-{root["id"]}"') < text.index(
            f'class="finding bad follows" id="finding-{symptom["id"]}"'
        )
        folder = site if lang == "zh" else site / "en"
        lists = [(folder / name).read_text("utf-8") for name in ("index.html", "findings.html")]
        assert all(words[2] in one for one in lists)
        rule = (folder / "rules" / f"{symptom['rule']}.html").read_text("utf-8")
        assert f'#finding-{root["id"]}">' in lists[1] and f'#finding-{root["id"]}">' in rule


def test_a_label_like_a_formula_stays_text_in_the_ledger(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure('=HYPERLINK("x")', "515.83")])
    little.judge(db, book, "r", datetime(2025, 9, 1))
    publish(db, book, tmp_path / "s")
    sheet = openpyxl.load_workbook(tmp_path / "s/ledger.xlsx").active
    assert sheet is not None and sheet["B2"].value == '=HYPERLINK("x")' and sheet["B2"].data_type == "s"


def test_a_failure_on_the_way_leaves_the_old_site_and_no_trace(
    tmp_path: Path, filled: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    publish(filled, book, target)
    before = {p: p.read_bytes() for p in target.rglob("*") if p.is_file()}

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(building, "keep_unchanged", fail)
    with pytest.raises(OSError, match="disk full"):
        publish(filled, book, target)
    assert {p: p.read_bytes() for p in target.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_site_replaces_the_old_one_as_a_whole(
    tmp_path: Path, filled: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    target = tmp_path / "site"
    publish(filled, book, target)
    (target / "filings" / "gone.html").write_text("old")
    (target / ".gitkeep").touch()
    if not exchange:
        monkeypatch.setattr(place, "_exchange", lambda *_: False)
    publish(filled, book, target)
    assert not (target / "filings" / "gone.html").exists() and (target / ".gitkeep").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path, filled: Path, book: RuleBook) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="not replaced"):
        publish(filled, book, tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_an_empty_warehouse_and_an_empty_rule_book_still_make_a_site(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    db = warehouse.connect()
    publish(db, RuleBook((), ()), tmp_path / "site")
    assert "仓库中还没有决算。" in (tmp_path / "site/index.html").read_text("utf-8")
    assert json.loads((tmp_path / "site/findings.json").read_text("utf-8"))["findings"] == []


def test_a_failed_run_is_never_published(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局", "515.83")])
    little.judge(db, book, "good", datetime(2025, 9, 1))
    db.execute("INSERT INTO run (run, started, status) VALUES ('bad', TIMESTAMP '2025-09-02', 'failed')")
    publish(db, book, tmp_path / "site")
    found = json.loads((tmp_path / "site/findings.json").read_text("utf-8"))
    assert found["run"] == "good" and found["findings"]


def test_a_quiet_night_takes_unchanged_pages_over_and_gives_the_same_site(
    tmp_path: Path, filled: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, copy = tmp_path / "site", tmp_path / "w.duckdb"
    shutil.copyfile(filled, copy)
    publish(copy, book, target)
    with warehouse.connect(copy) as db:
        little.judge(db, book, "night-3", datetime(2025, 9, 3, 2, 0))
    fresh = tmp_path / "fresh"
    publish(copy, book, fresh)
    made = _watch(monkeypatch)
    publish(copy, book, target)
    assert made == []
    pages = [path.relative_to(fresh) for path in fresh.rglob("*.html")]
    assert len(pages) > 20 and all((target / page).read_bytes() == (fresh / page).read_bytes() for page in pages)
    assert "2025-09-03" in (target / "assets" / "run.js").read_text("utf-8")


def test_a_page_is_made_anew_when_its_filing_or_the_file_itself_has_changed(
    tmp_path: Path, filled: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, copy = tmp_path / "site", tmp_path / "w.duckdb"
    shutil.copyfile(filled, copy)
    publish(copy, book, target)
    spoiled = next(p for p in (target / "filings").glob("*.html") if "<h1>示例市水务局" in p.read_text("utf-8"))
    spoiled.write_text("spoiled", "utf-8")
    with warehouse.connect(copy) as db:
        changed = "SELECT filing FROM filing WHERE organisation = '示例市档案局'"
        db.execute(f"UPDATE figure SET value = 1.11 WHERE id = 'T06/301/决算数' AND filing IN ({changed})")
    made = _watch(monkeypatch)
    publish(copy, book, target)
    assert sorted(made) == ["示例市档案局", "示例市水务局"]
    assert "1.11" in filing_page(target, "示例市档案局") and filing_page(target, "示例市水务局")


def _watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The organisations whose pages are made from here on."""
    made: list[str] = []
    original = making.filing_pages

    def watched(press: Press, contents: Contents) -> dict[str, str]:
        made.append(contents.filing.organisation)
        return original(press, contents)

    monkeypatch.setattr(making, "filing_pages", watched)
    return made


def test_a_figure_read_without_certainty_is_grey_and_says_why(tmp_path: Path, book: RuleBook) -> None:
    ids = ("T03/2012604/本年支出合计", "T06/30101/决算数", "T03/2012604/基本支出")
    # no rule guards the second; in the cell of the third something stands that could not be read
    made = little.disclosure("示例市档案局", "515.83")
    why = {"zh": "两次识别不一致", "en": "two readings differ"}
    unsure = replace(made, reading=replace(made.reading, doubts=tuple(Doubt(id_, why, Place(page=3)) for id_ in ids)))
    with warehouse.connect(tmp_path / "w.duckdb") as db:
        little.fill(db, [unsure])
        little.judge(db, book, "night", datetime(2025, 9, 1, 2, 0))
    publish(tmp_path / "w.duckdb", book, tmp_path / "site")
    for lang, said in (("", "识读存疑：两次识别不一致"), ("en", "not certain: two readings differ")):
        (page,) = (tmp_path / "site" / lang / "filings").glob("*.html")
        text = page.read_text("utf-8")
        cells = [part for part in text.split("<td ") if any(f"id={anchor(id_)}" in part for id_ in ids)]
        assert len(cells) == 3 and sum(">？<" in cell for cell in cells) == 1
        assert all("class=none" in cell[:20] and said in cell for cell in cells)
        assert '<article class="finding bad"' not in text


def test_a_rules_page_says_that_it_is_on_trial_amended_or_a_teams_own(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, ours = tmp_path / "shipped", tmp_path / "国库科"
    shipped.mkdir(), ours.mkdir()
    text = little.RULES.replace("    category: rollup\n", "    category: rollup\n    status: preview\n")
    head, _, state = text.partition("  - id: S.state")
    (shipped / "sample.yaml").write_text(head, "utf-8")
    amend = "amend:\n  - {id: S.row, severity: warning, reason: {zh: 说明即可, en: an explanation will do}}\n"
    title = "title: {zh: 本单位, en: Ours}\nfamily: between_forms\nowner: 张会计\nrules:\n"
    (ours / "sample.yaml").write_text(title + "  - id: S.state" + state + amend, "utf-8")
    monkeypatch.setattr("expectations.rules.FOLDER", shipped)
    site = tmp_path / "site"
    publish(filled, in_force([ours]), site)

    def page(name: str, lang: str = "") -> str:
        return (site / lang / "rules" / f"{name}.html").read_text("utf-8")

    assert "由“必须更正”改为“需要说明”：说明即可" in page("S.row") and "an explanation will do" in page("S.row", "en")
    assert "试行" in page("S.rollup") and "preview" in page("S.rollup", "en")
    assert "国库科 的规则" in page("S.state") and "张会计" in page("S.state")
    catalogue = (site / "rules.html").read_text("utf-8")
    assert all(said in catalogue for said in ("说明即可", "试行", "国库科 的规则", "本单位"))
    found = json.loads((site / "findings.json").read_text("utf-8"))
    jsonschema.validate(found, json.loads((site / "findings.schema.json").read_text("utf-8")))
    told = {one["rule"]: (one["severity"], one["rule_status"], one["amended"]) for one in found["findings"]}
    assert told["S.row"] == ("warning", "stable", {"zh": "说明即可", "en": "an explanation will do"})
    assert told["S.rollup"] == ("info", "preview", None)
