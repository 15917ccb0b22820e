"""Conditions: a rule's `when`, and checks of words, as SQL. Printed values are compared exactly here, words as text."""

from __future__ import annotations

import re

from sqlglot import exp

from expectations.classification import same_name
from expectations.formula import COMPARISONS, Mistake, at, function, nearest, shown
from expectations.sql.cells import Leaf, term
from expectations.sql.leaves import leaf
from expectations.sql.scope import Scope, is_text, word
from expectations.vocabulary import FACTOR, status_column

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PLAIN, _LETTERS = re.compile(r"[^\\.^$*+?{}\[\]()|']+"), re.compile(r"\[[^\\\[\]^'-]+\]")
GLOSSARY = "名词解释|专业名词"


def predicate(scope: Scope, node: exp.Expr) -> str:
    """A condition as SQL: printed values compared exactly, words compared as text.

    Raises `Mistake` for anything that is no condition.
    """
    if isinstance(node, exp.Paren):
        return f"({predicate(scope, node.this)})"
    if isinstance(node, (exp.And, exp.Or)):
        joint = "AND" if isinstance(node, exp.And) else "OR"
        return f"({predicate(scope, node.this)} {joint} {predicate(scope, node.expression)})"
    if isinstance(node, exp.Not):
        return f"NOT ({predicate(scope, node.this)})"
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return f"{operand(scope, node.this)} IS NULL"
    if isinstance(node, exp.In) and node.expressions:
        subject, *items = _beside(scope, node.this, *node.expressions)
        return f"{subject} IN ({', '.join(items)})"
    if isinstance(node, exp.Between):
        return _between(scope, node)
    if type(node) in COMPARISONS:
        left, right = _beside(scope, node.this, node.expression)
        return f"{left} {COMPARISONS[type(node)]} {right}"
    if function(node) == "matches":
        text, pattern = node.expressions
        return _matched(_text(scope, text), _pattern(pattern))
    if function(node) == "same_name":
        printed, listed = (_text(scope, name) for name in node.expressions)
        return same_name(printed, listed)
    if function(node) == "mentions":
        return _mentions(scope, _pattern(node.expressions[0]))
    raise Mistake(f"“{shown(node)}”不是条件", f"“{shown(node)}” is not a condition", at(node))


def names_compared(scope: Scope, tree: exp.Expr) -> list[Leaf]:
    """Of each comparison of names in `tree` both names as terms without a number, so that a finding shows them; where there
    is none to compare with, that is the reason why the rule cannot judge.

    Raises `Mistake` for anything but words between the brackets.
    """
    found = []
    for call in (node for node in tree.find_all(exp.Anonymous) if function(node) == "same_name"):
        words = [(node.name, word(scope, node)) for node in call.expressions]
        if unknown := next((name for name, sql in words if sql is None), None):
            raise Mistake(f"“{unknown}”不是名称", f"“{unknown}” is not a name", at(call))
        labels = [f"'{said}“' || coalesce({sql}, '') || '”'" for said, sql in words]
        terms = ", ".join(term("stated", "+", "CAST(NULL AS VARCHAR)", label, "NULL", "0") for label in labels)
        found.append(Leaf("", "text", "0", "0", "NULL", True, f"{words[1][1]} IS NULL", "code_unknown", f"[{terms}]"))
    return found


def _mentions(scope: Scope, pattern: str) -> str:
    """Whether a sentence, or the headings over it, match `pattern`; explanations of terms (名词解释) do not count.

    All text must have been read for that."""
    unread = f"list_filter({scope.filing}.doubted, x -> starts_with(x, 'S/') OR NOT contains(x, '/'))"
    scope.gates.append(f"WHEN len({unread}) > 0 THEN 'doubtful_text'")
    return (
        f"EXISTS (SELECT 1 FROM sentence m WHERE m.filing = t.filing AND NOT regexp_matches(m.section, '{GLOSSARY}') "
        f"AND ({_matched('m.text', pattern)} OR {_matched('m.section', pattern)}))"
    )


def operand(scope: Scope, node: exp.Expr) -> str:
    """A word, a value or a literal as SQL.

    Raises `Mistake` for anything else.
    """
    own = word(scope, node)
    if own:
        return own
    if isinstance(node, exp.Literal):
        return "'" + node.name.replace("'", "''") + "'" if node.is_string else str(node.this)
    if isinstance(node, exp.Paren):
        return f"({operand(scope, node.this)})"
    if isinstance(node, (exp.Neg, exp.Abs)):
        inner = _number(scope, node.this)
        return f"-({inner})" if isinstance(node, exp.Neg) else f"abs({inner})"
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        symbol = {"add": "+", "sub": "-", "mul": "*"}[node.key]
        left, right = _filled(scope, node.this), _filled(scope, node.expression)
        return f"({f'CAST({left} AS {FACTOR})' if symbol == '*' else left} {symbol} {right})"
    if isinstance(node, exp.Div):
        zh, en = "条件里没有除法：把分母乘到另一边", "a condition has no division: multiply the other side instead"
        raise Mistake(zh, en, at(node))
    if function(node) == "status":
        return _status(scope, node.expressions[0])
    if function(node) == "date":
        return date(scope, node).value
    return leaf(scope, node).value


def date(scope: Scope, node: exp.Expr) -> Leaf:
    """日期(年, 月, 日) as the number that reads like it, 20251031: dates are compared, never reckoned with.

    Raises `Mistake` for a month and day that not every year has.
    """
    year, month, day = node.expressions
    numbers = [int(one.name) if isinstance(one, exp.Literal) and one.name.isdigit() else 0 for one in (month, day)]
    if not (1 <= numbers[0] <= 12 and 1 <= numbers[1] <= _DAYS[numbers[0] - 1]):
        zh = "日期写成 日期(年, 月, 日)，月和日是整数，且每年都有这一天"
        raise Mistake(zh, "a date is date(year, month, day), month and day whole numbers of any year", at(month))
    value = f"({operand(scope, year)}) * 10000 + {numbers[0] * 100 + numbers[1]}"
    return Leaf(f"{numbers[0]}月{numbers[1]}日", "date", value, "0", "NULL", False)


def _status(scope: Scope, named: exp.Expr) -> str:
    form = scope.vocabulary.form_named(named.name) if isinstance(named, (exp.Column, exp.Literal)) else None
    if form is None:
        known = nearest(named.name, [one.zh for one in scope.vocabulary.forms.values()])
        zh, en = f"没有报表“{shown(named)}”", f"there is no form “{shown(named)}”"
        raise Mistake(zh, en, at(named), known)
    return f"{scope.filing}.{status_column(form.id)}"


def _number(scope: Scope, node: exp.Expr) -> str:
    """An operand that can be reckoned with.

    Raises `Mistake` for text.
    """
    inner = operand(scope, node)
    bare = node.unnest()
    if (isinstance(bare, exp.Literal) and bare.is_string) or _texted(scope, node, inner):
        zh, en = f"“{shown(node)}”是文字，不能计算", f"“{shown(node)}” is text: it cannot be reckoned with"
        raise Mistake(zh, en, at(node))
    return inner


def _texted(scope: Scope, node: exp.Expr, sql: str) -> bool:
    return is_text(scope, sql.strip("()")) or function(node.unnest()) == "status"


def _filled(scope: Scope, node: exp.Expr) -> str:
    inner = _number(scope, node)
    return inner if isinstance(node, exp.Literal) else f"coalesce({inner}, 0)"


def _beside(scope: Scope, *nodes: exp.Expr) -> list[str]:
    """Operands of one comparison: a number beside a text word is text too, for codes are written 201 as well as '201'.

    Raises `Mistake` where text and numbers are compared with each other.
    """
    found = [operand(scope, node) for node in nodes]
    texts = [_texted(scope, node, sql) for sql, node in zip(found, nodes, strict=True)]
    if not any(texts):
        for node in nodes:
            if isinstance(node, exp.Literal) and node.is_string:
                zh, en = f"数不能同文字“{node.name}”比较", f"a number cannot be compared with the text “{node.name}”"
                raise Mistake(zh, en, at(node))
        return found
    for k, node in enumerate(nodes):
        if isinstance(node, exp.Literal) and not node.is_string:
            found[k] = f"'{node.name}'"
        elif not texts[k] and not isinstance(node, exp.Literal):
            zh, en = f"文字不能同数“{shown(node)}”比较", f"text cannot be compared with the number “{shown(node)}”"
            raise Mistake(zh, en, at(node))
    return found


def _between(scope: Scope, node: exp.Between) -> str:
    """A value, or a word, from one bound to the other; codes between codes of one level are codes of that level."""
    subject, low, high = _beside(scope, node.this, node.args["low"], node.args["high"])
    between = f"{subject} BETWEEN {low} AND {high}"
    ends = [node.args["low"].name, node.args["high"].name]
    if subject.endswith(".code") and all(end.isdigit() for end in ends) and len(ends[0]) == len(ends[1]):
        return f"(length({subject}) = {len(ends[0])} AND {between})"
    return between


def _text(scope: Scope, node: exp.Expr) -> str:
    sql = operand(scope, node)
    if not is_text(scope, sql):
        zh, en = f"“{shown(node)}”不是文字", f"“{shown(node)}” is no text"
        raise Mistake(zh, en, at(node))
    return sql


def _matched(text: str, pattern: str) -> str:
    """Whether `text` matches `pattern`. One that is only words to choose from is looked for as these words: several times as fast."""
    words: list[str] = []
    for one in pattern[1:-1].split("|"):
        if not (_PLAIN.fullmatch(one) or _LETTERS.fullmatch(one)):
            return f"regexp_matches({text}, {pattern})"
        words += one[1:-1] if one.startswith("[") else [one]
    found = " OR ".join(f"contains({text}, '{word}')" for word in dict.fromkeys(words))
    return f"({found})"


def _pattern(node: exp.Expr) -> str:
    """The pattern of matches(…), in quotes.

    Raises `Mistake` when it is no regular expression, or one with lookaround or back references, which a database has not.
    """
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise Mistake("匹配的样式要写在引号里", "the pattern stands in quotation marks", at(node))
    text = node.name
    try:
        re.compile(text)
    except re.error as error:
        where = at(node) + 1 + (error.pos or 0)
        raise Mistake("样式不是有效的正则表达式", f"the pattern is wrong: {error.msg}", where) from None
    if found := re.search(r"\(\?[=!<]|\\[1-9]|\(\?P=", text):
        zh, en = "样式里不能有前后查看和反向引用", "a pattern has neither lookaround nor back references"
        raise Mistake(zh, en, at(node) + 1 + found.start())
    return "'" + text.replace("'", "''") + "'"
