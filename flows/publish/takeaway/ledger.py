"""The ledger of findings (整改台账) as a workbook to send to a department: one row a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from expectations import messages
from flows.explain.diagnosis import Suspect
from flows.publish.content.seen import Seen
from flows.publish.content.suspected import Found
from flows.publish.content.views import Case, Filing, Verdict
from flows.publish.press import Press
from flows.publish.wording import sayings, supposed
from flows.publish.wording.numbers import scale
from flows.publish.wording.words import say
from flows.waivers.ledger import EVIDENCE, REASON, UNTIL, WHO
from flows.waivers.reading import Waiver

ROWS = 1_000_000
"""Findings on one sheet; a workbook's sheet ends at 1,048,576 rows."""

LEDGER = "整改台账"
A3 = 8
_COLUMNS = (
    ("序号", 6, "问题在台账中的序号；必须更正的在前，无法解释的差额大的在前。"),
    ("机构", 22, "公开决算的部门或单位。"),
    ("年度", 6, "决算年度。"),
    ("报表", 16, "数字所在的报表；文字表述的出处为“情况说明”。"),
    ("数字", 24, "“项目 · 栏目”，或有关的文字表述。"),
    ("公开数", 13, "文件上印出的数，单位见“单位”一栏。"),
    ("计算得", 13, "按公式算出的数。"),
    ("差额", 12, "公开数减计算得。"),
    ("无法解释", 12, "四舍五入所不能解释的最小差额。"),
    ("单位", 6, "以上各数的单位。"),
    ("问题", 44, "问题的文字说明。"),
    ("疑误数字", 26, "推测有误的公开数字，供核实，不是更正；几组之一有误而无法判定时以“或”相连，最可能的在前。由其他问题引起的见其原因。"),
    ("推测应为", 14, "疑误数字推测应为多少，与“疑误数字”逐一对应。"),
    ("推测成因", 30, "疑误数字可能如何产生，附算式。"),
    ("规则", 14, "规则编号，站点上有规则说明。"),
    ("公式", 28, "规则的审核公式。"),
    ("依据", 16, "规则的依据。"),
    ("程度", 10, "必须更正、需要说明或提示。"),
    ("出处", 11, "文件中的页、工作表或行。"),
    ("文件", 18, "所读文件的名称。"),
    ("首次发现", 11, "这一问题首次出现的那次运行的日期。"),
    ("与上次相比", 9, "新增：上次运行没有；仍在：上次运行已有；首次运行为空。"),
    ("源于序号", 8, "由哪一序号的问题引起；空白表示它本身即原因，或未见关联。"),
    ("问题编号", 18, "问题的固定编号，数字不变则编号不变。"),
    ("核实说明", 24, "请填写：核实的结果。已有说明的问题，这里是现行的说明。"),
    ("责任人", 10, "请填写：由谁说明。"),
    ("佐证材料", 20, "请填写：链接或文件名。"),
    ("说明有效期至", 11, "请填写，如 2026-12-31；不填为一年。"),
    ("整改情况", 24, "请填写：如何更正。"),
    ("完成日期", 11, "请填写。"),
)  # fmt: skip
HEADS = tuple(head for head, _, _ in _COLUMNS)
_AT = {head: column for column, head in enumerate(HEADS)}
_MEASURES = {"percent": "%", "score": "分", "count": ""}
_REMARKS = (
    "本台账由核对系统根据公开的决算生成，每行一处问题，请有关部门核实后填写“核实说明”起的各栏；填好的台账可用 hedui waivers import 导回。",
    "“不符”是指公开的数字按公式计算不能相符，且四舍五入不能解释；不表示对原因或责任的判断。",
    "由其他问题引起的问题列在其原因之下，并以分级折叠；先更正原因，其余往往随之消除。",
    "金额以所在决算的单位表示；工作簿只能保存浮点数，全部位数见同一站点的 findings.json。",
    "打印：A3 横向，每页重复表头；给单个机构的 A4 核查通知在站点的“核查通知”中。",
)
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def write_ledger(press: Press, findings: Iterable[Found], seen: Seen, site: Path) -> None:
    """`ledger.xlsx`: what its columns mean, then every broken verdict in the order given, those that follow from one before them
    folded under it; then the documents that could not be read and the filings that lack forms.

    Text is written as text: a label that begins with "=" stays a label, even when its cell is edited.
    """
    book = xlsxwriter.Workbook(
        str(site / "ledger.xlsx"),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    formats = _formats(book)
    _explain(book, formats, press)
    sheet, row = _sheet(book, LEDGER, formats["head"]), 0
    sheet.activate()
    cause, at = ("", ""), 0
    for number, (verdict, case) in enumerate(findings, 1):
        if not verdict.root:
            cause, at = (verdict.filing, verdict.fingerprint), number
        if row == ROWS:
            _finish(sheet, row)
            sheet, row = _sheet(book, f"{LEDGER} {number // ROWS + 1}", formats["head"]), 0
        row += 1
        # What follows from a finding stands right behind it.
        root = at if (verdict.filing, verdict.root) == cause else None
        if root:
            sheet.set_row(row, None, None, {"level": 1})
        _write(sheet, row, _cells(press, verdict, seen) | _supposed(case) | {"序号": number, "源于序号": root}, formats)
    _finish(sheet, row)
    _others(book, formats, press)
    book.close()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    top = {"valign": "top", "font_size": 10}
    return {
        "head": book.add_format(
            {"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter", "bg_color": "#F1F2F4", "font_size": 10}
        ),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "text": book.add_format(top | {"text_wrap": True}),
        # Excel shows such a cell as it is, and keeps it text when somebody edits it.
        "quoted": book.add_format(top | {"text_wrap": True, "quote_prefix": True}),
        "number": book.add_format(top | {"num_format": "#,##0.00######"}),
        "whole": book.add_format(top | {"num_format": "0"}),
        "必须更正": book.add_format(top | {"font_color": "#B3261E", "bold": True}),
        "需要说明": book.add_format(top | {"font_color": "#8A5700"}),
    }


def _explain(book: xlsxwriter.Workbook, formats: dict[str, Format], press: Press) -> None:
    """The first sheet: what the ledger is and what its columns mean."""
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 90)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, "整改台账", formats["title"])
    row = 1
    for remark in (f"核对时间：{press.checked_at}" if press.checked_at else "尚未核对", *_REMARKS):
        sheet.write_string(row, 1, remark, formats["text"])
        row += 1
    row += 1
    for column, head in enumerate(("栏目", "含义")):
        sheet.write_string(row, column, head, formats["head"])
    for head, _, meaning in _COLUMNS:
        row += 1
        sheet.write_string(row, 0, head, formats["text"])
        sheet.write_string(row, 1, meaning, formats["text"])


def _sheet(book: xlsxwriter.Workbook, name: str, head: Format) -> Worksheet:
    sheet = book.add_worksheet(name)
    for column, (title, width, _) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.outline_settings(visible=True, symbols_below=False)
    return sheet


def _finish(sheet: Worksheet, rows: int) -> None:
    sheet.autofilter(0, 0, max(rows, 1), len(HEADS) - 1)


def _cells(press: Press, verdict: Verdict, seen: Seen) -> dict[str, str | int | Decimal | None]:
    """What stands in the row of `verdict`, by heading; None for an empty cell."""
    filing, rule = press.filings.get(verdict.filing), press.rules.get(verdict.rule)
    unit = sayings.unit_of(filing)
    factor = scale(unit) if verdict.measure == "amount" else Decimal(1)
    form, figure = _figure(press, verdict)
    first = seen.first(verdict.status, verdict.fingerprint)
    amounts = {
        "公开数": verdict.stated,
        "计算得": verdict.computed,
        "差额": verdict.difference,
        "无法解释": verdict.unexplained,
    }
    return {
        "机构": sayings.organisation(filing, "zh"),
        "年度": filing.fiscal_year if filing else None,
        "报表": form,
        "数字": figure,
        **{head: value * factor if value is not None else None for head, value in amounts.items()},
        "单位": unit if verdict.measure == "amount" else _MEASURES.get(verdict.measure, ""),
        "问题": sayings.message(press, verdict, filing, "zh"),
        "规则": verdict.rule,
        "公式": rule.formula if rule else "",
        "依据": rule.basis if rule else "",
        "程度": messages.severity_name(rule.severity if rule else "critical") + sayings.trial(press, verdict.rule, "zh"),
        "出处": sayings.page(verdict.page, filing, "zh"),
        "文件": _name(filing),
        "首次发现": f"{first:%Y-%m-%d}" if first else None,
        "与上次相比": {None: None, True: "仍在", False: "新增"}[seen.still(verdict.fingerprint)],
        "问题编号": verdict.fingerprint,
        **_explained(press.waivers.get(verdict.fingerprint)),
    }  # fmt: skip


def _supposed(case: Case | None) -> dict[str, str]:
    """The figures that may be wrong, what they should read and why; nothing where none is suspected."""
    if case is None:
        return {}
    if not case.suspects:
        return {"推测成因": say(f"supposed_{case.outcome}", "zh")} if case.outcome in ("none", "unfinished") else {}
    sets = case.sets[: supposed.FEW]
    more = say("supposed_and_more", "zh", n=len(case.sets) - len(sets)) if len(case.sets) > len(sets) else ""

    def joined(said: Callable[[Suspect], str]) -> str:
        return say("supposed_or", "zh").join("、".join(said(one) for one in some) for some in sets) + more

    return {
        "疑误数字": joined(lambda one: f"{one.label['zh']} {supposed.number(one.printed, one)}"),
        "推测应为": joined(lambda one: supposed.repair(one)),
        "推测成因": joined(lambda one: one.hypotheses[0].said["zh"] if one.hypotheses else "—"),
    }


def _explained(waiver: Waiver | None) -> dict[str, str]:
    """The waiver in force as a reply in the ledger, so that it comes back unchanged."""
    if waiver is None:
        return {}
    return dict(zip((REASON, WHO, EVIDENCE, UNTIL), (waiver.reason["zh"], waiver.who, waiver.evidence, waiver.until.isoformat()), strict=True))  # fmt: skip


def _figure(press: Press, verdict: Verdict) -> tuple[str, str]:
    """The form and the figure that the finding is about; a statement of the narrative in its words."""
    told = verdict.about
    if told.label:
        form = press.form_names.get(told.form, told.form) + (f"（{told.part}）" if told.part else "")
        return form, " · ".join(part for part in (told.label, told.column) if part)
    if told.quote:
        return "情况说明", f"{told.subject}“{told.quote}”"
    return press.form_names.get(verdict.instance, ""), "" if verdict.instance in press.form_names else verdict.instance


def _name(filing: Filing | None) -> str:
    return filing.document.source.rsplit("/", 1)[-1] if filing else ""


def _write(
    sheet: Worksheet, row: int, cells: dict[str, str | int | Decimal | None], formats: dict[str, Format]
) -> None:
    # In constant memory a row's cells are written from left to right.
    for head in HEADS:
        value = cells.get(head)
        if isinstance(value, str):
            _text(sheet, row, _AT[head], value, formats)
        elif isinstance(value, Decimal):
            # A workbook knows only floating-point numbers: the exact digits are in findings.json.
            sheet.write_number(row, _AT[head], float(value), formats["number"])
        elif value is not None:
            sheet.write_number(row, _AT[head], value, formats["whole"])


def _text(sheet: Worksheet, row: int, column: int, text: str, formats: dict[str, Format]) -> None:
    sheet.write_string(
        row, column, text, formats["quoted" if text.startswith(_RISKY) else text if text in formats else "text"]
    )


def _others(book: xlsxwriter.Workbook, formats: dict[str, Format], press: Press) -> None:
    """What stands in no row because nothing could be judged."""
    unread = [(one.source, one.reason_zh) for one in press.night.unreadable]
    lacking = [
        (sayings.organisation(press.filings[key], "zh"), "、".join(press.form_names.get(form, form) for form in forms))
        for key, forms in press.night.missing.items()
        if key in press.filings
    ]
    for name, heads, rows in (("未能识读的文件", ("文件", "原因"), unread), ("缺少的报表", ("机构", "报表"), lacking)):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 1, 90)
        sheet.freeze_panes(1, 0)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, formats["head"])
        for row, told in enumerate(rows[:ROWS], 1):
            for column, text in enumerate(told):
                _text(sheet, row, column, text, formats)
        sheet.autofilter(0, 0, max(len(rows), 1), 1)
