"""The list of codes: what is in it is of one piece, and names are compared as reviewers compare them."""

from __future__ import annotations

import re
from collections import Counter

import duckdb
import pytest

from expectations import classification, vocabulary


def test_every_code_is_listed_with_the_code_above_it() -> None:
    codes = {(kind, code) for kind, code, *_ in classification.rows()}
    alone = [(kind, code) for kind, code in codes if len(code) > 3 and (kind, code[:-2]) not in codes]
    assert alone == []


def test_codes_and_names_are_well_formed_and_stand_once() -> None:
    rows = classification.rows()
    assert [count for count in Counter(row[:-1] for row in rows).values() if count > 1] == []
    for kind, code, name, since, until, _ in rows:
        assert re.fullmatch(r"2\d\d(\d\d){0,2}" if kind == "functional" else r"3\d\d(\d\d)?", code), code
        assert re.search(r"[一-龥]", name) and since <= until


def test_the_economic_classification_of_departments_is_whole() -> None:
    sections = Counter(
        code[:3] for kind, code, *_ in set(classification.rows()) if kind == "economic" and len(code) == 5
    )
    assert set(sections) == {*vocabulary.load().classes["economic"], "313"}
    known = {code for kind, code, *_ in classification.rows() if kind == "economic"}
    assert {"30101", "30113", "30199", "30201", "30231", "30299", "30302", "30399", "31002", "31013", "39999"} <= known


@pytest.mark.parametrize(
    "printed, listed, same",
    [
        ("维修(护)费", "维修（护）费", True),
        ("其他社会保障与就业支出", "其他社会保障和就业支出", True),
        ("一、 教育支出（类）", "教育支出", True),
        ("彩票公益金安排支出", "彩票公益金安排的支出", True),
        ("机关事业单位基本养老保", "机关事业单位基本养老保险缴费支出", True),
        ("文化", "文化和旅游/文化", True),
        ("行政单位", "行政单位离退休", False),
        ("职工基本养老保险缴费", "职工基本医疗保险缴费", False),
        ("支出", "其他支出", False),
        ("一般行政管理事务", "行政运行", False),
    ],
)
def test_names_are_compared_without_what_does_not_matter(printed: str, listed: str, same: bool) -> None:
    query = f"SELECT {classification.same_name('p', 'l')} FROM (SELECT '{printed}' AS p, '{listed}' AS l)"
    assert duckdb.sql(query).fetchone() == (same,)
