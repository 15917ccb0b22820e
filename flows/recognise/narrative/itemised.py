"""Items of forms that the text explains, or only names: every one with an amount is explained, none without one is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from flows.recognise.disclosure import FormRow
from flows.recognise.narrative.phrases import key_of
from flows.recognise.narrative.sentences import Paragraph
from flows.recognise.narrative.statements import Relations, Statements

_NAMED = re.compile(r"(?:主要(?:包括|用于|有|是)|包括|用于)[：]?(?P<items>[^。；：\d]{8,})(?=[。；]|$)")
_ECONOMIC = re.compile(r"30[1239]\d\d|310\d\d|312\d\d")
_MOST_EMPTY = 3
"""More items without an amount than these in one list, and the list is the template's of all that there could be."""
_FEWEST = 3
"""So many items must have been explained for the text to be one that explains every item."""


def itemised(statements: Statements, relations: Relations, rows: Sequence[FormRow]) -> None:
    """Add every item that a text lists as what was spent on, and every item of the general budget, explained or not."""
    economic = {key_of(row.label): row for row in rows if row.form == "T06" and _ECONOMIC.fullmatch(row.code)}
    functional = [row for row in rows if row.form == "T05" and len(row.code) == 7]
    if economic:
        for paragraph in statements.paragraphs:
            for position, row in _without_amount(statements, paragraph, economic):
                roles = {"printed": f"T06/{row.row_key}/决算数"}
                relations.add("named_item", position, roles, {"subject": row.label})
    if functional:
        _explained(statements, relations, functional)


def _without_amount(
    statements: Statements, paragraph: Paragraph, known: dict[str, FormRow]
) -> Iterator[tuple[int, FormRow]]:
    """(sentence, row) of each item named in a list that names little beside items of the form with an amount."""
    section = statements.concepts.section(paragraph.headings)
    if paragraph.heading or section is None or section.id != "basic":
        return
    for found in _NAMED.finditer(paragraph.plain):
        names = [key_of(name) for name in re.split(r"[、，]|以及|和(?=[^和]*$)", re.sub(r"等$", "", found["items"]))]
        named = [known[name] for name in names if name in known]
        empty = [row for row in named if not _amount(statements, row)]
        if len(named) >= _FEWEST and len(empty) <= min(_MOST_EMPTY, len(named) // 3):
            position = paragraph.first + paragraph.sentence_of(found.start("items"))
            for row in named:
                yield position, row


def _amount(statements: Statements, row: FormRow) -> bool:
    figure = statements.concepts.printed.get(f"T06/{row.row_key}/决算数")
    return figure is not None and bool(figure.value)


def _explained(statements: Statements, relations: Relations, rows: Sequence[FormRow]) -> None:
    """Whether each item with an amount is named, or its amount is, in a text that explains most of them."""
    texts = [
        paragraph
        for paragraph in statements.paragraphs
        if (section := statements.concepts.section(paragraph.headings)) and section.classes == "T05"
    ]
    said = "".join(key_of(paragraph.plain) for paragraph in texts)
    spent = [row for row in rows if (f := statements.concepts.printed.get(f"T05/{row.row_key}/合计")) and f.value]
    told = {row.row_key: _is_told(statements, row, said, texts) for row in spent}
    if sum(told.values()) < max(_FEWEST, 2 * len(told) / 3):
        return
    for row in spent:
        words = {"explained": "yes" if told[row.row_key] else "no", "subject": row.label}
        relations.add("explained_item", texts[0].first, {"printed": f"T05/{row.row_key}/合计"}, words)


def _is_told(statements: Statements, row: FormRow, said: str, texts: Sequence[Paragraph]) -> bool:
    figure = statements.concepts.printed[f"T05/{row.row_key}/合计"]
    amount = re.compile(rf"(?<![\d.]){re.escape(figure.raw.strip())}(?![\d.])")
    return key_of(row.label) in said or any(amount.search(paragraph.plain) for paragraph in texts)
