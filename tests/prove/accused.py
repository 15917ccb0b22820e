"""Of each spoiled filing: which figures are suspected, in what order, of what, and whether the altered one is among them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from expectations.rules import Rule
from expectations.sql.verdicts import VERDICT_COLUMNS, Compiled, fingerprint_sql
from flows.explain.diagnose import explained
from flows.explain.diagnosis import Diagnosis, Suspect
from flows.explain.paper import BLANK, Paper, papers
from flows.explain.relation import comparison
from flows.sql import literal, run
from flows.warehouse import Connection
from tests.prove.altered import Altered, Reading, altered, by_error
from tests.prove.errors import Injected

BATCH = 50
KINDS: Mapping[str, frozenset[str]] = {
    "digits swapped": frozenset({"digits_swapped"}),
    "digit dropped": frozenset({"digit_dropped"}),
    "digit doubled": frozenset({"digit_doubled"}),
    "sign": frozenset({"sign"}),
    "unit, ×10,000": frozenset({"unit"}),
    "neighbouring cell": frozenset({"neighbouring_cell"}),
    "copied prior-year figure": frozenset({"previous_year"}),
    "wrong base": frozenset({"wrong_base"}),
    "truncated, not rounded": frozenset({"truncated"}),
    "missing row": frozenset({"left_out"}),
    "subtotal not updated": frozenset({"total_not_updated"}),
}
"""What a hypothesis must be called to name each type of error."""

Verdict = Mapping[str, Any]
_COLUMNS = ", ".join(f"v.{name}" for name, _ in VERDICT_COLUMNS)


@dataclass(frozen=True)
class Case:
    """A filing with one error, or with two; `filing`, `clean` and `before` are keys: its own, of the filing without the errors, and
    of the year before ("" where that is not published)."""

    errors: tuple[Injected, ...]
    filing: str
    clean: str
    before: str = ""


@dataclass(frozen=True)
class Accused:
    """What is said of a case.

    `altered`: of each error the ids of the figures and claims that read otherwise; `gone`: what stands nowhere any more.
    `identities`: the figures of each identity that breaks because of the errors.
    `seconds` of computing that the diagnoses took. `previous`: whether the filing of the year before is published.
    """

    errors: tuple[Injected, ...]
    altered: tuple[frozenset[str], ...]
    gone: Mapping[str, Reading]
    identities: tuple[frozenset[str], ...]
    diagnoses: tuple[Diagnosis, ...]
    seconds: float
    previous: bool

    @cached_property
    def sets(self) -> tuple[tuple[frozenset[str], ...], ...]:
        """For each diagnosis that suspects anything its minimal sets, likeliest first."""
        made = []
        for one in self.diagnoses:
            ordered = sorted(one.suspects, key=lambda suspect: suspect.set)
            sets = groupby(ordered, key=lambda suspect: suspect.set)
            made.append(tuple(frozenset(suspect.figure for suspect in some) for _, some in sets))
        return tuple(filter(None, made))

    def seen(self, number: int = 0) -> bool:
        """Whether any identity breaks because of that error; of several errors, one with a figure that it altered."""
        if len(self.errors) == 1:
            return bool(self.identities)
        return any(self.altered[number] & ids for ids in self.identities)

    def found(self, number: int = 0) -> bool:
        """Whether all that the error altered stands in one minimal set."""
        wanted = self.altered[number]
        return bool(wanted) and any(wanted <= some for sets in self.sets for some in sets)

    def first(self) -> bool:
        """Whether the likeliest set of every diagnosis holds what the one error altered: no other figure is accused before it."""
        return self.found() and all(self.altered[0] & sets[0] for sets in self.sets)

    def exact(self) -> bool:
        """Whether the likeliest set of every diagnosis is just what the one error altered."""
        return self.found() and all(self.altered[0] == sets[0] for sets in self.sets)

    def suspected(self, number: int = 0) -> list[Suspect]:
        """The suspects that the error altered, as often as they are suspected, in the order of their sets."""
        some = (suspect for one in self.diagnoses for suspect in one.suspects if suspect.figure in self.altered[number])
        return sorted(some, key=lambda suspect: suspect.set)

    def named(self, number: int = 0) -> str:
        """The kind of the first hypothesis about an altered figure; "" where there is none."""
        kinds = [one.hypotheses[0].kind for one in self.suspected(number) if one.hypotheses]
        right = KINDS[self.errors[number].type]
        return next((kind for kind in kinds[: len(self.altered[number])] if kind in right), kinds[0] if kinds else "")

    def names(self, number: int = 0) -> bool:
        """Whether it is of the error's own type."""
        return self.named(number) in KINDS[self.errors[number].type]


def accused(
    connection: Connection,
    compiled: Sequence[Compiled],
    cases: Sequence[Case],
    broken: Mapping[str, set[tuple[str, str]]],
    progress: Callable[[str], None],
) -> list[Accused]:
    """What is said of each case; `broken`: by key what rules and instances broke. The warehouse holds all the filings."""
    book = [one.rule for one in compiled]
    new = {case.filing: broken[case.filing] - broken[case.clean] for case in cases}
    _write_verdicts(connection, compiled, [case.filing for case in cases if new[case.filing]])
    made: list[Accused] = []
    for start in range(0, len(cases), BATCH):
        some = cases[start : start + BATCH]
        told = _verdicts_of(connection, [case.filing for case in some])
        printed = papers(connection, sorted({key for case in some for key in (case.filing, case.before) if key}))
        read = altered(connection, [(case.clean, case.filing) for case in some])
        for case, found in zip(some, read, strict=True):
            both = printed[case.filing], printed.get(case.before, BLANK)
            made.append(_accused(case, found, told[case.filing], new[case.filing], book, *both))
        progress(f"{len(made)} of {len(cases)} spoiled filings asked which figure is wrong")
    return made


def _accused(
    case: Case,
    found: Altered,
    verdicts: Sequence[Verdict],
    new: set[tuple[str, str]],
    book: Sequence[Rule],
    paper: Paper,
    previous: Paper,
) -> Accused:
    rules = {rule.id: rule for rule in book}
    broken = [one for one in verdicts if one["status"] == "broken" and (one["rule"], one["instance"]) in new]
    told = [ids for one in broken if len(ids := figures_of(rules[one["rule"]], one)) > 1]
    started = time.process_time()
    diagnoses = explained(verdicts, book, paper, previous).diagnoses
    seconds = time.process_time() - started
    return Accused(
        case.errors,
        tuple(by_error(case.errors, found)),
        found.gone,
        tuple(told),
        diagnoses,
        seconds,
        bool(case.before),
    )


def figures_of(rule: Rule, verdict: Verdict) -> frozenset[str]:
    """The figures that the rule says must agree, or keep an order; none where it asks what is plausible, or for words."""
    if rule.category == "reasonableness" or verdict["measure"] == "text" or not rule.check:
        return frozenset()
    if comparison(rule.check) in ("", "<>"):
        return frozenset()
    return frozenset(term["id"] for term in verdict["terms"] if term["id"] and term["side"] != "given")


def _write_verdicts(connection: Connection, compiled: Sequence[Compiled], filings: Sequence[str]) -> None:
    """The table `told` holds every verdict that could be reached on these filings, with its arithmetic."""
    connection.execute("CREATE OR REPLACE TEMP TABLE accused AS SELECT unnest(?::VARCHAR[]) AS filing", [list(filings)])
    columns = ", ".join(f"{name} {type_}" for name, type_ in VERDICT_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told (rule VARCHAR, {columns}, fingerprint VARCHAR)")
    for one in compiled:
        rule = literal(one.rule.id)
        connection.execute(
            f"INSERT INTO told SELECT {rule}, {_COLUMNS}, {fingerprint_sql('f.identity', rule, 'v')} "
            f"FROM ({one.sql(filings='SELECT filing FROM accused')}) v JOIN filing f ON f.filing = v.filing "
            "WHERE v.status <> 'not_verifiable'"
        )


def _verdicts_of(connection: Connection, filings: Sequence[str]) -> dict[str, list[Verdict]]:
    found = run(connection, "SELECT * FROM told WHERE filing IN (SELECT unnest(?)) ORDER BY fingerprint", list(filings))
    names = [column[0] for column in found.description or ()]
    made: dict[str, list[Verdict]] = defaultdict(list)
    for row in found.fetchall():
        made[row[names.index("filing")]].append(dict(zip(names, row, strict=True)))
    return made
