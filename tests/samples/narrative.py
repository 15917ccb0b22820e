"""The narrative of a year (情况说明) in plain sentences whose every number comes from the accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from .accounts import Comparatives, Item, ThreePublic, Year, percent, published
from .archive import DEPARTMENT

NO_CHANGE = "与上年持平"


@dataclass(frozen=True)
class Paragraph:
    """One printed paragraph. `level`: 1 and 2 headings, 0 running text. `section`: the heading it stands under, "五（三）"."""

    section: str
    text: str
    level: int = 0


def narrative(year: Year, prior: Comparatives) -> list[Paragraph]:
    """The thirteen sections in their order."""
    sections = (
        ("一", "收入支出决算总体情况说明", _overall(year, prior)),
        ("二", "收入决算情况说明", _income(year)),
        ("三", "支出决算情况说明", _expenditure(year)),
        ("四", "财政拨款收入支出决算总体情况说明", _appropriation(year, prior)),
        ("五", "一般公共预算财政拨款支出决算情况说明", _general_budget(year, prior)),
        ("六", "一般公共预算财政拨款基本支出决算情况说明", _basic(year, prior)),
        ("七", "财政拨款“三公”经费支出决算情况说明", _three_public(year, prior.three_public)),
        ("八", "政府性基金预算财政拨款收入支出决算情况说明", _fund(year)),
        ("九", "国有资本经营预算财政拨款支出决算情况说明", _state_capital(year)),
        ("十", "机关运行经费支出情况说明", _operating(year, prior)),
        ("十一", "政府采购支出情况说明", _procurement(year)),
        ("十二", "国有资产占用情况说明", _assets(year)),
        ("十三", "预算绩效情况说明", _performance(year)),
    )
    paragraphs: list[Paragraph] = []
    for number, title, content in sections:
        paragraphs.append(Paragraph(number, f"{number}、{title}", 1))
        section = number
        for text in content:
            if text.startswith("（"):
                section = number + text[: text.index("）") + 1]
            heading = text.startswith("（") and not text.endswith("。")
            paragraphs.append(Paragraph(section, text, 2 if heading else 0))
    return paragraphs


def money(amount: Decimal) -> str:
    """An amount in 元 as the narrative prints it."""
    return f"{published(amount)}万元"


def change(current: Decimal, prior: Decimal, each: str = "") -> str:
    """How an amount moved against the year before, in words."""
    if published(current) == published(prior):
        return NO_CHANGE
    up = current > prior
    difference = abs(current - prior)
    words = ("增加", "增长") if up else ("减少", "下降")
    rate = f"，{words[1]}{percent(difference, prior)}%" if prior else ""
    return f"比上年{each}{words[0]}{money(difference)}{rate}"


def _share(label: str, part: Decimal, whole: Decimal) -> str:
    return f"{label}{money(part)}，占{percent(part, whole)}%"


def _completion(budget_name: str, outturn: Decimal, budget: Decimal) -> str:
    relation = "大于" if outturn > budget else "小于" if outturn < budget else "等于"
    return f"完成{budget_name}的{percent(outturn, budget)}%，决算数{relation}{budget_name}数"


def _overall(year: Year, prior: Comparatives) -> Iterator[str]:
    up = year.grand_total > prior.grand_total
    reason = "馆藏数字化和库房改造的任务增多" if up else "一般性支出继续压减"
    yield (
        f"{year.year}年度收入总计、支出总计均为{money(year.grand_total)}，"
        f"{change(year.grand_total, prior.grand_total, '各')}，主要是因为{reason}。"
    )


def _income(year: Year) -> Iterator[str]:
    total = year.income()
    yield (
        f"{year.year}年度收入合计{money(total)}，其中："
        + "；".join(
            (
                _share("财政拨款收入", year.appropriation_income(), total),
                _share("事业收入", year.general("institutional"), total),
                _share("其他收入", year.general("other"), total),
            )
        )
        + "。"
    )


def _expenditure(year: Year) -> Iterator[str]:
    total = year.expenditure()
    parts = (_share("基本支出", year.basic(), total), _share("项目支出", year.project(), total))
    yield f"{year.year}年度支出合计{money(total)}，其中：{'；'.join(parts)}。"


def _appropriation(year: Year, prior: Comparatives) -> Iterator[str]:
    yield (
        f"{year.year}年度财政拨款收入总计、支出总计均为{money(year.appropriation_total)}，上年为{money(prior.appropriation_total)}，"
        f"{change(year.appropriation_total, prior.appropriation_total, '各')}，主要是因为项目安排有所调整。"
    )


def _general_budget(year: Year, prior: Comparatives) -> Iterator[str]:
    total = year.general_expenditure()
    yield "（一）一般公共预算财政拨款支出决算总体情况"
    yield (
        f"{year.year}年度一般公共预算财政拨款支出{money(total)}，占本年支出合计的{percent(total, year.expenditure())}%，"
        f"{change(total, prior.general_expenditure)}，主要是因为档案数字化项目的进度有变化。"
    )
    yield "（二）一般公共预算财政拨款支出决算结构情况"
    classes = [code for code in year.codes() if len(code) == 3]
    shares = "；".join(_share(f"{year.names[code]}（类）", year.general_expenditure(code), total) for code in classes)
    yield f"{year.year}年度一般公共预算财政拨款支出{money(total)}，按用途分：{shares}。"
    yield "（三）一般公共预算财政拨款支出决算具体情况"
    yield (
        f"{year.year}年度一般公共预算财政拨款支出年初预算为{money(year.general('initial'))}，支出决算为{money(total)}，"
        f"{_completion('年初预算', total, year.general('initial'))}。其中："
    )
    for number, item in enumerate(year.items, 1):
        yield f"{number}、{_item(year, item)}"


def _item(year: Year, item: Item) -> str:
    outturn = year.general_expenditure(item.code)
    names = year.names
    path = f"{names[item.code[:3]]}（类）{names[item.code[:5]]}（款）{names[item.code]}（项）"
    if outturn > item.initial:
        reason = "年中按程序追加了预算"
    elif outturn < item.initial:
        reason = "实际需要比编制预算时估计的少"
    else:
        reason = "按预算执行"
    return (
        f"{path}。年初预算为{money(item.initial)}，全年预算为{money(item.full)}，支出决算为{money(outturn)}，"
        f"{_completion('年初预算', outturn, item.initial)}，原因是{reason}。"
    )


def _basic(year: Year, prior: Comparatives) -> Iterator[str]:
    yield f"{year.year}年度一般公共预算财政拨款基本支出{money(year.general('basic'))}，由人员经费和公用经费组成。"
    yield (
        f"（一）人员经费{money(year.staff)}，{change(year.staff, prior.staff)}。其中："
        f"工资福利支出{money(year.basic_by_kind('301'))}，对个人和家庭的补助{money(year.basic_by_kind('303'))}。"
    )
    yield (
        f"（二）公用经费{money(year.operating)}，{change(year.operating, prior.operating)}。其中："
        f"商品和服务支出{money(year.basic_by_kind('302'))}，资本性支出{money(year.basic_by_kind('310'))}。"
    )


def _three_public(year: Year, prior: ThreePublic) -> Iterator[str]:
    budget, outturn, held = year.budget, year.outturn, year.holdings
    yield "（一）“三公”经费总体情况"
    yield (
        f"{year.year}年度“三公”经费全年预算为{money(budget.total)}，支出决算为{money(outturn.total)}，"
        f"{_completion('全年预算', outturn.total, budget.total)}；{change(outturn.total, prior.total)}。"
    )
    yield "（二）“三公”经费具体情况"
    yield "1、因公出国（境）费全年预算为0.00万元，支出决算为0.00万元，与上年持平。全年因公出国（境）团组0个，累计0人次。"
    yield (
        f"2、公务用车购置及运行维护费全年预算为{money(budget.vehicles)}，支出决算为{money(outturn.vehicles)}，"
        f"{_completion('全年预算', outturn.vehicles, budget.vehicles)}；{change(outturn.vehicles, prior.vehicles)}。其中："
        f"公务用车购置费支出{money(outturn.purchase)}，全年购置公务用车{held.vehicles_bought}辆；"
        f"公务用车运行维护费支出{money(outturn.running)}，年末公务用车保有量{sum(held.vehicles.values())}辆。"
    )
    yield (
        f"3、公务接待费全年预算为{money(budget.reception)}，支出决算为{money(outturn.reception)}，"
        f"{_completion('全年预算', outturn.reception, budget.reception)}；{change(outturn.reception, prior.reception)}。"
        f"全年国内公务接待{held.receptions}批次、{held.guests}人次；国（境）外公务接待0批次、0人次。"
    )


def _fund(year: Year) -> Iterator[str]:
    yield (
        f"{year.year}年度政府性基金预算财政拨款年初结转和结余{money(year.fund('opening'))}，本年收入{money(year.fund('income'))}，"
        f"本年支出{money(year.fund('project'))}，年末结转和结余{money(year.fund_closing())}。支出全部是项目支出，用于档案文化展览。"
    )


def _state_capital(year: Year) -> Iterator[str]:
    yield f"{year.year}年度没有国有资本经营预算财政拨款收入，也没有安排支出。"


def _operating(year: Year, prior: Comparatives) -> Iterator[str]:
    yield (
        f"{year.year}年度机关运行经费支出{money(year.operating)}，上年为{money(prior.operating)}，"
        f"{change(year.operating, prior.operating)}，主要是因为办公用品集中采购，办公成本有变化。"
    )


def _procurement(year: Year) -> Iterator[str]:
    held = year.holdings
    total = held.goods + held.works + held.services
    yield (
        f"{year.year}年度政府采购支出总额{money(total)}，其中：政府采购货物支出{money(held.goods)}、"
        f"政府采购工程支出{money(held.works)}、政府采购服务支出{money(held.services)}。授予中小企业合同金额{money(held.to_small)}，"
        f"占政府采购支出总额的{percent(held.to_small, total)}%，其中：授予小微企业合同金额{money(held.to_micro)}，"
        f"占授予中小企业合同金额的{percent(held.to_micro, held.to_small)}%。"
    )


def _assets(year: Year) -> Iterator[str]:
    kinds = "、".join(f"{kind}{count}辆" for kind, count in year.holdings.vehicles.items())
    yield (
        f"截至{year.year}年12月31日，{DEPARTMENT}共有车辆{sum(year.holdings.vehicles.values())}辆，其中：{kinds}；"
        f"单价100万元（含）以上设备（不含车辆）{year.holdings.equipment}台（套）。"
    )


def _performance(year: Year) -> Iterator[str]:
    project = year.general("project")
    yield (
        f"{year.year}年度对一般公共预算安排的{year.holdings.projects}个项目开展了绩效自评，涉及资金{money(project)}，"
        f"占一般公共预算项目支出总额的100.00%。"
    )
