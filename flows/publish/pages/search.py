"""The index by which the browser searches filings and findings without a server: columns in parts, loaded when they are needed.

From the file system only scripts may be loaded, so every part is one that hands its columns to `hedui(name, number, columns)`
(assets/search.js). One index serves both languages. Texts that recur are numbered in tables of their part.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from expectations import messages
from expectations.vocabulary import WAN
from flows.publish.content import listed
from flows.publish.content.listed import Place
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.seen import Seen
from flows.publish.content.views import Filing, Verdict
from flows.publish.press import Press, as_json
from flows.publish.reuse import Standing, digest
from flows.publish.wording import sayings
from flows.publish.wording.standing import STANDINGS, worst
from flows.publish.wording.standing import standing as stands
from flows.publish.wording.words import LANGUAGES

FOLDER = "search"
FILINGS = 2000
"""Filings in one part: about 250 KiB."""
FINDINGS = 4000
"""Findings in one part: 250 to 400 KiB."""
_UNITS = ("", "%", "分", *WAN)
_NO_ID = " " * 22
Row = dict[str, Any]


def write_search(
    reckoned: Reckoned, press: Press, lately: str, since: Callable[[], Seen], standing: Standing, site: Path
) -> None:
    """`search/` in `site` holds the index of every current filing and every finding of the newest run: of its parts the standing ones
    where nothing that they tell has changed, the others made anew.

    `lately` is one word for what `since` would tell. Reads the tables that `listed.gather` and `morning.morning` offer, and that of
    `seen.gather`. The parts of findings keep the order of their list: the first holds the gravest.
    """
    (site / FOLDER).mkdir()
    counts = listed.counted(reckoned)
    found = {"broken": counts["broken"], "unverified": counts["not_verifiable"]}
    sizes = {"filings": _sizes(len(press.night.filings), FILINGS)}
    sizes |= {name: _sizes(number, FINDINGS) for name, number in found.items()}
    made_of = digest("search", reckoned.about)
    files = [_part("filings", number) for number in range(len(sizes["filings"]))]
    if not standing.lend(f"{FOLDER}/filings", made_of, site):
        rows = list(_filings(press, listed.standings(reckoned), listed.places(reckoned.db)))
        for number, path in enumerate(files):
            _script(site / path, "filings", number, _filing_columns(rows[number * FILINGS : (number + 1) * FILINGS]))
        standing.note(f"{FOLDER}/filings", made_of, files)
    # Without a run before it nothing of the newest is new.
    compared = len(press.night.runs) > 1
    maker = _Findings(reckoned, press, since)
    for name, status, word in (("broken", "broken", lately), ("unverified", "not_verifiable", "")):
        words = listed.stretches(reckoned, status, FINDINGS, word)
        for number in range(len(sizes[name])):
            path, made_of = _part(name, number), digest("search", press.edition, compared, words.get(number))
            if standing.lend(path, made_of, site):
                continue
            _script(site / path, name, number, _finding_columns(maker.rows(status, number)))
            standing.note(path, made_of, [path])
    _script(site / FOLDER / "index.js", "index", 0, _index(press, sizes))


def _sizes(rows: int, size: int) -> list[int]:
    """How many of so many rows each part holds."""
    return [min(size, rows - at) for at in range(0, rows, size)]


def _part(name: str, number: int) -> str:
    return f"{FOLDER}/{name}-{number}.js"


def _script(path: Path, name: str, number: int, columns: Mapping[str, Any]) -> None:
    # A document may hold lone surrogates; they must not keep the site from being published.
    path.write_text(f"hedui({as_json(name)},{number},{as_json(columns)});\n", "utf-8", errors="replace")


def _index(press: Press, sizes: Mapping[str, list[int]]) -> Row:
    """What every part refers to: its size, rules, the names of families, units with their factor to 万元 (0 for no money)."""
    return {
        "sizes": sizes,
        "rules": [
            [
                rule.id,
                press.rule_names[rule.id],
                [rule.title.get(lang, rule.id) for lang in LANGUAGES],
                rule.family,
                rule.severity,
                stands("broken", rule.severity),
                [sayings.broken_word(press, rule.id, lang) for lang in LANGUAGES],
            ]
            for rule in press.book.rules
        ],
        "families": {name: [messages.family_name(name, lang) for lang in LANGUAGES] for name in messages.families()},
        "units": [[unit, str(WAN.get(unit, 0))] for unit in _UNITS],
    }


# ---- filings ------------------------------------------------------------------------------------------------------------


def _filings(press: Press, counts: Mapping[str, Mapping[str, int]], places: Mapping[str, Place]) -> Iterator[Row]:
    none = dict.fromkeys(STANDINGS, 0)
    for filing in press.night.filings:
        place = places.get(filing.key, Place("", ""))
        counted = counts.get(filing.key, none)
        yield {
            "file": press.filing_names[filing.key],
            "org": filing.organisation,
            "year": filing.fiscal_year or 0,
            "scope": filing.scope,
            "kind": filing.kind,
            "region": place.region,
            "level": place.level,
            "where": sayings.place_word(filing),
            "standing": worst(name for name, number in counted.items() if number),
            "counts": [counted[name] for name in STANDINGS],
            "missing": " ".join(press.night.missing.get(filing.key, ())),
        }


def _filing_columns(rows: Sequence[Row]) -> Row:
    made: Row = {name: [row[name] for row in rows] for name in ("file", "org", "year", "missing")}
    made["counts"] = [number for row in rows for number in row["counts"]]
    for name in ("scope", "kind", "region", "level", "where", "standing"):
        made |= _table(name, [row[name] for row in rows])
    return made


def _table(name: str, texts: list[str]) -> Row:
    """`texts` as numbers into the table `name`s of the texts that occur."""
    numbers: dict[str, int] = {}
    column = [numbers.setdefault(text, len(numbers)) for text in texts]
    return {name: column, f"{name}s": list(numbers)}


# ---- findings -----------------------------------------------------------------------------------------------------------


class _Findings:
    """What each part tells of its findings."""

    def __init__(self, reckoned: Reckoned, press: Press, since: Callable[[], Seen]) -> None:
        self.reckoned, self.press, self.since = reckoned, press, since
        self.filings = {filing.key: number for number, filing in enumerate(press.night.filings)}
        self.rules = {rule.id: number for number, rule in enumerate(press.book.rules)}

    def rows(self, status: str, number: int) -> list[Row]:
        """The rows of part `number` of the findings of `status`."""
        self.reckoned.need("listed")
        db, start = self.reckoned.db, number * FINDINGS
        first = listed.lead(db, status, start)
        root, at = "", -1
        made = []
        for place, verdict in enumerate(listed.stretch(db, status, first, start + FINDINGS - first), first):
            if not verdict.root:
                root, at = verdict.fingerprint, place
            if place >= start:
                # How many rows above the finding stands that this one follows from; -1 where that one is not listed.
                back = 0 if not verdict.root else place - at if verdict.root == root else -1
                made.append({"back": back} | self._row(verdict))
        return made

    def _row(self, verdict: Verdict) -> Row:
        press, filing = self.press, self.press.filings[verdict.filing]
        unverified = verdict.status == "not_verifiable"
        return {
            "filing": self.filings[verdict.filing],
            "rule": self.rules.get(verdict.rule, -1),
            "about": sayings.about(press, verdict, "zh") or verdict.instance,
            "page": verdict.page or 0,
            "id": _packed(verdict.fingerprint),
            "new": "0" if unverified or self.since().still(verdict.fingerprint) is not False else "1",
            "waived": "1" if verdict.fingerprint in press.waivers else "0",
            **(_reason(press, verdict) if unverified else _amounts(verdict, filing)),
        }


def _amounts(verdict: Verdict, filing: Filing) -> Row:
    """Printed, computed and difference as text in the filing's own unit, without separators: that is how they are searched."""
    measure = verdict.measure
    unit = sayings.unit_of(filing) if measure == "amount" else {"percent": "%", "score": "分"}.get(measure, "")
    size = abs(verdict.difference) if verdict.difference is not None else None
    values = (verdict.stated, verdict.computed, size) if measure != "text" else ()
    shown = [messages.number(value, measure, unit).replace(",", "") for value in values]
    return {"numbers": "|".join(shown), "unit": _UNITS.index(unit)}


def _reason(press: Press, verdict: Verdict) -> Row:
    return {"reason": tuple(sayings.reason(press, verdict, lang) for lang in LANGUAGES)}


def _finding_columns(rows: Sequence[Row]) -> Row:
    made: Row = {name: [row[name] for row in rows] for name in ("filing", "rule", "page", "back")}
    made |= {name: "".join(row[name] for row in rows) for name in ("id", "new", "waived")}
    made |= _table("about", [row["about"] for row in rows])
    if "reason" in rows[0]:
        return made | _table("reason", [row["reason"] for row in rows])
    return made | {name: [row[name] for row in rows] for name in ("numbers", "unit")}


def _packed(fingerprint: str) -> str:
    """A fingerprint of 32 hexadecimal digits in 22 characters; blank when it is none."""
    try:
        raw = bytes.fromhex(fingerprint)
    except ValueError:
        return _NO_ID
    return base64.b64encode(raw).decode().rstrip("=") if len(raw) == 16 else _NO_ID
