"""Our SELECTs in the dialect of Spark: the same rows come of them, verdict for verdict, to the last digit.

sqlglot writes the dialect; what it leaves as it is, or writes so that Spark answers otherwise, is turned here before. Rules are compiled
for DuckDB once (`verdicts.py`), in SQL of which both engines have an exact form: no fraction of two numbers is ever taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, UnsupportedError

from expectations.formula import Mistake, at
from expectations.sql.patterns import in_java, replacement_in_java

SETTINGS: dict[str, str] = {
    # A sum or a cast that does not fit, a text that is no number: an error of the run, as in DuckDB, not a NULL that passes.
    # Decimals become text in plain figures, never as 0E-7: fingerprints are made of such text.
    "spark.sql.ansi.enabled": "true",
    # Otherwise a product of amounts, which needs 38 digits, is rounded to make room for digits in front that it does not have.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.legacy.literal.pickMinimumPrecision": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    "spark.sql.groupByOrdinal": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
}
"""Settings of a session under which `in_spark` means what the SQL means in DuckDB."""

_SPACES = " \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""What DuckDB trims: every space of Unicode, that as wide as a Chinese letter among them; Spark trims the plain one."""
_LISTS = ("doubted", "pages")
"""Columns that hold a list."""
_DATES = ("published_on",)
_WHOLE = ("INT", "BIGINT", "SMALLINT", "TINYINT", "INT128")


def in_spark(sql: str) -> str:
    """One of our SELECTs, or a query of a rule's author, as Spark SQL.

    Raises `Mistake`, with the character at which it stands, for what Spark cannot say or would answer otherwise.
    """
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except ParseError as error:
        raise Mistake("SQL 有误", f"the SQL is not understood: {str(error).splitlines()[0]}") from None
    for node in reversed(list(tree.walk())):  # what is inside first
        turn = _TURNED.get(type(node))
        if turn and (turned := turn(node)) is not node:
            node.replace(turned)
    try:
        return tree.sql(dialect="spark", comments=False, copy=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        said = str(error).splitlines()[0]
        raise Mistake(f"Spark 不能表达：{said}", f"Spark cannot express it: {said}") from None


def _no(node: exp.Expr, zh: str, en: str) -> Mistake:
    places = [at(one) for one in node.find_all(exp.Identifier)]
    return Mistake(f"Spark 里{zh}", f"in Spark {en}", min((one for one in places if one >= 0), default=-1))


def _call(name: str, *inside: exp.Expr | str) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[exp.convert(one) if isinstance(one, str) else one for one in inside])


def _struct(values: Sequence[exp.Expr]) -> exp.Expr:
    """Values side by side. Left to itself Spark names them after their columns, and no two such fit into one list."""
    named = [part for number, value in enumerate(values) for part in (exp.Literal.string(f"k{number}"), value)]
    return _call("named_struct", *named)


# ---- lists ---------------------------------------------------------------------------------------------------------------


def _length(node: exp.Length) -> exp.Expr:
    """`len` is that of a list as well as of a text."""
    of = node.this
    is_list = isinstance(of, exp.ArrayFilter) or (isinstance(of, exp.Column) and of.name in _LISTS)
    return _call("size", of) if is_list else node


def _element(node: exp.Bracket) -> exp.Expr:
    """An element of a list, NULL where the list ends before."""
    (place,) = node.expressions
    if not (isinstance(place, exp.Literal) and not place.is_string):
        raise _no(node, "只能用数字取列表的一项", "an element of a list is taken by a number only")
    return _call("try_element_at", node.this, exp.Literal.number(int(place.name) + 1))


def _joined(node: exp.ArrayConcat) -> exp.Expr:
    """Lists one after the other; one that is NULL counts as empty."""
    parts = [node.this, *node.expressions]
    return _call("concat", *(_call("coalesce", part, _call("array")) for part in parts))


def _listed(node: exp.ArrayAgg) -> exp.Expr:
    """A list in its order. Spark collects in any order: what orders is collected too, sorted by, and left out again.

    Of no rows DuckDB makes NULL, Spark an empty list; ours are coalesced wherever they are used.
    """
    order = node.this
    if not isinstance(order, exp.Order) or any(one.args.get("desc") for one in order.expressions):
        raise _no(
            node,
            "列表要有（从小到大的）顺序：list(… ORDER BY …)",
            "a list needs an ascending order: list(… ORDER BY …)",
        )
    keys = [one.this for one in order.expressions]
    collected: exp.Expr = _call("collect_list", _struct([*keys, order.this]))
    if isinstance(node.parent, exp.Filter):
        collected = exp.Filter(this=collected, expression=node.parent.expression)
    taken = exp.Lambda(this=exp.column(f"k{len(keys)}", table="one"), expressions=[exp.to_identifier("one")])
    return _call("transform", _call("array_sort", collected), taken)


def _filtered(node: exp.Filter) -> exp.Expr:
    """The condition of a list is within what makes it."""
    inside = node.this
    return inside if isinstance(inside, exp.Anonymous) and inside.name == "transform" else node


def _first_by(node: exp.ArgMin) -> exp.Expr:
    """The value with the smallest key, values that are NULL left out."""
    there = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.Null()))
    return exp.Filter(this=_call("min_by", node.this, node.expression), expression=exp.Where(this=there))


# ---- numbers -------------------------------------------------------------------------------------------------------------


def _cast(node: exp.Cast) -> exp.Expr:
    """A number made whole is rounded, in Spark cut off; and Spark has no whole numbers of 128 bits, but decimals of 38 digits."""
    name = getattr(node.to.this, "value", "")
    if name not in _WHOLE or isinstance(node.this, exp.Null):
        return node
    digits = [exp.DataTypeParam(this=exp.Literal.number(number)) for number in (38, 0)]
    whole = exp.DataType(this=exp.DType.DECIMAL, expressions=digits)
    if name == "INT128":
        node.set("to", whole)
    else:
        node.set("this", exp.Cast(this=node.this, to=whole))
    return node


def _whole_quotient(node: exp.IntDiv) -> exp.Expr:
    """How often one whole number is in another. DIV of Spark's gives 64 bits whatever it is given: the 38 digits of what was
    HUGEINT are divided without remainder. Twenty digits of the quotient are kept; where more is an error in DuckDB, it is here."""
    if not any(_is_wide(one) for one in node.find_all(exp.Cast)):
        return node
    over, under = node.this, node.expression
    rest = exp.Mod(this=exp.paren(over.copy(), copy=False), expression=exp.paren(under.copy(), copy=False))
    exact = exp.paren(exp.Sub(this=exp.paren(over.copy(), copy=False), expression=rest), copy=False)
    if node.find_ancestor(exp.TryCast):
        return _call("try_divide", exact, under.copy())
    return exp.paren(exp.Div(this=exact, expression=exp.paren(under.copy(), copy=False)), copy=False)


def _is_wide(node: exp.Cast) -> bool:
    return [each.name for each in node.to.expressions] == ["38", "0"]


def _moved(node: exp.Expr) -> exp.Expr:
    """Days between dates are a number in DuckDB and an interval in Spark."""
    for one in (node.this, node.expression):
        bare = one.unnest()
        if (isinstance(bare, exp.Column) and bare.name.lower() in _DATES) or (
            isinstance(bare, exp.Cast) and bare.to.is_type("date")
        ):
            raise _no(
                node, "日期相减得不到天数：比较日期本身", "dates cannot be reckoned with: compare them as they are"
            )
    return node


# ---- text ----------------------------------------------------------------------------------------------------------------


def _matches(node: exp.RegexpLike) -> exp.Expr:
    flags = node.args.get("flag")
    node.set("expression", exp.Literal.string(_pattern(node, flags)))
    node.set("flag", None)
    return node


def _replaced(node: exp.RegexpReplace) -> exp.Expr:
    """Spark replaces every match; that is the same where there can be no second."""
    modifiers = node.args.get("modifiers")
    if not (modifiers and modifiers.name == "g") and not node.expression.name.endswith("$"):
        raise _no(node, "替换的是每一处", "every match is replaced, not the first")
    said = exp.Literal.string(replacement_in_java(node.args["replacement"].name))
    return _call("regexp_replace", node.this, exp.Literal.string(_pattern(node)), said)


def _pattern(node: exp.Expr, flags: exp.Expr | None = None) -> str:
    if not all(isinstance(one, exp.Literal) and one.is_string for one in (node.expression, flags) if one):
        raise _no(node, "样式要写在引号里", "the pattern must stand in quotation marks")
    try:
        return in_java(node.expression.name, flags.name if flags else "")
    except Mistake as mistake:
        raise Mistake(mistake.zh, mistake.en) from None  # its place is that in the pattern


def _like(node: exp.Like) -> exp.Expr:
    """A backslash is itself in DuckDB's LIKE, and escapes in Spark's."""
    if isinstance(node.expression, exp.Literal):
        doubled: exp.Expr = exp.Literal.string(node.expression.name.replace("\\", "\\\\"))
    else:
        doubled = _call("replace", node.expression, "\\", "\\\\")
    node.set("expression", doubled)  # whether it is NOT LIKE stands beside
    return node


def _trim(node: exp.Trim) -> exp.Expr:
    if node.expression:
        return node
    node.set("expression", exp.Literal.string(_SPACES))
    node.set("position", node.args.get("position") or "BOTH")
    return node


def _part(node: exp.Substring) -> exp.Expr:
    start = node.args.get("start")
    if not (isinstance(start, exp.Literal) and start.name.isdigit() and int(start.name) > 0):
        zh, en = "substring 的起点要写成从 1 起的整数", "substring begins at a whole number from 1 on"
        raise _no(node, zh, en)
    return node


def _concatenated(node: exp.Concat) -> exp.Expr:
    """What is NULL counts as empty, and whatever is no text is written as one."""
    texts = [exp.cast(one, "text") for one in node.expressions]
    return _call("concat", *(_call("coalesce", one, "") for one in texts))


# ---- queries -------------------------------------------------------------------------------------------------------------


def _named(node: exp.Anonymous) -> exp.Expr:
    name = node.name.lower()
    if name == "row":
        return _struct(node.expressions)
    return _call("raise_error", *node.expressions) if name == "error" else node


def _join(node: exp.Join) -> exp.Expr:
    if str(node.args.get("method") or "").upper() not in ("", "NATURAL"):
        raise _no(node, "没有这种 JOIN", f"there is no {node.args['method']} JOIN")
    return node


def _star(node: exp.Star) -> exp.Expr:
    if node.args.get("replace") or node.args.get("rename"):
        raise _no(node, "没有 * REPLACE", "there is no * REPLACE")
    return node


def _by_name(node: exp.SetOperation) -> exp.Expr:
    if node.args.get("by_name"):
        raise _no(node, "没有 BY NAME", "there is no BY NAME")
    return node


def _frame(node: exp.WindowSpec) -> exp.Expr:
    if node.args.get("kind") == "GROUPS" or node.args.get("exclude"):
        raise _no(node, "窗口没有 GROUPS 和 EXCLUDE", "a window has neither GROUPS nor EXCLUDE")
    return node


def _select(node: exp.Select) -> exp.Expr:
    """DuckDB finds the name of a result in WHERE as well."""
    where = node.args.get("where")
    named = {one.alias.lower() for one in node.expressions if isinstance(one, exp.Alias)} if where else set()
    if named:
        named -= {column.name.lower() for one in node.expressions for column in one.find_all(exp.Column)}
    for column in where.find_all(exp.Column) if where and named else ():
        if column.name.lower() in named and not column.table and column.parent_select is node:
            zh = f"WHERE 里不能用结果列“{column.name}”：写出它的算式，或在前面写表名"
            en = f"WHERE cannot use the result “{column.name}”: write out what it is, or the table's name before it"
            raise _no(column, zh, en)
    return node


_TURNED: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.Length: _length, exp.Bracket: _element, exp.ArrayConcat: _joined, exp.ArrayAgg: _listed, exp.Filter: _filtered,
    exp.ArgMin: _first_by, exp.Cast: _cast, exp.TryCast: _cast, exp.IntDiv: _whole_quotient, exp.Sub: _moved, exp.Add: _moved,
    exp.RegexpLike: _matches, exp.RegexpReplace: _replaced, exp.Like: _like, exp.Trim: _trim, exp.Substring: _part,
    exp.Concat: _concatenated, exp.Anonymous: _named, exp.Join: _join, exp.Star: _star, exp.Union: _by_name,
    exp.Except: _by_name, exp.Intersect: _by_name, exp.WindowSpec: _frame, exp.Select: _select,
}  # fmt: skip
