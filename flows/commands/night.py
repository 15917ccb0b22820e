"""`hedui nightly`: the night, at once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows import terminal
from flows.commands.options import (
    WAREHOUSE,
    BudgetOption,
    CopyOption,
    DaskOption,
    DueOption,
    EngineOption,
    LakeOption,
    LangOption,
    LogFormatOption,
    MasterOption,
    MemoryOption,
    NotifyOption,
    Reading,
    ReadingOption,
    RegisterOption,
    RulesOption,
    SecondsOption,
    WaiversOption,
    WarehouseOption,
    WorkersOption,
    fail,
    fail_on_rules,
    judging_engine,
    language,
    minutes,
    reading_limits,
)


class FailOn(StrEnum):
    critical = "critical"
    warning = "warning"
    unreadable = "unreadable"


class PageImages(StrEnum):
    findings = "findings"
    all = "all"
    none = "none"


def nightly(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files, folders or URLs to read; by default data/samples and data/inbox."
        ),
    ] = None,
    sources_from: Annotated[
        Path | None,
        typer.Option(
            "--sources",
            metavar="FILE",
            help="The file that declares the sources, in place of PATHs; by default data/sources.yaml where it is there.",
        ),
    ] = None,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on",
            help="Exit 1 when something critical (or to be explained) is broken that no waiver in force explains, 2 when a document "
            "could not be read.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read and judged; change nothing.")
    ] = False,
    warehouse: WarehouseOption = WAREHOUSE,
    site: Annotated[Path, typer.Option(help="Where the pages are published.")] = Path("reports/site"),
    page_images: Annotated[
        PageImages,
        typer.Option(
            "--page-images",
            help="Pages of PDF and scans shown as pictures: findings (those on which one stands: 40 to 100 KiB and a twentieth "
            "of a second each, drawn once), all or none.",
        ),
    ] = PageImages.findings,
    reading_seconds: SecondsOption = None,
    reading_memory: MemoryOption = None,
    reading_workers: WorkersOption = None,
    reading: ReadingOption = Reading.here,
    dask_address: DaskOption = "",
    rules: RulesOption = None,
    register: RegisterOption = None,
    due: DueOption = None,
    waivers: WaiversOption = None,
    notify: NotifyOption = None,
    reader_copy: CopyOption = "",
    time_budget: BudgetOption = None,
    engine: EngineOption = "",
    spark_master: MasterOption = "",
    lake: LakeOption = "",
    log_format: LogFormatOption = None,
    lang: LangOption = None,
) -> None:
    """Read every disclosure, judge it, publish the pages and print a summary.

    Exit 0: the night completed, whatever it found. 2: the call or a rule file is wrong. 3: the run failed.
    """
    say = language(context, lang)
    from flows import collect
    from flows.night import cluster, copying, documents, expected, judging, runs, waiving
    from flows.night import sources as gathered_from
    from flows.night.plan import DEFAULT_SOURCES, NightFailed, Plan, sources_file
    from flows.night.summary import exit_code
    from flows.notify.receivers import declared

    limits = reading_limits(reading_seconds, reading_memory, reading_workers, say)
    if sources and sources_from:
        fail("PATH 和 --sources 只能给一样", "give either PATHs or --sources, not both", say)
    teams, expecting = tuple(rules or ()), expected.chosen_register(register)
    found = tuple(sources or DEFAULT_SOURCES)
    waived = waiving.chosen_folders(waivers or ())
    file = sources_file(found, sources_from)
    plan = Plan(
        *(found, warehouse, site, limits, teams, page_images.value, expecting, due, waived, notify),
        declared=file,
        reader_copy=reader_copy,
        time_budget=minutes(time_budget, say),
        engine=judging_engine(engine, spark_master, lake, warehouse, say),
        reading=reading.value,
        dask_address=dask_address,
    )
    for problem in declared(notify)[1]:
        typer.echo(problem.text(say), err=True)
    try:
        if dry_run:
            terminal.print_outlook(documents.foresee(plan), say, terminal.console())
            return
        # Prefect and Great Expectations cost seconds: rules and paths are checked before they are imported.
        judging.judges(plan)
        judging.retained()
        judging.ready(plan)
        for problem in gathered_from.chosen(plan)[1]:
            typer.echo(problem.text(say), err=True)
        expected.foresee(plan)
        waiving.foresee(plan)
        copying.place_of(plan)
        cluster.foresee(plan)
        runs.settle(plan)
        terminal.note("启动 Prefect…", "starting Prefect…", say)
        from flows.nightly import run_night

        summary = run_night(plan, say)
    except collect.Missing as error:
        fail(error.message["zh"], error.message["en"], say)
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    except Exception as error:
        fail_on_rules(error, say)
        raise
    terminal.print_summary(summary, say, terminal.console())
    raise typer.Exit(exit_code(summary, [one.value for one in fail_on or ()]))
