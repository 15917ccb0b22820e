"""How certain a reading is: read twice, and held against the marks that can be counted in the picture.

A figure is certain when two pictures of it (its own greys, and a smoothed and shifted black and white) give the same
signs, each with a high chance, and when the marks of the ink are as many digits, points and strokes as were read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import cv2
import numpy as np

from flows.read.document import doubt
from flows.read.pdf.pdfium import UNKNOWN
from flows.read.scan.engine import Char, Pixels, read_strips
from flows.read.scan.strips import Strip

SURE_DIGIT = 0.85
SURE_TEXT = 0.5
GROUND = 250
SHADES = (-0.1, 0.1, 0.35, 0.55)
"""Shades taken for ink when marks are counted, from the middle between ink and ground (0) to the ground (1)."""
COARSE = 8.5
"""Pixels of the scan from the top to the foot of a digit below which 3, 5, 6 and 8 can no longer be told apart."""
MARGIN = 0.25
"""Heights of white around a strip."""
DASH = 4.0
"""Heights of the longest dash that stands for nothing."""
_WORDS = re.compile(r"[\u3400-\u9fff]")
_RATIO = re.compile(r"[-+]?\d+(\.\d{1,2}|\.\d{4,})?%|\(\d+(,\d{3})*(\.\d{2})?\)")
_MARKS = re.compile(r"[-−–—―─/\\*.…·。、_~～xX×ｘＸ%•\s]*")
_SIGNS = re.compile(r"[^0-9.,%+\-()万亿]")
_ALIKE = str.maketrans("０１２３４５６７８９．，％－−–—（）：", "0123456789.,%----():")
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.(\d{1,2}|\d{4,}))?")
"""A number whose points and commas stand where they must: three digits behind a point may be thousands behind a comma."""


class Reading(NamedTuple):
    """One strip as read: its characters, and why they are not certain (empty when they are)."""

    strip: Strip
    chars: tuple[Char, ...]
    doubt: str

    @property
    def text(self) -> str:
        return "".join(char.char for char in self.chars).strip()


def read_certainly(pixels: Pixels, strips: list[Strip], sharpness: float) -> list[Reading]:
    """Every strip read, those with figures and those that may be a figure twice.

    `sharpness`: how many pixels of the scan itself one pixel of the picture is.
    """
    first = read_strips([cut(pixels, strip, MARGIN) for strip in strips])
    again = [index for index, chars in enumerate(first) if _needs_second(strips[index], chars)]
    second = dict(zip(again, read_strips([_other_cut(pixels, strips[index]) for index in again]), strict=True))
    return [
        _judged(strip, chars, second.get(index), pixels, sharpness)
        for index, (strip, chars) in enumerate(zip(strips, first, strict=True))
    ]


def _needs_second(strip: Strip, chars: tuple[Char, ...]) -> bool:
    text = plain(chars)
    return any(char.isdigit() for char in text) or (strip.in_cell and (len(text) < 2 or not _WORDS.search(text)))


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


def _judged(
    strip: Strip, first: tuple[Char, ...], second: tuple[Char, ...] | None, pixels: Pixels, sharpness: float
) -> Reading:
    """The reading of one strip, given both readings of it (the second only where it was needed)."""
    text = plain(first)
    if strip.in_cell and not any(char.isdigit() for char in text) and not (_WORDS.search(text) and len(text) > 1):
        if "s" in counted(pixels, strip) and strip.box.x1 - strip.box.x0 < DASH * strip.height:
            return Reading(strip, (Char("-", 1.0, 0.5),), "")
        if not _WORDS.search(text):
            shown = text if text and not _MARKS.fullmatch(text) else UNKNOWN
            why = doubt("这里有笔迹，认不出内容", "there is ink here that could not be read", text[:20] or "—")
            return Reading(strip, (Char(shown[0], 0.0, 0.5),), why)
    return Reading(strip, _closed_up(first), _doubt(strip, first, second, pixels, sharpness))


def _closed_up(chars: tuple[Char, ...]) -> tuple[Char, ...]:
    """The characters without the spaces that the model puts into numbers."""
    signs = "0123456789.,-"
    return tuple(
        char
        for index, char in enumerate(chars)
        if not (
            char.char.isspace()
            and 0 < index < len(chars) - 1
            and chars[index - 1].char in signs
            and chars[index + 1].char in signs
            and chars[index + 1].middle - chars[index - 1].middle < 4 / len(chars)
        )
    )


def _doubt(
    strip: Strip, first: tuple[Char, ...], second: tuple[Char, ...] | None, pixels: Pixels, sharpness: float
) -> str:
    """Why what was read first is not certain; empty when it is."""
    text = plain(first)
    weakest = min((char.probability for char in first if char.char.strip()), default=0.0)
    if second is None:
        sure = SURE_TEXT if len(text) > 1 else SURE_DIGIT
        return "" if weakest >= sure or not text else doubt("识别把握不大", "recognised without certainty", text[:20])
    other = plain(second)
    if len(text) == 1 and text != other:
        return doubt("两次识读不一致", "two readings differ", f"{text} ≠ {other[:20] or '—'}")
    if _SIGNS.sub("", text) != _SIGNS.sub("", other):
        return doubt("两次识读不一致", "two readings differ", f"{text[:20]} ≠ {other[:20] or '—'}")
    telling = [char for char in (*first, *second) if char.char.isdigit() or char.char in ".,-" or len(text) == 1]
    weakest = min((char.probability for char in telling), default=0.0)
    if weakest < SURE_DIGIT:
        return doubt("识别把握不大", "recognised without certainty", text[:20])
    if strip.faint:
        return doubt("字迹很淡", "the print is faint", text[:20])
    if (strip.box.y1 - strip.box.y0) * sharpness < COARSE:
        return doubt("扫描太粗", "the scan is too coarse to be certain of", text[:20])
    if not any(char.isdigit() for char in text):
        return ""
    if not _NUMBER.fullmatch(text):
        odd = not _WORDS.search(text) and not _RATIO.fullmatch(text)
        return doubt("不像数字也不像文字", "neither a number nor words", text[:20]) if odd else ""
    if strip.tight:
        return doubt("数字碰到格子边线", "the figure touches the border of its cell", text[:20])
    if expected(text) not in counted(pixels, strip):
        return doubt("笔画与读数不符", "the marks are not those of what was read", text[:20])
    return ""


def expected(text: str) -> str:
    """A number as a row of marks: d for a digit, p for a point or comma, s for a stroke."""
    return "".join("d" if char.isdigit() else "p" if char in ".," else "s" for char in text)


def counted(pixels: Pixels, strip: Strip) -> set[str]:
    """The marks of a strip from left to right as `expected` writes them, at each of several shades taken for ink.

    Thin strokes fall apart at a dark one, neighbours run together at a light one.
    """
    box = strip.box
    part = pixels[max(0, box.y0 - 1) : box.y1 + 1, max(0, box.x0 - 1) : box.x1 + 1]
    part = cv2.GaussianBlur(cv2.resize(part, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), (0, 0), 1.5)
    threshold, _ = cv2.threshold(part, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return {
        _marks((part < threshold + share * (GROUND - threshold)).astype(np.uint8), 2 * strip.height) for share in SHADES
    }


def _marks(black: Pixels, least: int) -> str:
    _, _, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=4)
    boxes = [tuple(int(v) for v in row[:4]) for row in stats[1:]]
    tall = max((h for _, _, _, h in boxes), default=0)
    boxes = [one for one in boxes if max(one[2], one[3]) > 0.07 * tall]
    tall = max(tall, least)
    marks: list[list[int]] = []
    for x, y, w, h in sorted(boxes):
        # pieces of one digit stand above each other
        if marks and x < marks[-1][2] - 0.3 * min(w, marks[-1][2] - marks[-1][0]):
            last = marks[-1]
            last[1], last[2], last[3] = min(last[1], y), max(last[2], x + w), max(last[3], y + h)
        else:
            marks.append([x, y, x + w, y + h])
    if all(y1 - y0 < 0.35 * tall for _, y0, _, y1 in marks):
        # nothing as tall as a digit shows where the middle of the line is
        return "".join("s" if x1 - x0 > 1.3 * (y1 - y0) else "p" for x0, y0, x1, y1 in marks)
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
