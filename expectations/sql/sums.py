"""Sums over rows: the children of a row, rows chosen by code, by range or by name, all parts of a form, all members of a list."""

from __future__ import annotations

from sqlglot import exp

from expectations.formula import Mistake, at, nearest, shown
from expectations.sql.cells import Leaf, cell, claimed, term
from expectations.sql.scope import (
    CHILDREN,
    EVERY,
    LISTED,
    ONLY,
    Scope,
    Year,
    alias,
    column_of,
    last,
    named,
    needed_form,
)
from expectations.vocabulary import Column, Form, RelationKind, plain, row_table


def total(scope: Scope, inner: exp.Expr) -> Leaf:
    """The sum that `sum(inner)` stands for.

    Raises `Mistake` when `inner` does not name rows.
    """
    if isinstance(inner, exp.Column) and plain(inner.table) in CHILDREN and scope.form and not inner.db:
        column = named(scope.form.columns, plain(inner.name))
        if column is None:
            near = nearest(inner.name, scope.names())
            raise Mistake(f"没有“{inner.name}”列", f"there is no column “{inner.name}”", last(inner), near)
        label = f"下级·{column.zh}"
        return _total(scope, scope.year(False), scope.form, column, "parent_key <> ''", "parent_key", "row_key", label)
    if isinstance(inner, exp.Column) and not inner.table and scope.relation and scope.relation.members:
        members = scope.relation.members
        if plain(inner.name) in (plain(members.zh), members.en):
            return _member_total(scope, scope.relation, members)
    if isinstance(inner, exp.Dot) and isinstance(inner.this, exp.Bracket) and isinstance(inner.this.this, exp.Column):
        return _over_rows(scope, inner)
    raise Mistake(
        f"不能对“{shown(inner)}”求和",
        f"“{shown(inner)}” cannot be summed",
        at(inner),
        ("下级.列名", "报表[科目, 科目].列名", "报表[科目:科目].列名"),
    )


def number_of_rows(scope: Scope, inner: exp.Expr) -> Leaf:
    """How many rows `sum(inner)` would add up, as an exact count."""
    rows = total(scope, inner)
    label = f"{rows.label}·行数"
    return Leaf(label, "count", f"coalesce({rows.count}, 0)", "0", "NULL", True)


def _over_rows(scope: Scope, inner: exp.Dot) -> Leaf:
    """sum(报表[301, 303].列), sum(报表[30201:30299].列), sum(报表[全部, 行].列)."""
    keys = list(inner.this.expressions)
    year, name = scope.year_of(inner.this.this)
    form = needed_form(scope, year, name, inner)
    column = column_of(scope, form, inner.expression.name, inner)
    where = ["true"]
    if keys and keys[0].name in EVERY:
        keys = keys[1:]
        where = ["part NOT LIKE '%#%'"]  # a table printed twice counts once
    if keys:
        where.append(_chosen(keys))
    label = f"{year.label}{form.zh}·{column.zh}"
    return _total(scope, year, form, column, " AND ".join(where), "", "", label)


def _chosen(keys: list[exp.Expr]) -> str:
    """The condition that a row is one of `keys`: names and codes, or ranges of codes."""
    ranges = [_between(key) for key in keys if isinstance(key, exp.Slice)]
    singles = ["'" + key.name.replace("'", "''") + "'" for key in keys if not isinstance(key, exp.Slice)]
    listed = [f"row_key IN ({', '.join(singles)})"] if singles else []
    chosen = " OR ".join([*listed, *ranges])
    return f"({chosen})" if ranges and len(listed) + len(ranges) > 1 else chosen


def _between(key: exp.Slice) -> str:
    """Codes of one level from the first to the last: [30201:30299] holds no class and no item of another level."""
    ends = [end.name if isinstance(end, exp.Literal) else "" for end in (key.this, key.expression)]
    low, high = ends
    if not (low.isdigit() and high.isdigit() and len(low) == len(high) and low <= high):
        zh = "一段科目要写成同级的两个编码，从小到大，例如 [30201:30299]"
        en = "a range needs two codes of one level, the smaller first, such as [30201:30299]"
        raise Mistake(zh, en, at(key))
    return f"(length(code) = {len(low)} AND code BETWEEN '{low}' AND '{high}')"


def _total(scope: Scope, year: Year, form: Form, column: Column, where: str, group: str, own: str, label: str) -> Leaf:
    """A sum over rows of a form, grouped by filing and, for children, by their parent."""
    known_as = alias(scope, f"sum|{year.mark}{form.en}|{column.en}|{where}|{group}")
    one = cell(form, column, "s", label, "s.row_key", year)
    name = "CASE WHEN s.part = '' THEN s.label ELSE s.part || '·' || s.label END" if not group else "s.label"
    name = f"'{year.label}' || {name}" if year.label else name
    only = "" if year.mark or scope.of_peers else ONLY
    keys = ", ".join(["s.filing", *(["s.part", f"s.{group}"] if group else [])])
    query = (
        f"SELECT {keys}, sum({one.value}) AS value, sum({one.radius}) AS radius, count({one.value}) AS printed, count(*) AS rows_"
        f"{LISTED[0]}, list({term('computed', '+', one.id, name, one.value, one.radius)} ORDER BY s.part, s.position) "
        f"FILTER (WHERE {one.value} IS NOT NULL) AS terms{LISTED[1]} FROM {row_table(form)} s WHERE {where}{only} GROUP BY {keys}"
    )
    on = f"{known_as}.filing = {year.filing}"
    if group:
        on += f" AND {known_as}.part = t.part AND {known_as}.{group} = t.{own}"
    scope.joins.setdefault(known_as, f"LEFT JOIN ({query}) {known_as} ON {on}")
    return Leaf(
        label,
        column.type,
        f"{known_as}.value",
        f"coalesce({known_as}.radius, 0)",
        "NULL",
        True,
        terms=f"{known_as}.terms",
        count=f"{known_as}.rows_",
    )


def _member_total(scope: Scope, relation: RelationKind, members: Column) -> Leaf:
    known_as = alias(scope, "members")
    one = claimed(members, "s", members.zh, scope.year(False))
    query = (
        f"SELECT s.filing, s.id, sum({one.value}) AS value, sum({one.radius}) AS radius, count(*) AS rows_"
        f"{LISTED[0]}, list({term('computed', '+', one.id, 's.subject', one.value, one.radius)} ORDER BY s.position) AS terms{LISTED[1]} "
        f"FROM {relation.table}_member s WHERE true{ONLY} GROUP BY s.filing, s.id"
    )
    on = f"{known_as}.filing = t.filing AND {known_as}.id = t.id"
    scope.joins.setdefault(known_as, f"LEFT JOIN ({query}) {known_as} ON {on}")
    return Leaf(
        members.zh,
        members.type,
        f"{known_as}.value",
        f"coalesce({known_as}.radius, 0)",
        "NULL",
        False,
        terms=f"{known_as}.terms",
        count=f"{known_as}.rows_",
    )
