"""`hedui doctor`: is this machine fit for the night, and how to mend what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from flows import terminal
from flows.commands.options import (
    WAREHOUSE,
    DueOption,
    Format,
    FormatOption,
    LangOption,
    NotifyOption,
    RegisterOption,
    RulesOption,
    WaiversOption,
    WarehouseOption,
    judging_engine,
    language,
    reading_limits,
)

_MARK = {"ok": ("✓", "green"), "warn": ("!", "bold yellow"), "fail": ("✗", "bold red")}


def doctor(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="What the night reads; by default data/samples and data/inbox."),
    ] = None,
    warehouse: WarehouseOption = WAREHOUSE,
    site: Annotated[Path, typer.Option(help="Where the pages are published.")] = Path("reports/site"),
    format_: FormatOption = Format.text,
    rules: RulesOption = None,
    register: RegisterOption = None,
    due: DueOption = None,
    waivers: WaiversOption = None,
    notify: NotifyOption = None,
    lang: LangOption = None,
) -> None:
    """Look whether everything that the night needs is here, and say how to mend what is not. Changes nothing.

    Exit 0: the night will run (a line marked ! is worth reading). 1: something keeps it from running.
    """
    say = language(context, lang)
    from flows import doctor as examining
    from flows.night import expected, waiving
    from flows.night.plan import DEFAULT_SOURCES, Plan

    limits = reading_limits(None, None, None, say)
    plan = Plan(
        tuple(sources or DEFAULT_SOURCES),
        warehouse,
        site,
        limits,
        tuple(rules or ()),
        register=expected.chosen_register(register),
        due=due,
        waivers=waiving.chosen_folders(waivers or ()),
        notify=notify,
        engine=judging_engine("", "", "", warehouse, say),
    )
    lines = examining.examine(plan)
    if format_ is Format.json:
        typer.echo(json.dumps(examining.told(lines), ensure_ascii=False, indent=1))
    else:
        console = terminal.console()
        width = max(len(one.check) for one in lines) + 1
        for one in lines:
            mark, style = _MARK[one.status]
            said, mend = (one.zh, one.mend_zh) if say == "zh" else (one.en, one.mend_en)
            console.print(Text.assemble((f"{mark} ", style), (one.check.ljust(width), "dim"), said), soft_wrap=True)
            if mend:
                console.print(Text(" " * (width + 2) + "→ " + mend), soft_wrap=True)
    raise typer.Exit(int(any(one.status == "fail" for one in lines)))
