"""From verdicts to minimal sets: findings that hang together; one figure where one suffices; else the search, and cases apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product
from time import monotonic

from flows.explain.causes import Judged
from flows.explain.diagnosis import Located, MinimalSet
from flows.explain.locate.master import FIGURE, FOLLOWER, price
from flows.explain.locate.network import Network
from flows.explain.locate.repair import Repairs
from flows.explain.locate.search import Answer, Limits, Search, blocks, compatible, independent, mixed
from flows.explain.locate.simplex import Unsolved, Work
from flows.explain.locate.single import singles

LIMITS = Limits()
PAIRS = 24  # of groups, searched for sets that mend both
Group = tuple[int, ...]


def located(judged: Sequence[Judged], doubted: Collection[str] = (), limits: Limits = LIMITS) -> tuple[Located, ...]:
    """Findings that hang together, each group with every minimal set of figures that clears it, in the order of trust.

    `judged` are identities, those that fail and those that hold near them; `doubted` are figures whose reading is uncertain.
    The same whatever the order of `judged`. Groups that share no figure are cases of their own where their sets neither touch the
    findings of one another nor exclude each other, and no set for two of them, as cheap, mends both otherwise (a dearer set for
    one may save more for the other). That is looked into for `PAIRS` pairs of groups, and not for three at once.
    """
    network = Network(judged, doubted)
    until, work = monotonic() + limits.seconds, Work(limits.work)
    groups = _crossed(network, limits, until, work)
    looked: dict[tuple[Group, Group], bool] = {}
    while tied := next(_tied(network, groups, looked, limits, until, work), None):
        joined = tuple(sorted(i for failing in tied for i in failing))
        groups = {failing: cases for failing, cases in groups.items() if failing not in tied}
        groups[joined] = _cases(network, joined, limits, until, work)
    cases = sorted((case for some in groups.values() for case in some), key=lambda one: one.required)
    return tuple(_told(network, case, limits) for case in cases)


def _crossed(network: Network, limits: Limits, until: float, work: Work) -> dict[Group, list[Answer]]:
    """The groups that share no figure, each with its cases; those are one group where what clears the one moves another's figure."""
    done: dict[Group, list[Answer]] = {}
    waiting = network.components(network.broken)
    while waiting:
        failing = waiting.pop(0)
        cases = _cases(network, failing, limits, until, work)
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
    network: Network,
    groups: Mapping[Group, Sequence[Answer]],
    looked: dict[tuple[Group, Group], bool],
    limits: Limits,
    until: float,
    work: Work,
) -> Iterator[tuple[Group, Group]]:
    """Two groups of which some sets exclude each other, or may, or that have sets in common no dearer than one of each.

    `looked` are the pairs that were looked at, True where they were searched.
    """
    for one, other in combinations(sorted(groups), 2):
        if (one, other) in looked:
            continue
        mine, theirs = groups[one], groups[other]
        near = _touched(network, mine) & _touched(network, theirs)
        apart = not near or _go_together(network, mine, theirs, work)
        answers = (*mine, *theirs)
        looked[one, other] = apart and sum(looked.values()) < PAIRS and _near(network, one, other, answers)
        if not apart or (looked[one, other] and _shared(network, answers, limits, until, work)):
            yield one, other


def _go_together(network: Network, mine: Sequence[Answer], theirs: Sequence[Answer], work: Work) -> bool:
    try:
        return all(compatible(network, pair, work) for pair in product(mine, theirs))
    except Unsolved:
        return False


def _near(network: Network, one: Group, other: Group, answers: Sequence[Answer]) -> bool:
    """Whether identities that hold lead from the figures of one group to those of the other at no more than `answers` cost.

    A set for both that is more than one for each moves a figure of each and all on a way between them.
    """
    level, goal = (frozenset(id for i in group for id in network.relations[i].ids) for group in (one, other))
    seen = set(level)
    for _ in range((sum(each.price for each in answers) - FIGURE) // FOLLOWER):
        through = {i for id in level for i in network.touching[id] if not network.fails(i)}
        level = frozenset(id for i in through for id in network.relations[i].ids) - seen
        if level & goal:
            return True
        seen |= level
    return False


def _shared(network: Network, answers: Sequence[Answer], limits: Limits, until: float, work: Work) -> bool:
    """Whether a set for all of them is found that is no dearer than one of each and is none such; False where limits leave it open."""
    if not all(one.sets and one.whole for one in answers):
        return False
    try:
        return mixed(network, answers, limits, until, work)
    except Unsolved:
        return False


def _touched(network: Network, answers: Sequence[Answer]) -> set[int]:
    return {i for one in answers for some in one.sets for id in some for i in network.touching[id]}


def _cases(network: Network, failing: Sequence[int], limits: Limits, until: float, work: Work) -> list[Answer]:
    """What hangs together, as one case, or as several that have nothing to do with each other."""
    if found := _single(network, failing):
        return [found]
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
