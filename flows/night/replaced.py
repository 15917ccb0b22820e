"""Documents replaced under the same address, without notice: which figures are others now.

That an address holds other bytes is recorded when it is found (`sources.remember`); what changed in them, here, once both are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.vocabulary import JUDGED
from flows import warehouse
from flows.night.plan import Plan
from flows.night.runs import opened
from flows.publish.content.versions import ClaimChange, FigureChange, changed_claims, changed_figures

_LISTED = 20
"""Figures that are named of one replacement; the page that compares versions shows them all."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A current filing whose document was replaced under its address: how many figures and claims changed, and the first of them."""

    address: str
    filing: str
    organisation: str
    figures: int
    claims: int
    changes: tuple[FigureChange, ...] = ()


def settle(plan: Plan) -> None:
    """What was read tonight is compared with what it replaced."""
    with opened(plan.warehouse) as connection:
        compare(connection)


def compare(connection: warehouse.Connection) -> None:
    """Every replacement of which both documents have been looked at says what it changed, or why that cannot be said."""
    rows = connection.execute(
        "SELECT r.address, r.earlier, r.later, e.filing, l.filing, e.identity = l.identity, a.reader = b.reader "
        "FROM replacement r JOIN document b ON b.sha256 = r.later LEFT JOIN document a ON a.sha256 = r.earlier "
        "LEFT JOIN filing e ON e.document = r.earlier LEFT JOIN filing l ON l.document = r.later WHERE coalesce(r.compared, 'unread') = 'unread'"
    ).fetchall()
    pairs = [(later, earlier) for *_, earlier, later, same, alike in rows if same and alike]
    figures, claims = changed_figures(connection, pairs), changed_claims(connection, pairs)
    for address, was, now, earlier, later, same, alike in rows:
        state = (
            "unread" if not (earlier and later) else "other_filing" if not same else "figures" if alike else "reader"
        )
        counts = (len(figures.get(later, ())), len(claims.get(later, ()))) if state == "figures" else (None, None)
        warehouse.run(
            connection,
            "UPDATE replacement SET filing = ?, earlier_filing = ?, compared = ?, figures = ?, claims = ? "
            "WHERE address = ? AND earlier = ? AND later = ? AND coalesce(compared, 'unread') = 'unread'",
            *(later, earlier, state, *counts, address, was, now),
        )
    # Rules see it: a figure changed without a word is a finding of the filing that stands now.
    connection.execute(
        f"UPDATE {JUDGED} AS j SET replaced = n.changed FROM (SELECT j.filing, sum(r.figures + r.claims)::INTEGER AS changed "
        f"FROM {JUDGED} j LEFT JOIN replacement r ON r.filing = j.filing AND r.compared = 'figures' GROUP BY ALL) n "
        "WHERE n.filing = j.filing AND n.changed IS DISTINCT FROM j.replaced"
    )


def standing(connection: warehouse.Connection, run: str = "") -> tuple[Replaced, ...]:
    """The current filings whose figures were changed by a replacement; with `run` those that were found in it."""
    rows = connection.execute(
        "SELECT r.address, f.filing, f.organisation, r.figures, r.claims, r.earlier_filing FROM replacement r "
        "JOIN filing f ON f.filing = r.filing AND f.current WHERE r.figures > 0 AND ? IN ('', r.run) ORDER BY r.address",
        [run],
    ).fetchall()
    changes = changed_figures(connection, [(filing, earlier) for _, filing, *_, earlier in rows])
    return tuple(
        Replaced(address, filing, organisation, figures, claims, tuple(changes.get(filing, ())[:_LISTED]))
        for address, filing, organisation, figures, claims, _ in rows
    )


def line(one: Replaced, lang: str) -> str:
    """One line: what was replaced, and the figures with their earlier and present values."""
    named = "；".join(f"{_place(change)} {_printed(change)}" for change in one.changes[:3])
    zh = f"{one.address} 未经说明换成了另一份文件：{one.figures} 个数字有改动（{named}）"
    en = f"{one.address} was replaced without notice: {one.figures} figures changed ({named})"
    return zh if lang == "zh" else en


def _place(change: FigureChange) -> str:
    return " ".join(part for part in (change.form, change.part, change.label, change.column) if part)


def _printed(change: FigureChange | ClaimChange) -> str:
    before, after = (one.raw if one else "—" for one in (change.before, change.after))
    return f"{before} → {after}"


def notes(found: Sequence[Replaced]) -> tuple[dict[str, str], ...]:
    """The lines of a night's summary."""
    return tuple({lang: line(one, lang) for lang in ("zh", "en")} for one in found)
