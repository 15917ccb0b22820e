"""Covers, headings and file names in the styles in which departments, units and others publish; every one invented."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from flows.read.document import Page
from flows.recognise.disclosure import FormReading
from flows.recognise.identity import identify
from flows.recognise.prose import contents_lines, text_lines
from tests.flows.recognise.drawn import document, page

FORMS = tuple(
    FormReading(form, f"{name}决算表", (3,), "read", "万元") for form, name in (("T02", "收入"), ("T03", "支出"))
)
FINAL, BUDGET, GOVERNMENT = "final_accounts", "budget", "government_accounts"


@dataclass(frozen=True)
class Told:
    """What a document says of itself."""

    organisation: str
    region: str
    year: int | None
    kind: str = FINAL
    scope: str = "department"


Style = tuple[list[str], list[str], Told]
"""Lines of the first page, lines of the second page, what they tell."""

STYLES: dict[str, Style] = {
    "the budget that pays, not a budget": (
        ["青石县林业局2021年度一般公共预算财政拨款“三公”经费支出决算情况说明"],
        [],
        Told("青石县林业局", "青石县", 2021),
    ),
    "one line": (["青石市档案局2023年度部门决算"], [], Told("青石市档案局", "青石市", 2023)),
    "name, then year": (
        ["青石县人民政府办公室", "2023年度部门决算"],
        [],
        Told("青石县人民政府办公室", "青石县", 2023),
    ),
    "year, name, kind": (["2023年度", "青石县水利局", "部门决算公开"], [], Told("青石县水利局", "青石县", 2023)),
    "party organisation": (
        ["中国共产党青石市委员会组织部", "2022年度部门决算"],
        [],
        Told("中国共产党青石市委员会组织部", "青石市", 2022),
    ),
    "name over two lines": (
        ["中国共产党青石县委员会", "宣传部", "2023年度部门决算公开"],
        [],
        Told("中国共产党青石县委员会宣传部", "青石县", 2023),
    ),
    "numerals with a circle": (
        ["二○二三年度部门决算", "青石县教育局"],
        [],
        Told("青石县教育局", "青石县", 2023),
    ),
    "numerals with the letter O": (["青石县教育局", "二O二二年度部门决算"], [], Told("青石县教育局", "青石县", 2022)),
    "numerals with the word zero": (["二零二一年青石县林业局部门决算"], [], Told("青石县林业局", "青石县", 2021)),
    "school": (["青石市第一中学2023年度单位决算公开"], [], Told("青石市第一中学", "青石市", 2023, scope="unit")),
    "hospital whose text says what it is": (
        ["青石县人民医院2023年度决算公开报告"],
        ["一、本单位主要职责", "本单位承担全县医疗任务。", "二、本单位机构设置情况"],
        Told("青石县人民医院", "青石县", 2023, scope="unit"),
    ),
    "summary of a system": (
        ["青石市交通运输局2023年度部门决算汇总公开"],
        [],
        Told("青石市交通运输局", "青石市", 2023),
    ),
    "summary in brackets": (
        ["青石市交通运输局（汇总）", "2023年度部门决算"],
        [],
        Told("青石市交通运输局", "青石市", 2023),
    ),
    "the department's own level": (
        ["青石市交通运输局（本级）2023年度单位决算"],
        [],
        Told("青石市交通运输局（本级）", "青石市", 2023, scope="unit"),
    ),
    "level of the department": (
        ["2023年度省级部门决算", "江苏省体育局"],
        [],
        Told("江苏省体育局", "江苏省", 2023),
    ),
    "no cover": (
        ["第一部分 青石县水务局概况", "一、主要职责", "负责全县水务工作。"],
        ["第二部分 2022年度部门决算表", "第三部分 2022年度部门决算情况说明"],
        Told("青石县水务局", "青石县", 2022),
    ),
    "no cover but contents": (
        ["目录", "第一部分 青石县档案馆单位概况……1", "第二部分 2023年度单位决算表……3"],
        ["第一部分 青石县档案馆单位概况", "一、职责", "保管档案。", "第二部分 2023年度单位决算表"],
        Told("青石县档案馆", "青石县", 2023, scope="unit"),
    ),
    "with the date of publication": (
        ["青石县供销合作社联合社", "部门决算公开", "二〇二四年九月"],
        ["第二部分 2023年度部门决算表", "第三部分 2023年度部门决算情况说明"],
        Told("青石县供销合作社联合社", "青石县", 2023),
    ),
    "with a stamp and a date": (
        ["附件", "青石县发展和改革局", "2023年度部门决算公开", "（部门公章）", "公开时间：2024年9月18日"],
        [],
        Told("青石县发展和改革局", "青石县", 2023),
    ),
    "explanation": (
        ["青石县林业局关于2023年度部门决算公开的说明"],
        [],
        Told("青石县林业局", "青石县", 2023),
    ),
    "the word department between": (
        ["青石县卫生健康局部门2023年度决算公开"],
        [],
        Told("青石县卫生健康局", "青石县", 2023),
    ),
    "name in brackets": (
        ["2023年度青石市红岩区城市管理局（红岩区综合行政执法局）部门决算公开报告"],
        [],
        Told("青石市红岩区城市管理局（红岩区综合行政执法局）", "青石市红岩区", 2023),
    ),
    "named below": (
        ["2023年度部门决算公开", "编制单位：青石县残疾人联合会", "编制日期：2024年8月"],
        [],
        Told("青石县残疾人联合会", "青石县", 2023),
    ),
    "autonomous county": (
        ["红河谷苗族侗族自治县民族宗教事务局2023年度部门决算"],
        [],
        Told("红河谷苗族侗族自治县民族宗教事务局", "红河谷苗族侗族自治县", 2023),
    ),
    "banner": (
        ["内蒙古自治区白云盟青石旗农牧局", "2023年度部门决算"],
        [],
        Told("内蒙古自治区白云盟青石旗农牧局", "内蒙古自治区白云盟青石旗", 2023),
    ),
    "township": (["青石县大河镇人民政府2023年度部门决算"], [], Told("青石县大河镇人民政府", "青石县大河镇", 2023)),
    "street office": (
        ["青石市红岩区和平街道办事处", "2023年部门决算公开"],
        [],
        Told("青石市红岩区和平街道办事处", "青石市红岩区和平街道", 2023),
    ),
    "consultative conference": (
        ["政协青石县委员会办公室2023年度部门决算"],
        [],
        Told("政协青石县委员会办公室", "青石县", 2023),
    ),
    "youth league": (["共青团青石县委", "2023年度部门决算"], [], Told("共青团青石县委", "青石县", 2023)),
    "words that look like places": (
        ["青石市城乡建设和市场监督社区服务局2023年度部门决算"],
        [],
        Told("青石市城乡建设和市场监督社区服务局", "青石市", 2023),
    ),
    "no place at all": (["国家示例研究院2023年度部门决算"], [], Told("国家示例研究院", "", 2023)),
    "municipality": (["北京市青石区审计局2023年度部门决算"], [], Told("北京市青石区审计局", "北京市青石区", 2023)),
    "web page with navigation": (
        [
            "首页",
            "信息公开",
            "政务服务",
            "当前位置：首页 > 财政信息 > 预决算公开",
            "青石县审计局2023年度部门决算公开",
            "发布时间：2024-09-20 10:00 来源：青石县审计局 浏览次数：12",
        ],
        ["第一部分 部门概况"],
        Told("青石县审计局", "青石县", 2023),
    ),
    "web page with the name apart": (
        ["首页", "政务公开", "办事服务", "青石县审计局", "2023年度部门决算公开"],
        [],
        Told("青石县审计局", "青石县", 2023),
    ),
    "budget": (["青石市档案局2024年部门预算公开"], [], Told("青石市档案局", "青石市", 2024, BUDGET)),
    "budget with “三公”": (
        ["2024年度青石县民政局部门预算及“三公”经费预算公开"],
        [],
        Told("青石县民政局", "青石县", 2024, BUDGET),
    ),
    "final accounts that speak of budgets": (
        ["青石县财政局2023年度部门决算公开"],
        ["第三部分 2023年度部门预算执行情况说明", "一、2024年部门预算安排", "2023年度部门预算绩效情况说明"],
        Told("青石县财政局", "青石县", 2023),
    ),
    "no cover, budgets mentioned first": (
        ["一、2023年度部门预算批复情况", "本部门年初预算为5万元。"],
        ["二、2023年度部门决算情况说明", "三、2023年度部门决算报表"],
        Told("", "", 2023),
    ),
    "government accounts": (["青石县2023年财政决算公开"], [], Told("青石县", "青石县", 2023, GOVERNMENT)),
    "government accounts by that name": (
        ["2023年度青石市政府决算公开"],
        [],
        Told("青石市", "青石市", 2023, GOVERNMENT),
    ),
    "report on government accounts": (
        ["关于青石县2023年财政决算（草案）的报告"],
        [],
        Told("青石县", "青石县", 2023, GOVERNMENT),
    ),
    "receipts and outlays of a town": (
        ["青石县大河镇2023年度财政收支决算公开"],
        [],
        Told("青石县大河镇", "青石县大河镇", 2023, GOVERNMENT),
    ),
    "government accounts of the level itself": (
        ["2023年度青石市本级财政决算公开"],
        [],
        Told("青石市", "青石市", 2023, GOVERNMENT),
    ),
    "accounts of a place": (["青石市2023年度决算公开"], [], Told("青石市", "青石市", 2023, GOVERNMENT)),
    "comprehensive accounts": (
        ["陕西省青石市青石县司法局2023年部门综合决算"],
        [],
        Told("陕西省青石市青石县司法局", "陕西省青石市青石县", 2023),
    ),
    "name of a document": (
        ["政府信息公开", "索引号：01234", "名称：青石县农业农村局2023年度部门决算公开", "发布机构：青石县农业农村局"],
        [],
        Told("青石县农业农村局", "青石县", 2023),
    ),
    "government accounts by fund": (
        ["青石区2023年一般公共预算收支决算情况"],
        [],
        Told("青石区", "青石区", 2023, GOVERNMENT),
    ),
}


def told(
    first: list[str],
    second: list[str],
    name: str = "a.pdf",
    above: tuple[str, ...] = (),
    forms: tuple[FormReading, ...] = FORMS,
) -> Told:
    pages: list[Page] = [page(1, *first)] + ([page(2, *second)] if second else [])
    made = document(*pages, name=name)
    found = identify(made, text_lines(made, contents_lines(made)), above, forms)
    return Told(found.organisation, found.region, found.fiscal_year, found.kind, found.scope)


@pytest.mark.parametrize("style", STYLES)
def test_a_document_tells_whose_accounts_it_holds_in_many_styles(style: str) -> None:
    first, second, expected = STYLES[style]
    assert told(first, second, forms=FORMS if expected.kind == FINAL else ()) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("附件2：青石县审计局2023年度部门决算公开.pdf", Told("青石县审计局", "青石县", 2023)),
        ("20240918青石县统计局2023年部门决算.pdf", Told("青石县统计局", "青石县", 2023)),
        ("2023年度部门决算-青石县司法局.pdf", Told("青石县司法局", "青石县", 2023)),
        ("青石县第二小学_2023_单位决算公开表.xls", Told("青石县第二小学", "青石县", 2023, scope="unit")),
        ("1.青石县气象局2023年度决算公开（定稿）.docx", Told("青石县气象局", "青石县", 2023)),
        ("W020240918391234567890.pdf", Told("", "", None)),
        ("20240918.pdf", Told("", "", None)),
    ],
)
def test_a_silent_document_is_known_by_its_file_name(name: str, expected: Told) -> None:
    assert told(["收入支出决算总表", "公开01表"], [], name) == expected


def test_the_lines_above_the_forms_tell_name_and_year_where_nothing_else_does() -> None:
    above = ("部门：青石县气象局", "2022年度", "金额单位：万元", "公开01表")
    assert told(["收入支出决算总表"], [], above=above) == Told("青石县气象局", "青石县", 2022)


def test_forms_of_final_accounts_outweigh_a_cover_that_names_a_budget() -> None:
    cover = ["青石县气象局2023年度部门预算公开"]
    assert told(cover, []).kind == FINAL
    assert told(cover, [], forms=()).kind == BUDGET
    assert told(["青石县气象局2023年度部门预决算公开"], [], forms=()).kind == FINAL


def test_a_heading_on_one_kind_of_money_does_not_make_a_departments_accounts_those_of_a_government() -> None:
    headings = ["第三部分 说明", "五、2023年度一般公共预算支出决算情况说明"]
    assert told(["第一部分 青石县气象局概况"], headings).kind == FINAL
    assert told(["第一部分 概况"], headings, forms=()).kind == GOVERNMENT
