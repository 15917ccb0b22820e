"""The Great Expectations pages, printed by its own site builder: suites, results with failing rows, runs, errors as errors."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import datetime
from functools import partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql.verdicts import Compiled, compile_all
from flows import validate
from flows.publish import publish
from flows.publish.datadocs import Docs
from flows.publish.pages.validation import INDEX, RUNS
from tests.flows.publish import little
from tests.flows.publish.test_access import violations

JUDGED = ("results/sample.expenditure", "results/canary", "suites/sample.expenditure")

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE_RULE = f"""
title: {{zh: "{little.HOSTILE}", en: Hostile}}
family: within_form
form: 支出决算表
rules:
  - id: H.title
    title: {{zh: "{little.HOSTILE}标题", en: "{little.HOSTILE}title"}}
    for_each: row
    check: 本年支出合计 = 0
    category: other
    severity: info
    basis: "<b>依据</b>"
    examples: {{holds: [{{本年支出合计: 0}}], broken: [{{本年支出合计: 3.00}}]}}
"""


@pytest.fixture(scope="module")
def hostile_book(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    folder = tmp_path_factory.mktemp("hostile")
    little.rulebook(folder)
    (folder / "hostile.yaml").write_text(HOSTILE_RULE, "utf-8")
    return rules.load(folder)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, filled: Path, hostile_book: RuleBook) -> tuple[Path, Path]:
    """A warehouse and Great Expectations' record of three runs over it: the second crashed, the third has one rule more."""
    folder = tmp_path_factory.mktemp("kept")
    path, root = folder / "w.duckdb", folder / "record"
    shutil.copy(filled, path)
    compiled = compile_all(hostile_book, vocabulary.load())
    first = tuple(one for one in compiled if one.rule.id != "H.title")
    with pytest.MonkeyPatch.context() as patched:
        whole = validate.structure_suites
        patched.setattr(
            validate, "structure_suites", lambda words: tuple(one for one in whole(words) if one.table == "expenditure")
        )
        judged(path, hostile_book, first, "night-3", root)
        with pytest.raises(validate.ValidationError):
            judged(path, hostile_book, crashing(compiled), "night-4", root)
        judged(path, hostile_book, compiled, "night-5", root)
    return path, root


def judged(path: Path, book: RuleBook, compiled: tuple[Compiled, ...], run: str, root: Path) -> None:
    hour = int(run[-1])
    with duckdb.connect(str(path)) as db:
        db.execute(
            "INSERT INTO run (run, started, finished, status, hedui, reader, documents, loaded, filings, rules) "
            "VALUES (?, ?, ?, ?, '9.9', 'r7', 3, 1, 3, 5)",
            [run, datetime(2025, 9, hour, 2), datetime(2025, 9, hour, 2, 1, 5), "failed" if hour == 4 else "completed"],
        )
    validate.validate(path, book, compiled, run, root)


def docs_of(root: Path) -> Docs:
    """Great Expectations' site builder over its record in `root`."""
    return Docs(root, partial(validate.build_docs, root))


def crashing(compiled: tuple[Compiled, ...]) -> tuple[Compiled, ...]:
    """The first rule's query fails while it runs, though it can be planned."""
    one = compiled[0]
    wrong = one.template.replace("FROM k", "FROM k WHERE CAST(stated * 1000 AS DECIMAL(3,1)) IS NOT NULL")
    return (replace(one, template=wrong), *compiled[1:])


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory, kept: tuple[Path, Path], hostile_book: RuleBook) -> Path:
    folder = tmp_path_factory.mktemp("validated")
    target = folder / "site"
    path, root = kept
    shutil.copy(path, folder / "w.duckdb")
    with duckdb.connect(str(folder / "w.duckdb")) as db:
        # A later run would rest on one that says what it judged: so this is said here. Times are kept when a run has ended.
        db.execute("UPDATE run SET judged = CASE run WHEN 'night-3' THEN 3 WHEN 'night-5' THEN 2 END")
        db.execute(
            "INSERT INTO run_stage VALUES ('night-3', 1, 'read', 12.5, 3), ('night-3', 2, 'validate', 50, 3), ('night-3', 3, 'explain', 2.3, 0), ('night-5', 1, 'read', 9, 3)"
        )
    publish(folder / "w.duckdb", hostile_book, target, docs_of(root))
    return target


def text(path: Path) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", path.read_text("utf-8"))))


def test_every_suite_stands_in_the_index_with_counts_and_its_worst_severity(validated: Path) -> None:
    index = text(validated / "validation.html")
    assert "示例规则" in index and "night-5" in index and "表结构" in index
    assert "支出决算表 expenditure 2 0 2 必须更正" in index, "two expectations, none passed, the worst of them critical"
    assert "1 = 2" in index and "canary 2 2" in index, "the canary is explained, and failed as it must"
    assert "must be put right" in text(validated / "en/validation.html")


def test_a_suite_tells_each_expectation_as_a_person_reads_it(validated: Path) -> None:
    suite = validated / "validation/suites/sample.expenditure.html"
    for shown in (
        "每行合计等于各类支出之和",
        "本年支出合计 = 基本支出 + 项目支出",
        "必须更正",
        "本系统自定",
        "部门决算公开03表",
    ):
        assert shown in text(suite), shown
    assert 'href="../../rules/S.row.html"' in suite.read_text("utf-8")
    structure = text(validated / "en/validation/suites/structure.expenditure.html")
    assert "row_key is never blank" in structure and "filing, part, row_key is unique" in structure
    assert "built in" in structure


def test_a_suites_page_says_nothing_of_a_run(
    validated: Path, kept: tuple[Path, Path], hostile_book: RuleBook, tmp_path: Path
) -> None:
    """So that a night in which no rule changed leaves it as it is."""
    path, root = kept
    shutil.copytree(root, tmp_path / "record")
    shutil.copy(path, tmp_path / "w.duckdb")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(validate, "structure_suites", lambda words: ())
        judged(
            tmp_path / "w.duckdb",
            hostile_book,
            compile_all(hostile_book, vocabulary.load()),
            "night-6",
            tmp_path / "record",
        )
    again = tmp_path / "site"
    publish(tmp_path / "w.duckdb", hostile_book, again, docs_of(tmp_path / "record"))
    untimed = re.compile(r'<span id="checked">.*?</span>')
    for name in ("suites/sample.expenditure.html", "results/sample.expenditure.html"):
        old, new = (untimed.sub("", (site / "validation" / name).read_text("utf-8")) for site in (validated, again))
        assert old == new, name


def test_failing_rows_lead_to_the_finding_on_its_filings_page(validated: Path) -> None:
    result = validated / "validation/results/sample.expenditure.html"
    html = result.read_text("utf-8")
    for shown in ("未通过 · 必须更正", "515.83", "551.83", "-36", "档案馆", "无法解释"):
        assert shown in text(result), shown
    links = re.findall(r'href="\.\./\.\./(filings/[^"#]+)#(finding-[^"]+)"', html)
    assert links
    for page_name, anchor in links:
        assert f'id="{anchor}"' in (validated / page_name).read_text("utf-8"), anchor


def test_more_rows_than_are_shown_are_counted_and_lead_to_the_rule(
    kept: tuple[Path, Path], hostile_book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, root = kept
    monkeypatch.setattr("flows.publish.pages.validation.SHOWN_ROWS", 1)
    publish(path, hostile_book, tmp_path / "s", docs_of(root))
    html = (tmp_path / "s/validation/results/hostile.expenditure.html").read_text("utf-8")
    with duckdb.connect(str(path), read_only=True) as db:
        (broken,) = db.execute(
            "SELECT count(*) FROM verdict WHERE run = 'night-5' AND rule = 'H.title' AND status = 'broken'"
        ).fetchall()[0]
    assert broken > 2 and f"另有 {broken - 1} 行" in html and 'href="../../rules/H.title.html#h-failures"' in html


def test_a_run_has_a_page_with_versions_time_and_what_is_new(validated: Path) -> None:
    runs = text(validated / "validation/runs.html")
    assert re.search(r"night-5 .*night-4 .*失败.*night-3 ", runs) and "night-1" in runs, (
        "runs without results are listed"
    )
    newest = text(validated / "validation/runs/night-5.html")
    for shown in ("9.9", "r7", "Great Expectations 1.", "新出现", "规则有变"):
        assert shown in newest, shown
    assert "65 秒" in runs and "用时 65" not in newest, "while it is published it is not known how long the run takes"
    earlier = text(validated / "validation/runs/night-3.html")
    assert "用时 65 秒" in earlier and "3 份文件" in earlier
    assert (
        "各步骤用时 各步骤用时 步骤 秒 件数 读取 12.5 3 核对 50.0 3 说明 2.3" in earlier and "各步骤用时" not in newest
    )
    assert "本次核对 全部 3 份决算" in earlier and "本次核对 3 份决算中的 2 份" in newest
    assert "2 of 3 filings; the others are unchanged" in text(validated / "en/validation.html")
    oldest = validated / "validation/runs/night-3.html"
    assert "515.83" in text(oldest) and "新出现" not in text(oldest), "there is no run before it to compare with"
    assert "H.title" not in text(oldest)


def test_an_exception_is_shown_as_an_error_and_not_as_a_failure(validated: Path) -> None:
    crashed = text(validated / "validation/runs/night-4.html")
    assert "执行出错：" in crashed and "Conversion Error" in crashed and "出错 1" in crashed
    assert "对数字没有得出任何结论" in crashed
    assert "执行出错：" not in text(validated / "validation/runs/night-5.html")


def test_what_rules_and_documents_say_is_shown_as_text(validated: Path) -> None:
    made = [*validated.glob("validation*"), *validated.rglob("validation/**/*.html")]
    pages = [path.read_text("utf-8") for path in made if path.is_file()]
    assert sum("&lt;script&gt;document.title=" in one for one in pages) >= 4
    assert not any(little.HOSTILE in one or "<b>依据" in one for one in pages)


def test_nothing_of_the_stock_pages_is_in_the_site(validated: Path) -> None:
    pages = [validated / "validation.html", *(validated / "validation").rglob("*.html")]
    assert pages and all("Content-Security-Policy" in path.read_text("utf-8") for path in pages)
    assert not [path for path in pages if re.search(r'(?:src|href)="(?:https?:)?//', path.read_text("utf-8"))]
    assert {path.suffix for path in (validated / "validation").rglob("*") if path.is_file()} == {".html"}


def test_every_link_of_these_pages_leads_somewhere(validated: Path) -> None:
    for path in [validated / "validation.html", *(validated / "validation").rglob("*.html")]:
        for link in re.findall(r'href="([^"#:]+)["#]', path.read_text("utf-8")):
            assert (path.parent / link).exists(), (path, link)


def test_a_view_that_fails_stops_the_publication(
    kept: tuple[Path, Path], hostile_book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Great Expectations' builder logs what a view raises and goes on."""

    def broken(*_: object, **__: object) -> str:
        raise ValueError("no ink")

    monkeypatch.setattr("flows.publish.pages.validation.result_page", broken)
    path, root = kept
    with pytest.raises(ValueError, match="no ink"):
        publish(path, hostile_book, tmp_path / "s", docs_of(root))
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(("section", "kind"), [("expectations", "suites"), ("validations", "results")])
def test_a_page_left_out_by_the_builder_stops_the_publication(
    kept: tuple[Path, Path],
    hostile_book: RuleBook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    section: str,
    kind: str,
) -> None:
    """As it does, with a warning in the log, with what it finds no longer in its store."""
    from great_expectations.render.renderer.site_builder import DefaultSiteSectionBuilder

    real = DefaultSiteSectionBuilder.build
    monkeypatch.setattr(
        DefaultSiteSectionBuilder, "build", lambda self, **asked: None if self.name == section else real(self, **asked)
    )
    path, root = kept
    with pytest.raises(RuntimeError, match=rf"left out .*{kind}/sample\.expenditure"):
        publish(path, hostile_book, tmp_path / "s", docs_of(root))


def test_a_record_without_any_run_is_a_page_that_says_so(
    kept: tuple[Path, Path], hostile_book: RuleBook, tmp_path: Path
) -> None:
    publish(kept[0], hostile_book, tmp_path / "s", docs_of(tmp_path / "nothing"))
    assert "没有随附校验结果" in (tmp_path / "s/validation.html").read_text("utf-8")


def test_a_site_without_results_says_so(site: Path) -> None:
    assert "没有随附校验结果" in (site / "validation.html").read_text("utf-8")


def test_in_a_browser_without_network_no_request_leaves_and_nothing_is_complained_of(
    validated: Path,
    page: Page,
) -> None:
    for path in [
        *validated.glob("**/validation.html"),
        *validated.glob("**/validation/*.html"),
        *validated.glob("**/validation/*/*.html"),
    ]:
        for width in (1400, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path.as_uri())
            assert page.title() != "owned"
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
                path,
                width,
            )
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto((validated / "validation.html").as_uri())
    page.get_by_role("button", name="未通过").click()
    page.locator("table.suites tbody tr:visible a").first.click()
    assert page.locator(".tag.bad").first.is_visible(), "the suite with most failures stands first"
    page.goto((validated / "validation/results/sample.expenditure.html").as_uri())
    page.locator("table.rows a").first.click()
    assert "#finding-" in page.url and page.locator(f"#{page.url.split('#')[1]}").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", [INDEX, RUNS, *(f"validation/{path}.html" for path in ("runs/night-4", "runs/night-5", *JUDGED))]
)
def test_axe_finds_nothing_serious_on_these_pages(validated: Path, page: Page, name: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((validated / name).as_uri())
    assert violations(page) == []


def test_where_nothing_was_executed_the_pages_stand_and_great_expectations_is_not_asked(
    kept: tuple[Path, Path], hostile_book: RuleBook, tmp_path: Path
) -> None:
    path, root, site = tmp_path / "w.duckdb", tmp_path / "record", tmp_path / "site"
    shutil.copy(kept[0], path)
    shutil.copytree(kept[1], root)
    publish(path, hostile_book, site, docs_of(root))
    before = {one: one.stat().st_ino for one in site.rglob("*.html") if "validation" in str(one.relative_to(site))}

    def asked(describe: object) -> None:
        raise AssertionError("Great Expectations was asked")

    with duckdb.connect(str(path)) as db:  # a night that rests on the verdicts of the one before
        db.execute("INSERT INTO standing SELECT * REPLACE ('night-6' AS run) FROM standing WHERE run = 'night-5'")
        db.execute(
            "INSERT INTO run (run, started, status) VALUES ('night-6', TIMESTAMP '2025-09-06 02:00:00', 'running')"
        )
    publish(path, hostile_book, site, Docs(root, asked))
    remade = {one for one, inode in before.items() if one.stat().st_ino != inode}
    assert len(before) > 20 and remade == {site / RUNS, site / "en" / RUNS}
    runs = text(site / "en" / RUNS)
    assert "night-6 2025-09-06" in runs and "completed" in runs[runs.index("night-6") : runs.index("night-5")]
    publish(path, hostile_book, tmp_path / "anew", docs_of(root))
    assert all(
        (tmp_path / "anew" / one.relative_to(site)).read_bytes() == one.read_bytes() for one in site.rglob("*.html")
    )


@pytest.mark.parametrize("change", ["record", "verdict", "earlier run", "rule"])
def test_the_pages_are_made_anew_when_anything_that_they_tell_has_changed(
    kept: tuple[Path, Path], hostile_book: RuleBook, tmp_path: Path, change: str
) -> None:
    path, root, site, book = tmp_path / "w.duckdb", tmp_path / "record", tmp_path / "site", hostile_book
    shutil.copy(kept[0], path)
    shutil.copytree(kept[1], root)
    publish(path, book, site, docs_of(root))
    with duckdb.connect(str(path)) as db:
        if change == "record":
            result = max(root.rglob("validations/**/*.json"))
            result.write_text(result.read_text("utf-8").replace("night-5", "night-7"), "utf-8")
        elif change == "verdict":
            db.execute("UPDATE kept_verdict SET fingerprint = md5(fingerprint) WHERE run = 'night-5'")
        elif change == "earlier run":
            db.execute(
                "UPDATE run SET documents = 99 WHERE run = (SELECT max(run) FROM run WHERE run < 'night-5' AND status = 'completed')"
            )
        else:
            book = replace(book, rules=tuple(replace(one, title={"zh": "改过", "en": "amended"}) for one in book.rules))
    publish(path, book, site, docs_of(root))
    publish(path, book, tmp_path / "anew", docs_of(root))
    pages = [one for one in site.rglob("*.html") if "validation" in str(one.relative_to(site))]
    assert len(pages) > 20
    assert all((tmp_path / "anew" / one.relative_to(site)).read_bytes() == one.read_bytes() for one in pages)
