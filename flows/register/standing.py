"""What was to be published against what was: each expectation with its filing, and the filings that nobody registered.

An organisation is found again by its name alone, equal but for how it is typed (`names.normal`), then by an alias of the register,
then without 本级 or 机关, which only a register with codes or aliases can tell apart. Nothing is matched by likeness: names that are
merely near are listed as candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flows.register.names import Nearby, aliases, normal, without_own
from flows.register.reading import Expected

STATUSES = ("missing", "late", "wrong_scope", "unexpected", "not_due", "in_time")
"""What most needs to be seen first."""
PUBLISHED = ("in_time", "late")


@dataclass(frozen=True, slots=True)
class Published:
    """A current filing. `first_seen` is that of its first version, `published_on` the earliest that any version states; `others`
    are documents of earlier versions that still lie where they were found."""

    filing: str
    organisation: str
    fiscal_year: int | None
    kind: str
    scope: str
    published_on: date | None
    first_seen: date | None
    source: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """One expectation and what became of it, or one filing that nobody registered.

    `on` is when it was published, by what `by` says: "stated" in the document, "register" as its keeper found it, "seen" first seen
    by us, for want of a date. `days` late, or overdue by today; 0 otherwise. `matched`: name, alias or own (without 本级). `twice` are
    further documents for the same expectation; `near` names like this one that stand without counterpart.
    """

    status: str
    expected: Expected | None = None
    published: Published | None = None
    on: date | None = None
    by: str = ""
    days: int = 0
    matched: str = ""
    twice: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def organisation(self) -> str:
        """As the register writes it, else as it is published."""
        return self.expected.organisation if self.expected else self.published.organisation if self.published else ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A register against the filings. `outside` counts the filings of years and kinds of which the register says nothing."""

    standings: tuple[Standing, ...]
    outside: int = 0
    today: date = field(default_factory=date.today)

    def counts(self) -> dict[str, int]:
        """How many: expected, published of these, each status, and duplicate."""
        made = {"expected": 0, "published": 0, **dict.fromkeys(STATUSES, 0), "duplicate": 0}
        for one in self.standings:
            made[one.status] += 1
            made["expected"] += one.expected is not None
            made["published"] += one.status in PUBLISHED
            made["duplicate"] += bool(one.twice)
        return made


def compared(expected: Sequence[Expected], published: Sequence[Published], today: date) -> Compared:
    """Every expectation and every filing that none expects, the most overdue first."""
    groups: dict[tuple[int | None, str], list[Expected]] = defaultdict(list)
    for one in expected:
        groups[one.fiscal_year, one.kind].append(one)
    within: dict[tuple[int | None, str], list[Published]] = defaultdict(list)
    unknown, outside = [], 0
    kinds = {kind for _, kind in groups}
    for found in published:
        if (found.fiscal_year, found.kind) in groups and found.organisation:
            within[found.fiscal_year, found.kind].append(found)
        elif found.kind in kinds and (not found.organisation or found.fiscal_year is None):
            unknown.append(Standing("unexpected", published=found))
        else:
            outside += 1
    made: list[Standing] = list(unknown)
    for group, some in groups.items():
        made += _group(some, within[group], today)
    return Compared(tuple(sorted(made, key=_order)), outside, today)


def _order(one: Standing) -> tuple[int, int, date, str, int]:
    due = (one.expected.due if one.expected else None) or date.max
    return STATUSES.index(one.status), -one.days, due, one.organisation, one.expected.row if one.expected else 0


# ---- one year and kind -----------------------------------------------------------------------------------------------------


def _group(expected: Sequence[Expected], published: Sequence[Published], today: date) -> list[Standing]:
    found, left = _matched(expected, published)
    made = [_standing(one, *found.get(at, ((), "")), today) for at, one in enumerate(expected)]
    strangers = [Standing("unexpected", published=one) for one in left]
    alone = [at for at, one in enumerate(made) if one.status in ("missing", "not_due")]
    if alone and strangers:
        free = Nearby(one.organisation for one in strangers)
        wanted = Nearby(made[at].organisation for at in alone)
        for at in alone:
            made[at] = replace(made[at], near=free.to(made[at].organisation))
        strangers = [replace(one, near=wanted.to(one.organisation)) for one in strangers]
    return made + strangers


def _matched(
    expected: Sequence[Expected], published: Sequence[Published]
) -> tuple[dict[int, tuple[tuple[Published, ...], str]], list[Published]]:
    """By the place of each expectation the filings that answer it and how they were found; and the filings left over."""
    by_name: dict[str, list[Published]] = defaultdict(list)
    for filing in published:
        by_name[normal(filing.organisation)].append(filing)
    taken: set[str] = set()
    found: dict[int, tuple[tuple[Published, ...], str]] = {}

    def take(at: int, names: Iterable[str], how: str, *, any_scope: bool = False) -> None:
        one = expected[at]
        some = [
            other
            for name in names
            for other in by_name.get(name, ())
            if other.filing not in taken and (any_scope or one.scope in ("", other.scope))
        ]
        if some:
            before, first = found.get(at, ((), how))
            found[at] = (*before, *some), first
            taken.update(other.filing for other in some)

    for at, one in enumerate(expected):
        take(at, [normal(one.organisation)], "name")
    for at, one in enumerate(expected):
        if one.alias:
            take(at, aliases(one.alias), "alias")
    for at, names in _without_own(expected, published).items():
        if at not in found:
            take(at, names, "own")
    for at, one in enumerate(expected):
        if at not in found:
            take(at, [normal(one.organisation), *aliases(one.alias)], "scope", any_scope=True)
    return found, [filing for filing in published if filing.filing not in taken]


def _without_own(expected: Sequence[Expected], published: Sequence[Published]) -> dict[int, list[str]]:
    """For expectations with a code or alias, the names of filings that differ by 本级 or 机关 alone, where only one expectation
    can be meant."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(expected):
        places[without_own(normal(one.organisation))].append(at)
    made: dict[int, list[str]] = defaultdict(list)
    for name in {normal(one.organisation) for one in published}:
        meant = places.get(without_own(name), [])
        if len(meant) == 1 and (expected[meant[0]].code or expected[meant[0]].alias):
            made[meant[0]].append(name)
    return {at: sorted(names) for at, names in made.items()}


def _standing(one: Expected, found: Sequence[Published], how: str, today: date) -> Standing:
    if not found:
        late = (today - one.due).days if one.due else 0
        return Standing("missing", one, days=late) if late > 0 else Standing("not_due", one)
    dated = [(*_published(one, other), other) for other in found]
    dated.sort(key=lambda three: (three[0] or date.max, three[2].filing))
    on, by, first = dated[0]
    twice: tuple[str, ...] = ()
    if one.kind != "performance":  # a department may publish one document for each of its projects
        twice = (*(other.source for _, _, other in dated[1:]), *(source for _, _, o in dated for source in o.others))
    days = max(0, (on - one.due).days) if on and one.due else 0
    status = "wrong_scope" if how == "scope" else "late" if days else "in_time"
    return Standing(status, one, first, on, by, days, "name" if how == "scope" else how, twice)


def _published(one: Expected, found: Published) -> tuple[date | None, str]:
    """When it was published and by what that is known: what the keeper of the register has looked up goes first."""
    if one.published_on:
        return one.published_on, "register"
    if found.published_on:
        return found.published_on, "stated"
    return found.first_seen, "seen" if found.first_seen else ""
