"""The narrative in its sentences: sections, paragraphs, and runs of text each with the claims that cover it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from flows.publish.layout import Mark
from flows.publish.views import Claim, Sentence, Spot

_ITEM = re.compile(r"^(（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\(?\d{1,2}[.．、)）])")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one sentence. `mark` is None where nothing quantitative is said; `first` where its claim begins."""

    text: str
    mark: Mark | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """The sentences under one heading. `path` is the chain of headings, `spot` where it begins."""

    anchor: str
    path: tuple[str, ...]
    spot: Spot
    paragraphs: tuple[tuple[Run, ...], ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the section, one a claim."""
        return tuple(run.mark for paragraph in self.paragraphs for run in paragraph if run.mark and run.first)


def sections(
    sentences: Sequence[Sentence],
    claims: Sequence[Claim],
    mark: Callable[[Claim], Mark],
    graver: Callable[[str, str], str],
) -> tuple[Section, ...]:
    """The narrative, section by section, in printed order.

    `graver` names the worse of two standings: where claims overlap, the text carries the worse of them.
    """
    by_sentence: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_sentence[claim.sentence].append(claim)
    made: list[Section] = []
    ordered = sorted(sentences, key=lambda sentence: sentence.position)
    for number, (path, group) in enumerate(groupby(ordered, key=lambda sentence: sentence.section)):
        within = list(group)
        paragraphs: list[list[Run]] = []
        for sentence in within:
            runs = _runs(sentence, by_sentence[sentence.position], mark, graver)
            if not paragraphs or _ITEM.match(sentence.text):
                paragraphs.append([])
            paragraphs[-1].extend(runs)
        headings = tuple(part for part in path.split("/") if part)
        made.append(Section(f"section-{number}", headings, within[0].spot, tuple(map(tuple, paragraphs))))
    return tuple(made)


def _runs(
    sentence: Sentence, claims: list[Claim], mark: Callable[[Claim], Mark], graver: Callable[[str, str], str]
) -> list[Run]:
    """Cut the sentence wherever a claim begins or ends; a stretch under several claims takes the gravest of them."""
    size = len(sentence.text)
    spans = [(max(0, c.start), min(size, c.end), c) for c in claims if c.start < min(size, c.end)]
    cuts = sorted({0, size, *(edge for start, end, _ in spans for edge in (start, end))})
    told: set[str] = set()
    made: list[Run] = []
    for start, end in pairwise(cuts):
        text = sentence.text[start:end]
        covering = [c for s, e, c in spans if s <= start and end <= e]
        if not covering:
            made.append(Run(text))
            continue
        marks = [mark(c) for c in covering]
        chosen = marks[0]
        for other in marks[1:]:
            if graver(other.standing, chosen.standing) != chosen.standing:
                chosen = other
        made.append(Run(text, chosen, chosen.id not in told))
        told.add(chosen.id)
    return made
