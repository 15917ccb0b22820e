"""Numbers in a row (a 万元和 b 万元): how many there are, and which name each of them takes after 分别 or 各."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.recognise.narrative.quantities import Quantity

_ROW = re.compile(r"[、和及与，]|以及")
_DEALT = re.compile(r"分别|各")
_BOTH = re.compile(r"(?P<front>.*?)(?:收入?)[、和及与]?(?:支出?)(?P<tail>(?:决算)?总(?:计|额|体)|合计)")
"""收、支总计, 收入支出总计: a total of each side in one name."""


def row_length(stated: Sequence[Quantity], plain: str) -> int:
    """How many of `stated` follow each other in a row from the first on."""
    length = 1
    while length < len(stated) and _follows(stated[length - 1], stated[length], plain):
        length += 1
    return length


def _follows(previous: Quantity, quantity: Quantity, plain: str) -> bool:
    """Whether a number merely follows another in a row."""
    if previous.family != quantity.family or quantity.family == "count":
        return False
    return bool(_ROW.fullmatch(plain, previous.end, quantity.start))


def is_dealt(clause: str) -> bool:
    """Whether the words before a row deal its numbers out to names."""
    return bool(_DEALT.search(clause))


def dealt_names(text: str, count: int) -> list[str]:
    """The `count` names that `text` lists; none when they cannot be told apart."""
    text = _DEALT.sub("", text)
    both = _BOTH.fullmatch(text)
    if both and count == 2:
        return [f"{both['front']}{side}{both['tail']}" for side in ("收入", "支出")]
    for mark in (r"、|和|与|及|以及", r"、|和(?=[^和]*$)|与(?=[^与]*$)", r"、", r"和|与|以及"):
        found = [part for part in re.split(mark, text) if part]
        if len(found) == count:
            return found
    return []
