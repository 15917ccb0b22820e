"""Whether what was read of a form can be relied upon: its status, and every number on it that its reading does not explain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.read.document import NOT_READ, Line, Page, Place
from flows.recognise.disclosure import FormReading
from flows.recognise.doubts import in_both, is_unread
from flows.recognise.forms.found import Found
from flows.recognise.forms.harvest import Harvest, doubtful_label
from flows.recognise.forms.table import Table
from flows.recognise.forms.titles import bare
from flows.recognise.numbers import parse, tokens

_ROW_END = re.compile(r"(?:^|\s)-?[\d,]+\.\d+(?:\s+-?[\d,]+\.\d+)+\s*$")
"""Two amounts or more at the end of a line."""


def form_reading(
    found: Found, unit: str, has_figures: bool, unplaced: Sequence[tuple[str, Place]], pages: dict[int, Page]
) -> FormReading:
    """How the form was found."""
    name = found.form.id
    withtable = [section for section in found.sections if section.tables]
    shown = (withtable or found.sections)[:1]
    title = shown[0].title.text if shown and shown[0].title else ""
    statement = next((said for section in withtable or found.sections if (said := section.statement)), "")
    if not found.tables:
        return _without_table(found, title, unit, statement)
    where = tuple(sorted({_position(table) for table, _ in found.tables}))
    reason = _reason(found, unplaced, pages)
    status = "unreadable" if reason else "read" if has_figures else "blank"
    return FormReading(name, title, where, status, unit, "" if status == "read" else statement, reason)


def _without_table(found: Found, title: str, unit: str, statement: str) -> FormReading:
    """A form whose title stands somewhere, or nowhere, but not over a table."""
    name = found.form.id
    where = tuple(sorted({section.place.line or section.page for section in found.sections if section.place}))
    if statement:
        return FormReading(name, title, where, "blank", unit, statement)
    shown = next((line.text for section in found.sections for line in section.above if line.text in NOT_READ), "")
    if shown:
        reason = {
            "zh": f"标题“{title}”下是{shown.strip('［］')}，不是表格；请提供表格本身（xlsx 或带文字的 PDF）",
            "en": f"below the title {title} stands a picture or embedded object, no table; supply the table itself (xlsx, PDF)",
        }
        return FormReading(name, title, where, "unreadable", unit, "", reason)
    refused = [cell.text for table in found.refused for cell in table.cells]
    for section in found.sections:
        texts = refused + [line.text for line in section.above if "。" not in line.text]
        if sum("." in token for text in texts for token in tokens(text)) >= 2:
            reason = {
                "zh": f"标题“{title}”下有数字，但认不出表格（无框线或为图片）",
                "en": f"there are numbers below the title {title}, but no table could be made out",
            }
            return FormReading(name, title, where, "unreadable", unit, "", reason)
    return FormReading(name, title, where, "missing")


def _reason(found: Found, unplaced: Sequence[tuple[str, Place]], pages: dict[int, Page]) -> dict[str, str] | None:
    """Why the form cannot be relied upon, or None."""
    if unplaced:
        text, place = unplaced[0]
        text = text if len(text) <= 40 else text[:40] + "…"
        more = len(unplaced) - 1
        at = place.page or place.line
        return {
            "zh": f"第{at}页的数字“{text}”无法归入任何栏目" + (f"（另有{more}处）" if more else ""),
            "en": f"the number {text} (page {at}) belongs to no column" + (f"; {more} more" if more else ""),
        }
    if found.problems:
        return found.problems[0]
    if found.form.shape == "lines" and (uncertain := _uncertain_line(found) or _jammed_total(found)):
        return uncertain
    for table, _ in found.tables:
        page, following = pages.get(table.page), pages.get(table.page + 1)
        for doubted in (page, following if following is not None and is_unread(following) else None):
            if doubted is not None and doubted.doubts:
                why = in_both(doubted.doubts[0])
                return {"zh": f"第{doubted.number}页读取存疑：{why['zh']}", "en": f"page {doubted.number}: {why['en']}"}
    return None


def _uncertain_line(found: Found) -> dict[str, str] | None:
    """The line whose name is not certain and is none that the vocabulary knows; a known name confirms itself."""
    doubts = {cell.place: cell.doubt for table, _ in found.tables for cell in table.cells if cell.doubt}
    for entry in found.entries if doubts else ():
        if not entry.name and entry.amounts and entry.place in doubts:
            return doubtful_label(entry.label, doubts[entry.place])
    return None


def _jammed_total(found: Found) -> dict[str, str] | None:
    """What is wrong where the name of a total that the form lacks stands behind other words: two labels run together."""
    there = {entry.name for entry in found.entries}
    lacking = [line.zh for line in found.form.lines if line.zh not in there and line.zh.endswith(("合计", "总计"))]
    for entry in found.entries if lacking else ():
        label = bare(entry.label)
        if not entry.name and any(label != name and label.endswith(name) for name in lacking):
            return {
                "zh": f"“{label}”像是两个行名连在一起",
                "en": f"{label} looks like the names of two rows run together",
            }
    return None


def rows_without_code(found: Found) -> list[dict[str, str]]:
    """What is wrong where a row has amounts but no code, and all others of the form have one: it was misread, or cut."""
    if found.form.shape != "coded":
        return []
    bare_rows = [entry for entry in found.entries if entry.amounts and not entry.code and not entry.name]
    coded = sum(bool(entry.code) for entry in found.entries)
    enough = 5 if found.form.codes == "economic" else 1
    if not bare_rows or coded < enough * len(bare_rows):
        return []
    entry = bare_rows[0]
    at = entry.place.page or entry.place.line
    return [
        {
            "zh": f"第{at}页“{entry.label}”一行没有科目编码，其余各行都有",
            "en": f"the row {entry.label} (page {at}) has no code, all others have one",
        }
    ]


def unplaced_numbers(table: Table, harvest: Harvest, pages: dict[int, Page]) -> list[tuple[str, Place]]:
    """The numbers of `table` that its reading does not explain, and those that stand beside it but outside its cells."""
    cells = [cell for cell in table.cells if id(cell) not in harvest.explained and tokens(cell.text)]
    beside = [(line.text, line.place) for line in _lines_beside(table, pages) if parse(line.text)]
    return [(cell.text, cell.place) for cell in cells] + beside


def numbers_left(found: Found) -> list[tuple[str, Place]]:
    """The amounts that stand below or behind the tables of the form in lines without words of a sentence: rows, or a column,
    cut off from their table.
    """
    loose = [line for section in found.sections if section.tables for line in section.loose]
    rows = [line for line in loose if _ROW_END.search(line.text)]
    alone = [line for line in loose if "." in line.text and parse(line.text)]
    left = [*rows, *(alone if len(alone) >= 3 else [])]
    return [(line.text, line.place) for line in left]


def _lines_beside(table: Table, pages: dict[int, Page]) -> list[Line]:
    """Lines of the page within the height of `table`."""
    box = table.grid.place.bbox
    if box is None or table.page not in pages:
        return []
    lines = [item for item in pages[table.page].items if isinstance(item, Line) and item.place.bbox]
    return [
        line for line in lines if line.place.bbox and box[1] < (line.place.bbox[1] + line.place.bbox[3]) / 2 < box[3]
    ]


def _position(table: Table) -> int:
    place = table.grid.place
    return place.line or table.page
