"""What the peers judge and read: generated filings with errors in some of them, and invented disclosures as PDF."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pypdfium2

from tests.bench.measures import run_python
from tests.peers import checks
from tests.peers.rounds import Material, Papers, Progress, plain
from tests.samples.accounts import comparatives
from tests.samples.archive import YEAR_2022, YEAR_2023, YEAR_2024
from tests.samples.narrative import narrative
from tests.samples.publication import write_publication
from tests.samples.sheets import Sheet, forms


def material(filings: int, sampled: int, folder: Path, progress: Progress) -> Material:
    """So many filings in a warehouse and as Parquet files under `folder`, made where they are not there whole."""
    place = folder / "data" / str(filings)
    warehouse, tables = place / "warehouse.duckdb", place / "tables"
    made = checks.checks()
    if not (place / "whole").exists():
        progress(f"{filings:,} filings are generated")
        tables.mkdir(parents=True, exist_ok=True)
        warehouse.unlink(missing_ok=True)
        run_python("-m", "tests.bench.judging", "build", str(warehouse), str(filings))
        _write_tables(warehouse, tables, made)
        (place / "whole").touch()
    by_hand = checks.queries(made)
    sample = some(warehouse, sampled)
    return Material(filings, warehouse, tables, made, by_hand, sample, checks.counted(warehouse, by_hand, sample))


def some(warehouse: Path, number: int) -> tuple[str, ...]:
    """So many filings from all over the warehouse, always the same."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        every = [row[0] for row in connection.execute("SELECT filing FROM judged_filing ORDER BY filing").fetchall()]
    return tuple(every[:: max(1, len(every) // max(1, number))][:number])


def papers(folder: Path) -> Papers:
    """Two invented disclosures, of 2023 and 2024, as PDF, with the numbers that their forms print."""
    place = folder / "papers"
    place.mkdir(parents=True, exist_ok=True)
    files, numbers, pages = [], [], 0
    for number, year, before in ((2023, YEAR_2023, YEAR_2022), (2024, YEAR_2024, comparatives(YEAR_2023))):
        sheets = forms(year, numbered=False)
        path = place / f"{number}.pdf"
        if not path.exists():
            write_publication(path, number, sheets, {}, narrative(year, before), {})
        with pypdfium2.PdfDocument(path) as document:
            pages += len(document)
        files.append(path)
        numbers.append(printed(sheets))
    return Papers(tuple(files), tuple(numbers), pages)


def printed(sheets: list[Sheet]) -> Counter[str]:
    """Every amount with decimals that the forms print, as often as they do."""
    cells = (cell.value for sheet in sheets for cell in sheet.cells if cell.role == "amount")
    return Counter(plain(str(value)) for value in cells if isinstance(value, Decimal))


def _write_tables(warehouse: Path, folder: Path, made: tuple[checks.Check, ...]) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in checks.tables(made):
            connection.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
