"""The programme behind the search, by itself."""

from __future__ import annotations

from flows.explain.locate.master import Master
from flows.explain.locate.network import Network


def test_sets_may_hold_figures_that_no_conflict_names() -> None:
    """Of a family of sets no member is wanted, whichever figures these hold."""
    master = Master(Network([]))
    master.cut(frozenset({"a", "b"}))
    master.families = ((frozenset({"a"}), frozenset({"c"})),)
    assert master.cheapest(5) == frozenset({"b"})
