"""`hedui check`: documents read and judged at once."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from flows import terminal
from flows.commands.options import (
    Format,
    FormatOption,
    LangOption,
    MemoryOption,
    RulesOption,
    SecondsOption,
    WorkersOption,
    fail,
    fail_on_rules,
    language,
    reading_limits,
)


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
    limits = reading_limits(reading_seconds, reading_memory, reading_workers, say)
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
