"""From verdicts to minimal sets: findings that hang together; one figure where one suffices; else the search, and cases apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from time import monotonic

from flows.explain.causes import Judged
from flows.explain.diagnosis import Located, MinimalSet
from flows.explain.locate.master import FIGURE, price
from flows.explain.locate.network import Network
from flows.explain.locate.repair import Repairs
from flows.explain.locate.search import Answer, Limits, Search, blocks, compatible, independent
from flows.explain.locate.simplex import Unsolved, Work
from flows.explain.locate.single import singles

LIMITS = Limits()


def located(judged: Sequence[Judged], doubted: Collection[str] = (), limits: Limits = LIMITS) -> tuple[Located, ...]:
    """Findings that hang together, each group with every minimal set of figures that clears it, in the order of trust.

    `judged` are identities, those that fail and those that hold near them; `doubted` are figures whose reading is uncertain.
    The same whatever the order of `judged`. Groups that share no figure, and whose sets neither touch the findings of one another
    nor exclude each other, are cases of their own: that a dearer set for one might save more for another is not looked into.
    """
    network = Network(judged, doubted)
    groups = _crossed(network, limits)
    while tied := next(_tied(network, groups, limits), None):
        joined = tuple(sorted(i for failing in tied for i in failing))
        groups = {failing: cases for failing, cases in groups.items() if failing not in tied}
        groups[joined] = _cases(network, joined, limits)
    cases = sorted((case for some in groups.values() for case in some), key=lambda one: one.required)
    return tuple(_told(network, case, limits) for case in cases)


def _crossed(network: Network, limits: Limits) -> dict[tuple[int, ...], list[Answer]]:
    """The groups that share no figure, each with its cases; those are one group where what clears the one moves another's figure."""
    done: dict[tuple[int, ...], list[Answer]] = {}
    waiting = network.components(network.broken)
    while waiting:
        failing = waiting.pop(0)
        cases = _cases(network, failing, limits)
        touched = _touched(network, cases)
        others = [one for one in (*waiting, *done) if touched & set(one)]
        if others:
            waiting = [one for one in waiting if one not in others]
            done = {one: some for one, some in done.items() if one not in others}
            waiting.insert(0, tuple(sorted({*failing, *(i for one in others for i in one)})))
        else:
            done[failing] = cases
    return done


def _tied(
    network: Network, groups: Mapping[tuple[int, ...], Sequence[Answer]], limits: Limits
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Two groups of which some sets exclude each other, or may: an identity stands between them."""
    for (one, mine), (other, theirs) in combinations(sorted(groups.items(), key=lambda item: item[0]), 2):
        near = _touched(network, mine) & _touched(network, theirs)
        if near and not _go_together(network, mine, theirs, limits):
            yield one, other


def _go_together(network: Network, mine: Sequence[Answer], theirs: Sequence[Answer], limits: Limits) -> bool:
    work = Work(limits.work)
    try:
        return all(compatible(network, pair, work) for pair in product(mine, theirs))
    except Unsolved:
        return False


def _touched(network: Network, answers: Sequence[Answer]) -> set[int]:
    return {i for one in answers for some in one.sets for id in some for i in network.touching[id]}


def _cases(network: Network, failing: Sequence[int], limits: Limits) -> list[Answer]:
    """What hangs together, as one case, or as several that have nothing to do with each other."""
    if found := _single(network, failing):
        return [found]
    until, work = monotonic() + limits.seconds, Work(limits.work)
    search = Search(network, failing, limits, until, work)
    least = search.least()
    parts = blocks(network, least, failing) if least else []
    if least and len(parts) > 1 and sum(map(len, parts)) == len(failing):
        apart = [_single(network, part) or Search(network, part, limits, until, work).all() for part in parts]
        whole = sum(one.price for one in apart) == price(network, least)
        if whole and independent(network, apart, limits, until, work):
            return apart
    return [search.all()]


def _single(network: Network, failing: Sequence[int]) -> Answer | None:
    found = [frozenset(one.figures) for one in singles(network, failing)]
    return Answer(tuple(failing), found, FIGURE) if found else None


def _told(network: Network, answer: Answer, limits: Limits) -> Located:
    sets = list(_sets(network, answer))
    sets.sort(key=lambda one: (sum(map(network.trust, one.figures)), one.figures))
    findings = tuple(network.names[i] for i in answer.required)
    return Located(findings, tuple(sets[: limits.sets]), answer.whole and len(sets) <= limits.sets)


def _sets(network: Network, answer: Answer) -> Iterator[MinimalSet]:
    alone = {frozenset(one.figures): one for one in singles(network, answer.required)} if answer.price == FIGURE else {}
    repairs = Repairs(network, answer.required)
    for figures in answer.sets:
        if figures in alone:
            yield alone[figures]
            continue
        follows = frozenset(id for id in figures if network.origins(id) & figures)
        yield MinimalSet(repairs.changes(figures), follows)
