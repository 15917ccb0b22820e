"""Each value that a formula names, found: in the rule's own row, on another form, in the narrative, in last year's filing."""

from __future__ import annotations

from sqlglot import exp

from expectations.formula import Mistake, at, function, nearest, shown
from expectations.sql.cells import Leaf, cell, claimed
from expectations.sql.said import same_last_year
from expectations.sql.scope import (
    COUNTED,
    DATES,
    FILING_WORDS,
    NARRATIVE,
    PREVIOUS,
    Scope,
    Year,
    alias,
    column_of,
    key_sql,
    last,
    named,
    needed_form,
    there_by,
    word,
)
from expectations.sql.sums import number_of_rows, total
from expectations.vocabulary import CURRENT, MONEY, Column, Form, plain, row_table, wide_column


def leaf(scope: Scope, node: exp.Expr) -> Leaf:
    """The value that `node` names.

    Raises `Mistake` with the nearest known names when it names nothing.
    """
    if isinstance(node, exp.Sum):
        return total(scope, node.this)
    if isinstance(node, exp.Count):
        return number_of_rows(scope, node.this)
    if isinstance(node, exp.Column) and len(node.parts) <= 3:
        return _named(scope, node)
    if isinstance(node, exp.Dot) and isinstance(node.this, exp.Bracket) and isinstance(node.this.this, exp.Column):
        year, form_name = scope.year_of(node.this.this)
        return _of_form(scope, year, form_name, tuple(node.this.expressions), node.expression.name, node)
    if function(node) == "median":
        zh, en = "中位数只能写成 同类.中位数(…)", "a median is that of the peers: peers.median(…)"
        raise Mistake(zh, en, at(node))
    raise Mistake(f"“{shown(node)}”不是数值", f"“{shown(node)}” is not a value", at(node))


def _named(scope: Scope, node: exp.Column) -> Leaf:
    *before, name = [part.name for part in node.parts]
    before_this = bool(before) and plain(before[0]) in PREVIOUS
    if before_this and len(before) == 1:
        return _own_last_year(scope, node)
    if not before:
        return _own(scope, node)
    if len(before) == 2 and not before_this:
        known = nearest(before[0], PREVIOUS) or PREVIOUS
        zh, en = f"“{before[0]}”之下没有报表", f"there are no forms under “{before[0]}”"
        raise Mistake(zh, en, at(node), known)
    return _of_form(scope, scope.year(before_this), before[-1], (), name, node)


def _own(scope: Scope, node: exp.Column) -> Leaf:
    name, year = plain(node.name), scope.year(False)
    if scope.form and (column := named(scope.form.columns, name)):
        there_by(scope, column, node)
        return cell(scope.form, column, "t", column.zh, "t.row_key", year)
    if scope.relation and (role := named(scope.relation.roles, name)):
        return claimed(role, "t", role.zh, year)
    if name in FILING_WORDS and FILING_WORDS[name] == "fiscal_year":
        value = f"CAST({scope.filing}.fiscal_year AS {MONEY})"
        return Leaf(node.name, "count", value, "0", "NULL", False)
    if name in COUNTED:
        value = f"CAST({scope.filing}.{COUNTED[name]} AS {MONEY})"
        return Leaf(node.name, "count", value, "0", "NULL", False)
    if name in DATES:
        on = f"{scope.filing}.{DATES[name]}"
        value = f"year({on}) * 10000 + month({on}) * 100 + day({on})"
        return Leaf("公开日期", "date", value, "0", "NULL", False)
    known = scope.names()
    raise Mistake(f"没有“{node.name}”这一项", f"there is no “{node.name}” here", at(node), nearest(name, known))


def _own_last_year(scope: Scope, node: exp.Column) -> Leaf:
    """上年.本年支出合计 in a rule over rows: the same row of last year's form."""
    if scope.form:
        own = exp.column("行")
        return _of_row(scope, scope.year(True), scope.form, (own,), column_of(scope, scope.form, node.name, node))
    if scope.relation and scope.relation.between_years:
        role = named(scope.relation.roles, plain(node.name))
        if role and role.en == CURRENT:
            return same_last_year(scope, role)
        zh, en = f"上年没有“{node.name}”", f"last year has no “{node.name}”"
        raise Mistake(zh, en, last(node), ("上年.本期数", "previous.current"))
    zh = f"“{shown(node)}”没有说明是哪张表"
    en = f"“{shown(node)}” does not say of which form"
    raise Mistake(zh, en, at(node), ("上年.报表.行", "上年.报表[行].列", "上年.情况说明.数"))


def _of_form(
    scope: Scope, year: Year, form_name: str, keys: tuple[exp.Expr, ...], column_name: str, node: exp.Expr
) -> Leaf:
    if plain(form_name) in NARRATIVE and not keys:
        return _concept(scope, year, column_name, node)
    form = needed_form(scope, year, form_name, node)
    for key in keys:
        if isinstance(key, exp.Slice):
            zh, en = "一段科目要放在 sum(…) 或 count(…) 里", "a range of codes stands in sum(…) or count(…)"
            raise Mistake(zh, en, at(key))
    if len(keys) > 2:
        zh, en = "一个数只在一行一列上；若干行用 sum(…)", "one value stands in one row; several rows need sum(…)"
        raise Mistake(zh, en, at(keys[2]))
    if not keys or (form.shape == "lines" and len(keys) == 1 and not word(scope, keys[0])):
        return _of_line(scope, year, form, keys[0] if keys else None, column_name, node)
    return _of_row(scope, year, form, keys, column_of(scope, form, column_name, node))


def _concept(scope: Scope, year: Year, name: str, node: exp.Expr) -> Leaf:
    wanted = plain(name)
    for concept in scope.vocabulary.concepts:
        if wanted in (plain(concept.zh), concept.en):
            known_as = f"{year.alias}n"
            scope.joins.setdefault(known_as, f"LEFT JOIN narrative {known_as} ON {known_as}.filing = {year.filing}")
            column = Column(concept.zh, concept.en, type=concept.type)
            return claimed(column, known_as, f"{year.label}情况说明·{concept.zh}", year)
    known = [n for c in scope.vocabulary.concepts for n in (c.zh, c.en)]
    raise Mistake(f"情况说明没有“{name}”", f"the narrative has no “{name}”", last(node), nearest(wanted, known))


def _of_line(scope: Scope, year: Year, form: Form, key: exp.Expr | None, column_name: str, node: exp.Expr) -> Leaf:
    """A value of a form whose lines are fixed, from its table of one row a filing."""
    line_name = plain(key.name if key is not None else column_name)
    line = next((x for x in form.lines if line_name in (plain(x.zh), x.en)), None)
    if line is None:
        known = [name for x in form.lines for name in (x.zh, x.en)]
        raise Mistake(
            f"{form.zh}没有“{line_name}”这一行",
            f"{form.zh} has no line “{line_name}”",
            at(key) if key is not None else last(node),
            nearest(line_name, known),
        )
    there_by(scope, line, node)
    column = form.columns[0] if key is None and len(form.columns) == 1 else column_of(scope, form, column_name, node)
    if column.side not in ("", line.side):
        zh, en = f"{form.zh}的“{line.zh}”没有“{column.zh}”", f"{line.zh} of {form.zh} has no {column.zh}"
        raise Mistake(zh, en, at(node))
    known_as = f"{year.alias}w_{form.en}"
    scope.joins.setdefault(known_as, f"LEFT JOIN {form.en} {known_as} ON {known_as}.filing = {year.filing}")
    value = f"{known_as}.{wide_column(line, column, form)}"
    radius = f"CASE WHEN {value} IS NULL THEN 0 ELSE {known_as}.ulp * 0.5 END"
    label = f"{year.label}{form.zh}·{line.zh}" + (f"·{column.zh}" if len(form.columns) > 1 else "")
    return Leaf(label, column.type, value, radius, f"'{year.mark}{form.id}/{line.zh}/{column.zh}'", True)


def _of_row(scope: Scope, year: Year, form: Form, keys: tuple[exp.Expr, ...], column: Column) -> Leaf:
    """A value of another row: chosen by a code or name, or by a word of the rule's own row."""
    *parts, row = keys
    sql, fixed = key_sql(scope, row)
    on = "code" if sql == "t.code" else "row_key"
    part, _ = key_sql(scope, parts[0]) if parts else ("t.part" if sql == "t.row_key" and year.mark else "''", True)
    known_as = alias(scope, f"{year.mark}{form.en}|{part}|{sql}")
    condition = f"{known_as}.filing = {year.filing} AND {known_as}.{on} = {sql} AND {known_as}.part = {part}"
    if on == "code":
        condition += f" AND {known_as}.code <> ''"
    scope.joins.setdefault(known_as, f"LEFT JOIN {row_table(form)} {known_as} ON {condition}")
    name = row.name if fixed else ""
    label = f"{year.label}{form.zh}[{name}]·{column.zh}" if name else f"{year.label}{form.zh}·{column.zh}"
    found = cell(form, column, known_as, label, f"{known_as}.row_key", year)
    is_code = name.isdigit() or on == "code"
    if is_code:
        return found
    reason = f"{year.reason}row_missing:{form.id}" + (f"[{name}]" if name else "")
    absent = f"{known_as}.filing IS NULL"
    return Leaf(found.label, found.type, found.value, found.radius, found.id, True, absent, reason)
