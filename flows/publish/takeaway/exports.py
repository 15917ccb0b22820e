"""What stands beside the pages for other programs: findings as JSON with its schema, every verdict as Parquet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from flows.publish.content.seen import Seen
from flows.publish.content.suspected import Found
from flows.publish.content.views import Case, Run, Verdict
from flows.publish.press import Press
from flows.publish.wording import sayings
from flows.waivers.telling import public

SCHEMA = Path(__file__).with_name("findings.schema.json")
ROWS = 61_440
"""Verdicts in one group of rows of the Parquet file: what is in memory at once for each core."""


def write_findings(press: Press, findings: Iterable[Found], seen: Seen, site: Path) -> None:
    """`findings.json`, one finding a line, and the schema that it follows. Amounts are text in 万元 with every digit."""
    run = press.night.runs[0] if press.night.runs else None
    head = {"run": run.id if run else None, "checked": run.at.isoformat() if run and run.at else None}
    with (site / "findings.json").open("w", encoding="utf-8") as out:
        out.write('{"hedui_findings": 1, ' + json.dumps(head, ensure_ascii=False)[1:-1] + ', "findings": [')
        for i, line in enumerate(_lines(press, findings, seen)):
            out.write((",\n" if i else "\n") + line)
        out.write("\n]}\n")
    shutil.copyfile(SCHEMA, site / SCHEMA.name)


def _lines(press: Press, findings: Iterable[Found], seen: Seen) -> Iterator[str]:
    for verdict, case in findings:
        yield json.dumps(_finding(press, verdict, seen) | _supposed(case), ensure_ascii=False)


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


def _finding(press: Press, verdict: Verdict, seen: Seen) -> dict[str, Any]:
    filing, rule = press.filings.get(verdict.filing), press.rules.get(verdict.rule)
    first, still = seen.first(verdict), seen.still(verdict)
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
        "first_seen": first.isoformat() if first else None,
        "since_last_run": {None: None, True: "still", False: "new"}[still] if first else None,
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
