"""A disclosure → the rows of the tables of what was read (`flows.schema.READ_TABLES`), everything as it was printed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flows.form_tables import Rows, overflowing_forms
from flows.read.document import Place
from flows.recognise.disclosure import Disclosure


def read_rows(key: str, disclosure: Disclosure) -> Rows:
    """Table name → rows in the order of the table's columns, of the filing with this key."""
    rows: Rows = defaultdict(list)
    refused = overflowing_forms(disclosure)
    for form in disclosure.reading.forms:
        reason = form.reason or {}
        status = form.status
        if form.form in refused:
            raw = refused[form.form].raw
            status = "unreadable"
            reason = {"zh": f"数字“{raw}”超出金额范围", "en": f"the number “{raw}” is too large to be an amount"}
        why = (reason.get("zh"), reason.get("en"))
        rows["form_reading"].append(
            (key, form.form, form.title, list(form.pages), status, form.unit, form.statement, *why)
        )
    rows["unplaced_number"] = [(key, text, *_place(place)) for text, place in disclosure.reading.unplaced]
    rows["doubt"] = [
        (key, doubt.id, doubt.reason["zh"], doubt.reason["en"], *_place(doubt.place))
        for doubt in disclosure.reading.doubts
    ]
    for row in disclosure.rows:
        known_as = (row.form, row.part, row.row_key, row.code, row.label, row.level, row.parent_key, row.position)
        rows["form_row"].append((key, *known_as, row.block, row.side, *_place(row.place)))
    for f in disclosure.figures:
        cell = (f.id, f.form, f.part, f.row_key, f.column)
        rows["figure"].append((key, *cell, f.value, f.unit, f.ulp, f.raw, f.relation, *_place(f.place)))
    for s in disclosure.sentences:
        rows["sentence"].append((key, s.position, s.section, s.text, s.place.page, s.place.line))
    for c in disclosure.claims:
        said = (c.id, c.kind, c.subject, c.base, c.concept, c.value, c.unit, c.ulp, c.direction, c.quote)
        rows["claim"].append((key, *said, c.sentence, c.start, c.end, c.year, *_place(c.place)))
    for r in disclosure.relations:
        tied: list[tuple[Any, ...]] = [(role, 0, ref, None) for role, ref in r.roles.items()]
        tied += [("*", position, ref, None) for position, ref in enumerate(r.parts)]
        tied += [(role, 0, None, text) for role, text in (r.text or {}).items()]
        rows["claim_relation"].extend((key, r.id, r.kind, r.sentence, *one) for one in tied)
    return rows


def _place(place: Place) -> tuple[Any, ...]:
    return (place.page, *(place.bbox or (None,) * 4), place.sheet, place.cell, place.line)
