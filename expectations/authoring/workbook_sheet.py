"""The sheet of a workbook of rules as it is read: rows by number, columns by what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from expectations.authoring.workbook import headings


class Unusable(Exception):
    """The workbook as a whole cannot be read as rules; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass
class Sheet:
    """The rows of the workbook by number, each as column key → text; `letters` are the columns' letters."""

    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    strange: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path) -> Sheet:
    """The first sheet of the workbook, from the row that holds the headings on. Raises `Unusable`."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        table = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise Unusable(
            f"{path} 不是可读的工作簿（{error}）", f"{path} is no workbook that can be read ({error})"
        ) from error
    named = {name: one.key for one in headings() for name in (one.zh, one.en, one.key)}
    top = next((k for k, line in enumerate(table[:20]) if {"编号", "id"} & {_text(one) for one in line}), None)
    if top is None:
        zh, en = "第一张工作表里没有“编号”这一栏", "the first sheet has no column “id”"
        raise Unusable(f"{path}：{zh}", f"{path}: {en}")
    sheet = Sheet()
    columns: dict[int, str] = {}
    for at, one in enumerate(table[top]):
        title = _text(one)
        if title in named:
            columns[at] = named[title]
            sheet.letters[named[title]] = _letter(at)
        elif title:
            sheet.strange.append((_letter(at), title))
    for number, line in enumerate(table[top + 1 :], top + 2):
        cells = {key: _text(line[at]) for at, key in columns.items() if at < len(line)}
        if any(text for key, text in cells.items() if key != "source"):
            sheet.rows[number] = cells
    return sheet


def _letter(at: int) -> str:
    return (_letter(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
