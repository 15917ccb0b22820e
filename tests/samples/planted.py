"""The errors planted in the PDF of 2024, and how they get there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .narrative import Paragraph
from .sheets import Cell, Sheet


@dataclass(frozen=True)
class Planted:
    """One error. `form` and `place` ("row/column") name a cell; without a form `place` is the section of the narrative.

    `right` is what the accounts give and `printed` what the document says instead; `within` picks the paragraph when several
    of a section could hold `right`. `kind` is a category of `hedui check`; `shown_by` states the identity that fails.
    """

    id: str
    form: str
    place: str
    right: str
    printed: str
    kind: str
    shown_by: Mapping[str, str]
    within: str = ""


ERRORS = (
    Planted(
        "E01",
        "T03",
        "2101102/本年支出合计",
        "14.13",
        "15.13",
        "sum",
        {
            "zh": "本年支出合计 = 基本支出 + 项目支出；行政事业单位医疗（款）= 各项之和",
            "en": "the row's total is the sum of its kinds of expenditure; the section is the sum of its items",
        },
    ),
    Planted(
        "E02",
        "T05",
        "2012699/项目支出",
        "46.38",
        "46.83",
        "sum",
        {
            "zh": "小计 = 基本支出 + 项目支出；档案事务（款）= 各项之和",
            "en": "the row's total; the section is the sum of its items",
        },
    ),
    Planted(
        "E03",
        "T07",
        "小计/决算数",
        "22.92",
        "22.62",
        "sum",
        {
            "zh": "小计 = 公务用车购置费 + 公务用车运行维护费",
            "en": "vehicles are the sum of purchase and running costs",
        },
    ),
    Planted(
        "E04",
        "",
        "一",
        "增长2.07%",
        "增长2.70%",
        "change",
        {"zh": "增长率 = 增加额 ÷（本年数 − 增加额）", "en": "the rate is the increase over last year's total"},
    ),
    Planted(
        "E05",
        "",
        "二",
        "占0.02%",
        "占0.20%",
        "share",
        {
            "zh": "占比 = 其他收入 ÷ 本年收入合计；各项占比之和为100%",
            "en": "other income over total income; the shares add up to 100 %",
        },
    ),
    Planted(
        "E06",
        "",
        "三",
        "项目支出294.68万元",
        "项目支出294.68元",
        "unit",
        {
            "zh": "项目支出与支出决算表同数，单位应为万元",
            "en": "project expenditure agrees with T03 in 万元, not in 元",
        },
    ),
    Planted(
        "E07",
        "",
        "五（一）",
        "占本年支出合计的98.56%",
        "占本年支出合计的98.71%",
        "wrong_base",
        {
            "zh": "所称基数是本年支出合计，实际除以本年收入合计",
            "en": "named of total expenditure, computed on total income",
        },
    ),
    Planted(
        "E08",
        "",
        "五（三）",
        "决算数小于年初预算数",
        "决算数大于年初预算数",
        "direction",
        {
            "zh": "支出决算 600.53 < 年初预算 615.00",
            "en": "the outturn of 600.53 is below the initial budget of 615.00",
        },
        within="行政运行（项）",
    ),
    Planted(
        "E09",
        "",
        "五（三）",
        "完成年初预算的107.23%",
        "完成年初预算的97.97%",
        "wrong_base",
        {"zh": "称年初预算，实际除以全年预算", "en": "named of the initial budget, computed on the full-year budget"},
        within="档案馆（项）",
    ),
    Planted(
        "E10",
        "",
        "六（一）",
        "比上年增加17.02万元",
        "比上年增加（减少）17.02万元",
        "placeholder",
        {"zh": "模板选择项未删除", "en": "the template's choice of words was left in"},
    ),
    Planted(
        "E11",
        "",
        "七（二）",
        "国内公务接待7批次",
        "国内公务接待批次",
        "missing_figure",
        {"zh": "批次处没有数字", "en": "the number of receptions is blank"},
    ),
    Planted(
        "E12",
        "",
        "八",
        "本年支出7.12万元",
        "本年支出7.21万元",
        "text_vs_form",
        {"zh": "说明与政府性基金表本年支出不一致", "en": "the text disagrees with expenditure in T08"},
    ),
    Planted(
        "E13",
        "",
        "十",
        "比上年减少5.86万元，下降4.00%",
        "比上年增加5.86万元，增长4.00%",
        "direction",
        {"zh": "本年 140.72 < 上年 146.57", "en": "140.72 is less than last year's 146.57"},
    ),
    Planted(
        "E14",
        "",
        "十一",
        "政府采购工程支出8.55万元",
        "政府采购工程支出3.55万元",
        "sum",
        {"zh": "采购总额 = 货物 + 工程 + 服务", "en": "procurement is the sum of goods, works and services"},
    ),
    Planted(
        "E15",
        "",
        "十二",
        "截至2024年12月31日",
        "截至2023年12月31日",
        "year",
        {"zh": "决算年度为2024年", "en": "the accounts are those of 2024"},
    ),
)


def plant_in_forms(
    sheets: list[Sheet], errors: tuple[Planted, ...] = ERRORS
) -> tuple[list[Sheet], dict[tuple[str, str], str]]:
    """The forms with their errors, and for each changed cell (form, key) the error's id. KeyError where a place is not found."""
    places: dict[tuple[str, str], str] = {}
    for error in (e for e in errors if e.form):
        sheet = next(sheet for sheet in sheets if sheet.form == error.form)
        sheet.cells = [_changed(cell, error) for cell in sheet.cells]
        if not any(cell.key == error.place and cell.value == Decimal(error.printed) for cell in sheet.cells):
            raise KeyError(f"{error.id}: {error.form} has no cell {error.place}")
        places[error.form, error.place] = error.id
    return sheets, places


def _changed(cell: Cell, error: Planted) -> Cell:
    if cell.key != error.place:
        return cell
    if cell.value != Decimal(error.right):
        raise ValueError(f"{error.id}: the accounts give {cell.value}, not {error.right}")
    return replace(cell, value=Decimal(error.printed))


def plant_in_text(
    paragraphs: list[Paragraph], errors: tuple[Planted, ...] = ERRORS
) -> tuple[list[Paragraph], dict[tuple[int, int], str]]:
    """The paragraphs with their errors, and (paragraph, character) → the error's id."""
    changed = list(paragraphs)
    places: dict[tuple[int, int], str] = {}
    for error in (e for e in errors if not e.form):
        found = [
            n
            for n, p in enumerate(changed)
            if p.section == error.place and error.within in p.text and error.right in p.text
        ]
        if len(found) != 1 or changed[found[0]].text.count(error.right) != 1:
            raise ValueError(f"{error.id}: {error.right} does not stand exactly once in section {error.place}")
        paragraph = changed[found[0]]
        places[found[0], paragraph.text.index(error.right)] = error.id
        changed[found[0]] = replace(paragraph, text=paragraph.text.replace(error.right, error.printed))
    return changed, places


CONTROLS = (
    {
        "form": "T03",
        "place": "合计/本年支出合计",
        "printed": "1343.53",
        "computed": "1343.54",
        "bound": "0.030",
        "note": {"zh": "五类支出相加的尾差", "en": "the five classes added up: rounding"},
    },
    {
        "form": "T06",
        "place": "301/决算数",
        "printed": "881.13",
        "computed": "881.10",
        "bound": "0.060",
        "note": {"zh": "十一款相加的尾差", "en": "the eleven sections added up: rounding"},
    },
    {
        "place": "四",
        "printed": "26.58",
        "computed": "26.57",
        "bound": "0.015",
        "note": {"zh": "1348.90 − 1322.33 的尾差", "en": "1348.90 − 1322.33: rounding"},
    },
)


def write_list(path: Path, document: str, pages: Mapping[str, int], errors: tuple[Planted, ...] = ERRORS) -> None:
    """Write the list of errors with the pages on which they were printed."""
    entries: list[dict[str, Any]] = []
    for error in errors:
        where = {"form": error.form} if error.form else {}
        entry = {"id": error.id, "page": pages[error.id], **where, "place": error.place}
        if error.within:
            entry["paragraph"] = error.within
        entry |= {"printed": error.printed, "right": error.right, "kind": error.kind, "shown_by": dict(error.shown_by)}
        entries.append(entry)
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            "# Errors planted in the document beside this file. place: row/column of a form, or section of the narrative.\n"
        )
        file.write("# controls: differences that rounding explains and that must not be reported as broken.\n")
        yaml.dump({"document": document, "errors": entries, "controls": [dict(c) for c in CONTROLS]}, file)
