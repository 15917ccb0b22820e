"""The one figure that clears everything: it stands in each of the identities that fail, and a value of it lets all hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor

from flows.explain.diagnosis import Change, MinimalSet
from flows.explain.locate.network import Network
from flows.explain.relation import Exact, Room, divided, size


def singles(network: Network, failing: Sequence[int]) -> list[MinimalSet]:
    """Every figure that alone lets `failing` hold, and whatever else it stands in; the least trusted first."""
    common = frozenset.intersection(*(network.relations[i].ids for i in failing))
    changes = [change for id in sorted(common) if (change := alone(network, id))]
    changes.sort(key=lambda one: (network.trust(one.figure), one.figure))
    return [MinimalSet((one,)) for one in changes]


def alone(network: Network, id: str) -> Change | None:
    """How `id` must change for every identity in which it stands to hold; None where no printable value does that.

    A base may be of either sign, and is of the printed one where that suffices; the ends are those of its side of 0.
    """
    left, centres = [Room()], []
    for i in sorted(network.touching[id], key=lambda i: (not network.fails(i), i)):
        rooms = network.relations[i].rooms({id: 1})
        if rooms is None:
            continue
        left = [both for room in left for one in rooms if not (both := room.meet(one)).empty]
        centres += [one.centre for one in rooms if one.centre is not None]

    def order(move: Exact) -> tuple[object, ...]:
        failing, every = network.exact({id: move})
        return -failing, -every, size(move - centres[0]) if centres else 0, size(move), move

    for room in left:
        moves = [move for move in _printable(room, centres, network.step(id)) if move and network.hold({id: move})]
        if moves:
            return Change(id, min(moves, key=order), room.low, room.high)
    return None


def _printable(room: Room, wanted: Iterable[Exact], step: Exact) -> Sequence[Exact]:
    """Whole numbers of `step` within `room`: those around each move that is wanted, and those at its ends."""
    least = None if room.low is None else ceil(divided(room.low, step))
    most = None if room.high is None else floor(divided(room.high, step))
    if least is not None and most is not None and least > most:
        return ()
    places = {place for move in wanted for place in (floor(divided(move, step)), ceil(divided(move, step)))}
    places |= {end for end in (least, most) if end is not None} or {0}
    if least is not None and most is not None:
        places.add((least + most) // 2)
    kept = {
        min(max(place, least if least is not None else place), most if most is not None else place) for place in places
    }
    return [place * step for place in sorted(kept)]
