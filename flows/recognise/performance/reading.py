"""Recognises the tables of the performance self-evaluation (绩效自评) as rows and figures.

P01 整体支出 (one a filing), P02 项目支出 (one a project), P03 the summary with a row a project. Printed values are never
altered; a value whose column cannot be told from its neighbour's is left out and named as a doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from expectations.vocabulary import Vocabulary
from flows.read.document import Document, Line, Place
from flows.recognise import disclosure
from flows.recognise.disclosure import Figure, FormReading, FormRow, Relation
from flows.recognise.performance.cells import has_digit, without_markup, wordless
from flows.recognise.performance.indicators import relations
from flows.recognise.performance.part import DEFAULT_UNIT, Doubt, Part, numbered
from flows.recognise.performance.rows import alike_in_precision, read_rows
from flows.recognise.performance.tables import performance_tables
from flows.recognise.performance.uncertain import uncertain

FORMS = ("P01", "P02", "P03")
T = TypeVar("T", str, int)
_MOST_NAMED = 5
"""Shifted rows named one by one; beyond that only their number is told."""


@dataclass(frozen=True, slots=True)
class Told:
    """In which table a text stands, and whether it says what was `planned` rather than what was done."""

    form: str
    part: str
    planned: bool


@dataclass(frozen=True)
class PerformanceReading:
    """All performance tables of one document.

    `forms` holds one reading for each of P01, P02 and P03. `grids`: id() of every grid these tables took. `text_cells`:
    cells of running text that contain numbers (goals, reasons for deviations), for the narrative; `told` says by the id() of a
    cell's place in which table it stands. `relations`: what the rows of the tables tie together. `doubts`: values left out; `unplaced` the same as (text, place), in the shape of `Reading.unplaced`; `uncertain` the figures that are open
    because of them. `titles`: id() of the places of the tables' titles. `organisation` and `year`: whose evaluation most
    tables say it is, the department before the unit that carries out a project, and of which year.
    """

    rows: tuple[FormRow, ...]
    figures: tuple[Figure, ...]
    forms: tuple[FormReading, ...]
    grids: frozenset[int]
    text_cells: tuple[Line, ...]
    told: Mapping[int, Told]
    relations: tuple[Relation, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    titles: frozenset[int] = frozenset()
    uncertain: tuple[disclosure.Doubt, ...] = ()
    organisation: str = ""
    year: int | None = None

    @property
    def found(self) -> tuple[FormReading, ...]:
        """The forms that are there."""
        return tuple(form for form in self.forms if form.status != "missing")

    @property
    def unplaced(self) -> tuple[tuple[str, Place], ...]:
        return tuple((doubt.raw, doubt.place) for doubt in self.doubts)


def recognise_performance(document: Document, vocabulary: Vocabulary) -> PerformanceReading:
    """The rows and figures of every performance table of `document`."""
    tables = performance_tables(document, vocabulary)
    parts: list[Part] = []
    names: dict[Hashable, int] = {}
    for table in tables:
        name = wordless(table.project).replace("/", "／")
        part = numbered(name, (table.form, name), names)
        parts.append(read_rows(Part(table, vocabulary.forms[table.form], part)))
    figures = [
        figure
        for form in FORMS
        for figure in alike_in_precision(
            vocabulary.forms[form], [f for part in parts if part.table.form == form for f in part.figures]
        )
    ]
    text = [cell for part in parts for cell in part.text if has_digit(cell.text)]
    return PerformanceReading(
        rows=tuple(row for part in parts for row in part.rows),
        figures=tuple(figures),
        forms=tuple(_form_reading(form, [part for part in parts if part.table.form == form]) for form in FORMS),
        grids=frozenset(grid for table in tables for grid in table.grids),
        text_cells=tuple(Line(without_markup(cell.text), cell.place, cell.doubt) for cell in text),
        told={
            id(cell.place): Told(part.form.id, part.part, id(cell.place) in part.planned)
            for part in parts
            for cell in part.text
        },
        relations=relations(parts),
        doubts=tuple(doubt for part in parts for doubt in part.doubts),
        titles=frozenset(id(table.place) for table in tables),
        uncertain=uncertain(parts),
        organisation=_commonest(t.department for t in tables) or _commonest(t.implementer for t in tables) or "",
        year=_commonest(table.year for table in tables),
    )


def _commonest(values: Iterable[T | None]) -> T | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None


def _form_reading(form: str, parts: Sequence[Part]) -> FormReading:
    if not parts:
        return FormReading(form, "", (), "missing")
    pages = {_page(part.table.place) for part in parts}
    pages |= {row.place.page for part in parts for row in part.rows if row.place.page and row.place.line is None}
    status = "read" if any(part.figures for part in parts) else "blank"
    reason = _shifted(parts)
    if status == "blank" and any(part.doubts for part in parts):
        status = "unreadable"
        reason = {"zh": "表中数字无法对应到栏目", "en": "the numbers of the table could not be assigned to its columns"}
    title = next((part.table.title for part in parts if part.table.title), "")
    unit = next((part.table.unit for part in parts if part.table.unit), DEFAULT_UNIT)
    return FormReading(form, title, tuple(sorted(pages)), status, unit, "", reason)


def _shifted(parts: Sequence[Part]) -> dict[str, str] | None:
    """Which rows do not stand under their headings, in words; None when all do."""
    rows = [(part, row, by) for part in parts for row, by in part.shifted]
    if not rows:
        return None
    zh, en = [], []
    for part, row, by in rows[:_MOST_NAMED]:
        name = f"{part.part}·{row.label}" if part.part else row.label
        zh.append(f"“{name}”错位{abs(by)}格（偏{'右' if by > 0 else '左'}）")
        en.append(f"{name} by {abs(by)} to the {'right' if by > 0 else 'left'}")
    more = len(rows) - _MOST_NAMED
    return {
        "zh": f"有{len(rows)}行的数字与栏目错位，按各格内容对应栏目：{'、'.join(zh)}{'等' if more > 0 else ''}",
        "en": f"in {len(rows)} rows values are shifted against their headings and were read by what they hold: "
        f"{'; '.join(en)}{'; and others' if more > 0 else ''}",
    }


def _page(place: Place) -> int:
    return place.line or place.page or 0
