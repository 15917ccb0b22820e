"""The warehouse → a disclosure again, exactly as it was loaded: derived tables are made from it anew when they must be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb

from flows.read.document import Place
from flows.recognise.disclosure import (
    Claim,
    Disclosure,
    Doubt,
    Figure,
    Filing,
    FormReading,
    FormRow,
    Reading,
    Relation,
    Sentence,
)
from flows.sql import run

_PLACE = "page, x0, y0, x1, y1, sheet, cell, line"


def stored(connection: duckdb.DuckDBPyConnection, filing: str) -> Disclosure:
    """The disclosure loaded as `filing`.

    Raises KeyError when no filing version has this key.
    """

    def rows(columns: str, table: str) -> list[dict[str, Any]]:
        found = run(connection, f"SELECT {columns} FROM {table} WHERE filing = ? ORDER BY {table}.rowid", filing)
        names = [column[0] for column in found.description or ()]
        return [_with_place(dict(zip(names, row, strict=True))) for row in found.fetchall()]

    heads = rows("*", "filing")
    if not heads:
        raise KeyError(filing)
    head = heads[0]
    found = run(connection, "SELECT source, media_type FROM document WHERE sha256 = ?", head["document"])
    source, media_type = found.fetchone() or ("", "")
    relations = rows("id, kind, sentence, role, ref, text", "claim_relation")
    return Disclosure(
        source=source,
        sha256=head["document"],
        media_type=media_type,
        filing=Filing(
            head["organisation"],
            head["fiscal_year"],
            head["kind"],
            head["scope"],
            head["unit"],
            head["region"] or "",
        ),
        reading=Reading(
            head["pages"],
            head["numbers_seen"],
            head["numbers_placed"],
            tuple((row["text"], row["place"]) for row in rows(f"text, {_PLACE}", "unplaced_number")),
            tuple(_form_reading(row) for row in rows("* EXCLUDE (filing)", "form_reading")),
            tuple(_doubt(row) for row in rows("* EXCLUDE (filing)", "doubt")),
        ),
        rows=tuple(FormRow(**row) for row in rows("* EXCLUDE (filing)", "form_row")),
        figures=tuple(Figure(**row) for row in rows("* EXCLUDE (filing)", "figure")),
        sentences=tuple(
            Sentence(row["position"], row["section"], row["text"], Place(page=row["page"], line=row["line"]))
            for row in rows("* EXCLUDE (filing)", "sentence")
        ),
        claims=tuple(Claim(**row) for row in rows("* EXCLUDE (filing)", "claim")),
        relations=_relations(relations),
    )


def _with_place(row: dict[str, Any]) -> dict[str, Any]:
    """`row` with its columns of place made one, and numbers without the zeros that their column's scale adds."""
    if "x0" in row:
        box = (row.pop("x0"), row.pop("y0"), row.pop("x1"), row.pop("y1"))
        row["place"] = Place(
            row.pop("page"), None if box[0] is None else box, row.pop("sheet"), row.pop("cell"), row.pop("line")
        )
    return {name: _short(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _short(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value.normalize()


def _form_reading(row: dict[str, Any]) -> FormReading:
    zh, en = row.pop("reason_zh"), row.pop("reason_en")
    row["pages"] = tuple(row["pages"])
    return FormReading(**row, reason=None if zh is None else {"zh": zh, "en": en or zh})


def _doubt(row: dict[str, Any]) -> Doubt:
    return Doubt(row["id"], {"zh": row["reason_zh"], "en": row["reason_en"]}, row["place"])


def _relations(rows: Iterable[dict[str, Any]]) -> tuple[Relation, ...]:
    made: dict[str, Relation] = {}
    for row in rows:
        before = made.get(row["id"]) or Relation(row["id"], row["kind"], {}, row["sentence"], (), {})
        if row["role"] == "*":
            before = replace(before, parts=(*before.parts, row["ref"]))
        elif row["ref"] is not None:
            before = replace(before, roles=before.roles | {row["role"]: row["ref"]})
        else:
            before = replace(before, text=(before.text or {}) | {row["role"]: row["text"]})
        made[row["id"]] = before
    return tuple(made.values())
