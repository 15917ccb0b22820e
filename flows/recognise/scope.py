"""Reading the quantities of the narrative in their order, remembering what is spoken of.

Names are inherited along a sentence ("… 年初预算为 a，支出决算为 b"), lists ("其中：", brackets) hang below the amount before
them, "分别" deals amounts out to the names before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flows.recognise.concepts import Concepts, Name
from flows.recognise.disclosure import Filing
from flows.recognise.mentions import Listing, Mention
from flows.recognise.phrases import (
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
from flows.recognise.quantities import Quantity, quantities
from flows.recognise.sentences import Paragraph


def mentions(found: Sequence[Paragraph], concepts: Concepts, filing: Filing) -> tuple[Mention, ...]:
    """Every quantity of the chapters that state accounts, in reading order."""
    scope = _Scope(concepts, filing)
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
_OPENER = re.compile(r"其中|(?:用途)?主要(?:用于|包括|是|为|有)(?:开支(?:经费)?)?|用于以下方面|(?:具体)?包括")
_NAME_BEFORE = re.compile(r"[^，。；：（）]{0,30}$")
_AMONG = re.compile(r"(?:^|[，：])(?P<name>[^，。；：]{2,40}?(?:支出|决算|收入|预算|经费|总额)数?)中(?=，|$)")
_REASON = re.compile(r"原因|由于|因为|其余|此外|另外")
_ABOUT = re.compile(r"(?:约|近|超|超过|大约|不足|不低于|不超过|达到?近)$")
_DEPENDENT = re.compile(r"^(?:涉及|资金|平均得分|得分|总?金额|人数|人次|累计|总?人数|共计)")
_NOUN = re.compile(r"[^，。；、：（）\d\s%]{1,20}")
_OPEN_ENDED = re.compile(
    r"(?:^|对|了|开展|举办|召开|组织|成立|由|和|及|为期|邀请|采购|购置|印制|编制|实施|等|机关|单位|部门|我委|我局|我院)$"
)


class _Scope:
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
        self.base = ""
        self.goal = ""
        self.spoken = ""
        self.block = 0
        self.shared: list[tuple[str, Mention | None]] = []
        self.row: list[Mention] = []

    def read(self, block: int, paragraph: Paragraph) -> None:
        plain, self.block = paragraph.plain, block
        self._enter(paragraph)
        stated, offset, previous = quantities(plain), len(paragraph.number), None
        if not stated:
            self.lists = []
            return
        shape = _INLINE.sub(
            lambda found: found.group() if quantities(found.group()) else "〇" * len(found.group()), plain
        )
        for quantity in stated:
            if quantity.start < len(paragraph.number):
                continue
            if previous and quantity.end == previous.quantity.end:
                previous = self._range(previous, quantity)
                continue
            dealt = self._dealt(previous, quantity, plain)
            self._cross(plain, shape, offset, quantity.start)
            clause_at = offset + max(
                (found.end() for found in _DELIMITERS.finditer(shape[offset : quantity.start])), default=0
            )
            phrase = read_phrase(
                self._clause(plain[clause_at : quantity.start]), quantity.family, self.filing.organisation
            )
            previous = self._deal(block, paragraph, quantity, phrase, clause_at, dealt)
            offset = quantity.end
        self._cross(plain, shape, offset, len(plain))

    def _enter(self, paragraph: Paragraph) -> None:
        """Begin a paragraph: an enumerated one speaks of its own topic, any other goes on with the section's."""
        fresh = paragraph.headings != self.headings
        self.period += 1
        if fresh or paragraph.level in (3, 4, 5, 6):
            self.topic, self.path = "", None
            self.lists, self.latest = [], None
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
            self.topic = strip_name(lead.group(), self.filing.organisation) if lead else ""

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
                self._semicolon()
                at = offset + 1
            elif char == "（":
                self._open(plain[at:offset])
                self.lists.append(Listing(self._adjacent(offset), "（", True))
                at = offset + 1
            elif char == "）":
                while self.lists and not self.lists.pop().bracket:
                    pass
                at = offset + 1
        text = plain[at:end]
        self._open(text)
        compared = list(COMPARED.finditer(text))
        if compared:
            self.base = compared[-1]["base"]
            self.spoken = strip_name(compared[-1]["name"], self.filing.organisation)

    def _close_period(self) -> None:
        for mention in reversed(self.made):
            if mention.period != self.period:
                break
            if mention.plain:
                self.head = mention
        self.lists = []
        self.period += 1
        self.base, self.spoken = "", ""

    def _semicolon(self) -> None:
        """A semicolon ends an inner list whose parts were not divided by semicolons; else it goes on."""
        self.base, self.spoken = "", ""
        if not self.lists:
            return
        inner = self.lists[-1]
        ended = not inner.semicolons and (len(inner.parts) > 1 or inner.opener not in ("其中", "中"))
        if len(self.lists) > 1 and not inner.bracket and ended:
            self.lists.pop()
            inner = self.lists[-1]
        inner.semicolons += 1

    def _open(self, text: str) -> None:
        if _REASON.search(text):
            while self.lists and not self.lists[-1].bracket:
                self.lists.pop()
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
            elif word != "其中" and not self._in_period():
                continue
            if self.lists and self.lists[-1].bracket and not self.lists[-1].parts and word == "其中":
                self.lists[-1].opener = "其中"
                continue
            self.lists.append(Listing(whole, word, False))

    def _in_period(self) -> bool:
        return self.latest is not None and self.latest.period == self.period

    def _whole(self) -> Mention | None:
        """The amount that a list opened here is part of."""
        if self._in_period():
            return self.latest
        return self.head if self.head and self.block - self.head.block <= 1 else None

    def _adjacent(self, offset: int) -> Mention | None:
        """The amount right before the bracket at `offset`."""
        last = self.made[-1] if self.made else None
        return last if last and last is self.latest and self._in_period() and last.quantity.end == offset else None

    def _mentioned(self, name: str) -> Mention | None:
        key = key_of(re.sub(r"(?:支出|用途|经费用途)$", "", name))
        for mention in reversed(self.made[-40:]):
            if mention.plain and mention.headings == self.headings and key and key_of(mention.item) == key:
                return mention
        return None

    # -------------------------------------------------------------------------------------------------------- 分别

    @staticmethod
    def _dealt(previous: Mention | None, quantity: Quantity, plain: str) -> Mention | None:
        """The quantity before, when this one merely follows it in a row (a 万元和 b 万元)."""
        if previous is None or previous.quantity.family != quantity.family or quantity.family == "count":
            return None
        return previous if re.fullmatch(r"[、和及与，]|以及", plain[previous.quantity.end : quantity.start]) else None

    def _deal(
        self,
        block: int,
        paragraph: Paragraph,
        quantity: Quantity,
        phrase: Phrase,
        clause_at: int,
        dealt: Mention | None,
    ) -> Mention:
        """One mention; in a row after 分别 each takes the next name, in a row without it none is certain."""
        names = self.shared
        if "分别" in paragraph.plain[clause_at : quantity.start]:
            listed = [part for part in re.split(r"[、和与及]|以及", phrase.item.replace("分别", "")) if part]
            names = [(part, None) for part in listed] if listed else [(m.item, m) for m in self.row]
            self.row = []
        elif dealt is None:
            names, self.row = [], []
            self.shared = []
            return self._add(block, paragraph, quantity, phrase, clause_at)
        else:
            phrase = replace(phrase, kind=dealt.kind, direction=dealt.direction, base=dealt.base, residue=not names)
        name, part = names[0] if names else ("", None)
        self.shared = names[1:]
        made = self._add(block, paragraph, quantity, replace(phrase, item=name), clause_at)
        made.after, made.residue = part or made.after, made.residue or not name
        self.row.append(made)
        return made

    # ----------------------------------------------------------------------------------------------- one mention

    @staticmethod
    def _clause(text: str) -> str:
        """`text` from the last word that opens a list: what stands before it names the list."""
        openers = [found.end() for found in re.finditer(r"其中[：，]?|主要(?:包括|用于)(?:开支(?:经费)?)?", text)]
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
        item, path, named = self._item(phrase, quantity, paragraph)
        base = phrase.base
        if phrase.kind.startswith("change"):
            base = self.base = base or self.base
        elif phrase.measure == PRIOR or phrase.base:
            self.base = phrase.base if phrase.kind == "amount" else self.base
        if phrase.within:
            self.lists.append(Listing(self._mentioned(phrase.within), "中", False, name=phrase.within))
        listing = self.lists[-1] if self.lists else None
        measure = phrase.measure
        if phrase.kind == "amount" and not measure and not phrase.year and listing and listing.whole:
            measure = self._shared_measure(listing.whole)
        if phrase.kind == "amount" and not phrase.measure and item in ("支出", "实际支出") and self._budgeted():
            assert self.latest is not None
            item, measure, path = self.latest.item, OUTTURN, self.latest.path
        made = Mention(
            quantity,
            paragraph,
            block,
            self.period,
            phrase.kind,
            item,
            measure,
            base,
            phrase.direction,
            phrase.year,
            phrase.within,
            named,
            phrase.cut,
            phrase.residue,
            path,
        )
        made.whole = listing.whole if listing else None
        made.within = listing.name if listing else ""
        made.after = self.latest if self._in_period() else None
        since = max(paragraph.plain.rfind(mark, 0, clause_at) for mark in "。；") + 1
        self._name(made, paragraph.plain[since : quantity.start])
        if made.plain:
            if listing:
                listing.parts.append(made)
                made.listing = listing
            self.latest = made
        elif listing:
            made.listing = listing
        self.made.append(made)
        return made

    def _shared_measure(self, whole: Mention) -> str:
        """The budget measure that a list takes over from a whole stated by that measure alone."""
        if whole.measure not in BUDGETS:
            return ""
        beside = any(m.period == whole.period and m.entity == whole.entity and m.measure == OUTTURN for m in self.made)
        return "" if beside else whole.measure

    def _budgeted(self) -> bool:
        return self._in_period() and self.latest is not None and self.latest.measure in BUDGETS

    def _item(self, phrase: Phrase, quantity: Quantity, paragraph: Paragraph) -> tuple[str, Path | None, bool]:
        """The item spoken of, its path, and whether it is named right here."""
        item = phrase.item
        if phrase.kind == "count":
            return self._counted(item, quantity, paragraph)
        if item and _DEPENDENT.match(item) and self.latest:
            return f"{self.latest.item} {item}", None, True
        if not item and phrase.kind.startswith("change") and self.spoken and phrase.base in ("", self.base):
            return self.spoken, None, True
        if item:
            if self.goal and self.topic == self.goal and item.endswith("率"):
                return f"{self.goal} {item}", None, True
            path = read_path(item)
            return (path[0].item, path[0], True) if path else (item, None, True)
        if self._in_period() and self.latest is not None:
            return self.latest.item, self.latest.path, False
        if self.topic:
            return self.topic, self.path, False
        if self.head:
            return self.head.item, self.head.path, False
        return "", None, False

    def _counted(self, item: str, quantity: Quantity, paragraph: Paragraph) -> tuple[str, Path | None, bool]:
        noun = _NOUN.match(paragraph.plain, quantity.end)
        people = quantity.unit in ("人", "人次", "批次", "批", "万人次")
        bare = paragraph.plain[quantity.start - 1 : quantity.start] in "，；、（：" or self._touching(quantity)
        inherits = (not item and bare) or _DEPENDENT.match(item)
        if inherits and self._in_period() and self.latest is not None and (people or not noun):
            return self.latest.item, None, False
        if noun and (not item or _OPEN_ENDED.search(item)):
            return item + noun.group(), None, True
        return item, None, True

    def _touching(self, quantity: Quantity) -> bool:
        return bool(self.made) and self.made[-1].block == self.block and self.made[-1].quantity.end == quantity.start

    def _name(self, mention: Mention, clause: str) -> None:
        """Say which concept the mention's item and its number mean."""
        whole = mention.whole.item if mention.whole else mention.within
        name = Name(mention.item, OUTTURN, mention.quantity.unit, mention.headings, whole, clause, mention.path)
        if mention.quantity.family == "percent":
            name = Name(mention.item, OUTTURN, "万元", mention.headings, whole, clause, mention.path)
        mention.entity = self.concepts.resolve(name) or key_of(mention.item)
        year = self.filing.fiscal_year
        if (
            _ABOUT.search(clause)
            or not mention.plain
            or mention.quantity.per
            or (mention.year and year and mention.year != year)
        ):
            return
        mention.concept = self.concepts.resolve(
            Name(mention.item, mention.measure, mention.quantity.unit, mention.headings, whole, clause, mention.path)
        )
