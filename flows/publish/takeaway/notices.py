"""A notice to each organisation with something to correct or to explain, as a page to be printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flows.publish.content.noticed import asked, notices
from flows.publish.content.reckoned import Reckoned
from flows.publish.pages.lists import Written
from flows.publish.pages.notice import notice_page
from flows.publish.press import Press, localised
from flows.publish.reuse import Standing, digest
from flows.publish.wording.words import LANGUAGES


def write_notices(
    reckoned: Reckoned,
    press: Press,
    made_of: Mapping[str, str],
    standing: Standing,
    site: Path,
    write: Written,
) -> None:
    """Every notice stands in `site`, in both languages: the standing one where none of its filings has changed, else made anew.

    `made_of` is the digest of each filing by its key.
    """
    of = {
        name: (filings, digest("notice", *(made_of[filing.key] for filing in filings)))
        for name, filings in asked(reckoned, press.night.filings).items()
    }
    changed = {name: filings for name, (filings, one) in of.items() if not standing.lend(_entry(name), one, site)}
    for notice in notices(reckoned, changed, press.severities):
        path = f"notices/{notice.name}.html"
        for lang in LANGUAGES:
            write(lang, path, notice_page(press, notice, lang))
        standing.note(_entry(notice.name), of[notice.name][1], [localised(path, lang) for lang in LANGUAGES])


def _entry(name: str) -> str:
    return f"notice/{name}"
