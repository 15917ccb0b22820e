"""The cheapest minimal sets of several figures: an implicit hitting set search.

`Master` proposes the cheapest set that hits every conflict known; `Repairs` decides exactly whether it lets all identities hold.
If not, what stands against it is a new conflict; if so, it is minimal or shows a smaller one; and so on until the price rises.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import product
from time import monotonic

from flows.explain.locate.master import Master, price
from flows.explain.locate.network import Network
from flows.explain.locate.repair import Repairs
from flows.explain.locate.simplex import Unsolved, Work

PROGRAMME = 10_000  # numbers that could be reckoned in the time of one programme of HiGHS
_WIDE = 30  # figures of which it is still quickly decided what they leave open


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a search ends: sets listed for a case, sets decided about, numbers reckoned for a filing (see `Work`), seconds
    (the last resort: it depends on the machine)."""

    sets: int = 24
    questions: int = 400
    work: int = 400_000
    seconds: float = 5


@dataclass(slots=True)
class Answer:
    """The minimal sets of one `price` that let `required` hold. Empty and `whole`: nothing does."""

    required: tuple[int, ...]
    sets: list[frozenset[str]] = field(default_factory=list)
    price: int = 0
    whole: bool = True


class Search:
    """One search for sets that let `required` hold."""

    def __init__(self, network: Network, required: Sequence[int], limits: Limits, until: float, work: Work) -> None:
        self.network = network
        self.required = tuple(required)
        self.limits = limits
        self.until = until
        self.work = work
        self.repairs = Repairs(network, required, work)
        self.master = Master(network)
        for one in conflicts(network, required):
            self.master.cut(one)
        self.sound = True

    def next(self) -> frozenset[str] | None:
        """The cheapest minimal set that is not forbidden; None when there is none. Raises Unsolved at a limit."""
        while True:
            if self.repairs.asked >= self.limits.questions or monotonic() > self.until:
                raise Unsolved("limit")
            self.work.take(PROGRAMME)
            figures = self.master.cheapest(self.until - monotonic())
            if figures is None:
                return None
            outcome = self.repairs.possible(figures)
            if outcome.moves is None:
                self.sound = self.sound and outcome.proven
                if not outcome.cut:
                    return None
                self.master.cut(outcome.cut)
                self._further(figures | outcome.cut)
                continue
            smaller = self._shrunk(figures)
            if smaller == figures:
                return figures
            self.master.minimal.add(smaller)

    def _further(self, figures: frozenset[str]) -> None:
        """Conflicts that remain even if all of `figures` move: each spares the master a question."""
        while len(figures) <= _WIDE:
            outcome = self.repairs.possible(figures)
            if outcome.moves is not None or not outcome.proven or not outcome.cut:
                return
            self.master.cut(outcome.cut)
            figures |= outcome.cut

    def _shrunk(self, figures: frozenset[str]) -> frozenset[str]:
        """A set within `figures` that suffices and of which none can be left out."""
        for id in sorted(figures, key=lambda id: (-self.network.trust(id), id)):
            if len(figures) > 1 and self.repairs.possible(figures - {id}).moves is not None:
                figures -= {id}
        return figures

    def least(self) -> frozenset[str] | None:
        """A minimal set of the least price, which `all` gives again; None where there is none, or a limit was met."""
        try:
            found = self.next()
        except Unsolved:
            return None
        return found if self.sound else None

    def all(self) -> Answer:
        """Every minimal set of the least price, as far as the limits reach."""
        answer = Answer(self.required)
        try:
            while (found := self.next()) is not None:
                worth = price(self.network, found)
                answer.price = self.master.most = answer.price or worth
                if worth > answer.price:
                    break
                if len(answer.sets) == self.limits.sets:
                    answer.whole = False
                    break
                answer.sets.append(found)
                self.master.forbidden.add(found)
        except Unsolved:
            answer.whole = False
        answer.whole = answer.whole and self.sound
        return answer


def conflicts(network: Network, required: Collection[int]) -> list[frozenset[str]]:
    """Of each identity that fails its figures; and where one of these cannot move for another identity, the others of both."""
    found: dict[frozenset[str], None] = {network.relations[i].ids: None for i in sorted(required)}
    for i in sorted(required):
        failing = network.relations[i]
        for id in sorted(failing.ids):
            rooms = None if failing.times else failing.rooms({id: 1})
            for k in network.touching[id]:
                other = network.relations[k]
                if rooms is None or k == i or other.times or (network.fails(k) and k not in required):
                    continue
                theirs = other.rooms({id: 1})
                if theirs is not None and all(one.meet(each).empty for one, each in product(rooms, theirs)):
                    found[(failing.ids | other.ids) - {id}] = None
    return sorted(found, key=lambda one: (len(one), sorted(one)))


# ---- errors that have nothing to do with each other -----------------------------------------------------------------------


def blocks(network: Network, figures: frozenset[str], required: Sequence[int]) -> list[tuple[int, ...]]:
    """`required` by the figures of the set that they contain, where no identity ties these to the others of the set."""
    left, found = set(figures), []
    while left:
        group = {min(left)}
        while True:
            near = {id for one in group for i in network.touching[one] for id in network.relations[i].ids & left}
            if near <= group:
                break
            group |= near
        left -= group
        found.append(tuple(i for i in required if network.relations[i].ids & group))
    return sorted(found)


def independent(network: Network, answers: Sequence[Answer], limits: Limits, until: float, work: Work) -> bool:
    """Whether the least sets for all together are just one set of each answer, in any combination.

    False as well where the limits leave it open.
    """
    if not all(one.sets and one.whole for one in answers):
        return False
    try:
        return compatible(network, answers, work) and not mixed(network, answers, limits, until, work)
    except Unsolved:
        return False


def mixed(network: Network, answers: Sequence[Answer], limits: Limits, until: float, work: Work) -> bool:
    """Whether a set for all together, of no more than the price of one set of each answer, is no such combination.

    Raises `Unsolved` where the limits leave it open.
    """
    search = Search(network, sorted(i for one in answers for i in one.required), limits, until, work)
    search.master.most = sum(one.price for one in answers)
    search.master.families = tuple(tuple(one.sets) for one in answers)
    if search.next() is not None:
        return True
    if not search.sound:
        raise Unsolved("not linear")
    return False


def compatible(network: Network, answers: Sequence[Answer], work: Work) -> bool:
    """Whether each set of one answer goes together with each of the others, where an identity stands between them.

    Raises `Unsolved` once the work allowed is done.
    """
    together = Repairs(network, [i for one in answers for i in one.required], work)
    for chosen in product(*(one.sets for one in answers)):
        touched = [{i for id in some for i in network.touching[id]} for some in chosen]
        near = len(set().union(*touched)) < sum(map(len, touched))
        if near and together.possible(frozenset().union(*chosen)).moves is None:
            return False
    return True
