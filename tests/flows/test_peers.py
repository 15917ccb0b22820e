"""Rules that compare a filing with its peers, over small filings in the real warehouse."""

from __future__ import annotations

import statistics
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import rules, vocabulary
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, compile_all
from flows import warehouse
from flows.judge import judge
from flows.recognise.disclosure import Disclosure, Filing, FormReading, Reading
from tests.flows.small import figure, row

RULES = """
title: {zh: 同类, en: Peers}
family: reasonableness
rules:
  - {id: total, title: {zh: 不高于同类, en: total}, for_each: filing, category: reasonableness, severity: info,
     check: 'T03[合计].本年支出合计 <= 同类.中位数(T03[合计].本年支出合计)', examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
  - {id: share, title: {zh: 占比不高于同类两倍, en: share}, for_each: filing, category: reasonableness, severity: info,
     check: 'T03[合计].项目支出 / T03[合计].本年支出合计 <= 2 * peers.median(T03[合计].project / T03[合计].total)',
     examples: {holds: [{财政年度: 2024}], broken: [{财政年度: 2024}]}}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Compiled, ...]:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "P.yaml").write_text(RULES, "utf-8")
    return compile_all(rules.load(folder), vocabulary.load())


def accounts(number: int, total: str, project: str, region: str = "某省某县", **said: Any) -> Disclosure:
    """The expenditure form of one of a region's organisations, its total row alone."""
    values = {"本年支出合计": total, "项目支出": project}
    return Disclosure(
        source=f"{number}.pdf",
        sha256=f"{number:064}",
        media_type="application/pdf",
        filing=Filing(f"{region}第{number}局", **{"fiscal_year": 2024, "unit": "万元", "region": region} | said),
        reading=Reading(9, 4, 4, (), (FormReading("T03", "", (3,), "read", "万元"),)),
        rows=(row("T03", "合计", 0, 0),),
        figures=tuple(figure("T03", "合计", column, value) for column, value in values.items()),
        sentences=(),
        claims=(),
        relations=(),
    )


def load(*disclosures: Disclosure) -> warehouse.Connection:
    store = warehouse.connect()
    warehouse.load(store, [(one, warehouse.Origin(one.source, one.sha256, 1, "r1")) for one in disclosures])
    return store


def told(store: warehouse.Connection, compiled: tuple[Compiled, ...], rule: str) -> dict[str, dict[str, Any]]:
    """The verdict on each organisation by one rule."""
    names = dict(store.execute("SELECT filing, organisation FROM filing").fetchall())
    return {names[v["filing"]]: v for v in judge(store, compiled) if v["rule"] == rule}


def test_a_value_is_compared_with_the_median_of_the_others_alone(compiled: tuple[Compiled, ...]) -> None:
    totals = ("10.00", "20.00", "30.00", "40.00", "50.00", "900.00")
    store = load(*(accounts(k, total, "1.00") for k, total in enumerate(totals)))
    made = told(store, compiled, "total")
    assert [(v["stated"], v["computed"], v["status"]) for _, v in sorted(made.items())] == [
        (Decimal(10), Decimal(40), "holds"),
        (Decimal(20), Decimal(40), "holds"),
        (Decimal(30), Decimal(40), "holds"),
        (Decimal(40), Decimal(30), "broken"),
        (Decimal(50), Decimal(30), "broken"),
        (Decimal(900), Decimal(30), "broken"),
    ]
    (own, median) = made["某省某县第5局"]["terms"]
    assert own["id"] == "T03/合计/本年支出合计"
    assert (median["id"], median["label"], median["radius"]) == (
        None,
        "同类中位数·支出决算表[合计]·本年支出合计",
        Decimal("0.005"),
    )


def test_shares_are_compared_as_shares(compiled: tuple[Compiled, ...]) -> None:
    shares = [("100.00", "10.00"), ("300.00", "30.00"), ("50.00", "5.00"), ("70.00", "7.00"), ("90.00", "9.00")]
    store = load(*(accounts(k, *one) for k, one in enumerate([*shares, ("100.00", "20.00"), ("100.00", "21.00")])))
    made = told(store, compiled, "share")
    assert {name[-2]: v["status"] for name, v in made.items()} == dict.fromkeys("01234", "holds") | {
        "5": "holds",
        "6": "broken",
    }


def test_too_few_peers_are_no_peers(compiled: tuple[Compiled, ...]) -> None:
    others = [
        accounts(11, "20.00", "2.00", region="某省另县"),
        accounts(12, "20.00", "2.00", fiscal_year=2023),
        accounts(13, "20.00", "2.00", scope="unit"),
        accounts(14, "20.00", "2.00", kind="performance"),
    ]
    store = load(*(accounts(k, "20.00", "2.00") for k in range(5)), *others)
    said = {(v["status"], v["reason"]) for v in told(store, compiled, "total").values()}
    assert said == {("not_verifiable", "few_peers")}


def test_organisations_of_unknown_regions_are_nobodys_peers(compiled: tuple[Compiled, ...]) -> None:
    store = load(*(accounts(k, "20.00", "2.00", region="") for k in range(9)))
    assert store.execute("SELECT DISTINCT peers FROM judged_filing").fetchall() == [(None,)]
    assert {v["reason"] for v in told(store, compiled, "total").values()} == {"few_peers"}


def test_a_peer_whose_form_could_not_be_read_counts_for_nothing(compiled: tuple[Compiled, ...]) -> None:
    unread = FormReading("T03", "", (3,), "unreadable", "万元", reason={"zh": "乱", "en": "mess"})
    good = [accounts(k, "20.00", "2.00") for k in range(5)]
    bad = accounts(5, "900.00", "2.00")
    object.__setattr__(bad, "reading", Reading(9, 4, 4, (), (unread,)))
    made = told(load(*good, bad), compiled, "total")
    assert {name[-2]: v["reason"] for name, v in made.items()} == dict.fromkeys("01234", "few_peers") | {
        "5": "form_unreadable:T03"
    }


def test_the_short_way_is_what_the_sql_of_every_rule_says(compiled: tuple[Compiled, ...]) -> None:
    store = load(accounts(1, "20.00", "2.00"))
    columns = ", ".join(name for name, _ in VERDICT_COLUMNS)
    long = {one.rule.id: store.execute(f"SELECT {columns} FROM ({one.sql()})").fetchall() for one in compiled}
    assert {v["rule"]: [tuple(v[name] for name, _ in VERDICT_COLUMNS)] for v in judge(store, compiled)} == long


@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.integers(0, 10**6), min_size=6, max_size=15))
def test_the_median_is_the_median(compiled: tuple[Compiled, ...], values: list[int]) -> None:
    amounts = [Decimal(value) / 100 for value in values]
    store = load(*(accounts(k, f"{amount:.2f}", "0.00") for k, amount in enumerate(amounts)))
    made = told(store, compiled, "total")
    for k, amount in enumerate(amounts):
        others = amounts[:k] + amounts[k + 1 :]
        verdict = made[f"某省某县第{k}局"]
        assert (verdict["stated"], verdict["computed"]) == (amount, statistics.median(others))
