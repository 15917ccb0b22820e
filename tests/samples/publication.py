"""Writes a year as a department publishes it: cover, contents, forms, narrative, explanation of terms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .archive import DEPARTMENT
from .narrative import Paragraph
from .paper import HEIGHT, WIDTH, Paper
from .sheets import Sheet

PARTS = (
    "第一部分 部门概况",
    "第二部分 {year}年度部门决算表",
    "第三部分 {year}年度部门决算情况说明",
    "第四部分 名词解释",
)

OVERVIEW = (
    (
        "一、主要职责",
        "管理全市的档案事业，接收、整理和保管市级机关的档案，办理查阅利用，指导下级档案部门和各单位的业务。",
    ),
    ("二、机构设置", "内设办公室、业务指导科、法规宣传科，下设市档案馆。部门决算包括局机关和市档案馆。"),
)

TERMS = (
    ("财政拨款收入", "市级财政当年拨给本部门的资金。"),
    ("事业收入", "档案馆提供专业服务收取的款项。"),
    ("其他收入", "上述各项以外的收入，主要是利息。"),
    ("年初结转和结余", "上一年没有用完、留到本年继续使用的资金。"),
    ("年末结转和结余", "本年没有用完、留到下一年的资金。"),
    ("基本支出", "维持机构运转所用的人员经费和公用经费。"),
    ("项目支出", "为完成专门任务安排的支出，不包括基本支出。"),
    ("“三公”经费", "因公出国（境）费、公务用车购置及运行维护费和公务接待费。"),
    ("机关运行经费", "用一般公共预算安排的公用经费。"),
)

STYLES = {
    "T01": (8.5, 19.0),
    "T02": (8.0, 28.0),
    "T03": (8.0, 28.0),
    "T04": (7.5, 17.5),
    "T05": (9.0, 29.0),
    "T06": (6.5, 15.0),
    "T07": (10.5, 28.0),
    "T08": (8.5, 26.0),
    "T09": (8.5, 26.0),
}


def write_publication(
    path: Path,
    year: int,
    sheets: list[Sheet],
    form_marks: Mapping[tuple[str, str], str],
    paragraphs: list[Paragraph],
    text_marks: Mapping[tuple[int, int], str],
) -> dict[str, int]:
    """Write the PDF and return on which page each mark stands. Drawn twice: the contents need the page numbers."""
    pages: dict[str, int] = {}
    for _ in range(2):
        paper = Paper(path, f"{DEPARTMENT}{year}年度部门决算公开")
        _cover(paper, year)
        _contents(paper, year, sheets, paragraphs, pages)
        _overview(paper, year)
        _forms(paper, year, sheets, form_marks)
        _narrative(paper, year, paragraphs, text_marks)
        _terms(paper, year)
        paper.save()
        pages = paper.pages
    return pages


def _cover(paper: Paper, year: int) -> None:
    paper.text(WIDTH / 2, HEIGHT - 300, DEPARTMENT, 30, "center")
    paper.text(WIDTH / 2, HEIGHT - 350, f"{year}年度部门决算公开", 26, "center")
    paper.text(WIDTH / 2, 150, f"{year + 1}年9月", 14, "center")
    paper.next_page()


def _contents(
    paper: Paper, year: int, sheets: list[Sheet], paragraphs: list[Paragraph], pages: Mapping[str, int]
) -> None:
    paper.heading("目录", 18)
    titles: tuple[list[str], ...] = (
        [title for title, _ in OVERVIEW],
        [_form_heading(number, sheet) for number, sheet in enumerate(sheets)],
        [paragraph.text for paragraph in paragraphs if paragraph.level == 1],
        [],
    )
    for part, lines in zip(PARTS, titles, strict=True):
        _contents_line(paper, part.format(year=year), 70, 12, pages)
        for line in lines:
            _contents_line(paper, line, 90, 10.5, pages)
    paper.next_page()


def _contents_line(paper: Paper, title: str, x: float, size: float, pages: Mapping[str, int]) -> None:
    number = str(pages.get(title, 0))
    paper.text(x, paper.y, title, size)
    end = x + paper.canvas.stringWidth(title, "MicroHei", size)
    dots = "." * int((WIDTH - 95 - end) / paper.canvas.stringWidth(".", "MicroHei", size))
    paper.text(WIDTH - 90, paper.y, dots, size, "right")
    paper.text(WIDTH - 70, paper.y, number, size, "right")
    paper.y -= size * 1.85


def _part(paper: Paper, number: int, year: int) -> None:
    title = PARTS[number].format(year=year)
    paper.mark(title)
    paper.heading(title, 18, after=1.2)


def _overview(paper: Paper, year: int) -> None:
    _part(paper, 0, year)
    for title, text in OVERVIEW:
        paper.mark(title)
        paper.heading(title, 13, "left")
        paper.paragraph(text)
    paper.next_page()


def _form_heading(number: int, sheet: Sheet) -> str:
    return f"{'一二三四五六七八九'[number]}、{sheet.title}"


def _forms(paper: Paper, year: int, sheets: list[Sheet], marks: Mapping[tuple[str, str], str]) -> None:
    _part(paper, 1, year)
    for number, sheet in enumerate(sheets):
        paper.mark(_form_heading(number, sheet))
        size, row_height = STYLES[sheet.form]
        paper.heading(sheet.title, 15, after=0.3)
        paper.text(42, paper.y, f"部门：{DEPARTMENT}", 9)
        paper.text(WIDTH - 42, paper.y + 14, sheet.mark, 9, "right")
        paper.text(WIDTH - 42, paper.y, "金额单位：万元", 9, "right")
        paper.y -= 6
        paper.table(sheet, size, row_height, {key: name for (form, key), name in marks.items() if form == sheet.form})
        for note in sheet.notes:
            paper.y -= 14
            paper.text(42, paper.y, note, 8.5)
        if sheet.form == "T08":
            paper.y -= 60
        else:
            paper.next_page()


def _narrative(paper: Paper, year: int, paragraphs: list[Paragraph], marks: Mapping[tuple[int, int], str]) -> None:
    _part(paper, 2, year)
    for number, paragraph in enumerate(paragraphs):
        if paragraph.level == 1:
            paper.heading(paragraph.text, 13, "left", after=0.7)
            paper.mark(paragraph.text)
        else:
            here = {offset: name for (position, offset), name in marks.items() if position == number}
            paper.paragraph(paragraph.text, marks=here)
    paper.next_page()


def _terms(paper: Paper, year: int) -> None:
    _part(paper, 3, year)
    for number, (term, meaning) in enumerate(TERMS):
        paper.paragraph(f"{'一二三四五六七八九'[number]}、{term}：{meaning}")
