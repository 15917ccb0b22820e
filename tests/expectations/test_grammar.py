"""docs/grammar.md run literally: every example's rule over its data gives the verdict that stands there.

HEDUI_REGENERATE=1 writes the verdicts anew; the difference is then read before it is committed.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ruamel.yaml import YAML

from expectations import classification, messages, vocabulary
from expectations.formula import FUNCTIONS, Mistake
from expectations.proving.specimen import BASE_TABLES, Specimen, fill, store
from expectations.sql.neighbours import BESIDE_FORM, BESIDE_ROW
from expectations.sql.scope import FILING_WORDS, FORM_WORDS, HEADING_WORDS, RELATION_WORDS, ROW_WORDS, SENTENCE_WORDS
from expectations.sql.verdicts import VERDICT_COLUMNS, compile_rule
from tests.expectations.test_formulas import rule

PAGE = Path(__file__).parents[2] / "docs" / "grammar.md"
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
FORM_NAMES = {form.id: form.zh for form in vocabulary.load().forms.values()}


def read(text: str) -> Any:
    """YAML whose every value is text, so that 2.50 keeps its decimals."""
    return YAML(typ="base").load(text)


def blocks(page: str) -> list[str]:
    return BLOCK.findall(page)


def verdict_on(entry: dict[str, Any], data: dict[str, Any]) -> dict[str, str]:
    """What the rule of `entry` says of `data`, in both languages, as hedui says it."""
    made = rule(entry["for_each"], entry.get("check", ""), entry.get("when", ""))
    made = replace(made, form=entry.get("form", ""), query=entry.get("query", ""))
    connection = duckdb.connect()
    for statement in BASE_TABLES:
        connection.execute(statement)
    for table in vocabulary.load().tables:
        connection.execute(f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {c.sql}' for c in table.columns)})")
    listed = ", ".join(map(str, classification.rows()))
    connection.execute(f"INSERT INTO {classification.TABLE.name} VALUES {listed}")
    specimen = Specimen("e")
    fill(specimen, made, data, vocabulary.load())
    store(connection, specimen, vocabulary.load())
    names = [name for name, _ in VERDICT_COLUMNS]
    rows = connection.execute(compile_rule(made, vocabulary.load()).sql()).fetchall()
    verdicts = [dict(zip(names, row, strict=True)) for row in rows]
    own = [verdict for verdict in verdicts if verdict["filing"] == "e"]
    connection.close()
    return {lang: "; ".join(told(made, one, lang) for one in own) or NONE[lang] for lang in messages.LANGUAGES}


NONE = {"zh": "没有结论", "en": "no verdict"}


def told(made: Any, verdict: dict[str, Any], lang: str) -> str:
    status = messages.status_name(verdict["status"], lang)
    if verdict["measure"] == "text" and verdict["status"] != "not_verifiable":
        return status
    titled = replace(made, title={lang: status})
    said = messages.finding_message(titled, verdict, "万元", lang, FORM_NAMES)
    # What holds needs no account of what rounding explains.
    return re.split("，相差|, difference", said)[0] if verdict["status"] == "holds" else said


def with_verdicts(block: str) -> str:
    """`block`, each of its cases with its verdict below it."""
    entry = read(block)
    lines: list[str] = []
    cases = iter(entry["cases"])
    for line in block.splitlines():
        if line.startswith(("    zh: ", "    en: ")):
            continue
        lines.append(line)
        if line.startswith("  - data:"):
            said = verdict_on(entry, next(cases)["data"])
            lines += [f"    {lang}: {said[lang]!r}" for lang in messages.LANGUAGES]
    return "\n".join(lines) + "\n"


if os.environ.get("HEDUI_REGENERATE"):
    _page = PAGE.read_text("utf-8")
    PAGE.write_text(BLOCK.sub(lambda found: f"```yaml\n{with_verdicts(found[1])}```", _page), "utf-8")


@pytest.mark.parametrize(
    "block", blocks(PAGE.read_text("utf-8")), ids=lambda block: re.split("check: |query: ", block)[1][:40]
)
def test_an_example_of_the_grammar_gives_the_verdict_that_stands_there(block: str) -> None:
    entry = read(block)
    assert set(entry) <= {"for_each", "form", "when", "check", "query", "cases"} and entry["cases"]
    for case in entry["cases"]:
        assert verdict_on(entry, case["data"]) == {lang: case[lang] for lang in messages.LANGUAGES}


def test_the_page_has_an_example_that_passes_and_one_that_does_not_for_each_construct() -> None:
    said = [[case["zh"].split("：")[0] for case in read(block)["cases"]] for block in blocks(PAGE.read_text("utf-8"))]
    assert all(len(set(statuses)) > 1 for statuses in said)
    assert {status for statuses in said for status in statuses} >= {"相符", "尾差相符", "不符", "无法核对", "没有结论"}


def test_every_function_and_word_of_the_language_stands_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in sorted(set(FUNCTIONS.values())) if f"{name}(" not in page] == []
    words = (
        *ROW_WORDS,
        *FILING_WORDS,
        *SENTENCE_WORDS,
        *HEADING_WORDS,
        *FORM_WORDS,
        *RELATION_WORDS,
        *BESIDE_ROW,
        *BESIDE_FORM,
    )
    assert [word for word in words if word not in page] == []


def test_the_wrong_name_on_the_page_is_told_as_it_stands_there() -> None:
    formula, zh, en = PAGE.read_text("utf-8").rsplit("```", 2)[1].strip().split("\n")
    with pytest.raises(Mistake) as caught:
        compile_rule(rule("row 支出决算表", formula), vocabulary.load())
    mistake = caught.value
    near = "、".join(mistake.nearest)
    assert zh == f"第 {mistake.at + 1} 个字符：{mistake.zh}；相近的名称：{near}"
    assert en == f"character {mistake.at + 1}: {mistake.en}; nearest names: {near}"
