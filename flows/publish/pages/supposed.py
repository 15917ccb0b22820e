"""What is supposed of a filing's findings, laid out for its page and for the panel: which figures may read otherwise, how that
came about, and which findings it would clear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from flows.explain.diagnosis import Suspect
from flows.publish.content.views import Case, Claim, Figure
from flows.publish.wording import supposed as wording

SETS = 4
"""Of one case so many sets of figures are shown, and of one figure so many ways in which it may have come about."""
WAYS = 3


class Reading(NamedTuple):
    """A figure that may be wrong: `reads` what it should read and `why` how that may have come about, `span` what else would do, each
    in both languages; `target` is its id where it stands on the page, else ""."""

    label: Mapping[str, str]
    target: str
    reads: Mapping[str, str]
    span: Mapping[str, str]
    follows: bool
    why: tuple[Mapping[str, str], ...]


class Supposed(NamedTuple):
    """One case. `sets` of figures wrong together, the likeliest first, `more` of them not shown; `clears` are the fingerprints of
    its findings, the root first."""

    outcome: str
    sets: tuple[tuple[Reading, ...], ...]
    more: int
    clears: tuple[str, ...]


def laid_out(
    cases: Iterable[Case], findings: Iterable[tuple[str, str]], printed_in: Mapping[str, Figure | Claim]
) -> tuple[Supposed, ...]:
    """The cases of a filing as its page shows them; `findings` are fingerprint and root of each finding on it, in their order."""
    there = list(findings)
    made = []
    for case in cases:
        clears = [id for id, root in there if case.root in (id, root)]
        if case.root not in clears:
            continue
        clears.sort(key=lambda id: id != case.root)
        sets = tuple(tuple(_reading(one, printed_in) for one in some) for some in case.sets[:SETS])
        made.append(Supposed(case.outcome, sets, len(case.sets) - len(sets), tuple(clears)))
    return tuple(made)


def _reading(one: Suspect, printed_in: Mapping[str, Figure | Claim]) -> Reading:
    source = printed_in.get(one.figure)
    ulp = source.ulp if source else None
    why: Sequence[Mapping[str, str]] = [how.said for how in one.hypotheses[:WAYS]]
    return Reading(
        one.label, source.id if source else "", wording.reads(one, ulp), wording.span(one, ulp), one.follows, tuple(why)
    )
