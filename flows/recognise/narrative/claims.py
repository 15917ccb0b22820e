"""Mentions → claims: one record for each quantitative statement, in its sentence and in its place."""

from __future__ import annotations

from flows.recognise.disclosure import Claim
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.phrases import PRIOR
from flows.recognise.narrative.statements import Statements, claim_id


def claims(statements: Statements) -> tuple[Claim, ...]:
    """A claim for every mention, with the ids that relations use."""
    return tuple(_claim(statements, mention) for mention in statements.mentions)


def _claim(statements: Statements, mention: Mention) -> Claim:
    paragraph, quantity = mention.paragraph, mention.quantity
    begin, _ = paragraph.sentences[paragraph.sentence_of(quantity.start)]
    return Claim(
        id=claim_id(mention),
        kind=mention.kind,
        subject=mention.subject,
        base=_base(mention),
        concept=mention.concept,
        value=quantity.value,
        unit=quantity.unit,
        ulp=quantity.ulp,
        direction=mention.direction,
        quote=paragraph.text[max(0, quantity.start - 14) : quantity.end + 5],
        place=paragraph.place(quantity.start),
        sentence=statements.sentence(mention),
        start=quantity.start - begin,
        end=quantity.end - begin,
        year=_year(statements, mention),
    )


def _base(mention: Mention) -> str:
    if mention.kind == "share":
        inside = mention.listing is not None and mention.listing.bracket and mention.whole is mention.after
        whole = mention.whole.whole if inside and mention.whole else mention.whole
        return mention.base or mention.within or (whole.item if whole else "")
    if mention.kind == "completion_pct" and mention.base:
        return f"{mention.item} {mention.base}".strip()
    if mention.kind.startswith("change"):
        return mention.base
    return ""


def _year(statements: Statements, mention: Mention) -> int | None:
    if mention.year:
        return mention.year
    fiscal = statements.filing.fiscal_year
    return fiscal - 1 if fiscal and mention.measure == PRIOR else fiscal
