"""One slip in an account that agrees with itself breaks the rule that is there for it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from expectations import rules, vocabulary
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows import warehouse
from flows.judge import judge
from tests.alike.disclosures import Published, disclosures
from tests.prove.direct import disclosed

RULES = ("C.detail.vehicles", "T08.balance", "W.heading_year")
FUNDS = 7
"""Which of the forms is that of the government funds."""


@cache
def _compiled() -> tuple[Compiled, ...]:
    book = rules.load()
    few = replace(book, rules=tuple(rule for rule in book.rules if rule.id in RULES))
    return verdicts.compile_all(few, vocabulary.load())


def said(published: Published) -> dict[str, list[tuple[str, str]]]:
    """What each of the rules says of the account: instance and status."""
    found = disclosed(published, "slip")
    connection = warehouse.connect()
    warehouse.load(connection, [(found, warehouse.Origin("a.pdf", found.sha256, 1, "1"))])
    verdicts_ = judge(connection, _compiled())
    return {rule: sorted((v["instance"], v["status"]) for v in verdicts_ if v["rule"] == rule) for rule in RULES}


def broken(published: Published) -> dict[str, list[str]]:
    """The instances of which a rule is broken, by rule; a rule that is not broken is left out."""
    found = {rule: [at for at, status in of if status == "broken"] for rule, of in said(published).items()}
    return {rule: at for rule, at in found.items() if at}


@pytest.fixture(scope="module")
def account() -> Published:
    return disclosures()["ministry"]


def test_an_account_that_agrees_with_itself_is_judged_by_all_of_them_and_breaks_none(account: Published) -> None:
    assert all({status for _, status in of} == {"holds"} for of in said(account).values())


def test_vehicles_that_are_paid_for_must_be_counted_somewhere(account: Published) -> None:
    held, owned = "，年末公务用车保有量2辆", "共有车辆2辆"
    assert sum(held in text or owned in text for text in account.paragraphs) == 2
    either = replace(account, paragraphs=tuple(text.replace(held, "") for text in account.paragraphs))
    assert broken(either) == {}
    uncounted = tuple(re.sub(r"[^，。；、]*\d辆", "", text) for text in account.paragraphs)
    assert any("公务用车运行维护费支出5.52万元" in text for text in uncounted)
    assert broken(replace(account, paragraphs=uncounted)) == {"C.detail.vehicles": [""]}


@pytest.mark.parametrize(
    ("closing", "status"),
    [
        ("2.35", "holds"),  # 2.00 + 8.00 - 7.65
        ("2.37", "rounding"),  # four amounts, each rounded by half a last place at most
        ("2.33", "rounding"),
        ("2.38", "broken"),
        ("2.32", "broken"),
    ],
)
def test_a_closing_balance_may_differ_by_what_four_roundings_make_and_no_more(
    account: Published, closing: str, status: str
) -> None:
    sheet = account.sheets[FUNDS]
    (at,) = [n for n, cell in enumerate(sheet.cells) if cell.key == "2296010/年末结转和结余"]
    assert sheet.cells[at].value == Decimal("2.35")
    cells = [*sheet.cells[:at], replace(sheet.cells[at], value=Decimal(closing)), *sheet.cells[at + 1 :]]
    sheets = (*account.sheets[:FUNDS], replace(sheet, cells=cells), *account.sheets[FUNDS + 1 :])
    balance = dict(said(replace(account, sheets=sheets))["T08.balance"])
    assert balance.pop("2296010") == status
    assert len(balance) == 3 and set(balance.values()) == {"holds"}


def test_a_heading_that_kept_last_years_number_is_found(account: Published) -> None:
    heading = "一、收入支出决算总体情况说明"
    assert heading in account.paragraphs

    def headed(with_: str) -> Published:
        return replace(account, paragraphs=tuple(with_ if text == heading else text for text in account.paragraphs))

    assert broken(headed("一、2023年度收入支出决算总体情况说明")) == {}
    slipped = broken(headed("一、2022年度收入支出决算总体情况说明"))
    assert list(slipped) == ["W.heading_year"]
    (instance,) = slipped["W.heading_year"]
    assert instance.endswith("一、2022年度收入支出决算总体情况说明")
