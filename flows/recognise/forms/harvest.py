"""What reading one table yields: entries with their amounts, and which cells the reading explains.

A cell that holds digits and is not explained is what the reading check reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from flows.read.document import Cell, Place
from flows.recognise.doubts import in_both
from flows.recognise.numbers import Number, ascii_digits, is_blank, parse

_TOO_NARROW = re.compile(r"[#＃\s]{2,}")
_SHOWS_NOTHING = "单元格太窄，只显示“####” / its cell is too narrow and shows #### only"
_AMOUNT = re.compile(r"\d\.\d\d")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in its column; `unit` where it is no amount of money (%)."""

    column: str
    number: Number
    cell: Cell
    unit: str = ""


@dataclass(slots=True, eq=False)
class Entry:
    """One printed row: `name` is its name in the vocabulary or "", `under` the name of the row it is a part of.

    `row` counts the rows of its table, `group` the tables that stand side by side in it. `unread` are the cells of amounts in
    which something stands that could not be read, each with its column.
    """

    label: str
    place: Place
    code: str = ""
    name: str = ""
    side: str = ""
    under: str = ""
    row: int = 0
    group: int = 0
    amounts: list[Amount] = field(default_factory=list)
    unread: list[tuple[str, Cell]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.code or self.label)


@dataclass(slots=True)
class Harvest:
    """The entries of one table. `explained` holds the ids of cells whose digits are accounted for."""

    entries: list[Entry] = field(default_factory=list)
    explained: set[int] = field(default_factory=set)
    problems: list[dict[str, str]] = field(default_factory=list)

    def explain(self, *cells: Cell) -> None:
        self.explained.update(id(cell) for cell in cells)

    def explain_words(self, *cells: Cell) -> None:
        """Explain headings and labels. Amounts are neither: where one stands in such a cell, the table is misread."""
        self.explain(*(cell for cell in cells if not _AMOUNT.search(ascii_digits(cell.text))))

    def forget(self, entry: Entry) -> None:
        """Take `entry` out; its amounts are no longer explained."""
        self.entries.remove(entry)
        self.explained.difference_update(id(amount.cell) for amount in entry.amounts)

    def amount(self, entry: Entry, column: str, cell: Cell, unit: str = "") -> bool:
        """Give `entry` the number in `cell`; False when the cell holds something else than one number or a blank.

        A second number for the same column is refused: one of the two would be wrong.
        """
        number = parse(cell.text.strip().rstrip("%％") if unit == "%" else cell.text)
        if number is None:
            if _TOO_NARROW.fullmatch(cell.text.strip()):
                entry.unread.append((column, replace(cell, doubt=_SHOWS_NOTHING)))
            elif cell.doubt:
                entry.unread.append((column, cell))
            return is_blank(cell.text)
        if any(amount.column == column for amount in entry.amounts):
            return False
        entry.amounts.append(Amount(column, number, cell, unit))
        self.explain(cell)
        return True


def doubtful_label(text: str, doubt: str) -> dict[str, str]:
    """The problem of a form in which it is not certain what a row is called."""
    name, why = joined(text), in_both(doubt)
    return {"zh": f"行名“{name}”识读存疑：{why['zh']}", "en": f"the row name {name} is not certain: {why['en']}"}


def joined(text: str) -> str:
    """A label as printed on one line: the line feeds of wrapping removed, white space within Chinese removed."""
    return "".join(text.split())
