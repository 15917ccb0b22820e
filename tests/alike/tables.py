"""Performance tables of invented projects, drawn row by row; merged cells as (text, rows, columns)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.samples.sheets import Sheet

Drawn = str | tuple[str, int, int]


def table(form: str, title: str, widths: Sequence[float], rows: Sequence[Sequence[Drawn]], head: int = 1) -> Sheet:
    """A table without mark or notes; every cell holds text as printed."""
    sheet = Sheet(form, "", title, tuple(widths), (), head)
    taken: set[tuple[int, int]] = set()
    for row, entries in enumerate(rows):
        column = 0
        for entry in entries:
            text, down, across = entry if isinstance(entry, tuple) else (entry, 1, 1)
            while (row, column) in taken:
                column += 1
            taken |= {(row + i, column + j) for i in range(down) for j in range(across)}
            sheet.put(row, column, text or None, "label", down, across)
            column += across
    return sheet


def project(name: str, office: str, spent: str, rate: str, score: str, total: str) -> Sheet:
    """项目支出绩效自评表 of a project with a full-year budget of 58.50."""
    rows: list[list[Drawn]] = [
        [("项目名称", 1, 2), (name, 1, 7)],
        [("主管部门", 1, 2), (office, 1, 3), ("实施单位", 1, 2), (office, 1, 2)],
        [("项目资金（万元）", 5, 1), ("", 1, 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        [("年度资金总额", 1, 2), "60.00", "58.50", spent, "10", rate, score],
        [("其中：当年财政拨款", 1, 2), "50.00", "50.00", "50.00", "—", "100.00%", "—"],
        [("上年结转资金", 1, 2), "10.00", "8.50", "7.25", "—", "85.29%", "—"],
        [("其他资金", 1, 2), "", "", "", "—", "", "—"],
        [("年度总体目标", 2, 1), ("预期目标", 1, 4), ("实际完成情况", 1, 4)],
        [("清淤12公里", 1, 4), ("全年清淤12.5公里", 1, 4)],
        [
            ("绩效指标", 6, 1),
            "一级指标",
            "二级指标",
            "三级指标",
            "年度指标值",
            "实际完成值",
            "分值",
            "得分",
            "偏差原因分析及改进措施",
        ],
        [("产出指标", 3, 1), "数量指标", "清淤长度", "≥12公里", "12.5公里", "20", "20", ""],
        ["质量指标", "验收合格率", "≥95%", "93%", "20", "18", "两处返工，扣2分"],
        ["时效指标", "完工时间", "及时", "及时", "20", "20", ""],
        ["效益指标", "社会效益指标", "内涝点减少", "明显", "明显", "20", "18", ""],
        ["满意度指标", "服务对象满意度指标", "居民满意度", "≥90%", "91.5%", "10", "10", ""],
        [("总分", 1, 6), "100", total, ""],
    ]
    return table("P02", f"{office}项目支出绩效自评表", (9, 10, 11, 10, 10, 10, 7, 8, 14), rows)


def department(office: str) -> Sheet:
    """整体支出绩效自评表."""
    rows: list[list[Drawn]] = [
        [("部门（单位）名称", 1, 2), (office, 1, 6)],
        [
            ("部门整体支出（万元）", 4, 1),
            "",
            "年初预算数",
            "全年预算数（A）",
            "实际支出数（B）",
            "执行率（B/A）",
            "分值",
            "得分",
        ],
        ["部门整体支出总额", "500.00", "520.50", "510.00", "97.98%", "10", "9.80"],
        ["其中：基本支出", "440.00", "462.00", "452.75", "98.00%", "—", "—"],
        ["项目支出", "60.00", "58.50", "57.25", "97.86%", "—", "—"],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
        [("", 2, 1), "部门管理", "资金投入", "结转结余变动率", "≤0%", "≤0%", "40", "40"],
        ["履职效果", "部门履职", "检修次数", "24次", "22次", "50", "45"],
        [("合计", 1, 6), "100", "94.80"],
    ]
    return table("P01", f"{office}部门整体支出绩效自评表", (12, 12, 11, 11, 11, 11, 8, 8), rows)


def summary(office: str, rows: Sequence[tuple[str, str, str, str, str]]) -> Sheet:
    """项目支出绩效自评结果汇总表; a row is name, full-year budget, spent, rate, score."""
    head: list[list[Drawn]] = [
        [("序号", 2, 1), ("项目名称", 2, 1), ("主管部门", 2, 1), ("项目资金（万元）", 1, 3), ("自评得分", 2, 1)],
        ["全年预算数（A）", "全年执行数（B）", "执行率（B/A）"],
    ]
    lines: list[list[Drawn]] = [
        [str(number), name, office, budget, spent, rate, score]
        for number, (name, budget, spent, rate, score) in enumerate(rows, 1)
    ]
    return table("P03", "项目支出绩效自评结果汇总表", (6, 24, 16, 12, 12, 12, 10), [*head, *lines], head=2)
