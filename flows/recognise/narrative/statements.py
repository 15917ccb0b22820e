"""Looking up what a statement refers to: the outturn of its item, the budget it names, the whole it is a share of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from expectations.vocabulary import WAN
from flows.recognise.disclosure import Figure, Filing, Relation
from flows.recognise.narrative.concepts import Concepts, Name
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.phrases import BUDGETS, OUTTURN, PRIOR, key_of
from flows.recognise.narrative.sentences import Paragraph


def claim_id(mention: Mention) -> str:
    """The id of the claim made of `mention`."""
    return f"N/{mention.order + 1:04d}"


@dataclass
class Statements:
    """All mentions of one narrative, indexed for looking back from any of them."""

    paragraphs: Sequence[Paragraph]
    mentions: Sequence[Mention]
    concepts: Concepts
    filing: Filing
    figures: frozenset[str]
    by_entity: dict[str, list[Mention]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        paragraphs: Sequence[Paragraph],
        found: Sequence[Mention],
        concepts: Concepts,
        filing: Filing,
        figures: Sequence[Figure],
    ) -> Statements:
        made = cls(paragraphs, found, concepts, filing, frozenset(figure.id for figure in figures))
        for mention in found:
            made.by_entity.setdefault(mention.entity, []).append(mention)
        return made

    def before(self, mention: Mention, entity: str | None = None) -> Iterator[Mention]:
        """Mentions of an item (`mention`'s own by default) before `mention`, the nearest first.

        What has no name is the same only within one paragraph.
        """
        wanted = mention.entity if entity is None else entity
        for other in reversed(self.by_entity.get(wanted, ())):
            if other.order < mention.order and (wanted or other.block == mention.block):
                yield other

    def sentence(self, mention: Mention) -> int:
        """Position of the sentence in which `mention` stands."""
        return mention.paragraph.first + mention.paragraph.sentence_of(mention.quantity.start)

    def current(self, mention: Mention, entity: str | None = None) -> Mention | None:
        """The year's own amount (outturn) of the item, stated nearest before `mention` in its section."""
        for other in self.before(mention, entity):
            if other.headings[:2] != mention.headings[:2]:
                return None
            if other.plain and other.kind == "amount" and other.measure in ("", OUTTURN) and self.of_year(other):
                return None if other.residue else other
        return None

    def of_year(self, mention: Mention) -> bool:
        """Whether `mention` speaks of the fiscal year itself."""
        return not mention.year or not self.filing.fiscal_year or mention.year == self.filing.fiscal_year

    def is_prior(self, mention: Mention) -> bool:
        """Whether `mention` states last year's figure."""
        fiscal = self.filing.fiscal_year
        return mention.kind == "amount" and (mention.measure == PRIOR or bool(fiscal and mention.year == fiscal - 1))

    def budgets(self, mention: Mention) -> dict[str, Mention]:
        """The budgets of the item stated before `mention` in its paragraph, by measure; the last one also under ""."""
        made: dict[str, Mention] = {}
        for other in self.before(mention):
            if other.block != mention.block:
                break
            if other.measure in BUDGETS and other.plain and other.kind == "amount":
                made.setdefault(other.measure, other)
                made.setdefault("", other)
        return made

    def entity(self, name: str, mention: Mention) -> str:
        """What `name` means where `mention` stands: a concept, or the name's key."""
        return self.concepts.resolve(Name(name, OUTTURN, "万元", mention.headings)) or key_of(name)

    def unit_slip(self, one: Mention, other: Mention) -> bool:
        """Whether two amounts differ in unit and one of them is held against a form or a repetition anyway: the slip is
        reported there, once, and not again by every share and sum around it.
        """
        if one.quantity.unit == other.quantity.unit:
            return False
        return any(m.concept in self.figures or self._repeated(m.concept) for m in (one, other) if m.concept)

    def _repeated(self, concept: str) -> bool:
        return sum(mention.concept == concept for mention in self.mentions) > 1

    def whole_named(self, name: str, part: Mention, mention: Mention) -> str:
        """The id of the claim or figure that `name` means as a whole of `part`; "" when none is certain."""
        entity, key = self.entity(name, mention), key_of(name)
        stated = [
            other
            for other in self.mentions[: mention.order]
            if (other.entity == entity or key_of(other.item) == key)
            and other.kind == "amount"
            and other.plain
            and (other.measure in ("", OUTTURN) or "预算" in name)
            and other is not part
            and self.of_year(other)
            and could_hold(other, part)
        ]
        near = [other for other in stated if other.block == mention.block]
        if near:
            return claim_id(near[-1])
        if entity in self.figures:
            return entity
        section = [other for other in stated if other.headings == mention.headings]
        if section:
            return claim_id(section[-1])
        return claim_id(stated[0]) if stated and "/" in entity else ""


def could_hold(whole: Mention, part: Mention) -> bool:
    """Whether `part` may be a part of `whole` at all: with different units, not when it would be the greater one."""
    one, other = WAN.get(whole.quantity.unit), WAN.get(part.quantity.unit)
    if one is None or other is None or one == other:
        return True
    return whole.quantity.value * one >= part.quantity.value * other


class Relations:
    """Collects relations and numbers them."""

    def __init__(self) -> None:
        self.made: list[Relation] = []

    def add(
        self,
        kind: str,
        sentence: int,
        roles: dict[str, str],
        text: dict[str, str] | None = None,
        parts: tuple[str, ...] = (),
    ) -> None:
        """Add one relation; roles without an id are left out."""
        kept = {role: id_ for role, id_ in roles.items() if id_}
        self.made.append(Relation(f"R/{len(self.made) + 1:04d}", kind, kept, sentence, parts, text))
