"""The narrative in its sentences: chapters, headings, paragraphs, and runs of text each with the claims that cover it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import groupby, pairwise

from flows.publish.content.views import Claim, Sentence, Spot
from flows.publish.pages.forms import Mark
from flows.publish.wording.standing import graver

_ITEM = re.compile(r"^(（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\(?\d{1,2}[.．、)）])")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one sentence. `mark` is None where nothing quantitative is said; `first` where its claim begins."""

    text: str
    mark: Mark | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One heading or paragraph. `level` is the depth of a heading (from 1), 0 for a paragraph."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Everything under one heading of the first order; `title` is () for what stands before any heading."""

    anchor: str
    title: tuple[Run, ...]
    spot: Spot
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The heading as plain text."""
        return "".join(run.text for run in self.title)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the chapter, one for each claim or sentence."""
        runs = (run for part in (self.title, *(block.runs for block in self.blocks)) for run in part)
        return tuple(run.mark for run in runs if run.mark and run.first)


def chapters(
    sentences: Sequence[Sentence],
    claims: Sequence[Claim],
    of_claim: Callable[[Claim], Mark],
    of_sentence: Callable[[Sentence], Mark | None],
) -> tuple[Chapter, ...]:
    """The narrative in printed order, chapter by chapter, each heading printed once.

    A heading is itself a sentence, standing before the section that it opens: it is set as that section's heading, so that
    what is wrong in a heading is marked there. `of_sentence` marks a sentence that is judged as a whole, None for any other.
    """
    by_sentence: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_sentence[claim.sentence].append(claim)

    def runs(sentence: Sentence) -> tuple[Run, ...]:
        return tuple(runs_of(sentence, by_sentence[sentence.position], of_claim, of_sentence(sentence)))

    made: list[Chapter] = []
    path: tuple[str, ...] = ()
    waiting: dict[str, tuple[Run, ...]] = {}
    for spot, next_path, paragraphs in _sections(sentences, runs, waiting):
        shared = next(
            (i for i, (a, b) in enumerate(zip(path, next_path, strict=False)) if a != b), min(len(path), len(next_path))
        )
        if not made or (shared == 0 and next_path != path):
            title = waiting.pop(next_path[0], (Run(next_path[0]),)) if next_path else ()
            made.append(Chapter(f"chapter-{len(made)}", title, spot, ()))
            shared = 1
        headings = [
            Block(depth + 1, waiting.pop(next_path[depth], (Run(next_path[depth]),)))
            for depth in range(max(shared, 1), len(next_path))
        ]
        made[-1] = replace(made[-1], blocks=(*made[-1].blocks, *headings, *paragraphs))
        path = next_path
    return tuple(made)


def _sections(
    sentences: Sequence[Sentence], runs: Callable[[Sentence], tuple[Run, ...]], waiting: dict[str, tuple[Run, ...]]
) -> Iterator[tuple[Spot, tuple[str, ...], list[Block]]]:
    """Section by section its first place, its path and its paragraphs; sentences that are headings of the next one wait in `waiting`."""
    groups = [
        (tuple(part for part in path.split("/") if part), list(group))
        for path, group in groupby(
            sorted(sentences, key=lambda sentence: sentence.position), key=lambda sentence: sentence.section
        )
    ]
    for at, (path, group) in enumerate(groups):
        opens = set(path) | set(groups[at + 1][0] if at + 1 < len(groups) else ())
        paragraphs: list[Block] = []
        for sentence in group:
            if sentence.text in opens:
                waiting[sentence.text] = runs(sentence)
            elif not paragraphs or _ITEM.match(sentence.text):
                paragraphs.append(Block(0, runs(sentence)))
            else:
                paragraphs[-1] = Block(0, paragraphs[-1].runs + runs(sentence))
        if paragraphs:
            yield group[0].spot, path, paragraphs


def runs_of(
    sentence: Sentence, claims: Sequence[Claim], of_claim: Callable[[Claim], Mark], whole: Mark | None
) -> list[Run]:
    """Cut the sentence wherever a claim begins or ends; a stretch under several claims takes the gravest of them."""
    size = len(sentence.text)
    spans = [(max(0, c.start), min(size, c.end), of_claim(c)) for c in claims if c.start < min(size, c.end)]
    cuts = sorted({0, size, *(edge for start, end, _ in spans for edge in (start, end))})
    told: set[str] = set()
    made: list[Run] = []
    for start, end in pairwise(cuts):
        covering = [mark for s, e, mark in spans if s <= start and end <= e] or ([whole] if whole else [])
        chosen = (
            reduce(lambda one, other: one if graver(one.standing, other.standing) == one.standing else other, covering)
            if covering
            else None
        )
        made.append(Run(sentence.text[start:end], chosen, chosen is not None and chosen.id not in told))
        told.update([chosen.id] if chosen else [])
    return made
