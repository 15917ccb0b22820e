"""A new rule out of five answers: each checked by itself, the rest worked out, the examples made to prove it.

What an answer leaves open is taken from the formula: the category, the id, one example that holds and one that breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlglot import exp

from expectations.authoring.lint import FORM_STATUSES
from expectations.authoring.logic import Reader, always
from expectations.formula import COMPARISONS, Mistake, nearest, parse, shown
from expectations.messages import severity_name
from expectations.proving.examples import test_examples
from expectations.rulefile.keys import SEVERITIES, STATUSES
from expectations.rules import Rule
from expectations.sql.leaves import leaf
from expectations.sql.scope import CHILDREN, NARRATIVE, Scope, open_scope, word
from expectations.sql.verdicts import Compiled, compile_rule
from expectations.vocabulary import Vocabulary, plain

_WORDS = {
    "filing": ("filing", "每份决算", "决算"),
    "form": ("form", "每张报表", "每张表", "报表"),
    "sentence": ("sentence", "每句", "语句", "说明"),
}
_PARENT = ("parent", "下级", "汇总")
_CLAIMS = {
    "占比": "share",
    "占比清单": "share",
    "增减额": "change",
    "增减幅度": "change",
    "完成率": "completion",
    "年份": "year",
}
_AMOUNTS = ("62.63", "48.20", "35.15", "27.40", "19.85", "12.30", "8.75", "5.10")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as far as its author has said it."""

    for_each: str
    form: str
    check: str = ""
    when: str = ""
    title: str | Mapping[str, str] = ""
    severity: str = "warning"
    basis: str = ""
    id: str = ""
    category: str = "other"
    status: str = ""
    owner: str = ""
    examples: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def rule(self) -> Rule:
        """The draft as a rule, to be compiled and judged."""
        title = self.title if isinstance(self.title, Mapping) else {"zh": self.title, "en": self.title}
        status = self.status or ("stable" if self.basis else "preview")
        return Rule(
            self.id or "new", dict(title), "new", "within_form", self.for_each, self.form, self.check, self.when, self.category,
            self.severity, self.basis, None, None, {}, status, {kind: list(found) for kind, found in self.examples.items()}, "new", 1,
            declared=self.severity, entry=self.id,
        )  # fmt: skip

    def entry(self) -> dict[str, Any]:
        """The draft as an entry of a rule file."""
        rule = self.rule()
        return {
            "id": rule.id, "title": self.title, "for_each": self.for_each, "form": self.form, "check": self.check, "when": self.when,
            "category": self.category, "severity": self.severity, "status": "" if rule.status == "stable" else rule.status,
            "basis": self.basis, "owner": self.owner, "examples": self.examples,
        }  # fmt: skip


# ---- answers -------------------------------------------------------------------------------------------------------------


def over(answer: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """What the rule runs over, as `for_each` and form: 支出决算表, 支出决算表 下级, 每份决算, 每句, 占比.

    Raises `Mistake` with the nearest names.
    """
    text = answer.strip()
    for for_each, known in _WORDS.items():
        if text in known:
            return for_each, ""
    name, _, how = text.partition(" ")
    form = vocabulary.form_named(name)
    if form and how.strip() in ("", "row", "每行", *_PARENT):
        return ("parent" if how.strip() in _PARENT else "row"), form.zh
    kind = text.removeprefix("claim of ").strip()
    for relation in vocabulary.relations.values():
        if kind in (relation.id, relation.zh):
            return f"claim of {relation.zh}", ""
    names = [one for words in _WORDS.values() for one in words] + [one.zh for one in vocabulary.relations.values()]
    names += [name for one in vocabulary.forms.values() for name in (one.id, one.zh)]
    zh = f"“{answer}”不是报表、每份决算、每张报表、每句，也不是一类表述"
    raise Mistake(
        zh, f"“{answer}” is no form, nor filing, form, sentence or kind of statement", -1, nearest(text, known)
    )


def severity(answer: str) -> str:
    """critical, warning or info, also by its name in words. Raises `Mistake`."""
    return _chosen(answer, SEVERITIES, {severity_name(one, lang): one for one in SEVERITIES for lang in ("zh", "en")})


def status(answer: str) -> str:
    """preview, stable or retired. Raises `Mistake`."""
    return _chosen(answer, STATUSES, {})


def _chosen(answer: str, choices: tuple[str, ...], also: Mapping[str, str]) -> str:
    found = answer if answer in choices else also.get(answer)
    if found is None:
        raise Mistake(
            f"不能是“{answer}”", f"it cannot be “{answer}”", -1, nearest(answer, [*choices, *also]) or choices
        )
    return found


def checked(draft: Draft, vocabulary: Vocabulary) -> Compiled:
    """The draft compiled. Raises `Mistake`, also for a formula that finds nothing because it holds whatever the figures are."""
    compiled = compile_rule(draft.rule(), vocabulary)
    if any(always(facts) for facts in Reader(draft.rule(), vocabulary).formula()):
        raise Mistake(
            "公式无论如何都成立，什么也查不出", "the formula holds whatever the figures are: it finds nothing", 0
        )
    return compiled


# ---- what follows from the answers -----------------------------------------------------------------------------------------


def first_formula(draft: Draft, vocabulary: Vocabulary) -> str:
    """A formula that may be meant, as a beginning."""
    scope = open_scope(draft.for_each, draft.form, vocabulary)
    if draft.for_each == "parent" and scope.form:
        return f"{scope.form.columns[0].zh} = sum(下级.{scope.form.columns[0].zh})"
    if scope.form or scope.relation:
        columns = scope.form.columns if scope.form else scope.relation.roles if scope.relation else ()
        number = next((one.zh for one in columns if one.type != "text"), "")
        return f"{number} >= 0"
    if draft.for_each == "form":
        return "状态 in ('read', 'blank')"
    return (
        "not matches(语句, 'XX')"
        if draft.for_each == "sentence"
        else "收入支出决算总表.本年支出合计 = 支出决算表[合计].本年支出合计"
    )


def likely_category(draft: Draft, vocabulary: Vocabulary) -> str:
    """The category that rules of this shape have."""
    tree = parse(draft.check)
    named = {plain(node.name) for node in tree.find_all(exp.Identifier)}
    if draft.for_each.startswith("claim of "):
        return _CLAIMS.get(draft.for_each.removeprefix("claim of "), "text_vs_form")
    if draft.for_each in ("sentence", "form"):
        return {"sentence": "placeholder", "form": "missing_form"}[draft.for_each]
    if named & set(NARRATIVE):
        return "text_vs_form"
    if tree.find(exp.Sum) and named & set(CHILDREN):
        return "rollup"
    forms = {form.id for name in named if (form := vocabulary.form_named(name))}
    own = vocabulary.form_named(draft.form) if draft.form else None
    return "cross_form" if len(forms | ({own.id} if own else set())) > 1 else "sum"


def likely_basis(draft: Draft, vocabulary: Vocabulary) -> str:
    """The official form that a rule over its rows rests on; "" where that does not say it."""
    form = vocabulary.form_named(draft.form) if draft.form else None
    return f"部门决算公开{form.id[1:]}表" if form and form.id.startswith("T") else ""


def free_id(prefix: str, draft: Draft, vocabulary: Vocabulary, taken: set[str]) -> str:
    """An id that no rule has: the team's name, what the rule runs over, a number."""
    form = vocabulary.form_named(draft.form) if draft.form else None
    about = form.id if form else draft.for_each.removeprefix("claim of ")
    return next(id_ for number in range(1, len(taken) + 2) if (id_ := f"{prefix}.{about}.{number}") not in taken)


def file_name(for_each: str, form: str, vocabulary: Vocabulary) -> str:
    """The file of a team's folder in which a rule over this belongs."""
    found = vocabulary.form_named(form) if form else None
    spoken = for_each == "sentence" or for_each.startswith("claim of ")
    return f"{found.id if found else 'narrative' if spoken else 'filings'}.yaml"


# ---- examples ------------------------------------------------------------------------------------------------------------


def proved(draft: Draft, vocabulary: Vocabulary) -> list[str]:
    """The examples that do not come out as they say, as "kind number: got"; [] when the draft is proved."""
    results = test_examples([checked(draft, vocabulary)], vocabulary)
    return [
        f"{one.expected} {one.number + 1}: {one.problem or '、'.join(one.got) or '-'}"
        for one in results
        if not one.passed
    ]


def made_examples(draft: Draft, vocabulary: Vocabulary) -> dict[str, list[dict[str, Any]]] | None:
    """One example that holds and one that is broken, proved to be so; None when none can be worked out."""
    scope = open_scope(draft.for_each, draft.form, vocabulary)
    tree = parse(draft.check)
    try:
        for holds, broken in _attempts(tree, scope):
            context = _context(draft, scope)
            examples = {"holds": [context | holds], "broken": [context | broken]}
            if not proved(replace(draft, examples=examples), vocabulary):
                return examples
    except (Mistake, ArithmeticError, KeyError):
        return None
    return None


def _attempts(tree: exp.Expr, scope: Scope) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of values that may hold and break: one side worked out from the other, then moved away from it."""
    if isinstance(tree, exp.In) and all(isinstance(one, exp.Literal) for one in tree.expressions):
        listed = [one.name for one in tree.expressions]
        other = next((one for one in FORM_STATUSES if one not in listed), "其他")
        return [({_key(tree.this): listed[0]}, {_key(tree.this): other})]
    if isinstance(tree, (exp.EQ, exp.NEQ)) and isinstance(tree.expression, exp.Literal) and tree.expression.is_string:
        word_, name = tree.expression.name, _key(tree.this)
        other = next(one for one in (*FORM_STATUSES, "其他") if one != word_)
        pair = ({name: word_}, {name: other})
        return [pair if isinstance(tree, exp.EQ) else (pair[1], pair[0])]
    if type(tree) not in COMPARISONS:
        return []
    op, found = COMPARISONS[type(tree)], []
    for lone, rest, sign in ((tree.this, tree.expression, 1), (tree.expression, tree.this, -1)):
        if not isinstance(lone, (exp.Column, exp.Dot)) or word(scope, lone) is not None:
            continue
        values: dict[str, Any] = {}
        computed = _worked_out(rest, scope, values)
        if leaf(scope, lone).type == "percent" and rest.find(exp.Div):
            computed *= 100
        exact = computed.quantize(_CENT, ROUND_HALF_UP)
        step = {"=": 0, "<=": -1, "<": -1, ">=": 1, ">": 1, "<>": 1}[op] * sign
        away = {"=": 10, "<=": 10, "<": 10, ">=": -10, ">": -10, "<>": 0}[op] * sign
        holds, broken = exact + step, exact + away
        found.append((values | {_key(lone): f"{holds:.2f}"}, values | {_key(lone): f"{broken:.2f}"}))
    return found


def _worked_out(node: exp.Expr, scope: Scope, values: dict[str, Any]) -> Decimal:
    """The value of `node`; every name in it is given one, kept in `values`."""
    if isinstance(node, exp.Paren):
        return _worked_out(node.this, scope, values)
    if isinstance(node, exp.Literal):
        return Decimal(node.name)
    if isinstance(node, exp.Neg):
        return -_worked_out(node.this, scope, values)
    if isinstance(node, exp.Abs):
        return abs(_worked_out(node.this, scope, values))
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
        left, right = (_worked_out(one, scope, values) for one in (node.this, node.expression))
        if isinstance(node, exp.Mul):
            rate = [
                leaf(scope, one).type for one in (node.this, node.expression) if isinstance(one, (exp.Column, exp.Dot))
            ]
            return left * right / 100 ** rate.count("percent")
        return (
            left + right if isinstance(node, exp.Add) else left - right if isinstance(node, exp.Sub) else left / right
        )
    if isinstance(node, exp.Sum):
        return _summed(node.this, values)
    if not isinstance(node, (exp.Column, exp.Dot)):
        raise Mistake(f"“{shown(node)}”没有例子可举", f"no example can be made of “{shown(node)}”")
    values.setdefault(_key(node), _AMOUNTS[len(values) % len(_AMOUNTS)])
    return Decimal(values[_key(node)])


def _summed(inner: exp.Expr, values: dict[str, Any]) -> Decimal:
    given = [_AMOUNTS[(len(values) + k) % len(_AMOUNTS)] for k in range(2)]
    if isinstance(inner, exp.Column) and plain(inner.table) in CHILDREN:
        rows = values.setdefault("下级", [{}, {}])
        for row, value in zip(rows, given, strict=True):
            row.setdefault(inner.name, value)
        return sum((Decimal(row[inner.name]) for row in rows), Decimal(0))
    values[_key(inner)] = given
    return sum(map(Decimal, given), Decimal(0))


def _key(node: exp.Expr) -> str:
    """`node` as an example names it."""
    return shown(node).replace('"', "")


def _context(draft: Draft, scope: Scope) -> dict[str, Any]:
    """Values under which the condition holds, as far as it is a matter of equalities and of numbers being there."""
    if not draft.when:
        return {}
    found: dict[str, Any] = {}
    tree = parse(draft.when)
    for node in tree.find_all(exp.EQ, exp.In):
        literal = node.expression if isinstance(node, exp.EQ) else node.expressions[0]
        if isinstance(literal, exp.Literal) and not node.find_ancestor(exp.Not):
            found[_key(node.this)] = literal.name
    for named in tree.find_all(exp.Column, exp.Dot):
        inside = named.find_ancestor(exp.Dot, exp.Bracket, exp.Anonymous, exp.Sum)
        if inside is None and word(scope, named) is None and not isinstance(named.parent, exp.Is):
            found.setdefault(_key(named), _AMOUNTS[-1])
    return found
