"""Many values from pdfium at once: calls repeated by the interpreter's own loops, results written side by side.

One call through ctypes costs as much as the work behind it, and a page needs several for each of its characters. Here
functions take plain addresses and are mapped over ranges; nothing is converted on the way.
"""

from __future__ import annotations

import ctypes
import re
from array import array
from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import repeat
from typing import Any

import pypdfium2.raw as pdfium

Address = int

_ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int
_SHAPES: dict[str, tuple[Any, ...]] = {
    "FPDFText_GetUnicode": (ctypes.c_uint, _ADDRESS, _INT),
    "FPDFText_GetText": (_INT, _ADDRESS, _INT, _INT, _ADDRESS),
    "FPDFText_GetLooseCharBox": (_INT, _ADDRESS, _INT, _ADDRESS),
    "FPDFText_GetCharOrigin": (_INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS),
    "FPDFPage_GetCropBox": (_INT, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    "FPDFPage_GetMediaBox": (_INT, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS),
    "FPDFPage_GetObject": (_ADDRESS, _ADDRESS, _INT),
    "FPDFFormObj_GetObject": (_ADDRESS, _ADDRESS, _INT),
    "FPDFFormObj_CountObjects": (_INT, _ADDRESS),
    "FPDFPageObj_GetType": (_INT, _ADDRESS),
    "FPDFTextObj_GetTextRenderMode": (_INT, _ADDRESS),
}
"""Result and arguments of the functions called here."""

_BOX = ctypes.sizeof(pdfium.FS_RECTF)
_NOT_PLAIN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\ud800-\udfff\ufff0-\uffff]")
"""What the text of a page as a whole may not tell as its single characters do."""


@cache
def direct(name: str) -> Callable[..., int]:
    """A function of pdfium by name that takes and returns numbers and addresses as they are."""
    return ctypes.PYFUNCTYPE(*_SHAPES[name])(address(getattr(pdfium, name)))


def address(handle: Any) -> Address:
    """Where a page, text page, object or function of pypdfium2 lies."""
    return ctypes.cast(handle, _ADDRESS).value or 0


def char_text(text: Address, count: int) -> str:
    """The first `count` characters of a text page."""
    units = array("H", bytes(2 * count + 2))
    if direct("FPDFText_GetText")(text, 0, count, units.buffer_info()[0]) == count + 1:
        whole = units[:count].tobytes().decode("utf-16-le", "surrogatepass")
        if not _NOT_PLAIN.search(whole):
            return whole
    return "".join(map(chr, map(direct("FPDFText_GetUnicode"), repeat(text), range(count))))


def char_boxes(text: Address, count: int) -> list[float]:
    """Left, top, right and bottom of the first `count` characters of a text page, one after the other, in user space."""
    boxes = array("f", bytes(_BOX * count))
    start, _ = boxes.buffer_info()
    places = range(start, start + _BOX * count, _BOX)
    deque(map(direct("FPDFText_GetLooseCharBox"), repeat(text), range(count), places), maxlen=0)
    return boxes.tolist()


def objects(owner: Address, count: int, object_at: str) -> list[Address]:
    """The first `count` objects of a page or form."""
    return list(map(direct(object_at), repeat(owner), range(count)))
