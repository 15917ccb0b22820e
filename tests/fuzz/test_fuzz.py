"""A short run of every fuzz target, the same inputs each time; and proof that the targets would notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from flows.read import document, read_bytes
from tests.fuzz.invariants import expect_clear, expect_sound
from tests.fuzz.mutation import mutate
from tests.fuzz.seeds import NAMES
from tests.fuzz.target import READERS, run_one, seeds_of, signature

INPUTS = 30
FEWER = {"scan": 6}
"""Where an input takes most of a second."""


def inputs(reader: str, count: int) -> Iterator[bytes]:
    sound = seeds_of(reader)
    for number in range(count):
        random = Random(f"{reader} {number}")
        yield random.randbytes(8) if reader == "grids" else mutate(random.choice(sound), reader, random, sound)


@pytest.fixture(autouse=True)
def _extra(request: pytest.FixtureRequest) -> None:
    if "scan" in request.node.name:
        pytest.importorskip("rapidocr", reason="the extra ocr is not installed")


@pytest.mark.parametrize("reader", READERS)
def test_damaged_files_are_read_or_refused_as_agreed(reader: str) -> None:
    for number, data in enumerate(inputs(reader, FEWER.get(reader, INPUTS))):
        try:
            run_one(reader, data)
        except Exception as error:
            raise AssertionError(f"input {number} of {reader}: {signature(error)}") from error


@pytest.mark.parametrize("reader", [one for one in READERS if one != "grids"])
def test_seeds_are_sound_and_damage_reaches_beyond_the_first_look(reader: str) -> None:
    """Most damaged files are still read, at least in part: a fuzz target whose inputs are all refused tests nothing."""
    for seed in seeds_of(reader)[:1]:
        expect_sound(read_bytes(seed, NAMES[reader]))
    answered = 0
    count = FEWER.get(reader, 20)
    for data in inputs(reader, count):
        try:
            answered += bool(read_bytes(data, NAMES[reader]).pages)
        except document.Unreadable as error:
            expect_clear(error)
    assert answered >= count / 3, answered


def test_an_unsound_document_is_noticed() -> None:
    sound = read_bytes(seeds_of("csv")[0], "a.csv")
    expect_sound(sound)
    (page,) = sound.pages
    grid = next(item for item in page.items if isinstance(item, document.Grid))
    first, second, *rest = grid.cells

    def with_cells(*cells: document.Cell) -> document.Document:
        return replace(sound, pages=(replace(page, items=(replace(grid, cells=cells),)),))

    expect_sound(with_cells(first, second, *rest))
    for cells in (
        (second, first, *rest),
        (first, first, *rest),
        (replace(first, text=" x"), second),
        (replace(first, text="\ud800"), second),
        (replace(first, column_span=grid.columns + 1), second),
        (replace(first, row_span=0), second),
        (replace(first, place=document.Place(line=0)), second),
        (replace(first, place=document.Place(page=1)), second),
        (),
    ):
        with pytest.raises((AssertionError, UnicodeEncodeError)):
            expect_sound(with_cells(*cells))
    with pytest.raises(AssertionError):
        expect_clear(document.Unreadable("odd", {"zh": "行", "en": "line"}))
    with pytest.raises(AssertionError):
        expect_clear(document.Unreadable("empty", {"zh": "行\n行", "en": "line"}))
