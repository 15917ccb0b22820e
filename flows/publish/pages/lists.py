"""The lists of filings and findings: whole without any script, paged; with one, searched and ordered above (see `search`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from expectations import messages
from flows.publish.content import listed
from flows.publish.content.views import Filing, Run
from flows.publish.pages.search import FOLDER
from flows.publish.press import Press
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


def write_lists(db: duckdb.DuckDBPyConnection, press: Press, run: Run | None, write: Written) -> None:
    """Every page of the lists of filings and findings is written, in both languages; `listed.gather` was called before."""
    counts = listed.standings(db, run, press.severities)
    total = listed.counted(db)["broken"]
    for lang in LANGUAGES:
        for path, page in _filing_pages(press, counts, lang):
            write(lang, path, page)
        for path, page in _finding_pages(db, press, total, lang):
            write(lang, path, page)


def _filing_pages(press: Press, counts: Mapping[str, Mapping[str, int]], lang: str) -> Iterator[tuple[str, str]]:
    """Every current filing with its counts, most to correct first."""
    none = dict.fromkeys(STANDINGS, 0)
    ordered = sorted(
        press.night.filings, key=lambda one: [-counts.get(one.key, none)[name] for name in ("bad", "explain")]
    )
    pages = max(1, -(-len(ordered) // FILINGS_A_PAGE))
    for number in range(1, pages + 1):
        part = ordered[(number - 1) * FILINGS_A_PAGE : number * FILINGS_A_PAGE]
        rows = [_filing_row(press, filing, counts.get(filing.key, none), lang) for filing in part]
        path = page_name("filings", number)
        yield (
            path,
            press.print(
                "filings.html",
                lang,
                path,
                here="filings",
                title=say("filings", lang),
                rows=rows,
                total=len(ordered),
                pager=pager("filings", number, pages),
                asking=asking(press, "filings", lang),
            ),
        )


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


def _finding_pages(db: duckdb.DuckDBPyConnection, press: Press, total: int, lang: str) -> Iterator[tuple[str, str]]:
    """The findings, gravest first, what follows from another under it; the first pages of them."""
    pages = min(FINDING_PAGES, max(1, -(-total // FINDINGS_A_PAGE)))
    for number in range(1, pages + 1):
        found = listed.stretch(db, "broken", (number - 1) * FINDINGS_A_PAGE, FINDINGS_A_PAGE)
        path = page_name("findings", number)
        yield (
            path,
            press.print(
                "findings.html",
                lang,
                path,
                here="findings",
                title=say("findings", lang),
                rows=[sayings.entry(press, one, press.filings.get(one.filing), lang) for one in found],
                total=total,
                beyond=max(0, total - pages * FINDINGS_A_PAGE) if number == pages else 0,
                causes=sum(causes(press.night.tallies, press.severities, name) for name in ("bad", "explain")),
                pager=pager("findings", number, pages),
                asking=asking(press, "findings", lang),
            ),
        )


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
