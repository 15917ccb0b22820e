"""A register begun: a workbook with the columns, what each holds, and the filings that the warehouse knows already."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from flows import warehouse
from flows.register import telling
from flows.register.columns import COLUMNS
from flows.register.kept import published

_WIDTHS = {"organisation": 34, "alias": 24, "parent": 24, "region": 16, "address": 40}


def begin(file: Path, known: Path | None, lang: str) -> int:
    """`file` is a register with a row for each filing of the warehouse `known`; returns how many. Raises OSError."""
    filings = []
    if known:
        with warehouse.connect(known, read_only=True) as db:
            filings = published(db)
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F1F2F4"})
    day, wrapped = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("应公开名册" if lang == "zh" else "register")
    for at, column in enumerate(COLUMNS):
        dated = column.name in ("approved", "due", "published_on")
        sheet.set_column(at, at, _WIDTHS.get(column.name, 13), day if dated else None)
        sheet.write_string(0, at, (column.zh if lang == "zh" else column.en)[0], head)
    sheet.freeze_panes(1, 1)
    rows = sorted((one.organisation, one.fiscal_year, one.kind, one.scope) for one in filings if one.organisation and one.fiscal_year)  # fmt: skip
    places = {column.name: at for at, column in enumerate(COLUMNS)}
    for row, (organisation, year, kind, scope) in enumerate(rows, 1):
        sheet.write_string(row, places["organisation"], organisation)
        sheet.write_number(row, places["fiscal_year"], year or 0)
        sheet.write_string(row, places["kind"], telling.word(kind, lang))
        sheet.write_string(row, places["scope"], telling.word(scope, lang) if scope in ("department", "unit") else "")
    about = book.add_worksheet("说明" if lang == "zh" else "about")
    about.set_column(0, 0, 16)
    about.set_column(1, 1, 70)
    for row, column in enumerate(COLUMNS):
        about.write_string(row, 0, (column.zh if lang == "zh" else column.en)[0], head)
        about.write_string(row, 1, column.about_zh if lang == "zh" else column.about_en, wrapped)
    book.close()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(made.getvalue())
    return len(rows)
