"""The Great Expectations pages: suites with their expectations, and what the last run of each returned.

Results come as plain records, so that nothing here imports Great Expectations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from expectations import messages
from expectations.rules import Topic
from flows.publish.press import Press, file_names
from flows.publish.wording import sayings
from flows.publish.wording.words import say

SHOWN_ROWS = 50
CANARY, STRUCTURE = "canary", "structure"
"""Topics of `expectations.suites` that are no rules: what must fail in every run, and what rules rely on."""


class Result(Protocol):
    """One expectation as it was validated; see `flows.validate.ExpectationResult`."""

    @property
    def suite(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def expectation_type(self) -> str: ...
    @property
    def rule(self) -> str | None: ...
    @property
    def description(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def success(self) -> bool: ...
    @property
    def element_count(self) -> int | None: ...
    @property
    def unexpected_count(self) -> int | None: ...
    @property
    def failing(self) -> Sequence[Any]: ...
    @property
    def kwargs(self) -> Mapping[str, Any]: ...


def validation_pages(press: Press, results: Sequence[Result], lang: str) -> dict[str, str]:
    """Path → HTML: the list of suites and one page a suite."""
    by_suite: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_suite[result.suite].append(result)
    names = file_names(by_suite)
    suites = [
        _suite(press, suite, found, lang) | {"href": f"validation/{names[suite]}.html"}
        for suite, found in by_suite.items()
    ]
    made = {
        "validation.html": press.print(
            "validation.html", lang, "validation.html", here="validation", title=say("validation", lang), suites=suites
        )
    }
    for suite in suites:
        path = suite["href"]
        made[path] = press.print("suite.html", lang, path, here="validation", title=suite["title"], suite=suite)
    return made


def _suite(press: Press, suite: str, found: Sequence[Result], lang: str) -> dict[str, Any]:
    passed = sum(1 for result in found if _as_wished(result))
    graver = any(not _as_wished(result) and result.severity == "critical" for result in found)
    topic = next((topic for topic in press.book.topics if topic.id == _topic(found[0])), None)
    return {
        "title": _suite_title(found[0], topic, lang),
        "canary": _topic(found[0]) == CANARY,
        "tables": list(dict.fromkeys(result.table for result in found)),
        "passed": passed,
        "failed": len(found) - passed,
        "elements": sum(result.element_count or 0 for result in found),
        "unexpected": sum(result.unexpected_count or 0 for result in found),
        "standing": "ok" if passed == len(found) else "bad" if graver else "explain",
        "results": [_result(press, result, lang) for result in sorted(found, key=_as_wished)],
    }


def _suite_title(result: Result, topic: Topic | None, lang: str) -> str:
    if topic:
        return topic.title.get(lang, topic.id) + (f" · {result.table}" if "." in result.suite else "")
    named = {CANARY: "suite_canary", STRUCTURE: "suite_structure"}.get(_topic(result))
    return say(named, lang) if named else result.suite


def _topic(result: Result) -> str:
    """Suites are named after their topic, or after topic and table."""
    return result.suite.partition(".")[0]


def _as_wished(result: Result) -> bool:
    """Whether the result is the one that a sound run has: the canary must fail."""
    return result.success != (_topic(result) == CANARY)


def _result(press: Press, result: Result, lang: str) -> dict[str, Any]:
    rule = press.rules.get(result.rule or "")
    columns, rows = _table(press, result.failing[:SHOWN_ROWS], lang)
    return {
        "success": result.success,
        "standing": "ok" if _as_wished(result) else "bad" if result.severity == "critical" else "explain",
        "severity": _severity(result.severity, lang),
        "title": rule.title.get(lang, rule.id) if rule else result.description or result.expectation_type,
        "formula": rule.formula if rule else result.description,
        "type": result.expectation_type,
        "table": result.table,
        "rule": result.rule or "",
        "rule_href": sayings.rule_href(press, result.rule or "", "../"),
        "elements": result.element_count or 0,
        "unexpected": result.unexpected_count or 0,
        "settings": [(str(name), _text(value)) for name, value in result.kwargs.items()],
        "columns": columns,
        "rows": rows,
    }


def _severity(severity: str, lang: str) -> str:
    try:
        return messages.severity_name(severity, lang)
    except KeyError:
        return severity


_HEADS = ("filing", "instance", "stated", "computed", "difference", "unexplained")


def _table(press: Press, failing: Sequence[Any], lang: str) -> tuple[list[str], list[list[str]]]:
    """Failing rows as one table: mappings by their names, anything else in a single column; filings by their organisation."""
    names = list(dict.fromkeys(str(name) for row in failing if isinstance(row, Mapping) for name in row))
    if names:
        heads = [say(name, lang) if name in _HEADS else name for name in names]
        return heads, [[_cell(press, name, row, lang) for name in names] for row in failing]
    return ([""] if failing else []), [[_text(row)] for row in failing]


def _cell(press: Press, name: str, row: Any, lang: str) -> str:
    value = _text(row.get(name)) if isinstance(row, Mapping) else ""
    filing = press.filings.get(value) if name == "filing" else None
    return f"{sayings.organisation(filing, lang)} {filing.fiscal_year or ''}".strip() if filing else value


def _text(value: Any) -> str:
    return "" if value is None else str(value)
