"""The ledger of findings (整改台账) as a workbook to send to a department: one row a finding."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from expectations import messages
from flows.publish.content.views import Verdict
from flows.publish.press import Press
from flows.publish.wording import sayings
from flows.publish.wording.numbers import scale

ROWS = 1_000_000
"""Findings on one sheet; a workbook's sheet ends at 1,048,576 rows."""

_HEADS = (
    ("序号", 6), ("机构", 28), ("年度", 7), ("程度", 10), ("源于序号", 9), ("问题", 56), ("公开数", 15), ("计算得", 15), ("差额", 13), ("无法解释", 13),
    ("单位", 8), ("出处", 12), ("对象", 24), ("规则", 18), ("公式", 40), ("依据", 20), ("文件", 24), ("问题编号", 20), ("整改情况", 24), ("责任人", 10), ("完成日期", 12),
)  # fmt: skip
_MEASURES = {"percent": "%", "score": "分", "count": ""}


def write_ledger(press: Press, findings: Iterable[Verdict], site: Path) -> None:
    """`ledger.xlsx` holds every broken verdict in the order given, those that follow from one before them folded under it.

    Text is written as text: a label that begins with "=" stays a label.
    """
    book = xlsxwriter.Workbook(
        str(site / "ledger.xlsx"),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    formats = {
        "head": book.add_format(
            {"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter", "bg_color": "#F1F2F4"}
        ),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "number": book.add_format({"num_format": "#,##0.00######", "valign": "top"}),
        "whole": book.add_format({"num_format": "0", "valign": "top"}),
        "critical": book.add_format({"valign": "top", "font_color": "#B3261E", "bold": True}),
        "warning": book.add_format({"valign": "top", "font_color": "#8A5700"}),
    }
    sheet, row, number = _sheet(book, "整改台账", formats["head"]), 0, 0
    numbers: dict[tuple[str, str], int] = {}
    for number, verdict in enumerate(findings, 1):
        numbers[verdict.filing, verdict.fingerprint] = number
        if row == ROWS:
            _finish(sheet, row)
            sheet, row = _sheet(book, f"整改台账 {number // ROWS + 1}", formats["head"]), 0
        row += 1
        root = numbers.get((verdict.filing, verdict.root))
        if root:
            sheet.set_row(row, None, None, {"level": 1})
            sheet.write_number(row, 4, root, formats["whole"])
        _write(sheet, row, number, press, verdict, formats)
    _finish(sheet, row)
    book.close()


def _sheet(book: xlsxwriter.Workbook, name: str, head: Format) -> Worksheet:
    sheet = book.add_worksheet(name)
    for column, (title, width) in enumerate(_HEADS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.outline_settings(visible=True, symbols_below=False)
    return sheet


def _finish(sheet: Worksheet, rows: int) -> None:
    sheet.autofilter(0, 0, max(rows, 1), len(_HEADS) - 1)


def _write(sheet: Worksheet, row: int, number: int, press: Press, verdict: Verdict, formats: dict[str, Format]) -> None:
    filing, rule = press.filings.get(verdict.filing), press.rules.get(verdict.rule)
    severity = rule.severity if rule else "critical"
    unit = sayings.unit_of(filing)
    factor = scale(unit) if verdict.measure == "amount" else Decimal(1)
    sheet.write_number(row, 0, number, formats["whole"])
    sheet.write_string(row, 1, sayings.organisation(filing, "zh"), formats["text"])
    if filing and filing.fiscal_year:
        sheet.write_number(row, 2, filing.fiscal_year, formats["whole"])
    sheet.write_string(
        row,
        3,
        messages.severity_name(severity) + sayings.trial(press, verdict.rule, "zh"),
        formats.get(severity, formats["text"]),
    )
    sheet.write_string(row, 5, sayings.message(press, verdict, filing, "zh"), formats["text"])
    for column, value in enumerate((verdict.stated, verdict.computed, verdict.difference, verdict.unexplained), 6):
        if value is not None:
            # A workbook knows only floating-point numbers: the exact digits are in findings.json.
            sheet.write_number(row, column, float(value * factor), formats["number"])
    words = (
        unit if verdict.measure == "amount" else _MEASURES.get(verdict.measure, ""),
        sayings.page(verdict.page, filing, "zh"),
        verdict.instance,
        verdict.rule,
        rule.formula if rule else "",
        rule.basis if rule else "",
        filing.document.source.rsplit("/", 1)[-1] if filing else "",
        verdict.fingerprint,
    )
    for column, text in enumerate(words, 10):
        sheet.write_string(row, column, text, formats["text"])
