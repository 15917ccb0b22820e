"""The notice to one organisation (核查通知): what was checked and agrees, each finding with its arithmetic, and room for the reply.

It states what is printed and what it computes to, and asks; it blames nobody, for a misreading and a mistake look alike from here.
"""

from __future__ import annotations

from typing import Any

from flows.publish.content.noticed import Notice, Part
from flows.publish.pages.evidence import Evidence, evidence
from flows.publish.press import Press
from flows.publish.wording import sayings, supposed
from flows.publish.wording.words import say
from flows.recognise.disclosure import SET_ASIDE


def notice_page(press: Press, notice: Notice, lang: str) -> str:
    """The page as HTML."""
    first = notice.parts[0].contents.filing
    numbered = 0
    filings = []
    for part in notice.parts:
        made = _filing(press, part, lang, numbered)
        numbered += len(made["findings"])
        filings.append(made)
    organisation = sayings.organisation(first, lang)
    strip = {name: sum(part.strip[name] for part in notice.parts) for name in notice.parts[0].strip}
    n = {
        "organisation": organisation,
        "filings": filings,
        "findings": numbered,
        "judged": sum(strip.values()) - strip["none"],
        "agree": strip["ok"] + strip["near"],
        "near": strip["near"],
        "none": strip["none"],
    }
    return press.print(
        "notice.html",
        lang,
        f"notices/{notice.name}.html",
        here="filings",
        title=f"{say('notice', lang)} · {organisation}",
        n=n,
    )


def _filing(press: Press, part: Part, lang: str, before: int) -> dict[str, Any]:
    """One filing: its causes numbered from `before` + 1 on, each with what follows from it."""
    filing = part.contents.filing
    made = evidence(part.contents, press.severities)
    there = {item.verdict.fingerprint for item in made}
    roots = [item for item in made if item.verdict.root not in there]
    return {
        "year": filing.fiscal_year,
        "scope": say(f"kind_{filing.kind}", lang) if filing.kind in SET_ASIDE else say(f"notice_{_kind(part)}", lang),
        "source": filing.document.source.rsplit("/", 1)[-1],
        "href": f"../filings/{press.filing_names[filing.key]}.html",
        "unit": sayings.unit_of(filing),
        "findings": [_finding(press, part, item, made, lang, number) for number, item in enumerate(roots, before + 1)],
    }


def _kind(part: Part) -> str:
    filing = part.contents.filing
    return "performance" if filing.kind == "performance" else "unit" if filing.scope == "unit" else "department"


def _finding(
    press: Press, part: Part, item: Evidence, made: tuple[Evidence, ...], lang: str, number: int
) -> dict[str, Any]:
    filing, verdict = part.contents.filing, item.verdict
    told = sayings.entry(press, verdict, filing, lang, "../")
    rule = press.rules.get(verdict.rule)
    return {
        "number": number,
        "standing": item.standing,
        "asks": say(f"notice_asks_{item.standing}", lang),
        "message": told.message,
        "about": told.about or (verdict.instance if verdict.instance not in ("", told.title) else ""),
        "where": told.where,
        # A rule about words is a pattern for programs: its title says what it asks.
        "formula": rule.formula if rule and not rule.query and verdict.measure != "text" else "",
        "basis": rule.basis if rule else "",
        "rule": told.rule,
        "rule_href": told.rule_href,
        "href": told.href,
        "fingerprint": verdict.fingerprint,
        "waived": told.waived,
        "steps": item.steps,
        "supposed": supposed.line(next((c for c in part.contents.cases if c.root == verdict.fingerprint), None), lang),
        "follow": [_follower(press, part, other, lang) for other in made if other.verdict.root == verdict.fingerprint],
    }


def _follower(press: Press, part: Part, item: Evidence, lang: str) -> dict[str, str]:
    told = sayings.entry(press, item.verdict, part.contents.filing, lang, "../")
    return {"about": told.about, "message": told.message, "where": told.where}
