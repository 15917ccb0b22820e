"""Items of forms that the narrative names or explains."""

from __future__ import annotations

from decimal import Decimal

from flows.read.document import Place
from flows.recognise.disclosure import Figure, FormRow
from tests.flows.recognise.told import Told, tell

BASIC = ("第三部分 2024年度部门决算情况说明", "六、一般公共预算财政拨款基本支出决算情况说明")
GENERAL = ("第三部分 2024年度部门决算情况说明", "五、一般公共预算财政拨款支出决算情况说明")


def form(name: str, column: str, amounts: dict[str, tuple[str, str]]) -> tuple[list[FormRow], list[Figure]]:
    """Rows and figures of a form: code → (label, amount)."""
    rows, figures = [], []
    for position, (code, (label, amount)) in enumerate(amounts.items()):
        rows.append(FormRow(name, "", code, code, label, 3, "", position, Place(page=5)))
        figures.append(
            Figure(f"{name}/{code}/{column}", name, "", code, column, Decimal(amount), "万元", Decimal("0.01"), amount, Place(page=5))
        )  # fmt: skip
    return rows, figures


def named(text: str) -> list[str]:
    items = {
        "30201": ("办公费", "3.20"),
        "30205": ("水费", "0.60"),
        "30207": ("邮电费", "0.00"),
        "30211": ("差旅费", "2.40"),
    }
    rows, figures = form("T06", "决算数", items)
    told = tell(text, under=BASIC, rows=rows, figures=figures)
    return [one["subject"] for one in told.of("named_item") if one["printed"] == "T06/30207/决算数"]


def test_an_item_without_an_amount_that_is_named_among_few_is_held_against_the_form() -> None:
    assert named("公用经费6.20万元，主要包括：办公费、水费、邮电费、差旅费。") == ["邮电费"]
    assert named("公用经费6.20万元，主要包括：办公费、水费、差旅费。") == []


def test_a_list_of_all_that_there_could_be_is_the_template_s() -> None:
    assert named("公用经费6.20万元，主要包括：办公费、邮电费、印刷费、咨询费、手续费。") == []


def explained(*lines: str) -> list[tuple[str, str]]:
    items = {
        "2010301": ("行政运行", "120.50"), "2010302": ("一般行政管理事务", "36.20"),
        "2080505": ("机关事业单位基本养老保险缴费支出", "18.40"), "2210201": ("住房公积金", "15.10"),
    }  # fmt: skip
    rows, figures = form("T05", "合计", items)
    told: Told = tell(*lines, under=GENERAL, rows=rows, figures=figures)
    return [(one["subject"], one["explained"]) for one in told.of("explained_item")]


ITEMS = (
    "1.一般公共服务支出（类）政府办公厅（室）及相关机构事务（款）行政运行（项）。支出决算为120.50万元。",
    "2.一般公共服务支出（类）政府办公厅（室）及相关机构事务（款）一般行政管理事务（项）。支出决算为36.20万元。",
    "3.社会保障和就业支出（类）行政事业单位养老支出（款）机关事业单位基本养老保险缴费支出（项）。支出决算为18.40万元。",
)


def test_an_item_that_is_left_out_where_the_others_are_explained_is_told() -> None:
    assert ("住房公积金", "no") in explained(*ITEMS)
    assert all(told == "yes" for _, told in explained(*ITEMS, "4.公积金缴费支出决算为15.10万元。"))
    assert explained("一般公共预算财政拨款支出190.20万元，其中：一般公共服务支出156.70万元。") == []
