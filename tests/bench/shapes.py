"""Shapes of checks as SELECTs that count broken instances: the templates of `handwritten` and `conditioned`.

Amounts of a form stand for half of their row's `ulp` either way; both sides are doubled, so that no half is needed.
"""

from __future__ import annotations

_STATUS = {
    "income_expenditure_summary": "t01", "income_expenditure_summary_line": "t01", "income": "t02", "expenditure": "t03",
    "appropriation_summary": "t04", "appropriation_summary_line": "t04", "general_budget_expenditure": "t05",
    "general_budget_basic_expenditure": "t06", "three_public_expenses": "t07", "three_public_expenses_line": "t07",
    "government_fund_budget": "t08", "state_capital_budget": "t09", "department_performance": "p01", "project_performance": "p02",
    "performance_summary": "p03",
}  # fmt: skip
BROKEN = {"=": "abs({0} - {1}) > {2}", "<=": "{0} - {1} > {2}", ">=": "{1} - {0} > {2}",
           ">": "{1} >= {0} AND {1} - {0} >= {2}", "<": "{0} >= {1} AND {0} - {1} >= {2}"}  # fmt: skip


def count(source: str, broken: str) -> str:
    """The instances of judged filings for which `broken` is true; `source` ends with the alias n."""
    return f"SELECT count(*) FROM {source} JOIN judged_filing f ON f.filing = n.filing WHERE {broken}"


def sound(*tables: str) -> str:
    """The forms were read."""
    return " AND ".join(f"f.{_STATUS[table]}_status NOT IN ('missing', 'unreadable')" for table in tables)


def along(table: str, formula: str, condition: str) -> str:
    left, right = (side.split(" + ") for side in formula.split(" = "))
    sums = [" + ".join(f"coalesce(n.{name}, 0)" for name in side) for side in (left, right)]
    printed = " + ".join(f"(n.{name} IS NOT NULL)::TINYINT" for name in (*left, *right))
    off = f"abs({sums[0]} - ({sums[1]})) * 2 > n.ulp * ({printed})"
    return count(f"{table} n", f"{off} AND {sound(table)}" + (f" AND {condition}" if condition else ""))


def over_children(table: str, column: str, condition: str) -> str:
    children = (
        f"SELECT filing, part, parent_key, sum({column}) AS total, sum(CASE WHEN {column} IS NOT NULL THEN ulp END) AS ulps "
        f"FROM {table} WHERE parent_key <> '' GROUP BY ALL"
    )
    off = f"abs(coalesce(p.{column}, 0) - coalesce(n.total, 0)) * 2 > coalesce(n.ulps, 0) + CASE WHEN p.{column} IS NULL THEN 0 ELSE p.ulp END"
    return count(
        f"{table} p JOIN ({children}) n ON n.filing = p.filing AND n.part = p.part AND n.parent_key = p.row_key",
        f"{off} AND {sound(table)}" + (f" AND {condition}" if condition else ""),
    )


def across(left: tuple[str, str, str], op: str, right: tuple[str, str, str]) -> str:
    (table, row, column), (other, key, wanted) = left, right
    joined, where = f"{table} n JOIN {other} o ON o.filing = n.filing", sound(table, other)
    if key == "code":  # a code that the other form does not have counts as nothing there
        joined = (
            f"{table} n LEFT JOIN {other} o ON o.filing = n.filing AND o.code = n.code AND o.part = '' AND o.code <> ''"
        )
        where += f" AND n.code <> '' AND n.{row}" if row != "true" else " AND n.code <> ''"
    elif key:
        joined += f" AND o.row_key = '{key}' AND o.part = ''"
    if row and key != "code":
        where += f" AND n.row_key = '{row}' AND n.part = ''"
    one, two = f"coalesce(n.{column}, 0)", f"coalesce(o.{wanted}, 0)"
    slack = f"(CASE WHEN n.{column} IS NULL THEN 0 ELSE n.ulp END + CASE WHEN o.{wanted} IS NULL THEN 0 ELSE o.ulp END)"
    return count(joined, f"{BROKEN[op].format(f'2 * {one}', f'2 * {two}', slack)} AND {where}")


def negative(table: str, column: str) -> str:
    return count(f"{table} n", f"n.{column} * -2 > n.ulp AND {sound(table)}")


def _difference(columns: tuple[str, ...]) -> tuple[str, str]:
    """Value and half units of the last place of one column, or of the first less the second."""
    return " - ".join(f"n.{name}" for name in columns), " + ".join(
        f"coalesce(n.{name}_ulp, 0) * 0.5" for name in columns
    )


def stated(table: str, said: tuple[str, ...], op: str, other: tuple[str, ...], condition: str) -> str:
    (left, more), (right, less) = _difference(said), _difference(other)
    return count(f"{table} n", f"{BROKEN[op].format(left, f'({right})', f'({more} + {less})')} AND {condition}")


def sum_of_parts(table: str, condition: str) -> str:
    parts = f"SELECT filing, id, sum(parts) AS total, sum(parts_ulp) AS ulps, count(*) = count(parts) AS known FROM {table}_member GROUP BY ALL"
    op = "=" if condition.endswith("= 'yes'") else ">="
    off = BROKEN[op].format("2 * n.whole", "2 * p.total", "(n.whole_ulp + p.ulps)")
    return count(f"{table} n JOIN ({parts}) p ON p.filing = n.filing AND p.id = n.id", f"{off} AND n.{condition}")


def rate(table: str, above: tuple[str, ...], below: tuple[str, ...], condition: str) -> str:
    (over, more), (under, less) = _difference(above), _difference(below)
    ends = (
        f"SELECT n.filing, (n.rate - coalesce(n.rate_ulp, 0) * 0.5)::DOUBLE AS low, (n.rate + coalesce(n.rate_ulp, 0) * 0.5)::DOUBLE AS high, "
        f"sign({under}) * ({over})::DOUBLE AS o, ({more})::DOUBLE AS oh, abs({under})::DOUBLE AS u, ({less})::DOUBLE AS uh "
        f"FROM {table} n WHERE {condition} AND abs({under}) > {less}"
    )
    least = "least((o - oh) / (u - uh), (o - oh) / (u + uh))"
    most = "greatest((o + oh) / (u - uh), (o + oh) / (u + uh))"
    return count(f"({ends}) n", f"100 * {least} > high OR 100 * {most} < low")
