"""Rules proved by their own examples: each becomes a tiny filing, judged by the very SQL that judges real ones.

An example maps the names of the rule's formula to printed values; their decimals are their precision. A rule whose "broken"
example does not break, or whose "holds" example does not hold, is a defect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
from sqlglot import exp

from expectations.formula import Mistake, parse
from expectations.rules import Rule
from expectations.scope import CHILDREN, EVERY, Scope, open_scope, word
from expectations.verdicts import Compiled
from expectations.vocabulary import JUDGED, Column, Form, Vocabulary, plain, row_table, status_column, wide_column

EXPECTED = {
    "holds": ("holds", "rounding"),
    "rounding": ("rounding",),
    "broken": ("broken",),
    "not_verifiable": ("not_verifiable",),
}
BASE_TABLES = (
    "CREATE TABLE form_reading (filing VARCHAR, form VARCHAR, status VARCHAR, statement VARCHAR)",
    "CREATE TABLE sentence (filing VARCHAR, position INTEGER, section VARCHAR, text VARCHAR, page INTEGER, line INTEGER)",
)
"""Tables of what was read on which rules run beside the derived ones."""


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example judged: `expected` is its kind, `got` the statuses found, `passed` whether they agree."""

    rule: Rule
    expected: str
    number: int
    got: tuple[str, ...]
    problem: str = ""

    @property
    def passed(self) -> bool:
        if self.problem or not self.got:
            return False
        if self.expected == "broken":
            return "broken" in self.got
        return all(status in EXPECTED[self.expected] for status in self.got)


@dataclass
class _Filing:
    """The rows of one example, by table; a row is known by its key so that several names can fill it."""

    id: str
    fiscal_year: int = 2024
    statuses: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[tuple[str, ...], dict[str, Any]]] = field(default_factory=dict)

    def row(self, table: str, *key: str) -> dict[str, Any]:
        return self.rows.setdefault(table, {}).setdefault(key, {"filing": self.id})


def test_examples(compiled: Iterable[Compiled], vocabulary: Vocabulary) -> tuple[ExampleResult, ...]:
    """Every example of every rule, judged."""
    todo = [
        (one, kind, number, example)
        for one in compiled
        for kind, found in one.rule.examples.items()
        for number, example in enumerate(found)
    ]
    connection = duckdb.connect()
    connection.execute("PRAGMA disable_optimizer")  # planning costs more than running on a handful of rows
    for statement in BASE_TABLES:
        connection.execute(statement)
    for table in vocabulary.tables:
        columns = ", ".join(f"{column.name} {column.sql}" for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
    results: dict[int, ExampleResult] = {}
    connection.begin()
    for position, (one, kind, number, example) in enumerate(todo):
        made = _Filing(f"e{position}")
        try:
            _fill(made, one.rule, example, vocabulary)
            _store(connection, made, vocabulary)
        except (Mistake, InvalidOperation) as error:
            results[position] = ExampleResult(one.rule, kind, number, (), str(error) or "not a number")
    connection.commit()
    statuses = {one.rule.id: _statuses(connection, one) for one, *_ in todo}
    for position, (one, kind, number, _) in enumerate(todo):
        got = tuple(statuses[one.rule.id].get(f"e{position}", ()))
        results.setdefault(position, ExampleResult(one.rule, kind, number, got))
    connection.close()
    return tuple(results[position] for position in range(len(todo)))


def _statuses(connection: duckdb.DuckDBPyConnection, one: Compiled) -> dict[str, list[str]]:
    """The statuses that one rule finds, by filing."""
    found: dict[str, list[str]] = {}
    for filing, status in connection.execute(f"SELECT filing, status FROM ({one.sql()})").fetchall():
        found.setdefault(filing, []).append(status)
    return found


def _fill(made: _Filing, rule: Rule, example: dict[str, Any], vocabulary: Vocabulary) -> None:
    scope = open_scope(rule.for_each, rule.form, vocabulary)
    own = _own_row(made, scope, example)
    for name, value in example.items():
        if name in CHILDREN:
            _children(made, scope, own, value)
        elif (
            isinstance(value, list)
            and scope.relation
            and scope.relation.members
            and plain(name) == plain(scope.relation.members.zh)
        ):
            _members(made, scope, value)
        else:
            _set(made, scope, own, name, value)


def _own_row(made: _Filing, scope: Scope, example: dict[str, Any]) -> dict[str, Any]:
    if scope.form:
        key = str(example.get("行") or example.get("科目编码") or "本行")
        own = made.row(scope.base, "", key)
        own |= {
            "part": "",
            "row_key": key,
            "code": "",
            "label": key,
            "level": 1,
            "parent_key": "",
            "position": 0,
            "block": "",
            "side": "",
        }
        return own
    if scope.relation:
        return _keyed(made.row(scope.base, "r"), id="r", sentence=0, subject="")
    if scope.for_each == "sentence":
        return _keyed(made.row("sentence", "s"), position=0, section="", text="", page=1)
    if scope.for_each == "form":
        return _keyed(made.row("form_reading", "own"), form="T01", status="read")
    return {}


def _keyed(row: dict[str, Any], **values: Any) -> dict[str, Any]:
    row.update(values)
    return row


def _set(made: _Filing, scope: Scope, own: dict[str, Any], name: str, value: Any) -> None:
    tree = parse(name)
    sql = word(scope, tree)
    if sql and sql.startswith("f."):
        made.fiscal_year = int(value)
    elif sql:
        own[sql.removeprefix("t.")] = value
    elif isinstance(tree, exp.Anonymous):
        form = scope.vocabulary.form_named(tree.expressions[0].name)
        made.statuses[form.id if form else ""] = str(value)
    elif isinstance(tree, exp.Column) and not tree.table:
        columns = scope.form.columns if scope.form else scope.relation.roles if scope.relation else ()
        _put(own, _column(columns, tree.name), value, named=bool(scope.relation))
    elif isinstance(tree, exp.Column):
        _set_of_form(made, scope, tree.table, [], tree.name, value, own)
    elif isinstance(tree, exp.Dot) and isinstance(tree.this, exp.Bracket):
        _set_of_form(made, scope, tree.this.this.name, list(tree.this.expressions), tree.expression.name, value, own)
    else:
        raise Mistake(f"例子里的“{name}”无法识别", f"“{name}” in an example is not understood")


def _column(columns: Iterable[Column], name: str) -> Column:
    for column in columns:
        if plain(name) in (plain(column.zh), column.en, *map(plain, column.also)):
            return column
    raise Mistake(f"例子里没有“{name}”这一项", f"an example names “{name}”, which is not there")


def _set_of_form(
    made: _Filing, scope: Scope, form_name: str, keys: list[exp.Expr], column_name: str, value: Any, own: dict[str, Any]
) -> None:
    if plain(form_name) in ("情况说明", "narrative"):
        concept = next((c for c in scope.vocabulary.concepts if plain(column_name) in (plain(c.zh), c.en)), None)
        if concept is None:
            raise Mistake(f"情况说明没有“{column_name}”", f"the narrative has no “{column_name}”")
        _put(made.row("narrative", ""), Column(concept.zh, concept.en, type=concept.type), value, named=True)
        return
    form = scope.vocabulary.form_named(form_name)
    if form is None:
        raise Mistake(f"没有报表“{form_name}”", f"there is no form “{form_name}”")
    if not keys or (form.shape == "lines" and len(keys) == 1 and not word(scope, keys[0])):
        _set_line(made, form, plain(keys[0].name if keys else column_name), column_name if keys else "", value)
        return
    column = _column(form.columns, column_name)
    values = value if isinstance(value, list) else [value]
    every = keys[0].name in EVERY
    keys = keys[1:] if every else keys
    for number, one in enumerate(values):
        parts, key = (
            (keys[:1], keys[1])
            if len(keys) == 2 and not isinstance(value, list)
            else ([], keys[min(number, len(keys) - 1)] if keys else None)
        )
        part = f"p{number}" if every else _key(scope, own, parts[0]) if parts else ""
        row_key = _key(scope, own, key) if key is not None else f"r{number}"
        row = made.row(row_table(form), part, row_key)
        code = row_key if row_key.isdigit() else ""
        row |= {
            "part": part,
            "row_key": row_key,
            "code": code,
            "label": row_key,
            "parent_key": "",
            "position": number,
            "level": 1,
            "block": "",
        }
        _put(row, column, one)


def _key(scope: Scope, own: dict[str, Any], key: exp.Expr) -> str:
    sql = word(scope, key)
    return str(own.get(sql.removeprefix("t."), "")) if sql else key.name


def _set_line(made: _Filing, form: Form, line_name: str, column_name: str, value: Any) -> None:
    line = next((x for x in form.lines if line_name in (plain(x.zh), x.en)), None)
    if line is None:
        raise Mistake(f"{form.zh}没有“{line_name}”", f"{form.zh} has no line “{line_name}”")
    column = _column(form.columns, column_name) if column_name else form.columns[0]
    _put(made.row(form.en, ""), Column(line.zh, wide_column(line, column, form)), value)


def _children(made: _Filing, scope: Scope, own: dict[str, Any], children: list[dict[str, Any]]) -> None:
    for number, child in enumerate(children):
        key = str(child.get("行") or child.get("科目编码") or f"下级{number}")
        row = made.row(scope.base, "", key)
        row |= {
            "part": own["part"],
            "row_key": key,
            "code": "",
            "label": key,
            "level": 2,
            "parent_key": own["row_key"],
            "position": number + 1,
            "block": "",
        }
        for name, value in child.items():
            _set(made, scope, row, name, value)


def _members(made: _Filing, scope: Scope, values: list[Any]) -> None:
    assert scope.relation and scope.relation.members
    for number, value in enumerate(values):
        row = made.row(f"{scope.base}_member", str(number))
        row |= {"id": "r", "position": number, "subject": f"第{number + 1}项"}
        _put(row, scope.relation.members, value, named=True)


def _put(row: dict[str, Any], column: Column, value: Any, named: bool = False) -> None:
    """The value and its precision; amounts of a form share their row's, taken from the finest value given."""
    if value is None or value == "":
        return
    if column.type == "text":
        row[column.en] = value
        return
    number = Decimal(str(value).replace(",", ""))
    exponent = number.as_tuple().exponent
    ulp = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    row[column.en] = number
    if named or column.type != "amount":
        row[f"{column.en}_ulp"] = ulp
        if named:
            row[f"{column.en}_id"] = column.zh
    else:
        row["ulp"] = min(ulp, row.get("ulp", ulp))


def _store(connection: duckdb.DuckDBPyConnection, made: _Filing, vocabulary: Vocabulary) -> None:
    """The example's rows, written as one script: values as literals, for bound parameters cost more than the rows."""
    statuses = {form: made.statuses.get(form, "read") for form in vocabulary.forms}
    judged = {"filing": made.id, "organisation": "示例", "fiscal_year": made.fiscal_year, "scope": "department"}
    judged |= {status_column(form): status for form, status in statuses.items()}
    script = [_insert(JUDGED, judged)]
    for table, rows in made.rows.items():
        _share_precision(table, rows, vocabulary)
        script.extend(_insert(table, row) for row in rows.values())
    connection.execute(";\n".join(script))


def _insert(table: str, row: dict[str, Any]) -> str:
    values = ", ".join(_literal(value) for value in row.values())
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | Decimal) else "'" + str(value).replace("'", "''") + "'"


def _share_precision(table: str, rows: dict[tuple[str, ...], dict[str, Any]], vocabulary: Vocabulary) -> None:
    if any(table == row_table(form) for form in vocabulary.forms.values()):
        finest = min((row["ulp"] for row in rows.values() if "ulp" in row), default=None)
        for row in rows.values():
            row["ulp"] = finest
