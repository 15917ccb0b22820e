"""Nights that judge only what may have changed: their verdicts are those of a night that judges everything."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import neighbours, peers, verdicts
from expectations.sql.verdicts import PARTS, VERDICT_COLUMNS, Compiled, fingerprint_sql
from flows import standing, warehouse
from flows.explain import ties
from flows.explain.diagnose import Explained, explained
from flows.read.document import Place
from flows.recognise.disclosure import Disclosure, Filing, FormReading, FormRow, Reading, Sentence
from flows.sql import literal
from tests.flows.small import figure

RULES = """
title: {zh: 支出, en: Expenditure}
family: within_form
form: 支出决算表
rules:
  - {id: own, title: {zh: 每行之和, en: own}, for_each: row, category: sum, severity: critical,
     check: 本年支出合计 = 基本支出 + 项目支出, examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: sum, title: {zh: 合计, en: sum}, for_each: parent, category: rollup, severity: critical,
     check: 本年支出合计 = sum(下级.本年支出合计), examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: words, title: {zh: 文字, en: words}, for_each: sentence, category: other, severity: info,
     check: "not matches(语句, '错')", examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: previous, title: {zh: 合计不变, en: previous}, for_each: filing, category: year, severity: critical,
     check: 'T03[合计].本年支出合计 = 上年.T03[合计].本年支出合计', examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: peers, title: {zh: 不高于同类, en: peers}, for_each: filing, category: other, severity: info,
     check: 'T03[合计].项目支出 <= 同类.中位数(sum(T03[2010000:2019999].项目支出))', examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: filers, title: {zh: 通行名称, en: filers}, for_each: row, category: label, severity: info, when: 通行名称 <> '',
     check: 科目名称 = 通行名称, examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: query, title: {zh: 不是最大者, en: query}, for_each: filing, category: other, severity: info,
     query: "SELECT filing, total AS stated, (SELECT max(total) FROM expenditure) AS computed FROM expenditure WHERE row_key = '合计'",
     examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
"""
CHANGED = {
    "as it is": lambda text: text,
    "own changed": lambda text: text.replace("本年支出合计 = 基本支出 + 项目支出", "本年支出合计 >= 基本支出"),
    "own gone": lambda text: text.replace("{id: own,", "{id: own, status: retired,"),
    "graver": lambda text: text.replace("category: year, severity: critical", "category: year, severity: warning"),
    "peers changed": lambda text: text.replace("<= 同类", "<= 2 * 同类"),
    "query changed": lambda text: text.replace("max(total)", "min(total)"),
}
CODES = {"2010101": "行政运行", "2010102": "一般行政管理事务", "2010103": "机关服务"}
COLUMNS = [name for name, _ in VERDICT_COLUMNS if name != "terms"]


@pytest.fixture(autouse=True)
def a_few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (verdicts, peers):
        monkeypatch.setattr(module, "PEERS", 2)
    monkeypatch.setattr(neighbours, "FEWEST_FILERS", 3)
    monkeypatch.setattr(neighbours, "NEARLY_ALL", 60)


def book(folder: Path, change: str = "as it is") -> tuple[RuleBook, tuple[Compiled, ...]]:
    folder.mkdir(exist_ok=True)
    (folder / "E.yaml").write_text(CHANGED[change](RULES), "utf-8")
    found = rules.load(folder)
    return found, verdicts.compile_all(found, vocabulary.load())


def accounts(chance: random.Random, number: int) -> Disclosure:
    """Accounts of one of some organisations of two regions and years; now and then a sum is wrong or a name unusual."""
    region, year = chance.choice(("甲省乙县", "甲省丙县")), chance.choice((2023, 2024))
    rows, figures, total = [], [], [Decimal(0), Decimal(0)]
    for position, (code, name) in enumerate(CODES.items()):
        basic, project = Decimal(chance.randint(1, 3)), Decimal(chance.randint(1, 3))
        label = name if chance.random() < 0.8 else "其他支出"
        rows.append(FormRow("T03", "", code, code, label, 1, "合计", position + 1, Place(page=3)))
        off = chance.choice((0, 0, 0, 5))
        cells = {"本年支出合计": basic + project + off, "基本支出": basic, "项目支出": project}
        figures += [figure("T03", code, column, f"{value}.00") for column, value in cells.items()]
        total[0], total[1] = total[0] + basic, total[1] + project
    rows.insert(0, FormRow("T03", "", "合计", "", "合计", 0, "", 0, Place(page=3)))
    cells = {"本年支出合计": sum(total), "基本支出": total[0], "项目支出": total[1]}
    figures += [figure("T03", "合计", column, f"{value}.00") for column, value in cells.items()]
    return Disclosure(
        source=f"{number}.pdf",
        sha256=f"{number:064}",
        media_type="application/pdf",
        filing=Filing(f"{region}第{chance.randint(1, 4)}局", fiscal_year=year, unit="万元", region=region),
        reading=Reading(9, 4, 4, (), (FormReading("T03", "", (3,), "read", "万元"),)),
        rows=tuple(rows),
        figures=tuple(figures),
        sentences=(Sentence(0, "", chance.choice(("无", "有错")), Place(page=4)),),
        claims=(),
        relations=(),
    )


def night(store: warehouse.Connection, rulebook: RuleBook, compiled: Sequence[Compiled], run: str) -> Counter[str]:
    """One run judges what it has to; returns of how many filings each part was judged."""
    started = datetime(2025, 1, 1) + timedelta(days=len(store.execute("SELECT run FROM run").fetchall()))
    store.execute("INSERT INTO run (run, started, status) VALUES (?, ?, 'running')", [run, started])
    standing.foresee(store, compiled, run)
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    found: Counter[str] = Counter()
    for part, wanted in standing.wanted(store, compiled, run).items():
        found[part] = wanted.number
        for one in compiled:
            if one.part == part:
                print_of = fingerprint_sql("f.identity", literal(one.rule.id))
                store.execute(
                    f"INSERT INTO kept_verdict (run, rule, {columns}, fingerprint, rule_fingerprint, bundle) "
                    f"SELECT b.run, {literal(one.rule.id)}, v.{columns.replace(', ', ', v.')}, {print_of}, {literal(one.rule.fingerprint)}, b.bundle "
                    f"FROM ({one.sql(filings=wanted.filings)}) v JOIN bundle b ON b.run = '{run}' AND b.part = '{part}' AND b.filing = v.filing "
                    "JOIN filing f ON f.filing = v.filing"
                )
    ties.tie(store, run, rulebook.active)
    standing.settle(store, run)
    store.execute("UPDATE run SET status = 'completed' WHERE run = ?", [run])
    return found


def from_nothing(
    store: warehouse.Connection, rulebook: RuleBook, compiled: Sequence[Compiled]
) -> list[tuple[Any, ...]]:
    """Every verdict as the rules give them now, with its root."""
    by_filing: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in compiled:
        cursor = store.execute(
            f"SELECT {literal(one.rule.id)} AS rule, {literal(one.rule.fingerprint)} AS rule_fingerprint, v.*, "
            f"{fingerprint_sql('f.identity', literal(one.rule.id))} AS fingerprint FROM ({one.sql()}) v JOIN filing f ON f.filing = v.filing"
        )
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            by_filing[row[names.index("filing")]].append(dict(zip(names, row, strict=True)))
    made = []
    for some in by_filing.values():
        roots = explained(some, rulebook.active).roots
        for one in some:
            shown = [one[name] for name in (*COLUMNS, "terms", "rule", "fingerprint", "rule_fingerprint")]
            made.append((*shown, roots.get(one["fingerprint"])))
    return sorted(made, key=repr)


def kept(store: warehouse.Connection, run: str) -> list[tuple[Any, ...]]:
    columns = ", ".join((*COLUMNS, "terms", "rule", "fingerprint", "rule_fingerprint", "root"))
    return sorted(store.execute(f"SELECT {columns} FROM verdict WHERE run = ?", [run]).fetchall(), key=repr)


def put(store: warehouse.Connection, *disclosures: Disclosure) -> None:
    warehouse.load(store, [(one, warehouse.Origin(one.source, one.sha256, 1, "r1")) for one in disclosures])


def by_hand(store: warehouse.Connection, chance: random.Random) -> None:
    """Someone changes what stands in the tables of one filing."""
    looked_at = "SELECT DISTINCT previous FROM judged_filing WHERE previous IS NOT NULL ORDER BY 1"
    every = "SELECT filing FROM judged_filing ORDER BY 1"
    rows = store.execute(looked_at).fetchall() if chance.random() < 0.5 else []
    (one,) = chance.choice(rows or store.execute(every).fetchall())
    store.execute(
        "UPDATE expenditure SET total = total + 1 WHERE filing = ? AND row_key = ?",
        [one, chance.choice(("合计", "2010101"))],
    )


@pytest.mark.parametrize("seed", range(5))
def test_after_any_changes_the_verdicts_are_those_of_a_night_from_nothing(tmp_path: Path, seed: int) -> None:
    chance, store = random.Random(seed), warehouse.connect()
    rulebook, compiled = book(tmp_path / "rules")
    assert {one.part for one in compiled} == set(PARTS)
    put(store, *(accounts(chance, number) for number in range(8)))
    for number in range(7):
        match chance.choice(("documents", "documents", "rules", "by hand", "by hand")) if number else "nothing":
            case "documents":
                put(store, *(accounts(chance, 100 * (number + 1) + k) for k in range(chance.randint(1, 2))))
            case "rules":
                rulebook, compiled = book(tmp_path / "rules", chance.choice(tuple(CHANGED)))
            case "by hand":
                by_hand(store, chance)
        expected = from_nothing(store, rulebook, compiled)
        night(store, rulebook, compiled, f"night-{number}")
        assert kept(store, f"night-{number}") == expected
        if number == 3:
            earlier = kept(store, "night-3")
    assert kept(store, "night-3") == earlier, "what an earlier run rests on has changed"
    assert not night(store, rulebook, compiled, "again"), "something is judged again though nothing has changed"


def test_a_root_that_is_another_now_leaves_earlier_runs_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    store = warehouse.connect()

    def judged(run: str, number: int, part: str, print_of: str, rests_on: Sequence[int]) -> None:
        store.execute("INSERT INTO bundle VALUES (?, ?, 'f', ?, ?)", [run, number, part, str(number)])
        store.execute(
            "INSERT INTO kept_verdict (run, rule, filing, instance, status, fingerprint, bundle) VALUES (?, ?, 'f', '', 'broken', ?, ?)",
            [run, part, print_of, number],
        )
        for one in (*rests_on, number):
            store.execute("INSERT INTO standing VALUES (?, ?)", [run, one])

    def roots(run: str) -> list[tuple[Any, ...]]:
        return store.execute("SELECT fingerprint, root FROM verdict WHERE run = ? ORDER BY 1", [run]).fetchall()

    judged("a", 1, "own", "F", ())
    ties.tie(store, "a", ())
    judged("b", 2, "previous", "G", (1,))
    supposed = {"f": Explained({"F": "G"}, (), {})}
    monkeypatch.setattr(ties, "looking", lambda *_: nullcontext(lambda tasks: supposed))
    ties.tie(store, "b", ())
    assert roots("a") == [("F", None)] and roots("b") == [("F", "G"), ("G", None)]

    ((copied,),) = store.execute("SELECT bundle FROM bundle WHERE run = 'b' AND part = 'own'").fetchall()
    judged("c", 9, "previous", "H", (copied,))
    supposed = {}
    ties.tie(store, "c", ())
    assert roots("c") == [("F", None), ("H", None)] and roots("b") == [("F", "G"), ("G", None)]
    assert store.execute("SELECT digest FROM bundle WHERE part = 'own'").fetchall() == [("1",)] * 3
