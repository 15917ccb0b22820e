"""One set of figures in every format: the same figures, rows, sentences, claims and findings, whichever file it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations import rules, verdicts, vocabulary
from flows import warehouse
from flows.judge import judge
from flows.read import read_bytes
from flows.recognise import recognise
from flows.recognise.disclosure import Disclosure
from tests.alike.books import as_ods, as_xls, as_xlsx
from tests.alike.disclosures import Published, disclosures
from tests.alike.flowing import as_csv, as_docx, as_html, as_markdown, as_text
from tests.alike.paper import as_pdf

WRITERS: dict[str, Callable[[Published, Path], bytes]] = {
    "ruled.pdf": lambda published, folder: as_pdf(published, folder / "ruled.pdf"),
    "a sheet each.xlsx": lambda published, _: as_xlsx(published),
    "one sheet.xlsx": lambda published, _: as_xlsx(published, together=True),
    "old.xls": lambda published, _: as_xls(published),
    "open.ods": lambda published, _: as_ods(published),
    "word.docx": lambda published, _: as_docx(published),
    "page.html": lambda published, _: as_html(published),
    "old page.html": lambda published, _: as_html(published, "gb18030"),
    "marked.md": lambda published, _: as_markdown(published),
    "tabs.txt": lambda published, _: as_text(published),
    "commas.csv": lambda published, _: as_csv(published),
}
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


def told(found: Disclosure) -> dict[str, list[Any]]:
    """What a disclosure says, without the places where it says it."""
    ids = {claim.id: f"{claim.kind} {claim.value}{claim.unit} {claim.quote}" for claim in found.claims}
    return {
        "filing": [found.filing],
        "forms": [(form.form, form.title, form.status, form.unit, form.statement) for form in found.reading.forms],
        "figures": [(f.id, str(f.value), f.unit, f.ulp, f.relation) for f in found.figures],
        "rows": [
            (r.form, r.part, r.row_key, r.code, r.label, r.level, r.parent_key, r.block, r.side) for r in found.rows
        ],
        "numbers without a place": [text for text, _ in found.reading.unplaced],
        # Covers, menus and headers have no section: they are the format's own.
        "sentences": [(s.section, s.text) for s in found.sentences if s.section],
        "claims": [
            (c.kind, c.subject, c.base, c.concept, str(c.value), c.unit, c.ulp, c.direction, c.quote, c.year)
            for c in found.claims
        ],
        "relations": [
            (
                r.kind,
                sorted((role, ids.get(id_, id_)) for role, id_ in r.roles.items()),
                [ids.get(id_, id_) for id_ in r.parts],
                sorted((r.text or {}).items()),
            )
            for r in found.relations
        ],
    }


def differing(one: Iterable[Any], other: Iterable[Any]) -> list[str]:
    """What only one of them holds, and what stands elsewhere, as lines."""
    mine, theirs = [repr(item) for item in one], [repr(item) for item in other]
    left, right = Counter(mine) - Counter(theirs), Counter(theirs) - Counter(mine)
    moved = [] if left or right or mine == theirs else ["another order"]
    return [*(f"- {item}" for item in left), *(f"+ {item}" for item in right), *moved]


def judged(read: dict[str, Disclosure]) -> dict[str, list[Any]]:
    """Every verdict on each disclosure that is not "holds", all judged at once as filings of their own."""
    book = rules.load()
    connection = warehouse.connect()
    named = {file: replace(found.filing, organisation=file) for file, found in read.items()}
    warehouse.load(
        connection,
        [
            (replace(found, filing=named[file], sha256=f"{n:064d}"), warehouse.Origin(file, f"{n:064d}", 1, "test"))
            for n, (file, found) in enumerate(read.items())
        ],
    )
    owner = dict(connection.execute("SELECT filing, organisation FROM filing").fetchall())
    made: dict[str, list[Any]] = {file: [] for file in read}
    of_sentences = {rule.id for rule in book.rules if rule.for_each == "sentence"}
    for verdict in judge(connection, verdicts.compile_all(book, vocabulary.load())):
        if verdict["status"] != "holds":
            numbers = [str(verdict[key]) for key in ("stated", "computed", "difference", "bound", "unexplained")]
            file, instance = owner[verdict["filing"]], verdict["instance"]
            if verdict["rule"] in of_sentences:  # counted from the first line of the file, menus included
                instance = next(s.text for s in read[file].sentences if str(s.position) == instance)
            made[file].append((verdict["rule"], instance, verdict["status"], *numbers, verdict["reason"]))
    return made


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
