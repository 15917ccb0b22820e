"""The catalogue of rules for other programs: what each says, what it rests on and how it came out in the newest run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from expectations.authoring.meaning import meaning
from expectations.rules import Rule
from flows.publish.content.listed import Outcome
from flows.publish.press import Press
from flows.publish.wording.words import LANGUAGES

SCHEMA = Path(__file__).with_name("catalogue.schema.json")
_STATUSES = ("holds", "rounding", "broken", "not_verifiable")


def write_catalogue(press: Press, outcomes: Mapping[str, Outcome], site: Path) -> None:
    """`catalogue.json`, every rule of the book in its order, and the schema that it follows."""
    run = press.night.runs[0] if press.night.runs else None
    told = {
        "hedui_catalogue": 1,
        "run": run.id if run else None,
        "checked": run.at.isoformat() if run and run.at else None,
        "rules": [_rule(press, rule, outcomes.get(rule.id, Outcome())) for rule in press.book.rules],
    }
    (site / "catalogue.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    shutil.copyfile(SCHEMA, site / SCHEMA.name)


def _rule(press: Press, rule: Rule, outcome: Outcome) -> dict[str, Any]:
    counted = {status: sum(of_year.get(status, 0) for of_year in outcome.years.values()) for status in _STATUSES}
    return {
        "id": rule.id,
        "page": f"rules/{press.rule_names[rule.id]}.html",
        "title": {lang: rule.title.get(lang, rule.id) for lang in LANGUAGES},
        "meaning": {lang: meaning(rule, lang) for lang in LANGUAGES},
        "for_each": rule.for_each,
        "form": rule.form or None,
        "check": rule.check or None,
        "query": rule.query or None,
        "when": rule.when or None,
        "family": rule.family,
        "category": rule.category,
        "severity": rule.severity,
        "declared_severity": rule.declared or rule.severity,
        "status": rule.status,
        "judges": rule.judges,
        "amended": rule.amended.reason if rule.amended else None,
        "since": rule.since,
        "until": rule.until,
        "basis": rule.basis or None,
        "owner": rule.owner or None,
        "introduced": rule.introduced or None,
        "team": rule.team or None,
        "fingerprint": rule.fingerprint,
        "outcome": counted
        | {
            "filings_judged": outcome.judged,
            "filings_broken": outcome.broken,
            "filings_not_verifiable": outcome.unjudged,
            "suspect": outcome.suspect,
            "reasons": [
                {"reason": reason, "filings": filings, "count": number} for reason, filings, number in outcome.reasons
            ],
        },
    }
