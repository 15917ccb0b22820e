"""A tiny filing made from an example: the rows of the tables that rules run on, filled by the names of a formula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
from sqlglot import exp

from expectations.classification import TABLE as CODES
from expectations.formula import Mistake, nearest, parse
from expectations.rules import Rule
from expectations.sql.neighbours import BESIDE_FORM, BESIDE_ROW, FEWEST_FILERS
from expectations.sql.scope import (
    CHILDREN,
    COUNTED,
    DATES,
    EVERY,
    FILING_WORDS,
    NARRATIVE,
    OTHERS,
    PREVIOUS,
    TEXTS,
    Scope,
    open_scope,
    word,
)
from expectations.vocabulary import (
    JUDGED,
    WITH_PREVIOUS,
    Column,
    Form,
    Vocabulary,
    plain,
    row_table,
    status_column,
    wide_column,
)

BASE_TABLES = (
    "CREATE TABLE form_reading (filing VARCHAR, form VARCHAR, title VARCHAR, pages INTEGER[], status VARCHAR, unit VARCHAR, statement VARCHAR)",
    "CREATE TABLE filing (filing VARCHAR, unit VARCHAR)",
    "CREATE TABLE figure (filing VARCHAR, id VARCHAR, value DECIMAL(38,10), ulp DECIMAL(38,10), unit VARCHAR)",
    "CREATE TABLE claim (filing VARCHAR, id VARCHAR, kind VARCHAR, concept VARCHAR, value DECIMAL(38,10), ulp DECIMAL(38,10), unit VARCHAR)",
    "CREATE TABLE sentence (filing VARCHAR, position INTEGER, section VARCHAR, text VARCHAR, page INTEGER, line INTEGER)",
    f"CREATE TABLE {CODES.name} ({', '.join(f'{column.name} {column.sql}' for column in CODES.columns)})",
)
"""Tables of what was read on which rules run beside the derived ones."""


def create_tables(connection: duckdb.DuckDBPyConnection, vocabulary: Vocabulary) -> None:
    """Every table that a rule may read is there, empty."""
    derived = (
        f"CREATE TABLE {table.name} ({', '.join(f'{column.name} {column.sql}' for column in table.columns)})"
        for table in vocabulary.tables
    )
    connection.execute(";\n".join((*BASE_TABLES, *derived)))


@dataclass
class Specimen:
    """The rows of one example, by table; a row is known by its key so that several names can fill it.

    `previous` is the filing of the year before, None where the example names nothing of it; `peers` are the others of its region.
    """

    id: str
    fiscal_year: int = 2024
    region: str = ""
    published_on: str = ""
    replaced: int | None = None
    previous: Specimen | None = None
    peers: list[Specimen] = field(default_factory=list)
    others: list[Specimen] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[tuple[str, ...], dict[str, Any]]] = field(default_factory=dict)

    def last_year(self) -> Specimen:
        """The filing of the year before, made when it is first named."""
        if self.previous is None:
            self.previous = Specimen(f"{self.id}~")
        return self.previous

    def row(self, table: str, *key: str) -> dict[str, Any]:
        return self.rows.setdefault(table, {}).setdefault(key, {"filing": self.id})


def fill(made: Specimen, rule: Rule, example: dict[str, Any], vocabulary: Vocabulary) -> None:
    """`made` holds what `example` maps the names of the rule's formula to.

    Raises `Mistake` for a name that means nothing and decimal.InvalidOperation for a value that is no number.
    """
    scope = open_scope(rule.for_each, rule.form, vocabulary)
    own = _own_row(made, scope, example)
    for name, value in example.items():
        if rule.query and isinstance(value, list) and name not in (*TEXTS, *OTHERS):
            _rows(made, name, value, vocabulary)
        elif name in TEXTS:
            _say(made, value)
        elif name in BESIDE:
            _beside(made, scope, own, name, value)
        elif name in CHILDREN:
            _children(made, scope, own, value)
        elif plain(name) in OTHERS:
            _peers(made, value, vocabulary)
        elif (
            isinstance(value, list)
            and scope.relation
            and scope.relation.members
            and plain(name) in (plain(scope.relation.members.zh), scope.relation.members.en)
        ):
            _members(made, scope, value)
        else:
            _set(made, scope, own, name, value)


def _peers(made: Specimen, values: Any, vocabulary: Vocabulary) -> None:
    """同类: [{T07[合计].决算数: 3.00}, …]: one mapping a peer, each filled as in a rule over filings."""
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        zh = "同类写成列表，每个同类一组“名称: 数”"
        raise Mistake(zh, "peers are a list with one mapping for each")
    for number, one in enumerate(values):
        peer = Specimen(f"{made.id}/{number}")
        for name, value in one.items():
            _set(peer, open_scope("filing", "", vocabulary), {}, name, value)
        made.peers.append(peer)


def _rows(made: Specimen, table: str, values: list[Any], vocabulary: Vocabulary) -> None:
    """heading: [{text: 三, number: 3}, …]: rows of a table for a rule that is a query, as its SQL names them."""
    found = next((one for one in vocabulary.tables if one.name == table), None)
    if found is None:
        known = [one.name for one in vocabulary.tables]
        raise Mistake(f"没有表“{table}”", f"there is no table “{table}”", -1, nearest(table, known))
    columns = [column.name for column in found.columns]
    for number, row in enumerate(values):
        unknown = [name for name in row if name not in columns]
        if unknown:
            zh, en = f"{table} 没有列“{unknown[0]}”", f"{table} has no column “{unknown[0]}”"
            raise Mistake(zh, en, -1, nearest(unknown[0], columns))
        _keyed(made.row(table, f"row {number}"), **row)


PAGES = "pages[1]"
BESIDE = (*BESIDE_ROW, *BESIDE_FORM)


def _say(made: Specimen, texts: list[str] | str) -> None:
    for number, text in enumerate([texts] if isinstance(texts, str) else texts):
        _keyed(made.row("sentence", str(number)), position=number, section="", text=text, page=1)


def _beside(made: Specimen, scope: Scope, own: dict[str, Any], name: str, value: Any) -> None:
    """What stands beside the example's own row or form: a row above it, a form before it, other filers' name of its code.

    The name in the list of codes is what it is: an example chooses its code.
    """
    if name in BESIDE_FORM:
        _keyed(made.row("form_reading", "before"), form="T00", status="read", **{"pages[1]": value})
    elif BESIDE_ROW[name] == "code_above":
        _keyed(made.row(scope.base, "", str(value)), **_row_words(str(value), position=-1))
    elif BESIDE_ROW[name] == "usual_name":
        made.others = [
            _filer(scope, f"{made.id}~{number}", str(own["row_key"]), str(value)) for number in range(FEWEST_FILERS)
        ]
    else:
        raise Mistake(f"例子里不能写“{name}”", f"an example cannot set “{name}”")


def _filer(scope: Scope, id_: str, code: str, label: str) -> Specimen:
    other = Specimen(id_)
    _keyed(other.row(scope.base, "", code), **_row_words(code, label=label))
    return other


def _own_row(made: Specimen, scope: Scope, example: dict[str, Any]) -> dict[str, Any]:
    if scope.form:
        named = (example.get(name) for name in ("行", "row", "科目编码", "code"))
        key = str(next(filter(None, named), "本行"))
        return _keyed(made.row(scope.base, "", key), **_row_words(key, side=""))
    if scope.relation:
        return _keyed(made.row(scope.base, "r"), id="r", sentence=0, subject="")
    if scope.for_each == "sentence":
        return _keyed(made.row("sentence", "s"), position=0, section="", text="", page=1)
    if scope.for_each == "form":
        return _keyed(made.row("form_reading", "own"), form="T01", status="read")
    if scope.for_each == "heading":
        return _keyed(made.row("heading", "own"), position=0, text="", chapter="", page=1)
    return {}


def _row_words(key: str, **others: Any) -> dict[str, Any]:
    """What a row of a form says of itself, as far as the example does not say it."""
    code = key if key.isdigit() else ""
    words = {"part": "", "row_key": key, "code": code, "label": key, "level": 1, "parent_key": "", "position": 0}
    return words | {"block": ""} | others


def _keyed(row: dict[str, Any], **values: Any) -> dict[str, Any]:
    row.update(values)
    return row


def _set(made: Specimen, scope: Scope, own: dict[str, Any], name: str, value: Any) -> None:
    tree = parse(name)
    sql = word(scope, tree)
    own_name = plain(name) if isinstance(tree, exp.Column) and not tree.table else ""
    if own_name in DATES:
        made.published_on = str(value)
        return
    if own_name in COUNTED:
        made.replaced = int(value)
        return
    if sql and sql.split(".")[1] == "fiscal_year" and plain(name) in FILING_WORDS:
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
        _set_named(made, scope, tree, value, own)
    elif isinstance(tree, exp.Dot) and isinstance(tree.this, exp.Bracket):
        form_name = tree.this.this
        whose = made.last_year() if plain(form_name.table) in PREVIOUS else made
        _set_of_form(whose, scope, form_name.name, list(tree.this.expressions), tree.expression.name, value, own)
    else:
        raise Mistake(f"例子里的“{name}”无法识别", f"“{name}” in an example is not understood")


def _set_named(made: Specimen, scope: Scope, tree: exp.Column, value: Any, own: dict[str, Any]) -> None:
    """报表.行, 上年.报表.行; in a rule over rows 上年.列, the same row of the year before; of claims 上年.本期数, the same figure."""
    last = plain(tree.db or tree.table) in PREVIOUS
    if last and not tree.db and scope.relation:
        own["concept"] = tree.name
        before = _keyed(made.last_year().row("figure", tree.name), id=tree.name, unit="万元")
        _put(before, Column(tree.name, "value", type="figure"), value)
        return
    if last and not tree.db and scope.form:
        key = str(own["row_key"])
        before = _keyed(made.last_year().row(scope.base, "", key), **_row_words(key, side=""))
        _put(before, _column(scope.form.columns, tree.name), value)
    else:
        _set_of_form(made.last_year() if last else made, scope, tree.table, [], tree.name, value, own)


def _column(columns: Iterable[Column], name: str) -> Column:
    for column in columns:
        if plain(name) in (plain(column.zh), column.en, *map(plain, column.also)):
            return column
    raise Mistake(f"例子里没有“{name}”这一项", f"an example names “{name}”, which is not there")


def _set_of_form(
    made: Specimen,
    scope: Scope,
    form_name: str,
    keys: list[exp.Expr],
    column_name: str,
    value: Any,
    own: dict[str, Any],
) -> None:
    if plain(form_name) in NARRATIVE:
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
        row |= _row_words(row_key, part=part, position=number)
        _put(row, column, one)


def _key(scope: Scope, own: dict[str, Any], key: exp.Expr) -> str:
    sql = word(scope, key)
    return str(own.get(sql.removeprefix("t."), "")) if sql else key.name


def _set_line(made: Specimen, form: Form, line_name: str, column_name: str, value: Any) -> None:
    line = next((x for x in form.lines if line_name in (plain(x.zh), x.en)), None)
    if line is None:
        raise Mistake(f"{form.zh}没有“{line_name}”", f"{form.zh} has no line “{line_name}”")
    column = _column(form.columns, column_name) if column_name else form.columns[0]
    _put(made.row(form.en, ""), Column(line.zh, wide_column(line, column, form)), value)


def _children(made: Specimen, scope: Scope, own: dict[str, Any], children: list[dict[str, Any]]) -> None:
    for number, child in enumerate(children):
        key = str(child.get("行") or child.get("科目编码") or f"下级{number}")
        row = made.row(scope.base, "", key)
        row |= _row_words(key, part=own["part"], code="", level=2, parent_key=own["row_key"], position=number + 1)
        for name, value in child.items():
            _set(made, scope, row, name, value)


def _members(made: Specimen, scope: Scope, values: list[Any]) -> None:
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
        row["ulp" if column.type == "figure" else f"{column.en}_ulp"] = ulp
        if named:
            row[f"{column.en}_id"] = column.zh
    else:
        row["ulp"] = min(ulp, row.get("ulp", ulp))


def store(connection: duckdb.DuckDBPyConnection, made: Specimen, vocabulary: Vocabulary) -> None:
    """The example's rows are in the tables, written as one script: values as literals, for bound parameters cost more than
    the rows."""
    statuses = {form: made.statuses.get(form, "read") for form in vocabulary.forms}
    judged: dict[str, Any] = {"filing": made.id, "organisation": f"示例{made.id}", "fiscal_year": made.fiscal_year}
    judged |= {"scope": "department", "kind": WITH_PREVIOUS, "region": made.region or made.id, "level": "county"}
    judged |= {"peers": len(made.peers)} if made.peers else {}
    judged |= {"published_on": made.published_on} if made.published_on else {}
    judged |= {"replaced": made.replaced}
    for peer in made.peers:
        peer.fiscal_year, peer.region = made.fiscal_year, made.region or made.id
        store(connection, peer, vocabulary)
        connection.execute(f"UPDATE {JUDGED} SET peers = {len(made.peers)} WHERE filing = {_literal(peer.id)}")
    if made.previous:
        made.previous.fiscal_year = made.fiscal_year - 1
        judged["previous"] = made.previous.id
        store(connection, made.previous, vocabulary)
    for other in made.others:
        other.fiscal_year = made.fiscal_year
        store(connection, other, vocabulary)
    judged |= {status_column(form): status for form, status in statuses.items()}
    script = [_insert(JUDGED, judged)]
    for table, rows in made.rows.items():
        _share_precision(table, rows, vocabulary)
        script.extend(_insert(table, row) for row in rows.values())
    connection.execute(";\n".join(script))


def _insert(table: str, row: dict[str, Any]) -> str:
    values = ", ".join(f"[{_literal(value)}]" if name == PAGES else _literal(value) for name, value in row.items())
    return f"INSERT INTO {table} ({', '.join(name.removesuffix('[1]') for name in row)}) VALUES ({values})"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | Decimal) else "'" + str(value).replace("'", "''") + "'"


def _share_precision(table: str, rows: dict[tuple[str, ...], dict[str, Any]], vocabulary: Vocabulary) -> None:
    if any(table == row_table(form) for form in vocabulary.forms.values()):
        finest = min((row["ulp"] for row in rows.values() if "ulp" in row), default=None)
        for row in rows.values():
            row["ulp"] = finest
