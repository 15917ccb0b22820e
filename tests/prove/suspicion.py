"""The part of docs/proof.md that says which figure is wrong: how often it is the altered one that is suspected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from tests.prove.accused import Accused
from tests.prove.errors import TYPES
from tests.prove.pages import section, share, table

FOUND, FIRST, NAMED, BOTH = 0.98, 0.90, 0.80, 0.80
MEDIAN, LARGEST = 0.050, 2.0
"""Seconds of computing for one filing."""
MISSING = "missing row"


@dataclass(frozen=True)
class Suspicion:
    """Filings with one error and filings with two, and what is suspected in each."""

    accused: Sequence[Accused]

    @property
    def single(self) -> list[Accused]:
        """Filings with one error that altered a figure."""
        return [one for one in self.accused if len(one.errors) == 1 and one.errors[0].type != MISSING]

    @property
    def seen(self) -> list[Accused]:
        """Those in which an identity breaks."""
        return [one for one in self.single if one.seen()]

    @property
    def both(self) -> list[Accused]:
        """Filings with two errors, each in a figure of an identity that breaks."""
        return [one for one in self.accused if len(one.errors) == 2 and one.seen(0) and one.seen(1)]

    @property
    def missing(self) -> list[Accused]:
        """Filings in which a row is missing and an identity breaks."""
        return [one for one in self.accused if one.errors[0].type == MISSING and one.seen()]

    @property
    def seconds(self) -> list[float]:
        """What the diagnoses took, of all filings in which anything breaks."""
        return sorted(one.seconds for one in self.accused if one.identities) or [0.0]

    def measures(self) -> list[tuple[str, float, float, bool]]:
        """What is measured, how much, what is wanted; whether that is a share at least, else seconds at most."""
        seen, both = self.seen, self.both
        if not self.accused:
            return []
        return [
            (f"the altered figure is suspected (of {len(seen)} filings with one error in which an identity breaks)",
             _part(seen, Accused.found), FOUND, True),
            ("it is suspected first", _part(seen, Accused.first), FIRST, True),
            ("the type of error is named first", _part(seen, Accused.names), NAMED, True),
            (f"both altered figures are suspected (of {len(both)} filings with two errors, both in identities that break)",
             _part(both, lambda one: one.found(0) and one.found(1)), BOTH, True),
            ("seconds of computing for a filing: median", median(self.seconds), MEDIAN, False),
            ("seconds of computing for a filing: largest", self.seconds[-1], LARGEST, False),
        ]  # fmt: skip

    def missed(self) -> list[str]:
        """The budgets that are missed, as lines for people."""
        lines = []
        for what, measured, wanted, least in self.measures():
            if least and measured < wanted:
                lines.append(f"{what}: {measured:.1%}, at least {wanted:.0%} wanted")
            if not least and measured > wanted:
                lines.append(f"{what}: {measured:.3f}, at most {wanted} wanted")
        return lines


def _part(some: Sequence[Accused], right: Callable[[Accused], bool]) -> float:
    return sum(map(right, some)) / len(some) if some else 0.0


def part(suspicion: Suspicion) -> Iterator[str]:
    """The lines of the page."""
    if not suspicion.accused:
        return
    yield from _head(suspicion)
    yield from _types(suspicion)
    yield from _not_found(suspicion)
    yield from _not_first(suspicion)
    yield from _not_named(suspicion)
    yield from _unseen(suspicion)
    yield from _two(suspicion)
    yield from _rows(suspicion)


def _head(suspicion: Suspicion) -> Iterator[str]:
    yield "## Which figure is wrong"
    yield ""
    yield (
        "Of every filing with one arithmetic error, and of filings with two errors in different figures, the figures are worked out that may be "
        "wrong. An altered figure or claim is one that reads otherwise than in the filing without the error, whatever the rules say. Suspected: "
        "all that the error altered stands in one minimal set of figures. First: in every case that is made of the filing it stands in the "
        "likeliest set. Named: of the hypotheses about it the first is of the type of the error. An identity is a rule by which figures must "
        "agree or keep an order, not one of reasonableness or of words."
    )
    yield ""
    rows = [
        (what, f"{measured:.1%}" if least else f"{measured:.3f}", f"≥ {wanted:.0%}" if least else f"< {wanted:.2f}")
        for what, measured, wanted, least in suspicion.measures()
    ]
    yield from table(("", "measured", "wanted"), rows)
    ends = Counter(diagnosis.outcome for one in suspicion.accused for diagnosis in one.diagnoses)
    yield (
        f"Of all cases that were made of these {len(suspicion.accused)} filings, {ends['one']} have one minimal set, {ends['several']} several between "
        f"which the identities cannot decide, {ends['none']} none; in {ends['unfinished']} the search was ended by its limit."
    )
    yield ""


def _types(suspicion: Suspicion) -> Iterator[str]:
    yield "### Suspected, by type of error"
    yield ""
    yield (
        "Nobody can see an error that breaks no identity: within rounding, or in a figure that nothing guards. Exactly: the likeliest set is what "
        "was altered and nothing else. Undecided: the identities allow of other figures as well."
    )
    yield ""
    head = (
        "error",
        "",
        "filings",
        "within rounding",
        "not seen",
        "an identity breaks",
        "suspected",
        "first",
        "exactly",
        "undecided",
        "named",
    )
    rows = []
    for type_, zh in TYPES.items():
        some = [one for one in suspicion.single if one.errors[0].type == type_]
        if some:
            seen = [one for one in some if one.seen()]
            unseen = [one.errors[0].beyond for one in some if not one.seen()]
            shares = [share(sum(map(right, seen)), len(seen)) for right in
                      (Accused.found, Accused.first, Accused.exact, _undecided, Accused.names)]  # fmt: skip
            rows.append((type_, zh, len(some), unseen.count(False), unseen.count(True), len(seen), *shares))
    yield from table(head, rows)


def _undecided(one: Accused) -> bool:
    return any(len(sets) > 1 for sets in one.sets)


def _counted(title: str, head: Sequence[str], some: Sequence[Accused], about: Callable[[Accused], tuple[str, ...]],
             example: Callable[[Accused], str]) -> Iterator[str]:  # fmt: skip
    """Like cases counted, the most frequent first, with an example of each."""
    yield f"### {title} ({len(some)})"
    yield ""
    counted = Counter(map(about, some))
    rows = [
        (*key, count, next(example(one) for one in some if about(one) == key)) for key, count in counted.most_common()
    ]
    if rows:
        yield from table((*head, "how many", "example"), rows)


def _place(one: Accused) -> tuple[str, ...]:
    return one.errors[0].type, section(one.errors[0])


def _change(one: Accused, number: int = 0) -> str:
    error = one.errors[number]
    return f"`{error.before}` → `{error.after or '–'}`"


def _not_found(suspicion: Suspicion) -> Iterator[str]:
    some = [one for one in suspicion.seen if not one.found()]
    yield from _counted(
        "What was not suspected", ("error", "where"), some, _place, lambda one: f"{_change(one)}; {_instead(one)}"
    )


def _instead(one: Accused) -> str:
    first = [" + ".join(_said(one, figure) for figure in sorted(sets[0])) for sets in one.sets]
    return f"suspected: {'; '.join(first)}" if first else "nothing suspected"


def _said(one: Accused, figure: str) -> str:
    suspect = next(s for diagnosis in one.diagnoses for s in diagnosis.suspects if s.figure == figure)
    return f"{suspect.label.get('en') or figure} {suspect.printed:f}".replace("|", "/")


def _not_first(suspicion: Suspicion) -> Iterator[str]:
    some = [one for one in suspicion.seen if one.found() and not one.first()]
    yield from _counted(
        "What was suspected, but not first",
        ("error", "where"),
        some,
        _place,
        lambda one: f"{_change(one)}; {_instead(one)}",
    )


def _not_named(suspicion: Suspicion) -> Iterator[str]:
    some = [one for one in suspicion.seen if one.found() and not one.names()]
    yield from _counted(
        "What was suspected, its type not named first",
        ("error", "named"),
        some,
        lambda one: (one.errors[0].type, one.named() or "–"),
        lambda one: f"{_change(one)}; {_hypothesis(one)}",
    )
    yield from _without_previous(some)


def _without_previous(some: Sequence[Accused]) -> Iterator[str]:
    copies = [one for one in some if one.errors[0].type == "copied prior-year figure"]
    alone = sum(not one.previous for one in copies)
    if copies:
        yield (
            f"Of the {len(copies)} figures of the year before that were not named, {alone} are in filings whose year before is not published: the "
            "number then stands nowhere else, unless the narrative tells it."
        )
        yield ""


def _hypothesis(one: Accused) -> str:
    said = [hypothesis.said["en"] for suspect in one.suspected()[:1] for hypothesis in suspect.hypotheses[:1]]
    return (said[0] if said else "no hypothesis").replace("|", "/")


def _unseen(suspicion: Suspicion) -> Iterator[str]:
    some = [one for one in suspicion.single if not one.seen() and one.errors[0].beyond]
    yield from _counted("What cannot be seen: no identity breaks", ("error", "where"), some, _place, _change)


def _two(suspicion: Suspicion) -> Iterator[str]:
    all_pairs = [one for one in suspicion.accused if len(one.errors) == 2]
    if not all_pairs:
        return
    yield f"### Two errors in one filing ({len(all_pairs)})"
    yield ""
    both = suspicion.both
    counted = Counter(one.found(0) + one.found(1) for one in both)
    yield (
        f"In {len(both)} both altered figures stand in identities that break: of these both are suspected in {counted[2]}, one in {counted[1]}, "
        f"none in {counted[0]}. In the other {len(all_pairs) - len(both)} one of the errors breaks nothing."
    )
    yield ""
    some = [one for one in both if counted and not (one.found(0) and one.found(1))]
    lost: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for one in some:
        for number, error in enumerate(one.errors):
            if not one.found(number):
                key = error.type, section(error)
                lost[key] += 1
                examples.setdefault(key, f"{_change(one, number)}, with {_change(one, 1 - number)}; {_instead(one)}")
    if lost:
        yield from table(
            ("not suspected", "where", "how many", "example"),
            ((*key, count, examples[key]) for key, count in lost.most_common()),
        )


def _rows(suspicion: Suspicion) -> Iterator[str]:
    some = suspicion.missing
    if not some:
        return
    yield f"### A row left out ({len(some)})"
    yield ""
    yield (
        "No printed figure is wrong here: a row is missing, and with it the figures that nobody can suspect; so these filings are counted in none of "
        f"the shares above. In {sum(map(_left_out, some))} of {len(some)} a hypothesis says that a part was left out, by the amount of a figure of the "
        f"missing row; in {sum(map(_left_out_first, some))} it is the first about the figure; in {sum(map(_above, some))} a total into which the row "
        "had been added is suspected."
    )
    yield ""
    lost = [one for one in some if not _left_out(one)]
    yield from _counted(
        "A row left out that no hypothesis tells",
        ("form",),
        lost,
        lambda one: (one.errors[0].form,),
        lambda one: f"{_change(one)}; {_instead(one)}",
    )


def _left_out(one: Accused, most: int | None = None) -> bool:
    amounts = {abs(value) for value, _ in one.gone.values()}
    return any(
        guess.kind == "left_out" and abs(guess.value - suspect.printed) in amounts
        for diagnosis in one.diagnoses
        for suspect in diagnosis.suspects
        for guess in suspect.hypotheses[:most]
    )


def _left_out_first(one: Accused) -> bool:
    return _left_out(one, 1)


def _above(one: Accused) -> bool:
    """Whether a total above a missing row, or of its form, is suspected."""
    rows = {(id.split("/")[0], id.split("/")[1]) for id in one.gone}
    above = {f"{form}/{code[:length]}" for form, code in rows for length in (3, 5)} | {
        f"{form}/合计" for form, _ in rows
    }
    return any(figure.rpartition("/")[0] in above for sets in one.sets for some in sets for figure in some)
