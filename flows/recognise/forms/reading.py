"""The nine official forms (T01–T09) of a document, wherever and in whatever order they stand.

A table is taken for a form when its title says so or, without a title, when its columns can be those of one form only.
Nothing is forced: a table that is no known form is left alone, and a form whose numbers cannot all be accounted for is
unreadable, with the number named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from expectations.vocabulary import Vocabulary
from flows.read.document import Document, Page, Place
from flows.recognise.disclosure import Doubt, Figure, FormReading, FormRow
from flows.recognise.doubts import in_both, is_unread, unread_cells
from flows.recognise.forms.coded import read_coded
from flows.recognise.forms.cut import add_columns, rejoin
from flows.recognise.forms.found import (
    Found,
    adds_columns,
    amounts_alone,
    continued,
    header_again,
    is_next,
    other_amounts,
)
from flows.recognise.forms.harvest import Entry, Harvest
from flows.recognise.forms.rows import rows_and_figures
from flows.recognise.forms.shapes import belongs_to, could_be, form_by_shape, is_refuted
from flows.recognise.forms.sided import name_lines, read_sided, twice_printed
from flows.recognise.forms.soundness import form_reading, numbers_left, rows_without_code, unplaced_numbers
from flows.recognise.forms.table import Table, unit_of
from flows.recognise.forms.three_public import read_three_public
from flows.recognise.forms.titles import bare, mark_of, title_names
from flows.recognise.forms.wide import put_together
from flows.recognise.narrative.sections import Section, refers_elsewhere, sections
from flows.recognise.numbers import tokens

OFFICIAL = ("T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09")
DEFAULT_UNIT = "万元"
"""What the official set prescribes; a document that states no unit anywhere follows it."""


@dataclass(frozen=True, slots=True)
class FormsReading:
    """All official forms of one document.

    `forms` holds one reading for each of T01 to T09. `grids`: id() of every grid they took; `lines`: id() of the titles,
    unit lines, notes and statements that belong to them. `above`: texts over the forms, which name the department.
    """

    rows: tuple[FormRow, ...]
    figures: tuple[Figure, ...]
    forms: tuple[FormReading, ...]
    numbers_seen: int
    numbers_placed: int
    unplaced: tuple[tuple[str, Place], ...]
    grids: frozenset[int]
    lines: frozenset[int]
    above: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    """Cells of amounts that could not be read, with the totals they belong to; forms that an unread page may hold."""


def recognise_forms(document: Document, vocabulary: Vocabulary, passed_over: Set[int] = frozenset()) -> FormsReading:
    """Every official form of `document`; lines whose id is in `passed_over` (contents, page numbers) are no titles."""
    document = put_together(document)
    printed = sections(document, title_names(vocabulary), passed_over)
    found = {name: Found(vocabulary.forms[name]) for name in OFFICIAL}
    latest: Found | None = None
    for section in printed:
        if section.form in found:
            latest = found[section.form]
            latest.sections.append(section)
        for table in tuple(section.tables):
            latest = _take(table, section, found, latest, vocabulary)
    _take_unnamed(printed, found, vocabulary)
    pages = {page.number: page for page in document.pages}
    common = _common_unit(found.values())
    elsewhere = next((said for section in printed if (said := refers_elsewhere(section))), "")
    finished = [_finish(form, pages, common, elsewhere) for form in found.values()]
    unread = [page for page in document.pages if is_unread(page)]
    finished = [_perhaps_unread(form, unread) for form in finished]
    return _together(found.values(), finished)


def _take(
    table: Table, section: Section, found: dict[str, Found], latest: Found | None, vocabulary: Vocabulary
) -> Found | None:
    """Read `table` into the form it belongs to, if any, and return the form that a next table may continue."""
    if section.form in found:
        target = found[section.form]
        first = table is section.tables[0]
        if not first and (beside := continued(table, target, found)) not in (None, target):
            section.tables.remove(table)
            _read(table, section, beside)
            return target
        refuted = is_refuted(table, target.form)
        if refuted or not (could_be if first else belongs_to)(table, target.form):
            section.tables.remove(table)
            target.refused += [] if refuted else [table]
            if target.tables and not refuted:
                target.problems += amounts_alone(table)
            return target
    elif section.title is not None and not (latest is not None and adds_columns(table, latest)):
        return None
    elif (before := continued(table, latest, found)) is not None:
        target = before
    elif latest is not None and is_next(table, latest) and (alone := amounts_alone(table)):
        latest.problems += alone
        return latest
    else:
        shape = form_by_shape(table, vocabulary) or _marked(table, section, found)
        if shape is None or found[shape].tables:
            return None
        target = found[shape]
        target.sections.append(section)
    _read(table, section, target)
    return target


def _take_unnamed(printed: Sequence[Section], found: dict[str, Found], vocabulary: Vocabulary) -> None:
    """Read into forms of which there is no trace the tables whose titles are not known but whose shape is theirs alone.

    The “three public” form is known by its title: tables that compare its items under other titles are common.
    """
    missing = {name for name, form in found.items() if not form.sections} - {"T07"}
    for section in printed:
        if not missing or section.title is None or section.form in found or section.form:
            continue
        for table in section.tables:
            shape = form_by_shape(table, vocabulary)
            if shape in missing:
                missing.discard(shape)
                found[shape].sections.append(section)
                _read(table, section, found[shape])


def _marked(table: Table, section: Section, found: dict[str, Found]) -> str | None:
    """The form whose mark (公开05表) stands above an untitled table. Only the first six marks mean the same everywhere."""
    texts = [*(line.text for line in section.above), *(cell.text for row in table.rows[:3] for cell in row)]
    mark = next((number for text in texts if (number := mark_of(text)) is not None), 0)
    name = f"T{mark:02}"
    return name if 1 <= mark <= 6 and belongs_to(table, found[name].form) else None


def _read(table: Table, section: Section, target: Found) -> None:
    """Read `table` as (a further part of) `target`."""
    if any(section is copy for copy in target.copies):
        return
    last = target.last
    inherited = target.layout if last is not None and last.grid.columns == table.grid.columns else None
    again = header_again(table, target) if inherited else 0
    rest = replace(table, rows=table.rows[again:])
    if target.form.id == "T07":
        harvest, layout = read_three_public(rest, target.form, inherited)
    elif target.form.shape == "lines":
        harvest, layout = read_sided(rest, target.form, inherited)
    else:
        above = next((entry.code for entry in reversed(target.entries) if entry.code), "")
        harvest, layout = read_coded(rest, target.form, inherited, above)
    harvest.explain_words(*(cell for row in table.rows[:again] for cell in row))
    if last is not None and _is_second_copy(harvest, target) and add_columns(target.entries, harvest):
        target.tables.append((table, harvest))
        target.problems += harvest.problems
        return
    if last is not None and (_is_second_copy(harvest, target) or _stands_apart(table, section, last)):
        if any(entry.amounts for entry in target.entries):
            target.copies.append(section)
            if table.page - last.page <= 1 and section.title is not None:
                target.problems += harvest.problems or other_amounts(harvest, target)
            return
        target.tables.clear()
    if harvest.entries:
        rejoin(target.entries, harvest, target.form)
    target.tables.append((table, harvest))
    target.layout = layout or target.layout
    target.problems += harvest.problems


def _is_second_copy(harvest: Harvest, target: Found) -> bool:
    """True when most rows of `harvest` are there already: the form printed again, not continued."""
    before = {(entry.side, entry.code or entry.label) for entry in target.entries}
    twice = twice_printed(target.form)
    telling = [entry for entry in harvest.entries if bare(entry.label) not in twice]
    again = [entry for entry in telling if (entry.side, entry.code or entry.label) in before]
    return len(harvest.entries) > 2 and 2 * len(again) > len(telling)


def _stands_apart(table: Table, section: Section, last: Table) -> bool:
    """True when `table` opens a section more than a page behind `last`: no form goes on there, however short it is."""
    opens = section.title is not None and bool(section.tables) and table is section.tables[0]
    return opens and table.page - last.page > 1


def _common_unit(found: Iterable[Found]) -> str:
    """The unit that most forms state, or ""."""
    stated = [unit for form in found if (unit := _stated_unit(form))]
    return max(stated, key=stated.count, default="")


def _stated_unit(found: Found) -> str:
    texts = [found.sections[0].title.text] if found.sections and found.sections[0].title else []
    texts += [line.text for section in found.sections for line in section.above]
    texts += [cell.text for table, _ in found.tables for row in table.rows[:6] for cell in row]
    return next((unit for text in texts if (unit := unit_of(text))), "")


@dataclass(frozen=True, slots=True)
class _Finished:
    reading: FormReading
    rows: tuple[FormRow, ...]
    figures: tuple[Figure, ...]
    seen: int
    unplaced: tuple[tuple[str, Place], ...]
    doubts: tuple[Doubt, ...]


def _finish(found: Found, pages: dict[int, Page], common: str, elsewhere: str) -> _Finished:
    """The rows and figures of one form, its status, and the numbers on it that found no place.

    `common` is the unit that most forms state, `elsewhere` the line that says the forms are in an attachment.
    """
    unit = _stated_unit(found)
    entries = found.entries
    if found.form.shape == "lines" and found.form.id != "T07":
        name_lines(entries, found.form)
    found.problems += rows_without_code(found)
    elsewise = _in_another_unit(entries, unit or common or DEFAULT_UNIT)
    rows, figures = rows_and_figures(found.form, entries, unit or common or DEFAULT_UNIT)
    unplaced = [stray for table, harvest in found.tables for stray in unplaced_numbers(table, harvest, pages)]
    unplaced += elsewise + numbers_left(found)
    seen = sum(len(tokens(cell.text)) for table, _ in found.tables for cell in table.cells)
    reading = form_reading(found, unit or common, bool(figures), unplaced, pages)
    if reading.status == "missing" and found.sections:
        reading = replace(reading, statement=elsewhere)
    unread = [
        (row.row_key, column, cell) for entry, row in zip(entries, rows, strict=True) for column, cell in entry.unread
    ]
    return _Finished(reading, rows, figures, seen, tuple(unplaced), unread_cells(rows, unread))


def _perhaps_unread(form: _Finished, pages: Sequence[Page]) -> _Finished:
    """A form that was not found, in a document with pages on which nothing could be read, is not known to be missing."""
    reading = form.reading
    if reading.status != "missing" or not pages:
        return form
    first, why = pages[0], in_both(pages[0].doubts[0])
    where = tuple(page.number for page in pages)
    reason = {
        "zh": f"没有找到这张表，但第{first.number}页没有读出，它可能在那里：{why['zh']}",
        "en": f"the form was not found, but page {first.number}, on which it may stand, could not be read: {why['en']}",
    }
    doubt = Doubt(reading.form, why, Place(page=first.number))
    reading = replace(reading, status="unreadable", pages=where, reason=reason)
    return replace(form, reading=reading, doubts=(*form.doubts, doubt))


def _in_another_unit(entries: Iterable[Entry], unit: str) -> list[tuple[str, Place]]:
    """Take from `entries` the amounts behind which another unit than the form's is written, and return them."""
    taken = []
    for entry in entries:
        foreign = [amount for amount in entry.amounts if amount.number.unit not in ("", unit)]
        entry.amounts = [amount for amount in entry.amounts if amount not in foreign]
        taken += [(amount.cell.text, amount.cell.place) for amount in foreign]
    return taken


def _together(found: Iterable[Found], finished: Sequence[_Finished]) -> FormsReading:
    taken = list(found)
    unplaced = tuple(stray for form in finished for stray in form.unplaced)
    seen = sum(form.seen for form in finished)
    above = [line for form in taken for section in form.sections for line in section.above]
    below = [line for form in taken for section in form.sections if section.tables for line in section.below]
    titled = [
        line
        for form in taken
        for section in form.sections
        if section.tables
        for line in (*section.heading, *section.above)
    ]
    heads = [cell.text for form in taken for table, _ in form.tables for row in table.rows[:4] for cell in row]
    return FormsReading(
        rows=tuple(row for form in finished for row in form.rows),
        figures=tuple(figure for form in finished for figure in form.figures),
        forms=tuple(form.reading for form in finished),
        numbers_seen=seen,
        numbers_placed=seen - sum(len(tokens(text)) for text, _ in unplaced),
        unplaced=unplaced,
        grids=frozenset(id(table.grid) for form in taken for table, _ in form.tables),
        lines=frozenset(id(line) for line in (*titled, *below)),
        above=tuple(line.text for line in above) + tuple(heads),
        doubts=tuple(doubt for form in finished for doubt in form.doubts),
    )
