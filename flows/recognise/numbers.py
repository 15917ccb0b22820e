"""Numbers as forms print them: full-width digits, spaces between digits, separators of thousands, four kinds of minus.

A text is a number only when nothing of it is left unexplained: "12,34" and two numbers in one cell are None, so that
the reading check sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_PLAIN = str.maketrans("０１２３４５６７８９．，－＋（）％", "0123456789.,-+()%")
_WIDE = re.compile(r"[０-９．，－＋（）％]")
_NUMBER = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?:\.(?P<part>\d+))?")
_UNIT = re.compile(r"[百千万亿]?元$")
_BLANK = re.compile(r"[-−–—―─/\\*.…·。、_~～xX×ｘＸ%\s]*|无|空")
_TOKEN = re.compile(r"\d[\d,.]*")
_FOOTNOTE = re.compile(r"(?<=[\d)）])\s*(?:[①-⑳⁰¹²³⁴-⁹*＊※†‡]|[\[［〔][\d①-⑳]{1,2}[\]］〕])+$")
_MINUS = "-−–—△▲"


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number: its value, how many decimals are printed, and the unit if one is written behind it."""

    value: Decimal
    places: int
    unit: str = ""


def ascii_digits(text: str) -> str:
    """`text` with full-width digits and signs made plain."""
    return text.translate(_PLAIN) if _WIDE.search(text) else text


def tokens(text: str) -> list[str]:
    """The runs of digits in `text`, each with its separators."""
    return _TOKEN.findall(ascii_digits(text)) if text else []


def is_blank(text: str) -> bool:
    """True for what stands where no number is: nothing, dashes, dots, a placeholder such as XX."""
    return _BLANK.fullmatch(text.strip()) is not None


@lru_cache(maxsize=8192)
def parse(text: str) -> Number | None:
    """The number that `text` is as a whole, with the unit written behind it if there is one; otherwise None.

    A mark that leads to a footnote (①, *, a raised digit) is no part of it.
    """
    plain = _together(ascii_digits(_FOOTNOTE.sub("", text.strip())))
    if plain is None:
        return None
    unit = _UNIT.search(plain)
    plain = plain[: unit.start()] if unit else plain
    negative = False
    if plain.startswith("(") and plain.endswith(")"):
        negative, plain = True, plain[1:-1]
    if plain[:1] in tuple(_MINUS):
        negative, plain = True, plain[1:]
    elif plain.startswith("+"):
        plain = plain[1:]
    found = _NUMBER.fullmatch(plain)
    if not found or not plain:
        return None
    fraction = found["part"] or ""
    whole = (found["whole"] or "0").replace(",", "")
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return Number(-value if negative else value, len(fraction), unit.group() if unit else "")


def _together(text: str) -> str | None:
    """`text` without white space; None where the white space may part two whole numbers ("10 20")."""
    parts = text.split()
    joined = "".join(parts)
    digits = [part for part in parts if part.isdecimal()]
    if len(digits) == len(parts) > 1:
        spaced_out = all(len(part) == 1 for part in parts)
        thousands = len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
        if not (spaced_out or thousands):
            return None
    return joined


def last_place(places: Iterable[int]) -> Decimal:
    """The unit of the last place that figures of one form share, from the decimals each of them prints.

    271.4 beside two-decimal figures means 271.40, so the finest place counts. A place beyond the second counts
    only when a tenth of the figures print it: a single cell left unrounded says nothing about the others.
    """
    printed = sorted(places, reverse=True)
    if not printed:
        return Decimal(1)
    finest = printed[(len(printed) - 1) // 10]
    return Decimal(1).scaleb(-max(finest, min(printed[0], 2)))
