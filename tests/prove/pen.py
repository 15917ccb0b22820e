"""Sentences that remember what they state: every amount, rate, count, year and word of direction with its place and truth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tests.samples.accounts import percent, published

HALF = Decimal("0.005")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Mark:
    """Something stated in a paragraph, characters `start` to `end`.

    `kind`: amount, rate, count, year, direction. `true`: the unrounded number in 万元, %, or units. `slack`: how far rounding
    of this and of the figures it is computed from may take it. `others`: what a particular error would print instead.
    `tied`: whether the document states what it follows from.
    """

    paragraph: int
    start: int
    end: int
    kind: str
    text: str
    true: Decimal
    slack: Decimal
    others: Mapping[str, str]
    tied: bool = True


@dataclass
class Pen:
    """Writes paragraphs; `r` chooses among wordings."""

    r: Random
    paragraphs: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    _held: list[tuple[str, str, Decimal, Decimal, Mapping[str, str], bool]] = field(default_factory=list)

    def write(self, text: str) -> None:
        """One paragraph; the marks made while it was put together find their places in it."""
        plain, at = "", 0
        for found in re.finditer("\ue000(\\d+)\ue001", text):
            plain += text[at : found.start()]
            kind, said, true, slack, others, tied = self._held[int(found[1])]
            start = len(plain)
            plain += said
            self.marks.append(
                Mark(len(self.paragraphs), start, len(plain), kind, said, true, slack, others, tied),
            )
            at = found.end()
        self.paragraphs.append(plain + text[at:])

    def one_of(self, *wordings: str) -> str:
        """One of several ways to say it."""
        return self.r.choice(wordings)

    def amount(self, value: Decimal, prior: Decimal | None = None, *, tied: bool = True) -> str:
        """An amount of 元 in 万元; `prior` is what the year before printed in its place."""
        others = {} if prior is None or published(prior) == published(value) else {"prior": f"{published(prior)}万元"}
        return self._hold("amount", f"{published(value)}万元", value / 10000, HALF, others, tied)

    def rate(self, part: Decimal, whole: Decimal, wrong: Decimal | None = None) -> str:
        """`part` in percent of `whole`; `wrong` is another base that could be taken by mistake."""
        said = percent(part, whole)
        others = {"base": f"{percent(part, wrong)}%"} if wrong and percent(part, wrong) != said else {}
        blur = HALF * 10000 * (1 + abs(part / whole)) / abs(whole) * 100
        return self._hold("rate", f"{said}%", part * 100 / whole, HALF + blur, others, True)

    def count(self, number: int, *, tied: bool = False) -> str:
        """A number of things."""
        return self._hold("count", str(number), Decimal(number), Decimal(0), {}, tied)

    def year(self, year: int) -> str:
        """The fiscal year; by mistake, the one before."""
        return self._hold("year", str(year), Decimal(year), Decimal(0), {"stale": str(year - 1)}, True)

    def way(self, word: str, opposite: str) -> str:
        """A word of direction."""
        return self._hold("direction", word, Decimal(0), Decimal(0), {"opposite": opposite}, True)

    def change(self, now: Decimal, prior: Decimal, each: str = "") -> str:
        """How an amount moved against the year before."""
        if published(now) == published(prior):
            return self.one_of("与上年持平", "与上年相比无变化")
        lead = self.one_of(f"与上年相比，{each}", f"比上年{each}", f"较上年{each}")
        up = now > prior
        words = (("增加", "减少"), ("增长", "下降")) if up else (("减少", "增加"), ("下降", "增长"))
        difference = abs(now - prior)
        if not published(difference):
            difference = abs(published(now) - published(prior)) * 10000
        said = f"{lead}{self.way(*words[0])}{self.amount(difference)}"
        if not prior:
            return said
        return f"{said}，{self.way(*words[1])}{self.rate(difference, prior, now)}"

    def completion(self, budget: str, outturn: Decimal, planned: Decimal, other: Decimal | None = None) -> str:
        """How an outturn stands to the budget called `budget`; `other` is the budget that it could be mistaken for."""
        if published(outturn) == published(planned):
            way = f"决算数{self.one_of('等于', '与')}{budget}数"
            relation = way if "等于" in way else f"{way}持平"
        else:
            word = self.way("大于", "小于") if outturn > planned else self.way("小于", "大于")
            relation = f"决算数{word}{budget}数"
        return f"完成{budget}的{self.rate(outturn, planned, other)}，{relation}"

    def _hold(self, kind: str, said: str, true: Decimal, slack: Decimal, others: Mapping[str, str], tied: bool) -> str:
        self._held.append((kind, said, true, slack, others, tied))
        return f"\ue000{len(self._held) - 1}\ue001"
