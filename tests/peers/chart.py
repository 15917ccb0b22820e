"""Curves over the number of filings, both axes by powers of ten, as SVG that follows the reader's light or dark scheme.

Shades of ink and marks tell the lines apart, and each carries its name; the one that is ours is drawn heavier.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 860, 380
LEFT, RIGHT, TOP, BOTTOM = 66, 328, 46, 44
"""Margins; the names of the lines stand at the right."""
APART = 15
"""Between the names of two lines, so that none covers another."""

STYLE = """
 text { font: 12px system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif; fill: #5b6675 }
 .ground { fill: #ffffff } .title { font-size: 14px; font-weight: 600; fill: #1d2430 }
 .grid { stroke: #e3e6ea } .lead { stroke: #c3c9d1; stroke-width: .8 }
 .line { fill: none; stroke: #7a8490; stroke-width: 1.4 } .mark { fill: #ffffff; stroke: #7a8490; stroke-width: 1.4 }
 .ours .line { stroke: #1f4e8c; stroke-width: 2.8 } .ours .mark { fill: #1f4e8c; stroke: #1f4e8c } .ours text { fill: #1f4e8c; font-weight: 600 }
 .limit .line { stroke-dasharray: 5 4 }
 @media (prefers-color-scheme: dark) {
  text { fill: #a9b3c0 } .ground { fill: #14181f } .title { fill: #e8ebf0 } .grid { stroke: #2b323d } .lead { stroke: #4a5461 }
  .line { stroke: #8d97a5 } .mark { fill: #14181f; stroke: #8d97a5 }
  .ours .line { stroke: #8ab4f0 } .ours .mark { fill: #8ab4f0; stroke: #8ab4f0 } .ours text { fill: #8ab4f0 }
 }
"""


@dataclass(frozen=True)
class Curve:
    """One line: `points` as (filings, value), `kind` "ours", "limit" or "". One that ends before the others says where."""

    name: str
    points: tuple[tuple[int, float], ...]
    kind: str = ""


def drawn(curves: Sequence[Curve], title: str, across: str, up: str) -> str:
    """The chart as an SVG file; `across` and `up` name the axes."""
    shown = [curve for curve in curves if curve.points]
    xs = [x for curve in shown for x, _ in curve.points]
    ys = [y for curve in shown for _, y in curve.points]
    frame = Frame(_decades(min(xs), max(xs)), _decades(min(ys), max(ys)))
    label = escape(title, quote=True)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{label}">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>',
        *_axes(frame, across, up),
    ]
    heights = _names(frame, shown)
    for number, curve in enumerate(shown):
        ended = "" if curve.points[-1][0] == max(xs) else f" (≤ {curve.points[-1][0]:,})"
        lines += _curve(frame, curve, number, heights[number], curve.name + ended)
    return "\n".join([*lines, "</svg>", ""])


@dataclass(frozen=True)
class Frame:
    """The powers of ten between which each axis runs."""

    x: tuple[int, int]
    y: tuple[int, int]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point stands in the drawing."""
        along = (math.log10(x) - self.x[0]) / (self.x[1] - self.x[0])
        above = (math.log10(y) - self.y[0]) / (self.y[1] - self.y[0])
        return LEFT + along * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - above * (HEIGHT - TOP - BOTTOM)


def _decades(least: float, most: float) -> tuple[int, int]:
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    return (low, high) if high > low else (low, low + 1)


def _axes(frame: Frame, across: str, up: str) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for power in range(frame.x[0], frame.x[1] + 1):
        x, _ = frame.place(10**power, 10 ** frame.y[0])
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{_number(power)}</text>'
    for power in range(frame.y[0], frame.y[1] + 1):
        _, y = frame.place(10 ** frame.x[0], 10**power)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_number(power)}</text>'
    yield f'<text x="{right}" y="{bottom + 34}" text-anchor="end">{escape(across)}</text>'
    yield f'<text x="{LEFT - 8}" y="{TOP - 10}" text-anchor="end">{escape(up)}</text>'


def _number(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10**power:g}"


def _names(frame: Frame, curves: Sequence[Curve]) -> list[float]:
    """Of each curve how high its name stands: as near to its end as the other names allow."""
    wanted = sorted((frame.place(*curve.points[-1])[1], number) for number, curve in enumerate(curves))
    placed: list[float] = []
    for height, _ in wanted:
        placed.append(max(height, placed[-1] + APART) if placed else height)
    over = placed[-1] - (HEIGHT - BOTTOM) if placed else 0
    for at in range(len(placed) - 1, -1, -1):  # what was pushed below the axis moves up again, and the others before it
        limit = HEIGHT - BOTTOM if at == len(placed) - 1 else placed[at + 1] - APART
        placed[at] = min(placed[at], limit) if over > 0 else placed[at]
    return [
        height for _, height in sorted((number, height) for (_, number), height in zip(wanted, placed, strict=True))
    ]


def _curve(frame: Frame, curve: Curve, number: int, height: float, name: str) -> Iterator[str]:
    places = [frame.place(*point) for point in curve.points]
    yield f'<g class="{curve.kind}">' if curve.kind else "<g>"
    yield f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
    yield from (_mark(x, y, number) for x, y in places)
    x, y = places[-1]
    at = WIDTH - RIGHT + 22
    yield f'<path class="lead" fill="none" d="M{x + 6:.1f} {y:.1f}L{at - 4} {height:.1f}"/>'
    yield f'<text x="{at}" y="{height + 4:.1f}">{escape(name)}</text>'
    yield "</g>"


def _mark(x: float, y: float, number: int) -> str:
    """A circle, a square, a triangle or a rhombus, in turn."""
    if number % 4 == 0:
        return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>'
    shapes = {1: ((-3.4, -3.4), (3.4, -3.4), (3.4, 3.4), (-3.4, 3.4)), 2: ((0, -4.4), (4.2, 3.4), (-4.2, 3.4)), 3: ((0, -4.8), (4.8, 0), (0, 4.8), (-4.8, 0))}  # fmt: skip
    corners = " ".join(f"{x + across:.1f},{y + down:.1f}" for across, down in shapes[number % 4])
    return f'<polygon class="mark" points="{corners}"/>'
