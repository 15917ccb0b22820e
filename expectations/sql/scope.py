"""What the names of a rule stand for: each reference becomes a value in SQL, with its precision, its place and its label.

A scope is opened for one rule by its `for_each`; resolving names in it collects the joins that the rule's query needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp

from expectations.formula import Mistake, at, nearest
from expectations.sql.neighbours import BESIDE_FORM, BESIDE_ROW, beside
from expectations.vocabulary import JUDGED, Column, Form, FormLine, RelationKind, Vocabulary, plain, row_table

ROW_WORDS = {
    "科目编码": "code", "code": "code", "科目名称": "label", "label": "label", "级次": "level", "level": "level", "行": "row_key",
    "row": "row_key", "区块": "block", "block": "block", "收支": "side", "side": "side", "项目": "part", "part": "part",
    "上级": "parent_key", "parent": "parent_key",
}  # fmt: skip
FILING_WORDS = {
    "财政年度": "fiscal_year", "fiscal_year": "fiscal_year", "单位口径": "scope", "scope": "scope", "机构": "organisation",
    "organisation": "organisation",
}  # fmt: skip
DATES = {"公开日期": "published_on", "published_on": "published_on"}
COUNTED = {"原址改动数": "replaced", "replaced": "replaced"}
SENTENCE_WORDS = {"语句": "text", "sentence": "text", "章节": "section", "section": "section"}
FORM_WORDS = {
    "报表": "form",
    "form": "form",
    "状态": "status",
    "status": "status",
    "说明": "statement",
    "statement": "statement",
    "标题": "title",
    "title": "title",
    "单位": "unit",
    "unit": "unit",
    "首页": "pages[1]",
    "first_page": "pages[1]",
}
HEADING_WORDS = {
    "标题": "text", "heading": "text", "上级标题": "chapter", "chapter": "chapter", "序号": "number", "number": "number",
    "上一序号": "number_before", "number_before": "number_before", "年份": "year", "year": "year", "层次": "level", "level": "level",
}  # fmt: skip
RELATION_WORDS = {"事项": "subject", "subject": "subject"}
_TEXTS = {"code", "label", "row_key", "block", "side", "part", "parent_key", "scope", "organisation", "text", "section"}
_TEXTS |= {"form", "status", "statement", "subject", "title", "unit", "chapter"}
CHILDREN = ("下级", "children")
EVERY = ("全部", "every")
ONLY = "\1"
"""Stands in a sum over rows of the rule's own filing where the filings can be narrowed to some; see `Compiled.sql`."""
LISTED = ("\3", "\4")
"""Stand in a sum over rows around what lists its terms."""
_LISTED, _MARKS = re.compile("\3[^\4]*\4"), dict.fromkeys(map(ord, LISTED))
NARRATIVE = ("情况说明", "narrative")
TEXTS = ("文中", "text")
"""A name of examples alone: what the narrative says, for `mentions`."""
PREVIOUS = ("上年", "previous")
OTHERS = ("同类", "peers")
PREVIOUS_MARK = "previous:"
"""What the ids of figures and claims of last year's filing begin with among a verdict's terms: they are not on this page."""


@dataclass(frozen=True, slots=True)
class Year:
    """Whose figures a name stands for: those of the filing itself, or of its organisation's filing of the year before.

    `filing` is the SQL of that filing's key; `mark` begins the ids of its terms, `label` their labels, `alias` the names of its
    joins and `reason` why something of it is not there; all "" for the filing itself.
    """

    filing: str
    mark: str = ""
    label: str = ""
    alias: str = ""
    reason: str = ""


@dataclass
class Scope:
    """The names of one rule and the joins that they need.

    `base`: the table that the rule runs over. `joins` maps an alias to its JOIN clause; `forms` are the official forms whose
    reading must be sound before the rule can judge, `previous_forms` those of last year's filing; None where the rule does not
    look at that. `until` is the rule's last fiscal year. `with_peers`: whether the rule asks its filing's peers, `of_peers` whether this is what it asks of them.
    `gates`: further reasons why the rule cannot judge, as cases (WHEN … THEN …) in SQL; `texts`: the SQL of words
    that hold text and are no column. `among`: what is worked out from other filings, as a SELECT, and the column ("filing",
    "fiscal_year") by which a filing finds its own rows of it.
    """

    vocabulary: Vocabulary
    for_each: str
    base: str
    form: Form | None = None
    relation: RelationKind | None = None
    joins: dict[str, str] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)
    previous_forms: list[str] | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    until: int | None = None
    with_peers: bool = False
    of_peers: bool = False
    gates: list[str] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    among: list[tuple[str, str]] = field(default_factory=list)

    @property
    def filing(self) -> str:
        """The alias of the filing's own columns: the rule's base where it runs over filings."""
        return "t" if self.base == JUDGED else "f"

    def year(self, last: bool) -> Year:
        """This filing, or the one of the year before, on which the rule then depends."""
        if not last:
            return Year("t.filing")
        if self.previous_forms is None:
            self.previous_forms = []
        return Year(f"{self.filing}.previous", PREVIOUS_MARK, "上年·", "p", "previous_")

    def year_of(self, node: exp.Column) -> tuple[Year, str]:
        """Of 上年.T03 or T03: the filing that is meant, and the form's name."""
        if not node.table:
            return self.year(False), node.name
        if plain(node.table) in PREVIOUS and not node.db:
            return self.year(True), node.name
        zh, en = f"“{node.table}”之下没有报表", f"there are no forms under “{node.table}”"
        raise Mistake(zh, en, at(node), nearest(node.table, PREVIOUS) or PREVIOUS)

    def joined(self, terms: bool = True) -> str:
        """The joins as SQL; without `terms` a sum over rows does not list them."""
        return "".join(f" {join if terms else _LISTED.sub('', join)}" for join in self.joins.values()).translate(_MARKS)

    def names(self) -> list[str]:
        """Every bare name that means something here."""
        if self.form:
            words = [*ROW_WORDS, *(BESIDE_ROW if self.form.shape == "coded" else ()), *FILING_WORDS, *DATES, *COUNTED]
            return [name for c in self.form.columns for name in (c.zh, c.en)] + words
        if self.relation:
            members = [self.relation.members.zh] if self.relation.members else []
            return [name for c in self.relation.roles for name in (c.zh, c.en)] + members + list(RELATION_WORDS)
        known = {"sentence": SENTENCE_WORDS, "form": FORM_WORDS | BESIDE_FORM, "heading": HEADING_WORDS}
        return [*known.get(self.for_each, {}), *FILING_WORDS, *DATES, *COUNTED]


def open_scope(for_each: str, form_name: str, vocabulary: Vocabulary) -> Scope:
    """The scope of `for_each`: filing, row, parent, form, sentence, heading or claim of KIND.

    Raises `Mistake` for anything else, and for row or parent without a known form.
    """
    if for_each in ("filing", "sentence", "form", "heading"):
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
    choices = ("filing", "row", "parent", "form", "sentence", "heading", "claim of …")
    raise Mistake(f"for_each 不能是“{for_each}”", f"for_each cannot be “{for_each}”", -1, choices)


def is_text(scope: Scope, sql: str) -> bool:
    """Whether the SQL of a word or value (see `word`) holds text rather than a number."""
    table, _, name = sql.partition(".")
    said = [role.en for role in scope.relation.roles if role.type == "text"] if scope.relation else []
    return sql in scope.texts or (table in ("t", "f") and (name in _TEXTS or name in said))


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
    if scope.for_each == "heading" and name in HEADING_WORDS:
        return f"t.{HEADING_WORDS[name]}"
    if found := beside(scope, name):
        scope.texts |= {found} if name in BESIDE_ROW else set()
        return found
    if scope.relation:
        if name in RELATION_WORDS:
            return f"t.{RELATION_WORDS[name]}"
        role = named(scope.relation.roles, name)
        if role and role.type == "text":
            return f"t.{role.en}"
    if name in FILING_WORDS:
        return f"{scope.filing}.{FILING_WORDS[name]}"
    return None


def named(columns: tuple[Column, ...], name: str) -> Column | None:
    """The column of this Chinese or English name, or of this other printed name; None when there is none."""
    for column in columns:
        if name in (plain(column.zh), column.en):
            return column
    return next((c for c in columns if name in [plain(other) for other in c.also]), None)


def needed_form(scope: Scope, year: Year, name: str, node: exp.Expr) -> Form:
    """The form of this name, on whose reading the rule now depends.

    Raises `Mistake` with the nearest names when there is none.
    """
    form = scope.vocabulary.form_named(name)
    if form is None:
        known = [each for one in scope.vocabulary.forms.values() for each in (one.zh, one.id, one.en)]
        near = nearest(name, [*known, *CHILDREN, *PREVIOUS, *NARRATIVE])
        if plain(name) in OTHERS:
            near = ("同类.中位数(…)", "peers.median(…)")
        where = at(next((part for part in node.find_all(exp.Identifier) if part.name == name), node))
        raise Mistake(f"没有报表“{name}”", f"there is no form “{name}”", where, near)
    depends = scope.forms if not year.mark else scope.previous_forms
    if depends is not None and form.id not in depends:
        depends.append(form.id)
    there_by(scope, form, node)
    return form


def there_by(scope: Scope, named: Form | FormLine | Column, node: exp.Expr) -> None:
    """Raises `Mistake` where the forms of no year for which the rule is made have what it names."""
    if named.since is not None and scope.until is not None and scope.until < named.since:
        zh = f"“{named.zh}”从 {named.since} 年度起才有，而规则只到 {scope.until} 年度"
        en = f"“{named.zh}” exists from {named.since} on, and the rule ends with {scope.until}"
        raise Mistake(zh, en, at(node))


def column_of(scope: Scope, form: Form, name: str, node: exp.Expr) -> Column:
    """The column of `form` with this name.

    Raises `Mistake` with the nearest names when there is none.
    """
    column = named(form.columns, plain(name))
    if column is None:
        known = [each for one in form.columns for each in (one.zh, one.en)]
        zh, en = f"{form.zh}没有“{name}”列", f"{form.zh} has no column “{name}”"
        raise Mistake(zh, en, last(node), nearest(name, known))
    there_by(scope, column, node)
    return column


def last(node: exp.Expr) -> int:
    """The character at which the last name of a reference begins: that of 基本支出 in T03[合计].基本支出."""
    return at(node.expression if isinstance(node, exp.Dot) else node.this)


def key_sql(scope: Scope, key: exp.Expr) -> tuple[str, bool]:
    """The SQL that a row's key must equal, and whether it is fixed text.

    Raises `Mistake` for anything but a code, a name or a word of the rule's own row.
    """
    own = word(scope, key)
    if own:
        return own, False
    if not isinstance(key, (exp.Column, exp.Literal)) or not key.name:
        zh = "方括号里要写科目编码、行的名称，或本行的词（科目编码、行）"
        en = "between brackets stand a code, a row's name, or a word of the rule's own row (code, row)"
        raise Mistake(zh, en, at(key))
    text = key.name.replace("'", "''")
    return f"'{text}'", True


def alias(scope: Scope, key: str) -> str:
    """A short alias for the join known by `key`; the same key gets the same alias."""
    return scope.aliases.setdefault(key, f"r{len(scope.aliases)}")
