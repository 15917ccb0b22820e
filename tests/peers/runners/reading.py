"""Readers of PDF: ours, pdfium's text alone, pdfplumber's tables, camelot's lattice. Each tells the numbers that it found of each file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from measured import Task, run

NUMBER = re.compile(r"-?[\d,]+\.\d+")


def numbers(texts: Iterable[str | None]) -> list[str]:
    """Every text that is a number with decimals and nothing else."""
    tidied = ((text or "").strip() for text in texts)
    return [text.replace(",", "") for text in tidied if NUMBER.fullmatch(text)]


def hedui(path: str) -> list[str]:
    from pathlib import Path

    from flows.read import read
    from flows.recognise import recognise

    return numbers(figure.raw for figure in recognise(read(Path(path))).figures)


def hedui_cells(path: str) -> list[str]:
    from pathlib import Path

    from flows.read import read

    return numbers(_texts(read(Path(path))))


def _texts(document: Any) -> Iterable[str]:
    for page in document.pages:
        for item in page.items:
            for cell in getattr(item, "cells", ()):
                yield cell.text


def pdfium(path: str) -> list[str]:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return numbers(word for page in document for word in page.get_textpage().get_text_bounded().split())


def pdfplumber(path: str) -> list[str]:
    import pdfplumber as library

    with library.open(path) as document:
        tables = [table for page in document.pages for table in page.extract_tables()]
    return numbers(cell for table in tables for row in table for cell in row)


def camelot(path: str) -> list[str]:
    import camelot as library

    tables = library.read_pdf(path, pages="all", flavor="lattice", suppress_stdout=True)
    return numbers(str(cell) for table in tables for row in table.data for cell in row)


READERS: dict[str, Callable[[str], list[str]]] = {
    "hedui": hedui,
    "hedui_cells": hedui_cells,
    "pdfium": pdfium,
    "pdfplumber": pdfplumber,
    "camelot": camelot,
}


def make_ready(task: Task) -> Callable[[], dict[str, Any]]:
    reader = READERS[sys.argv[2]]
    reader(task["warm"])  # imports and vocabulary are not what is compared

    return lambda: {"amounts": [reader(path) for path in task["files"]]}


if __name__ == "__main__":
    run(make_ready)
