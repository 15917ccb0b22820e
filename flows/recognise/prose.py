"""Which lines of a document are not its text: the table of contents, page numbers, headers and footers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from expectations.vocabulary import plain
from flows.read.document import NOT_READ, Document, Grid, Line, Page
from flows.recognise.forms.titles import UNKNOWN, Names, printed, title_of
from flows.recognise.numbers import ascii_digits

_CONTENTS = re.compile(r"^(?:目录|目次|目錄)$")
_LEADER = re.compile(r"[.．·…。\-—_\s]*[（(]?\d{0,3}[）)]?$")
_PAGE_NUMBER = re.compile(r"[-—–－·~\s]*(?:第)?\d{1,4}(?:页)?(?:[/／共,，\s]*(?:第)?\d{1,4}页?)?[-—–－·~\s]*")
_DIGITS = re.compile(r"\d+")
MOST_CONTENTS = 160
"""No table of contents is longer than so many lines."""


def contents_lines(document: Document) -> frozenset[int]:
    """The ids of the lines of the table of contents, its heading included.

    It ends where its first entry stands a second time; where none does, at the first sentence or table.
    """
    sequence = list(_in_order(document))
    for start, (item, _) in enumerate(sequence):
        if isinstance(item, Line) and _CONTENTS.match(plain(printed(item.text))):
            end = _end_of_contents(sequence, start)
            return frozenset(id(entry) for entry, _ in sequence[start:end] if isinstance(entry, Line))
    return frozenset()


def _in_order(document: Document) -> Iterator[tuple[Line | Grid, int]]:
    for page in document.pages:
        for item in page.items:
            yield item, page.number


def _end_of_contents(sequence: Sequence[tuple[Line | Grid, int]], start: int) -> int:
    limit = min(len(sequence), start + MOST_CONTENTS)
    entries = [_entry(item) for item, _ in sequence[start:limit]]
    opening = next((index for index, entry in enumerate(entries) if index and entry), 0)
    if opening and entries[opening] in entries[opening + 1 :]:
        return start + entries.index(entries[opening], opening + 1)
    for index in range(start + 1, limit):
        item, _ = sequence[index]
        if isinstance(item, Grid) or "。" in item.text or len(plain(item.text)) > 60:
            page = sequence[index][1]
            same_page = page == sequence[start][1]
            return index if same_page else next(i for i in range(start, index + 1) if sequence[i][1] == page)
    return limit


def _entry(item: Line | Grid) -> str:
    """An entry as it is compared with its heading: without leaders and page number."""
    return _LEADER.sub("", plain(printed(item.text))) if isinstance(item, Line) else ""


def running_lines(document: Document, titles: Names = ()) -> frozenset[int]:
    """The ids of page numbers, headers and footers: what stands first or last on several pages, digits apart.

    None of the `titles` of forms is one: where the units of a department follow it, each prints every form again.
    """
    if len(document.pages) < 2:
        return frozenset()
    edges = [(line, _shape(line)) for page in document.pages for line in _edge_lines(page)]
    often = {shape for shape, count in Counter(shape for _, shape in edges).items() if count >= 3}
    return frozenset(
        id(line)
        for line, shape in edges
        if (shape in often and not _is_title(line, titles)) or _PAGE_NUMBER.fullmatch(ascii_digits(line.text))
    )


def _is_title(line: Line, titles: Names) -> bool:
    named = title_of(line.text, titles) if titles else None
    return named is not None and named.form != UNKNOWN


def _shape(line: Line) -> str:
    return _DIGITS.sub("0", ascii_digits(plain(line.text)))


def _edge_lines(page: Page) -> list[Line]:
    """The first and last line of `page`; not those of a page that holds nothing else, nor of a workbook's sheet."""
    items = page.items
    if len(items) < 2 or items[0].place.sheet is not None:
        return []
    return [item for item in (items[0], items[-1]) if isinstance(item, Line)]


def text_lines(document: Document, taken: Set[int]) -> list[Line]:
    """All lines in reading order but those whose id is in `taken` and those that stand for what was not read."""
    lines = (item for page in document.pages for item in page.items if isinstance(item, Line))
    return [line for line in lines if id(line) not in taken and line.text not in NOT_READ]
