"""Budgets and accounts of governments: recognised, recorded, listed as what they are, and never judged."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from expectations.rules import RuleBook
from flows import check, terminal, warehouse
from flows.publish import publish
from flows.publish.content import queries
from flows.publish.content.reckoned import Reckoned
from tests.flows.publish import little
from tests.flows.publish.conftest import book as book  # the rule book that the little site is judged by

Write = Callable[[str, str | bytes], Path]
BUDGET = """青石县气象局2024年部门预算公开
第一部分 部门概况
第二部分 2024年部门预算表
收支总表
收入	预算数	支出	预算数
一般公共预算拨款收入	100.00	一般公共服务支出	100.00
第三部分 2024年部门预算情况说明
2024年收入预算100.00万元，支出预算100.00万元，比上年增加1.00万元，增长1.00%。
"""
GOVERNMENT = """青石县2023年财政决算公开
2023年全县一般公共预算收入100.00万元，支出250.00万元，增长300%。
一般公共预算支出决算表
单位：万元
科目编码	科目名称	合计	基本支出	项目支出
201	一般公共服务支出	250.00	100.00	100.00
"""


@pytest.mark.parametrize(
    ("text", "kind", "words"), [(BUDGET, "budget", "预算"), (GOVERNMENT, "government_accounts", "政府决算")]
)
def test_check_says_what_it_is_and_finds_nothing(write: Write, text: str, kind: str, words: str) -> None:
    report = check.check([write("a.txt", text)])
    jsonschema.validate(report, json.loads(check.SCHEMA.read_text("utf-8")))
    (document,) = report["documents"]
    assert (document["filing"]["kind"], document["filing"]["region"]) == (kind, "青石县")
    assert (document["findings"], document["rules"]["evaluated"], check.exit_code(report)) == ([], 0, 0)
    said = io.StringIO()
    terminal.print_report(report, "zh", Console(file=said, width=200))
    assert words in said.getvalue() and "不在核对之列" in said.getvalue()


def test_the_same_figures_as_final_accounts_are_judged(write: Write) -> None:
    final = GOVERNMENT.replace("青石县2023年财政决算公开", "青石县气象局2023年度部门决算公开")
    (document,) = check.check([write("a.txt", final)])["documents"]
    assert document["filing"]["kind"] == "final_accounts"
    assert any(finding["rule"] == "T05.row" for finding in document["findings"])


def test_the_published_site_lists_it_as_what_it_is_without_missing_forms(tmp_path: Path, book: RuleBook) -> None:
    made = little.disclosure("示例市水务局")
    aside = replace(made, sha256="9" * 64, filing=replace(made.filing, organisation="示例市林业局", kind="budget"))
    with warehouse.connect(tmp_path / "w.duckdb") as db:
        little.fill(db, [made, aside])
        little.judge(db, book, "night-1", datetime(2025, 9, 1, 2, 0))
        named = {filing.organisation: filing.key for filing in queries.filings(db)}
        judged = {key for (key,) in db.execute("SELECT DISTINCT filing FROM verdict").fetchall()}
        assert judged == {named["示例市水务局"]}
        assert set(queries._missing(Reckoned(db))) == {named["示例市水务局"]}
    publish(tmp_path / "w.duckdb", book, tmp_path / "site")
    listed = next((tmp_path / "site").rglob("filings.html")).read_text("utf-8")
    assert "部门预算" in listed or "departmental budget" in listed
