"""What rules check, written as SQL by hand: the yardstick of judging.

Each query counts the broken instances of one rule and does nothing else: no arithmetic is shown, no other outcome counted, no
doubt of a reader looked up. The plain shapes are covered, each by one template: sums along a row, totals over children, forms
against each other, bounds, statements of the narrative, words in sentences; `conditioned` has rules with a condition of their own.
"""

from __future__ import annotations

import re

from expectations.rules import RuleBook
from expectations.vocabulary import Vocabulary
from tests.bench.conditioned import conditioned
from tests.bench.shapes import across, along, count, negative, over_children, rate, stated, sum_of_parts

_ROWS = {
    "T02.row": ("income", "total = appropriation + superior_subsidy + institutional + operating + from_affiliates + other", ""),
    "T03.row": ("expenditure", "total = basic + project + paid_to_superior + operating + subsidies_to_affiliates", ""),
    "T04.row": ("appropriation_summary_line", "total = general_budget + government_fund + state_capital",
                "side = 'expenditure' AND coalesce(general_budget, government_fund, state_capital) IS NOT NULL"),
    "T05.row": ("general_budget_expenditure", "total = basic + project", ""),
    "T08.row": ("government_fund_budget", "expenditure = basic + project", "coalesce(basic, project) IS NOT NULL"),
    "T09.row": ("state_capital_budget", "expenditure = basic + project", "coalesce(basic, project) IS NOT NULL"),
    "T08.balance": ("government_fund_budget", "closing_balance + expenditure = opening_balance + income",
                    "coalesce(opening_balance, income, closing_balance) IS NOT NULL"),
    "T09.balance": ("state_capital_budget", "closing_balance + expenditure = opening_balance + income",
                    "coalesce(opening_balance, income, closing_balance) IS NOT NULL"),
    "P03.row": ("performance_summary", "full_year_budget = appropriation + carried_over + other",
                "coalesce(appropriation, carried_over, other) IS NOT NULL"),
    "T01.income": ("income_expenditure_summary",
                   "income_total = income_general_budget + income_government_fund + income_state_capital + income_superior_subsidy "
                   "+ income_institutional + income_operating + income_from_affiliates + income_other", ""),
    "T01.income_grand_total": ("income_expenditure_summary",
                               "income_grand_total = income_total + non_appropriation_surplus_used + opening_balance", ""),
    "T01.expenditure_grand_total": ("income_expenditure_summary",
                                    "expenditure_grand_total = expenditure_total + surplus_distribution + closing_balance", ""),
    "T01.balance": ("income_expenditure_summary", "income_grand_total = expenditure_grand_total", ""),
    "T04.income": ("appropriation_summary", "income_total_total = income_general_budget_total + income_government_fund_total "
                   "+ income_state_capital_total", ""),
    "T04.income_grand_total": ("appropriation_summary", "income_grand_total_total = income_total_total + opening_balance_total", ""),
    "T04.balance": ("appropriation_summary", "income_grand_total_total = expenditure_grand_total_total", ""),
    **{f"T04.expenditure_grand_total.{fund}": ("appropriation_summary",
        f"expenditure_grand_total_{fund} = expenditure_total_{fund} + closing_balance_{fund}", "")
       for fund in ("total", "general_budget", "government_fund", "state_capital")},
    **{f"T07.total.{column}": ("three_public_expenses",
        f"total_{column} = travel_abroad_{column} + vehicles_{column} + reception_{column}", "") for column in ("budget", "outturn")},
    **{f"T07.vehicles.{column}": ("three_public_expenses",
        f"vehicles_{column} = vehicle_purchase_{column} + vehicle_running_{column}", "") for column in ("budget", "outturn")},
}  # fmt: skip
"""Rule: table, the sum, further condition."""

_ROLLUPS = {
    "T02.rollup": ("income", ("total", "appropriation", "superior_subsidy", "institutional", "education_fees", "operating",
                              "from_affiliates", "other"), ""),
    "T03.rollup": ("expenditure", ("total", "basic", "project", "operating", "subsidies_to_affiliates"), ""),
    "T05.rollup": ("general_budget_expenditure", ("total", "basic", "project"), ""),
    "T08.rollup": ("government_fund_budget", ("opening_balance", "income", "expenditure", "basic", "project", "closing_balance"), ""),
    "T09.rollup": ("state_capital_budget", ("opening_balance", "income", "expenditure", "basic", "project", "closing_balance"), ""),
    "T04.expenditure": ("appropriation_summary_line", ("total", "general_budget", "government_fund", "state_capital"),
                        "p.row_key = '本年支出合计'"),
    "P01.funds": ("department_performance", ("initial_budget", "full_year_budget", "outturn"), "p.row_key = '年度资金总额'"),
    "P02.funds": ("project_performance", ("initial_budget", "full_year_budget", "outturn"), "p.row_key = '年度资金总额'"),
}  # fmt: skip
"""First part of the rule's id: table, the columns that are its last part, further condition."""

_ONE_COLUMN = {
    "T01.expenditure": ("income_expenditure_summary_line", "outturn", "p.row_key = '本年支出合计'"),
    "T06.rollup": ("general_budget_basic_expenditure", "outturn", "p.code <> ''"),
}

_T01, _T04 = "income_expenditure_summary", "appropriation_summary"
_ACROSS = {
    "X.T01-T02.income": ((_T01, "", "income_total"), "=", ("income", "合计", "total")),
    "X.T01-T03.expenditure": ((_T01, "", "expenditure_total"), "=", ("expenditure", "合计", "total")),
    "X.T02-T04.appropriation": (("income", "合计", "appropriation"), "=", (_T04, "", "income_total_total")),
    "X.T01-T04.expenditure": ((_T01, "", "expenditure_total"), ">=", (_T04, "", "expenditure_total_total")),
    "X.T03-T04.expenditure": (("expenditure", "合计", "total"), ">=", (_T04, "", "expenditure_total_total")),
    "X.T04-T05.total": ((_T04, "", "expenditure_total_general_budget"), "=", ("general_budget_expenditure", "合计", "total")),
    "X.T04-T07.total": (("three_public_expenses", "", "total_outturn"), "<=", (_T04, "", "expenditure_total_total")),
    **{f"X.T01-T02.{source}": ((_T01, "", f"income_{source}"), "=", ("income", "合计", source))
       for source in ("other", "institutional", "operating", "superior_subsidy", "from_affiliates")},
    **{f"X.T01-T04.{fund}": ((_T01, "", f"income_{fund}"), "=", (_T04, "", f"income_{fund}_total"))
       for fund in ("general_budget", "government_fund", "state_capital")},
    "X.T01-T03.class": (("income_expenditure_summary_line", "side = 'expenditure'", "outturn"), "=", ("expenditure", "code", "total")),
    "X.T03-T04.class": (("appropriation_summary_line", "side = 'expenditure'", "total"), "<=", ("expenditure", "code", "total")),
    "X.T04-T05.class": (("appropriation_summary_line", "side = 'expenditure'", "general_budget"), "=",
                        ("general_budget_expenditure", "code", "total")),
    **{f"X.T03-T05.{column}": (("general_budget_expenditure", "true", column), "<=", ("expenditure", "code", column))
       for column in ("total", "basic", "project")},
    "X.T03-T08": (("government_fund_budget", "true", "expenditure"), "<=", ("expenditure", "code", "total")),
    "X.T03-T09": (("state_capital_budget", "true", "expenditure"), "<=", ("expenditure", "code", "total")),
}  # fmt: skip
"""Rule: table, row and column of either side; where the right row is "code", of every row of the left with the same code."""

_NEGATIVE = {
    **{f"T02.negative.{c}": ("income", c) for c in ("total", "appropriation", "institutional", "other")},
    **{f"T03.negative.{c}": ("expenditure", c) for c in ("total", "basic", "project")},
    **{f"T05.negative.{c}": ("general_budget_expenditure", c) for c in ("total", "basic", "project")},
    **{f"T08.negative.{c}": ("government_fund_budget", c) for c in ("opening_balance", "income", "expenditure", "closing_balance")},
    "T06.negative": ("general_budget_basic_expenditure", "outturn"),
    "T07.negative": ("three_public_expenses_line", "outturn"),
    "T09.negative": ("state_capital_budget", "expenditure"),
}  # fmt: skip

_RATES = {
    "N.share": ("narrative_share", ("part",), ("whole",), "true"),
    "N.change_pct": ("narrative_change_pct", ("change",), ("current", "change"), "true"),
    "N.change_pct.prior": ("narrative_change_pct", ("current", "prior"), ("prior",), "change IS NULL"),
    "N.completion": ("narrative_completion", ("outturn",), ("budget",), "budget <> 0"),
}
"""Rule: table, the difference above, the difference below, further condition; the column `rate` holds the percentage."""

_STATED = {
    "N.change_amount": ("narrative_change_amount", ("change",), "=", ("current", "prior"), "true"),
    "N.comparison.up": ("narrative_comparison", ("compared",), ">", ("against",), "direction = 'up'"),
    "N.comparison.down": ("narrative_comparison", ("compared",), "<", ("against",), "direction = 'down'"),
    "N.comparison.flat": ("narrative_comparison", ("compared",), "=", ("against",), "direction = 'flat'"),
    "N.citation": ("narrative_citation", ("stated",), "=", ("printed",), "true"),
    "N.repetition": ("narrative_repetition", ("again",), "=", ("first",), "again_unit = first_unit"),
}
"""Rule: table, what is stated, sign, the difference that it is compared with, further condition."""

_PARTS = {"N.sum": ("narrative_sum", "complete = 'yes'"), "N.sum.open": ("narrative_sum", "complete <> 'yes'")}


def handwritten(book: RuleBook) -> dict[str, str]:
    """A SELECT of the number of broken instances for each rule of `book` that has one."""
    made = conditioned()
    made |= {rule: along(*how) for rule, how in _ROWS.items()}
    for family, (table, columns, condition) in _ROLLUPS.items():
        made |= {f"{family}.{column}": over_children(table, column, condition) for column in columns}
    made |= {rule: over_children(*how) for rule, how in _ONE_COLUMN.items()}
    made |= {rule: across(*how) for rule, how in _ACROSS.items()}
    made |= {rule: negative(*how) for rule, how in _NEGATIVE.items()}
    made |= {rule: rate(*how) for rule, how in _RATES.items()}
    made |= {rule: stated(*how) for rule, how in _STATED.items()}
    made |= {rule: sum_of_parts(*how) for rule, how in _PARTS.items()}
    made["N.year"] = count("narrative_year n", "n.year <> n.expected")
    made["R.growth"] = count("narrative_change_pct n", "n.rate - n.rate_ulp * 0.5 > 500")
    for rule in book.active:
        if (
            rule.topic == "W"
            and rule.for_each == "sentence"
            and (said := re.findall(r"matches\(语句, '(.*?)'\)", rule.check))
        ):
            given = re.findall(r"matches\(语句, '(.*?)'\)", rule.when)
            patterns = " AND ".join(f"regexp_matches(n.text, '{one}')" for one in (*given, *said))
            made[rule.id] = count("sentence n", patterns)
    active = {rule.id for rule in book.active}
    return {rule: sql for rule, sql in made.items() if rule in active}


def structure(vocabulary: Vocabulary) -> dict[str, str]:
    """For each table that rules read a SELECT of how many keys are incomplete or there twice."""
    made = {}
    for table in vocabulary.tables:
        names = {column.name for column in table.columns}
        key = ["filing", "part", "row_key"] if "row_key" in names else ["filing", "id"] if "id" in names else ["filing"]
        if "position" in names and "row_key" not in names:
            key += ["position"] if "id" in names else ["position", "text"]
        absent = " OR ".join(f"{name} IS NULL" for name in key)
        made[table.name] = (
            f"SELECT (SELECT count(*) FROM {table.name} WHERE {absent}) + "
            f"(SELECT count(*) FROM (SELECT 1 FROM {table.name} GROUP BY {', '.join(key)} HAVING count(*) > 1))"
        )
    return made
