"""The night as a Prefect flow: collect → read → load → validate → publish → tell.

The only module that imports Prefect. What is done stands in `flows.night`; a task here wraps one effect on the outside world.
Documents are read once per content and version of the reader: the warehouse knows what it holds, so nothing is cached twice.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from prefect import flow, serve, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.types.entrypoint import EntrypointType

import flows
from flows import check as checking
from flows import logs
from flows.night import (
    asked,
    budget,
    cluster,
    copying,
    documents,
    expected,
    judging,
    laking,
    publishing,
    replaced,
    restoring,
    runs,
    trouble,
    waiving,
    windows,
)
from flows.night.engine import chosen_engine
from flows.night.plan import DEFAULT_SOURCES, Found, NightFailed, Outcome, Plan, Summary, sources_file
from flows.night.stages import Stages
from flows.night.stages import keep as keep_timings
from flows.night.summary import further, log_end, summarise, told_in_numbers
from flows.notify.morning import Delivery, deliver, told_of
from flows.notify.receivers import NoAddress, declared
from flows.terminal import report_text
from flows.workers.limits import chosen_limits
from flows.workers.pool import Workers

WAITING = 16
"""Threads that wait for a worker to read their document; how many are read at a time is the workers' number."""

_SIDE_BY_SIDE: Any = ThreadPoolTaskRunner(max_workers=WAITING)
_OUTSIDE: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}


@flow(name="nightly", log_prints=False, validate_parameters=False, task_runner=_SIDE_BY_SIDE)
def nightly(
    sources: Sequence[str] = DEFAULT_SOURCES,
    warehouse: str = "data/warehouse.duckdb",
    site: str = "reports/site",
    lang: str = "zh",
    reading_seconds: int | None = None,
    reading_memory: int | None = None,
    reading_workers: int | None = None,
    rules: Sequence[str] = (),
    page_images: str = "findings",
    register: str = "",
    due: str | None = None,
    waivers: Sequence[str] = (),
    notify: str = "",
    reader_copy: str = "",
    time_budget: int | None = None,
    sources_from: str = "",
    engine: str = "",
    spark_master: str = "",
    lake: str = "",
    reading: str = "here",
    dask_address: str = "",
) -> Summary:
    """Every disclosure at `sources`, or of the sources that the file `sources_from` declares, is read, judged and published.

    A finding completes the flow; only an error fails it.

    What the reading of one document may take is as given, else as the environment says (`flows.workers.limits`). `rules` are
    folders of teams' rules beside the shipped ones, else those of HEDUI_RULES; `page_images` says which pages are shown as pictures;
    `register` is the register of expected filings, else that of HEDUI_REGISTER, and `due` the terms that apply where it says none;
    `waivers` are folders of waivers, else those of HEDUI_WAIVERS; `notify` is the
    file of those who are told in the morning, by default as `flows.notify.receivers.declared` finds it; `reader_copy` is where
    readers find a copy of the warehouse, "" for beside the site, "none" for nowhere; after `time_budget` minutes, else those of
    HEDUI_TIME_BUDGET, no more documents are begun; `engine`, `spark_master` and `lake` as `flows.night.engine` has them; `reading`
    is "here" or "dask": on the cluster at `dask_address`, else one that is made on this machine.
    """
    started = time.monotonic()
    limits = chosen_limits(reading_seconds, reading_memory, reading_workers)
    expecting = expected.chosen_register(Path(register) if register else None)
    teams = tuple(map(Path, rules))
    waived = waiving.chosen_folders([Path(one) for one in waivers])
    told = Path(notify) if notify else None
    plan = Plan(
        *(tuple(sources), Path(warehouse), Path(site), limits, teams, page_images, expecting, due, waived, told),
        declared=sources_file(sources, Path(sources_from) if sources_from else None),
        reader_copy=reader_copy,
        time_budget=budget.chosen_minutes(time_budget),
        engine=chosen_engine(engine, spark_master, lake, Path(warehouse)),
        reading=reading,
        dask_address=dask_address,
    )
    cluster.foresee(plan)
    with runs.alone(plan), logs.kept(plan.kept):
        return _night(plan, lang, started)


def _night(plan: Plan, lang: str, started: float) -> Summary:
    book, compiled = judging.judges(plan)  # a rule file with a mistake: the run does not start
    judging.ready(plan)
    bury_dead(plan)
    beforehand = (*restoring.restored(plan), *runs.clock_notes(plan))
    run = runs.begin(plan)
    stages = Stages(lang)
    with logs.about(run=run):
        logs.say(
            logging.DEBUG, "run_begins", run, hedui=flows.__version__, sources=plan.sources, warehouse=plan.warehouse
        )
        try:
            with stages.step("collect") as step:
                found, fresh = collect(plan, run)
                step.items = len(found)
            with stages.step(
                "read", (f"（{len(found)} 份文档中的 {len(fresh)} 份）", f" {len(fresh)} of {len(found)} documents")
            ) as step:
                read_anew, late = _read_and_load(plan, found, fresh, lang, budget.ends(plan.time_budget, started))
                step.items = len(fresh)
            replaced.settle(plan)
            if plan.engine.lake:
                with stages.step("lake") as step:
                    step.items = write_lake(plan, run)
            with stages.step("validate", (f"（{len(compiled)} 条规则）", f" by {len(compiled)} rules")) as step:
                results = validate(plan, run)
                step.items = len(compiled)
            with stages.step("explain") as step:
                step.items = explain(plan, run, results)
                notes = account(plan, run)
            with stages.step("publish"):
                page = publish(plan, lang)
            seconds = time.monotonic() - started
            summary = replace(
                summarise(plan, run, page, found, read_anew, book, seconds, notes),
                postponed=late,
                timings=tuple(stages.done),
            )
            told = {"documents": len(found), "loaded": read_anew, "rules": len(compiled), "filings": summary.filings}
            keep_timings(plan, run, stages.done)
            runs.end(plan, run, "completed", **told, unreadable=len(summary.unreadable), postponed=len(late))
            log_end(summary, lang)
        except BaseException as error:
            logs.say(logging.ERROR, "run_failed", f"{run}: {type(error).__name__}: {error}", error=True)
            # What has failed here is the cause; should this fail too, the next run does it.
            with suppress(NightFailed, duckdb.Error, OSError):
                runs.end(plan, run, "failed")
            raise
        summary = replace(summary, notes=(*summary.notes, *beforehand))
        told_to = write_to_people(plan, summary)
        for one in told_to:
            logs.say(logging.INFO, "told", one.text(lang))
        summary = told_of(summary, told_to)
        tell(summary)
        copy_for_readers(plan)
    return summary


def bury_dead(plan: Plan) -> None:
    """Prefect no longer takes for running any night over this warehouse but this one: whoever calls holds the lock, so they are
    dead. What Prefect does not answer is left: it is its own record, not the night's."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.runtime import flow_run
    from prefect.states import Crashed

    running = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
    with suppress(Exception), get_client(sync_client=True) as client:
        for one in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=running)):
            place = one.parameters.get("warehouse")
            if place and Path(place).absolute() == plan.warehouse.absolute() and str(one.id) != flow_run.id:
                client.set_flow_run_state(one.id, Crashed(message="its process was killed"), force=True)


def _outside_failed(task: Any, run: Any, state: Any) -> bool:
    """Whether trying again may help: a disk or a network failed, not the caller or our own code."""
    return isinstance(state.result(raise_on_failure=False), OSError)


@task(retries=3, retry_delay_seconds=[2, 10, 60], retry_condition_fn=_outside_failed, **_OUTSIDE)
def collect(plan: Plan, run: str) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Documents found, and those to be read."""
    return documents.collected(plan, run, secret)


@task(
    task_run_name="read {found.name}",
    retries=2,
    retry_delay_seconds=[1, 10],
    retry_condition_fn=_outside_failed,
    **_OUTSIDE,
)
def read(found: Found, workers: Workers | cluster.Elsewhere, end: float | None, data: bytes | None = None) -> Outcome:
    """One document, read and recognised; retried when it cannot be opened, refused when it cannot be read, put off after `end`.

    `data` is its bytes where they are at hand: on another machine.
    """
    with logs.about(document=found.sha256, name=found.name):
        began = time.monotonic()
        outcome = documents.read(found, workers, end, data)
        seconds = round(time.monotonic() - began, 3)
        reason = outcome.refusal.reason if outcome.refusal else None
        logs.say(logging.DEBUG, "document_read", found.address, bytes=found.size, seconds=seconds, refused=reason)
    return outcome


@task(**_OUTSIDE)
def load(plan: Plan, outcomes: Sequence[Outcome]) -> int:
    """What was read is in the warehouse."""
    logs.say(logging.DEBUG, "load_begins", f"{len(outcomes)}", documents=len(outcomes))
    return documents.loaded(plan, outcomes)


@task(retries=1, retry_delay_seconds=5, retry_condition_fn=_outside_failed, **_OUTSIDE)
def write_lake(plan: Plan, run: str) -> int:
    """The lake holds what was read; returns how many partitions there are."""
    return laking.written(plan, run)


@task(**_OUTSIDE)
def validate(plan: Plan, run: str) -> Any:
    """Whatever no longer stands is judged by way of Great Expectations, what does not pass is in the warehouse; the results, none
    where all still stands: then Great Expectations has nothing to say, and is not imported."""
    return judging.judged(plan, run)


@task(**_OUTSIDE)
def explain(plan: Plan, run: str, results: Any) -> int:
    """The arithmetic of what passed is in the warehouse as well, for the pages; returns of how many filings anything was judged."""
    return judging.explained(plan, run, {one.rule: one.passed for one in results if one.rule})


@task(**_OUTSIDE)
def account(plan: Plan, run: str) -> tuple[dict[str, str], ...]:
    """What was to be published, and what of the findings is explained, is in the warehouse; returns what is to be said of that."""
    return (*expected.taken_in(plan), *waiving.taken_in(plan, run, judging.judges(plan)[0]))


@task(retries=1, retry_delay_seconds=5, retry_condition_fn=_outside_failed, **_OUTSIDE)
def publish(plan: Plan, lang: str) -> Path:
    """The site is replaced as a whole; returns its first page."""
    return publishing.published(plan, lang)


@task(**_OUTSIDE)
def write_to_people(plan: Plan, summary: Summary) -> tuple[Delivery, ...]:
    """Everyone who wants to know has been sent what is new to them; who could not be reached is told more the next time."""
    receivers, _ = declared(plan.notify)
    if not receivers:
        return ()
    with runs.opened(plan.warehouse) as connection:
        return deliver(connection, judging.judges(plan)[0], receivers, secret, further(summary))


def secret(name: str) -> str:
    """What the Prefect block of type Secret of that name holds. Raises `NoAddress` when there is none."""
    from prefect.blocks.system import Secret

    try:
        return str(Secret.load(name).get())  # type: ignore[union-attr]  # a coroutine only when called from one
    except ValueError as error:
        raise NoAddress(
            f"Prefect 没有名为 {name} 的 Secret；请先建立",
            f"Prefect has no block of type Secret named {name}; make it first",
        ) from error


@task(**_OUTSIDE)
def copy_for_readers(plan: Plan) -> None:
    """Readers of the database find what this night has left; until then, and if it fails, they have what was there before."""
    copying.publish_copy(plan)


@task(**_OUTSIDE)
def tell(summary: Summary) -> None:
    """Prefect's artifacts: what was found, where it is published, what is new."""
    rows = [{"what": name, "how many": str(count)} for name, count in told_in_numbers(summary)]
    create_table_artifact(key="summary", table=rows, description=f"Hedui {summary.run}")
    create_link_artifact(key="site", link=summary.page.absolute().as_uri(), link_text="reports/site")
    change = summary.change
    since = f"since {change.since}" if change.since else "no earlier run"
    lines = [f"**{change.new}** new, {change.still} still there, {change.gone} gone ({since})", ""]
    lines += [f"- {address}: {message['zh']} / {message['en']}" for address, message in summary.unreadable]
    create_markdown_artifact(key="new-since-last-run", markdown="\n".join(lines))


def _read_and_load(
    plan: Plan, found: Sequence[Found], fresh: Sequence[Found], lang: str, end: float | None
) -> tuple[int, tuple[str, ...]]:
    """Documents are read side by side and loaded a window at a time, none of them begun after `end`; returns how many filings are
    new or read anew, and the addresses of documents that were put off."""
    with _reader(plan, fresh, end) as reader:
        total, late = windows.loaded(fresh, reader, end, partial(load, plan), lang)
    return total, documents.settled(plan, found, late)


@contextmanager
def _reader(plan: Plan, fresh: Sequence[Found], end: float | None) -> Iterator[windows.Reader]:
    """Who reads: processes of this machine, or those of a cluster; on either, Prefect's task `read`."""
    if plan.reading != cluster.DASK or not fresh:
        with Workers(plan.limits, len(fresh)) as workers:
            yield windows.Reader(lambda one: read.submit(one, workers, end))
        return
    from prefect.client.orchestration import get_client
    from prefect.context import FlowRunContext
    from prefect.settings import PREFECT_API_URL, temporary_settings
    from prefect_dask import DaskTaskRunner

    # Workers know this module by this name, whatever Prefect calls it where it has loaded it from a file.
    from flows import nightly as known

    context = FlowRunContext.get()
    assert context is not None
    with get_client(sync_client=True) as client:
        api = str(client.api_url)  # a server that a night starts for itself is this night's alone: workers start none
    with (
        temporary_settings({PREFECT_API_URL: api}),
        context.model_copy(update={"flow": known.nightly}),
        DaskTaskRunner(**cluster.settings(plan, len(fresh))) as runner,
        cluster.joined(lambda: runner.client, plan, partial(known.heard, api, socket.gethostname())) as joined,
    ):

        def begin(found: Found) -> Any:
            told = {"found": found, "workers": joined.elsewhere, "end": None, "data": cluster.bytes_of(found)}
            return runner.submit(known.read, told)

        ended = partial(cluster.ended, limits=plan.limits)
        yield windows.Reader(begin, joined.ahead, cluster.ROOM, ended, joined.look)


def heard(api: str, host: str) -> None:
    """In a worker of a cluster: Prefect's server of the night on `host` is told of its tasks where it can be reached, else nobody is."""
    from prefect.events.clients import NullEventsClient
    from prefect.events.worker import EventsWorker

    EventsWorker.set_client_override(None if cluster.reaches(api, host) else NullEventsClient)


@flow(name="check-document", log_prints=False, validate_parameters=False)
def check_document(
    document: str,
    rules: Sequence[str] = (),
    lang: str = "zh",
    reading_seconds: int | None = None,
    reading_memory: int | None = None,
) -> dict[str, Any]:
    """The report of `hedui check` on the document at a path or URL, kept as an artifact too. The warehouse is not touched.

    A finding completes the flow, and so does a document that cannot be read: the report says why. Raises `collect.Missing`.
    """
    limits = chosen_limits(reading_seconds, reading_memory, 1)
    report = checking.check([document], limits=limits, teams=tuple(map(Path, rules)))
    create_markdown_artifact(key="check", markdown=report_text(report, lang), description=document)
    return report


def run_night(plan: Plan, lang: str) -> Summary:
    """The flow, run in this process. Raises `NightFailed` for whatever fails it."""
    try:
        return nightly(**asked.parameters(plan, lang))
    except Exception as error:
        raise trouble.failure(error, plan) from error


def serve_flows(plan: Plan, cron: str, timezone: str, lang: str, waiting: Callable[[], None]) -> None:
    """Waits for the schedule of the night and for documents to be checked, and runs each in a process of its own; calls `waiting`
    once it does.

    One night at a time: a second one is cancelled. Does not return. Raises `NightFailed` for a schedule that is none.
    """
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.schedules import Cron

    told = asked.parameters(plan, lang)
    try:
        nights = nightly.to_deployment(
            name="nightly",
            schedules=[Cron(cron, timezone=timezone, slug="every-night")],
            concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
            tags=["hedui", "nightly"],
            parameters=told,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    except ValueError as error:
        raise NightFailed(
            f"日程 {cron}（时区 {timezone}）不可用；写法如 30 1 * * *（每天 1:30）、Asia/Shanghai。",
            f"{cron} ({timezone}) is no schedule; write for example 30 1 * * * (every day at 1:30) and Asia/Shanghai",
            2,
        ) from error
    checks = check_document.to_deployment(
        name="check",
        tags=["hedui", "check"],
        parameters={name: told[name] for name in ("rules", "lang", "reading_seconds", "reading_memory")},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    waiting()
    serve(nights, checks)  # type: ignore[arg-type]  # coroutines only when called from one
