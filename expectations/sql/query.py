"""Rules that a formula cannot say: one SELECT of the author's own, checked and compiled into the same verdicts as any other rule.

It returns `filing`, and either `stated` and `computed` (amounts in 万元, with `bound`: what rounding explains, 0 where it is left
out) or `ok`; `instance` and `page` if wanted. Only listed kinds of SQL may stand in it, and only tables on which rules run: nothing
that opens files, that is not exact, or that answers otherwise tomorrow. What its names and types are, DuckDB says of empty tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from expectations.formula import Mistake, at, nearest
from expectations.rules import Rule
from expectations.sql.cells import TERMS
from expectations.vocabulary import JUDGED, MONEY, Vocabulary, row_table, status_column

if TYPE_CHECKING:
    import duckdb

NAMES = ("filing", "instance", "page", "stated", "computed", "bound", "ok")
"""The columns that a query may return."""
_CLAUSES: tuple[type[exp.Expr], ...] = (
    exp.Select, exp.Union, exp.Except, exp.Intersect, exp.With, exp.CTE, exp.Subquery, exp.From, exp.Join, exp.Where, exp.Group,
    exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Distinct, exp.Filter, exp.Window, exp.WindowSpec, exp.Table,
    exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple,
)  # fmt: skip
_OPERATORS: tuple[type[exp.Expr], ...] = (
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.And,
    exp.Or, exp.Not, exp.In, exp.Is, exp.Between, exp.Like, exp.Exists, exp.Case, exp.If, exp.Cast, exp.DataType, exp.DataTypeParam,
    exp.DPipe,
)  # fmt: skip
_FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.Sum: "sum", exp.Count: "count", exp.Min: "min", exp.Max: "max", exp.Abs: "abs", exp.Coalesce: "coalesce",
    exp.Nullif: "nullif", exp.Greatest: "greatest", exp.Least: "least", exp.LogicalAnd: "bool_and", exp.LogicalOr: "bool_or",
    exp.RowNumber: "row_number", exp.Lag: "lag", exp.Lead: "lead", exp.RegexpLike: "regexp_matches", exp.StartsWith: "starts_with",
    exp.Contains: "contains", exp.Length: "length", exp.Substring: "substring", exp.Trim: "trim", exp.Concat: "concat",
}  # fmt: skip
_ALLOWED: tuple[type[exp.Expr], ...] = (*_CLAUSES, *_OPERATORS, *_FUNCTIONS)
_TYPES = {"DECIMAL", "INT", "BIGINT", "VARCHAR", "TEXT", "BOOLEAN", "DATE"}
_LONGEST = 4000
_UNKNOWN = re.compile(r'Referenced column "(.+?)" not found|does not have a column named "(.+?)"')
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_KINDS = {
    "filing": (("VARCHAR",), "文字", "text"),
    "page": (("whole",), "整数", "a whole number"),
    "ok": (("BOOLEAN",), "真假", "true or false"),
    **dict.fromkeys(("stated", "computed", "bound"), (("whole", "DECIMAL"), "十进制数（DECIMAL）", "DECIMAL")),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may be run: `sql` as it is understood, the columns that it returns, the `tables` that it reads; `previous`:
    whether it looks at the filing of the year before."""

    sql: str
    columns: tuple[str, ...]
    tables: frozenset[str]
    previous: bool


def read(text: str, vocabulary: Vocabulary) -> Query:
    """The query of this text.

    Raises `Mistake` for anything but one SELECT of what is allowed, with the character at which it stands and the nearest names.
    """
    import duckdb  # only where a rule is a query: lint is done sooner without

    from expectations.proving.specimen import create_tables

    tree = _parsed(text)
    for node in tree.walk():
        _allowed(node, text)
    connection = duckdb.connect(config={"enable_external_access": False})
    try:
        create_tables(connection, vocabulary)
        known = _known(connection)
        tables = _tables(tree, known)
        sql = tree.sql(dialect="duckdb", comments=False)
        columns = _columns(connection, sql, tree, {name: known[name] for name in tables})
    finally:
        connection.close()
    previous = any(column.name.lower() == "previous" for column in tree.find_all(exp.Column))
    return Query(sql, columns, frozenset(tables), previous)


def gates(query: Query, vocabulary: Vocabulary) -> list[str]:
    """Why a verdict cannot be reached, as cases (WHEN … THEN …): a form that the query reads is not there or not read in full, or
    anything of what it reads was read without certainty. `t` is the filing, `pf` that of the year before."""
    cases: list[str] = []
    whose = [("t", ""), *([("pf", "previous_")] if query.previous else [])]
    for filing, prefix in whose:
        doubted = f"{filing}.doubted"
        for form in vocabulary.forms.values():
            if not query.tables & {form.en, row_table(form)}:
                continue
            status = f"{filing}.{status_column(form.id)}"
            cases.append(f"WHEN {status} IN ('missing', 'unreadable') THEN '{prefix}form_' || {status} || ':{form.id}'")
            cases.append(f"WHEN {_any(doubted, f'^{form.id}([^0-9]|$)')} THEN 'doubtful:{form.id}'")
        if "figure" in query.tables:
            cases.append(f"WHEN len({doubted}) > 0 THEN 'doubtful_text'")
        elif query.tables & _narrative(vocabulary):
            forms = "|".join(vocabulary.forms)
            cases.append(f"WHEN {_any(doubted, f'^({forms})([^0-9]|$)', 'NOT ')} THEN 'doubtful_text'")
        if "form_reading" in query.tables:
            cases.append(f"WHEN {_any(doubted, '^[A-Z][0-9]+$')} THEN 'doubtful_form'")
    return cases


def _any(listed: str, pattern: str, negated: str = "") -> str:
    return f"len(list_filter({listed}, x -> {negated}regexp_matches(x, '{pattern}'))) > 0"


def _narrative(vocabulary: Vocabulary) -> set[str]:
    """The tables that hold what the text says."""
    of_forms = {name for form in vocabulary.forms.values() for name in (form.en, row_table(form))}
    return {"sentence", "claim"} | {table.name for table in vocabulary.tables} - of_forms - {JUDGED}


# ---- the text ------------------------------------------------------------------------------------------------------------


def _parsed(text: str) -> exp.Expr:
    if len(text) > _LONGEST:
        zh, en = f"查询超过 {_LONGEST} 个字符", f"the query is longer than {_LONGEST} characters"
        raise Mistake(zh, en, _LONGEST)
    odd = re.search(r"[\x00-\x08\x0b-\x1f]|\{\w+\}", text)
    if odd:
        raise Mistake("查询里不能有控制字符和 {…}", "a query holds no control characters and no {…}", odd.start())
    try:
        found = [one for one in sqlglot.parse(text, dialect="duckdb") if one is not None]
    except (ParseError, TokenError, RecursionError) as error:
        raise _unparsable(error, text) from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        where = text.find(";") + 1 if len(found) > 1 else 0
        raise Mistake("查询应为一条 SELECT，别无其他语句", "a query is one SELECT and no other statement", where)
    return found[0]


def _unparsable(error: Exception, text: str) -> Mistake:
    first = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    what = str(first.get("highlight") or "")
    lines = text.split("\n")
    line, column = int(first.get("line") or 1), int(first.get("col") or 0)
    place = sum(len(one) + 1 for one in lines[: line - 1]) + column - len(what) if what else -1
    return Mistake(f"SQL 在“{what}”附近有误", f"the SQL is not understood near “{what}”", place)


def _allowed(node: exp.Expr, text: str) -> None:
    """Raises `Mistake` for what may not stand in a query."""
    if isinstance(node, exp.Div):
        zh = "除法得不到精确的数：把分母乘到另一边"
        raise Mistake(zh, "a division is not exact: multiply the other side", at(node))
    if isinstance(node, exp.With) and node.args.get("recursive"):
        raise Mistake("不能用 WITH RECURSIVE", "WITH RECURSIVE may not be used", 0)
    if isinstance(node, exp.Literal) and not node.is_string and "e" in node.name.lower():
        raise Mistake("数要写成小数，不写指数", "write numbers in decimals, without exponent", text.find(node.name))
    if isinstance(node, exp.DataType) and str(getattr(node.this, "value", node.this)) not in _TYPES:
        name = node.sql(dialect="duckdb")
        where = _written(text, (name,))
        raise Mistake(f"不能用类型 {name}", f"the type {name} may not be used", where, tuple(sorted(_TYPES)))
    if isinstance(node, _ALLOWED):
        return
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_names()[0].lower()
        near = nearest(name, _FUNCTIONS.values()) or tuple(_FUNCTIONS.values())
        where = _written(text, (name, *(node.sql_names() if not isinstance(node, exp.Anonymous) else ())))
        raise Mistake(f"查询里不能用函数 {name}", f"the function {name} may not be used in a query", where, near)
    shown = node.sql(dialect="duckdb")[:40]
    raise Mistake(f"查询里不能有“{shown}”", f"“{shown}” may not stand in a query", at(node))


def _written(text: str, names: Iterable[str]) -> int:
    """The character at which one of `names` stands in the text."""
    found = re.search("|".join(map(re.escape, names)), text, re.IGNORECASE)
    return found.start() if found else -1


# ---- names and types -----------------------------------------------------------------------------------------------------


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of every table that a query may read."""
    known: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
    ).fetchall():
        known.setdefault(table, []).append(column)
    return known


def _tables(tree: exp.Expr, known: Mapping[str, list[str]]) -> set[str]:
    """The tables that are read, those that the query names itself left out."""
    own = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    clash = next((one for one in tree.find_all(exp.CTE) if one.alias.lower() in known), None)
    if clash:
        zh, en = f"“{clash.alias}”已经是一张表的名称", f"“{clash.alias}” is the name of a table"
        raise Mistake(zh, en, at(clash.args["alias"]))
    found = set()
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        if not isinstance(table.this, exp.Identifier) or table.db or name not in {*known, *own}:
            shown = table.this.name if not table.db else f"{table.db}.{table.name}"
            near = nearest(shown, known)
            raise Mistake(f"没有表“{shown}”", f"there is no table “{shown}”", at(table), near)
        found |= {name} - own
    return found


def _columns(
    connection: duckdb.DuckDBPyConnection, sql: str, tree: exp.Expr, known: Mapping[str, list[str]]
) -> tuple[str, ...]:
    """The columns that the query returns, each of the kind that it must be."""
    import duckdb

    try:
        told = connection.execute(f"DESCRIBE SELECT * FROM ({sql})").fetchall()
    except duckdb.Error as error:
        raise _unbound(error, tree, known) from None
    returned = {str(name): str(type_) for name, type_, *_ in told}
    for name in returned:
        if name not in NAMES or len(told) != len(returned):
            near = nearest(name, NAMES) or NAMES
            zh, en = f"查询不能返回“{name}”", f"a query cannot return “{name}”"
            raise Mistake(zh, en, _identifier(tree, name), near)
    numbers = {"stated", "computed"} <= set(returned)
    judged = {"stated", "computed", "bound", "ok"} & set(returned)
    if "filing" not in returned or not (judged == {"ok"} or (numbers and "ok" not in judged)):
        zh = "查询要返回 filing，以及 stated 和 computed（可加 bound），或者 ok"
        raise Mistake(zh, "a query returns filing, and either stated and computed (and bound) or ok", 0)
    for name, type_ in returned.items():
        kinds, zh, en = _KINDS.get(name, ((), "", ""))
        plain = "whole" if _WHOLE.fullmatch(type_) else type_.split("(")[0]
        if kinds and plain not in kinds:
            said_zh, said_en = f"{name} 应为{zh}，不是 {type_}", f"{name} must be {en}, not {type_}"
            raise Mistake(said_zh, said_en, _identifier(tree, name))
    return tuple(returned)


def _unbound(error: duckdb.Error, tree: exp.Expr, known: Mapping[str, list[str]]) -> Mistake:
    """What DuckDB could not understand, in our words where it is a name."""
    unknown = _UNKNOWN.search(str(error))
    if not unknown:
        cause = str(error).splitlines()[0]
        return Mistake(f"SQL 有误：{cause}", f"the SQL is not right: {cause}")
    name = unknown[1] or unknown[2]
    near = nearest(name, [column for columns in known.values() for column in columns])
    return Mistake(f"没有列“{name}”", f"there is no column “{name}”", _identifier(tree, name), near)


def _identifier(tree: exp.Expr, name: str) -> int:
    """The first character of this name where it is first written; -1 where it is not."""
    written = [at(one) for one in tree.find_all(exp.Identifier) if one.name.lower() == name.lower()]
    return min((one for one in written if one >= 0), default=-1)


def verdicts_of(rule: Rule, vocabulary: Vocabulary) -> str:
    """The template of a rule that is a query: each row that it returns of a judged filing is one verdict.

    Two rows of one filing and instance are an error of the run: one verdict would stand for the other.
    """
    if rule.for_each != "filing":
        zh, en = "带 query 的规则，for_each 要写 filing", "a rule with a query runs for_each filing"
        raise Mistake(zh, en, -1, ("filing",))
    if rule.when:
        zh, en = "带 query 的规则没有 when：写进 WHERE", "a rule with a query has no when: say it in its WHERE"
        raise Mistake(zh, en, 0)
    found = read(rule.query, vocabulary)
    told = {name: f"q.{name}" for name in found.columns}
    given = ", ".join(
        f"CAST({told.get(name, 'NULL')} AS {type_}) AS {name}"
        for name, type_ in (("page", "INTEGER"), ("stated", MONEY), ("computed", MONEY), ("ok", "BOOLEAN"))
    )
    cases = " ".join(gates(found, vocabulary))
    last = f" LEFT JOIN {JUDGED} pf ON pf.filing = t.previous" if found.previous else ""
    stage_i = (
        f"SELECT t.filing AS filing, coalesce(CAST({told.get('instance', 'NULL')} AS VARCHAR), '') AS instance, {given}, "
        f"greatest(coalesce(CAST({told.get('bound', 'NULL')} AS {MONEY}), 0), 0) AS bound, "
        f"{f'CASE {cases} END' if cases else 'CAST(NULL AS VARCHAR)'} AS gate "
        f"FROM q JOIN b t ON t.filing = q.filing{last} WHERE true{for_years(rule, 't')}"
    )
    stage_j = "SELECT *, count(*) OVER (PARTITION BY filing, instance) AS copies FROM i"
    twice = "CAST(error('the query returns a filing and instance twice: ' || filing || ' ' || instance) AS BOOLEAN)"
    return (
        f"WITH b AS (SELECT * FROM \0), q AS ({found.sql}), i AS ({stage_i}), j AS ({stage_j}), "
        f"k AS (SELECT * FROM j WHERE CASE WHEN copies > 1 THEN {twice} ELSE true END) {_told('ok' in told)}"
    )


def _told(by_ok: bool) -> str:
    """The verdicts of what a query gives: by whether it is `ok`, or by what is stated and computed."""
    reached = "gate IS NULL AND " + ("ok IS NOT NULL" if by_ok else "stated IS NOT NULL AND computed IS NOT NULL")
    broken = "NOT ok" if by_ok else "abs(stated - computed) > bound"
    status = f"WHEN {broken} THEN 'broken' WHEN {'ok' if by_ok else 'stated = computed'} THEN 'holds' ELSE 'rounding'"
    apart = (
        ("computed", "computed"),
        ("difference", "stated - computed"),
        ("bound", "bound"),
        ("unexplained", "greatest(abs(stated - computed) - bound, 0)"),
    )
    shown = ", ".join(
        f"CASE WHEN {'false' if by_ok else reached} THEN CAST({sql} AS {MONEY}) END AS {name}" for name, sql in apart
    )
    sides = "row('stated', '+', NULL, '公布数', stated, 0), row('computed', '+', NULL, '计算数', computed, bound)"
    return (
        f"SELECT filing, instance, CASE WHEN {reached} THEN CASE {status} END ELSE 'not_verifiable' END AS status, stated, {shown}, "
        f"'{'text' if by_ok else 'amount'}' AS measure, "
        f"CASE WHEN {reached} THEN NULL ELSE coalesce(gate, 'query_null') END AS reason, page, "
        f"CAST([{'' if by_ok else sides}] AS {TERMS}) AS terms FROM k"
    )


def for_years(rule: Rule, filing: str) -> str:
    """The fiscal years for which the rule is made, as further conditions."""
    bounds = ((">=", rule.since), ("<=", rule.until))
    return "".join(f" AND {filing}.fiscal_year {op} {year}" for op, year in bounds if year is not None)
