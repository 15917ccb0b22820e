"""The generator of the samples that ship in data/samples: run it with `python -m tests.samples`."""

from __future__ import annotations

from pathlib import Path


def write_samples(folder: Path) -> list[Path]:
    """Write the workbook of 2023, the PDF of 2024 and the list of its planted errors; returns their paths."""
    from .accounts import comparatives
    from .archive import DEPARTMENT, YEAR_2022, YEAR_2023, YEAR_2024
    from .narrative import narrative
    from .planted import plant_in_forms, plant_in_text, write_list
    from .publication import write_publication
    from .sheets import forms
    from .workbook import write_workbook

    folder.mkdir(parents=True, exist_ok=True)
    book, paper, errors = (folder / f"{DEPARTMENT}-{name}" for name in ("2023.xlsx", "2024.pdf", "2024.errors.yaml"))
    write_workbook(book, forms(YEAR_2023, numbered=True), narrative(YEAR_2023, YEAR_2022), 2023)
    sheets, cells = plant_in_forms(forms(YEAR_2024, numbered=False))
    paragraphs, places = plant_in_text(narrative(YEAR_2024, comparatives(YEAR_2023)))
    pages = write_publication(paper, 2024, sheets, cells, paragraphs, places)
    write_list(errors, paper.name, pages)
    return [book, paper, errors]
