"""The overview: what the morning asks, in that order. Who could not be read or lacks a form, what changed, where it concentrates, how it develops."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from expectations import messages
from flows.publish.content.morning import FEWEST_NUMBERS, Listing, Morning, Row
from flows.publish.content.noticed import notice_named
from flows.publish.content.views import Verdict
from flows.publish.content.waived import Waived
from flows.publish.pages import charts
from flows.publish.pages.register import for_overview
from flows.publish.press import Press
from flows.publish.wording import sayings, supposed
from flows.publish.wording.numbers import share
from flows.publish.wording.standing import worst
from flows.publish.wording.words import say
from flows.register.kept import Kept
from flows.waivers import telling

MISSING_ROWS = 8
LAPSED_ROWS = 8


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One organisation × family: its colour, what stands in it, and the same in words."""

    standing: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One organisation of the heat map."""

    organisation: str
    href: str
    notice: str
    cells: tuple[HeatCell, ...]


LATE_SHOWN = 10
"""Of the documents that were put off so many are named."""


def overview_page(press: Press, told: Morning, expecting: Kept | None, explained: Waived, lang: str) -> str:
    """The page as HTML."""
    families, heat = _heat(press, told, lang)
    o: dict[str, Any] = _numbers(press, told) | {
        "register": for_overview(press, expecting, lang),
        "waivers": _waivers(explained, lang),
        "counted": _counted(told, lang),
        "late": len(press.night.postponed),
        "postponed": press.night.postponed[:LATE_SHOWN],
        "unread": told.unread,
        "missing": _missing(press, lang),
        "missing_count": len(press.night.missing),
        "previous": told.previous,
        "listings": [_listing(press, name, getattr(told, name), lang) for name in ("new", "still", "gone")],
        "gravest": _listing(press, "gravest", told.gravest, lang),
        "families": families,
        "heat": heat,
        "heat_rest": told.organisations - len(heat),
        "trend": charts.trend(charts.points(press.night, press.severities)),
        "publishers": _publishers(press, told, lang),
        "few": told.few,
        "fewest": FEWEST_NUMBERS,
        "failing": _failing(press, told, lang),
        "failing_rest": told.failing_rules - len(told.failing),
        "suspects": any(one.outcome.suspect for one in told.failing),
        "guarded": charts.guarded_bars(told.guarded, press.form_names),
        "guarded_all": charts.total_share(told.guarded),
    }
    title = say("title_overview", lang)
    return press.print(
        "overview.html", lang, "index.html", here="overview", title=title, subtitle=_subtitle(told, lang), o=o
    )


def _numbers(press: Press, told: Morning) -> dict[str, Any]:
    """What is counted: documents, filings, figures, verdicts by standing."""
    strip = dict(told.strip) or dict.fromkeys(("bad", "explain", "ok", "near", "none"), 0)
    reached = sum(strip.values()) - strip["none"]
    unread = sum(one.documents for one in told.unread)
    return {
        "counts": press.night.counts,
        "strip": strip,
        "reached": reached,
        "agree_share": share(strip["ok"] + strip["near"], reached),
        "near_share": share(strip["near"], reached),
        "read": press.night.counts["documents"] - unread,
        "unread_count": unread,
        "filings_bad": told.filings_bad,
        "causes": {name: told.roots.get(name, 0) for name in ("bad", "explain")},
        "notes": told.severities.get("info", (0, 0))[0],
    }


def _counted(told: Morning, lang: str) -> list[dict[str, Any]]:
    """Verdicts and causes by severity, then by status, as a table."""
    graded = [
        {"standing": stands, "word": say(f"grade_{name}", lang), "verdicts": all_, "roots": roots}
        for name, stands in (("critical", "bad"), ("warning", "explain"), ("info", "explain"))
        for all_, roots in [told.severities.get(name, (0, 0))]
    ]
    return graded + [
        {"standing": name, "word": say(name, lang), "verdicts": told.strip.get(name, 0), "roots": None}
        for name in ("ok", "near", "none")
    ]


def _waivers(explained: Waived, lang: str) -> dict[str, Any]:
    """What is explained, which waivers apply no more and why, and what was not taken."""
    return {
        "in_force": explained.in_force,
        "explained": dict.fromkeys(("bad", "explain"), 0) | dict(explained.explained),
        "lapsed": [
            (telling.word(one.status, lang), one.waiver.about or one.waiver.finding, telling.why(one, lang))
            for one in explained.lapsed[:LAPSED_ROWS]
        ],
        "more": len(explained.lapsed) - LAPSED_ROWS,
        "problems": [
            replace(one, file=one.file.replace("\\", "/").rsplit("/", 1)[-1]).text(lang)
            for one in explained.problems[:LAPSED_ROWS]
        ],
    }


def _subtitle(told: Morning, lang: str) -> str:
    years = told.years
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0]) if years else ""
    return " · ".join(part for part in (span, say("filings_note", lang, clean=told.clean)) if part)


def _missing(press: Press, lang: str) -> list[dict[str, Any]]:
    names = press.form_names
    found = (item for item in press.night.missing.items() if item[0] in press.filings)
    return [
        {
            "organisation": sayings.organisation(press.filings[key], lang),
            "href": f"filings/{press.filing_names[key]}.html",
            "forms": [names.get(form, form) for form in forms],
        }
        for (key, forms), _ in zip(found, range(MISSING_ROWS), strict=False)
    ]


def _organisation_href(press: Press, organisation: str, filing: str) -> str:
    """The page of its only filing; the list searched for it where it has several."""
    if filing in press.filing_names:
        return f"filings/{press.filing_names[filing]}.html"
    return f"filings.html?q={quote(organisation)}"


# ---- what changed -------------------------------------------------------------------------------------------------------


def _listing(press: Press, name: str, told: Listing, lang: str) -> dict[str, Any]:
    return {
        "name": name,
        "findings": told.findings,
        "roots": told.roots,
        "items": [
            _item(press, verdict, name, lang)
            | {"supposed": supposed.line(told.cases.get((verdict.filing, verdict.fingerprint)), lang)}
            for verdict in told.named
        ],
        "more": told.roots - len(told.named),
    }


def _item(press: Press, verdict: Verdict, listing: str, lang: str) -> dict[str, Any]:
    """One finding in a list; one that is gone leads to its filing, for there is no finding any more."""
    made = sayings.entry(press, verdict, press.filings.get(verdict.filing), lang)
    gone = listing == "gone"
    return {
        "standing": "ok" if gone else made.standing,
        "word": say("gone", lang) if gone else say(made.standing, lang),
        "organisation": made.organisation,
        "message": made.message,
        "about": made.about,
        "title": made.title,
        "where": made.where,
        "rule": made.rule,
        "rule_href": made.rule_href,
        "href": made.href.partition("#")[0] if gone else made.href,
        "amount": made.amount,
        "also": made.also,
        "waived": None if gone else made.waived,
    }


# ---- where it concentrates ----------------------------------------------------------------------------------------------


def _heat(press: Press, told: Morning, lang: str) -> tuple[list[str], list[HeatRow]]:
    """Organisations with the most to correct first; only families of which some rule was judged."""
    judged = {family for row in told.heat for family in row.cells}
    families = [family for family in messages.families() if family in judged]
    families += sorted(judged - set(families))
    made = [
        HeatRow(
            row.organisation or say("unknown_org", lang),
            _organisation_href(press, row.organisation, row.filing),
            f"notices/{notice_named(row.organisation)}.html" if row.asked and row.organisation else "",
            tuple(_heat_cell(row, family, lang) for family in families),
        )
        for row in told.heat
    ]
    return [messages.family_name(family, lang) for family in families], made


def _heat_cell(row: Row, family: str, lang: str) -> HeatCell:
    organisation, counts = row.organisation, row.cells.get(family, {})
    name = messages.family_name(family, lang)
    counted = Counter(counts)
    if not counted.total():
        return HeatCell("bare", "", f"{organisation}，{name}：{say('nothing_judged', lang)}")
    stands = worst(counted)
    number = counted["bad"] + counted["explain"]
    text = {"bad": str(number), "explain": f"{number}?", "none": "·"}.get(stands, "✓")
    words = say(
        "heat_cell", lang, org=organisation, family=name, bad=counted["bad"], explain=counted["explain"],
        agree=counted["ok"] + counted["near"], none=counted["none"],
    )  # fmt: skip
    if 0 < (causes := row.causes.get(family, 0)) < number:
        words += say("heat_one_cause", lang) if causes == 1 else say("heat_causes", lang, n=causes)
    return HeatCell(stands, text, words)


def _publishers(press: Press, told: Morning, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "organisation": one.organisation or say("unknown_org", lang),
            "href": _organisation_href(press, one.organisation, one.filing),
            "numbers": one.numbers,
            "wrong": one.wrong,
            "share": share(one.wrong, one.numbers),
        }
        for one in told.publishers
    ]


def _failing(press: Press, told: Morning, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "rule": one.rule,
            "title": sayings.rule_title(press, one.rule, lang),
            "href": sayings.rule_href(press, one.rule, ""),
            "filings": one.outcome.broken,
            "judged": one.outcome.judged,
            "broken": one.verdicts("holds", "rounding", "not_verifiable"),
            "reached": one.verdicts("not_verifiable"),
            "suspect": one.outcome.suspect,
        }
        for one in told.failing
    ]
