"""A form laid out again as its department published it: which cell stands where, and how each figure is marked.

Two-sided forms (T01, T04) are paired line by line where their places allow it, T06 gets its column groups, coded forms their
indents, performance tables one table a block. Nothing here knows a language or a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from expectations.vocabulary import Form
from flows.publish.content.views import Figure, FormRow, Spot

SAME_LINE = 6.0
"""Points by which two rows of one printed line may differ in height: wrapped labels push them apart, rows are 12 and more."""

_TOTAL = re.compile(r"(合计|总计|总分)$")
_FUND_FORMS = ("T08", "T09")
_ECONOMIC_GROUPS = (("301", "303"), ("302",))


class Mark(NamedTuple):
    """One figure on the page. `title` is said in each language, or (); `standing` as in `standing`; `role` stated or computed within a
    finding, or suspect; `notes` its finding numbers.

    `href` leads to its gravest finding, "" where there is none."""

    id: str
    text: str
    title: tuple[str, ...]
    standing: str
    role: str
    notes: tuple[int, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column heading; `kind`: code, label or value. `key` is "code", "label" or the column's name."""

    kind: str
    key: str
    begins: bool = False


class Cell(NamedTuple):
    """One cell; a label names its row. `strong` is a class or a total, `total` a line that sums the table up,
    `begins` the first column of a group that stands beside another."""

    kind: str
    text: str = ""
    level: int = 0
    strong: bool = False
    total: bool = False
    mark: Mark | None = None
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: `part` (the project, or ""), `block`, the heads of all its groups, and its rows of cells.

    `titles` names the groups of a two-sided form ("income", "expenditure"), each with the number of its columns.
    """

    part: str
    block: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    groups: int = 1
    titles: tuple[tuple[str, int], ...] = ()


MarkOf = Callable[[Figure], Mark]


def sheets(form: Form | None, rows: Sequence[FormRow], figures: Sequence[Figure], mark: MarkOf) -> tuple[Sheet, ...]:
    """The tables of one form, in printed order; none when nothing of it was read.

    `form` is None for a form that the vocabulary does not know: its columns are then those of its figures.
    """
    made: list[Sheet] = []
    for part, within in groupby(sorted(rows, key=_by_part(rows)), key=lambda row: row.part):
        cells = {(f.row_key, f.column): f for f in figures if f.part == part}
        made.extend(_part(form, part, list(within), cells, mark))
    return tuple(made)


def _by_part(rows: Sequence[FormRow]) -> Callable[[FormRow], tuple[int, int]]:
    """The order in which the tables of a form are printed; positions count from 0 in each."""
    first: dict[str, tuple[float, ...]] = {}
    for row in rows:
        where = (row.spot.page or 0, row.spot.line or 0, row.spot.y0 or 0)
        first[row.part] = min(where, first.get(row.part, where))
    order = {part: i for i, part in enumerate(sorted(first, key=lambda part: first[part]))}
    return lambda row: (order[row.part], row.position)


def _part(
    form: Form | None, part: str, rows: list[FormRow], cells: Mapping[tuple[str, str], Figure], mark: MarkOf
) -> list[Sheet]:
    if form is not None and form.shape == "performance":
        return [
            _sheet(part, block, [[*within]], [_used(form, within, cells)], False, cells, mark)
            for block, within in _blocks(rows)
        ]
    coded = any(row.code for row in rows) and (form is None or form.shape == "coded")
    groups = _groups(form, rows)
    columns = [_columns(form, group, cells) for group in groups]
    return [_sheet(part, "", _beside(groups), columns, coded, cells, mark)]


def _sheet(
    part: str,
    block: str,
    groups: list[list[FormRow | None]],
    columns: list[list[str]],
    coded: bool,
    cells: Mapping[tuple[str, str], Figure],
    mark: MarkOf,
) -> Sheet:
    """Lay `groups` of equally many rows side by side, each with its own value columns."""
    heads: list[Head] = []
    for i, names in enumerate(columns):
        heads.extend([Head("code", "code", i > 0)] if coded else [])
        heads.append(Head("label", "label", i > 0 and not coded))
        heads.extend(Head("value", name) for name in names)
    lines: list[tuple[Cell, ...]] = []
    for beside in zip(*groups, strict=True):
        line: list[Cell] = []
        for i, (row, names) in enumerate(zip(beside, columns, strict=True)):
            line.extend(_cells(row, names, coded, i > 0, cells, mark))
        lines.append(tuple(line))
    sides = [next((row.side for row in group if row and row.side), "") for group in groups]
    titled = len(groups) == 2 and set(sides) == {"income", "expenditure"}
    titles = tuple((side, len(names) + 1 + coded) for side, names in zip(sides, columns, strict=True)) if titled else ()
    return Sheet(part, block, tuple(heads), tuple(lines), len(groups), titles)


def _cells(
    row: FormRow | None,
    names: list[str],
    coded: bool,
    begins: bool,
    cells: Mapping[tuple[str, str], Figure],
    mark: MarkOf,
) -> list[Cell]:
    if row is None:
        width = len(names) + 1 + coded
        return [Cell("value", begins=begins and i == 0) for i in range(width)]
    total = bool(_TOTAL.search(row.label)) and not row.code
    strong = total or (coded and row.level <= 1)
    made = [Cell("code", row.code, row.level, strong, total, begins=begins)] if coded else []
    made.append(Cell("label", row.label, row.level, strong, total, begins=begins and not coded))
    for name in names:
        figure = cells.get((row.row_key, name))
        made.append(Cell("value", "", row.level, strong, total, mark(figure) if figure else None))
    return made


def _columns(form: Form | None, rows: Sequence[FormRow], cells: Mapping[tuple[str, str], Figure]) -> list[str]:
    """The value columns of a group: those that the official form prints for this side, then any other that carries a figure."""
    seen = _seen(rows, cells)
    if form is None:
        return seen
    side = next((row.side for row in rows if row.side), "")
    known = [column.zh for column in form.columns if not side or column.side in ("", side)]
    if form.codes == "economic":
        # Published with one column of amounts or with a division into staff and operating: the same in all its groups.
        printed = {column for _, column in cells}
        known = [name for name in known if name in printed] or known[:1]
    elif form.id in _FUND_FORMS and seen:
        # Published with four columns or with six: an official column is kept blank only before printed ones.
        known = known[: max((i for i, name in enumerate(known) if name in seen), default=-1) + 1]
    return known + [name for name in seen if name not in known]


def _seen(rows: Sequence[FormRow], cells: Mapping[tuple[str, str], Figure]) -> list[str]:
    keys = {row.row_key for row in rows}
    return list(dict.fromkeys(column for key, column in cells if key in keys))


def _used(form: Form, rows: Sequence[FormRow], cells: Mapping[tuple[str, str], Figure]) -> list[str]:
    seen = _seen(rows, cells)
    known = [column.zh for column in form.columns if column.zh in seen]
    return known + [name for name in seen if name not in known]


def _blocks(rows: Sequence[FormRow]) -> list[tuple[str, list[FormRow]]]:
    """Runs of rows of one block; the line of the total closes the table that it follows."""
    made: list[tuple[str, list[FormRow]]] = []
    for row in rows:
        if made and row.block in (made[-1][0], "total"):
            made[-1][1].append(row)
        else:
            made.append((row.block, [row]))
    return made


def _groups(form: Form | None, rows: list[FormRow]) -> list[list[FormRow]]:
    """The column groups in which `rows` were printed: by side, by economic class, or all in one."""
    if form is None:
        return [rows]
    if form.shape == "lines" and {"income", "expenditure"} <= {row.side for row in rows}:
        return [[r for r in rows if r.side != "expenditure"], [r for r in rows if r.side == "expenditure"]]
    if form.codes == "economic" and _shares_lines(rows):
        return [group for group in _economic(form, rows) if group]
    return [rows]


def _economic(form: Form, rows: list[FormRow]) -> list[list[FormRow]]:
    staff = next((line.zh for line in form.totals if line.en == "staff_total"), "")
    groups: list[list[FormRow]] = [[], [], []]
    for row in rows:
        at = next((i for i, classes in enumerate(_ECONOMIC_GROUPS) if row.code.startswith(classes)), 2)
        groups[0 if row.row_key == staff else at].append(row)
    return groups


def _height(spot: Spot) -> tuple[int, float] | None:
    page = spot.page or 0
    if spot.cell and (found := re.search(r"\d+$", spot.cell)):
        return page, float(found[0]) * 100
    if spot.y0 is not None:
        return page, spot.y0
    return (page, spot.line * 100.0) if spot.line is not None else None


def _level_with(a: tuple[int, float], b: tuple[int, float]) -> bool:
    return a[0] == b[0] and abs(a[1] - b[1]) <= SAME_LINE


def _shares_lines(rows: Sequence[FormRow]) -> bool:
    """Whether several rows stand on one printed line, as they do in a form of several column groups."""
    heights = sorted(h for row in rows if (h := _height(row.spot)))
    close = sum(_level_with(a, b) for a, b in pairwise(heights))
    return close * 4 >= len(rows)


def _beside(groups: list[list[FormRow]]) -> list[list[FormRow | None]]:
    """`groups` made equally long: two of them line by line by their places, others each from the top."""
    if len(groups) == 2 and (paired := _paired(*groups)):
        return [[left for left, _ in paired], [right for _, right in paired]]
    longest = max(map(len, groups), default=0)
    return [[*group, *[None] * (longest - len(group))] for group in groups]


def _paired(left: list[FormRow], right: list[FormRow]) -> list[tuple[FormRow | None, FormRow | None]]:
    """Rows of one printed line together; empty when the places do not tell, or put no two rows on one line."""
    made: list[tuple[FormRow | None, FormRow | None]] = []
    i = j = together = 0
    while i < len(left) and j < len(right):
        a, b = _height(left[i].spot), _height(right[j].spot)
        if a is None or b is None:
            return []
        if _level_with(a, b):
            made.append((left[i], right[j]))
            i, j, together = i + 1, j + 1, together + 1
        elif a < b:
            made.append((left[i], None))
            i += 1
        else:
            made.append((None, right[j]))
            j += 1
    made.extend((row, None) for row in left[i:])
    made.extend((None, row) for row in right[j:])
    return made if together * 2 >= min(len(left), len(right)) else []
