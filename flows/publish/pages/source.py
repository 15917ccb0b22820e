"""The pages of the source: of each document with findings what it is, and where in it they stand; of each of its pages the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flows.publish.content.views import Contents, Spot
from flows.publish.pages.evidence import Evidence, evidence, marks
from flows.publish.pages.filing import title
from flows.publish.press import Press, localised
from flows.publish.source.album import FOLDER, page_name
from flows.publish.source.places import (
    Placed,
    box,
    document_href,
    drawable,
    lines_around,
    pages_of,
    place_href,
    place_of,
    placed,
    sheets_around,
    shown,
    source_anchor,
)
from flows.publish.wording import sayings
from flows.publish.wording.words import LANGUAGES, say

MARGIN = 1.5
"""Points between what is printed and the box drawn around it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A box drawn on a page, in points. `numbers` are those of the findings that it belongs to."""

    anchor: str
    href: str
    name: str
    look: str
    standing: str
    x: float
    y: float
    width: float
    height: float
    numbers: str


@dataclass(frozen=True, slots=True)
class _Source:
    """What all pages of one document need: its findings with their arithmetic, and everything that they are about."""

    contents: Contents
    found: tuple[Placed, ...]
    findings: tuple[Evidence, ...]
    places: Mapping[str, Placed]
    href: str

    def about(self, where: Sequence[Placed]) -> list[Evidence]:
        """The findings that say something of these places."""
        numbers = {number for one in where for number in one.mark.notes}
        return [e for e in self.findings if e.number in numbers]


def source_pages(press: Press, contents: Contents) -> dict[str, str]:
    """The pages in every language, by path; none for a filing without findings that has no pictures either."""
    only = replace(contents, verdicts=tuple(v for v in contents.verdicts if v.finding))
    touched = marks(evidence(only, press.severities), press.spoken, contents.doubts)
    findings = tuple(e for e in touched.evidence if e.standing in ("bad", "explain"))
    pictures = press.album.of(contents.filing.document.sha256).pages
    if not findings and not pictures:
        return {}
    found = placed(contents, touched)
    href = f"../filings/{press.filing_names[contents.filing.key]}.html"
    source = _Source(contents, found, findings, {one.id: one for one in found}, href)
    by_page = pages_of(found) if drawable(contents.filing) else {}
    numbers = sorted({*by_page, *pictures})
    made: dict[str, str] = {}
    for lang in LANGUAGES:
        sha256 = contents.filing.document.sha256
        made[localised(f"{FOLDER}/{page_name(sha256)}.html", lang)] = _document(press, source, numbers, by_page, lang)
        for at, number in enumerate(numbers):
            beside = (numbers[at - 1] if at else None, numbers[at + 1] if at + 1 < len(numbers) else None)
            path = f"{FOLDER}/{page_name(sha256, number)}.html"
            made[localised(path, lang)] = _page(press, source, number, by_page.get(number, []), beside, lang)
    return made


def _document(
    press: Press, source: _Source, numbers: Sequence[int], by_page: Mapping[int, list[Placed]], lang: str
) -> str:
    """What the document is, its pages with findings or the lines and cells around them, and what it does not hold."""
    contents = source.contents
    filing = contents.filing
    absent = [e for e in source.findings if place_of(e, source.places, press.spoken) is None]
    workbook = any(one.spot.sheet for one in source.found)
    return press.print(
        "document.html",
        lang,
        f"{FOLDER}/{page_name(filing.document.sha256)}.html",
        here="filings",
        title=f"{say('source_of', lang)} · {title(contents, lang)}",
        filing_href=source.href,
        document=filing.document,
        pages=filing.pages if drawable(filing) else None,
        listed=[
            {
                "words": say("page_n", lang, n=number),
                "href": place_href(filing, Spot(page=number), "../"),
                "findings": [_finding(press, source, e, lang) for e in source.about(by_page.get(number, []))],
            }
            for number in numbers
        ],
        why=_why(press, source, lang),
        sheets=sheets_around(contents, source.found) if workbook else [],
        lines=lines_around(contents, source.found) if not workbook and not drawable(filing) else [],
        source=source.href,
        absent=[_finding(press, source, e, lang) for e in absent],
    )


def _page(
    press: Press,
    source: _Source,
    number: int,
    where: list[Placed],
    beside: tuple[int | None, int | None],
    lang: str,
) -> str:
    """One page as a picture with the boxes of its findings, each a link back to its figure."""
    filing = source.contents.filing
    picture = press.album.of(filing.document.sha256).pages.get(number)
    return press.print(
        "source.html",
        lang,
        f"{FOLDER}/{page_name(filing.document.sha256, number)}.html",
        here="filings",
        title=f"{title(source.contents, lang)} · {say('page_n', lang, n=number)}",
        filing_href=source.href,
        document=filing.document,
        document_href=document_href(filing, "../"),
        number=number,
        pages=filing.pages,
        before=_beside(source, beside[0], lang),
        after=_beside(source, beside[1], lang),
        picture=picture,
        why="" if picture else _why(press, source, lang) or say("no_picture", lang),
        frames=[frame for one in where if (frame := _frame(press, source, one))],
        findings=[_finding(press, source, e, lang) for e in source.about(where)],
        unboxed=[
            {"anchor": source_anchor(one.id), "name": one.name, "href": source.href + one.mark.href, "mark": one.mark}
            for one in where
            if not picture or box(one.spot) is None
        ],
    )


def _frame(press: Press, source: _Source, one: Placed) -> Frame | None:
    seen = shown(press.album, source.contents.filing, one.spot)
    if seen is None:
        return None
    left, top, right, bottom = seen.box
    mark = one.mark
    return Frame(
        anchor=source_anchor(one.id),
        href=source.href + mark.href,
        name=one.name,
        look=f"{mark.standing} {mark.role}",
        standing=mark.standing,
        x=round(left - MARGIN, 1),
        y=round(top - MARGIN, 1),
        width=round(max(0.0, right - left) + 2 * MARGIN, 1),
        height=round(max(0.0, bottom - top) + 2 * MARGIN, 1),
        numbers=", ".join(map(str, mark.notes[:4])) + ("…" if len(mark.notes) > 4 else ""),
    )


def _finding(press: Press, source: _Source, item: Evidence, lang: str) -> dict[str, Any]:
    told = sayings.entry(press, item.verdict, source.contents.filing, lang, "../")
    return {
        "number": item.number,
        "standing": item.standing,
        "word": told.word,
        "about": told.about or told.title,
        "message": told.message,
        "href": f"{source.href}#finding-{item.verdict.fingerprint}",
    }


def _beside(source: _Source, number: int | None, lang: str) -> dict[str, str] | None:
    if number is None:
        return None
    spot = Spot(page=number)
    return {"href": place_href(source.contents.filing, spot, "../"), "words": say("page_n", lang, n=number)}


def _why(press: Press, source: _Source, lang: str) -> str:
    """Why there are no pictures of pages, or not of all; "" where there is nothing to say."""
    if not drawable(source.contents.filing):
        return ""
    why = press.album.of(source.contents.filing.document.sha256).why
    return say(f"picture_{why}", lang) if why else ""
