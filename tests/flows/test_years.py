"""Rules that look at last year's filing, over small filings of two years in the real warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from expectations import rules, vocabulary
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all
from flows import warehouse
from flows.check import report
from flows.judge import judge
from flows.read.document import Place
from flows.recognise.disclosure import Disclosure, Doubt, Filing, FormReading, FormRow, Reading
from flows.terminal import print_report
from flows.validate import validate
from tests.flows.small import ORG, claim, figure, row

RULES = """
title: {zh: 年度之间, en: Between years}
family: between_forms
form: 支出决算表
rules:
  - {id: opening, title: {zh: 年初等于上年末, en: opening}, for_each: filing, category: cross_form, severity: critical,
     check: 收入支出决算总表.年初结转和结余 = 上年.收入支出决算总表.年末结转和结余,
     examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: total, title: {zh: 合计不变, en: total}, for_each: filing, category: cross_form, severity: info,
     check: 'T03[合计].本年支出合计 = previous.T03[合计].total', examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: code, title: {zh: 同一科目不变, en: code}, for_each: row, category: cross_form, severity: info, when: 科目编码 <> '',
     check: '本年支出合计 = 上年.T03[科目编码].本年支出合计', examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: row, title: {zh: 同一行不变, en: row}, for_each: row, category: cross_form, severity: info,
     check: 本年支出合计 = 上年.本年支出合计, examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: said, title: {zh: 机关运行经费不变, en: said}, for_each: filing, category: text_vs_form, severity: info,
     check: 情况说明.机关运行经费 = 上年.情况说明.机关运行经费, examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: items, title: {zh: 上年项级之和, en: items}, for_each: filing, category: sum, severity: info,
     check: 'T03[合计].本年支出合计 <= 2 * sum(上年.T03[2120000:2129999].本年支出合计)',
     examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Compiled, ...]:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "Y.yaml").write_text(RULES, "utf-8")
    return compile_all(rules.load(folder), vocabulary.load())


def accounts(year: int, opening: str, closing: str, total: str, agency: str = "3.20", **changes: Any) -> Disclosure:
    """Accounts of one year: opening and closing balance, one class with one item, one sentence about the agency's running costs."""
    forms = (FormReading("T01", "", (2,), "read", "万元"), FormReading("T03", "", (3,), "read", "万元"))
    lines = ("年初结转和结余", "年末结转和结余")
    said = replace(claim(1, agency, subject="机关运行经费"), concept="机关运行经费")
    made = Disclosure(
        source=f"{year}.pdf",
        sha256=f"{year:064}",
        media_type="application/pdf",
        filing=Filing(ORG, year, unit="万元", region="某市"),
        reading=Reading(9, 4, 4, (), forms),
        rows=(
            *(FormRow("T01", "", line, "", line, 1, "", k, Place(page=2)) for k, line in enumerate(lines)),
            row("T03", "合计", 0, 0),
            row("T03", "212", 1, 1, "合计"),
            row("T03", "2120501", 2, 3, "212"),
        ),
        figures=(
            *(figure("T01", line, "决算数", value) for line, value in zip(lines, (opening, closing), strict=True)),
            *(figure("T03", key, "本年支出合计", total) for key in ("合计", "212", "2120501")),
        ),
        sentences=(),
        claims=(said,),
        relations=(),
    )
    return replace(made, **changes)


def load(store: warehouse.Connection, *disclosures: Disclosure) -> list[str]:
    """The keys of the filings loaded, each in a load of its own."""
    return [
        key
        for one in disclosures
        for key in warehouse.load(store, [(one, warehouse.Origin(one.source, one.sha256, 1, "r1"))])
    ]


def found(store: warehouse.Connection, compiled: Sequence[Compiled], filing: str) -> dict[str, list[dict[str, Any]]]:
    """The verdicts on one filing by rule."""
    by_rule: dict[str, list[dict[str, Any]]] = {one.rule.id: [] for one in compiled}
    for verdict in judge(store, compiled):
        if verdict["filing"] == filing:
            by_rule[verdict["rule"]].append(verdict)
    return by_rule


def statuses(verdicts: dict[str, list[dict[str, Any]]]) -> dict[str, list[tuple[str, str | None]]]:
    return {rule: [(v["status"], v["reason"]) for v in made] for rule, made in verdicts.items()}


def test_figures_are_compared_with_those_of_the_filing_of_the_year_before(compiled: tuple[Compiled, ...]) -> None:
    store = warehouse.connect()
    _, this = load(store, accounts(2023, "1.00", "4.50", "60.00"), accounts(2024, "4.80", "2.00", "60.00"))
    verdicts = found(store, compiled, this)
    (opening,) = verdicts["opening"]
    assert (opening["status"], opening["difference"], opening["unexplained"]) == (
        "broken",
        Decimal("0.3"),
        Decimal("0.29"),
    )
    assert [(t["id"], t["label"], t["value"]) for t in opening["terms"]] == [
        ("T01/年初结转和结余/决算数", "收入支出决算总表·年初结转和结余", Decimal("4.8")),
        ("previous:T01/年末结转和结余/决算数", "上年·收入支出决算总表·年末结转和结余", Decimal("4.5")),
    ]
    others = {rule: [status for status, _ in made] for rule, made in statuses(verdicts).items() if rule != "opening"}
    assert others == {
        "total": ["holds"], "code": ["holds"] * 2, "row": ["holds"] * 3, "said": ["holds"], "items": ["holds"],
    }  # fmt: skip
    (items,) = verdicts["items"]
    assert [t["id"] for t in items["terms"]][1:] == ["previous:T03/2120501/本年支出合计"], "items, not their class"


def test_a_filing_without_one_of_the_year_before_gets_one_verdict_a_rule_that_says_so(
    compiled: tuple[Compiled, ...],
) -> None:
    store = warehouse.connect()
    first, _ = load(store, accounts(2023, "1.00", "4.50", "60.00"), accounts(2024, "4.50", "2.00", "60.00"))
    assert statuses(found(store, compiled, first)) == {
        one.rule.id: [("not_verifiable", "no_previous")] for one in compiled
    }
    alone = warehouse.connect()
    (same,) = load(alone, accounts(2023, "1.00", "4.50", "60.00"))
    quick, whole = found(alone, compiled, same), found(store, compiled, first)
    assert quick == whole, "where nothing has a year before, the short way says what the long way says"


def test_the_short_way_is_what_the_sql_of_every_rule_says(compiled: tuple[Compiled, ...]) -> None:
    store = warehouse.connect()
    load(store, accounts(2023, "1.00", "4.50", "60.00"))
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    long = {one.rule.id: store.execute(f"SELECT {columns} FROM ({one.sql()})").fetchall() for one in compiled}
    short = judge(store, compiled)
    assert {v["rule"]: [tuple(v[name] for name, _ in VERDICT_COLUMNS)] for v in short} == long


def test_another_organisation_scope_or_year_is_no_year_before(compiled: tuple[Compiled, ...]) -> None:
    store = warehouse.connect()
    base = accounts(2023, "1.00", "4.50", "60.00")
    others = [
        replace(base, sha256="b" * 64, filing=replace(base.filing, organisation="某市水利局")),
        replace(base, sha256="c" * 64, filing=replace(base.filing, scope="unit")),
        replace(base, sha256="d" * 64, filing=replace(base.filing, fiscal_year=2022)),
        replace(base, sha256="e" * 64, filing=replace(base.filing, kind="budget")),
    ]
    *_, this = load(store, *others, accounts(2024, "4.50", "2.00", "60.00"))
    assert store.execute("SELECT previous FROM judged_filing WHERE filing = ?", [this]).fetchall() == [(None,)]


def test_a_form_of_last_year_that_was_not_read_cleanly_gives_no_finding(compiled: tuple[Compiled, ...]) -> None:
    store = warehouse.connect()
    unread = FormReading("T01", "", (2,), "unreadable", "万元", reason={"zh": "乱", "en": "mess"})
    last = accounts(2023, "1.00", "9.99", "60.00")
    last = replace(last, reading=replace(last.reading, forms=(unread, last.reading.forms[1])))
    _, this = load(store, last, accounts(2024, "4.50", "2.00", "60.00"))
    made = statuses(found(store, compiled, this))
    assert made["opening"] == [("not_verifiable", "previous_form_unreadable:T01")]
    assert made["total"] == [("holds", None)]


def test_a_doubtful_figure_of_last_year_gives_no_finding(compiled: tuple[Compiled, ...]) -> None:
    store = warehouse.connect()
    last = accounts(2023, "1.00", "9.99", "60.00")
    doubt = Doubt("T01/年末结转和结余/决算数", {"zh": "存疑", "en": "doubt"}, Place(page=2))
    last = replace(last, reading=replace(last.reading, doubts=(doubt,)))
    _, this = load(store, last, accounts(2024, "4.50", "2.00", "60.00"))
    made = statuses(found(store, compiled, this))
    assert made["opening"] == [("not_verifiable", "doubtful:上年·收入支出决算总表·年末结转和结余")]


def test_a_row_that_last_year_did_not_print_is_named_and_a_code_it_did_not_print_is_nothing_spent(
    compiled: tuple[Compiled, ...],
) -> None:
    store = warehouse.connect()
    last = accounts(2023, "1.00", "4.50", "60.00")
    last = replace(
        last,
        rows=tuple(r for r in last.rows if r.form == "T01"),
        figures=tuple(f for f in last.figures if f.form == "T01"),
    )
    _, this = load(store, last, accounts(2024, "4.50", "2.00", "60.00"))
    made = statuses(found(store, compiled, this))
    assert made["total"] == [("not_verifiable", "previous_row_missing:T03[合计]")]
    assert made["code"] == [("broken", None)] * 2
    assert made["row"] == [("not_verifiable", "previous_row_missing:T03")] * 3


def test_a_new_version_of_last_years_filing_changes_this_years_verdict_and_its_fingerprint(
    compiled: tuple[Compiled, ...],
) -> None:
    store = warehouse.connect()
    _, this = load(store, accounts(2023, "1.00", "4.50", "60.00"), accounts(2024, "4.50", "2.00", "60.00"))
    (before,) = found(store, compiled, this)["opening"]
    load(store, replace(accounts(2023, "1.00", "5.40", "60.00"), sha256="f" * 64))
    (after,) = found(store, compiled, this)["opening"]
    assert (before["status"], after["status"]) == ("holds", "broken")
    assert before["fingerprint"] != after["fingerprint"]


def test_a_warehouse_of_an_older_shape_learns_its_years_when_it_is_opened(
    compiled: tuple[Compiled, ...], tmp_path: Path
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with warehouse.connect(path) as store:
        _, this = load(store, accounts(2023, "1.00", "4.50", "60.00"), accounts(2024, "4.50", "2.00", "60.00"))
        store.execute("ALTER TABLE judged_filing DROP COLUMN previous")
    with warehouse.connect(path) as store:
        assert statuses(found(store, compiled, this))["opening"] == [("holds", None)]
        assert store.execute("SELECT level, region FROM judged_filing").fetchall() == [("city", "某市")] * 2


def test_great_expectations_reaches_the_same_verdicts(tmp_path: Path) -> None:
    folder, path = tmp_path / "rules", tmp_path / "warehouse.duckdb"
    folder.mkdir()
    (folder / "Y.yaml").write_text(RULES, "utf-8")
    book = rules.load(folder)
    compiled = compile_all(book, vocabulary.load())
    filings = (accounts(2023, "1.00", "4.50", "60.00"), accounts(2024, "4.80", "2.00", "60.00"))
    with warehouse.connect(path) as store:
        load(store, *filings)
    alone = warehouse.connect()
    load(alone, *filings)
    columns = ("rule", "filing", "instance", "status", "difference", "reason")
    judged = sorted(str(tuple(verdict[name] for name in columns)) for verdict in judge(alone, compiled))

    validate(path, book, compiled, "night-1")

    with warehouse.connect(path, read_only=True) as store:
        kept = store.execute(f"SELECT {', '.join(columns)} FROM verdict").fetchall()
    findings = [verdict for verdict in judged if "'holds'" not in verdict]
    assert {*findings} <= {*map(str, kept)} <= {*judged} and len(findings) > 6


def test_a_document_checked_alone_says_once_that_it_has_nothing_to_be_compared_with() -> None:
    console = Console(record=True, width=200)
    book = rules.load()
    document = {
        "source": "a",
        **report(accounts(2024, "1.00", "4.50", "60.00"), 1, book, compile_all(book, vocabulary.load())),
    }
    print_report({"documents": [document]}, "zh", console)
    lines = [line.strip() for line in console.export_text().splitlines()]
    several = [one for one in document["findings"] if one.get("reason") == "no_previous"]
    assert f"没有收到上年的决算：{len(several)} 条规则" in lines and len(several) > 20
    assert not [line for line in lines if "[Y." in line]
