"""The sources of a night: chosen, gathered, and what each gave recorded in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from expectations.rulefile.problems import RuleProblem
from flows import collect, schema, warehouse
from flows.collect import declared, downloads
from flows.collect.declared import DeclaredSource
from flows.collect.faults import Secret, no_block
from flows.collect.gathering import Gathered, Got, Ground, Held, foresee, gather
from flows.collect.places import is_url
from flows.collect.web.manners import Manners
from flows.night.plan import NightFailed, Plan, SourceResult
from flows.night.runs import opened
from flows.sql import insert, transaction


def chosen(plan: Plan) -> tuple[tuple[DeclaredSource, ...], tuple[RuleProblem, ...]]:
    """The sources that the plan names or its file declares, and the mistakes in that file; what has one is left out.

    Raises `collect.Missing` for an address of the plan at which there is nothing, `NightFailed` for a file that declares nothing.
    """
    if plan.declared is None:
        collect.find(plan.sources)
        return tuple(_argument(address) for address in plan.sources), ()
    sources, problems = declared.load(plan.declared)
    if not sources:
        zh, en = "其中没有可用的来源", "it declares no usable source"
        told = {lang: "\n".join(one.text(lang) for one in problems) for lang in ("zh", "en")}
        raise NightFailed(told["zh"] or f"{plan.declared}：{zh}", told["en"] or f"{plan.declared}: {en}", 2)
    return sources, problems


def _argument(address: str) -> DeclaredSource:
    """An address given on the command line, as the source that it is; nothing of it is checked that its user did not ask for."""
    kind = "folder" if not is_url(address) else "documents" if address.startswith(("http://", "https://")) else "store"
    return DeclaredSource.model_construct(name=address, kind=kind, at=(address,))


def gathered(plan: Plan, sources: Sequence[DeclaredSource], block: Secret = no_block) -> list[Gathered]:
    """What every source gives tonight; what is fetched lies in the downloads beside the warehouse."""
    with opened(plan.warehouse) as connection:
        ground = _ground(plan, remembered(connection), block)
    return gather(sources, ground)


def foreseen(plan: Plan, sources: Sequence[DeclaredSource], block: Secret = no_block) -> list[Gathered]:
    """What every source lists, nothing fetched and nothing recorded."""
    held: dict[str, Held] = {}
    if plan.warehouse.exists():
        with opened(plan.warehouse, read_only=True) as connection:
            held = remembered(connection)
    ground = _ground(plan, held, block)
    return [foresee(source, ground) for source in sources]


def _ground(plan: Plan, held: dict[str, Held], block: Secret) -> Ground:
    now = datetime.now(UTC).replace(tzinfo=None)
    return Ground(folder_of(plan), held, now, Manners(declared.agent()), block)


def folder_of(plan: Plan) -> Path:
    """Where the downloads of this plan's warehouse lie."""
    return plan.kept / downloads.FOLDER


# ---- the warehouse -----------------------------------------------------------------------------------------------------


def remembered(connection: warehouse.Connection) -> dict[str, Held]:
    """What is remembered of every address; of those from before there was such a memory the bytes last found there."""
    rows = connection.execute(
        "SELECT address, source, name, sha256, size, kind, etag, modified, fetched, trusted FROM address UNION ALL "
        "SELECT s.source, '', '', max_by(s.sha256, s.first_seen), max_by(d.size, s.first_seen), '', '', '', NULL, true "
        "FROM document_source s JOIN document d USING (sha256) WHERE d.size > 0 AND s.source NOT IN (SELECT address FROM address) "
        "GROUP BY s.source"
    ).fetchall()
    return {row[0]: Held(*row) for row in rows}


def remember(connection: warehouse.Connection, run: str, told: Sequence[Gathered]) -> None:
    """What was found at every address, what replaced what, and what each source gave are in the warehouse, in one transaction."""
    now = datetime.now(UTC).replace(tzinfo=None)
    before = remembered(connection)
    got = {one.document.address: one for source in told for one in source.got}
    fresh = [one.held for one in got.values() if one.held and one.held != before.get(one.document.address)]
    with transaction(connection):
        insert(connection, schema.REPLACEMENT, list(_replacements(fresh, before, run, now)))
        if fresh:
            warehouse.run(
                connection, "DELETE FROM address WHERE address IN (SELECT unnest(?))", [one.address for one in fresh]
            )
        insert(connection, schema.ADDRESS, [_address_row(one) for one in fresh])
        insert(connection, schema.COLLECTION, [_result_row(run, source) for source in told])
        insert(connection, schema.UNCOLLECTED, list(_failures(run, told)))


def _address_row(one: Held) -> tuple[object, ...]:
    marks = (one.etag, one.modified, one.fetched, one.trusted)
    return (one.address, one.source, one.name, one.sha256, one.size, one.kind, *marks)


def _replacements(
    fresh: Iterable[Held], before: dict[str, Held], run: str, now: datetime
) -> Iterator[tuple[object, ...]]:
    for one in fresh:
        earlier = before.get(one.address)
        if earlier and earlier.sha256 != one.sha256:
            yield (one.address, earlier.sha256, one.sha256, run, now, *(None,) * 5)


def _result_row(run: str, told: Gathered) -> tuple[object, ...]:
    problem = told.problem.message if told.problem else {}
    counts = (len(told.got), *(told.count(state) for state in ("new", "unchanged", "failed")))
    source = told.source
    return (
        run,
        source.name,
        source.owner,
        source.region,
        *counts,
        problem.get("zh"),
        problem.get("en"),
        round(told.seconds),
    )


def _failures(run: str, told: Sequence[Gathered]) -> Iterator[tuple[object, ...]]:
    for source in told:
        for one in source.got:
            if one.fault:
                message = one.fault.message
                yield (run, source.source.name, one.document.address, one.fault.reason, message["zh"], message["en"])


def results(connection: warehouse.Connection, run: str) -> tuple[SourceResult, ...]:
    """What each source gave in this run, in their order."""
    failures: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for source, address, zh, en in connection.execute(
        "SELECT source, address, message_zh, message_en FROM uncollected WHERE run = ? ORDER BY rowid", [run]
    ).fetchall():
        failures.setdefault(source, []).append((address, {"zh": zh, "en": en}))
    rows = connection.execute(
        "SELECT source, owner, region, found, new, unchanged, failed, problem_zh, problem_en FROM collection "
        "WHERE run = ? ORDER BY rowid",
        [run],
    ).fetchall()
    return tuple(
        SourceResult(
            source, owner, region, found, new, unchanged, failed, _said(zh, en), tuple(failures.get(source, ()))
        )
        for source, owner, region, found, new, unchanged, failed, zh, en in rows
    )


def _said(zh: str | None, en: str | None) -> dict[str, str] | None:
    return {"zh": zh, "en": en or zh} if zh else None


def documents_of(told: Sequence[Gathered]) -> tuple[Got, ...]:
    """Every document that was found, each address once."""
    once: dict[str, Got] = {}
    for source in told:
        for one in source.got:
            once.setdefault(one.document.address, one)
    return tuple(once.values())
