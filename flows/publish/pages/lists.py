"""The lists of filings and findings: whole without any script, paged; with one, searched and ordered above (see `search`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from expectations import messages
from flows.publish.content import listed
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import Filing
from flows.publish.pages.search import FOLDER
from flows.publish.press import Press, localised
from flows.publish.reuse import Standing, digest
from flows.publish.wording import sayings
from flows.publish.wording.standing import STANDINGS, causes, worst
from flows.publish.wording.words import LANGUAGES, say
from flows.recognise.disclosure import SET_ASIDE

FILINGS_A_PAGE = 200
FINDINGS_A_PAGE = 200
FINDING_PAGES = 50
"""Pages of the list of findings; the search, the filings' own pages and the ledger have those beyond."""

LEVELS = ("central", "province", "city", "county", "township")
_KINDS = ("final_accounts", "performance", *SET_ASIDE, "template", "unknown")
_WORDS = (
    "organisation", "year", "scope", "region", "missing_forms", "unknown_org", "severity", "what", "printed", "computed", "difference",
    "where", "rule", "follows", "colon", "search_failed", "search_loading", "search_parts", "search_nothing", "search_hint", "result_pages",
    "page_before", "page_after", "waived", "page_of", "found_filings", "found_findings", "scope_department", "scope_unit", "page_n", "line_n", "sheet_no",
    *STANDINGS, *(f"level_{level}" for level in LEVELS), *(f"kind_{kind}" for kind in _KINDS),
)  # fmt: skip

Written = Callable[[str, str, str], None]
"""Takes a page: language, path in that language's folder, HTML."""


def write_lists(reckoned: Reckoned, press: Press, standing: Standing, site: Path, write: Written) -> None:
    """Every page of the lists of filings and findings stands in `site`, in both languages: the standing one where nothing that it
    tells has changed, else made anew. Reads the tables that `listed.gather` and `morning.morning` offer."""
    for name, pages in (("filings", _filing_pages(reckoned, press)), ("findings", _finding_pages(reckoned, press))):
        asked = [asking(press, name, lang) for lang in LANGUAGES]
        for number, (told, parts) in enumerate(pages, 1):
            path = page_name(name, number)
            made_of = digest("list", press.edition, name, asked, told)
            if standing.lend(f"list/{path}", made_of, site):
                continue
            made = parts()
            for lang, asks in zip(LANGUAGES, asked, strict=True):
                title = say(name, lang)
                write(
                    lang,
                    path,
                    press.print(f"{name}.html", lang, path, here=name, title=title, asking=asks, **made[lang]),
                )
            standing.note(f"list/{path}", made_of, [localised(path, lang) for lang in LANGUAGES])


Page = tuple[str, Callable[[], dict[str, dict[str, Any]]]]
"""One word for all that a page tells, and what makes the parts of it in each language."""


def _filing_pages(reckoned: Reckoned, press: Press) -> Iterator[Page]:
    """Every current filing with its counts, most to correct first."""

    @cache
    def ordered() -> list[tuple[Filing, Mapping[str, int]]]:
        none = dict.fromkeys(STANDINGS, 0)
        counts = listed.standings(reckoned)
        counted = [(filing, counts.get(filing.key, none)) for filing in press.night.filings]
        return sorted(counted, key=lambda one: (-one[1]["bad"], -one[1]["explain"]))

    def on(number: int) -> list[tuple[Filing, Mapping[str, int]]]:
        return ordered()[number * FILINGS_A_PAGE : (number + 1) * FILINGS_A_PAGE]

    def parts(number: int) -> dict[str, dict[str, Any]]:
        both = {"total": total, "pager": pager("filings", number + 1, pages)}
        return {
            lang: both | {"rows": [_filing_row(press, filing, counts, lang) for filing, counts in on(number)]}
            for lang in LANGUAGES
        }

    total = len(press.night.filings)
    pages = max(1, -(-total // FILINGS_A_PAGE))

    def told(number: int) -> str:
        lacking = press.night.missing
        return digest(pages, total, *((one, list(counts.values()), lacking.get(one.key)) for one, counts in on(number)))

    words = reckoned.worked("filings", lambda: [(told(number),) for number in range(pages)])
    for at, (word,) in enumerate(words):
        yield word, partial(parts, at)


def _filing_row(press: Press, filing: Filing, counts: Mapping[str, int], lang: str) -> dict[str, Any]:
    return {
        "organisation": sayings.organisation(filing, lang),
        "year": filing.fiscal_year,
        "scope": _scope(filing, lang),
        "href": f"filings/{press.filing_names[filing.key]}.html",
        "counts": counts,
        "standing": worst(name for name, number in counts.items() if number),
        "missing": press.night.missing.get(filing.key, ()),
        "source": filing.document.source.rsplit("/", 1)[-1],
    }


def _scope(filing: Filing, lang: str) -> str:
    """Department or unit; of accounts that are set aside, what they are instead."""
    if filing.kind in SET_ASIDE:
        return say(f"kind_{filing.kind}", lang)
    return say(f"scope_{filing.scope}", lang) if filing.scope in ("department", "unit") else filing.scope


def _finding_pages(reckoned: Reckoned, press: Press) -> Iterator[Page]:
    """The findings, gravest first, what follows from another under it; the first pages of them."""
    words = listed.stretches(reckoned, "broken", FINDINGS_A_PAGE)
    total = listed.counted(reckoned)["broken"]
    pages = min(FINDING_PAGES, max(1, -(-total // FINDINGS_A_PAGE)))
    roots = sum(causes(press.night.tallies, press.severities, name) for name in ("bad", "explain"))

    def parts(number: int) -> dict[str, dict[str, Any]]:
        reckoned.need("listed")
        found = listed.stretch(reckoned.db, "broken", number * FINDINGS_A_PAGE, FINDINGS_A_PAGE)
        both = {
            "total": total,
            "beyond": max(0, total - pages * FINDINGS_A_PAGE) if number == pages - 1 else 0,
            "causes": roots,
            "pager": pager("findings", number + 1, pages),
        }
        return {
            lang: both | {"rows": [sayings.entry(press, one, press.filings.get(one.filing), lang) for one in found]}
            for lang in LANGUAGES
        }

    for number in range(pages):
        yield digest(pages, total, roots, words.get(number)), partial(parts, number)


def page_name(name: str, number: int) -> str:
    """findings.html, findings-2.html …"""
    return f"{name}.html" if number == 1 else f"{name}-{number}.html"


def pager(name: str, number: int, pages: int) -> dict[str, Any]:
    """The addresses of the pages beside page `number`, relative to the folder in which they all are; "" where there is none."""
    return {
        "number": number,
        "pages": pages,
        "before": page_name(name, number - 1) if number > 1 else "",
        "after": page_name(name, number + 1) if number < pages else "",
    }


def asking(press: Press, show: str, lang: str) -> dict[str, Any]:
    """The form above a list: its fields with their choices, and the words that its script needs."""
    years = sorted({filing.fiscal_year for filing in press.night.filings if filing.fiscal_year}, reverse=True)
    fields: list[tuple[str, Sequence[tuple[str, str]]]] = [
        ("year", [(str(year), str(year)) for year in years]),
        ("level", [(level, say(f"level_{level}", lang)) for level in LEVELS]),
        ("kind", [(kind, say(f"kind_{kind}", lang)) for kind in _KINDS]),
        (
            "status",
            [(name, say(name, lang)) for name in (STANDINGS if show == "filings" else ("bad", "explain", "none"))],
        ),
    ]
    if show == "findings":
        fields += [
            ("severity", [(name, messages.severity_name(name, lang)) for name in ("critical", "warning", "info")]),
            ("family", [(name, messages.family_name(name, lang)) for name in messages.families()]),
        ]
    other = "findings" if show == "filings" else "filings"
    return {
        "show": show,
        "fields": fields,
        "compared": len(press.night.runs) > 1,
        "waived": bool(press.waivers),
        "elsewhere": f"{other}.html",
        "told": {
            "lang": lang,
            "home": "",
            "index": ("" if lang == "zh" else "../") + f"{FOLDER}/",
            "elsewhere": f"{other}.html",
            "words": {name: say(name, lang) for name in _WORDS},
        },
    }
