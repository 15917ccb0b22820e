"""A little warehouse: invented filings, a few rules of its own, two runs. One filing is clean, one faulty, one hostile."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from expectations import rules, vocabulary
from expectations.sql import verdicts
from expectations.sql.verdicts import VERDICT_COLUMNS, fingerprint_sql
from flows import standing, warehouse
from flows.explain import ties
from flows.read.document import Place
from flows.recognise.disclosure import (
    Claim,
    Disclosure,
    Figure,
    Filing,
    FormReading,
    FormRow,
    Reading,
    Relation,
    Sentence,
)

HOSTILE = "<script>document.title='owned'</script>"
LONG = "示例市人民政府驻某地办事处下属机关服务保障与后勤管理中心（示例市公共机构节能事务中心、示例市公务用车调度平台运行维护站）"
CENT = Decimal("0.01")

RULES = """
title: {zh: 示例规则, en: Sample rules}
family: within_form
form: 支出决算表
rules:
  - id: S.row
    title: {zh: 每行合计等于各类支出之和, en: Each row's total is the sum of its kinds}
    for_each: row
    check: 本年支出合计 = 基本支出 + 项目支出
    category: sum
    severity: critical
    basis: 部门决算公开03表
    note: {zh: 空格按零计。, en: A blank counts as zero.}
    examples: {holds: [{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 2.00}], broken: [{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 5.00}]}
  - id: S.rollup
    title: {zh: 上级科目等于下级科目之和, en: Every parent is the sum of its children}
    for_each: parent
    check: 本年支出合计 = sum(下级.本年支出合计)
    category: rollup
    severity: critical
    examples: {holds: [{本年支出合计: 3.00}], broken: [{本年支出合计: 3.00}]}
  - id: S.share
    title: {zh: 占比等于部分除以整体, en: A share is its part over its whole}
    family: rates
    for_each: claim of 占比
    check: 占比 = 部分 / 整体
    category: share
    severity: warning
    examples: {holds: [{占比: 1}], broken: [{占比: 1}]}
  - id: S.state
    title: {zh: 基金预算支出与支出决算表一致, en: Fund spending agrees with the form of expenditure}
    family: between_forms
    for_each: filing
    check: 收入支出决算总表.本年支出合计 = 支出决算表[合计].本年支出合计
    category: cross_form
    severity: critical
    examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}
"""


def rulebook(folder: Path) -> rules.RuleBook:
    """The rules above, loaded as any rule file is."""
    folder.mkdir(exist_ok=True)
    (folder / "sample.yaml").write_text(RULES, "utf-8")
    return rules.load(folder)


def _row(
    form: str, key: str, label: str, level: int, parent: str, at: int, code: str = "", side: str = "", **kind: str
) -> FormRow:
    place = Place(page=3, bbox=(40.0 if side != "expenditure" else 300.0, 100.0 + 20 * at, 200.0, 112.0 + 20 * at))
    return FormRow(form, kind.get("part", ""), key, code, label, level, parent, at, place, kind.get("block", ""), side)


def _figure(row: FormRow, column: str, value: str, unit: str = "万元", raw: str = "", ulp: Decimal = CENT) -> Figure:
    part = f"({row.part})" if row.part else ""
    id_ = f"{row.form}{part}/{row.row_key}/{column}"
    return Figure(id_, row.form, row.part, row.row_key, column, Decimal(value), unit, ulp, raw or value, row.place)


def _expenditure(archive_total: str) -> tuple[list[FormRow], list[Figure]]:
    printed = [
        ("合计", "合计", 0, "", "", "2172.72", "1600.65", "572.07"),
        ("201", "一般公共服务支出", 1, "合计", "201", "1874.25", "1302.18", "572.07"),
        ("20126", "档案事务", 2, "201", "20126", "1874.25", "1302.18", "572.07"),
        ("2012601", "行政运行", 3, "20126", "2012601", "1322.42", "1302.18", "20.24"),
        ("2012604", "档案馆", 3, "20126", "2012604", archive_total, "", "551.83"),
        ("208", "社会保障和就业支出", 1, "合计", "208", "298.47", "298.46", ""),
    ]
    rows, figures = [], []
    for at, (key, label, level, parent, code, *values) in enumerate(printed):
        row = _row("T03", key, label, level, parent, at, code)
        rows.append(row)
        columns = ("本年支出合计", "基本支出", "项目支出")
        figures.extend(_figure(row, column, value) for column, value in zip(columns, values, strict=True) if value)
    return rows, figures


def _summary() -> tuple[list[FormRow], list[Figure]]:
    rows = [
        _row("T01", "一般公共预算财政拨款收入", "一、一般公共预算财政拨款收入", 1, "本年收入合计", 0, side="income"),
        _row("T01", "一般公共服务支出", "一、一般公共服务支出", 1, "本年支出合计", 0, side="expenditure"),
        _row("T01", "社会保障和就业支出", "八、社会保障和就业支出", 1, "本年支出合计", 1, side="expenditure"),
        _row("T01", "本年收入合计", "本年收入合计", 0, "", 2, side="income"),
        _row("T01", "本年支出合计", "本年支出合计", 0, "", 2, side="expenditure"),
    ]
    values = ("2172.72", "1874.25", "298.47", "2172.72", "2172.72")
    return rows, [_figure(row, "决算数", value) for row, value in zip(rows, values, strict=True)]


def _economic() -> tuple[list[FormRow], list[Figure]]:
    rows = [
        _row("T06", "301", "工资福利支出", 1, "人员经费合计", 0, "301"),
        replace(_row("T06", "302", "商品和服务支出", 1, "公用经费合计", 0, "302"), position=1),
        replace(_row("T06", "310", "资本性支出", 1, "公用经费合计", 0, "310"), position=2),
        replace(_row("T06", "30101", "基本工资", 2, "301", 1, "30101"), position=3),
        replace(_row("T06", "30201", "办公费", 2, "302", 1, "30201"), position=4),
        replace(_row("T06", "人员经费合计", "人员经费合计", 0, "", 2), position=5),
        replace(_row("T06", "公用经费合计", "公用经费合计", 0, "", 2), position=6),
    ]
    values = ("1302.18", "290.00", "8.47", "1302.18", "290.00", "1302.18", "298.47")
    return rows, [_figure(row, "决算数", value) for row, value in zip(rows, values, strict=True)]


def _performance() -> tuple[list[FormRow], list[Figure]]:
    part = "档案数字化项目"
    funds = _row("P02", "年度资金总额", "年度资金总额", 0, "总分", 0, part=part, block="funds")
    target = _row("P02", "数字化页数", "数字化页数", 1, "总分", 1, part=part, block="indicator")
    total = _row("P02", "总分", "总分", 0, "", 2, part=part, block="total")
    return [funds, target, total], [
        _figure(funds, "全年预算数", "100"),
        _figure(funds, "全年执行数", "90"),
        _figure(funds, "执行率", "90.00", "%"),
        replace(_figure(target, "年度指标值", "10", "万页", "≥10万页", Decimal(1)), relation="≥"),
        _figure(target, "得分", "10", "", "10", Decimal(1)),
        _figure(total, "得分", "99", "", "99", Decimal(1)),
    ]


SENTENCES = (
    "支出2172.72万元，其中一般公共服务支出1874.25万元，占86.62%；社会保障和就业支出298.47万元，占13.74%。",
    "（二）公务接待费支出0.35万元，全部用于国内接待。",
)


def _claims() -> list[Claim]:
    claims = []
    for number, (quote, kind, value, unit, sentence) in enumerate(
        [
            ("2172.72万元", "amount", "2172.72", "万元", 0),
            ("1874.25万元", "amount", "1874.25", "万元", 0),
            ("86.62%", "share", "86.62", "%", 0),
            ("298.47万元", "amount", "298.47", "万元", 0),
            ("13.74%", "share", "13.74", "%", 0),
            ("0.35万元", "amount", "0.35", "万元", 1),
        ],
        1,
    ):
        start = SENTENCES[sentence].index(quote)
        claims.append(
            Claim(
                f"N/{number:04}", kind, "一般公共服务支出", "", "", Decimal(value), unit, CENT, "none", quote,
                Place(page=9), sentence, start, start + len(quote), 2024,
            )
        )  # fmt: skip
    return claims


def disclosure(organisation: str, archive_total: str = "551.83", label: str = "") -> Disclosure:
    """One filing. A correct one prints 551.83 as the total of its archive; `label` replaces that row's name."""
    rows: list[FormRow] = []
    figures: list[Figure] = []
    for made_rows, made_figures in (_summary(), _expenditure(archive_total), _economic(), _performance()):
        rows.extend(made_rows)
        figures.extend(made_figures)
    if label:
        rows = [replace(row, label=label) if row.row_key == "2012604" else row for row in rows]
    sentences = tuple(
        Sentence(at, "第三部分 决算情况说明/一、支出决算情况说明", text + (label if at else ""), Place(page=9))
        for at, text in enumerate(SENTENCES)
    )
    relations = (
        Relation("R/0001", "share", {"rate": "N/0003", "part": "N/0002", "whole": "N/0001"}, 0),
        Relation("R/0002", "share", {"rate": "N/0005", "part": "N/0004", "whole": "N/0001"}, 0),
    )
    seen = len(figures)
    forms = tuple(FormReading(id_, "", (3,), "read", "万元") for id_ in ("T01", "T03", "T06", "P02"))
    forms += (
        FormReading("T08", "政府性基金预算表", (7,), "blank", "万元", "本部门没有政府性基金预算，故本表无数据。"),
    )
    forms += (FormReading("T09", "", (), "missing"),)
    forms += (
        FormReading(
            "T07",
            "",
            (6,),
            "unreadable",
            reason={"zh": "两列数字重叠，无法分开", "en": "two columns of numbers overlap"},
        ),
    )
    sha = hashlib.sha256(f"{organisation}{archive_total}{label}".encode()).hexdigest()
    return Disclosure(
        "accounts.pdf", sha, "application/pdf", Filing(organisation, 2024, unit="万元"), Reading(12, seen, seen, (), forms),
        tuple(rows), tuple(figures), sentences, tuple(_claims()), relations,
    )  # fmt: skip


def fill(db: duckdb.DuckDBPyConnection, disclosures: Sequence[Disclosure]) -> None:
    """Load `disclosures` and one unreadable document."""
    loaded = [(one, warehouse.Origin(one.source, one.sha256, 1000, "test")) for one in disclosures]
    warehouse.load(db, loaded)
    message = {
        "zh": "文件已加密，无法打开；请提供未加密的版本",
        "en": "the file is encrypted; ask for a version without a password",
    }
    warehouse.record_unreadable(
        db, warehouse.Origin("sealed.pdf", "0" * 64, 10, "test"), warehouse.Refusal("encrypted", message)
    )


def judge(
    db: duckdb.DuckDBPyConnection, book: rules.RuleBook, run: str, at: datetime, status: str = "completed"
) -> None:
    """A run with the verdicts of every rule of `book`, by the same compiled SQL that the night uses."""
    db.execute("INSERT INTO run (run, started, status) VALUES (?, ?, ?)", [run, at, status])
    names = ", ".join(f"v.{name}" for name, _ in VERDICT_COLUMNS)
    target = ", ".join(name for name, _ in VERDICT_COLUMNS)
    for compiled in verdicts.compile_all(book, vocabulary.load()):
        db.execute(
            f"INSERT INTO kept_verdict (run, rule, {target}, fingerprint, rule_fingerprint) SELECT '{run}', '{compiled.rule.id}', {names}, "
            f"{fingerprint_sql('f.identity', repr(compiled.rule.id))}, '{compiled.rule.fingerprint}' FROM ({compiled.sql()}) v JOIN filing f ON f.filing = v.filing"
        )
    ties.tie(db, run, book.active)
    standing.settle(db, run)
