"""When two names are one organisation: equal but for how they are typed. Nothing is guessed; near misses are only named."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

_BRACKETS = str.maketrans("〔【〖[{〕】〗]}", "((((()))))")
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\ufeff\"'“”‘’]+")
_OWN = re.compile(r"(?:\((?:本级|机关|本部|局机关|机关本级|本级机关)\)|(?<=.{3})(?:本级|机关))$")
"""What tells a department's own accounts from those of all its units: 某市教育局（本级）, 某市教育局机关."""
NEAR = 0.75
COMMON = 200
"""Two characters that stand in more names than this say nothing about any of them."""


def normal(name: str) -> str:
    """`name` without what only typing makes different: width, spaces, quotation marks, kinds of brackets, case."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", name)).translate(_BRACKETS).casefold()


def without_own(name: str) -> str:
    """A normal name without 本级 or 机关 at its end."""
    return _OWN.sub("", name)


def aliases(text: str) -> tuple[str, ...]:
    """The names that one cell of aliases holds, normal."""
    return tuple(one for part in re.split(r"[;；、,，|\n]", text) if (one := normal(part)))


class Nearby:
    """Names to be found by ones like them. Of thousands, only those that share rare pairs of characters are compared."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        held: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self.names):
            for pair in _pairs(normal(name)):
                held[pair].append(at)
        self.held = {pair: found for pair, found in held.items() if len(found) <= COMMON}

    def to(self, name: str, most: int = 3) -> tuple[str, ...]:
        """The names most like `name`, best first; none where none is near."""
        wanted = normal(name)
        shared = Counter(at for pair in _pairs(wanted) for at in self.held.get(pair, ()))
        scored = []
        for at, _ in shared.most_common(20):
            other = normal(self.names[at])
            ratio = SequenceMatcher(None, wanted, other, autojunk=False).ratio()
            if ratio >= NEAR or wanted in other or other in wanted:
                scored.append((-ratio, self.names[at]))
        return tuple(found for _, found in sorted(scored)[:most])


def _pairs(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)}
