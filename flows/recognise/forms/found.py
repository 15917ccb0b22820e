"""One form as far as it has been read, and with which form a further table goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

from expectations.vocabulary import Form
from flows.recognise.forms.columns import Layout
from flows.recognise.forms.harvest import Entry, Harvest
from flows.recognise.forms.shapes import belongs_to, known_columns
from flows.recognise.forms.table import Table, is_numbering
from flows.recognise.narrative.sections import Section
from flows.recognise.numbers import is_blank, parse


@dataclass(slots=True)
class Found:
    """One form as far as it has been read: its sections, tables with their harvests, and what is wrong."""

    form: Form
    sections: list[Section] = field(default_factory=list)
    tables: list[tuple[Table, Harvest]] = field(default_factory=list)
    layout: Layout | None = None
    problems: list[dict[str, str]] = field(default_factory=list)
    refused: list[Table] = field(default_factory=list)
    """Tables under the form's title in which nothing of the form could be made out."""
    copies: list[Section] = field(default_factory=list)
    """Sections in which the form is printed once more: by a unit of the department, or a second time."""

    @property
    def entries(self) -> list[Entry]:
        return [entry for _, harvest in self.tables for entry in harvest.entries]

    @property
    def last(self) -> Table | None:
        return self.tables[-1][0] if self.tables else None


def continued(table: Table, latest: Found | None, found: dict[str, Found]) -> Found | None:
    """The form with which an untitled table goes on: the latest or, where forms stand side by side, the one above it."""
    if latest is None or latest.last is None:
        return None
    candidates = [form for form in found.values() if form is not latest and form.last is not None]
    for form in candidates:
        if _continues(table, form) and _is_above(form, table) and not _is_above(latest, table):
            return form
    return latest if _continues(table, latest) else None


def _is_above(form: Found, table: Table) -> bool:
    """Whether the last table of `form` begins and ends where `table` does, from left to right, with as many columns."""
    last = form.last
    one, other = last.grid.place.bbox if last else None, table.grid.place.bbox
    if last is None or one is None or other is None or last.grid.columns != table.grid.columns:
        return False
    return abs(one[0] - other[0]) < 2 and abs(one[2] - other[2]) < 2


def _continues(table: Table, latest: Found) -> bool:
    """True when an untitled table goes on with the form before it: on the same page or the next, with its rows."""
    return is_next(table, latest) and belongs_to(table, latest.form)


def is_next(table: Table, latest: Found) -> bool:
    """True when `table` stands on the page of the last table of `latest`, or on the next."""
    last = latest.last
    return last is not None and 0 <= table.page - last.page <= 1 and last.grid.place.sheet == table.grid.place.sheet


def adds_columns(table: Table, latest: Found) -> bool:
    """True when `table`, on the next page under whatever is left of a title, has rows of the form before it and such of
    its columns as were missing there: the right part of a wide table.
    """
    if not is_next(table, latest) or not belongs_to(table, latest.form):
        return False
    columns = known_columns(table, latest.form)
    return bool(columns) and not columns & {amount.column for entry in latest.entries for amount in entry.amounts}


def amounts_alone(table: Table) -> list[dict[str, str]]:
    """What is wrong when `table` holds amounts without any labels: columns of the form before it, on a page of their own."""
    body = [row for row in table.rows if any(parse(cell.text) for cell in row) and not is_numbering(row)]
    labelled = [row for row in body if any(not parse(cell.text) and not is_blank(cell.text) for cell in row)]
    if len(body) < 3 or 3 * len(labelled) > len(body):
        return []
    return [
        {
            "zh": f"第{table.page}页有只含数字、没有科目的栏目（表格过宽，分页打印），无法对应到各行",
            "en": f"page {table.page} holds columns of amounts without labels (a wide table cut by pages): their rows are not known",
        }
    ]


def other_amounts(harvest: Harvest, target: Found) -> list[dict[str, str]]:
    """What is wrong when the form is printed a second time, right behind the first, with other amounts in its columns."""
    before = {
        (entry.side, entry.code or entry.label, amount.column): amount.number.value
        for entry in target.entries
        for amount in entry.amounts
    }
    for entry in harvest.entries:
        for amount in entry.amounts:
            key = (entry.side, entry.code or entry.label, amount.column)
            if before.get(key, amount.number.value) != amount.number.value:
                return [
                    {
                        "zh": f"第{amount.cell.place.page}页又有“{entry.label}”一行，“{amount.column}”与前面不同",
                        "en": f"page {amount.cell.place.page} prints the row {entry.label} again with another {amount.column}",
                    }
                ]
    return []


def header_again(table: Table, target: Found) -> int:
    """How many rows of `table` repeat those with which the form began."""
    first = target.tables[0][0].rows
    count = 0
    for here, there in zip(table.rows, first, strict=False):
        if [(cell.column, cell.text) for cell in here] != [(cell.column, cell.text) for cell in there]:
            break
        count += 1
    return count if count < len(table.rows) else 0
