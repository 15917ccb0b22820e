"""A quantity of the narrative with everything its surroundings say of it, and the list it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flows.recognise.narrative.phrases import PRIOR, Path
from flows.recognise.narrative.quantities import Quantity
from flows.recognise.narrative.sentences import Paragraph

_ABOUT = re.compile(r"(?:约|近|超|超过|大约|不足|不低于|不超过|达到?近)(?:为|占)?$")
_ABOUT_SO_MUCH = re.compile(r"左右|上下|以上|以下|以内|之多|有余")


@dataclass(slots=True, eq=False)
class Mention:
    """One quantity in its place. `entity` is the concept of its item whatever the measure (or the item's key), `concept`
    that of the number itself; `whole` the mention it is listed under, `listing` the list; `period` numbers the full
    sentences (ended by 。) of the narrative; `after` the plain quantity last mentioned before it in the same one.
    """

    quantity: Quantity
    paragraph: Paragraph
    block: int
    period: int
    kind: str
    item: str
    measure: str
    base: str
    direction: str
    year: int | None
    within: str = ""
    named: bool = False
    cut: bool = False
    residue: bool = False
    path: Path | None = None
    entity: str = ""
    concept: str = ""
    whole: Mention | None = None
    listing: Listing | None = None
    after: Mention | None = None
    order: int = 0

    @property
    def plain(self) -> bool:
        """Whether it states a quantity of the year itself, not a change, share, rate or last year's figure."""
        changed = self.kind == "count" and self.direction in ("up", "down")
        return self.kind in ("amount", "count", "score") and self.measure != PRIOR and not changed

    @property
    def about(self) -> bool:
        """Whether the number is given as an approximate one (约 5 万元, 30%左右), which nothing can be held against."""
        text, quantity = self.paragraph.plain, self.quantity
        rounded = "余" in text[quantity.start : quantity.end] or "多" in text[quantity.start : quantity.end]
        return bool(
            rounded
            or _ABOUT.search(text[max(0, quantity.start - 8) : quantity.start])
            or _ABOUT_SO_MUCH.match(text, quantity.end)
        )

    @property
    def headings(self) -> tuple[str, ...]:
        return self.paragraph.headings

    @property
    def subject(self) -> str:
        return " ".join(part for part in (self.item, self.measure) if part)


@dataclass(slots=True, eq=False)
class Listing:
    """A list below `whole`. `opener`: the word that opened it; `bracket`: it ends with its bracket; `name`: what it
    divides when that is only named ("全年支出中…"); `broken`: a word of cause ended it before all its parts were named.
    """

    whole: Mention | None
    opener: str
    bracket: bool
    parts: list[Mention] = field(default_factory=list)
    semicolons: int = 0
    name: str = ""
    broken: bool = False
