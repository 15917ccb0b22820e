"""What the commands have in common: options, the language of what is printed, and mistakes told in one line."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from flows import logs, terminal

if TYPE_CHECKING:
    from expectations.rules import RuleBook
    from expectations.sql.verdicts import Compiled
    from flows.night.engine import Engine
    from flows.workers.limits import Limits


class Lang(StrEnum):
    zh = "zh"
    en = "en"


class Format(StrEnum):
    text = "text"
    json = "json"


LangOption = Annotated[
    Lang | None, typer.Option("--lang", help="Language of what is printed; by default your locale's.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for programs.")]
RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="FOLDER",
        help="A team's own folder of rule files, used beside the shipped ones; may be given again. By default the folders "
        "that HEDUI_RULES names.",
    ),
]
RegisterOption = Annotated[
    Path | None,
    typer.Option(
        "--register",
        metavar="FILE",
        help="The register of expected filings, CSV or xlsx; by default HEDUI_REGISTER, else data/register.csv or .xlsx where it is.",
    ),
]
DueOption = Annotated[
    str | None,
    typer.Option(
        "--due",
        metavar="TERM",
        help="By when filings are due where the register does not say: approved+20 (days after approval) or 09-30 (a day of the "
        "year), several with commas; by default HEDUI_DUE, else approved+20.",
    ),
]
WaiversOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--waivers",
        metavar="FOLDER",
        help="A folder of waivers (YAML); may be given again. By default the folders that HEDUI_WAIVERS names, else data/waivers "
        "where it is.",
    ),
]
WarehouseOption = Annotated[Path, typer.Option("--warehouse", help="The DuckDB file.")]
NotifyOption = Annotated[
    Path | None,
    typer.Option(
        "--notify",
        metavar="FILE",
        help="Who is told in the morning (YAML); by default HEDUI_NOTIFY, else data/notify.yaml where it is.",
    ),
]


class LogFormat(StrEnum):
    text = "text"
    json = "json"


def _log_format(chosen: LogFormat | None) -> LogFormat | None:
    """What is said from here on, by this process and those that it starts, has this form."""
    if chosen:
        os.environ[logs.FORMAT] = chosen.value
        logs.to_stderr()
    return chosen


LogFormatOption = Annotated[
    LogFormat | None,
    typer.Option(
        "--log-format",
        callback=_log_format,
        help="What is said meanwhile on the error stream: text for people, json for programs; by default HEDUI_LOG_FORMAT, "
        "else text. Beside the warehouse, logs/hedui.jsonl has everything in JSON.",
    ),
]
WAREHOUSE = Path("data/warehouse.duckdb")
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


class Reading(StrEnum):
    here = "here"
    dask = "dask"


ReadingOption = Annotated[
    Reading,
    typer.Option(
        "--reading",
        help="Where documents are read: here, or on a Dask cluster (extra dask): docs/cluster.md.",
    ),
]
DaskOption = Annotated[
    str,
    typer.Option(
        "--dask-address",
        metavar="ADDRESS",
        help="With --reading dask: the cluster's scheduler, as tcp://10.0.0.5:8786; by default a cluster is made on this machine, "
        "with as many workers as --reading-workers says.",
    ),
]
CopyOption = Annotated[
    str,
    typer.Option(
        "--reader-copy",
        metavar="PATH",
        help="Where readers find a copy of the warehouse, replaced as a whole after each completed night; by default "
        "warehouse.duckdb beside the site, none for no copy.",
    ),
]


BudgetOption = Annotated[
    int | None,
    typer.Option(
        "--time-budget",
        metavar="MINUTES",
        help="After so many minutes no more documents are begun; what was read is judged and published, the rest is listed and "
        "comes first the next night. By default HEDUI_TIME_BUDGET, else as long as it takes.",
    ),
]


EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="duckdb|spark",
        help="What judges: DuckDB on this machine, or Spark from the lake (docs/spark.md). By default HEDUI_ENGINE, else duckdb.",
    ),
]
MasterOption = Annotated[
    str,
    typer.Option(
        "--spark-master",
        metavar="MASTER",
        help="Spark's master: local[2], spark://host:7077, yarn. By default HEDUI_SPARK_MASTER, else local[*].",
    ),
]
LakeOption = Annotated[
    str,
    typer.Option(
        "--lake",
        metavar="ADDRESS",
        help="Where the tables are kept as Parquet by fiscal year and province, a folder or any address of fsspec. By default "
        "HEDUI_LAKE, else beside the warehouse with Spark and nowhere with DuckDB.",
    ),
]


def language(context: typer.Context, chosen: Lang | None) -> str:
    """The language chosen here, or before the command's name, or by the locale."""
    outer = context.find_root().obj
    one = chosen or outer
    return terminal.language(one.value if one else None)


def in_force(folders: list[Path] | None, say: str) -> RuleBook:
    """The rules in force; a mistake in them ends the command."""
    from expectations import rules

    try:
        return rules.in_force(folders)
    except rules.RuleErrors as error:
        fail_on_rules(error, say)
        raise


def compiled(folders: list[Path] | None, say: str) -> tuple[RuleBook, tuple[Compiled, ...]]:
    """The rules in force, compiled; a mistake in them ends the command."""
    from expectations import rules, vocabulary
    from expectations.sql import verdicts

    book = in_force(folders, say)
    try:
        return book, verdicts.compile_all(book, vocabulary.load())
    except rules.RuleErrors as error:
        fail_on_rules(error, say)
        raise


def reading_limits(seconds: int | None, memory: int | None, workers: int | None, say: str) -> Limits:
    """What reading a document may take, as given or as the environment says; a number that is none ends the command."""
    from flows.workers.limits import BadLimit, chosen_limits

    try:
        return chosen_limits(seconds, memory, workers)
    except BadLimit as error:
        fail(error.message["zh"], error.message["en"], say)


def minutes(given: int | None, say: str) -> int | None:
    """The time budget as given or as the environment says; a number that is none ends the command."""
    from flows.night.budget import chosen_minutes
    from flows.workers.limits import BadLimit

    try:
        return chosen_minutes(given)
    except BadLimit as error:
        fail(error.message["zh"], error.message["en"], say)


def judging_engine(name: str, master: str, lake: str, warehouse: Path, say: str) -> Engine:
    """What judges and from which lake, as given or as the environment says; one that is none ends the command."""
    from flows.night.engine import BadEngine, chosen_engine

    try:
        return chosen_engine(name, master, lake, warehouse)
    except BadEngine as error:
        fail(error.message["zh"], error.message["en"], say)


def fail_on_rules(error: Exception, say: str) -> None:
    """Ends the command with one line for each mistake if `error` is about rule files."""
    from expectations.rules import RuleErrors

    if isinstance(error, RuleErrors):
        for problem in error.problems:
            typer.echo(problem.text(say), err=True)
        raise typer.Exit(2) from error


def fail(zh: str, en: str, say: str, code: int = 2) -> NoReturn:
    """Ends the command with one line and `code`."""
    typer.echo(f"hedui: {zh if say == 'zh' else en}", err=True)
    sys.exit(code)
