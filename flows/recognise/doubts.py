"""What was read without certainty, by the ids that rules see: the figures of a doubtful cell, the claims of a doubtful line.

Readers say of a cell, a line or a page why it is not certain; here that becomes a list of everything it touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from flows.read.document import Cell, Document, Grid, Line, Page, Place
from flows.recognise.disclosure import Claim, Doubt, Figure, FormRow, Sentence


def in_both(doubt: str) -> dict[str, str]:
    """A reader's doubt ("zh / en") as one line for each language."""
    zh, _, en = doubt.partition(" / ")
    return {"zh": zh, "en": en or zh}


def is_unread(page: Page) -> bool:
    """Whether nothing could be read on a page that is not empty: it may hold any form, or the rest of one."""
    return bool(page.doubts) and not page.items


def unread_cells(rows: Sequence[FormRow], unread: Iterable[tuple[str, str, Cell]]) -> tuple[Doubt, ...]:
    """Doubts about cells (row key, column, cell) of one form that show something which could not be read.

    The totals above such a cell are open too: a sum over its siblings would count it as blank.
    """
    form = rows[0].form if rows else ""
    doubts: dict[str, Doubt] = {}
    for key, column, cell in unread:
        for name in with_totals(form, rows, key, column):
            doubts.setdefault(name, Doubt(name, in_both(cell.doubt), cell.place))
    return tuple(doubts.values())


def with_totals(within: str, rows: Sequence[FormRow], key: str, column: str) -> list[str]:
    """The ids of a cell and of the totals above it, in one table; `within` is how its ids begin ("T03", "P02(project)")."""
    parents = {row.row_key: row.parent_key for row in rows}
    chain: list[str] = []
    while key in parents and key not in chain:  # a row that calls itself its own total is met in damaged tables
        chain.append(key)
        key = parents[key]
    return [f"{within}/{above}/{column}" for above in chain]


def uncertain_figures(document: Document, figures: Iterable[Figure]) -> Iterator[Doubt]:
    """The figures that stand in a cell which is not certain."""
    cells = (cell for page in document.pages for item in page.items if isinstance(item, Grid) for cell in item.cells)
    doubts = {cell.place: cell.doubt for cell in cells if cell.doubt}
    for figure in figures if doubts else ():
        if figure.place in doubts:
            yield Doubt(figure.id, in_both(doubts[figure.place]), figure.place)


def uncertain_tables(document: Document, grids: Set[int], figures: Iterable[Figure]) -> Iterator[Doubt]:
    """Every figure of a table (one of those whose id is in `grids`) in which a number stands that is uncertain and no figure.

    Where it belongs is not known, so that any sum of the table may lack it.
    """
    printed = list(figures)
    places = {figure.place for figure in printed}
    for page in document.pages:
        for grid in page.items:
            if not isinstance(grid, Grid) or id(grid) not in grids:
                continue
            stray = next((c for c in grid.cells if c.doubt and c.place not in places and _may_be_number(c.text)), None)
            inside = {cell.place for cell in grid.cells} if stray else set()
            yield from (Doubt(f.id, in_both(stray.doubt), f.place) for f in printed if stray and f.place in inside)


def _may_be_number(text: str) -> bool:
    """Whether digits stand in a cell, or nothing that has a meaning."""
    return any(char.isdigit() for char in text) or not any(char.isalpha() for char in text)


def uncertain_statements(
    document: Document, lines: Sequence[Line], sentences: Sequence[Sentence], claims: Iterable[Claim]
) -> Iterator[Doubt]:
    """The sentences with a line, or on a page, that is not certain; and every claim that they make.

    `lines` are those that the sentences were made from.
    """
    pages = {page.number: page.doubts[0] for page in document.pages if page.doubts}
    doubts = {line.place: line.doubt or pages.get(line.place.page or 0, "") for line in lines}
    if not any(doubts.values()):
        return
    about = _by_sentence(lines, sentences, doubts)
    for sentence in sentences:
        if sentence.position in about:
            yield Doubt(f"S/{sentence.position}", in_both(about[sentence.position]), sentence.place)
    for claim in claims:
        if claim.sentence in about:
            yield Doubt(claim.id, in_both(about[claim.sentence]), claim.place)


def _by_sentence(lines: Sequence[Line], sentences: Sequence[Sentence], doubts: dict[Place, str]) -> dict[int, str]:
    """The first doubt about each sentence, by position: of the lines from its own beginning to where the next begins."""
    about: dict[int, str] = {}
    beginning: dict[Place, list[int]] = {}
    for sentence in sentences:
        beginning.setdefault(sentence.place, []).append(sentence.position)
    current: list[int] = []
    for line in lines:
        running = current[-1:]
        current = beginning.get(line.place, running)
        if doubts[line.place]:
            # A line on which a sentence begins may hold the end of the one before.
            for position in {*running, *current}:
                about.setdefault(position, doubts[line.place])
    return about
