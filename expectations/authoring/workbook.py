"""The rules as a workbook (规则库.xlsx), one row a rule: what each column holds, and how a rule is written into its cells.

What comes back from a workbook is understood in `workbook_import.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from expectations import messages
from expectations.rulefile import example_lines
from expectations.rulefile.entries import Entry, RuleFile, said
from expectations.rulefile.keys import CATEGORIES, FAMILIES, KINDS, OFF, RULE_KEYS, SEVERITIES, STATUSES
from expectations.rules import Rule, RuleBook

EACH = {
    "filing": ("每份决算", "each filing"),
    "row": ("每行", "each row"),
    "parent": ("每个有下级的行", "each row with rows below"),
    "form": ("每张报表", "each form"),
    "sentence": ("每句", "each sentence"),
    "heading": ("每个标题", "each heading"),
}
_CLAIM = ("表述：", "claim of ")
_SPARE = 500
"""Empty rows below the last rule in which the drop-down lists work as well."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its key, its heading in Chinese and English, its width, the words that it admits by code, and what it means."""

    key: str
    zh: str
    en: str
    width: int
    words: Mapping[str, tuple[str, str]]
    about_zh: str
    about_en: str

    def name(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a rule file and where it stands; `amended` where a team has amended all its rules."""

    entry: Entry
    file: RuleFile
    rules: tuple[Rule, ...]

    @property
    def amended(self) -> Any:
        made = [rule.amended for rule in self.rules]
        same = made and made[0] and all(one and (one.file, one.line) == (made[0].file, made[0].line) for one in made)
        return made[0] if same else None


def headings() -> tuple[Heading, ...]:
    """Every column, in order."""
    keys = {key.name: key for key in RULE_KEYS}
    words = {
        "category": {one: (messages.category_name(one, "zh"), messages.category_name(one, "en")) for one in CATEGORIES},
        "family": {one: (messages.family_name(one, "zh"), messages.family_name(one, "en")) for one in FAMILIES},
        "severity": {one: (messages.severity_name(one, "zh"), messages.severity_name(one, "en")) for one in SEVERITIES},
        "status": {
            one: (messages.lifecycle_name(one, "zh"), messages.lifecycle_name(one, "en")) for one in (*STATUSES, OFF)
        },
        "for_each": EACH,
    }
    widths = {
        "id": 24,
        "title": 36,
        "form": 22,
        "check": 48,
        "query": 48,
        "when": 28,
        "columns": 26,
        "basis": 30,
        "note": 24,
        "family": 14,
        "category": 14,
    }
    made: list[Heading] = []
    for key in RULE_KEYS:
        if key.kind == "said":
            for lang, zh, en in (("zh", "", " (Chinese)"), ("en", "（英文）", "")):
                told = (key.zh + zh, key.en + en)
                made.append(Heading(f"{key.name}_{lang}", *told, widths[key.name], {}, key.about_zh, key.about_en))
        elif key.kind != "examples":
            made.append(
                Heading(
                    key.name,
                    key.zh,
                    key.en,
                    widths.get(key.name, 11),
                    words.get(key.name, {}),
                    key.about_zh,
                    key.about_en,
                )
            )
    about = keys["examples"]
    for kind in KINDS:
        zh, en = f"{messages.status_name(kind, 'zh')}的例子", f"examples: {messages.status_name(kind, 'en')}"
        told_zh = f"{about.about_zh}；一行一例，如 本年支出合计=264.87；基本支出=62.63"
        made.append(
            Heading(
                kind,
                zh,
                en,
                48,
                {},
                told_zh,
                f"{about.about_en}; one a line, such as 本年支出合计=264.87；基本支出=62.63",
            )
        )
    zh, en = "停用或改级别人的规则时必填", "needed when a rule of others is switched off or graded otherwise"
    made.append(Heading("reason", "调整原因", "reason of amendment", 26, {}, zh, en))
    made.append(
        Heading(
            "source",
            "来源",
            "source",
            26,
            {},
            "写在哪个文件；只供参考，不导入",
            "where it is written; for reference, not imported",
        )
    )
    return tuple(made)


def rows(book: RuleBook) -> Iterator[Row]:
    """Every entry of the book's files with its rules."""
    by_place: dict[tuple[str, int], list[Rule]] = {}
    for rule in book.rules:
        by_place.setdefault((rule.file, rule.line), []).append(rule)
    for file in book.files:
        for entry in file.rules:
            yield Row(entry, file, tuple(by_place.get((file.shown, entry.line), ())))


def values(row: Row) -> dict[str, Any]:
    """What a row's columns hold, as a rule file writes it: with what the file says of all its rules, and as amended."""
    data, head, amended = row.entry.data, row.file.head, row.amended
    found: dict[str, Any] = {key: data.get(key) for key in ("id", "for_each", "check", "query", "when", "category", "since", "until", "basis", "introduced", "columns")}  # fmt: skip
    found |= {key: data.get(key) or head.get(key) for key in ("form", "family", "owner")}
    for key in ("title", "note"):
        both = said(data.get(key))
        found |= {f"{key}_{lang}": both.get(lang) for lang in ("zh", "en")}
    found |= {kind: data["examples"].get(kind) or [] for kind in KINDS}
    found["severity"] = (amended.severity if amended else "") or data["severity"]
    found["status"] = (amended.status if amended else "") or data.get("status") or "stable"
    found["reason"] = amended.reason["zh"] if amended else None
    return found


def cell(heading: Heading, value: Any, lang: str) -> str:
    """A value as it stands in its cell."""
    if value in (None, "", [], {}):
        return ""
    if heading.key in KINDS:
        return example_lines.lines(value)
    if heading.key == "columns":
        return "；".join(f"{en}={zh}" for en, zh in value.items())
    text = str(value)
    if text in heading.words:
        return messages.pick(heading.words[text], lang)
    if heading.key == "for_each" and text.startswith("claim of "):
        return messages.pick(_CLAIM, lang) + text.removeprefix("claim of ")
    return text


def meant(heading: Heading, text: str) -> str | None:
    """The code of a word as a cell writes it, in either language; None when the column does not admit it."""
    if heading.key == "for_each":
        for begin in (*_CLAIM, "claim of "):
            if text.startswith(begin):
                return f"claim of {text.removeprefix(begin).strip()}"
    known = next((code for code, both in heading.words.items() if text in (code, *both)), None)
    return text if known is None and heading.key == "for_each" else known  # what there is to run over, lint says


def written(path: Path, book: RuleBook, lang: str) -> int:
    """`path` holds every rule of the book; returns how many rows."""
    out = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    formats = {
        "head": out.add_format(
            {"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter", "bg_color": "#F1F2F4"}
        ),
        "text": out.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "quiet": out.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "font_color": "#6B6F76"}),
    }
    columns, listed = headings(), list(rows(book))
    sheet = out.add_worksheet("规则库" if lang == "zh" else "Rules")
    words = out.add_worksheet("取值" if lang == "zh" else "Words")
    for at, one in enumerate(columns):
        sheet.set_column(at, at, one.width, formats["text"])
        sheet.write_string(0, at, one.name(lang), formats["head"])
        _choices(sheet, words, at, one, len(listed) + _SPARE, lang)
    for number, row in enumerate(listed, 1):
        held = values(row) | {"source": _source(row, lang)}
        for at, one in enumerate(columns):
            text = cell(one, held[one.key], lang)
            if text:
                sheet.write_string(number, at, text, formats["quiet" if one.key == "source" else "text"])
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(listed), 1), len(columns) - 1)
    _explain(
        out.add_worksheet("填写说明" if lang == "zh" else "How to fill it in"),
        columns,
        formats["head"],
        formats["text"],
        lang,
    )
    out.close()
    return len(listed)


def _choices(sheet: Worksheet, words: Worksheet, at: int, one: Heading, last: int, lang: str) -> None:
    """A drop-down list, its words on a sheet of their own: a list in the cell itself ends at 255 characters."""
    if not one.words:
        return
    words.write_string(0, at, one.name(lang))
    for number, both in enumerate(one.words.values(), 1):
        words.write_string(number, at, messages.pick(both, lang))
    letter = xlsxwriter.utility.xl_col_to_name(at)
    rule: dict[str, Any] = {
        "validate": "list",
        "source": f"={words.get_name()}!${letter}$2:${letter}${len(one.words) + 1}",
    }
    if one.key == "for_each":  # kinds of statements may be written as well
        rule["error_type"] = "information"
    sheet.data_validation(1, at, last, at, rule)


def _source(row: Row, lang: str) -> str:
    owner = row.file.team or ("随软件" if lang == "zh" else "shipped")
    return f"{owner} {row.file.path.name}:{row.entry.line}"


def _explain(sheet: Worksheet, columns: Sequence[Heading], head: Format, text: Format, lang: str) -> None:
    zh = lang == "zh"
    lines = (
        ("一行一条规则。改好后运行 hedui rules import 文件名：每一行都会说明是接受、未变、有改动还是拒绝，并写出原因。",
         "One row a rule. When done, run hedui rules import FILE: of every row it says whether it is accepted, unchanged, changed or refused, and why."),
        ("新规则：在最后一行之下写一行，编号不能与别的规则重复，例子至少一个相符、一个不符。",
         "A new rule: a row below the last one, with an id of its own and at least one example that holds and one that is broken."),
        ("随软件的规则只能改“程度”和“状态”（本单位不用），并写“调整原因”；公式要改时，另写一条新规则，再把原来的停用。",
         "Of shipped rules only severity and status (switched off here) can be changed, with a reason; for another formula write a rule of your own and switch the shipped one off."),
        ("删去一行不会删去规则；本单位的规则不再用时，把状态改为“已停用”。",
         "Removing a row removes no rule: a rule of your own that is no longer wanted becomes “retired”."),
    )  # fmt: skip
    sheet.set_column(0, 0, 22, text)
    sheet.set_column(1, 1, 100, text)
    for number, pair in enumerate(lines):
        sheet.write_string(number, 1, messages.pick(pair, lang), text)
    sheet.write_string(len(lines) + 1, 0, "栏目" if zh else "column", head)
    sheet.write_string(len(lines) + 1, 1, "填什么" if zh else "what it holds", head)
    for number, one in enumerate(columns, len(lines) + 2):
        sheet.write_string(number, 0, one.name(lang), text)
        sheet.write_string(number, 1, one.about_zh if zh else one.about_en, text)
