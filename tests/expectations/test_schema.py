"""The JSON Schema of rule files: current, true of every shipped file, and as strict as the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from expectations import rules
from expectations.rulefile import schema
from expectations.rulefile.keys import AMEND_KEYS, RULE_KEYS, TOPIC_KEYS

SHIPPED = sorted(rules.FOLDER.glob("*.yaml"))


def parsed(text: str) -> Any:
    """As an editor sees it: JSON's types and no others."""
    return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))


def test_the_committed_schema_is_the_one_made_from_the_table_of_keys() -> None:
    assert schema.FILE.read_text("utf-8") == schema.text(), "hedui rules schema > expectations/rules.schema.json"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_file_follows_the_schema_and_tells_editors_where_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    jsonschema.validate(parsed(text), schema.schema(), jsonschema.Draft202012Validator)
    first = text.splitlines()[0]
    assert first.startswith(schema.MODELINE), f"the first line of {path.name}: {schema.MODELINE}../rules.schema.json"
    assert (path.parent / first.removeprefix(schema.MODELINE)).resolve() == schema.FILE.resolve()


def test_every_key_is_explained_in_both_languages() -> None:
    for key in (*RULE_KEYS, *AMEND_KEYS, *TOPIC_KEYS):
        assert key.zh and key.en and key.about_zh and key.about_en


GOOD = """
title: {zh: 支出决算表, en: Expenditure}
form: 支出决算表
rules:
  - id: T03.mine
    title: {zh: 项目支出不为负, en: Not negative}
    for_each: row
    check: 项目支出 >= 0
    category: sum
    severity: critical
    since: 2019
    examples: {holds: [{项目支出: 1.00}], broken: [{项目支出: -1.00}]}
"""
AMEND = "amend:\n  - {id: T03.row, status: off, reason: 不用}\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("check: 项目支出 >= 0", "query: SELECT filing"),
        AMEND.replace("T03.row", "A"),
        GOOD + AMEND.replace("T03.row", "A"),
    ],
)
def test_schema_and_loader_accept_the_same(text: str, tmp_path: Path) -> None:
    jsonschema.validate(parsed(text), schema.schema(), jsonschema.Draft202012Validator)
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "a.yaml").write_text(GOOD.replace("T03.mine", "A"), "utf-8")
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    assert rules.read([(shipped, ""), (tmp_path, "ours")])[1] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("severity: critical", "severity: critcal"),
        ("severity: critical", "serverity: critical"),
        ("category: sum", "category: summ"),
        ("since: 2019", "since: '19'"),
        ("since: 2019", "status: off"),
        ("since: 2019", "columns: [基本支出]"),
        ("since: 2019", "columns: 基本支出"),
        ("broken: [", "brocken: ["),
        (", broken: [{项目支出: -1.00}]", ""),
        ("[{项目支出: 1.00}]", "[]"),
        ("[{项目支出: 1.00}]", "{项目支出: 1.00}"),
        ("{zh: 项目支出不为负, en: Not negative}", "{zh: 项目支出不为负}"),
        ("{zh: 项目支出不为负, en: Not negative}", "{zh: 项目支出不为负, en: Not, negative}"),
        ("    for_each: row\n", ""),
        ("    check: 项目支出 >= 0\n", ""),
        ("    check: 项目支出 >= 0\n", "    check: [项目支出, 0]\n"),
        ("    check: 项目支出 >= 0\n", "    check: 项目支出 >= 0\n    query: SELECT filing, true AS ok FROM heading\n"),
        ("title: {zh: 支出决算表, en: Expenditure}\n", ""),
        ("rules:", "rulez:"),
        ("form: 支出决算表", "forms: 支出决算表"),
        ("form: 支出决算表", "family: within"),
        ("rules:", "amend:\n  - {id: A, reason: 不用}\nrules:"),
        ("rules:", "amend:\n  - {id: A, status: off}\nrules:"),
        ("rules:", "amend:\n  - {id: A, status: off, reason: 不用, until: 2026}\nrules:"),
    ],
)  # fmt: skip
def test_schema_and_loader_refuse_the_same(old: str, new: str, tmp_path: Path) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(parsed(text), schema.schema(), jsonschema.Draft202012Validator)
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(rules.RuleErrors):
        rules.load(tmp_path)
