"""How each hypothesis is said, in zh and en: one sentence with its arithmetic, in the style of an audit note.

Whatever is said is a supposition; who shows it says so above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

SENTENCES: Mapping[str, tuple[str, str]] = {
    "digits_swapped": (
        "相邻两位数字颠倒：{printed} ↔ {right}",
        "two neighbouring digits swapped: {printed} for {right}",
    ),
    "digit_wrong": ("一位数字有误：{printed} ↔ {right}", "one digit wrong: {printed} for {right}"),
    "digit_dropped": ("漏写一位数字“{digit}”：{right} → {printed}", "a digit {digit} left out: {printed} for {right}"),
    "digit_doubled": (
        "多写一位数字“{digit}”：{right} → {printed}",
        "a digit {digit} written twice: {printed} for {right}",
    ),
    "point_moved": (
        "小数点错位：{printed} 与 {right} 相差{times}倍",
        "decimal point moved: {printed} for {right}, a factor of {times}",
    ),
    "ratio": ("百分数与小数混淆：{printed} 与 {right}", "a ratio taken for a percentage: {printed} for {right}"),
    "unit_word": (
        "数字相符而单位有误：应为{number}{unit}，印作{number}{wrong}",
        "the number is right, its unit is not: {number} {unit}, printed {number} {wrong}",
    ),
    "unit_number": (
        "数字似以{wrong}为单位：{number}{wrong} = {right}{unit}",
        "the number looks like {wrong}: {number} {wrong} = {right} {unit}",
    ),
    "sign": ("正负号相反：{printed} ↔ {right}", "sign reversed: {printed} for {right}"),
    "recomputed": ("按其余数字推算应为{right}，印作{printed}", "the other figures give {right}, printed {printed}"),
}


def said(name: str, **facts: str | Mapping[str, str]) -> Mapping[str, str]:
    """The sentence in both languages; a fact that is a label is taken in the same language."""
    zh, en = SENTENCES[name]
    return {"zh": zh.format(**_in("zh", facts)), "en": en.format(**_in("en", facts))}


def _in(lang: str, facts: Mapping[str, str | Mapping[str, str]]) -> dict[str, str]:
    return {key: fact if isinstance(fact, str) else fact[lang] for key, fact in facts.items()}


def number(value: Decimal, ulp: Decimal, unit: str = "") -> str:
    """As the pages print it: thousands set apart, the decimals of the last place or those that it needs, % behind a percentage."""
    decimals = max(_decimals(ulp), _decimals(value))
    text = f"{value:,.{decimals}f}"
    return f"{text}%" if unit == "%" else text


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
