"""The rule language: an audit formula such as 本年支出合计 = 基本支出 + 项目支出, parsed and checked.

`parse` turns the text into sqlglot's tree and refuses everything that is not of the language; `nearest` finds what an
author may have meant. What names stand for is decided in `scope.py`, what becomes of a formula in `verdicts.py`; the
language is described, construct by construct, in docs/grammar.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Abs, exp.Min, exp.Max, exp.Sum, exp.Count)
LOGIC = (exp.And, exp.Or, exp.Not, exp.In, exp.Is, exp.Null, exp.Between)
NAMES = (exp.Column, exp.Identifier, exp.Dot, exp.Bracket, exp.Slice, exp.Literal)
FUNCTIONS = {
    "sum": "sum", "合计于": "sum", "求和": "sum", "count": "count", "个数": "count", "abs": "abs", "绝对值": "abs",
    "min": "min", "较小值": "min", "max": "max", "较大值": "max", "matches": "matches", "匹配": "matches",
    "status": "status", "报表状态": "status", "date": "date", "日期": "date", "median": "median", "中位数": "median",
    "mentions": "mentions", "提到": "mentions", "same_name": "same_name", "同名": "same_name",
}  # fmt: skip
_OWN_NODES = {"sum": exp.Sum, "count": exp.Count, "abs": exp.Abs, "min": exp.Min, "max": exp.Max}
_COUNTED = {
    "sum": 1,
    "count": 1,
    "abs": 1,
    "matches": 2,
    "status": 1,
    "date": 3,
    "median": 1,
    "mentions": 1,
    "same_name": 2,
}
_ALLOWED = (*COMPARISONS, *ARITHMETIC, *LOGIC, *NAMES, exp.Anonymous)
_SPELLINGS = {
    "＝": "=", "＋": "+", "－": "-", "×": "*", "÷": "/", "＜": "<", "＞": ">", "，": ",", "：": ":", "≤": "<=", "≥": ">=", "≠": "<>",
}  # fmt: skip
_CHINESE_SIGNS = re.compile(f"[{''.join(_SPELLINGS)}]")
_LONGEST = 4000
_DEEPEST = 150
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,7})?")


@dataclass(frozen=True, slots=True)
class Mistake(Exception):
    """A formula that cannot be understood: what is wrong, at which character (from 0; -1 unknown), and the nearest names."""

    zh: str
    en: str
    at: int = -1
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.en


_TOO_DEEP = Mistake("公式层次太多", "the formula is nested too deeply", 0)


@lru_cache(maxsize=4096)
def parse(text: str) -> exp.Expr:
    """The tree of one formula; every name in it knows at which character of `text` it stands. Whoever asks for the same text gets
    the same tree: trees are read and never changed.

    Raises `Mistake` when the text is not a formula or uses something that the language does not have.
    """
    if len(text) > _LONGEST:
        raise Mistake(f"公式长过 {_LONGEST} 个字符", f"the formula is longer than {_LONGEST} characters", _LONGEST)
    plain, origin = _plain_signs(text)
    outside = re.sub(r"'[^']*'|\"[^\"]*\"", lambda found: " " * len(found.group()), plain)
    if found := re.search(r"--|/\*|\*/|;|#|\{|\}", outside):
        raise Mistake(
            f"公式中不能有“{found.group()}”：没有注释、分号和花括号",
            f"a formula holds no “{found.group()}”: neither comments nor semicolons nor braces",
            origin[found.start()],
        )
    if found := re.search(r"[-+*/=<>]\s*([*/=]|<(?!>)|(?<!<)>)", outside):
        pair = re.sub(r"\s", "", found.group())
        if pair not in ("<=", ">="):
            zh, en = f"“{found[1]}”前面缺少数", f"a value is missing before “{found[1]}”"
            raise Mistake(zh, en, origin[found.start(1)])
    _check_brackets(outside, origin)
    try:
        tree = sqlglot.parse_one(plain, into=exp.Condition)
    except ParseError as error:
        raise _unparsable(error, plain, origin) from None
    except TokenError:
        raise _unclosed(plain, origin) from None
    except RecursionError:
        raise _TOO_DEEP from None
    except UnicodeError:
        raise Mistake("公式里有不成字的字符", "the formula holds characters that are none", 0) from None
    nodes, depth = _nodes(tree)
    if depth > _DEEPEST:
        raise _TOO_DEEP
    if len(plain) != len(text):
        for node in nodes:
            if "start" in node.meta:
                node.meta["start"] = origin[min(int(node.meta["start"]), len(origin) - 1)]
    return _in_language(tree, nodes)


def at(node: exp.Expr) -> int:
    """The character at which `node` begins, from 0; -1 where that is not known."""
    known = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
    return min(known, default=-1)


def function(node: exp.Expr) -> str:
    """The function's name in the language, "" when `node` is no call."""
    for name, type_ in _OWN_NODES.items():
        if isinstance(node, type_):
            return name
    return FUNCTIONS.get(node.name.lower(), "") if isinstance(node, exp.Anonymous) else ""


def nearest(name: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The known names most like `name`, best first."""
    return tuple(difflib.get_close_matches(name, list(dict.fromkeys(known)), n=most, cutoff=0.4))


def shown(node: exp.Expr) -> str:
    """`node` as its author may have written it, for messages."""
    return node.sql(identify=False)


def _in_language(tree: exp.Expr, nodes: list[exp.Expr]) -> exp.Expr:
    """`tree`, whose nodes are `nodes`, its functions under their own node types.

    Raises `Mistake` at the first node that the language does not have, in the order in which it is written.
    """
    if any(isinstance(node, (exp.Anonymous, exp.Date, exp.Median)) for node in nodes):
        tree = tree.transform(_own_node, copy=False)
        nodes, _ = _nodes(tree)
    strange = [node for node in nodes if not _known(node)]
    if strange:
        raise _strange(min(strange, key=at))
    for node in nodes:
        wanted = _COUNTED.get(function(node)) if isinstance(node, exp.Func) else None
        if wanted is not None and (given := _arguments(node)) != wanted:
            name = function(node)
            zh, en = f"{name} 要有 {wanted} 个参数，这里是 {given} 个", f"{name} takes {wanted} arguments, not {given}"
            raise Mistake(zh, en, at(node))
    return tree


def _known(node: exp.Expr) -> bool:
    """Whether the language has such a node."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in FUNCTIONS
    if isinstance(node, exp.Literal):
        return node.is_string or bool(_NUMBER.fullmatch(node.name))
    return isinstance(node, _ALLOWED)


def _strange(node: exp.Expr) -> Mistake:
    """What is said of a node that the language does not have."""
    if isinstance(node, (exp.Alias, exp.Star)):
        return Mistake("公式不完整或有多余符号", "the formula is incomplete or has a sign too many", at(node))
    if isinstance(node, exp.Literal):
        zh = f"“{node.name}”不是可用的数：至多 12 位整数、7 位小数"
        en = f"“{node.name}” is no usable number: at most 12 digits before and 7 behind the point"
        return Mistake(zh, en, at(node))
    if isinstance(node, exp.Func):
        return _no_function(node.name if isinstance(node, exp.Anonymous) else node.sql_name().lower(), at(node))
    where = next((at(one) for one in (node, node.parent) if one is not None and at(one) >= 0), 0)
    return Mistake(f"规则语言里没有 {node.key}", f"the rule language has no {node.key}", where)


def _no_function(name: str, where: int) -> Mistake:
    own = [one for one in FUNCTIONS if one.isascii() == name.isascii()]
    near = nearest(name, own) or tuple(own)
    return Mistake(f"没有函数 {name}", f"there is no function {name}", where, near)


def _own_node(node: exp.Expr) -> exp.Expr:
    """A function as one node whichever name it is called by: sqlglot has types of its own for some English names."""
    if isinstance(node, (exp.Date, exp.Median)):
        given = [value for one in node.args.values() for value in (one if isinstance(one, list) else [one])]
        made: exp.Expr = exp.Anonymous(this=node.key, expressions=[one for one in given if isinstance(one, exp.Expr)])
        made.meta.update(node.meta)
        return made
    type_ = _OWN_NODES.get(FUNCTIONS.get(node.name.lower(), "")) if isinstance(node, exp.Anonymous) else None
    if type_ is None:
        return node
    first, *others = node.expressions or [exp.Null()]
    made = type_(this=first, **({"expressions": others} if others else {}))
    made.meta.update(node.meta)
    return made


def _arguments(node: exp.Expr) -> int:
    if isinstance(node, exp.Anonymous):
        return len(node.expressions)
    first = node.args.get("this")
    return int(first is not None and not isinstance(first, exp.Null)) + len(node.expressions)


def _plain_signs(text: str) -> tuple[str, Sequence[int]]:
    """`text` with the signs of Chinese typing made plain, quoted words left alone, and for each character where it stood."""
    if text.isascii() or not _CHINESE_SIGNS.search(text):
        return text, range(len(text) + 1)
    made: list[str] = []
    origin: list[int] = []
    quote = ""
    for position, char in enumerate(text):
        if quote or char in "'\"":
            quote = "" if char == quote else quote or char
            signs = char
        else:
            signs = _SPELLINGS.get(char, char)
        made.append(signs)
        origin.extend([position] * len(signs))
    return "".join(made), [*origin, len(text)]


def _unparsable(error: ParseError, plain: str, origin: Sequence[int]) -> Mistake:
    """The place where sqlglot stopped, in our words: its own are about SQL."""
    first = error.errors[0] if error.errors else {}
    what = str(first.get("highlight") or "").strip()
    if not what:
        return Mistake("公式不完整", "the formula is incomplete", max(len(plain.rstrip()) - 1, 0))
    lines = plain.split("\n")
    line, column = int(first.get("line") or 1), int(first.get("col") or 1)
    place = sum(len(one) + 1 for one in lines[: line - 1]) + column - len(what)
    zh = f"公式在“{what}”附近不完整或有多余符号"
    en = f"the formula is incomplete or has something too many near “{what}”"
    return Mistake(zh, en, origin[min(max(place, 0), len(origin) - 1)])


def _nodes(tree: exp.Expr) -> tuple[list[exp.Expr], int]:
    """The nodes of `tree` and how many levels it has; a sum has one for each of its terms."""
    found, deepest, waiting = [], 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        found.append(node)
        deepest = max(deepest, depth)
        waiting.extend((below, depth + 1) for below in node.iter_expressions())
    return found, deepest


def _check_brackets(outside: str, origin: Sequence[int]) -> None:
    """Raises `Mistake` at the first bracket that has no partner."""
    opened: list[tuple[str, int]] = []
    partner = {")": "(", "]": "["}
    for found in re.finditer(r"[()\[\]]", outside):
        char, position = found.group(), found.start()
        if char in "([":
            opened.append((char, position))
        elif not opened or opened.pop()[0] != partner[char]:
            raise Mistake(f"多了一个“{char}”", f"there is a “{char}” too many", origin[position])
    if opened:
        char, position = opened[-1]
        raise Mistake(f"“{char}”没有对应的后括号", f"“{char}” is not closed", origin[position])


def _unclosed(plain: str, origin: Sequence[int]) -> Mistake:
    """The quote that is opened and not closed."""
    closed = re.match(r"(?:[^'\"]|'[^']*'|\"[^\"]*\")*", plain)
    place = closed.end() if closed else 0
    return Mistake("引号没有成对", "a quotation mark is not closed", origin[min(place, len(origin) - 1)])
