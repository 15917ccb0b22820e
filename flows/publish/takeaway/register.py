"""The register of expected filings to take along: a workbook, one row a filing, and JSON with its schema."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import xlsxwriter

from flows.publish.pages.register import level_word
from flows.register import telling
from flows.register.kept import Kept
from flows.register.standing import Standing

FILES = ("register.xlsx", "register.json", telling.SCHEMA.name)
ROWS = 1_000_000
_HEADS = (
    ("状态", 12), ("单位名称", 30), ("单位代码", 14), ("行政区域", 14), ("级次", 10), ("主管单位", 24), ("年度", 8), ("种类", 14),
    ("应公开日期", 12), ("公开日期", 12), ("逾期天数", 9), ("重复", 6), ("说明", 46), ("公开地址", 40), ("名册中的行", 10),
)  # fmt: skip


def write_register_files(found: Kept, site: Path) -> None:
    """`register.xlsx`, `register.json` and its schema stand in `site`."""
    told = json.dumps(telling.as_json(found), ensure_ascii=False, indent=1)
    (site / "register.json").write_text(told + "\n", "utf-8")
    shutil.copyfile(telling.SCHEMA, site / telling.SCHEMA.name)
    book = xlsxwriter.Workbook(
        str(site / "register.xlsx"),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    head = book.add_format({"bold": True, "bottom": 2, "bg_color": "#F1F2F4", "text_wrap": True, "valign": "vcenter"})
    # Text stays text, even when somebody edits a cell that begins with "=".
    text = book.add_format({"valign": "top", "text_wrap": True, "quote_prefix": True})
    whole = book.add_format({"valign": "top", "num_format": "0"})
    sheet = book.add_worksheet("应公开情况")
    for column, (name, width) in enumerate(_HEADS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    shown = found.compared.standings[:ROWS]
    for row, one in enumerate(shown, 1):
        for column, cell in enumerate(_cells(one)):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell, whole)
            elif cell:
                sheet.write_string(row, column, cell, text)
    sheet.autofilter(0, 0, max(len(shown), 1), len(_HEADS) - 1)
    book.close()


def _cells(one: Standing) -> tuple[str | int | None, ...]:
    expected = one.expected
    status, organisation, _, kind, due, published, remarks = telling.cells(one, "zh")
    place = (
        (expected.code, expected.region, level_word(expected.level, "zh"), expected.parent) if expected else ("",) * 4
    )
    end = (expected.address, expected.row) if expected else ("", None)
    return (status, organisation, *place, telling.year(one), kind, due, published, one.days or None, "是" if one.twice else "", remarks, *end)  # fmt: skip
