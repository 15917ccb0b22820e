"""What the bench reads: one invented disclosure of nine forms and a narrative, in every format, and the PDFs at hand."""

from __future__ import annotations

import csv
import html
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from tests.flows.read import test_ods as ods
from tests.flows.read import test_word as word
from tests.flows.read import test_xls as xls
from tests.samples.accounts import comparatives
from tests.samples.archive import DEPARTMENT, YEAR_2023, YEAR_2024
from tests.samples.narrative import Paragraph, narrative
from tests.samples.publication import write_publication
from tests.samples.sheets import Cell, Sheet, forms
from tests.samples.workbook import write_workbook

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared" / "disclosures"
UNIT = "金额单位：万元"


@dataclass(frozen=True)
class Sample:
    """One document to be read. `pages`: as printed, so that formats without pages are told in the same measure."""

    name: str
    data: bytes
    pages: int

    @property
    def format(self) -> str:
        return Path(self.name).suffix.removeprefix(".")


def pdf_samples() -> list[Sample]:
    """The PDF that ships, and real disclosures where they lie beside the repository."""
    folders = (REPOSITORY / "data" / "samples", SHARED)
    return [file_sample(path) for folder in folders for path in sorted(folder.glob("*.pdf"))]


def file_sample(path: Path) -> Sample:
    """A file to be read; one that is no PDF counts as one page."""
    data = path.read_bytes()
    return Sample(path.name, data, _count(data) if path.suffix == ".pdf" else 1)


def other_samples() -> list[Sample]:
    """The same disclosure as a file of every other format."""
    sheets = forms(YEAR_2024, numbered=False)
    paragraphs = narrative(YEAR_2024, comparatives(YEAR_2023))
    with tempfile.TemporaryDirectory() as folder:
        paper, book = Path(folder) / "a.pdf", Path(folder) / "a.xlsx"
        write_publication(paper, 2024, sheets, {}, paragraphs, {})
        write_workbook(book, sheets, paragraphs, 2024)
        pages, xlsx = _count(paper.read_bytes()), book.read_bytes()
    makers: dict[str, Callable[[list[Sheet], list[Paragraph]], bytes]] = {
        "xls": _xls,
        "ods": _ods,
        "docx": _docx,
        "html": _html,
        "txt": _text,
        "csv": _csv,
    }
    made = [Sample(f"a.{suffix}", maker(sheets, paragraphs), pages) for suffix, maker in makers.items()]
    return [Sample("a.xlsx", xlsx, pages), *made]


def scan_sample(resolution: int = 200) -> Sample:
    """One page of a form as a scanner gives it: a PDF that holds a picture and no text."""
    (path,) = (REPOSITORY / "data" / "samples").glob("*.pdf")
    with pypdfium2.PdfDocument(path) as document:
        picture = document[6].render(scale=resolution / 72).to_pil().convert("L")
    stream = io.BytesIO()
    picture.save(stream, "PDF", resolution=resolution)
    return Sample("scan.pdf", stream.getvalue(), 1)


def _count(data: bytes) -> int:
    with pypdfium2.PdfDocument(data) as document:
        return len(document)


def _printed(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def _rows(sheet: Sheet) -> Iterator[list[Cell]]:
    """The cells of each row from left to right, with empty cells where nothing stands."""
    taken = {
        (cell.row + down, cell.column + across)
        for cell in sheet.cells
        for down in range(cell.rows)
        for across in range(cell.columns)
    }
    for row in range(sheet.rows):
        own = [cell for cell in sheet.cells if cell.row == row]
        free = [column for column in range(len(sheet.widths)) if (row, column) not in taken]
        yield sorted([*own, *(Cell(row, column, None, "label") for column in free)], key=lambda cell: cell.column)


def _lines(sheet: Sheet) -> list[list[str]]:
    """The form as rows of fields, merged cells in their first field."""
    lines = [[""] * len(sheet.widths) for _ in range(sheet.rows)]
    for cell in sheet.cells:
        lines[cell.row][cell.column] = _printed(cell)
    return lines


def _xls(sheets: list[Sheet], paragraphs: list[Paragraph]) -> bytes:
    def values(sheet: Sheet) -> list[tuple[int, int, str | float]]:
        top: list[tuple[int, int, str | float]] = [(0, 0, sheet.title), (1, 0, UNIT)]
        cells = [cell for cell in sheet.cells if cell.value is not None]
        return top + [
            (cell.row + 2, cell.column, float(cell.value) if cell.role == "amount" else str(cell.value))  # type: ignore[arg-type]
            for cell in cells
        ]

    def merged(sheet: Sheet) -> list[tuple[int, int, int, int]]:
        return [
            (cell.row + 2, cell.row + cell.rows + 1, cell.column, cell.column + cell.columns - 1)
            for cell in sheet.cells
            if cell.rows > 1 or cell.columns > 1
        ]

    return xls.compound(xls.biff([(sheet.form, 0, values(sheet), merged(sheet)) for sheet in sheets]))


def _ods(sheets: list[Sheet], paragraphs: list[Paragraph]) -> bytes:
    def drawn(cell: Cell) -> str:
        spans = f'table:number-rows-spanned="{cell.rows}" table:number-columns-spanned="{cell.columns}"'
        return ods.cell(html.escape(_printed(cell)), spans)

    def table(sheet: Sheet) -> str:
        rows = [ods.row(sheet.title), ods.row(UNIT)]
        for number in range(sheet.rows):
            begun = {cell.column: cell for cell in sheet.cells if cell.row == number}
            rows.append(ods.row(*(drawn(begun[at]) if at in begun else ods.COVERED for at in range(len(sheet.widths)))))
        return ods.table(*rows, name=sheet.form)

    prose = ods.table(*(ods.row(html.escape(paragraph.text)) for paragraph in paragraphs), name="说明")
    return ods.packed("".join(table(sheet) for sheet in sheets) + prose)


def _docx(sheets: list[Sheet], paragraphs: list[Paragraph]) -> bytes:
    def table(sheet: Sheet) -> str:
        below: dict[tuple[int, int], int] = {}
        drawn = []
        for row, cells in enumerate(_rows(sheet)):
            out = []
            for cell in cells:
                merge = '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
                out.append((cell.column, word.tc(html.escape(_printed(cell)), _wide(cell.columns) + merge)))
                below |= {(row + down, cell.column): cell.columns for down in range(1, cell.rows)}
            out += [
                (column, word.tc("", _wide(columns) + "<w:vMerge/>"))
                for (at, column), columns in below.items()
                if at == row
            ]
            drawn.append(word.tr(*(text for _, text in sorted(out))))
        return word.tbl(*drawn)

    def _wide(columns: int) -> str:
        return f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""

    tables = "".join(word.p(sheet.title) + word.p(UNIT) + table(sheet) for sheet in sheets)
    prose = "".join(word.p(html.escape(paragraph.text)) for paragraph in paragraphs)
    return word.packed(word.p(f"{DEPARTMENT}2024年度部门决算") + tables + prose)


def _html(sheets: list[Sheet], paragraphs: list[Paragraph]) -> bytes:
    def table(sheet: Sheet) -> str:
        rows = (
            "".join(
                f"<td rowspan={cell.rows} colspan={cell.columns}>{html.escape(_printed(cell))}</td>" for cell in cells
            )
            for cells in _rows(sheet)
        )
        return f"<p>{sheet.title}</p><p>{UNIT}</p><table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"

    prose = "".join(f"<p>{html.escape(paragraph.text)}</p>" for paragraph in paragraphs)
    title = f"<h1>{DEPARTMENT}2024年度部门决算</h1>"
    return f"<html><meta charset=utf-8><body>{title}{''.join(map(table, sheets))}{prose}</body></html>".encode()


def _text(sheets: list[Sheet], paragraphs: list[Paragraph]) -> bytes:
    parts = [f"{DEPARTMENT}2024年度部门决算"]
    for sheet in sheets:
        parts += [sheet.title, UNIT, *("\t".join(line) for line in _lines(sheet)), ""]
    return "\n".join(parts + [paragraph.text for paragraph in paragraphs]).encode()


def _csv(sheets: list[Sheet], paragraphs: list[Paragraph]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([f"{DEPARTMENT}2024年度部门决算"])
    for sheet in sheets:
        writer.writerows([[sheet.title], [UNIT], *_lines(sheet), []])
    writer.writerows([paragraph.text] for paragraph in paragraphs)
    return stream.getvalue().encode()
