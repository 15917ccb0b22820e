"""The tables that the panel's evidence shares while it is packed: texts, rules, kinds of steps, and what each figure is called.

`panel` says what the tables are and in which order they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from flows.publish.pages.evidence import Step
from flows.publish.wording.numbers import printed
from flows.publish.wording.words import LANGUAGES

NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)(\D*)")
_PLAIN = re.compile(r"(-?)(\d{4,})((?:\.\d+)?)")
_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
UNNAMED = (0, "", "", "")
"""What is known of a term that is no figure of the page."""


class Known(NamedTuple):
    """A step as it is packed: how least and most follow, what stands behind its number, what is its own, both names of its figure,
    and all that is printed."""

    edges: str
    behind: str
    own: Any
    first: str
    second: str
    printed: str


class Tables:
    """The tables while they fill; a number stands for what was told before."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], int] = {("", ""): 0}
        self.kinds: dict[tuple[str, str, int, str, str], int] = {}
        self.rules: dict[str, int] = {}
        self.names: dict[str, tuple[int, str, str, str]] = {}
        """Of a figure or claim by id: its position plus one, its names, and the number that the panel prints for it."""

    def text(self, zh: str, en: str | None = None) -> int:
        """The number of a text."""
        return self.texts.setdefault((zh, zh if en is None else en), len(self.texts))

    def both(self, said: Mapping[str, str]) -> int:
        """The number of a text that is said in both languages."""
        return self.text(*(said[lang] for lang in LANGUAGES))

    def rule(self, id: str) -> int:
        """The number of a rule."""
        return self.rules.setdefault(id, len(self.rules))

    def kind(self, role: str, sign: str, label: str, step: Known) -> int:
        """The number of a step's kind."""
        said = 0 if not label else -1 if label == step.first else -2 if label == step.second else self.text(label)
        return self.kinds.setdefault((role, sign, said, step.edges, step.behind), len(self.kinds))

    def known(self, step: Step, stated: str = "") -> Known:
        """`step` as it is packed; `stated` is what the number that is stated prints."""
        return packed(step, self.names.get(step.target, UNNAMED), stated)


def packed(step: Step, named: tuple[int, str, str, str], stated: str = "") -> Known:
    """`step` as it is packed, its figure being `named` so (as in `Tables.names`)."""
    position, first, second, shown = named
    number = NUMBER.fullmatch(step.printed)
    text, behind = (number[1], number[2]) if number else (step.printed, "")
    edges = edges_of(step)
    own: Any = text if not position else position if text == shown else [position, text]
    if edges == "own":
        own = [position, text, step.least, step.most]
    elif step.kind == "computed" and step.printed == stated:
        own, behind = 0, ""
    return Known(edges, behind, own, first, second, step.printed)


def trimmed(fields: list[Any]) -> list[Any]:
    """`fields` without those at the end that are 0, "" or []."""
    while fields and not fields[-1]:
        fields.pop()
    return fields


def separated(shown: str) -> str:
    """A number with thousands separators; anything else as it is. `evidence.js` does the same."""
    found = _PLAIN.fullmatch(shown)
    return f"{found[1]}{_THOUSANDS.sub(',', found[2])}{found[3]}" if found else shown


def edges_of(step: Step) -> str:
    """How least and most follow from what is printed: "", half, same, ±x or own. `evidence.js` reckons them back in whole numbers."""
    return _edges(step.printed, step.least, step.most)


@lru_cache(maxsize=20_000)
def _edges(shown: str, least: str, most: str) -> str:
    if not least and not most:
        return ""
    found = NUMBER.fullmatch(shown)
    if not found:
        return "own"
    text = found[1]
    if least == most == text:
        return "same"
    decimals = len(text.partition(".")[2])
    value, half = Decimal(text.replace(",", "")), Decimal(5).scaleb(-decimals - 1)
    edges = tuple(f"{edge:,.{decimals + 1}f}" for edge in (value - half, value + half))
    if edges == (least, most):
        return "half"
    by = Decimal(most.replace(",", "")) - value
    return f"±{by:f}" if by >= 0 and (printed(value - by), printed(value + by)) == (least, most) else "own"
