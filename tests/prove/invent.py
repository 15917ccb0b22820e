"""Departments with accounts of consecutive years, in 元, which agree with themselves and with the year before.

Everything follows from the seed: the same number gives the same department, whatever else is generated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from tests.prove import catalogue
from tests.samples.accounts import ZERO, FundItem, Holdings, Item, ThreePublic, Year

FIRST_YEARS = (2021, 2022, 2023)


@dataclass(frozen=True)
class Department:
    """An organisation and its years; the first year is known only as the comparatives of the second."""

    number: int
    name: str
    scope: str
    years: tuple[Year, ...]


def department(seed: int, number: int, years: int = 2) -> Department:
    """The department with this number, with `years` years of accounts after the one with which they are compared."""
    r = Random(f"{seed}/{number}")
    place, office = _named(seed, number)
    own = _own_codes(r, office)
    codes = (own[0], *own[1:], *_common_codes(r))
    size = min(max(math.exp(r.gauss(math.log(6e6), 1.3)), 6e5), 2e9)
    year = _first(r, codes, size)
    made = [year]
    for _ in range(years):
        made.append(_next(r, made[-1]))
    scope = "单位" if r.random() < 0.3 else "部门"
    return Department(number, f"{place}{office}", scope, tuple(made))


def _named(seed: int, number: int) -> tuple[str, str]:
    """Region and office, another pair for every number until all pairs are used."""
    lists = (catalogue.PROVINCES, catalogue.CITIES, catalogue.COUNTIES, tuple(catalogue.OFFICES))
    pairs = math.prod(map(len, lists))
    at = (number * 1009 + seed * 31) % pairs
    words = []
    for one in lists:
        words.append(one[at % len(one)])
        at //= len(one)
    again = f"第{number // pairs + 1}分局" if number >= pairs else ""
    return "".join(words[:3]), words[3] + again


def _own_codes(r: Random, office: str) -> tuple[str, ...]:
    first, *others = next(codes for name, codes in catalogue.OFFICES.items() if office.startswith(name))
    return (first, *sorted(r.sample(others, r.randint(1, len(others)))))


def _common_codes(r: Random) -> list[str]:
    often = ("2080505", "2080506", "2101101", "2101103", "2210201")
    seldom = ("2080501", "2080502", "2080801", "2089999", "2101102", "2210202", "2210203")
    return [*often, *(code for code in seldom if r.random() < 0.35)]


def money(r: Random, middle: float, spread: float = 0.2) -> Decimal:
    """An amount in 元 and cents about `middle`, never less than 800 元."""
    return Decimal(round(max(middle * math.exp(r.gauss(0, spread)), 800) * 100)).scaleb(-2)


def _budget(r: Random, outturn: Decimal, low: float, high: float) -> Decimal:
    """What might have been budgeted for `outturn`: a figure rounded to 100 元."""
    if not outturn:
        return ZERO
    return max(Decimal(round(float(outturn) * r.uniform(low, high) / 100) * 100), Decimal(100))


# ---- one year ----------------------------------------------------------------------------------------------------------


def _first(r: Random, codes: tuple[str, ...], size: float) -> Year:
    staff = _split(r, catalogue.STAFF, size)
    operating = _split(r, catalogue.OPERATING, size * r.uniform(0.08, 0.35))
    economic = dict(sorted((staff | operating).items()))
    own_work = [code for code in codes if code[:3] not in ("208", "210", "221")]
    items = {code: Item(code) for code in sorted(set(codes))}
    for code in own_work:
        if catalogue.FUNCTIONS[code] != "行政运行":
            items[code] = replace(items[code], project=money(r, size * r.uniform(0.02, 0.4), 0.5))
    if r.random() < 0.45:
        carried = r.choice(own_work)
        items[carried] = replace(items[carried], opening=money(r, size * 0.02, 0.5))
    items = _own_money(r, items, own_work, size)
    funds = tuple(_fund(r, code, size) for code in catalogue.FUNDS if r.random() < 0.14)
    capital = tuple(_fund(r, code, size / 4) for code in catalogue.CAPITAL if r.random() < 0.06)
    year = Year(
        year=r.choice(FIRST_YEARS),
        items=tuple(items.values()),
        funds=funds,
        economic=economic,
        budget=ThreePublic(ZERO, ZERO, ZERO, ZERO),
        outturn=ThreePublic(ZERO, ZERO, ZERO, ZERO),
        own_opening=money(r, size * 0.01, 0.8) if r.random() < 0.6 else ZERO,
        distribution=ZERO,
        holdings=_NOTHING_HELD,
        names=catalogue.FUNCTIONS,
        capital=capital,
    )
    return _completed(r, year)


def _split(r: Random, weights: Mapping[str, float], total: float) -> dict[str, Decimal]:
    """The codes in use with an amount each."""
    used = {code: weight for code, weight in weights.items() if r.random() < catalogue.HOW_OFTEN.get(code, 1)}
    scale = total / sum(used.values())
    return {code: money(r, weight * scale, 0.25) for code, weight in used.items()}


def _own_money(r: Random, items: dict[str, Item], own_work: list[str], size: float) -> dict[str, Item]:
    """Income besides appropriation and what was spent of it, in some departments."""
    made = dict(items)

    def earn(code: str, source: str, spent: str, share: float) -> None:
        earned = money(r, size * share, 0.6)
        kept = Decimal(round(float(earned) * r.uniform(0.0, 0.2)))
        made[code] = replace(made[code], **{source: earned, spent: earned - kept})

    main = own_work[0]
    if r.random() < 0.6:
        earn(main, "other", "own_basic", 0.004)
    others = own_work[1:] or own_work
    if r.random() < 0.3:
        earn(others[0], "institutional", "own_project", 0.05)
    if r.random() < 0.15:
        earn(others[-1], "superior", "granted" if r.random() < 0.3 else "own_basic", 0.02)
    if r.random() < 0.12:
        earn(others[-1], "business", "own_business", 0.03)
    if r.random() < 0.08:
        earn(main, "affiliates", "paid_up", 0.01)
    return made


def _fund(r: Random, code: str, size: float) -> FundItem:
    income = money(r, size * 0.1, 0.8)
    opening = money(r, size * 0.01, 0.5) if r.random() < 0.4 else ZERO
    return FundItem(code, opening, income, _of(r, income + opening, 0.7, 1.0))


def _of(r: Random, amount: Decimal, low: float, high: float) -> Decimal:
    """A part of `amount`; often all of it."""
    if r.random() < 0.4:
        return amount
    return (amount * Decimal(round(r.uniform(low, high), 4))).quantize(Decimal("0.01"))


def _next(r: Random, before: Year) -> Year:
    """The year after: what was left is what it begins with."""

    def moved(amount: Decimal) -> Decimal:
        return money(r, float(amount), 0.1) if amount else ZERO

    kinds = ("project", "institutional", "other", "superior", "business", "affiliates")
    spent = {"other": "own_basic", "institutional": "own_project", "business": "own_business", "affiliates": "paid_up"}
    items = []
    for item in before.items:
        amounts = {kind: moved(getattr(item, kind)) for kind in kinds}
        for source in (*spent, "superior"):
            use = spent.get(source) or ("granted" if item.granted else "own_basic")
            if amounts[source]:
                amounts[use] = amounts.get(use, ZERO) + _of(r, amounts[source], 0.85, 1.0)
        items.append(Item(item.code, opening=item.closing, **amounts))
    year = replace(
        before,
        year=before.year + 1,
        items=tuple(items),
        funds=tuple(_next_fund(r, item) for item in before.funds),
        capital=tuple(_next_fund(r, item) for item in before.capital),
        economic={code: moved(amount) for code, amount in before.economic.items()},
        own_opening=before.own_closing,
        distribution=ZERO,
        surplus_used=ZERO,
    )
    return _completed(r, year)


def _next_fund(r: Random, item: FundItem) -> FundItem:
    opening = item.opening + item.income - item.project
    income = money(r, float(item.income), 0.15)
    return FundItem(item.code, opening, income, _of(r, opening + income, 0.8, 1.0))


def _completed(r: Random, year: Year) -> Year:
    """Basic expenditure by 项, budgets, balances, “三公” and what is counted: all that follows from the rest."""
    basic = _basic_by_item(year)
    items = []
    for item in year.items:
        item = replace(item, basic=basic.get(item.code, ZERO))
        outturn = item.basic + item.project
        carries = item.project and r.random() < 0.25
        item = replace(
            item,
            closing=money(r, float(item.project) * 0.08) if carries else ZERO,
            initial=_budget(r, outturn, 0.85, 1.15) if r.random() < 0.9 else outturn,
            full=_budget(r, outturn, 1.001, 1.05),
        )
        items.append(item)
    year = replace(year, items=tuple(item for item in items if item.basic or item.project))
    outturn = _three_public(r, year)
    budget = ThreePublic(*(_budget(r, amount, 1.01, 1.3) for amount in _parts(outturn)))
    year = replace(year, outturn=outturn, budget=budget)
    if year.general("institutional") and r.random() < 0.3:
        year = replace(year, surplus_used=money(r, float(year.general("institutional")) * 0.1))
    if year.own_closing > 10000 and r.random() < 0.3:
        year = replace(year, distribution=(year.own_closing / 5).quantize(Decimal("0.01")))
    return replace(year, holdings=_held(r, year))


def _basic_by_item(year: Year) -> dict[str, Decimal]:
    """Basic expenditure follows from the economic classification; 行政运行 takes what no other 项 does."""
    paid = year.economic
    codes = {item.code for item in year.items}
    sources = {
        "2080505": "30108", "2080506": "30109", "2101101": "30110", "2101103": "30111", "2210201": "30113",
        "2080801": "30304", "2089999": "30112",
    }  # fmt: skip
    basic = {code: paid[source] for code, source in sources.items() if code in codes and source in paid}
    retired = next((code for code in ("2080501", "2080502") if code in codes), None)
    if retired and "30302" in paid:
        basic[retired] = paid["30302"]
    if "2101102" in codes:
        basic["2101102"] = (basic["2101101"] / 3).quantize(Decimal("0.01"))
        basic["2101101"] -= basic["2101102"]
    for code in ("2210202", "2210203"):
        if code in codes:
            basic[code] = (paid["30102"] / 20).quantize(Decimal("0.01"))
    main = min((item.code for item in year.items if catalogue.FUNCTIONS[item.code] == "行政运行"), default="")
    basic[main] = sum(paid.values(), ZERO) - sum(basic.values(), ZERO)
    return basic


def _parts(kind: ThreePublic) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return kind.abroad, kind.purchase, kind.running, kind.reception


def _three_public(r: Random, year: Year) -> ThreePublic:
    """Outturn: what stands under the economic classification, and sometimes more of it paid for projects.

    No more than a rise between two years leaves unasked: one by half asks for an explanation.
    """
    paid = [year.economic.get(code, ZERO) for code in ("30212", "31013", "30231", "30217")]
    if year.general("project") > 200000 and r.random() < 0.3:
        paid[2] += (paid[2] * Decimal(round(r.uniform(0.05, 0.15), 2))).quantize(Decimal("0.01"))
    return ThreePublic(*paid)


_NOTHING_HELD = Holdings(ZERO, ZERO, ZERO, ZERO, ZERO, {}, 0, 0, 0, 0, 0)


def _held(r: Random, year: Year) -> Holdings:
    spent = float(year.general_expenditure())
    goods, services = money(r, spent * 0.02), money(r, spent * 0.04)
    works = money(r, spent * 0.05) if r.random() < 0.4 else ZERO
    small = _of(r, goods + works + services, 0.5, 0.95)
    # Each for less than 300,000 yuan: dearer ones ask for an explanation.
    bought = r.randint(1, 2) + int(year.outturn.purchase // 300000) if year.outturn.purchase else 0
    kinds = dict.fromkeys(catalogue.VEHICLES, 0)
    held = int(year.outturn.running // 35000) + 1 + bought if year.outturn.running else bought
    for _ in range(held):
        kinds[r.choice(catalogue.VEHICLES[1:])] += 1
    meals = int(year.outturn.reception // 900) + 1 if year.outturn.reception else 0
    travellers = int(year.outturn.abroad // 40000) + 1 if year.outturn.abroad else 0
    projects = 1 + sum(bool(item.project) for item in year.items)
    return Holdings(
        goods=goods,
        works=works,
        services=services,
        to_small=small,
        to_micro=_of(r, small, 0.3, 0.9),
        vehicles=kinds,
        vehicles_bought=bought,
        equipment=r.randint(0, 6),
        receptions=meals,
        guests=meals * r.randint(5, 9),
        projects=projects if year.general("project") else 0,
        delegations=(travellers + 4) // 5,
        travellers=travellers,
    )
