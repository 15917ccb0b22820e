"""What the parts of docs/proof.md are made of: tables, shares, and where an error stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tests.prove.errors import Injected


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""


def share(part: int, whole: int) -> str:
    """In percent; a dash of nothing."""
    return f"{part / whole:.1%}" if whole else "–"


def section(error: Injected) -> str:
    """The form and column, or the section of the narrative."""
    if error.form:
        column = error.place.rpartition("/")[2] if error.form.startswith("T") and "/" in error.place else ""
        return f"{error.form} {column}".strip()
    at = int(error.place.split()[1].rstrip(",")) - 1
    sections = [text for text in error.published.paragraphs[: at + 1] if text[1:2] == "、" or text[2:3] == "、"]
    headings = [text for text in sections if not text[:1].isdigit() and len(text) < 40]
    return headings[-1].partition("、")[2] if headings else "narrative"
