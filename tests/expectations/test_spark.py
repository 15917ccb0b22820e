"""What is said in Spark's dialect, and what is refused because Spark would answer otherwise. That both answer the same is
tested in test_spark_parity.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations import rules, vocabulary
from expectations.authoring import lint
from expectations.formula import Mistake
from expectations.sql.patterns import in_java, replacement_in_java
from expectations.sql.spark import SETTINGS, in_spark
from expectations.sql.verdicts import compile_all


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("len(doubted) > 0", "size(doubted) > 0"),
        ("length(text) > 0", "length(text) > 0"),
        ("len(list_filter(doubted, x -> x = 'a'))", "size(filter(doubted, x -> x = 'a'))"),
        ("pages[1]", "try_element_at(pages, 1)"),
        ("list_concat(a, b)", "concat(coalesce(a, array()), coalesce(b, array()))"),
        ("list(a ORDER BY b) FILTER (WHERE c)", "transform(array_sort(collect_list(named_struct('k0', b, 'k1', a)) filter(where c)), one -> one.k1)"),
        ("arg_min(a, b)", "min_by(a, b) filter(where not a is null)"),
        ("CAST(a AS INTEGER)", "cast(cast(a as decimal(38, 0)) as int)"),
        ("CAST(NULL AS INTEGER)", "cast(null as int)"),
        ("(m + 1) // 2", "(m + 1) div 2"),
        ("CAST(a AS HUGEINT) // b", "(((cast(a as decimal(38, 0))) - (cast(a as decimal(38, 0))) % (b)) / (b))"),
        ("a IS DISTINCT FROM b", "a is distinct from b"),
        ("error('twice')", "raise_error('twice')"),
        ("row('a', 1)", "named_struct('k0', 'a', 'k1', 1)"),
        ("concat(a, 1)", "concat(coalesce(cast(a as string), ''), coalesce(cast(1 as string), ''))"),
        (r"a LIKE '%\%'", r"a like '%\\\\%'"),
        (r"a NOT LIKE 'x%' AND NOT regexp_matches(a, 'x')", "a not like 'x%' and not a rlike 'x'"),
        (r"regexp_matches(a, '^\s*x.$')", r"a rlike '(?d)^[\\t\\n\\f\\r ]*x.\\z'"),
        (r"regexp_replace(a, '(.)$', '\1')", r"regexp_replace(a, '(?d)(.)\\z', '$1')"),
        ("substring(a, 1, 2)", "substring(a, 1, 2)"),
        ("row_number() OVER (ORDER BY a)", "row_number() over (order by a nulls last)"),
    ],
)  # fmt: skip
def test_what_spark_would_answer_otherwise_is_said_otherwise(ours: str, theirs: str) -> None:
    assert in_spark(f"SELECT {ours} AS it FROM t").lower() == f"select {theirs} as it from t"


@pytest.mark.parametrize(
    ("query", "said", "at"),
    [
        ("SELECT filing, substring(text, page, 2) FROM t", "substring begins at a whole number", 25),
        ("SELECT filing, substring(text, 0, 2) FROM t", "substring begins at a whole number", 25),
        ("SELECT filing FROM t WHERE regexp_matches(text, label)", "the pattern must stand in quotation marks", 42),
        ("SELECT filing FROM t WHERE regexp_matches(text, 'a', 'm')", "“(?m)” of the pattern", -1),
        ("SELECT filing FROM t WHERE published_on - CAST('2024-06-30' AS DATE) > 30", "dates cannot be reckoned with", 27),
        ("SELECT a.filing FROM a ASOF JOIN b ON a.page >= b.page", "there is no ASOF JOIN", 33),
        ("SELECT filing, total - 1 AS less FROM t WHERE less > 0", "WHERE cannot use the result “less”", 46),
        ("SELECT * REPLACE (1 AS page) FROM t", "there is no * REPLACE", 23),
        ("SELECT filing FROM a UNION BY NAME SELECT filing FROM b", "there is no BY NAME", 7),
        ("SELECT sum(a) OVER (ORDER BY b GROUPS 1 PRECEDING) FROM t", "neither GROUPS nor EXCLUDE", -1),
        ("SELECT list(a) FROM t", "a list needs an ascending order", 12),
    ],
)  # fmt: skip
def test_what_spark_cannot_say_is_refused_with_the_reason(query: str, said: str, at: int) -> None:
    with pytest.raises(Mistake) as caught:
        in_spark(query)
    assert said in caught.value.en and caught.value.zh.startswith(("Spark 里", "样式里"))
    assert caught.value.at == at


def test_a_result_named_as_a_column_of_the_table_is_that_column_in_where() -> None:
    assert "WHERE code <> ''" in in_spark("SELECT lag(code) OVER (ORDER BY position) AS code FROM t WHERE code <> ''")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("决算|预算", "决算|预算"), ("a.b$", r"(?d)a.b\z"), ("[.$]", "[.$]"), (r"\$\.", r"\$\."), (r"[\s，]", "[\\t\\n\\f\\r ，]"), ("[]^]", r"[\]^]"),
        ("[a&&b[]", r"[a\&\&b\[]"), ("[[:^space:]]", None), ("[[:^upper:][:xdigit:]]", r"[\P{Upper}\p{XDigit}]"), ("[[:word:]]", r"[\w]"), (r"\p{Han}", r"\p{IsHan}"),
        (r"\p{^Han}\pL", r"\P{IsHan}\p{L}"), ("x{2,3}{", r"x{2,3}\{"), ("(?i)a(?-i:b)", "(?iu)a(?-iu:b)"), ("(?P<a>x)", "(?<a>x)"), (r"\Q.*\E.", r"(?d)\.\*."), (r"\x{1F600}\x41", r"\x{1F600}\x41"),
        (r"\Ca", None), ("(?m)^a", None), ("(?U)a*", None), (r"[\S]", None), (r"[\b]", None), ("[[:han:]]", None),
    ],
)  # fmt: skip
def test_a_pattern_of_one_engine_is_that_of_the_other_or_refused(ours: str, theirs: str | None) -> None:
    if theirs is not None:
        assert in_java(ours) == theirs
        return
    with pytest.raises(Mistake, match="has no equal in Spark"):
        in_java(ours)


def test_a_replacement_names_its_groups_as_java_does() -> None:
    assert replacement_in_java(r"\1$和\2") == r"$1\$和$2"


def test_every_rule_that_ships_can_be_said() -> None:
    compiled = compile_all(rules.load(), vocabulary.load())[::20]
    said = [
        in_spark(sql)
        for one in compiled
        for sql in (one.sql(), one.outcomes(), one.sql(filings="SELECT filing FROM some"))
    ]
    assert len(said) > 50 and all("HUGEINT" not in one and "INT128" not in one for one in said)
    assert SETTINGS["spark.sql.ansi.enabled"] == "true"


RULES = """title: {{zh: 例, en: Example}}
rules:
  - id: A
    title: {{zh: 例, en: Example}}
    for_each: {each}
    {said}
    category: sum
    severity: warning
    basis: 示例
    examples: {{holds: [{{sentence: 甲, heading: [{{text: 一}}]}}], broken: [{{sentence: 乙, heading: [{{text: 一}}]}}]}}
"""


@pytest.mark.parametrize(
    ("each", "said", "place", "why"),
    [
        ("sentence", r"check: not matches(sentence, '[\S]甲')", (6, 36), "样式里的“\\S”在 Spark（Java）里没有同样的写法"),
        ("sentence", r"check: not matches(sentence, '(?m)^甲')", (6, 35), "样式里的“(?m)”在 Spark（Java）里没有同样的写法"),
        ("filing", "query: SELECT filing, substring(text, level, 2) AS instance, true AS ok FROM heading", (6, 37), "substring 的起点"),
        ("filing", "query: |\n      SELECT filing, text AS instance, level + 1 AS stated, 2 AS computed\n      FROM heading WHERE stated > 1", (6, 0), "WHERE 里不能用结果列“stated”"),
    ],
)  # fmt: skip
def test_lint_refuses_what_spark_cannot_say_in_its_place(
    each: str, said: str, place: tuple[int, int], why: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text(RULES.format(each=each, said=said), "utf-8")
    _, found = lint.lint([(tmp_path, "")], vocabulary.load())
    errors = [one for one in found if one.grade == "error"]
    assert [(one.file, one.line, one.character) for one in errors] == [("mine.yaml", *place)], errors
    assert why in errors[0].text("zh") and "Spark" in errors[0].text("en")
