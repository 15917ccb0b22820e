"""What is told in the morning: what was found, what changed, and the exit code."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from expectations import messages, rules
from expectations.rules import RuleBook
from flows import logs, standing, warehouse
from flows.night import replaced, sources
from flows.night.plan import STATUSES, Change, Found, Plan, Summary
from flows.night.runs import opened
from flows.recognise.disclosure import SET_ASIDE
from flows.register import kept
from flows.register import telling as register_telling
from flows.waivers import kept as waivers_kept
from flows.waivers import telling as waivers


def summarise(
    plan: Plan,
    run: str,
    page: Path,
    found: Sequence[Found],
    read_anew: int,
    book: RuleBook,
    seconds: float,
    notes: tuple[dict[str, str], ...] = (),
) -> Summary:
    """What the night found, from the warehouse; `notes` is what else is to be said."""
    severity = {rule.id: rule.severity for rule in book.rules}
    with opened(plan.warehouse) as connection:
        counts = _counted(connection, "SELECT status, count(*) FROM verdict WHERE run = ? GROUP BY 1", run)
        by_rule = _counted(
            connection, "SELECT rule, count(*) FROM verdict WHERE run = ? AND status = 'broken' GROUP BY 1", run
        )
        refused = {
            sha256: {"zh": zh, "en": en}
            for sha256, zh, en in connection.execute(
                "SELECT sha256, message_zh, message_en FROM document WHERE status = 'unreadable'"
            ).fetchall()
        }
        filings = connection.execute("SELECT count(*) FROM filing WHERE current").fetchone()
        aside = connection.execute(
            "SELECT count(*) FROM filing WHERE current AND list_contains(?, kind)", [list(SET_ASIDE)]
        ).fetchone()
        causes = connection.execute(
            "SELECT count(*) FROM verdict WHERE run = ? AND status = 'broken' AND root IS NULL", [run]
        ).fetchone()
        change = _change(connection, run)
        judged = connection.execute("SELECT judged FROM run WHERE run = ?", [run]).fetchone()
        before = standing.basis(connection, run)
        waived = _counted(
            connection,
            "SELECT v.rule, count(*) FROM verdict v JOIN waiver w ON w.fingerprint = v.fingerprint WHERE v.run = ? "
            "AND v.status = 'broken' AND w.status = 'in_force' GROUP BY 1",
            run,
        )
        lapsed = waivers.counted(waivers_kept.given_out(connection))["lapsed"]
        register = kept.given_out(connection, date.today())
        gave = sources.results(connection, run)
        others = replaced.notes(replaced.standing(connection, run))
    broken, explained = _graded(by_rule, severity), _graded(waived, severity)
    first: dict[str, str] = {}
    copies = tuple(
        (one.address, first[one.sha256]) for one in found if first.setdefault(one.sha256, one.address) != one.address
    )
    return Summary(
        run=run,
        page=page,
        documents=len(found),
        loaded=read_anew,
        filings=filings[0] if filings else 0,
        counts={status: counts.get(status, 0) for status in STATUSES},
        broken=broken,
        change=change,
        unreadable=tuple((one.address, refused[one.sha256]) for one in found if one.sha256 in refused),
        copies=copies,
        set_aside=aside[0] if aside else 0,
        seconds=seconds,
        replaced=others,
        sources=tuple(one for one in gave if plan.declared or one.problem),
        causes=causes[0] if causes else 0,
        judged=judged[0] or 0 if judged else 0,
        stands_since=before,
        notes=notes,
        waived=explained,
        lapsed=lapsed,
        expected=register.compared.counts() if register else {},
    )


def _counted(connection: warehouse.Connection, query: str, run: str) -> dict[str, int]:
    return dict(connection.execute(query, [run]).fetchall())


def _graded(by_rule: Mapping[str, int], severity: Mapping[str, str]) -> dict[str, int]:
    graded = dict.fromkeys(rules.SEVERITIES, 0)
    for rule, count in by_rule.items():
        graded[severity[rule]] += count
    return graded


def _change(connection: warehouse.Connection, run: str) -> Change:
    before = connection.execute(
        "SELECT run FROM run WHERE status = 'completed' AND run <> ? ORDER BY started DESC, run DESC LIMIT 1", [run]
    ).fetchone()
    if before is None:
        return Change("", 0, 0, 0)
    told = (
        "SELECT v.fingerprint, concat_ws('|', coalesce(f.identity, v.filing), v.rule, v.instance) FROM verdict v "
        "LEFT JOIN filing f ON f.filing = v.filing WHERE v.status = 'broken' AND v.run = ?"
    )
    now, then = (dict(connection.execute(told, [which]).fetchall()) for which in (run, before[0]))
    new, gone = now.keys() - then.keys(), then.keys() - now.keys()
    changed = {now[one] for one in new} & {then[one] for one in gone}
    return Change(before[0], len(new), len(now.keys() & then.keys()), len(gone), len(changed))


def further(summary: Summary) -> tuple[dict[str, str], ...]:
    """What is told in the morning beside findings: how the register stands, what lapsed, what could not be taken in."""
    if not summary.expected:
        return summary.notes
    told = {lang: register_telling.counted(summary.expected, lang) for lang in ("zh", "en")}
    return ({"zh": f"名册：{told['zh']}", "en": f"register: {told['en']}"}, *summary.notes)


def exit_code(summary: Summary, fail_on: Sequence[str]) -> int:
    """0 when the night completed, whatever it found; 2 or 1 for what the caller asked to fail on: findings that no waiver explains."""
    if "unreadable" in fail_on and (summary.unreadable or any(one.problem for one in summary.sources)):
        return 2
    open_ = {severity: count - summary.waived.get(severity, 0) for severity, count in summary.broken.items()}
    grave = open_["critical"] + (open_["warning"] if "warning" in fail_on else 0)
    return 1 if grave and {"critical", "warning"} & set(fail_on) else 0


def told_in_numbers(summary: Summary) -> Iterator[tuple[str, int]]:
    """What is counted of the night, by name, for Prefect's table."""
    yield "documents", summary.documents
    yield "read anew", summary.loaded
    yield "unreadable", len(summary.unreadable)
    yield "put off for lack of time", len(summary.postponed)
    yield "filings", summary.filings
    yield "set aside (budgets, government accounts)", summary.set_aside
    for what, count in summary.expected.items():
        yield f"register, {what.replace('_', ' ')}", count
    yield from summary.counts.items()
    yield "broken, explained by a waiver", sum(summary.waived.values())
    yield "waivers lapsed", summary.lapsed
    for severity, count in summary.broken.items():
        yield f"broken, {severity}", count


def log_end(summary: Summary, lang: str) -> None:
    """The log says that the night is completed, and what came of it."""
    numbers: dict[str, Any] = {
        "documents": summary.documents,
        "read": summary.loaded,
        "filings": summary.filings,
        **summary.counts,
    }
    zh = f"完成：{summary.documents} 份文档，{summary.counts['broken']} 处不符，{summary.seconds:.0f} 秒"
    en = f"completed: {summary.documents} documents, {summary.counts['broken']} findings, {summary.seconds:.0f} s"
    said = messages.pick((zh, en), lang)
    logs.say(logging.INFO, "run_completed", said, **numbers, seconds=round(summary.seconds, 1), page=summary.page)
