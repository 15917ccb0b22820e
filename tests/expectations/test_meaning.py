"""Rules in words, in Chinese and in English."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expectations import rules
from expectations.authoring.meaning import meaning
from expectations.rules import Rule


@pytest.fixture(scope="module")
def row() -> Rule:
    rule = rules.load().rule("T03.row")
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    ("check", "zh", "en"),
    [
        ("甲 >= abs(乙 - 丙)", "甲不小于乙减丙的绝对值", "甲 is at least the size of 乙 minus 丙"),
        ("甲 between 1 and 2", "甲在1到2之间", "甲 is from 1 to 2"),
        ("甲 = sum(下级.乙)", "甲等于各下级的乙之和", "甲 equals the sum of 乙 of the rows below"),
        ("甲 = T06[301, 303].乙", "甲等于《T06》“301、303”行的乙", "甲 equals 乙 of row “301、303” of “T06”"),
        ("甲 = 情况说明.乙", "甲等于说明中的乙", "甲 equals 乙 in the narrative"),
        ("甲 = 上年.T03[合计].乙", "甲等于上年《T03》“合计”行的乙", "甲 equals last year's 乙 of row “合计” of “T03”"),
        (
            "not (甲 is null) and 乙 is null",
            "并非（（甲空缺））并且乙空缺",
            "not ((甲 is not given)) and 乙 is not given",
        ),
        ("报表状态(T08) <> 'read'", "《T08》的识读状态不等于“read”", "the reading of “T08” does not equal “read”"),
    ],
)
def test_a_formula_is_read_out(row: Rule, check: str, zh: str, en: str) -> None:
    said = replace(row, check=check)
    assert zh in meaning(said, "zh") and en in meaning(said, "en")


def test_condition_and_rounding_are_told(row: Rule) -> None:
    said = meaning(replace(row, check="甲 = 乙", when="丙 is not null"), "zh")
    assert said == "对《支出决算表》的每一行：如果丙有数，甲等于乙（相差在公布的末位范围内也算相符）。"


def test_every_shipped_rule_has_words() -> None:
    for rule in rules.load().rules:
        for lang in ("zh", "en"):
            said = meaning(rule, lang)
            assert said.endswith(("。", ".")) and " = " not in said.replace("'", ""), f"{rule.id}: {said}"
