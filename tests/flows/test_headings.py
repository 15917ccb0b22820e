"""Headings as rows, and rules over them, over the list of codes and over what is said anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from expectations import rules, vocabulary
from expectations.sql.neighbours import FEWEST_FILERS
from expectations.sql.verdicts import compile_all
from flows import warehouse
from flows.headings import headings
from flows.judge import judge
from flows.read.document import Place
from flows.recognise.disclosure import Disclosure, Doubt, Filing, Sentence
from tests.flows.small import disclosure, row


def sentences(*sections: str) -> tuple[Sentence, ...]:
    return tuple(Sentence(number, section, f"第{number}句。", Place(page=3)) for number, section in enumerate(sections))


def test_each_heading_is_a_row_with_its_number_and_the_one_before_on_its_level() -> None:
    said = sentences(
        "第三部分说明/一、收入",
        "第三部分说明/二、支出/（一）总体",
        "第三部分说明/二、支出/（一）总体",
        "第三部分说明/十二、其他",
    )
    found = [
        (text, chapter, level, number, before) for _, _, text, chapter, level, number, before, *_ in headings("f", said)
    ]
    assert found == [
        ("第三部分说明", "", 1, 3, None),
        ("一、收入", "第三部分说明", 2, 1, None),
        ("二、支出", "第三部分说明", 2, 2, 1),
        ("（一）总体", "第三部分说明/二、支出", 3, 1, None),
        ("十二、其他", "第三部分说明", 2, 12, 2),
    ]  # fmt: skip


RULES = """
title: {zh: 试, en: trial}
family: wording
rules:
  - {id: twice, title: {zh: 序号, en: number}, for_each: heading, when: 上一序号 is not null, check: 序号 <> 上一序号, category: label,
     severity: info, examples: {holds: [{序号: 2, 上一序号: 1}], broken: [{序号: 2, 上一序号: 2}]}}
  - {id: said, title: {zh: 说到, en: said}, for_each: filing, check: "提到('机关运行经费')", category: label, severity: info,
     examples: {holds: [{文中: 机关运行经费支出}], broken: [{文中: 政府采购支出}]}}
  - {id: name, title: {zh: 名称, en: name}, for_each: row, form: 支出决算表, when: 科目编码 <> '', check: "同名(科目名称, 规定名称)",
     category: label, severity: info, examples: {holds: [{科目编码: '2080505'}], broken: [{科目编码: '2080505'}]}}
  - {id: order, title: {zh: 顺序, en: order}, for_each: row, form: 支出决算表, when: 上一科目编码 is not null, check: 科目编码 > 上一科目编码,
     category: label, severity: info, examples: {holds: [{科目编码: '2'}], broken: [{科目编码: '2'}]}}
"""


def found(folder: Path, document: Disclosure) -> dict[tuple[str, str], str]:
    (folder / "mine.yaml").write_text(RULES, "utf-8")
    connection = warehouse.connect()
    warehouse.load(connection, [(document, warehouse.Origin("a.pdf", document.sha256, 1, "1"))])
    verdicts = judge(connection, compile_all(rules.load(folder), vocabulary.load()))
    return {(one["rule"], one["instance"]): one["status"] for one in verdicts}


def test_rules_look_at_headings_and_at_what_is_said_anywhere(tmp_path: Path) -> None:
    said = sentences("三、说明/（二）车辆", "三、说明/（二）实物量")
    told = found(tmp_path, disclosure(sentences=said))
    assert told["twice", "1/（二）实物量"] == "broken" and told["said", ""] == "broken"
    spoken = (*said, replace(said[0], position=2, text="机关运行经费为0。"))
    assert found(tmp_path, disclosure(sentences=spoken))["said", ""] == "holds"
    explained = (*said, Sentence(2, "第四部分名词解释", "机关运行经费：指公用经费。", Place(page=9)))
    assert found(tmp_path, disclosure(sentences=explained))["said", ""] == "broken"


def test_what_is_not_said_may_stand_in_text_that_was_not_read(tmp_path: Path) -> None:
    document = disclosure(sentences=sentences("三、说明"))
    doubt = Doubt("S/0", {"zh": "模糊", "en": "blurred"}, Place(page=3))
    document = replace(document, reading=replace(document.reading, doubts=(doubt,)))
    assert found(tmp_path, document)["said", ""] == "not_verifiable"


@pytest.mark.parametrize(
    "label, status",
    [("机关事业单位基本养老保险缴费支出", "holds"), ("机关事业单位职业年金缴费支出", "broken")],
)
def test_the_name_beside_a_code_is_held_against_the_list(tmp_path: Path, label: str, status: str) -> None:
    printed = (
        replace(row("T03", "2080505", 0), label=label),
        replace(row("T03", "2089911", 1), label="没有列过的科目"),
    )
    told = found(tmp_path, disclosure(rows=printed))
    assert told["name", "2080505"] == status and told["name", "2089911"] == "not_verifiable"
    assert told["order", "2089911"] == "holds"


def test_a_name_is_held_against_what_nearly_all_other_filers_print(tmp_path: Path) -> None:
    rule = """
title: {zh: 试, en: trial}
family: wording
rules:
  - {id: usual, title: {zh: 通行, en: usual}, for_each: row, form: 支出决算表, when: 通行名称 is not null, check: "同名(科目名称, 通行名称)",
     category: label, severity: info, examples: {holds: [{科目编码: '2'}], broken: [{科目编码: '2'}]}}
"""
    (tmp_path / "mine.yaml").write_text(rule, "utf-8")
    compiled = compile_all(rules.load(tmp_path), vocabulary.load())
    names = ["示例专项支出"] * FEWEST_FILERS + ["另一专项"]
    filers = [
        disclosure(
            f"{number:064}",
            filing=Filing(f"示例市第{number}局", 2024, unit="万元"),
            rows=(replace(row("T03", "2299801", 0), label=name),),
        )
        for number, name in enumerate(names)
    ]

    def statuses(documents: list[Disclosure]) -> list[str]:
        connection = warehouse.connect()
        warehouse.load(connection, [(one, warehouse.Origin("a.pdf", one.sha256, 1, "1")) for one in documents])
        return sorted(verdict["status"] for verdict in judge(connection, compiled))

    assert statuses(filers) == ["broken"] + ["holds"] * FEWEST_FILERS
    assert statuses(filers[2:]) == []  # too few print the code
