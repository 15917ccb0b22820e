"""The narrative of a department's year, as the ministry's template asks for it, in one of several wordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random

from tests.prove.pen import Pen
from tests.samples.accounts import Item, Year, published
from tests.samples.layout import ECONOMIC_NAMES

Section = Callable[[Pen, Year, Year], None]
REASONS_UP = ("新增了专项任务", "人员工资按规定调整", "上年结转的项目在本年支付", "年中按程序追加了预算")
REASONS_DOWN = ("厉行节约，压减一般性支出", "部分项目推迟实施", "人员退休和调出", "实际需要比编制预算时估计的少")


def narrative(year: Year, prior: Year, r: Random) -> Pen:
    """The thirteen sections with what every sentence states."""
    pen = Pen(r)
    sections: tuple[tuple[str, Section], ...] = (
        ("收入支出决算总体情况说明", _overall),
        ("收入决算情况说明", _income),
        ("支出决算情况说明", _expenditure),
        ("财政拨款收入支出决算总体情况说明", _appropriation),
        ("一般公共预算财政拨款支出决算情况说明", _general_budget),
        ("一般公共预算财政拨款基本支出决算情况说明", _basic),
        ("财政拨款“三公”经费支出决算情况说明", _three_public),
        ("政府性基金预算财政拨款收入支出决算情况说明", _fund),
        ("国有资本经营预算财政拨款支出决算情况说明", _state_capital),
        ("机关运行经费支出情况说明", _operating),
        ("政府采购支出情况说明", _procurement),
        ("国有资产占用情况说明", _assets),
        ("预算绩效情况说明", _performance),
    )
    for number, (title, section) in zip(
        ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三"], sections, strict=True
    ):
        pen.write(f"{number}、{title}")
        section(pen, year, prior)
    return pen


def _reason(pen: Pen, now: Decimal, prior: Decimal) -> str:
    reasons = REASONS_UP if now > prior else REASONS_DOWN
    return "" if published(now) == published(prior) else f"，主要{pen.one_of('是因为', '原因是')}{pen.one_of(*reasons)}"


def _overall(pen: Pen, year: Year, prior: Year) -> None:
    now, then = year.grand_total, prior.grand_total
    total = pen.amount(now, then)
    both = pen.one_of(f"收入总计、支出总计均为{total}", f"收、支总计均为{total}", f"收入、支出总计{total}")
    pen.write(f"{pen.year(year.year)}年度{both}，{pen.change(now, then, '各')}{_reason(pen, now, then)}。")


def _income(pen: Pen, year: Year, prior: Year) -> None:
    total = year.income()
    sources = (
        ("财政拨款收入", year.appropriation_income(), prior.appropriation_income()),
        ("上级补助收入", year.general("superior"), prior.general("superior")),
        ("事业收入", year.general("institutional"), prior.general("institutional")),
        ("经营收入", year.general("business"), prior.general("business")),
        ("附属单位上缴收入", year.general("affiliates"), prior.general("affiliates")),
        ("其他收入", year.general("other"), prior.general("other")),
    )
    lead = pen.one_of("收入合计", "本年收入合计")
    whole = pen.amount(total, prior.income())
    shares = _shares(pen, sources, total, year.grand_total)
    pen.write(f"{pen.year(year.year)}年度{lead}{whole}，其中：{shares}。")


def _shares(pen: Pen, parts: Iterable[tuple[str, Decimal, Decimal]], whole: Decimal, wrong: Decimal) -> str:
    said = [f"{name}{pen.amount(a, b)}，占{pen.rate(a, whole, wrong)}" for name, a, b in parts if a]
    return "；".join(said)


def _expenditure(pen: Pen, year: Year, prior: Year) -> None:
    kinds = (("上缴上级支出", "paid_up"), ("经营支出", "own_business"), ("对附属单位补助支出", "granted"))
    parts = [("基本支出", year.basic(), prior.basic()), ("项目支出", year.project(), prior.project())]
    parts += [(name, year.general(kind), prior.general(kind)) for name, kind in kinds]
    lead = pen.one_of("支出合计", "本年支出合计")
    whole = pen.amount(year.expenditure(), prior.expenditure())
    shares = _shares(pen, parts, year.expenditure(), year.grand_total)
    pen.write(f"{pen.year(year.year)}年度{lead}{whole}，其中：{shares}。")


def _appropriation(pen: Pen, year: Year, prior: Year) -> None:
    now, then = year.appropriation_total, prior.appropriation_total
    total = pen.amount(now, then)
    both = pen.one_of("财政拨款收入总计、支出总计均为", "财政拨款收、支总计均为")
    before = pen.one_of("", f"上年为{pen.amount(then, tied=True)}，")
    pen.write(
        f"{pen.year(year.year)}年度{both}{total}，{before}{pen.change(now, then, '各')}{_reason(pen, now, then)}。"
    )


def _general_budget(pen: Pen, year: Year, prior: Year) -> None:
    total, before = year.general_expenditure(), prior.general_expenditure()
    name = "一般公共预算财政拨款支出"
    pen.write(f"（一）{name}决算总体情况")
    share = pen.rate(total, year.expenditure(), year.income())
    pen.write(
        f"{pen.year(year.year)}年度{name}{pen.amount(total, before)}，占本年支出合计的{share}，"
        f"{pen.change(total, before)}{_reason(pen, total, before)}。"
    )
    pen.write(f"（二）{name}决算结构情况")
    classes = [code for code in year.codes() if len(code) == 3 and year.general_expenditure(code)]
    parts = [
        (f"{year.names[code]}（类）", year.general_expenditure(code), prior.general_expenditure(code))
        for code in classes
    ]
    use = pen.one_of("按用途分：", "主要用于以下方面：")
    shares = _shares(pen, parts, total, year.expenditure())
    pen.write(f"{pen.year(year.year)}年度{name}{pen.amount(total, before)}，{use}{shares}。")
    pen.write(f"（三）{name}决算具体情况")
    initial, full = year.general("initial"), year.general("full")
    pen.write(
        f"{pen.year(year.year)}年度{name}年初预算为{pen.amount(initial)}，支出决算为{pen.amount(total, before)}，"
        f"{pen.completion('年初预算', total, initial, full)}。其中："
    )
    both = pen.r.random() < 0.5
    for number, item in enumerate(year.items, 1):
        pen.write(f"{number}、{_item(pen, year, prior, item, both=both)}")


def _item(pen: Pen, year: Year, prior: Year, item: Item, *, both: bool) -> str:
    outturn = year.general_expenditure(item.code)
    names = year.names
    path = f"{names[item.code[:3]]}（类）{names[item.code[:5]]}（款）{names[item.code]}（项）"
    full = f"全年预算为{pen.amount(item.full, tied=False)}，" if both else ""
    if published(outturn) == published(item.initial):
        reason = "，原因是按预算执行"
    else:
        reason = _reason(pen, outturn, item.initial)
    return (
        f"{path}。年初预算为{pen.amount(item.initial)}，{full}"
        f"支出决算为{pen.amount(outturn, prior.general_expenditure(item.code))}，"
        f"{pen.completion('年初预算', outturn, item.initial, item.full if both else None)}{reason}。"
    )


def _basic(pen: Pen, year: Year, prior: Year) -> None:
    def named(*classes: str) -> str:
        found = [c for c in year.economic if c[:3] in classes]
        return "、".join(ECONOMIC_NAMES[code] for code in found[: pen.r.randint(4, 9)])

    whole = pen.amount(year.general("basic"), prior.general("basic"))
    pen.write(f"{pen.year(year.year)}年度一般公共预算财政拨款基本支出{whole}，其中：")
    staff = pen.amount(year.staff, prior.staff)
    of = "、".join(
        f"{ECONOMIC_NAMES[code]}{pen.amount(year.economic[code], prior.economic[code])}"
        for code in ("30101", "30102", "30103")
    )
    made_of = pen.one_of(f"主要包括：{named('301', '303')}", f"主要包括：{named('301', '303')}", f"其中：{of}")
    pen.write(f"（一）人员经费{staff}，{made_of}。")
    operating = pen.amount(year.operating, prior.operating)
    pen.write(f"（二）公用经费{operating}，主要包括：{named('302', '310')}。")


def _three_public(pen: Pen, year: Year, prior: Year) -> None:
    budget, outturn, before, held = year.budget, year.outturn, prior.outturn, year.holdings
    pen.write("（一）“三公”经费总体情况")
    pen.write(
        f"{pen.year(year.year)}年度“三公”经费{_against(pen, budget.total, outturn.total, before.total)}"
        f"{_moved(pen, outturn.total, before.total)}。"
    )
    pen.write("（二）“三公”经费具体情况")
    pen.write(
        f"1、因公出国（境）费{_against(pen, budget.abroad, outturn.abroad, before.abroad)}{_moved(pen, outturn.abroad, before.abroad)}。"
        f"全年因公出国（境）团组{pen.count(held.delegations)}个，累计{pen.count(held.travellers)}人次。"
    )
    pen.write(
        f"2、公务用车购置及运行维护费{_against(pen, budget.vehicles, outturn.vehicles, before.vehicles)}"
        f"{_moved(pen, outturn.vehicles, before.vehicles)}。其中："
        f"公务用车购置费支出{pen.amount(outturn.purchase, before.purchase)}，全年购置公务用车{pen.count(held.vehicles_bought)}辆；"
        f"公务用车运行维护费支出{pen.amount(outturn.running, before.running)}，"
        f"年末公务用车保有量{pen.count(sum(held.vehicles.values()))}辆。"
    )
    pen.write(
        f"3、公务接待费{_against(pen, budget.reception, outturn.reception, before.reception)}"
        f"{_moved(pen, outturn.reception, before.reception)}。"
        f"全年国内公务接待{pen.count(held.receptions)}批次、{pen.count(held.guests)}人次；{pen.one_of('国（境）外公务接待', '外事接待')}0批次、0人次。"
    )


def _against(pen: Pen, budget: Decimal, outturn: Decimal, before: Decimal) -> str:
    said = f"全年预算为{pen.amount(budget)}，支出决算为{pen.amount(outturn, before)}"
    return f"{said}，{pen.completion('全年预算', outturn, budget)}" if budget else said


def _moved(pen: Pen, now: Decimal, before: Decimal) -> str:
    return f"；{pen.change(now, before)}"


def _fund(pen: Pen, year: Year, prior: Year) -> None:
    if not year.funds:
        pen.write(f"{pen.year(year.year)}年度没有政府性基金预算财政拨款收入，也没有安排支出。")
        return
    pen.write(
        f"{pen.year(year.year)}年度政府性基金预算财政拨款年初结转和结余{pen.amount(year.fund('opening'), prior.fund('opening'))}，"
        f"本年收入{pen.amount(year.fund('income'), prior.fund('income'))}，"
        f"本年支出{pen.amount(year.fund('project'), prior.fund('project'))}，"
        f"年末结转和结余{pen.amount(year.fund_closing(), prior.fund_closing())}。支出全部是项目支出。"
    )


def _state_capital(pen: Pen, year: Year, prior: Year) -> None:
    if not year.capital:
        pen.write(f"{pen.year(year.year)}年度没有国有资本经营预算财政拨款收入，也没有安排支出。")
        return
    spent = pen.amount(year.state("project"), prior.state("project"))
    pen.write(f"{pen.year(year.year)}年度国有资本经营预算财政拨款本年支出{spent}，全部是项目支出。")


def _operating(pen: Pen, year: Year, prior: Year) -> None:
    now, then = year.operating, prior.operating
    moved = pen.one_of(pen.change(now, then), f"上年为{pen.amount(then)}，{pen.change(now, then)}")
    if published(now) != published(then) and pen.r.random() < 0.3:
        words = ("增长", "下降") if now > then else ("下降", "增长")
        moved = f"上年为{pen.amount(then)}，同比{pen.way(*words)}{pen.rate(abs(now - then), then, now)}"
    pen.write(f"{pen.year(year.year)}年度机关运行经费支出{pen.amount(now, then)}，{moved}{_reason(pen, now, then)}。")
    for code, name in (("30215", "会议费"), ("30216", "培训费")):
        if code in year.economic and pen.r.random() < 0.4:
            pen.write(f"{pen.year(year.year)}年度{name}支出{pen.amount(year.economic[code], prior.economic[code])}。")


def _procurement(pen: Pen, year: Year, prior: Year) -> None:
    held, before = year.holdings, prior.holdings
    total = held.goods + held.works + held.services
    kinds = (
        ("货物", held.goods, before.goods),
        ("工程", held.works, before.works),
        ("服务", held.services, before.services),
    )
    parts = "、".join(f"政府采购{kind}支出{pen.amount(now, then)}" for kind, now, then in kinds)
    pen.write(
        f"{pen.year(year.year)}年度政府采购支出总额{pen.amount(total)}，其中：{parts}。"
        f"授予中小企业合同金额{pen.amount(held.to_small, before.to_small)}，占政府采购支出总额的{pen.rate(held.to_small, total)}，"
        f"其中：授予小微企业合同金额{pen.amount(held.to_micro, before.to_micro)}，"
        f"占授予中小企业合同金额的{pen.rate(held.to_micro, held.to_small, total)}。"
    )


def _assets(pen: Pen, year: Year, prior: Year) -> None:
    kinds = "、".join(f"{kind}{pen.count(count, tied=True)}辆" for kind, count in year.holdings.vehicles.items())
    total = pen.count(sum(year.holdings.vehicles.values()), tied=True)
    pen.write(
        f"截至{pen.year(year.year)}年12月31日，本部门共有车辆{total}辆，其中：{kinds}；"
        f"单价100万元（含）以上设备（不含车辆）{pen.count(year.holdings.equipment)}台（套）。"
    )


def _performance(pen: Pen, year: Year, prior: Year) -> None:
    projects = year.general("project")
    if not projects:
        pen.write(f"{pen.year(year.year)}年度没有需要开展绩效自评的项目。")
        return
    pen.write(
        f"{pen.year(year.year)}年度对一般公共预算安排的{pen.count(year.holdings.projects)}个项目开展了绩效自评，"
        f"涉及资金{pen.amount(projects, prior.general('project'))}，"
        f"占一般公共预算项目支出总额的{pen.rate(projects, projects)}。{_grades(pen, year)}"
    )


def _grades(pen: Pen, year: Year) -> str:
    """How many projects got which grade, where the department says so."""
    number = year.holdings.projects
    if pen.r.random() < 0.5:
        return ""
    good = pen.r.randint(0, number - 1)
    counts = (("优", number - good), ("良", good), ("合格", 0), ("不合格", 0))
    return "其中：" + "，".join(f"评级为“{grade}”的{pen.count(count, tied=True)}个" for grade, count in counts) + "。"
