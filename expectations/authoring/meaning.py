"""A rule in words: what its formula says, over what, under which condition, as an accountant would read it out."""

from __future__ import annotations

from sqlglot import exp

from expectations.formula import COMPARISONS, function, parse, shown
from expectations.rules import Rule
from expectations.sql.scope import CHILDREN, NARRATIVE, PREVIOUS
from expectations.vocabulary import plain

_OPERATORS = {
    "=": ("等于", "equals"),
    "<>": ("不等于", "does not equal"),
    "<": ("小于", "is less than"),
    "<=": ("不大于", "is at most"),
    ">": ("大于", "is more than"),
    ">=": ("不小于", "is at least"),
}
_SIGNS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Add: ("加", "plus"),
    exp.Sub: ("减", "minus"),
    exp.Mul: ("乘以", "times"),
    exp.Div: ("除以", "divided by"),
}
_EACH = {
    "filing": ("每份决算", "each filing"),
    "row": ("{form}的每一行", "each row of {form}"),
    "parent": ("{form}每个有下级的行", "each row of {form} with rows below it"),
    "form": ("每张报表", "each form"),
    "sentence": ("说明中的每一句", "each sentence of the narrative"),
    "heading": ("说明中的每个标题", "each heading of the narrative"),
}


def meaning(rule: Rule, lang: str, bare: bool = False) -> str:
    """The rule as one sentence; `bare` without its full stop and what it says of rounding, as a title."""
    said = _Words(lang)
    each = said.pick(_EACH.get(rule.for_each, ("说明中的每处{kind}", "each statement of {kind} in the narrative")))
    each = each.format(form=said.form(rule.form), kind=rule.for_each.removeprefix("claim of "))
    if rule.query:
        return (
            f"对{each}：按它的查询核对" + ("" if bare else "。")
            if lang == "zh"
            else f"For {each}: as its query says" + ("" if bare else ".")
        )
    check = said.of(parse(rule.check))
    when = said.of(parse(rule.when)) if rule.when else ""
    slack = not bare and "=" in rule.check and not any(mark in rule.check for mark in ("'", " is ", " in "))
    if lang == "zh":
        within = "（相差在公布的末位范围内也算相符）" if slack else ""
        return f"对{each}：{f'如果{when}，' if when else ''}{check}{within}{'' if bare else '。'}"
    within = " (within the rounding of what is printed)" if slack else ""
    return f"For {each}: {f'if {when}, ' if when else ''}{check}{within}{'' if bare else '.'}"


class _Words:
    """Formulas put into words of one language."""

    def __init__(self, lang: str) -> None:
        self.zh = lang == "zh"

    def pick(self, pair: tuple[str, str]) -> str:
        return pair[0] if self.zh else pair[1]

    def form(self, name: str) -> str:
        return f"《{name}》" if self.zh else f"“{name}”"

    def of(self, node: exp.Expr) -> str:
        """`node` in words; what has none as it is written."""
        if isinstance(node, exp.Paren):
            return f"（{self.of(node.this)}）" if self.zh else f"({self.of(node.this)})"
        if isinstance(node, (exp.And, exp.Or)):
            joint = ("并且", "and") if isinstance(node, exp.And) else ("或者", "or")
            return self._joined(node.this, self.pick(joint), node.expression)
        if type(node) in COMPARISONS:
            return self._joined(node.this, self.pick(_OPERATORS[COMPARISONS[type(node)]]), node.expression)
        if type(node) in _SIGNS:
            return self._joined(node.this, self.pick(_SIGNS[type(node)]), node.expression)
        if isinstance(node, exp.Neg):
            return self.pick(("负的", "minus ")) + self.of(node.this)
        if isinstance(node, (exp.Not, exp.Is, exp.In, exp.Between)):
            return self._condition(node)
        if isinstance(node, exp.Sum):
            return f"各{self.of(node.this)}之和" if self.zh else f"the sum of {self.of(node.this)}"
        if isinstance(node, exp.Count):
            return f"{self.of(node.this)}的行数" if self.zh else f"the number of rows of {self.of(node.this)}"
        if isinstance(node, exp.Abs):
            return f"{self.of(node.this)}的绝对值" if self.zh else f"the size of {self.of(node.this)}"
        if isinstance(node, exp.Anonymous):
            return self._called(node)
        return self._named(node)

    def _joined(self, left: exp.Expr, joint: str, right: exp.Expr) -> str:
        space = "" if self.zh else " "
        return f"{self.of(left)}{space}{joint}{space}{self.of(right)}"

    def _condition(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Not) and isinstance(node.this, exp.Is):
            return f"{self.of(node.this.this)}有数" if self.zh else f"{self.of(node.this.this)} is given"
        if isinstance(node, exp.Not):
            return f"并非（{self.of(node.this)}）" if self.zh else f"not ({self.of(node.this)})"
        if isinstance(node, exp.Is):
            return f"{self.of(node.this)}空缺" if self.zh else f"{self.of(node.this)} is not given"
        if isinstance(node, exp.In):
            words = ("、" if self.zh else ", ").join(self.of(one) for one in node.expressions)
            return f"{self.of(node.this)}是{words}之一" if self.zh else f"{self.of(node.this)} is one of {words}"
        low, high = self.of(node.args["low"]), self.of(node.args["high"])
        return (
            f"{self.of(node.this)}在{low}到{high}之间" if self.zh else f"{self.of(node.this)} is from {low} to {high}"
        )

    def _called(self, node: exp.Anonymous) -> str:
        given = [self.of(one) for one in node.expressions]
        if function(node) == "status":
            name = self.form(node.expressions[0].name)
            return f"{name}的识读状态" if self.zh else f"the reading of {name}"
        if function(node) == "matches" and len(given) == 2:
            return f"{given[0]}中有{given[1]}" if self.zh else f"{given[0]} has {given[1]}"
        return shown(node)

    def _named(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Literal):
            return f"“{node.name}”" if node.is_string else node.name
        if isinstance(node, exp.Dot) and isinstance(node.this, exp.Bracket) and isinstance(node.this.this, exp.Column):
            keys = "、".join(key.name for key in node.this.expressions)
            *before, form = [part.name for part in node.this.this.parts]
            where, what = self.form(form), node.expression.name
            told = f"{where}“{keys}”行的{what}" if self.zh else f"{what} of row “{keys}” of {where}"
            return self._last_year(before) + told
        if isinstance(node, exp.Column) and node.table:
            *before, form, what = [part.name for part in node.parts]
            if plain(form) in CHILDREN:
                return f"下级的{what}" if self.zh else f"{what} of the rows below"
            if plain(form) in PREVIOUS:
                return self._last_year([form]) + what
            if plain(form) in NARRATIVE:
                return self._last_year(before) + (f"说明中的{what}" if self.zh else f"{what} in the narrative")
            told = f"{self.form(form)}的{what}" if self.zh else f"{what} of {self.form(form)}"
            return self._last_year(before) + told
        return node.name if isinstance(node, exp.Column) else shown(node)

    def _last_year(self, before: list[str]) -> str:
        return self.pick(("上年", "last year's ")) if any(plain(one) in PREVIOUS for one in before) else ""
