"""What rules must know of values that were left out: which figures are open, and which totals with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from flows.read.document import Place
from flows.recognise.disclosure import Doubt, FormRow
from flows.recognise.doubts import with_totals
from flows.recognise.performance.part import Part

_LOST = {
    "zh": "这一行与栏目错位，此格未见数字，可能被挤出表外",
    "en": "the row is shifted and this value may have been pushed out of the table",
}


_BESIDE = {
    "zh": "这张表的多数行与栏目错位，栏目可能认错",
    "en": "most rows of this table stand beside their headings, which may be misread",
}


def uncertain(parts: Sequence[Part]) -> tuple[Doubt, ...]:
    """A doubt about each figure whose value was left out, or may have been pushed out of the table, and each total above it;
    and about every figure of a table whose headings may be misread.
    """
    doubts: dict[str, Doubt] = {}
    for part in parts:
        if _headings_misread(part):
            doubts |= {figure.id: Doubt(figure.id, _BESIDE, figure.place) for figure in part.figures}
        rows = {row.row_key for row in part.rows}
        read = {(figure.row_key, figure.column) for figure in part.figures}
        for left in part.doubts:
            if left.row_key not in rows:
                continue
            columns = [left.column] if left.column else _open_columns(part, left.row_key, read)
            for column in columns:
                _add(doubts, part, left.row_key, column, left.reason, left.place)
        for row, column in part.lost:
            if (row.row_key, column) not in read and _may_complete(part, row, column):
                _add(doubts, part, row.row_key, column, _LOST, row.place)
    return tuple(doubts.values())


def _headings_misread(part: Part) -> bool:
    """Whether a table with a place on its page has more rows of a block beside its headings than under them.

    A publisher's slip moves a row or two; a text rendering, which has no such places, may lose the same cell in every row.
    """
    if not part.figures or part.figures[0].place.bbox is None:
        return False
    block = {row.row_key: row.block for row in part.rows}
    rows = Counter(block.get(key, "") for key in {figure.row_key for figure in part.figures})
    beside = Counter(row.block for row, _ in part.shifted)
    return any(count > 1 and 2 * count > rows[name] for name, count in beside.items())


def _may_complete(part: Part, row: FormRow, column: str) -> bool:
    """Whether a lost value could bring the sum to the total above it; a score lies between nothing and its points."""
    values = {(figure.row_key, figure.column): figure.value for figure in part.figures}
    total, points = values.get((row.parent_key, column)), values.get((row.row_key, "分值"))
    if column != "得分" or total is None or points is None:
        return True
    siblings = (other.row_key for other in part.rows if other.parent_key == row.parent_key)
    return 0 <= total - sum(values.get((key, column), Decimal(0)) for key in siblings) <= points


def _open_columns(part: Part, key: str, read: set[tuple[str, str]]) -> list[str]:
    return [column.zh for column in part.form.columns if (key, column.zh) not in read]


def _add(doubts: dict[str, Doubt], part: Part, row_key: str, column: str, reason: dict[str, str], place: Place) -> None:
    within = f"{part.form.id}({part.part})" if part.part else part.form.id
    for name in with_totals(within, part.rows, row_key, column):
        doubts.setdefault(name, Doubt(name, reason, place))
