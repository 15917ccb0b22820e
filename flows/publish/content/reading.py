"""What the pages of filings show, read some filings at a time: rows of the warehouse as the records of `views`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

import duckdb

from flows.publish.content import suspected
from flows.publish.content.queries import verdict_of
from flows.publish.content.views import (
    Agreement,
    Claim,
    Contents,
    Figure,
    Filing,
    FormReading,
    FormRow,
    Passed,
    Run,
    Sentence,
    Shape,
    Spot,
    Verdict,
)

STAGE = 200
"""Filings whose rows are looked out of the whole tables at once: to look through twenty million verdicts takes seconds."""
BATCH = 20
"""Filings read at once: few queries, little memory."""
_STAGED = ("form_reading", "doubt", "form_row", "figure", "sentence", "claim", "claim_relation", *suspected.TABLES)

_PASSED = "status IN ('holds', 'rounding')"
_NAMES_ONE = "len(list_filter(terms, t -> t.id IS NOT NULL)) > 0"
_JUDGED = {
    "verdict": f"SELECT * FROM staged_everything WHERE NOT ({_PASSED})",
    # Lists of structures become dictionaries here, the dearest way to read a thousand verdicts: so what is alike of many is one
    # text, and numbers are another.
    "agreement": f"""SELECT filing, rule, instance, status, measure,
        to_json(list_transform(terms, t -> [t.side, t.sign, t.label]))::VARCHAR AS shape,
        to_json(list_transform(terms, t -> t.id))::VARCHAR AS ids,
        array_to_string(list_transform(terms, t -> concat(t.value, ' ', t.radius)), ';') AS parts,
        concat(stated, ' ', computed, ' ', bound) AS result
        FROM staged_everything WHERE {_PASSED} AND {_NAMES_ONE}""",
    "passed": f"""SELECT filing, rule, status, count(*) AS number, CASE WHEN coalesce(len(terms), 0) = 0 AND instance IN
        (SELECT form FROM staged_form_reading UNION SELECT form FROM staged_form_row) THEN instance ELSE '' END AS form
        FROM staged_everything WHERE {_PASSED} AND NOT coalesce({_NAMES_ONE}, false)
        GROUP BY ALL""",
}
"""Verdicts: findings; those that agree and name a figure; how many agree that name none."""

_SPOT = "page, x0, y0, sheet, cell, line, x1, y1"
T = TypeVar("T")


def contents(db: duckdb.DuckDBPyConnection, listed: Sequence[Filing], run: Run | None) -> Iterator[Contents]:
    """What each filing's page shows, in the order of `listed`."""
    for start in range(0, len(listed), STAGE):
        staged = listed[start : start + STAGE]
        _stage(db, [filing.key for filing in staged], run)
        for at in range(0, len(staged), BATCH):
            yield from _read(db, staged[at : at + BATCH], run)
    for table in (*_STAGED, *_JUDGED) if listed else ():
        db.execute(f"DROP TABLE staged_{table}")


def _stage(db: duckdb.DuckDBPyConnection, keys: Sequence[str], run: Run | None) -> None:
    """The rows of these filings stand in tables of their own, named staged_…, that end with the connection."""
    few = "filing IN (SELECT unnest($keys))"
    for table in _STAGED:
        db.execute(f"CREATE OR REPLACE TEMP TABLE staged_{table} AS SELECT * FROM {table} WHERE {few}", {"keys": keys})
    # The table of verdicts is by far the largest: it is looked through once.
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE staged_everything AS SELECT * FROM verdict WHERE run = $run AND {few}",
        {"keys": keys, "run": run.id if run else ""},
    )
    for table, sql in _JUDGED.items():
        db.execute(f"CREATE OR REPLACE TEMP TABLE staged_{table} AS {sql}")
    db.execute("DROP TABLE staged_everything")


def _read(db: duckdb.DuckDBPyConnection, batch: Sequence[Filing], run: Run | None) -> Iterator[Contents]:
    keys = [filing.key for filing in batch]
    readings, rows = _readings(db, keys), _rows(db, keys)
    figures, sentences, claims = _figures(db, keys), _sentences(db, keys), _claims(db, keys)
    doubts, printed = _doubts(db, keys), _Printed(figures, rows, claims, sentences)
    verdicts = _verdicts(db, keys, run, printed)
    agreements, passed = _agreements(db, keys), _passed(db, keys)
    cases = suspected.cases(db, keys, "staged_")
    for filing in batch:
        key = filing.key
        yield Contents(
            filing,
            readings[key],
            rows[key],
            figures[key],
            sentences[key],
            claims[key],
            verdicts[key],
            dict(doubts[key]),
            agreements[key],
            passed[key],
            cases.get(key, ()),
        )


class _ByFiling(dict[str, tuple[T, ...]]):
    def __missing__(self, key: str) -> tuple[T, ...]:
        return ()


def _grouped(found: Iterator[tuple[str, T]]) -> _ByFiling[T]:
    made: dict[str, list[T]] = defaultdict(list)
    for filing, item in found:
        made[filing].append(item)
    return _ByFiling({filing: tuple(items) for filing, items in made.items()})


def _select(db: duckdb.DuckDBPyConnection, keys: Sequence[str], sql: str) -> list[tuple[Any, ...]]:
    return db.execute(sql, {"keys": list(keys)}).fetchall()


def _readings(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[FormReading]:
    rows = _select(
        db,
        keys,
        "SELECT filing, form, title, pages, status, unit, statement, reason_zh, reason_en FROM staged_form_reading "
        "WHERE filing IN (SELECT unnest($keys)) ORDER BY filing, form",
    )
    return _grouped(
        (r[0], FormReading(r[1], r[2] or "", tuple(r[3] or ()), r[4], *(v or "" for v in r[5:]))) for r in rows
    )


def _doubts(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[tuple[str, dict[str, str]]]:
    rows = _select(
        db, keys, "SELECT filing, id, reason_zh, reason_en FROM staged_doubt WHERE filing IN (SELECT unnest($keys))"
    )
    return _grouped((filing, (id, {"zh": zh, "en": en})) for filing, id, zh, en in rows)


def _rows(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[FormRow]:
    rows = _select(
        db,
        keys,
        f"SELECT filing, form, part, row_key, code, label, level, position, block, side, {_SPOT} FROM staged_form_row "
        "WHERE filing IN (SELECT unnest($keys)) ORDER BY filing, form, position",
    )
    return _grouped(
        (
            r[0],
            FormRow(
                r[1],
                r[2] or "",
                r[3],
                r[4] or "",
                r[5] or "",
                r[6] or 0,
                r[7] or 0,
                r[8] or "",
                r[9] or "",
                Spot(*r[10:]),
            ),
        )
        for r in rows
    )


def _figures(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[Figure]:
    rows = _select(
        db,
        keys,
        f'SELECT filing, id, form, part, row_key, "column", value, unit, ulp, raw, relation, {_SPOT} FROM staged_figure '
        "WHERE filing IN (SELECT unnest($keys)) ORDER BY filing, form, id",
    )
    return _grouped(
        (
            r[0],
            Figure(r[1], r[2], r[3] or "", r[4], r[5], r[6], r[7] or "", r[8], r[9] or "", r[10] or "", Spot(*r[11:])),
        )
        for r in rows
    )


def _sentences(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[Sentence]:
    rows = _select(
        db,
        keys,
        "SELECT filing, position, section, text, page, line FROM staged_sentence WHERE filing IN (SELECT unnest($keys)) ORDER BY filing, position",
    )
    return _grouped((r[0], Sentence(r[1], r[2] or "", r[3] or "", Spot(page=r[4], line=r[5]))) for r in rows)


def _claims(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[Claim]:
    rows = _select(
        db,
        keys,
        f'SELECT filing, id, kind, subject, value, unit, ulp, quote, sentence, start, "end", {_SPOT} FROM staged_claim '
        'WHERE filing IN (SELECT unnest($keys)) ORDER BY filing, sentence, start, "end" DESC, id',
    )
    return _grouped(
        (
            r[0],
            Claim(
                r[1],
                r[2] or "",
                r[3] or "",
                r[4],
                r[5] or "",
                r[6],
                r[7] or "",
                r[8],
                r[9] or 0,
                r[10] or 0,
                Spot(*r[11:]),
            ),
        )
        for r in rows
    )


_TOLD = (
    "rule, filing, instance, status, stated, computed, difference, bound, unexplained, measure, reason, page, terms, "
    "fingerprint, root"
)


def _verdicts(
    db: duckdb.DuckDBPyConnection, keys: Sequence[str], run: Run | None, read: _Printed
) -> _ByFiling[Verdict]:
    """As `queries.VERDICT` tells them, but joined here with what was read already: for every verdict that takes the database
    most of the time."""
    if run is None:
        return _ByFiling()
    sentences = "SELECT DISTINCT filing, id, sentence FROM staged_claim_relation WHERE filing IN (SELECT unnest($keys))"
    said = {(filing, id): sentence for filing, id, sentence in _select(db, keys, sentences)}
    rows = _select(
        db,
        keys,
        f"SELECT {_TOLD} FROM staged_verdict WHERE filing IN (SELECT unnest($keys)) ORDER BY filing, rule, instance",
    )
    return _grouped((row[1], verdict_of(read.told(row, said))) for row in rows)


def _agreements(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[Agreement]:
    rows = _select(
        db,
        keys,
        "SELECT filing, rule, instance, status, measure, shape, ids, parts, result FROM staged_agreement "
        "WHERE filing IN (SELECT unnest($keys))",
    )
    # Ordered here: where DuckDB 1.5.6 must put what it orders on disk, it crashes.
    rows.sort(key=itemgetter(0, 1, 2))
    named = json.loads(
        f"[{','.join([row[6] for row in rows])}]"
    )  # at once: a call for each takes as long as all that is in it
    return _grouped(
        (filing, Agreement(rule, status, measure or "", _shape(shape), ids, parts.split(";"), result))
        for (filing, rule, _, status, measure, shape, _, parts, result), ids in zip(rows, named, strict=True)
    )


@lru_cache(maxsize=5000)
def _shape(text: str) -> Shape:
    terms = [(at, side, sign or "", label or "") for at, (side, sign, label) in enumerate(json.loads(text))]
    return Shape(
        tuple((at, sign, label) for at, side, sign, label in terms if side != "stated"),
        tuple((at, sign, label) for at, side, sign, label in terms if side == "stated"),
    )


def _passed(db: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> _ByFiling[Passed]:
    rows = _select(
        db,
        keys,
        "SELECT filing, rule, status, form, number FROM staged_passed WHERE filing IN (SELECT unnest($keys)) ORDER BY ALL",
    )
    return _grouped((filing, Passed(*told)) for filing, *told in rows)


class _Printed:
    """What some filings print, to be found by filing and id."""

    def __init__(
        self,
        figures: Mapping[str, Sequence[Figure]],
        rows: Mapping[str, Sequence[FormRow]],
        claims: Mapping[str, Sequence[Claim]],
        sentences: Mapping[str, Sequence[Sentence]],
    ) -> None:
        self.figures = {(key, one.id): one for key, some in figures.items() for one in some}
        self.claims = {(key, one.id): one for key, some in claims.items() for one in some}
        self.sentences = {(key, one.position): one for key, some in sentences.items() for one in some}
        self.labels = {(key, r.form, r.part, r.row_key): r.label for key, some in rows.items() for r in some}

    def told(self, row: tuple[Any, ...], said: Mapping[tuple[str, str], int]) -> tuple[Any, ...]:
        """A row of `queries.VERDICT` from the columns `_TOLD`: what it is about, and where, follows from the figure or claim that
        it states, else from the sentence that is its instance. `said`: the sentence of a relation between claims."""
        key, instance, terms = row[1], row[2] or "", row[12] or ()
        stated = next((term["id"] for term in terms if term["side"] == "stated" and term["id"] is not None), "")
        figure, claim = self.figures.get((key, stated)), self.claims.get((key, stated))
        sentence = None
        if all(term["id"] is None for term in terms):
            position = int(instance) if instance.isdecimal() else said.get((key, instance), -1)
            sentence = self.sentences.get((key, position))
        spots = [one.spot for one in (figure, claim, sentence) if one]
        page = next(
            (n for n in (row[11], *(n for spot in spots for n in (spot.page, spot.line))) if n is not None), None
        )
        about: tuple[Any, ...] = (None,) * 7
        if figure:
            label = self.labels.get((key, figure.form, figure.part, figure.row_key))
            about = (figure.form, figure.part, label, figure.column, None, None, None)
        if claim:
            within = self.sentences.get((key, claim.sentence))
            about = (
                *about[:4],
                claim.subject,
                (within.text[claim.start : claim.end] if within else "") or claim.quote,
                None,
            )
        if sentence:
            about = (*about[:5], sentence.text, sentence.position)
        return (*row[:11], page, *row[12:], *about)
