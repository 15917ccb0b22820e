"""Regular expressions as DuckDB understands them (RE2) in the words of Java, which Spark understands.

The same text may mean two things: Java's dot stops at more ends of line, its $ stands before a last one too, its \\s knows one space more,
its word boundary knows letters of every script, its classes nest, and it folds the case of Latin letters alone.
"""

from __future__ import annotations

import re

from expectations.formula import Mistake

_SPACE = r"\t\n\f\r "
_BOUNDARY = {"b": r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))", "B": r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))"}
_FLAGS = {"i": "iu", "s": "s", "c": ""}
_REPEATED = re.compile(r"\{\d+(,\d*)?\}")
_CATEGORY = re.compile(r"([pP])(?:\{(\^?)(\w+)\}|(\w))")
_CODE_POINT = re.compile(r"x\{[0-9A-Fa-f]+\}")
_GROUP = re.compile(r"\(\?(?:P?<(\w+)>|([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)]))")
_NAMED_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_NAMED = {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "upper", "xdigit"}
_NAMED_CLASSES = {name: f"p{{{'XDigit' if name == 'xdigit' else name.capitalize()}}}" for name in _NAMED}


def in_java(pattern: str, flags: str = "") -> str:
    """The pattern of Java that finds what `pattern`, under the flags of `regexp_matches`, finds in RE2.

    Raises `Mistake` at the character that Java cannot say.
    """
    found: list[str] = []
    place = 0
    while place < len(pattern):
        said, place = _next(pattern, place)
        found.append(said)
    set_ = "".join(_flag(flag, 0) for flag in flags)
    dots = "d" if "." in found else ""  # a dot is anything but \n
    return (f"(?{dots}{set_})" if dots or set_ else "") + "".join(found)


def replacement_in_java(text: str) -> str:
    """What takes the place of a match: \\1 is the first group in DuckDB, $1 in Java."""
    return re.sub(r"\\(\d)|([\\$])", lambda found: f"${found[1]}" if found[1] else f"\\{found[2]}", text)


def _next(pattern: str, place: int) -> tuple[str, int]:
    """What stands at `place`, in Java, and where the next begins."""
    letter = pattern[place]
    if letter == "\\":
        return _escaped(pattern, place + 1, False)
    if letter == "[":
        return _class(pattern, place)
    if letter == "$":
        return r"\z", place + 1
    if letter == "{" and not _REPEATED.match(pattern, place):
        return r"\{", place + 1
    if pattern.startswith("(?", place):
        return _group(pattern, place)
    return letter, place + 1


def _group(pattern: str, place: int) -> tuple[str, int]:
    found = _GROUP.match(pattern, place)
    if not found:
        raise _unknown(pattern[place : place + 3], place)
    name, on, off, end = found.groups()
    if name:
        return f"(?<{name}>", found.end()
    flags = "".join(_flag(flag, place) for flag in on) + (
        "-" + "".join(_flag(flag, place) for flag in off) if off else ""
    )
    return f"(?{flags}{end}", found.end()


def _flag(flag: str, place: int) -> str:
    if flag not in _FLAGS:
        raise _unknown(f"(?{flag})", place)
    return _FLAGS[flag]


def _escaped(pattern: str, place: int, in_class: bool) -> tuple[str, int]:
    """What follows a backslash."""
    letter = pattern[place : place + 1]
    if letter == "Q" and not in_class:
        end = pattern.find(r"\E", place)
        end = len(pattern) if end < 0 else end
        return re.sub(r"(\W)", r"\\\1", pattern[place + 1 : end]), end + 2
    if found := _CATEGORY.match(pattern, place):
        which, negated, long, short = found.groups()
        which = which.swapcase() if negated else which
        name = short or (long if len(long) <= 2 else f"Is{long}")
        return f"\\{which}{{{name}}}", found.end()
    if letter == "s":
        return _SPACE if in_class else f"[{_SPACE}]", place + 1
    if letter == "S" and not in_class:
        return f"[^{_SPACE}]", place + 1
    if letter in _BOUNDARY and not in_class:
        return _BOUNDARY[letter], place + 1
    if found := _CODE_POINT.match(pattern, place):
        return f"\\{found[0]}", found.end()
    if letter == "v":
        return r"\x0B", place + 1
    if letter in "dDwWzAnrtfax" or not letter.isalnum():
        return f"\\{letter}", place + 1
    raise _unknown(f"\\{letter}", place - 1)


def _class(pattern: str, place: int) -> tuple[str, int]:
    """Letters between square brackets."""
    found = "["
    place += 1
    if pattern.startswith("^", place):
        found, place = "[^", place + 1
    first = True
    while first or not pattern.startswith("]", place):
        letter = pattern[place : place + 1]
        if not letter:
            raise _unknown("[", place)
        if named := _NAMED_CLASS.match(pattern, place):
            said = _NAMED_CLASSES.get(named[2], "") if named[2] != "word" else "w"
            if not said:
                raise _unknown(named[0], place)
            found += "\\" + (said[0].upper() + said[1:] if named[1] else said)
            place = named.end()
        elif letter == "\\":
            said, place = _escaped(pattern, place + 1, True)
            found += said
        else:
            found += (
                f"\\{letter}" if letter in "[]&" else letter
            )  # Java's classes nest, and && is what two have in common
            place += 1
        first = False
    return found + "]", place + 1


def _unknown(shown: str, place: int) -> Mistake:
    zh = f"样式里的“{shown}”在 Spark（Java）里没有同样的写法"
    return Mistake(zh, f"“{shown}” of the pattern has no equal in Spark (Java)", place)
