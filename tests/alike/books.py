"""A disclosure as a workbook: a sheet for each form, or all forms below each other on one sheet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import xlsxwriter
import xlwt

from tests.alike.disclosures import Published
from tests.flows.read import test_ods as ods
from tests.samples.sheets import Cell, Sheet, Value


@dataclass(frozen=True)
class Leaf:
    """One sheet of a workbook; cells counted from 0."""

    name: str
    cells: tuple[Cell, ...]


def as_xlsx(published: Published, *, together: bool = False) -> bytes:
    """xlsx with number formats and merged cells."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        money, plain = book.add_format({"num_format": "#,##0.00"}), book.add_format()
        for leaf in leaves(published, together=together):
            sheet = book.add_worksheet(leaf.name)
            for cell in leaf.cells:
                look = money if isinstance(cell.value, Decimal) else plain
                if cell.rows > 1 or cell.columns > 1:
                    last = cell.row + cell.rows - 1, cell.column + cell.columns - 1
                    sheet.merge_range(cell.row, cell.column, *last, "", look)
                if isinstance(cell.value, Decimal | int):
                    sheet.write_number(cell.row, cell.column, cell.value, look)
                elif cell.value:
                    sheet.write_string(cell.row, cell.column, cell.value, look)
    return stream.getvalue()


def as_xls(published: Published) -> bytes:
    """xls, whose codes are numbers."""
    book = xlwt.Workbook(encoding="utf-8")
    money, plain = xlwt.XFStyle(), xlwt.XFStyle()
    money.num_format_str = '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ '
    for leaf in leaves(published, together=False):
        sheet = book.add_sheet(leaf.name)
        for cell in leaf.cells:
            look = money if isinstance(cell.value, Decimal) and cell.value else plain
            if isinstance(cell.value, Decimal) and not cell.value:
                look = xlwt.XFStyle()
                look.num_format_str = "0.00"
            value = int(cell.value) if cell.role == "code" and cell.value and len(str(cell.value)) > 2 else cell.value
            value = float(value) if isinstance(value, Decimal) else value
            last = cell.row + cell.rows - 1, cell.column + cell.columns - 1
            if last != (cell.row, cell.column):
                sheet.write_merge(cell.row, last[0], cell.column, last[1], value, look)
            elif value is not None:
                sheet.write(cell.row, cell.column, value, look)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_ods(published: Published) -> bytes:
    """OpenDocument, as LibreOffice and WPS write it: the displayed text beside the value."""
    return ods.packed("".join(_ods_sheet(leaf) for leaf in leaves(published, together=False)))


def _ods_sheet(leaf: Leaf) -> str:
    by_place = {(cell.row, cell.column): cell for cell in leaf.cells}
    covered = {
        (cell.row + down, cell.column + across)
        for cell in leaf.cells
        for down in range(cell.rows)
        for across in range(cell.columns)
    } - by_place.keys()
    depth = 1 + max(row for row, _ in by_place | dict.fromkeys(covered))
    width = 1 + max(column for _, column in by_place | dict.fromkeys(covered))
    rows = []
    for row in range(depth):
        cells = []
        for column in range(width):
            cell = by_place.get((row, column))
            if cell is None:
                cells.append(ods.COVERED if (row, column) in covered else "<table:table-cell/>")
                continue
            spans = f'table:number-rows-spanned="{cell.rows}" table:number-columns-spanned="{cell.columns}"'
            stored = (
                f' office:value-type="float" office:value="{cell.value}"' if isinstance(cell.value, Decimal) else ""
            )
            cells.append(ods.cell(printed(cell.value), spans + stored))
        rows.append(ods.row(*cells))
    return ods.table(*rows, name=leaf.name)


def leaves(published: Published, *, together: bool) -> Iterator[Leaf]:
    """The sheets: cover, forms, narrative and performance tables."""
    yield Leaf("封面", _lines([*published.cover, *published.overview, published.parts[0]]))
    forms = [(sheet.title[:28], _form(published, sheet)) for sheet in published.sheets]
    yield from _stacked("公开表", forms) if together else (Leaf(name, cells) for name, cells in forms)
    yield Leaf("情况说明", _lines([published.parts[1], *published.paragraphs]))
    tables = [(f"{number}自评表", _table(sheet)) for number, sheet in enumerate(published.tables, 1)]
    if tables:
        yield from _stacked("自评表", tables) if together else (Leaf(name, cells) for name, cells in tables)


def printed(value: Value) -> str:
    """A value as a sheet displays it."""
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


def _lines(texts: Iterable[str]) -> tuple[Cell, ...]:
    return tuple(Cell(row, 0, text, "text") for row, text in enumerate(texts))


def _form(published: Published, sheet: Sheet) -> tuple[Cell, ...]:
    last = len(sheet.widths) - 1
    mark, department, unit = published.above(sheet)
    head = [
        Cell(0, 0, sheet.title, "title", 1, last + 1),
        Cell(1, last, mark, "text"),
        Cell(2, 0, department, "text"),
        Cell(2, last, unit, "text"),
    ]
    notes = [Cell(3 + sheet.rows + offset, 0, note, "text") for offset, note in enumerate(sheet.notes)]
    return (*head, *_moved(sheet.cells, 3), *notes)


def _table(sheet: Sheet) -> tuple[Cell, ...]:
    return (Cell(0, 0, sheet.title, "title", 1, len(sheet.widths)), *_moved(sheet.cells, 1))


def _moved(cells: Iterable[Cell], down: int) -> list[Cell]:
    return [Cell(c.row + down, c.column, c.value, c.role, c.rows, c.columns, c.key) for c in cells]


def _stacked(name: str, blocks: Iterable[tuple[str, tuple[Cell, ...]]]) -> Iterator[Leaf]:
    """The blocks below each other, an empty row between them."""
    cells: list[Cell] = []
    top = 0
    for _, block in blocks:
        cells += _moved(block, top)
        top = max(cell.row + cell.rows for cell in cells) + 1
    yield Leaf(name, tuple(cells))
