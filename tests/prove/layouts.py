"""Layouts of forms that some places use and the samples do not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.samples.accounts import ZERO, Year
from tests.samples.layout import ECONOMIC_NAMES
from tests.samples.sheets import Coded, Sheet, coded, shown

STAFF = ("301", "303")


def basic_in_one_list(year: Year) -> Sheet:
    """Form 06 with one list of codes, each amount once more under staff or operating expenditure."""
    note = "注：本表按支出经济分类列出一般公共预算财政拨款基本支出的明细。"
    sheet = Sheet("T06", "公开06表", "一般公共预算财政拨款基本支出决算表", (12, 34, 16, 16, 16), (note,), 2)
    sheet.put(0, 0, "项目", "head", columns=2)
    sheet.put(0, 2, "基本支出", "head", columns=3)
    for column, title in enumerate(("经济分类科目编码", "科目名称", "合计", "人员经费", "公用经费")):
        sheet.put(1, column, title, "head")
    sheet.put(2, 0, "合计", "total", columns=2)
    _amounts(sheet, 2, "合计", year.basic_by_kind(), year.staff, year.operating)
    codes = sorted({code[:length] for code in year.economic for length in (3, 5)})
    for row, code in enumerate(codes, 3):
        amount = year.economic[code] if len(code) == 5 else year.basic_by_kind(code)
        sheet.put(row, 0, code, "code")
        sheet.put(row, 1, ECONOMIC_NAMES[code], "label")
        is_staff = code[:3] in STAFF
        _amounts(sheet, row, code, amount, amount if is_staff else ZERO, ZERO if is_staff else amount)
    return sheet


def _amounts(sheet: Sheet, row: int, key: str, *amounts: Decimal) -> None:
    for column, (title, amount) in enumerate(zip(("决算数", "人员经费", "公用经费"), amounts, strict=True), 2):
        sheet.put(row, column, shown(amount), "amount", key=f"{key}/{title}")


def state_capital_in_full(year: Year, *, numbered: bool) -> Sheet:
    """Form 09 with opening balance, income and closing balance, as form 08 has them."""

    def of(column: str) -> Callable[[str], Decimal]:
        return lambda code: year.state(column, code)

    columns = (
        ("年初结转和结余", of("opening")),
        ("本年收入", of("income")),
        ("小计", of("project")),
        ("基本支出", lambda _: ZERO),
        ("项目支出", of("project")),
        ("年末结转和结余", year.state_closing),
    )
    note = "注：本表列出国有资本经营预算财政拨款全年的收入、支出和结转结余。"
    if not year.capital:
        note = f"注：本部门{year.year}年度没有国有资本经营预算财政拨款收入，也没有安排支出，本表无数据。"
    title = "国有资本经营预算财政拨款收入支出决算表"
    spec = Coded("T09", "公开09表", title, note, columns, 3 if numbered else 1, ("本年支出", 2, 5))
    return coded(year, spec, year.codes(general=False, capital=True), numbered)
