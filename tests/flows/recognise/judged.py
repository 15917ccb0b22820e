"""Little texts and tables, recognised and judged by the rules that are shipped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows.check import report
from flows.read.document import Document
from flows.read.text import read_text
from flows.recognise import recognise


@cache
def _rules() -> tuple[RuleBook, tuple[Compiled, ...]]:
    book = rules.load()
    return book, verdicts.compile_all(book, vocabulary.load())


def broken(text: str, begin: str = "P") -> list[tuple[str, str | None, str | None]]:
    """(rule, printed, computed) of every finding of the rules whose id begins with `begin`."""
    disclosure = recognise(Document("sample.txt", "0", "text/plain", len(text), read_text(text.encode())))
    found = report(disclosure, len(text), *_rules())["findings"]
    return [(f["rule"], f["stated"], f["computed"]) for f in found if f["status"] == "broken" and begin in f["rule"]]


def project(
    rows: Sequence[str],
    name: str = "泵站检修",
    funds: Sequence[str] = ("60\t58.50\t57.25\t10\t97.86%\t9.8",),
    reasons: bool = True,
    total: str = "",
) -> str:
    """A project's table; `rows`: indicator, target, achieved value, points, score and reason, divided by bars."""
    shown = [f"\t产出指标\t数量指标\t{row}".replace("|", "\t") for row in rows]
    head = "\t一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分"
    labels = ("年度资金总额", "其中：当年财政拨款", "上年结转资金")
    return "\n".join(
        [
            "临溪县水利站项目支出绩效自评表（2023年度）",
            f"项目名称\t{name}\t\t\t\t\t\t",
            "主管部门\t临溪县水利站\t\t\t实施单位\t临溪县水利站\t\t",
            "项目资金（万元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分",
            *(f"\t{label}\t{values}" for label, values in zip(labels, funds, strict=False)),
            f"绩效指标{head}" + ("\t偏差原因分析及改进措施" if reasons else ""),
            *shown,
            *([f"总分\t\t\t\t\t\t100\t{total}\t"] if total else []),
            "",
        ]
    )
