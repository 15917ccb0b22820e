"""Documents: what there is to read, what of it is new, what was read, and what is loaded of it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows import collect, warehouse
from flows.collect import gathering
from flows.collect.faults import Secret, no_block
from flows.night import budget, sources
from flows.night.cluster import Elsewhere
from flows.night.judging import judges
from flows.night.plan import Found, Outcome, Outlook, Plan
from flows.night.runs import opened
from flows.read.document import Unreadable
from flows.workers.limits import LIMITED, Limits
from flows.workers.pool import Workers


def foresee(plan: Plan) -> Outlook:
    """What a night would do, without doing it. Raises `collect.Missing`, `rules.RuleErrors` and `NightFailed`."""
    _, compiled = judges(plan)
    chosen, _ = sources.chosen(plan)
    found = tuple(map(_found, sources.documents_of(sources.foreseen(plan, chosen))))
    held: dict[str, str] = {}
    if plan.warehouse.exists():
        with opened(plan.warehouse, read_only=True) as connection:
            held = warehouse.known(connection)
    return Outlook(found, unread(found, held, plan.limits), len(compiled))


def look_at(source: collect.Source) -> Found:
    """The document's fingerprint; one that cannot be opened is found all the same, and says why."""
    return _found(gathering.look_at(source, {}))


def _found(got: gathering.Got) -> Found:
    refusal = warehouse.Refusal(got.fault.reason, got.fault.message) if got.fault else None
    one = got.document
    return Found(one.address, one.name, got.sha256, got.size, refusal, one.kept, one.within)


def unread(found: Iterable[Found], held: Mapping[str, str], limits: Limits) -> tuple[Found, ...]:
    """Those whose bytes this reader has not read yet, each once; what a limit stopped, only under other limits."""
    done = (collect.reader_version(), _limited_version(limits))
    once = {one.sha256: one for one in reversed(tuple(found)) if one.refusal or held.get(one.sha256) not in done}
    return tuple(reversed(once.values()))


def _limited_version(limits: Limits) -> str:
    """The version of the reader as recorded with a document that these limits kept it from reading."""
    return f"{collect.reader_version()} {limits}"


def collected(plan: Plan, run: str, block: Secret = no_block) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """All documents there are, and those to be read, in the order of `budget.in_turn`; every source of known bytes is recorded, and
    what each source gave."""
    chosen, _ = sources.chosen(plan)
    told = sources.gathered(plan, chosen, block)
    found = tuple(map(_found, sources.documents_of(told)))
    with opened(plan.warehouse) as connection:
        sources.remember(connection, run, told)
        held = warehouse.known(connection)
        fresh = budget.in_turn(unread(found, held, plan.limits), budget.waiting(connection), held)
        warehouse.add_sources(connection, [one.origin for one in found if one.sha256 in held])
        warehouse.forget_replaced(connection, {one.address: one.sha256 for one in found}, _stands)
    return found, fresh


def settled(plan: Plan, found: Sequence[Found], outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What there was no time for is kept as put off, and every source of what is known by now is recorded; returns the addresses
    of the former."""
    with opened(plan.warehouse) as connection:
        budget.put_off(connection, outcomes)
        held = warehouse.known(connection)
        warehouse.add_sources(connection, [one.origin for one in found if one.sha256 in held])
    return tuple(one.found.address for one in outcomes if one.postponed)


def _stands(address: str) -> bool:
    """Whether something is still there; of URLs that is not asked."""
    return "://" in address or Path(address).exists()


def read(found: Found, workers: Workers | Elsewhere, end: float | None = None, data: bytes | None = None) -> Outcome:
    """The document read and recognised, or the reason why not; neither, when its turn comes after `end` (`flows.night.budget`).

    `data` is its bytes where they are at hand. Raises OSError when it can no longer be opened.
    """
    if found.refusal:
        return Outcome(found, None, found.refusal)
    with workers.turn() as worker:
        if budget.spent(end):
            return Outcome(found, None)
        if data is None:
            data = found.source.data()
        try:
            return Outcome(found, worker.read(data, found.name))
        except Unreadable as error:
            return Outcome(found, None, warehouse.Refusal(error.reason, error.message))


def loaded(plan: Plan, outcomes: Sequence[Outcome]) -> int:
    """All that was read is in the warehouse; returns how many filings are new or were read anew.

    A disclosure that does not fit the tables is recorded as unreadable and holds up no other.
    """
    good = [one for one in outcomes if one.disclosure is not None]
    with opened(plan.warehouse) as connection:
        for one in outcomes:
            if one.refusal:
                origin = one.found.origin
                if one.refusal.reason in LIMITED:
                    origin = replace(origin, reader=_limited_version(plan.limits))
                warehouse.record_unreadable(connection, origin, one.refusal)
        try:
            return len(warehouse.load(connection, map(_unpacked, good)))
        except ValueError:
            return sum(_load_alone(connection, one) for one in good)


def _load_alone(connection: warehouse.Connection, one: Outcome) -> int:
    try:
        return len(warehouse.load(connection, [_unpacked(one)]))
    except ValueError as error:
        message = {
            "zh": f"有数字超出可记录的范围（{error}）；请核对原文。",
            "en": f"a number is beyond what can be recorded ({error}); look at the source",
        }
        warehouse.record_unreadable(connection, one.found.origin, warehouse.Refusal("out_of_range", message))
        return 0


def _unpacked(one: Outcome) -> tuple[Any, warehouse.Origin]:
    return pickle.loads(one.disclosure or b""), one.found.origin
