"""Numbers with a unit in running text, without those that state nothing: dates, ordinals, codes, thresholds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quantity:
    """One printed number. `start` and `end` span number and unit; `unit` is as used in results (万 → 万元), "" when none
    is printed; `family`: amount, percent, score or count. `per` tells an amount per head (100元/人).
    """

    start: int
    end: int
    value: Decimal
    ulp: Decimal
    unit: str
    family: str
    per: bool = False


def quantities(plain: str) -> tuple[Quantity, ...]:
    """Every quantity stated in `plain` (a `Paragraph.plain`), in order; both ends of a range count."""
    made: list[Quantity] = []
    for found in _QUANTITY.finditer(plain):
        if not _states_nothing(plain, found):
            made.extend(_read(found))
    taken = {offset for quantity in made for offset in range(quantity.start, quantity.end)}
    for found in _UNITLESS.finditer(plain):
        if found.start("number") not in taken:
            made.append(_unitless(found))
    for found in _SHARED_UNIT.finditer(plain):
        family = "percent" if found["unit"] == "%" else "amount"
        if found.start("number") not in taken and "." in found["number"]:
            made.append(_quantity(found["number"], found.start("number"), found.end("number"), found["unit"], family))
    return tuple(sorted(made, key=lambda quantity: quantity.start))


_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_END = r"(?=[，。；、：（）”\s]|$)"
_COUNTS = (
    "人次|批次|场次|件次|车次|户次|班次|个月|学时|课时|小时|团组|台（套）|台/套|平方米|公里|万人|个|辆|批|人|台|套|项|次|期|家|"
    "名|份|场|轮|件|户|只|张|条|篇|部|所|处|间|座|册|幅|亩|吨|天|栋|支|组|队|棵|盏|批|位|宗|起|笔|场|块|株"
)
_UNITS = (
    rf"(?P<amount>(?:亿元|万元|千元|百万元|元|万{_END}|亿{_END})(?P<per>(?:/|每|／)[人年月天次户亩件批](?:次)?(?:[/／][年月天次])?)?)"
    r"|(?P<percent>%|‰|个百分点)"
    rf"|(?P<score>分(?=[，。；、：（）”\s]|$|以上|等级|的))"
    rf"|(?P<count>[万千百]?(?:{_COUNTS}))"
)
_QUANTITY = re.compile(
    rf"(?<![\d.,A-Za-z])(?P<low>-?(?:{_NUMBER}))(?:%?[-~～—–至到](?P<high>{_NUMBER}))?(?P<more>余|多)?(?:{_UNITS})"
)
_UNITLESS = re.compile(
    rf"(?:预算数?|决算数?|收入总计|支出总计|收支总计|收入合计|支出合计)(?:均|各)?为(?P<number>{_NUMBER})(?=[，。；、）]|$)"
    rf"|占比?(?:为)?(?P<rate>{_NUMBER})(?=[，。；、）]|$)"
)
_SHARED_UNIT = re.compile(
    rf"(?<![\d.,A-Za-z])(?P<number>{_NUMBER})(?=(?:(?:[、，和]|以及)(?:{_NUMBER}))+(?P<unit>亿元|万元|元|%))"
)
"""Numbers before one that carries the unit of them all (各减少 12.50、13.50 万元)."""
_ORDINAL = re.compile(r"[第〔【\[号表图]$|NO\.?$", re.IGNORECASE)
_THRESHOLD = re.compile(r"(?:单价|单位价值|单台|单件|单笔|原值|价值)[^，。；]{0,8}$")
_BOUND = re.compile(r"(?:（含）|（含[^）]{0,6}）|及)?以[上下内](?:（含）)?|（含）")
_EQUIPMENT = re.compile(r"(?:（含）)?以上(?:（含）)?的?(?:通用|专用|大型)?设备")
_DURATION = re.compile(r"^(?:以上|以下)?学历")


def _states_nothing(plain: str, found: re.Match[str]) -> bool:
    before, after = plain[max(0, found.start() - 14) : found.start()], plain[found.end() : found.end() + 12]
    if _ORDINAL.search(before):
        return True
    if found["count"] in ("项", "款", "类") and before.endswith("（") and after.startswith("）"):
        return True
    if found["amount"]:
        if _THRESHOLD.search(before) and _BOUND.match(after):
            return True
        return bool(_EQUIPMENT.match(after))
    return bool(_DURATION.match(after))


def _read(found: re.Match[str]) -> list[Quantity]:
    if found["amount"]:
        family, unit = "amount", found["amount"]
        unit = {"万": "万元", "亿": "亿元"}.get(unit, unit)
    elif found["percent"]:
        family, unit = "percent", found["percent"]
    elif found["score"]:
        family, unit = "score", "分"
    else:
        family, unit = "count", found["count"]
    low, high = found["low"], found["high"]
    if high and _decimal(high) <= _decimal(low):
        low, high = found["high"], None
        start = found.start("high")
    else:
        start = found.start("low")
    per = bool(found["per"])
    made = [_quantity(low, start, found.end(), unit, family, per)]
    if high:
        made.append(_quantity(high, found.start("high"), found.end(), unit, family, per))
    return made


def _quantity(number: str, start: int, end: int, unit: str, family: str, per: bool = False) -> Quantity:
    value = _decimal(number)
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Quantity(start, end, value, Decimal(1).scaleb(-places), unit, family, per)


def _unitless(found: re.Match[str]) -> Quantity:
    """A number whose unit was left out; the words before it say what it is."""
    if found["rate"]:
        return _quantity(found["rate"], found.start("rate"), found.end(), "", "percent")
    return _quantity(found["number"], found.start("number"), found.end(), "", "amount")


def _decimal(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))
