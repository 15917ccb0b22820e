"""Which printed figures some rule guards: each is printed a little too high, then too low, and all rules run over it.

The error is the smallest that rounding cannot explain: one unit of the last place beyond what the tightest sum in which the
figure stands allows; two units for a figure that stands in none. A figure is guarded when both errors are caught.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from expectations.rules import Rule
from expectations.sql.verdicts import Compiled
from flows import warehouse
from flows.judge import judge
from flows.sql import run
from flows.warehouse import Connection
from tests.prove.direct import disclosed
from tests.prove.filings import Generated
from tests.prove.judging import Mapped, Progress, run_rules
from tests.prove.many import FIGURE_ID, Copy, copy, load

_EQUALITY = re.compile(r"(?<![<>])=")
_QUIET: Progress = lambda line: None  # noqa: E731
LEVELS = ("合计", "类", "款", "项")


@dataclass(frozen=True)
class Figure:
    """A printed figure with the place that it has in every filing: `form`, `row` (a line, or 合计/类/款/项) and `column`."""

    form: str
    row: str
    column: str
    above: bool
    below: bool

    @property
    def guarded(self) -> bool:
        """Whether neither error goes unnoticed."""
        return self.above and self.below


def guarding(
    filings: Sequence[Generated], compiled: Sequence[Compiled], progress: Progress, mapped: Mapped = map
) -> list[Figure]:
    """Every figure of these filings' forms and performance tables, and which of both errors in it is caught."""
    made: list[Figure] = []
    for figures in mapped(_of_filing, filings, [compiled] * len(filings)):
        made += figures
        progress(f"{len(made)} figures made wrong in turn")
    return made


def _of_filing(filing: Generated, compiled: Sequence[Compiled]) -> list[Figure]:
    connection = warehouse.connect()
    found = disclosed(filing.published, filing.name)
    (key,) = load(connection, [found])
    allowed = _allowances(judge(connection, compiled), {one.rule.id: one.rule for one in compiled})
    connection.execute("PRAGMA enable_optimizer")
    printed = _printed(connection, key)
    wanted = []
    for number, (figure, unit) in enumerate(printed.items()):
        for name, sign in (("above", 1), ("below", -1)):
            step = sign * allowed[figure].step(sign, unit) if figure in allowed else sign * 2 * unit
            wanted.append(Copy(key, f"{number}-{name}", f"{found.filing.organisation}第{number}{name}", figure, step))
    copy(connection, wanted)
    _, broken = run_rules(connection, compiled, [key], _QUIET)
    judged = {one.rule.id for one in compiled if one.rule.category != "reasonableness"}
    rows = {(row.form, row.part, row.row_key): row for row in found.rows}
    connection.close()
    made = []
    for number, figure in enumerate(printed):
        place = FIGURE_ID.fullmatch(figure)
        assert place is not None
        row = rows[place[1], place[2] or "", place[3]]
        name = place[3] if not row.code or place[1] in ("T01", "T04") else LEVELS[min(row.level, 3)]
        caught = [
            any(rule in judged for rule, _ in broken[f"{number}-{way}"] - broken[key]) for way in ("above", "below")
        ]
        made.append(Figure(place[1], _kind(place[1], name), place[4], *caught))
    return made


def _kind(form: str, row: str) -> str:
    """Rows of performance tables by their block: the names of indicators and projects differ from table to table."""
    known = ("年度资金总额", "当年财政拨款", "上年结转资金", "其他资金", "基本支出", "项目支出", "总分", "合计")
    return row if form.startswith("T") or row in known else "a project" if form == "P03" else "an indicator"


@dataclass(frozen=True)
class _Allowance:
    """What a sum leaves open: `bound` by rounding, of which `difference` (seen from the figure) is used up."""

    bound: Decimal
    difference: Decimal

    def step(self, sign: int, unit: Decimal) -> Decimal:
        """How far the figure must move that way for the sum to be one unit beyond its bound."""
        return self.bound + unit - sign * self.difference


def _allowances(judged: Iterable[Mapping[str, Any]], book: Mapping[str, Rule]) -> dict[str, _Allowance]:
    """For each figure the tightest sum in which it stands."""
    made: dict[str, _Allowance] = {}
    for verdict in judged:
        check = book[verdict["rule"]].check
        sums = _EQUALITY.search(check) and not re.search(r"[*/]", check) and verdict["measure"] == "amount"
        if not sums or verdict["status"] not in ("holds", "rounding") or verdict["difference"] is None:
            continue
        difference = verdict["stated"] - verdict["computed"]
        for term in verdict["terms"]:
            if term["value"] is None or term["side"] == "given":
                continue
            sign = (1 if term["side"] == "stated" else -1) * (1 if term["sign"] == "+" else -1)
            allowance = _Allowance(verdict["bound"], sign * difference)
            known = made.get(term["id"])
            if known is None or allowance.bound < known.bound:
                made[term["id"]] = allowance
    return made


def _printed(connection: Connection, key: str) -> dict[str, Decimal]:
    """Every figure of the forms and of the performance tables' money, rates and scores, with the unit of its last place."""
    query = (
        "SELECT id, CASE WHEN unit = '万元' OR \"column\" IN ('执行率', '分值', '得分') THEN ulp END FROM figure "
        "WHERE filing = ? AND \"column\" NOT IN ('年度指标值', '实际完成值') ORDER BY id"
    )
    return {id_: ulp for id_, ulp in run(connection, query, key).fetchall() if ulp}
