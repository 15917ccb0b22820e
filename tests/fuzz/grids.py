"""Random documents of words and numbers that official forms are made of, for recognition without any file."""

from __future__ import annotations

from random import Random

from expectations.vocabulary import load
from flows.read.document import Cell, Document, Grid, Line, Page, Place

_LOOSE = [
    "", "合计", "小计", "总计", "其中：", "项目", "科目名称", "功能分类科目编码", "行次", "栏次", "类", "款", "项", "金额单位：万元", "单位：元", "万元", "注：", "一、", "（一）",
    "201", "20101", "2010101", "301", "30101", "1", "2", "3", "0.00", "-", "—", "/", "12.50", "-3.20", "1,234.56", "１２．５", "1 234.5", "95.89%", "100%", "2023", "2024年", "第1页", "**", "XX", "#REF!",
    "99999999999999999999999999999999.99", "0.000000000000000000001", "1e5", "12.5.6", "(12.50)", "增加", "减少", "分值", "得分", "指标值", "全年执行数", "年初预算数", "执行率", "公开03表", "备注",
]  # fmt: skip
_SENTENCES = [
    "本年支出合计{0}万元，其中：基本支出{1}万元，占{2}%；项目支出{3}万元，占{4}%。", "比上年增加{0}万元，增长{1}%，主要原因是{2}。", "完成年初预算的{0}%。", "“三公”经费支出{0}元，接待{1}批次{2}人次。",
    "（类）{0}（款）{1}（项）。年初预算为{2}万元，支出决算为{3}亿元，完成全年预算的{4}%。", "分别为{0}万元、{1}万元、{2}元，", "某县水文站{0}年度部门决算", "与{0}年持平{1}", "{0}{1}{2}{3}{4}",
]  # fmt: skip


def random_document(random: Random) -> Document:
    """A document of a few pages with lines and grids; spans may cover other cells, as those of damaged files do."""
    words = _words()
    pages = tuple(
        Page(number, tuple(_item(random, words, number) for _ in range(random.randrange(1, 9))))
        for number in range(1, random.randrange(2, 5))
    )
    return Document("a.pdf", "0" * 64, "application/pdf", 1, pages, "grids/1")


def _words() -> list[str]:
    named: list[str] = []
    for form in load().forms.values():
        for one in (form, *form.columns, *form.lines, *form.totals):
            named += [one.zh, *one.also]
    return sorted({name for name in named if name})


def _item(random: Random, words: list[str], page: int) -> Line | Grid:
    place = Place(page=page, bbox=(50.0, 50.0, 500.0, 700.0))
    if random.random() < 0.5:
        text = random.choice((random.choice(words), random.choice(_LOOSE), _sentence(random, words)))
        return Line(text.strip() or "合计", place)
    rows, columns = random.randrange(1, 14), random.randrange(1, 13)
    cells = []
    for row in range(rows):
        for column in range(columns):
            text = _cell(random, words, row, column)
            if text:
                down = random.choice((1, 1, 1, 1, 1, random.randrange(1, rows - row + 1)))
                across = random.choice((1, 1, 1, 1, 1, random.randrange(1, columns - column + 1)))
                cells.append(Cell(text, row, column, place, down, across, random.choice(("", "", "", "?"))))
    return Grid(tuple(cells) or (Cell("合计", 0, 0, place),), rows, columns, place)


def _cell(random: Random, words: list[str], row: int, column: int) -> str:
    chance = random.random()
    if row < 3 or column < 2:
        return random.choice(words) if chance < 0.6 else random.choice(_LOOSE)
    if chance < 0.7:
        return f"{random.randrange(-999, 99999) / 100:.2f}"
    return random.choice(_LOOSE) if chance < 0.95 else _sentence(random, words)


def _sentence(random: Random, words: list[str]) -> str:
    def filling() -> str:
        return random.choice((f"{random.randrange(99999) / 100}", random.choice(words), random.choice(_LOOSE)))

    return "".join(
        random.choice(_SENTENCES).format(*(filling() for _ in range(5))) for _ in range(random.randrange(1, 4))
    )
