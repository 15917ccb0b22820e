"""Punctuation made uniform, so that patterns need one spelling only."""

from __future__ import annotations

import re

_UNIFORM = str.maketrans(",:;()!?", "，：；（）！？")
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:，\d{3})+(?!\d)")


_STOP = re.compile(r"(?<=[元%）人次辆个台。])\.(?=[\u4e00-\u9fff]|$)")
"""A point that ends a sentence, typed for 。."""


def uniform(text: str) -> str:
    """`text` with full-width punctuation, offsets unchanged; the comma of a grouped number stays."""
    text = _STOP.sub("。", text)
    return _GROUPED.sub(lambda found: found.group().replace("，", ","), text.translate(_UNIFORM))
