"""Comma-separated values (or semicolons, tabs) → one page: its tables, and the text that stands around them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from flows.read.document import Cell, Grid, Line, Page, Place, Unreadable
from flows.read.formats import too_large
from flows.read.text import decoded

READER = "csv/2"
SEPARATORS = ",;\t"
MOST_CELLS = 5_000_000
_SAMPLE = 500
_LONGEST_FIELD = 2**20


def read_csv(data: bytes) -> tuple[Page, ...]:
    """The one page of a CSV file: a grid, or lines when no row has two values. Places are lines of the file.

    Raises `Unreadable`: empty, truncated (a quote that never ends), too_large, unknown_format (the bytes are no text).
    """
    text = decoded(data).removeprefix("\ufeff")
    try:
        fields: dict[int, int] = {}
        cells = list(_cells(text, _separator(text), fields))
    except csv.Error as error:
        raise Unreadable(
            "truncated",
            {
                "zh": "CSV 已损坏（引号没有配对）；请重新导出。",
                "en": "The CSV is damaged (a quote has no end); export it again.",
            },
        ) from error
    if not cells:
        raise Unreadable(
            "empty",
            {"zh": "CSV 里没有内容；请检查导出是否成功。", "en": "The CSV holds nothing; check how it was exported."},
        )
    return (Page(1, tuple(_items(cells, fields))),)


def _items(cells: list[Cell], fields: Mapping[int, int]) -> Iterator[Line | Grid]:
    """Tables, and the running text before, between and after them. `fields`: how many each row has, empty ones counted.

    A row of one value is running text (title, unit, note, sentence), unless it is written with the fields of a table.
    """
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    # Spreadsheet programs fill every row up to the same number of fields; then only a sentence parts two tables.
    padded = len({fields[row] for row in rows}) == 1
    stretch: list[list[Cell]] = []
    for tabular, group in groupby(rows.values(), lambda row: len(row) > 1 or (not padded and fields[row[0].row] > 1)):
        held = list(group)
        if tabular or (padded and stretch and not any("。" in cell.text for row in held for cell in row)):
            stretch += held
            continue
        yield from _table(stretch, padded)
        stretch = []
        yield from _lines(cell for row in held for cell in row)
    yield from _table(stretch, padded)


def _table(rows: list[list[Cell]], padded: bool) -> Iterator[Line | Grid]:
    """A grid from the first row of several values on (in a padded file, to the last such row), the other rows as lines."""
    several = [index for index, row in enumerate(rows) if len(row) > 1]
    start = several[0] if several else len(rows)
    end = several[-1] + 1 if several and padded else len(rows)
    yield from _lines(cell for row in rows[:start] for cell in row)
    inside = [replace(cell, row=cell.row - rows[start][0].row) for row in rows[start:end] for cell in row]
    if inside:
        yield Grid(tuple(inside), 1 + inside[-1].row, 1 + max(cell.column for cell in inside), inside[0].place)
    yield from _lines(cell for row in rows[end:] for cell in row)


def _lines(cells: Iterable[Cell]) -> Iterator[Line]:
    for cell in cells:
        yield from (Line(text.strip(), cell.place) for text in cell.text.splitlines() if text.strip())


def _separator(text: str) -> str:
    """The separator that gives most rows the same number of values, more than one; a comma when none does."""
    lines = text.splitlines(keepends=True)[:_SAMPLE]

    def agreement(separator: str) -> int:
        csv.field_size_limit(_LONGEST_FIELD)
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if len(row) > 1)
        return max(widths.values(), default=0)

    return max(SEPARATORS, key=agreement)


def _cells(text: str, separator: str, fields: dict[int, int]) -> Iterator[Cell]:
    """The values as cells; how many fields each row has is put into `fields`."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    line = 1
    count = 0
    for row, values in enumerate(reader):
        fields[row] = len(values)
        for column, value in enumerate(values):
            shown = value.replace("\r\n", "\n").replace("\r", "\n").strip()
            count += 1
            if count > MOST_CELLS:
                raise too_large(MOST_CELLS, "个单元格", "cells")
            if shown:
                yield Cell(shown, row, column, Place(line=line))
        line = reader.line_num + 1
