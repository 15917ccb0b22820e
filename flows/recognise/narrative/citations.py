"""Amounts that stand elsewhere too: in a form (citation) or earlier in the narrative (repetition)."""

from __future__ import annotations

import re

from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_FORM = re.compile(r"[TP]\d\d/")


def citations(statements: Statements, relations: Relations) -> None:
    """Add a citation for every amount whose concept is a figure of a form, read or not."""
    for mention in statements.mentions:
        if mention.kind == "amount" and _FORM.match(mention.concept) and mention.plain and statements.of_year(mention):
            form = mention.concept.split("/", 1)[0]
            roles = {"stated": claim_id(mention), "printed": mention.concept}
            relations.add("citation", statements.sentence(mention), roles, {"form": form})


def repetitions(statements: Statements, relations: Relations) -> None:
    """Add a repetition for every quantity stated again under the same concept.

    All are held against the first that is in the unit most of them use, so that the odd one out is the one reported.
    """
    by_concept: dict[str, list[Mention]] = {}
    for mention in statements.mentions:
        if mention.concept and mention.plain and statements.of_year(mention):
            by_concept.setdefault(mention.concept, []).append(mention)
    for stated in by_concept.values():
        units = [mention.quantity.unit for mention in stated]
        usual = max(units, key=lambda unit: (units.count(unit), unit == "万元"))
        first = next(mention for mention in stated if mention.quantity.unit == usual)
        for again in stated:
            if again is first or again.period == first.period:
                continue
            relations.add(
                "repetition",
                statements.sentence(again),
                {"again": claim_id(again), "first": claim_id(first)},
                {"again_unit": again.quantity.unit, "first_unit": first.quantity.unit},
            )
