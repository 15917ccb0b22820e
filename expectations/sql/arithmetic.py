"""The two sides of a formula as values with intervals: sums, differences, one product, one quotient, the smaller and the larger."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp

from expectations.formula import COMPARISONS, Mistake, at, function
from expectations.sql.cells import Leaf
from expectations.sql.conditions import date
from expectations.sql.intervals import Linear, Quotient, judge_linear, judge_quotient, linear_status
from expectations.sql.leaves import leaf
from expectations.sql.peers import asked, median
from expectations.sql.scope import Scope, open_scope, word
from expectations.vocabulary import FACTOR, MONEY

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass
class Work:
    """The leaves met so far, with the sign under which each is shown; `given` are those that only the condition names.

    `holds`: the condition that a statement about words is, `status`: what that, or a comparison of sums, comes to, as one
    expression over the tables; "" where a quotient is compared, which works out `levels` in between (`intervals.staged`).
    """

    scope: Scope
    leaves: list[tuple[Leaf, str, str]] = field(default_factory=list)
    given: list[Leaf] = field(default_factory=list)
    holds: str = ""
    status: str = ""
    levels: tuple[str, ...] = ()

    def add(self, found: Leaf, side: str, sign: str) -> Linear:
        """`found` as a value of the formula, shown on `side` under `sign`."""
        self.leaves.append((found, side, sign))
        k = len(self.leaves) - 1
        return Linear(f"coalesce(v{k}, 0)", f"r{k}", found.type)


def is_arithmetic(scope: Scope, tree: exp.Expr) -> bool:
    """Whether `tree` compares values; otherwise it is a statement about words."""
    if not isinstance(tree, (*COMPARISONS, exp.Between)):
        return False
    sides = [tree.this, tree.args.get("expression"), tree.args.get("low")]
    return all(side is None or (word(scope, side) is None and not _is_text(side)) for side in sides)


def comparison(work: Work, tree: exp.Expr) -> tuple[str, str]:
    """The stage columns and the CASE that judge a comparison of values.

    Raises `Mistake` for names that mean nothing and for quotients where none may stand.
    """
    if isinstance(tree, exp.Between):
        value, low, high = (_linear(work, node, "stated") for node in (tree.this, tree.args["low"], tree.args["high"]))
        computed = f"CASE WHEN {value.value} < {low.value} THEN {low.value} ELSE least({value.value}, {high.value}) END"
        radius = f"CASE WHEN {value.value} < {low.value} THEN {low.radius} ELSE {high.radius} END"
        return _sums(work, value, Linear(computed, radius, value.type), "=")
    op = COMPARISONS[type(tree)]
    left, right = _value(work, tree.this, "stated"), _value(work, tree.expression, "computed")
    if not work.leaves:
        raise Mistake("公式里没有任何公布的数", "the formula names no printed figure", at(tree))
    turned = False
    if isinstance(left, Quotient):
        left, right, op, turned = right, left, _FLIPPED[op], True
    if isinstance(left, Quotient):
        where = at(tree.expression)
        raise Mistake("等式两侧不能都有除法或两数相乘", "only one side may hold a quotient or a product", where)
    if isinstance(right, Linear):
        return _sums(work, left, right, op)
    if left.type == "percent" and right.right is None:
        right = Quotient(right.left, None, right.under, right.factor * 100)
    stage, judged, work.levels = judge_quotient(left, right, op, turned)
    return stage, judged


def _sums(work: Work, left: Linear, right: Linear, op: str) -> tuple[str, str]:
    values = {f"v{k}": f"CAST({one.value} AS {MONEY})" for k, (one, _, _) in enumerate(work.leaves)}
    radii = {f"r{k}": f"CAST({one.radius} AS {MONEY})" for k, (one, _, _) in enumerate(work.leaves)}
    work.status = re.sub(r"\b[vr]\d+\b", lambda name: (values | radii)[name[0]], linear_status(left, right, op))
    return judge_linear(left, right, op)


def _is_text(node: exp.Expr) -> bool:
    return (isinstance(node, exp.Literal) and node.is_string) or function(node) in ("status", "matches")


def _value(work: Work, node: exp.Expr, side: str, sign: str = "+") -> Linear | Quotient:
    if isinstance(node, exp.Paren):
        return _value(work, node.this, side, sign)
    if isinstance(node, exp.Literal) and not node.is_string:
        return Linear(f"CAST({node.this} AS {MONEY})", "0", "number", constant=True)
    if isinstance(node, exp.Neg):
        inner = _linear(work, node.this, side, _minus(sign))
        return Linear(f"-({inner.value})", inner.radius, inner.type, inner.constant)
    if isinstance(node, exp.Abs):
        inner = _linear(work, node.this, side, sign)
        return Linear(f"abs({inner.value})", inner.radius, inner.type, inner.constant)
    if isinstance(node, (exp.Min, exp.Max)):
        return _least_or_most(work, node, side, sign)
    if isinstance(node, (exp.Add, exp.Sub)):
        left = _linear(work, node.this, side, sign)
        minus = isinstance(node, exp.Sub)
        right = _linear(work, node.expression, side, _minus(sign) if minus else sign)
        symbol = "-" if minus else "+"
        type_ = right.type if left.constant else left.type
        return Linear(
            f"({left.value} {symbol} {right.value})",
            f"({left.radius} + {right.radius})",
            type_,
            left.constant and right.constant,
        )
    if isinstance(node, exp.Mul):
        return _product(work, node, side, sign)
    if isinstance(node, exp.Div):
        over, under = _linear(work, node.this, side, sign), _linear(work, node.expression, side, "÷")
        return Quotient(over, None, under, 1)
    if (of_peers := asked(node)) is not None:
        return work.add(_peers_median(work, of_peers, node), side, sign)
    if function(node) == "date":
        return work.add(date(work.scope, node), side, sign)
    return work.add(leaf(work.scope, node), side, sign)


def _linear(work: Work, node: exp.Expr, side: str, sign: str = "+") -> Linear:
    found = _value(work, node, side, sign)
    if isinstance(found, Quotient):
        zh = "除法或两数相乘在等式一侧只能有一次，而且要单独成一侧"
        raise Mistake(zh, "a quotient or a product may stand only once, and by itself, on one side", at(node))
    return found


def _minus(sign: str) -> str:
    return {"+": "-", "-": "+", "÷": "÷-", "÷-": "÷"}.get(sign, sign)


def _least_or_most(work: Work, node: exp.Min | exp.Max, side: str, sign: str) -> Linear:
    """The smaller or the larger of several values: it moves by no more than the one that moves the most."""
    sides = [node.this, *node.expressions]
    name, sql = ("min", "least") if isinstance(node, exp.Min) else ("max", "greatest")
    if len(sides) < 2:
        zh, en = f"{name} 至少要有两个数", f"{name} needs two values or more"
        raise Mistake(zh, en, at(node))
    found = [_linear(work, one, side, sign) for one in sides]
    type_ = next((one.type for one in found if not one.constant), "number")
    values, radii = (", ".join(parts) for parts in zip(*((one.value, one.radius) for one in found), strict=True))
    return Linear(f"{sql}({values})", f"greatest({radii})", type_, all(one.constant for one in found))


def _product(work: Work, node: exp.Mul, side: str, sign: str) -> Linear | Quotient:
    left = _value(work, node.this, side, sign)
    right = _linear(work, node.expression, side, "×")
    if isinstance(left, Quotient):
        if not right.constant or not node.expression.name.isdigit():
            where = at(node.expression)
            raise Mistake("商只能乘以整数", "a quotient may only be multiplied by a whole number", where)
        return Quotient(left.left, left.right, left.under, left.factor * int(node.expression.name))
    if left.constant or right.constant:
        by, what = (left, right) if left.constant else (right, left)
        return Linear(
            f"(CAST({by.value} AS {FACTOR}) * {what.value})",
            f"(CAST(abs({by.value}) AS {FACTOR}) * {what.radius})",
            what.type,
            what.constant and by.constant,
        )
    percents = [left.type, right.type].count("percent")
    under = Linear(f"CAST({100**percents} AS {MONEY})", "0", "number", constant=True)
    return Quotient(left, right, under, 1)


def _peers_median(work: Work, inner: exp.Expr, node: exp.Expr) -> Leaf:
    """同类.中位数(x): `inner` is worked out for every filing as if it stood in a rule over filings."""
    if work.scope.of_peers:
        zh, en = "同类之中不能再问同类", "peers cannot be asked within peers"
        raise Mistake(zh, en, at(node))
    work.scope.with_peers = True
    own = Work(open_scope("filing", "", work.scope.vocabulary))
    own.scope.of_peers = True
    value = _value(own, inner, "computed")
    if not own.leaves:
        raise Mistake("公式里没有任何公布的数", "the formula names no printed figure", at(inner))
    return median(work.scope, own.scope, [one for one, _, _ in own.leaves], value, inner)
