"""What is said of the findings of one filing: which figures may be wrong, what they should read, and how that may have come about.

The words of the parts that work it out: `locate` finds the minimal sets of figures that, if different, let every identity hold,
`hypotheses` tests how each may have come about. Nothing here is a correction of what was published: it is what the figures
themselves allow one to suppose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flows.explain.relation import Exact

KINDS = (
    "digits_swapped", "digit_wrong", "digit_dropped", "digit_doubled", "point_moved", "unit", "sign", "left_out", "counted_twice",
    "neighbouring_cell", "other_form", "previous_year", "other_fund", "wrong_base", "truncated", "total_not_updated",
    "subtotal_for_total", "template_residue", "shifted_row", "recomputed",
)  # fmt: skip
"""How a figure may have come to read as it does. `recomputed`: no more than that the computed value is known."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One figure of a form, or one claim of the narrative, as it is printed.

    `value` in `unit`, `ulp` the unit of its last place; `label` names it in zh and en. `form` is "N" for a claim, whose
    `row_key` and `column` are ""; `order` counts rows down the form, or claims through the narrative.
    """

    id: str
    form: str
    part: str
    row_key: str
    column: str
    label: Mapping[str, str]
    value: Decimal
    unit: str
    ulp: Decimal
    raw: str
    order: int
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of a minimal set: by how much it must move for all identities to hold, the others of its set moving too.

    In units of 1/SCALE of the value under which verdicts know it (money in 万元): `move` is the likeliest, `low` and `high` the
    ends of what is possible, None where nothing limits it.
    """

    figure: str
    move: Exact
    low: Exact | None
    high: Exact | None


@dataclass(frozen=True, slots=True)
class MinimalSet:
    """Figures none of which can be left out: if they are different, every identity holds. `follows` are those among them that
    repeat, or add up, another of the set. Sets are in the order of trust: the least trusted figures, the likeliest to be wrong, first."""

    changes: tuple[Change, ...]
    follows: frozenset[str] = frozenset()

    @property
    def figures(self) -> tuple[str, ...]:
        return tuple(one.figure for one in self.changes)


@dataclass(frozen=True, slots=True)
class Located:
    """Findings that hang together (fingerprints), and every minimal set that clears them, likeliest first.

    `sets` is empty where no change of figures makes all hold. `whole`: False where the time limit was reached, or there are more
    sets than are listed: then what is not among them is not cleared of suspicion.
    """

    findings: tuple[str, ...]
    sets: tuple[MinimalSet, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """How `figure` may have come to read as it does: `value` in `unit` is what it should read then; `said` is the arithmetic in
    zh and en. Of several the likeliest, of least `rank`, comes first."""

    kind: str
    figure: str
    value: Decimal
    unit: str
    said: Mapping[str, str]
    rank: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A figure of one minimal set (`set` counts from 1, likeliest first), printed and what it should read.

    `repair` in `unit` is the likeliest value, a whole number of last places where one fits; `least` and `most` what lets all
    identities hold, None where nothing limits it. Where `repair` is what is printed, the number is right and what it is said to be is
    not (a rate of another base than the one named). `follows`: it repeats, or adds up, another of its set. `hypotheses` in order.
    """

    set: int
    figure: str
    label: Mapping[str, str]
    printed: Decimal
    repair: Decimal
    least: Decimal | None
    most: Decimal | None
    unit: str
    follows: bool = False
    hypotheses: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """What `figure` would have to read, in `unit`, for one finding to hold, whatever becomes of others: `value`, or from `least` to
    `most`, None where nothing limits it."""

    figure: str
    value: Decimal
    least: Decimal | None
    most: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One case: the findings (fingerprints, the root first) that one supposition clears.

    `outcome`: "one" minimal set; "several" between which identities cannot decide; "none" that clears all; "unfinished" where the
    search was ended by its limit.
    """

    findings: tuple[str, ...]
    outcome: str
    suspects: tuple[Suspect, ...]
