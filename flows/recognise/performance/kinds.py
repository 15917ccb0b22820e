"""What one row, or the line above a table, is: a title, a project's name, a note, a total, pairs of name and value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from expectations.vocabulary import Form, plain
from flows.read.document import Cell, Grid
from flows.recognise.performance.cells import number, shape, tidy, wordless
from flows.recognise.performance.columns import PROJECT_NAMES, REMARKS, Heading, amount_unit, core, headings

UNIT_NAMES = (
    "部门名称",
    "单位名称",
    "部门单位名称",
    "预算单位名称",
    "预算部门名称",
    "部门预算单位名称",
    "自评单位",
    "预算单位",
    "部门",
)
GOALS = ("预期目标", "年度总体目标", "总体目标", "年度目标", "年度绩效目标", "总体绩效目标", "年初设定目标", "年度总体目标完成情况", "年度总体绩效目标完成情况")  # fmt: skip
NOTES = ("说明", "其他需要说明", "备注", "注", "填报说明", "填表说明")
_CONCLUSIONS = ("评价结论", "自评结论", "存在问题", "主要问题", "存在的问题", "结果应用", "其他需说明")
UNIT_STATED = re.compile(r"[（(:：]\s*(?:金额)?(?:单位)?\s*[:：]?\s*(元|千元|万元|亿元)\s*[）)]?$")
YEARS = re.compile(r"[（(][^（）()]*[）)]$|[.…·\d\s]+$")
PARTICULARS = ("主管部门", "主管部门及代码", "主管单位", "实施单位", "项目实施单位", "项目单位", "项目负责人", "负责人", "联系人", "联系电话", "填报单位", "填报人", "项目类别", "项目类型", "项目属性")  # fmt: skip
DEPARTMENTS = (*UNIT_NAMES, "主管部门", "主管部门及代码", "主管单位", "填报单位", "编制单位")
IMPLEMENTERS = ("实施单位", "项目实施单位", "项目单位")
_YEAR = re.compile(r"(20\d{2})年(?:度|$|[)）])")
_TITLE_YEAR = re.compile(r"^(?:附件|附表|附)?\d{0,2}[:：.、]?|20\d{2}年度?")
_TITLE_WORD = re.compile(r"部门|单位|项目|整体|绩效|预算|专项|政策|转移支付|自评|决算|财政|支出|本级")
_LINE_NAME = re.compile(
    r"(?:填报|编制|预算|公开|部门|单位|自评)(?:单位|部门|名称)?(?:\([^()]*\))?[:：]\s*([\u4e00-\u9fff（）()\d\-]+)"
)
_CODED = re.compile(r"^(?:[\[【(（]?\d+[\]】)）]?[-—_]?)+")


def rows_of(grid: Grid) -> Iterator[tuple[Cell, ...]]:
    """The grid's cells, row by row."""
    row: list[Cell] = []
    for cell in grid.cells:
        if row and cell.row != row[0].row:
            yield tuple(row)
            row = []
        row.append(cell)
    if row:
        yield tuple(row)


def titled_form(text: str, forms: dict[str, Form]) -> str:
    """The performance form whose title this is, "" for any other text."""
    name = plain(tidy(text)).rstrip("：:")
    while (shorter := YEARS.sub("", name)) != name:
        name = shorter
    if len(name) > 60 or not name.endswith("表") or re.search(r"[，。；]", name):
        return ""
    known = [
        (len(plain(title)), form.id)
        for form in forms.values()
        for title in (form.zh, *form.also)
        if name.endswith(plain(title))
    ]
    if known:
        return max(known)[1]
    if not re.search(r"绩效.*(?:自评|自我评价|目标完成|评价)", name):
        return ""
    if re.search(r"汇总|一览|总表", name):
        return "P03"
    return "P01" if "整体" in name else "P02" if re.search(r"项目|专项|政策|转移支付", name) else ""


def project_cell(row: Sequence[Cell]) -> int | None:
    for position, cell in enumerate(row):
        name = core(cell.text)
        if name in PROJECT_NAMES or name.split("：")[0].split(":")[0] in PROJECT_NAMES:
            return position
    return None


def project_name(row: Sequence[Cell]) -> str:
    position = project_cell(row)
    assert position is not None
    _, colon, inline = wordless(row[position].text).replace(":", "：").partition("：")
    if colon and inline:
        return inline
    after = row[position + 1] if position + 1 < len(row) else None
    return (
        wordless(after.text)
        if after and core(after.text) not in ("主管部门", "实施单位", "项目编码", "项目类别")
        else ""
    )


def is_note(row: Sequence[Cell]) -> bool:
    """True for a row of words below or between the blocks: a note, a conclusion, why the whole deviates."""
    name = core(row[0].text)
    if name in NOTES or name.startswith(("其他需要说明", "说明：", "说明:", "注：", "注:", "备注：", "备注:")):
        return True
    told = any(word in name for word in (*REMARKS, *_CONCLUSIONS))
    return told and len(row) <= 2 and shape(row[-1].text) in ("text", "dash")


def is_total(row: Sequence[Cell], form: Form) -> bool:
    totals = {core(known) for line in form.lines if line.block == "total" for known in (line.zh, *line.also)}
    first = next((cell for cell in row if shape(cell.text) == "text"), None)
    return (
        first is not None
        and core(first.text) in totals
        and (first is row[0] or number(row[0].text) is None or len(row) > 2)
    )


def is_value(cell: Cell) -> bool:
    return shape(cell.text) in ("number", "percent")


def unit_in(row: Sequence[Cell]) -> str:
    for cell in row:
        if len(cell.text) < 40 and (unit := UNIT_STATED.search(re.sub(r"\s", "", cell.text))):
            return unit[1]
    return ""


def year_said(text: str) -> int | None:
    """The year that a title, or a line such as （2024年度） above a table, states."""
    plain_text = wordless(tidy(text))
    said = _YEAR.search(plain_text) or (re.search(r"(20\d{2})年", plain_text) if plain_text.endswith("表") else None)
    return int(said[1]) if said else None


def named_in_title(text: str) -> str:
    """The organisation that a title begins with, before or behind the year; "" where it names none."""
    name = _TITLE_YEAR.sub("", wordless(tidy(text)).split(".")[0]).lstrip("-—_：:、")
    before = _TITLE_WORD.split(name, maxsplit=1)[0]
    return before if len(before) > 3 and re.fullmatch(r"[\u4e00-\u9fff（）()]+", before) else ""


def named_in_line(text: str) -> str:
    """The organisation behind 填报单位： or the like in a line above a table; "" where it names none."""
    said = _LINE_NAME.search(tidy(text))
    return _CODED.sub("", said[1]) if said and len(said[1]) > 3 else ""


def organisations(row: Sequence[Cell]) -> dict[str, str]:
    """The organisations that a row of particulars names: department (主管部门, 部门名称) and implementer (实施单位)."""
    found: dict[str, str] = {}
    for position, cell in enumerate(row):
        name, colon, inline = wordless(cell.text).replace(":", "：").partition("：")
        after = inline if colon else wordless(row[position + 1].text) if position + 1 < len(row) else ""
        value = _CODED.sub("", after)
        for role, names in (("department", DEPARTMENTS), ("implementer", IMPLEMENTERS)):
            if core(name) in names and len(value) > 2 and core(value) not in PARTICULARS:
                found.setdefault(role, value)
    return found


def heads_only(row: Sequence[Cell], over: Sequence[Heading]) -> bool:
    """True for a row of nothing but names of columns."""
    return len(row) > 1 and all(heading.kind != "other" for heading in over) and not any(map(is_value, row))


def value_pairs(row: Sequence[Cell], form: Form) -> tuple[tuple[Cell, Heading], ...]:
    """The values of a row that prints names of columns and their values in turn ("全年执行数 | 90.00 | 执行率 | 90%").

    Name and value may share a cell ("执行率：90%"). Empty for any other row: one that names columns without values is a
    header, and one with a single pair among other cells may be anything.
    """
    named = [_inline(cell, form) or (cell, headings([cell], form)[0]) for cell in row]
    found: list[tuple[Cell, Heading]] = []
    for position, (cell, heading) in enumerate(named):
        if heading.kind not in ("amount", "percent", "score"):
            continue
        if cell is not row[position]:
            found.append((cell, heading))
        elif position + 1 < len(row):
            after = row[position + 1]
            if _holds(after.text, heading.kind):
                found.append((after, heading))
            elif not position or named[position - 1][1].kind == heading.kind:
                return ()
    return tuple(found) if len(found) > 1 or (found and len(row) <= 4) else ()


def stated_total(row: Sequence[Cell], form: Form) -> tuple[Cell, Cell] | None:
    """Name and value of the total score that a row of particulars prints ("自评总分（分） | 96.2"); None where it prints none."""
    totals = {core(known) for line in form.lines if line.block == "total" for known in (line.zh, *line.also)}
    for name, value in pairwise(row):
        if core(name.text) in totals - {"合计", "总计"} and number(value.text) is not None:
            return name, value
    return None


def _inline(cell: Cell, form: Form) -> tuple[Cell, Heading] | None:
    name, colon, value = cell.text.replace(":", "：").rpartition("：")
    if not colon:
        return None
    named = replace(cell, text=name)
    heading = headings([named], form)[0]
    held = heading.kind in ("amount", "percent", "score") and _holds(value, heading.kind)
    return (replace(cell, text=value.strip()), heading) if held else None


def _holds(text: str, kind: str) -> bool:
    return shape(text) in ("number", "percent", "dash") or bool(amount_unit(text, kind))
