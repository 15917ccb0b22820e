"""The numbers that Word itself puts before paragraphs (一、 （二） 3.): they stand in no text, only in lists of the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

_PLACE = re.compile(r"%([1-9])")
_DIGITS = "〇一二三四五六七八九"
_DEEPEST_STYLE = 20
MOST_NUMBER = 9999


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    kind: str
    pattern: str


@dataclass(slots=True)
class Numbering:
    """The lists of one document; `number` must be asked for every paragraph in order, for it counts."""

    lists: dict[str, tuple[str, dict[int, _Level]]] = field(default_factory=dict)
    """List → what it counts together with, its levels."""
    styles: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Paragraph style → the style it is based on, its list and level ("" where it names none)."""
    counted: dict[str, dict[int, int]] = field(default_factory=dict)

    def number(self, properties: etree._Element | None) -> str:
        """The number before the paragraph of these properties; "" for none and for a bullet."""
        name, depth = self._list_of(properties)
        counter, levels = self.lists.get(name, ("", {}))
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self.counted.setdefault(counter, {})
        for deeper in [at for at in counts if at > depth]:
            del counts[deeper]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        if level.kind in ("bullet", "none"):
            return ""

        def shown(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            other = levels.get(at)
            return _written(counts.get(at, other.start), other.kind) if other else ""

        return _PLACE.sub(shown, level.pattern)

    def _list_of(self, properties: etree._Element | None) -> tuple[str, int]:
        own = _child(properties, "numPr")
        style = _value(_child(properties, "pStyle"))
        name, depth = _value(_child(own, "numId")), _value(_child(own, "ilvl"))
        for _ in range(_DEEPEST_STYLE):
            if name or style not in self.styles:
                break
            style, name, at = self.styles[style]
            depth = depth or at
        return name, _number(depth, 0)


def numbering_of(lists: etree._Element | None, styles: etree._Element | None) -> Numbering:
    """The lists in the roots of numbering.xml and styles.xml, either of which may be missing."""
    made = Numbering()
    abstract: dict[str, dict[int, _Level]] = {}
    for element in _children(lists, "abstractNum"):
        abstract[_attribute(element, "abstractNumId")] = dict(_levels(element))
    for element in _children(lists, "num"):
        shared = _value(_child(element, "abstractNumId"))
        name, levels = _attribute(element, "numId"), dict(abstract.get(shared, {}))
        own = False
        for override in _children(element, "lvlOverride"):
            at = _number(_attribute(override, "ilvl"), 0)
            levels |= dict(_levels(override))
            begin = _child(override, "startOverride")
            if begin is not None and at in levels:
                levels[at] = _Level(_number(_value(begin), 1), levels[at].kind, levels[at].pattern)
                own = True
        made.lists[name] = (f"list {name}" if own else f"shared {shared}", levels)
    for element in _children(styles, "style"):
        listed = _child(_child(element, "pPr"), "numPr")
        name, depth = _value(_child(listed, "numId")), _value(_child(listed, "ilvl"))
        made.styles[_attribute(element, "styleId")] = (_value(_child(element, "basedOn")), name, depth)
    return made


def _levels(parent: etree._Element) -> Iterator[tuple[int, _Level]]:
    for element in _children(parent, "lvl"):
        start, kind = _number(_value(_child(element, "start")), 1), _value(_child(element, "numFmt"))
        pattern = _value(_child(element, "lvlText"))
        yield _number(_attribute(element, "ilvl"), 0), _Level(start, kind or "decimal", pattern)


def _written(number: int, kind: str) -> str:
    """A number as a list of this kind writes it."""
    write = _KINDS.get(kind)
    return write(number) if write and 0 <= number <= MOST_NUMBER else str(number)


def _chinese(number: int) -> str:
    """十二, 一百零三."""
    if number == 0:
        return "〇"
    text, gap = "", False
    for unit, power in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, power)
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + unit
        gap = bool(text) and not digit and number > 0
    return text.removeprefix("一") if text.startswith("一十") else text


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else str(number)


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 1 <= number <= 260 else str(number)


def _roman(number: int) -> str:
    text = ""
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    ):
        count, number = divmod(number, value)
        text += letters * count
    return text


_KINDS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "japaneseDigitalTenThousand": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalZero": lambda number: f"{number:02d}",
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
}


def _children(parent: etree._Element | None, name: str) -> Iterator[etree._Element]:
    for child in () if parent is None else parent:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name:
            yield child


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next(_children(parent, name), None)


def _attribute(element: etree._Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def _value(element: etree._Element | None) -> str:
    return "" if element is None else _attribute(element, "val")


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else otherwise
