"""How certain a reading is: read twice, and held against the marks that can be counted in the picture.

A figure is certain when two pictures of it (its own greys, and a smoothed and shifted black and white) give the same
signs, each with a high chance, and when the marks of the ink are as many digits, points and strokes as were read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import cv2
import numpy as np

from flows.read.scan.engine import Char, Pixels, read_strips
from flows.read.scan.strips import Strip

SURE_DIGIT = 0.85
SURE_TEXT = 0.5
_SIGNS = re.compile(r"[^0-9.,%+\-()万亿]")
_ALIKE = str.maketrans("０１２３４５６７８９．，％－−–—（）：", "0123456789.,%----():")
_NUMBER = re.compile(r"[-+]?[\d,]*\d(\.\d+)?")


class Reading(NamedTuple):
    """One strip as read: its characters, and why they are not certain (empty when they are)."""

    strip: Strip
    chars: tuple[Char, ...]
    doubt: str

    @property
    def text(self) -> str:
        return "".join(char.char for char in self.chars).strip()


def read_certainly(pixels: Pixels, ink: Pixels, strips: list[Strip]) -> list[Reading]:
    """Every strip read, those with figures or without any text twice."""
    first = read_strips([cut(pixels, strip, 0.25) for strip in strips])
    again = [index for index, chars in enumerate(first) if needs_second(chars)]
    second = dict(zip(again, read_strips([_other_cut(pixels, strips[index]) for index in again]), strict=True))
    return [
        Reading(strip, chars, _doubt(strip, chars, second.get(index), ink))
        for index, (strip, chars) in enumerate(zip(strips, first, strict=True))
    ]


def needs_second(chars: tuple[Char, ...]) -> bool:
    text = plain(chars)
    return not text or any(char.isdigit() for char in text) or len(text) < 2


def plain(chars: tuple[Char, ...]) -> str:
    """The text without spaces, its digits and signs in their ASCII forms."""
    return "".join(char.char for char in chars).translate(_ALIKE).replace(" ", "")


def cut(pixels: Pixels, strip: Strip, margin: float, shift: float = 0.0) -> Pixels:
    """The strip's pixels with a white margin of so many heights; nothing of its neighbours is in it."""
    box, room = strip.box, strip.room
    middle = (box.y0 + box.y1) / 2
    half = max(box.y1 - box.y0, strip.height) / 2
    pad = max(2, round(margin * 2 * half))
    y0, y1 = round(middle - half) - pad, round(middle + half) + pad
    x0, x1 = box.x0 - pad + round(shift * pad), box.x1 + pad + round(shift * pad)
    out = np.full((y1 - y0, x1 - x0), 250, np.uint8)
    sx0, sy0, sx1, sy1 = max(x0, room.x0), max(y0, room.y0), min(x1, room.x1), min(y1, room.y1)
    out[sy0 - y0 : sy1 - y0, sx0 - x0 : sx1 - x0] = pixels[sy0:sy1, sx0:sx1]
    return out


def _other_cut(pixels: Pixels, strip: Strip) -> Pixels:
    """The strip again in black and white, a little smaller and shifted."""
    part = cut(pixels, strip, 0.4, 0.3)
    part = cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    threshold, _ = cv2.threshold(part, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    black = np.where(part < threshold, np.uint8(0), np.uint8(255))
    return cv2.GaussianBlur(black, (3, 3), 0)


def _doubt(strip: Strip, first: tuple[Char, ...], second: tuple[Char, ...] | None, ink: Pixels) -> str:
    text = plain(first)
    if not text:
        return "这里有笔迹，认不出内容 / there is ink here that could not be read"
    weakest = min(char.probability for char in first if char.char.strip())
    if second is None:
        return "" if weakest >= SURE_TEXT else f"识别把握不大 / recognised without certainty: {text[:20]}"
    if not any(char.isdigit() for char in text):
        return ""
    other = plain(second)
    if _SIGNS.sub("", text) != _SIGNS.sub("", other):
        return f"两次识读不一致 / two readings differ: {text[:20]} ≠ {other[:20] or '—'}"
    weakest = min(
        (char.probability for char in (*first, *second) if char.char.isdigit() or char.char in ".,-"), default=0.0
    )
    if weakest < SURE_DIGIT:
        return f"识别把握不大 / recognised without certainty: {text[:20]}"
    if strip.tight and _NUMBER.fullmatch(text):
        return f"数字碰到格子边线 / the figure touches the border of its cell: {text[:20]}"
    if _NUMBER.fullmatch(text) and (found := counted(ink, strip)) is not None and found != expected(text):
        return f"笔画与读数不符 / the marks are not those of what was read: {text[:20]}"
    return ""


def expected(text: str) -> str:
    """A number as a row of marks: d for a digit, p for a point or comma, s for a stroke."""
    return "".join("d" if char.isdigit() else "p" if char in ".," else "s" for char in text)


def counted(ink: Pixels, strip: Strip) -> str | None:
    """The marks of a strip from left to right as `expected` writes them; None where there is none as tall as a digit."""
    box = strip.box
    part = ink[box.y0 : box.y1, box.x0 : box.x1]
    _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    boxes = [tuple(int(v) for v in row[:4]) for row in stats[1:]]
    tall = max((h for _, _, _, h in boxes), default=0)
    if not tall:
        return None
    marks: list[list[int]] = []
    for x, y, w, h in sorted(boxes):
        # pieces of one digit stand above each other
        if marks and x < marks[-1][2] - 0.3 * min(w, marks[-1][2] - marks[-1][0]):
            last = marks[-1]
            last[1], last[2], last[3] = min(last[1], y), max(last[2], x + w), max(last[3], y + h)
        else:
            marks.append([x, y, x + w, y + h])
    return "".join(_kind(mark, tall) * _together(mark, tall) for mark in marks)


def _together(mark: list[int], tall: int) -> int:
    """How many digits one mark is: in coarse pictures neighbours touch."""
    wide = (mark[2] - mark[0]) / tall
    return 1 if mark[3] - mark[1] < 0.6 * tall or wide < 0.95 else 2 if wide < 1.6 else 3


def _kind(mark: list[int], tall: int) -> str:
    x0, y0, x1, y1 = mark
    w, h, middle = x1 - x0, y1 - y0, (y0 + y1) / 2
    if h >= 0.6 * tall:
        return "d"
    if h < 0.35 * tall and w >= 0.25 * tall and 0.3 * tall < middle < 0.8 * tall and w > 1.3 * h:
        return "s"
    return "p" if middle > 0.6 * tall else "?"
