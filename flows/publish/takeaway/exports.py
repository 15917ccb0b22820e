"""What stands beside the pages for other programs: findings as JSON with its schema, every verdict as Parquet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from flows.publish.content import listed, suspected
from flows.publish.content.seen import Seen
from flows.publish.content.views import Case, Run, Verdict
from flows.publish.press import Press
from flows.publish.takeaway.lines import Lines, standing_lines
from flows.publish.wording import sayings
from flows.waivers.telling import public

SCHEMA = Path(__file__).with_name("findings.schema.json")
ROWS = 61_440
"""Verdicts in one group of rows of the Parquet file: what is in memory at once for each core."""


def write_findings(
    db: duckdb.DuckDBPyConnection,
    press: Press,
    seen: Seen,
    standing: Path | None,
    unchanged: Collection[str],
    site: Path,
) -> None:
    """`findings.json`, one finding a line, and the schema that it follows. Amounts are text in 万元 with every digit.

    `standing` is the file of the night before, if there is one, from which the lines about the filings `unchanged` are taken.
    `listed.gather` was called before.
    """
    run = press.night.runs[0] if press.night.runs else None
    head = {"run": run.id if run else None, "checked": run.at.isoformat() if run and run.at else None}
    with (site / "findings.json").open("wb") as out, standing_lines(standing, unchanged) as known:
        out.write(b'{"hedui_findings": 1, ' + _bytes(head)[1:-1] + b', "findings": [')
        before = b"\n"
        for status in listed.FINDINGS:
            for line in _lines(db, press, seen, known, status):
                out.write(before + line)
                before = b",\n"
        out.write(b"\n]}\n")
    shutil.copyfile(SCHEMA, site / SCHEMA.name)


def _lines(db: duckdb.DuckDBPyConnection, press: Press, seen: Seen, known: Lines, status: str) -> Iterator[bytes]:
    """The findings of `status` in their order, those that are `known` taken over."""
    for places in listed.keys(db, status):
        kept = [known.line(filing, id, _bytes(_since(seen, status, id))[1:-1]) for _, filing, id in places]
        lacking = [place for (place, _, _), line in zip(places, kept, strict=True) if line is None]
        made = iter(suspected.beside(db, listed.at(db, status, lacking)))
        for line in kept:
            yield line or _bytes(_finding(press, *next(made), seen))


def _bytes(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode("utf-8")


def _supposed(case: Case | None) -> dict[str, Any]:
    """What is supposed of a root and what follows from it; nothing of any other finding."""
    suspects = case.suspects if case else ()
    return {
        "outcome": case.outcome if case else None,
        "suspects": [
            {
                "set": one.set,
                "figure": one.figure,
                "label": dict(one.label),
                **{name: _number(getattr(one, name)) for name in ("printed", "repair", "least", "most")},
                "unit": one.unit,
                "follows": one.follows,
            }
            for one in suspects
        ],
        "hypotheses": [
            {
                "set": one.set,
                "figure": how.figure,
                "kind": how.kind,
                "value": _number(how.value),
                "unit": how.unit,
                "said": dict(how.said),
            }
            for one in suspects
            for how in one.hypotheses
        ],
    }


def _since(seen: Seen, status: str, fingerprint: str) -> dict[str, Any]:
    """Since when a finding has been there, and whether the last run had it; known of what is broken."""
    first, still = seen.first(status, fingerprint), seen.still(fingerprint)
    return {
        "first_seen": first.isoformat() if first else None,
        "since_last_run": {None: None, True: "still", False: "new"}[still] if first else None,
    }


def _finding(press: Press, verdict: Verdict, case: Case | None, seen: Seen) -> dict[str, Any]:
    filing, rule = press.filings.get(verdict.filing), press.rules.get(verdict.rule)
    return {
        "id": verdict.fingerprint,
        "rule": verdict.rule,
        "category": rule.category if rule else "other",
        "severity": rule.severity if rule else "critical",
        "rule_status": rule.status if rule else "retired",
        "amended": rule.amended.reason if rule and rule.amended else None,
        "root": verdict.root or None,
        "waiver": public(press.waivers.get(verdict.fingerprint)),
        "status": verdict.status,
        **_since(seen, verdict.status, verdict.fingerprint),
        "filing": verdict.filing,
        "organisation": filing.organisation if filing else "",
        "fiscal_year": filing.fiscal_year if filing else None,
        "scope": filing.scope if filing else "",
        "instance": verdict.instance,
        "page": verdict.page,
        "message": {lang: sayings.message(press, verdict, filing, lang) for lang in ("zh", "en")},
        "reason": verdict.reason or None,
        "measure": verdict.measure,
        **{
            name: _number(getattr(verdict, name))
            for name in ("stated", "computed", "difference", "bound", "unexplained")
        },
        "terms": [
            {
                "side": t.side,
                "sign": t.sign,
                "figure": t.id,
                "label": t.label,
                "value": _number(t.value),
                "radius": _number(t.radius),
            }
            for t in verdict.terms
        ],
        **_supposed(case),
    }


def _number(value: Decimal | None) -> str | None:
    if value is None:
        return None
    text = f"{value.normalize():f}"
    return "0" if text == "-0" else text


def write_suspects(db: duckdb.DuckDBPyConnection, site: Path) -> None:
    """`suspects.parquet`: every figure of a current filing that may be wrong, with the ways in which that may have come about."""
    target = str(site / "suspects.parquet").replace("'", "''")
    db.execute(
        'COPY (SELECT s.filing, s.root, d.outcome, d.findings, s."set", s.position, s.figure, s.label_zh, s.label_en, s.printed, '
        "s.repair, s.least, s.most, s.unit, s.follows, h.hypotheses FROM suspect s JOIN filing f ON f.filing = s.filing AND f.current "
        "JOIN diagnosed d ON d.filing = s.filing AND d.root = s.root "
        'LEFT JOIN (SELECT filing, root, "set", figure, list({kind: kind, value: value, unit: unit, zh: zh, en: en} ORDER BY position) '
        'AS hypotheses FROM hypothesis GROUP BY ALL) h ON h.filing = s.filing AND h.root = s.root AND h."set" = s."set" '
        'AND h.figure = s.figure ORDER BY s.filing, s.root, s."set", s.position) '
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )


def write_verdicts(db: duckdb.DuckDBPyConnection, run: Run | None, site: Path) -> None:
    """`verdicts.parquet`: every verdict of the newest run on current filings, agreeing ones too, in any order. Later runs
    that come to the same verdicts take the file over: its `run` is the first of them.

    Twenty million rows are written as they come, in groups that need little memory: to put them in order first took twice the
    time, three times the memory, and made the file larger.
    """
    target = str(site / "verdicts.parquet").replace("'", "''")
    chosen = "'" + run.id.replace("'", "''") + "'" if run else "NULL"
    (kept,) = db.execute("SELECT current_setting('preserve_insertion_order')").fetchone() or (True,)
    db.execute("SET preserve_insertion_order = false")
    db.execute(
        f"COPY (SELECT v.* FROM verdict v JOIN filing f USING (filing) WHERE f.current AND v.run = {chosen}) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROWS})"
    )
    db.execute(f"SET preserve_insertion_order = {kept}")
