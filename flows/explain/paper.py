"""What one filing prints, figure by figure and claim by claim, as those who look for the wrong one need it: from memory or from tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from expectations import vocabulary
from flows.explain.causes import NARRATIVE
from flows.explain.diagnosis import Printed
from flows.explain.hypotheses import Said, Tie
from flows.recognise.disclosure import Disclosure
from flows.sql import run as query
from flows.warehouse import Connection

_CLAIMS = {
    "share": ("占比", "share of"),
    "change_amount": ("增减额", "change of"),
    "change_pct": ("增减率", "rate of change of"),
    "completion_pct": ("完成率", "completion rate of"),
    "count": ("数量", "number of"),
    "score": ("得分", "score of"),
}
"""What a claim is, said beside its subject; an amount is no more than its subject."""


@dataclass(frozen=True, slots=True)
class Paper:
    """By id what is printed, what is said of each claim beside its number, and which of them one statement ties together."""

    printed: Mapping[str, Printed] = field(default_factory=dict)
    said: Mapping[str, Said] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()


BLANK = Paper()


def paper_of(disclosure: Disclosure) -> Paper:
    """The paper of a filing held in memory."""
    rows = {(row.form, row.part, row.row_key): (row.position, row.label) for row in disclosure.rows}
    doubted = {doubt.id for doubt in disclosure.reading.doubts}
    printed = {}
    for f in disclosure.figures:
        order, label = rows.get((f.form, f.part, f.row_key), (0, f.row_key))
        cell = (f.id, f.form, f.part, f.row_key, f.column)
        printed[f.id] = Printed(
            *cell, _of_figure(*cell[1:], label), f.value, f.unit, f.ulp, f.raw, order, f.id in doubted
        )
    said = {}
    for order, c in enumerate(disclosure.claims):
        printed[c.id] = _claim(c.id, c.kind, c.subject, c.quote, c.value, c.unit, c.ulp, order, c.id in doubted)
        said[c.id] = Said(c.kind, c.subject, c.base, c.concept, c.sentence, c.year)
    return Paper(printed, said, tuple(Tie(r.kind, r.roles, r.parts) for r in disclosure.relations))


_FIGURES = (
    'SELECT f.filing, f.id, f.form, f.part, f.row_key, f."column", coalesce(r.label, f.row_key), f.value, f.unit, f.ulp, f.raw, '
    "coalesce(r.position, 0), d.id IS NOT NULL FROM figure f LEFT JOIN form_row r USING (filing, form, part, row_key) "
    "LEFT JOIN (SELECT DISTINCT filing, id FROM doubt) d USING (filing, id) WHERE f.filing IN (SELECT unnest(?)) ORDER BY f.rowid"
)
_CLAIMED = (
    "SELECT c.filing, c.id, c.kind, c.subject, c.quote, c.value, c.unit, c.ulp, d.id IS NOT NULL, c.base, c.concept, c.sentence, c.year "
    "FROM claim c LEFT JOIN (SELECT DISTINCT filing, id FROM doubt) d USING (filing, id) "
    "WHERE c.filing IN (SELECT unnest(?)) ORDER BY c.rowid"
)
_TIED = (
    "SELECT filing, id, kind, role, ref FROM claim_relation WHERE filing IN (SELECT unnest(?)) AND ref IS NOT NULL "
    "ORDER BY rowid"
)


def papers(connection: Connection, filings: Sequence[str]) -> dict[str, Paper]:
    """The paper of each of these filings, by key, from what was read."""
    printed: dict[str, dict[str, Printed]] = defaultdict(dict)
    said: dict[str, dict[str, Said]] = defaultdict(dict)
    ties: dict[str, dict[str, Tie]] = defaultdict(dict)
    for key, id, form, part, row_key, column, label, value, unit, ulp, raw, order, doubted in query(
        connection, _FIGURES, list(filings)
    ).fetchall():
        printed[key][id] = Printed(
            id,
            form,
            part,
            row_key,
            column,
            _of_figure(form, part, row_key, column, label),
            _short(value),
            unit,
            _short(ulp),
            raw,
            order,
            doubted,
        )
    for key, id, kind, subject, quote, value, unit, ulp, doubted, *rest in query(
        connection, _CLAIMED, list(filings)
    ).fetchall():
        order = len(said[key])
        printed[key][id] = _claim(id, kind, subject, quote, _short(value), unit, _short(ulp), order, doubted)
        said[key][id] = Said(kind, subject, *rest)
    for key, id, kind, role, ref in query(connection, _TIED, list(filings)).fetchall():
        tie = ties[key].get(id, Tie(kind, {}))
        roles, parts = (tie.roles, (*tie.parts, ref)) if role == "*" else ({**tie.roles, role: ref}, tie.parts)
        ties[key][id] = Tie(kind, roles, parts)
    return {key: Paper(printed[key], said[key], tuple(ties[key].values())) for key in filings}


def _claim(
    id: str, kind: str, subject: str, quote: str, value: Decimal, unit: str, ulp: Decimal, order: int, doubted: bool
) -> Printed:
    zh, en = _CLAIMS.get(kind, ("", ""))
    named = f"“{subject or quote}”"
    label = {"zh": f"{named}{zh}", "en": f"{en} {named}".strip()}
    return Printed(
        id, NARRATIVE, "", "", "", label, value, unit, ulp, f"{value.quantize(ulp) if ulp else value:f}", order, doubted
    )


def _of_figure(form: str, part: str, row_key: str, column: str, label: str) -> Mapping[str, str]:
    names, words = _forms().get(form, ({"zh": form}, {}))
    where = f"（{part}）" if part else ""
    zh = f"{names['zh']}{where}“{label}”{column}"
    en = f"{form}{f' ({part})' if part else ''} “{words.get(row_key, label)}” {words.get(column, column)}"
    return {"zh": zh, "en": en}


@lru_cache(maxsize=1)
def _forms() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """By form its name, and the English names of its columns and lines."""
    made = {}
    for one in vocabulary.load().forms.values():
        words = {line.zh: line.en.replace("_", " ") for line in (*one.lines, *one.totals)}
        words |= {column.zh: column.en.replace("_", " ") for column in one.columns}
        made[one.id] = ({"zh": one.zh}, words)
    return made


def _short(value: Decimal) -> Decimal:
    """Without the zeros that the column's scale adds."""
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value.normalize()
