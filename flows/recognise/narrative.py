"""The narrative of an account: its sentences, every quantity they state, and what they tie together.

Lines outside the forms become paragraphs (`sentences`), numbers with units (`quantities`) are read with the words around
them (`phrases`, `scope`, `concepts`); `ratios`, `lists`, `comparisons` and `citations` say which claims must agree.
"""

from __future__ import annotations

from collections.abc import Sequence

from flows.read.document import Line
from flows.recognise.citations import citations, repetitions
from flows.recognise.claims import claims
from flows.recognise.comparisons import comparisons, years
from flows.recognise.concepts import Words, concepts
from flows.recognise.disclosure import Claim, Figure, Filing, FormRow, Relation, Sentence
from flows.recognise.lists import lists
from flows.recognise.ratios import ratios
from flows.recognise.scope import mentions
from flows.recognise.sentences import paragraphs, to_sentences
from flows.recognise.statements import Relations, Statements


def recognise_narrative(
    lines: Sequence[Line], figures: Sequence[Figure], rows: Sequence[FormRow], filing: Filing, vocabulary: Words
) -> tuple[tuple[Sentence, ...], tuple[Claim, ...], tuple[Relation, ...]]:
    """The sentences, claims and relations of `lines`: the text outside the forms' grids, in reading order.

    `figures` and `rows` are those of the forms, for names that mean a row or figure of them; both may be empty.
    """
    found = paragraphs(lines)
    known = concepts(vocabulary, rows)
    statements = Statements.of(found, mentions(found, known, filing), known, filing, figures)
    relations = Relations()
    for add in (ratios, lists, comparisons, citations, repetitions, years):
        add(statements, relations)
    return to_sentences(found), claims(statements), tuple(relations.made)
