"""What a notice to an organisation says: its filings with their findings, and of the figures only what the arithmetic needs.

Reads the tables that `listed.gather` and `morning.morning` offer.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import duckdb

from flows.publish.content import listed, queries, suspected
from flows.publish.content.listed import TOLD
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.views import Contents, Figure, Filing, Spot, Verdict

BATCH = 500
"""Filings whose findings are read at once."""

ASKED = ("critical", "warning")
"""Severities that ask an organisation for something; a note does not."""


@dataclass(frozen=True, slots=True)
class Part:
    """One filing in a notice: its findings with the figures in them, and how many of its verdicts stand how."""

    contents: Contents
    strip: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that a notice to one organisation says; `name` is its file's, without ending."""

    name: str
    parts: tuple[Part, ...]


def notice_name(filing: Filing) -> str:
    """The file name of the notice in which this filing stands: one for each organisation, and for each filing that names none."""
    return notice_named(filing.organisation or filing.key)


def notice_named(organisation: str) -> str:
    """The file name of the notice to an organisation of this name."""
    return hashlib.sha256(organisation.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def asked(reckoned: Reckoned, filings: Sequence[Filing]) -> dict[str, tuple[Filing, ...]]:
    """By name of the notice the filings of each organisation that has something to correct or to explain, in the order given."""
    found = {
        filing
        for (filing,) in reckoned.rows(
            "SELECT DISTINCT filing FROM morning_tally WHERE rule IS NOT NULL AND coalesce(severity, 'critical') <> 'info' ORDER BY 1",
            needs="morning_tally",
        )
    }
    named: dict[str, list[Filing]] = defaultdict(list)
    for filing in filings:
        named[notice_name(filing)].append(filing)
    return {name: tuple(own) for name, own in named.items() if any(filing.key in found for filing in own)}


def notices(
    reckoned: Reckoned, wanted: Mapping[str, Sequence[Filing]], severities: Mapping[str, str]
) -> Iterator[Notice]:
    """What each of the `wanted` notices says, in their order."""
    if not wanted:
        return
    reckoned.need("listed")
    db = reckoned.db
    counts = listed.standings(reckoned)
    filings = [filing for own in wanted.values() for filing in own]
    found = (
        (notice_name(one.contents.filing), one)
        for at in range(0, len(filings), BATCH)
        for one in _parts(db, filings[at : at + BATCH], severities, counts)
    )
    for name, parts in groupby(found, key=lambda pair: pair[0]):
        yield Notice(name, tuple(part for _, part in parts))


def _parts(
    db: duckdb.DuckDBPyConnection,
    filings: Sequence[Filing],
    severities: Mapping[str, str],
    counts: Mapping[str, Mapping[str, int]],
) -> Iterator[Part]:
    keys = {"keys": [filing.key for filing in filings]}
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    for row in db.execute(
        f"SELECT {TOLD} FROM listed WHERE status = 'broken' AND filing IN (SELECT unnest($keys)) ORDER BY place", keys
    ).fetchall():
        verdict = queries.verdict_of(row)
        if severities.get(verdict.rule, "critical") in ASKED:
            verdicts[verdict.filing].append(verdict)
    figures: dict[str, list[Figure]] = defaultdict(list)
    for filing, id, unit in db.execute(
        "WITH used AS (SELECT DISTINCT filing, id FROM (SELECT filing, unnest(terms).id AS id FROM listed "
        "WHERE status = 'broken' AND filing IN (SELECT unnest($keys))) WHERE id IS NOT NULL) "
        "SELECT p.filing, p.id, p.unit FROM (SELECT filing, id, unit FROM figure WHERE filing IN (SELECT unnest($keys)) "
        "UNION ALL SELECT filing, id, unit FROM claim WHERE filing IN (SELECT unnest($keys))) p "
        "JOIN used u ON u.filing = p.filing AND u.id = p.id ORDER BY 1, 2",
        keys,
    ).fetchall():
        figures[filing].append(Figure(id, "", "", "", "", Decimal(0), unit or "", None, "", "", Spot()))
    cases = suspected.cases(db, keys["keys"])
    for filing in filings:
        key = filing.key
        contents = Contents(filing, (), (), tuple(figures[key]), (), (), tuple(verdicts[key]), cases=cases.get(key, ()))
        yield Part(contents, dict(counts[key]))
