"""A disclosure as a Word document, a web page, Markdown, tab-separated text and CSV."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterable, Iterator

from tests.alike.books import printed
from tests.alike.disclosures import Published
from tests.flows.read import test_word as word
from tests.samples.sheets import Cell, Sheet

Block = str | Sheet
"""A paragraph or a table."""


def blocks(published: Published) -> Iterator[Block]:
    """What stands in a flowing document, in order; the line above a form holds the department and the unit."""
    yield from published.cover
    yield "目录"
    yield from contents(published)
    yield from published.overview
    yield published.parts[0]
    for sheet in published.sheets:
        mark, department, unit = published.above(sheet)
        yield sheet.title
        yield mark
        yield f"{department}　　　　{unit}"
        yield sheet
        yield from sheet.notes
    yield published.parts[1]
    yield from published.paragraphs
    for table in published.tables:
        yield table.title
        yield table


def contents(published: Published) -> Iterator[str]:
    """The entries of a table of contents, with page numbers."""
    overview = [text for text in published.overview if len(text) < 15]
    heads = [text for text in published.paragraphs if text[1:2] == "、" or text[2:3] == "、"]
    titles = [sheet.title for sheet in published.sheets]
    for number, entry in enumerate([*overview, published.parts[0], *titles, published.parts[1], *heads], 3):
        yield f"{entry}……{number}"


def grid(sheet: Sheet) -> list[list[Cell | None]]:
    """The cells by place; None where another cell reaches or nothing is."""
    made: list[list[Cell | None]] = [[None] * len(sheet.widths) for _ in range(sheet.rows)]
    for cell in sheet.cells:
        made[cell.row][cell.column] = cell
    return made


def texts(sheet: Sheet) -> list[list[str]]:
    """The printed texts by place."""
    return [[printed(cell.value) if cell else "" for cell in row] for row in grid(sheet)]


def covered(sheet: Sheet) -> dict[tuple[int, int], Cell]:
    """The merged cell that reaches over each place that is not its first."""
    return {
        (cell.row + down, cell.column + across): cell
        for cell in sheet.cells
        for down in range(cell.rows)
        for across in range(cell.columns)
        if down or across
    }


def as_docx(published: Published) -> bytes:
    """docx with merged cells."""
    return word.packed("".join(word.p(one) if isinstance(one, str) else _word_table(one) for one in blocks(published)))


def _word_table(sheet: Sheet) -> str:
    reached = covered(sheet)
    rows = []
    for r, row in enumerate(grid(sheet)):
        cells = []
        for c, cell in enumerate(row):
            over = reached.get((r, c))
            if cell is None and over is not None:
                if c == over.column:
                    cells.append(word.tc("", f'<w:gridSpan w:val="{over.columns}"/><w:vMerge/>'))
                continue
            down, across = (cell.rows, cell.columns) if cell else (1, 1)
            merge = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
            merge += '<w:vMerge w:val="restart"/>' if down > 1 else ""
            cells.append(word.tc(html.escape(printed(cell.value)) if cell else "", merge))
        rows.append(word.tr(*cells))
    return word.tbl(*rows)


def as_html(published: Published, encoding: str = "utf-8") -> bytes:
    """A page as sites publish it: navigation around the text, all of it within a layout table."""
    body = "".join(
        f"<p>{html.escape(one)}</p>" if isinstance(one, str) else _web_table(one) for one in blocks(published)
    )
    menu = "".join(f"<li><a href='#'>{name}</a></li>" for name in ("首页", "政务公开", "办事服务"))
    page = (
        f"<html><head><meta charset={'gb2312' if encoding == 'gb18030' else encoding}><title>公开</title></head><body>"
        f"<script>var a = '<table>';</script><ul>{menu}</ul>"
        f"<table width=100%><tr><td><div class=content>{body}</div></td></tr></table>"
        "<div style='display: none'>9999.99万元</div></body></html>"
    )
    return page.encode(encoding)


def _web_table(sheet: Sheet) -> str:
    reached = covered(sheet)
    rows = ""
    for r, row in enumerate(grid(sheet)):
        cells = ""
        for c, cell in enumerate(row):
            if cell is None and (r, c) in reached:
                continue
            down, across = (cell.rows, cell.columns) if cell else (1, 1)
            text = html.escape(printed(cell.value)) if cell else ""
            cells += f"<td rowspan={down} colspan={across}><p>{text or '&nbsp;'}</p></td>"
        rows += f"<tr>{cells}</tr>"
    return f"<table border=1>{rows}</table>"


def as_markdown(published: Published) -> bytes:
    """Markdown with pipe tables; a merged cell stands at its first place, the others are empty."""

    def written(one: Block) -> str:
        if isinstance(one, str):
            return one
        lines = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in texts(one)]
        rule = "|" + " --- |" * len(one.widths)
        return "\n".join([lines[0], rule, *lines[1:]])

    return "\n\n".join(written(one) for one in blocks(published)).encode()


def as_text(published: Published) -> bytes:
    """Plain text with tab-separated tables."""

    def written(one: Block) -> str:
        return one if isinstance(one, str) else "\n".join("\t".join(row) for row in texts(one))

    return "\n".join(written(one) for one in blocks(published)).encode()


def as_csv(published: Published) -> bytes:
    """CSV as spreadsheet programs save it, in the Chinese code page."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    for one in blocks(published):
        rows: Iterable[list[str]] = [[one]] if isinstance(one, str) else texts(one)
        writer.writerows(rows)
    return stream.getvalue().encode("gb18030")
