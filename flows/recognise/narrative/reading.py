"""The narrative of an account: its sentences, every quantity they state, and what they tie together.

Lines outside the forms become paragraphs (`sentences`), numbers with units (`quantities`) are read with the words around
them (`phrases`, `scope`, `concepts`); `ratios`, `lists`, `comparisons` and `citations` say which claims must agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from flows.read.document import Line
from flows.recognise.disclosure import Claim, Figure, Filing, FormRow, Relation, Sentence
from flows.recognise.narrative.activities import activities
from flows.recognise.narrative.causes import causes
from flows.recognise.narrative.citations import citations, repetitions
from flows.recognise.narrative.claims import claims
from flows.recognise.narrative.comparisons import comparisons, years
from flows.recognise.narrative.concepts import Words, concepts
from flows.recognise.narrative.itemised import itemised
from flows.recognise.narrative.lists import lists
from flows.recognise.narrative.passages import InTable, Passages
from flows.recognise.narrative.prices import prices
from flows.recognise.narrative.projects import projects
from flows.recognise.narrative.ratios import ratios
from flows.recognise.narrative.scope import mentions
from flows.recognise.narrative.sentences import paragraphs, to_sentences
from flows.recognise.narrative.statements import Relations, Statements
from flows.recognise.narrative.tallies import tallies

CENT = Decimal("0.01")
"""The place to which amounts of accounts are published; none is taken for finer because another one is."""


def recognise_narrative(
    lines: Sequence[Line],
    figures: Sequence[Figure],
    rows: Sequence[FormRow],
    filing: Filing,
    vocabulary: Words,
    cells: Sequence[Line] = (),
    told: Mapping[int, InTable] | None = None,
) -> tuple[tuple[Sentence, ...], tuple[Claim, ...], tuple[Relation, ...]]:
    """The sentences, claims and relations of `lines`: the text outside the forms' grids, in reading order.

    `cells`: texts with numbers in the cells of other tables, `told` by the id() of their places in which. `figures` and `rows` are those of the forms, for names that mean a row or figure of them; both may be empty.
    """
    found = paragraphs(lines, cells)
    known = concepts(vocabulary, rows, figures)
    statements = Statements.of(found, mentions(found, known, filing), known, filing, figures)
    relations = Relations()
    for add in (ratios, lists, comparisons, citations, repetitions, years, prices, causes):
        add(statements, relations)
    passages = Passages.of(rows, figures, told)
    projects(statements, relations, passages)
    activities(statements, relations, passages)
    tallies(statements, relations, rows, figures)
    itemised(statements, relations, rows)
    return to_sentences(found), _alike_in_precision(claims(statements)), tuple(relations.made)


def _alike_in_precision(made: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Amounts of one unit share their finest place: 271.4 among amounts of two decimals means 271.40."""
    finest: dict[str, Decimal] = defaultdict(lambda: Decimal(1))
    for claim in made:
        if claim.kind in ("amount", "change_amount"):
            finest[claim.unit] = max(min(finest[claim.unit], claim.ulp), CENT)
    return tuple(
        replace(claim, ulp=min(claim.ulp, finest[claim.unit])) if claim.kind in ("amount", "change_amount") else claim
        for claim in made
    )
