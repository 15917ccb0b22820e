"""Real accounts beside the repository: every labelled figure stands in a cell, with its label in the same row."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from flows.read import read
from flows.read.document import Grid


def plain(text: str) -> str:
    return "".join(text.split())


def test_every_labelled_figure_stands_in_the_row_of_its_label(shared: Path) -> None:
    checked, lost = 0, []
    for labels in sorted((shared / "labels").glob("*/figures.csv")):
        source = shared / f"{labels.parent.name}.pdf"
        if not source.exists():
            continue
        pages = read(source).pages
        for figure in csv.DictReader(labels.open(encoding="utf-8-sig")):
            checked += 1
            wanted = {plain(figure["row_label"]), figure["row_code"]} - {""}
            grids = [item for item in pages[int(figure["page"]) - 1].items if isinstance(item, Grid)]
            rows = (
                {plain(other.text) for other in grid.cells if other.row <= cell.row < other.row + other.row_span}
                for grid in grids
                for cell in grid.cells
                if plain(cell.text) == figure["value_text"]
            )
            if not any(wanted <= row for row in rows):
                lost.append(figure)
    assert checked > 100
    assert lost == []


def test_both_readings_of_real_pages_agree_on_their_numbers(shared: Path) -> None:
    for source in sorted(shared.glob("*.pdf")):
        assert [page.doubts for page in read(source).pages if page.doubts] == []


def test_text_tables_keep_every_row(shared: Path) -> None:
    for source in sorted(shared.glob("*.txt")):
        (page,) = read(source).pages
        rows = {cell.place.line for item in page.items if isinstance(item, Grid) for cell in item.cells}
        text = source.read_text(encoding="utf-8").splitlines()
        assert rows == {number for number, line in enumerate(text, start=1) if "\t" in line and line.strip("-\t ")}


def test_importing_the_package_loads_no_reader() -> None:
    code = (
        "import sys, flows.read; print([m for m in ('pdf_oxide', 'pypdfium2', 'python_calamine') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
