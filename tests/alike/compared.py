"""What can be compared of one disclosure in several formats: the writers, what each file tells, and how it is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from expectations import rules, vocabulary
from expectations.sql import verdicts
from flows import warehouse
from flows.judge import judge
from flows.recognise.disclosure import Disclosure
from tests.alike.books import as_ods, as_xls, as_xlsx
from tests.alike.disclosures import Published
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
