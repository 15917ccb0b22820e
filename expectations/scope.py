"""What the names of a rule stand for: each reference becomes a value in SQL, with its precision, its place and its label.

A scope is opened for one rule by its `for_each`; resolving names in it collects the joins that the rule's query needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from expectations.formula import Mistake, nearest
from expectations.vocabulary import JUDGED, MONEY, Column, Form, RelationKind, Vocabulary, plain, row_table, wide_column

ROW_WORDS = {
    "科目编码": "code", "code": "code", "科目名称": "label", "label": "label", "级次": "level", "level": "level", "行": "row_key",
    "row": "row_key", "区块": "block", "block": "block", "收支": "side", "side": "side", "项目": "part", "part": "part",
    "上级": "parent_key", "parent": "parent_key",
}  # fmt: skip
FILING_WORDS = {
    "财政年度": "fiscal_year", "fiscal_year": "fiscal_year", "单位口径": "scope", "scope": "scope", "机构": "organisation",
    "organisation": "organisation",
}  # fmt: skip
SENTENCE_WORDS = {"语句": "text", "sentence": "text", "章节": "section", "section": "section"}
FORM_WORDS = {
    "报表": "form",
    "form": "form",
    "状态": "status",
    "status": "status",
    "说明": "statement",
    "statement": "statement",
}
RELATION_WORDS = {"事项": "subject", "subject": "subject"}
CHILDREN = ("下级", "children")
EVERY = ("全部", "every")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One named value of a formula, as SQL expressions over the rule's query.

    `value` may be NULL; `radius` is half a unit of its last place (0 where nothing is printed). `blank_is_zero` says whether a
    NULL is a blank cell (zero in a sum) or something not known. `absent` tells (SQL, or "") that the whole row is not there, and
    `absent_reason` names it. `terms` is a list of term structs for sums, "" for a single value.
    """

    label: str
    type: str
    value: str
    radius: str
    id: str
    blank_is_zero: bool
    absent: str = ""
    absent_reason: str = ""
    terms: str = ""
    count: str = ""


@dataclass
class Scope:
    """The names of one rule and the joins that they need.

    `base`: the table that the rule runs over. `joins` maps an alias to its JOIN clause; `forms` are the official forms whose
    reading must be sound before the rule can judge.
    """

    vocabulary: Vocabulary
    for_each: str
    base: str
    form: Form | None = None
    relation: RelationKind | None = None
    joins: dict[str, str] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)

    @property
    def filing(self) -> str:
        """The alias of the filing's own columns: the rule's base where it runs over filings."""
        return "t" if self.base == JUDGED else "f"

    def names(self) -> list[str]:
        """Every bare name that means something here."""
        if self.form:
            return [name for c in self.form.columns for name in (c.zh, c.en)] + list(ROW_WORDS) + list(FILING_WORDS)
        if self.relation:
            members = [self.relation.members.zh] if self.relation.members else []
            return [name for c in self.relation.roles for name in (c.zh, c.en)] + members + list(RELATION_WORDS)
        words = {"sentence": SENTENCE_WORDS, "form": FORM_WORDS}.get(self.for_each, {})
        return list(words) + list(FILING_WORDS)


def open_scope(for_each: str, form_name: str, vocabulary: Vocabulary) -> Scope:
    """The scope of `for_each`: filing, row, parent, form, sentence or claim of KIND.

    Raises `Mistake` for anything else, and for row or parent without a known form.
    """
    if for_each in ("filing", "sentence", "form"):
        return Scope(vocabulary, for_each, {"form": "form_reading", "filing": JUDGED}.get(for_each, for_each))
    if for_each in ("row", "parent"):
        form = vocabulary.form_named(form_name) if form_name else None
        if form is None:
            known = nearest(form_name, [f.zh for f in vocabulary.forms.values()])
            raise Mistake(f"没有报表“{form_name}”", f"there is no form “{form_name}”", -1, known)
        return Scope(vocabulary, for_each, row_table(form), form=form, forms=[form.id])
    if for_each.startswith("claim of "):
        wanted = for_each.removeprefix("claim of ").strip()
        for kind in vocabulary.relations.values():
            if wanted in (kind.id, kind.zh):
                return Scope(vocabulary, "claim", kind.table, relation=kind)
        known = nearest(wanted, [k.zh for k in vocabulary.relations.values()] + list(vocabulary.relations))
        raise Mistake(f"没有说明类别“{wanted}”", f"there is no kind of claim “{wanted}”", -1, known)
    choices = ("filing", "row", "parent", "form", "sentence", "claim of …")
    raise Mistake(f"for_each 不能是“{for_each}”", f"for_each cannot be “{for_each}”", -1, choices)


def word(scope: Scope, node: exp.Expr) -> str | None:
    """The SQL of a word (code, label, direction, year …) that `node` names; None when it names no word."""
    if not isinstance(node, exp.Column) or node.table:
        return None
    name = plain(node.name)
    if scope.form and name in ROW_WORDS:
        return f"t.{ROW_WORDS[name]}"
    if scope.for_each == "sentence" and name in SENTENCE_WORDS:
        return f"t.{SENTENCE_WORDS[name]}"
    if scope.for_each == "form" and name in FORM_WORDS:
        return f"t.{FORM_WORDS[name]}"
    if scope.relation:
        if name in RELATION_WORDS:
            return f"t.{RELATION_WORDS[name]}"
        role = _named(scope.relation.roles, name)
        if role and role.type == "text":
            return f"t.{role.en}"
    if name in FILING_WORDS:
        return f"{scope.filing}.{FILING_WORDS[name]}"
    return None


def leaf(scope: Scope, node: exp.Expr) -> Leaf:
    """The value that `node` names.

    Raises `Mistake` with the nearest known names when it names nothing.
    """
    if isinstance(node, exp.Sum):
        return _sum(scope, node.this)
    if isinstance(node, exp.Column) and not node.table:
        return _own(scope, node)
    if isinstance(node, exp.Column):
        return _of_form(scope, node.table, (), node.name, node)
    if isinstance(node, exp.Dot) and isinstance(node.this, exp.Bracket):
        return _of_form(scope, node.this.this.name, tuple(node.this.expressions), node.expression.name, node)
    raise Mistake(f"“{node.sql()}”不是数值", f"“{node.sql()}” is not a value", _at(node))


def _own(scope: Scope, node: exp.Column) -> Leaf:
    name = plain(node.name)
    if scope.form and (column := _named(scope.form.columns, name)):
        return _cell(scope.form, column, "t", column.zh, "t.row_key")
    if scope.relation and (role := _named(scope.relation.roles, name)):
        return _claimed(role, "t", role.zh)
    if name in FILING_WORDS and FILING_WORDS[name] == "fiscal_year":
        value = f"CAST({scope.filing}.fiscal_year AS {MONEY})"
        return Leaf(node.name, "count", value, "0", "NULL", False)
    known = scope.names()
    raise Mistake(f"没有“{node.name}”这一项", f"there is no “{node.name}” here", _at(node), nearest(name, known))


def _named(columns: tuple[Column, ...], name: str) -> Column | None:
    for column in columns:
        if name in (plain(column.zh), column.en):
            return column
    return next((c for c in columns if name in [plain(other) for other in c.also]), None)


def _cell(form: Form, column: Column, alias: str, label: str, key: str) -> Leaf:
    """A value of a row table under `alias`."""
    part = f"CASE WHEN {alias}.part = '' THEN '' ELSE '(' || {alias}.part || ')' END"
    place = f"'{form.id}' || {part} || '/' || {key} || '/{column.zh}'"
    value = f"{alias}.{column.en}"
    return Leaf(label, column.type, value, _radius(column, alias, value), place, True)


def _radius(column: Column, alias: str, value: str) -> str:
    if column.type == "amount":
        return f"CASE WHEN {value} IS NULL THEN 0 ELSE {alias}.ulp * 0.5 END"
    return _own_radius(column.type, value, f"{alias}.{column.en}_ulp")


def _own_radius(type_: str, value: str, ulp: str) -> str:
    """Counts, and points given as whole numbers, are exact; any other printed number stands for half a last place either way."""
    if type_ == "count":
        return "0"
    if type_ == "score":
        return f"CASE WHEN {value} IS NULL OR {ulp} >= 1 THEN 0 ELSE {ulp} * 0.5 END"
    return f"CASE WHEN {value} IS NULL THEN 0 ELSE coalesce({ulp}, 0) * 0.5 END"


def _claimed(role: Column, alias: str, label: str) -> Leaf:
    """A value of the narrative: what is not stated is not known."""
    value = f"{alias}.{role.en}"
    return Leaf(label, role.type, value, _own_radius(role.type, value, f"{value}_ulp"), f"{value}_id", False)


def _of_form(scope: Scope, form_name: str, keys: tuple[exp.Expr, ...], column_name: str, node: exp.Expr) -> Leaf:
    if plain(form_name) in ("情况说明", "narrative") and not keys:
        return _concept(scope, column_name, node)
    form = needed_form(scope, form_name, node)
    if not keys or (form.shape == "lines" and len(keys) == 1 and not word(scope, keys[0])):
        return _of_line(scope, form, keys[0] if keys else None, column_name, node)
    return _of_row(scope, form, keys, _column(form, column_name, node))


def needed_form(scope: Scope, name: str, node: exp.Expr) -> Form:
    """The form of this name, on whose reading the rule now depends.

    Raises `Mistake` with the nearest names when there is none.
    """
    form = scope.vocabulary.form_named(name)
    if form is None:
        known = [one.zh for one in scope.vocabulary.forms.values()] + [*CHILDREN, "情况说明"]
        raise Mistake(f"没有报表“{name}”", f"there is no form “{name}”", _at(node), nearest(name, known))
    if form.id not in scope.forms:
        scope.forms.append(form.id)
    return form


def _column(form: Form, name: str, node: exp.Expr) -> Column:
    column = _named(form.columns, plain(name))
    if column is None:
        known = [each for one in form.columns for each in (one.zh, one.en)]
        zh, en = f"{form.zh}没有“{name}”列", f"{form.zh} has no column “{name}”"
        raise Mistake(zh, en, _at(node), nearest(name, known))
    return column


def _concept(scope: Scope, name: str, node: exp.Expr) -> Leaf:
    wanted = plain(name)
    for concept in scope.vocabulary.concepts:
        if wanted in (plain(concept.zh), concept.en):
            scope.joins.setdefault("n", "LEFT JOIN narrative n ON n.filing = t.filing")
            return _claimed(Column(concept.zh, concept.en, type=concept.type), "n", f"情况说明·{concept.zh}")
    known = [n for c in scope.vocabulary.concepts for n in (c.zh, c.en)]
    raise Mistake(f"情况说明没有“{name}”", f"the narrative has no “{name}”", _at(node), nearest(wanted, known))


def _of_line(scope: Scope, form: Form, key: exp.Expr | None, column_name: str, node: exp.Expr) -> Leaf:
    """A value of a form whose lines are fixed, from its table of one row a filing."""
    line_name = plain(key.name if key is not None else column_name)
    line = next((x for x in form.lines if line_name in (plain(x.zh), x.en)), None)
    if line is None:
        known = [name for x in form.lines for name in (x.zh, x.en)]
        raise Mistake(
            f"{form.zh}没有“{line_name}”这一行",
            f"{form.zh} has no line “{line_name}”",
            _at(node),
            nearest(line_name, known),
        )
    column = form.columns[0] if key is None and len(form.columns) == 1 else _column(form, column_name, node)
    alias = f"w_{form.en}"
    scope.joins.setdefault(alias, f"LEFT JOIN {form.en} {alias} ON {alias}.filing = t.filing")
    value = f"{alias}.{wide_column(line, column, form)}"
    radius = f"CASE WHEN {value} IS NULL THEN 0 ELSE {alias}.ulp * 0.5 END"
    label = f"{form.zh}·{line.zh}" + (f"·{column.zh}" if len(form.columns) > 1 else "")
    return Leaf(label, column.type, value, radius, f"'{form.id}/{line.zh}/{column.zh}'", True)


def _key_sql(scope: Scope, key: exp.Expr) -> tuple[str, bool]:
    """The SQL that a row's key must equal, and whether it is fixed text."""
    own = word(scope, key)
    if own:
        return own, False
    text = key.name.replace("'", "''")
    return f"'{text}'", True


def _of_row(scope: Scope, form: Form, keys: tuple[exp.Expr, ...], column: Column) -> Leaf:
    """A value of another row: chosen by a code or name, or by a word of the rule's own row."""
    *parts, row = keys
    sql, fixed = _key_sql(scope, row)
    on = "code" if sql == "t.code" else "row_key"
    part, _ = _key_sql(scope, parts[0]) if parts else ("''", True)
    alias = _alias(scope, f"{form.en}|{part}|{sql}")
    condition = f"{alias}.filing = t.filing AND {alias}.{on} = {sql} AND {alias}.part = {part}"
    if on == "code":
        condition += f" AND {alias}.code <> ''"
    scope.joins.setdefault(alias, f"LEFT JOIN {row_table(form)} {alias} ON {condition}")
    name = row.name if fixed else ""
    label = f"{form.zh}[{name}]·{column.zh}" if name else f"{form.zh}·{column.zh}"
    found = _cell(form, column, alias, label, f"{alias}.row_key")
    is_code = name.isdigit() or on == "code"
    if is_code:
        return found
    reason = f"row_missing:{form.id}[{name}]" if name else f"row_missing:{form.id}"
    return Leaf(found.label, found.type, found.value, found.radius, found.id, True, f"{alias}.filing IS NULL", reason)


def _alias(scope: Scope, key: str) -> str:
    """A short alias for the join known by `key`; the same key gets the same alias."""
    known: dict[str, str] = scope.__dict__.setdefault("_aliases", {})
    return known.setdefault(key, f"r{len(known)}")


def _sum(scope: Scope, inner: exp.Expr) -> Leaf:
    if isinstance(inner, exp.Column) and inner.table in CHILDREN and scope.form:
        column = _named(scope.form.columns, plain(inner.name))
        if column is None:
            raise Mistake(
                f"没有“{inner.name}”列",
                f"there is no column “{inner.name}”",
                _at(inner),
                nearest(inner.name, scope.names()),
            )
        return _total(scope, scope.form, column, "parent_key <> ''", "parent_key", "row_key", f"下级·{column.zh}")
    if isinstance(inner, exp.Column) and not inner.table and scope.relation and scope.relation.members:
        members = scope.relation.members
        if plain(inner.name) in (plain(members.zh), members.en):
            return _member_total(scope, scope.relation, members)
    if isinstance(inner, exp.Dot) and isinstance(inner.this, exp.Bracket):
        return _sum_over(scope, inner)
    raise Mistake(
        f"不能对“{inner.sql()}”求和",
        f"“{inner.sql()}” cannot be summed",
        _at(inner),
        ("下级.列名", "报表[科目, 科目].列名"),
    )


def _sum_over(scope: Scope, inner: exp.Dot) -> Leaf:
    """sum(报表[301, 303].列), sum(报表[全部, 行].列): over rows chosen by key, or over all parts of a form."""
    name, keys = inner.this.this.name, list(inner.this.expressions)
    form = needed_form(scope, name, inner)
    column = _column(form, inner.expression.name, inner)
    where = ["true"]
    if keys and keys[0].name in EVERY:
        keys = keys[1:]
        where = ["part NOT LIKE '%#%'"]  # a table printed twice counts once
    if keys:
        chosen = ", ".join("'" + key.name.replace("'", "''") + "'" for key in keys)
        where.append(f"row_key IN ({chosen})")
    return _total(scope, form, column, " AND ".join(where), "", "", f"{form.zh}·{column.zh}")


def _total(scope: Scope, form: Form, column: Column, where: str, group: str, own: str, label: str) -> Leaf:
    """A sum over rows of a form, grouped by filing and, for children, by their parent."""
    alias = _alias(scope, f"sum|{form.en}|{column.en}|{where}|{group}")
    one = _cell(form, column, "s", label, "s.row_key")
    name = "CASE WHEN s.part = '' THEN s.label ELSE s.part || '·' || s.label END" if not group else "s.label"
    keys = ", ".join(["s.filing", *(["s.part", f"s.{group}"] if group else [])])
    query = (
        f"SELECT {keys}, sum({one.value}) AS value, sum({one.radius}) AS radius, count({one.value}) AS printed, count(*) AS rows_, "
        f"list({_term('computed', '+', one.id, name, one.value, one.radius)} ORDER BY s.part, s.position) "
        f"FILTER (WHERE {one.value} IS NOT NULL) AS terms FROM {row_table(form)} s WHERE {where} GROUP BY {keys}"
    )
    on = f"{alias}.filing = t.filing"
    if group:
        on += f" AND {alias}.part = t.part AND {alias}.{group} = t.{own}"
    scope.joins.setdefault(alias, f"LEFT JOIN ({query}) {alias} ON {on}")
    return Leaf(
        label,
        column.type,
        f"{alias}.value",
        f"coalesce({alias}.radius, 0)",
        "NULL",
        True,
        terms=f"{alias}.terms",
        count=f"{alias}.rows_",
    )


def _member_total(scope: Scope, relation: RelationKind, members: Column) -> Leaf:
    alias = _alias(scope, "members")
    one = _claimed(members, "s", members.zh)
    query = (
        f"SELECT s.filing, s.id, sum({one.value}) AS value, sum({one.radius}) AS radius, count(*) AS rows_, "
        f"list({_term('computed', '+', one.id, 's.subject', one.value, one.radius)} ORDER BY s.position) AS terms "
        f"FROM {relation.table}_member s GROUP BY s.filing, s.id"
    )
    scope.joins.setdefault(alias, f"LEFT JOIN ({query}) {alias} ON {alias}.filing = t.filing AND {alias}.id = t.id")
    return Leaf(
        members.zh,
        members.type,
        f"{alias}.value",
        f"coalesce({alias}.radius, 0)",
        "NULL",
        False,
        terms=f"{alias}.terms",
        count=f"{alias}.rows_",
    )


def _term(side: str, sign: str, id_: str, label: str, value: str, radius: str) -> str:
    return (
        f"struct_pack(side := '{side}', sign := '{sign}', id := {id_}, label := {label}, "
        f"value := CAST({value} AS {MONEY}), radius := CAST({radius} AS {MONEY}))"
    )


def _at(node: exp.Expr) -> int:
    for part in node.walk():
        if "start" in part.meta:
            return int(part.meta["start"])
    return -1
