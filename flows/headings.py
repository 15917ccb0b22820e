"""The headings of a narrative as rows: each once, with its number and that of the heading before it on the same level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flows.recognise.disclosure import Sentence
from flows.recognise.narrative.headings import enumerator

_DIGITS = {char: value for value, char in enumerate("一二三四五六七八九", 1)}
HeadingRow = tuple[str, int, str, str, int, int | None, int | None, int | None, int | None]


def headings(filing: str, sentences: Iterable[Sentence]) -> Iterator[HeadingRow]:
    """A row of the table `heading` for each heading over a sentence, in the order in which they come."""
    seen: set[str] = set()
    before: dict[tuple[str, int], int | None] = {}
    for sentence in sentences:
        chain = sentence.section.split("/") if sentence.section else []
        for depth, text in enumerate(chain):
            chapter = "/".join(chain[:depth])
            if f"{chapter}/{text}" in seen:
                continue
            seen.add(f"{chapter}/{text}")
            level, mark = enumerator(text)
            number = _number(mark)
            place = sentence.place.page if sentence.place.page is not None else sentence.place.line
            yield (
                filing,
                sentence.position,
                text,
                chapter,
                level,
                number,
                before.get((chapter, level)),
                _year(text),
                place,
            )
            before[chapter, level] = number


def _year(text: str) -> int | None:
    """The year that a heading names; None when it names none or several."""
    years = set(re.findall(r"(?<!\d)20\d\d(?=年)", text))
    return int(years.pop()) if len(years) == 1 else None


def _number(mark: str) -> int | None:
    """The number in an enumerator (十一、 （二） 3.); None when it holds none below a hundred."""
    if digits := re.search(r"\d{1,3}", mark):
        return int(digits.group())
    found = re.search(
        r"([一二三四五六七八九])?(十)?([一二三四五六七八九])?", re.sub(r"[^一二三四五六七八九十]", "", mark)
    )
    if not found or not found.group():
        return None
    tens, ten, units = found.groups()
    if not ten:
        return _DIGITS[tens] if tens and not units else None
    return 10 * _DIGITS.get(tens or "", 1) + _DIGITS.get(units or "", 0)
