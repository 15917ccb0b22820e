"""Little narratives for tests: sentences in, claims and relations out, named by their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.vocabulary import load
from flows.read.document import Line, Place
from flows.recognise.disclosure import Claim, Figure, Filing, FormRow, Relation, Sentence
from flows.recognise.narrative.reading import recognise_narrative

OFFICE = "青石县档案馆"


@dataclass(frozen=True)
class Told:
    """What was recognised; values are written as printed, so that a test reads like its text."""

    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]
    relations: tuple[Relation, ...]

    def kinds(self) -> list[tuple[str, str, str]]:
        """(kind, value, unit) of every claim."""
        return [(claim.kind, str(claim.value), claim.unit) for claim in self.claims]

    def claim(self, value: str) -> Claim:
        """The only claim with this printed value."""
        (found,) = [claim for claim in self.claims if str(claim.value) == value]
        return found

    def of(self, kind: str) -> list[dict[str, str]]:
        """Relations of one kind, each role as the printed value (or figure id), text roles beside them."""
        value = {claim.id: str(claim.value) for claim in self.claims}
        return [
            {role: value.get(id_, id_) for role, id_ in relation.roles.items()} | (relation.text or {})
            for relation in self.relations
            if relation.kind == kind
        ]

    def parts(self, kind: str) -> list[list[str]]:
        """The members of the relations of one kind, as printed values."""
        value = {claim.id: str(claim.value) for claim in self.claims}
        return [[value[id_] for id_ in relation.parts] for relation in self.relations if relation.kind == kind]


def tell(
    *lines: str,
    under: Sequence[str] = ("第三部分 2024年度部门决算情况说明", "十一、其他重要事项的情况说明"),
    figures: Sequence[Figure] = (),
    rows: Sequence[FormRow] = (),
    year: int = 2024,
) -> Told:
    """The narrative of an invented office that says `lines` under the headings `under`."""
    printed = [Line(text, Place(line=number)) for number, text in enumerate([*under, *lines], 1)]
    return Told(*recognise_narrative(printed, figures, rows, Filing(OFFICE, year, unit="万元"), load()))
