"""Clean filings and spoiled copies of them, judged together: which rules spoke up, and of what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from expectations.rules import Rule
from expectations.sql.verdicts import Compiled
from flows import warehouse
from flows.sql import literal
from flows.warehouse import Connection
from tests.alike.disclosures import Published
from tests.prove.accused import Accused, Case, accused
from tests.prove.direct import disclosed
from tests.prove.errors import Injected, injected
from tests.prove.filings import Generated, generated
from tests.prove.many import Copy, copy, load_judged, renamed
from tests.prove.pairs import paired

Progress = Callable[[str], None]
Mapped = Callable[..., Iterable[Any]]
"""`map`, or that of a pool of processes."""
Found = tuple[str, str]
"""A rule and an instance."""
BATCH = 100


@dataclass(frozen=True)
class Outcome:
    """What the rules said. `alarms`: on clean filings. `caught`: for each error the rules that broke because of it. `accused`: of
    some filings with one error, and of those with two, which figures are suspected."""

    filings: list[Generated]
    errors: Sequence[Injected]
    book: Sequence[Rule]
    judged: Mapping[str, int]
    rounding: Mapping[str, int]
    alarms: Mapping[str, Sequence[tuple[str, str]]]
    caught: Sequence[frozenset[str]]
    accused: Sequence[Accused] = ()

    def rule(self, id_: str) -> Rule:
        """The rule with this id."""
        return next(rule for rule in self.book if rule.id == id_)


def judge_all(
    filings: int,
    errors: int,
    seed: int,
    compiled: Sequence[Compiled],
    progress: Progress,
    mapped: Mapped = map,
    located: int = 0,
    pairs: int = 0,
) -> Outcome:
    """Everything generated, spoiled, loaded and judged, all filings by one query a rule. Of the arithmetic errors the first
    `located`, and `pairs` of errors in one filing, are also looked at for which figure is suspected."""
    clean = list(generated(filings, seed))
    alone = list(injected(clean, errors, seed))
    together = list(paired(clean, pairs, seed))
    connection = warehouse.connect()
    keys = _load_clean(connection, clean, progress, mapped)
    spoiled = [(at, error.published) for at, error in alone] + [(at, both[-1].published) for at, both in together]
    spoiled_keys = _load_spoiled(connection, clean, spoiled, keys, progress, mapped)
    counts, broken = run_rules(connection, compiled, keys, progress)
    inside = [(at, (error,)) for at, error in alone] + together
    cases = [
        Case(some, key, keys[at], keys[at - 1] if clean[at].prior is not None else "")
        for key, (at, some) in zip(spoiled_keys, inside, strict=True)
    ]
    single = [case for case in cases[: len(alone)] if case.errors[0].arithmetic][:located]
    told = accused(connection, compiled, single + cases[len(alone) :], broken, progress)
    connection.close()
    by_key = {key: filing.name for key, filing in zip(keys, clean, strict=True)}
    alarms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, name in by_key.items():
        for rule, instance in broken[key]:
            alarms[rule].append((name, instance))
    return Outcome(
        clean,
        [error for _, error in alone],
        [one.rule for one in compiled],
        {rule: counts[rule, "holds"] + counts[rule, "rounding"] + counts[rule, "broken"] for rule in _ids(compiled)},
        {rule: counts[rule, "rounding"] for rule in _ids(compiled)},
        alarms,
        [frozenset(rule for rule, _ in broken[case.filing] - broken[case.clean]) for case in cases[: len(alone)]],
        told,
    )


def _ids(compiled: Sequence[Compiled]) -> list[str]:
    return [one.rule.id for one in compiled]


def _load_clean(connection: Connection, clean: Sequence[Generated], progress: Progress, mapped: Mapped) -> list[str]:
    keys: list[str] = []
    found = iter(mapped(disclosed, [one.published for one in clean], [one.name for one in clean]))
    while batch := list(islice(found, BATCH)):
        keys += load_judged(connection, batch, read=True)
        progress(f"{len(keys)} of {len(clean)} clean filings recognised and loaded")
    return keys


def _load_spoiled(
    connection: Connection,
    clean: Sequence[Generated],
    spoiled: Sequence[tuple[int, Published]],
    keys: Sequence[str],
    progress: Progress,
    mapped: Mapped,
) -> list[str]:
    """Each spoiled filing is published by an organisation of its own, together with the clean one of the year before."""
    made: list[str] = []
    names = [f"error {number}" for number in range(len(spoiled))]
    organisations = [f"{published.organisation}第{number}处" for number, (_, published) in enumerate(spoiled, 1)]
    found = mapped(disclosed, [published for _, published in spoiled], names)
    own = map(renamed, found, organisations)
    while batch := list(islice(own, BATCH)):
        made += load_judged(connection, batch, read=True)
        progress(f"{len(made)} of {len(spoiled)} spoiled filings recognised and loaded")
    before = [
        Copy(keys[at - 1], f"before-{number}", organisations[number])
        for number, (at, _) in enumerate(spoiled)
        if clean[at].prior is not None
    ]
    copy(connection, before)
    return made


def run_rules(
    connection: Connection, compiled: Sequence[Compiled], clean: Sequence[str], progress: Progress
) -> tuple[Counter[tuple[str, str]], dict[str, set[Found]]]:
    """How many verdicts of each status every rule gave on the `clean` filings, and what is broken in any filing.

    A rule whose SQL fails raises: a crashed rule is an error, never silence.
    """
    warehouse.link(connection)
    counts: Counter[tuple[str, str]] = Counter()
    broken: dict[str, set[Found]] = defaultdict(set)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE clean AS SELECT unnest({literal(list(clean))}) AS filing")
    for number, one in enumerate(compiled, 1):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE said AS SELECT filing, instance, status FROM ({one.sql()})")
        query = "SELECT status, count(*) FROM said JOIN clean USING (filing) GROUP BY 1"
        for status, count in connection.execute(query).fetchall():
            counts[one.rule.id, status] += count
        for filing, instance in connection.execute(
            "SELECT filing, instance FROM said WHERE status = 'broken'"
        ).fetchall():
            broken[filing].add((one.rule.id, instance))
        if number % 100 == 0 or number == len(compiled):
            progress(f"{number} of {len(compiled)} rules run over all filings")
    return counts, broken
