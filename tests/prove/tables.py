"""The performance tables of a year: the department's, one for each project, and their summary."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from tests.alike.tables import Drawn, table
from tests.prove import catalogue
from tests.samples.accounts import CENT, ZERO, Item, Year, percent, published
from tests.samples.sheets import Sheet

NONE = ("", "", "", "—", "", "—")


@dataclass(frozen=True)
class Project:
    """A project's money in 元; `appropriated` of the budget and of what was spent come from this year."""

    name: str
    initial: Decimal
    full: Decimal
    spent: Decimal
    scores: tuple[Decimal, ...]

    @property
    def execution(self) -> Decimal:
        """得分 of 10 points for execution."""
        return (self.spent * 10 / self.full).quantize(CENT, ROUND_HALF_UP)

    @property
    def score(self) -> Decimal:
        """总分."""
        return self.execution + sum(self.scores, ZERO)


def performance_tables(office: str, year: Year, r: Random) -> tuple[Sheet, ...]:
    """整体支出绩效自评表, 项目支出绩效自评表 of each project, and 自评结果汇总表."""
    projects = _projects(year, r)
    return (
        _department(office, year, projects),
        *(_project(office, one) for one in projects),
        _summary(office, projects, sources=r.random() < 0.4),
    )


def _projects(year: Year, r: Random) -> list[Project]:
    """One or more projects that together are the project expenditure of the general budget."""
    spent, initial, full = (sum((_of_item(item, kind) for item in year.items if item.project), ZERO) for kind in
                            ("project", "initial", "full"))  # fmt: skip
    names = r.sample(catalogue.PROJECTS, r.randint(1, 3))
    made = []
    left = [initial, max(full, spent), spent]
    for number, name in enumerate(names, 1):
        share = Decimal(1) if number == len(names) else Decimal(r.randint(30, 60)) / 100
        amounts = [(amount * share).quantize(CENT) for amount in left]
        left = [a - b for a, b in zip(left, amounts, strict=True)]
        scores = tuple(Decimal(r.randint(points - 3, points)) for points in (20, 20, 20, 20, 10))
        made.append(Project(name, *amounts, scores))
    return made


def _of_item(item: Item, kind: str) -> Decimal:
    """The project part of an item's budget: in proportion to what was spent."""
    if kind == "project":
        return item.project
    return (getattr(item, kind) * item.project / (item.basic + item.project)).quantize(CENT)


def _money(amount: Decimal) -> str:
    return f"{published(amount):.2f}"


def _project(office: str, project: Project) -> Sheet:
    three = tuple(_money(amount) for amount in (project.initial, project.full, project.spent))
    rate = f"{percent(project.spent, project.full)}%"
    indicators: tuple[tuple[str, str, str, str, str, int], ...] = (
        ("产出指标", "数量指标", "完成任务数量", "≥12项", "12项", 20),
        ("", "质量指标", "验收合格率", "≥95%", "96%", 20),
        ("", "时效指标", "按期完成", "及时", "及时", 20),
        ("效益指标", "社会效益指标", "服务能力提升", "明显", "明显", 20),
        ("满意度指标", "服务对象满意度指标", "服务对象满意度", "≥90%", "92%", 10),
    )
    rows: list[list[Drawn]] = [
        [("项目名称", 1, 2), (project.name, 1, 7)],
        [("主管部门", 1, 2), (office, 1, 3), ("实施单位", 1, 2), (office, 1, 2)],
        [("项目资金（万元）", 5, 1), ("", 1, 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        [("年度资金总额", 1, 2), *three, "10", rate, str(project.execution)],
        [("其中：当年财政拨款", 1, 2), *three, "—", rate, "—"],
        [("上年结转资金", 1, 2), *NONE],
        [("其他资金", 1, 2), *NONE],
        [("年度总体目标", 2, 1), ("预期目标", 1, 4), ("实际完成情况", 1, 4)],
        [("完成全年任务", 1, 4), ("全年任务已经完成", 1, 4)],
        [("绩效指标", 6, 1), "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"],
    ]  # fmt: skip
    for (first, second, third, target, achieved, points), score in zip(indicators, project.scores, strict=True):
        why = "" if score == points else "需进一步提高"
        start: list[Drawn] = [("产出指标", 3, 1)] if first == "产出指标" else [first] if first else []
        rows.append([*start, second, third, target, achieved, str(points), str(score), why])
    rows.append([("总分", 1, 6), "100", str(project.score), ""])
    return table("P02", f"{office}项目支出绩效自评表", (9, 10, 11, 10, 10, 10, 7, 8, 14), rows)


def _department(office: str, year: Year, projects: list[Project]) -> Sheet:
    basic, spent = year.general("basic"), year.general("project")
    initial = sum((one.initial for one in projects), ZERO)
    full = sum((one.full for one in projects), ZERO)
    lines = (
        ("年度资金总额", basic + initial, basic + full, basic + spent),
        ("其中：基本支出", basic, basic, basic),
        ("项目支出", initial, full, spent),
    )
    rate = percent(basic + spent, basic + full)
    execution = ((basic + spent) * 10 / (basic + full)).quantize(CENT, ROUND_HALF_UP)
    rows: list[list[Drawn]] = [
        [("部门（单位）名称", 1, 2), (office, 1, 6)],
        [("部门整体支出（万元）", 4, 1), "", "年初预算数", "全年预算数（A）", "实际支出数（B）", "执行率（B/A）", "分值", "得分"],
    ]  # fmt: skip
    for number, (name, *amounts) in enumerate(lines):
        last = ("10", str(execution)) if not number else ("—", "—")
        own = rate if not number else percent(amounts[2], amounts[1])
        rows.append([name, *map(_money, amounts), f"{own}%", *last])
    rows += [
        ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
        [("", 2, 1), "部门管理", "资金投入", "结转结余变动率", "≤0%", "≤0%", "40", "40"],
        ["履职效果", "部门履职", "完成重点工作", "24次", "22次", "50", "45"],
        [("合计", 1, 6), "100", str(85 + execution)],
    ]
    return table("P01", f"{office}部门整体支出绩效自评表", (12, 12, 11, 11, 11, 11, 8, 8), rows)


def _summary(office: str, projects: list[Project], *, sources: bool) -> Sheet:
    """A row a project and their total; with `sources`, the initial budget and what the full-year budget is made of as well."""
    money = ("全年预算数（A）", "全年执行数（B）", "执行率（B/A）")
    if sources:
        money = ("年初预算数", "全年预算数（A）", "当年财政拨款", "上年结转资金", "其他资金", *money[1:])
    head: list[list[Drawn]] = [
        [
            ("序号", 2, 1),
            ("项目名称", 2, 1),
            ("主管部门", 2, 1),
            ("项目资金（万元）", 1, len(money)),
            ("自评得分", 2, 1),
        ],
        list(money),
    ]

    def amounts(initial: Decimal, full: Decimal, spent: Decimal) -> list[Drawn]:
        rate = f"{percent(spent, full)}%"
        if not sources:
            return [_money(full), _money(spent), rate]
        return [_money(initial), _money(full), _money(full), "", "", _money(spent), rate]

    lines: list[list[Drawn]] = [
        [str(number), one.name, office, *amounts(one.initial, one.full, one.spent), str(one.score)]
        for number, one in enumerate(projects, 1)
    ]
    sums = [sum((getattr(one, kind) for one in projects), ZERO) for kind in ("initial", "full", "spent")]
    total: list[Drawn] = [("合计", 1, 3), *amounts(*sums), ""]
    widths = (6, 24, 16, *((10,) * len(money)), 10)
    return table("P03", "项目支出绩效自评结果汇总表", widths, [*head, *lines, total], head=2)
