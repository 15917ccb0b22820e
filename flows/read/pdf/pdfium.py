"""Many values from pdfium at once: calls repeated by the interpreter's own loops, results written side by side.

One call through ctypes costs as much as the work behind it, and a page needs several for each of its characters. Here
arguments are whole numbers, and references made once, so that nothing is converted on the way.
"""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import repeat
from typing import Any

import pypdfium2.raw as pdfium

UNKNOWN = "\ufffd"
"""Stands for a printed character whose meaning the font does not tell."""

Reference = Any
"""An address as an argument: `ctypes.byref` of what lies there."""
Handle = Any
"""An object of a page, as a function here returned it."""

_ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int
_OTHER_RESULTS: dict[str, Any] = {
    "FPDFText_GetUnicode": ctypes.c_uint,
    "FPDFPage_GetObject": ctypes.POINTER(ctypes.c_char),
    "FPDFFormObj_GetObject": ctypes.POINTER(ctypes.c_char),
}
"""Results of the functions called here that are no `int`."""

_CHUNK = 1024
_CONTROL = {code: UNKNOWN for code in (*range(32), *range(0xD800, 0xE000)) if code not in (9, 10, 13)} | {2: "-"}
"""What control codes and halves of characters stand for: pdfium marks a hyphen at the end of a line with 2. All others are
unknown characters."""
_NOT_PLAIN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\ud800-\udfff\ufff0-\uffff]")
"""What the text of a page as a whole may not tell as its single characters do, and what stands for something else."""


@cache
def direct(name: str) -> Callable[..., Any]:
    """A function of pdfium by name that takes references, handles and whole numbers as they are."""
    result = _OTHER_RESULTS.get(name, _INT)
    return ctypes.PYFUNCTYPE(result)(ctypes.cast(getattr(pdfium, name), _ADDRESS).value or 0)


def reference(handle: Any) -> Reference:
    """A page or text page of pypdfium2 as an argument."""
    return ctypes.byref(handle.contents) if handle else None


def char_text(text: Reference, count: int) -> str:
    """The first `count` characters of a text page; one without meaning is `UNKNOWN`."""
    units = (ctypes.c_ushort * (count + 1))()
    if direct("FPDFText_GetText")(text, 0, count, ctypes.byref(units)) == count + 1:
        whole = memoryview(units)[:count].tobytes().decode("utf-16-le", "surrogatepass")
        if not _NOT_PLAIN.search(whole):
            return whole
    return "".join(map(chr, map(direct("FPDFText_GetUnicode"), repeat(text), range(count)))).translate(_CONTROL)


def char_boxes(text: Reference, count: int) -> list[float]:
    """Left, top, right and bottom of the first `count` characters of a text page, one after the other, in user space."""
    box_of, (store, places) = direct("FPDFText_GetLooseCharBox"), _boxes()
    values, found = memoryview(store).cast("B").cast("f"), list[float]()
    for first in range(0, count, _CHUNK):
        size = min(_CHUNK, count - first)
        ctypes.memset(store, 0, size * ctypes.sizeof(pdfium.FS_RECTF))
        deque(map(box_of, repeat(text), range(first, first + size), places), maxlen=0)
        found += values[: 4 * size].tolist()
    return found


@cache
def _boxes() -> tuple[Any, list[Reference]]:
    """Room for so many boxes, and where each of them is written."""
    store = (ctypes.c_float * (4 * _CHUNK))()
    return store, [ctypes.byref(store, place * ctypes.sizeof(pdfium.FS_RECTF)) for place in range(_CHUNK)]


def objects(owner: Reference | Handle, count: int, object_at: str) -> list[Handle]:
    """The first `count` objects of a page or form."""
    return list(map(direct(object_at), repeat(owner), range(count)))
