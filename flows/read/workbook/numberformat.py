"""A stored number and its cell format → the text that the sheet displays.

The part of the format language that accounts use: sections for positive, negative and zero, places, thousands,
percent, scaling commas, literals, dates. A format that is not understood shows the number as stored.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    14: "yyyy/m/d",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    41: '#,##0;-#,##0;"-"',
    42: '#,##0;-#,##0;"-"',
    43: '#,##0.00;-#,##0.00;"-"',
    44: '#,##0.00;-#,##0.00;"-"',
    49: "@",
    57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}
"""Formats that a workbook names by number only; those missing here (times, fractions) show the number as stored."""

_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|!(.)|_.|\*.|\[([^\]]*)\]|(General|G/通用格式)|(E[+-]0+)|([0#?.,]+)|(%)|(.)', re.I | re.S
)
_DATE_PART = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|(y+|m+|d+|h+|s+|aaaa|AM/PM)|(.)', re.I | re.S)
_NEGATIVE_MARKS = {ord(mark): None for mark in "()（）-"}
_DRAWN_POINT = re.compile(r'([#0]*0)(?:!\.|\\\.|"\.")(0+)(,*)')
"""A decimal point put in as a literal: "0!.0," shows yuan in units of ten thousand."""
_LITERALS = re.compile(r'"[^"]*"|\\.|!.|_.|\*.|\[[^\]]*\]', re.S)


def displayed_number(value: float, pattern: str) -> str:
    """The text shown for a number; "" where its format hides it (an empty section)."""
    number = Decimal(f"{value:.15g}")
    sections = _sections(pattern)
    try:
        shown = _filled(abs(number), _section_for(number, sections))
    except InvalidOperation:  # a format that no program can follow: a hundred signs of per cent
        shown = None
    if shown is None:
        return plain(number)
    if number >= 0 or not any(digit in shown for digit in "123456789"):
        return shown
    return "-" + shown.translate(_NEGATIVE_MARKS)


def displayed_date(value: date | datetime | time | timedelta, pattern: str) -> str:
    """The text shown for a date; ISO form where its format names no year, month or day."""
    bare = _LITERALS.sub("", pattern).lower()
    if not isinstance(value, date) or not any(part in bare for part in "ymd"):
        return str(value)
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    pieces: list[str] = []
    after_hour = False
    for match in _DATE_PART.finditer(pattern.split(";")[0]):
        quoted, escaped, part, other = match.groups()
        if part is None:
            pieces.append(quoted or escaped or (other if other != "@" else "") or "")
            continue
        pieces.append(_date_part(moment, part.lower(), after_hour))
        after_hour = part[0].lower() in "hs"
    return "".join(pieces).strip()


def plain(number: Decimal) -> str:
    """A number as stored, without exponent and without idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date_part(moment: datetime, part: str, after_hour: bool) -> str:
    value = {
        "y": moment.year,
        "m": moment.minute if after_hour else moment.month,
        "d": moment.day,
        "h": moment.hour,
        "s": moment.second,
    }.get(part[0])
    if value is None:
        return ""
    if part[0] == "y":
        return f"{value % 100:02d}" if len(part) <= 2 else str(value)
    return f"{value:02d}" if len(part) == 2 else str(value)


def _sections(pattern: str) -> list[str]:
    """The sections of a format, split at semicolons that are not literal."""
    sections = [""]
    for match in re.finditer(r'"[^"]*"|\\.|!.|_.|\*.|\[[^\]]*\]|.', pattern, re.S):
        if match[0] == ";":
            sections.append("")
        else:
            sections[-1] += match[0]
    return sections


def _section_for(number: Decimal, sections: list[str]) -> str:
    """The section that shows a number. Brackets, a minus sign or red ink stand for the sign of a negative one."""
    if any(re.search(r"\[[<>=]", section) for section in sections):
        return "General"
    numeric = sections[:3]
    if number == 0 and len(numeric) == 3:
        return numeric[2]
    return numeric[1] if number < 0 and len(numeric) >= 2 else numeric[0]


def _filled(number: Decimal, section: str) -> str | None:
    """The section with the number in it; None when it holds what is not understood here."""
    shifted = _DRAWN_POINT.fullmatch(section.strip())
    if shifted:
        digits = _with_places(number, shifted[1] + shifted[2] + shifted[3])
        digits = digits.zfill(len(shifted[2]) + 1)
        return f"{digits[: -len(shifted[2])]}.{digits[-len(shifted[2]) :]}"
    if re.search(r"[ymdhs]", _LITERALS.sub("", section).replace("General", ""), re.I):
        return None
    pieces: list[str] = []
    slot: int | None = None
    places, percent, general = "", 0, False
    for match in _TOKEN.finditer(section):
        quoted, escaped, forced, bracket, stored, exponent, digits, sign, other = match.groups()
        if exponent or (digits and slot is not None) or other in ("/",):
            return None
        if stored or other == "@":
            slot, general = len(pieces), True
            pieces.append("")
        elif digits and not digits.strip(","):
            pieces.append(digits)
        elif digits:
            slot, places = len(pieces), digits
            pieces.append("")
        elif sign:
            percent += 1
            pieces.append("%")
        elif bracket and bracket.startswith("$"):
            pieces.append(bracket[1:].split("-")[0])
        else:
            pieces.append(quoted or escaped or forced or other or "")
    if slot is not None:
        scaled = number * 100**percent
        pieces[slot] = plain(scaled) if general else _with_places(scaled, places)
    return "".join(pieces).strip()


def _with_places(number: Decimal, places: str) -> str:
    whole, _, fraction = places.partition(".")
    scale = len(places) - len(places.rstrip(","))
    whole, fraction = whole.rstrip(","), fraction.rstrip(",")
    number = number.scaleb(-3 * scale)
    room = Context(prec=400 + len(fraction))  # for the digits of every number that a workbook can hold
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP, room)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    integer, _, decimals = text.partition(".")
    integer = integer.zfill(whole.replace(",", "").count("0")) if "," not in whole else integer
    if integer == "0" and "0" not in whole:
        integer = ""
    kept = len(fraction)
    while kept and fraction[kept - 1] in "#?" and decimals[kept - 1] == "0":
        kept -= 1
    return f"{integer}.{decimals[:kept]}" if kept else integer
