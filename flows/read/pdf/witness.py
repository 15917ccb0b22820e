"""A second, independent reading of a page: what is drawn on it, and which numbers it holds.

Two libraries decode the same bytes. Where they do not see the same numbers, neither can be trusted on that page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from math import cos, isfinite, radians, sin
from operator import attrgetter
from typing import Any, NamedTuple

import pdf_oxide

from flows.read.document import doubt
from flows.read.pdf.glyphs import Frame, Glyph, PageGlyphs, singles

_DIGITS = frozenset("0123456789０１２３４５６７８９")
_MARKS = _DIGITS | frozenset(".,")
_char_of = attrgetter("char")


Witness = pdf_oxide.PdfDocument


@dataclass(frozen=True, slots=True)
class WitnessPage:
    """One page as the witness has it: characters and drawn paths, in user space."""

    chars: list[Any]
    paths: list[dict[str, Any]]


def open_witness(data: bytes) -> Witness | None:
    """The second reading of a PDF, None where the library cannot open it."""
    pdf_oxide.disable_logging()
    try:
        return Witness.from_bytes(data)
    except (OSError, RuntimeError, ValueError):
        return None


def witness_page(witness: Witness | None, index: int) -> WitnessPage | None:
    """One page (from 0) as the witness has it, None where it fails."""
    if witness is None:
        return None
    try:
        return WitnessPage(witness.extract_chars(index), witness.extract_paths(index))
    except (OSError, RuntimeError, ValueError):
        return None
    except BaseException as error:  # a panic of the library is no Exception, yet must not end the night
        if type(error).__name__ != "PanicException":
            raise
        return None


class _Mark(NamedTuple):
    """A character of a number: its line, where it stands on it, how wide and how large it is."""

    line: tuple[int, float]
    start: float
    width: float
    size: float
    char: str


def number_doubt(page: PageGlyphs, witnessed_page: WitnessPage) -> str | None:
    """None when both readings agree on the numbers of a page; otherwise a sentence that names the difference.

    They agree when they hold the same numbers or, where letter spacing makes it unclear where a number ends, the same
    digits on every line. Text that is not shown is known to one of them only and need not be seen by both.
    """
    if _same_places(page, witnessed_page.chars):
        return None
    seen, witnessed = _own_marks(page), _witness_marks(page, witnessed_page.chars)
    for words in (_numbers, _lines):
        ours, theirs = words(seen), words(witnessed)
        if ours == theirs or (page.hidden_left_out and ours <= theirs):
            return None
    ours, theirs = _numbers(seen), _numbers(witnessed)
    missed, extra = sorted((theirs - ours).elements()), sorted((ours - theirs).elements())
    difference = f"{' '.join(extra[:6]) or '—'} ≠ {' '.join(missed[:6]) or '—'}"
    return doubt("两种方法读出的数字不一致", "two ways of reading disagree on numbers", difference)


def _same_places(page: PageGlyphs, chars: list[Any]) -> bool:
    """Whether both readings draw the same marks of numbers, each in the same place.

    Most pages are settled by this, at a fraction of the cost. Where it is False they may still hold the same numbers.
    """
    if page.turned or page.oblique:
        return False
    own, seen = _own_places(page.upright), _seen_places(page.reading, chars)
    if len(own) != len(seen):
        frame = page.reading
        seen = [mark for mark in seen if 0 < mark[1] < frame.width and 0 < mark[2] < frame.height]
    if _alike(own, seen):
        return True
    if not all(map(isfinite, [mark[2] for mark in own] + [mark[2] for mark in seen])):
        return False
    return _alike(sorted(own, key=_by_line), sorted(seen, key=_by_line))


def _own_places(glyphs: Iterable[Glyph]) -> list[tuple[str, float, float, float]]:
    """Each mark of a number: where it begins, its baseline, and how far off the other reading may see it."""
    own: list[tuple[str, float, float, float]] = []
    for chars, x0, top, _, bottom, baseline, edges in glyphs:
        if not _MARKS.isdisjoint(chars):
            near = 0.2 * (bottom - top)
            if edges is None:
                own.append((chars, x0, baseline, near))
            elif _MARKS.issuperset(chars):
                own += zip(chars, edges[0], repeat(baseline), repeat(near))
            else:
                own += [(char, x, baseline, near) for char, x in zip(chars, edges[0], strict=True) if char in _MARKS]
    return own


def _seen_places(frame: Frame, chars: list[Any]) -> list[tuple[str, float, float]]:
    """Each mark of a number that the witness sees, and where it stands in `frame`."""
    marks = [(found, char) for found, char in zip(map(_char_of, chars), chars, strict=True) if found in _MARKS]
    if frame.turns:
        return [(found, *frame.point(char.origin_x, char.origin_y)) for found, char in marks]
    left, _, _, top = frame.box
    return [(found, char.origin_x - left, top - char.origin_y) for found, char in marks]


def _alike(own: list[tuple[str, float, float, float]], seen: list[tuple[str, float, float]]) -> bool:
    """Whether two lists hold the same marks in the same order, apart by no more than what each of `own` allows."""
    if len(own) != len(seen):
        return False
    for (char, x, y, near), (other, across, down) in zip(own, seen, strict=True):
        if char != other or not (-near < across - x < near and -near < down - y < near):
            return False
    return True


def _by_line(mark: tuple[Any, ...]) -> tuple[int, float]:
    return round(mark[2]), mark[1]


def _own_marks(page: PageGlyphs) -> list[_Mark]:
    groups: list[tuple[int, Iterable[Glyph]]] = [(0, singles(page.upright)), *page.turned.items()]
    return [
        _Mark((quarters, glyph.baseline), glyph.x0, glyph.x1 - glyph.x0, glyph.bottom - glyph.top, glyph.char)
        for quarters, glyphs in groups
        for glyph in glyphs
        if glyph.char in _MARKS
    ]


def _witness_marks(page: PageGlyphs, chars: Iterable[Any]) -> list[_Mark]:
    left, bottom, right, top = page.shown.box
    marks = []
    for char in chars:
        if char.char not in _MARKS:
            continue
        x, y, turn = char.origin_x, char.origin_y, char.rotation_degrees
        if not isfinite(turn):  # of characters so large or small that they have no direction
            continue
        quarters = round(turn / 90)
        if abs(turn - 90 * quarters) > 5 or not (left < x < right and bottom < y < top):
            continue
        if quarters:
            angle = radians(turn)
            x, y = x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)
        marks.append(_Mark((quarters % 4, -y), x, char.advance_width, char.font_size, char.char))
    return marks


def _rows(marks: list[_Mark]) -> list[list[_Mark]]:
    """Marks by line, from left to right, each struck once."""
    rows: list[list[_Mark]] = []
    for mark in sorted(marks):
        if rows and mark.line[0] == rows[-1][0].line[0] and mark.line[1] - rows[-1][0].line[1] <= 0.2 * mark.size:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    for row in rows:
        row.sort(key=lambda mark: mark.start)
        once = row[:1]
        for mark in row[1:]:
            if mark.char != once[-1].char or mark.start - once[-1].start > max(0.2 * mark.width, 0.12 * mark.size):
                once.append(mark)
        row[:] = once
    return rows


def _lines(marks: list[_Mark]) -> Counter[str]:
    """The digits of each line, run together."""
    return Counter("".join(mark.char for mark in row if mark.char in _DIGITS) for row in _rows(marks))


def _numbers(marks: list[_Mark]) -> Counter[str]:
    """The numbers: runs of marks that stand close to each other."""
    numbers: Counter[str] = Counter()
    for row in _rows(marks):
        word, end = "", 0.0
        for mark in row:
            if word and mark.start - end > 0.3 * mark.size:
                numbers[word] += 1
                word = ""
            word += mark.char
            end = mark.start + mark.width
        numbers[word] += 1
    return Counter({word: count for word, count in numbers.items() if any(char in _DIGITS for char in word)})
