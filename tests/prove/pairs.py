"""Two errors in one filing: the second is put into what the first left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.prove.errors import TYPES, WORDS, Injected, inject
from tests.prove.filings import Generated
from tests.prove.pen import Mark

ALTERING = tuple(type_ for type_ in TYPES if type_ not in (*WORDS, "missing row"))
"""The errors that alter a printed figure: where a row is missing none is wrong."""


def paired(filings: Sequence[Generated], count: int, seed: int) -> Iterator[tuple[int, tuple[Injected, Injected]]]:
    """`count` pairs of errors that alter figures beyond rounding, in different places, each with the position of its filing."""
    r = Random(f"{seed}/pairs")
    made = 0
    while made < count:
        at = r.randrange(len(filings))
        first = inject(filings[at], ALTERING[made % len(ALTERING)], r)
        second = inject(spoiled(filings[at], first), r.choice(ALTERING), r) if first else None
        if first and second and first.beyond and second.beyond and _apart(first, second):
            made += 1
            yield at, (first, second)


def spoiled(filing: Generated, error: Injected) -> Generated:
    """The filing as the error left it; what the narrative states stands where it is printed now, without what was altered."""
    if error.form:
        return replace(filing, published=error.published)
    paragraph, start = place_of(error)
    longer = len(error.after) - len(error.before)

    def moved(mark: Mark) -> Mark:
        behind = mark.paragraph == paragraph and mark.start > start
        return replace(mark, start=mark.start + longer, end=mark.end + longer) if behind else mark

    marks = [moved(mark) for mark in filing.marks if (mark.paragraph, mark.start) != (paragraph, start)]
    return replace(filing, published=error.published, marks=tuple(marks))


def place_of(error: Injected) -> tuple[int, int]:
    """Paragraph and character of an error in the narrative, counted from 0."""
    paragraph, character = error.place.split(", ")
    return int(paragraph.split()[1]) - 1, int(character.split()[1]) - 1


def _apart(one: Injected, other: Injected) -> bool:
    """Whether they are in different places; where one of them changes a row, in different rows."""
    rows = "subtotal not updated" in (one.type, other.type)
    return one.form != other.form or (_row(one) != _row(other) if rows else one.place != other.place)


def _row(error: Injected) -> str:
    return error.place.partition("/")[0]
