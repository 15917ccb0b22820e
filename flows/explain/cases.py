"""The findings of one filing as cases: one cause each, with the finding that states it most directly as root.

Greedy and deterministic: the cause that repairs most, net of what it would break, is assumed first; what then holds follows from
it; and so on until no cause repairs two findings. Findings that nothing ties stay apart: to tie wrongly hides errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from flows.explain.causes import NARRATIVE, Effect, Graph, Judged, form_of, telling
from flows.explain.diagnosis import Located
from flows.explain.relation import SCALE, Exact

MOST = 300
"""Findings of one filing that are searched for causes; one with more is beyond arithmetic, and its findings stay apart."""


@dataclass(frozen=True, slots=True)
class Case:
    """One cause: fingerprints of the root and of the findings that follow from it.

    `kind` is that of the cause, `same` where equal findings were made twice, `parts` where the parts of a sum are wrong one by
    one, "" where nothing ties it to another; `moves` says by how much each figure moves when the first moves by one, and that
    moves by `shift`, if the cause is what it seems.
    """

    root: str
    symptoms: tuple[str, ...]
    kind: str
    moves: Mapping[str, Exact] = field(default_factory=dict)
    shift: Exact | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        return tuple(self.moves)


@dataclass(slots=True)
class _Group:
    """Findings (indexes) with one cause; `first` are those that the cause explains by itself."""

    first: list[int]
    rest: list[int]
    effect: Effect | None = None
    kind: str = ""


Locate = Callable[[Sequence[Judged]], Sequence[Located]]


def cases(judged: Sequence[Judged], locate: Locate = lambda rest: ()) -> tuple[tuple[Case, ...], Sequence[Located]]:
    """Every finding (broken one of `judged`) in its case, whatever the order of `judged`, and what `locate` says.

    It is asked about all but the findings that a whole form in another unit explains, and ties those that one figure clears.
    """
    ordered = sorted(judged, key=lambda one: (one.rule, one.instance, one.fingerprint))
    broken = [i for i, one in enumerate(ordered) if one.broken]
    if not broken or len(broken) > MOST:
        return (), ()
    graph = Graph(ordered)
    groups: list[_Group] = []
    if len(broken) > 1:
        groups += [
            _Group(list(effect.cured), followed, effect, effect.cause.kind) for effect, followed in _found(graph)
        ]
        _add_consequences(graph, groups)
        _join_same(ordered, groups, broken)
    explained = {i for one in groups if one.kind == "unit" for i in (*one.first, *one.rest)}
    located = locate([one for i, one in enumerate(ordered) if i not in explained])
    _join_cleared(ordered, groups, located)
    alone = set(broken).difference(*({*one.first, *one.rest} for one in groups))
    groups += [_Group([i], []) for i in sorted(alone)]
    return tuple(sorted((_case(graph, one) for one in groups), key=lambda case: case.root)), located


def _found(graph: Graph) -> Iterator[tuple[Effect, list[int]]]:
    """The causes that explain most, one after another, each with the findings that follow from it."""
    causes = list(graph.causes())
    touched = [graph.touched(cause) for cause in causes]
    effects: list[Effect | None] = []
    harmless: list[frozenset[int]] = []
    for cause, around in zip(causes, touched, strict=True):
        # Where a plainer cause explains all that this one touches, and breaks nothing, this one can add nothing.
        idle = any(around & graph.open <= explained for explained in harmless)
        effect = None if idle else graph.effect(cause)
        effects.append(effect)
        if effect and not effect.harmed:
            harmless.append(frozenset(effect.cured))
    while best := min(filter(None, effects), key=lambda effect: effect.order, default=None):
        before = set(graph.open)
        yield best, list(graph.assume(best))
        explained = before - graph.open
        effects = [
            graph.effect(cause) if effect and explained & around else effect
            for cause, around, effect in zip(causes, touched, effects, strict=True)
        ]


def _add_consequences(graph: Graph, groups: list[_Group]) -> None:
    """A sum follows from the findings about its parts, if it holds once these, and the causes found, are put right."""
    for i in sorted(graph.open):
        if not (found := graph.sources(i)):
            continue
        causes, parts = found
        home = next((one for one in groups if i in one.first), None)
        if home is None and causes:
            groups[min(causes)].rest.append(i)
        elif home is None:
            nearest = min(parts, key=lambda k: _directness(graph, k))
            theirs = next((one for one in groups if nearest in one.first or nearest in one.rest), None)
            if theirs:
                theirs.rest.append(i)
            else:
                groups.append(_Group([nearest], [i], None, "parts"))


def _join_same(judged: Sequence[Judged], groups: list[_Group], broken: Iterable[int]) -> None:
    """The same rule broken twice with the same figures, digit for digit, is one misstatement printed twice."""
    alike: dict[tuple[str, tuple[Exact, ...]], list[int]] = {}
    for i in broken:
        values = tuple(value for _, value in judged[i].values)
        if any(telling(value) for value in values) and len(values) > 1:
            alike.setdefault((judged[i].rule, values), []).append(i)
    for same in alike.values():
        _join(groups, same, "same")


def _join(groups: list[_Group], some: Sequence[int], kind: str) -> None:
    """These findings are in one group: the first in which any of them stands, or else a new one of this kind."""
    homes = [one for one in groups if any(i in one.first or i in one.rest for i in some)]
    loose = [i for i in some if not any(i in one.first or i in one.rest for one in homes)]
    if homes:
        keep = homes[0]
        for other in homes[1:]:
            keep.first += other.first
            keep.rest += other.rest
            groups.remove(other)
        keep.rest += loose
    elif len(loose) > 1:
        groups.append(_Group(loose, [], None, kind))


def _join_cleared(judged: Sequence[Judged], groups: list[_Group], located: Iterable[Located]) -> None:
    """Findings that one figure clears, with those that follow it, have one cause."""
    number = {one.fingerprint: i for i, one in enumerate(judged)}
    for one in located:
        if len(one.findings) > 1 and one.sets and all(len(each.figures) - len(each.follows) == 1 for each in one.sets):
            _join(groups, [number[finding] for finding in one.findings], "figure")


def _case(graph: Graph, group: _Group) -> Case:
    """The group with its gravest, most direct finding as root: no warning ever stands above what must be put right."""
    about = group.effect.cause.moves if group.effect else {}

    def order(i: int) -> tuple[object, ...]:
        return graph.judged[i].rank, i not in group.first, *_directness(graph, i, about)

    first, *others = sorted({*group.first, *group.rest}, key=order)
    symptoms = tuple(graph.judged[i].fingerprint for i in others)
    effect = group.effect
    shift = (effect.cause.scale or Fraction(effect.shift, SCALE)) if effect else None
    return Case(graph.judged[first].fingerprint, symptoms, group.kind, about, shift)


def _directness(graph: Graph, i: int, about: Mapping[str, Exact] | None = None) -> tuple[object, ...]:
    """Within the form of the figure before across forms, forms before narrative, few terms before many, about it before of it."""
    one = graph.judged[i]
    relation = graph.relations.get(i)
    if relation is None:
        return 3, 0, 0, i
    forms = {form_of(id) for id in relation.ids}
    origin = form_of(next(iter(about))) if about else ""
    home = origin != NARRATIVE and forms == {origin}
    reach = 0 if home else 2 if NARRATIVE in forms and origin != NARRATIVE else 1
    return reach, len(relation.ids), relation.target not in (about or {}), one.rule, one.instance, i
