"""What is taken along: the ledger opened as a workbook, findings.json read against its schema, since when findings are there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from expectations.rules import RuleBook
from expectations.rules import load as rules_of
from flows import warehouse
from flows.publish import publish
from flows.publish.content.noticed import Notice, notice_named
from flows.publish.press import Press
from flows.publish.takeaway import notices as making
from flows.publish.takeaway.ledger import HEADS, LEDGER
from tests.flows.publish import little


def ledger(site: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(site / "ledger.xlsx")


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    """The rows of a sheet by heading."""
    heads = [cell.value for cell in sheet[1]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]


def found(site: Path) -> list[dict[str, Any]]:
    return list(json.loads((site / "findings.json").read_text("utf-8"))["findings"])


def local(*moment: int) -> datetime:
    """A moment of the warehouse's clock (UTC) on the reader's."""
    return datetime(*moment, tzinfo=UTC).astimezone()  # type: ignore[misc,arg-type]


def test_a_row_tells_everything_about_its_finding(site: Path) -> None:
    """档案馆 prints a total of 515.83 beside 551.83 for projects: 36.00 too little, of which rounding explains a cent."""
    (row,) = [row for row in rows(ledger(site)[LEDGER]) if row["规则"] == "S.row"]
    assert (row["机构"], row["年度"], row["报表"], row["数字"]) == (
        "示例市档案局",
        2024,
        "支出决算表",
        "档案馆 · 本年支出合计",
    )
    assert (row["公开数"], row["计算得"], row["差额"], row["无法解释"], row["单位"]) == (
        515.83,
        551.83,
        -36,
        35.99,
        "万元",
    )
    assert (row["公式"], row["依据"], row["程度"], row["出处"]) == (
        "本年支出合计 = 基本支出 + 项目支出",
        "部门决算公开03表",
        "必须更正",
        "第 3 页",
    )
    assert [row[head] for head in ("核实说明", "整改情况", "责任人", "完成日期")] == [None] * 4  # fmt: skip


def test_a_statement_is_named_in_its_words(site: Path) -> None:
    told = [row for row in rows(ledger(site)[LEDGER]) if row["规则"] == "S.share"]
    assert len(told) == 3 and {row["报表"] for row in told} == {"情况说明"}
    assert {row["数字"] for row in told} == {"一般公共服务支出“86.62%”"} and {row["单位"] for row in told} == {"%"}


def test_a_finding_is_dated_by_the_first_run_that_had_it_and_compared_with_the_last(site: Path) -> None:
    """The shares of two filings were there in the first night; the archive's total and the third filing came with the second."""
    first, second = (f"{local(2025, 9, day, 2):%Y-%m-%d}" for day in (1, 2))
    told = [(row["规则"], row["首次发现"], row["与上次相比"]) for row in rows(ledger(site)[LEDGER])]
    assert sorted(told) == sorted(
        [("S.row", second, "新增"), ("S.rollup", second, "新增"), ("S.share", second, "新增")]
        + [("S.share", first, "仍在")] * 2
    )
    moments = [(one["first_seen"], one["since_last_run"]) for one in found(site) if one["status"] == "broken"]
    assert moments.count((local(2025, 9, 1, 2).isoformat(), "still")) == 2
    assert moments.count((local(2025, 9, 2, 2).isoformat(), "new")) == 3


def test_what_came_back_keeps_its_first_date_and_is_new(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局", "515.83")])
    for day in (1, 2, 3):
        little.judge(db, book, f"night-{day}", datetime(2025, 9, day, 2))
        if day == 1:
            publish(db, book, tmp_path / "first")
    db.execute("DELETE FROM kept_verdict WHERE run = 'night-2' AND rule = 'S.row'")
    publish(db, book, tmp_path / "site")
    (row,) = [row for row in rows(ledger(tmp_path / "site")[LEDGER]) if row["规则"] == "S.row"]
    assert (row["首次发现"], row["与上次相比"]) == (f"{local(2025, 9, 1, 2):%Y-%m-%d}", "新增")
    assert {row["与上次相比"] for row in rows(ledger(tmp_path / "first")[LEDGER])} == {None}, "nothing to compare with"


def test_a_failed_run_is_no_first_sight(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局")])
    little.judge(db, book, "cut off", datetime(2025, 9, 1), "failed")
    little.judge(db, book, "night", datetime(2025, 9, 5, 2))
    publish(db, book, tmp_path / "site")
    assert [one["first_seen"] for one in found(tmp_path / "site") if one["status"] == "broken"] == [
        local(2025, 9, 5, 2).isoformat()
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_text_that_could_be_a_formula_stays_text_even_when_edited(tmp_path: Path, book: RuleBook, sign: str) -> None:
    db = warehouse.connect()
    hostile = f"{sign}cmd|'/c calc'!A1"
    little.fill(db, [little.disclosure(hostile, "515.83", hostile)])
    little.judge(db, book, "r", datetime(2025, 9, 1))
    publish(db, book, tmp_path / "site")
    book_ = ledger(tmp_path / "site")
    cells = [cell for sheet in book_ for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert not [cell for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if cell.value.startswith(("=", "+", "-", "@"))]
    assert len(risky) >= 4 and all(cell.data_type == "s" and cell.quotePrefix for cell in risky)


def test_the_workbook_explains_itself_and_is_laid_out_for_paper(site: Path) -> None:
    book = ledger(site)
    assert book.sheetnames == ["说明", LEDGER, "未能识读的文件", "缺少的报表"] and book.active is book[LEDGER]
    explained = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert all(explained[head] for head in HEADS), "every column is explained"
    sheet = book[LEDGER]
    assert sheet.freeze_panes == "C2" and sheet.auto_filter.ref == f"A1:AD{sheet.max_row}" == "A1:AD6"
    assert (
        sheet.page_setup.orientation == "landscape"
        and sheet.page_setup.fitToHeight == 0
        and sheet.print_title_rows == "$1:$1"
    )
    assert all(sheet.column_dimensions[letter].width > 5 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY")
    assert rows(book["未能识读的文件"]) == [{"文件": "sealed.pdf", "原因": "文件已加密，无法打开；请提供未加密的版本"}]
    assert [row["报表"] for row in rows(book["缺少的报表"])] == ["国有资本经营预算财政拨款支出决算表"] * 3


def test_findings_json_follows_its_schema(site: Path) -> None:
    schema = json.loads((site / "findings.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads((site / "findings.json").read_text("utf-8")))
    assert all(one["first_seen"] is None for one in found(site) if one["status"] != "broken")


# ---- notices --------------------------------------------------------------------------------------------------------------


def notice(site: Path, organisation: str, lang: str = "") -> str:
    """The words of an organisation's notice."""
    page = (site / lang / "notices" / f"{notice_named(organisation)}.html").read_text("utf-8")
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_a_notice_says_what_agrees_and_asks_about_each_cause_with_its_arithmetic(site: Path) -> None:
    """Twelve verdicts on 档案局: six rows, three sums, two shares, one comparison. Two are broken, one share too; of two, one follows."""
    text = notice(site, "示例市档案局")
    assert "致： 示例市档案局" in text and "共核对 12 项，其中 9 项相符（含四舍五入的尾差 1 项）" in text
    assert "以下 2 处按公开的数字计算不能相符" in text and "请核实。如公开的数字有误，请更正并重新公开" in text
    assert "1 请核实更正 支出决算表“档案馆”本年支出合计" in text and "2 请说明" in text
    for words in (
        "515.83",
        "551.83",
        "515.825",
        "551.835",
        "本年支出合计 = 基本支出 + 项目支出",
        "出处： 第 3 页",
        "依据： 部门决算公开03表",
    ):
        assert words.replace("： ", "：") in text.replace("： ", "："), words
    assert "由此引起，更正后往往随之消除： 支出决算表“档案事务”本年支出合计" in text
    assert text.count("核实说明：") == 2 and all(
        word in text for word in ("核实人", "联系电话", "单位（盖章）", "日期")
    )
    for word in ("错误", "违规", "责任", "造假"):
        assert word not in text, "a notice asks; it blames nobody"


def test_a_notice_reads_in_english_too(site: Path) -> None:
    text = notice(site, "示例市档案局", "en")
    assert "of 12 checks, 9 agree (1 of them within rounding)" in text and "The following 2 do not agree" in text
    assert "1 please verify" in text and "2 please explain" in text and "Your reply:" in text


def test_only_organisations_with_findings_get_a_notice_and_its_filings_lead_to_it(
    tmp_path: Path, book: RuleBook
) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局", "515.83"), little.disclosure("示例市水务局")])
    little.judge(db, book, "r", datetime(2025, 9, 1))
    db.execute("UPDATE kept_verdict SET status = 'holds' WHERE rule = 'S.share'")
    publish(db, book, tmp_path / "site")
    assert [path.stem for path in (tmp_path / "site/notices").iterdir()] == [notice_named("示例市档案局")]
    assert len(list((tmp_path / "site/en/notices").iterdir())) == 1
    linked = [path for path in (tmp_path / "site/filings").glob("*.html") if "../notices/" in path.read_text("utf-8")]
    assert len(linked) == 1 and "<h1>示例市档案局" in linked[0].read_text("utf-8")
    overview = (tmp_path / "site/index.html").read_text("utf-8")
    assert overview.count('href="notices/') == 1


def test_a_note_asks_nobody_for_anything(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/sample.yaml").write_text(little.RULES.replace("severity: warning", "severity: info"), "utf-8")
    noting = rules_of(tmp_path / "rules")
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市水务局")])
    little.judge(db, noting, "r", datetime(2025, 9, 1))
    publish(db, noting, tmp_path / "site")
    assert [one["severity"] for one in found(tmp_path / "site")] == ["info"] and not (
        tmp_path / "site/notices"
    ).exists()


def test_all_filings_of_an_organisation_stand_in_one_notice(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    older = little.disclosure("示例市档案局", "515.83")
    older = replace(older, sha256="1" * 64, filing=replace(older.filing, fiscal_year=2023))
    little.fill(db, [little.disclosure("示例市档案局"), older])
    little.judge(db, book, "r", datetime(2025, 9, 1))
    publish(db, book, tmp_path / "site")
    text = notice(tmp_path / "site", "示例市档案局")
    assert text.index("2024 年度部门决算") < text.index("2023 年度部门决算") and "共核对 24 项" in text
    assert [int(number) for number in re.findall(r"(\d+) 请(?:核实更正|说明)", text)] == [1, 2, 3]


def test_filings_that_name_no_organisation_are_not_thrown_together(tmp_path: Path, book: RuleBook) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("", "515.83"), little.disclosure("", "515.84")])
    little.judge(db, book, "r", datetime(2025, 9, 1))
    publish(db, book, tmp_path / "site")
    assert len(list((tmp_path / "site/notices").iterdir())) == 2


def test_a_hostile_organisation_is_text_in_its_notice(site: Path) -> None:
    page = (site / "notices" / f"{notice_named(little.LONG)}.html").read_text("utf-8")
    assert little.LONG in page and little.HOSTILE not in page


def test_unchanged_notices_are_taken_over_and_changed_ones_made_anew(
    tmp_path: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = warehouse.connect()
    little.fill(db, [little.disclosure("示例市档案局", "515.83"), little.disclosure("示例市水务局")])
    little.judge(db, book, "night-1", datetime(2025, 9, 1))
    publish(db, book, tmp_path / "site")
    before = {path.name: path.read_bytes() for path in (tmp_path / "site/notices").iterdir()}

    made: list[str] = []
    page_of = making.notice_page

    def recording(press: Press, notice: Notice, lang: str) -> str:
        made.append(notice.name)
        return page_of(press, notice, lang)

    monkeypatch.setattr(making, "notice_page", recording)
    little.judge(db, book, "night-2", datetime(2025, 9, 2))
    publish(db, book, tmp_path / "site")
    assert made == [] and {path.name: path.read_bytes() for path in (tmp_path / "site/notices").iterdir()} == before

    little.judge(db, book, "night-3", datetime(2025, 9, 3))
    db.execute("UPDATE kept_verdict SET status = 'broken', stated = 1 WHERE run = 'night-3' AND rule = 'S.state' AND filing IN "
               "(SELECT filing FROM filing WHERE organisation = '示例市水务局')")  # fmt: skip
    publish(db, book, tmp_path / "site")
    assert set(made) == {notice_named("示例市水务局")} and len(before) == 2
