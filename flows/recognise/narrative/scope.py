"""Reading the quantities of the narrative in their order, remembering what is spoken of.

Names are inherited along a sentence ("… 年初预算为 a，支出决算为 b"), lists ("其中：", brackets) hang below the amount before
them, "分别" deals amounts out to the names before it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from flows.recognise.disclosure import Filing
from flows.recognise.narrative import naming
from flows.recognise.narrative.concepts import Concepts, Name
from flows.recognise.narrative.dealing import dealt_names, is_dealt, row_length
from flows.recognise.narrative.mentions import Listing, Mention
from flows.recognise.narrative.phrases import (
    BUDGETS,
    COMPARED,
    OUTTURN,
    PRIOR,
    Path,
    Phrase,
    key_of,
    read_path,
    read_phrase,
    strip_name,
)
from flows.recognise.narrative.quantities import Quantity, quantities
from flows.recognise.narrative.sentences import Paragraph


def mentions(found: Sequence[Paragraph], concepts: Concepts, filing: Filing) -> tuple[Mention, ...]:
    """Every quantity of the chapters that state accounts, in reading order."""
    scope = Scope(concepts, filing)
    any_heading = any(paragraph.heading for paragraph in found)
    for block, paragraph in enumerate(found):
        if paragraph.heading or (any_heading and not paragraph.headings) or concepts.silent_under(paragraph.headings):
            continue
        scope.read(block, paragraph)
    for order, mention in enumerate(scope.made):
        mention.order = order
    return tuple(scope.made)


# ------------------------------------------------------------------------------------------------- the running scope

_INLINE = re.compile(r"（[^（）。；]{0,25}）")
_DELIMITERS = re.compile(r"[，。；：（）！？]")
_OPENER = re.compile(
    r"其中|构成(?:为|是|如下)|(?:用途)?主要(?:用于|包括|是|为|有)(?:开支(?:经费)?)?|用于以下方面|(?:具体)?包括"
)
_NAME_BEFORE = re.compile(r"[^，。；：（）]{0,30}$")
_AMONG = re.compile(r"(?:^|[，：])(?P<name>[^，。；：]{2,40}?(?:支出|决算|收入|预算|经费|总额)数?)中(?=，|$)")
_CLAUSE_OPENER = re.compile(r"其中[：，]?|(?:主要|具体|(?<!不))包括[：]?|主要用于(?:开支(?:经费)?)?")
_GRAND = re.compile(r"^(?:财政拨款)?(?:决算|实际)?(?:总(?:收入|支出)|(?:收入|支出|收支)(?:决算)?总(?:计|额))$")
"""A total of everything, which is never a part of another amount."""
_ANEW = re.compile(r"按[^，。；]{1,12}(?:分类|划分|分|科目)")
"""A second division of the same whole."""
_REASON = re.compile(r"原因|由于|因为")
_APART = re.compile(r"其余|此外|另外")
_NEXT_REASON = re.compile(r"[一二三四五六七八九]是|（[一二三四五\d]）|[1-9][.、]|其[一二三次]|同时|再次")


class Scope:
    """What a reader remembers while reading on: the item spoken of, open lists, the comparison's base."""

    def __init__(self, concepts: Concepts, filing: Filing):
        self.concepts, self.filing = concepts, filing
        self.made: list[Mention] = []
        self.period = 0
        self.headings: tuple[str, ...] = ()
        self.topic = ""
        self.path: Path | None = None
        self.head: Mention | None = None
        self.latest: Mention | None = None
        self.lists: list[Listing] = []
        self.paused: list[Listing] = []
        self.closed: list[Listing] = []
        self.base = ""
        self.goal = ""
        self.spoken = ""
        self.block = 0
        self.row: list[Mention] = []

    def read(self, block: int, paragraph: Paragraph) -> None:
        plain, self.block = paragraph.plain, block
        self._enter(paragraph)
        stated = [quantity for quantity in quantities(plain) if quantity.start >= len(paragraph.number)]
        offset, previous = len(paragraph.number), None
        if not stated:
            self.lists, self.paused = [], []
            return
        shape = _INLINE.sub(
            lambda found: found.group() if quantities(found.group()) else "〇" * len(found.group()), plain
        )
        at = 0
        while at < len(stated):
            quantity = stated[at]
            if previous and quantity.end == previous.quantity.end:
                previous, at = self._range(previous, quantity), at + 1
                continue
            self._cross(plain, shape, offset, quantity.start)
            ends = (found.end() for found in _DELIMITERS.finditer(shape[offset : quantity.start]))
            clause_at = offset + max(ends, default=0)
            clause = self._clause(plain[clause_at : quantity.start])
            phrase = read_phrase(clause, quantity.family, self.filing.organisation)
            if previous and plain[previous.quantity.end : quantity.start] == "的" and previous.measure in BUDGETS:
                phrase = replace(phrase, base=previous.measure)
            row = stated[at : at + row_length(stated[at:], plain)]
            previous = self._deal(block, paragraph, row, phrase, clause_at)[-1]
            offset, at = previous.quantity.end, at + len(row)
        self._cross(plain, shape, offset, len(plain))

    def _enter(self, paragraph: Paragraph) -> None:
        """Begin a paragraph: an enumerated one speaks of its own topic, any other goes on with the section's."""
        fresh = paragraph.headings != self.headings
        self.period += 1
        self.closed = []
        if fresh or paragraph.level in (3, 4, 5, 6):
            self.topic, self.path = "", None
            self.lists, self.paused, self.latest = [], [], None
            self.base = ""
        if fresh or paragraph.level == 6:
            self.head = None
        self.headings = paragraph.headings
        if not paragraph.level:
            return
        body = paragraph.plain[len(paragraph.number) :]
        path = read_path(body)
        if path:
            self.path, self.topic = path[0], path[0].item
        elif paragraph.level == 6:
            if "完成情况" not in paragraph.number:
                self.goal = body.rstrip("。")
            self.topic = self.goal
        else:
            lead = re.match(r"[^，。；：\d]{2,40}(?=[。：])", body)
            lead_in = strip_name(lead.group(), self.filing.organisation) if lead else ""
            self.topic = "" if lead_in.endswith(("情况", "说明", "分析")) else lead_in

    # ---------------------------------------------------------------------------------------- between two numbers

    def _cross(self, plain: str, shape: str, start: int, end: int) -> None:
        """Take in the words between two numbers: ends of sentences, brackets, openers of lists."""
        at = start
        for offset in range(start, end):
            char = shape[offset]
            if char in "。！？":
                self._open(plain[at:offset])
                self._close_period()
                at = offset + 1
            elif char == "；":
                self._open(plain[at:offset])
                self._semicolon(plain[offset + 1 : offset + 4])
                at = offset + 1
            elif char == "（":
                self._open(plain[at:offset])
                opener = "（含" if plain.startswith("含", offset + 1) else "（"
                self.lists.append(Listing(self._adjacent(offset), opener, True))
                at = offset + 1
            elif char == "）":
                self._close_bracket()
                at = offset + 1
        text = plain[at:end]
        self._open(text)
        compared = list(COMPARED.finditer(text))
        if compared:
            self.base = compared[-1]["base"]
            self.spoken = strip_name(compared[-1]["name"], self.filing.organisation)

    def _close_period(self) -> None:
        stated = [m for m in itertools.takewhile(lambda m: m.period == self.period, reversed(self.made)) if m.plain]
        outturns = [mention for mention in stated if mention.measure not in BUDGETS]
        if stated:
            self.head = (outturns or stated)[-1]
        self.closed += [listing for listing in (*self.lists, *self.paused) if not listing.bracket]
        self.lists, self.paused = [], []
        self.period += 1
        self.base, self.spoken = "", ""

    def _close_bracket(self) -> None:
        """End the list in a bracket: what follows speaks of the amount in front of it again."""
        self.paused = []
        while self.lists:
            listing = self.lists.pop()
            if listing.bracket:
                self.latest = listing.whole or self.latest
                break

    def _semicolon(self, behind: str) -> None:
        """A semicolon ends an inner list whose parts were not divided by semicolons; else it goes on.

        It ends a cause given for one part, so that the list of the parts goes on; not when the next cause is `behind` it.
        """
        self.base, self.spoken = "", ""
        if self.paused and not _NEXT_REASON.match(behind):
            brackets = [number for number, listing in enumerate(self.lists, 1) if listing.bracket]
            self.lists = [*self.lists[: max(brackets, default=0)], *self.paused]
            self.paused = []
        if not self.lists:
            return
        inner = self.lists[-1]
        ended = not inner.semicolons and (len(inner.parts) > 1 or inner.opener not in ("其中", "中"))
        if len(self.lists) > 1 and not inner.bracket and ended:
            self.lists.pop()
            inner = self.lists[-1]
        inner.semicolons += 1

    def _open(self, text: str) -> None:
        """Open the lists that `text` announces; a word of cause interrupts those open."""
        apart = _APART.search(text)
        if apart or _REASON.search(text):
            while self.lists and not self.lists[-1].bracket:
                self.paused.insert(0, self.lists.pop())
            self.paused = [] if apart else self.paused
        if _ANEW.search(text) and self.lists and not self.lists[-1].bracket:
            self.lists.append(Listing(self.lists.pop().whole, "其中", False))
        among = _AMONG.search(text)
        if among:
            name = read_phrase(among["name"], "amount", self.filing.organisation).item
            self.lists.append(Listing(self._mentioned(name), "中", False, name=name))
        for found in _OPENER.finditer(text):
            word, lead = found.group(), _NAME_BEFORE.search(text[: found.start()])
            name = strip_name(lead.group(), self.filing.organisation) if lead and word != "其中" else ""
            whole = self._whole()
            if name:
                whole = self._mentioned(name)
            elif word != "其中" and not self.in_period():
                continue
            if self.lists and self.lists[-1].bracket and not self.lists[-1].parts and word == "其中":
                self.lists[-1].opener = "其中"
                continue
            self.lists.append(Listing(whole, word, False))

    def in_period(self) -> bool:
        """Whether something was already stated in this full sentence."""
        return self.latest is not None and self.latest.period == self.period

    def _whole(self) -> Mention | None:
        """The amount that a list opened here is part of."""
        if self.in_period():
            return self.latest
        return self.head if self.head and self.block - self.head.block <= 1 else None

    def _adjacent(self, offset: int) -> Mention | None:
        """The amount right before the bracket at `offset`."""
        last = self.made[-1] if self.made else None
        return last if last and last is self.latest and self.in_period() and last.quantity.end == offset else None

    def _mentioned(self, name: str) -> Mention | None:
        """The amount of the section that `name` means: by its words, or as the same figure under another name."""
        key = key_of(re.sub(r"(?:支出|用途|经费用途|的具体)$", "", name))
        concept = self.concepts.resolve(Name(re.sub(r"的?(?:具体)?$", "", name), OUTTURN, "万元", self.headings))
        for mention in reversed(self.made[-40:]):
            if not mention.plain or mention.headings != self.headings:
                continue
            if (key and key_of(mention.item) == key) or (concept and mention.entity == concept):
                return mention
        return None

    # -------------------------------------------------------------------------------------------------------- 分别

    def _deal(
        self, block: int, paragraph: Paragraph, row: Sequence[Quantity], phrase: Phrase, clause_at: int
    ) -> list[Mention]:
        """The mentions of a row: after 分别 or 各 each takes the next name, without it none of them is certain."""
        if len(row) == 1:
            return [self._add(block, paragraph, row[0], phrase, clause_at)]
        dealt = is_dealt(paragraph.plain[clause_at : row[0].start])
        names = dealt_names(phrase.item, len(row)) if dealt else []
        before = self.row if dealt and not phrase.item and len(self.row) == len(row) else []
        made = []
        for index, quantity in enumerate(row):
            name = names[index] if names else before[index].item if before else phrase.item
            mention = self._add(block, paragraph, quantity, replace(phrase, item=name), clause_at)
            if before:
                mention.after = before[index]
            if not names and not before:
                mention.residue, mention.concept = True, ""
            made.append(mention)
        self.row = made
        return made

    # ----------------------------------------------------------------------------------------------- one mention

    @staticmethod
    def _clause(text: str) -> str:
        """`text` from the last word that opens a list: what stands before it names the list."""
        openers = [found.end() for found in _CLAUSE_OPENER.finditer(text)]
        return text[openers[-1] :] if openers else text

    def _range(self, low: Mention, quantity: Quantity) -> Mention:
        copy = Mention(
            quantity,
            low.paragraph,
            low.block,
            low.period,
            low.kind,
            low.item,
            low.measure,
            low.base,
            low.direction,
            low.year,
        )
        self.made.append(copy)
        return copy

    def _add(self, block: int, paragraph: Paragraph, quantity: Quantity, phrase: Phrase, clause_at: int) -> Mention:
        measure, (item, path, named) = naming.measure(self, phrase, naming.item_of(self, phrase, quantity, paragraph))
        base = phrase.base
        if phrase.kind.startswith("change"):
            base = self.base = base or self.base
        elif phrase.kind == "amount" and (measure == PRIOR or base):
            self.base = base or self.base
        if phrase.within:
            self.lists.append(Listing(self._mentioned(phrase.within), "中", False, name=phrase.within))
        made = Mention(
            quantity, paragraph, block, self.period, phrase.kind, item, measure, base, phrase.direction, phrase.year,
            named=named, cut=phrase.cut, residue=phrase.residue, path=path,
        )  # fmt: skip
        self._place(made)
        since = max(paragraph.plain.rfind(mark, 0, clause_at) for mark in "。；") + 1
        naming.name(self, made, paragraph.plain[since : quantity.start])
        return made

    def _place(self, made: Mention) -> None:
        """Put `made` into the open list and remember it as the latest."""
        if made.plain and _GRAND.match(made.item):
            while self.lists and not self.lists[-1].bracket:
                self.lists.pop()
        listing = self.lists[-1] if self.lists else None
        made.after = self.latest if self.in_period() else None
        if listing:
            made.listing, made.whole, made.within = listing, listing.whole, listing.name
            if made.plain:
                listing.parts.append(made)
        for listing in (*self.paused, *self.closed):
            listing.broken = listing.broken or (made.plain and self._is_missing(made, listing))
        if made.plain:
            self.latest = made
        self.made.append(made)

    def _is_missing(self, made: Mention, listing: Listing) -> bool:
        """Whether `made` is a part of what `listing` divides that the list has not named."""
        for words in self.concepts.partitions:
            if listing.parts and all(any(word in part.item for word in words) for part in listing.parts):
                return any(word in made.item and all(word not in part.item for part in listing.parts) for word in words)
        return False
