"""Pages of filings of which nothing has changed are taken over from the site that stands, so that a quiet night is short.

A page is made from its filing's contents, the rule book and the words and templates: a digest of all three decides. Only the
time of the check, which stands in every page's header, is written anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from expectations import messages
from flows.publish.content.views import Contents
from flows.publish.press import FOLDER, Press
from flows.publish.wording.words import say

MANIFEST = "pages.json"
_BEGINS, _ENDS = '<span id="checked">', "</span>"


@dataclass(frozen=True, slots=True)
class Standing:
    """The site that stands: its folder and, by file name of a filing, the digest of what its page was made from and of each page."""

    folder: Path
    listed: dict[str, dict[str, str]]


def standing_site(site: Path) -> Standing:
    """What `site` can lend; nothing where there is no site or its list cannot be read."""
    try:
        listed = json.loads((site / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        listed = {}
    return Standing(site, listed if isinstance(listed, dict) else {})


def edition(press: Press) -> str:
    """A digest of everything but its contents that a filing's page is made from."""
    made = hashlib.sha256()
    for path in sorted((*FOLDER.rglob("*"), Path(messages.__file__))):
        if path.is_file() and path.suffix in (".py", ".html"):
            made.update(path.read_bytes())
    made.update(repr((press.book, press.vocabulary.forms, sorted(press.rule_names.items()))).encode())
    return made.hexdigest()


def digest(contents: Contents, of: str) -> str:
    """What the page of `contents` in the edition `of` is made from, in one word."""
    return hashlib.sha256(f"{of} {contents!r}".encode("utf-8", "surrogatepass")).hexdigest()


def listing(made_of: str, files: Mapping[str, str]) -> dict[str, str]:
    """The entry of a filing in the list, from which the next night sees whether its files still stand as they were made."""
    return {"made_of": made_of} | {path: _digest_untimed(text) for path, text in files.items()}


def taken_over(standing: Standing, name: str, made_of: str, press: Press) -> dict[str, str]:
    """The files of the filing by path, now with the time of this night; empty when they must be made anew."""
    listed = standing.listed.get(name)
    if not isinstance(listed, dict) or listed.get("made_of") != made_of:
        return {}
    made: dict[str, str] = {}
    for path, written in listed.items():
        if path == "made_of":
            continue
        try:
            old = (standing.folder / path).read_text("utf-8")
        except (OSError, ValueError):
            return {}
        if _digest_untimed(old) != written:
            return {}
        lang = "en" if path.startswith("en/") else "zh"
        before, after = _around_time(old)
        at = say("checked_at", lang, at=press.checked_at) if press.checked_at else say("never_checked", lang)
        made[path] = f"{before}{_BEGINS}{escape(at)}{_ENDS}{after}" if _BEGINS in old else old
    return made


def _around_time(page: str) -> tuple[str, str]:
    before, _, rest = page.partition(_BEGINS)
    return before, rest.partition(_ENDS)[2]


def _digest_untimed(page: str) -> str:
    return hashlib.sha256("".join(_around_time(page)).encode("utf-8", "replace")).hexdigest()
