"""Rules with a condition of their own, written as SQL by hand: codes and their order, what a form must say, single figures against
each other or against the narrative, self-evaluation. Each is a source (the counted rows under the alias n) and what is broken.
"""

from __future__ import annotations

from tests.bench.shapes import BROKEN, across, along, count, over_children, sound, stated

_T04, _T05, _T06, _T07, _T08, _T09 = (
    "appropriation_summary", "general_budget_expenditure", "general_budget_basic_expenditure", "three_public_expenses",
    "government_fund_budget", "state_capital_budget",
)  # fmt: skip
_CODED = {"T02": "income", "T03": "expenditure", "T05": _T05, "T06": _T06, "T08": _T08, "T09": _T09}
_AMOUNT = {"T02": "total", "T03": "total", "T05": "total", "T08": "expenditure", "T09": "expenditure"}
_EVALUATED = {"P01": "department_performance", "P02": "project_performance", "P03": "performance_summary"}
_FUNDS = ("general_budget", "government_fund", "state_capital")
_THREE_PUBLIC = {
    "travel_abroad": "30212",
    "vehicle_running": "30231",
    "reception": "30217",
    "vehicle_purchase": "31013",
}


def conditioned() -> dict[str, str]:
    """A SELECT of the number of broken instances for each of these rules."""
    made = (
        _codes() | _readings() | _totals() | _form_sums() | _three_public() | _funds() | _evaluations() | _narrative()
    )
    return (
        made
        | {rule: stated(*how) for rule, how in _CLAIMS.items()}
        | {rule: _said(*how) for rule, how in _SAID.items()}
    )


_CLAIMS = {
    "N.project.amount": ("narrative_project_amount", ("stated",), "=", ("printed",), "true"),
    "N.project.balance": ("narrative_balance", ("balance",), "=", ("budget", "outturn"), "true"),
    "N.rate.execution": ("narrative_quoted_rate", ("stated",), "=", ("printed",), "n.what = 'text_execution'"),
    "N.rate.target": ("narrative_quoted_rate", ("stated",), "=", ("printed",), "n.what = 'target'"),
    "N.rate.achieved": ("narrative_quoted_rate", ("stated",), "=", ("printed",), "n.what = 'achieved' AND n.bound IN ('', '=')"),
    "N.rate.achieved_bound": ("narrative_quoted_rate", ("stated",), ">=", ("printed",),
                              "n.what = 'achieved' AND n.bound IN ('≥', '>')"),
    "N.rate.repetition": ("narrative_quoted_rate", ("stated",), "=", ("printed",), "n.what = 'earlier'"),
    "N.change_amount.prior": ("narrative_change_amount", ("change",), "<=", ("current",), "n.direction = 'up' AND n.prior IS NULL"),
    "N.unit": ("narrative_repetition", ("again",), "=", ("first",), "n.again_unit <> n.first_unit"),
}  # fmt: skip
"""Rule: table, what is stated, sign, the difference that it is compared with, further condition."""

_SAID = {
    "N.abroad.persons": ("persons_abroad", ">=", "delegations_abroad", ""),
    "N.receptions.guests": ("domestic_guests", ">=", "domestic_receptions", ""),
    "N.receptions.foreign_guests": ("foreign_guests", ">=", "foreign_receptions", ""),
    "N.vehicles.bought": ("vehicles_bought", "<=", "vehicles_held", "n.vehicles_bought > 0"),
    "N.vehicles.held": ("vehicles_held", "<=", "vehicles_total", ""),
    "N.problems": ("problems_solved", "<=", "problems_found", ""),
    "N.procurement.sme": ("contracts_sme", "<=", "procurement_total", ""),
    "N.procurement.micro": ("contracts_micro", "<=", "contracts_sme", ""),
    "N.procurement.reserved_budget": ("reserved_micro_budget", "<=", "reserved_sme_budget", ""),
    "N.procurement.reserved_micro": ("reserved_micro_purchases", "<=", "reserved_sme_purchases", ""),
}  # fmt: skip
"""Rule: two values that the narrative states once for the whole filing, and how they stand; further condition."""


def _said(one: str, op: str, other: str, condition: str) -> str:
    exact = not one.startswith(("contracts", "reserved"))
    slack = "0" if exact else f"((n.{one}_ulp + n.{other}_ulp) * 0.5)"
    return count(
        "narrative n", BROKEN[op].format(f"n.{one}", f"n.{other}", slack) + (f" AND {condition}" if condition else "")
    )


def _codes() -> dict[str, str]:
    made = {}
    for form, table in _CODED.items():
        own = sound(table)
        starts = "left(n.code, 1) NOT IN ('3', '5')" if form == "T06" else "NOT starts_with(n.code, '2')"
        made["K.economic" if form == "T06" else f"K.functional.{form}"] = count(
            f"{table} n", f"n.code <> '' AND {starts} AND {own}"
        )
        if form != "T09":
            made[f"K.unique.{form}"] = count(f"{table} n", f"n.code <> '' AND contains(n.row_key, '#') AND {own}")
        if form in ("T02", "T03", "T05", "T08"):
            between = "length(n.code) = 7 AND length(n.parent_key) <> 5 AND n.parent_key >= '0' AND n.parent_key < ':'"
            made[f"K.between.{form}"] = count(f"{table} n", f"{between} AND {own}")
            above = f"SELECT filing, code, lag(code) OVER (PARTITION BY filing, part ORDER BY position) AS above FROM {table} WHERE code <> ''"
            made[f"K.order.{form}"] = count(f"({above}) n", f"n.code <= n.above AND {own}")
    alone = "length(n.code) = 5 AND n.outturn > 0 AND (length(n.parent_key) <> 3 OR n.parent_key < '0' OR n.parent_key >= ':')"
    return made | {"T06.section_alone": count(f"{_T06} n", f"{alone} AND {sound(_T06)}")}


def _readings() -> dict[str, str]:
    before = (
        "SELECT filing, form, pages[1] AS first, lag(pages[1]) OVER (PARTITION BY filing ORDER BY form) AS before FROM form_reading "
        "WHERE form LIKE 'T%' AND status <> 'missing' AND len(pages) > 0"
    )
    there = "n.status NOT IN ('read', 'blank', 'unreadable')"
    return {
        "C.form": count("form_reading n", f"n.form BETWEEN 'T01' AND 'T08' AND {there}"),
        "C.form.state_capital": count("form_reading n", f"n.form = 'T09' AND {there} AND f.fiscal_year >= 2019"),
        "C.blank_statement": count("form_reading n", "n.status = 'blank' AND n.form IN ('T07', 'T08', 'T09') AND coalesce(n.statement, '') = ''"),
        "C.title": count("form_reading n", "n.form BETWEEN 'T01' AND 'T09' AND n.status = 'read' AND coalesce(n.title, '') = ''"),
        "C.unit": count("form_reading n", "n.form = 'T01' AND n.status = 'read' AND coalesce(n.unit, '') = ''"),
        "C.order": count(f"({before}) n", "n.first < n.before AND n.form BETWEEN 'T02' AND 'T06'"),
    }  # fmt: skip


def _totals() -> dict[str, str]:
    """A total of which no row is shown, a class or section without its items."""
    made = {}
    for form, column in _AMOUNT.items():
        table = _CODED[form]
        alone = f"NOT EXISTS (SELECT 1 FROM {table} c WHERE c.filing = n.filing AND c.part = n.part AND c.parent_key = n.row_key)"
        made[f"{form}.total_only"] = count(
            f"{table} n", f"n.row_key = '合计' AND abs(n.{column}) * 2 > n.ulp AND {sound(table)} AND {alone}"
        )
        if form != "T09":
            made[f"{form}.items_listed"] = count(
                f"{table} n", f"length(n.code) IN (3, 5) AND n.{column} <> 0 AND {sound(table)} AND {alone}"
            )
    return made


def _form_sums() -> dict[str, str]:
    t01 = "income_expenditure_summary_line"
    made = {
        "T02.education_fees": count("income n", "2 * (n.education_fees - coalesce(n.institutional, 0)) > n.ulp * "
                                    f"(1 + (n.institutional IS NOT NULL)::TINYINT) AND {sound('income')}"),
        "T01.negative": count(f"{t01} n", "n.outturn * -2 > n.ulp AND n.side = 'income' AND n.row_key NOT IN "
                              f"('使用非财政拨款结余', '年初结转和结余') AND {sound(t01)}"),
        "R.administration_project": count("expenditure n", f"n.label = '行政运行' AND abs(n.project) * 2 > n.ulp AND {sound('expenditure')}"),
        "T03.rollup.paid_to_superior": over_children("expenditure", "paid_to_superior", ""),
        "T06.split": along(_T06, "outturn = staff + operating", "n.outturn IS NOT NULL AND coalesce(n.staff, n.operating) IS NOT NULL"),
        "T06.split_side": count(f"{_T06} n", f"left(n.code, 3) IN ('301', '303') AND abs(n.operating) * 2 > n.ulp AND {sound(_T06)}"),
        "T06.staff_total": _classes("人员经费合计", ("301", "303")),
        "T06.operating_total": _classes("公用经费合计", ("302", "307", "309", "310", "311", "312", "399")),
        "X.T05-T06.basic": _staff_and_operating(),
        "X.T02-T08": across((_T08, "income IS NOT NULL", "income"), "<=", ("income", "code", "appropriation")),
    }  # fmt: skip
    made |= {
        f"T06.split_rollup.{column}": over_children(_T06, column, "p.code <> ''") for column in ("staff", "operating")
    }
    for side in ("opening_balance", "closing_balance"):
        made[f"T04.balance_negative.{side}"] = count(f"{_T04} n", f"n.{side}_total * -2 > n.ulp AND {sound(_T04)}")
    for fund in _FUNDS:
        made[f"T04.fund_balance.{fund}"] = along(
            _T04,
            f"expenditure_grand_total_{fund} = income_{fund}_total + opening_{fund}_total",
            f"n.expenditure_grand_total_{fund} IS NOT NULL AND (n.opening_{fund}_total IS NOT NULL OR coalesce(n.opening_balance_total, 0) = 0)",
        )
    return made


def _classes(total: str, classes: tuple[str, ...]) -> str:
    """A printed total of classes that is not their sum."""
    listed = ", ".join(f"'{one}'" for one in classes)
    summed = (
        f"SELECT filing, sum(outturn) AS total, sum(CASE WHEN outturn IS NOT NULL THEN ulp END) AS ulps FROM {_T06} "
        f"WHERE row_key IN ({listed}) GROUP BY filing"
    )
    off = "abs(coalesce(n.outturn, 0) - coalesce(s.total, 0)) * 2 > coalesce(s.ulps, 0) + CASE WHEN n.outturn IS NULL THEN 0 ELSE n.ulp END"
    return count(
        f"{_T06} n LEFT JOIN ({summed}) s ON s.filing = n.filing",
        f"n.row_key = '{total}' AND n.part = '' AND {off} AND {sound(_T06)}",
    )


def _staff_and_operating() -> str:
    row = "JOIN {} {} ON {}.filing = n.filing AND {}.row_key = '{}' AND {}.part = ''"
    joined = " ".join(row.format(_T06, x, x, x, key, x) for x, key in (("s", "人员经费合计"), ("o", "公用经费合计")))
    printed = " + ".join(f"CASE WHEN {value} IS NULL THEN 0 ELSE {x}.ulp END" for x, value in
                         (("n", "n.basic"), ("s", "s.outturn"), ("o", "o.outturn")))  # fmt: skip
    off = f"abs(coalesce(n.basic, 0) - coalesce(s.outturn, 0) - coalesce(o.outturn, 0)) * 2 > {printed}"
    return count(f"{_T05} n {joined}", f"n.row_key = '合计' AND n.part = '' AND {off} AND {sound(_T05, _T06)}")


def _three_public() -> dict[str, str]:
    made = {}
    for name in ("total", *_THREE_PUBLIC):
        outturn, budget = f"n.{name}_outturn", f"n.{name}_budget"
        printed = f"(({outturn} IS NOT NULL)::TINYINT + ({budget} IS NOT NULL)::TINYINT)"
        over = f"2 * ({outturn} - coalesce({budget}, 0)) > n.ulp * {printed}"
        made[f"T07.over_budget.{name}"] = count(
            f"{_T07} n", f"{over} AND coalesce({budget}, n.total_budget) IS NOT NULL AND {sound(_T07)}"
        )
    for name, code in _THREE_PUBLIC.items():
        item = f"{_T07} n LEFT JOIN {_T06} o ON o.filing = n.filing AND o.row_key = '{code}' AND o.part = ''"
        one, slack = (
            f"n.{name}_outturn",
            f"(CASE WHEN n.{name}_outturn IS NULL THEN 0 ELSE n.ulp END + CASE WHEN o.outturn IS NULL THEN 0 ELSE o.ulp END)",
        )
        less = BROKEN[">="].format(f"2 * coalesce({one}, 0)", "2 * coalesce(o.outturn, 0)", slack)
        made[f"X.T06-T07.{name}"] = count(item, f"{less} AND {sound(_T06, _T07)}")
    low = "n.total_budget >= 1 AND n.total_budget - 2 * coalesce(n.total_outturn, 0) > n.ulp * 0.5 + CASE WHEN n.total_outturn IS NULL THEN 0 ELSE n.ulp END"
    made["R.three_public_low"] = count(f"{_T07} n", f"{low} AND {sound(_T07)}")
    return made


def _funds() -> dict[str, str]:
    """What one form says of a fund against the fund's own form, where that holds anything."""
    made = {}
    for table, form, fund, years in (
        (_T08, "T08", "government_fund", ""),
        (_T09, "T09", "state_capital", " AND f.fiscal_year >= 2019"),
    ):
        status = f"f.{form.lower()}_status = "
        pairs = {
            "expenditure": (f"expenditure_total_{fund}", "expenditure", "true"),
            "income": (f"income_{fund}_total", "income", "o.income IS NOT NULL"),
        }
        if form == "T08":
            pairs["opening_balance"] = (
                f"opening_{fund}_total",
                "opening_balance",
                f"n.opening_{fund}_total IS NOT NULL",
            )
            pairs["closing_balance"] = (
                f"closing_balance_{fund}",
                "closing_balance",
                f"n.closing_balance_{fund} IS NOT NULL",
            )
        for name, (left, right, further) in pairs.items():
            made[f"X.T04-{form}.{name}"] = (
                across((_T04, "", left), "=", (table, "合计", right)) + f" AND {status}'read' AND {further}{years}"
            )
        made[f"X.T04-{form}.class"] = (
            across(("appropriation_summary_line", "side = 'expenditure'", fund), "=", (table, "code", "expenditure"))
            + f" AND {status}'read'{years}"
        )
        made[f"X.T04-{form}.blank"] = count(
            f"{_T04} n", f"abs(n.expenditure_total_{fund}) * 2 > n.ulp AND {status}'blank' AND {sound(_T04)}{years}"
        )
    return made


def _evaluations() -> dict[str, str]:
    made = {}
    for form, table in _EVALUATED.items():
        own, row = sound(table), "true" if form == "P03" else "n.row_key = '年度资金总额'"
        exact = "CASE WHEN n.{0}_ulp >= 1 THEN 0 ELSE n.{0}_ulp * 0.5 END".format
        made |= {
            f"{form}.overspent": count(f"{table} n", f"{row} AND n.outturn - n.full_year_budget > n.ulp AND {own}"),
            f"{form}.low_execution": count(
                f"{table} n", f"{row} AND n.full_year_budget > 0 AND 80 - n.execution_rate > coalesce(n.execution_rate_ulp, 0) * 0.5 AND {own}"
            ),
            f"{form}.rate_missing": count(
                f"{table} n", f"{row} AND n.full_year_budget > 0 AND n.outturn IS NOT NULL AND n.execution_rate IS NULL AND {own}"
            ),
        }  # fmt: skip
        if form == "P03":
            over = f"n.row_key <> '合计' AND n.score - 100 > {exact('score')}"
        else:
            over = f"n.score - n.points > {exact('score')} + {exact('points')}"
            made[f"{form}.total_bound"] = count(
                f"{table} n", f"n.row_key = '总分' AND n.score - 100 > {exact('score')} AND {own}"
            )
        made[f"{form}.score_bound"] = count(f"{table} n", f"{over} AND {own}")
    summary, project = _EVALUATED["P03"], _EVALUATED["P02"]
    for column in ("initial_budget", "full_year_budget", "appropriation", "carried_over", "other", "outturn"):
        made[f"P03.total.{column}"] = over_children(summary, column, f"p.row_key = '合计' AND p.{column} IS NOT NULL")
    sources = {
        "full_year_budget": ("full_year_budget", "年度资金总额", "full_year_budget"), "outturn": ("outturn", "年度资金总额", "outturn"),
        "sources.appropriation": ("appropriation", "当年财政拨款", "full_year_budget"),
        "sources.carried_over": ("carried_over", "上年结转资金", "full_year_budget"), "sources.other": ("other", "其他资金", "full_year_budget"),
    }  # fmt: skip
    for name, (column, row, wanted) in sources.items():
        joined = f"{summary} n JOIN {project} o ON o.filing = n.filing AND o.part = n.row_key AND o.row_key = '{row}'"
        off = f"n.row_key <> '合计' AND abs(n.{column} - o.{wanted}) * 2 > n.ulp + o.ulp"
        made[f"X.P02-P03.{name}"] = count(joined, f"{off} AND {sound(summary, project)}")
    return made


def _narrative() -> dict[str, str]:
    """The narrative against the form of travel, vehicles and receptions, and against itself."""
    both = f"{_T07} o JOIN narrative n ON n.filing = o.filing"
    cost = "2 * (o.{0}_outturn - {2} * n.{1}) > o.ulp AND n.{1} > 0 AND ".format
    nil = "abs(o.{0}_outturn) * 2 > o.ulp AND ".format
    own = sound(_T07)
    graded = "n.projects_excellent + n.projects_good + n.projects_fair + n.projects_poor"
    return {
        "X.N-T07.abroad": count(both, nil("travel_abroad") + f"n.delegations_abroad = 0 AND n.persons_abroad = 0 AND {own}"),
        "X.N-T07.vehicles_held": count(both, nil("vehicle_running") + f"n.vehicles_held = 0 AND {own}"),
        "X.N-T07.vehicle_purchase": count(both, nil("vehicle_purchase") + f"n.vehicles_bought = 0 AND {own}"),
        "X.N-T07.reception": count(both, nil("reception") + f"n.domestic_receptions = 0 AND n.foreign_receptions = 0 AND {own}"),
        "X.N-T07.running_cost": count(both, cost("vehicle_running", "vehicles_held", 8) + own),
        "X.N-T07.guest_cost": count(both, cost("reception", "domestic_guests", 0.05) + own),
        "X.N-T07.vehicle_price": count(both, cost("vehicle_purchase", "vehicles_bought", 40) + own),
        "R.per_head.vehicle": count(both, cost("vehicle_running", "vehicles_held", 15) + own),
        "R.per_head.abroad": count(both, cost("travel_abroad", "persons_abroad", 10) + own),
        "N.abroad.none": count("narrative n", "n.delegations_abroad = 0 AND n.persons_abroad <> 0"),
        "N.receptions.none": count("narrative n", "n.domestic_receptions = 0 AND n.domestic_guests <> 0"),
        "N.grades": count("narrative n", f"n.projects_evaluated <> {graded}"),
        "N.share.bound": count("narrative_share n", "n.rate - coalesce(n.rate_ulp, 0) * 0.5 > 100 AND (n.part IS NULL OR n.whole IS NULL)"),
        "N.change_pct.floor": count("narrative_change_pct n", "n.direction = 'down' AND n.rate + coalesce(n.rate_ulp, 0) * 0.5 < -100"),
        "N.change_nil": count("narrative_change_amount n", "n.change = 0 AND n.direction IN ('up', 'down')"),
        "N.cause.direction": count("narrative_cause n", "n.direction <> n.cause"),
        "W.heading_year": count("heading n", "n.year <> f.fiscal_year AND contains(n.text, '决算')"),
        "W.heading_number": count("heading n", "n.level IN (2, 3) AND n.number > 1 AND n.number = n.number_before"),
    }  # fmt: skip
