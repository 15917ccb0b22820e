"""Comma-separated values (or semicolons, tabs) → one page: one grid, and the text that stands before and after it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flows.read.document import Cell, Grid, Line, Page, Place, Unreadable
from flows.read.formats import too_large
from flows.read.text import decoded

READER = "csv/1"
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
        cells = list(_cells(text, _separator(text)))
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
    return (Page(1, tuple(_items(cells))),)


def _items(cells: list[Cell]) -> Iterator[Line | Grid]:
    """Rows of one value before and after the table are running text (title, unit, notes); the rest is one grid."""
    values = Counter(cell.row for cell in cells)
    table = [row for row, count in values.items() if count > 1]
    first, last = (table[0], table[-1]) if table else (len(values) + cells[-1].row, -1)
    inside = [replace(cell, row=cell.row - first) for cell in cells if first <= cell.row <= last]
    yield from _lines(cell for cell in cells if cell.row < first)
    if inside:
        yield Grid(tuple(inside), 1 + last - first, 1 + max(cell.column for cell in inside), inside[0].place)
        yield from _lines(cell for cell in cells if cell.row > last)


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


def _cells(text: str, separator: str) -> Iterator[Cell]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    line = 1
    count = 0
    for row, values in enumerate(reader):
        for column, value in enumerate(values):
            shown = value.replace("\r\n", "\n").replace("\r", "\n").strip()
            count += 1
            if count > MOST_CELLS:
                raise too_large(MOST_CELLS, "个单元格", "cells")
            if shown:
                yield Cell(shown, row, column, Place(line=line))
        line = reader.line_num + 1
