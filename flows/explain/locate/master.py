"""The cheapest set of figures that hits every conflict known: a 0/1 programme, solved by HiGHS.

A figure costs `FIGURE`, one that repeats another of the set, or adds it up, `FOLLOWER`. One thread, a fixed seed, prices that are
whole numbers and no gap between them: the same programme has the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flows.explain.locate.network import Network
from flows.explain.locate.simplex import Unsolved

FIGURE, FOLLOWER = 10, 3
NODES = 5000  # of the search within one programme


def price(network: Network, figures: frozenset[str]) -> int:
    """What it takes to suppose that these figures are wrong."""
    return sum(FOLLOWER if network.origins(id) & figures else FIGURE for id in figures)


@dataclass(frozen=True, slots=True)
class Row:
    """Σ factor × variable ≥ `least`."""

    factors: dict[str, int]
    least: int


class Master:
    """Conflicts (each wants one of its figures) and the sets that are not wanted again."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.cuts: set[frozenset[str]] = set()
        self.forbidden: set[frozenset[str]] = set()  # with all that contain them
        self.minimal: set[frozenset[str]] = set()  # only what contains them and more
        self.most: int | None = None  # the price that is still of interest
        self.families: tuple[tuple[frozenset[str], ...], ...] = ()  # of one of these no member is wanted

    def cut(self, figures: frozenset[str]) -> None:
        """One of `figures` must move; what a sharper conflict says already is left out."""
        if any(one <= figures for one in self.cuts):
            return
        self.cuts = {one for one in self.cuts if not figures <= one} | {figures}

    def cheapest(self, seconds: float) -> frozenset[str] | None:
        """The cheapest set that is wanted, None if there is none for `most`. Raises Unsolved."""
        if frozenset() in self.cuts:
            return None
        figures = self._figures()
        known = set(figures)
        saved = [id for id in figures if self.network.origins(id) & known]
        names = [*figures, *(f"follows {id}" for id in saved), *(f"family {k}" for k in range(len(self.families)))]
        costs = [FIGURE] * len(figures)
        costs += [-(FIGURE - FOLLOWER)] * len(saved) + [0] * len(self.families)
        rows = list(self._rows(figures, saved))
        if self.most is not None:
            rows.append(Row({name: -cost for name, cost in zip(names, costs, strict=True) if cost}, -self.most))
        chosen = _solve(names, costs, rows, seconds)
        return None if chosen is None else frozenset(id for id in figures if id in chosen)

    def _figures(self) -> list[str]:
        """Those of the conflicts and of sets that are spoken of, and those that several of them repeat."""
        members = (some for family in self.families for some in family)
        found = {id for some in (*self.cuts, *self.forbidden, *self.minimal, *members) for id in some}
        shared: dict[str, int] = {}
        for id in found:
            for origin in self.network.origins(id):
                shared[origin] = shared.get(origin, 0) + 1
        return sorted(found | {id for id, many in shared.items() if many > 1})

    def _rows(self, figures: Sequence[str], saved: Iterable[str]) -> Iterable[Row]:
        for some in sorted(self.cuts, key=sorted):
            yield Row(dict.fromkeys(sorted(some), 1), 1)
        known = set(figures)
        for id in saved:
            yield Row({id: 1, f"follows {id}": -1}, 0)
            yield Row({**dict.fromkeys(sorted(self.network.origins(id) & known), 1), f"follows {id}": -1}, 0)
        for some in sorted(self.forbidden, key=sorted):
            yield Row(dict.fromkeys(sorted(some), -1), 1 - len(some))
        for some in sorted(self.minimal, key=sorted):
            many = len(figures)
            yield Row({id: -many if id in some else -1 for id in figures}, -many * len(some))
        for k, family in enumerate(self.families):
            for some in family:
                yield Row({**dict.fromkeys(sorted(some), -1), f"family {k}": -1}, -len(some))
        if self.families:
            yield Row({f"family {k}": 1 for k in range(len(self.families))}, 1)


def _solve(names: Sequence[str], costs: Sequence[int], rows: Sequence[Row], seconds: float) -> frozenset[str] | None:
    import highspy  # only where one figure does not clear all: most filings never need it

    class Silent(highspy.Highs):
        def enableCallbacks(self) -> None:
            """Called as it is made, before anyone could tell it to print no heading."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    solver = Silent()
    options = {
        "threads": 1, "random_seed": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.9,
        "mip_max_nodes": NODES, "time_limit": max(seconds, 0.01),
        "mip_heuristic_run_feasibility_jump": False,  # for programmes so small it costs more than all else
    }  # fmt: skip
    for option, value in options.items():
        solver.setOptionValue(option, value)
    place = {name: k for k, name in enumerate(names)}
    for k, cost in enumerate(costs):
        solver.addCol(float(cost), 0.0, 1.0, 0, [], [])
        solver.changeColIntegrality(k, highspy.HighsVarType.kInteger)
    for row in rows:
        many = [place[name] for name in row.factors]
        solver.addRow(float(row.least), highspy.kHighsInf, len(many), many, [float(by) for by in row.factors.values()])
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise Unsolved(str(status))
    values = solver.getSolution().col_value
    return frozenset(name for name, value in zip(names, values, strict=True) if value > 0.5)
