"""What formulas and conditions surely say: the same in other words, the opposite of each other, or something that cannot be.

Names are compared by what they stand for, so that synonyms, order and signs make no difference. Only what follows whatever the
figures are is claimed; anything that is not understood here stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from sqlglot import exp

from expectations.formula import COMPARISONS, Mistake, function, parse
from expectations.rules import Rule
from expectations.sql.leaves import leaf
from expectations.sql.scope import open_scope, word
from expectations.vocabulary import Vocabulary

_MOST = 64
"""Alternatives of one condition that are looked at; beyond them nothing is claimed."""
_NEGATED = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said of `about`: a comparison (`op` with a number), a word from a list ("in", "not in"), "null" or
    "not null". `op` "" marks something that is not understood: `about` then is all of it."""

    about: str
    op: str = ""
    number: Decimal = Decimal(0)
    words: frozenset[str] = frozenset()


@dataclass
class _Known:
    """All that is said of one thing."""

    low: Decimal | None = None
    high: Decimal | None = None
    open_low: bool = False
    open_high: bool = False
    unequal: set[Decimal] = field(default_factory=set)
    words: frozenset[str] | None = None
    not_words: set[str] = field(default_factory=set)
    null: bool = False
    not_null: bool = False


class Reader:
    """Reads the formulas of one rule."""

    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self.rule = rule
        self.vocabulary = vocabulary
        self.names: dict[str, str] = {}
        self.known: dict[str, list[frozenset[Fact]]] = {}

    def condition(self) -> list[frozenset[Fact]]:
        """The alternatives of the rule's condition, each the facts that hold together; [] when they are too many."""
        return self._read(self.rule.when) if self.rule.when else [frozenset()]

    def _read(self, text: str) -> list[frozenset[Fact]]:
        if text not in self.known:
            self.known[text] = self.alternatives(parse(text))
        return self.known[text]

    def years(self) -> frozenset[Fact]:
        """The fiscal years to which the rule applies."""
        bounds = ((">=", self.rule.since), ("<=", self.rule.until))
        about = self.name(exp.column("财政年度"))
        return frozenset(Fact(about, op, Decimal(year)) for op, year in bounds if year is not None)

    def formula(self) -> list[frozenset[Fact]]:
        """The alternatives of the rule's formula."""
        return self._read(self.rule.check)

    def alternatives(self, node: exp.Expr, negated: bool = False) -> list[frozenset[Fact]]:
        """`node` as alternatives of facts that hold together."""
        if isinstance(node, exp.Paren):
            return self.alternatives(node.this, negated)
        if isinstance(node, exp.Not):
            return self.alternatives(node.this, not negated)
        if isinstance(node, (exp.And, exp.Or)):
            left, right = (self.alternatives(one, negated) for one in (node.this, node.expression))
            if isinstance(node, exp.And) is negated:
                return [*left, *right] if left and right else []
            return [one | other for one, other in product(left, right)] if len(left) * len(right) <= _MOST else []
        return self._facts(node, negated)

    def _facts(self, node: exp.Expr, negated: bool) -> list[frozenset[Fact]]:
        if isinstance(node, exp.Between) and not negated:
            low, high = (self._compared(node.this, node.args[end], op) for end, op in (("low", ">="), ("high", "<=")))
            return [frozenset((low, high))]
        if isinstance(node, exp.Is):
            return [frozenset([Fact(self.name(node.this), "not null" if negated else "null")])]
        if isinstance(node, exp.In) and all(isinstance(one, exp.Literal) for one in node.expressions):
            words = frozenset(one.name for one in node.expressions)
            return [frozenset([Fact(self.name(node.this), "not in" if negated else "in", words=words)])]
        if type(node) in COMPARISONS:
            op = COMPARISONS[type(node)]
            return [frozenset([self._compared(node.this, node.expression, _NEGATED[op] if negated else op)])]
        return [frozenset([Fact(("not " if negated else "") + self.name(node))])]

    def _compared(self, left: exp.Expr, right: exp.Expr, op: str) -> Fact:
        if isinstance(left, exp.Literal) and left.is_string:
            left, right, op = right, left, _MIRRORED[op]
        if isinstance(right, exp.Literal) and right.is_string:
            said = {"=": "in", "<>": "not in"}.get(op, "")
            return (
                Fact(self.name(left), said, words=frozenset([right.name]))
                if said
                else Fact(f"{self.name(left)} {op} {right.name}")
            )
        terms = self.terms(left)
        for name, factor in self.terms(right).items():
            terms[name] = terms.get(name, Decimal(0)) - factor
        number = -terms.pop("", Decimal(0))
        kept = sorted((name, factor) for name, factor in terms.items() if factor)
        if not kept:
            return Fact("", op, number)
        first = kept[0][1]
        about = " + ".join(f"{(factor / first).normalize():f} {name}" for name, factor in kept)
        return Fact(about, op if first > 0 else _MIRRORED[op], (number / first).normalize())

    def terms(self, node: exp.Expr) -> dict[str, Decimal]:
        """`node` as factors of what is not a number, the number itself under ""."""
        if isinstance(node, exp.Paren):
            return self.terms(node.this)
        if isinstance(node, exp.Literal) and not node.is_string:
            return {"": Decimal(node.name)}
        if isinstance(node, exp.Neg):
            return {name: -factor for name, factor in self.terms(node.this).items()}
        if isinstance(node, (exp.Add, exp.Sub)):
            found, sign = self.terms(node.this), 1 if isinstance(node, exp.Add) else -1
            for name, factor in self.terms(node.expression).items():
                found[name] = found.get(name, Decimal(0)) + sign * factor
            return found
        if isinstance(node, exp.Mul):
            left, right = self.terms(node.this), self.terms(node.expression)
            if set(left) == {""} or set(right) == {""}:
                by, what = (left, right) if set(left) == {""} else (right, left)
                return {name: factor * by[""] for name, factor in what.items()}
        return {self.name(node): Decimal(1)}

    def name(self, node: exp.Expr) -> str:
        """What `node` stands for, the same for every way to say it."""
        if isinstance(node, exp.Paren):
            return self.name(node.this)
        if isinstance(node, exp.Literal):
            return repr(node.name)
        if function(node) == "status":
            form = self.vocabulary.form_named(node.expressions[0].name)
            return f"status:{form.id if form else node.expressions[0].name}"
        if isinstance(node, (exp.Column, exp.Dot, exp.Sum, exp.Count)):
            written = ".".join(part.name for part in node.parts) if isinstance(node, exp.Column) else node.sql()
            if written not in self.names:
                self.names[written] = self._resolved(node)
            return self.names[written]
        parts = [
            f"{factor} {name}" for one in node.iter_expressions() for name, factor in sorted(self.terms(one).items())
        ]
        if isinstance(node, exp.Anonymous):
            return f"{function(node)}({', '.join(self.name(one) for one in node.expressions)})"
        return f"{node.key}({', '.join(parts)})"

    def _resolved(self, node: exp.Expr) -> str:
        scope = open_scope(self.rule.for_each, self.rule.form, self.vocabulary)
        own = word(scope, node)
        if own:
            return own
        try:
            return " ".join((leaf(scope, node).value, *scope.joins.values()))
        except Mistake:
            return node.sql()


def impossible(facts: Iterable[Fact]) -> bool:
    """Whether the facts cannot hold together, whatever the figures are."""
    known: dict[str, _Known] = {}
    for fact in facts:
        if fact.op and fact.about == "":
            if not _true(fact):
                return True
        elif fact.op:
            about = fact.about.removeprefix("1 ") if " + " not in fact.about else fact.about
            _learn(known.setdefault(about, _Known()), fact)
    return any(_empty(one) for one in known.values())


def always(facts: Iterable[Fact]) -> bool:
    """Whether every fact holds whatever the figures are, as a = a does."""
    return all(fact.op and fact.about == "" and _true(fact) for fact in facts)


def never_together(one: Sequence[frozenset[Fact]], other: Sequence[frozenset[Fact]]) -> bool:
    """Whether no alternative of the one can hold beside any of the other, though each can by itself."""
    if not one or not other or any(impossible(facts) for facts in (*one, *other)):
        return False
    return all(impossible(first | second) for first, second in product(one, other))


def _true(fact: Fact) -> bool:
    """Of 0 compared with the fact's number."""
    zero, number = Decimal(0), fact.number
    return {
        "=": zero == number,
        "<>": zero != number,
        "<": zero < number,
        "<=": zero <= number,
        ">": zero > number,
        ">=": zero >= number,
    }.get(fact.op, True)


def _learn(known: _Known, fact: Fact) -> None:
    number = fact.number
    if fact.op == "null":
        known.null = True
        return
    known.not_null = True
    if fact.op == "in":
        known.words = fact.words if known.words is None else known.words & fact.words
    elif fact.op == "not in":
        known.not_words |= fact.words
    elif fact.op == "<>":
        known.unequal.add(number)
    if fact.op in ("=", ">", ">="):
        strict = fact.op == ">"
        if known.low is None or number > known.low or (number == known.low and strict):
            known.low, known.open_low = number, strict
    if fact.op in ("=", "<", "<="):
        strict = fact.op == "<"
        if known.high is None or number < known.high or (number == known.high and strict):
            known.high, known.open_high = number, strict


def _empty(known: _Known) -> bool:
    if known.null and known.not_null:
        return True
    if known.words is not None and not known.words - known.not_words:
        return True
    if known.low is None or known.high is None:
        return False
    if known.low == known.high:
        return known.open_low or known.open_high or known.low in known.unequal
    return known.low > known.high
