"""Printed lines → paragraphs and sentences that know their section and, for every character, their place.

A printed line says nothing of sentences: they run on over lines and pages, headings stand among them, text renderings
carry Markdown marks. `paragraphs` puts the text together again; `to_sentences` cuts it where a reader would.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from heapq import merge

from flows.read.document import Line, Place
from flows.recognise.disclosure import Sentence
from flows.recognise.narrative.headings import enumerator, is_heading, is_title
from flows.recognise.narrative.punctuation import uniform


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that belongs together. `text` as printed without white space; `plain` is of the same length with its
    punctuation made uniform (full-width outside numbers): what patterns read.

    `headings` is the chain above it, `number` the enumerator at its front and `level` its depth (0: none).
    `starts` are the offsets where the source lines begin, `places` those lines' places. `sentences` are (start, end).
    """

    text: str
    plain: str
    headings: tuple[str, ...]
    number: str
    level: int
    heading: bool
    starts: tuple[int, ...]
    places: tuple[Place, ...]
    sentences: tuple[tuple[int, int], ...]
    first: int = 0

    def place(self, offset: int) -> Place:
        """The place of the line on which the character at `offset` is printed."""
        return self.places[max(0, bisect_right(self.starts, offset) - 1)]

    def sentence_of(self, offset: int) -> int:
        """Which of `sentences` holds `offset`."""
        for index, (_, end) in enumerate(self.sentences):
            if offset < end:
                return index
        return len(self.sentences) - 1


def paragraphs(lines: Sequence[Line], cells: Sequence[Line] = ()) -> tuple[Paragraph, ...]:
    """The text of `lines` as paragraphs in reading order; headings are paragraphs of their own.

    `cells` are texts of tables' cells: each is a paragraph of its own, put where it is printed.
    """
    lines = _in_place([*lines, *cells])
    stack: list[tuple[int, str]] = []
    made: list[Paragraph] = []
    position = 0
    for pieces in _gather(lines, {id(cell) for cell in cells}):
        for paragraph in _headed(pieces, stack):
            made.append(replace(paragraph, first=position))
            position += len(paragraph.sentences)
    return tuple(made)


def to_sentences(found: Iterable[Paragraph]) -> tuple[Sentence, ...]:
    """Every sentence of `found`, numbered from 0; punctuation uniform, so that rules need one spelling only."""
    return tuple(
        Sentence(
            paragraph.first + index, "/".join(paragraph.headings), paragraph.plain[start:end], paragraph.place(start)
        )
        for paragraph in found
        for index, (start, end) in enumerate(paragraph.sentences)
    )


def _in_place(lines: Sequence[Line]) -> Sequence[Line]:
    """`lines` with each run that goes back to an earlier page or line merged in where it stands."""
    runs: list[list[Line]] = []
    last = (-1, -1)
    for line in lines:
        here = (line.place.page or 0, line.place.line or 0)
        if here < last or not runs:
            runs.append([])
        runs[-1].append(line)
        last = here
    return lines if len(runs) < 2 else list(merge(*runs, key=_order))


def _order(line: Line) -> tuple[int, int, float]:
    return line.place.page or 0, line.place.line or 0, line.place.bbox[1] if line.place.bbox else 0.0


# ---------------------------------------------------------------------------------------------- clean one line

_TAGS = re.compile(r"</?[a-zA-Z]+\s*/?>")
_MARKS = re.compile(r"^\s*(?:#{1,6}\s+|[-*+]\s+|>\s+)")
_LATEX = (
    (r"\geq", "≥"),
    (r"\ge", "≥"),
    (r"\leq", "≤"),
    (r"\le", "≤"),
    (r"\times", "×"),
    (r"\%", "%"),
    ("**", ""),
    ("$", ""),
)
_WIDE = str.maketrans("０１２３４５６７８９％＋－", "0123456789%+-")
_POINT = re.compile(r"(?<=\d)(?:．|。(?!(?:19|20)\d{2}年))(?=\d)")
_SPACE = re.compile(r"[\s\u3000\u200b\ufeff]+")
_LEADERS = re.compile(r"[.…·。\s]{4,}\d*$|…+\d*$")
_APART = re.compile(r"[0-9A-Za-z]")


def clean(text: str) -> str:
    """`text` without white space, Markdown, HTML and LaTeX marks; digits plain.

    A space stays between two Latin letters or digits: there it separates words or numbers.
    """
    text = _TAGS.sub("", _MARKS.sub("", text))
    for mark, plain in _LATEX:
        if mark in text:
            text = text.replace(mark, plain)
    text = _POINT.sub(".", _LEADERS.sub("", text.translate(_WIDE)).strip())
    words = _SPACE.split(text)
    made = words[0]
    for word in words[1:]:
        apart = made and word and _APART.match(made[-1]) and _APART.match(word[0])
        made += (" " if apart else "") + word
    return made


# ------------------------------------------------------------------------------------ which lines belong together

_ENDED = re.compile(r"[。！？!?][”」』）)]*$")
_UNBREAKABLE = re.compile(r"[（“《]*[-+]?[0-9][0-9.,%]*[，。；：、）”》]*")
_WIDEST_DIGIT = 1.25
"""Times half the width of a Chinese character, which digits measure in most fonts."""
SHORT = 15
"""Chinese characters of a line that is no line of running text."""
_TITLE = re.compile(r"[^，。；：、,;:0-9%]{2,25}")
_CHAPTER = re.compile(r"[^，。；：、,;:]{2,45}")
_COMPLETE = re.compile(r"(?:说明|情况|概况|解释|职能|职责|构成|设置|分析|结果|经费|支出|收入|[总决算]表|目录)。?$")
_TAIL = re.compile(r"[^，。；：,;:0-9]{1,6}")


@dataclass(slots=True)
class _Piece:
    text: str
    place: Place
    full: bool | None
    """Whether the line runs to the right margin; None when the source has no geometry."""
    alone: bool


def _gather(lines: Sequence[Line], alone: Set[int]) -> Iterable[list[_Piece]]:
    """Groups of lines that are one paragraph or heading each; what has its id in `alone` is one by itself."""
    group: list[_Piece] = []
    for piece in _pieces(lines, alone):
        if group and _breaks(group, piece):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _pieces(lines: Sequence[Line], alone: Set[int]) -> list[_Piece]:
    margins: dict[int | None, tuple[float, float]] = {}
    for line in lines:
        if line.place.bbox:
            left, right = margins.get(line.place.page, (1e9, 0.0))
            margins[line.place.page] = min(left, line.place.bbox[0]), max(right, line.place.bbox[2])
    made = []
    shown = [(line, text) for line in lines if (text := clean(line.text))]
    for index, (line, text) in enumerate(shown):
        full = None
        if line.place.bbox:
            left, right = margins[line.place.page]
            room = right - line.place.bbox[2]
            full = room < max(0.12 * (right - left), 1.0) or _runs_on(
                text,
                line.place.bbox[2] - line.place.bbox[0],
                shown[index + 1][1] if index + 1 < len(shown) else "",
                room,
            )
        made.append(_Piece(text, line.place, full, id(line) in alone))
    return made


def _runs_on(text: str, width: float, following: str, room: float) -> bool:
    """Whether a line of running text, `width` wide, is short only because no program breaks the number that follows it."""
    first = _UNBREAKABLE.match(following)
    if first is None or _ENDED.search(text) or _ems(text) < SHORT:
        return False
    return room < width * _WIDEST_DIGIT * _ems(first.group()) / _ems(text)


def _ems(text: str) -> float:
    """The width of `text` in Chinese characters; a percent sign is nearly as wide as one."""
    return sum(1.0 if ord(character) > 0x2E7F or character == "%" else 0.5 for character in text)


def _breaks(group: list[_Piece], piece: _Piece) -> bool:
    """Whether `piece` begins something new."""
    last = group[-1]
    level, _ = enumerator(piece.text)
    if level or last.alone or piece.alone or _beside(last.place, piece.place):
        return True
    # No heading is as long as that; asked of every line of a long paragraph, it would cost the square of its length.
    so_far = "".join(member.text for member in group) if len(group) < 100 else ""
    if so_far and (is_heading(so_far) or is_title(so_far)):
        if so_far == enumerator(so_far)[1]:
            return not _CHAPTER.fullmatch(piece.text)
        wraps = last.full or (last.full is None and enumerator(so_far)[0] == 1)
        return not (wraps and (_TAIL.fullmatch(piece.text) or (last.full and not _COMPLETE.search(so_far))))
    if is_title(piece.text):
        return True
    if last.full is False:
        return bool(_ENDED.search(last.text)) or not re.search(r"[，、；：（,;:(]$", last.text)
    if last.full:
        return False
    if _ENDED.search(last.text):
        return True
    return len(group) == 1 and bool(_TITLE.fullmatch(last.text))


def _beside(one: Place, other: Place) -> bool:
    """Whether two lines are cells of one row rather than lines below each other."""
    if other.sheet or other.cell:
        return True
    if one.line is not None and one.line == other.line:
        return True
    if one.bbox and other.bbox and one.page == other.page:
        middle = (other.bbox[1] + other.bbox[3]) / 2
        return one.bbox[1] < middle < one.bbox[3] and other.bbox[0] >= one.bbox[2]
    return False


# ----------------------------------------------------------------------------------------------------- headings

_LEAD = re.compile(r"(?P<lead>[^，；,;。：:]{2,30}?(?:情况|说明|概况|分析|构成|情况说明))[。：:](?=.)")


def _headed(pieces: list[_Piece], stack: list[tuple[int, str]]) -> list[Paragraph]:
    """The paragraph of `pieces`; two when a heading and its text share a line. Keeps `stack` of open headings."""
    text, starts, places = "", [], []
    for piece in pieces:
        starts.append(len(text))
        places.append(piece.place)
        text += piece.text
    level, number = enumerator(text)
    if is_title(text) and not any(enumerator(title)[0] in (2, 3) for _, title in stack):
        _push(stack, 2, text)
        return [_paragraph(text, True, stack, starts, places)]
    if is_heading(text):
        _push(stack, level, text)
        return [_paragraph(text, True, stack, starts, places)]
    if level in (2, 3):
        lead = _LEAD.match(text, len(number))
        if lead:
            _push(stack, level, text[: lead.end("lead")])
            head = _paragraph(text[: lead.end()], True, stack, starts, places)
            cut = lead.end()
            kept = [
                (max(0, start - cut), place)
                for start, place, end in zip(starts, places, [*starts[1:], len(text)], strict=True)
                if end > cut
            ]
            return [head, _paragraph(text[cut:], False, stack, [s for s, _ in kept], [p for _, p in kept])]
    return [_paragraph(text, False, stack, starts, places)]


def _push(stack: list[tuple[int, str]], level: int, text: str) -> None:
    while stack and stack[-1][0] >= level:
        stack.pop()
    stack.append((level, text.rstrip("。：:")))


def _paragraph(
    text: str, heading: bool, stack: list[tuple[int, str]], starts: list[int], places: list[Place]
) -> Paragraph:
    level, number = enumerator(text)
    plain = uniform(text)
    above = [title for _, title in (stack[:-1] if heading else stack)]
    spans = ((0, len(text)),) if heading else tuple(_spans(plain))
    return Paragraph(text, plain, tuple(above), number, level, heading, tuple(starts), tuple(places), spans)


# ---------------------------------------------------------------------------------------------------- sentences

_ENDS = "。！？；"


def _spans(plain: str) -> Iterable[tuple[int, int]]:
    """(start, end) of the sentences of `plain`; an end mark inside brackets or quotes does not end one."""
    inside = _enclosed(plain)
    start = 0
    for offset, char in enumerate(plain):
        if char in _ENDS and not inside[offset]:
            end = offset + 1
            if plain[end : end + 1] in ("”", "）"):
                continue
            yield start, end
            start = end
    if start < len(plain):
        yield start, len(plain)


def _enclosed(plain: str) -> list[bool]:
    """For each character, whether it stands between a bracket (or quote) and its partner."""
    inside = [False] * len(plain)
    open_at: list[tuple[str, int]] = []
    partner = {"）": "（", "”": "“", "》": "《"}
    for offset, char in enumerate(plain):
        if char in "（“《":
            open_at.append((char, offset))
        elif char in partner and any(mark == partner[char] for mark, _ in open_at):
            while open_at:
                mark, begin = open_at.pop()
                if mark == partner[char]:
                    inside[begin : offset + 1] = [True] * (offset + 1 - begin)
                    break
    return inside
