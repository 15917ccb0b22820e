"""The command `hedui`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import flows
from flows import terminal
from flows.commands import author, new  # noqa: F401  # their commands join the others
from flows.commands.options import (
    WAREHOUSE,
    Format,
    FormatOption,
    LangOption,
    RulesOption,
    WarehouseOption,
    fail,
    fail_on_rules,
    language,
)
from flows.commands.rules import rules_app

if TYPE_CHECKING:
    from flows.workers.limits import Limits

app = typer.Typer(
    name="hedui",
    help="Reads published government accounts and says which figures reconcile. 核对公开的决算。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(rules_app, name="rules")


class FailOn(StrEnum):
    critical = "critical"
    warning = "warning"
    unreadable = "unreadable"


class PageImages(StrEnum):
    findings = "findings"
    all = "all"
    none = "none"


SecondsOption = Annotated[
    int | None,
    typer.Option(
        "--reading-seconds",
        metavar="N",
        help="Seconds that reading one document may take; by default HEDUI_READING_SECONDS, else 120.",
    ),
]
MemoryOption = Annotated[
    int | None,
    typer.Option(
        "--reading-memory",
        metavar="N",
        help="MiB of memory that reading one document may take; by default HEDUI_READING_MEMORY, else 2048.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--reading-workers",
        metavar="N",
        help="Documents read at a time; by default HEDUI_READING_WORKERS, else one for each core.",
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hedui {flows.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    lang: LangOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = lang


@app.command()
def nightly(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files, folders or URLs to read; by default data/samples and data/inbox."
        ),
    ] = None,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on",
            help="Exit 1 when something critical (or to be explained) is broken, 2 when a document could not be read.",
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
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Read every disclosure, judge it, publish the pages and print a summary.

    Exit 0: the night completed, whatever it found. 2: the call or a rule file is wrong. 3: the run failed.
    """
    say = language(context, lang)
    from flows import collect, night

    limits = _limits(reading_seconds, reading_memory, reading_workers, say)
    plan = night.Plan(
        tuple(sources or night.DEFAULT_SOURCES), warehouse, site, limits, tuple(rules or ()), page_images.value
    )
    try:
        if dry_run:
            terminal.print_outlook(night.foresee(plan), say, terminal.console())
            return
        # Prefect and Great Expectations cost seconds: rules and paths are checked before they are imported.
        night.judges(plan)
        collect.find(plan.sources)
        night.settle(plan)
        terminal.note("启动 Prefect…", "starting Prefect…", say)
        from flows.nightly import run_night

        summary = run_night(plan, say)
    except collect.Missing as error:
        fail(error.message["zh"], error.message["en"], say)
    except night.NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    except Exception as error:
        fail_on_rules(error, say)
        raise
    terminal.print_summary(summary, say, terminal.console())
    raise typer.Exit(night.exit_code(summary, [one.value for one in fail_on or ()]))


@app.command()
def serve(
    context: typer.Context,
    cron: Annotated[str, typer.Option(help="When to run, as a cron expression.")] = "30 1 * * *",
    timezone: Annotated[str, typer.Option(help="The time zone of that expression.")] = "Asia/Shanghai",
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Wait here and run the night on its schedule, one run at a time; end with Ctrl-C."""
    say = language(context, lang)
    from flows import night

    plan = night.Plan(limits=_limits(None, None, None, say), teams=tuple(rules or ()))
    try:
        night.judges(plan)  # a mistake in a rule file is better told now than at half past one
    except Exception as error:
        fail_on_rules(error, say)
        raise
    night.settle(plan)
    from flows.nightly import serve_nightly

    typer.echo(
        f"等待日程 {cron}（{timezone}）；Ctrl-C 结束"
        if say == "zh"
        else f"waiting for {cron} ({timezone}); Ctrl-C ends"
    )
    serve_nightly(cron, timezone, plan.teams)


@app.command()
def check(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Documents or folders of documents.")],
    format_: FormatOption = Format.text,
    reading_seconds: SecondsOption = None,
    reading_memory: MemoryOption = None,
    reading_workers: WorkersOption = None,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Read and judge documents at once, without the warehouse.

    Exit 0: nothing critical is broken. 1: something is. 2: a document could not be read, or the call is wrong.
    """
    say = language(context, lang)
    limits = _limits(reading_seconds, reading_memory, reading_workers, say)
    from flows import check as checking
    from flows import collect

    try:
        total = len(collect.find(paths))
        with terminal.progress("核对" if say == "zh" else "checking", total) as step:
            report = checking.check(paths, step, limits, rules or ())
    except collect.Missing as error:
        fail(error.message["zh"], error.message["en"], say)
    except Exception as error:
        fail_on_rules(error, say)
        raise
    if format_ is Format.json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        terminal.print_report(report, say, terminal.console())
    raise typer.Exit(checking.exit_code(report))


# ---- shared ------------------------------------------------------------------------------------------------------------


def _limits(seconds: int | None, memory: int | None, workers: int | None, say: str) -> Limits:
    from flows.workers.limits import BadLimit, chosen_limits

    try:
        return chosen_limits(seconds, memory, workers)
    except BadLimit as error:
        fail(error.message["zh"], error.message["en"], say)
