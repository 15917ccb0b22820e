"""How one expectation is told: its meaning, its formula, how it stands. And how many of several stand how."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from expectations import messages
from flows import schema
from flows.publish.press import Press
from flows.publish.wording import sayings
from flows.publish.wording.words import say
from flows.record import ExpectationResult

CANARY, STRUCTURE = "canary", "structure"
"""Topics of `expectations.suites` that are no rules: what must fail in every run, and what rules rely on."""
OURS = "expect_figures_to_reconcile"

_MEANS = {
    "expect_column_values_to_not_be_null": "means_not_null",
    "expect_column_values_to_be_unique": "means_unique",
    "expect_compound_columns_to_be_unique": "means_unique",
    "expect_column_values_to_match_regex": "means_regex",
    "expect_column_values_to_be_in_set": "means_in_set",
    "expect_column_values_to_be_between": "means_between",
    "expect_column_pair_values_to_be_equal": "means_equal",
}
_SEVERITIES = ("critical", "warning", "info")


def topic(suite: str) -> str:
    """Suites are named after their topic, or after topic and table."""
    return suite.rpartition(".")[0] or suite


def table(suite: str) -> str:
    return suite.rpartition(".")[2]


def topic_title(press: Press, topic: str, lang: str) -> str:
    named = {CANARY: "suite_canary", STRUCTURE: "suite_structure"}.get(topic)
    if named:
        return say(named, lang)
    return next((one.title.get(lang, topic) for one in press.book.topics if one.id == topic), topic)


def table_names(press: Press) -> dict[str, str]:
    """Every table's name as people say it."""
    return {one.name: one.comment for one in (*press.vocabulary.tables, *schema.BASE_TABLES)}


def suite_title(press: Press, tables: Mapping[str, str], suite: str, lang: str) -> str:
    """The topic's title, and the table where the suite is named after it. `tables` are their names as people say them."""
    title = topic_title(press, topic(suite), lang)
    named = (tables.get(table(suite)) if lang == "zh" else "") or table(suite).replace("_", " ")
    return title if "." not in suite or named.casefold() == title.casefold() else f"{title} · {named}"


def as_wished(one: ExpectationResult) -> bool:
    """Whether the result is the one that a sound run has: the canary must fail, and nothing may raise an exception."""
    return not one.error and one.success != (one.suite == CANARY)


def standing(one: ExpectationResult) -> str:
    """ok, explain or bad. An exception is no failure of a figure: it is an error, and stands worst of all."""
    if as_wished(one):
        return "ok"
    return "bad" if one.error or one.suite == CANARY or one.severity == "critical" else "explain"


def gravity(one: ExpectationResult) -> tuple[int, int, int]:
    """Sort key: errors, then by severity, then the most failing rows first."""
    severity = _SEVERITIES.index(one.severity) if one.severity in _SEVERITIES else 0
    return (0 if one.error else 1, severity, -one.unexpected_count)


def identity(one: ExpectationResult) -> tuple[str, ...]:
    """What makes it the same expectation in another run."""
    return (one.suite, one.table, one.expectation_type, one.rule or one.description)


def fingerprint(results: Sequence[ExpectationResult]) -> str:
    """The rules that these results come from, in one word: another once a rule is added, removed or changed."""
    said = sorted({f"{one.rule} {one.meta.get('fingerprint', '')}" for one in results if one.rule})
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def tally(results: Sequence[ExpectationResult]) -> dict[str, Any]:
    """How many passed, failed and raised an error, and how many rows were judged and failed; the canary counts as it should be."""
    sound = sum(as_wished(one) for one in results)
    errors = sum(bool(one.error) for one in results)
    true = [one for one in results if one.suite != CANARY]
    standings = {standing(one) for one in results}
    return {
        "number": len(results),
        "passed": sound,
        "failed": len(results) - sound - errors,
        "errors": errors,
        "elements": sum(one.element_count for one in true),
        "unexpected": sum(one.unexpected_count for one in true),
        "standing": next((name for name in ("bad", "explain") if name in standings), "ok"),
    }


def worst(results: Sequence[ExpectationResult], lang: str) -> str:
    """The severity of the gravest that did not pass, "" when all did."""
    failed = sorted((one for one in results if not as_wished(one)), key=gravity)
    if not failed:
        return ""
    return say("error", lang) if failed[0].error or failed[0].suite == CANARY else severity(failed[0].severity, lang)


def expectation(press: Press, one: ExpectationResult, lang: str, home: str) -> dict[str, Any]:
    """One expectation as a person reads it, with its newest result when it has one."""
    rule = one.rule or str(one.meta.get("witness_of") or "")
    own = one.expectation_type == OURS
    title = meaning(press, one, lang)
    formula = str(one.meta.get("formula") or one.kwargs.get("formula") or _witnessed(press, rule))
    return {
        "standing": standing(one),
        "word": _word(one, lang),
        "severity": severity(one.severity, lang),
        "title": title,
        "formula": formula if formula != title else "",
        "when": str(one.meta.get("when") or ""),
        "basis": str(one.meta.get("basis") or ""),
        "type": one.expectation_type,
        "kind": say("expectation_ours" if own else "expectation_built_in", lang),
        "table": one.table,
        "rule": rule if rule in press.rules else "",
        "rule_href": sayings.rule_href(press, rule, home),
        "elements": one.element_count,
        "unexpected": one.unexpected_count,
        "counts": [(messages.status_name(status, lang), number) for status, number in one.counts.items() if number],
        "error": one.error,
        "settings": [] if own or one.expectation_type in _MEANS else [(str(k), str(v)) for k, v in one.kwargs.items()],
    }


def _witnessed(press: Press, rule: str) -> str:
    """The formula that a built-in expectation counter-checks."""
    return press.rules[rule].formula if rule in press.rules else ""


def _word(one: ExpectationResult, lang: str) -> str:
    if one.error:
        return say("error", lang)
    if one.suite == CANARY:
        return say("canary_quiet" if one.success else "canary_failed", lang)
    return say("passed" if one.success else "failed", lang)


def meaning(press: Press, one: ExpectationResult, lang: str) -> str:
    """What must be true, in a sentence: the rule's title, words for a built-in expectation, else what its author wrote."""
    title = one.meta.get("title")
    if isinstance(title, dict) and title.get(lang):
        return str(title[lang])
    beside = str(one.meta.get("witness_of") or "")
    if beside in press.rules:
        return say("means_witness", lang, title=sayings.rule_title(press, beside, lang))
    named = _MEANS.get(one.expectation_type)
    if named is None:
        return one.description or one.expectation_type
    return say(named, lang, **_parts(one, lang))


def _parts(one: ExpectationResult, lang: str) -> dict[str, str]:
    """What the words for a built-in expectation are filled with."""
    comma = "、" if lang == "zh" else ", "
    said = one.kwargs
    columns = said.get("column_list") or [said.get("column") or said.get("column_A") or ""]
    least, most = said.get("min_value"), said.get("max_value")
    return {
        "column": comma.join(map(str, columns)),
        "other": str(said.get("column_B") or ""),
        "regex": str(said.get("regex") or ""),
        "words": comma.join(map(str, said.get("value_set") or ())),
        "least": "−∞" if least is None else str(least),
        "most": "∞" if most is None else str(most),
    }


def severity(name: str, lang: str) -> str:
    try:
        return messages.severity_name(name, lang)
    except KeyError:
        return name


def number(text: str) -> str:
    """A number's digits in groups of three; anything else as it is."""
    try:
        return f"{Decimal(text):,f}"
    except InvalidOperation:
        return text
