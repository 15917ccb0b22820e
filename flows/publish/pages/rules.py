"""A page for every rule, made from the rule itself and from how it came out, and the catalogue of them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations import messages
from expectations.authoring.meaning import meaning
from expectations.rules import Rule
from flows.publish.content import listed
from flows.publish.content.listed import Outcome
from flows.publish.content.queries import RUNS_SHOWN
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import Verdict
from flows.publish.pages.lists import Written, page_name, pager
from flows.publish.press import Press, localised
from flows.publish.reuse import Standing, digest
from flows.publish.wording import sayings
from flows.publish.wording.numbers import share
from flows.publish.wording.words import LANGUAGES, say

FAILURES_A_PAGE = 200
FAILURE_PAGES = 25
"""Pages of one rule's failures; the search has those beyond."""
NEIGHBOURS = 12

_STATUSES = ("holds", "rounding", "broken", "not_verifiable")


def write_rules(
    reckoned: Reckoned,
    press: Press,
    outcomes: Mapping[str, Outcome],
    suites: Mapping[str, Mapping[str, str]],
    standing: Standing,
    site: Path,
    write: Written,
) -> None:
    """The catalogue and every rule's pages stand in `site`, in both languages: the standing ones where nothing that they tell has
    changed, else made anew.

    `suites` are for each rule the suites that judge it, with the paths of their results. `listed.gather` is offered by `reckoned`.
    """
    failing = listed.failing(reckoned, FAILURES_A_PAGE)
    told = {rule.id: outcomes.get(rule.id, Outcome()) for rule in press.book.rules}
    counted = digest("rules", press.edition, press.by_rule, *told.items())
    if not standing.lend("rules", counted, site):
        for lang in LANGUAGES:
            write(lang, "rules.html", _catalogue(press, outcomes, lang))
        standing.note("rules", counted, [localised("rules.html", lang) for lang in LANGUAGES])
    for rule in press.book.rules:
        one = _Told(press, rule, told[rule.id], suites.get(rule.id, {}), _stretches(press, rule))
        for number in range(1, one.pages + 1):
            name, made_of = f"rule/{page_name(rule.id, number)}", one.made_of(number, failing)
            if standing.lend(name, made_of, site):
                continue
            reckoned.need("listed")
            path = "rules/" + page_name(press.rule_names[rule.id], number)
            start = (number - 1) * FAILURES_A_PAGE
            found = listed.failures(reckoned.db, rule.id, start, FAILURES_A_PAGE) if one.failures else []
            for lang in LANGUAGES:
                write(lang, path, _rule_page(one, number, found, path, lang))
            standing.note(name, made_of, [localised(path, lang) for lang in LANGUAGES])


@dataclass(frozen=True, slots=True)
class _Told:
    """What a rule's pages tell but for the failures themselves; `stretches` as in `_stretches`."""

    press: Press
    rule: Rule
    outcome: Outcome
    suites: Mapping[str, str]
    stretches: Sequence[tuple[str, dict[str, int]]]

    @property
    def counts(self) -> dict[str, int]:
        return self.press.by_rule[self.rule.id]

    @property
    def failures(self) -> int:
        return self.counts["bad"] + self.counts["explain"]

    @property
    def pages(self) -> int:
        return min(FAILURE_PAGES, max(1, -(-self.failures // FAILURES_A_PAGE)))

    def made_of(self, number: int, failing: Mapping[tuple[str, int], str]) -> str:
        """A digest of all that page `number` tells: only the first tells more of the rule than how often it is broken."""
        what: tuple[object, ...] = (self.failures, self.outcome.judged, self.outcome.broken)
        if number == 1:
            what = (self.counts, self.outcome, self.suites, self.stretches)
        where = failing.get((self.rule.id, number - 1))
        return digest("rule", self.press.edition, self.rule.id, number, where, *what)


# ---- the catalogue ------------------------------------------------------------------------------------------------------


def _catalogue(press: Press, outcomes: Mapping[str, Outcome], lang: str) -> str:
    topics = []
    for topic in press.book.topics:
        rules = [
            _summary(press, rule, outcomes.get(rule.id, Outcome()), lang, "")
            for rule in press.book.rules
            if rule.topic == topic.id
        ]
        topics.append({"title": topic.title.get(lang, topic.id), "rules": rules})
    return press.print(
        "rules.html",
        lang,
        "rules.html",
        here="rules",
        title=say("rules", lang),
        topics=topics,
        total=len(press.book.rules),
        fields=_fields(press, lang),
    )


def _fields(press: Press, lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The filters of the catalogue with the choices that occur."""
    rules = press.book.rules
    occurring = {
        name: {getattr(rule, name) for rule in rules}
        for name in ("family", "form", "severity", "lifecycle", "category")
    }
    named = {
        "family": [(name, messages.family_name(name, lang)) for name in messages.families()],
        "form": [(form, f"{form} {name}") for form, name in press.form_names.items()],
        "severity": [(name, messages.severity_name(name, lang)) for name in ("critical", "warning", "info")],
        "lifecycle": [(name, messages.lifecycle_name(name, lang)) for name in ("stable", "preview", "off", "retired")],
        "category": [(name, messages.category_name(name, lang)) for name in sorted(occurring["category"])],
    }
    made = [(name, [one for one in choices if one[0] in occurring[name]]) for name, choices in named.items()]
    outcome = [(name, say(f"outcome_{name}", lang)) for name in ("clean", "failing", "half", "suspect", "idle")]
    return [*made, ("outcome", outcome)]


def _summary(press: Press, rule: Rule, outcome: Outcome, lang: str, home: str) -> dict[str, Any]:
    counts = press.by_rule[rule.id]
    reached = sum(counts.values()) - counts["none"]
    agree = counts["ok"] + counts["near"]
    return {
        "id": rule.id,
        "href": sayings.rule_href(press, rule.id, home),
        "title": rule.title.get(lang, rule.id),
        "check": rule.formula,
        "family": rule.family,
        "family_name": messages.family_name(rule.family, lang),
        "form": rule.form,
        "category": rule.category,
        "lifecycle": rule.lifecycle,
        "level": rule.severity,
        "severity": messages.severity_name(rule.severity, lang),
        "standing": messages.standing_of_rule(rule, lang),
        "counts": counts,
        "reached": reached,
        "rate": share(agree, reached),
        "outcome": _outcome(agree, reached, outcome),
        "suspect": outcome.suspect,
    }


def _outcome(agree: int, reached: int, outcome: Outcome) -> str:
    """Words for the filter of the catalogue, several joined by a space."""
    if not reached:
        return "idle"
    made = ["clean" if agree == reached else "failing"]
    return " ".join(made + ["half"] * (agree * 2 < reached) + ["suspect"] * outcome.suspect)


# ---- a rule -------------------------------------------------------------------------------------------------------------


def _rule_page(told: _Told, number: int, found: Sequence[Verdict], path: str, lang: str) -> str:
    """The rule's page, or a further one where it is broken more often than one page lists; `found` are the failures on it."""
    press = told.press
    r = _facts(told, lang) | {
        "failures": [sayings.entry(press, one, press.filings.get(one.filing), lang, "../") for one in found],
        "beyond": told.failures - told.pages * FAILURES_A_PAGE if number == told.pages else 0,
    }
    between = pager(press.rule_names[told.rule.id], number, told.pages)
    return press.print("rule.html", lang, path, here="rules", title=r["title"], r=r, pager=between)


def _facts(told: _Told, lang: str) -> dict[str, Any]:
    """Everything about the rule but its failures."""
    press, rule, outcome = told.press, told.rule, told.outcome
    topic = next((topic for topic in press.book.topics if topic.id == rule.topic), None)
    return _summary(press, rule, outcome, lang, "../") | {
        "meaning": "" if rule.query else meaning(rule, lang),
        "when": rule.when,
        "said_in": "query" if rule.query else "formula",
        "for_each": _for_each(rule, lang),
        "form_name": press.form_names.get(rule.form, rule.form),
        "note": rule.note.get(lang, ""),
        "basis": rule.basis,
        "owner": rule.owner,
        "topic": topic.title.get(lang, topic.id) if topic else rule.topic,
        "category_name": messages.category_name(rule.category, lang),
        "lifecycle_name": messages.lifecycle_name(rule.lifecycle, lang),
        "state": _state(rule, lang),
        "years": _years(rule, lang),
        "introduced": rule.introduced,
        "fingerprint": rule.fingerprint,
        "file": rule.file.rsplit("/", 1)[-1],
        "line": rule.line,
        "examples": [
            (kind, [_example(one) for one in rule.examples.get(kind, ())])
            for kind in _STATUSES
            if rule.examples.get(kind)
        ],
        "failure_count": told.failures,
        "judged": outcome.judged,
        "broken_in": outcome.broken,
        "unjudged": outcome.unjudged,
        "reasons": [
            (messages.reason_text(reason, lang, press.form_names) or "—", filings, number)
            for reason, filings, number in outcome.reasons
        ],
        "by_year": [
            _stretch(str(year) if year else say("year_unknown", lang), counted)
            for year, counted in sorted(outcome.years.items(), key=lambda pair: -(pair[0] or 0))
        ],
        "suites": [(suite, f"../{path}") for suite, path in told.suites.items()],
        "by_run": _by_run(told.stretches, lang),
        "neighbours": _neighbours(press, rule, lang),
        "family_href": f"../rules.html#/?family={rule.family}",
    }


def _state(rule: Rule, lang: str) -> str:
    """Where the rule stands, and what is not ordinary about it."""
    name, said = messages.lifecycle_name(rule.lifecycle, lang), messages.standing_of_rule(rule, lang)
    return said if said.startswith(name) else " · ".join(part for part in (name, said) if part)


def _stretch(name: str, counted: Mapping[str, int]) -> dict[str, Any]:
    """A line of pass rates: `counted` by status."""
    holds, near, broken, none = (counted.get(status, 0) for status in _STATUSES)
    return {
        "name": name,
        "rate": share(holds + near, holds + near + broken),
        "reached": holds + near + broken,
        "agree": holds + near,
        "counts": (holds, near, broken, none),
    }


def _stretches(press: Press, rule: Rule) -> list[tuple[str, dict[str, int]]]:
    """Since when the rule came out how, oldest first: one line for all runs in a row that counted the same, so that a night in which
    nothing has changed adds none. "" where it came out so before the first run that is looked at."""
    made: list[tuple[str, dict[str, int]]] = []
    for run, counted in press.night.history:
        counts = {status: counted.get((rule.id, status), 0) for status in _STATUSES}
        if not made or made[-1][1] != counts:
            made.append((f"{run.at:%Y-%m-%d %H:%M}" if run.at else run.id, counts))
    if made and len(press.night.history) == RUNS_SHOWN:
        made[0] = ("", made[0][1])
    return made


def _by_run(stretches: Sequence[tuple[str, dict[str, int]]], lang: str) -> dict[str, Any]:
    """Pass rates over the runs, newest first, and the line that they draw, oldest first, in a box of 1000 × 100."""
    lines = [
        _stretch(say("since_run", lang, at=at) if at else say("before_runs", lang), counts) for at, counts in stretches
    ]
    drawn = [line for line in lines if line["reached"]]
    step = 1000 / max(1, len(drawn) - 1)
    points = " ".join(f"{i * step:.0f},{100 - 100 * line['agree'] // line['reached']}" for i, line in enumerate(drawn))
    return {"lines": lines[::-1], "points": points if len(drawn) > 1 else "", "drawn": drawn}


def _neighbours(press: Press, rule: Rule, lang: str) -> list[tuple[str, str, str]]:
    """Rules of the same family, those of the same topic first: id, title, address."""
    others = [one for one in press.book.rules if one.family == rule.family and one.id != rule.id]
    others.sort(key=lambda one: (one.topic != rule.topic, one.category != rule.category))
    return [
        (one.id, one.title.get(lang, one.id), sayings.rule_href(press, one.id, "../")) for one in others[:NEIGHBOURS]
    ]


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


# ---- examples -----------------------------------------------------------------------------------------------------------


def _example(example: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """An example as a reader lays it out: names with their values, and each list of rows as a table of its own."""
    pairs: list[tuple[str, str]] = []
    tables: list[dict[str, Any]] = []
    for name, value in example.items():
        if isinstance(value, Mapping):
            below = _example(value, f"{prefix}{name}.")
            pairs += below["pairs"]
            tables += below["tables"]
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            tables.append(_rows(f"{prefix}{name}", [item for item in value if isinstance(item, Mapping)]))
        else:
            pairs.append((f"{prefix}{name}", _said(value)))
    return {"pairs": pairs, "tables": tables}


def _rows(name: str, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    heads = list(dict.fromkeys(key for item in items for key in item))
    return {"name": name, "heads": heads, "rows": [[_said(item.get(head)) for head in heads] for item in items]}


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)
