"""The nine official forms of a year, laid out as cells: what the workbook and the PDF both print.

`numbered` gives the ministry's workbook layout (行次 columns, a 栏次 row, “三公” across the page); without it the forms stand as
departments set them in a PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from .accounts import ThreePublic, Year, published
from .layout import CLASS_LINES, ECONOMIC_NAMES, ECONOMIC_PANELS, numeral

Value = str | int | Decimal | None


@dataclass(frozen=True)
class Cell:
    """One printed cell, counted from 0; `role`: head, label, code, amount or number. `key`: "row/column" of an amount."""

    row: int
    column: int
    value: Value
    role: str
    rows: int = 1
    columns: int = 1
    key: str = ""


@dataclass
class Sheet:
    """One form. `widths`: of the columns, in characters; `head`: how many rows of headings; `codes`: columns of codes."""

    form: str
    mark: str
    title: str
    widths: tuple[float, ...]
    notes: tuple[str, ...]
    head: int = 0
    cells: list[Cell] = field(default_factory=list)

    def put(
        self, row: int, column: int, value: Value, role: str, rows: int = 1, columns: int = 1, key: str = ""
    ) -> None:
        """Add a cell."""
        self.cells.append(Cell(row, column, value, role, rows, columns, key))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max(cell.row + cell.rows for cell in self.cells)


def forms(year: Year, *, numbered: bool) -> list[Sheet]:
    """The nine forms in their order."""
    sheets = [
        _summary(year, numbered),
        _income(year, numbered),
        _expenditure(year, numbered),
        _appropriation(year, numbered),
        _general_budget(year, numbered),
        _basic(year),
        _three_public_across(year) if numbered else _three_public_down(year),
        _fund(year, numbered),
        _state_capital(year, numbered),
    ]
    if numbered:
        conversion = "金额由元换算为万元后四舍五入，合计与分项在末位可能略有出入。"
        for sheet in sheets:
            sheet.notes = (*sheet.notes, conversion)
    return sheets


def shown(amount: Decimal) -> Decimal | None:
    """An amount as printed in a form: nothing where there is nothing."""
    return published(amount) if amount else None


Lines = list[tuple[str, Decimal | None]]


def _summary(year: Year, numbered: bool) -> Sheet:
    widths = (30.0, 6.0, 14.0, 30.0, 6.0, 14.0) if numbered else (32.0, 14.0, 32.0, 14.0)
    sheet = Sheet(
        "T01", "公开01表", "收入支出决算总表", widths, ("注：本表列出全年各项收入、支出的总数和年末的结余。",)
    )
    sheet.head = 3 if numbered else 2
    step = 3 if numbered else 2
    for side, (heading, lines) in enumerate((("收入", _income_lines(year)), ("支出", _expenditure_lines(year)))):
        start = side * step
        sheet.put(0, start, heading, "head", columns=step)
        titles = ("项目", "行次", "决算数") if numbered else ("项目", "决算数")
        for offset, title in enumerate(titles):
            sheet.put(1, start + offset, title, "head")
        if numbered:
            _column_numbers(sheet, 2, start, ("栏次", None, side + 1))
        for position, (label, amount) in enumerate(lines):
            row = sheet.head + position
            sheet.put(row, start, label, "total" if label == "总计" else "label")
            if numbered:
                sheet.put(row, start + 1, side * len(lines) + position + 1, "number")
            value = None if amount is None else shown(amount)
            sheet.put(row, start + step - 1, value, "amount", key=f"{heading}{label}/决算数")
    return sheet


def _income_lines(year: Year) -> Lines:
    sources = (
        ("一般公共预算财政拨款收入", year.general_income()),
        ("政府性基金预算财政拨款收入", year.fund("income")),
        ("国有资本经营预算财政拨款收入", year.state("income")),
        ("上级补助收入", year.general("superior")),
        ("事业收入", year.general("institutional")),
        ("经营收入", year.general("business")),
        ("附属单位上缴收入", year.general("affiliates")),
        ("其他收入", year.general("other")),
    )
    lines: Lines = [(f"{numeral(n)}、{name}", amount) for n, (name, amount) in enumerate(sources, 1)]
    lines += [("", None)] * (len(CLASS_LINES) - len(sources))
    lines += [("本年收入合计", year.income()), ("使用非财政拨款结余（含专用结余）", year.surplus_used)]
    return [*lines, ("年初结转和结余", year.opening), ("总计", year.grand_total)]


def _expenditure_lines(year: Year) -> Lines:
    lines: Lines = [
        (f"{numeral(n)}、{name}", year.expenditure(code)) for n, (code, name) in enumerate(CLASS_LINES.items(), 1)
    ]
    lines += [("本年支出合计", year.expenditure()), ("结余分配", year.distribution)]
    return [*lines, ("年末结转和结余", year.closing), ("总计", year.grand_total)]


FUNDS = ("一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款")


def _appropriation(year: Year, numbered: bool) -> Sheet:
    widths = (24, 5, 11, 24, 5, 11, 11, 11, 11) if numbered else (27, 12, 27, 11, 11, 11, 11)
    note = "注：本表列出三项财政拨款全年的收入、支出和结转结余。"
    sheet = Sheet("T04", "公开04表", "财政拨款收入支出决算总表", widths, (note,))
    _appropriation_head(sheet, numbered)
    left, right = _appropriation_income(year), _appropriation_expenditure(year)
    lead = 2 if numbered else 1
    for position, ((label, amount), (name, parts)) in enumerate(zip(left, right, strict=True)):
        row = sheet.head + position
        sheet.put(row, 0, label, "total" if label == "总计" else "label")
        opening = (
            "年初"
            if position > len(CLASS_LINES) + 1 and label in (f"{numeral(n)}、{f}" for n, f in enumerate(FUNDS, 1))
            else ""
        )
        sheet.put(row, lead, None if amount is None else shown(amount), "amount", key=f"收入{opening}{label}/决算数")
        sheet.put(row, lead + 1, name, "total" if name == "总计" else "label")
        if numbered:
            sheet.put(row, 1, position + 1, "number")
            sheet.put(row, lead + 2, len(left) + position + 1, "number")
        for offset, (title, value) in enumerate(zip(("合计", *FUNDS), (sum(parts, Decimal(0)), *parts), strict=True)):
            sheet.put(row, 2 * lead + 1 + offset, shown(value), "amount", key=f"支出{name}/{title}")
    return sheet


def _appropriation_income(year: Year) -> Lines:
    received = (year.general_income(), year.fund("income"), year.state("income"))
    carried = (year.general("opening"), year.fund("opening"), year.state("opening"))
    names = [f"{numeral(n)}、{name}" for n, name in enumerate(FUNDS, 1)]
    lines: Lines = [*zip(names, received, strict=True), *[("", None)] * (len(CLASS_LINES) - 3)]
    lines += [("本年收入合计", year.appropriation_income()), ("年初财政拨款结转和结余", year.appropriation_opening)]
    return [*lines, *zip(names, carried, strict=True), ("总计", year.appropriation_total)]


def _appropriation_expenditure(year: Year) -> list[tuple[str, tuple[Decimal, Decimal, Decimal]]]:
    nothing = Decimal(0)
    lines = [
        (
            f"{numeral(n)}、{name}",
            (year.general_expenditure(code), year.fund("project", code), year.state("project", code)),
        )
        for n, (code, name) in enumerate(CLASS_LINES.items(), 1)
    ]
    lines += [("本年支出合计", (year.general_expenditure(), year.fund("project"), year.state("project")))]
    lines += [("年末财政拨款结转和结余", (year.general("closing"), year.fund_closing(), year.state_closing()))]
    lines += [("", (nothing, nothing, nothing))] * 3
    general = year.general_income() + year.general("opening")
    fund, state = year.fund("income") + year.fund("opening"), year.state("income") + year.state("opening")
    return [*lines, ("总计", (general, fund, state))]


def _appropriation_head(sheet: Sheet, numbered: bool) -> None:
    lead = 2 if numbered else 1
    line = ("行次",) if numbered else ()
    sheet.put(0, 0, "收入", "head", columns=lead + 1)
    sheet.put(0, lead + 1, "支出", "head", columns=lead + 4)
    for offset, title in enumerate(("项目", *line, "决算数")):
        sheet.put(1, offset, title, "head")
    for offset, title in enumerate(("项目", *line, "合计", *FUNDS)):
        sheet.put(1, lead + 1 + offset, title, "head")
    sheet.head = 2
    if numbered:
        _column_numbers(sheet, 2, 0, ("栏次", None, 1, "栏次", None, 2, 3, 4, 5))
        sheet.head = 3


def _column_numbers(sheet: Sheet, row: int, start: int, values: tuple[Value, ...]) -> None:
    for offset, value in enumerate(values):
        sheet.put(row, start + offset, value, "head")


@dataclass(frozen=True)
class Coded:
    """A form with one row a code: headings (a heading may span several), columns, and how many columns the code takes."""

    form: str
    mark: str
    title: str
    note: str
    columns: tuple[tuple[str, Callable[[str], Decimal]], ...]
    code_columns: int
    group: tuple[str, int, int] | None = None


def coded(year: Year, spec: Coded, codes: list[str], numbered: bool) -> Sheet:
    lead = spec.code_columns + 1
    widths = ((4.0,) * 3 if spec.code_columns == 3 else (10.0,)) + (26,) + (13,) * len(spec.columns)
    sheet = Sheet(spec.form, spec.mark, spec.title, widths, (spec.note,))
    depth = 3 if spec.group else 2
    sheet.put(0, 0, "项目", "head", columns=lead)
    sheet.put(1, 0, "功能分类科目编码", "head", rows=depth - 1, columns=spec.code_columns)
    sheet.put(1, spec.code_columns, "科目名称", "head", rows=depth - 1)
    for offset, (title, _) in enumerate(spec.columns):
        if spec.group and spec.group[1] <= offset < spec.group[2]:
            sheet.put(1, lead + offset, title, "head", rows=depth - 1)
        else:
            sheet.put(0, lead + offset, title, "head", rows=depth)
    if spec.group:
        name, start, end = spec.group
        sheet.put(0, lead + start, name, "head", columns=end - start)
    row = depth
    if numbered:
        sheet.put(row, 0, "栏次", "head", columns=lead)
        _column_numbers(sheet, row, lead, tuple(range(1, len(spec.columns) + 1)))
        row += 1
    sheet.head = row
    for code in ["", *codes]:
        _coded_row(sheet, row, code, year.names.get(code, ""), spec, numbered)
        row += 1
    return sheet


def _coded_row(sheet: Sheet, row: int, code: str, name: str, spec: Coded, numbered: bool) -> None:
    lead = spec.code_columns + 1
    if not code:
        sheet.put(row, 0, "合计", "total", columns=lead)
    else:
        if spec.code_columns == 3 and not numbered:
            for offset, part in enumerate((code[:3], code[3:5], code[5:7])):
                sheet.put(row, offset, part or None, "code")
        else:
            sheet.put(row, 0, code, "code", columns=spec.code_columns)
        sheet.put(row, spec.code_columns, name, "label")
    for offset, (title, amount) in enumerate(spec.columns):
        sheet.put(row, lead + offset, shown(amount(code)), "amount", key=f"{code or '合计'}/{title}")


def _nothing(code: str) -> Decimal:
    return Decimal(0)


def _income(year: Year, numbered: bool) -> Sheet:
    columns = (
        ("本年收入合计", year.income),
        ("财政拨款收入", year.appropriation_income),
        ("上级补助收入", lambda code: year.general("superior", code)),
        ("事业收入", lambda code: year.general("institutional", code)),
        ("经营收入", lambda code: year.general("business", code)),
        ("附属单位上缴收入", lambda code: year.general("affiliates", code)),
        ("其他收入", lambda code: year.general("other", code)),
    )
    spec = Coded(
        "T02", "公开02表", "收入决算表", "注：本表按支出功能分类列出全年各项收入。", columns, 3 if numbered else 1
    )
    return coded(year, spec, year.codes(funds=True, capital=True), numbered)


def _expenditure(year: Year, numbered: bool) -> Sheet:
    columns = (
        ("本年支出合计", year.expenditure),
        ("基本支出", year.basic),
        ("项目支出", year.project),
        ("上缴上级支出", lambda code: year.general("paid_up", code)),
        ("经营支出", lambda code: year.general("own_business", code)),
        ("对附属单位补助支出", lambda code: year.general("granted", code)),
    )
    spec = Coded(
        "T03", "公开03表", "支出决算表", "注：本表按支出功能分类列出全年各项支出。", columns, 3 if numbered else 1
    )
    return coded(year, spec, year.codes(funds=True, capital=True), numbered)


def _general_budget(year: Year, numbered: bool) -> Sheet:
    columns = (
        ("小计", year.general_expenditure),
        ("基本支出", lambda code: year.general("basic", code)),
        ("项目支出", lambda code: year.general("project", code)),
    )
    note = "注：本表列出一般公共预算财政拨款全年的支出。"
    spec = Coded("T05", "公开05表", "一般公共预算财政拨款支出决算表", note, columns, 3, ("本年支出", 0, 3))
    return coded(year, spec, [code for code in year.codes() if year.general_expenditure(code)], numbered)


def _fund(year: Year, numbered: bool) -> Sheet:
    columns = (
        ("年初结转和结余", lambda code: year.fund("opening", code)),
        ("本年收入", lambda code: year.fund("income", code)),
        ("小计", lambda code: year.fund("project", code)),
        ("基本支出", _nothing),
        ("项目支出", lambda code: year.fund("project", code)),
        ("年末结转和结余", year.fund_closing),
    )
    note = "注：本表列出政府性基金预算财政拨款全年的收入、支出和结转结余。"
    if not year.funds:
        note = f"注：本部门{year.year}年度没有政府性基金预算财政拨款收入和支出，本表无数据。"
    title = "政府性基金预算财政拨款收入支出决算表"
    spec = Coded("T08", "公开08表", title, note, columns, 3 if numbered else 1, ("本年支出", 2, 5))
    return coded(year, spec, year.codes(funds=True, general=False), numbered)


def _state_capital(year: Year, numbered: bool) -> Sheet:
    def spent(code: str) -> Decimal:
        return year.state("project", code)

    columns = (("合计", spent), ("基本支出", _nothing), ("项目支出", spent))
    note = f"注：本部门{year.year}年度没有国有资本经营预算财政拨款收入，也没有安排支出，本表无数据。"
    if year.capital:
        note = "注：本表列出国有资本经营预算财政拨款全年的支出。"
    title = "国有资本经营预算财政拨款支出决算表"
    spec = Coded("T09", "公开09表", title, note, columns, 3 if numbered else 1, ("本年支出", 0, 3))
    return coded(year, spec, year.codes(general=False, capital=True), numbered)


def _basic(year: Year) -> Sheet:
    note = "注：本表按支出经济分类列出一般公共预算财政拨款基本支出的明细。"
    sheet = Sheet("T06", "公开06表", "一般公共预算财政拨款基本支出决算明细表", (9, 24, 12) * 3, (note,))
    sheet.put(0, 0, "人员经费", "head", columns=3)
    sheet.put(0, 3, "公用经费", "head", columns=6)
    for panel, codes in enumerate(ECONOMIC_PANELS):
        for offset, title in enumerate(("科目编码", "科目名称", "决算数")):
            sheet.put(1, panel * 3 + offset, title, "head")
        for position, code in enumerate(codes):
            amount = year.economic.get(code) if len(code) == 5 else year.basic_by_kind(code)
            sheet.put(2 + position, panel * 3, code, "code")
            sheet.put(2 + position, panel * 3 + 1, ECONOMIC_NAMES[code], "label")
            sheet.put(2 + position, panel * 3 + 2, shown(amount or Decimal(0)), "amount", key=f"{code}/决算数")
    last = 2 + max(len(codes) for codes in ECONOMIC_PANELS)
    sheet.put(last, 0, "人员经费合计", "total", columns=2)
    sheet.put(last, 2, published(year.staff), "amount", key="人员经费合计/决算数")
    sheet.put(last, 3, "公用经费合计", "total", columns=5)
    sheet.put(last, 8, published(year.operating), "amount", key="公用经费合计/决算数")
    sheet.head = 2
    return sheet


def _three_public_values(kind: ThreePublic) -> tuple[tuple[str, Decimal], ...]:
    return (
        ("合计", kind.total),
        ("因公出国（境）费", kind.abroad),
        ("小计", kind.vehicles),
        ("公务用车购置费", kind.purchase),
        ("公务用车运行维护费", kind.running),
        ("公务接待费", kind.reception),
    )


def _three_public_across(year: Year) -> Sheet:
    note = "注：本表列出财政拨款安排的“三公”经费；预算数为全年预算数，决算数包括当年拨款和以前年度结转资金的支出。"
    sheet = Sheet("T07", "公开07表", "财政拨款“三公”经费支出决算表", (11,) * 12, (note,))
    for side, (heading, kind) in enumerate((("预算数", year.budget), ("决算数", year.outturn))):
        start = side * 6
        sheet.put(0, start, heading, "head", columns=6)
        sheet.put(1, start + 2, "公务用车购置及运行维护费", "head", columns=3)
        for offset, (title, amount) in enumerate(_three_public_values(kind)):
            inner = offset in (2, 3, 4)
            sheet.put(2 if inner else 1, start + offset, title, "head", rows=1 if inner else 2)
            sheet.put(3, start + offset, start + offset + 1, "head")
            sheet.put(4, start + offset, published(amount), "amount", key=f"{title}/{heading}")
    sheet.head = 4
    return sheet


def _three_public_down(year: Year) -> Sheet:
    note = "注：预算数为全年预算数。"
    sheet = Sheet("T07", "公开07表", "财政拨款“三公”经费支出决算表", (34, 16, 16), (note,))
    for offset, title in enumerate(("项目", "预算数", "决算数")):
        sheet.put(0, offset, title, "head")
    labels = (
        "合计",
        "一、因公出国（境）费",
        "二、公务用车购置及运行维护费",
        "其中：公务用车购置费",
        "公务用车运行维护费",
        "三、公务接待费",
    )
    pairs = zip(_three_public_values(year.budget), _three_public_values(year.outturn), strict=True)
    for position, (label, ((title, budget), (_, outturn))) in enumerate(zip(labels, pairs, strict=True), 1):
        sheet.put(position, 0, label, "label")
        sheet.put(position, 1, published(budget), "amount", key=f"{title}/预算数")
        sheet.put(position, 2, published(outturn), "amount", key=f"{title}/决算数")
    sheet.head = 1
    return sheet
