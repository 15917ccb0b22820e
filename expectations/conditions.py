"""Conditions: a rule's `when`, and checks of words, as SQL. Printed values are compared exactly here, words as text."""

from __future__ import annotations

from sqlglot import exp

from expectations.formula import COMPARISONS, Mistake, function
from expectations.leaves import leaf
from expectations.scope import Scope, word
from expectations.vocabulary import FACTOR, status_column


def predicate(scope: Scope, node: exp.Expr) -> str:
    """A condition as SQL: printed values compared exactly, words compared as text."""
    if isinstance(node, exp.Paren):
        return f"({predicate(scope, node.this)})"
    if isinstance(node, (exp.And, exp.Or)):
        joint = "AND" if isinstance(node, exp.And) else "OR"
        return f"({predicate(scope, node.this)} {joint} {predicate(scope, node.expression)})"
    if isinstance(node, exp.Not):
        return f"NOT ({predicate(scope, node.this)})"
    if isinstance(node, exp.Is):
        return f"{_operand(scope, node.this)} IS NULL"
    if isinstance(node, exp.In):
        return f"{_operand(scope, node.this)} IN ({', '.join(_operand(scope, item) for item in node.expressions)})"
    if isinstance(node, exp.Between):
        return f"{_operand(scope, node.this)} BETWEEN {_operand(scope, node.args['low'])} AND {_operand(scope, node.args['high'])}"
    if type(node) in COMPARISONS:
        return f"{_operand(scope, node.this)} {COMPARISONS[type(node)]} {_operand(scope, node.expression)}"
    if function(node) == "matches":
        text, pattern = node.expressions
        return f"regexp_matches({_operand(scope, text)}, {_operand(scope, pattern)})"
    raise Mistake(f"“{node.sql()}”不是条件", f"“{node.sql()}” is not a condition")


def _operand(scope: Scope, node: exp.Expr) -> str:
    own = word(scope, node)
    if own:
        return own
    if isinstance(node, exp.Literal):
        return "'" + node.name.replace("'", "''") + "'" if node.is_string else str(node.this)
    if isinstance(node, (exp.Paren, exp.Neg, exp.Abs)):
        inner = _operand(scope, node.this)
        return {"paren": f"({inner})", "neg": f"-({inner})", "abs": f"abs({inner})"}[node.key]
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        symbol = {"add": "+", "sub": "-", "mul": "*"}[node.key]
        left, right = _filled(scope, node.this), _filled(scope, node.expression)
        return f"({f'CAST({left} AS {FACTOR})' if symbol == '*' else left} {symbol} {right})"
    if isinstance(node, exp.Count):
        return f"coalesce({leaf(scope, exp.Sum(this=node.this)).count}, 0)"
    if function(node) == "status":
        form = scope.vocabulary.form_named(node.expressions[0].name)
        if form is None:
            raise Mistake(f"没有报表“{node.expressions[0].name}”", f"there is no form “{node.expressions[0].name}”")
        return f"{scope.filing}.{status_column(form.id)}"
    return leaf(scope, node).value


def _filled(scope: Scope, node: exp.Expr) -> str:
    inner = _operand(scope, node)
    return inner if isinstance(node, exp.Literal) else f"coalesce({inner}, 0)"
