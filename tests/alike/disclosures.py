"""Five disclosures that differ in size, codes, units, layout and correctness; all names and amounts are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.alike.tables import department, project, summary
from tests.samples.accounts import FundItem, Item, Year, comparatives
from tests.samples.archive import DEPARTMENT, YEAR_2022, YEAR_2023, YEAR_2024
from tests.samples.narrative import narrative
from tests.samples.planted import plant_in_forms, plant_in_text
from tests.samples.publication import OVERVIEW, PARTS
from tests.samples.sheets import Cell, Sheet, forms


@dataclass(frozen=True)
class Published:
    """One disclosure as it is printed. `tables`: performance tables, which stand after the narrative."""

    organisation: str
    year: int
    scope: str
    unit: str
    sheets: tuple[Sheet, ...]
    paragraphs: tuple[str, ...]
    tables: tuple[Sheet, ...] = ()
    headings: frozenset[str] = field(default_factory=frozenset)

    @property
    def cover(self) -> tuple[str, ...]:
        """The lines of the cover."""
        return self.organisation, f"{self.year}年度{self.scope}决算公开"

    @property
    def overview(self) -> tuple[str, ...]:
        """The first part, its heading included."""
        texts = (PARTS[0].replace("部门", self.scope), *(text for pair in OVERVIEW for text in pair))
        return tuple(text.replace("部门决算包括", f"{self.scope}决算包括") for text in texts)

    @property
    def parts(self) -> tuple[str, str]:
        """The headings over the forms and over the narrative."""
        second, third = (part.format(year=self.year).replace("部门", self.scope) for part in PARTS[1:3])
        return second, third

    def above(self, sheet: Sheet) -> tuple[str, str, str]:
        """What stands over a form besides its title: its mark, the department, the unit."""
        return sheet.mark, f"{self.scope}：{self.organisation}", f"金额单位：{self.unit}"


def disclosures() -> dict[str, Published]:
    """The five, by what they are like."""
    return {
        "ministry": _ministry(),
        "planted": _planted(),
        "small unit": _small_unit(),
        "large": _large(),
        "evaluated": _evaluated(),
    }


def _published(
    organisation: str,
    year: Year,
    unit: str,
    sheets: Iterable[Sheet],
    paragraphs: Iterable[str],
    *,
    scope: str = "部门",
    tables: tuple[Sheet, ...] = (),
) -> Published:
    def renamed(text: str) -> str:
        text = text.replace("单价100万元", "单价一百万").replace("万元", unit).replace("单价一百万", "单价100万元")
        return text.replace(DEPARTMENT, organisation).replace("本部门", f"本{scope}")

    named = tuple(
        replace(
            sheet,
            notes=tuple(map(renamed, sheet.notes)),
            cells=[replace(c, value=renamed(c.value) if isinstance(c.value, str) else c.value) for c in sheet.cells],
        )
        for sheet in sheets
    )
    return Published(organisation, year.year, scope, unit, named, tuple(map(renamed, paragraphs)), tables)


def _said(year: Year, before: Year | None = None) -> list[str]:
    prior = comparatives(before) if before else YEAR_2022
    return [paragraph.text for paragraph in narrative(year, prior)]


def _ministry() -> Published:
    """The ministry's workbook layout with line numbers, codes over three columns, “三公” across; nothing is wrong."""
    return _published("示例县水文站", YEAR_2023, "万元", forms(YEAR_2023, numbered=True), _said(YEAR_2023))


def _planted() -> Published:
    """Departments' own layout with every planted error; labels wrap, “三公” downwards."""
    sheets, _ = plant_in_forms(forms(YEAR_2024, numbered=False))
    paragraphs, _ = plant_in_text(narrative(YEAR_2024, comparatives(YEAR_2023)))
    return _published("示例市林业局", YEAR_2024, "万元", sheets, [paragraph.text for paragraph in paragraphs])


def _small_unit() -> Published:
    """A unit's accounts in 元: two forms without data that say so, an overdrawn opening balance, zeros printed as such."""
    items = tuple(replace(item, institutional=Decimal(0)) for item in YEAR_2023.items[:7])
    year = _times(replace(YEAR_2023, items=items, funds=()), 10000)
    year = replace(year, own_opening=-abs(year.own_opening) - 100)
    sheets = [with_zeros(sheet) for sheet in forms(year, numbered=False)]
    note = f"注：本单位{year.year}年度没有政府性基金预算财政拨款收入和支出，故本表无数据。"
    sheets[7] = replace(sheets[7], notes=(note,), cells=[c for c in sheets[7].cells if c.row < sheets[7].head])
    paragraphs = [text for text in _said(year) if "政府性基金预算财政拨款年初" not in text and "（类）8" not in text]
    return _published("示例县实验小学", year, "元", sheets, paragraphs, scope="单位")


def _large() -> Published:
    """A hundred codes in 千元, with labels so long that they wrap in every form, in the ministry's layout."""
    names = dict(YEAR_2024.names)
    items = list(YEAR_2024.items)
    for section in range(1, 13):
        names[f"213{section + 60}"] = f"第{section}类农林水方面的专门事务与公共服务"
        for number in range(1, 9):
            code = f"213{section + 60}{number:02d}"
            names[code] = f"第{section}类第{number}项农林水方面用于基层的专门业务活动与设施维护支出"
            cost = (Decimal(section * 10007 + number * 1003) / 7).quantize(Decimal("0.01"))
            items.append(Item(code, project=cost, initial=cost + section * 100, full=cost))
    names["213"] = "农林水支出"
    ordered = tuple(sorted(items, key=lambda item: item.code))
    year = _times(replace(YEAR_2024, items=ordered, names=names), 10)
    sheets = forms(year, numbered=True)
    return _published("示例省农业农村厅", year, "千元", sheets, _said(year, _times(YEAR_2023, 10)))


def _evaluated() -> Published:
    """亿元, forms with wrong sums, “三公” with conferences and training, and performance tables with a wrong score."""
    year = replace(YEAR_2024, funds=(FundItem("2296010", Decimal(0), Decimal("90000"), Decimal("90000")),))
    sheets = [
        _wrong(sheet, {"T03": "2012601/基本支出", "T01": "收入总计/决算数"}) for sheet in forms(year, numbered=False)
    ]
    sheets[6] = _with_meetings(sheets[6])
    office = "示例市水务局"
    tables = (
        department(office),
        project("河道清淤", office, "57.25", "97.86%", "9.80", "95.80"),
        project("管网改造", office, "58.50", "100.00%", "10.00", "97.00"),
        summary(
            office,
            [("河道清淤", "58.50", "57.25", "97.86%", "95.80"), ("管网改造", "58.50", "58.50", "98.00%", "96.00")],
        ),
    )
    return _published(office, year, "亿元", sheets, _said(year, YEAR_2023), tables=tables)


def _times(year: Year, factor: int) -> Year:
    """All amounts of a year multiplied, so that in 万元 they print the digits that another unit would."""
    money: Callable[[Decimal], Decimal] = lambda amount: amount * factor  # noqa: E731

    def each(thing: object) -> dict[str, Decimal]:
        return {name: money(value) for name in _fields(thing) if isinstance(value := getattr(thing, name), Decimal)}

    return replace(
        year,
        items=tuple(replace(item, **each(item)) for item in year.items),
        funds=tuple(replace(fund, **each(fund)) for fund in year.funds),
        economic={code: money(amount) for code, amount in year.economic.items()},
        budget=replace(year.budget, **each(year.budget)),
        outturn=replace(year.outturn, **each(year.outturn)),
        holdings=replace(year.holdings, **each(year.holdings)),
        **each(year),
    )


def _fields(thing: object) -> Iterable[str]:
    return getattr(thing, "__dataclass_fields__", {})


def with_zeros(sheet: Sheet) -> Sheet:
    """Nothing is printed as 0.00 beside every label of rows that print any amount."""
    printed = {cell.row for cell in sheet.cells if isinstance(cell.value, Decimal)}

    def is_zero(cell: Cell) -> bool:
        named = cell.key.partition("/")[0] not in ("", "收入", "支出")
        return cell.role == "amount" and cell.value is None and named and cell.row in printed

    return replace(
        sheet, cells=[replace(cell, value=Decimal("0.00")) if is_zero(cell) else cell for cell in sheet.cells]
    )


def _wrong(sheet: Sheet, keys: Mapping[str, str]) -> Sheet:
    """One amount of the form is printed 7.00 too high."""

    def printed(cell: Cell) -> Cell:
        hit = isinstance(cell.value, Decimal) and cell.key == keys.get(sheet.form)
        return replace(cell, value=cell.value + 7) if hit and isinstance(cell.value, Decimal) else cell

    return replace(sheet, cells=[printed(cell) for cell in sheet.cells])


def _with_meetings(sheet: Sheet) -> Sheet:
    """The “三公” form of places that print conferences and training below it."""
    rows = sheet.rows
    added = []
    for offset, label in enumerate(("四、会议费", "五、培训费")):
        added.append(Cell(rows + offset, 0, label, "label"))
        added += [
            Cell(rows + offset, column, Decimal("1.25") * (offset + column), "amount", key=f"{label}/{column}")
            for column in (1, 2)
        ]
    title = "财政拨款“三公”经费、会议费和培训费支出决算表"
    return replace(sheet, title=title, cells=[*sheet.cells, *added])
