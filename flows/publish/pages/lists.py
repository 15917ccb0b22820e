"""The lists: every filing, every finding, every rule, and a page for each rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from expectations import messages
from expectations.rules import Rule
from flows.publish.content.views import Filing, Tally, Verdict
from flows.publish.press import Press
from flows.publish.wording import sayings
from flows.publish.wording.numbers import share
from flows.publish.wording.standing import causes, strip, worst
from flows.publish.wording.words import say
from flows.recognise.disclosure import SET_ASIDE

LISTED = 1000
"""Findings on one page; the ledger holds all."""


def _scope(filing: Filing, lang: str) -> str:
    """Department or unit; of accounts that are set aside, what they are instead."""
    if filing.kind in SET_ASIDE:
        return say(f"kind_{filing.kind}", lang)
    return say(f"scope_{filing.scope}", lang) if filing.scope in ("department", "unit") else filing.scope


def filings_page(press: Press, lang: str) -> str:
    """Every current filing with its counts."""
    by_filing: dict[str, list[Tally]] = defaultdict(list)
    for tally in press.night.tallies:
        by_filing[tally.filing].append(tally)
    rows: list[tuple[dict[str, int], dict[str, Any]]] = []
    for filing in press.night.filings:
        counts = strip(by_filing[filing.key], press.severities)
        row = {
            "organisation": sayings.organisation(filing, lang),
            "year": filing.fiscal_year,
            "scope": _scope(filing, lang),
            "href": f"filings/{press.filing_names[filing.key]}.html",
            "counts": counts,
            "standing": worst(name for name, number in counts.items() if number),
            "missing": press.night.missing.get(filing.key, ()),
            "source": filing.document.source.rsplit("/", 1)[-1],
        }
        rows.append((counts, row))
    rows.sort(key=lambda pair: (-pair[0]["bad"], -pair[0]["explain"]))
    return press.print(
        "filings.html", lang, "filings.html", here="filings", title=say("filings", lang), rows=[row for _, row in rows]
    )


def findings_page(press: Press, listed: Sequence[Verdict], total: int, lang: str) -> str:
    """The findings, gravest first; `listed` may be fewer than `total`."""
    rows = [sayings.entry(press, verdict, press.filings.get(verdict.filing), lang) for verdict in listed]
    return press.print(
        "findings.html",
        lang,
        "findings.html",
        here="findings",
        title=say("findings", lang),
        rows=rows,
        total=total,
        causes=sum(causes(press.night.tallies, press.severities, name) for name in ("bad", "explain")),
    )


def rules_page(press: Press, lang: str) -> str:
    """The catalogue: topics with their rules, formulas and pass rates."""
    topics = []
    for topic in press.book.topics:
        rules = [_summary(press, rule, lang, "") for rule in press.book.rules if rule.topic == topic.id]
        topics.append(
            {
                "title": topic.title.get(lang, topic.id),
                "family": messages.family_name(topic.family, lang) if topic.family else "",
                "rules": rules,
            }
        )
    return press.print(
        "rules.html",
        lang,
        "rules.html",
        here="rules",
        title=say("rules", lang),
        topics=topics,
        total=len(press.book.rules),
    )


def rule_page(press: Press, rule: Rule, failures: Sequence[Verdict], lang: str) -> str:
    """One rule: what it says, since when, how often it holds, and everywhere it is broken."""
    path = f"rules/{press.rule_names[rule.id]}.html"
    topic = next((topic for topic in press.book.topics if topic.id == rule.topic), None)
    ordered = sayings.grouped(sorted(failures, key=lambda verdict: sayings.gravity(press, verdict)))
    r = _summary(press, rule, lang, "../") | {
        "family": messages.family_name(rule.family, lang),
        "level": rule.severity,
        "when": rule.when,
        "said_in": "query" if rule.query else "formula",
        "for_each": _for_each(rule, lang),
        "form": press.form_names.get(rule.form, rule.form),
        "note": rule.note.get(lang, "") if isinstance(rule.note, Mapping) else str(rule.note),
        "basis": rule.basis,
        "owner": rule.owner,
        "topic": topic.title.get(lang, topic.id) if topic else rule.topic,
        "category": messages.category_name(rule.category, lang),
        "years": _years(rule, lang),
        "file": rule.file.rsplit("/", 1)[-1],
        "line": rule.line,
        "examples": {
            kind: [_example(example) for example in rule.examples.get(kind, ())]
            for kind in ("holds", "rounding", "broken")
        },
        "failures": [
            sayings.entry(press, verdict, press.filings.get(verdict.filing), lang, "../")
            for verdict in ordered[:LISTED]
        ],
        "failure_count": len(failures),
    }
    return press.print("rule.html", lang, path, here="rules", title=r["title"], r=r)


def _summary(press: Press, rule: Rule, lang: str, home: str) -> dict[str, Any]:
    counts = press.by_rule[rule.id]
    reached = sum(counts.values()) - counts["none"]
    return {
        "id": rule.id,
        "href": sayings.rule_href(press, rule.id, home),
        "title": rule.title.get(lang, rule.id),
        "check": rule.formula,
        "severity": messages.severity_name(rule.severity, lang),
        "standing": messages.standing_of_rule(rule, lang),
        "counts": counts,
        "reached": reached,
        "rate": share(counts["ok"] + counts["near"], reached),
    }


def _for_each(rule: Rule, lang: str) -> str:
    """每一行, 每份决算, 说明中的每处占比: what the rule is judged for, in words."""
    if rule.for_each.startswith("claim of "):
        return say("each_claim", lang, kind=rule.for_each.removeprefix("claim of "))
    known = ("row", "parent", "filing", "sentence", "form", "heading")
    return say(f"each_{rule.for_each}", lang) if rule.for_each in known else rule.for_each


def _years(rule: Rule, lang: str) -> str:
    if rule.since and rule.until:
        return say("years_between", lang, since=rule.since, until=rule.until)
    if rule.since:
        return say("years_from", lang, since=rule.since)
    return say("years_until", lang, until=rule.until) if rule.until else say("years_all", lang)


def _example(example: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """An example as name and value, nested names joined by a full stop, rows of a list numbered."""
    made: list[tuple[str, str]] = []
    for name, value in example.items():
        if isinstance(value, Mapping):
            made.extend(_example(value, f"{prefix}{name}."))
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            for i, item in enumerate(value, 1):
                made.extend(_example(item if isinstance(item, Mapping) else {"": item}, f"{prefix}{name}[{i}]."))
        else:
            made.append(
                (
                    f"{prefix}{name}",
                    "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value),
                )
            )
    return made
