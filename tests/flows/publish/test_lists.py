"""Lists, search index, catalogue and the pages of rules: complete without a script."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import duckdb
import jsonschema
import pytest

from expectations.rules import RuleBook, load
from flows import warehouse
from flows.publish import publish
from flows.publish.content import listed, queries
from flows.publish.content.listed import Outcome
from flows.publish.content.views import Run, Verdict
from flows.publish.pages import lists, rules
from flows.publish.wording import sayings
from tests.flows.publish import little
from tests.flows.publish.crowds import crowd, part, parts, pressed


def every(db: duckdb.DuckDBPyConnection, run: Run) -> list[Verdict]:
    """The broken verdicts of `run`, in the order of the warehouse's words."""
    rows = db.execute(
        f"{queries.VERDICT} WHERE v.run = ? AND v.status = 'broken' ORDER BY v.filing, v.rule, v.instance", [run.id]
    ).fetchall()
    return [queries.verdict_of(row) for row in rows]


# ---- the order and the index ---------------------------------------------------------------------------------------------


def test_the_database_gives_findings_the_order_of_the_reader(db: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    press = pressed(db, book)
    run = press.night.runs[0]
    listed.gather(db, run, press.severities)
    found = every(db, run)
    expected = sayings.grouped(sorted(found, key=lambda verdict: sayings.gravity(press, verdict)))
    places = [place for some in listed.keys(db, "broken") for place, *_ in some]
    in_order = listed.at(db, "broken", places)
    assert in_order == expected and any(verdict.root for verdict in in_order)
    assert listed.at(db, "broken", places[1::2]) == expected[1::2] and not listed.at(db, "broken", [])
    assert listed.stretch(db, "broken", 1, 2) == list(listed.findings(db, "broken"))[1:3]
    for rule in book.rules:
        assert [v.fingerprint for v in listed.failures(db, rule.id, 0, 99)] == [
            v.fingerprint for v in expected if v.rule == rule.id
        ]


def test_the_order_is_the_same_in_a_crowd_of_sizes_severities_and_followers(tmp_path: Path, book: RuleBook) -> None:
    with warehouse.connect(tmp_path / "w.duckdb") as db:
        crowd(db, 40)
        press = pressed(db, book)
        run = press.night.runs[0]
        listed.gather(db, run, press.severities)
        found = every(db, run)
        expected = sayings.grouped(sorted(found, key=lambda verdict: sayings.gravity(press, verdict)))
        assert [one.fingerprint for one in listed.findings(db, "broken")] == [one.fingerprint for one in expected]
        assert len(expected) == 400 and sum(bool(one.root) for one in expected) == 80


def test_the_index_holds_every_filing_and_finding_and_leads_to_it(site: Path, db: duckdb.DuckDBPyConnection) -> None:
    index = part(site / "search" / "index.js")
    (filings,), (broken,) = parts(site, "filings"), parts(site, "broken")
    assert index["sizes"] == {"filings": [3], "broken": [len(broken["rule"])], "unverified": []}
    count = "SELECT count(*) FROM verdict JOIN filing f USING (filing) WHERE f.current AND run = 'night-2' AND verdict.status = "
    for name, status in (("broken", "'broken'"), ("unverified", "'not_verifiable'")):
        assert (sum(index["sizes"][name]),) == db.execute(count + status).fetchone()
    pages = {file: (site / "filings" / f"{file}.html").read_text("utf-8") for file in filings["file"]}
    for at, (filing, back) in enumerate(zip(broken["filing"], broken["back"], strict=True)):
        id_ = unpacked(broken["id"], at)
        assert f'id="finding-{id_}"' in pages[filings["file"][filing]]
        if back > 0:
            assert f'href="#finding-{unpacked(broken["id"], at - back)}"' in pages[filings["file"][filing]]
    assert any(back > 0 for back in broken["back"])
    wrong = filings["org"].index("示例市档案局")
    fresh = {unpacked(broken["id"], at) for at, new in enumerate(broken["new"]) if new == "1"}
    both = "SELECT fingerprint FROM verdict WHERE status = 'broken' AND run = 'night-2' AND fingerprint {} (SELECT fingerprint FROM verdict WHERE run = 'night-1')"
    assert (
        fresh == {id_ for (id_,) in db.execute(both.format("NOT IN")).fetchall()}
        and db.execute(both.format("IN")).fetchall()
    )
    told = [broken["numbers"][at] for at, filing in enumerate(broken["filing"]) if filing == wrong]
    assert "515.83|551.83|36.00" in told
    assert filings["regions"][filings["region"][wrong]] == "示例市" or filings["regions"] == [""]


def unpacked(ids: str, at: int) -> str:
    import base64

    return base64.b64decode(ids[at * 22 : at * 22 + 22] + "==").hex()


def test_a_fingerprint_of_another_kind_is_left_out_of_the_index_and_nothing_else_is() -> None:
    from flows.publish.pages.search import _packed

    assert _packed("0" * 32) == "A" * 22 and _packed("night") == " " * 22 and _packed("ab") == " " * 22


# ---- without any script --------------------------------------------------------------------------------------------------


def test_a_long_list_is_paged_and_whole(
    filled: Path, book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "FINDINGS_A_PAGE", 2)
    monkeypatch.setattr(lists, "FILINGS_A_PAGE", 2)
    monkeypatch.setattr(rules, "FAILURES_A_PAGE", 1)
    site = tmp_path / "site"
    publish(filled, book, site)
    links = re.compile(r'<td><a href="([^"]*#finding-[0-9a-f]{32})"')
    expected = len(parts(site, "broken")[0]["rule"])
    for lang in ("", "en"):
        pages = [site / lang / "findings.html", *sorted((site / lang).glob("findings-*.html"))]
        found = [link for page in pages for link in links.findall(page.read_text("utf-8"))]
        assert len(found) == len(set(found)) == expected and len(pages) == -(-expected // 2)
        assert 'rel="next"' in pages[0].read_text("utf-8") and 'rel="next"' not in pages[-1].read_text("utf-8")
        filings = [site / lang / "filings.html", site / lang / "filings-2.html"]
        assert sum(page.read_text("utf-8").count('<th scope="row" class="org">') for page in filings) == 3
        rule = [site / lang / "rules" / name for name in ("S.share.html", "S.share-2.html", "S.share-3.html")]
        assert len({link for page in rule for link in links.findall(page.read_text("utf-8"))}) == 3
        assert "第 2 页，共 3 页" in rule[1].read_text("utf-8") or "page 2 of 3" in rule[1].read_text("utf-8")


def test_what_a_list_leaves_out_it_says(
    filled: Path, book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "FINDINGS_A_PAGE", 1)
    monkeypatch.setattr(lists, "FINDING_PAGES", 2)
    monkeypatch.setattr(rules, "FAILURES_A_PAGE", 1)
    monkeypatch.setattr(rules, "FAILURE_PAGES", 2)
    site = tmp_path / "site"
    publish(filled, book, site)
    left_out = len(parts(site, "broken")[0]["rule"]) - 2
    assert not (site / "findings-3.html").exists()
    assert f"还有 {left_out} 处没有列在这里" in (site / "findings-2.html").read_text("utf-8")
    assert f"{left_out} more are not listed here" in (site / "en/findings-2.html").read_text("utf-8")
    assert "还有 1 处没有列在这里" in (site / "rules/S.share-2.html").read_text("utf-8")


# ---- rules ---------------------------------------------------------------------------------------------------------------


def test_the_catalogue_follows_its_schema_and_tells_every_rule(site: Path, book: RuleBook) -> None:
    told = json.loads((site / "catalogue.json").read_text("utf-8"))
    schema = json.loads((site / "catalogue.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told, schema)
    assert [rule["id"] for rule in told["rules"]] == [rule.id for rule in book.rules]
    row = told["rules"][0]
    assert (
        row["outcome"]["broken"] == 1
        and row["outcome"]["filings_broken"] == 1
        and row["outcome"]["filings_judged"] == 3
    )
    assert row["meaning"]["en"].startswith("For each row of") and (site / row["page"]).is_file()
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**told, "rules": [{**row, "severity": "grave"}]}, schema)


def test_the_shipped_rules_fit_the_catalogue_too(filled: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(filled), read_only=True) as db:
        press = pressed(db, load())
        from flows.publish.takeaway.catalogue import write_catalogue

        write_catalogue(press, {}, tmp_path)
    schema = json.loads((tmp_path / "catalogue.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads((tmp_path / "catalogue.json").read_text("utf-8")), schema)


def test_a_rules_page_tells_its_meaning_examples_and_how_it_came_out(site: Path) -> None:
    page, english = ((site / lang / "rules/S.row.html").read_text("utf-8") for lang in ("", "en"))
    for said in (
        "对《支出决算表》的每一行：本年支出合计等于基本支出加项目支出",
        "空格按零计。",
        "部门决算公开03表",
        "sample.yaml:6",
        "1 处，涉及 1 份决算",
    ):
        assert said in page, said
    assert "For each row of “支出决算表”" in english and "A blank counts as zero." in english
    assert '<polyline points="0,0 1000,' in page, "the pass rate over two runs: all held in the first"
    years = page[page.index("各年度</h3>") : page.index("历次运行</h3>")]
    assert '<th scope="row">2024</th>' in years
    runs = page[page.index('<th scope="row">2025') : page.index("h-could")]
    assert runs.index("2025-09-02") < runs.index("2025-09-01"), "newest first"
    assert 'href="../findings.html#/?rule=S.row"' in page and 'href="../rules/S.rollup.html"' in page


def test_reasons_why_a_rule_could_not_judge_are_counted(filled: Path, tmp_path: Path, book: RuleBook) -> None:
    told = tmp_path / "rules"
    told.mkdir()
    text = little.RULES.replace(
        "check: 收入支出决算总表.本年支出合计 = 支出决算表[合计].本年支出合计",
        "check: 收入支出决算总表.本年支出合计 = 收入决算表[合计].本年收入合计",
    )
    (told / "sample.yaml").write_text(text, "utf-8")
    path = tmp_path / "w.duckdb"
    with warehouse.connect(path) as db:
        little.fill(db, [little.disclosure("示例市档案局"), little.disclosure("示例市水务局")])
        little.judge(db, load(told), "night-1", datetime(2025, 9, 1, 2, 0))
    publish(path, load(told), tmp_path / "site")
    (unverified,) = parts(tmp_path / "site", "unverified")
    assert unverified["reasons"] == [["未公开或未找到《收入决算表》", "“收入决算表” was not published or not found"]]
    page = (tmp_path / "site/rules/S.state.html").read_text("utf-8")
    assert re.search(
        r"<tr><td>未公开或未找到《收入决算表》</td><td class=\"num\">2</td><td class=\"num\">2</td></tr>", page
    )
    assert "涉及 2 份决算" in page and "这不是通过" in page
    assert 'data-outcome="idle"' in (tmp_path / "site/rules.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("judged", "broken", "is_suspect"), [(2, 2, False), (3, 3, True), (10, 9, True), (10, 8, False), (0, 0, False)]
)
def test_a_rule_broken_nearly_everywhere_is_suspect(judged: int, broken: int, is_suspect: bool) -> None:
    assert Outcome(judged, broken).suspect == is_suspect


def test_a_suspect_rule_says_so_on_its_page_and_in_the_catalogue(site: Path) -> None:
    """13.74 % of 298.47 in 2,172.72 is printed wrongly by all three filings."""
    for lang, said in (("", "问题可能在规则本身"), ("en", "the rule itself may be wrong")):
        assert said in (site / lang / "rules/S.share.html").read_text("utf-8")
        assert said not in (site / lang / "rules/S.row.html").read_text("utf-8")
    assert (site / "rules.html").read_text("utf-8").count("规则可疑") == 1
