"""The index by which the browser searches filings and findings without a server: columns in parts, loaded when they are needed.

From the file system only scripts may be loaded, so every part is one that hands its columns to `hedui(name, number, columns)`
(assets/search.js). One index serves both languages. Texts that recur are numbered in tables of their part.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from expectations import messages
from expectations.vocabulary import WAN
from flows.publish.content import listed
from flows.publish.content.listed import Place
from flows.publish.content.views import Filing, Run, Verdict
from flows.publish.press import Press, as_json
from flows.publish.wording import sayings
from flows.publish.wording.standing import STANDINGS, standing, worst
from flows.publish.wording.words import LANGUAGES

FOLDER = "search"
FILINGS = 2000
"""Filings in one part: about 250 KiB."""
FINDINGS = 4000
"""Findings in one part: 250 to 400 KiB."""
_UNITS = ("", "%", "分", *WAN)
_NO_ID = " " * 22
Row = dict[str, Any]


def write_search(db: duckdb.DuckDBPyConnection, press: Press, run: Run | None, site: Path) -> list[str]:
    """`search/` in `site` holds the index of every current filing and every finding of `run`; returns the paths of its files.

    `listed.gather` was called before. The parts of findings keep the order of their list: the first holds the gravest.
    """
    folder = site / FOLDER
    folder.mkdir()
    numbers = {filing.key: number for number, filing in enumerate(press.night.filings)}
    rules = {rule.id: number for number, rule in enumerate(press.book.rules)}
    counts = listed.standings(db, run, press.severities)
    places = listed.places(db)
    sizes = {
        "filings": _write(folder, "filings", _filings(press, counts, places), FILINGS, _filing_columns),
        "broken": _write(folder, "broken", _findings(db, press, "broken", numbers, rules), FINDINGS, _finding_columns),
        "unverified": _write(
            folder, "unverified", _findings(db, press, "not_verifiable", numbers, rules), FINDINGS, _finding_columns
        ),
    }
    _script(folder / "index.js", "index", 0, _index(press, sizes))
    return [f"{FOLDER}/{path.name}" for path in sorted(folder.iterdir())]


def _write(
    folder: Path, name: str, rows: Iterable[Row], size: int, columns: Callable[[Sequence[Row]], Row]
) -> list[int]:
    """The parts `name`-0.js and so on hold `rows`; returns how many rows each holds."""
    sizes: list[int] = []
    rest = iter(rows)
    while part := list(islice(rest, size)):
        _script(folder / f"{name}-{len(sizes)}.js", name, len(sizes), columns(part))
        sizes.append(len(part))
    return sizes


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
                standing("broken", rule.severity),
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


def _findings(
    db: duckdb.DuckDBPyConnection, press: Press, status: str, filings: Mapping[str, int], rules: Mapping[str, int]
) -> Iterator[Row]:
    root, at = "", -1
    fresh = listed.fresh(db, press.night.runs) if status == "broken" else set()
    for number, verdict in enumerate(listed.findings(db, status)):
        if not verdict.root:
            root, at = verdict.fingerprint, number
        filing = press.filings[verdict.filing]
        yield {
            "filing": filings[verdict.filing],
            "rule": rules.get(verdict.rule, -1),
            "about": sayings.about(press, verdict, "zh") or verdict.instance,
            "page": verdict.page or 0,
            # How many rows above the finding stands that this one follows from; -1 where that one is not listed.
            "back": 0 if not verdict.root else number - at if verdict.root == root else -1,
            "id": _packed(verdict.fingerprint),
            "new": "1" if verdict.fingerprint in fresh else "0",
            "waived": "1" if verdict.fingerprint in press.waivers else "0",
            **(_reason(press, verdict) if status == "not_verifiable" else _amounts(verdict, filing)),
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
