"""A department's year as it is published: forms, narrative and performance tables, and what each printed thing is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from tests.alike.disclosures import Published, with_zeros
from tests.prove.invent import Department, department
from tests.prove.layouts import basic_in_one_list, state_capital_in_full
from tests.prove.pen import Mark
from tests.prove.tables import performance_tables
from tests.prove.wording import narrative
from tests.samples.accounts import Year
from tests.samples.sheets import Sheet, forms


@dataclass(frozen=True)
class Generated:
    """One filing. `marks` say what stands where in the narrative; `prior` is the filing of the year before, if published."""

    published: Published
    marks: tuple[Mark, ...]
    prior: Published | None = None

    @property
    def name(self) -> str:
        """Whose accounts of which year these are."""
        return f"{self.published.organisation} {self.published.year}"


def generated(count: int, seed: int) -> Iterator[Generated]:
    """`count` filings, two consecutive years of one department after the other."""
    for number in range((count + 1) // 2):
        before: Published | None = None
        filings = department_filings(department(seed, number), seed)
        for filing in filings[: count - 2 * number]:
            yield replace(filing, prior=before)
            before = filing.published


def department_filings(made: Department, seed: int) -> list[Generated]:
    """The filings of a department; wording and layout are its own and stay the same over the years."""
    filings = []
    for prior, year in zip(made.years, made.years[1:], strict=False):
        r = Random(f"{seed}/{made.number}/wording")
        name = f"{made.name}"
        numbered, zeros, tables = r.random() < 0.4, r.random() < 0.25, r.random() < 0.3
        sheets = [_named(sheet, made.scope) for sheet in _laid_out(year, r, numbered=numbered)]
        if zeros:
            sheets = [with_zeros(sheet) for sheet in sheets]
        pen = narrative(year, prior, r)
        paragraphs = tuple(text.replace("本部门", f"本{made.scope}") for text in pen.paragraphs)
        evaluated = performance_tables(name, year, r) if tables and year.general("project") else ()
        published = Published(name, year.year, made.scope, "万元", tuple(sheets), paragraphs, evaluated)
        filings.append(Generated(published, tuple(pen.marks)))
    return filings


def _laid_out(year: Year, r: Random, *, numbered: bool) -> list[Sheet]:
    """The nine forms; 06 and 09 in one of two layouts."""
    sheets = forms(year, numbered=numbered)
    if r.random() < 0.3:
        sheets[5] = basic_in_one_list(year)
    if r.random() < 0.4:
        sheets[8] = state_capital_in_full(year, numbered=numbered)
    return sheets


def _named(sheet: Sheet, scope: str) -> Sheet:
    return replace(sheet, notes=tuple(note.replace("本部门", f"本{scope}") for note in sheet.notes))
