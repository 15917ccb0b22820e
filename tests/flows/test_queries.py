"""A rule that is a query on its way through the night, a check and the site: as any other rule."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from expectations import rules, vocabulary
from expectations.sql.verdicts import VERDICT_COLUMNS, compile_all
from flows import check, validate, warehouse
from flows.publish import publish
from tests.flows.publish import little
from tests.flows.test_validate import new_warehouse

RULES = """
title: {zh: 查询, en: Queries}
rules:
  - id: Q.row
    title: {zh: 每行之和, en: Row sums}
    for_each: filing
    query: |
      SELECT filing, row_key AS instance, page, total AS stated, basic + project AS computed, 1.5 * ulp AS bound
      FROM expenditure WHERE label NOT LIKE '%:x%'
    category: sum
    severity: critical
    basis: 示例
    examples:
      holds: [{"支出决算表[合计].本年支出合计": 3.00, "支出决算表[合计].基本支出": 1.00, "支出决算表[合计].项目支出": 2.00}]
      broken: [{"支出决算表[合计].本年支出合计": 3.00, "支出决算表[合计].基本支出": 1.00, "支出决算表[合计].项目支出": 5.00}]
"""


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "Q.yaml").write_text(RULES, "utf-8")
    return folder


def test_great_expectations_counts_and_keeps_the_verdicts_of_the_bare_sql(ours: Path, tmp_path: Path) -> None:
    path, book = new_warehouse(tmp_path / "w.duckdb"), rules.load(ours)
    compiled = compile_all(book, vocabulary.load())
    names = ", ".join(name for name, _ in VERDICT_COLUMNS)
    with duckdb.connect(str(path)) as connection:
        expected = connection.execute(f"SELECT {names} FROM ({compiled[0].sql()})").fetchall()
    done = validate.validate(path, book, compiled, "night")
    with duckdb.connect(str(path)) as connection:
        kept = connection.execute(f"SELECT {names} FROM verdict").fetchall()
    assert done.counts == {"holds": 1, "rounding": 1, "broken": 1, "not_verifiable": 1}
    assert sorted(map(str, kept)) == sorted(str(one) for one in expected if one[2] not in ("holds", "rounding"))
    (result,) = [one for one in done.results if one.rule == "Q.row"]
    assert (result.table, result.success, result.failing[0]["instance"]) == ("judged_filing", False, "20101")
    assert "FROM expenditure" in result.description


def test_a_query_that_crashes_is_an_error_of_the_run(ours: Path, tmp_path: Path) -> None:
    text = RULES.replace("row_key AS instance", "'one' AS instance")
    (ours / "Q.yaml").write_text(text, "utf-8")
    path, book = new_warehouse(tmp_path / "w.duckdb"), rules.load(ours)
    with pytest.raises(validate.ValidationError) as caught:
        validate.validate(path, book, compile_all(book, vocabulary.load()), "night")
    assert "Q.row" in str(caught.value)


DISCLOSURE = """青石县气象局2023年度部门决算公开
支出决算表
公开03表
单位：万元
科目编码	科目名称	本年支出合计	基本支出	项目支出
	合计	{total}	100.00	150.00
201	一般公共服务支出	{total}	100.00	150.00
"""


@pytest.mark.parametrize(("total", "found"), [("250.00", 0), ("205.00", 2)])
def test_a_document_is_checked_by_it(total: str, found: int, ours: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(DISCLOSURE.format(total=total), "utf-8")
    (document,) = check.check([path], teams=[ours])["documents"]
    own = [finding for finding in document["findings"] if finding["rule"] == "Q.row"]
    assert len(own) == found and all("205.00" in finding["message"]["zh"] for finding in own)


def test_the_site_shows_the_query_and_its_findings(ours: Path, tmp_path: Path) -> None:
    text = RULES.replace("basic + project", "coalesce(basic, 0) + coalesce(project, 0)")
    (ours / "Q.yaml").write_text(text, "utf-8")
    book = rules.load(ours)
    path = tmp_path / "w.duckdb"
    with warehouse.connect(path) as db:
        little.fill(db, [little.disclosure("示例市档案局", "515.83")])
        little.judge(db, book, "night", datetime(2025, 9, 1, 2, 0))
    publish(path, book, tmp_path / "site")
    page = (tmp_path / "site" / "rules" / "Q.row.html").read_text("utf-8")
    assert "查询（SQL）" in page and "FROM expenditure WHERE label NOT LIKE" in page and "515.83" in page
    filing = next((tmp_path / "site" / "filings").glob("*.html")).read_text("utf-8")
    assert "FROM expenditure WHERE label NOT LIKE" in filing
