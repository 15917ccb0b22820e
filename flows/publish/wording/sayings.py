"""Findings in words, for lists and for the ledger: who, what, where, how much, and where to read on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from expectations import messages
from flows.explain.order import under_roots
from flows.publish.content.views import Filing, Spot, Verdict
from flows.publish.press import Press
from flows.publish.wording.numbers import is_money, scale
from flows.publish.wording.standing import standing
from flows.publish.wording.words import say

QUOTE = 60
"""Characters of a sentence quoted in a list."""

_FIELDS = (
    "status",
    "stated",
    "computed",
    "difference",
    "bound",
    "unexplained",
    "measure",
    "reason",
    "instance",
    "page",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a waiver beside its finding: why the finding stands, by whom and until when, and the evidence, which `href`
    leads to where it is an address."""

    reason: str
    by: str
    evidence: str
    href: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding in a list. `root` is the fingerprint of the one that it follows from, or ""; `also` says how many follow from it.

    `href`, `root_href` and `rule_href` are relative to the language's root prefix that was asked for, or ""."""

    standing: str
    word: str
    organisation: str
    year: int | None
    message: str
    where: str
    rule: str
    rule_href: str
    href: str
    amount: str
    title: str
    instance: str
    fingerprint: str
    about: str
    root: str
    root_href: str
    also: str
    waived: Said | None = None


def entry(press: Press, verdict: Verdict, filing: Filing | None, lang: str, home: str = "") -> Entry:
    """`verdict` in a list. `filing` is None when it is no longer published (then there is no page to lead to)."""
    stands = standing(verdict.status, press.severities.get(verdict.rule, "critical"))
    name = press.filing_names.get(verdict.filing) if filing else None
    return Entry(
        standing=stands,
        word=standing_word(press, verdict, lang),
        organisation=organisation(filing, lang),
        year=filing.fiscal_year if filing else None,
        message=message(press, verdict, filing, lang),
        where=page(verdict.page, filing, lang),
        rule=verdict.rule,
        rule_href=rule_href(press, verdict.rule, home),
        href=f"{home}filings/{name}.html#finding-{verdict.fingerprint}" if name else "",
        amount=amount(verdict, filing),
        title=rule_title(press, verdict.rule, lang),
        instance=verdict.instance,
        fingerprint=verdict.fingerprint,
        about=about(press, verdict, lang),
        root=verdict.root,
        root_href=f"{home}filings/{name}.html#finding-{verdict.root}" if name and verdict.root else "",
        also=also(press, verdict, lang),
        waived=waived(press, verdict.fingerprint, lang),
    )


def waived(press: Press, fingerprint: str, lang: str) -> Said | None:
    """What explains the finding; None where no waiver in force does."""
    one = press.waivers.get(fingerprint)
    if one is None:
        return None
    by = say("waived_by", lang, who=one.who, granted=one.granted.isoformat(), until=one.until.isoformat())
    evidence = say("waived_evidence", lang, evidence=one.evidence) if one.evidence else ""
    return Said(
        one.reason[lang], by, evidence, one.evidence if one.evidence.startswith(("https://", "http://")) else ""
    )


def also(press: Press, verdict: Verdict, lang: str) -> str:
    """另有 3 处由此引起; "" for a finding from which no other follows."""
    number = press.night.followers.get((verdict.filing, verdict.fingerprint), 0)
    return say("also_follow" if number > 1 else "also_follows", lang, n=number) if number else ""


def about(press: Press, verdict: Verdict, lang: str) -> str:
    """支出决算表“档案馆”本年支出合计, the words of a claim or sentence, a form; "" for a rule about the filing as a whole."""
    told = verdict.about
    if told.quote and (told.sentence is None or verdict.rule in press.spoken):
        return f"{told.subject}“{told.quote if len(told.quote) <= QUOTE else told.quote[:QUOTE] + '…'}”"
    if not told.label:
        return press.form_names.get(verdict.instance, "")
    return f"{press.form_names.get(told.form, told.form)}{f'（{told.part}）' if told.part else ''}“{told.label}”{told.column}"


def message(press: Press, verdict: Verdict, filing: Filing | None, lang: str) -> str:
    """The finding in one sentence, from the one catalogue of messages."""
    rule = press.rules.get(verdict.rule)
    if rule is None:
        return f"{verdict.rule}: {messages.status_name(verdict.status, lang)}"
    plain: dict[str, Any] = {name: getattr(verdict, name) for name in _FIELDS}
    return messages.finding_message(rule, plain, unit_of(filing), lang, press.form_names)


def reason(press: Press, verdict: Verdict, lang: str) -> str:
    """Why the verdict could not be reached; "" when it was."""
    return messages.reason_text(verdict.reason, lang, press.form_names)


def standing_word(press: Press, verdict: Verdict, lang: str) -> str:
    """不符 · 必须更正, 需说明, 相符 …"""
    if verdict.status == "broken":
        return broken_word(press, verdict.rule, lang)
    return say(standing(verdict.status, press.severities.get(verdict.rule, "critical")), lang)


def broken_word(press: Press, rule: str, lang: str) -> str:
    """不符 · 必须更正: how a broken verdict of the rule stands, in words."""
    severity = messages.severity_name(press.severities.get(rule, "critical"), lang)
    return f"{messages.status_name('broken', lang)} · {severity}{trial(press, rule, lang)}"


def trial(press: Press, id: str, lang: str) -> str:
    """（试行） where the rule is a preview, else ""."""
    rule = press.rules.get(id)
    if rule is None or rule.status != "preview":
        return ""
    return f"（{messages.lifecycle_name('preview', lang)}）" if lang == "zh" else " (preview)"


def rule_title(press: Press, id: str, lang: str) -> str:
    """The rule's title, or its id when the rule book no longer holds it."""
    rule = press.rules.get(id)
    return rule.title.get(lang, id) if rule else id


def rule_href(press: Press, id: str, home: str) -> str:
    """The address of the rule's page, or ""."""
    return f"{home}rules/{press.rule_names[id]}.html" if id in press.rule_names else ""


def organisation(filing: Filing | None, lang: str) -> str:
    """The organisation as printed; words that say so when it is not known."""
    return (filing.organisation if filing else "") or say("unknown_org", lang)


def unit_of(filing: Filing | None) -> str:
    """The unit in which amounts of this filing are shown."""
    return filing.unit if filing and is_money(filing.unit) else "万元"


def amount(verdict: Verdict, filing: Filing | None) -> str:
    """How far off, with its unit; "" where there is nothing to subtract."""
    if verdict.difference is None:
        return ""
    unit = unit_of(filing)
    size = abs(verdict.difference) * (scale(unit) if verdict.measure == "amount" else 1)
    short = round(size, 2) if size >= Decimal("0.01") else size
    named = {"amount": f" {unit}", "percent": "%"}.get(verdict.measure, "")
    return messages.number(short, "percent" if named else verdict.measure) + named


def grouped(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """`verdicts` in their order, each that follows from another right behind it."""
    return under_roots(
        verdicts, lambda one: (one.filing, one.fingerprint), lambda one: (one.filing, one.root) if one.root else None
    )


def gravity(press: Press, verdict: Verdict) -> tuple[int, Decimal, str, str, str]:
    """Sort key: what must be corrected before what must be explained, then the larger unexplained amount first."""
    severity = press.severities.get(verdict.rule, "critical")
    size = abs(verdict.unexplained or Decimal(0)) if verdict.measure == "amount" else Decimal(0)
    return ("critical", "warning", "info").index(severity), -size, verdict.filing, verdict.rule, verdict.instance


def page(number: int | None, filing: Filing | None, lang: str) -> str:
    """第 12 页; a line where the source is text, a sheet where it is a workbook; "" when unknown."""
    if number is None:
        return ""
    return say(place_word(filing), lang, n=number)


def place_word(filing: Filing | None) -> str:
    """The key of the words for a place in the source: its pages, the lines of a text, the sheets of a workbook."""
    if filing and filing.textual:
        return "line_n"
    media = filing.document.media_type if filing else ""
    return "sheet_no" if "sheet" in media or "excel" in media else "page_n"


def pages(numbers: tuple[int, ...], filing: Filing, lang: str) -> str:
    """第 8–9 页; "" when there are none."""
    if not numbers:
        return ""
    ends = f"{min(numbers)}–{max(numbers)}" if len(set(numbers)) > 1 else str(numbers[0])
    return say(
        place_word(filing)
        if len(set(numbers)) == 1 or "sheet" in place_word(filing)
        else place_word(filing).replace("_n", "s_n"),
        lang,
        n=ends,
    )


def spot(place: Spot, filing: Filing, lang: str) -> str:
    """Where one figure stands, as exactly as its source allows."""
    if place.sheet:
        parts = [say("sheet_n", lang, n=place.sheet)] + ([say("cell_n", lang, n=place.cell)] if place.cell else [])
        return " · ".join(parts)
    if place.page is None and place.line is not None:
        return say("line_n", lang, n=place.line)
    return page(place.page, filing, lang)
