"""A page as pixels: its ground made even, its lines of text made level, its top made the top."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from flows.read.scan.engine import THREADS, Box, Pixels, read_strips, text_boxes

WHITE = 255
STEEPEST = 5.0
"""Degrees by which a page may have lain askew; one that lies worse is left so, and its text is doubted where it must be."""
LEVEL = 0.03
PALEST = 0.35
FAINT = 0.12
"""How dark ink is at least, and ink that is missed too easily, between the ground (0) and the usual ink (1)."""
_SAMPLE = 40_000
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Upright:
    """A page as it is read. `scale`: pixels a point.

    `quarters` are the clockwise quarter turns and `slant` the degrees (counter-clockwise, before those) by which the
    scan was turned for it; `boxes` show where a model sees lines of text.
    """

    pixels: Pixels
    scale: float
    quarters: int
    slant: float
    boxes: tuple[Box, ...]


def upright(pixels: Pixels, scale: float) -> Upright:
    """The picture with an even ground, its lines of text level and their heads up."""
    cv2.setNumThreads(THREADS)
    even = _even(pixels)
    slant = _slant(even)
    if abs(slant) > LEVEL:
        even = _rotated(even, slant)
    boxes = text_boxes(even)
    quarters = 0
    lying = sum(box.x1 - box.x0 for box in boxes if box.x1 - box.x0 > 1.5 * (box.y1 - box.y0))
    standing = sum(box.y1 - box.y0 for box in boxes if box.y1 - box.y0 > 1.5 * (box.x1 - box.x0))
    if standing > lying:
        even, boxes, quarters = _turned(even, 1), _turned_boxes(boxes, even.shape, 1), 1
    if _upside_down(even, boxes):
        boxes, even, quarters = _turned_boxes(boxes, even.shape, 2), _turned(even, 2), quarters + 2
    return Upright(even, scale, quarters, slant, tuple(sorted(boxes, key=lambda box: (box.y0, box.x0))))


def ink_of(pixels: Pixels, palest: float = PALEST) -> Pixels:
    """1 where the (even) picture is dark, 0 elsewhere; `palest` is how dark, from 0 (ground) to 1 (the usual ink).

    Thin lines are much paler than thick ones in a coarse scan, so that what is clearly darker than the ground and its
    noise counts as ink.
    """
    middle, _ = cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    counts = np.bincount(pixels.ravel(), minlength=256).astype(np.float64)
    levels = np.arange(256)
    dark = levels <= min(middle, 200)
    if not counts[dark].any() or not counts[~dark].any():
        return np.zeros_like(pixels)
    black = float((counts * levels)[dark].sum() / counts[dark].sum())
    below = np.cumsum(counts[~dark]) / counts[~dark].sum()
    ground = float(levels[~dark][np.searchsorted(below, 0.5)])
    noise = ground - float(levels[~dark][np.searchsorted(below, 0.16)])
    return (pixels < ground - max(4 * noise, palest * (ground - black))).astype(np.uint8)


def _even(pixels: Pixels) -> Pixels:
    """The picture on white ground, whatever shade or tint the ground has."""
    high, wide = pixels.shape
    small = cv2.resize(pixels, (max(1, wide // 8), max(1, high // 8)), interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    ground = cv2.resize(ground, (wide, high), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(pixels, np.maximum(ground, 40), scale=250.0)


def _slant(pixels: Pixels) -> float:
    """Degrees by which the picture must turn counter-clockwise for its lines to be level."""
    high, wide = pixels.shape
    shrink = 1200 / max(high, wide)
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else pixels
    ys, xs = np.nonzero(small < 170)
    if len(xs) < 200:
        return 0.0
    chosen = np.linspace(0, len(xs) - 1, min(_SAMPLE, len(xs))).astype(np.int64)
    x, y = xs[chosen] - small.shape[1] / 2, ys[chosen] - small.shape[0] / 2
    best = _sharpest(x, y, np.arange(-STEEPEST, STEEPEST + 0.01, 0.25))
    best = _sharpest(x, y, best + np.arange(-0.25, 0.26, 0.05))
    return _sharpest(x, y, best + np.arange(-0.04, 0.05, 0.01))


def _sharpest(x: NDArray[np.float64], y: NDArray[np.float64], angles: NDArray[np.float64]) -> float:
    """The angle at which most ink falls together on rows and columns."""

    def gathered(angle: float) -> float:
        c, s = cos(radians(angle)), sin(radians(angle))
        return sum(
            float((np.bincount((values - values.min()).astype(np.int64)).astype(np.float64) ** 2).sum())
            for values in (y * c - x * s, x * c + y * s)
        )

    # the flattest angle first, so that a page without lines stays as it is
    return float(max(sorted(angles, key=abs), key=gathered))


def _rotated(pixels: Pixels, degrees: float) -> Pixels:
    high, wide = pixels.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
    return cv2.warpAffine(pixels, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(WHITE,))


def _turned(pixels: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, -quarters))


def _turned_boxes(boxes: list[Box], shape: tuple[int, ...], quarters: int) -> list[Box]:
    """Boxes in a picture of `shape` after so many clockwise quarter turns of it."""
    high, wide = shape[:2]
    for _ in range(quarters):
        boxes = [Box(high - box.y1, box.x0, high - box.y0, box.x1) for box in boxes]
        high, wide = wide, high
    return boxes


def _upside_down(pixels: Pixels, boxes: list[Box]) -> bool:
    """Whether the longest lines of text read better with the picture turned round."""
    lying = [box for box in boxes if box.x1 - box.x0 > 1.5 * (box.y1 - box.y0)]
    longest = sorted(lying, key=lambda box: box.x0 - box.x1)[:8]
    strips = [pixels[box.y0 : box.y1, box.x0 : min(box.x1, box.x0 + 12 * (box.y1 - box.y0))] for box in longest]
    if not strips or (as_is := _sureness(strips)) >= _SURE:
        return False
    return _sureness([np.ascontiguousarray(np.rot90(strip, 2)) for strip in strips]) > as_is + 0.02


def _sureness(strips: list[Pixels]) -> float:
    chances = [char.probability for chars in read_strips(strips) for char in chars]
    return float(np.mean(chances)) if chances else 0.0
