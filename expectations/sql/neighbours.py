"""Words for what stands beside a row or a form: the name that its code has, the code above it, the form before it.

Each is a join of the rule's query and the SQL of its value, NULL where there is nothing to stand beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.classification import TABLE as CLASSIFICATION
from expectations.classification import normal
from expectations.vocabulary import JUDGED

if TYPE_CHECKING:
    from expectations.sql.scope import Scope

BESIDE_ROW = {
    "规定名称": "listed_name", "listed_name": "listed_name", "通行名称": "usual_name", "usual_name": "usual_name",
    "上一科目编码": "code_above", "code_above": "code_above",
}  # fmt: skip
BESIDE_FORM = {"前表首页": "page_before", "page_before": "page_before"}
FEWEST_FILERS, NEARLY_ALL = 20, 95
"""A name is usual where at least so many filers print the code in a year, and so many of a hundred print this name."""


def beside(scope: Scope, name: str) -> str | None:
    """The SQL of the word `name`, whose join `scope` then has; None when it is no such word."""
    if scope.form and scope.form.shape == "coded" and name in BESIDE_ROW:
        return {"listed_name": _listed_name, "usual_name": _usual_name, "code_above": _code_above}[BESIDE_ROW[name]](
            scope
        )
    if scope.for_each == "form" and name in BESIDE_FORM:
        return _page_before(scope)
    return None


def _join(scope: Scope, key: str, query: str, on: str) -> str:
    alias = scope.aliases.setdefault(key, f"r{len(scope.aliases)}")
    scope.joins.setdefault(alias, f"LEFT JOIN ({query}) {alias} ON {on.format(alias=alias)}")
    return alias


def _listed_name(scope: Scope) -> str:
    """The names of the row's code in the year of the accounts, several with / between them; NULL for an unknown code."""
    assert scope.form
    query = (
        "SELECT code, list(struct_pack(name := name, since := since, until := until) ORDER BY position) AS names "
        f"FROM {CLASSIFICATION.name} WHERE kind = '{scope.form.codes}' GROUP BY code"
    )
    alias = _join(scope, "listed", query, "{alias}.code = t.code")
    valid = f"list_filter({alias}.names, x -> {scope.filing}.fiscal_year BETWEEN x.since AND x.until)"
    return f"nullif(array_to_string(list_transform({valid}, x -> x.name), '/'), '')"


def _usual_name(scope: Scope) -> str:
    """What nearly all filers of the year print beside the row's code in the same form; NULL where too few print it."""
    assert scope.form
    counted = (
        f"SELECT y.fiscal_year, s.code, min(s.label) AS name, count(DISTINCT y.organisation) AS filers FROM {scope.base} s "
        f"JOIN {JUDGED} y ON y.filing = s.filing WHERE s.code <> '' AND s.code = s.row_key GROUP BY 1, 2, {normal('s.label')}"
    )
    query = (
        "SELECT fiscal_year, code, name FROM (SELECT *, sum(filers) OVER (PARTITION BY fiscal_year, code) AS every_one "
        f"FROM ({counted})) WHERE every_one >= {FEWEST_FILERS} AND filers * 100 >= every_one * {NEARLY_ALL}"
    )
    on = f"{{alias}}.code = t.code AND {{alias}}.fiscal_year = {scope.filing}.fiscal_year"
    scope.among.append(("fiscal_year", query))
    return f"{_join(scope, 'usual', query, on)}.name"


def _code_above(scope: Scope) -> str:
    """The code of the row printed above, in the same table; NULL for the first."""
    query = (
        "SELECT filing, part, row_key, lag(code) OVER (PARTITION BY filing, part ORDER BY position) AS code "
        f"FROM {scope.base} WHERE code <> ''"
    )
    on = "{alias}.filing = t.filing AND {alias}.part = t.part AND {alias}.row_key = t.row_key"
    return f"{_join(scope, 'above', query, on)}.code"


def _page_before(scope: Scope) -> str:
    """The first page of the official form before this one, among those that are there; NULL for the first."""
    query = (
        "SELECT filing, form, lag(pages[1]) OVER (PARTITION BY filing ORDER BY form) AS page FROM form_reading "
        "WHERE form LIKE 'T%' AND status <> 'missing' AND len(pages) > 0"
    )
    return f"{_join(scope, 'before', query, '{alias}.filing = t.filing AND {alias}.form = t.form')}.page"
