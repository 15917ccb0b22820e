"""What every page has in common: the rule book looked up, file names, addresses between pages, and the templates.

Each page is printed once in Chinese (at the root) and once in English (under en/), so that the choice of language is a link
and needs no script. Templates escape everything.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from expectations.rules import Rule, RuleBook
from expectations.vocabulary import Vocabulary
from flows.publish.content.versions import History
from flows.publish.content.views import Filing, Night, Tally
from flows.publish.pages.cells import spoken
from flows.publish.pages.evidence import anchor
from flows.publish.source.album import EMPTY, Album
from flows.publish.wording.standing import strip
from flows.publish.wording.words import LANGUAGES, say
from flows.waivers.reading import Waiver

FOLDER = Path(__file__).parent
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\.[A-Za-z0-9_-]{1,40}){0,3}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|index)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Press:
    """The night and the rule book, ready to be printed. `filing_names` and `rule_names` are file names without ending."""

    night: Night
    vocabulary: Vocabulary
    rules: Mapping[str, Rule]
    book: RuleBook
    severities: Mapping[str, str]
    filings: Mapping[str, Filing]
    filing_names: Mapping[str, str]
    rule_names: Mapping[str, str]
    templates: Mapping[str, Environment]
    """By language."""
    checked_at: str
    by_rule: Mapping[str, dict[str, int]]
    """For each rule how its verdicts stand."""
    album: Album = EMPTY
    """The pictures of pages of the source."""
    edition: str = ""
    """One word for the program, the rules and whatever else pages are made from beside what they tell (`flows.publish.reuse`)."""
    histories: Mapping[str, History] = field(default_factory=dict)
    """Of current filings of which there are other versions, by key, all versions compared."""
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    """The waivers in force, by the fingerprint of their finding."""

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The rules that judge the narrative: only their instances are sentences or statements."""
        return frozenset(rule.id for rule in self.book.rules if rule.for_each.startswith(("sentence", "claim")))

    @cached_property
    def form_names(self) -> dict[str, str]:
        """Form ids to Chinese titles."""
        return {form.id: form.zh for form in self.vocabulary.forms.values()}

    def print(self, template: str, lang: str, path: str, **parts: Any) -> str:
        """The page at `path` (relative to its language's root) as HTML.

        The time of the check stands on the overview alone: on any other page it would change every night what has not changed.
        """
        home = "../" * path.count("/")
        root = home if lang == "zh" else home + "../"
        twin = root + ("en/" if lang == "zh" else "") + path
        return (
            self.templates[lang]
            .get_template(template)
            .render(home=home, root=root, twin=twin, checked_at=self.checked_at, **parts)
        )


def localised(path: str, lang: str) -> str:
    """Where in the site the page at `path` of one language stands."""
    return path if lang == "zh" else f"{lang}/{path}"


def set_up(night: Night, book: RuleBook, vocabulary: Vocabulary) -> Press:
    """A press for this night."""
    run = night.runs[0] if night.runs else None
    severities = {rule.id: rule.severity for rule in book.rules}
    return Press(
        night=night,
        vocabulary=vocabulary,
        rules={rule.id: rule for rule in book.rules},
        book=book,
        severities=severities,
        filings={filing.key: filing for filing in night.filings},
        filing_names=file_names(filing.key for filing in night.filings),
        rule_names=file_names(rule.id for rule in book.rules),
        templates=templates(),
        by_rule=_by_rule(night, severities),
        checked_at=f"{run.at:%Y-%m-%d %H:%M}" if run and run.at else "",
    )


def _by_rule(night: Night, severities: Mapping[str, str]) -> dict[str, dict[str, int]]:
    found: dict[str, list[Tally]] = {rule: [] for rule in severities}
    for tally in night.tallies:
        found.setdefault(tally.rule, []).append(tally)
    return {rule: strip(tallies, severities) for rule, tallies in found.items()}


def run_script(checked_at: str) -> str:
    """The script that writes the time of the check into every page's header: the only thing there that each night changes."""
    told = {
        lang: say("checked_at", lang, at=checked_at) if checked_at else say("never_checked", lang) for lang in LANGUAGES
    }
    return (
        '"use strict";\n(function () {\n'
        f"  const told = {json.dumps(told, ensure_ascii=False)};\n"
        '  const node = document.getElementById("checked");\n'
        "  if (node) node.textContent = told[document.documentElement.lang.slice(0, 2)];\n})();\n"
    )


def file_names(keys: Iterable[str]) -> dict[str, str]:
    """A file name for each key, without ending, safe on every file system and different even where case is ignored.

    A plain key keeps its name; any other, and any that would meet another, becomes a hash.
    """
    made: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted(set(keys)):
        name = key
        if not _SAFE.fullmatch(key) or _RESERVED.fullmatch(key) or key.casefold() in taken:
            name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]
        taken.add(name.casefold())
        made[key] = name
    return made


def templates() -> dict[str, Environment]:
    """The templates by language, which escape everything."""
    return {lang: _templates(lang) for lang in LANGUAGES}


def _templates(lang: str) -> Environment:
    """The language is no part of what a page is given but of its templates: so those that others import are run once, not for every
    page, and no page lives on in a cycle with what it imported until the garbage is looked for."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"anchor": anchor, "spoken": spoken, "lang": lang, "t": partial(say, lang=lang)}
    made.filters["tojson"] = as_json
    return made


def as_json(value: object) -> Markup:
    """`value` as JSON that cannot end the script element in which it stands."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in (
        ("&", "\\u0026"),
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(character, escape)
    return Markup(text)
