"""What the text says of projects that stands in their performance tables too: amounts, rates of execution, indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from expectations.vocabulary import WAN
from flows.recognise.disclosure import Figure
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.passages import DEPARTMENT, Passages, Table, last_part
from flows.recognise.narrative.phrases import BUDGET, BUDGETS, FULL, INITIAL, OUTTURN, TARGET, key_of
from flows.recognise.narrative.quantities import Quantity
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_COLUMNS = {
    INITIAL: ("年初预算数",),
    FULL: ("全年预算数",),
    BUDGET: ("全年预算数", "年初预算数"),
    OUTTURN: ("全年执行数",),
}
_SPENT = re.compile(
    r"(?:该|本)?(?:项目)?(?:资金|经费)?(?:实际|全年)?(?:总?支出|使用|执行)(?:资金|经费|金额)?(?:数|合计|总额|总计|共计)?"
)
_BUDGETED = re.compile(r"(?:该|本)?(?:项目)?(?:资金|经费)?(?:当年|年度|全年)?")
_LEFT = re.compile(r"(?:项目)?(?:资金|经费)?(?:结余|剩余|余额)(?:资金|经费|金额)?")
_EXECUTION = re.compile(
    r"(?:该|本)?(?P<of>基本支出|项目支出)?(?:项目|资金|部门|单位|整体|年度)?(?:支出)?(?:预算)?(?:执行|支出)(?:进度)?率"
)
_PROJECT_OF_THE_DEPARTMENT = re.compile(r"(?:该|本)?项目(?:支出)?(?:预算)?(?:执行|支出)")
"""A rate of execution that is, under the department as a whole, that of its projects."""
_SCORED = re.compile(
    r"(?:该|本)?(?:项目)?(?:支出)?(?:绩效)?(?:自评|评价|综合|最终)?(?:综合|总体)?(?:得分|总分|评分|总得分)?"
)
_DONE = re.compile(r"(?:实际|全年)?(?:完成|达到)(?:情况|值|率)?")
_NUMBERED = re.compile(r"^(?:指标)?[\d一二三四五六七八九十]{1,2}[:：.、]")
_IN_FULL = re.compile(r"(?:专项|项目)?(?:资金|经费)?")
"""What may be added to a project's name where a text names it."""
_EVALUATION = re.compile(r"绩效|自评|评价")
_OF_FUNDS = re.compile(r"预算|资金")
FUNDS = "年度资金总额"
_SHORTEST_RATE = 5


def projects(statements: Statements, relations: Relations, passages: Passages) -> None:
    """Add what the text quotes of the performance tables: citations of funds, quoted rates, and balances."""
    if not passages.funds and not passages.indicators:
        return
    earlier: dict[tuple[Table, str], Mention] = {}
    for mention in statements.mentions:
        if mention.about or mention.residue or mention.quantity.per or not statements.of_year(mention):
            continue
        if mention.kind == "amount":
            _amount(statements, relations, passages, mention)
        elif mention.kind == "completion_pct" and mention.quantity.unit == "%":
            _rate(statements, relations, passages, mention, earlier)
        elif mention.kind == "score":
            _score(statements, relations, passages, mention)


# ---------------------------------------------------------------------------------------------------------- amounts


def _amount(statements: Statements, relations: Relations, passages: Passages, mention: Mention) -> None:
    if _LEFT.fullmatch(last_part(mention)):
        _balance(statements, relations, passages, mention)
        return
    if mention.concept or not mention.plain:
        return
    table, columns = _quoted_columns(passages, mention)
    if table is None or not columns:
        return
    cells = [cell for row in passages.funds.get(table, ()) for cell in _cells(passages, table, row, columns)]
    agreeing = [cell for cell in cells if equal(mention.quantity, cell)]
    if cells:
        cited = (agreeing or cells)[0]
        roles = {"stated": claim_id(mention), "printed": cited.id}
        relations.add("project_amount", statements.sentence(mention), roles, {"heading": cited.column})


def _quoted_columns(passages: Passages, mention: Mention) -> tuple[Table | None, tuple[str, ...]]:
    """The table and the columns that an amount quotes: of the project that it names, or of the one its passage is about."""
    key = key_of(mention.item)
    named = passages.own(key)
    if named and _IN_FULL.fullmatch(key[len(key_of(named)) :]) and _of_performance(passages, mention):
        return ("P02", named), _COLUMNS.get(mention.measure, ())
    if named or mention.listing is not None:
        return None, ()
    table = passages.table(mention.paragraph)
    if table is None or table[0] != "P02":
        return None, ()
    if mention.measure in BUDGETS and _BUDGETED.fullmatch(last_part(mention)):
        return table, _COLUMNS[mention.measure]
    if mention.measure == OUTTURN and _BUDGETED.fullmatch(last_part(mention)):
        return table, _COLUMNS[OUTTURN]
    if mention.measure in ("", OUTTURN) and _SPENT.fullmatch(last_part(mention)):
        return table, _COLUMNS[OUTTURN]
    return None, ()


def _of_performance(passages: Passages, mention: Mention) -> bool:
    """Whether `mention` stands where projects are evaluated; elsewhere an item of expenditure may have a project's name."""
    return passages.table(mention.paragraph) is not None or any(_EVALUATION.search(title) for title in mention.headings)


def _cells(passages: Passages, table: Table, row: str, columns: tuple[str, ...]) -> Iterator[Figure]:
    for column in columns:
        figure = passages.figures.get((*table, row, column))
        if figure:
            yield figure


def equal(quantity: Quantity, figure: Figure) -> bool:
    """Whether `figure` is the printed `quantity`, given the rounding of both."""
    one, other = WAN.get(quantity.unit, Decimal(1)), WAN.get(figure.unit, Decimal(1))
    slack = (quantity.ulp * one + figure.ulp * other) / 2
    return abs(quantity.value * one - figure.value * other) <= slack


def _balance(statements: Statements, relations: Relations, passages: Passages, mention: Mention) -> None:
    """What is left of a project's budget: of the budget stated before it, else of the funds that print this outturn."""
    spent = mention.after
    if spent is None or spent.kind != "amount" or not spent.plain or spent.measure in BUDGETS:
        return
    if not (_SPENT.fullmatch(last_part(spent)) or spent.measure == OUTTURN):
        return
    others = [m for m in statements.mentions[max(0, mention.order - 8) : mention.order] if m.period == mention.period]
    others = [m for m in others if m is not spent and (m.kind == "amount" or m.kind == "change_amount")]
    if len(others) > 1 or any(m.measure not in BUDGETS for m in others):
        return  # added to or cut on the way, or of several items
    id_ = claim_id(others[0]) if others else _budget_beside(passages, spent)
    if id_:
        roles = {"balance": claim_id(mention), "outturn": claim_id(spent), "budget": id_}
        relations.add("balance", statements.sentence(mention), roles)


def _budget_beside(passages: Passages, spent: Mention) -> str:
    """The full-year budget in the one row of funds whose outturn is this amount."""
    table = passages.table(spent.paragraph)
    tables = [table] if table else list(passages.funds)
    rows = [
        (one, row)
        for one in tables
        for row in passages.funds.get(one, ())
        if (figure := passages.figures.get((*one, row, "全年执行数")))
        and figure.value
        and equal(spent.quantity, figure)
    ]
    found = [figure for one, row in rows if (figure := passages.figures.get((*one, row, "全年预算数")))]
    return found[0].id if found and len({figure.value for figure in found}) == 1 else ""


def _score(statements: Statements, relations: Relations, passages: Passages, mention: Mention) -> None:
    """The total score that a passage gives its project, beside the total of the project's table."""
    table = passages.table(mention.paragraph)
    if table is None or table == DEPARTMENT or not _SCORED.fullmatch(last_part(mention)):
        return
    figure = passages.figures.get((*table, "总分", "得分"))
    if figure:
        roles = {"stated": claim_id(mention), "printed": figure.id}
        relations.add("project_score", statements.sentence(mention), roles)


# ------------------------------------------------------------------------------------------------------------ rates


def _rate(
    statements: Statements,
    relations: Relations,
    passages: Passages,
    mention: Mention,
    earlier: dict[tuple[Table, str], Mention],
) -> None:
    name, measure = _named(statements, mention)
    table = passages.table(mention.paragraph)
    if not name or table is None or passages.planned(mention.paragraph) or _has_amounts(statements, mention):
        return
    executed = _EXECUTION.fullmatch(name)
    if executed and measure != TARGET:
        _say(
            statements, relations, mention, _execution(passages, table, executed["of"] or "", mention), "text_execution"
        )
    elif not executed:
        column = "年度指标值" if measure == TARGET else "实际完成值"
        figure = _indicator(passages, table, name, column)
        if figure and figure.unit == "%":
            _say(statements, relations, mention, figure, "target" if measure == TARGET else "achieved")
    if measure != TARGET and len(name) >= _SHORTEST_RATE and _OF_FUNDS.search(name):
        first = earlier.setdefault((table, name), mention)
        if first.block != mention.block:
            roles = {"stated": claim_id(mention), "printed": claim_id(first)}
            relations.add("quoted_rate", statements.sentence(mention), roles, {"what": "earlier", "bound": ""})


def _has_amounts(statements: Statements, mention: Mention) -> bool:
    """Whether the sentence up to a rate states amounts, of which the rate is then said."""
    return any(
        m.period == mention.period and m.kind == "amount"
        for m in statements.mentions[max(0, mention.order - 8) : mention.order]
    )


def _named(statements: Statements, mention: Mention) -> tuple[str, str]:
    """The rate's name and whether it is a target; a bare 完成 100% is of the rate whose target stands before it."""
    name = last_part(mention)
    if not _DONE.fullmatch(name):
        return (name, mention.measure) if name.endswith(("率", "度")) else ("", "")
    before = statements.mentions[mention.order - 1] if mention.order else None
    if before and before.block == mention.block and before.kind == "completion_pct" and before.measure == TARGET:
        between = mention.paragraph.plain[before.quantity.end : mention.quantity.start]
        return (last_part(before), "") if not re.search(r"[。；]", between) else ("", "")
    return "", ""


def _execution(passages: Passages, table: Table, of: str, mention: Mention) -> Figure | None:
    """The printed rate that agrees with the one stated, of any of the table's funds or in the summary; else that of the whole."""
    rows = [of] if of else passages.funds.get(table, [])
    found = [figure for row in rows if (figure := passages.figures.get((*table, row, "执行率")))]
    listed = passages.figures.get(("P03", "", table[1] or "合计", "执行率"))
    agreeing = [figure for figure in [*found, *([listed] if listed else [])] if equal(mention.quantity, figure)]
    return agreeing[0] if agreeing else passages.figures.get((*table, of or FUNDS, "执行率"))


def _indicator(passages: Passages, table: Table, name: str, column: str) -> Figure | None:
    rows = [row for row in passages.indicators.get(table, ()) if key_of(_NUMBERED.sub("", row.label)) == key_of(name)]
    return passages.figures.get((*table, rows[0].row_key, column)) if len(rows) == 1 else None


def _say(statements: Statements, relations: Relations, mention: Mention, figure: Figure | None, what: str) -> None:
    if figure is None:
        return
    roles = {"stated": claim_id(mention), "printed": figure.id}
    bound = "" if what == "target" else figure.relation
    relations.add("quoted_rate", statements.sentence(mention), roles, {"what": what, "bound": bound})
