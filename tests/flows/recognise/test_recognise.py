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
