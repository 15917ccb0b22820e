"""From verdicts to minimal sets: findings that hang together, then one figure where one suffices."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flows.explain.causes import Judged
from flows.explain.diagnosis import Located
from flows.explain.locate.network import Network
from flows.explain.locate.single import singles


def located(judged: Sequence[Judged], doubted: Collection[str] = ()) -> tuple[Located, ...]:
    """Findings that hang together, each group with every minimal set of figures that clears it, in the order of trust.

    `judged` are identities, those that fail and those that hold near them; `doubted` are figures whose reading is uncertain.
    The same whatever the order of `judged`.
    """
    network = Network(judged, doubted)
    return tuple(_one(network, failing) for failing in network.components(network.broken))


def _one(network: Network, failing: Sequence[int]) -> Located:
    names = tuple(network.names[i] for i in failing)
    sets = singles(network, failing)
    return Located(names, tuple(sets), bool(sets))
