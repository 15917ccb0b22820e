"""Small invented accounts as figures and the identities between them, judged as the rules' SQL judges: verdicts as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from expectations.rules import Rule, load
from flows.explain.diagnose import explained

HALF = Decimal("0.005")


@dataclass(frozen=True)
class Identity:
    """`stated` `op` the sum of `plus` less `minus`, or, with `base`, that sum ÷ base × 100; severity as a rule has it."""

    name: str
    stated: str
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    base: str = ""
    op: str = "="
    severity: str = "critical"
    limit: Decimal | None = None

    def verdict(self, printed: Mapping[str, Decimal]) -> dict[str, Any]:
        """A row of verdicts, as `expectations.intervals` defines them."""
        s, parts = printed[self.stated], (*self.plus, *self.minus)
        n = sum((printed[id] for id in self.plus), Decimal(0)) - sum((printed[id] for id in self.minus), Decimal(0))
        n, nr = (self.limit, Decimal(0)) if self.limit is not None else (n, HALF * len(parts))
        if self.base:
            d = printed[self.base]
            computed = round(n / d * 100, 6)
            above = min((s - HALF) * (d - HALF), (s - HALF) * (d + HALF)) > (n + nr) * 100
            below = max((s + HALF) * (d - HALF), (s + HALF) * (d + HALF)) < (n - nr) * 100
            holds, bound = not above and not below, Decimal(0)
        else:
            computed, bound = n, HALF + nr
            holds = abs(s - n) <= bound if self.op == "=" else s - n <= bound
        terms = [_term("stated", "+", self.stated, printed)]
        terms += [_term("computed", "+", id, printed) for id in self.plus]
        terms += [_term("computed", "-", id, printed) for id in self.minus]
        terms += [_term("computed", "÷", self.base, printed)] if self.base else []
        status = "broken" if not holds else "holds" if s == computed else "rounding"
        return {
            "rule": self.rule, "instance": self.name, "status": status, "stated": s, "computed": computed, "bound": bound,
            "measure": "percent" if self.base else "amount", "terms": terms, "fingerprint": f"id of {self.name}",
        }  # fmt: skip

    @property
    def rule(self) -> str:
        """Identities of one kind (the first word of their names) are instances of one rule."""
        return f"{self.name.split()[0]} {'rate' if self.base else 'sum'} {self.op} {self.severity}"


def _term(side: str, sign: str, id: str, printed: Mapping[str, Decimal]) -> dict[str, Any]:
    return {"side": side, "sign": sign, "id": id, "label": id, "value": printed[id], "radius": HALF}


@lru_cache
def _rules() -> tuple[Rule, ...]:
    return load().rules


def rules_of(identities: Iterable[Identity]) -> list[Rule]:
    checks = {("rate", "="): "占比 = 部分 / 整体", ("sum", "="): "合计 = 部分", ("sum", "<="): "合计 <= 部分"}
    any_rule = _rules()[0]
    return [
        replace(
            any_rule,
            id=one.rule,
            check=checks["rate" if one.base else "sum", one.op],
            severity=one.severity,
            category="sum",
        )
        for one in {one.rule: one for one in identities}.values()
    ]


def tied(printed: Mapping[str, Decimal], identities: Iterable[Identity]) -> dict[str, str]:
    """Finding → root, both by the names of their identities."""
    listed = list(identities)
    found = explained([one.verdict(printed) for one in listed], rules_of(listed)).roots
    return {symptom.removeprefix("id of "): root.removeprefix("id of ") for symptom, root in found.items()}


def broken(printed: Mapping[str, Decimal], identities: Iterable[Identity]) -> set[str]:
    return {one.name for one in identities if one.verdict(printed)["status"] == "broken"}


# ---- a consistent filing ------------------------------------------------------------------------------------------------

AMOUNTS = ("812.40", "101.15", "93.07", "240.33", "55.21", "18.66", "300.09", "77.80", "150.45", "62.18")
COLUMNS = ("合计", "基本", "项目")
ITEMS = {"合计": ("201", "208"), "201": ("20101", "20102"), "20101": ("2010101", "2010102", "2010199")}
LEAVES = ("2010101", "2010102", "2010199", "20102", "208")


def filing(amounts: Iterable[str]) -> dict[str, Decimal]:
    """Every figure of two forms of expenditure that agree, and a narrative that quotes them; ten amounts decide all."""
    given = [Decimal(one) for one in amounts]
    printed: dict[str, Decimal] = {}
    for k, row in enumerate(LEAVES):
        printed |= {f"T03/{row}/基本": given[2 * k], f"T03/{row}/项目": given[2 * k + 1]}
    for row in reversed(ITEMS):
        for column in COLUMNS[1:]:
            printed[f"T03/{row}/{column}"] = sum((printed[f"T03/{one}/{column}"] for one in ITEMS[row]), Decimal(0))
    for row in (*ITEMS, *LEAVES):
        printed[f"T03/{row}/合计"] = printed[f"T03/{row}/基本"] + printed[f"T03/{row}/项目"]
    printed |= {id.replace("T03", "T05"): value for id, value in printed.items()}
    printed |= {"T01/支出/决算数": printed["T03/合计/合计"], "N/0001": printed["T03/合计/合计"]}
    printed |= {"N/0002": printed["T03/合计/基本"], "N/0003": printed["T03/合计/项目"]}
    for claim, part in (("N/0004", "N/0002"), ("N/0005", "N/0003")):
        printed[claim] = round(printed[part] / printed["N/0001"] * 100, 2)
    return printed


def identities() -> list[Identity]:
    """What must be true of that filing: rows, roll-ups, agreement of forms by row and column, narrative, shares."""
    made = []
    for form in ("T03", "T05"):
        for row in (*ITEMS, *LEAVES):
            made.append(
                Identity(f"{form} row {row}", f"{form}/{row}/合计", (f"{form}/{row}/基本", f"{form}/{row}/项目"))
            )
        for row, below in ITEMS.items():
            for column in COLUMNS:
                parts = tuple(f"{form}/{one}/{column}" for one in below)
                made.append(Identity(f"{form} roll-up {row} {column}", f"{form}/{row}/{column}", parts))
    for row in (*ITEMS, *LEAVES):
        made += [Identity(f"T03-T05 {row} {c}", f"T05/{row}/{c}", (f"T03/{row}/{c}",)) for c in COLUMNS]
    made.append(Identity("T01-T03", "T01/支出/决算数", ("T03/合计/合计",)))
    for claim, column in (("N/0001", "合计"), ("N/0002", "基本"), ("N/0003", "项目")):
        made.append(Identity(f"text {column}", claim, (f"T03/合计/{column}",)))
    made.append(Identity("text sum", "N/0001", ("N/0002", "N/0003")))
    made.append(Identity("share basic", "N/0004", ("N/0002",), base="N/0001"))
    made.append(Identity("share project", "N/0005", ("N/0003",), base="N/0001"))
    return made
