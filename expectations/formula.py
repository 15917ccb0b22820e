"""The rule language: an audit formula such as 本年支出合计 = 基本支出 + 项目支出, parsed and checked.

`parse` turns the text into sqlglot's tree and refuses everything that is not of the language; `nearest` finds what an
author may have meant. What names stand for is decided in `scope.py`, what becomes of a formula in `verdicts.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Abs, exp.Sum, exp.Count)
LOGIC = (exp.And, exp.Or, exp.Not, exp.In, exp.Is, exp.Null, exp.Between)
FUNCTIONS = {
    "matches": "matches",
    "匹配": "matches",
    "status": "status",
    "报表状态": "status",
    "sum": "sum",
    "合计于": "sum",
}
_ALLOWED = (
    *COMPARISONS,
    *ARITHMETIC,
    *LOGIC,
    exp.Column,
    exp.Identifier,
    exp.Dot,
    exp.Bracket,
    exp.Literal,
    exp.Anonymous,
    exp.Boolean,
)
_SPELLINGS = {
    "＝": "=",
    "＋": "+",
    "－": "-",
    "×": "*",
    "÷": "/",
    "＜": "<",
    "＞": ">",
    "，": ",",
    "≤": "<=",
    "≥": ">=",
    "≠": "<>",
}


@dataclass(frozen=True, slots=True)
class Mistake(Exception):
    """A formula that cannot be understood: what is wrong, at which character (from 0; -1 unknown), and the nearest names."""

    zh: str
    en: str
    at: int = -1
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.en


def parse(text: str) -> exp.Expr:
    """The tree of one formula.

    Raises `Mistake` when the text is not a formula or uses something that the language does not have.
    """
    plain = _plain_signs(text)
    outside = "".join(plain.split("'")[::2])
    if any(mark in outside for mark in ("--", "/*", ";")):
        raise Mistake(
            "公式中不能有注释或分号", "a formula holds no comment and no semicolon", _first(plain, "--", "/*", ";")
        )
    try:
        tree = sqlglot.parse_one(plain)
    except ParseError as error:
        raise _unparsable(error) from None
    except TokenError as error:
        raise Mistake(f"无法识别的文字：{error}", f"cannot be read: {error}") from None
    for node in tree.walk():
        if isinstance(node, (exp.Alias, exp.Star)):
            raise Mistake("公式不完整或有多余符号", "the formula is incomplete or has a sign too many", _position(node))
        if not isinstance(node, _ALLOWED):
            kind = node.key
            raise Mistake(f"规则语言里没有 {kind}", f"the rule language has no {kind}", _position(node))
        if isinstance(node, exp.Anonymous) and node.name.lower() not in FUNCTIONS:
            near = nearest(node.name, FUNCTIONS)
            raise Mistake(f"没有函数 {node.name}", f"there is no function {node.name}", _position(node), near)
    return tree


def _plain_signs(text: str) -> str:
    """`text` with the signs of Chinese typing made plain, quoted words left alone."""
    pieces = text.split("'")
    for k in range(0, len(pieces), 2):
        for written, meant in _SPELLINGS.items():
            pieces[k] = pieces[k].replace(written, meant)
    return "'".join(pieces)


def function(node: exp.Expr) -> str:
    """The function's name in the language, "" when `node` is no call."""
    if isinstance(node, exp.Sum):
        return "sum"
    if isinstance(node, exp.Count):
        return "count"
    return FUNCTIONS.get(node.name.lower(), "") if isinstance(node, exp.Anonymous) else ""


def nearest(name: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The known names most like `name`, best first."""
    return tuple(difflib.get_close_matches(name, list(known), n=most, cutoff=0.4))


def _unparsable(error: ParseError) -> Mistake:
    first = error.errors[0] if error.errors else {}
    column = int(first.get("col") or 0)
    what = str(first.get("highlight") or "").strip()
    zh = f"公式在“{what}”附近不完整或有多余符号" if what else "公式不完整"
    en = f"the formula is incomplete or has something too many near “{what}”" if what else "the formula is incomplete"
    return Mistake(zh, en, max(column - 1, 0))


def _first(text: str, *marks: str) -> int:
    return min(text.find(mark) for mark in marks if mark in text)


def _position(node: exp.Expr) -> int:
    for part in node.walk():
        if "start" in part.meta:
            return int(part.meta["start"])
    return -1
