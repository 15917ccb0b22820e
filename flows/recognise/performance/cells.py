"""What one cell of a performance table holds: a number, a rate, a quantity with its unit, words, or nothing.

The same look at a cell decides where it belongs in a shifted row and which value is read from it, so that the two
can never disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-", 0xFE63: "-"}
_DASH = re.compile(r"[-—–─―/\\*×]+")
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = re.compile(rf"-?(?:{_DIGITS})")
_NUMBER = re.compile(rf"(?<![\d.,])(?:{_DIGITS})(?![\d.]|,\d{{3}})")
_BOUNDS = {
    "≥": "≥", "≧": "≥", "⩾": "≥", ">=": "≥", "=>": "≥", "不低于": "≥", "不少于": "≥", "不小于": "≥", "大于等于": "≥", "大于或等于": "≥",
    "至少": "≥", "≤": "≤", "≦": "≤", "⩽": "≤", "<=": "≤", "=<": "≤", "不高于": "≤", "不超过": "≤", "不大于": "≤", "不多于": "≤",
    "小于等于": "≤", "小于或等于": "≤", "控制在": "≤", ">": ">", "大于": ">", "高于": ">", "多于": ">", "超过": ">",
    "<": "<", "小于": "<", "低于": "<", "少于": "<", "=": "=", "等于": "=",
}  # fmt: skip
_TAILS = {"及以上": "≥", "以上": "≥", "及以下": "≤", "以下": "≤", "以内": "≤", "之内": "≤", "左右": "", "次以上": "≥"}
_BOUND = "|".join(sorted(map(re.escape, _BOUNDS), key=len, reverse=True))
_TAIL = "|".join(sorted(_TAILS, key=len, reverse=True))
_UNIT = r"[%‰]|[A-Za-z℃㎡㎥一-鿿]{1,4}?(?:/[A-Za-z㎡㎥一-鿿]{1,4}?)*"
_QUANTITY = re.compile(
    rf"(?P<bound>{_BOUND})?(?:达到|达|为|约)?(?P<number>-?(?:{_DIGITS}))(?P<unit>{_UNIT})?(?P<tail>{_TAIL})?"
)
_ALONE = re.compile(r"[≥≤><=]?\d{1,3}(?P<places>\.\d{1,2})?(?P<unit>[%分]?)")
_DATE = re.compile(r"\d{4}(?:年|[-./]\d{1,2})|\d+(?:月(?!份?均)|日)|第\d+")
_MEASURE_WORD = re.compile(
    r"[%‰]|(?:[十百千万亿]*元|[万亿]?(?:人次|平方米|平方公里|立方米|公里|千米|公斤|千克|小时|分钟|工作日|个月|场次)"
    r"|[万亿]?[米吨亩人户家个项次件份场期批篇天年台套辆名座处条本册张篇部幅株村])(?:/[一-鿿]{1,2})*"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value as printed: `unit` without spaces, "" when none; `relation` is ≥, ≤, >, <, = or ""."""

    value: Decimal
    unit: str = ""
    relation: str = ""

    @property
    def ulp(self) -> Decimal:
        """The unit of the last printed place."""
        return Decimal(1).scaleb(min(int(self.value.as_tuple().exponent), 0))


def tidy(text: str) -> str:
    """`text` without markup, full-width letters and digits made plain; white space stays."""
    return without_markup(text).translate(_FULL_WIDTH)


def without_markup(text: str) -> str:
    """`text` as printed, without tags such as <p> that a conversion left behind."""
    return _MARKUP.sub("", text).strip()


def wordless(text: str) -> str:
    """`text` without markup and white space; spaces between Latin words stay single."""
    kept = re.sub(r"(?<=[A-Za-z])\s+(?=[A-Za-z])", "\0", _MARKUP.sub("", text))
    return re.sub(r"[\s\u3000]+", "", kept).replace("\0", " ")


def joined(text: str) -> str:
    """`text` tidied and without white space, except between digits that may be two numbers.

    A number broken over two lines is one number, and so are spaced-out digits around a decimal point; "5 5" may be two.
    """
    if is_several(text):
        return re.sub(r"\s*\n\s*", " ", tidy(text))
    plain = re.sub(r"\s*\n\s*", "", tidy(text))
    if re.search(r"\d[ \t]+\d", plain) and "." not in plain:
        return plain
    return re.sub(r"\s+", "", plain)


def is_several(text: str) -> bool:
    """True for short numbers on lines of their own, all of one kind: several values in one cell.

    A wrapped number ends in another way than it begins ("94.4" and "1%"), and fills a line before it wraps.
    """
    lines = [_ALONE.fullmatch(line.strip()) for line in tidy(text).split("\n")]
    if len(lines) < 2 or not all(lines):
        return False
    return len({(line["places"] is None, line["unit"]) for line in lines if line}) == 1


def is_dash(text: str) -> bool:
    """True for a cell that says in one stroke that nothing belongs here."""
    return bool(_DASH.fullmatch(joined(text)))


def number(text: str) -> Decimal | None:
    """The bare number a cell holds, thousands separators removed; None for anything else."""
    plain = joined(text)
    return Decimal(plain.replace(",", "")) if _SIGNED.fullmatch(plain) else None


def quantity(text: str) -> Quantity | None:
    """The one quantity of a cell such as "≥10 次", "95%以上", "100元/人/年" or "举办培训3期"; None when there is none or several.

    Dates are no quantities.
    """
    plain = joined(text)
    whole = _QUANTITY.fullmatch(plain)
    if whole and not _DATE.match(whole["number"] + (whole["unit"] or "")):
        relation = _BOUNDS.get(whole["bound"] or "", "") or _TAILS.get(whole["tail"] or "", "")
        return Quantity(Decimal(whole["number"].replace(",", "")), whole["unit"] or "", relation)
    return _quantity_in_words(plain)


def _quantity_in_words(plain: str) -> Quantity | None:
    found = list(_NUMBER.finditer(plain))
    if len(found) != 1 or _DATE.search(plain):
        return None
    only = found[0]
    before, after = plain[: only.start()], plain[only.end() :]
    unit = _MEASURE_WORD.match(after)
    if not unit and after[:1] not in ("", ",", ".", ";", "。", "、", "；", "，"):
        return None  # "A4纸", "12345热线": a number that counts nothing
    bound = re.search(rf"(?:{_BOUND})(?=(?:达到|达|为|约)?$)", before)
    tail = re.match(rf"(?:{_TAIL})", after[unit.end() :] if unit else after)
    relation = _BOUNDS[bound[0]] if bound else _TAILS[tail[0]] if tail else ""
    return Quantity(Decimal(only[0].replace(",", "")), unit[0] if unit else "", relation)


def has_digit(text: str) -> bool:
    """True when running text contains a number."""
    return any(character.isdigit() for character in tidy(text))


@lru_cache(maxsize=4096)
def shape(text: str) -> str:
    """dash, number, percent, quantity (a number with a unit or a bound), several (numbers) or text."""
    if is_dash(text):
        return "dash"
    if is_several(text):
        return "several"
    if number(text) is not None:
        return "number"
    plain = joined(text)
    whole = _QUANTITY.fullmatch(plain)
    if not whole or _DATE.match(plain):
        return "text"
    return "percent" if whole["unit"] in ("%", "‰") and not whole["bound"] and not whole["tail"] else "quantity"
