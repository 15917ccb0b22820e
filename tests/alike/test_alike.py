"""One set of figures in every format: the same figures, rows, sentences, claims and findings, whichever file it came in."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from flows.read import read_bytes
from flows.recognise import recognise
from flows.recognise.disclosure import Disclosure
from tests.alike.compared import WRITERS, differing, judged, told
from tests.alike.disclosures import Published, disclosures
from tests.alike.paper import as_pdf

BROKEN = {"ministry": 0, "planted": 14, "small unit": 4, "large": 0, "evaluated": 4}
"""At least so many broken verdicts; exactly none where nothing was made wrong."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_disclosure_reads_alike_in_every_format(name: str, tmp_path: Path) -> None:
    published = disclosures()[name]
    read = {
        file: recognise(read_bytes(write(published, tmp_path), file.replace(" ", "-")))
        for file, write in WRITERS.items()
    }
    findings = judged(read)
    (first, model), *others = read.items()
    assert_printed(model, published)
    for file, found in others:
        for what, one, other in zip(told(model), told(model).values(), told(found).values(), strict=True):
            assert not differing(one, other), f"{what} of {file} against {first}"
        assert not differing(findings[first], findings[file]), f"findings of {file} against {first}"
    broken = sum(status == "broken" for _, _, status, *_ in findings[first])
    assert broken >= BROKEN[name] and bool(broken) == bool(BROKEN[name])


@pytest.mark.parametrize("name", ["ministry", "small unit", "evaluated"])
def test_without_any_line_a_form_is_read_whole_or_said_not_to_be(name: str, tmp_path: Path) -> None:
    """Tables as dense as these are not all made out from alignment alone; none may be read wrongly."""
    published = disclosures()[name]
    ruled, bare = (
        recognise(read_bytes(as_pdf(published, tmp_path / f"{ruled}.pdf", ruled=ruled), "a.pdf"))
        for ruled in (True, False)
    )
    doubted = {doubt.id for doubt in bare.reading.doubts}
    read = {form.form for form in bare.reading.forms if form.status == "read"}
    read -= {figure.form for figure in bare.figures if figure.id in doubted}
    assert read

    def figures(found: Disclosure) -> set[tuple[str, Decimal, str]]:
        return {(figure.id, figure.value, figure.unit) for figure in found.figures if figure.form in read}

    assert figures(bare) == figures(ruled)


def assert_printed(found: Disclosure, published: Published) -> None:
    """Every amount that was put into a form is there as often as it was printed, and no other."""
    for sheet in published.sheets:
        put = Counter(cell.value for cell in sheet.cells if isinstance(cell.value, Decimal))
        got = Counter(figure.value for figure in found.figures if figure.form == sheet.form)
        assert got == put, sheet.title
        assert {figure.unit for figure in found.figures if figure.form == sheet.form} <= {published.unit}
    status = {form.form: form.status for form in found.reading.forms}
    for sheet in published.sheets:
        has_any = any(isinstance(cell.value, Decimal) for cell in sheet.cells)
        assert status[sheet.form] == ("read" if has_any else "blank")
    assert {table.form for table in published.tables} == {form for form in status if form[0] == "P"}
    assert found.reading.unplaced == ()


def test_a_figure_that_differs_is_told() -> None:
    assert differing([("a", 1), ("b", 2)], [("a", 1), ("b", 3)]) == ["- ('b', 2)", "+ ('b', 3)"]
    assert differing([1, 2], [2, 1]) == ["another order"]
    assert differing([1, 2], [1, 2]) == []
