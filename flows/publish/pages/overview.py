"""The overview: what the morning asks, in that order. Who could not be read or lacks a form, what changed, where it concentrates, how it develops."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from expectations import messages
from flows.publish.content.views import Verdict
from flows.publish.press import Press
from flows.publish.wording import sayings
from flows.publish.wording.numbers import share
from flows.publish.wording.standing import causes, standing, strip, worst
from flows.publish.wording.words import say

HEAT_ROWS = 20
MISSING_ROWS = 8
NEWS = 12
GRAVEST = 10


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
    cells: tuple[HeatCell, ...]


def overview_page(press: Press, gravest: Sequence[Verdict], lang: str) -> str:
    """The page as HTML. `gravest` are the gravest findings of the newest run, shown where there is nothing to compare with."""
    change = press.night.change
    numbers = _numbers(press)
    families, heat = _heat(press, lang)
    news = _news(press, lang)
    roots = _roots(gravest)
    shown = [] if news else roots[:GRAVEST]
    o: dict[str, Any] = numbers | {
        "missing": _missing(press, lang)[:MISSING_ROWS],
        "families": families,
        "heat": heat,
        "trend": _trend(press),
        "previous": change.previous,
        "new_count": len(change.new),
        "gone_count": len(change.gone),
        "still": change.still,
        "news": news,
        "more_news": len(_roots(change.new)) + len(_roots(change.gone)) - len(news),
        "gravest": [_item(press, verdict, lang) for verdict in shown],
        "more_gravest": len(roots) - len(shown),
    }
    title = say("title_overview", lang)
    return press.print(
        "overview.html", lang, "index.html", here="overview", title=title, subtitle=_subtitle(press, lang), o=o
    )


def _numbers(press: Press) -> dict[str, Any]:
    """What is counted: documents, filings, figures, verdicts by standing."""
    night = press.night
    counts = strip(night.tallies, press.severities)
    reached = sum(counts.values()) - counts["none"]
    bad = {t.filing for t in night.tallies if standing(t.status, press.severities.get(t.rule, "critical")) == "bad"}
    return {
        "counts": night.counts,
        "strip": counts,
        "reached": reached,
        "agree_share": share(counts["ok"] + counts["near"], reached),
        "near_share": share(counts["near"], reached),
        "read": night.counts["documents"] - len(night.unreadable),
        "unreadable": night.unreadable,
        "filings_bad": len(bad),
        "causes": {name: causes(night.tallies, press.severities, name) for name in ("bad", "explain")},
        "notes": sum(t.count for t in night.tallies if t.status == "broken" and press.severities.get(t.rule) == "info"),
        "missing_count": len(night.missing),
    }


def _subtitle(press: Press, lang: str) -> str:
    filings = press.night.filings
    years = sorted({filing.fiscal_year for filing in filings if filing.fiscal_year})
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0]) if years else ""
    clean = len(filings) - len(
        {t.filing for t in press.night.tallies if t.status == "broken" and press.severities.get(t.rule) == "critical"}
    )
    return " · ".join(part for part in (span, say("filings_note", lang, clean=clean)) if part)


def _missing(press: Press, lang: str) -> list[dict[str, Any]]:
    names = press.form_names
    return [
        {
            "organisation": sayings.organisation(press.filings[key], lang),
            "href": f"filings/{press.filing_names[key]}.html",
            "forms": [names.get(form, form) for form in forms],
        }
        for key, forms in press.night.missing.items()
        if key in press.filings
    ]


# ---- heat map -----------------------------------------------------------------------------------------------------------


def _heat(press: Press, lang: str) -> tuple[list[str], list[HeatRow]]:
    """Organisations with the most to correct first; only families of which some rule was judged."""
    cells: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for tally in press.night.tallies:
        rule, filing = press.rules.get(tally.rule), press.filings.get(tally.filing)
        if rule and filing:
            cells[filing.organisation][rule.family][standing(tally.status, rule.severity)] += tally.count
    judged = {family for row in cells.values() for family in row}
    families = [family for family in messages.families() if family in judged] + sorted(
        judged - set(messages.families())
    )

    def weight(organisation: str) -> tuple[int, int, str]:
        total: Counter[str] = Counter()
        for counted in cells[organisation].values():
            total.update(counted)
        return -total["bad"], -total["explain"], organisation

    made = []
    for organisation in sorted(cells, key=weight)[:HEAT_ROWS]:
        row = cells[organisation]
        made.append(
            HeatRow(
                organisation or say("unknown_org", lang),
                _organisation_href(press, organisation),
                tuple(_heat_cell(organisation, family, row[family], lang) for family in families),
            )
        )
    return [messages.family_name(family, lang) for family in families], made


def _heat_cell(organisation: str, family: str, counted: Counter[str], lang: str) -> HeatCell:
    name = messages.family_name(family, lang)
    if not counted.total():
        return HeatCell("bare", "", f"{organisation}，{name}：{say('nothing_judged', lang)}")
    stands = worst(counted)
    number = counted["bad"] + counted["explain"]
    text = {"bad": str(number), "explain": f"{number}?", "none": "·"}.get(stands, "✓")
    words = say(
        "heat_cell", lang, org=organisation, family=name, bad=counted["bad"], explain=counted["explain"],
        agree=counted["ok"] + counted["near"], none=counted["none"],
    )  # fmt: skip
    return HeatCell(stands, text, words)


def _organisation_href(press: Press, organisation: str) -> str:
    owned = [filing for filing in press.night.filings if filing.organisation == organisation]
    if len(owned) == 1:
        return f"filings/{press.filing_names[owned[0].key]}.html"
    return f"filings.html?q={quote(organisation)}"


# ---- news and trend -------------------------------------------------------------------------------------------------------


def _news(press: Press, lang: str) -> list[dict[str, Any]]:
    """New findings first, gravest before others, then some that are gone; what follows from one listed is not listed."""
    change = press.night.change
    new = _roots(sorted(change.new, key=lambda verdict: sayings.gravity(press, verdict)))
    gone = _roots(sorted(change.gone, key=lambda verdict: sayings.gravity(press, verdict)))
    kept = new[: NEWS - min(len(gone), NEWS // 3)]
    made = [_item(press, verdict, lang, say("new", lang)) for verdict in kept]
    made += [
        _item(press, verdict, lang, say("gone", lang)) | {"standing": "ok", "href": _page_href(press, verdict)}
        for verdict in gone[: NEWS - len(kept)]
    ]
    return made


def _roots(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those whose root is not among them."""
    there = {(verdict.filing, verdict.fingerprint) for verdict in verdicts}
    return [verdict for verdict in verdicts if (verdict.filing, verdict.root) not in there]


def _page_href(press: Press, verdict: Verdict) -> str:
    name = press.filing_names.get(verdict.filing)
    return f"filings/{name}.html" if name else ""


def _item(press: Press, verdict: Verdict, lang: str, word: str = "") -> dict[str, Any]:
    made = sayings.entry(press, verdict, press.filings.get(verdict.filing), lang)
    return {
        "standing": made.standing,
        "word": word or say(made.standing, lang),
        "organisation": made.organisation,
        "message": made.message,
        "about": made.about,
        "title": made.title,
        "where": made.where,
        "rule": made.rule,
        "rule_href": made.rule_href,
        "href": made.href,
        "amount": made.amount,
        "also": made.also,
    }


def _trend(press: Press) -> dict[str, Any]:
    """What had to be corrected, run by run, as the paths of a 1000 × 100 drawing."""
    points = []
    for run, counted in press.night.history:
        bad = sum(
            n
            for (rule, status), n in counted.items()
            if standing(status, press.severities.get(rule, "critical")) == "bad"
        )
        points.append({"at": f"{run.at:%m-%d %H:%M}" if run.at else run.id, "bad": bad})
    stroke = _path([point["bad"] for point in points])  # type: ignore[misc]
    return {"points": points, "stroke": stroke, "area": f"{stroke} L1000,100 L0,100 Z" if stroke else ""}


def _path(values: Iterable[int]) -> str:
    heights = list(values)
    if len(heights) < 2:
        return ""
    top = max(heights) or 1
    step = 1000 / (len(heights) - 1)
    return "M" + " L".join(f"{i * step:.1f},{96 - 88 * value / top:.1f}" for i, value in enumerate(heights))
