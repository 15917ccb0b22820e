"""A disclosure → the rows of the tables that rules run on and reviewers query: one table per form, one per kind of statement.

Amounts become 万元 here, exactly; everything else keeps its printed number. A blank cell stays NULL.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from expectations.vocabulary import (
    CURRENT,
    HEADING,
    JUDGED,
    WAN,
    Column,
    Form,
    RelationKind,
    Vocabulary,
    row_table,
    value_columns,
    wide_column,
)
from flows.headings import headings
from flows.read.document import Place
from flows.recognise.disclosure import RATIO, SET_ASIDE, Claim, Disclosure, Figure, Relation
from flows.recognise.region import level_of

Rows = dict[str, list[tuple[Any, ...]]]
"""Table name → rows in the order of the table's columns."""

STEP = Decimal("0.0000001")
JUDGED_KINDS = ("final_accounts", "performance")
LIMIT = Decimal(10) ** 9
"""Amounts are DECIMAL(18,7) in 万元, in steps of 10⁻⁷ and below 10¹¹: the sum of a hundred below this limit still fits. What all
governments of the country spend in a year is four times as much; no department comes near."""

_YEAR = re.compile(r"20\d\d")
_FIGURE_ID = re.compile(r"([A-Z]\d+)(?:\((.*)\))?/(.+)/([^/]+)")


def derived_rows(filing: str, disclosure: Disclosure, vocabulary: Vocabulary) -> Rows:
    """The rows of every table of `vocabulary.tables` for this filing version.

    The one-row-per-filing tables always get their row, so that a rule about a missing form can say so. Forms that hold a
    number beyond the tables' range yield no rows: see `overflowing_forms`. Accounts that are set aside have none at all.
    """
    rows: Rows = defaultdict(list)
    said = disclosure.filing
    if said.kind in SET_ASIDE:
        return rows
    figures = _Figures(disclosure)
    if said.kind in JUDGED_KINDS:
        statuses = (_status(form, said.kind, figures) for form in vocabulary.forms.values())
        doubted = [doubt.id for doubt in disclosure.reading.doubts]
        where = (said.region, level_of(said.organisation, said.region))
        known_as = (filing, said.organisation, said.fiscal_year, said.scope, said.kind, *where)
        rows[JUDGED].append(
            (*known_as, None, None, None, None, doubted, *statuses)
        )  # the date, the year before, peers and what replaced it are filled in later
    for form in vocabulary.forms.values():
        _add_form(rows, filing, form, disclosure, figures)
    _add_narrative(rows, filing, disclosure, vocabulary, figures)
    rows[HEADING.name] = list(headings(filing, disclosure.sentences))
    return rows


def _status(form: Form, kind: str, figures: _Figures) -> str | None:
    """How the form was read; None for an official form where a document holds tables of the self-evaluation alone.

    Those forms are published in another document: that they are not in this one is no lack, and no rule has to say that it
    could not be judged for want of them.
    """
    if form.id in figures.refused:
        return "unreadable"
    elsewhere = kind == "performance" and form.shape != "performance"
    return figures.status.get(form.id, None if elsewhere else "missing")


def in_wan(value: Decimal, unit: str) -> Decimal:
    """`value` of `unit` in 万元; an unknown or missing unit counts as 万元, the unit of the official forms."""
    return value * WAN.get(unit, Decimal(1))


def overflowing_forms(disclosure: Disclosure) -> dict[str, Figure]:
    """Forms with a number too large to be money, each with that figure: a misread document, never a finding."""
    found: dict[str, Figure] = {}
    for figure in disclosure.figures:
        if abs(in_wan(figure.value, figure.unit or disclosure.filing.unit)) >= LIMIT:
            found.setdefault(figure.form, figure)
    return found


def place_number(place: Place) -> int | None:
    """The page, or for text the line."""
    return place.page if place.page is not None else place.line


def _stored(value: Decimal, ulp: Decimal) -> tuple[Decimal, Decimal]:
    """Value and precision in the tables' steps; what rounding to a step may hide is added to the precision."""
    rounded = value.quantize(STEP) if abs(value) < LIMIT else value
    kept = ulp if rounded == value else ulp + STEP
    return rounded, kept if kept == 0 or kept >= STEP else STEP


class _Figures:
    """The disclosure's figures, findable by id and by cell, amounts in 万元."""

    def __init__(self, disclosure: Disclosure) -> None:
        self.fiscal_year = disclosure.filing.fiscal_year
        self.fallback_unit = disclosure.filing.unit or "万元"
        self.refused = overflowing_forms(disclosure)
        self.by_cell: dict[tuple[str, str, str], dict[str, Figure]] = defaultdict(dict)
        self.rows = {(row.form, row.part, row.row_key) for row in disclosure.rows}
        self.status = {reading.form: reading.status for reading in disclosure.reading.forms}
        for figure in disclosure.figures:
            if figure.form not in self.refused:
                self.by_cell[figure.form, figure.part, figure.row_key].setdefault(figure.column, figure)

    def value(self, figure: Figure, type_: str) -> tuple[Decimal, Decimal]:
        """Value and ulp of `figure` as a column of `type_` stores them."""
        if type_ == "percent" and figure.unit == RATIO:
            return _stored(figure.value * 100, figure.ulp * 100)
        if type_ != "amount":
            return _stored(figure.value, figure.ulp)
        unit = figure.unit or self.fallback_unit
        return _stored(in_wan(figure.value, unit), in_wan(figure.ulp, unit))

    def page(self, ref: str) -> int | None:
        """The page or line of the cell with this id; None where nothing is printed."""
        match = _FIGURE_ID.fullmatch(ref)
        figure = self.by_cell.get((match[1], match[2] or "", match[3]), {}).get(match[4]) if match else None
        return place_number(figure.place) if figure else None

    def cited(self, ref: str, type_: str) -> tuple[Decimal | None, Decimal | None]:
        """Value and ulp of the cell that a role of `type_` names, amounts in 万元; (0, 0) where it is blank,
        (None, None) where it is not there or its form was not read cleanly.
        """
        match = _FIGURE_ID.fullmatch(ref)
        if not match:
            return None, None
        form, part, row, column = match[1], match[2] or "", match[3], match[4]
        if self.status.get(form) == "unreadable":
            return None, None
        figure = self.by_cell.get((form, part, row), {}).get(column)
        if figure:
            return self.value(figure, "percent" if figure.unit in ("%", RATIO) else type_)
        blank = self.status.get(form) == "blank" or (self.status.get(form) == "read" and (form, part, row) in self.rows)
        return (Decimal(0), Decimal(0)) if blank and form not in self.refused else (None, None)


def _add_form(rows: Rows, filing: str, form: Form, disclosure: Disclosure, figures: _Figures) -> None:
    made = rows[row_table(form)]
    amounts = [column.zh for column in form.columns if column.type == "amount"]
    precision: dict[tuple[str, str], Decimal] = {}
    for key, cells in figures.by_cell.items():
        if key[0] == form.id:
            for zh in amounts:
                if zh in cells:
                    ulp = figures.value(cells[zh], "amount")[1]
                    precision[key[1:]] = max(ulp, precision.get(key[1:], ulp))
    whole_form = max(precision.values(), default=None)
    for row in disclosure.rows:
        if row.form != form.id or form.id in figures.refused:
            continue
        cells = figures.by_cell.get((row.form, row.part, row.row_key), {})
        values: list[Any] = []
        for column in form.columns:
            values.extend(_cell_values(cells.get(column.zh), column, figures))
        named = (
            row.part,
            row.row_key,
            row.code,
            row.label,
            row.level,
            row.parent_key,
            row.position,
            row.block,
            row.side,
        )
        step = precision.get((row.part, row.row_key), whole_form)
        made.append((filing, *named, place_number(row.place), step, *values))
    if form.shape == "lines":
        rows[form.en].append(_wide_row(filing, form, figures, whole_form))


def _cell_values(figure: Figure | None, column: Column, figures: _Figures) -> list[Any]:
    """What `vocabulary.value_columns(column)` holds for this cell."""
    if figure is None:
        return [None] * len(value_columns(column))
    if column.type == "text":
        return [figure.raw]
    value, ulp = figures.value(figure, column.type)
    if column.type == "amount":
        return [value]
    return [value, ulp, figure.unit] if column.type == "measure" else [value, ulp]


def _wide_row(filing: str, form: Form, figures: _Figures, ulp: Decimal | None) -> tuple[Any, ...]:
    values: dict[str, Decimal | None] = {}
    for line in form.lines:
        cells = figures.by_cell.get((form.id, "", line.zh)) or figures.by_cell.get(
            (form.id, "", line.code or line.zh), {}
        )
        for column in form.columns:
            if column.side in ("", line.side):
                figure = cells.get(column.zh)
                values[wide_column(line, column, form)] = figures.value(figure, "amount")[0] if figure else None
    return (filing, ulp, *values.values())


def _add_narrative(rows: Rows, filing: str, disclosure: Disclosure, vocabulary: Vocabulary, figures: _Figures) -> None:
    claims = {claim.id: claim for claim in disclosure.claims}
    pages = {sentence.position: place_number(sentence.place) for sentence in disclosure.sentences}
    first: dict[str, Claim] = {}
    for claim in disclosure.claims:
        first.setdefault(claim.concept, claim)
    narrative: list[Any] = [filing]
    for concept in vocabulary.concepts:
        named = first.get(concept.zh) or (first.get(concept.figure) if concept.figure else None)
        narrative.extend((*_claim_value(named, concept.type, figures), named.id) if named else (None, None, None))
    rows["narrative"].append(tuple(narrative))
    for relation in disclosure.relations:
        kind = vocabulary.relations.get(relation.kind)
        if kind:
            _add_relation(rows, filing, relation, kind, claims, pages.get(relation.sentence), figures)


def _add_relation(
    rows: Rows,
    filing: str,
    relation: Relation,
    kind: RelationKind,
    claims: Mapping[str, Claim],
    page: int | None,
    figures: _Figures,
) -> None:
    texts = relation.text or {}
    down = texts.get("direction") == "down"
    values: list[Any] = []
    for role in kind.roles:
        said, ref = texts.get(role.en), relation.roles.get(role.en)
        if role.type == "text":
            values.append(said)
        elif ref is None and said and said.isdecimal():  # a year is said, not claimed
            values.extend((Decimal(said), Decimal(1), None))
        else:
            values.extend(_role_values(ref, role, claims, figures, down))
    refs: tuple[str, ...] = (*relation.roles.values(), *relation.parts)
    subject = texts.get("subject") or next((claims[ref].subject for ref in refs if ref in claims), "")
    page = page if page is not None else next(filter(None, (figures.page(ref) for ref in refs)), None)
    key = [filing, relation.id, relation.sentence, page, subject]
    if kind.between_years:
        key.append(_compared(relation, claims, figures.fiscal_year))
    rows[kind.table].append((*key, *values))
    if kind.members:
        for position, ref in enumerate(relation.parts):
            member = claims[ref].subject if ref in claims else ref
            value = _role_values(ref, kind.members, claims, figures, down)
            rows[f"{kind.table}_member"].append((filing, relation.id, position, member, *value))


def _compared(relation: Relation, claims: Mapping[str, Claim], year: int | None) -> str:
    """The figure or quantity of which a statement gives the change since last year, "" where it is the change of another year,
    or from a budget, or where the text does not say from what."""
    stated = claims.get(relation.roles.get("change") or relation.roles.get("rate") or "")
    current = claims.get(relation.roles.get(CURRENT) or "")
    if not stated or not current or year is None or current.year not in (year, None):
        return ""
    base = stated.base
    told = _YEAR.search(base)
    last_year = int(told.group()) == year - 1 if told else base.startswith(("上年", "上一年", "去年"))
    return current.concept if last_year and "预算" not in base else ""


def _role_values(
    ref: str | None, role: Column, claims: Mapping[str, Claim], figures: _Figures, down: bool
) -> tuple[Decimal | None, Decimal | None, str | None]:
    """Value, ulp and id of the claim or figure in a role; a signed role of a decrease is negative."""
    if ref is None:
        return None, None, None
    claim = claims.get(ref)
    value, ulp = _claim_value(claim, role.type, figures) if claim else figures.cited(ref, role.type)
    if role.signed and down and value is not None:
        value = -abs(value)
    return value, ulp, ref


def _claim_value(claim: Claim, type_: str, figures: _Figures) -> tuple[Decimal | None, Decimal | None]:
    """Value and ulp of `claim`: amounts in 万元, anything else as printed; (None, None) beyond the tables' range."""
    value, ulp = claim.value, claim.ulp
    if claim.kind == "count" and not claim.unit.startswith(("百", "千", "万")):
        ulp = Decimal(0)  # six vehicles are neither five and a half nor six and a half
    if type_ == "amount":
        unit = claim.unit or figures.fallback_unit
        value, ulp = in_wan(value, unit), in_wan(ulp, unit)
    return _stored(value, ulp) if abs(value) < LIMIT else (None, None)
