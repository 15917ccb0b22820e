"""Which sources of money are parts of the total, and which of the source printed above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.performance.part import Part


def settle_sources(part: Part, known: Sequence[str]) -> None:
    """Rows of sources that the vocabulary does not know (`known` are those it does) go to the parent whose sum they complete.

    Below "其中：中央补助", itself a part of 财政拨款, a row 省级补助 may be one more part of 财政拨款 or of the total; nothing printed
    tells, save that the sums agree with one of the two. Where they agree with neither it stays with the total.
    """
    rows = [row for row in part.rows if row.block == "funds"]
    for position, row in enumerate(rows):
        if row.level != 3 or (position + 1 < len(rows) and rows[position + 1].level == 3):
            continue
        follow = _unknown_after(rows, position, known)
        for count in range(len(follow) + 1):
            moved = {one.row_key: replace(one, level=3, parent_key=row.parent_key) for one in follow[:count]}
            if _agree(part, [moved.get(one.row_key, one) for one in rows], row.parent_key):
                part.rows = [moved.get(one.row_key, one) for one in part.rows]
                break


def _unknown_after(rows: Sequence[FormRow], position: int, known: Sequence[str]) -> list[FormRow]:
    follow: list[FormRow] = []
    for row in rows[position + 1 :]:
        if row.level != 2 or row.row_key in known:
            break
        follow.append(row)
    return follow


def _agree(part: Part, rows: Sequence[FormRow], middle: str) -> bool:
    """Whether the source `middle` and the total above it are, within rounding, the sums of their parts in every column."""
    top = next((row.parent_key for row in rows if row.row_key == middle), "")
    figures = {(f.row_key, f.column): f for f in part.figures}
    columns = {c.zh for c in part.form.columns if c.type == "amount"}
    checked = [
        _sums(figures[whole, column], [figures[k, column] for k in _parts(rows, whole) if (k, column) in figures])
        for whole in (middle, top)
        for column in columns
        if (whole, column) in figures
    ]
    return bool(checked) and all(checked)


def _parts(rows: Sequence[FormRow], whole: str) -> list[str]:
    return [row.row_key for row in rows if row.parent_key == whole]


def _sums(whole: Figure, parts: Sequence[Figure]) -> bool:
    bound = sum((figure.ulp / 2 for figure in (whole, *parts)), Decimal(0))
    return abs(whole.value - sum(figure.value for figure in parts)) <= bound
