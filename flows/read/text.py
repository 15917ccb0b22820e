"""Plain text and Markdown → one page of lines and grids.

A table is a run of lines with tabs, or a Markdown pipe table. Markdown's own marks (heading signs, bold stars, list
dashes) are taken off, as they are not part of what is printed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence

from flows.read.document import Cell, Grid, Line, Page, Place, Unreadable
from flows.read.formats import MOST_TEXTS, too_large

READER = "text/1"

_RULE = re.compile(r"^[\s|:+-]*-{2,}[\s|:+-]*$")
_PIPE_ROW = re.compile(r"^\s*\|.*\|\s*$")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+|^ {0,3}>\s+")
_BULLET = re.compile(r"^\s*[-*+]\s+(?=[^\s\d-])")
_BOLD_AT_EDGE = re.compile(r"^\*\*(?!\*)|(?<!\*)\*\*$")
_BOLD_INSIDE = re.compile(r"(?<!\*)\*\*(?![*\s万亿千百元%％个人次])([^*]+?)(?<!\s)\*\*(?!\*)")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_text(data: bytes) -> tuple[Page, ...]:
    """The one page of a text file. Raises `Unreadable`: empty, too_large, unknown_format (the bytes are no text)."""
    text = decoded(data)
    lines = text.splitlines()
    if len(lines) + text.count("\t") + text.count("|") > MOST_TEXTS:
        raise too_large(MOST_TEXTS, "个单元格和文字行", "cells and lines")
    items = tuple(_items(lines))
    if not items:
        raise Unreadable(
            "empty",
            {"zh": "文件里没有文字；请检查导出是否成功。", "en": "The file holds no text; check how it was exported."},
        )
    return (Page(1, items),)


def decoded(data: bytes) -> str:
    """Text without NUL from UTF-8 or UTF-16 (with its mark) or, failing that, GB18030. Raises `Unreadable`: unknown_format."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").replace("\x00", "")
    if b"\x00" not in data:
        for encoding in ("utf-8", "gb18030"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Unreadable(
        "unknown_format",
        {
            "zh": "认不出这种文件；请提供 PDF、xlsx 或文本（UTF-8、GB18030）。",
            "en": "This format is not known; supply a PDF, an xlsx workbook or text (UTF-8, GB18030).",
        },
    )


def _items(lines: Sequence[str]) -> Iterator[Line | Grid]:
    index = 0
    while index < len(lines):
        for end_of_table, split in ((_end_of_tabs, _tab_cells), (_end_of_pipes, _pipe_cells)):
            end = end_of_table(lines, index)
            grid = _grid(lines, index, end, split) if end > index else None
            if grid is not None:
                yield grid
                index = end
                break
        else:
            text = _unmarked(lines[index])
            if text:
                yield Line(text, Place(line=index + 1))
            index += 1


def _end_of_tabs(lines: Sequence[str], start: int) -> int:
    """The line after the table of tabs that begins at `start`; `start` itself when none does."""
    index = end = start
    while index < len(lines):
        if "\t" in lines[index]:
            index = end = index + 1
        elif end > start and index == end and (not lines[index].strip() or _RULE.match(lines[index])):
            index += 1
        else:
            break
    return end


def _end_of_pipes(lines: Sequence[str], start: int) -> int:
    """The line after the Markdown table that begins at `start`: a row, a rule below it, further rows."""
    if start + 1 >= len(lines) or "|" not in lines[start] or "|" not in lines[start + 1]:
        return start
    if not (_RULE.match(lines[start + 1]) or (_PIPE_ROW.match(lines[start]) and _PIPE_ROW.match(lines[start + 1]))):
        return start
    end = start
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end


def _tab_cells(line: str) -> list[str]:
    return line.split("\t")


def _pipe_cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [_BREAK.sub("\n", part).replace("\\|", "|") for part in _PIPE.split(inner)]


def _grid(lines: Sequence[str], start: int, end: int, split: Callable[[str], list[str]]) -> Grid | None:
    """The table in these lines, None when no row of it has two cells with text (a mere indent)."""
    cells: list[Cell] = []
    rows = columns = widest = 0
    for number in range(start, end):
        line = lines[number]
        if not line.strip() or _RULE.match(line):
            continue
        parts = [_unmarked(part) for part in split(line)]
        filled = [(column, text) for column, text in enumerate(parts) if text]
        cells += [Cell(text, rows, column, Place(line=number + 1)) for column, text in filled]
        rows, columns, widest = rows + 1, max(columns, len(parts)), max(widest, len(filled))
    if widest < 2:
        return None
    return Grid(tuple(cells), rows, columns, Place(line=start + 1))


def _unmarked(text: str) -> str:
    """The text without Markdown's marks. Two stars that stand for something left out ("**万元") stay."""
    plain = _BULLET.sub("", _HEADING.sub("", text)).strip()
    plain = _BOLD_INSIDE.sub(r"\1", plain)
    return _BOLD_AT_EDGE.sub("", plain).strip()
