"""What one performance table yields while it is read: rows, figures, running text, and values left out with the reason."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from expectations.vocabulary import Form, plain
from flows.read.document import Cell, Place
from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.performance.cells import Quantity, tidy, wordless
from flows.recognise.performance.columns import Heading, Laid
from flows.recognise.performance.tables import PerformanceTable

DEFAULT_UNIT = "万元"
"""The ministry's templates are in 万元; a table that states no unit follows them."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A printed value that was left out: where it stands and why, in Chinese and English.

    `row_key` is its row ("" for none) and `column` the column it would be a figure of, "" where that is what is not known.
    """

    form: str
    part: str
    label: str
    raw: str
    place: Place
    reason: dict[str, str]
    row_key: str = ""
    column: str = ""


@dataclass(slots=True)
class Part:
    """What one table yields while it is read."""

    table: PerformanceTable
    form: Form
    part: str
    rows: list[FormRow] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    text: list[Cell] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    keys: dict[Hashable, int] = field(default_factory=dict)
    rates: list[tuple[FormRow, Laid, Cell, Heading]] = field(default_factory=list)
    """Rates from 0 to 1 without a percent sign, which may be ratios or percentages."""
    shifted: list[tuple[FormRow, int]] = field(default_factory=list)
    """Rows whose values stand so many columns right (+) or left (-) of their headings."""
    lost: list[tuple[FormRow, str]] = field(default_factory=list)
    """Values (row, column) of shifted rows that are not printed and may have been pushed out of the table."""
    suspects: list[tuple[FormRow, Laid]] = field(default_factory=list)
    """Rows of indicators whose points and score may stand one column left of where they belong."""
    stated_total: tuple[Cell, Cell] | None = None
    """Name and value of a total score printed at the head of the table."""
    indicators: list[tuple[FormRow, Laid]] = field(default_factory=list)
    """Rows of indicators as they stand under their headings."""
    planned: set[int] = field(default_factory=set)
    """id() of the places of texts that say what was intended, not what was done."""
    label: Cell | None = None
    """The last indicator's name, in case it is merged over the next row too."""


def add_row(part: Part, label: Cell, key: str, level: int, parent: str, block: str) -> FormRow:
    made = FormRow(
        form=part.form.id,
        part=part.part,
        row_key=numbered(key, key, part.keys),
        code="",
        label=wordless(label.text),
        level=level,
        parent_key=parent,
        position=len(part.rows),
        place=label.place,
        block=block,
    )
    part.rows.append(made)
    return made


def add_figure(part: Part, row: FormRow, column: str, value: Quantity, cell: Cell) -> None:
    within = f"{part.form.id}({part.part})" if part.part else part.form.id
    part.figures.append(
        Figure(
            id=f"{within}/{row.row_key}/{column}",
            form=part.form.id,
            part=part.part,
            row_key=row.row_key,
            column=column,
            value=value.value,
            unit=value.unit,
            ulp=value.ulp,
            raw=cell.text,
            place=cell.place,
            relation=value.relation,
        )
    )


def leave_out(part: Part, row: FormRow | str, cell: Cell, why: tuple[str, str], column: str = "") -> None:
    """Name the value of `cell` as left out; `row` is its row, or the label of what is none; `why` in Chinese and English."""
    zh, en = why
    reason = {"zh": f"“{tidy(cell.text)}”{zh}", "en": f'"{tidy(cell.text)}": {en}'}
    label, key = (row, "") if isinstance(row, str) else (row.label, row.row_key)
    part.doubts.append(Doubt(part.form.id, part.part, wordless(label), cell.text, cell.place, reason, key, column))


def numbered(name: str, key: Hashable, seen: dict[Hashable, int]) -> str:
    """`name`, or "name#2" and so on from the second time that `key` is met."""
    seen[key] = seen.get(key, 0) + 1
    return name if seen[key] == 1 else f"{name}#{seen[key]}"


def safe(label: str) -> str:
    """A label as part of a figure's id: without white space and quotes, the slash (which divides ids) full-width."""
    return plain(wordless(label)).replace("/", "／")
