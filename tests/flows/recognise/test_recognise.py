"""Whole documents: what is recognised of them, and what is no account at all."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

from flows.read import read
from flows.recognise import is_account, is_template, recognise
from tests.flows.recognise.drawn import document, grid, page
from tests.flows.recognise.test_forms import T03_BODY, T03_HEADER, T05


def test_forms_narrative_and_identity_come_together() -> None:
    found = recognise(
        document(
            page(1, "某市档案局2023年度部门决算"),
            page(
                2, "支出决算表", "单位：万元", grid(T03_HEADER + T03_BODY.strip()), "注：本表反映本年度各项支出情况。"
            ),
            page(
                3,
                "第三部分 2023年度部门决算情况说明",
                "三、支出决算情况说明",
                "本年支出合计90.00万元，其中：基本支出60.50万元。",
            ),
        )
    )
    assert (found.filing.organisation, found.filing.fiscal_year, found.filing.unit) == ("某市档案局", 2023, "万元")
    assert {claim.value for claim in found.claims} == {Decimal("90.00"), Decimal("60.50")}
    assert not any("注：" in sentence.text or "单位：" in sentence.text for sentence in found.sentences)
    assert found.reading.numbers_seen == found.reading.numbers_placed
    assert [form.form for form in found.reading.forms] == [
        f"T0{n}" for n in range(1, 10)
    ]  # no performance table is due
    assert is_account(found) and not is_template(found)


def test_titles_of_forms_and_every_remark_below_them_are_no_text_of_the_narrative() -> None:
    remark = "金额由元换算为万元后四舍五入，末位可能略有出入。"
    first = grid(T03_HEADER + T03_BODY.strip())
    found = recognise(
        document(
            page(
                1,
                "第二部分 决算表",
                "支出决算表",
                "单位：万元",
                first,
                "注：略。",
                remark,
                "一般公共预算财政拨款",
                "支出决算表",
                grid(T05),
            ),
            page(2, "第三部分 说明", "三、支出决算情况说明", "本年支出合计90.00万元。"),
        )
    )
    assert [s.text for s in found.sentences] == [
        "第二部分决算表",
        "第三部分说明",
        "三、支出决算情况说明",
        "本年支出合计90.00万元。",
    ]


def test_a_document_without_forms_or_accounts_is_none() -> None:
    found = recognise(document(page(1, "关于召开会议的通知", "请于3月5日到会，经费2.00万元。")))
    assert {form.status for form in found.reading.forms} == {"missing"}
    assert not is_account(found) and not is_template(found)


EVALUATION = """
项目名称|<|临时救助|<|<|<|<
主管部门|<|某县民政局|<|实施单位|<|救助站
资金（万元）|<|年初预算数|全年预算数|全年执行数|执行率|得分
年度资金总额|<|100.00|100.00|90.00|90%|9
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分
产出指标|数量指标|救助人数|≥300人|312人|90|90
"""


def test_tables_of_the_self_evaluation_alone_are_a_filing_that_says_nothing_of_the_nine_forms() -> None:
    found = recognise(document(page(1, "部门预算项目支出绩效自评表（2024年度）", grid(EVALUATION))))
    filing = found.filing
    assert is_account(found) and not is_template(found)
    assert (filing.organisation, filing.fiscal_year, filing.kind) == ("某县民政局", 2024, "performance")
    assert [form.form for form in found.reading.forms] == ["P02"]


def test_a_narrative_of_final_accounts_with_performance_tables_still_lacks_its_forms() -> None:
    said = "本年收入100.00万元，本年支出90.00万元，其中基本支出60.00万元，项目支出30.00万元。"
    told = page(1, "某县民政局2024年度部门决算", "第二部分 2024年度部门决算情况说明", said)
    found = recognise(document(told, page(2, "项目支出绩效自评表", grid(EVALUATION))))
    assert found.filing.kind == "final_accounts"
    assert {form.form for form in found.reading.forms if form.status == "missing"} == {f"T0{n}" for n in range(1, 10)}


def test_targets_that_nobody_has_evaluated_belong_to_a_budget_and_are_no_account() -> None:
    targets = """
项目名称|<|<|临时救助|<
一级指标|二级指标|三级指标|年度指标值|分值
产出指标|数量指标|救助人数|≥300人|90
"""
    assert not is_account(recognise(document(page(1, "项目支出绩效目标表", grid(targets)))))


def test_an_unfilled_form_set_is_a_template() -> None:
    blank = "科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出\n205 | 教育支出 | | |"
    found = recognise(
        document(page(1, "某市XX局2023年度部门决算"), page(2, "一般公共预算财政拨款支出决算表", grid(blank)))
    )
    assert is_account(found) and is_template(found)


def test_a_table_of_a_form_is_not_offered_to_the_performance_tables() -> None:
    found = recognise(document(page(1, "某局2023年度部门决算"), page(2, "一般公共预算财政拨款支出决算表", grid(T05))))
    assert {figure.form for figure in found.figures} == {"T05"}


def test_every_figure_of_the_labelled_forms_is_placed_and_no_other(shared: Path) -> None:
    found = recognise(read(shared / "putuo-socialwork-2024.pdf"))
    with open(shared / "labels" / "putuo-socialwork-2024" / "figures.csv", encoding="utf-8") as table:
        labelled = Counter(
            (row["table"], row["page"], row["row_code"], Decimal(row["value"])) for row in csv.DictReader(table)
        )
    codes = {(row.form, row.row_key): row.code for row in found.rows if row.form not in ("T01", "T04")}
    read_off = Counter(
        (figure.form, str(figure.place.page), codes.get((figure.form, figure.row_key), ""), figure.value)
        for figure in found.figures
    )
    assert read_off == labelled
    assert found.reading.unplaced == ()


def test_the_labelled_empty_form_set_has_nine_blank_forms(shared: Path) -> None:
    found = recognise(read(shared / "shanghai-template-2024.pdf"))
    official = [form.status for form in found.reading.forms if form.form.startswith("T")]
    assert official == ["blank"] * 9 and not found.figures and is_template(found)
