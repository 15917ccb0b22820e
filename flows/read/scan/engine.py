"""The two models that read pictures: where text stands, and what it says.

They are files inside the package `rapidocr` (PP-OCRv6, Apache-2.0), opened here with onnxruntime and nothing else: no
code runs that could fetch anything, and the same picture always gives the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A grey picture: rows × columns, 0 black to 255 white."""

THREADS = 2
HEIGHT = 48
"""Pixels to which the recognition model has a line of text scaled."""
MOST_WIDTH = 3200
"""Pixels of the widest line given to the model, and of all lines given to it at once; a longer one is squeezed."""
BATCH = 8
DETECTED_SIDE = 960
"""Pixels of the longer side of the picture in which text is looked for."""
_TEXT = 0.3
_SURE_TEXT = 0.5


class Char(NamedTuple):
    """One recognised character: how probable it is, and where its middle stands (0 left to 1 right of the strip)."""

    char: str
    probability: float
    middle: float


class Box(NamedTuple):
    """Pixels of a picture, `x1` and `y1` excluded."""

    x0: int
    y0: int
    x1: int
    y1: int


def read_strips(strips: Sequence[Pixels]) -> list[tuple[Char, ...]]:
    """What each strip (one line of text, upright) says; spaces as the model sees them, nothing where it sees no text."""
    session, alphabet = _recogniser()
    found: list[tuple[Char, ...]] = [()] * len(strips)
    widths = [min(MOST_WIDTH, max(16, -(-strip.shape[1] * HEIGHT // strip.shape[0]))) for strip in strips]
    order = sorted(range(len(strips)), key=lambda index: widths[index])
    for chosen in _batches(order, widths):
        wide = -(-widths[chosen[-1]] // 32) * 32
        batch = np.zeros((len(chosen), 3, HEIGHT, wide), np.float32)
        for place, index in enumerate(chosen):
            scaled = cv2.resize(strips[index], (widths[index], HEIGHT), interpolation=cv2.INTER_LINEAR)
            batch[place, :, :, : widths[index]] = scaled.astype(np.float32) / 127.5 - 1
        (scores,) = session.run(None, {session.get_inputs()[0].name: batch})
        for place, index in enumerate(chosen):
            found[index] = _decoded(scores[place], alphabet, wide / widths[index])
    return found


def _batches(order: Sequence[int], widths: Sequence[int]) -> list[list[int]]:
    """Strips, ordered by width, in groups no wider together than memory should hold."""
    groups: list[list[int]] = []
    for index in order:
        if groups and len(groups[-1]) < BATCH and (len(groups[-1]) + 1) * widths[index] <= MOST_WIDTH:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def text_boxes(picture: Pixels) -> list[Box]:
    """Where lines of text stand in a picture, upright or sideways, from top to bottom."""
    high, wide = picture.shape
    scale = min(1.0, DETECTED_SIDE / max(high, wide))
    size = max(32, round(wide * scale / 32) * 32), max(32, round(high * scale / 32) * 32)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1
    session = _detector()
    (scores,) = session.run(None, {session.get_inputs()[0].name: np.repeat(small[None, None], 3, axis=1)})
    chance = scores[0, 0]
    count, labels, stats, _ = cv2.connectedComponentsWithStats((chance > _TEXT).astype(np.uint8), connectivity=8)
    sums = np.bincount(labels.ravel(), weights=chance.ravel(), minlength=count)
    boxes = []
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        if min(w, h) < 3 or sums[label] / area < _SURE_TEXT:
            continue
        grow = 0.8 * w * h / (w + h)
        x0, x1 = (x - grow) * wide / size[0], (x + w + grow) * wide / size[0]
        y0, y1 = (y - grow) * high / size[1], (y + h + grow) * high / size[1]
        boxes.append(Box(max(0, int(x0)), max(0, int(y0)), min(wide, round(x1)), min(high, round(y1))))
    return sorted(boxes, key=lambda box: (box.y0, box.x0))


def _decoded(scores: NDArray[np.float32], alphabet: Sequence[str], stretch: float) -> tuple[Char, ...]:
    """The characters of one strip: at each step the likeliest, repeats joined, blanks left out."""
    best = scores.argmax(axis=1)
    chars: list[Char] = []
    start = 0
    for step in range(1, len(best) + 1):
        if step < len(best) and best[step] == best[start]:
            continue
        if best[start]:
            chance = float(scores[start:step, best[start]].max())
            middle = min(1.0, (start + step) / 2 / len(best) * stretch)
            chars.append(Char(alphabet[best[start]], chance, middle))
        start = step
    return tuple(chars)


def _session(name: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(_models() / name), options, providers=["CPUExecutionProvider"])


def _models() -> Path:
    spec = find_spec("rapidocr")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "models"


@lru_cache(maxsize=1)
def _detector() -> Any:
    return _session("PP-OCRv6_det_small.onnx")


@lru_cache(maxsize=1)
def _recogniser() -> tuple[Any, tuple[str, ...]]:
    """The model and its alphabet; the first of it stands for nothing, the last for a space."""
    session = _session("PP-OCRv6_rec_small.onnx")
    known = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    return session, ("", *known, " ")
