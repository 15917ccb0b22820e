"""One year of an invented department, in 元 with two decimals, and what is published of it, in 万元.

Everything that the forms and the narrative print is derived from these amounts, so that a year agrees with itself by
construction. A total is the rounded total, never the sum of rounded parts: differences in the last place arise as in life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Item:
    """One 项 of the functional classification; `basic` to `closing` are general budget appropriation, the rest other money.

    Income: institutional, other, superior (上级补助), business (经营), affiliates (附属单位上缴). Expenditure: own_basic, own_project,
    own_business (经营支出), paid_up (上缴上级支出), granted (对附属单位补助支出).
    """

    code: str
    basic: Decimal = ZERO
    project: Decimal = ZERO
    initial: Decimal = ZERO
    full: Decimal = ZERO
    opening: Decimal = ZERO
    closing: Decimal = ZERO
    own_basic: Decimal = ZERO
    own_project: Decimal = ZERO
    institutional: Decimal = ZERO
    other: Decimal = ZERO
    superior: Decimal = ZERO
    business: Decimal = ZERO
    affiliates: Decimal = ZERO
    own_business: Decimal = ZERO
    paid_up: Decimal = ZERO
    granted: Decimal = ZERO


@dataclass(frozen=True)
class FundItem:
    """One 项 paid from a government fund or from state capital; all of it project expenditure."""

    code: str
    opening: Decimal
    income: Decimal
    project: Decimal


@dataclass(frozen=True)
class ThreePublic:
    """The “三公” lines of one column (budget or outturn)."""

    abroad: Decimal
    purchase: Decimal
    running: Decimal
    reception: Decimal

    @property
    def vehicles(self) -> Decimal:
        """Purchase and running costs of vehicles together."""
        return self.purchase + self.running

    @property
    def total(self) -> Decimal:
        """All “三公” expenses."""
        return self.abroad + self.vehicles + self.reception


@dataclass(frozen=True)
class Holdings:
    """What is counted rather than paid: procurement in 元, vehicles by kind, receptions, journeys abroad."""

    goods: Decimal
    works: Decimal
    services: Decimal
    to_small: Decimal
    to_micro: Decimal
    vehicles: Mapping[str, int]
    vehicles_bought: int
    equipment: int
    receptions: int
    guests: int
    projects: int
    delegations: int = 0
    travellers: int = 0


@dataclass(frozen=True)
class Comparatives:
    """The previous year's figures that a narrative names, in 元."""

    grand_total: Decimal
    appropriation_total: Decimal
    general_expenditure: Decimal
    staff: Decimal
    operating: Decimal
    three_public: ThreePublic


@dataclass(frozen=True)
class Year:
    """One fiscal year of the department. `economic`: 款 of the economic classification → basic expenditure by appropriation."""

    year: int
    items: tuple[Item, ...]
    funds: tuple[FundItem, ...]
    economic: Mapping[str, Decimal]
    budget: ThreePublic
    outturn: ThreePublic
    own_opening: Decimal
    distribution: Decimal
    holdings: Holdings
    names: Mapping[str, str] = field(default_factory=dict)
    capital: tuple[FundItem, ...] = ()
    surplus_used: Decimal = ZERO

    def general(self, column: str, code: str = "") -> Decimal:
        """Sum of one column of `Item` over the 项 that begin with `code`."""
        return sum((getattr(item, column) for item in self.items if item.code.startswith(code)), ZERO)

    def fund(self, column: str, code: str = "") -> Decimal:
        """Sum of one column of `FundItem` over the 项 that begin with `code`."""
        return sum((getattr(item, column) for item in self.funds if item.code.startswith(code)), ZERO)

    def fund_closing(self, code: str = "") -> Decimal:
        """What remains of the funds at the end of the year."""
        return self.fund("opening", code) + self.fund("income", code) - self.fund("project", code)

    def state(self, column: str, code: str = "") -> Decimal:
        """Sum of one column of the state capital items over the 项 that begin with `code`."""
        return sum((getattr(item, column) for item in self.capital if item.code.startswith(code)), ZERO)

    def state_closing(self, code: str = "") -> Decimal:
        """What remains of state capital at the end of the year."""
        return self.state("opening", code) + self.state("income", code) - self.state("project", code)

    def general_expenditure(self, code: str = "") -> Decimal:
        """Expenditure by general budget appropriation (T05)."""
        return self.general("basic", code) + self.general("project", code)

    def general_income(self, code: str = "") -> Decimal:
        """General budget appropriation received: what was spent, and what is carried over, less what was carried in."""
        return self.general_expenditure(code) + self.general("closing", code) - self.general("opening", code)

    def appropriation_income(self, code: str = "") -> Decimal:
        """Appropriation received, funds and state capital included."""
        return self.general_income(code) + self.fund("income", code) + self.state("income", code)

    def own_income(self, code: str = "") -> Decimal:
        """Income besides appropriation."""
        kinds = ("institutional", "other", "superior", "business", "affiliates")
        return sum((self.general(kind, code) for kind in kinds), ZERO)

    def income(self, code: str = "") -> Decimal:
        """本年收入合计 (T02)."""
        return self.appropriation_income(code) + self.own_income(code)

    def basic(self, code: str = "") -> Decimal:
        """Basic expenditure from all money (T03)."""
        return self.general("basic", code) + self.general("own_basic", code)

    def project(self, code: str = "") -> Decimal:
        """Project expenditure from all money (T03)."""
        appropriated = self.general("project", code) + self.fund("project", code) + self.state("project", code)
        return appropriated + self.general("own_project", code)

    def expenditure(self, code: str = "") -> Decimal:
        """本年支出合计 (T03)."""
        rest = sum((self.general(kind, code) for kind in ("own_business", "paid_up", "granted")), ZERO)
        return self.basic(code) + self.project(code) + rest

    @property
    def own_closing(self) -> Decimal:
        """Other money left at the end of the year."""
        kinds = ("own_basic", "own_project", "own_business", "paid_up", "granted")
        spent = sum((self.general(kind) for kind in kinds), ZERO)
        return self.own_opening + self.surplus_used + self.own_income() - spent - self.distribution

    @property
    def appropriation_opening(self) -> Decimal:
        """年初财政拨款结转和结余."""
        return self.general("opening") + self.fund("opening") + self.state("opening")

    @property
    def appropriation_closing(self) -> Decimal:
        """年末财政拨款结转和结余."""
        return self.general("closing") + self.fund_closing() + self.state_closing()

    @property
    def opening(self) -> Decimal:
        """年初结转和结余, all money."""
        return self.appropriation_opening + self.own_opening

    @property
    def closing(self) -> Decimal:
        """年末结转和结余, all money."""
        return self.appropriation_closing + self.own_closing

    @property
    def grand_total(self) -> Decimal:
        """Both 总计 of T01."""
        return self.income() + self.surplus_used + self.opening

    @property
    def appropriation_total(self) -> Decimal:
        """Both 总计 of T04."""
        return self.appropriation_income() + self.appropriation_opening

    def basic_by_kind(self, *classes: str) -> Decimal:
        """Basic expenditure by appropriation under classes of the economic classification; all of them when none is named."""
        return sum((v for code, v in self.economic.items() if not classes or code[:3] in classes), ZERO)

    @property
    def staff(self) -> Decimal:
        """人员经费."""
        return self.basic_by_kind("301", "303")

    @property
    def operating(self) -> Decimal:
        """公用经费."""
        return self.basic_by_kind() - self.staff

    def codes(self, *, funds: bool = False, general: bool = True, capital: bool = False) -> list[str]:
        """Codes of 类, 款 and 项 in printed order."""
        items = [i.code for i in self.items if general]
        items += [f.code for f in self.funds if funds] + [c.code for c in self.capital if capital]
        return sorted({code[:n] for code in items for n in (3, 5, 7)})


def comparatives(year: Year) -> Comparatives:
    """What next year's narrative will compare with."""
    return Comparatives(
        grand_total=year.grand_total,
        appropriation_total=year.appropriation_total,
        general_expenditure=year.general_expenditure(),
        staff=year.staff,
        operating=year.operating,
        three_public=year.outturn,
    )


def published(amount: Decimal) -> Decimal:
    """An amount in 元 as it is published: in 万元 with two decimals."""
    return (amount / 10000).quantize(CENT, ROUND_HALF_UP)


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """`part` in percent of `whole`, two decimals, computed from the unrounded amounts."""
    return (part * 100 / whole).quantize(CENT, ROUND_HALF_UP)
